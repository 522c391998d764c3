"""`ashop order list`, `abandoned` and `export`: filters, pages, and the forms for machines."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest

from ashop_core.models import NewLine, NewParcel
from ashop_core.serial import order_from_document
from ashop_core.shop import Shop
from ashop_core.testing import place_order, some_customer, some_lines, write_shop


@pytest.fixture
def home(tmp_path):
    return write_shop(tmp_path / "shop")


@pytest.fixture
def numbers(home, clock):
    """Three orders, a day between them, the oldest one reviewed and the newest by pick-up; and a checkout."""
    with Shop.open(home, clock=clock) as shop:
        found = []
        for name, delivery in (("Anna Ek", "post"), ("Bo Ny", "post"), ("Cia Al", "pickup")):
            order = place_order(shop, customer=some_customer(name=name), delivery=delivery)
            found.append(str(order.number))
            clock.advance(days=1)
        shop.change_status(found[0], "reviewed")
        shop.start_order(some_lines("HINK"), checkout_key="basket", customer=some_customer(name="Dag Ås"))
        return found


def listed(result) -> list[str]:
    return [line.split()[0] for line in result.stdout.splitlines()[1:]]


def test_the_newest_come_first_and_checkouts_are_left_out(ashop, numbers):
    result = ashop("order", "list")

    assert listed(result) == numbers[::-1]
    assert result.stdout.splitlines()[0].split() == [
        "Order",
        "Lagd",
        "Status",
        "Kund",
        "Leverans",
        "Betalning",
        "Summa",
        "Flaggor",
    ]
    assert "Mottagen" in result.stdout
    assert "100,00\N{NO-BREAK SPACE}kr" in result.stdout


def test_english_has_english_words_dates_and_amounts(ashop, numbers):
    result = ashop("order", "list", lang="en")

    assert "Received" in result.stdout
    assert "23 Nov 2026 13:00" in result.stdout


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--status", "granskad"), [0]),
        (("--status", "received"), [2, 1]),
        (("--status", "granskad", "--status", "mottagen"), [2, 1, 0]),
        (("--stage", "open"), [2, 1, 0]),
        (("--stage", "done"), []),
        (("--delivery", "pickup"), [2]),
        (("--payment", "paid"), []),
        (("--text", "bo ny"), [1]),
        (("--since", "2026-11-24"), [2, 1]),
        (("--until", "2026-11-24"), [1, 0]),
        (("--until", "2026-11-24 10:00"), [0]),
        (("--since", "2026-11-24", "--until", "2026-11-24"), [1]),
        (("--flag", "paid_short"), []),
    ],
)
def test_filters(ashop, numbers, options, expected):
    assert listed(ashop("order", "list", *options)) == [numbers[n] for n in expected]


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--status", "skickd"), 1, "Skickad (shipped)"),
        (("--delivery", "drönare"), 1, "drönare"),
        (("--since", "i går"), 1, "2026-11-23"),
        (("--until", "9999-12-31"), 1, "9999-12-31"),
        (("--stage", "sent"), 2, "sent"),
        (("--limit", "0"), 2, "--limit"),
        (("--cursor", "x"), 1, "sidmarkör"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(ashop, home, options, code, words):
    result = ashop("order", "list", *options)

    assert result.exit_code == code
    assert words in result.stderr


def test_pages_follow_one_another(ashop, numbers):
    first = ashop("order", "list", "--limit", "2")
    cursor = first.stderr.split("--cursor ")[1].strip()

    second = ashop("order", "list", "--limit", "2", "--cursor", cursor)

    assert listed(first) + listed(second) == numbers[::-1]
    assert second.stderr == ""
    assert listed(ashop("order", "list", "--limit", "1", "--all")) == numbers[::-1]


def test_json_has_minor_units_codes_and_utc(ashop, numbers):
    rows = json.loads(ashop("order", "list", "--json").stdout)

    assert [str(row["number"]) for row in rows] == numbers[::-1]
    assert rows[0]["total"] == 10000
    assert rows[0]["placed"] == "2026-11-25T12:00:00.000000Z"
    assert rows[0]["status"] == "received"
    assert rows[0]["flags"] == []


def test_csv_is_rfc_4180_and_runs_no_formula(ashop, home, clock):
    names = ['=HYPERLINK("http://x")', "+46", "-1", "@SUM(A1)", 'Anna "Ek", Lerum']
    with Shop.open(home, clock=clock) as shop:
        for name in names:
            place_order(shop, customer=some_customer(name=name))

    result = ashop("order", "list", "--csv")

    assert result.stdout_bytes.count(b"\r\n") == len(names) + 1
    found = [row["customer"] for row in csv.DictReader(io.StringIO(result.stdout, newline=""))][::-1]
    assert found == ["'" + n if n[0] in "=+-@" else n for n in names]
    assert "100.00" in result.stdout


def test_an_empty_list_is_valid_in_every_form(ashop, home):
    assert ashop("order", "list").stdout == "Inga ordrar.\n"
    assert json.loads(ashop("order", "list", "--json").stdout) == []
    assert len(ashop("order", "list", "--csv").stdout.splitlines()) == 1


def test_abandoned_tells_who_how_far_and_how_to_reach_them(ashop, numbers, clock):
    clock.advance(hours=2)

    result = ashop("order", "abandoned")

    assert listed(result)[0].startswith("K-")
    for words in ("Dag Ås", "+46701740605", "asa@example.se", "Påbörjad", "2 timmar"):
        assert words in result.stdout
    (row,) = json.loads(ashop("order", "abandoned", "--json").stdout)
    assert row["phone"] == "+46701740605"


# ── export ───────────────────────────────────────────────────────────────────────────────────────


def test_export_writes_one_order_a_line_and_reads_back(ashop, home, clock):
    lines = [NewLine(sku="A", name="Å", quantity=3, unit_price=1999, vat_rate=Decimal("25.5"))]
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop, lines)
        shop.change_status(order, "reviewed", note="hemlig anteckning")
        shop.approve(order)
        shop.change_status(order, "shipped", parcel=NewParcel(number="123"))

    (line,) = ashop("order", "export").stdout.splitlines()

    document = json.loads(line)
    assert document["format"] == "ashop-order/1"
    assert "hemlig anteckning" not in line
    assert "flags" not in document
    assert "created_at" not in document
    imported, problems = order_from_document(document)
    assert problems == []
    assert imported is not None
    assert (imported.source, imported.external_id) == ("ashop", order.reference)
    assert (imported.status, imported.at, imported.parcel_number) == ("shipped", order.placed_at, "123")
    assert imported.lines == tuple(lines)
    assert imported.customer == some_customer()


def test_what_is_imported_exported_and_imported_again_is_the_same_order(ashop, home, tmp_path, clock):
    with Shop.open(home, clock=clock) as shop:
        place_order(shop)
    document = json.loads(ashop("order", "export").stdout)
    imported, _ = order_from_document(document)
    other = write_shop(tmp_path / "other")
    assert imported is not None
    with Shop.open(other, clock=clock) as shop:
        assert shop.import_order(imported) is not None

    second = json.loads(ashop("order", "export", home=other).stdout)
    again, problems = order_from_document(second)

    assert problems == []
    assert again == imported
    with Shop.open(other, clock=clock) as shop:
        assert shop.import_order(again) is None


def test_export_takes_a_filter_or_numbers_and_internal(ashop, numbers):
    assert len(ashop("order", "export", "--status", "granskad").stdout.splitlines()) == 1
    documents = json.loads(ashop("order", "export", *numbers[:2], "--json", "--internal").stdout)
    assert [str(d["number"]) for d in documents] == numbers[:2]
    assert documents[0]["history"][0]["actor"] == "customer"
    both = ashop("order", "export", numbers[0], "--status", "granskad")
    assert both.exit_code == 2
    assert ashop("order", "export", "999999").exit_code == 1
