"""What `ashop stock simulate` tells people: the comparison, and the items that fare worst."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from ashop_core.cli.language import say
from ashop_core.cli.output import Column, clean, heading, note, show_list
from ashop_core.texts import Text
from ashop_stock_control.cli.telling import settings_of
from ashop_stock_control.simulating.comparison import Measure, measures_of, money_words
from ashop_stock_control.simulating.remarks import remarks_of, trial_words
from ashop_stock_control.simulating.rows import Row, rows_of

if TYPE_CHECKING:
    from ashop_core.shop import Shop
    from ashop_stock_control.simulating.simulation import Simulation

SHOWN = 20
_NAME = 16
_WORST = Text("Artiklar, de värst drabbade först", "Items, the worst first")
_WORST_BESIDE = Text(
    "Artiklar, de värst drabbade först (nu → prövat)", "Items, the worst first (now → tried)"
)


def tell(shop: Shop, found: Simulation, every: bool) -> None:
    """Tell what came of a simulation; `every`: of all items."""
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
        Column("name", Text("Namn", "Name"), lambda r: r.name, lambda r: _short(r.name)),
        Column("refused", Text("Nekade", "Refused"), beside("refused"), right=True),
        Column("lost", Text("Förlorat", "Lost"), lambda r: say(money_words(r.tried.lost)), right=True),
        Column("oversold", Text("Översålt", "Oversold"), beside("oversold_pieces"), right=True),
        Column("lowest", Text("Lägst", "Lowest"), beside("lowest"), right=True),
        Column("changes", Text("Byten", "Changes"), beside("changes"), right=True),
    ]


def _short(name: str) -> str:
    return name if len(name) <= _NAME else f"{name[: _NAME - 1].rstrip()}…"


def _plain(value: int | None) -> str:
    return "–" if value is None else str(value).replace("-", "\N{MINUS SIGN}")
