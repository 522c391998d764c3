"""A whole order desk beside the model of it: every use case as a rule, and what must hold after each of them."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Mapping
from copy import deepcopy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ashop_core.changes import AmendRequest, LineEdit, ReturnRequest, StatusRequest
from ashop_core.doctor import examine_shop
from ashop_core.errors import AshopError, Conflict, InvalidInput, Refused
from ashop_core.models import (
    Customer,
    FollowUp,
    ImportedOrder,
    Kind,
    NewLine,
    NewParcel,
    NewPayment,
    Order,
    PaymentKind,
)
from ashop_core.shop import Shop
from ashop_core.testing import FixedClock, some_customer, write_shop
from ashop_stock_control import stock
from ashop_stock_control.policies import Policy
from tests.order_model import (
    CHECKOUT,
    DELIVERIES,
    FEE,
    GONE,
    HELD,
    LETTER_KEEPS,
    PARTIAL,
    PLACED,
    SHIPPING,
    STATUSES,
    VOID,
    Goods,
    Standing,
    Twin,
)
from tests.order_shelf import OPEN, SCARCE, SKUS, lacking, new_shelves, recounted, wanted
from tests.order_shelf import RULES as STOCK_RULES
from tests.shops import write_paper_shop

AUTHORISED, PAID, FAILED, REFUNDED = PaymentKind
ZONE = ZoneInfo("Europe/Stockholm")
TOML = (
    """
[delivery.post]
price = 4900

[payment.invoice]
fee = 2900

[statuses.partly_shipped]
notify = ["email"]

[statuses.cancelled]
notify = ["email"]

[statuses.checked]
label = "Kontrollerad"
after = ["reviewed"]
before = ["shipped", "cancelled"]
flows = ["post"]
"""
    + STOCK_RULES
)

FIRED: Counter[str] = Counter()
"""How often each rule made what it is there for, and was not only refused."""
RULES: set[str] = {
    "a stock rule fires",
    "a take is refused",
    "a placement is refused",
    "more is sold than there is",
    "an item is counted for the first time while orders hold it",
}


def deed(*conditions: Callable[[OrderDesk], bool], **strategies: Any) -> Any:
    """A rule that counts how often it made a change; it waits for an order to do it to."""

    def mark(function: Callable[..., None]) -> Any:
        RULES.add(function.__name__)

        @functools.wraps(function)
        def counted(desk: OrderDesk, **given: Any) -> None:
            made = desk.made
            function(desk, **given)
            FIRED[function.__name__] += desk.made > made

        marked = rule(**strategies)(counted)
        for condition in conditions:
            marked = precondition(condition)(marked)
        return marked

    return mark


def some(where: Callable[[Twin], bool]) -> Callable[[OrderDesk], bool]:
    """A condition: there is an order like that."""
    return lambda desk: any(where(twin) for twin in desk.twins.values())


def placed(twin: Twin) -> bool:
    return twin.placed


def in_checkout(twin: Twin) -> bool:
    return twin.in_checkout


def can_come_to(*targets: str) -> Callable[[Twin], bool]:
    """An order whose flow has one of these next, whatever else may stand against it."""
    return lambda twin: bool(twin.next() & {*targets})


numbers = st.integers(0, 999)
"""Which of the orders; small ones are of those that it suits, so that orders come somewhere."""
quantities = st.lists(st.integers(1, 3), min_size=1, max_size=3)
shelves = st.sampled_from([0, 0, *range(2, len(SKUS))])
"""Where a basket begins to be filled."""
FIRST = {"post": 0, "pickup": SKUS.index("STRICT"), "installation": SKUS.index("MARGIN")}
scarce = st.sampled_from(SCARCE)
prices = st.sampled_from([0, 1, 9900])
statuses = st.sampled_from(STATUSES)
reasons = st.sampled_from(["", "ångrade sig"])
parcel_contents = st.dictionaries(st.integers(1, 3), st.integers(0, 3), max_size=2)
PEOPLE = {
    "Åsa": some_customer(),
    "Bo": some_customer(name="Bo", email="bo@example.se", phone="070 1"),
    "moved": some_customer(street="Lugna gatan 3"),
    "without e-mail": some_customer(email=""),
}
people = st.sampled_from([*PEOPLE])


def write_desk(folder: Path) -> None:
    """Write a shop with every use case in it: paper letters that wait a while, stock, installations."""
    write_paper_shop(folder)
    paper = (folder / "plugins/paper.py").read_text(encoding="utf-8")
    write_shop(
        folder, "local:paper", "stock_control", "installation_booking", toml=TOML,
        files={"plugins/paper.py": paper},
    )  # fmt: skip
    settings = folder / "ashop.toml"
    words = settings.read_text(encoding="utf-8")
    settings.write_text(words.replace("[shop]", "[shop]\nmessage_delay_seconds = 120", 1), encoding="utf-8")


@functools.cache
def _template() -> Path:
    """Return the folder of a shop that nothing has happened in, made once."""
    folder = Path(tempfile.mkdtemp(prefix="ashop-model-"))
    atexit.register(shutil.rmtree, folder)
    write_desk(folder)
    with Shop.open(folder, clock=FixedClock(), synchronous="OFF") as shop:
        for sku, shelf in new_shelves().items():
            policy = None if shelf.oversell == OPEN else Policy(shelf.oversell)
            stock.add_item(
                shop, sku, sku, balance=shelf.put, policy=policy, margin=shelf.margin or None, low=shelf.low
            )
    return folder


def is_somebody(customer: Customer) -> bool:
    """Tell whether this says who it is."""
    return bool(customer.name or customer.email or customer.phone)


class OrderDesk(RuleBasedStateMachine):
    """Requests in any order, from the basket to the return, against the model."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="ashop-model-"))
        shutil.copytree(_template(), self.folder, dirs_exist_ok=True)
        self.clock = FixedClock()
        self.shop = Shop.open(self.folder, clock=self.clock, synchronous="OFF")
        self.twins: dict[str, Twin] = {}
        self.keys: dict[str, tuple[Twin, tuple[Any, ...]]] = {}
        self.changed: set[str] = set()
        self.shelves = new_shelves()
        self.made = 0

    def teardown(self) -> None:
        self.shop.close()
        shutil.rmtree(self.folder)

    # The checkout

    @initialize(
        method=st.sampled_from(["card", "invoice"]),
        post=st.sampled_from([["reviewed"], *[["reviewed", PARTIAL]] * 2, ["reviewed", "shipped"], []]),
        pickup=st.sampled_from([["reviewed"], ["reviewed", "ready_for_pickup"]]),
        installation=st.sampled_from([["reviewed"], ["reviewed", "delivery_booked"]]),
    )
    def open_the_shop(self, method: str, **ways: list[str]) -> None:
        """Begin with an order of each delivery method, some way along, so that the far ends are visited too."""
        for delivery, way in ways.items():
            self.start(f"the first by {delivery}", delivery, method, [2, 2], 9900, 0, FIRST[delivery])
            twin = list(self.twins.values())[-1]
            self.fill_in(twin, some_customer())
            if method == "card":
                self.record_payment(twin, PAID, twin.total)
            self.go(twin, "received", functools.partial(self.shop.place, twin.reference))
            if method == "invoice" and (len(way) > 1 or delivery == "post"):
                self.approve_it(twin)
            for status in way:
                self.lead_on(twin, status)

    def lead_on(self, twin: Twin, status: str) -> None:
        if status == "delivery_booked":
            self.book_for(twin, 2)
        elif status == "ready_for_pickup":
            self.put_ready(twin, None)
        else:
            self.move(twin, status, contents={1: 1} if status == PARTIAL else None)

    @deed(
        key=st.sampled_from("abcd"),
        delivery=st.sampled_from(DELIVERIES),
        method=st.sampled_from(["card", "invoice"]),
        quantities=quantities,
        price=prices,
        discount=st.sampled_from([0, 0, 1, 5000]),
        shelf=shelves,
    )
    def begin(self, **given: Any) -> None:
        self.start(**given)

    def start(
        self, key: str, delivery: str, method: str, quantities: list[int], price: int, discount: int,
        shelf: int = 0,
    ) -> None:  # fmt: skip
        whole = sum(quantities) * price + SHIPPING[delivery] + FEE[method]
        body = (delivery, method, tuple(quantities), price, discount := min(discount, whole), shelf)
        skus = (SKUS * 2)[shelf:]
        lines = [
            NewLine(sku=skus[n], name="", quantity=q, unit_price=price) for n, q in enumerate(quantities)
        ]

        def call() -> Order:
            return self.shop.start_order(
                lines, checkout_key=key, delivery=delivery, payment_method=method, discount=discount
            )

        if key in self.keys:
            twin, begun = self.keys[key]
            if body == begun:
                assert call().reference == twin.reference
            else:
                with pytest.raises(Conflict):
                    call()
            return
        goods = {n: Goods(skus[n - 1], q, price) for n, q in enumerate(quantities, 1)}
        now = Standing("started", goods, discount=discount)
        twin = Twin(call().reference, delivery, method, now, self.clock.now, key)
        self.take_in(twin, Kind.CREATED, self.clock.now)
        self.keys[key] = twin, body

    def take_in(self, twin: Twin, kind: Kind, at: datetime) -> None:
        self.twins[twin.reference] = twin
        with twin.change(kind, at, tells=False):
            self.touch(twin)

    @deed(shelf=st.integers(SKUS.index(SCARCE[0]), len(SKUS) - 1), quantities=quantities)
    def buy(self, shelf: int, quantities: list[int]) -> None:
        """From the basket to the placed order, or not, of what there is little of."""
        self.start(f"bought {len(self.twins)}", "post", "invoice", quantities, 9900, 0, shelf)
        twin = list(self.twins.values())[-1]
        self.fill_in(twin, some_customer())
        made = self.made
        self.go(twin, "received", lambda: self.shop.place(twin.reference))
        FIRED["a placement is refused"] += self.made == made

    @deed(
        some(in_checkout), n=numbers, who=people,
        delivery=st.sampled_from([None, *DELIVERIES]), method=st.sampled_from([None, "card"]),
    )  # fmt: skip
    def give_details(self, n: int, who: str, delivery: str | None, method: str | None) -> None:
        self.fill_in(self.one(n, in_checkout), PEOPLE[who], delivery, method)

    @deed(some(lambda t: t.status == "abandoned"), n=numbers)
    def resume(self, n: int) -> None:
        self.fill_in(self.one(n, lambda t: t.status == "abandoned"), some_customer())

    def fill_in(
        self, twin: Twin, customer: Customer, delivery: str | None = None, method: str | None = None
    ) -> None:
        chosen = delivery or twin.delivery, method or twin.method

        def call() -> Any:
            return self.shop.give_details(
                twin.reference, customer=customer, delivery=delivery, payment_method=method
            )

        codes = set()
        if not twin.in_checkout:
            codes.add("not_in_checkout")
        elif twin.status != "details_given" and "details_given" not in twin.next():
            codes.add("not_in_flow")
        same = (twin.now.customer, twin.delivery, twin.method) == (customer, *chosen)
        if twin.status == "details_given" and same:
            assert call().unchanged
            return
        if Twin.total_with(twin.lines, *chosen, twin.now.discount) < 0:
            codes.add("discount_too_large")
        if self.goes(codes, call, twin):
            with twin.change(Kind.DETAILS, self.clock.now) as now:
                twin.recount()
                now.status, now.customer = "details_given", customer
                twin.delivery, twin.method = chosen

    @deed(some(can_come_to("awaiting_payment")), n=numbers)
    def await_payment(self, n: int) -> None:
        twin = self.one(n, can_come_to("awaiting_payment"))
        if twin.status == "awaiting_payment":
            assert self.shop.await_payment(twin.reference).unchanged
        else:
            self.go(twin, "awaiting_payment", lambda: self.shop.await_payment(twin.reference))

    @deed(some(in_checkout), n=numbers)
    def place(self, n: int) -> None:
        twin = self.one(n, can_come_to("received"))
        if twin.placed:
            assert self.shop.place(twin.reference).unchanged
        else:
            self.go(twin, "received", lambda: self.shop.place(twin.reference))

    @deed(some(placed), n=numbers)
    def place_again(self, n: int) -> None:
        twin = self.one(n, placed)
        if twin.placed:
            assert self.shop.place(twin.reference).unchanged
            self.made += 1

    @deed(some(in_checkout), n=numbers)
    def abandon(self, n: int) -> None:
        twin = self.one(n, can_come_to("abandoned"))
        if twin.status == "abandoned":
            assert self.shop.abandon(twin.reference).unchanged
        else:
            self.go(twin, "abandoned", lambda: self.shop.abandon(twin.reference))

    @deed(
        some(in_checkout),
        n=numbers,
        outcome=st.sampled_from(list(FollowUp)),
        note=st.sampled_from(["", "ringde"]),
    )
    def follow_up(self, n: int, outcome: FollowUp, note: str) -> None:
        twin = self.one(n, in_checkout)

        def call() -> Any:
            return self.shop.follow_up(twin.reference, outcome, note=note)

        if twin.follow_up == outcome and not note:
            assert call().unchanged
        elif self.goes(set() if twin.in_checkout else {"not_in_checkout"}, call, twin):
            twin.follow_up = outcome
            with twin.change(Kind.FOLLOW_UP, self.clock.now):
                pass

    @deed(some(in_checkout), n=numbers)
    def anonymise(self, n: int) -> None:
        twin = self.one(n, in_checkout)
        codes = {"placed"} if twin.placed else set()
        if self.goes(codes, lambda: self.shop.anonymise(twin.reference), twin):
            self.forget(twin)

    def forget(self, twin: Twin) -> None:
        with twin.change(Kind.ANONYMISED, self.clock.now) as now:
            now.customer = Customer()
            self.keys.pop(twin.key, None)
            twin.key = ""

    # Timed jobs

    @deed(hours=st.sampled_from([0, 24]))
    def abandon_stale(self, hours: int) -> None:
        limit = self.clock.advance(hours=hours) - timedelta(hours=24)
        stale = [
            t for t in self.twins.values()
            if t.in_checkout and t.status != "abandoned" and t.touched <= limit
        ]  # fmt: skip
        assert self.shop.abandon_stale() == len(stale)

        for twin in stale:
            self.touch(twin)
            twin.enter("abandoned", self.clock.now)

    @deed(days=st.sampled_from([0, 30]))
    def anonymise_old(self, days: int) -> None:
        limit = self.clock.advance(days=days) - timedelta(days=30)
        old = [
            t for t in self.twins.values()
            if t.in_checkout and (t.key or is_somebody(t.now.customer)) and t.touched <= limit
        ]  # fmt: skip
        assert self.shop.anonymise_old() == len(old)

        for twin in old:
            self.touch(twin)
            self.forget(twin)

    @deed(hours=st.sampled_from([0, 11 * 24, 12]))
    def remind_due(self, hours: int) -> None:
        self.clock.advance(hours=hours)
        local = self.clock.now.astimezone(ZONE)
        last = local.date() + timedelta(days=3)
        due = [
            t for t in self.twins.values()
            if t.now.deadline and local.date() <= t.now.deadline <= last
            and t.status == "ready_for_pickup" and t.status not in t.reminded and 9 <= local.hour < 19
        ]  # fmt: skip
        assert self.shop.remind_due() == len(due)

        for twin in due:
            self.touch(twin)
            twin.reminded.add(twin.status)
            with twin.change(Kind.REMINDER, self.clock.now, tells=True):
                pass

    @deed(by=st.sampled_from([{"seconds": 90}, {"minutes": 20}, {"hours": 2}, {"hours": 25}]))
    def time_passes(self, by: dict[str, float]) -> None:
        self.clock.advance(**by)
        self.made += 1

    @deed()
    def restart(self) -> None:
        self.shop.close()
        self.shop = Shop.open(self.folder, clock=self.clock, synchronous="OFF")
        self.made += 1

    # Status by status

    @deed(some(can_come_to("reviewed")), n=numbers)
    def review(self, n: int) -> None:
        self.to("reviewed", n)

    @deed(some(can_come_to("checked")), n=numbers)
    def check_behind_the_scenes(self, n: int) -> None:
        self.to("checked", n)

    @deed(some(can_come_to("ready_for_pickup")), n=numbers, days=st.sampled_from([None, 2]))
    def put_ready_for_pickup(self, n: int, days: int | None) -> None:
        twin = self.one(n, can_come_to("ready_for_pickup"))
        if twin.status != "ready_for_pickup":
            self.put_ready(twin, days)

    def put_ready(self, twin: Twin, days: int | None) -> None:
        last = self.clock.now.astimezone(ZONE).date() + timedelta(days=14 if days is None else days)
        fields = {} if days is None else {"collect_by": last.isoformat()}
        self.go(
            twin, "ready_for_pickup",
            lambda: self.shop.change_status(twin.reference, "ready_for_pickup", fields=fields), deadline=last,
        )  # fmt: skip

    @deed(some(can_come_to("shipped")), n=numbers, number=st.sampled_from([None, "", "0037"]))
    def ship(self, n: int, number: str | None) -> None:
        self.to("shipped", n, number=number)

    @deed(some(can_come_to("picked_up")), n=numbers)
    def hand_over(self, n: int) -> None:
        self.to("picked_up", n)

    @deed(some(can_come_to("installed")), n=numbers)
    def install(self, n: int) -> None:
        self.to("installed", n)

    @deed(some(can_come_to("delivered")), n=numbers)
    def bring_home(self, n: int) -> None:
        self.to("delivered", n)

    @deed(some(can_come_to("delivery_booked")), n=numbers, days=st.integers(1, 3))
    def book(self, n: int, days: int) -> None:
        twin = self.one(n, can_come_to("delivery_booked"))
        if twin.status != "delivery_booked":
            self.book_for(twin, days)

    def book_for(self, twin: Twin, days: int) -> None:
        time, stored = self.visit(days)
        self.go(twin, "delivery_booked", lambda: self.set_time(twin, time), booked=stored)

    @deed(some(lambda t: t.status == "delivery_booked"), n=numbers, days=st.integers(1, 3))
    def move_booking(self, n: int, days: int) -> None:
        twin = self.one(n, lambda t: t.status == "delivery_booked")
        time, stored = self.visit(days)
        if twin.status == "delivery_booked":
            if twin.now.booking == (stored, "booked"):
                assert self.set_time(twin, time).unchanged
            elif self.goes(set(), lambda: self.set_time(twin, time), twin):
                with twin.change(Kind.STATUS, self.clock.now, tells=False) as now:
                    now.booking = stored, "booked"

    def visit(self, days: int) -> tuple[str, str]:
        """Return one in the afternoon some days from now, as people write it and as it is stored."""
        day = self.clock.now.astimezone(ZONE).date() + timedelta(days=days)
        time = datetime(day.year, day.month, day.day, 13, tzinfo=ZONE)
        return f"{time:%Y-%m-%d %H:%M}", f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"

    def set_time(self, twin: Twin, time: str) -> Any:
        return self.shop.change_status(twin.reference, "delivery_booked", fields={"booked_time": time})

    @deed(some(placed), n=numbers, to=statuses, reason=reasons, contents=parcel_contents)
    def change_status(self, n: int, to: str, reason: str, contents: dict[int, int]) -> None:
        """Any status at all, mostly one that is refused."""
        twin = self.one(n, can_come_to(to))
        if to not in ("delivery_booked", twin.status):
            self.to(to, n, reason=reason, contents=contents)
        elif to == twin.status and not contents:
            assert self.shop.change_status(twin.reference, to).unchanged

    def to(self, target: str, n: int, **more: Any) -> None:
        twin = self.one(n, can_come_to(target))
        if twin.status != target:
            self.move(twin, target, **more)

    def move(
        self, twin: Twin, target: str, *, reason: str = "", number: str | None = None,
        contents: dict[int, int] | None = None,
    ) -> None:  # fmt: skip
        parcel = NewParcel(number=number, contents=contents or {}) if number is not None or contents else None
        last = self.clock.now.astimezone(ZONE).date() + timedelta(days=14)

        def call() -> Any:
            return self.shop.change_status(twin.reference, target, parcel=parcel, reason=reason)

        codes = twin.against(target, reason=reason, number=number or "", contents=contents)
        codes |= self.lacking_at(twin, target, contents)
        if self.goes(codes, call, twin):
            twin.enter(
                target, self.clock.now, contents=contents, parcel=None if parcel is None else number or "",
                deadline=last if target == "ready_for_pickup" else None,
            )  # fmt: skip

    @deed(some(placed), n=numbers, to=statuses)
    def preview(self, n: int, to: str) -> None:
        twin = self.one(n, can_come_to(to))
        before = self.shop.order(twin.reference)

        outcome = self.shop.preview(twin.reference, StatusRequest(to=to, reason="x"))

        assert self.shop.order(twin.reference) == before
        if to != twin.status:
            assert {p.code for p in outcome.problems} == twin.against(to, reason="x") | self.lacking_at(
                twin, to
            )
        self.made += 1

    @deed(some(placed), n=numbers, back=st.integers(1, 3))
    def change_an_older_version(self, n: int, back: int) -> None:
        twin = self.one(n, placed)
        with pytest.raises(Conflict):
            self.shop.change_status(twin.reference, "reviewed", expected_version=len(twin.steps) - back)
        self.made += 1

    # Parcels

    @deed(some(can_come_to(PARTIAL)), n=numbers, contents=st.sampled_from([{1: 1}, {2: 1}, {1: 1, 2: 1}]))
    def ship_part(self, n: int, contents: dict[int, int]) -> None:
        self.to(PARTIAL, n, number="0037", contents=contents)

    @deed(some(lambda t: t.status == PARTIAL), n=numbers, contents=st.sampled_from([{1: 1}, {2: 1}, {3: 9}]))
    def send_another_part(self, n: int, contents: dict[int, int]) -> None:
        twin = self.one(n, lambda t: t.status == PARTIAL)
        if twin.status == PARTIAL:
            parcel = NewParcel(number="0038", contents=contents)
            codes = twin.against_part(contents)
            if self.goes(codes, lambda: self.shop.add_parcel(twin.reference, parcel), twin):
                with twin.change(Kind.PARCEL, self.clock.now, tells=True) as now:
                    twin.send_part(contents)
                    now.parcels.append("0038")

    @deed(some(lambda t: t.has_sent), n=numbers, notify=st.sampled_from([None, True]))
    def add_label(self, n: int, notify: bool | None) -> None:
        twin = self.one(n, lambda t: t.has_sent)
        codes = set() if twin.has_sent else {"nothing_sent"}
        codes |= {"no_parcel_numbers"} if twin.delivery == "pickup" else set()
        parcel = NewParcel(number="0039")
        if self.goes(codes, lambda: self.shop.add_parcel(twin.reference, parcel, notify=notify), twin):
            with twin.change(Kind.PARCEL, self.clock.now, tells=bool(notify)) as now:
                now.parcels.append("0039")

    # Records

    @deed(some(lambda t: not t.covers(t.total)), n=numbers)
    def pay(self, n: int) -> None:
        twin = self.one(n, lambda t: not t.covers(t.total))
        self.record_payment(twin, PAID, twin.total)

    @deed(n=numbers)
    def pay_a_part(self, n: int) -> None:
        twin = self.one(n, lambda t: t.total > 1)
        self.record_payment(twin, PAID, twin.total // 2)

    @deed(n=numbers)
    def authorise(self, n: int) -> None:
        twin = self.one(n, lambda t: t.total > 0)
        self.record_payment(twin, AUTHORISED, twin.total)

    @deed(n=numbers)
    def payment_fails(self, n: int) -> None:
        self.record_payment(self.one(n, lambda t: True), FAILED, 0)

    @deed(some(lambda t: t.paid > t.refunded), n=numbers, share=st.sampled_from([1, 2, 3]))
    def refund(self, n: int, share: int) -> None:
        twin = self.one(n, lambda t: t.paid > t.refunded)
        self.record_payment(twin, REFUNDED, (twin.paid - twin.refunded) * share // 2)

    def record_payment(self, twin: Twin, kind: PaymentKind, amount: int) -> None:
        codes = {"amount"} if amount == 0 and kind is not FAILED else set()
        if kind is REFUNDED and amount > twin.paid - twin.refunded:
            codes.add("refund_too_large")
        payment = NewPayment(kind=kind, amount=amount)
        if self.goes(codes, lambda: self.shop.add_payment(twin.reference, payment), twin):
            self.count_in(twin, kind, amount)
            with twin.change(Kind.PAYMENT, self.clock.now):
                pass

    def count_in(self, twin: Twin, kind: PaymentKind, amount: int) -> None:
        twin.authorised += amount if kind is AUTHORISED else 0
        twin.paid += amount if kind is PAID else 0
        twin.refunded += amount if kind is REFUNDED else 0
        twin.authorised = 0 if kind is FAILED else twin.authorised
        twin.failed = kind is FAILED
        twin.flagged = kind is FAILED and twin.placed

    @deed(some(lambda t: t.is_open and t.method == "invoice"), n=numbers)
    def approve(self, n: int) -> None:
        self.approve_it(self.one(n, lambda t: t.is_open and t.method == "invoice" and not t.now.approved))

    def approve_it(self, twin: Twin) -> None:
        codes = set() if twin.is_open else {"not_open"}
        codes |= {"needs_no_approval"} if twin.method == "card" else set()
        if twin.now.approved:
            assert self.shop.approve(twin.reference).unchanged
        elif self.goes(codes, lambda: self.shop.approve(twin.reference), twin):
            with twin.change(Kind.APPROVAL, self.clock.now) as now:
                now.approved = True

    @deed(some(lambda t: t.now.approved), n=numbers)
    def withdraw_approval(self, n: int) -> None:
        twin = self.one(n, lambda t: t.now.approved and not t.has_left)

        def call() -> Any:
            return self.shop.approve(twin.reference, withdraw=True)

        if not twin.now.approved:
            assert call().unchanged
        elif self.goes({"has_left"} if twin.has_left else set(), call, twin):
            with twin.change(Kind.APPROVAL, self.clock.now) as now:
                now.approved = False

    @deed(n=numbers)
    def note(self, n: int) -> None:
        twin = self.one(n, placed)
        if self.goes(set(), lambda: self.shop.add_note(twin.reference, "ringde"), twin):
            with twin.change(Kind.NOTE, self.clock.now):
                pass

    # Corrections

    @deed(
        some(lambda t: t.is_open), n=numbers, position=st.integers(1, 4), quantity=st.sampled_from([0, 1, 2, 3, 9]),
        price=st.sampled_from([None, 0, 500]), notify=st.booleans(),
    )  # fmt: skip
    def edit_lines(self, n: int, position: int, quantity: int, price: int | None, notify: bool) -> None:
        twin = self.one(n, lambda t: t.is_open and not t.has_left)
        lines, codes = deepcopy(twin.lines), set()
        line = lines.get(position)
        if line is None:
            codes.add("no_such_line")
        elif not quantity:
            del lines[position]
            codes |= set() if lines else {"no_lines"}
        else:
            line.discount = line.discount * min(quantity, line.quantity) // line.quantity
            line.quantity, line.price = quantity, line.price if price is None else price
        edit = LineEdit(position=position, quantity=quantity, unit_price=price)
        self.amend(twin, AmendRequest(lines=(edit,), notify=notify), lines, codes)

    @deed(
        some(lambda t: t.is_open),
        n=numbers,
        sku=st.sampled_from([*SKUS, *SCARCE]),
        discount=st.sampled_from([0, 30]),
    )
    def add_line(self, n: int, sku: str, discount: int) -> None:
        twin = self.one(n, lambda t: t.is_open and not t.has_left)
        new = NewLine(sku=sku, name="", quantity=2, unit_price=100, discount=discount)
        lines = deepcopy(twin.lines)
        lines[max(lines, default=0) + 1] = Goods(sku, 2, 100, discount)
        self.amend(twin, AmendRequest(add=(new,)), lines)

    @deed(n=numbers, who=people)
    def edit_customer(self, n: int, who: str) -> None:
        customer = PEOPLE[who]
        twin = self.one(n, placed)
        self.amend(twin, AmendRequest(customer=customer), twin.lines, customer=customer)

    @deed(some(lambda t: t.is_open), n=numbers, discount=st.sampled_from([0, 100, 2900, 10**6]))
    def discount(self, n: int, discount: int) -> None:
        twin = self.one(n, lambda t: t.is_open and not t.has_left)
        self.amend(twin, AmendRequest(discount=discount), twin.lines, discount=discount)

    def amend(
        self, twin: Twin, request: AmendRequest, lines: dict[int, Goods], codes: set[str] = frozenset(),  # type: ignore[assignment]
        *, customer: Customer | None = None, discount: int | None = None,
    ) -> None:  # fmt: skip
        old, codes = twin.now, set(codes)
        customer = old.customer if customer is None else customer
        discount = old.discount if discount is None else discount

        def call() -> Any:
            return self.shop.amend(twin.reference, request)

        goods = lines != old.lines or discount != old.discount
        if not goods and customer == old.customer and not codes:
            assert call().unchanged
            return
        if goods or customer.street != old.customer.street or customer.city != old.customer.city:
            if twin.has_left:
                codes.add("has_left")
            elif twin.status in {*GONE, *VOID}:
                codes.add("order_over")
            elif twin.status == "awaiting_payment" and goods:
                codes.add("being_paid")
        if lines != old.lines:
            codes |= self.lacking(twin, lines, twin.place)
        total = Twin.total_with(lines, twin.delivery, twin.method, discount)
        if total < 0 or any(line.total < 0 for line in lines.values()):
            codes.add("discount_too_large")
        if self.goes(codes, call, twin):
            kind = Kind.LINES if goods else Kind.DETAILS
            with twin.change(kind, self.clock.now, tells=request.notify) as now:
                twin.recount()
                now.lines, now.customer, now.discount = deepcopy(lines), customer, discount
                if twin.status in HELD:
                    now.put("held")

    @deed(some(lambda t: t.status in HELD), n=numbers, reason=reasons)
    def cancel(self, n: int, reason: str) -> None:
        twin = self.one(n, lambda t: t.status in HELD)

        def call() -> Any:
            return self.shop.cancel(twin.reference, reason)

        if twin.status == PARTIAL:
            self.cancel_what_is_held(twin, reason, call)
        elif twin.status in VOID:
            assert call().unchanged
        elif twin.in_checkout or twin.status in GONE:
            assert self.refusal(call) == {"not_cancellable"}
        else:
            self.go(twin, "cancelled", call, reason=reason)

    @deed(some(lambda t: t.status == PARTIAL), n=numbers)
    def cancel_rest(self, n: int) -> None:
        twin = self.one(n, lambda t: t.status == PARTIAL)
        if twin.status == PARTIAL:
            self.cancel_what_is_held(twin, "slut", lambda: self.shop.cancel(twin.reference, "slut"))

    def cancel_what_is_held(self, twin: Twin, reason: str, call: Callable[[], Any]) -> None:
        lines = {}
        for position, line in deepcopy(twin.lines).items():
            if line.quantity > line.held:
                line.discount = line.discount * (line.quantity - line.held) // line.quantity
                line.quantity, line.held = line.quantity - line.held, 0
                lines[position] = line
        total = Twin.total_with(lines, twin.delivery, twin.method, twin.now.discount)
        codes = set() if reason else {"no_reason"}
        codes |= {"discount_too_large"} if total < 0 else set()
        codes |= self.after_recount(twin, total, lines)
        if self.goes(codes, call, twin):
            with twin.change(Kind.STATUS, self.clock.now) as now:
                twin.recount()
                now.lines, now.status = lines, "shipped"

    def after_recount(self, twin: Twin, total: int, lines: Mapping[int, Goods]) -> set[str]:
        """Return what would stand against sending it all, once the order came to that total."""
        if twin.method != "card" and total <= twin.paid and twin.paid and not twin.flagged:
            return twin.against_guards("shipped", total, lines) - {"payment_failed"}
        return twin.against_guards("shipped", total, lines)

    @deed(some(lambda t: bool(t.away)), n=numbers, refund=st.sampled_from([None, 1, 9900]))
    def return_a_part(self, n: int, refund: int | None) -> None:
        twin = self.one(n, lambda t: bool(t.away))
        position = min(twin.away or twin.lines)
        self.take_back(twin, {position: 1}, {}, refund)

    @deed(some(lambda t: bool(t.away)), n=numbers)
    def return_broken(self, n: int) -> None:
        twin = self.one(n, lambda t: bool(t.away))
        position = max(twin.away or twin.lines)
        self.take_back(twin, {}, {position: 1}, None)

    @deed(some(lambda t: bool(t.away)), n=numbers, refund=st.sampled_from([None, 100]))
    def return_all(self, n: int, refund: int | None) -> None:
        twin = self.one(n, lambda t: bool(t.away))
        self.take_back(twin, dict(twin.away), {}, refund)

    def take_back(
        self, twin: Twin, restocked: dict[int, int], off: dict[int, int], refund: int | None
    ) -> None:
        back = restocked | off
        codes = set() if back else {"nothing_returned"}
        codes |= {"not_away"} if any(n > twin.away.get(p, 0) for p, n in back.items()) else set()
        if refund is not None and refund > twin.paid - twin.refunded:
            codes.add("refund_too_large")
        request = ReturnRequest(restocked=restocked, written_off=off, refund=refund)
        if self.goes(codes, lambda: self.shop.take_back(twin.reference, request), twin):
            with twin.change(Kind.RETURN, self.clock.now, refunded=refund is not None) as now:
                for position, quantity in restocked.items():
                    now.lines[position].gone -= quantity
                    now.lines[position].restocked += quantity
                for position, quantity in off.items():
                    now.lines[position].off += quantity
                if not twin.away and twin.status in GONE:
                    now.status = "returned"
                    now.booking = twin._booking("returned", "")
            if refund is not None:
                self.count_in(twin, REFUNDED, refund)

    @deed(some(placed), n=numbers, notify=st.booleans())
    def undo(self, n: int, notify: bool) -> None:
        now = self.clock.now
        twin = self.one(n, lambda t: not t.against_undo(now))
        codes = twin.against_undo(now)
        if twin.last is not None:
            codes |= self.lacking(twin, twin.last.before.lines)
        if self.goes(codes, lambda: self.shop.undo(twin.reference, notify=notify), twin):
            twin.undo(now, tells=notify)

    # The stock room

    @deed(sku=scarce, pieces=st.integers(1, 4))
    def receive(self, sku: str, pieces: int) -> None:
        shelf = self.shelves[sku]
        stock.receive(self.shop, sku, pieces)
        shelf.put_there((shelf.on_hand or 0) + pieces)
        self.made += 1

    @deed(sku=scarce, by=st.sampled_from([-3, -1, 2]))
    def adjust(self, sku: str, by: int) -> None:
        shelf = self.shelves[sku]
        if shelf.on_hand is None:
            with pytest.raises(InvalidInput):
                stock.adjust(self.shop, sku, by)
        else:
            stock.adjust(self.shop, sku, by)
            shelf.put_there(shelf.on_hand + by)
            self.made += 1

    @deed(sku=scarce, on_hand=st.integers(0, 9))
    def count(self, sku: str, on_hand: int) -> None:
        shelf = self.shelves[sku]
        FIRED["an item is counted for the first time while orders hold it"] += (
            shelf.put is None and shelf.held > 0
        )
        stock.count(self.shop, sku, on_hand)
        shelf.put_there(on_hand)
        self.made += 1

    @deed(sku=scarce, status=st.sampled_from(["in_stock", "in_stock", "on_order", "discontinued"]))
    def set_stock_status(self, sku: str, status: str) -> None:
        shelf = self.shelves[sku]
        stock.set_status(self.shop, sku, status)
        if shelf.status != status:
            shelf.status, shelf.by_hand = status, True
            self.made += 1

    # From elsewhere, and out of the house

    @deed(
        number=st.integers(0, 5),
        delivery=st.sampled_from(["post", "pickup"]),
        status=st.sampled_from(["received", "reviewed", "shipped", "cancelled", "details_given"]),
        quantities=quantities,
        move=st.booleans(),
        sku=st.sampled_from(SKUS),
    )
    def take_over(
        self, number: int, delivery: str, status: str, quantities: list[int], move: bool, sku: str
    ) -> None:
        if status == "shipped" and delivery == "pickup":
            status = "picked_up"
        key, at = f"imported {number}", self.clock.now - timedelta(days=9)
        lines = tuple(NewLine(sku=sku, name="", quantity=q, unit_price=100) for q in quantities)
        outcome = self.shop.import_order(
            ImportedOrder(
                source="old", external_id=key, status=status, at=at, lines=lines, customer=some_customer(),
                delivery=delivery, payment_method="card", currency="SEK", language="sv",
                shipping_price=SHIPPING[delivery], paid=sum(quantities) * 100 + SHIPPING[delivery],
            ),
            move_stock=move,
        )  # fmt: skip
        assert (outcome is None) == (key in self.keys)
        if outcome is None:
            return
        goods = {n: Goods(sku, q, 100) for n, q in enumerate(quantities, 1)}
        now = Standing(status, goods, customer=some_customer())
        now.put("held" if status in HELD else "gone" if status in GONE else "free")
        twin = Twin(outcome.order.reference, delivery, "card", now, at, moves_stock=move)
        twin.placed, twin.paid = status not in CHECKOUT, twin.total
        self.take_in(twin, Kind.IMPORTED, at)
        self.keys[key] = twin, ()

    @deed()
    def deliver_outbox(self) -> None:
        now, delivered = self.clock.now, Counter[str]()
        while batch := self.shop.deliver():
            delivered.update(d.delivery for d in batch if d.code == "email")

        expected = Counter[str]()
        for twin in self.twins.values():
            for letter in twin.letters:
                if letter.delivery == "waiting" and letter.due <= now:
                    fresh = letter.due + LETTER_KEEPS > now
                    worth = letter.is_worth_sending(twin.now.shown, twin.letters)
                    letter.delivery = "sent" if fresh and worth else "suppressed"
                    expected[letter.delivery] += 1
                    self.touch(twin)
        assert delivered == expected

    # What holds after every step

    @invariant()
    def every_order_touched_is_as_the_model_has_it(self) -> None:
        for reference in self.changed:
            twin, order = self.twins[reference], self.shop.order(reference)
            self.compare(twin, order)
            self.compare_history(twin, order)
            self.compare_messages(twin, order)
            self.compare_view(twin, order)
        self.changed.clear()

    def compare(self, twin: Twin, order: Order) -> None:
        assert order.status == twin.status
        assert order.version == len(twin.steps)
        assert {
            x.position: Goods(
                x.sku, x.quantity, x.unit_price, x.discount, x.held, x.gone, x.restocked, x.written_off
            )
            for x in order.lines
        } == twin.lines
        assert (order.delivery, order.payment_method, order.customer) == (
            twin.delivery, twin.method, twin.now.customer,
        )  # fmt: skip
        assert (order.authorised, order.paid, order.refunded) == (twin.authorised, twin.paid, twin.refunded)
        assert (order.total, order.payment, order.discount) == (twin.total, twin.payment, twin.now.discount)
        assert order.total >= 0
        assert (order.approved_at is not None) == twin.now.approved
        assert (order.number is not None) == (order.placed_at is not None) == twin.placed
        assert (order.follow_up or "", order.deadline) == (twin.follow_up, twin.now.deadline)
        assert [p.number or "" for p in self.shop.parcels(order)] == twin.now.parcels
        assert order.parcel_count == len(twin.now.parcels)

    def compare_history(self, twin: Twin, order: Order) -> None:
        entries = self.shop.history(order)
        assert [e.seq for e in entries] == list(range(1, len(entries) + 1))  # O1
        assert [e.to_status for e in entries] == twin.steps
        assert [e.from_status for e in entries] == [None, *twin.steps[:-1]]
        flow = CHECKOUT | PLACED[twin.delivery]
        for entry in entries[1:]:  # O2
            before = entry.from_status or ""
            undone = entries[entry.undoes - 1] if entry.undoes else None
            assert (
                (undone is not None and (undone.from_status, undone.to_status) == (entry.to_status, before))
                or entry.to_status == before
                or entry.to_status in flow.get(before, ())
            )  # fmt: skip
        if twin.moves_stock:
            self.compare_moves(entries, order)

    def compare_moves(self, entries: Any, order: Order) -> None:
        """What is held and gone is what the moves of its history say."""
        stands = Counter[tuple[int, str]]()
        for entry in entries:
            for move in entry.moves:
                stands[move.position, move.source] -= move.quantity
                stands[move.position, move.target] += move.quantity
        assert {key: n for key, n in stands.items() if n and key[1] != "free"} == {
            (line.position, place): quantity
            for line in order.lines
            for place, quantity in (("held", line.held), ("gone", line.gone))
            if quantity
        }

    def compare_messages(self, twin: Twin, order: Order) -> None:
        """Exactly the messages that the statuses send are there (N1), each as far as it has come."""
        found = [(m.seq, str(m.delivery)) for m in self.shop.messages(order)]
        assert found == [(letter.seq, letter.delivery) for letter in twin.letters]

    def compare_view(self, twin: Twin, order: Order) -> None:
        view = self.shop.customer_order(order)
        if twin.now.shown is None:  # V1
            assert view is None
        else:
            assert view is not None
            assert view.status == self.shop.flows.status(twin.now.shown).customer_label
            assert "Kontrollerad" not in str(view)

    @invariant()
    def the_stock_is_what_the_orders_hold_and_have_sent(self) -> None:
        before = {sku: shelf.status for sku, shelf in self.shelves.items()}
        recounted(self.shelves, self.twins.values())
        for sku, shelf in self.shelves.items():
            item = stock.item(self.shop, sku)
            assert item.balance == shelf.balance, sku
            if item.tracked:
                assert (item.held, item.on_hand) == (shelf.held, shelf.on_hand), sku
            assert item.status == shelf.status, sku
            assert {alert.kind for alert in stock.warnings(self.shop, sku)} == shelf.warnings, sku
            FIRED["a stock rule fires"] += shelf.status != before[sku]
            FIRED["more is sold than there is"] += "oversold" in shelf.warnings

    @invariant()
    def the_bookings_are_those_of_the_orders(self) -> None:
        with self.shop.database.read() as reader:
            rows = reader.rows(
                "SELECT o.reference AS name, b.starts_at, b.state FROM installation_bookings AS b "
                "JOIN orders AS o ON o.id = b.order_id"
            )
        assert {row["name"]: (row["starts_at"], row["state"]) for row in rows} == {
            twin.reference: twin.now.booking for twin in self.twins.values() if twin.now.booking
        }

    @invariant()
    def numbers_are_unique_and_none_was_spent_on_anything_but_a_placement(self) -> None:
        with self.shop.database.read() as reader:
            rows = reader.rows("SELECT number FROM orders WHERE number IS NOT NULL ORDER BY number")
        count = sum(twin.placed for twin in self.twins.values())
        assert [row["number"] for row in rows] == list(range(100001, 100001 + count))

    @invariant()
    def the_doctor_finds_nothing(self) -> None:
        told = ("hook", "dead", "stock_warnings", "stock_holds")
        assert [f for f in examine_shop(self.shop) if f.serious or f.code in told] == []

    # Helpers

    def one(self, n: int, where: Callable[[Twin], bool]) -> Twin:
        """Return one of the orders: of those that it suits, but for every eighth time."""
        suited = [twin for twin in self.twins.values() if where(twin)]
        chosen = suited if suited and n % 8 else list(self.twins.values())
        return chosen[n % len(chosen)]

    def touch(self, twin: Twin) -> None:
        self.changed.add(twin.reference)
        self.made += 1

    def go(
        self, twin: Twin, target: str, call: Callable[[], Any], *, reason: str = "", booked: str = "", **more: Any
    ) -> None:  # fmt: skip
        """Make a change of status, or be refused it for the reasons that the model has."""
        codes = twin.against(target, reason=reason, booked=booked) | self.lacking_at(twin, target)
        if self.goes(codes, call, twin):
            twin.enter(target, self.clock.now, booked=booked, **more)

    def goes(self, codes: set[str], call: Callable[[], Any], twin: Twin) -> bool:
        """Tell whether a change is made, which it must be where nothing speaks against it."""
        if codes:
            found = self.refusal(call)
            assert found == codes, f"refused for {found}, the model says {codes}"
            return False
        assert not call().unchanged
        self.touch(twin)
        return True

    def lacking_at(self, twin: Twin, target: str, contents: Mapping[int, int] | None = None) -> set[str]:
        """Return what the stock has against going to a status."""
        paid = twin.paid or twin.authorised
        if target == "received" and not twin.placed and paid and twin.covers(twin.total):
            return set()  # it is too late to refuse
        place = "held" if target in HELD else "gone" if target in GONE else "free"
        if target == PARTIAL or target == "returned":
            return set()
        if target == "awaiting_payment" and not any(g.held or g.gone for g in twin.lines.values()):
            place = "held"  # not taken yet, but asked for
        return self.lacking(twin, twin.lines, place)

    def lacking(self, twin: Twin, lines: Mapping[int, Goods], place: str = "") -> set[str]:
        """Return what the stock has against lines that come to this, or all of them to a place."""
        if not twin.moves_stock:
            return set()
        after = Standing("", deepcopy(dict(lines)))
        if place:
            after.put(place)
        codes = lacking(self.shelves, wanted(twin.lines.values(), after.lines.values()))
        FIRED["a take is refused"] += bool(codes)
        return codes

    def refusal(self, call: Callable[[], Any]) -> set[str]:
        with pytest.raises(Refused) as refused:
            call()
        return {problem.code for problem in refused.value.problems}


def _settings(examples: int, steps: int, phases: list[Phase]) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=phases,
    )


def run_desks(first_seed: int, examples: int, steps: int, *, shrink: bool = True) -> None:
    """Run so many order desks; a failure tells how to come there again."""
    phases = [Phase.generate, *([Phase.shrink] if shrink else [])]
    run_state_machine_as_test(seed(first_seed)(OrderDesk), settings=_settings(examples, steps, phases))


def finds_a_fault(first_seed: int, examples: int) -> bool:
    """Tell whether so many desks bring something to light."""
    try:
        run_desks(first_seed, examples, 40, shrink=False)
    except (AssertionError, AshopError, pytest.fail.Exception, ExceptionGroup):
        return True
    return False


def never_fired() -> set[str]:
    """Return the rules that have not made anything yet."""
    return {name for name in RULES if not FIRED[name]}
