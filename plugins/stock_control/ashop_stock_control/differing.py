"""Where plugins would give one item different stock statuses: the one later in the settings wins, and staff should know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from ashop_core.errors import PluginError
from ashop_core.finding import Finding
from ashop_core.texts import Text, joined
from ashop_stock_control.items import item_of
from ashop_stock_control.judging import STATUS_HOOK, Judge

if TYPE_CHECKING:
    from ashop_core.shop import Shop
    from ashop_core.storage import Reader
    from ashop_stock_control.items import StockItem

MOST_ASKED = 1000
MOST_TOLD = 20

_ITEMS = "SELECT * FROM stock_items WHERE tracked = 1 AND pinned = 0 ORDER BY sku LIMIT :most"
_SAYS = Text("{plugin} säger {status}", "{plugin} says {status}")
_DIFFER = Text(
    "{sku} vid saldo {balance}: {opinions}. {winner} gäller, som står senare i [plugins] enabled",
    "{sku} at balance {balance}: {opinions}. {winner} holds, which stands later in [plugins] enabled",
)


def differing(shop: Shop, reader: Reader) -> list[Finding]:
    """Return where opinions of `ashop_stock_status` differ at the present balances, of the first items by SKU."""
    if len(shop.plugins.implementations(STATUS_HOOK)) < 2:
        return []
    judge, found = Judge.of(shop.plugins), list[Finding]()
    try:
        for row in reader.rows(_ITEMS, {"most": MOST_ASKED}):
            found += _of_item(judge, item_of(row))
            if len(found) >= MOST_TOLD:
                break
    except PluginError as fault:  # the stock's other findings are to be told all the same
        found.append(Finding(code="plugin", text=fault.text))
    return found


def _of_item(judge: Judge, item: StockItem) -> Iterator[Finding]:
    """Yield one finding at most: a rule may look at where the balance comes from, so it comes from both sides."""
    balance = item.on_hand - item.held
    for before in (balance + 1, balance - 1):
        opinions = judge.opinions(item, before, balance)
        winner = judge.winner(opinions)
        if winner is not None and len(set(opinions.values())) > 1:
            said = [
                _SAYS.fill(plugin=plugin, status=judge.settings.label(code))
                for plugin, code in opinions.items()
            ]
            words = _DIFFER.fill(sku=item.sku, balance=balance, opinions=joined(said), winner=winner)
            yield Finding(code="stock_rules_differ", text=words, serious=False)
            return
