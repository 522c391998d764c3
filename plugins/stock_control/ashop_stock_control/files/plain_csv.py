"""Plain CSV: a row per item, with the columns that an export of ours has or some of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.clock import parse_local
from ashop_stock_control.files.cells import Cells, ReadOptions
from ashop_stock_control.new_items import NewItem
from ashop_stock_control.policies import Policy

if TYPE_CHECKING:
    from ashop_stock_control.settings import StockSettings

CODE = "csv"
COLUMNS = {
    "sku": ("sku", "artikel", "artikelnummer", "artikelnr"),
    "name": ("name", "namn", "benämning"),
    "balance": ("balance", "saldo", "lagersaldo"),
    "on_hand": ("on_hand", "on hand", "på hyllan"),
    "held": ("held", "hållet"),  # told by an export, never imported: what orders hold is theirs to say
    "status": ("status", "lagerstatus", "stock status"),
    "group": ("group", "grupp"),
    "policy": ("policy",),
    "margin": ("margin", "säkerhetsmarginal", "safety margin"),
    "low": ("low", "varna vid", "warn at"),
    "pinned": ("pinned", "låst"),
    "by_hand": ("by_hand", "för hand"),
    "counted_at": ("counted_at", "räknat"),
}
REQUIRED = ("sku",)


class PlainRows:
    """Makes items of the rows of a plain file."""

    def __init__(self, options: ReadOptions, settings: StockSettings) -> None:
        self._statuses = {word.casefold(): meant for word, meant in options.statuses.items()}
        self._settings = settings

    def __call__(self, cells: Cells) -> NewItem:
        """Return what a row says. Raises AshopError for a cell that will not do."""
        status, policy, counted = (cells.text(column) for column in ("status", "policy", "counted_at"))
        return NewItem(
            sku=cells.text("sku"),
            name=cells.text("name"),
            balance=cells.whole("balance"),
            on_hand=cells.whole("on_hand"),
            status=self._settings.meant(self._statuses.get(status.casefold(), status)).code
            if status
            else None,
            group=cells.text("group") or None,
            policy=Policy.parse(policy.casefold()) if policy else None,
            margin=cells.whole("margin"),
            low=cells.whole("low"),
            pinned=cells.truth("pinned"),
            by_hand=cells.truth("by_hand"),
            counted_at=parse_local(counted, "UTC") if counted else None,
        )
