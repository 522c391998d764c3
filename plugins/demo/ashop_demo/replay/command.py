"""What `ashop demo --from` does: survey the file, play it, show what came of it."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ashop_core.cli.language import language
from ashop_core.cli.terminal import progress
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
from ashop_demo.wishes import Wishes
from ashop_order_import.reading import ReadOptions

NAME = Text("Repris", "Replay")


def replay_and_show(
    folder: Path,
    file: Path,
    currency: str,
    timezone: str,
    wishes: Wishes,
    *,
    orders: int | None,
    messages: bool,
) -> None:
    """Play a file of orders in a new demo shop and print what came of it."""
    _ensure_known(currency, timezone)
    source = Source(file, ReadOptions(currency=currency, timezone=timezone, language=language()), orders)
    result = replay_file(folder, source, wishes, messages=messages)
    report(result, file)
    show(folder, replay_scenes())
    show_next(folder, replay_suggestions())


def replay_file(folder: Path, source: Source, wishes: Wishes, *, messages: bool = False) -> Replay:
    """Play a file of orders in a new demo shop. The folder is only touched once the file was read through."""
    with progress(Text("Läser filen", "Reading the file")) as advance:
        found = survey(source, advance)
    if not found.orders:
        raise InvalidInput(
            Text("{file}: inga ordrar att spela", "{file}: no orders to play").fill(file=source.path)
        )
    options = source.options
    settings = replay_toml(NAME.to(options.language), options.language, options.currency, options.timezone)
    prepare(folder, settings, force=wishes.force)
    with progress(Text("Spelar ordrarna", "Playing the orders"), total=found.orders) as advance:
        return replay(
            folder, source, found, wishes.seed, advance, messages=messages, synchronous=wishes.synchronous
        )


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
