"""`ashop database …`: a copy of the shop's data that can be trusted."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ashop_core.cli.app import argument, command, with_shop
from ashop_core.cli.language import say
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@command(
    epilog=Text(
        "Exempel, varje natt:\n  ashop --shop /srv/butik database backup /backup/butik-$(date +%F).db",
        "Example, every night:\n  ashop --shop /srv/shop database backup /backup/shop-$(date +%F).db",
    )
)
@argument(
    "file", metavar=Text("FIL", "FILE"), type=click.Path(path_type=Path, dir_okay=False),
    help=Text("En fil som inte finns än.", "A file that does not exist yet."),
)  # fmt: skip
@with_shop
def backup(shop: Shop, file: Path) -> None:
    """Write the database as it is now to a new file, while the shop goes on."""
    shop.backup(file)
    size = Text("{file}: {kib} KiB", "{file}: {kib} KiB").fill(file=file, kib=file.stat().st_size // 1024)
    click.echo(say(size))
