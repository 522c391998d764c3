"""Errors said in words: every reason on its own line, in the language of the invocation."""

from __future__ import annotations

import click

from ashop_core.cli.language import say, translate
from ashop_core.cli.terminal import clean
from ashop_core.errors import AshopError


def show_error(error: AshopError) -> None:
    """Write an error to standard error, every reason on its own line, each with the plugin that gave it."""
    problems = getattr(error, "problems", ())
    words = say(error.text)
    if problems:
        # A refusal's text begins with what was refused; the reasons follow, told one by one here.
        subject = words.partition(say(problems[0].text))[0].rstrip(": ")
        reasons = [say(p.staff_text) + (f" ({p.plugin})" if p.plugin else "") for p in problems]
        words = "\n  ".join([subject, *reasons] if subject else reasons)
    click.echo(translate("Error: {message}").format(message=clean(words, lines=True)), err=True)
