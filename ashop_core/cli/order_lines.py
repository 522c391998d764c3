"""What an order's page says of its goods and its money: the lines, what they come to, the VAT, what is left."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from ashop_core.cli.language import language, say
from ashop_core.cli.output import Column, day, heading, money, show_list, show_pairs
from ashop_core.models import Order, OrderLine, Stage
from ashop_core.payment_record import to_refund
from ashop_core.texts import Text
from ashop_core.vat import vat_summary

if TYPE_CHECKING:
    from ashop_core.shop import Shop


def show_lines(shop: Shop, order: Order) -> None:
    """Print the lines, with a column for discounts where there are any, and what they come to."""
    heading(Text("Rader", "Lines"))
    show_list(_columns(order), order.lines)
    show_pairs([*_sums(order), *_vat(order), *left_rows(shop, order)])


def _columns(order: Order) -> list[Column[OrderLine]]:
    def amount(minor: int) -> str:
        return money(minor, order.currency)

    discount: list[Column[OrderLine]] = [
        Column(
            "discount", Text("Rabatt", "Discount"), lambda x: x.discount,
            lambda x: amount(-x.discount) if x.discount else "", right=True,
        )
    ]  # fmt: skip
    return [
        Column("position", Text("Rad", "Line"), lambda x: x.position, right=True),
        Column("sku", Text("Artikel", "SKU"), lambda x: x.sku),
        Column("name", Text("Namn", "Name"), lambda x: x.name),
        Column("quantity", Text("Antal", "Quantity"), lambda x: x.quantity, right=True),
        Column(
            "price", Text("Pris", "Price"), lambda x: x.unit_price, lambda x: amount(x.unit_price), right=True
        ),
        *(discount if any(line.discount for line in order.lines) else ()),
        Column("total", Text("Summa", "Total"), lambda x: x.total, lambda x: amount(x.total), right=True),
        Column("goods", Text("Varorna", "Goods"), lambda x: x.held, _goods),
    ]


def _goods(line: OrderLine) -> str:
    parts = (
        (line.held, Text("{n} hålls", "{n} held")),
        (line.away, Text("{n} skickade", "{n} gone")),
        (line.free - line.restocked, Text("{n} fria", "{n} free")),
        (line.returned, Text("{n} tillbaka", "{n} returned")),
    )
    return ", ".join(say(words.fill(n=n)) for n, words in parts if n)


def _sums(order: Order) -> list[tuple[Text, str]]:
    found = (
        (Text("Frakt", "Shipping"), order.shipping_price),
        (Text("Avgift", "Fee"), order.payment_fee),
        (Text("Rabatt", "Discount"), -order.discount),
    )
    rows = [(label, money(minor, order.currency)) for label, minor in found if minor]
    return [*rows, (Text("Summa", "Total"), money(order.total, order.currency))]


def _vat(order: Order) -> list[tuple[Text, str]]:
    """The VAT of each rate; nothing where no rate is known."""
    rows = vat_summary(order)
    if all(row.rate is None for row in rows):
        return []
    return [
        (
            Text("Moms {rate} %", "VAT {rate}%").fill(rate=_rate(row.rate)),
            say(Text("{vat} av {gross}", "{vat} of {gross}")).format(
                vat=money(row.vat, order.currency), gross=money(row.gross, order.currency)
            ),
        )
        if row.rate is not None
        else (Text("Okänd momssats", "VAT rate unknown"), money(row.gross, order.currency))
        for row in rows
    ]


def _rate(rate: Decimal) -> str:
    plain = f"{rate.normalize():f}"
    return plain.replace(".", ",") if language() == "sv" else plain


def left_rows(shop: Shop, order: Order) -> list[tuple[Text, str]]:
    """What is still to be paid and when, or is to be given back; nothing of either while in the checkout."""
    if order.placed_at is None:
        return []
    status = shop.flows.status(order.status)
    back = to_refund(order, status)
    if back:
        return [(Text("Att återbetala", "To refund"), money(back, order.currency))]
    left = order.left_to_pay
    if left <= 0 or status.stage is Stage.VOID:
        return []
    return [
        (Text("Kvar att betala", "Left to pay"), money(left, order.currency)),
        (Text("Betalas senast", "Pay by"), day(order.payment_due)),
    ]
