"""`ashop order list`, `counts`, `filters` and `export`: filters, pages, and the forms for machines."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal

import pytest

from ashop_core.cli.output import safe_cell
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
    assert "Nästa sida" not in second.stderr
    back = ashop("order", "list", "--limit", "2", "--cursor", second.stderr.split("--cursor ")[1].strip())
    assert back.stdout == first.stdout
    assert "Föregående sida" not in back.stderr
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


@pytest.mark.parametrize(
    "start",
    ["=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠"],
    ids=lambda start: f"{ord(start):x}",
)
def test_no_text_becomes_a_formula_and_each_can_be_read_back(start):
    payload = f"{start}HYPERLINK(0)"
    printed = io.StringIO(newline="")
    writer = csv.writer(printed)
    writer.writerow([safe_cell(value) for value in (payload, "x", -5, Decimal("-1.50"), None, ["-a", "b"])])

    (row,) = csv.reader(io.StringIO(printed.getvalue(), newline=""))

    assert row == ["'" + payload, "x", "-5", "-1.50", "", "'-a b"]
    assert row[0].removeprefix("'") == payload


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝"])
def test_no_cell_of_the_list_begins_as_a_formula_whoever_wrote_it(ashop, home, clock, start):
    text = f"{start}1+1"
    with Shop.open(home, clock=clock) as shop:
        place_order(shop, customer=some_customer(name=text, city=text, street=text, phone=text))

    (row,) = csv.DictReader(io.StringIO(ashop("order", "list", "--csv").stdout, newline=""))

    assert (row["customer"], row["phone"]) == ("'" + text, "'" + text)
    assert all(not cell.startswith(start) for cell in row.values())


# ── Saved filters, conditions as text, counts ────────────────────────────────────────────────────


def test_a_saved_filter_is_known_by_code_and_by_either_label(ashop, numbers):
    for name in ("to_review", "Att granska", "to review", "TO REVIEW"):
        assert listed(ashop("order", "list", "--saved", name)) == [numbers[2], numbers[1]]
    assert listed(ashop("order", "list", "--saved", "to_review", "--delivery", "post")) == [numbers[1]]
    refused = ashop("order", "list", "--saved", "x")
    assert (refused.exit_code, "Att granska (to_review)" in refused.stderr) == (1, True)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ("status=received", [2, 1]),
        ("status=mottagen, delivery = post", [1]),
        ("STATUS=Granskad,", [0]),
        ("role=placed, since=2026-11-25", [2]),
        ("stage=open, older=2d", [1]),
        ("text=bo ny", [1]),
        ("customer=asa@example.se, status=reviewed", [0]),
        ("status=received, status=reviewed", [2, 1, 0]),
        ("", [2, 1, 0]),
    ],
)
def test_conditions_may_be_given_as_one_text(ashop, numbers, where, expected):
    result = ashop("order", "list", "--where", where)

    assert listed(result) == [numbers[n] for n in expected]


def test_every_fault_of_a_text_is_named_with_its_key(ashop, home):
    result = ashop("order", "list", "--where", "colour=red, status=skickd, older=soon, overdue=no, stage=x")

    assert result.exit_code == 1
    for words in ("colour: ", "status: ", "older: ", "overdue: ", "stage: ", "delivery, flag", "45m"):
        assert words in result.stderr
    assert ashop("order", "list", "--where", "status").exit_code == 1
    assert ashop("order", "list", "--where", "older=1d, older=2d").exit_code == 1


def test_a_search_for_nothing_says_so(ashop, numbers):
    result = ashop("order", "list", "--text", "!!!", "--json")

    assert json.loads(result.stdout) == []
    assert "”!!!” har inga" in result.stderr


def test_counts_of_statuses_and_of_saved_filters(ashop, numbers):
    counted = {row["code"]: row["count"] for row in json.loads(ashop("order", "counts", "--json").stdout)}
    saved = {row["code"]: row for row in json.loads(ashop("order", "filters", "--json").stdout)}

    assert (counted["received"], counted["reviewed"], counted["started"], counted["shipped"]) == (2, 1, 1, 0)
    assert (saved["to_review"]["count"], saved["to_review"]["more"]) == (2, False)
    assert saved["to_ship"]["where"] == "stage=open, next=gone, approval=settled"
    assert "Att granska" in ashop("order", "filters").stdout
    assert "To review" in ashop("order", "filters", lang="en").stdout


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
    assert (imported.status, imported.at) == ("shipped", order.placed_at)
    assert [parcel.number for parcel in imported.parcels] == ["123"]
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
