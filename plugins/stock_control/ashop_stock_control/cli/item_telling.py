"""How `ashop stock` shows items: the list with its columns and pictures, and one item with all about it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from ashop_core.cli.language import say
from ashop_core.cli.output import Column, clean, show_pairs, stamp, when
from ashop_core.texts import Text
from ashop_stock_control import stock
from ashop_stock_control.cli.kind_words import ALERTS
from ashop_stock_control.cli.telling import settings_of
from ashop_stock_control.effects import balance_words
from ashop_stock_control.policies import Policy
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop

SPARK = 15
"""How many characters wide a picture of the last days is: each is the lowest of two days."""
_BLOCKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class Listed:
    """A row of the list: an item, and its closing balances of the last days."""

    item: stock.StockItem
    days: tuple[int | None, ...] = ()


def item_columns(shop: Shop, rows: Sequence[Listed]) -> list[Column[Listed]]:
    """Return the columns of a list of items; people see those that `rows` have something in."""
    settings = settings_of(shop)
    own = Policy.parse(settings.policy)
    grouped = any(r.item.group for r in rows)
    judged = any(settings.terms(r.item).policy != own for r in rows)
    counted = any(r.item.counted_at for r in rows)
    drawn = is_drawable() and any(any(r.days) for r in rows)
    return [
        Column("sku", Text("Artikel", "SKU"), lambda r: r.item.sku),
        Column("name", Text("Namn", "Name"), lambda r: r.item.name),
        Column("group", Text("Grupp", "Group"), lambda r: r.item.group, only=_where(grouped)),
        Column("status", Text("Lagerstatus", "Stock status"), lambda r: r.item.status, lambda r: _status(r.item, settings)),
        Column("pinned", Text("Låst", "Pinned"), lambda r: r.item.pinned, only="machines"),
        Column("by_hand", Text("För hand", "By hand"), lambda r: r.item.by_hand, only="machines"),
        Column("balance", Text("Saldo", "Balance"), lambda r: r.item.balance, lambda r: _balance(r.item), right=True),
        Column("on_hand", Text("På hyllan", "On hand"), lambda r: r.item.on_hand if r.item.tracked else None, right=True),
        Column("held", Text("Hållet", "Held"), lambda r: r.item.held if r.item.tracked else None, right=True),
        Column("policy", Text("Policy", "Policy"), lambda r: str(settings.terms(r.item).policy),
               lambda r: _other_policy(settings.terms(r.item).policy, own), only=_where(judged)),
        Column("margin", Text("Marginal", "Margin"), lambda r: settings.terms(r.item).margin, only="machines"),
        Column("low", Text("Varning vid", "Warning at"), lambda r: settings.terms(r.item).low, only="machines"),
        Column("counted_at", Text("Räknad", "Counted"), lambda r: stamp(r.item.counted_at),
               lambda r: when(r.item.counted_at), only=_where(counted)),
        Column("days", Text("30 dagar", "30 days"), lambda r: list(r.days), lambda r: spark(r.days), only=_where(drawn)),
    ]  # fmt: skip


def _where(shown: bool) -> str:
    return "" if shown else "machines"


def tell_item(shop: Shop, item: stock.StockItem, warnings: Sequence[stock.Alert]) -> None:
    """Print an item with its stock status, its figures, what applies to it and the warnings that are open."""
    settings = settings_of(shop)
    terms = settings.terms(item)
    bought = Text("kan köpas", "can be bought")
    if item.status not in settings.purchasable:
        bought = Text("kan inte köpas", "cannot be bought")
    click.echo(clean(f"{item.sku}  {item.name}"))
    show_pairs(
        [
            (Text("Grupp", "Group"), item.group),
            (Text("Lagerstatus", "Stock status"), f"{_status(item, settings)}, {say(bought)}"),
            (Text("Saldo", "Balance"), _balance(item)),
            (Text("På hyllan", "On hand"), str(item.on_hand) if item.tracked else ""),
            (Text("Hållet för ordrar", "Held for orders"), str(item.held) if item.tracked else ""),
            (Text("Policy", "Policy"), str(terms.policy)),
            (Text("Säkerhetsmarginal", "Safety margin"), str(terms.margin or "")),
            (Text("Varning vid saldo", "Warning at balance"), "" if terms.low is None else str(terms.low)),
            (Text("Räknad senast", "Last counted"), when(item.counted_at)),
            *((Text("Varning", "Warning"), _warning(alert)) for alert in warnings),
        ]
    )


def _warning(alert: stock.Alert) -> str:
    since = say(Text("sedan {at}", "since {at}").fill(at=when(alert.opened_at)))
    return f"{say(ALERTS[alert.kind])} {since}"


def spark(days: Sequence[int | None]) -> str:
    """Return how a balance went as a row of blocks: the lowest is nothing left, the tallest the most of these days.

    Each block is the lowest of some days, so that a single one without stock is seen.
    """
    step = max(1, len(days) // SPARK)
    parts = [[d for d in days[n : n + step] if d is not None] for n in range(0, len(days), step)]
    top = max((min(part) for part in parts if part), default=0)
    return "".join(_block(min(part), top) if part else " " for part in parts)


def _block(balance: int, top: int) -> str:
    if balance <= 0:
        return _BLOCKS[0]
    return _BLOCKS[max(1, round(balance / top * (len(_BLOCKS) - 1)))]


def is_drawable() -> bool:
    """Tell whether standard output can show blocks: a terminal of another encoding than UTF-8 may not."""
    try:
        _BLOCKS.encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def _status(item: stock.StockItem, settings: StockSettings) -> str:
    label = say(settings.label(item.status))
    if item.pinned:
        return f"{label} ({say(Text('låst', 'pinned'))})"
    return f"{label} ({say(Text('för hand', 'by hand'))})" if item.by_hand else label


def _balance(item: stock.StockItem) -> str:
    return "–" if item.balance is None else say(balance_words(item.balance))


def _other_policy(policy: Policy, own: Policy) -> str:
    return "" if policy == own else str(policy)
