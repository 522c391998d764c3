"""The values of templates: plain, in the recipient's language, all of them documented, and nothing hidden among them."""

import json
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from ashop_core.customer import (
    CustomerGoods,
    CustomerLine,
    CustomerOrder,
    CustomerParcel,
    MessageContext,
    StaffView,
)
from ashop_core.models import Customer
from ashop_core.template_fields import TemplateValues, documented
from ashop_core.template_labels import LABELS
from ashop_core.texts import Text, same
from ashop_core.vat import VatRow
from ashop_core.wording import template_values

NBSP = "\N{NO-BREAK SPACE}"
AT = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
PUMP = CustomerGoods(name="Pump", sku="P", quantity=2)
FILTER = CustomerGoods(name="Filter", sku="F", quantity=1)
ORDER = CustomerOrder(
    number=100234,
    placed_at=AT,
    status=Text("Skickad", "Shipped"),
    delivery=Text("Posten", "Post"),
    payment_method=Text("Faktura", "Invoice"),
    currency="SEK",
    name="Åsa Öberg",
    street="Storgatan 1",
    postal_code="114 21",
    city="Stockholm",
    lines=(
        CustomerLine(
            name="Pump", sku="P", quantity=2, unit_price=100000, total=190000, discount=10000, sent=2
        ),
        CustomerLine(name="Filter", sku="F", quantity=1, unit_price=5000, total=5000),
    ),
    shipping_price=4900,
    total=199900,
    vat=(VatRow(rate=Decimal("12.5"), gross=1, net=1, vat=39980), VatRow(rate=None, gross=1, net=1, vat=1)),
)
MESSAGE = MessageContext(
    shop_name="Villa & Värme",
    language="sv",
    timezone="Europe/Stockholm",
    template="shipped",
    status=Text("Skickad", "Shipped"),
    order=ORDER,
    recipient="asa@example.se",
)
STAFF = StaffView(
    name="100234",
    reference="K-7F3QX2",
    status=Text("Granskad", "Reviewed"),
    customer=Customer(name="Åsa", email="asa@example.se", phone="+4670"),
    actor="eva",
    note="Ring\nförst",
    flags=(Text("betald men slut", "paid but short"),),
)


def values(language: str = "sv", order: dict | None = None, **changed) -> dict:
    message = replace(MESSAGE, language=language, order=replace(ORDER, **(order or {})), **changed)
    return template_values(message).plain()


@pytest.mark.parametrize(
    ("name", "sv", "en"),
    [
        ("number", "100234", "100234"),
        ("status", "Skickad", "Shipped"),
        ("placed", "24 november 2026", "24 November 2026"),
        ("delivery", "Posten", "Post"),
        ("payment", "Faktura", "Invoice"),
        ("place", ["Lagret", "Gatan 1"], ["The store", "The street 1"]),
        ("booked", "torsdag 26 november 2026 kl. 13:00", "Thursday 26 November 2026 at 13:00"),
        ("booked_short", "tors 26 nov. kl. 13:00", "Thu 26 Nov at 13:00"),
        ("deadline", "7 december", "7 December"),
        ("deadline_short", "7 dec.", "7 Dec"),
        ("payment_due", "23 december 2026", "23 December 2026"),
        ("payment_due_short", "23 dec.", "23 Dec"),
        ("total", f"1{NBSP}999,00{NBSP}kr", f"SEK{NBSP}1,999.00"),
        ("discount", f"\N{MINUS SIGN}100,00{NBSP}kr", f"\N{MINUS SIGN}SEK{NBSP}100.00"),
        ("vat", [{"rate": f"12,5{NBSP}%", "amount": f"399,80{NBSP}kr"}], [{"rate": "12.5%", "amount": f"SEK{NBSP}399.80"}]),
        ("words", ["Hej!", "Nu då."], ["Hej!", "Nu då."]),
        ("words_short", "Hej! Nu då.", "Hej! Nu då."),
        ("address", ["Åsa Öberg", "Storgatan 1", "114 21 Stockholm"], ["Åsa Öberg", "Storgatan 1", "114 21 Stockholm"]),
    ],
)  # fmt: skip
def test_values_are_worded_in_the_recipients_language(name, sv, en):
    order = {
        "place": Text("Lagret\n\nGatan 1", "The store\nThe street 1"), "deadline": date(2026, 12, 7),
        "payment_due": date(2026, 12, 23), "discount": 10000,
    }  # fmt: skip
    given = {"fields": {"booked_time": "2026-11-26T12:00:00.000000Z"}, "words": "Hej!\r\n\nNu då.\n"}

    found = [values(language, order, **given)[name] for language in ("sv", "en", "de")]

    assert found == [sv, en, en]


def test_what_is_not_there_is_empty():
    found = values(
        order={"name": "", "street": "", "postal_code": "", "city": "", "payment_method": same("")}
    )

    empty = (
        "customer_url name payment booked booked_short deadline deadline_short payment_due payment_due_short "
    )
    empty += "fee discount paid refunded left_to_pay words_short"
    assert {name: found[name] for name in empty.split()} == dict.fromkeys(empty.split(), "")
    assert [found[name] for name in ("place", "address", "parcels", "in_parcel", "to_come", "words")] == [
        []
    ] * 6
    assert found["parcel"] == {"number": "", "carrier": "", "url": ""}
    assert (found["earlier"], found["is_rest"], found["fields"]) == (0, False, {})


@pytest.mark.parametrize(
    ("parcels", "inside", "rest"),
    [
        (((PUMP,),), [("Pump", 2)], False),
        (((PUMP,), (FILTER,)), [("Filter", 1)], True),
        (((PUMP, FILTER),), [], False),
        (((PUMP, FILTER), (FILTER,)), [("Filter", 1)], False),
        (((),), [], False),
    ],
)
def test_the_last_parcel_tells_what_is_in_it_and_whether_it_was_the_rest(parcels, inside, rest):
    sent = tuple(
        CustomerParcel(number=None, carrier=None, sent_at=AT, contents=contents) for contents in parcels
    )

    found = values(parcel=sent[-1], order={"parcels": sent})

    assert [(goods["name"], goods["quantity"]) for goods in found["in_parcel"]] == inside
    assert (found["is_rest"], found["earlier"]) == (rest, len(parcels) - 1)


def test_a_parcel_number_of_this_very_change_is_among_the_parcels():
    earlier = CustomerParcel(
        number="UA1", carrier=same("PostNord"), sent_at=AT, url="https://follow.example/UA1"
    )

    found = values(order={"parcels": (earlier,)}, fields={"parcel_number": "UA2"})

    assert [parcel["number"] for parcel in found["parcels"]] == ["UA1", "UA2"]
    assert found["parcel"]["number"] == "UA2"
    assert found["parcels"][0]["url"] == "https://follow.example/UA1"


@pytest.mark.parametrize(
    "url", ["javascript:zq7()", "data:text/html,x", "//x", "HTTPS//x", " https://x", "ftp://x"]
)
def test_nothing_but_a_web_address_is_linked_to(url):
    parcel = CustomerParcel(number="UA1", carrier=None, sent_at=AT, url=url)

    found = values(parcel=parcel, order={"parcels": (parcel,)}, customer_url=url)

    assert (found["parcel"]["url"], found["parcels"][0]["url"], found["customer_url"]) == ("", "", "")
    assert values(customer_url="https://butik.example")["customer_url"] == "https://butik.example"


@pytest.mark.parametrize(
    "typed", ["Å\nB", "Å\r\nB", "Å\x0bB", "Å\u2028B", "Å\x85B", " Å\tB ", "Å\x1c\x00B\x07", "\nÅ\n\nB"]
)
def test_what_was_typed_is_one_line_without_control_characters(typed):
    parcel = CustomerParcel(number=typed, carrier=same(typed), sent_at=AT)
    line = CustomerLine(name=typed, sku=typed, quantity=1, unit_price=1, total=1)

    found = values(
        order={"name": typed, "street": typed, "city": typed, "lines": (line,), "parcels": (parcel,)},
        fields={"gate": typed, "booked_time": typed}, shop_name=typed, status=same(typed), parcel=parcel,
    )  # fmt: skip

    shown = [
        found["name"], found["shop_name"], found["status"], found["booked"], found["fields"]["gate"],
        found["address"][0], found["lines"][0]["name"], found["lines"][0]["sku"], found["parcel"]["number"],
        found["parcel"]["carrier"],
    ]  # fmt: skip
    assert shown == ["Å B"] * 10
    assert found["address"][1:] == ["Å B", "114 21 Å B"]


# ── Staff, and nothing hidden ────────────────────────────────────────────────────────────────


def test_what_staff_may_read_is_there_for_them_only():
    assert "staff" not in values()
    assert values(staff=STAFF)["staff"] == {
        "name": "100234",
        "reference": "K-7F3QX2",
        "status": "Granskad",
        "customer_name": "Åsa",
        "email": "asa@example.se",
        "phone": "+4670",
        "actor": "eva",
        "note": ["Ring", "först"],
        "flags": ["betald men slut"],
        "is_new": False,
    }
    assert values("en", staff=STAFF)["staff"]["flags"] == ["paid but short"]


def test_a_template_gets_words_counts_lists_and_tables_and_nothing_else():
    parcel = CustomerParcel(number="UA1", carrier=same("x"), sent_at=AT, contents=(PUMP,))
    found = values(staff=STAFF, parcel=parcel, order={"parcels": (parcel,), "to_come": (FILTER,)})

    assert json.loads(json.dumps(found)) == found


def names(value, cls=TemplateValues) -> set[str]:
    """Return every name in the values, as the documentation writes it; the keys of open tables are left out."""
    found = set[str]()
    for one in fields(cls):
        found.add(one.name)
        inner = value.get(one.name)
        if one.metadata["of"] is not None and inner:
            items = isinstance(inner, list)
            below = names(inner[0] if items else inner, one.metadata["of"])
            found |= {f"{one.name}{'[]' if items else ''}.{name}" for name in below}
    assert set(value) <= {one.name for one in fields(cls)}
    return found


def test_every_value_is_documented_in_both_languages():
    parcel = CustomerParcel(number="UA1", carrier=same("x"), sent_at=AT, contents=(PUMP,))
    found = values(staff=STAFF, parcel=parcel, order={"parcels": (parcel,), "to_come": (FILTER,)})

    told = dict(documented())

    assert set(told) == names(found)
    assert all(text.sv and text.en and text.sv != text.en for text in told.values())


def test_every_field_that_can_hold_others_says_which():
    parts = [cls for _, cls in _parts(TemplateValues)]

    assert all(is_dataclass(cls) for cls in parts)
    assert {cls.__name__ for cls in parts} == {
        "GoodsValues", "LineValues", "ParcelValues", "StaffValues", "VatValues",
    }  # fmt: skip


def _parts(cls):
    return [(one.name, one.metadata["of"]) for one in fields(cls) if one.metadata["of"]]


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_fixed_words_are_there_by_name(language):
    found = values(language)["label"]

    assert set(found) == set(LABELS)
    assert "Villa & Värme" in found["questions"]
    assert "100234" in found["questions"]
    assert not any("{" in words for words in found.values())
