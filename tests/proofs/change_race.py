"""Processes that change the same order at the same instant: what each was told, and what came of the order.

All of them read the order before any of them goes on to write, so that every order is really raced for. What
a process was told is compared with the history, which names it, and with what the order then holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from ashop_core import AshopError, Conflict, NewLine, NewParcel, NewPayment, Refused, Shop, lifecycle
from ashop_core.changes import (
    AmendRequest,
    ApprovalRequest,
    CancelRequest,
    LineEdit,
    NoteRequest,
    ParcelRequest,
    PaymentRequest,
    PlaceRequest,
    Request,
    ReturnRequest,
    StatusRequest,
)
from ashop_core.doctor import examine_shop
from ashop_core.models import Entry, Order, PaymentKind
from ashop_core.testing import place_order, some_customer
from ashop_stock_control import stock
from tests.proofs.harness import Child, Gate, hand_in, handed_in, put_in
from tests.shops import write_paper_shop

CALLERS = 8
SENDS = ("received", "shipped")
LINES = (
    NewLine(sku="LAMPA", name="Lampa", quantity=2, unit_price=9900),
    NewLine(sku="SLADD", name="Sladd", quantity=1, unit_price=500),
)

REQUESTS: dict[str, Callable[[int], Request]] = {
    "place": lambda me: PlaceRequest(),
    "review": lambda me: StatusRequest(to="reviewed"),
    "ship": lambda me: StatusRequest(to="shipped"),
    "deliver": lambda me: StatusRequest(to="delivered"),
    "cancel": lambda me: CancelRequest(reason="ångrade sig"),
    "fewer": lambda me: AmendRequest(lines=(LineEdit(position=1, quantity=1),)),
    "more": lambda me: AmendRequest(add=(NewLine(sku=f"VARA {me}", name="", quantity=1, unit_price=me),)),
    "pay": lambda me: PaymentRequest(payment=NewPayment(kind=PaymentKind.PAID, amount=100 + me)),
    "note": lambda me: NoteRequest(note=f"anteckning {me}"),
    "withdraw": lambda me: ApprovalRequest(withdraw=True),
    "return": lambda me: ReturnRequest(restocked={1: 1}),
    "parcel": lambda me: ParcelRequest(parcel=NewParcel(number=f"kolli {me}")),
}
"""What the callers ask for, by name; an undo is worked out by the shop."""


@dataclass(frozen=True)
class Scene:
    """What eight callers ask of an order that stands in `status`; `tell` says what is wrong with what came of it.

    `at_the_version` they ask for the version that they have seen, and no other.
    """

    name: str
    status: str
    asks: tuple[str, ...]
    expected: Callable[[Counter[str], Order, Sequence[Entry]], bool]
    at_the_version: bool = False


def _one(others: str) -> Callable[[Counter[str], Order, Sequence[Entry]], bool]:
    return lambda told, order, made: told == {"made": 1, others: CALLERS - 1}


SCENES = (
    Scene("the same status", "reviewed", ("ship",) * 8, _one("unchanged")),
    Scene("the same status, at the version seen", "reviewed", ("ship",) * 8, _one("conflict"), True),
    Scene("placement", "details_given", ("place",) * 8, _one("unchanged")),
    Scene(
        "all different, at the version seen", "reviewed",
        ("ship", "cancel", "undo", "fewer", "pay", "note", "withdraw", "more"), _one("conflict"), True,
    ),
    Scene(
        "all different", "reviewed", ("ship", "cancel", "undo", "fewer", "pay", "note", "withdraw", "more"),
        lambda told, order, made: told["made"] >= 3,  # a payment and a note always, and what came first
    ),
    Scene(
        "ship or cancel", "reviewed", ("ship", "cancel") * 4,
        lambda told, order, made: told == {"made": 1, "unchanged": 3, "refused": 4},
    ),
    Scene(
        "eight payments", "reviewed", ("pay",) * 8,
        lambda told, order, made: told == {"made": 8} and order.paid == sum(100 + n for n in range(8)),
    ),
    Scene(
        "eight edits", "received", ("more",) * 8,
        lambda told, order, made: told == {"made": 8} and len(order.lines) == len(LINES) + 8
        and order.total == sum(line.total for line in order.lines),
    ),
    Scene(
        "what was sent", "shipped", ("return", "return", "return", "undo", "deliver", "parcel", "pay", "note"),
        lambda told, order, made: told["made"] >= 3
        and sum(line.returned for line in order.lines) == sum(e.kind == "return" for e in made)
        - sum(e.undoes is not None and made_kind(made, e.undoes) == "return" for e in made),
    ),
)  # fmt: skip


def made_kind(made: Sequence[Entry], seq: int) -> str:
    """Return the kind of a change that was made in the race, or nothing for an earlier one."""
    return next((e.kind for e in made if e.seq == seq), "")


@dataclass
class Races:
    """So many orders that were raced for, and what is wrong."""

    orders: int = 0
    told: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)


def race_for(folder: Path, orders: int, fault: Callable[[], object] | None = None) -> Races:
    """Let eight processes change so many orders, all at once, one order after the other; check everything."""
    names = _make_orders(folder, orders)
    read, gates = Gate(), [Gate() for _ in range(CALLERS)]
    children = [Child(partial(_call, folder, me, names, read, gate, fault)) for me, gate in enumerate(gates)]
    for _ in names:
        for _ in ("begin", "go on"):
            read.wait_at_most(CALLERS)
            for gate in gates:
                gate.give()
    done = Races(orders)
    done.wrong += [f"caller {n} ended with {code}" for n, c in enumerate(children) if (code := c.wait())]
    for gate in (read, *gates):
        gate.close()
    if not done.wrong:
        _check(folder, names, done)
    return done


def _make_orders(folder: Path, orders: int) -> list[tuple[str, int]]:
    """Make so many orders, of each scene in turn; return their names and versions."""
    write_paper_shop(folder)
    settings = folder / "ashop.toml"
    words = settings.read_text(encoding="utf-8")
    settings.write_text(
        words.replace('["local:paper"]', '["local:paper", "stock_control"]'), encoding="utf-8"
    )
    with Shop.open(folder, synchronous="OFF") as shop:
        for line in LINES:
            stock.add_item(shop, line.sku, line.name, balance=1_000_000)
        return [_make_order(shop, SCENES[n % len(SCENES)].status, n) for n in range(orders)]


def _make_order(shop: Shop, status: str, n: int) -> tuple[str, int]:
    if status == "details_given":
        order = shop.start_order(LINES, checkout_key=f"{n}", payment_method="invoice")
        return order.reference, shop.give_details(order, customer=some_customer()).order.version
    order = place_order(shop, LINES)
    shop.approve(order)
    for code in ("reviewed", "shipped")[: ("received", "reviewed", "shipped").index(status)]:
        shop.change_status(order, code)
    return order.reference, shop.order(order).version


# ── One process ──────────────────────────────────────────────────────────────────────────────────


def _call(
    folder: Path,
    me: int,
    names: list[tuple[str, int]],
    read: Gate,
    gate: Gate,
    fault: Callable[[], object] | None,
) -> None:
    if fault is not None:
        fault()
    waits = _pause_after_reading(read, gate)
    told = []
    try:
        with Shop.open(folder, synchronous="OFF") as shop:
            for n, (order, version) in enumerate(names):
                scene = SCENES[n % len(SCENES)]
                read.give()
                gate.wait()
                waits.append(order)
                seen = version if scene.at_the_version else None
                told.append(_ask(shop, scene.asks[me], order, me, seen))
                if waits:  # it was told without the order being read for a change
                    waits.clear()
                    read.give()
                    gate.wait()
    finally:
        read.give_up()
    hand_in(folder, f"caller {me}", told)


def _pause_after_reading(read: Gate, gate: Gate) -> list[str]:
    """Have this process wait, once for each order put into the list, between reading it and going on."""
    original = lifecycle.read_order
    waits: list[str] = []

    def pause(*arguments: Any) -> Order:
        found = original(*arguments)
        if waits:
            waits.clear()
            read.give()
            gate.wait()
        return found

    put_in(lifecycle, "read_order", pause)
    return waits


def _ask(shop: Shop, name: str, order: str, me: int, seen: int | None) -> str:
    """Ask, and return what was told in a word."""
    try:
        request: Request
        if name == "undo":
            found, request = shop.undo_request(order)
            seen = found.version
        else:
            request = REQUESTS[name](me)
        outcome = shop.change(order, request, actor=f"caller {me}", expected_version=seen)
    except Conflict:
        return "conflict"
    except Refused:
        return "refused"
    except AshopError as error:
        return f"{type(error).__name__}: {error}"
    return "unchanged" if outcome.unchanged else "made"


# ── Afterwards ───────────────────────────────────────────────────────────────────────────────────


def _check(folder: Path, names: list[tuple[str, int]], done: Races) -> None:
    told = [handed_in(folder, f"caller {me}") for me in range(CALLERS)]
    with Shop.open(folder, synchronous="OFF") as shop:
        done.wrong += [str(finding.text) for finding in examine_shop(shop) if finding.serious]
        for n, (name, version) in enumerate(names):
            scene, words = SCENES[n % len(SCENES)], [each[n] for each in told]
            done.told.update(words)
            wrong = _wrong_with(shop, name, version, scene, words)
            done.wrong += [f"{name}, {scene.name}, {words}: {complaint}" for complaint in wrong]


def _wrong_with(shop: Shop, name: str, version: int, scene: Scene, told: list[str]) -> Iterator[str]:
    order = shop.order(name)
    entries = shop.history(order)
    made = [entry for entry in entries if entry.seq > version]
    here = Counter(entry.actor for entry in made)
    confirmed = {f"caller {me}": 1 for me, word in enumerate(told) if word == "made"}
    if here != confirmed:
        yield f"confirmed {sorted(confirmed)}, in the history {sorted(here.elements())}"
    if [entry.seq for entry in entries] != list(range(1, order.version + 1)):
        yield f"the history has {[entry.seq for entry in entries]} at version {order.version}"
    steps = [entry.to_status for entry in entries]
    if [entry.from_status for entry in entries] != [None, *steps[:-1]] or steps[-1] != order.status:
        yield f"the history does not hang together: {steps}, {order.status}"
    if order.paid != sum(entry.amount for entry in shop.payments(order)):
        yield f"paid {order.paid}"
    if not scene.expected(Counter(told), order, made):
        yield f"not as expected, {order}"
    expected = [e.seq for e in entries if e.from_status != e.to_status in SENDS and e.kind != "undo"]
    if [message.seq for message in shop.messages(order)] != expected:
        yield f"messages for {[m.seq for m in shop.messages(order)]}, not {expected}"
