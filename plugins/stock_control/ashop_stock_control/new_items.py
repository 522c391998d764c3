"""What may be given of an item that is brought into the stock, by a file or a program, and in which mode."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from ashop_core.texts import Text
from ashop_stock_control.checks import MOST_COUNTED, check_group, check_name, check_number, check_sku
from ashop_stock_control.editing import check_terms
from ashop_stock_control.policies import Policy

if TYPE_CHECKING:
    from ashop_stock_control.settings import StockSettings


class Mode(StrEnum):
    """What is done with items that are in the stock already; new ones get all that is given in every mode.

    `update` brings an item to everything that is given for it, `set` only its figures. `count` takes the figures for
    what was counted on the shelf, goods held for orders included.
    """

    UPDATE = "update"
    SET = "set"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Flag:
    """What another shop says of an item: whether it can be bought, and the stock status that says so here."""

    buyable: bool
    status: str


@dataclass(frozen=True, kw_only=True, slots=True)
class NewItem:
    """An item as it is given. What is left out stays as it is, or gets the shop's default when it is new.

    Where both figures are given, `balance` counts, and `on_hand` in a count. A status is set as by hand, unless
    `by_hand` says that it was the rules': they decide again then, if the item is there and has a balance. `flag` and
    `oversells` come from another shop: the flag is for an item that nobody counts, `oversells` for one whose policy,
    wherever it is set, says otherwise.
    """

    sku: str
    name: str = ""
    balance: int | None = None
    status: str | None = None
    on_hand: int | None = None
    group: str | None = None
    policy: Policy | None = None
    margin: int | None = None
    low: int | None = None
    pinned: bool | None = None
    by_hand: bool | None = None
    counted_at: datetime | None = None
    flag: Flag | None = None
    oversells: bool | None = None

    @property
    def has_figure(self) -> bool:
        """Tell whether it has any figure."""
        return self.balance is not None or self.on_hand is not None


def check_item(new: NewItem, settings: StockSettings, mode: Mode = Mode.UPDATE) -> NewItem:
    """Return the item as it will be stored. Raises InvalidInput or NotFound."""
    least = 0 if mode is Mode.COUNT else -MOST_COUNTED
    if new.balance is not None:
        check_number(new.balance, least if new.on_hand is None else -MOST_COUNTED, MOST_COUNTED, _BALANCE)
    if new.on_hand is not None:
        check_number(new.on_hand, least, MOST_COUNTED, _ON_HAND)
    if new.status is not None:
        settings.find_status(new.status)
    check_terms(new.margin, new.low)
    group = None if new.group is None else check_group(new.group)
    return replace(new, sku=check_sku(new.sku), name=check_name(new.name), group=group)


_BALANCE = Text("saldot", "the balance")
_ON_HAND = Text("antalet på hyllan", "the number on hand")


def figure_of(new: NewItem, mode: Mode) -> int | None:
    """Return the figure that counts in this mode."""
    first, second = (new.on_hand, new.balance) if mode is Mode.COUNT else (new.balance, new.on_hand)
    return second if first is None else first
