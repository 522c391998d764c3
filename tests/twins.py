"""Twins: an order's life as its customer sees it, generated; and the same life with secrets in every gap."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random

from ashop_core.changes import AmendRequest, LineEdit, ReminderRequest, ReturnRequest, StatusRequest
from ashop_core.errors import NotFound, Refused
from ashop_core.models import NewLine, NewParcel, NewPayment, Order, PaymentKind, Stage
from ashop_core.shop import Shop
from ashop_core.testing import FixedClock, some_customer

CANARY = "zq7hidden"
START = datetime(2026, 11, 2, 9, tzinfo=UTC)
HIDDEN = FRAUD, WAIT, PACKED, GONE, REBOOK = tuple(
    f"{CANARY}_{name}" for name in ("fraud", "wait", "packed", "gone", "rebook")
)


class Life:
    """Leads one order through a life that `seed` decides; with `secret`, much more happens that nobody may see.

    What the customer gets depends on the seed alone: the visible steps come at the same times in both lives.
    """

    def __init__(self, shop: Shop, clock: FixedClock, seed: int, *, secret: bool) -> None:
        self.shop = shop
        self.clock = clock
        self.chance = Random(seed)
        self.secrets = Random(f"secret {seed}") if secret else None
        self.done: list[str] = []
        self._steps = 0
        self._order: Order

    def lead(self) -> Order:
        """Lead the whole life and return the order as it ends."""
        chance = self.chance
        self.delivery = chance.choice(["post", "post", "pickup"])
        self._check_out(chance.choice(["invoice", "card"]), chance.choice(["sv", "en"]))
        for _ in range(chance.randint(0, 2)):
            self._extra()
        self._go("reviewed")
        for _ in range(chance.randint(0, 2)):
            self._extra()
        if chance.random() < 0.2:
            self._cancel()
        elif chance.random() < 0.15:
            pass  # it is looked at while it still waits
        elif self.delivery == "pickup":
            self._collect()
        else:
            self._send()
        self._gap()
        self._end_in_secret()
        return self.shop.order(self._order)

    # ── What the customer sees ───────────────────────────────────────────────────────────────────

    def _check_out(self, payment: str, language: str) -> None:
        shop, chance = self.shop, self.chance
        if self.secrets:  # it was begun days earlier and left lying
            self.clock.now = START - timedelta(days=self.secrets.randint(1, 5))
        else:
            self.clock.now = START
        lines = tuple(
            NewLine(
                sku=sku, name=f"Vara {sku}", quantity=chance.randint(1, 3), unit_price=chance.randint(1, 9) * 1000,
                vat_rate=chance.choice([Decimal(25), Decimal(6), None]), discount=chance.choice([0, 0, 150]),
            )
            for sku in ("LAMPA", "SLADD")
        )  # fmt: skip
        order = shop.start_order(
            lines, checkout_key=self.delivery, delivery=self.delivery, payment_method=payment, language=language,
            discount=chance.choice([0, 100]), actor=CANARY if self.secrets else "customer",
        )  # fmt: skip
        for _ in range(self.secrets.randint(0, 2) if self.secrets else 0):
            shop.abandon(order)
            shop.give_details(order, customer=some_customer(name=CANARY))
            shop.await_payment(order)
            if payment == "card":
                shop.add_payment(order, NewPayment(kind=PaymentKind.FAILED, amount=0, reference=CANARY))
            shop.add_note(order, CANARY)
        shop.give_details(order, customer=some_customer())
        self._order = order
        if payment == "card":
            self._pay()
        self._visibly(lambda: shop.place(order))
        if payment == "invoice":
            shop.approve(order)

    def _pay(self) -> None:
        order = self.shop.order(self._order)
        self.shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=order.total, reference=CANARY))

    def _extra(self) -> None:
        chance = self.chance
        kind = chance.choice(["pay", "amend", "address", "booked"])
        if kind == "pay":
            amount = chance.randint(1, 500)
            self._visibly(
                lambda: self.shop.add_payment(
                    self._order, NewPayment(kind=PaymentKind.PAID, amount=amount, reference=str(self._steps))
                )
            )
        elif kind == "amend":
            edit = LineEdit(position=chance.randint(1, 2), quantity=1, discount=chance.randint(0, 900))
            self._visibly(lambda: self.shop.amend(self._order, self._amend(lines=(edit,))))
        elif kind == "address":
            customer = some_customer(street=f"Nygatan {chance.randint(1, 99)}")
            self._visibly(lambda: self.shop.amend(self._order, self._amend(customer=customer)))
        elif self.delivery == "post" and self._status() == "reviewed":
            self._go("booked", fields={"time": f"dag {chance.randint(1, 9)}"}, words="Vi ses!")
            self._go("reviewed")

    def _amend(self, **given: object) -> AmendRequest:
        tells = bool(self.shop.flows.status(self._status()).notify)
        return AmendRequest(**given, note=CANARY, words="Så här blev det." if tells else "")  # type: ignore[arg-type]

    def _collect(self) -> None:
        words = self.chance.choice(["", "Ring på bakdörren.\nÅsa"])
        self._go("ready_for_pickup", words=words)
        if self.chance.random() < 0.5:
            self._visibly(lambda: self.shop.change(self._order, ReminderRequest()))
        if self.chance.random() < 0.3:
            self._cancel()
            return
        self._go("picked_up")
        self._come_back()

    def _send(self) -> None:
        chance = self.chance
        pieces = sum(line.quantity for line in self.shop.order(self._order).lines)
        if in_parts := pieces > 2 and chance.random() < 0.6:
            parcel = NewParcel(number="UA1", carrier="Bud & Co", contents={chance.randint(1, 2): 1})
            self._go("partly_shipped", parcel=parcel, words="Resten är försenad.")
            if chance.random() < 0.4:
                self._cancel()
                return
        number = chance.choice([None, "UA2", "00373500489530471234"])
        self._go("shipped", parcel=NewParcel(number=number))
        if chance.random() < 0.3:  # a mistake that the customer was told of
            self._visibly(lambda: self.shop.undo(self._order), at_once=True)
            self._go("shipped", parcel=NewParcel(number="UA3"), words="Nu kommer det.")
        if chance.random() < 0.3:
            more = NewParcel(number="UA9", carrier="Bud & Co")
            self._visibly(lambda: self.shop.add_parcel(self._order, more, notify=True))
        if self._status() == "shipped" and not in_parts and chance.random() < 0.5:
            self._go("delivered")
        self._come_back()

    def _come_back(self) -> None:
        chance = self.chance
        for _ in range(chance.randint(0, 2)):
            away = {line.position: line.away for line in self.shop.order(self._order).lines if line.away}
            if not away:
                return
            position = chance.choice(sorted(away))
            part = {position: chance.randint(1, away[position])}
            request = chance.choice([ReturnRequest(restocked=part), ReturnRequest(written_off=part)])
            self._visibly(lambda request=request: self.shop.take_back(self._order, request))  # type: ignore[misc]

    def _go(self, status: str, **given: object) -> None:
        if not self.shop.flows.status(status).notify:
            given.pop("words", None)
        request = StatusRequest(to=status, note=CANARY if self.secrets else "", **given)  # type: ignore[arg-type]
        self._visibly(lambda: self.shop.change(self._order, request), to=status)

    def _cancel(self) -> None:
        self._visibly(lambda: self.shop.cancel(self._order, CANARY), to="cancelled")

    def _visibly(self, act: Callable[[], object], *, to: str = "", at_once: bool = False) -> None:
        if not at_once:
            self._gap()
            self._by_way_of_a_hidden_status(to)
        self._steps += 1
        self.clock.now = START + timedelta(hours=self._steps)
        act()
        if self.chance.random() < 0.6:
            while self.shop.deliver():
                pass

    def _status(self) -> str:
        return self.shop.order(self._order).status

    # ── What nobody but staff may know ───────────────────────────────────────────────────────────

    def _gap(self) -> None:
        order = self.shop.order(self._order)
        if self.secrets is None or order.placed_at is None:
            return
        for _ in range(self.secrets.randint(0, 3)):
            self.clock.advance(minutes=1)
            name = self.secrets.choice(sorted(SECRETS))
            if SECRETS[name](self):
                self.done.append(name)
            assert self._status() == order.status

    def _by_way_of_a_hidden_status(self, to: str) -> None:
        """Go where `to` may be next, so that the visible step comes from a status nobody may know of."""
        targets, now = self.shop.flows.targets, self._status()
        ways = [s for s in HIDDEN if s in targets(self.delivery, now) and to in targets(self.delivery, s)]
        if self.secrets is not None and ways and self.secrets.random() < 0.4:
            self._hide(self.secrets.choice(ways))
            self.done.append(f"by way of {self._status()}")

    def _end_in_secret(self) -> None:
        if self.secrets is None or self.secrets.random() < 0.3:
            return
        order = self.shop.order(self._order)
        ends = [s for s in HIDDEN if s in self.shop.flows.targets(self.delivery, order.status)]
        if not ends:
            return
        self.done.append("end")
        self._hide(self.secrets.choice(ends))
        if any(line.away for line in self.shop.order(order).lines):
            self._add_parcel()
        self.shop.add_note(order, CANARY)

    def _add_parcel(self) -> None:
        number = CANARY if self.delivery == "post" else None
        self.shop.add_parcel(self._order, NewParcel(number=number, carrier=CANARY), note=CANARY, notify=False)

    def _hide(self, status: str) -> None:
        asked = {field.code: CANARY for field in self.shop.flows.status(status).fields}
        self.shop.change_status(
            self._order, status, fields=asked, reason=CANARY, note=CANARY, notify=True, actor=CANARY
        )

    def _detour(self, status: str, meanwhile: Callable[[], object] | None = None, *, undone: bool) -> bool:
        """Go into a status and out of it again, by the flow or by undoing it."""
        order = self.shop.order(self._order)
        there, back = (self.shop.flows.targets(self.delivery, code) for code in (order.status, status))
        if status not in there or not (undone or order.status in back):
            return False
        self._hide(status)
        if meanwhile is not None:
            meanwhile()
        if undone:
            self.shop.undo(order)
        else:
            self.shop.change_status(order, order.status, notify=False)
        return True

    def _mistake(self, act: Callable[[], object]) -> bool:
        """Do something that shows, tell nobody, and undo it."""
        try:
            act()
        except Refused:
            return False
        self.shop.undo(self._order)
        return True

    def _flagged(self) -> bool:
        for kind in (PaymentKind.FAILED, PaymentKind.AUTHORISED):
            self.shop.add_payment(
                self._order, NewPayment(kind=kind, amount=1, reference=f"{CANARY}{self.clock()}")
            )
        return True

    def _approved_again(self) -> bool:
        order = self.shop.order(self._order)
        stage = self.shop.flows.status(order.status).stage
        if order.approved_at is None or stage is not Stage.OPEN or any(line.gone for line in order.lines):
            return False
        self.shop.approve(order, withdraw=True, note=CANARY)
        self.shop.approve(order, note=CANARY, actor=CANARY)
        return True

    def _refused(self) -> bool:
        for target in ("started", "received", "installed", CANARY):
            request = StatusRequest(to=target)
            for ask in (self.shop.preview, self.shop.change):
                with suppress(NotFound, Refused):
                    ask(self._order, request)
        return True


def _status_mistake(status: str, **given: object) -> Callable[[Life], bool]:
    def act(life: Life) -> bool:
        if life._status() == status:
            return False
        request = StatusRequest(to=status, reason=CANARY, **given)  # type: ignore[arg-type]
        return life._mistake(lambda: life.shop.change(life._order, request, actor=CANARY))

    return act


def _hidden_parcel(life: Life) -> None:
    life._add_parcel()
    life.shop.undo(life._order)


def _away(life: Life) -> dict[int, int]:
    return {line.position: line.away for line in life.shop.order(life._order).lines if line.away}


SECRETS: dict[str, Callable[[Life], bool]] = {
    "note": lambda life: bool(life.shop.add_note(life._order, CANARY, actor=CANARY)),
    "flagged": Life._flagged,
    "approved again": Life._approved_again,
    "refused": Life._refused,
    "fraud": lambda life: life._detour(FRAUD, undone=False),
    "fraud undone": lambda life: life._detour(FRAUD, undone=True),
    "waits": lambda life: life._detour(WAIT, undone=False),
    "waits undone": lambda life: life._detour(WAIT, undone=True),
    "rebooked": lambda life: life._detour(REBOOK, undone=False),
    "rebooked undone": lambda life: life._detour(REBOOK, undone=True),
    "packed": lambda life: life._detour(PACKED, undone=False),
    "packed, a parcel": lambda life: life._detour(PACKED, lambda: _hidden_parcel(life), undone=False),
    "packed undone": lambda life: life._detour(PACKED, undone=True),
    "handed over undone": lambda life: life._detour(GONE, undone=True),
    "shipped by mistake": _status_mistake("shipped", parcel=NewParcel(number=CANARY), notify=False),
    "shipped and stopped": _status_mistake("shipped", parcel=NewParcel(number=CANARY)),
    "partly shipped by mistake": _status_mistake(
        "partly_shipped", parcel=NewParcel(number=CANARY, contents={1: 1}), notify=False
    ),
    "booked by mistake": _status_mistake("booked", fields={"time": CANARY}, words=CANARY),
    "ready by mistake": _status_mistake("ready_for_pickup", words=CANARY),
    "cancelled by mistake": _status_mistake("cancelled"),
    "amended by mistake": lambda life: life._mistake(
        lambda: life.shop.amend(life._order, AmendRequest(discount=77, add=(NewLine(
            sku=CANARY, name=CANARY, quantity=1, unit_price=1),), customer=some_customer(name=CANARY)))
    ),
    "parcel by mistake": lambda life: bool(_away(life)) and life._mistake(life._add_parcel),
    "returned by mistake": lambda life: bool(_away(life)) and life._mistake(
        lambda: life.shop.take_back(life._order, ReturnRequest(restocked=_away(life), notify=False))
    ),
    "a note on a mistake": lambda life: life._status() != "shipped" and life._mistake(
        lambda: (
            life.shop.change_status(life._order, "shipped", notify=False),
            life.shop.add_note(life._order, CANARY),
        )
    ),
}  # fmt: skip
"""What staff may do that leaves the order, for its customer, as it was; each tells whether it could be done."""
