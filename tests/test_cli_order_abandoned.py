"""`ashop order abandoned`, `followup` and `anonymise`: for staff to telephone from; the customer never hears."""

from __future__ import annotations

import csv
import io
import json

import pytest

from ashop_core.shop import Shop
from ashop_core.testing import place_order, some_customer, some_lines
from tests.shops import write_paper_shop


@pytest.fixture
def home(tmp_path):
    return write_paper_shop(tmp_path / "shop")


@pytest.fixture
def checkout(home, clock):
    """The reference of a checkout begun two hours ago, with its details given."""
    with Shop.open(home, clock=clock) as shop:
        order = shop.start_order(some_lines("LAMPA", "SLADD", quantity=2), checkout_key="k")
        shop.give_details(order, customer=some_customer())
        clock.advance(hours=2)
        return order.reference


def test_who_what_how_far_and_how_to_reach_them(ashop, checkout):
    result = ashop("order", "abandoned")

    assert result.stdout.replace("\N{NO-BREAK SPACE}", " ").splitlines() == [
        f"{checkout}  Åsa Öberg",
        "  Telefon   +46701740605",
        "  E-post    asa@example.se",
        "  Varor     2 × Vara LAMPA + 1 rad till, 400,00 kr",
        "  Kom till  Uppgifter ifyllda, för 2 timmar sedan",
    ]


def test_in_english(ashop, checkout):
    assert "  Got to  Details given, 2 hours ago\n" in ashop("order", "abandoned", lang="en").stdout


def test_what_came_of_it_is_written_down_and_shown(ashop, checkout):
    result = ashop("order", "followup", checkout, "kontaktad", "--note", "Ringer igen")

    assert result.stdout.splitlines() == [
        f"{checkout}  Uppföljning antecknad",
        "  Uppföljning  kontaktad",
        "  Anteckning   Ringer igen",
    ]
    assert "  Uppföljning  kontaktad" in ashop("order", "abandoned").stdout
    assert "oförändrad" in ashop("order", "followup", checkout, "contacted").stdout


@pytest.mark.parametrize("outcome", ["recovered", "återvunnen", "Lost", "förlorad"])
def test_what_is_settled_is_left_out_and_it_says_so(ashop, checkout, outcome):
    ashop("order", "followup", checkout, outcome)

    result = ashop("order", "abandoned")

    assert result.stdout == "Inga påbörjade köp att följa upp.\n"
    assert result.stderr.startswith("1 till visas med --everyone")
    assert checkout in ashop("order", "abandoned", "--everyone").stdout


def test_whoever_has_ordered_since_is_left_out(ashop, home, clock, checkout):
    with Shop.open(home, clock=clock) as shop:
        place_order(shop)

    assert checkout not in ashop("order", "abandoned").stdout


def test_an_unknown_outcome_lists_those_there_are(ashop, checkout):
    result = ashop("order", "followup", checkout, "kanske")

    assert result.exit_code == 1
    assert "kontaktad, återvunnen, förlorad" in result.stderr


def test_a_placed_order_is_not_followed_up(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop)

    result = ashop("order", "followup", order.name, "lost")

    assert result.exit_code == 1
    assert "ordern är lagd" in result.stderr


def test_pages_follow_one_another(ashop, home, clock, checkout):
    with Shop.open(home, clock=clock) as shop:
        newer = shop.start_order(some_lines("A"), checkout_key="newer").reference

    first = ashop("order", "abandoned", "--limit", "1")
    cursor = first.stderr.split()[-1]

    assert newer in first.stdout
    assert checkout in ashop("order", "abandoned", "--limit", "1", "--cursor", cursor).stdout
    assert all(name in ashop("order", "abandoned", "--all").stdout for name in (newer, checkout))


def test_json_and_csv_tell_machines(ashop, checkout):
    (row,) = json.loads(ashop("order", "abandoned", "--json").stdout)
    (cells,) = csv.DictReader(io.StringIO(ashop("order", "abandoned", "--csv").stdout))

    assert row["goods"] == [{"name": "Vara LAMPA", "quantity": 2}, {"name": "Vara SLADD", "quantity": 2}]
    assert (row["total"], row["status"], row["follow_up"]) == (40000, "details_given", None)
    assert (cells["reference"], cells["total"], cells["phone"]) == (checkout, "400.00", "'+46701740605")


def test_anonymising_asks_first_and_is_for_good(ashop, checkout):
    refused = ashop("order", "anonymise", checkout, input="n\n")
    assert refused.exit_code == 1
    assert "för gott" in refused.stderr
    assert "Åsa" in ashop("order", "abandoned").stdout

    result = ashop("order", "anonymise", checkout, "--yes")

    assert result.stdout == f"{checkout}  Avidentifierad\n"
    assert "Åsa" not in ashop("order", "show", checkout).stdout


def test_a_placed_order_is_not_anonymised(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop)

    result = ashop("order", "anonymise", order.name, "--yes")

    assert result.exit_code == 1
    assert "bokföringen" in result.stderr


@pytest.mark.parametrize("command", ["abandoned", "followup", "anonymise"])
def test_the_help_says_that_no_message_is_ever_sent(ashop, home, command):
    assert "meddelande" in ashop("order", command, "--help").stdout
    assert "message" in ashop("order", command, "--help", lang="en").stdout
