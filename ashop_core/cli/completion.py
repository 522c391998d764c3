"""`ashop completion`: click's own completion script for a shell, with how to install it."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from ashop_core.cli.app import argument, command
from ashop_core.cli.output import note
from ashop_core.texts import Text

_HOW = {
    "bash": "ashop completion bash > ~/.local/share/bash-completion/completions/ashop",
    "zsh": "ashop completion zsh > ~/.zfunc/_ashop   # ~/.zfunc in fpath",
    "fish": "ashop completion fish > ~/.config/fish/completions/ashop.fish",
}


@command(anyhow=True)
@argument("shell", type=click.Choice(tuple(_HOW)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the completion script of a shell."""
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(ctx.find_root().command, {}, "ashop", "_ASHOP_COMPLETE").source())
    note(
        Text("Lägg den där skalet letar: {how}", "Put it where the shell looks: {how}").fill(how=_HOW[shell])
    )
