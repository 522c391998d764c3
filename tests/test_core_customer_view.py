"""What a customer sees of an order, step by step; and that a preview is to the letter what is sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from ashop_core.changes import (
    AmendRequest,
    CancelRequest,
    LineEdit,
    ParcelRequest,
    ReminderRequest,
    Request,
    ReturnRequest,
    StatusRequest,
)
from ashop_core.customer import CustomerGoods, CustomerOrder, Occasion
from ashop_core.models import ImportedOrder, NewParcel, NewPayment, Order, PaymentKind
from ashop_core.shop import Shop
from ashop_core.telling import telling_of
from ashop_core.testing import FixedClock, MakeShop, place_order, some_customer, some_lines
from ashop_core.texts import Text, same
from ashop_core.worker import work_once

TOML = """
[statuses.partly_shipped]
notify = ["email", "sms"]

[statuses.cancelled]
notify = ["email", "sms"]

[statuses.returned]
notify = ["email"]

[statuses.reviewed]
notify = ["email"]

[statuses.packed]
label = "Packad"
stage = "open"
stock = "gone"
after = ["reviewed"]
before = ["reviewed", "shipped", "cancelled"]

[statuses.handed_over]
label = "Överlämnad"
stage = "done"
stock = "gone"
after = ["shipped"]
before = ["delivered"]
"""
CARRIER = """
from ashop_core import Text, hookimpl
from ashop_core.models import ParcelInfo

@hookimpl
def ashop_describe_parcel(shop, order, parcel):
    if parcel.number == "TRASIG":
        raise RuntimeError("zq7fault")
    if parcel.number is None:
        return None
    return ParcelInfo(
        carrier=Text("Budet", "The Courier"), url=f"https://bud.example/{parcel.number}",
        hints=(Text("zq7hint", "zq7hint"),),
    )
"""


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return make_shop(
        "email", "sms", "installation_booking", "local:bud", toml=TOML, files={"plugins/bud.py": CARRIER},
        synchronous="OFF",
    )  # fmt: skip


def reviewed(shop: Shop, *, quantity: int = 2, **given: Any) -> Order:
    """Return an order of two lines, approved and reviewed."""
    order = place_order(shop, some_lines("LAMPA", "SLADD", quantity=quantity), **given)
    shop.approve(order)
    return shop.change_status(order, "reviewed").order


def seen(shop: Shop, order: Order) -> CustomerOrder:
    view = shop.customer_order(order)
    assert view is not None
    return view


def counts(view: CustomerOrder) -> list[tuple[int, int]]:
    return [(line.sent, line.returned) for line in view.lines]


def goods(sku: str, quantity: int) -> CustomerGoods:
    return CustomerGoods(name=f"Vara {sku}", sku=sku, quantity=quantity)


# ── Goods on their way and back ──────────────────────────────────────────────────────────────


def test_parts_are_sent_until_all_is(shop: Shop) -> None:
    order = reviewed(shop)
    before = seen(shop, order)

    shop.change_status(order, "partly_shipped", parcel=NewParcel(number="UA1", contents={1: 1}))
    part = seen(shop, order)
    shop.change_status(order, "shipped", parcel=NewParcel(number="UA2"))
    all_of_it = seen(shop, order)

    assert (counts(before), before.to_come) == ([(0, 0), (0, 0)], (goods("LAMPA", 2), goods("SLADD", 2)))
    assert (counts(part), part.to_come) == ([(1, 0), (0, 0)], (goods("LAMPA", 1), goods("SLADD", 2)))
    assert (counts(all_of_it), all_of_it.to_come) == ([(2, 0), (2, 0)], ())
    assert [(p.number, p.contents) for p in all_of_it.parcels] == [
        ("UA1", (goods("LAMPA", 1),)),
        ("UA2", (goods("LAMPA", 1), goods("SLADD", 2))),
    ]


def test_a_cancelled_rest_is_not_still_to_come(shop: Shop) -> None:
    order = reviewed(shop)
    shop.change_status(order, "partly_shipped", parcel=NewParcel(contents={1: 1}))

    shop.cancel(order, "slut")

    view = seen(shop, order)
    assert (view.status.sv, view.to_come, view.total) == ("Skickad", (), 10000)
    assert [(line.sku, line.quantity, line.sent) for line in view.lines] == [("LAMPA", 1, 1)]


def test_nothing_is_still_to_come_of_a_cancelled_order(shop: Shop) -> None:
    order = reviewed(shop)

    shop.cancel(order, "zq7reason", notify=False)

    view = seen(shop, order)
    assert (view.to_come, view.left_to_pay, counts(view)) == ((), 0, [(0, 0), (0, 0)])
    assert "zq7reason" not in repr(view)


def test_what_came_back_is_counted_though_the_order_stands_in_a_hidden_status(shop: Shop) -> None:
    order = reviewed(shop)
    shop.change_status(order, "shipped")
    shop.change_status(order, "handed_over")

    shop.take_back(order, ReturnRequest(restocked={1: 1}, written_off={2: 1}))

    view = seen(shop, order)
    assert (view.status.sv, counts(view)) == ("Skickad", [(2, 1), (2, 1)])


def test_goods_that_left_and_came_back_in_secret_never_left(shop: Shop) -> None:
    order, twin = reviewed(shop), reviewed(shop)

    shop.change_status(order, "packed")
    packed = seen(shop, order)
    shop.cancel(order, "fel")
    shop.cancel(twin, "fel")

    assert (counts(packed), packed.status.sv) == ([(0, 0), (0, 0)], "Behandlas")
    assert packed.to_come == (goods("LAMPA", 2), goods("SLADD", 2))
    assert counts(seen(shop, order)) == counts(seen(shop, twin)) == [(0, 0), (0, 0)]


def test_goods_that_left_in_secret_are_in_the_parcel_that_tells_of_them(shop: Shop) -> None:
    order = reviewed(shop)
    shop.change_status(order, "packed")

    shop.change_status(order, "shipped", parcel=NewParcel(number="UA1"))

    (parcel,) = seen(shop, order).parcels
    assert parcel.contents == (goods("LAMPA", 2), goods("SLADD", 2))


@pytest.mark.parametrize(("status", "sent"), [("shipped", 2), ("reviewed", 0)])
def test_an_imported_order_that_moves_no_stock_is_told_by_its_status(
    shop: Shop, status: str, sent: int
) -> None:
    outcome = shop.import_order(
        ImportedOrder(
            source="old", external_id="1", status=status, at=shop.clock(), lines=some_lines("A", quantity=2),
            customer=some_customer(), delivery="post", payment_method="card", currency="SEK", language="sv",
            paid=20000,
        )
    )  # fmt: skip
    assert outcome is not None

    assert counts(seen(shop, outcome.order)) == [(sent, 0)]
    if sent == 0:
        shop.change_status(outcome.order, "partly_shipped", parcel=NewParcel(contents={1: 1}))
        assert counts(seen(shop, outcome.order)) == [(1, 0)]
        shop.change_status(outcome.order, "shipped")
    shop.take_back(outcome.order, ReturnRequest(restocked={1: 1}))
    assert counts(seen(shop, outcome.order)) == [(2, 1)]
    shop.take_back(outcome.order, ReturnRequest(written_off={1: 1}))
    assert (seen(shop, outcome.order).status.sv, counts(seen(shop, outcome.order))) == (
        "Returnerad",
        [(2, 2)],
    )


# ── Parcels ──────────────────────────────────────────────────────────────────────────────────


def test_a_parcel_of_a_hidden_status_is_shown_once_a_visible_one_is_reached(shop: Shop) -> None:
    order = reviewed(shop)
    shop.change_status(order, "shipped")
    before = seen(shop, order)
    shop.change_status(order, "handed_over")
    shop.add_parcel(order, NewParcel(number="UA7"))
    hidden = seen(shop, order)

    shop.change_status(order, "delivered")

    assert hidden == before
    assert [p.number for p in seen(shop, order).parcels] == ["UA7"]


def test_carrier_and_link_come_from_plugins_and_their_hints_stay_with_staff(shop: Shop) -> None:
    order = reviewed(shop)
    shop.change_status(order, "shipped", parcel=NewParcel(number="UA1", carrier="x"))
    shop.add_parcel(order, NewParcel(carrier="Mormor"))
    shop.add_parcel(order, NewParcel(number="TRASIG"))

    view = seen(shop, order)

    assert [(p.carrier, p.url) for p in view.parcels] == [
        (Text("Budet", "The Courier"), "https://bud.example/UA1"),
        (same("Mormor"), None),
        (None, None),
    ]
    assert "zq7" not in repr(view)


# ── What was undone never was ────────────────────────────────────────────────────────────────


def test_an_undone_change_leaves_nothing_behind(shop: Shop) -> None:
    order = reviewed(shop)
    before = seen(shop, order)
    shop.change_status(order, "shipped", parcel=NewParcel(number="UA1"), notify=False)
    shop.add_note(order, "fel order!")  # a note in a status that is undone has no status of its own

    shop.undo(order)

    assert seen(shop, order) == before


def test_what_is_done_after_an_undo_shows(shop: Shop) -> None:
    order = reviewed(shop)
    shop.change_status(order, "shipped", parcel=NewParcel(number="UA1"), notify=False)
    shop.undo(order)

    shop.change_status(order, "shipped", parcel=NewParcel(number="UA2"))

    view = seen(shop, order)
    assert (view.status.sv, [p.number for p in view.parcels]) == ("Skickad", ["UA2"])
    assert counts(view) == [(2, 0), (2, 0)]
    assert dict(view.fields) == {"parcel_number": "UA2"}


def test_an_undone_correction_is_as_if_it_had_not_been(shop: Shop) -> None:
    order = reviewed(shop)
    before = seen(shop, order)
    shop.amend(order, AmendRequest(lines=(LineEdit(position=1, quantity=1),), discount=100))
    changed = seen(shop, order)

    shop.undo(order)

    assert changed.total == before.total - 10100
    assert seen(shop, order) == before


# ── Last days, fields, money ─────────────────────────────────────────────────────────────────


def test_the_last_day_is_shown_as_long_as_its_status_is(shop: Shop) -> None:
    order = reviewed(shop, delivery="pickup")
    shop.change_status(order, "ready_for_pickup", fields={"collect_by": "2026-12-07"})
    waiting = seen(shop, order)

    shop.change_status(order, "picked_up")

    assert (waiting.deadline, dict(waiting.fields)) == (date(2026, 12, 7), {"collect_by": "2026-12-07"})
    assert (seen(shop, order).deadline, dict(seen(shop, order).fields)) == (None, {})


def test_a_field_that_its_status_no_longer_asks_for_is_not_shown(make_shop: MakeShop) -> None:
    flows = """
from ashop_core import Text, hookimpl
from ashop_core.flows import FlowParts
from ashop_core.models import Field, FieldType, Place, Stage, Status
from ashop_core.standard import steps

@hookimpl
def ashop_register_flows():
    booked = Status(
        code="booked", label=Text("Bokad", "Booked"), customer_label=Text("Bokad", "Booked"), stage=Stage.OPEN,
        stock=Place.HELD, fields=(Field(code="CODE", type=FieldType.TEXT, label=Text("Tid", "Time")),),
    )
    return FlowParts(statuses=(booked,), transitions=steps("reviewed > booked > shipped", "post"))
"""
    first = make_shop("local:flows", files={"plugins/flows.py": flows.replace("CODE", "time")})
    order = place_order(first)
    first.change_status(order, "reviewed")
    first.change_status(order, "booked", fields={"time": "fredag"})
    assert dict(seen(first, order).fields) == {"time": "fredag"}
    first.close()

    later = make_shop("local:flows", files={"plugins/flows.py": flows.replace("CODE", "day")})

    assert dict(seen(later, order).fields) == {}


def test_a_customer_sees_what_is_paid_and_what_is_due(make_shop: MakeShop) -> None:
    shop = make_shop(toml='[payment.prepaid]\nlabel = "Förskott"\nfee = 500\ndue_days = 10\n')
    order = place_order(shop, payment_method="prepaid")
    unpaid = seen(shop, order)
    shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=order.total))
    paid = seen(shop, order)

    shop.add_payment(order, NewPayment(kind=PaymentKind.REFUNDED, amount=400))

    assert (unpaid.payment_fee, unpaid.total, unpaid.left_to_pay) == (500, 10500, 10500)
    assert unpaid.payment_due == date(2026, 12, 3)
    assert (paid.paid, paid.left_to_pay, paid.payment_due) == (10500, 0, None)
    refunded = seen(shop, order)
    assert (refunded.refunded, refunded.left_to_pay) == (400, 0)  # money given back is no new debt
    assert sum(row.gross for row in refunded.vat) == refunded.total


# ── Messages ─────────────────────────────────────────────────────────────────────────────────


def contexts(shop: Shop, order: Order) -> list[Any]:
    return [telling_of(shop, message).context for message in shop.messages(order)]


def test_a_late_message_tells_of_its_own_change_and_of_nothing_later(shop: Shop, clock: FixedClock) -> None:
    order = reviewed(shop)
    part = NewParcel(number="UA1", contents={1: 1})
    shop.change_status(order, "partly_shipped", parcel=part, words="Resten på måndag.")
    clock.advance(hours=1)
    shop.change_status(order, "shipped", parcel=NewParcel(number="UA2"), words="Här är resten.")
    shop.take_back(order, ReturnRequest(restocked={1: 2}, notify=False))

    by_channel = {
        (m.template, m.channel): c for m, c in zip(shop.messages(order), contexts(shop, order), strict=True)
    }

    first, rest = by_channel["partly_shipped", "email"], by_channel["shipped", "email"]
    assert (first.words, first.parcel.number, first.status.sv) == (
        "Resten på måndag.",
        "UA1",
        "Delvis skickad",
    )
    assert first.order.to_come == (goods("LAMPA", 1), goods("SLADD", 2))
    assert [p.number for p in first.order.parcels] == ["UA1"]
    assert dict(first.order.fields) == {"parcel_number": "UA1"}
    assert (rest.words, rest.parcel.number, rest.order.to_come) == ("Här är resten.", "UA2", ())
    assert counts(rest.order) == [(2, 0), (2, 0)]


def test_a_message_about_what_was_undone_is_not_sent(shop: Shop) -> None:
    order = reviewed(shop)
    shop.change_status(order, "shipped", parcel=NewParcel(number="UA1"))
    waiting = [m for m in shop.messages(order) if m.template == "shipped"]

    shop.undo(order)

    assert waiting
    assert [telling_of(shop, message).context for message in waiting] == [None] * len(waiting)


@pytest.mark.parametrize(
    ("request_", "occasion", "template"),
    [
        (ReminderRequest(), Occasion.REMINDER, "ready_for_pickup_reminder"),
        (AmendRequest(discount=100, notify=True), Occasion.CORRECTION, "ready_for_pickup_correction"),
        (StatusRequest(to="picked_up"), Occasion.STATUS, "ready_for_pickup"),
    ],
)
def test_a_message_knows_what_it_is_about(
    shop: Shop, request_: Request, occasion: Occasion, template: str
) -> None:
    order = reviewed(shop, delivery="pickup")
    shop.change_status(order, "ready_for_pickup")

    shop.change(order, request_)

    message = shop.messages(order)[-1]
    context = telling_of(shop, replace(message, resends=message.id)).context  # as staff would send it again
    assert context is not None
    assert (message.template, context.occasion) == (template, occasion)


def test_a_return_that_leaves_the_status_is_told_as_a_return(shop: Shop) -> None:
    order = reviewed(shop)
    shop.change_status(order, "shipped")

    shop.take_back(order, ReturnRequest(restocked={1: 1}, words="Tack!", notify=True))

    work_once(shop)
    mail = next(m for m in shop.messages(order) if m.template == "shipped_return" and m.channel == "email")
    assert mail.rendered is not None
    assert mail.rendered.subject == f"Vi har tagit emot din retur, beställning {order.number}"
    assert "1 × Vara LAMPA" in mail.rendered.body
    assert "Tack!" in mail.rendered.body


def go(to: str, **given: Any) -> StatusRequest:
    return StatusRequest(to=to, **given)


# Each life is the requests made before, and the one that is previewed and then made.
PREVIEWED: dict[str, tuple[str, list[Request], Request]] = {
    "part 1 of 2": (
        "post",
        [],
        go("partly_shipped", parcel=NewParcel(number="UA1", contents={1: 1}), words="Mer kommer.\nÅsa"),
    ),
    "another part": (
        "post",
        [go("partly_shipped", parcel=NewParcel(number="UA1", contents={1: 1}))],
        ParcelRequest(parcel=NewParcel(number="UA2", contents={2: 1})),
    ),
    "the rest": (
        "post",
        [go("partly_shipped", parcel=NewParcel(number="UA1", contents={1: 1}))],
        go("shipped", parcel=NewParcel(number="UA2"), words="Här är resten."),
    ),
    "the rest cancelled": (
        "post",
        [go("partly_shipped", parcel=NewParcel(number="UA1", contents={1: 1}))],
        CancelRequest(reason="slut"),
    ),
    "all of it": ("post", [], go("shipped", parcel=NewParcel(number="UA1"))),
    "shipped from a hidden status": ("post", [go("packed")], go("shipped", parcel=NewParcel(number="UA1"))),
    "cancelled with words": ("post", [], CancelRequest(reason="zq7reason", words="Förlåt!")),
    "ready to collect": ("pickup", [], go("ready_for_pickup")),
    "ready, with a day": ("pickup", [], go("ready_for_pickup", fields={"collect_by": "2026-12-24"})),
    "reminded": ("pickup", [go("ready_for_pickup")], ReminderRequest()),
    "corrected": ("pickup", [go("ready_for_pickup")], AmendRequest(discount=500, words="Rabatt!")),
    "booked": ("installation", [], go("delivery_booked", fields={"booked_time": "2026-12-01 08:00"})),
    "some of it back": ("post", [go("shipped")], ReturnRequest(restocked={1: 1}, notify=True)),
    "all of it back": ("post", [go("shipped")], ReturnRequest(written_off={1: 2, 2: 2})),
}  # fmt: skip


@pytest.mark.parametrize("life", PREVIEWED)
@pytest.mark.parametrize("language", ["sv", "en"])
def test_a_preview_reads_to_the_letter_as_what_is_sent(shop: Shop, life: str, language: str) -> None:
    delivery, before, request = PREVIEWED[life]
    order = reviewed(shop, delivery=delivery, language=language)
    for earlier in before:
        shop.change(order, earlier)
    there = {message.id for message in shop.messages(order)}

    preview = shop.preview(order, request)
    shop.change(order, request)
    work_once(shop)

    sent = [(m.channel, m.template, m.rendered) for m in shop.messages(order) if m.id not in there]
    assert preview.problems == ()
    assert sent == [(p.channel, p.template, rendered) for p, rendered in preview.previews]
    assert sent
    assert "zq7" not in repr(sent)


def test_the_preview_of_the_confirmation_reads_as_it_is_sent(shop: Shop) -> None:
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", payment_method="invoice")
    shop.give_details(order, customer=some_customer())

    preview = shop.preview(order, StatusRequest(to="received"))
    shop.place(order)
    work_once(shop)

    assert [m.rendered for m in shop.messages(order)] == [rendered for _, rendered in preview.previews]


def test_a_change_made_again_after_an_undo_is_told_as_its_preview(shop: Shop) -> None:
    order = reviewed(shop)
    shop.change_status(order, "shipped", parcel=NewParcel(number="UA1"))
    work_once(shop)
    shop.undo(order)
    there = len(shop.messages(order))
    again = StatusRequest(to="shipped", parcel=NewParcel(number="UA2"), words="Rätt kollinummer.")

    preview = shop.preview(order, again)
    shop.change(order, again)
    work_once(shop)

    sent = [m.rendered for m in shop.messages(order)[there:]]
    assert sent == [rendered for _, rendered in preview.previews]
    assert "UA1" not in repr(sent)
    assert "UA2" in repr(sent)
