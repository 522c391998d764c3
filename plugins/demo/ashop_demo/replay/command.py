"""What `ashop demo --from` does: survey the file, play it, show what came of it."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ashop_order_import.reading import ReadOptions

from ashop_core.cli.language import language
from ashop_core.cli.output import progress
from ashop_core.errors import InvalidInput
from ashop_core.money import exponent
from ashop_core.texts import Text
from ashop_demo.folder import prepare
from ashop_demo.highlights import replay_scenes, replay_suggestions
from ashop_demo.replay.report import report
from ashop_demo.replay.run import Replay, replay
from ashop_demo.replay.survey import Source, survey
from ashop_demo.settings import replay_toml
from ashop_demo.show import show, show_next

NAME = Text("Repris", "Replay")


def replay_and_show(
    folder: Path, file: Path, orders: int | None, seed: int, currency: str, timezone: str, force: bool
) -> None:
    """Play a file of orders in a new demo shop and print what came of it."""
    result = replay_file(folder, file, orders, seed, currency, timezone, force)
    report(result, file)
    show(folder, replay_scenes())
    show_next(folder, replay_suggestions())


def replay_file(
    folder: Path, file: Path, orders: int | None, seed: int, currency: str, timezone: str, force: bool
) -> Replay:
    """Play a file of orders in a new demo shop. The folder is only touched once the file was read through."""
    _ensure_known(currency, timezone)
    options = ReadOptions(currency=currency, timezone=timezone, language=language())
    source = Source(file, options, orders)
    with progress(Text("Läser filen", "Reading the file")) as advance:
        found = survey(source, advance)
    if not found.orders:
        raise InvalidInput(Text("{file}: inga ordrar att spela", "{file}: no orders to play").fill(file=file))
    prepare(folder, replay_toml(NAME.to(language()), language(), currency, timezone), force=force)
    with progress(Text("Spelar ordrarna", "Playing the orders"), total=found.orders) as advance:
        return replay(folder, source, found, seed, advance)


def _ensure_known(currency: str, timezone: str) -> None:
    exponent(currency)
    try:
        ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise InvalidInput(
            Text(
                "--timezone: ”{zone}” är ingen tidszon; skriv till exempel Europe/London",
                "--timezone: “{zone}” is not a time zone; write for example Europe/London",
            ).fill(zone=timezone)
        ) from None
