"""Stock statuses: what a shop says about an item, and whether it can be bought while it says so."""

from __future__ import annotations

from dataclasses import dataclass

from ashop_core.texts import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class StockStatus:
    """A stock status. An item always has one; customers read `customer_label`, and never a number."""

    code: str
    label: Text
    customer_label: Text
    purchasable: bool


def _status(code: str, label: Text, customer_label: Text, *, purchasable: bool) -> StockStatus:
    return StockStatus(code=code, label=label, customer_label=customer_label, purchasable=purchasable)


STANDARD: tuple[StockStatus, ...] = (
    _status("in_stock", Text("Lagervara", "In stock"), Text("I lager", "In stock"), purchasable=True),
    _status(
        "on_order",
        Text("Beställningsvara", "On order"),
        Text("Beställningsvara", "On order"),
        purchasable=True,
    ),
    _status(
        "temporarily_out",
        Text("Tillfälligt slut", "Temporarily out"),
        Text("Tillfälligt slut", "Temporarily out of stock"),
        purchasable=False,
    ),
    _status("sold_out", Text("Slut", "Sold out"), Text("Slut", "Sold out"), purchasable=False),
    _status(
        "discontinued", Text("Utgått", "Discontinued"), Text("Utgått", "Discontinued"), purchasable=False
    ),
)
"""What ships; `[plugins.stock_control.statuses.<code>]` changes these and adds others."""
