"""What the model of an order desk knows by heart: flows, guards and moves, written down a second time by hand.

Nothing here asks Ashop: where the two differ, one of them is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from ashop_core.models import Customer, Kind

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
    "installation": {
        "received": {"reviewed", "cancelled"},
        "reviewed": {"delivery_booked", "cancelled"},
        "delivery_booked": {"installed", "reviewed", "shipped", "cancelled"},
        "shipped": {"installed", "returned"},
        "installed": {"returned"},
    },
}
DELIVERIES = tuple(PLACED)
HELD = {"received", "reviewed", "ready_for_pickup", "checked", "delivery_booked"}
PARTIAL = "partly_shipped"
GONE = {"shipped", "picked_up", "delivered", "installed"}
VOID = {"cancelled", "returned"}
STATUSES = sorted({*CHECKOUT, *HELD, PARTIAL, *GONE, *VOID})
HIDDEN = {*CHECKOUT, "checked"}
SENDS = {"received", "shipped", "ready_for_pickup", "delivery_booked", PARTIAL, "cancelled"}
MUST_BE_APPROVED = {"ready_for_pickup", PARTIAL, *GONE}
MUST_BE_PAID = {PARTIAL, *GONE}
SHIPPING = {"post": 4900, "pickup": 0, "installation": 0}
FEE = {"card": 0, "invoice": 2900}
NEEDS_ADDRESS = {"post", "installation"}

UNDO_FOR = timedelta(minutes=60)
LETTER_WAITS = timedelta(seconds=120)
LETTER_KEEPS = timedelta(days=7)
UNDOABLE = {Kind.STATUS, Kind.PARCEL, Kind.LINES, Kind.DETAILS, Kind.RETURN, Kind.APPROVAL}
PASSED_OVER = {Kind.NOTE, Kind.PAYMENT, Kind.REMINDER}


@dataclass
class Goods:
    """A line; `restocked` came back to the shelf, `off` came back and was written off (and is still gone)."""

    sku: str
    quantity: int
    price: int
    discount: int = 0
    held: int = 0
    gone: int = 0
    restocked: int = 0
    off: int = 0

    @property
    def away(self) -> int:
        return self.gone - self.off

    @property
    def never_held(self) -> int:
        return self.quantity - self.held - self.gone - self.restocked

    @property
    def total(self) -> int:
        return self.quantity * self.price - self.discount

    @property
    def came_back(self) -> int:
        return self.total * (self.restocked + self.off) // self.quantity

    def put(self, place: str) -> None:
        """Bring all of it to one place, but for what came back already."""
        pieces = self.held + self.away + self.never_held
        self.held = pieces if place == "held" else 0
        self.gone = self.off + (pieces if place == "gone" else 0)


@dataclass
class Standing:
    """All of an order that an undo brings back."""

    status: str
    lines: dict[int, Goods]
    customer: Customer = field(default_factory=Customer)
    discount: int = 0
    shown: str | None = None
    approved: bool = False
    booking: tuple[str, str] | None = None
    deadline: date | None = None
    parcels: list[str] = field(default_factory=list)

    def put(self, place: str) -> None:
        for line in self.lines.values():
            line.put(place)


@dataclass
class Letter:
    """A message in the outbox: what it is about, in which status, to whom, and whether it reports a parcel."""

    seq: int
    due: datetime
    status: str
    about: str
    to: str
    with_parcel: bool
    delivery: str = "waiting"

    def is_worth_sending(self, shown: str | None, letters: list[Letter]) -> bool:
        """Tell whether it is, for an order that its customer sees in `shown`."""
        if self.about in ("return", "correction"):
            return True
        if shown in VOID:
            return self.status in VOID
        if self.with_parcel:
            return True
        if shown in GONE and self.status in HELD and self.status != "received":
            return False
        return not any(
            (x.status, x.about, x.to) == (self.status, self.about, self.to)
            and x.seq > self.seq
            and x.delivery != "suppressed"
            for x in letters
        )


def _about(kind: Kind, before: Standing, now: Standing) -> str:
    """Return what a letter about a change tells: the status, or else what was done."""
    fewer = {p: x.quantity for p, x in before.lines.items()} != {p: x.quantity for p, x in now.lines.items()}
    if kind is Kind.UNDO or (kind is Kind.STATUS and fewer):
        return "correction"
    if before.status != now.status:
        return "status"
    known = {
        Kind.RETURN: "return",
        Kind.REMINDER: "reminder",
        Kind.LINES: "correction",
        Kind.DETAILS: "correction",
    }
    return known.get(kind, "status")


@dataclass
class Last:
    """The last change that an undo would look at, and what stood before it."""

    kind: Kind
    seq: int
    at: datetime
    before: Standing
    refunded: bool


@dataclass
class Twin:
    """An order as the model has it."""

    reference: str
    delivery: str
    method: str
    now: Standing
    touched: datetime
    key: str = ""
    steps: list[str] = field(default_factory=list)
    last: Last | None = None
    authorised: int = 0
    paid: int = 0
    refunded: int = 0
    failed: bool = False
    flagged: bool = False
    placed: bool = False
    letters: list[Letter] = field(default_factory=list)
    reminded: set[str] = field(default_factory=set)
    follow_up: str = ""
    moves_stock: bool = True

    @property
    def status(self) -> str:
        return self.now.status

    @property
    def lines(self) -> dict[int, Goods]:
        return self.now.lines

    @property
    def place(self) -> str:
        """Where goods come to that it gets in the status it has."""
        if self.status == PARTIAL or self.status in HELD:
            return "held"
        return "gone" if self.status in GONE else "free"

    @property
    def in_checkout(self) -> bool:
        return self.status in CHECKOUT

    @property
    def is_open(self) -> bool:
        return self.status in HELD or self.status == PARTIAL

    @property
    def has_sent(self) -> bool:
        return any(line.gone for line in self.lines.values())

    @property
    def has_left(self) -> bool:
        """Whether goods have ever left, also those that came back."""
        return any(line.gone or line.restocked for line in self.lines.values())

    @property
    def away(self) -> dict[int, int]:
        return {p: line.away for p, line in self.lines.items() if line.away}

    @property
    def total(self) -> int:
        return self.total_with(self.lines, self.delivery, self.method, self.now.discount)

    @staticmethod
    def total_with(lines: Mapping[int, Goods], delivery: str, method: str, discount: int) -> int:
        return sum(line.total for line in lines.values()) + SHIPPING[delivery] + FEE[method] - discount

    @property
    def payment(self) -> str:
        if self.refunded:
            return "refunded" if self.refunded >= self.paid else "part_refunded"
        if self.paid and self.paid >= self.total:
            return "paid"
        if self.failed:
            return "failed"
        if self.paid:
            return "part_paid"
        return "authorised" if self.authorised and self.authorised >= self.total else "unpaid"

    def covers(self, total: int, lines: Mapping[int, Goods] | None = None) -> bool:
        """Tell whether the money covers it; nothing is owed for what came back."""
        back = sum(line.came_back for line in (self.lines if lines is None else lines).values())
        return max(self.authorised, self.paid) - self.refunded >= total - back

    def next(self) -> set[str]:
        return CHECKOUT.get(self.status) or PLACED[self.delivery].get(self.status, set())

    # ── What stands against a change, as codes ───────────────────────────────────────────────────

    def against(
        self, target: str, *, reason: str = "", number: str = "", contents: Mapping[int, int] | None = None,
        booked: str = "",
    ) -> set[str]:  # fmt: skip
        """Return the codes of all that stands against going to `target`."""
        codes = set() if target in self.next() else {"not_in_flow"}
        if target == "received" and not self.placed:
            codes |= self._against_placing()
        codes |= self.against_guards(target, self.total)
        if target == "cancelled" and not reason:
            codes.add("no_reason")
        if target == "delivery_booked" and not booked:
            codes.add("missing_field")
        if target != "delivery_booked" and booked:
            codes.add("unknown_field")
        if number and self.delivery == "pickup":
            codes.add("no_parcel_numbers")
        return codes | self.against_contents(target, contents or {})

    def _against_placing(self) -> set[str]:
        who = self.now.customer
        codes = set() if who.name else {"no_name"}
        if not who.email and not who.phone:
            codes.add("no_contact")
        if self.delivery in NEEDS_ADDRESS and not who.street:
            codes.add("no_address")
        return codes

    def against_guards(self, target: str, total: int, lines: Mapping[int, Goods] | None = None) -> set[str]:
        codes = set()
        if self.method == "card" and target in {*MUST_BE_PAID, "received"} and not self.covers(total, lines):
            codes.add("not_paid")
        elif target in MUST_BE_PAID and (self.payment == "failed" or self.flagged):
            codes.add("payment_failed")
        if target in MUST_BE_APPROVED and self.method == "invoice" and not self.now.approved:
            codes.add("not_approved")
        return codes

    def against_contents(self, target: str, contents: Mapping[int, int]) -> set[str]:
        if target == PARTIAL:
            return self.against_part(contents)
        leaves = {p: g.held + g.never_held for p, g in self.lines.items() if g.held + g.never_held}
        sent = leaves if target in GONE else {}
        return {"not_everything"} if contents and contents != sent else set()

    def against_part(self, contents: Mapping[int, int]) -> set[str]:
        good = {p: n for p, n in contents.items() if p in self.lines and 1 <= n <= self.lines[p].held}
        codes = set() if good == contents else {"parcel_contents"}
        left = sum(line.held for line in self.lines.values()) - sum(good.values())
        return codes if contents and left > 0 else {*codes, "not_partial"}

    def against_undo(self, now: datetime) -> set[str]:
        last = self.last
        assert last is not None
        codes = {"refunded"} if last.refunded else set()
        if last.kind not in UNDOABLE:
            return {*codes, "not_undoable"}
        if now - last.at > UNDO_FOR:
            return {*codes, "too_late"}
        return {*codes, "in_checkout"} if last.before.status in CHECKOUT else codes

    # ── What a change does ───────────────────────────────────────────────────────────────────────

    @contextmanager
    def change(
        self, kind: Kind, at: datetime, *, tells: bool | None = None, refunded: bool = False
    ) -> Iterator[Standing]:
        """Write down a change: what it does to `now` is done within. `tells` None leaves it to the status."""
        before = deepcopy(self.now)
        yield self.now
        status, seq = self.now.status, len(self.steps) + 1
        self.steps.append(status)
        self.touched = at
        if status not in HIDDEN and kind is not Kind.UNDO:
            self.now.shown = status
        tells = before.status != status if tells is None else tells
        if tells and status in SENDS and self.now.customer.email:
            about = _about(kind, before, self.now)
            sent = len(self.now.parcels) > len(before.parcels)
            self.letters.append(
                Letter(seq, at + LETTER_WAITS, status, about, self.now.customer.email, with_parcel=sent)
            )
        if kind not in PASSED_OVER:
            self.last = Last(kind, seq, at, before, refunded)

    def recount(self) -> None:
        """Get ready for another total: of a failed payment only what shows or is flagged is remembered."""
        self.failed = self.flagged or self.payment == "failed"

    def enter(
        self, target: str, at: datetime, *, contents: Mapping[int, int] | None = None,
        parcel: str | None = None, booked: str = "", deadline: date | None = None,
    ) -> None:  # fmt: skip
        """Come to a status, with all that follows for goods, booking and deadline."""
        kind = Kind.PLACED if target == "received" and not self.placed else Kind.STATUS
        with self.change(kind, at) as now:
            now.status, now.deadline = target, deadline
            self.placed = self.placed or target == "received"
            self._move(target, contents or {})
            if parcel is not None:
                now.parcels.append(parcel)
            now.booking = self._booking(target, booked)

    def _move(self, target: str, contents: Mapping[int, int]) -> None:
        if target == PARTIAL:
            self.send_part(contents)
        elif target == "returned":
            for line in self.lines.values():
                line.restocked, line.gone = line.restocked + line.away, line.off
        else:
            self.now.put("held" if target in HELD else "gone" if target in GONE else "free")

    def send_part(self, contents: Mapping[int, int]) -> None:
        for position, quantity in contents.items():
            self.lines[position].held -= quantity
            self.lines[position].gone += quantity

    def _booking(self, target: str, booked: str) -> tuple[str, str] | None:
        old = self.now.booking
        if booked:
            return booked, "booked"
        if old is None or old[1] != "booked" or target == "shipped":
            return old
        return old[0], "completed" if target == "installed" else "cancelled"

    def undo(self, at: datetime, *, tells: bool) -> None:
        """Bring back what stood before the last change, and stop its letters; a booking leaves its trace."""
        last, booking = self.last, self.now.booking
        assert last is not None
        with self.change(Kind.UNDO, at, tells=tells):
            self.recount()
            self.now = deepcopy(last.before)
            now_booked = self.now.booking is not None and self.now.booking[1] == "booked"
            if booking is not None and booking[1] == "booked" and not now_booked:
                self.now.booking = booking[0], "cancelled"
        for letter in self.letters:
            if letter.seq == last.seq and letter.delivery == "waiting":
                letter.delivery = "suppressed"
