"""`ashop database …`: a copy of the shop's data that can be trusted, and the way back from it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ashop_core.cli.app import argument, command, current_session, option, with_shop
from ashop_core.cli.asking import confirm
from ashop_core.cli.change import dry_run_option
from ashop_core.cli.language import say
from ashop_core.cli.output import progress, show_pairs, when
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.restoring import Contents, Restore
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
    """Write the database as it is now to a new file, while the shop goes on.

    Whoever restores it finds the outbox held, so that nothing is sent twice by itself.
    """
    shop.backup(file)
    size = Text("{file}: {kib} KiB", "{file}: {kib} KiB").fill(file=file, kib=file.stat().st_size // 1024)
    click.echo(say(size))


@command(
    epilog=Text(
        "Exempel:\n  ashop database restore /backup/butik-2026-11-22.db\n  ashop message release --dry-run",
        "Example:\n  ashop database restore /backup/shop-2026-11-22.db\n  ashop message release --dry-run",
    )
)
@argument(
    "file", metavar=Text("FIL", "FILE"), type=click.Path(path_type=Path),
    help=Text("En säkerhetskopia.", "A backup."),
)  # fmt: skip
@dry_run_option
@option("--yes", is_flag=True, help=Text("Fråga inte först.", "Do not ask first."))
def restore(file: Path, dry_run: bool, yes: bool) -> None:
    """Put a backup in the place of the database; the one that was there is kept beside it.

    The backup is checked first, and nobody writes meanwhile. Settings and files in the shop's folder stay as
    they are. Nothing is sent until `ashop message release`.
    """
    from ashop_core.restoring import prepare_restore

    session = current_session()
    with prepare_restore(session.folder, file, session.clock) as ready:
        show_pairs(
            [
                (Text("Säkerhetskopian", "The backup"), _told(ready.backup, ready.timezone)),
                (Text("Databasen nu", "The database now"), _told(ready.present, ready.timezone)),
            ]
        )
        if dry_run:
            return
        if not yes:
            confirm(Text("Lägga tillbaka säkerhetskopian?", "Put the backup back?"))
        _put_in_place(ready, file)


def _put_in_place(ready: Restore, file: Path) -> None:
    done = 0
    with progress(Text("Lägger tillbaka", "Restoring"), total=100) as advance:

        def tell(left: int, total: int) -> None:
            nonlocal done
            now = 100 - 100 * left // max(1, total)
            advance(now - done)
            done = now

        aside = ready.put_in_place(tell)
    click.echo(say(Text("Återställd från {file}.", "Restored from {file}.").fill(file=file)))
    if aside is not None:
        kept = Text("Den förra databasen ligger kvar: {f}", "The database there was is kept: {f}")
        click.echo(say(kept.fill(f=aside)))
    held = Text(
        "Utskicken är pausade; i kön väntar {n}{since}. Se och släpp på dem med `ashop message release`.",
        "The outbox is held; {n} in the queue{since}. Look and let them go with `ashop message release`.",
    )
    waiting = ready.backup.waiting
    oldest = when(min(w.oldest for w in waiting), ready.timezone) if waiting else ""
    since = Text(f", äldst från {oldest}", f", the oldest since {oldest}") if waiting else Text("", "")
    click.echo(say(held.fill(n=sum(w.count for w in waiting), since=since)))


def _told(contents: Contents | None, timezone: str) -> Text:
    if contents is None:
        return Text("saknas, eller går inte att läsa", "missing, or cannot be read")
    if contents.changed_at is None:
        return Text("inga ordrar", "no orders")
    return Text("ordrar: {n}, senast ändrad {t}", "orders: {n}, last changed {t}").fill(
        n=contents.orders, t=when(contents.changed_at, timezone)
    )
