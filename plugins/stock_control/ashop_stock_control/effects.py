"""What staff read of a movement, kept with the order's history: balances, oversold pieces, stock statuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.models import Effect
from ashop_core.texts import Text, joined, same
from ashop_stock_control.rules import When, why_words

if TYPE_CHECKING:
    from ashop_core.errors import PluginError
    from ashop_stock_control.items import StockItem
    from ashop_stock_control.ledger import Moved
    from ashop_stock_control.settings import StockSettings


def effects_of(moved: Moved, d_on_hand: int, settings: StockSettings, *, first: bool = False) -> list[Effect]:
    """Return what a movement did: the balance, what is oversold, and the status if a rule changed it."""
    item = moved.item
    effects = [_balance_effect(item, None if first else moved.balance_before, moved.balance, d_on_hand)]
    if moved.balance < min(0, moved.balance_before):
        effects.append(_oversold_effect(item, moved.balance_before, moved.balance))
    status = moved.status_before
    for step in moved.steps:
        effects.append(status_effect(item, status, step.to, step_words(item, step.why, settings), settings))
        status = step.to
    return effects


def new_item_effect(item: StockItem) -> Effect:
    """Return what staff read of an item that an order brought."""
    words = Text(
        "{sku} fanns inte i lagret: upplagd utan lagersaldo",
        "{sku} was not in the stock: added without a balance",
    )
    return Effect(
        subject=f"stock:{item.sku}:new", before="", after=item.status, text=words.fill(sku=item.sku)
    )


def taken_anyway_effect(item: StockItem, why: Text) -> Effect:
    """Return what staff read of an item that an order took though there is too little of it, or a rule says no."""
    words = Text(
        "{name}: {why}, men ordern kan inte nekas längre och tog den ändå",
        "{name}: {why}, but the order can no longer be refused and took it anyway",
    )
    return Effect(
        subject=f"stock:{item.sku}:short",
        before=item.status,
        after=item.status,
        text=words.fill(name=item.name, why=why),
    )


def fault_effect(fault: PluginError) -> Effect:
    """Return what staff read of a rule that failed to give a stock status to what an order took anyway."""
    words = Text(
        "{fault}; ordern kan inte nekas längre, och butikens egna regler gällde",
        "{fault}; the order can no longer be refused, and the shop's own rules applied",
    )
    return Effect(
        subject=f"plugin:{fault.plugin}", before="", after="rule_failed", text=words.fill(fault=fault.text)
    )


def oversold_words(balance: int) -> Text:
    """Return how many pieces more than there are have been sold, for a balance below 0."""
    return Text(f"översåld {-balance}", f"oversold {-balance}")


def balance_words(balance: int) -> Text:
    """Return a balance as staff read it: ``-1 (oversold 1)``."""
    if balance >= 0:
        return same(str(balance))
    return Text("{n} ({words})", "{n} ({words})").fill(n=balance, words=oversold_words(balance))


def step_words(item: StockItem, why: str, settings: StockSettings) -> Text:
    """Return what gave a status; of a rule also that it saw the balance less the item's margin."""
    words, margin = why_words(why), settings.terms(item).margin
    if not margin or why.partition(" ")[0] not in list(When):
        return words
    less = Text("säkerhetsmarginalen {n} borträknad", "the safety margin {n} taken off").fill(n=margin)
    return joined([words, less])


def _oversold_effect(item: StockItem, before: int, after: int) -> Effect:
    words = oversold_words(after)
    return Effect(
        subject=f"stock:{item.sku}:oversold",
        before=str(max(0, -before)),
        after=str(-after),
        text=Text(f"{item.name}: {words.sv}", f"{item.name}: {words.en}"),
    )


def _balance_effect(item: StockItem, before: int | None, after: int, d_on_hand: int) -> Effect:
    was = "–" if before is None else str(before)
    if before != after:
        words = Text(f"Lagersaldo {item.sku}: {was} → {after}", f"Stock balance {item.sku}: {was} → {after}")
    else:  # goods that were held left the shelf, or came back to it
        shelf = item.on_hand - d_on_hand
        words = Text(
            f"På hyllan {item.sku}: {shelf} → {item.on_hand} (saldo {after})",
            f"On hand {item.sku}: {shelf} → {item.on_hand} (balance {after})",
        )
    return Effect(subject=f"stock:{item.sku}", before=was, after=str(after), text=words)


def status_effect(item: StockItem, before: str, after: str, why: Text, settings: StockSettings) -> Effect:
    """Return what staff read of a stock status that changed."""
    old, new = settings.label(before), settings.label(after)
    return Effect(
        subject=f"stock:{item.sku}:status",
        before=before,
        after=after,
        text=Text(
            f"{item.name}: {old.sv} → {new.sv} ({why.sv})", f"{item.name}: {old.en} → {new.en} ({why.en})"
        ),
    )
