"""Slips and pick lists as one self-contained HTML page for A4: no script, no picture, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

from babel import Locale
from babel.dates import format_date

from ashop_core.clock import local
from ashop_core.money import format_money
from ashop_core.texts import Text
from ashop_slips.code128 import barcode
from ashop_slips.picking import Pick
from ashop_slips.slip import Row, Slip
from ashop_slips.style import STYLE


def slips_page(slips: Sequence[Slip], *, prices: bool = False) -> str:
    """Return slips as a page, each on a sheet of its own, in the language of its order."""
    sheets = [_slip(slip, prices) for slip in slips]
    language = slips[0].language if slips else "sv"
    return _page(language, _PACKING_SLIPS.to(language), sheets)


def pick_page(
    shop_name: str, picks: Iterable[Pick], orders: int, now: datetime, timezone: str, language: str
) -> str:
    """Return a pick list as a page in the staff's language; `now` is when it was true."""
    found = list(picks)
    rows = "".join(
        f'<tr><td class="box"><span></span></td><td class="sku">{escape(pick.sku)}</td>'
        f'<td>{escape(pick.name)}<div class="for">{_orders_of(pick)}</div></td>'
        f'<td class="right many">{pick.quantity}</td></tr>'
        for pick in found
    )
    heads = (
        ("box", ""),
        ("sku", _SKU.to(language)),
        ("", _NAME_AND_ORDERS.to(language)),
        ("right", _QUANTITY.to(language)),
    )
    pieces = sum(pick.quantity for pick in found)
    made = local(now, timezone)
    made_at = f"{_day(made, language)} {made:%H:%M}"
    facts = [
        (_MADE, made_at),
        (_ORDERS, str(orders)),
        (_ARTICLES, str(len(found))),
        (_PIECES, str(pieces)),
    ]
    sheet = (
        f'<section class="sheet" lang="{language}"><header><div><div class="shop">{escape(shop_name)}</div>'
        f"<h1>{_PICK_LIST.to(language)}</h1></div>{_pairs(facts, language)}</header>"
        f"{_table(heads, rows, made_at)}"
        f"<footer><span>{_PICKED_BY.to(language)}</span><span></span></footer></section>"
    )
    return _page(language, _PICK_LIST.to(language), [sheet])


def _page(language: str, title: str, sheets: Sequence[str]) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="{language}"><head><meta charset="utf-8">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body>\n"
        + "\n".join(sheets)
        + "\n</body></html>\n"
    )


# ── A slip ───────────────────────────────────────────────────────────────────────────────────────


def _slip(slip: Slip, prices: bool) -> str:
    language, number = slip.language, str(slip.order.number)
    copy = f"<b>{_STAFF.to(language)}</b>" if slip.notes is not None else ""
    return (
        f'<section class="sheet" lang="{language}"><header>'
        f'<div><div class="shop">{escape(slip.shop_name)}</div><h1>{_PACKING_SLIP.to(language)}{copy}</h1></div>'
        f'<div class="number">{_ORDER.to(language)}<strong>{number}</strong>{barcode(number)}</div></header>'
        f'<div class="facts"><div><h2>{_DELIVERED_TO.to(language)}</h2><address>{_address(slip)}</address></div>'
        f"<div>{_facts(slip)}</div></div>"
        f"{_here(slip)}"
        f"{_rest(_TO_COME, slip.to_come, language)}"
        f"{_rest(_SENT, slip.sent, language)}"
        f"{_rest(_CANCELLED, slip.cancelled, language)}"
        f"{_sums(slip) if prices else ''}"
        f"{_for_staff(slip.notes, language) if slip.notes is not None else ''}"
        f"<footer><span>{_PACKED_BY.to(language)}</span>"
        f"<span>{_ORDER.to(language)} {number} · {escape(slip.shop_name)}</span></footer></section>"
    )


def _address(slip: Slip) -> str:
    order = slip.order
    land = _country(slip.country, slip.language)
    town = f"{order.postal_code} {order.city}".strip()
    return "\n".join(escape(line) for line in (order.name, order.street, town, land) if line)


def _country(code: str, language: str) -> str:
    return str(Locale(language).territories.get(code.upper(), code))


def _facts(slip: Slip) -> str:
    language = slip.language
    placed = _day(local(slip.order.placed_at, slip.timezone), language)
    pieces = sum(row.quantity for row in slip.here)
    return _pairs(
        [
            (_PLACED, placed),
            (_DELIVERY, slip.order.delivery.to(language)),
            (_PARCEL, slip.parcel),
            (_PIECES, str(pieces)),
        ],
        language,
    )


def _here(slip: Slip) -> str:
    heads = (("box", ""), ("sku", _SKU), ("", _NAME), ("right", _QUANTITY))
    rows = "".join(
        f'<tr><td class="box"><span></span></td><td class="sku">{escape(row.sku)}</td><td>{escape(row.name)}</td>'
        f'<td class="right many">{row.quantity}</td></tr>'
        for row in slip.here
    )
    again = f"{_ORDER.to(slip.language)} {slip.order.number}"
    titles = tuple((kind, head.to(slip.language) if isinstance(head, Text) else head) for kind, head in heads)
    return f'<h2 class="part">{_HERE.to(slip.language)}</h2>{_table(titles, rows, again)}'


def _rest(title: Text, rows: Sequence[Row], language: str) -> str:
    if not rows:
        return ""
    cells = "".join(
        f'<tr><td class="sku">{escape(row.sku)}</td><td>{escape(row.name)}</td><td class="right">{row.quantity}</td></tr>'
        for row in rows
    )
    return f'<h2 class="part">{title.to(language)}</h2><table class="rest"><tbody>{cells}</tbody></table>'


def _sums(slip: Slip) -> str:
    """Return what the whole order costs: a parcel has no price of its own."""
    order, language = slip.order, slip.language

    def amount(minor: int) -> str:
        return escape(format_money(minor, order.currency, language))

    rows = "".join(
        f'<tr><td class="sku">{escape(x.sku)}</td><td>{escape(x.name)}</td><td class="right">{x.quantity}</td>'
        f'<td class="right">{amount(x.total)}</td></tr>'
        for x in order.lines
    )
    extras = ((_SHIPPING, order.shipping_price), (_FEE, order.payment_fee), (_DISCOUNT, -order.discount))
    foot = "".join(
        f'<tr{kind}><td colspan="3" class="right">{label.to(language)}</td><td class="right">{amount(minor)}</td></tr>'
        for label, minor, kind in (
            *((label, minor, "") for label, minor in extras if minor),
            (_TOTAL, order.total, ' class="sum"'),
        )
    )
    return (
        f'<h2 class="part">{_PRICES.to(language)}</h2>'
        f'<table class="rest"><tbody>{rows}</tbody><tfoot>{foot}</tfoot></table>'
    )


def _for_staff(notes: Sequence[str], language: str) -> str:
    words = "".join(f"<p>{escape(note)}</p>" for note in notes or (_NO_NOTES.to(language),))
    return f'<div class="staff"><h2>{_NOTES.to(language)}</h2>{words}</div>'


# ── Parts of both ────────────────────────────────────────────────────────────────────────────────


def _table(heads: Sequence[tuple[str, str]], rows: str, again: str) -> str:
    """Return a table whose head comes again on every sheet, with what it belongs to: sheets may come apart."""
    titles = "".join(f'<th class="{kind}">{escape(title)}</th>' for kind, title in heads)
    mark = f'<tr><td class="again" colspan="{len(heads)}">{escape(again)}</td></tr>'
    return f"<table><thead>{mark}<tr>{titles}</tr></thead><tbody>{rows}</tbody></table>"


def _pairs(pairs: Sequence[tuple[Text, str]], language: str) -> str:
    rows = "".join(
        f"<dt>{label.to(language)}</dt><dd>{escape(value)}</dd>" for label, value in pairs if value
    )
    return f"<dl>{rows}</dl>"


def _orders_of(pick: Pick) -> str:
    return " ".join(f"<b>{escape(name)}: {quantity}</b>" for name, quantity in pick.orders)


def _day(moment: datetime, language: str) -> str:
    return format_date(moment, "d MMMM yyyy", locale="sv_SE" if language == "sv" else "en_GB")


_PACKING_SLIP = Text("Packsedel", "Packing slip")
_PACKING_SLIPS = Text("Packsedlar", "Packing slips")
_PICK_LIST = Text("Plocklista", "Pick list")
_ORDER = Text("Order", "Order")
_DELIVERED_TO = Text("Leveransadress", "Delivery address")
_PLACED = Text("Beställd", "Ordered")
_DELIVERY = Text("Leveranssätt", "Delivery")
_PARCEL = Text("Kollinummer", "Parcel number")
_PIECES = Text("Antal varor", "Pieces")
_HERE = Text("I det här paketet", "In this parcel")
_TO_COME = Text("Kommer senare", "Still to come")
_SENT = Text("Redan skickat", "Already sent")
_CANCELLED = Text("Utgår ur ordern", "Taken out of the order")
_SKU = Text("Artikel", "Article")
_NAME = Text("Benämning", "Name")
_NAME_AND_ORDERS = Text("Benämning och ordrar", "Name and orders")
_QUANTITY = Text("Antal", "Quantity")
_PRICES = Text("Hela ordern, inkl. moms", "The whole order, incl. VAT")
_SHIPPING = Text("Frakt", "Shipping")
_FEE = Text("Avgift", "Fee")
_DISCOUNT = Text("Rabatt", "Discount")
_TOTAL = Text("Summa", "Total")
_STAFF = Text("Internt, får inte skickas till kunden", "Internal, must not go to the customer")
_NOTES = Text("Personalens anteckningar", "Staff notes")
_NO_NOTES = Text("Inga anteckningar.", "No notes.")
_PACKED_BY = Text("Packat av", "Packed by")
_PICKED_BY = Text("Plockat av", "Picked by")
_MADE = Text("Utskriven", "Printed")
_ORDERS = Text("Ordrar", "Orders")
_ARTICLES = Text("Artiklar", "Articles")
