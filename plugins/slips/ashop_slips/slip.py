"""A packing slip as data: what is in the parcel, what is still to come, what is not coming.

It lies in the parcel and goes to the customer. So it is made from what the customer may see, and of the
order itself only the quantities that are held, the address and, if asked for, notes on a copy for staff.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ashop_core.errors import NotFound, Problem, Refused
from ashop_core.models import Kind
from ashop_core.texts import Text, same

if TYPE_CHECKING:
    from ashop_core.customer import CustomerOrder
    from ashop_core.models import Edit, Entry, Order
    from ashop_core.shop import Shop


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """So many pieces of one article."""

    sku: str
    name: str
    quantity: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Slip:
    """One packing slip. `order` is the customer's view; `notes` are staff's, None except on their own copy."""

    shop_name: str
    timezone: str
    language: str
    order: CustomerOrder
    country: str
    here: tuple[Row, ...]
    to_come: tuple[Row, ...]
    sent: tuple[Row, ...]
    cancelled: tuple[Row, ...]
    parcel: str = ""
    notes: tuple[str, ...] | None = None


def make_slip(shop: Shop, who: str, *, parcel: int | None = None, internal: bool = False) -> Slip:
    """Return the slip of an order: for what is held, or else for its latest parcel, or for the one asked for.

    `parcel` counts from 1. Raises NotFound where there is no such order, Refused where the customer may not
    know of it or there is nothing to pack.
    """
    order = shop.order(who)
    view = shop.customer_order(order)
    if view is None:
        raise _refused(order, "hidden", _HIDDEN)
    sent = _Pieces({line.position: seen.sent for line, seen in zip(order.lines, view.lines, strict=True)})
    held = {line.position: line.held for line in order.lines if line.held}
    number = ""
    if held and parcel is None:
        here = _Pieces(held)
    else:
        here, number = _in_parcel(order, view, parcel)
        sent = _Pieces({position: count - here.of(position) for position, count in sent.counts.items()})
    history = shop.history(order)
    rest = _Pieces({x.position: x.quantity - sent.of(x.position) - here.of(x.position) for x in order.lines})
    return Slip(
        shop_name=shop.settings.shop.name,
        timezone=shop.settings.shop.timezone,
        language=order.language,
        order=view,
        country=order.customer.country,
        here=here.rows(order),
        to_come=rest.rows(order),
        sent=sent.rows(order),
        cancelled=taken_out(order, history),
        parcel=number,
        notes=tuple(entry.note for entry in history if entry.note) if internal else None,
    )


class _Pieces:
    """Quantities by line position."""

    def __init__(self, counts: dict[int, int]) -> None:
        self.counts = counts

    def of(self, position: int) -> int:
        return self.counts.get(position, 0)

    def rows(self, order: Order) -> tuple[Row, ...]:
        return tuple(
            Row(sku=line.sku, name=line.name, quantity=self.of(line.position))
            for line in order.lines
            if self.of(line.position) > 0
        )


def _in_parcel(order: Order, view: CustomerOrder, wanted: int | None) -> tuple[_Pieces, str]:
    """Return what is in a parcel that was sent, the latest unless one is asked for, and its number."""
    if not view.parcels:
        raise _refused(order, "nothing_to_pack", _NOTHING)
    index = len(view.parcels) if wanted is None else wanted
    if not 1 <= index <= len(view.parcels):
        raise NotFound(_NO_PARCEL.fill(name=order.name, n=index, most=len(view.parcels)))
    parcel = view.parcels[index - 1]
    if not parcel.contents:
        raise _refused(order, "contents_unknown", _UNKNOWN.fill(n=index))
    left = Counter[tuple[str, str]]()
    for goods in parcel.contents:
        left[goods.sku, goods.name] += goods.quantity
    counts = {}
    for line, seen in zip(order.lines, view.lines, strict=True):
        counts[line.position] = min(seen.sent, left[line.sku, line.name])
        left[line.sku, line.name] -= counts[line.position]
    return _Pieces(counts), parcel.number or ""


def taken_out(order: Order, history: Sequence[Entry]) -> tuple[Row, ...]:
    """Return what was ordered and has been taken out of the order since, by cancelling the rest or by a correction.

    What happened before the order was placed is nobody's business.
    """
    seq = next((entry.seq for entry in history if entry.kind in (Kind.PLACED, Kind.IMPORTED)), 0)
    edits = [edit for entry in history if entry.seq > seq for edit in entry.edits]
    fewer, positions = Counter[_Article](), dict[_Article, int]()
    for position, article, count in _quantities(edits, order):
        fewer[article] += count
        positions[article] = position
    return tuple(
        Row(sku=sku, name=name, quantity=fewer[sku, name])
        for sku, name in sorted(positions, key=positions.__getitem__)
        if fewer[sku, name] > 0
    )


_Article = tuple[str, str]
"""SKU and name."""


def _quantities(edits: Sequence[Edit], order: Order) -> Iterator[tuple[int, _Article, int]]:
    """Yield position, article and how many fewer of it, for each line that was corrected.

    From the last correction back to the first: only so is it known what a line was then, since another
    article may have been added in the place of one that was taken away.
    """
    goods = {line.position: (line.sku, line.name) for line in order.lines}
    for edit in reversed(edits):
        match edit.path.split("."):
            case ["line", position, "quantity"]:
                yield int(position), goods[int(position)], edit.before - edit.after
            case ["line", position]:
                for line, sign in ((edit.after, -1), (edit.before, 1)):
                    if line:
                        goods[int(position)] = (line[0], line[1])
                        yield int(position), goods[int(position)], sign * line[2]


def _refused(order: Order, code: str, text: Text) -> Refused:
    return Refused([Problem(code, text)], same(order.name))


_HIDDEN = Text(
    "har ingen packsedel: kunden får inte veta av ordern. En plocklista är för personalen (--pick-list)",
    "has no packing slip: the customer may not know of the order. A pick list is for staff (--pick-list)",
)
_NOTHING = Text(
    "har inget att packa: inget hålls, och inget har skickats",
    "has nothing to pack: nothing is held, and nothing has been sent",
)
_UNKNOWN = Text("ingen har angett vad som ligger i kolli {n}", "nobody has said what is in parcel {n}")
_NO_PARCEL = Text(
    "{name} har inget kolli {n}; de räknas från 1 till {most}",
    "{name} has no parcel {n}; they are counted from 1 to {most}",
)
