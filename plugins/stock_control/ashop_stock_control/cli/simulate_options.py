"""The options of `ashop stock simulate`: what is tried, and on which orders."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ashop_core.cli.app import option, usage_error
from ashop_core.texts import Text
from ashop_stock_control.cli.one_item import N
from ashop_stock_control.cli.telling import settings_of
from ashop_stock_control.rules import Rule, When
from ashop_stock_control.simulating.simulation import MOST_STARTED
from ashop_stock_control.simulating.trials import Trial
from ashop_stock_control.simulating.window import Wanted

if TYPE_CHECKING:
    from ashop_core.shop import Shop

F = TypeVar("F", bound=Callable[..., Any])

MOST_ORDERS = 10**9

_STATUS = Text("LAGERSTATUS", "STATUS")
_TIME = Text("TID", "TIME")
_WHAT: tuple[tuple[tuple[str, ...], str, str, dict[str, Any]], ...] = (
    (("--policy",), "Policyn: open, strict eller up_to(N).", "The policy: open, strict or up_to(N).",
     {"metavar": Text("POLICY", "POLICY")}),
    (("--margin",), "Säkerhetsmarginalen.", "The safety margin.", {"type": int, "metavar": N}),
    (("--falls-to",), "En lagerregel till: när saldot faller till N …", "One more stock rule: when the balance falls to N …",
     {"type": int, "metavar": N}),
    (("--rises-to",), "… eller stiger till N …", "… or rises to N …", {"type": int, "metavar": N}),
    (("--from", "from_"), "… går artikeln från den här lagerstatusen …", "… the item goes from this stock status …",
     {"multiple": True, "metavar": _STATUS}),
    (("--to",), "… till den här …", "… to this one …", {"metavar": _STATUS}),
    (("--back-at",), "… och tillbaka när saldot når N.", "… and back when the balance reaches N.",
     {"type": int, "metavar": N}),
    (("--priority",), "Regelns rang vid samma tröskel.", "The rule's rank at the same threshold.",
     {"type": int, "default": 0, "metavar": N}),
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
     {"type": click.IntRange(1, MOST_ORDERS), "metavar": N}),
    (("--since",), "Ordrar lagda från och med då.", "Orders placed from then on.", {"metavar": _TIME}),
    (("--until",), "Ordrar lagda före då; en dag räknas med.", "Orders placed before then; a day is included.",
     {"metavar": _TIME}),
    (("--start",), "Saldo att börja med för artiklar som inget hade vid första ordern.",
     "A balance to begin with for items that had none at the first order.",
     {"type": click.IntRange(0, MOST_STARTED), "metavar": N}),
)  # fmt: skip
"""The options that say which orders are judged, and from where."""


def wishes(function: F) -> F:
    """Add the options to a command."""
    for names, sv, en, attrs in reversed((*_WHAT, *_WHICH)):
        function = option(*names, help=Text(sv, en), **attrs)(function)
    return function


def wanted_of(shop: Shop, orders: int | None, since: str | None, until: str | None) -> Wanted:
    """Return which orders are wished for."""
    from ashop_core.where import filter_of

    if orders is not None and since is not None:
        usage_error(Text("ange --orders eller --since, inte båda", "give --orders or --since, not both"))
    times = filter_of([(k, v) for k, v in (("since", since), ("until", until)) if v], shop.desk())
    return Wanted(orders=orders or 10_000, since=times.since, until=times.until)


def trial_of(
    shop: Shop, falls_to: int | None, rises_to: int | None, from_: tuple[str, ...], to: str | None,
    back_at: int | None, priority: int, skus: tuple[str, ...], groups: tuple[str, ...], **others: Any,
) -> Trial:  # fmt: skip
    """Return what is wished to be tried."""
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
