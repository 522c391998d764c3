"""`ashop order counts` and `ashop order filters`: how many orders there are of each kind."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.cli.app import command, with_shop
from ashop_core.cli.language import say
from ashop_core.cli.output import Column, list_options, show_list
from ashop_core.counts import Count
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop

_CODE: Column[Count] = Column("code", Text("Kod", "Code"), lambda c: c.code)
_COUNT: Column[Count] = Column("count", Text("Antal", "Count"), lambda c: c.number, words=str, right=True)
_MORE: Column[Count] = Column("more", Text("Fler", "More"), lambda c: c.more, only="machines")


@command()
@list_options
@with_shop
def counts(shop: Shop, form: str) -> None:
    """Show how many orders each status has. Beyond a thousand it is not counted on: 1000+."""
    label: Column[Count] = Column("label", Text("Status", "Status"), lambda c: say(c.label))
    show_list([label, _CODE, _COUNT, _MORE], shop.counts().statuses, form)


@command()
@list_options
@with_shop
def filters(shop: Shop, form: str) -> None:
    """Show the saved filters and how many orders each has: those that ship, and `[filters.…]` of the settings."""
    label: Column[Count] = Column("label", Text("Filter", "Filter"), lambda c: say(c.label))
    where: Column[Count] = Column(
        "where", Text("Villkor", "Conditions"), lambda c: shop.filters[c.code].where
    )
    show_list([label, _CODE, _COUNT, _MORE, where], shop.counts().filters, form)
