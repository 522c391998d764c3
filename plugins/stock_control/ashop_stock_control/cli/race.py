"""`ashop stock race`: the last pieces raced for under this shop's rules, in a shop of its own that is gone afterwards."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import asdict
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ashop_core.cli.app import command, option, usage_error, with_shop
from ashop_core.cli.language import say
from ashop_core.cli.output import JSON, clean, json_option, progress, show_pairs, write_json
from ashop_core.racing import MOST_PROCESSES
from ashop_core.texts import Text, joined, same
from ashop_stock_control.cli.one_item import GROUP, POLICY, N
from ashop_stock_control.cli.telling import settings_of
from ashop_stock_control.race.racing import SellOut, run
from ashop_stock_control.race.shop import rule_plugins
from ashop_stock_control.rules import why_words

if TYPE_CHECKING:
    from ashop_core.shop import Shop
    from ashop_stock_control.race.check import RaceReport

F = TypeVar("F", bound=Callable[..., Any])

_QUANTITIES = re.compile(r"([1-9][0-9]{0,2})(?:-([1-9][0-9]{0,2}))?")
_NUMBERS: tuple[tuple[str, int, int, int | None, Text], ...] = (
    ("--stock", 0, 10**6, 50, Text("Hur många som finns.", "How many pieces there are.")),
    ("--margin", 0, 10**6, None, Text("Säkerhetsmarginal; annars butikens.", "Safety margin; otherwise the shop's.")),
    ("--processes", 1, MOST_PROCESSES, 16, Text("Hur många som köper samtidigt.", "How many buy at the same time.")),
    ("--tries", 1, 10**5, 1000, Text("Hur många köp var och en försöker göra.", "How many purchases each tries to make.")),
    ("--customers", 1, 10**6, 20, Text("Hur många kunder köparna är.", "How many customers the buyers are.")),
    ("--several", 0, 100, 30, Text("Procent som vill ha en vara till.", "Percent that want another item besides.")),
    ("--twice", 0, 100, 10, Text("Procent med artikeln på två rader.", "Percent with the item on two lines.")),
    ("--cancelled", 0, 100, 0, Text("Procent som genast makuleras.", "Percent that are cancelled at once.")),
)  # fmt: skip


def _numbers(function: F) -> F:
    """Give the command every option that is a number."""
    for name, least, most, default, words in reversed(_NUMBERS):
        number = click.IntRange(least, most)
        function = option(
            name, type=number, default=default, show_default=default is not None, metavar=N, help=words
        )(function)
    return function


@command(
    help=Text(
        "Låt många processer köpa de sista exemplaren på samma gång, och kontrollera allt som hände. Kapplöpningen "
        "går i en egen butik med den här butikens lagerinställningar och egna lagerregler; den tas bort efteråt, och "
        "ingenting i den här butiken ändras. Felkoden är 1 om något gick fel.",
        "Let many processes buy the last pieces at the same time, and check everything that happened. The race is run "
        "in a shop of its own with this shop's stock settings and custom stock rules; it is removed afterwards, and "
        "nothing in this shop is changed. The exit code is 1 if something went wrong.",
    ),
    epilog=Text(
        "Exempel:\n  ashop stock race --policy strict\n  ashop stock race --plugin local:two_each --customers 10",
        "Examples:\n  ashop stock race --policy strict\n  ashop stock race --plugin local:two_each --customers 10",
    ),
)
@option(
    "--policy",
    metavar=POLICY,
    help=Text(
        "open, strict eller up_to(N); annars butikens.", "open, strict or up_to(N); otherwise the shop's."
    ),
)
@option(
    "--plugin",
    "plugins",
    multiple=True,
    metavar=Text("NAMN", "NAME"),
    help=Text(
        "En egen lagerregel att pröva; annars alla som är påslagna.",
        "A custom stock rule to try; otherwise all that are enabled.",
    ),
)
@option(
    "--sku",
    default="RACE",
    metavar=Text("ARTIKEL", "SKU"),
    help=Text("Artikelns nummer, för regler som gäller vissa.", "The item's SKU, for rules about some."),
)
@option(
    "--group",
    default="",
    metavar=GROUP,
    help=Text("Artikelns grupp, för regler som gäller vissa.", "The item's group, for rules about some."),
)
@option(
    "--quantities",
    default="1-3",
    show_default=True,
    metavar=Text("FRÅN-TILL", "FROM-TO"),
    help=Text("Antal per orderrad.", "Pieces per order line."),
)
@_numbers
@option(
    "--in-step",
    is_flag=True,
    help=Text(
        "Låt alla fatta sitt beslut samtidigt, i varje försök.",
        "Let all decide at the same instant, at each try.",
    ),
)
@json_option
@with_shop
def race(
    shop: Shop, plugins: tuple[str, ...], quantities: str, in_step: bool, form: str, **wishes: Any
) -> None:
    """Race for the last pieces of an item, and tell what came of it."""
    wanted = SellOut(plugins=plugins or rule_plugins(shop), quantities=_quantities(quantities), **wishes)
    with TemporaryDirectory(prefix="ashop-race-") as folder, ExitStack() as stack:

        @cache
        def bar() -> Callable[[int], None]:
            """Show it once the processes are forked: it has a thread of its own, and they are to have none."""
            return stack.enter_context(progress(Text("Kapplöpning", "Race"), wanted.processes * wanted.tries))

        report = run(shop, wanted, Path(folder) / "shop", in_step=in_step, progress=lambda n: bar()(n))
    if form == JSON:
        write_json(_document(report))
    else:
        _tell(shop, wanted, report)
    if report.wrong:
        click.get_current_context().exit(1)


def _quantities(words: str) -> tuple[int, int]:
    found = _QUANTITIES.fullmatch(words.strip())
    least, most = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
    if least > most:
        wrong = Text(
            "--quantities {w}: skriv ett antal eller från-till, som 1-3",
            "--quantities {w}: write a number or from-to, such as 1-3",
        )
        usage_error(wrong.fill(w=words))
    return least, most


def _document(report: RaceReport) -> dict[str, Any]:
    return {
        "policy": str(report.terms.policy), "margin": report.terms.margin, "rules": report.rules,
        "tries": report.tries, "accepted": report.orders, "refused": dict(report.refusals),
        "cancelled": report.cancelled, "pieces": report.pieces, "most": report.most,
        "most_to_one_customer": report.most_to_one, "status_changes": [asdict(flip) for flip in report.flips],
        "errors": report.errors, "wrong": report.wrong, "seconds": round(report.seconds, 1),
    }  # fmt: skip


def _tell(shop: Shop, wanted: SellOut, report: RaceReport) -> None:
    show_pairs(_pairs(shop, wanted, report), indent=0)
    click.echo()
    if not report.wrong:
        click.echo(say(Text("Inget gick fel.", "Nothing went wrong.")))
        return
    click.echo(say(Text("{n} fel:", "{n} wrong:").fill(n=len(report.wrong))))
    for words in report.wrong[:20]:
        click.echo(f"  {clean(say(words))}")
    if len(report.wrong) > 20:
        click.echo("  …")


def _pairs(shop: Shop, wanted: SellOut, report: RaceReport) -> Iterator[tuple[Text, Text | str]]:
    policy = same(str(report.terms.policy))
    if report.terms.margin:
        margin = Text(", säkerhetsmarginal {n}", ", safety margin {n}").fill(n=report.terms.margin)
        policy = joined([policy, margin], "")
    yield Text("Policy", "Policy"), policy
    yield Text("Egna regler", "Custom rules"), ", ".join(report.rules)
    raced = Text("{n} av {sku}, {p} processer × {t} köp", "{n} of {sku}, {p} processes × {t} purchases")
    yield (
        Text("Kapplöpning om", "Raced for"),
        raced.fill(n=wanted.stock, sku=wanted.sku, p=wanted.processes, t=wanted.tries),
    )
    yield Text("Ordrar lagda", "Orders placed"), str(report.orders)
    yield Text("Makulerade", "Cancelled"), str(report.cancelled) if wanted.cancelled else ""
    sold = same(str(report.pieces))
    if report.most is not None:
        sold = Text("{n} av högst {most}", "{n} of at most {most}").fill(n=report.pieces, most=report.most)
    yield Text("Sålda", "Pieces sold"), sold
    if report.rules:
        yield Text("Som mest till en kund", "Most to one customer"), str(report.most_to_one)
    refused = ", ".join(f"{n} {code}" for code, n in sorted(report.refusals.items()))
    yield Text("Nekade", "Refused"), refused or "0"
    yield Text("Lagerstatus", "Stock status"), _flips(shop, report)
    yield Text("Fel till en köpare", "Errors to a buyer"), str(len(report.errors))


def _flips(shop: Shop, report: RaceReport) -> Text:
    """Return each change of the stock status in words, with how often it came."""
    label = settings_of(shop).label
    words = []
    for flip, times in Counter(report.flips).items():
        step = Text("{b} → {a} ({w}) × {n}", "{b} → {a} ({w}) × {n}")
        words.append(step.fill(b=label(flip.before), a=label(flip.after), w=why_words(flip.why), n=times))
    return joined(words) if words else Text("ändrades inte", "not changed")
