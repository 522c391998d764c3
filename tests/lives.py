"""Orders led through the shipped flows, and all there is to know of one as a value to compare."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from ashop_core import Shop
from ashop_core.doctor import examine_shop
from ashop_core.models import ImportedOrder, NewParcel, NewPayment, Order, PaymentKind
from ashop_core.testing import place_order, some_customer, some_lines
from ashop_stock_control import stock

PLUGINS = ("stock_control", "installation_booking")
TIME, LATER = "2026-12-01 13:00", "2026-12-02 08:30"
STOCKED = 10

Step = Callable[[Shop, Order], Order]


def stocked(shop: Shop, *skus: str) -> Shop:
    """Give the shop ten pieces of each article."""
    for sku in skus or ("LAMPA", "BORD"):
        stock.add_item(shop, sku, sku.title(), balance=STOCKED)
    return shop


def to(status: str, **given: Any) -> Step:
    """Return the step to a status, with what it asks for."""
    asked: dict[str, dict[str, Any]] = {
        "delivery_booked": {"fields": {"booked_time": TIME}},
        "cancelled": {"reason": "ångrad"},
    }
    values = {**asked.get(status, {}), **given}
    return lambda shop, order: shop.change_status(order, status, **values).order


def part(quantity: int = 1, number: str | None = "DEL 1") -> Step:
    """Return the step of sending so many of the first line in a parcel."""
    return to("partly_shipped", parcel=NewParcel(number=number, contents={1: quantity}))


def pay(amount: int | None = None, kind: PaymentKind = PaymentKind.PAID) -> Step:
    """Return the step of an entry in the payment record, the whole total unless told otherwise."""
    return lambda shop, order: (
        shop.add_payment(order, NewPayment(kind=kind, amount=order.total if amount is None else amount)).order
    )


def approve(shop: Shop, order: Order) -> Order:
    """Approve the order."""
    return shop.approve(order).order


def note(shop: Shop, order: Order) -> Order:
    """Write a note on it."""
    return shop.add_note(order, "ringde, inget svar").order


def led(shop: Shop, *steps: Step, delivery: str = "post", quantity: int = 3) -> Order:
    """Place an order of two lines and take it through the steps."""
    order = place_order(shop, some_lines("LAMPA", "BORD", quantity=quantity), delivery=delivery)
    for step in steps:
        order = step(shop, order)
    return shop.order(order)


def figures(shop: Shop) -> dict[str, tuple[int, int]]:
    """Return what is on hand and held of every article."""
    with shop.database.read() as reader:
        rows = reader.rows("SELECT sku, on_hand, held FROM stock_items ORDER BY sku")
    return {row["sku"]: (row["on_hand"], row["held"]) for row in rows}


def snapshot(shop: Shop, order: Order) -> dict[str, Any]:
    """Return everything of an order that an undo must bring back: all but its version and when it changed."""
    order = shop.order(order)
    with shop.database.read() as reader:
        row = reader.row("SELECT search, total FROM orders WHERE id = :id", {"id": order.id})
        booked = reader.rows(
            "SELECT name FROM sqlite_master WHERE name = 'installation_bookings'"
        ) and reader.row(
            "SELECT starts_at, state FROM installation_bookings WHERE order_id = :id", {"id": order.id}
        )
    values = {k: v for k, v in asdict(order).items() if k not in ("version", "changed_at")}
    return {
        **values,
        "row": tuple(row or ()),
        # a booking that was cancelled again is as good as none
        "booking": tuple(booked) if booked and booked["state"] != "cancelled" else None,
        "parcel_list": [(p.position, p.number, p.carrier, dict(p.contents)) for p in shop.parcels(order)],
        "stock": figures(shop),
        "customer": shop.customer_order(order),
    }


def sound(shop: Shop) -> None:
    """Assert that `ashop doctor` finds nothing wrong with the shop's data."""
    assert [f.text.en for f in examine_shop(shop) if f.serious] == []


def codes(problems: Any) -> list[str]:
    """Return the codes of the reasons in a refusal."""
    return [p.code for p in problems.value.problems]


def running(shop: Shop, **values: Any) -> Shop:
    """Give an open shop other values of its ``[shop]`` table."""
    shop.settings = replace(shop.settings, shop=replace(shop.settings.shop, **values))
    return shop


def imported(shop: Shop, status: str = "reviewed", *, move_stock: bool = False, **given: Any) -> Order:
    """Take over an order of two lines made elsewhere; its goods only move if asked."""
    values: dict[str, Any] = {
        "source": "elsewhere",
        "external_id": "1",
        "status": status,
        "at": shop.clock(),
        "lines": some_lines("LAMPA", "BORD", quantity=3),
        "customer": some_customer(),
        "delivery": "post",
        "payment_method": "invoice",
        "currency": "SEK",
        "language": "sv",
    }
    outcome = shop.import_order(ImportedOrder(**{**values, **given}), move_stock=move_stock)
    assert outcome is not None
    return outcome.order


POST = """
from ashop_core import Text, hookimpl
from ashop_core.models import Rendered

class Post:
    label = Text("brev", "letter")

    def __init__(self, code, reach):
        self.code, self.reach, self.posted = code, reach, []
        self.script = lambda: None

    def address(self, text):
        return text or None

    def recipient(self, customer):
        return getattr(customer, self.reach) or None

    def render(self, context):
        return Rendered(subject=context.template, body=repr(context))

    def send(self, message, rendered, within):
        self.script()
        self.posted.append((message, rendered))
        return "posted"

@hookimpl
def ashop_register_channels():
    return [Post("email", "email"), Post("sms", "phone")]
"""
"""A plugin whose channels keep what they send, after they have done what the test's `script` says."""


def posting(make_shop: Any, *plugins: str, toml: str = "", files: dict[str, str] | None = None) -> Shop:
    """Open a shop that sends on the channels of `POST`, its goods in stock."""
    files = {"plugins/post.py": POST, **(files or {})}
    return stocked(make_shop(*(plugins or PLUGINS), "local:post", toml=toml, files=files))


def channel(shop: Shop, code: str) -> Any:
    """Return a channel of `POST`, to see what it has `posted` and to give it another `script`."""
    return shop.channels[code]


def posted(shop: Shop) -> list[str]:
    """Return channel and template of everything that was sent, in the order it was."""
    sent = [(m.id, f"{code} {m.template}") for code in shop.channels for m, _ in channel(shop, code).posted]
    return [words for _, words in sorted(sent)]


def deliver_all(shop: Shop) -> None:
    """Deliver until nothing is due."""
    while shop.deliver():
        pass
