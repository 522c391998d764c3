"""Anonymising: nothing of the person is left anywhere in the database, not even where SQLite keeps what it deleted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import pytest

from ashop_core import Refused, Shop, abandoned
from ashop_core.clock import to_iso
from ashop_core.erasing import erase_person
from ashop_core.errors import PluginError, Reach, TemporaryDeliveryError
from ashop_core.lanes import park
from ashop_core.models import FollowUp, Kind, Stage
from ashop_core.order_filter import OrderFilter
from ashop_core.testing import FixedClock, MakeShop, place_order, some_customer, some_lines
from tests.lives import codes, deliver_all, posted, posting, sound

CANARIES = {
    "name": "Kanarinamn Fågelsson",
    "email": "kanaripost@kanaridoman.se",
    "phone": "070-8812345",
    "street": "Kanarigatan 77",
    "postal_code": "98765",
    "city": "Kanaristad",
}
DOMAIN = "kanaridoman.se"
NOTE, FAULT, REASON, PAYLOAD = "Kanarianteckning", "Kanarifel", "Kanariskäl", "Kanarijobb"
LEFT = (
    *CANARIES.values(), "Kanarinamn", "kanarinamn", "Fågelsson", "fågelsson", "kanaripost", "708812345", "0708812345",
    "Kanarigatan", "Kanaristad", "kanaristad", DOMAIN, NOTE, FAULT, REASON, PAYLOAD,
)  # fmt: skip

# A plugin that writes of the person wherever a plugin can.
NOSY = f"""
from ashop_core import Effect, Text, hookimpl
from ashop_core.errors import Problem
from ashop_core.models import Job
from ashop_core.outbox import JobHandler

@hookimpl
def ashop_register_jobs():
    return [JobHandler(Job(code="nosy", label=Text("x", "x")), lambda shop, payload: None)]

@hookimpl
def ashop_validate_change(shop, order, change):
    if change.note == "nej":
        yield Problem("nosy", Text("{REASON} " + order.customer.name, "{REASON}"))

@hookimpl
def ashop_on_change(tx, order, change):
    if change.kind != "anonymised":
        tx.enqueue("nosy", {{"who": "{PAYLOAD} " + order.customer.name}}, key="x")
        return [Effect(subject="x", before="", after=order.customer.name, text=Text(order.customer.email, "x"))]

@hookimpl
def ashop_after_change(shop, order, change):
    if change.note:
        raise RuntimeError("{FAULT} " + order.customer.name)
"""


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return posting(
        make_shop, "stock_control", "installation_booking", "local:nosy", files={"plugins/nosy.py": NOSY}
    )


def written(shop: Shop, customer=None):
    """Return a checkout of whose person something is written everywhere."""
    order = shop.start_order(
        some_lines("LAMPA"), checkout_key=uuid4().hex, delivery="installation", payment_method="card"
    )
    shop.give_details(order, customer=customer or some_customer(**CANARIES))
    shop.add_note(order, f"{NOTE} {CANARIES['name']}")
    with pytest.raises(Refused):
        shop.add_note(order, "nej")
    shop.follow_up(order, FollowUp.CONTACTED, note=NOTE)
    shop.give_details(order, customer=some_customer(**CANARIES | {"name": f"{CANARIES['name']} d.ä."}))
    with shop.database.write() as tx:  # what another version, or another plugin, may have left
        tx.execute(
            "UPDATE orders SET fields = :f WHERE id = :id", {"f": f'{{"k": "{NOTE}"}}', "id": order.id}
        )
        at, who = to_iso(shop.clock()), CANARIES["email"]
        message = tx.insert(
            "outbox",
            {
                "key": f"{order.id}:1:x/email:{who}", "order_id": order.id, "seq": 1, "kind": "message", "code": "email",
                "recipient": who, "lane": f"email/{DOMAIN}", "subject": NOTE, "body": f"Hej {CANARIES['name']}",
                "html": NOTE, "created_at": at, "planned_at": at, "due_at": at, "expires_at": "9999",
                "message_id": uuid4().hex, "attempts": 1, "receipt": who, "error": who, "arrival": "failed",
                "arrival_words": f"550 {who}", "actor": REASON,
            },
        )  # fmt: skip
        tx.insert(
            "outbox_attempts", {"outbox_id": message, "number": 1, "started_at": at, "words": f"450 {who}"}
        )
        park(tx, f"email/{DOMAIN}", shop.clock() - timedelta(hours=1), f"450 {who}")
        tx.execute(
            "INSERT INTO installation_bookings (order_id, seq, starts_at, state, changed_at) "
            "VALUES (:id, 1, 'x', 'booked', 'x')", {"id": order.id},
        )  # fmt: skip
    return shop.order(order)


def rows_of(shop, order):
    """Return every row of every table that belongs to an order."""
    with shop.database.read() as reader:
        tables = [
            row["name"]
            for row in reader.rows(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND sql LIKE '%order_id%'"
            )
        ]
        found = {
            t: [tuple(r) for r in reader.rows(f"SELECT * FROM {t} WHERE order_id = :id", {"id": order.id})]
            for t in tables
        }
        found["orders"] = [
            tuple(r) for r in reader.rows("SELECT * FROM orders WHERE id = :id", {"id": order.id})
        ]
    return found


def leftovers(path: Path) -> set[str]:
    """Return which canaries the bytes of the database and of its log still hold."""
    parts = [path, *path.parent.glob(f"{path.name}-*")]
    data = b"".join(part.read_bytes() for part in parts if part.exists())
    return {c for c in LEFT if c.encode() in data or c.encode("utf-16-le") in data}


def test_nothing_of_the_person_is_left_in_the_file(shop, clock: FixedClock):
    order = written(shop)
    other = written(shop, some_customer())  # so that the pages are not simply empty
    deliver_all(shop)
    assert leftovers(shop.database.path)  # they were there
    shop.give_details(other, customer=some_customer())
    shop.anonymise(other)
    shop.forget_erased()
    clock.advance(days=31)

    assert shop.anonymise_old() == 1

    path = shop.database.path
    kept = shop.order(order)
    sound(shop)
    shop.close()
    assert leftovers(path) == set()
    assert (kept.customer.name, kept.lines[0].sku) == ("", "LAMPA")


def test_many_are_forgotten_and_many_are_kept(shop, clock):
    """Enough of them to split and join pages of tables and indexes."""
    for n in range(60):
        order = shop.start_order(some_lines("LAMPA"), checkout_key=f"k{n}")
        who = {**CANARIES, "email": f"{n}{CANARIES['email']}", "name": f"{CANARIES['name']} {n}" * 8}
        shop.give_details(order, customer=some_customer(**who))
    placed = [place_order(shop) for _ in range(5)]
    clock.advance(days=31)
    for order in placed:
        shop.add_note(order, "kvar")
    was = [rows_of(shop, order) for order in placed]

    assert shop.anonymise_old() == 60

    assert [rows_of(shop, order) for order in placed] == was
    path = shop.database.path
    shop.close()
    assert leftovers(path) - {FAULT, PAYLOAD} == set()  # of those who placed orders


def test_the_index_of_the_search_forgets_too(shop, clock):
    order = written(shop)
    wanted = OrderFilter(stage=Stage.CHECKOUT, text="Kanarinamn")
    assert [row.id for row in shop.orders(wanted).rows] == [order.id]

    shop.anonymise(order)

    assert shop.orders(wanted).rows == ()
    assert shop.order(order.reference).id == order.id


def test_what_was_in_the_basket_and_that_it_happened_stay(shop, clock):
    order = written(shop)

    shop.anonymise(order)

    kept = shop.order(order)
    assert (kept.lines, kept.total, kept.status) == (order.lines, order.total, order.status)
    assert rows_of(shop, order)["installation_bookings"] == []
    assert [e.kind for e in shop.history(kept)][-1] is Kind.ANONYMISED
    assert len(shop.history(kept)) == kept.version
    sound(shop)


@pytest.mark.parametrize(("days", "count"), [(29, 0), (30, 1), (400, 1)])
def test_it_happens_after_the_retention_time_and_once(shop, clock, days, count):
    order = written(shop)
    shop.anonymise(written(shop))
    clock.advance(days=days)

    assert shop.anonymise_old() == count
    version = shop.order(order).version
    clock.advance(days=100)
    assert shop.anonymise_old() == 1 - count
    assert shop.anonymise_old() == 0
    assert not count or shop.order(order).version == version


def test_a_buyer_who_touches_it_is_remembered(shop, clock):
    order = written(shop)
    clock.advance(days=29)
    shop.give_details(order, customer=some_customer())
    clock.advance(days=29)

    assert shop.anonymise_old() == 0


def test_a_buyer_who_comes_back_in_the_same_moment_is_remembered(shop, clock, monkeypatch):
    order = written(shop)
    clock.advance(days=31)
    old = abandoned._old

    def look(*args):
        for found in old(*args):
            shop.give_details(order, customer=some_customer(name="Bo Ek"))
            yield found

    monkeypatch.setattr(abandoned, "_old", look)

    assert (shop.anonymise_old(), shop.order(order).customer.name) == (0, "Bo Ek")


def test_a_placed_order_is_kept_for_the_accounts(shop, clock):
    order = place_order(shop)
    was = rows_of(shop, order)

    with pytest.raises(Refused) as refusal:
        shop.anonymise(order)
    clock.advance(days=4000)
    assert shop.anonymise_old() == 0

    assert codes(refusal) == ["placed"]
    assert {t: r for t, r in rows_of(shop, order).items() if t != "refusals"} == {
        t: r for t, r in was.items() if t != "refusals"
    }


@pytest.mark.parametrize("delivery", ["waiting", "claimed", "dead"])
def test_a_message_is_never_sent_afterwards(shop, clock, delivery):
    order = written(shop)
    with shop.database.write() as tx:
        tx.execute(
            "UPDATE outbox SET delivery = :d, lease = 'x', lease_until = due_at WHERE order_id = :id",
            {"d": delivery, "id": order.id},
        )

    shop.anonymise(order)

    with shop.database.read() as reader:
        rows = reader.rows("SELECT delivery, lease FROM outbox WHERE order_id = :id", {"id": order.id})
    assert {tuple(row) for row in rows if row["delivery"] != "sent"} == {("suppressed", None)}
    clock.advance(days=1)
    deliver_all(shop)
    assert posted(shop) == []


def test_a_message_in_a_workers_hands_meanwhile_writes_nothing_back(shop, monkeypatch):
    """The person is forgotten between the claim and the answer: no word of the message is kept."""
    order = written(shop)
    look = shop.outbox._telling

    def forgotten_meanwhile(message):
        shop.anonymise(order)
        return look(message)

    monkeypatch.setattr(shop.outbox, "_telling", forgotten_meanwhile)

    deliver_all(shop)

    with shop.database.read() as reader:
        rows = reader.rows(
            "SELECT recipient, subject, body, receipt, error FROM outbox WHERE order_id = :id AND delivery <> 'sent'",
            {"id": order.id},
        )
    assert {tuple(row) for row in rows} == {("", None, None, "", "anonymised")}


def test_what_the_receiver_says_after_the_person_was_forgotten_is_not_kept(shop, monkeypatch):
    order = place_order(shop, customer=some_customer(**CANARIES))
    channel = shop.channels["email"]
    change: Any = SimpleNamespace(at=shop.clock())

    def forgotten_meanwhile(message, rendered, within):
        with shop.database.write() as tx:  # as anonymising does; a placed order is kept for the accounts
            erase_person(tx, order.id, change)
        raise TemporaryDeliveryError(f"450 {message.recipient}", reach=Reach.DOMAIN)

    monkeypatch.setattr(channel, "send", forgotten_meanwhile)
    shop.deliver(order, channel="email")

    with shop.database.read() as reader:
        attempts, lanes = reader.rows("SELECT words FROM outbox_attempts"), reader.rows("SELECT * FROM lanes")
        (row,) = reader.rows("SELECT delivery, error FROM outbox WHERE code = 'email'")
    assert ([a["words"] for a in attempts], lanes) == ([""], [])
    assert tuple(row) == ("suppressed", "anonymised")


@pytest.mark.parametrize("does", ["1 / 0", "tx.enqueue('nobody_does_it', {}, key='x')", "yield 1 / 0"])
def test_a_plugin_that_cannot_forget_keeps_everything(make_shop, clock, does):
    cannot = (
        f"from ashop_core import hookimpl\n@hookimpl\ndef ashop_on_order_anonymised(tx, order):\n    {does}\n"
    )
    shop = posting(make_shop, "installation_booking", "stock_control", "local:nosy", "local:cannot",
                   files={"plugins/nosy.py": NOSY, "plugins/cannot.py": cannot})  # fmt: skip
    order = written(shop)
    was = rows_of(shop, order)

    with pytest.raises(PluginError, match="local:cannot"):
        shop.anonymise(order)
    clock.advance(days=31)
    assert shop.anonymise_old() == 0

    assert rows_of(shop, order) == was


def test_the_forgotten_checkout_begins_anew(shop):
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k")
    shop.give_details(order, customer=some_customer(**CANARIES))
    shop.anonymise(order)

    again = shop.start_order(some_lines("LAMPA"), checkout_key="k")

    assert again.reference != order.reference
    assert [row.reference for row in shop.abandoned(everyone=True).rows] == [again.reference]


def test_a_buyer_who_comes_back_to_a_forgotten_checkout_is_forgotten_again(shop, clock: FixedClock):
    order = written(shop)
    shop.anonymise(order)
    shop.give_details(order, customer=some_customer(name="Kanarinamn Fågelsson"))
    assert [row.reference for row in shop.abandoned().rows] == [order.reference]

    clock.advance(days=31)

    assert shop.anonymise_old() == 1
    assert shop.order(order).customer.name == ""
    assert shop.anonymise_old() == 0
