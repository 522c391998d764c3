"""Everything that can be done to an order, as operations that a crash may interrupt: what it needs, and the deed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from ashop_core import Customer, NewLine, NewParcel, NewPayment, Shop
from ashop_core.changes import AmendRequest, LineEdit, ReturnRequest
from ashop_core.models import ImportedOrder, PaymentKind
from ashop_core.testing import FixedClock, some_customer, write_shop
from ashop_stock_control import stock

PLUGINS = ("email", "installation_booking", "local:spool", "sms", "stock_control")
SKUS = ("LAMPA", "SLADD", "LED")
SPOOL = Path(__file__).with_name("spool_plugin.py")
LINES = tuple(
    NewLine(sku=sku, name=sku.title(), quantity=n, unit_price=9900) for n, sku in enumerate(SKUS, 1)
)
KEY = "the checkout"
ONE = "K-PRVE22"
"""The reference of the order that the operation is about."""
FIRST_NUMBER = 100001


def _nothing(shop: Shop) -> None: ...


@dataclass(frozen=True)
class UseCase:
    """An operation: `prepare` is done in peace beforehand, `act` is interrupted and then done again.

    `toml` are more settings of its shop, `files` its own plugins by their names. One that is `repeated` is done
    again whatever was kept of it, and must end as if nothing had interrupted it; until then `unfinished` are codes that
    the doctor may find.
    """

    name: str
    act: Callable[[Shop], object]
    prepare: Callable[[Shop], object] = _nothing
    toml: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    repeated: bool = False
    unfinished: frozenset[str] = frozenset()


def make_shop(folder: Path, clock: FixedClock, use_case: UseCase) -> None:
    """Make a shop in which a use case can take place, and close it."""
    toml = '[statuses.received]\nnotify = ["spool", "email"]\n' + use_case.toml
    files = {f"plugins/{name}.py": text for name, text in use_case.files.items()}
    files["plugins/spool.py"] = SPOOL.read_text(encoding="utf-8")
    write_shop(folder, *PLUGINS, *(f"local:{name}" for name in use_case.files), toml=toml, files=files)
    with Shop.open(folder, clock=clock, synchronous="OFF") as shop:
        for sku in SKUS:
            # LED falls to 0 when the order is placed, so that a stock rule fires in the same transaction.
            stock.add_item(shop, sku, sku.title(), balance=3 if sku == "LED" else 100)
        use_case.prepare(shop)


def start(shop: Shop, payment: str = "invoice", delivery: str = "post") -> str:
    """Begin the order and return its reference."""
    order = shop.start_order(LINES, checkout_key=KEY, delivery=delivery, payment_method=payment)
    return order.reference


def details(shop: Shop, payment: str = "invoice", delivery: str = "post") -> str:
    """Bring the order to where its details are given."""
    order = start(shop, payment, delivery)
    shop.give_details(order, customer=some_customer())
    return order


def the_order(shop: Shop) -> str:
    """Return the reference of the order, which its checkout began."""
    with shop.database.read() as reader:
        row = reader.row("SELECT reference FROM orders WHERE checkout_key = :key", {"key": KEY})
    assert row is not None
    return str(row["reference"])


def awaiting(shop: Shop) -> str:
    """Bring an order paid by card to where it waits for its payment."""
    order = details(shop, "card")
    shop.await_payment(order)
    return order


def paid(shop: Shop) -> str:
    """Bring an order paid by card to where it only needs to be placed."""
    order = awaiting(shop)
    pay(shop)
    return order


def pay(shop: Shop) -> None:
    """Pay the whole order."""
    order = shop.order(the_order(shop))
    shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=order.total, reference="betald-1"))


def placed(shop: Shop, delivery: str = "post") -> str:
    """Bring the order through its checkout."""
    order = details(shop, delivery=delivery)
    shop.place(order)
    return order


def reviewed(shop: Shop, delivery: str = "post") -> str:
    """Bring the order to where it is approved and reviewed."""
    order = placed(shop, delivery)
    shop.approve(order)
    shop.change_status(order, "reviewed")
    return order


def shipped(shop: Shop) -> str:
    """Bring the order to where it is sent."""
    order = reviewed(shop)
    shop.change_status(order, "shipped", parcel=NewParcel(number="00373500489530471234"))
    return order


def send_a_part(shop: Shop) -> None:
    """Send one piece of the first line."""
    shop.change_status(the_order(shop), "partly_shipped", parcel=NewParcel(number="0037", contents={1: 1}))


def partly_sent(shop: Shop) -> str:
    """Bring the order to where a part of it is sent."""
    order = reviewed(shop)
    send_a_part(shop)
    return order


def rest_cancelled(shop: Shop) -> str:
    """Bring the order to where the rest of it was just cancelled."""
    order = partly_sent(shop)
    shop.cancel(order, "slut")
    return order


def sent_and_paid(shop: Shop) -> str:
    """Bring the order to where it is sent and paid."""
    order = shipped(shop)
    pay(shop)
    return order


IMPORTED = ImportedOrder(
    source="old shop",
    external_id="4711",
    status="shipped",
    at=datetime(2026, 1, 5, 8, tzinfo=UTC),
    lines=LINES,
    customer=replace(Customer(), name="Nils Ek", email="nils@example.se"),
    delivery="post",
    payment_method="invoice",
    currency="SEK",
    language="sv",
    parcel_number="1234",
)

USE_CASES = (
    UseCase("start", start),
    UseCase("details", lambda s: s.give_details(the_order(s), customer=some_customer()), start),
    UseCase("await payment", lambda s: s.await_payment(the_order(s)), lambda s: details(s, "card")),
    UseCase("payment", pay, awaiting),
    UseCase("place", lambda s: s.place(the_order(s)), details),
    UseCase("place, paid", lambda s: s.place(the_order(s)), paid),
    UseCase("abandon", lambda s: s.abandon(the_order(s)), details),
    UseCase("status", lambda s: s.change_status(the_order(s), "reviewed"), placed),
    UseCase("approve", lambda s: s.approve(the_order(s)), placed),
    UseCase("note", lambda s: s.add_note(the_order(s), "Ring först"), placed),
    UseCase(
        "ship with parcel",
        lambda s: s.change_status(the_order(s), "shipped", parcel=NewParcel(number="0037")),
        reviewed,
    ),
    UseCase("one more parcel", lambda s: s.add_parcel(the_order(s), NewParcel(number="0038")), shipped),
    UseCase("cancel", lambda s: s.change_status(the_order(s), "cancelled", reason="ångrat"), reviewed),
    UseCase(
        "book installation",
        lambda s: s.change_status(
            the_order(s), "delivery_booked", fields={"booked_time": "2026-12-01 13:00"}
        ),
        lambda s: reviewed(s, "installation"),
    ),
    UseCase(
        "edit",
        lambda s: s.amend(
            the_order(s), AmendRequest(lines=(LineEdit(position=1, quantity=5),), discount=100)
        ),
        reviewed,
    ),
    UseCase("send a part", send_a_part, reviewed),
    UseCase("cancel the rest", lambda s: s.cancel(the_order(s), "slut"), partly_sent),
    UseCase("undo", lambda s: s.undo(the_order(s)), shipped),
    UseCase("undo the cancelled rest", lambda s: s.undo(the_order(s)), rest_cancelled),
    UseCase(
        "return",
        lambda s: s.take_back(the_order(s), ReturnRequest(restocked={1: 1}, refund=100, reference="åter")),
        sent_and_paid,
    ),
    UseCase("anonymise", lambda s: s.anonymise(the_order(s)), details),
    UseCase("import", lambda s: s.import_order(IMPORTED, move_stock=True, notify=True)),
    UseCase("receive goods", lambda s: stock.receive(s, "LED", 5, key="följesedel 1")),
    UseCase("deliver outbox", lambda s: s.deliver(), placed),
)
