"""`ashop demo`: make an invented shop, play some weeks in it, and show what came of it."""

from __future__ import annotations

import os
from pathlib import Path
from time import perf_counter
from typing import Any

import click

from ashop_core.cli.app import argument, command, option, usage_error
from ashop_core.cli.language import language, speak
from ashop_core.cli.terminal import note, progress
from ashop_core.clock import Clock, parse_local, system_clock
from ashop_core.texts import LANGUAGES, Text
from ashop_demo.figures import decimals
from ashop_demo.wishes import Wishes

FOLDER = "demo-shop"
ORDERS = 160
FIRST_YEAR, LAST_YEAR = 1980, 2100
CURRENCY, TIMEZONE = "SEK", "Europe/Stockholm"

_HELP = Text(
    "Gör en påhittad butik och spela några veckor i den.\n\n"
    "Butiken hamnar i MAPP (annars demo-shop) och är din att prova i. En tidigare demo där görs om från början; "
    "en mapp med något annat i rörs inte. Med --from spelas ordrarna i en fil i stället.",
    "Make an invented shop and play some weeks in it.\n\n"
    "The shop comes in DIR (demo-shop if not given) and is yours to try things in. An earlier demo there is made "
    "anew; a folder with anything else is left alone. With --from the orders of a file are played instead.",
)
_EXAMPLES = Text(
    "Exempel:\n  ashop demo\n  ashop demo min-butik --orders 500 --seed 7\n"
    "  ashop demo --from online_retail.csv --currency GBP --timezone Europe/London",
    "Examples:\n  ashop demo --lang en\n  ashop demo my-shop --orders 500 --seed 7\n"
    "  ashop demo --from online_retail.csv --currency GBP --timezone Europe/London",
)


@command(_HELP, anyhow=True, epilog=_EXAMPLES)
@argument(
    "folder", default=FOLDER, type=click.Path(path_type=Path, file_okay=False), metavar=Text("MAPP", "DIR")
)
@option("--orders", type=click.IntRange(1, 100_000), help=Text(
    "Så många ordrar (annars 160, eller hela filen).", "So many orders (160 if not given, or the whole file)."
))  # fmt: skip
@option("--seed", type=int, default=1, show_default=True, help=Text(
    "Samma tal ger samma butik.", "The same number gives the same shop."
))  # fmt: skip
@option("--lang", type=click.Choice(LANGUAGES), help=Text("Butikens språk.", "The shop's language."))
@option("--until", metavar=Text("TID", "TIME"), help=Text(
    "När spelet slutar (annars nu).", "When the play ends (now if not given)."
))  # fmt: skip
@option("--keep", is_flag=True, help=Text(
    "Visa bara butiken från förra gången.", "Only show the shop of last time."
))  # fmt: skip
@option("--force", is_flag=True, help=Text(
    "Gör om butiken även om dess inställningar är ändrade.", "Make the shop anew though its settings were changed."
))  # fmt: skip
@option("--durable", is_flag=True, help=Text(
    "Skriv varje ändring till disken innan nästa, som en riktig butik gör (långsammare).",
    "Write each change to the disk before the next, as a real shop does (slower).",
))  # fmt: skip
@option("--from", "file", type=click.Path(path_type=Path, exists=True, dir_okay=False), help=Text(
    "Spela ordrarna i en fil, var och en i sin egen tid.", "Play the orders of a file, each at its own time."
))  # fmt: skip
@option("--currency", help=Text("Filens valuta (annars SEK).", "The file's currency (SEK if not given)."))
@option("--timezone", help=Text(
    "Filens tidszon (annars Europe/Stockholm).", "The file's time zone (Europe/Stockholm if not given)."
))  # fmt: skip
@option("--messages", is_flag=True, help=Text(
    "Skriv mejl även till kunder som filen inte har någon adress till (till @example.com).",
    "Write mail also to customers that the file has no address for (to @example.com).",
))  # fmt: skip
def demo(
    folder: Path, lang: str | None, until: str | None, keep: bool, file: Path | None, orders: int | None,
    currency: str | None, timezone: str | None, messages: bool, **wishes: Any,
) -> None:  # fmt: skip
    """Make a demo shop, or play a file of orders in one, and show it."""
    _choose_language(lang)
    if file is None and (currency or timezone or messages):
        usage_error(
            Text(
                "--currency, --timezone och --messages hör till --from",
                "--currency, --timezone and --messages belong to --from",
            )
        )
    if keep:
        _show_again(folder)
    elif file is not None:
        from ashop_demo.replay.command import replay_and_show

        replay_and_show(
            folder, file, currency or CURRENCY, timezone or TIMEZONE, Wishes(**wishes),
            orders=orders, messages=messages,
        )  # fmt: skip
    else:
        _play(folder, orders or ORDERS, _end(until), Wishes(**wishes))


def _play(folder: Path, orders: int, clock: Clock, wishes: Wishes) -> None:
    from ashop_demo.cast import DAYS
    from ashop_demo.folder import prepare
    from ashop_demo.play import play
    from ashop_demo.settings import villa_toml

    prepare(folder, villa_toml(language()), force=wishes.force)
    title = Text("Spelar dagarna i butiken", "Playing the shop's days")
    began = perf_counter()
    with progress(title, total=DAYS + 1) as advance:
        play(folder, orders, wishes.seed, clock(), advance, synchronous=wishes.synchronous)
    note(
        Text(
            "Villa & Värme är öppen i {folder}: {n} kunder på {days} dagar, spelade på {seconds} s.",
            "Villa & Värme is open in {folder}: {n} customers in {days} days, played in {seconds} s.",
        ).fill(folder=folder, n=orders, days=DAYS, seconds=decimals(perf_counter() - began))
    )
    _show(folder, clock)


def _show_again(folder: Path) -> None:
    from ashop_demo.folder import ensure_demo

    ensure_demo(folder)
    _show(folder, system_clock)


def _show(folder: Path, clock: Clock) -> None:
    from ashop_core.shop import Shop
    from ashop_demo.highlights import scenes, suggestions
    from ashop_demo.show import show, show_next

    with Shop.open(folder, clock=clock) as shop:
        found, more = scenes(shop), list(suggestions(shop))
    show(folder, found, clock)
    show_next(folder, more)


def _end(until: str | None) -> Clock:
    """Return a clock that stands at the end of the play; the machine's own where the play ends now."""
    if until is None:
        return system_clock
    instant = parse_local(until, TIMEZONE)
    if not FIRST_YEAR <= instant.year <= LAST_YEAR:
        usage_error(
            Text(
                "--until: välj en tid mellan {a} och {b}", "--until: choose a time between {a} and {b}"
            ).fill(a=FIRST_YEAR, b=LAST_YEAR)
        )
    return lambda: instant


def _choose_language(lang: str | None) -> None:
    """Speak Swedish, as the shop does, unless somebody asked for another language."""
    source = click.get_current_context().find_root().get_parameter_source("lang")
    asked = source is click.core.ParameterSource.COMMANDLINE or bool(os.environ.get("ASHOP_LANG"))
    speak(lang or (language() if asked else "sv"))
