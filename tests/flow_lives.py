"""Generated shops, generated lives of orders in them, and what must hold of every order that can be reached.

A shop here is an `ashop.toml` with statuses of its own anywhere in the flows, hidden ones, other stock places,
steps added, other demands of payment and approval. Whatever it is, the rules of the house hold in it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from ashop_core.changes import AmendRequest, LineEdit, ReturnRequest
from ashop_core.doctor import examine_shop
from ashop_core.errors import AshopError, Conflict, Refused, SettingsError
from ashop_core.models import (
    Entry,
    Kind,
    NewLine,
    NewParcel,
    NewPayment,
    Order,
    PaymentKind,
    Place,
    Status,
)
from ashop_core.shop import Shop
from ashop_core.testing import FixedClock, some_customer, write_shop
from ashop_stock_control import stock
from tests.shops import write_paper_shop

OWN = ("alfa", "beta", "gamma")
SECRET = "HEMLIGT"
"""Stands in the label of every hidden status: nothing that a customer sees may hold it."""
SKUS = ("LAMPA", "LED", "SLADD")
ON_HAND = 1_000
ROOTS = ("received", "reviewed", "partly_shipped", "shipped", "ready_for_pickup", "delivered")
ENDS = ("reviewed", "shipped", "ready_for_pickup", "picked_up", "delivered", "cancelled", "returned")
PLACES = (
    ("open", "held"), ("open", "held"), ("open", "gone"), ("open", "free"), ("done", "gone"), ("done", "held"),
    ("void", "free"),
)  # fmt: skip
"""Stage and stock of a status of the shop's own."""


# ── Shops ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class OwnStatus:
    """A status of the shop's own, as it is written."""

    code: str
    hidden: bool
    place: tuple[str, str]
    after: tuple[str, ...]
    before: tuple[str, ...]
    must_be_paid: bool
    must_be_approved: bool
    reason_required: bool

    def toml(self) -> str:
        label = f"{SECRET} {self.code}" if self.hidden else self.code.title()
        shown = "" if self.hidden else f'customer_label = "{self.code.title()}"\n'
        names = ("must_be_paid", "must_be_approved", "reason_required")
        truths = "".join(f"{name} = {str(getattr(self, name)).lower()}\n" for name in names)
        truths += "" if self.before else "final = true\n"
        stage, place = self.place
        return (
            f'[statuses.{self.code}]\nlabel = "{label}"\n{shown}stage = "{stage}"\nstock = "{place}"\n'
            f"after = {_list(self.after)}\nbefore = {_list(self.before)}\n{truths}\n"
        )


def _list(codes: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{code}"' for code in codes) + "]"


def own_status(code: str, known: tuple[str, ...]) -> st.SearchStrategy[OwnStatus]:
    """Draw a status that leads on or is final, so that most shops are sound; `known` are the shop's own."""
    roots = [*ROOTS, *(other for other in known if other != code)]
    ends = [*ENDS, *(other for other in known if other != code)]
    return st.builds(
        OwnStatus,
        code=st.just(code),
        hidden=st.booleans(),
        place=st.sampled_from(PLACES),
        after=st.lists(st.sampled_from(roots), min_size=1, max_size=2, unique=True).map(tuple),
        before=st.lists(st.sampled_from(ends), max_size=2, unique=True).map(tuple),
        must_be_paid=st.booleans(),
        must_be_approved=st.booleans(),
        reason_required=st.booleans(),
    )


@st.composite
def shops(draw: st.DrawFn) -> str:
    """Draw the settings of a shop: not all of them are sound."""
    codes = OWN[: draw(st.integers(0, len(OWN)))]
    own = [draw(own_status(code, codes)) for code in codes]
    tables = [status.toml() for status in own]
    for code in draw(st.lists(st.sampled_from(["reviewed", "received", "delivered"]), max_size=1)):
        # A shop that hides a step, or takes the goods elsewhere.
        stock_place = draw(st.sampled_from(["held", "free" if code != "delivered" else "gone"]))
        tables.append(
            f'[statuses.{code}]\nlabel = "{SECRET} {code}"\nhidden = true\nnotify = []\nstock = "{stock_place}"\n'
        )
    if draw(st.booleans()):
        tables.append('[statuses.awaiting_payment]\nstock = "held"\n')
    steps = draw(st.lists(st.tuples(st.sampled_from(ROOTS), st.sampled_from(ENDS)), max_size=2))
    for source, target in steps:
        if source != target:
            tables.append(f'[[transitions]]\nfrom = "{source}"\nto = "{target}"\n')
    for method in ("card", "invoice"):
        truths = [
            f"{name} = {str(draw(st.booleans())).lower()}"
            for name in ("pays_first", "needs_approval", "paid_before_shipping")
        ]
        tables.append(
            f"[payment.{method}]\nfee = {draw(st.sampled_from([0, 2900]))}\n" + "\n".join(truths) + "\n"
        )
    for method in ("post", "pickup"):
        tables.append(f"[delivery.{method}]\nprice = {draw(st.sampled_from([0, 4900]))}\n")
    return "\n".join(tables)


@contextmanager
def open_shop(folder: Path, toml: str) -> Iterator[Shop]:
    """Open a shop with these settings in a folder that may have one already."""
    plugins = folder / "plugins/paper.py"
    write_shop(
        folder, "local:paper", "stock_control", toml=toml, files={"plugins/paper.py": plugins.read_text()}
    )
    with Shop.open(folder, clock=FixedClock(), synchronous="OFF") as shop:
        yield shop


def make_template(folder: Path) -> Path:
    """Make a shop in which nothing has happened yet: its database is copied, so that tables are made once."""
    write_paper_shop(folder)
    with open_shop(folder, "") as shop:
        for sku in SKUS:
            stock.add_item(shop, sku, sku, balance=ON_HAND)
    return folder


# ── Lives ────────────────────────────────────────────────────────────────────────────────────────

Deed = Callable[[Shop, Order, int], object]


def _go_on(shop: Shop, order: Order, n: int) -> object:
    """Take a step that the flow has."""
    steps = shop.flows.next_statuses(order)
    if not steps:
        return None
    status = steps[n % len(steps)]
    parcel = NewParcel(number="0037", contents={1: 1}) if status.stock is None else None
    return shop.change_status(order, status.code, parcel=parcel, reason="därför")


def _go_anywhere(shop: Shop, order: Order, n: int) -> object:
    codes = list(shop.flows.statuses)
    return shop.change_status(order, codes[n % len(codes)], reason="därför")


def _pay(kind: PaymentKind, share: int) -> Deed:
    def pay(shop: Shop, order: Order, n: int) -> object:
        return shop.add_payment(order, NewPayment(kind=kind, amount=order.total * share // 2))

    return pay


def _change_quantity(shop: Shop, order: Order, n: int) -> object:
    line = order.lines[n % len(order.lines)]
    edit = LineEdit(position=line.position, quantity=n % 5, unit_price=(None, 0, 700)[n % 3])
    return shop.amend(order, AmendRequest(lines=(edit,)))


def _add_line(shop: Shop, order: Order, n: int) -> object:
    new = NewLine(sku=SKUS[n % len(SKUS)], name="", quantity=1 + n % 3, unit_price=500, discount=n % 100)
    return shop.amend(order, AmendRequest(add=(new,)))


def _discount(shop: Shop, order: Order, n: int) -> object:
    return shop.amend(order, AmendRequest(discount=(0, 1, 900, 10**7)[n % 4]))


def _return(shop: Shop, order: Order, n: int) -> object:
    away = {line.position: line.away for line in order.lines if line.away}
    some = {position: 1 + n % quantity for position, quantity in away.items()}
    request = (
        ReturnRequest(restocked=away), ReturnRequest(restocked=some), ReturnRequest(written_off=some),
        ReturnRequest(restocked=some, refund=100),
    )[n % 4]  # fmt: skip
    return shop.take_back(order, request)


def _add_parcel(shop: Shop, order: Order, n: int) -> object:
    return shop.add_parcel(order, NewParcel(number="0038", contents={1 + n % 2: 1} if n % 3 else {}))


DEEDS: tuple[tuple[int, Deed], ...] = (
    (10, _go_on),
    (2, _go_anywhere),
    (2, _change_quantity),
    (1, _add_line),
    (1, _discount),
    (5, _return),
    (3, _add_parcel),
    (2, _pay(PaymentKind.PAID, 2)),
    (1, _pay(PaymentKind.PAID, 1)),
    (1, _pay(PaymentKind.REFUNDED, 1)),
    (1, _pay(PaymentKind.FAILED, 0)),
    (2, lambda shop, order, n: shop.approve(order, withdraw=n % 3 == 0)),
    (1, lambda shop, order, n: shop.cancel(order, "ångrade sig")),
    (3, lambda shop, order, n: shop.undo(order)),
    (1, lambda shop, order, n: shop.add_note(order, "ringde")),
    (1, lambda shop, order, n: shop.deliver()),
)
"""What may be done to an order, and how often."""
OFTEN = [number for number, (times, _) in enumerate(DEEDS) for _ in range(times)]

lives = st.lists(st.tuples(st.sampled_from(OFTEN), st.integers(0, 400)), min_size=20, max_size=30)


def begin(shop: Shop, delivery: str, method: str, *, ready: bool) -> Order:
    """Take an order as far through the checkout as it comes; if `ready`, with nothing in the way of shipping it."""
    lines = [NewLine(sku=sku, name="", quantity=n + 2, unit_price=9900) for n, sku in enumerate(SKUS[:2])]
    order = shop.start_order(lines, checkout_key="k", delivery=delivery, payment_method=method, discount=100)
    shop.give_details(order, customer=some_customer())
    if ready:
        shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=shop.order(order).total))
    for step in (shop.place, shop.approve) if ready else (shop.place,):
        try:
            step(order)
        except Refused:
            continue
    return shop.order(order)


def live(
    shop: Shop, order: Order, life: list[tuple[int, int]], look: Callable[[Shop, Order], None]
) -> Counter[Kind]:
    """Do to an order what the life says, and look at it after each change; return which kinds were made."""
    made = Counter[Kind]()
    for deed, n in life:
        before = shop.order(order)
        try:
            DEEDS[deed][1](shop, before, n)
        except (Refused, Conflict):
            assert shop.order(order) == before
        after = shop.order(order)
        if after != before:
            look(shop, after)
            made.update(entry.kind for entry in shop.history(after)[before.version :])
    return made


# ── What must hold ───────────────────────────────────────────────────────────────────────────────


def look_at(shop: Shop, order: Order) -> None:
    """Assert all that must hold of an order, whatever the shop and whatever was done to it."""
    entries = shop.history(order)
    one_row_for_each_change(order, entries)
    along_the_graph(shop, order, entries)
    money_adds_up(shop, order)
    goods_are_somewhere(shop, order)
    hidden_is_hidden(shop, order, entries)
    assert [str(finding.text) for finding in examine_shop(shop) if finding.serious] == []


def one_row_for_each_change(order: Order, entries: list[Entry]) -> None:  # O1
    assert [entry.seq for entry in entries] == list(range(1, order.version + 1))
    assert [entry.from_status for entry in entries] == [None, *(entry.to_status for entry in entries[:-1])]
    assert entries[-1].to_status == order.status


def along_the_graph(shop: Shop, order: Order, entries: list[Entry]) -> None:  # O2
    flow = shop.flows.flow_of(order.delivery)
    for entry in entries[1:]:
        source, target = entry.from_status or "", entry.to_status
        if entry.kind is Kind.UNDO:
            undone = entries[(entry.undoes or 0) - 1]
            assert (undone.to_status, undone.from_status) == (source, target)
            between = entries[undone.seq : entry.seq - 1]
            assert {e.kind for e in between} <= {Kind.NOTE, Kind.PAYMENT, Kind.REMINDER}
        else:
            assert (
                target == source or entry.kind is Kind.MIGRATED or target in shop.flows.targets(flow, source)
            )


def money_adds_up(shop: Shop, order: Order) -> None:  # O5
    lines = sum(line.quantity * line.unit_price - line.discount for line in order.lines)
    assert order.total == lines + order.shipping_price + order.payment_fee - order.discount >= 0
    sums = Counter[PaymentKind]()
    for entry in shop.payments(order):
        sums[entry.kind] += entry.amount
    assert (order.paid, order.refunded) == (sums[PaymentKind.PAID], sums[PaymentKind.REFUNDED])
    assert order.refunded <= order.paid


def goods_are_somewhere(shop: Shop, order: Order) -> None:
    held, gone = Counter[str](), Counter[str]()
    place = shop.flows.status(order.status).stock
    for line in order.lines:
        assert min(line.held, line.gone, line.free, line.away, line.restocked, line.written_off) >= 0
        assert line.held + line.gone + line.free == line.quantity
        assert line.restocked <= line.free
        left = line.quantity - line.returned  # what came back stands where it was put
        if place is not None:
            assert (line.held, line.away) == (left * (place is Place.HELD), left * (place is Place.GONE))
        held[line.sku] += line.held
        gone[line.sku] += line.gone
    for sku in SKUS:
        item = stock.item(shop, sku)
        assert (item.held, item.on_hand) == (held[sku], ON_HAND - gone[sku])


def hidden_is_hidden(shop: Shop, order: Order, entries: list[Entry]) -> None:  # V1
    view = shop.customer_order(order)
    shown = last_shown(shop, entries)
    if order.placed_at is None or shown is None:
        assert view is None
    else:
        assert view is not None
        assert view.status == shown.customer_label
        assert SECRET not in str(view)
    for message in shop.messages(order):
        assert shop.flows.status(entries[message.seq - 1].to_status).visible
        assert SECRET not in str(message.rendered)


def last_shown(shop: Shop, entries: list[Entry]) -> Status | None:
    """Return the last visible status that the order came to, those that were undone left out."""
    came_to: dict[int, str] = {}
    for entry in entries:
        if entry.undoes is not None:
            came_to.pop(entry.undoes, None)
        elif entry.from_status != entry.to_status:
            came_to[entry.seq] = entry.to_status
    shown = [shop.flows.status(code) for code in came_to.values()]
    return next((status for status in reversed(shown) if status.visible), None)


# ── All together ────────────────────────────────────────────────────────────────────────────────────


def try_shop(
    template: Path, toml: str, delivery: str, method: str, ready: bool, life: list[tuple[int, int]]
) -> Counter[Kind]:
    """Let an order live in a shop, then take the shop's own statuses away and look at it again."""
    with tempfile.TemporaryDirectory(prefix="ashop-flows-") as name:
        folder = Path(name)
        shutil.copytree(template, folder, dirs_exist_ok=True)
        try:
            with open_shop(folder, toml) as shop:
                order = begin(shop, delivery, method, ready=ready)
                look_at(shop, order)
                made = Counter({Kind.PLACED: int(order.placed_at is not None)})
                made += live(shop, order, life, look_at)
        except SettingsError:
            return Counter()
        with open_shop(folder, "") as shop:
            forgotten_is_hidden(shop, shop.order(order.reference))
    return made


def forgotten_is_hidden(shop: Shop, order: Order) -> None:  # V4
    """A status that the settings no longer know is hidden, and an order comes out of it by a migration alone."""
    entries = shop.history(order)
    hidden_is_hidden(shop, order, entries)
    if order.status in shop.flows.statuses:
        return
    assert not shop.flows.status(order.status).visible
    with pytest.raises(Refused):
        shop.change_status(order, "reviewed", reason="därför")

    for code in ("cancelled", "reviewed", "shipped"):
        (migrated,) = shop.migrate_status(order.status, code, dry_run=True)
        if migrated.error is None:
            list(shop.migrate_status(order.status, code))
            moved = shop.order(order)
            assert moved.status == code
            goods_are_somewhere(shop, moved)
            one_row_for_each_change(moved, shop.history(moved))
            return


def run(template: Path, first_seed: int, examples: int, *, shrink: bool = True) -> tuple[Counter[Kind], int]:
    """Try so many shops; return which kinds of change were made, and how many of the shops were sound."""
    made, sound = Counter[Kind](), 0

    @seed(first_seed)
    @settings(
        max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
    )  # fmt: skip
    @given(
        shops(),
        st.sampled_from(["post", "pickup"]),
        st.sampled_from(["card", "invoice"]),
        st.booleans(),
        lives,
    )
    def in_any_shop(toml: str, delivery: str, method: str, ready: bool, life: list[tuple[int, int]]) -> None:
        nonlocal sound
        kinds = try_shop(template, toml, delivery, method, ready, life)
        made.update(kinds)
        sound += bool(kinds)

    in_any_shop()
    return made, sound


EVERY_KIND = {
    Kind.PLACED, Kind.STATUS, Kind.LINES, Kind.PARCEL, Kind.RETURN, Kind.APPROVAL, Kind.PAYMENT, Kind.NOTE, Kind.UNDO,
}  # fmt: skip
"""What an order's life is made of here."""


def finds_a_fault(template: Path, first_seed: int, examples: int) -> bool:
    """Tell whether so many shops bring something to light."""
    try:
        run(template, first_seed, examples, shrink=False)
    except (AssertionError, AshopError, pytest.fail.Exception, ExceptionGroup):
        return True
    return False
