"""`ashop order show`, `next` and `new`: one order for people and machines, and one made by staff."""

from __future__ import annotations

import json
import re

import pytest

from ashop_core.models import NewParcel
from ashop_core.shop import Shop
from ashop_core.testing import place_order, some_lines, write_shop
from tests.shops import write_paper_shop


@pytest.fixture
def home(tmp_path):
    return write_paper_shop(tmp_path / "shop")


@pytest.fixture
def number(home, clock):
    """The number of an order that has been through everything."""
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop, some_lines("LAMPA", quantity=2))
        clock.advance(hours=1)
        shop.change_status(order, "reviewed", note="Ringde kunden")
        shop.approve(order)
        shop.change_status(
            order, "shipped", parcel=NewParcel(number="00373500489530471234", carrier="PostNord")
        )
        while shop.deliver():
            pass
        return str(order.number)


def test_the_page_shows_everything(ashop, number, clock):
    clock.advance(days=2)

    page = ashop("order", "show", number).stdout

    assert page.splitlines()[0] == f"{number}  Skickad"
    for words in (
        "2026-11-23 13:00 (2 dygn)",
        "Posten",
        "Faktura, obetald",
        "2026-11-23 14:00, personal",
        "Åsa Öberg",
        "Storgatan 1, 114 21 Stockholm SE",
        "LAMPA    Vara LAMPA      2  100,00\N{NO-BREAK SPACE}kr  200,00\N{NO-BREAK SPACE}kr  2 skickade",
        "00373500489530471234  PostNord",
        "Kuvert  C5",
        "E-post → asa@example.se  skickat",
        "    Skickad 100001",
        "    | Rad tre.",
        "    | …",
        "Mottagen → Granskad  (personal)",
        "    Anteckning  Ringde kunden",
        "local:paper  LAMPA: 1 → 0",
    ):
        assert words in page, words
    assert "Rad fem." not in page


def test_messages_are_shown_word_for_word_if_asked(ashop, number):
    assert "      | Rad fem." in ashop("order", "show", number, "--messages").stdout


def test_the_page_in_english(ashop, number):
    page = ashop("order", "show", number, lang="en").stdout

    for words in ("Shipped", "Customer", "Total", "Received → Reviewed", "Envelope"):
        assert words in page


def test_an_order_is_found_by_its_reference(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        order = shop.start_order(some_lines("A"), checkout_key="k")

    page = ashop("order", "show", order.reference.lower()).stdout

    assert page.startswith(f"{order.reference}  Påbörjad")
    assert "ordern finns inte för kunden" in page


def test_json_holds_what_staff_may_see(ashop, number):
    document = json.loads(ashop("order", "show", number, "--json").stdout)

    assert document["format"] == "ashop-order/1"
    assert document["messages"][0]["body"].startswith("Hej Åsa")
    assert document["sections"][0]["title"] == {"sv": "Papper", "en": "Paper"}
    assert [e["note"] for e in document["history"] if e["note"]] == ["Ringde kunden"]


def test_a_plugin_that_cannot_describe_gets_a_notice(ashop, tmp_path, clock):
    rule = "from ashop_core import hookimpl\n@hookimpl\ndef ashop_describe_order(order):\n    raise RuntimeError('aj')\n"
    home = write_shop(tmp_path / "shop", "local:bad", files={"plugins/bad.py": rule})
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop)

    result = ashop("order", "show", str(order.number))

    assert result.exit_code == 0
    assert "aj" in result.stdout


@pytest.mark.parametrize("name", ["999999", "K-XXXXXX", "9" * 30, "☃"])
def test_an_order_that_is_not_there(ashop, home, name):
    assert ashop("order", "show", name).exit_code == 1
    assert ashop("order", "next", name).exit_code == 1


# ── next ─────────────────────────────────────────────────────────────────────────────────────────


def test_next_lists_statuses_with_what_they_ask(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop)
        shop.change_status(order, "reviewed")

    result = ashop("order", "next", str(order.number))
    rows = {
        row["status"]: row for row in json.loads(ashop("order", "next", str(order.number), "--json").stdout)
    }

    assert result.stdout.splitlines()[0] == f"{order.number}  Granskad"
    assert "Kollinummer" in result.stdout
    assert "ange en orsak" in result.stdout
    assert rows["shipped"]["fields"] == [
        {"code": "parcel_number", "type": "parcel_number", "required": False}
    ]
    assert [(sent["audience"], sent["channel"]) for sent in rows["shipped"]["sends"]] == [
        ("customer", "email")
    ]
    assert rows["cancelled"]["problems"][0]["code"] == "no_reason"
    assert rows["shipped"]["allowed"] is False
    assert [p["code"] for p in rows["shipped"]["problems"]] == ["not_approved"]
    assert rows["received"]["problems"][0]["text"] == {"sv": "inte härifrån", "en": "not from here"}


def test_next_marks_a_parcel_number_that_the_delivery_method_demands(ashop, tmp_path, clock):
    home = write_shop(tmp_path / "shop", toml='[delivery.post]\nparcel_number = "required"\n')
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop)
        shop.change_status(order, "reviewed")

    assert "Kollinummer*" in ashop("order", "next", str(order.number)).stdout


def test_where_the_flow_ends_next_says_so(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop)
        shop.change_status(order, "cancelled", reason="x")

    assert "här slutar flödet" in ashop("order", "next", str(order.number)).stdout


# ── new ──────────────────────────────────────────────────────────────────────────────────────────

CUSTOMER = (
    "--name",
    "Anna Ek",
    "--email",
    "anna@example.se",
    "--street",
    "Gatan 1",
    "--postal-code",
    "44330",
    "--city",
    "Lerum",
)


def test_staff_make_an_order(ashop, home, clock):
    result = ashop("order", "new", "--line", "FTX=1@12 995:Pump", "--line", "FILTER=2@149,50", *CUSTOMER)

    assert result.exit_code == 0
    assert result.stdout.splitlines()[0] == "100001  Uppgifter ifyllda → Mottagen"
    assert "13\N{NO-BREAK SPACE}294,00\N{NO-BREAK SPACE}kr" in result.stdout
    with Shop.open(home, clock=clock) as shop:
        order = shop.order(100001)
        assert [(x.sku, x.name, x.quantity, x.unit_price) for x in order.lines] == [
            ("FTX", "Pump", 1, 1299500),
            ("FILTER", "FILTER", 2, 14950),
        ]
        assert order.payment_method == "invoice", "the first that is not paid first"
        assert {entry.actor for entry in shop.history(order)} == {"staff"}


def test_the_same_key_gives_the_same_order(ashop, home):
    first = ashop("order", "new", "--line", "A=1@10", *CUSTOMER, "--key", "tel-17")
    second = ashop("order", "new", "--line", "A=1@10", *CUSTOMER, "--key", "tel-17")

    assert first.exit_code == second.exit_code == 0
    assert second.stdout.startswith("100001  oförändrad")
    assert ashop("order", "new", "--line", "A=2@10", *CUSTOMER, "--key", "tel-17").exit_code == 1


def test_an_order_may_be_left_in_the_checkout(ashop, home):
    result = ashop("order", "new", "--line", "A=1@10", "--name", "Anna", "--no-place")

    assert result.stdout.startswith("K-")
    assert "Uppgifter ifyllda" in result.stdout
    assert (
        json.loads(ashop("order", "new", "--line", "A=1@10", "--no-place", "--json").stdout)["total"] == 1000
    )


def test_an_order_that_cannot_be_placed_stays_in_the_checkout_and_says_where(ashop, home):
    result = ashop("order", "new", "--line", "A=1@10", "--payment", "card")

    assert result.exit_code == 1
    for words in ("inte betald", "kundens namn saknas", "finns kvar i kassan som K-"):
        assert words in result.stderr


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("A", "ARTIKEL=ANTAL@PRIS"),
        ("A=1", "ARTIKEL=ANTAL@PRIS"),
        ("A=x@1", "ARTIKEL=ANTAL@PRIS"),
        ("A=²@1", "ARTIKEL=ANTAL@PRIS"),
        ("A=1@dyrt", "inget belopp"),
        ("A=1@1.005", "inget belopp"),
        ("A=0@1", "antalet 0"),
        ("A=-1@1", "antalet -1"),
        ("A=1000000000000@1", "antalet 1000000000000"),
        ("A=1@-1", "priset -100"),
    ],
)
def test_a_line_that_cannot_be_ordered_is_refused_and_nothing_is_begun(ashop, home, line, words):
    result = ashop("order", "new", "--line", line, *CUSTOMER)

    assert result.exit_code == 1
    assert words in result.stderr
    assert ashop("order", "abandoned").stdout == "Inga påbörjade köp att följa upp.\n"


@pytest.mark.parametrize("address", ["hej", "a@b", "a b@example.se", "@example.se"])
def test_an_address_that_no_message_reaches_is_asked_about_before_anything_is_begun(ashop, home, address):
    result = ashop("order", "new", "--line", "A=1@10", "--name", "Bo", "--email", address)

    assert result.exit_code == 2
    assert f"”{address}” är ingen e-postadress" in result.stderr
    assert ashop("order", "abandoned").stdout == "Inga påbörjade köp att följa upp.\n"


def test_a_checkout_that_could_not_be_placed_is_put_right_and_placed_as_it_says(ashop, home):
    told = ashop("order", "new", "--line", "A=1@10", "--name", "Bo", "--email", "bo@example.se").stderr
    correct, place = re.findall("`ashop (.*?)`", told)

    corrected = ashop(*correct.split(), "--street", "Gatan 1", "--postal-code", "114 21", "--city", "Lund")

    assert corrected.exit_code == 0
    assert ashop(*place.split()).exit_code == 0


def test_a_method_may_be_named_by_its_label(ashop, home):
    named = ("--delivery", "hämtas i butik", "--payment", "Faktura")
    ashop("order", "new", "--line", "A=1@10", "--name", "Bo", "--email", "bo@example.se", *named)

    found = json.loads(ashop("order", "list", "--delivery", "Pick up in store", "--json").stdout)

    assert [(row["delivery"], row["payment"]) for row in found] == [("pickup", "unpaid")]
