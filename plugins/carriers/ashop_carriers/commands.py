"""`ashop parcel check`: whose a parcel number may be, whether its check digit is right, where it is followed."""

from __future__ import annotations

from typing import Any

import click

from ashop_carriers.candidates import Candidate
from ashop_carriers.knowing import Verdict, judge, name_of
from ashop_carriers.settings import CarriersSettings
from ashop_core.cli.app import argument, command, option, with_shop
from ashop_core.cli.language import say
from ashop_core.cli.output import JSON, Column, clean, json_option, show_list, show_pairs, write_json_array
from ashop_core.shop import Shop
from ashop_core.texts import Text


@command(
    epilog=Text(
        "ashop parcel check 00373500489530471236 RB473124829SE",
        "ashop parcel check 00373500489530471236 RB473124829SE",
    )
)
@argument(
    "numbers",
    nargs=-1,
    required=True,
    metavar=Text("NUMMER", "NUMBER"),
    help=Text("Kollinummer, med eller utan mellanrum.", "Parcel numbers, with or without spaces."),
)
@option("--carrier", help=Text("Transportören, om den är känd.", "The carrier, if it is known."))
@json_option
@with_shop
def check(shop: Shop, numbers: tuple[str, ...], carrier: str | None, form: str) -> None:
    """Tell whose a parcel number may be, how sure that is, whether its check digit is right, and its link."""
    settings = shop.settings.for_plugin(CarriersSettings)
    verdicts = [judge(settings, number, carrier) for number in numbers]
    if form == JSON:
        write_json_array(_document(settings, verdict) for verdict in verdicts)
        return
    for index, verdict in enumerate(verdicts):
        if index:
            click.echo()
        _show(settings, verdict)


def _show(settings: CarriersSettings, verdict: Verdict) -> None:
    label = say(settings.known[verdict.carrier].label) if verdict.carrier else say(_NOT_SURE)
    click.echo(f"{clean(verdict.number) or '–'}  {label}")
    columns: list[Column[Candidate]] = [
        Column("carrier", Text("Kan vara", "May be"), lambda c: c.carrier, words=lambda c: say(name_of(settings, c))),
        Column("form", Text("Form", "Form"), lambda c: c.form, words=lambda c: say(c.form)),
        Column("confidence", Text("Säkerhet", "Confidence"), lambda c: c.confidence, _percent, right=True),
        Column("check", Text("Kontrollsiffra", "Check digit"), lambda c: c.check, words=lambda c: say(_CHECKS[c.check])),
    ]  # fmt: skip
    show_list(
        columns, verdict.candidates, empty=Text("  Numrets form är okänd.", "  A number of unknown form.")
    )
    show_pairs([
        (Text("Spårning", "Tracking"), verdict.url or ""),
        *((Text("Tips", "Hint"), say(hint)) for hint in verdict.hints),
    ])  # fmt: skip


_NOT_SURE = Text("transportören är inte säker", "the carrier is not certain")
_CHECKS = {True: Text("rätt", "right"), False: Text("fel", "wrong"), None: Text("–", "–")}


def _percent(candidate: Candidate) -> str:
    return f"{candidate.confidence * 100:.0f}\N{NO-BREAK SPACE}%"


def _document(settings: CarriersSettings, verdict: Verdict) -> dict[str, Any]:
    return {
        "number": verdict.number,
        "carrier": verdict.carrier,
        "check": verdict.check,
        "url": verdict.url,
        "hints": [say(hint) for hint in verdict.hints],
        "candidates": [
            {
                "carrier": c.carrier,
                "name": say(name_of(settings, c)),
                "form": say(c.form),
                "confidence": c.confidence,
                "check": c.check,
            }
            for c in verdict.candidates
        ],
    }
