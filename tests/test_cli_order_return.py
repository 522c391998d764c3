"""`ashop order return`: goods back on the shelf or written off, the refund, and the status when all is back."""

from __future__ import annotations

import json

import pytest

from ashop_core.models import NewPayment, PaymentKind
from ashop_core.shop import Shop
from ashop_core.testing import place_order, some_lines
from tests.shops import write_paper_shop


@pytest.fixture
def home(tmp_path):
    return write_paper_shop(tmp_path / "shop")


@pytest.fixture
def number(home, clock):
    """The number of an order that is paid and sent."""
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop, some_lines("LAMPA", "SLADD", quantity=2))
        shop.change_status(order, "reviewed")
        shop.approve(order)
        shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=40000))
        shop.change_status(order, "shipped")
        shop.deliver()
        return str(order.number)


def words(result):
    return result.stdout.replace("\N{NO-BREAK SPACE}", " ").splitlines()


def test_a_part_comes_back(ashop, number):
    result = ashop("order", "return", number, "--line", "1=1", "--written-off", "2=1", "--refund", "150")

    assert words(result)[:5] == [
        f"{number}  Retur mottagen",
        "  Åter i lager  1 × LAMPA",
        "  Kasserat      1 × SLADD",
        "  Betalning     Återbetalt  150,00 kr",
        "  local:paper   LAMPA: 1 → 0",
    ]


def test_all_that_the_customer_has_comes_back_and_the_order_is_returned(ashop, number):
    ashop("order", "return", number, "--line", "1=1")

    result = ashop("order", "return", number, "--all", "--written-off", "2=1", "--refund-all", lang="en")

    assert words(result)[:4] == [
        f"{number}  Return: Shipped → Returned",
        "  Back on the shelf  1 × LAMPA, 1 × SLADD",
        "  Written off        1 × SLADD",
        "  Payment            Refunded  SEK 400.00",
    ]


def test_when_all_is_back_it_says_what_to_refund(ashop, number):
    result = ashop("order", "return", number, "--all", "--refund", "150")

    assert "  Att återbetala  250,00 kr" in words(result)


def test_the_page_tells_of_the_return(ashop, number):
    ashop("order", "return", number, "--line", "1=1", "--reason", "fel färg")

    page = ashop("order", "show", number).stdout

    assert "    Åter i lager  1 × LAMPA\n    Orsak         fel färg\n" in page


def test_a_dry_run_says_that_the_refund_lasts(ashop, number):
    result = ashop("order", "return", number, "--all", "--refund", "10", "--dry-run")

    assert "  Kan inte tas tillbaka:\n" in result.stdout
    assert "posten i betalningarna" in result.stdout


def test_json_of_a_return(ashop, number):
    (document,) = json.loads(ashop("order", "return", number, "--all", "--json").stdout)

    assert (document["kind"], document["to"]) == ("return", "returned")


@pytest.mark.parametrize(
    ("args", "code", "reason"),
    [
        ((), 1, "ange vad som har kommit tillbaka"),
        (("--line", "1=3"), 1, "kunden har 2, så 3 kan inte komma tillbaka"),
        (("--all", "--refund", "500"), 1, "återbetalningen är 500,00"),
        (("--line", "1"), 2, "skriv namn=värde"),
        (("--written-off", "1=x"), 2, "--written-off 1=x"),
        (("--line", "1=1", "--all"), 2, "--line eller --all"),
        (("--all", "--refund", "1", "--refund-all"), 2, "--refund eller --refund-all"),
    ],
)
def test_an_impossible_return_says_why(ashop, number, args, code, reason):
    result = ashop("order", "return", number, *args)

    assert result.exit_code == code
    assert reason in result.stderr
