"""`ashop stock simulate`: the last orders judged anew under other settings, as a table, as JSON and as a picture."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ashop_core.cli.app import command, language, option, usage_error, with_shop
from ashop_core.cli.language import say
from ashop_core.cli.output import (
    JSON,
    Column,
    clean,
    heading,
    json_option,
    note,
    progress,
    show_list,
    write_json,
)
from ashop_core.errors import AshopError
from ashop_core.texts import Text
from ashop_stock_control.cli.telling import settings_of
from ashop_stock_control.rules import Rule, When
from ashop_stock_control.simulating.replaying import Wanted
from ashop_stock_control.simulating.report import (
    Measure,
    Row,
    document_of,
    measures_of,
    money_words,
    remarks_of,
    rows_of,
    trial_words,
    watched_of,
)
from ashop_stock_control.simulating.simulation import MOST_STARTED, Simulation, simulate_orders
from ashop_stock_control.simulating.trials import Trial

if TYPE_CHECKING:
    from ashop_core.shop import Shop

F = TypeVar("F", bound=Callable[..., Any])

SHOWN = 20
MOST_ORDERS = 10**9
_NAME = 16


_STATUS = Text("LAGERSTATUS", "STATUS")
_TIME = Text("TID", "TIME")
_WHAT: tuple[tuple[tuple[str, ...], str, str, dict[str, Any]], ...] = (
    (("--policy",), "Policyn: open, strict eller up_to(N).", "The policy: open, strict or up_to(N).",
     {"metavar": Text("POLICY", "POLICY")}),
    (("--margin",), "Säkerhetsmarginalen.", "The safety margin.", {"type": int}),
    (("--falls-to",), "En lagerregel till: när saldot faller till N …", "One more stock rule: when the balance falls to N …",
     {"type": int}),
    (("--rises-to",), "… eller stiger till N …", "… or rises to N …", {"type": int}),
    (("--from", "from_"), "… går artikeln från den här lagerstatusen …", "… the item goes from this stock status …",
     {"multiple": True, "metavar": _STATUS}),
    (("--to",), "… till den här …", "… to this one …", {"metavar": _STATUS}),
    (("--back-at",), "… och tillbaka när saldot når N.", "… and back when the balance reaches N.", {"type": int}),
    (("--priority",), "Regelns rang vid samma tröskel.", "The rule's rank at the same threshold.",
     {"type": int, "default": 0}),
    (("--no-rules",), "Utan butikens lagerregler.", "Without the shop's stock rules.", {"is_flag": True}),
    (("--plugin", "plugins"), "Också den här insticksmodulens lagerregel; den behöver inte vara påslagen.",
     "Also this plugin's stock rule; it need not be enabled.", {"multiple": True, "metavar": Text("NAMN", "NAME")}),
    (("--no-plugins",), "Utan de påslagna insticksmodulernas lagerregler.",
     "Without the stock rules of the enabled plugins.", {"is_flag": True}),
    (("--sku", "skus"), "Pröva policy, marginal och regel bara på den här artikeln.",
     "Try policy, margin and rule on this item only.", {"multiple": True, "metavar": Text("ARTIKEL", "SKU")}),
    (("--group", "groups"), "Pröva dem bara på den här gruppen.", "Try them on this group only.",
     {"multiple": True, "metavar": Text("GRUPP", "GROUP")}),
    (("--settings",), "En hel ashop.toml att utgå från i stället för butikens.",
     "A whole ashop.toml to begin with instead of the shop's.",
     {"type": click.Path(path_type=Path, dir_okay=False), "metavar": Text("FIL.toml", "FILE.toml")}),
)  # fmt: skip
"""The options that say what is tried: names, help in both languages, and what click is told of them."""
_WHICH: tuple[tuple[tuple[str, ...], str, str, dict[str, Any]], ...] = (
    (("--orders",), "De så många senaste ordrarna; annars 10000.", "The newest so many orders; otherwise 10000.",
     {"type": click.IntRange(1, MOST_ORDERS)}),
    (("--since",), "Ordrar lagda från och med då.", "Orders placed from then on.", {"metavar": _TIME}),
    (("--until",), "Ordrar lagda före då; en dag räknas med.", "Orders placed before then; a day is included.",
     {"metavar": _TIME}),
    (("--start",), "Saldo att börja med för artiklar som inget hade vid första ordern.",
     "A balance to begin with for items that had none at the first order.", {"type": click.IntRange(0, MOST_STARTED)}),
)  # fmt: skip
"""The options that say which orders are judged, and from where."""


def _options(function: F) -> F:
    for names, sv, en, attrs in reversed((*_WHAT, *_WHICH)):
        function = option(*names, help=Text(sv, en), **attrs)(function)
    return function


@command(
    help=Text(
        "Pröva butikens senaste ordrar på nytt under en annan policy, marginal, lagerregel eller insticksmodul, och jämför "
        "med det som gäller nu. Ingenting ändras. Artiklar och grupper med egen policy eller marginal behåller den.",
        "Judge the shop's last orders anew under another policy, margin, stock rule or plugin, and compare with what "
        "applies now. Nothing is changed. Items and groups with a policy or margin of their own keep it.",
    ),
    epilog=Text(
        "Exempel:\n  ashop stock simulate --policy strict\n"
        "  ashop stock simulate --falls-to 0 --from lagervara --to slut --back-at 3 --no-rules --since 2026-09-01\n"
        "  ashop stock simulate --plugin strict_stock --picture prov.svg",
        "Examples:\n  ashop stock simulate --policy strict\n"
        "  ashop stock simulate --falls-to 0 --from in_stock --to sold_out --back-at 3 --no-rules --since 2026-09-01\n"
        "  ashop stock simulate --plugin strict_stock --picture trial.svg",
    ),
)
@_options
@option("--all", "every", is_flag=True, help=Text("Alla artiklar.", "All items."))
@option(
    "--picture",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar=Text("FIL.svg", "FILE.svg"),
    help=Text("Rita också en bild.", "Draw a picture as well."),
)
@json_option
@with_shop
def simulate(
    shop: Shop, every: bool, picture: Path | None, form: str, start: int | None, **wishes: Any
) -> None:
    wanted = _wanted(shop, wishes.pop("orders"), wishes.pop("since"), wishes.pop("until"))
    trial = _trial(shop, **wishes)
    found = _simulated(shop, trial, wanted, start, picture is not None)
    if picture is not None:
        _draw(shop, found, picture)
    if form == JSON:
        write_json(document_of(found))
        return
    _tell(shop, found, every)
    if picture is not None:
        note(Text("Bilden: {path}", "The picture: {path}").fill(path=picture))


def _wanted(shop: Shop, orders: int | None, since: str | None, until: str | None) -> Wanted:
    from ashop_core.where import filter_of

    if orders is not None and since is not None:
        usage_error(Text("ange --orders eller --since, inte båda", "give --orders or --since, not both"))
    times = filter_of([(k, v) for k, v in (("since", since), ("until", until)) if v], shop.desk())
    return Wanted(orders=orders or 10_000, since=times.since, until=times.until)


def _trial(
    shop: Shop, falls_to: int | None, rises_to: int | None, from_: tuple[str, ...], to: str | None,
    back_at: int | None, priority: int, skus: tuple[str, ...], groups: tuple[str, ...], **others: Any,
) -> Trial:  # fmt: skip
    rule = None
    if falls_to is not None or rises_to is not None:
        if (falls_to is not None and rises_to is not None) or not from_ or to is None:
            usage_error(
                Text(
                    "en regel skrivs --falls-to N (eller --rises-to N) --from LAGERSTATUS --to LAGERSTATUS",
                    "a rule is written --falls-to N (or --rises-to N) --from STATUS --to STATUS",
                )
            )
        meant = settings_of(shop).meant
        rule = Rule(
            when=When.RISES_TO if falls_to is None else When.FALLS_TO,
            threshold=rises_to if falls_to is None else falls_to,  # type: ignore[arg-type]
            from_=tuple(meant(code).code for code in from_), to=meant(to).code, back_at=back_at, priority=priority,
        )  # fmt: skip
    elif from_ or to is not None or back_at is not None:
        usage_error(
            Text(
                "--from, --to och --back-at hör till en regel: ange också --falls-to eller --rises-to",
                "--from, --to and --back-at belong to a rule: give --falls-to or --rises-to too",
            )
        )
    return Trial(rule=rule, skus=skus, groups=groups, **others)


def _simulated(shop: Shop, trial: Trial, wanted: Wanted, start: int | None, drawn: bool) -> Simulation:
    from ashop_stock_control.simulating.picture import ITEMS

    with progress(Text("Prövar ordrar", "Judging orders"), None) as advance:
        found = simulate_orders(shop, trial, wanted, start=start, advance=advance)
        if drawn:  # only now is it known which items are the worst: once more, with their balances kept
            watched = watched_of(rows_of(found), ITEMS)
            found = simulate_orders(shop, trial, wanted, start=start, watched=watched, advance=advance)
    return found


def _draw(shop: Shop, found: Simulation, path: Path) -> None:
    from ashop_stock_control.simulating.picture import svg

    drawn = svg(found, settings_of(shop), language(), found.days)
    try:
        path.write_text(drawn, encoding="utf-8")
    except OSError as error:
        raise AshopError(
            Text("{path} kan inte skrivas: {why}", "{path} cannot be written: {why}").fill(
                path=path, why=error.strerror
            )
        ) from error


_WORST = Text("Artiklar, de värst drabbade först", "Items, the worst first")
_WORST_BESIDE = Text(
    "Artiklar, de värst drabbade först (nu → prövat)", "Items, the worst first (now → tried)"
)

# ── For people ───────────────────────────────────────────────────────────────────────────────────


def _tell(shop: Shop, found: Simulation, every: bool) -> None:
    first, last = found.days
    what = Text("med de inställningar som gäller", "with the present settings")
    if found.tried is not None:
        what = trial_words(found.trial)
    click.echo(clean(f"{first} – {last}: {say(what)}"))
    click.echo()
    measures = list(measures_of(found, settings_of(shop)))
    show_list(_measure_columns(found), measures)
    rows = [row for row in rows_of(found) if every or row.is_touched]
    if rows:
        heading(_WORST if found.tried is None else _WORST_BESIDE)
        show_list(_item_columns(found), rows if every else rows[:SHOWN])
    if not every and len(rows) > SHOWN:
        note(Text("{n} till: --all", "{n} more: --all").fill(n=len(rows) - SHOWN))
    for remark in remarks_of(found):
        note(remark)


def _measure_columns(found: Simulation) -> list[Column[Measure]]:
    label = Column[Measure]("label", Text("", ""), lambda m: say(m.label))
    tried = Column[Measure]("tried", Text("Prövat", "Tried"), lambda m: say(m.tried), right=True)
    if found.tried is None:
        now = Column[Measure]("now", Text("Nu", "Now"), lambda m: say(m.now), right=True)
        return [label, now]
    now = Column[Measure]("now", Text("Nu", "Now"), lambda m: say(m.now), right=True)
    difference = Column[Measure](
        "difference", Text("Skillnad", "Difference"), lambda m: say(m.difference), right=True
    )
    return [label, now, tried, difference]


def _item_columns(found: Simulation) -> list[Column[Row]]:
    def beside(name: str) -> Callable[[Row], str]:
        def both(row: Row) -> str:
            now, tried = getattr(row.now, name), getattr(row.tried, name)
            return f"{_plain(now)} → {_plain(tried)}" if found.tried is not None else _plain(now)

        return both

    return [
        Column("sku", Text("Artikel", "SKU"), lambda r: r.sku),
        Column("name", Text("Namn", "Name"), lambda r: r.name, lambda r: r.name[:_NAME]),
        Column("refused", Text("Nekade", "Refused"), beside("refused"), right=True),
        Column("lost", Text("Förlorat", "Lost"), lambda r: say(money_words(r.tried.lost)), right=True),
        Column("oversold", Text("Översålt", "Oversold"), beside("oversold_pieces"), right=True),
        Column("lowest", Text("Lägst", "Lowest"), beside("lowest"), right=True),
        Column("changes", Text("Byten", "Changes"), beside("changes"), right=True),
    ]


def _plain(value: int | None) -> str:
    return "–" if value is None else str(value).replace("-", "\N{MINUS SIGN}")
