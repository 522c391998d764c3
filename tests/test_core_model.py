"""A whole order desk against a model of it: any sequence of requests, and after each one the promises hold.

The model below knows the flows, the guards and the moves by heart, written down a second time by hand.
The short form runs with the other tests, the long one with `make prove`. Its twins plant a fault in the
core and must be caught.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from ashop_core.changes import StatusRequest
from ashop_core.doctor import examine_shop
from ashop_core.errors import AshopError, Conflict, Refused
from ashop_core.lifecycle import preview_change
from ashop_core.models import (
    Delivery,
    ImportedOrder,
    NewLine,
    NewParcel,
    NewPayment,
    Order,
    PaymentKind,
    Stage,
)
from ashop_core.orders import insert_history
from ashop_core.shop import Shop
from ashop_core.testing import FixedClock, some_customer, write_shop

AUTHORISED, PAID, FAILED, REFUNDED = PaymentKind

LETTERS = """
from ashop_core import Text, hookimpl
from ashop_core.models import Rendered

class Letters:
    code, label = "email", Text("brev", "letter")

    def recipient(self, customer):
        return customer.email or None

    def render(self, context):
        return Rendered(subject=context.template, body=str(context.order.number))

    def send(self, message, rendered):
        return "posted"

@hookimpl
def ashop_register_channels():
    return [Letters()]
"""
HIDDEN = """
[statuses.checked]
label = "Kontrollerad"
after = ["reviewed"]
before = ["shipped", "cancelled"]
flows = ["post"]
"""

# ── What the model knows ─────────────────────────────────────────────────────────────────────────

CHECKOUT = {
    "started": {"details_given", "abandoned"},
    "details_given": {"awaiting_payment", "received", "abandoned"},
    "awaiting_payment": {"received", "details_given", "abandoned"},
    "abandoned": {"details_given", "received"},
}
PLACED = {
    "post": {
        "received": {"reviewed", "cancelled"},
        "reviewed": {"shipped", "partly_shipped", "cancelled", "checked"},
        "checked": {"shipped", "cancelled"},
        "partly_shipped": {"shipped"},
        "shipped": {"delivered", "returned"},
        "delivered": {"returned"},
    },
    "pickup": {
        "received": {"reviewed", "cancelled"},
        "reviewed": {"ready_for_pickup", "cancelled"},
        "ready_for_pickup": {"picked_up", "cancelled"},
        "picked_up": {"returned"},
    },
}
STATUSES = sorted({*CHECKOUT, *PLACED["post"], *PLACED["pickup"], "cancelled", "returned"})
HELD = {"received", "reviewed", "ready_for_pickup", "checked"}
GONE = {"shipped", "picked_up", "delivered"}
SENDS = {"received", "shipped", "ready_for_pickup"}
MUST_BE_APPROVED = {"ready_for_pickup", "partly_shipped", *GONE}
MUST_BE_PAID = {"partly_shipped", *GONE}


@dataclass
class Twin:
    """An order as the model has it."""

    reference: str
    body: tuple[Any, ...]
    delivery: str
    method: str
    quantities: list[int]
    price: int
    status: str = "started"
    customer: bool = False
    steps: list[str] = field(default_factory=lambda: ["started"])
    held: list[int] = field(default_factory=list)
    gone: list[int] = field(default_factory=list)
    authorised: int = 0
    paid: int = 0
    refunded: int = 0
    failed: bool = False
    flagged: bool = False
    approved: bool = False
    placed: bool = False
    touched: Any = None
    messages: int = 0
    imported: bool = False

    @property
    def total(self) -> int:
        return sum(self.quantities) * self.price

    @property
    def covered(self) -> bool:
        return max(self.authorised, self.paid) - self.refunded >= self.total

    def next(self) -> set[str]:
        return CHECKOUT.get(self.status) or PLACED[self.delivery].get(self.status, set())

    def against(self, target: str, reason: str, contents: dict[int, int]) -> set[str]:
        """Return the codes of all that stands against going to `target`."""
        codes = set()
        if target not in self.next():
            codes.add("not_in_flow")
        if target == "received" and not self.placed and not self.customer:
            codes |= {"no_name", "no_contact"} | ({"no_address"} if self.delivery == "post" else set())
        if self.method == "card" and (target in MUST_BE_PAID or target == "received") and not self.covered:
            codes.add("not_paid")
        elif target in MUST_BE_PAID and (self.status_of_payment == "failed" or self.flagged):
            codes.add("payment_failed")
        if target in MUST_BE_APPROVED and self.method == "invoice" and not self.approved:
            codes.add("not_approved")
        if target == "cancelled" and not reason:
            codes.add("no_reason")
        return codes | self.against_parcel(target, contents)

    def against_parcel(self, target: str, contents: dict[int, int]) -> set[str]:
        codes = set()
        if target == "partly_shipped":
            good = {p: n for p, n in contents.items() if p in self.places and 1 <= n <= self.held[p - 1]}
            if good != contents:
                codes.add("parcel_contents")
            if not contents or sum(good.values()) >= sum(self.held):
                codes.add("not_partial")
        elif contents:
            sent = (
                {}
                if target not in GONE
                else {
                    p: n - g for p, n, g in zip(self.places, self.quantities, self.gone, strict=True) if n - g
                }
            )
            if contents != sent:
                codes.add("not_everything")
        return codes

    @property
    def places(self) -> range:
        return range(1, len(self.quantities) + 1)

    @property
    def status_of_payment(self) -> str:
        if self.refunded:
            return "refunded" if self.refunded >= self.paid else "part_refunded"
        if self.paid and self.paid >= self.total:
            return "paid"
        if self.failed:
            return "failed"
        if self.paid:
            return "part_paid"
        return "authorised" if self.authorised and self.authorised >= self.total else "unpaid"

    def enter(self, target: str, contents: dict[int, int]) -> None:
        self.status = target
        self.steps.append(target)
        if target == "received":
            self.placed = True
        if target in SENDS and self.customer:
            self.messages += 1
        if target == "partly_shipped":
            for position, quantity in contents.items():
                self.held[position - 1] -= quantity
                self.gone[position - 1] += quantity
        else:
            none = [0] * len(self.quantities)
            self.held = list(self.quantities) if target in HELD else none
            self.gone = list(self.quantities) if target in GONE else none


# ── The machine ──────────────────────────────────────────────────────────────────────────────────

quantities = st.lists(st.integers(1, 3), min_size=1, max_size=3)
prices = st.sampled_from([0, 1, 9900])
statuses = st.sampled_from(STATUSES)


class OrderDesk(RuleBasedStateMachine):
    """Requests in any order, from the basket to the return, against the model."""

    orders: Bundle[Twin] = Bundle("orders")

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="ashop-model-"))
        write_shop(self.folder, "local:letters", toml=HIDDEN, files={"plugins/letters.py": LETTERS})
        self.clock = FixedClock()
        self.shop = Shop.open(self.folder, clock=self.clock, synchronous="OFF")
        self.twins: dict[str, Twin] = {}
        self.keys: dict[str, Twin] = {}
        self.dead_ends: set[int] = set()

    def teardown(self) -> None:
        try:
            assert [f for f in examine_shop(self.shop) if f.serious] == []
        finally:
            self.shop.close()
            shutil.rmtree(self.folder)

    # The checkout

    @rule(
        target=orders,
        key=st.sampled_from("abcdefgh"),
        delivery=st.sampled_from(["post", "pickup"]),
        method=st.sampled_from(["card", "invoice"]),
        quantities=quantities,
        price=prices,
    )
    def start(self, key: str, delivery: str, method: str, quantities: list[int], price: int) -> Any:
        body = (delivery, method, tuple(quantities), price)
        lines = [
            NewLine(sku=f"S{n}", name="", quantity=q, unit_price=price) for n, q in enumerate(quantities)
        ]

        def call() -> Order:
            return self.shop.start_order(lines, checkout_key=key, delivery=delivery, payment_method=method)

        if key in self.keys:
            twin = self.keys[key]
            if body == twin.body:
                assert call().reference == twin.reference
            else:
                with pytest.raises(Conflict):
                    call()
            return multiple()
        twin = Twin(call().reference, body, delivery, method, quantities, price, touched=self.clock.now)
        twin.held, twin.gone = [0] * len(quantities), [0] * len(quantities)
        self.twins[twin.reference] = self.keys[key] = twin
        return twin

    @rule(
        twin=orders,
        delivery=st.sampled_from([None, "post", "pickup"]),
        method=st.sampled_from([None, "card"]),
    )
    def give_details(self, twin: Twin, delivery: str | None, method: str | None) -> None:
        def call() -> Any:
            return self.shop.give_details(
                twin.reference, customer=some_customer(), delivery=delivery, payment_method=method
            )

        if twin.status not in CHECKOUT:
            assert self.refusal(call) == {"not_in_checkout"}
        elif twin.status != "details_given" and "details_given" not in twin.next():
            assert self.refusal(call) == {"not_in_flow"}
        else:
            same = twin.status == "details_given" and twin.customer
            same = same and (delivery or twin.delivery, method or twin.method) == (twin.delivery, twin.method)
            assert call().unchanged == same
            if not same:
                twin.delivery, twin.method = delivery or twin.delivery, method or twin.method
                twin.customer = True
                twin.enter("details_given", {})
                twin.touched = self.clock.now

    @rule(twin=orders)
    def place(self, twin: Twin) -> None:
        if twin.placed:
            assert self.shop.place(twin.reference).unchanged
        else:
            self.go(twin, "received", "", {}, lambda: self.shop.place(twin.reference))

    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        now = self.clock.advance(hours=hours)
        limit = now - timedelta(hours=24)
        stale = [
            t for t in self.twins.values()
            if t.status in CHECKOUT and t.status != "abandoned" and t.touched <= limit
        ]  # fmt: skip

        assert self.shop.abandon_stale() == len(stale)

        for twin in stale:
            twin.enter("abandoned", {})
            twin.touched = now

    # Changes

    @rule(
        twin=orders,
        to=statuses,
        reason=st.sampled_from(["", "ångrade sig"]),
        contents=st.dictionaries(st.integers(1, 3), st.integers(0, 3), max_size=2),
    )
    def change_status(self, twin: Twin, to: str, reason: str, contents: dict[int, int]) -> None:
        parcel = NewParcel(contents=contents) if contents else None

        def call() -> Any:
            return self.shop.change_status(twin.reference, to, parcel=parcel, reason=reason)

        if to == twin.status:
            if parcel is None:
                assert call().unchanged
            return
        self.go(twin, to, reason, contents, call)

    @rule(twin=orders, choice=st.integers(0, 9))
    def go_on(self, twin: Twin, choice: int) -> None:
        """Take a step that the flow has, so that orders come somewhere."""
        steps = sorted(twin.next())
        if steps:
            target = steps[choice % len(steps)]
            contents = {1: 1} if target == "partly_shipped" else {}
            parcel = NewParcel(number="0037", contents=contents) if target in MUST_BE_PAID else None
            parcel = None if twin.delivery == "pickup" else parcel
            self.go(
                twin, target, "x", contents,
                lambda: self.shop.change_status(twin.reference, target, parcel=parcel, reason="x"),
            )  # fmt: skip

    @rule(twin=orders, to=statuses)
    def preview(self, twin: Twin, to: str) -> None:
        before = self.shop.order(twin.reference)

        outcome = self.shop.preview(twin.reference, StatusRequest(to=to, reason="x"))

        assert self.shop.order(twin.reference) == before
        if to != twin.status:
            assert {p.code for p in outcome.problems} == twin.against(to, "x", {})

    @rule(twin=orders, back=st.integers(1, 3))
    def change_an_older_version(self, twin: Twin, back: int) -> None:
        with pytest.raises(Conflict):
            self.shop.change_status(twin.reference, "reviewed", expected_version=len(twin.steps) - back)

    @rule(twin=orders, kind=st.sampled_from(list(PaymentKind)), share=st.sampled_from([0, 1, 2, 3]))
    def pay(self, twin: Twin, kind: PaymentKind, share: int) -> None:
        amount = twin.total * share // 2
        payment = NewPayment(kind=kind, amount=amount)

        def call() -> Any:
            return self.shop.add_payment(twin.reference, payment)

        if amount == 0 and kind is not FAILED:
            assert self.refusal(call) == {"amount"}
        elif kind is REFUNDED and amount > twin.paid - twin.refunded:
            assert self.refusal(call) == {"refund_too_large"}
        else:
            call()
            twin.authorised += amount if kind is AUTHORISED else 0
            twin.paid += amount if kind is PAID else 0
            twin.refunded += amount if kind is REFUNDED else 0
            twin.authorised = 0 if kind is FAILED else twin.authorised
            twin.failed = kind is FAILED
            twin.flagged = kind is FAILED and twin.placed
            self.plain(twin)

    @rule(twin=orders)
    def approve(self, twin: Twin) -> None:
        def call() -> Any:
            return self.shop.approve(twin.reference)

        codes = set() if twin.placed and twin.status not in {*GONE, "cancelled", "returned"} else {"not_open"}
        codes |= {"needs_no_approval"} if twin.method == "card" else set()
        if twin.approved:
            assert call().unchanged
        elif codes:
            assert self.refusal(call) == codes
        else:
            call()
            twin.approved = True
            self.plain(twin)

    @rule(twin=orders)
    def note(self, twin: Twin) -> None:
        self.shop.add_note(twin.reference, "ringde")
        self.plain(twin)

    @rule(
        target=orders,
        number=st.integers(0, 5),
        delivery=st.sampled_from(["post", "pickup"]),
        status=st.sampled_from(["received", "reviewed", "cancelled", "details_given"]),
        quantities=quantities,
        move=st.booleans(),
    )
    def take_over(self, number: int, delivery: str, status: str, quantities: list[int], move: bool) -> Any:
        key = f"imported {number}"
        lines = tuple(NewLine(sku="S", name="", quantity=q, unit_price=100) for q in quantities)
        outcome = self.shop.import_order(
            ImportedOrder(
                source="old", external_id=key, status=status, at=self.clock.now - timedelta(days=9), lines=lines,
                customer=some_customer(), delivery=delivery, payment_method="card", currency="SEK",
                language="sv", paid=sum(quantities) * 100,
            ),
            move_stock=move,
        )  # fmt: skip
        assert (outcome is None) == (key in self.keys)
        if outcome is None:
            return multiple()
        twin = Twin(outcome.order.reference, (), delivery, "card", quantities, 100, imported=not move)
        twin.customer, twin.paid, twin.steps = True, twin.total, []
        twin.enter(status, {})
        twin.placed, twin.messages = status not in CHECKOUT, 0
        twin.touched = self.clock.now - timedelta(days=9)
        self.twins[twin.reference] = self.keys[key] = twin
        return twin

    # Messages

    @rule()
    def deliver(self) -> None:
        while delivered := self.shop.deliver():
            assert {d.delivery for d in delivered} == {Delivery.SENT}

    # What holds after every step

    @invariant()
    def every_order_is_as_the_model_has_it(self) -> None:
        for twin in self.twins.values():
            order = self.shop.order(twin.reference)
            assert order.status == twin.status
            assert order.version == len(twin.steps)
            assert [line.held for line in order.lines] == twin.held
            assert [line.gone for line in order.lines] == twin.gone
            assert (order.authorised, order.paid, order.refunded) == (
                twin.authorised,
                twin.paid,
                twin.refunded,
            )
            assert order.payment == twin.status_of_payment or order.total != twin.total
            assert (order.approved_at is not None) == twin.approved
            assert order.total == sum(line.quantity * line.unit_price for line in order.lines) == twin.total

    @invariant()
    def each_history_is_unbroken_and_follows_the_flow(self) -> None:
        for twin in self.twins.values():
            entries = self.shop.history(self.shop.order(twin.reference))
            assert [e.seq for e in entries] == list(range(1, len(entries) + 1))  # O1
            assert [e.to_status for e in entries] == twin.steps
            assert [e.from_status for e in entries] == [None, *twin.steps[:-1]]
            for before, after in zip(twin.steps, twin.steps[1:], strict=False):  # O2
                flow = {**CHECKOUT, **PLACED["post"]}, {**CHECKOUT, **PLACED["pickup"]}
                assert before == after or any(after in steps.get(before, ()) for steps in flow)

    @invariant()
    def what_is_held_and_gone_is_what_the_moves_say(self) -> None:
        for twin in self.twins.values():
            if twin.imported:
                continue
            order = self.shop.order(twin.reference)
            stands = {(line.position, place): 0 for line in order.lines for place in ("held", "gone")}
            for entry in self.shop.history(order):
                for move in entry.moves:
                    for place, sign in ((move.source, -1), (move.target, 1)):
                        if place != "free":
                            stands[move.position, place] += sign * move.quantity
            assert stands == {
                (line.position, place): getattr(line, place)
                for line in order.lines
                for place in ("held", "gone")
            }

    @invariant()
    def numbers_are_unique_and_only_given_at_placement(self) -> None:
        orders = [self.shop.order(reference) for reference in self.twins]
        numbers = [order.number for order in orders if order.number is not None]
        assert len(set(numbers)) == len(numbers)
        for order in orders:
            twin = self.twins[order.reference]
            assert (order.number is not None) == (order.placed_at is not None) == twin.placed
        assert sorted(numbers) == list(
            range(100001, 100001 + len(numbers))
        )  # none was spent on anything else

    @invariant()
    def exactly_the_messages_that_the_statuses_send_are_there(self) -> None:
        for twin in self.twins.values():
            assert len(self.shop.messages(self.shop.order(twin.reference))) == twin.messages

    @invariant()
    def what_is_not_placed_is_hidden(self) -> None:
        for twin in self.twins.values():
            if not twin.placed:
                assert self.shop.customer_order(twin.reference) is None

    # Helpers

    def go(
        self, twin: Twin, target: str, reason: str, contents: dict[int, int], call: Callable[[], Any]
    ) -> None:
        codes = twin.against(target, reason, contents)
        if codes:
            assert self.refusal(call) == codes
        else:
            assert call().order.status == target
            twin.enter(target, contents)
            twin.touched = self.clock.now

    def plain(self, twin: Twin) -> None:
        twin.steps.append(twin.status)
        twin.touched = self.clock.now

    def refusal(self, call: Callable[[], Any]) -> set[str]:
        with pytest.raises(Refused) as refused:
            call()
        return {problem.code for problem in refused.value.problems}


def machine_settings(examples: int, steps: int, **more: Any) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        **more,
    )


TestOrderDesk = OrderDesk.TestCase
TestOrderDesk.settings = machine_settings(25, 30, derandomize=True, database=None)


@pytest.mark.prove
def test_an_order_desk_for_a_long_time() -> None:
    run_state_machine_as_test(OrderDesk, settings=machine_settings(600, 60, print_blob=True))


# ── Twins: planted faults that the machine must find ─────────────────────────────────────────────


def no_flow(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.changes.flow_problems", lambda *_: [])


def no_guards(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.changes.guard_problems", lambda *_: [])


def lines_stay(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.changes.moved", lambda lines, moves: lines)


def forgetful_history(patch: pytest.MonkeyPatch) -> None:
    def careless(tx: Any, order_id: int, change: Any, effects: Any) -> None:
        insert_history(tx, order_id, replace(change, moves=()), effects)

    patch.setattr("ashop_core.lifecycle.insert_history", careless)


def numbers_for_everybody(patch: pytest.MonkeyPatch) -> None:
    def spending(shop: Shop, *rest: Any) -> Any:
        with shop.database.write() as writer:
            writer.next_number("orders", 100001)
        return preview_change(shop, *rest)

    patch.setattr("ashop_core.shop.preview_change", spending)


def mute(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("ashop_core.lifecycle.plan_messages", lambda *_: [])


@pytest.mark.parametrize(
    "plant", [no_flow, no_guards, lines_stay, forgetful_history, numbers_for_everybody, mute]
)
def test_a_planted_fault_is_caught(monkeypatch: pytest.MonkeyPatch, plant: Callable[[Any], None]) -> None:
    plant(monkeypatch)
    looking = machine_settings(60, 30, derandomize=True, database=None, phases=[Phase.generate])

    with pytest.raises((AssertionError, AshopError, pytest.fail.Exception, ExceptionGroup)):
        run_state_machine_as_test(OrderDesk, settings=looking)


def test_the_model_knows_every_status_of_the_shop() -> None:
    desk = OrderDesk()
    flows = desk.shop.flows
    desk.teardown()

    assert set(flows.statuses) == set(STATUSES)
    assert {s.code for s in flows.statuses.values() if s.stage is Stage.CHECKOUT} == set(CHECKOUT)
