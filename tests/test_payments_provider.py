"""The plugin payments: what is asked of a provider when goods leave, and what becomes of its answers.

The provider is our own example, built for the demo and these tests: a real HTTP server on loopback that speaks
what docs/payments.md describes and remembers what it granted by Idempotency-Key.
"""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request as Asked
from werkzeug import Response

from ashop_core import AshopError, NewLine, Refused, Shop, StatusRequest
from ashop_core.calling import LARGEST_ANSWER
from ashop_core.changes import AmendRequest, LineEdit, ReturnRequest
from ashop_core.clock import from_iso
from ashop_core.doctor import examine_shop
from ashop_core.leases import LEASE
from ashop_core.models import (
    ImportedOrder,
    NewParcel,
    NewPayment,
    Order,
    Payment,
    PaymentKind,
    PaymentStatus,
)
from ashop_core.outbox_rows import release_dead
from ashop_core.testing import FixedClock, MakeShop, some_customer, some_lines
from ashop_core.worker import work_once
from ashop_payments import asking

ANSWERS = Path(__file__).parent.parent / "docs" / "payments.md"


class Provider:
    """The example provider: grants what it is asked, once for each key, unless it is told what to answer."""

    def __init__(self, server: HTTPServer) -> None:
        self.url = server.url_for("/v1")
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.headers: list[dict[str, str]] = []
        self.taken: dict[str, int] = {}
        self.answers: list[Response] = []
        self.before: Callable[[], object] = lambda: None
        for path in ("captures", "releases"):
            server.expect_request(f"/v1/{path}", method="POST").respond_with_handler(self._answer)

    def _answer(self, asked: Asked) -> Response:
        key, document = asked.headers["Idempotency-Key"], asked.get_json()
        self.asked.append((asked.path.rsplit("/", 1)[1], key, document))
        self.headers.append(dict(asked.headers))
        self.before()
        if self.answers:
            return self.answers.pop(0)
        self.taken.setdefault(key, document["amount"])
        return Response(json.dumps({"reference": f"cap-{list(self.taken).index(key) + 1}"}), 201)

    @property
    def amounts(self) -> list[int]:
        return [document["amount"] for _, _, document in self.asked]


@pytest.fixture
def provider(httpserver: HTTPServer) -> Provider:
    return Provider(httpserver)


OpenShop = Callable[..., Shop]


@pytest.fixture
def open_shop(make_shop: MakeShop, provider: Provider, monkeypatch: pytest.MonkeyPatch) -> OpenShop:
    monkeypatch.setenv("PAY_KEY", "hemlig-nyckel")

    def opened(url: str = "", method: str = "card", more: str = "") -> Shop:
        toml = (
            f'[plugins.payments.activate.{method}]\nprovider = "http"\nurl = "{url or provider.url}"\n'
            f'key = {{ env = "PAY_KEY" }}\ntimeout = 1\n[delivery.post]\nprice = 4900\n{more}'
        )
        return make_shop("payments", toml=toml)

    return opened


@pytest.fixture
def shop(open_shop: OpenShop) -> Shop:
    return open_shop()


LINES = (
    NewLine(sku="A", name="A", quantity=3, unit_price=10000, discount=1000),
    NewLine(sku="B", name="B", quantity=1, unit_price=5001),
)
TOTAL = 29000 + 5001 + 4900 - 700


def reserved(shop: Shop, *, lines: tuple[NewLine, ...] = LINES, discount: int = 700) -> Order:
    """Return a reviewed order whose money is reserved on a card."""
    order = shop.start_order(lines, checkout_key=f"k{len(list(shop.every_order()))}", payment_method="card",
                             delivery="post", discount=discount)  # fmt: skip
    shop.give_details(order, customer=some_customer())
    shop.await_payment(order)
    total = shop.order(order).total
    shop.add_payment(order, NewPayment(kind=PaymentKind.AUTHORISED, amount=total, reference="auth-81"))
    shop.place(order)
    return shop.change_status(order, "reviewed").order


def send_part(shop: Shop, order: Order, contents: dict[int, int]) -> Order:
    return shop.change_status(order, "partly_shipped", parcel=NewParcel(contents=contents)).order


def entries(shop: Shop, order: Order) -> list[tuple[str, int, str]]:
    return [
        (p.kind.value, p.amount, p.reference)
        for p in shop.payments(order)
        if p.kind is not PaymentKind.AUTHORISED
    ]


def states(shop: Shop) -> list[tuple[str, str, int]]:
    with shop.database.read() as reader:
        rows = reader.rows("SELECT what, state, amount FROM payments_requests ORDER BY order_id, seq, what")
    return [(row["what"], row["state"], row["amount"]) for row in rows]


def queue(shop: Shop) -> list[tuple[str, str]]:
    with shop.database.read() as reader:
        rows = reader.rows("SELECT delivery, due_at FROM outbox WHERE kind = 'job' ORDER BY id")
    return [(row["delivery"], row["due_at"]) for row in rows]


# ── Asking ───────────────────────────────────────────────────────────────────────────────────────


def test_the_money_is_asked_for_when_the_goods_leave_and_recorded(shop: Shop, provider: Provider) -> None:
    order = reserved(shop)
    assert provider.asked == []

    outcome = shop.change_status(order, "shipped")
    assert provider.asked == [], "the change itself asks nobody"
    assert [e.text.sv for _, e in outcome.effects] == ["382,01\N{NO-BREAK SPACE}kr begärs av betaltjänsten"]
    work_once(shop)

    assert provider.asked == [
        (
            "captures",
            f"{order.reference}-{outcome.order.version}-capture",
            {"order": order.reference, "authorisation": "auth-81", "amount": TOTAL, "currency": "SEK"},
        )
    ]
    assert provider.headers[0]["Authorization"] == "Bearer hemlig-nyckel"
    paid = shop.order(order)
    assert (paid.paid, paid.payment, paid.status) == (TOTAL, PaymentStatus.PAID, "shipped")
    assert entries(shop, order) == [("paid", TOTAL, "cap-1")]
    assert shop.history(paid)[-1].actor == "payments"
    assert states(shop) == [("capture", "done", TOTAL)]
    assert [f for f in examine_shop(shop) if f.serious] == []


@pytest.mark.parametrize(
    "parts",
    [
        [{1: 1}],
        [{1: 1}, {1: 1}],
        [{2: 1}],
        [{1: 2, 2: 1}],
        [{1: 1}, {2: 1}, {1: 1}],
    ],
)
def test_part_shipments_ask_for_what_left_and_the_last_one_for_the_rest(
    shop: Shop, provider: Provider, parts: list[dict[int, int]]
) -> None:
    order = reserved(shop)

    for contents in parts:
        send_part(shop, order, contents)
    assert all(amount > 0 for amount in provider.amounts)
    shop.change_status(order, "shipped")
    work_once(shop)

    assert sum(provider.amounts) == TOTAL
    assert len(provider.asked) == len(parts) + 1 == len({key for _, key, _ in provider.asked})
    assert shop.order(order).left_to_pay == 0


def test_what_left_is_reckoned_with_its_discount(shop: Shop, provider: Provider) -> None:
    order = reserved(shop)

    send_part(shop, order, {1: 1})
    work_once(shop)
    send_part(shop, order, {1: 1, 2: 1})
    work_once(shop)
    shop.change_status(order, "shipped")
    work_once(shop)

    first = 29000 // 3
    second = 29000 * 2 // 3 + 5001 - first
    assert provider.amounts == [first, second, TOTAL - first - second]


def test_a_large_discount_on_the_order_is_never_asked_for_beyond_the_total(
    shop: Shop, provider: Provider
) -> None:
    order = reserved(shop, discount=33000)

    send_part(shop, order, {1: 2})
    shop.change_status(order, "shipped")
    work_once(shop)

    assert provider.amounts == [29000 + 5001 + 4900 - 33000]


def test_when_the_rest_is_cancelled_what_is_left_of_the_total_is_asked_for(
    shop: Shop, provider: Provider
) -> None:
    order = reserved(shop, discount=0)
    send_part(shop, order, {1: 1})
    work_once(shop)

    after = shop.cancel(order, reason="slut i lager").order
    work_once(shop)

    assert sum(provider.amounts) == shop.order(after).total == shop.order(after).paid
    assert shop.order(after).left_to_pay == 0


def test_what_was_paid_another_way_is_not_asked_for(shop: Shop, provider: Provider) -> None:
    order = reserved(shop)
    shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=10000, reference="swish"))

    shop.change_status(order, "shipped")
    work_once(shop)

    assert provider.amounts == [TOTAL - 10000]


def test_an_order_that_is_paid_asks_for_nothing(shop: Shop, provider: Provider) -> None:
    order = reserved(shop)
    shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=TOTAL, reference="swish"))

    shop.change_status(order, "shipped")
    shop.change_status(order, "delivered")
    work_once(shop)

    assert (provider.asked, states(shop), queue(shop)) == ([], [], [])


def test_another_method_asks_for_nothing(open_shop: OpenShop, provider: Provider) -> None:
    shop = open_shop(method="invoice")
    order = reserved(shop)

    shop.change_status(order, "shipped")
    work_once(shop)

    assert (provider.asked, states(shop)) == ([], [])


def test_a_shop_of_its_own_words_asks_by_the_moves(open_shop: OpenShop, provider: Provider) -> None:
    shop = open_shop(
        more='[statuses.on_its_way]\nlabel = "På väg"\nstock = "gone"\nafter = ["reviewed"]\nbefore = ["shipped"]\n'
    )
    order = reserved(shop)

    shop.change_status(order, "on_its_way")
    work_once(shop)
    shop.change_status(order, "shipped")
    work_once(shop)

    assert provider.amounts == [TOTAL]


def test_an_imported_order_asks_for_nothing(shop: Shop, provider: Provider, clock: FixedClock) -> None:
    shop.import_order(
        ImportedOrder(
            source="x", external_id="1", status="shipped", at=clock(), lines=some_lines("A"),
            customer=some_customer(), delivery="post", payment_method="card", currency="SEK", language="sv",
        ),
        move_stock=True,
    )  # fmt: skip
    work_once(shop)

    assert (provider.asked, states(shop)) == ([], [])


def test_an_imported_order_that_is_cancelled_lets_go_of_nothing(
    shop: Shop, provider: Provider, clock: FixedClock
) -> None:
    imported = ImportedOrder(
        source="old", external_id="2", status="reviewed", at=clock(), lines=some_lines("A"), delivery="post",
        customer=some_customer(), payment_method="card", currency="SEK", language="sv",
        payments=(Payment(seq=1, kind=PaymentKind.AUTHORISED, amount=10000, reference="elsewhere", at=clock()),),
    )  # fmt: skip
    outcome = shop.import_order(imported)
    assert outcome is not None

    shop.cancel(outcome.order, "ångrad")
    work_once(shop)

    assert provider.asked == []


def test_a_refused_shipment_asks_for_nothing(shop: Shop, provider: Provider) -> None:
    order = reserved(shop)
    shop.preview(order, StatusRequest(to="shipped"))
    with pytest.raises(Refused):
        shop.change_status(order, "delivered")

    work_once(shop)

    assert (provider.asked, states(shop)) == ([], [])


# ── Answers ──────────────────────────────────────────────────────────────────────────────────────


def table() -> Iterator[tuple[str, str, str]]:
    """Yield answer, outbox and entry of each row of the table of answers in the documentation."""
    text = ANSWERS.read_text(encoding="utf-8")
    body = text[text.index("| answer |") :].splitlines()[2:]
    for line in body:
        if not line.startswith("|"):
            return
        answer, outbox, entry, _ = (cell.strip() for cell in line.strip("|").split("|"))
        yield answer.strip("`"), outbox, entry


ROWS = list(table())


def test_the_table_of_answers_is_read() -> None:
    assert len(ROWS) == 21


def response_of(answer: str) -> Response:
    found = re.fullmatch(r"(\d{3})(?: Retry-After: (\d+)| (.+))?", answer)
    assert found, answer
    headers = {"Retry-After": found[2]} if found[2] else {}
    return Response(found[3] or "", int(found[1]), headers)


@pytest.mark.parametrize(("answer", "outbox", "entry"), ROWS, ids=[row[0] for row in ROWS])
def test_every_answer_comes_to_what_the_table_says(
    open_shop: OpenShop, provider: Provider, clock: FixedClock, answer: str, outbox: str, entry: str
) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        if answer == "no answer in time":
            deaf.listen()
        port = deaf.getsockname()[1]
        shop = open_shop(f"http://127.0.0.1:{port}" if answer.startswith("no ") else "")
        if answer[0].isdigit():
            provider.answers.append(response_of(answer))
        order = reserved(shop)
        shipped = shop.change_status(order, "shipped").order

        work_once(shop)

    [(delivery, due)] = queue(shop)
    assert delivery == outbox
    found, after = entries(shop, order), shop.order(order)
    key = f"{order.reference}-{shipped.version}-capture"
    reference = "cap-1" if "cap-1" in answer else key
    assert found == ([] if entry == "–" else [(entry, TOTAL, reference)])
    assert after.status == "shipped"
    assert ("payment_failed" in after.flags) == (entry == "failed")
    assert states(shop)[0][1] == {"sent": "done", "waiting": "asking", "dead": "refused"}[outbox]
    if "Retry-After" in answer:
        assert from_iso(due) == clock() + timedelta(seconds=7200)


LONG_YES = json.dumps({"reference": "cap-9", "x": "x" * LARGEST_ANSWER})


@pytest.mark.parametrize(
    "body", [LONG_YES, "[" * 100_000, '{"reference": 1}', '{"reference": ""}', "[]",
             json.dumps({"reference": "x" * 101}), json.dumps({"reference": "a\nb"})],
    ids=["long", "deep", "number", "empty", "list", "long reference", "line break"],
)  # fmt: skip
def test_a_yes_without_a_usable_reference_is_asked_again_under_the_same_key(
    shop: Shop, provider: Provider, clock: FixedClock, body: str
) -> None:
    provider.answers.append(Response(body, 200))
    order = reserved(shop)
    shop.change_status(order, "shipped")
    work_once(shop)
    assert entries(shop, order) == []

    clock.advance(hours=1)
    work_once(shop)

    assert entries(shop, order) == [("paid", TOTAL, "cap-1")]
    assert len({key for _, key, _ in provider.asked}) == 1


def test_a_refusal_stops_the_rest_of_the_order_until_money_comes(shop: Shop, provider: Provider) -> None:
    provider.answers.append(Response('{"error": "card declined"}', 402))
    order = reserved(shop)
    send_part(shop, order, {1: 1})
    work_once(shop)

    with pytest.raises(Refused) as refusal:
        shop.change_status(order, "shipped")
    assert [p.code for p in refusal.value.problems] == ["not_paid"]
    shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=TOTAL, reference="swish"))

    assert shop.change_status(order, "shipped").order.flags == ()


def test_a_refusal_may_be_tried_again_under_the_same_key(
    shop: Shop, provider: Provider, clock: FixedClock
) -> None:
    provider.answers += [Response("nej", 402), Response("nej", 402)]
    order = reserved(shop)
    shop.change_status(order, "shipped")
    work_once(shop)
    with shop.database.read() as reader:
        ids = [row["id"] for row in reader.rows("SELECT id FROM outbox WHERE delivery = 'dead'")]
    release_dead(shop.database, clock, ids, timedelta(days=1))
    work_once(shop)
    assert entries(shop, order)[0][0] == "failed"
    assert len(entries(shop, order)) == 1, "the same refusal is told once"

    release_dead(shop.database, clock, ids, timedelta(days=1))
    work_once(shop)

    after = shop.order(order)
    assert [e[0] for e in entries(shop, order)] == ["failed", "paid"]
    assert (after.payment, after.flags, after.left_to_pay) == (PaymentStatus.PAID, (), 0)
    assert len({key for _, key, _ in provider.asked}) == 1


# ── Crashes ──────────────────────────────────────────────────────────────────────────────────────


class Killed(KeyboardInterrupt):
    """The worker dies: nothing of its own may catch it."""


@pytest.mark.parametrize("spot", ["before asking", "before the reference", "before the entry", "before done"])
def test_a_worker_killed_anywhere_takes_the_money_and_writes_the_entry_once(
    shop: Shop, provider: Provider, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, spot: str
) -> None:
    order = reserved(shop)
    shop.change_status(order, "shipped")
    places = {
        "before asking": "_ask", "before the reference": "_move", "before the entry": "_record", "before done": "_move"
    }  # fmt: skip
    name = places[spot]
    real, calls = getattr(asking, name), 0
    last = 2 if spot == "before done" else 1

    def killed(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == last:
            raise Killed
        return real(*args, **kwargs)

    monkeypatch.setattr(asking, name, killed)
    with pytest.raises(Killed):
        work_once(shop)
    clock.advance(seconds=LEASE.total_seconds() + 1)
    work_once(shop)

    assert entries(shop, order) == [("paid", TOTAL, "cap-1")]
    assert provider.taken == {provider.asked[0][1]: TOTAL}
    assert len({key for _, key, _ in provider.asked}) == 1
    assert [d for d, _ in queue(shop)] == ["sent"]
    assert states(shop) == [("capture", "done", TOTAL)]


# ── Undone and cancelled ─────────────────────────────────────────────────────────────────────────


def test_an_undone_shipment_that_was_not_asked_for_never_is(shop: Shop, provider: Provider) -> None:
    order = reserved(shop)
    shop.change_status(order, "shipped")

    undone = shop.undo(order)
    work_once(shop)

    assert provider.asked == []
    assert states(shop) == [("capture", "withdrawn", TOTAL)]
    assert "begärs inte längre" in undone.effects[0][1].text.sv
    shop.change_status(order, "shipped")
    work_once(shop)
    assert provider.amounts == [TOTAL]
    assert shop.order(order).left_to_pay == 0


def test_a_request_waits_as_long_as_messages_do(
    make_shop: MakeShop, open_shop: OpenShop, provider: Provider, clock: FixedClock
) -> None:
    shop = open_shop()
    shop.close()
    folder = shop.settings.folder
    text = (folder / "ashop.toml").read_text(encoding="utf-8")
    (folder / "ashop.toml").write_text(
        text.replace("[shop]", "[shop]\nmessage_delay_seconds = 600"), encoding="utf-8"
    )
    with Shop.open(folder, clock=clock) as patient:
        order = reserved(patient)
        patient.change_status(order, "shipped")
        work_once(patient)
        assert provider.asked == []

        clock.advance(seconds=601)
        work_once(patient)

        assert provider.amounts == [TOTAL]


def test_an_undone_shipment_is_not_asked_for_again_after_a_busy_provider(
    shop: Shop, provider: Provider, clock: FixedClock
) -> None:
    provider.answers.append(Response("", 503))
    order = reserved(shop)
    shop.change_status(order, "shipped")
    work_once(shop)

    shop.undo(order)
    clock.advance(hours=1)
    work_once(shop)

    assert len(provider.asked) == 1
    assert entries(shop, order) == []
    assert "se efter hos betaltjänsten" in page(shop, order)


def test_a_shipment_made_again_asks_under_the_key_that_nobody_answered(
    shop: Shop, provider: Provider, clock: FixedClock
) -> None:
    provider.answers += [Response("", 503), Response("", 503)]  # it may have taken the money all the same
    order = reserved(shop)
    shop.change_status(order, "shipped")
    work_once(shop)
    shop.undo(order)

    shop.change_status(order, "shipped")
    work_once(shop)
    shop.undo(order)
    clock.advance(hours=1)
    work_once(shop)
    assert len(provider.asked) == 2, "what is undone once more is not asked for either"
    shop.change_status(order, "shipped")
    work_once(shop)

    assert len({key for _, key, _ in provider.asked}) == 1
    assert entries(shop, order) == [("paid", TOTAL, "cap-1")]
    assert states(shop) == [("capture", "done", TOTAL)]


def test_an_unanswered_request_made_again_leaves_the_rest_to_another(
    shop: Shop, provider: Provider, clock: FixedClock
) -> None:
    provider.answers.append(Response("", 503))
    order = send_part(shop, reserved(shop), {1: 2})
    work_once(shop)
    shop.undo(order)

    shop.change_status(order, "shipped")
    work_once(shop)

    assert provider.amounts == [19333, 19333, TOTAL - 19333]
    assert len(provider.taken) == 2
    assert shop.order(order).left_to_pay == 0


def test_an_unanswered_request_is_not_made_again_for_less(shop: Shop, provider: Provider) -> None:
    provider.answers.append(Response("", 503))
    order = reserved(shop)
    shop.change_status(order, "shipped")
    work_once(shop)
    shop.undo(order)
    shop.amend(order, AmendRequest(lines=(LineEdit(position=2, quantity=0),)))

    shop.change_status(order, "shipped")
    work_once(shop)

    assert provider.amounts == [TOTAL, TOTAL - 5001]
    assert "se efter hos betaltjänsten" in page(shop, order)


def test_an_undone_shipment_that_is_paid_stays_paid_and_is_not_asked_for_twice(
    shop: Shop, provider: Provider
) -> None:
    order = reserved(shop)
    shop.change_status(order, "shipped")
    work_once(shop)

    undone = shop.undo(order)
    assert "redan betalt" in undone.effects[0][1].text.sv
    shop.change_status(order, "shipped")
    work_once(shop)

    assert provider.amounts == [TOTAL]
    assert entries(shop, order) == [("paid", TOTAL, "cap-1")]


@pytest.mark.parametrize("answer", [None, Response("nej", 402)])
def test_a_shipment_undone_while_the_provider_answers_is_recorded_as_it_answered(
    shop: Shop, provider: Provider, answer: Response | None
) -> None:
    order = reserved(shop)
    shop.change_status(order, "shipped")
    provider.before = lambda: shop.undo(order)
    provider.answers += [answer] if answer else []

    work_once(shop)

    expected = [("paid", TOTAL, "cap-1")] if answer is None else []
    assert entries(shop, order) == expected, "money taken is told; a no to what nobody asks any more is not"
    assert states(shop) == [("capture", "done" if answer is None else "withdrawn", TOTAL)]


def test_a_cancelled_order_lets_go_of_the_reservation(shop: Shop, provider: Provider) -> None:
    order = reserved(shop)

    cancelled = shop.cancel(order, reason="ångrat").order
    work_once(shop)

    path, key, document = provider.asked[0]
    assert (path, key) == ("releases", f"{order.reference}-{cancelled.version}-release")
    assert (document["amount"], document["authorisation"]) == (TOTAL, "auth-81")
    assert states(shop) == [("release", "done", TOTAL)]
    assert (entries(shop, order), shop.order(order).flags) == ([], ())
    with pytest.raises(Refused) as refusal:
        shop.undo(order)
    assert [p.code for p in refusal.value.problems] == ["released"]


def test_a_cancellation_undone_in_time_keeps_the_reservation(shop: Shop, provider: Provider) -> None:
    order = reserved(shop)
    shop.cancel(order, reason="ångrat")

    shop.undo(order)
    work_once(shop)

    assert (provider.asked, states(shop)) == ([], [("release", "withdrawn", TOTAL)])
    shop.change_status(order, "shipped")
    work_once(shop)
    assert provider.amounts == [TOTAL]


def test_a_cancelled_order_without_a_reservation_asks_for_nothing(shop: Shop, provider: Provider) -> None:
    order = reserved(shop)
    shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=TOTAL, reference="direct"))

    shop.cancel(order, reason="ångrat")
    work_once(shop)

    assert (provider.asked, states(shop)) == ([], [])


def test_a_returned_order_asks_for_nothing_more(shop: Shop, provider: Provider) -> None:
    order = reserved(shop)
    shop.change_status(order, "shipped")
    work_once(shop)

    shop.change_status(order, "delivered")
    shop.change_status(order, "returned")
    work_once(shop)

    assert provider.amounts == [TOTAL]


def test_a_release_that_is_refused_fails_no_payment(shop: Shop, provider: Provider) -> None:
    provider.answers.append(Response("", 410))
    order = reserved(shop)
    shop.cancel(order, reason="ångrat")

    work_once(shop)

    assert (entries(shop, order), shop.order(order).flags) == ([], ())
    assert states(shop) == [("release", "refused", TOTAL)]
    assert [d for d, _ in queue(shop)] == ["dead"]


def test_an_edit_before_shipping_asks_for_the_new_total(shop: Shop, provider: Provider) -> None:
    order = reserved(shop, discount=0)
    shop.amend(order, AmendRequest(lines=(LineEdit(position=1, quantity=2),)))

    shop.change_status(order, "shipped")
    work_once(shop)

    assert provider.amounts == [shop.order(order).total]
    assert shop.order(order).left_to_pay == 0


# ── Shown ────────────────────────────────────────────────────────────────────────────────────────


def page(shop: Shop, order: Order, language: str = "sv") -> str:
    rows = [
        (title.to(language), value if isinstance(value, str) else value.to(language))
        for _, section in shop.sections(shop.order(order))
        for title, value in section.rows
    ]
    return "\n".join(f"{a} {b}" for a, b in rows).replace("\N{NO-BREAK SPACE}", " ")


def test_the_order_page_tells_what_was_asked_when_and_what_came_of_it(
    shop: Shop, provider: Provider, clock: FixedClock
) -> None:
    provider.answers.append(Response("kortet är spärrat", 402, content_type="text/plain; charset=utf-8"))
    order = reserved(shop)
    assert page(shop, order) == ""
    send_part(shop, order, {1: 1})
    assert page(shop, order) == "2026-11-23 13:00 96,66 kr ska begäras"
    clock.advance(hours=1)
    work_once(shop)
    assert page(shop, order) == (
        "2026-11-23 14:00 96,66 kr nekat: the payment provider says no: HTTP 402 kortet är spärrat"
    )
    shop.add_payment(order, NewPayment(kind=PaymentKind.AUTHORISED, amount=TOTAL, reference="auth-82"))
    shop.change_status(order, "shipped")
    work_once(shop)

    assert page(shop, order, "en").endswith("2026-11-23 14:00 SEK 382.01 paid, reference cap-1")
    assert provider.asked[-1][2]["authorisation"] == "auth-82"


def test_a_customer_hears_nothing_of_providers(shop: Shop) -> None:
    order = reserved(shop)
    shop.change_status(order, "shipped")
    before = shop.customer_order(order)

    work_once(shop)

    assert "cap-1" not in repr(shop.customer_order(order))
    assert before is not None


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ('url = "http://pay.example/v1"', "url: måste börja med https://"),
        ('url = "https://u:p@pay.example"', "url: måste börja med https://"),
        ('url = "https://pay.example/?a=1"', "url: måste börja med https://"),
        ('url = "ftp://pay.example"', "url: måste börja med https://"),
        ('url = "https://pay.example"\ntimeout = 0', "timeout: måste vara mellan"),
        ('url = "https://pay.example"\ntimeout = 121', "timeout: måste vara mellan"),
    ],
)
def test_settings_that_cannot_be_used_are_told_with_their_key(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch, lines: str, words: str
) -> None:
    monkeypatch.setenv("PAY_KEY", "x")
    toml = f'[plugins.payments.activate.card]\nprovider = "http"\nkey = {{ env = "PAY_KEY" }}\n{lines}\n'

    with pytest.raises(AshopError) as error:
        make_shop("payments", toml=toml)

    assert "plugins.payments.activate.card" in error.value.text.sv
    assert words in error.value.text.sv


def test_a_key_is_never_in_the_settings_file(make_shop: MakeShop) -> None:
    toml = (
        '[plugins.payments.activate.card]\nprovider = "http"\nurl = "https://pay.example"\nkey = "hemlig"\n'
    )

    with pytest.raises(AshopError) as error:
        make_shop("payments", toml=toml)

    assert "plugins.payments.activate.card.key" in error.value.text.sv
    assert 'hemlig"' not in error.value.text.sv


def test_a_provider_for_a_method_there_is_not_is_told_by_doctor(open_shop: OpenShop) -> None:
    shop = open_shop(method="barter")

    assert any("activate.barter" in f.text.sv for f in examine_shop(shop))


def test_money_refunded_is_not_asked_for_again(shop: Shop, provider: Provider) -> None:
    order = reserved(shop, discount=0)
    send_part(shop, order, {1: 1})
    work_once(shop)
    first = provider.amounts[0]
    shop.add_payment(order, NewPayment(kind=PaymentKind.REFUNDED, amount=first, reference="ref-1"))
    shop.add_payment(order, NewPayment(kind=PaymentKind.AUTHORISED, amount=first, reference="auth-82"))

    shop.change_status(order, "shipped")
    work_once(shop)

    assert provider.amounts == [first, shop.order(order).total - first]


@pytest.mark.parametrize(
    ("answer", "refund", "taken"),
    [
        (None, None, [9666, TOTAL - 2 * 9666]),
        (None, 9666, [9666, TOTAL - 9666]),
        (None, 500, [9666, TOTAL - 2 * 9666 + 500]),
        (Response("nej", 402), None, [TOTAL - 9666]),
    ],
    ids=["kept", "given back", "partly given back", "refused"],
)
def test_goods_that_came_back_are_not_asked_for(
    shop: Shop, provider: Provider, answer: Response | None, refund: int | None, taken: list[int]
) -> None:
    provider.answers += [answer] if answer else []
    order = send_part(shop, reserved(shop), {1: 1})
    work_once(shop)
    shop.take_back(order, ReturnRequest(restocked={1: 1}, refund=refund, reason="ångrat"))
    shop.add_payment(order, NewPayment(kind=PaymentKind.AUTHORISED, amount=order.total, reference="auth-82"))

    shop.change_status(order, "shipped")
    work_once(shop)

    assert list(provider.taken.values()) == taken
    assert shop.order(order).left_to_pay == 0
