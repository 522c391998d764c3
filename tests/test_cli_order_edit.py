"""`ashop order edit`: what changed as before and after, what it comes to, and what is refused."""

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
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop, some_lines("LAMPA", "SLADD", quantity=2))
        shop.deliver()
        return str(order.number)


def words(result):
    return result.stdout.replace("\N{NO-BREAK SPACE}", " ").splitlines()


def test_corrections_are_told_as_before_and_after_with_the_new_total(ashop, number):
    result = ashop("order", "edit", number, "--quantity", "1=3", "--price", "2=80", "--line-discount", "1=20")

    assert words(result)[:7] == [
        f"{number}  Ordern ändrad",
        "  Rad 1, antal     2 → 3",
        "  Rad 1, rabatt    0,00 kr → 20,00 kr",
        "  Rad 2, pris      100,00 kr → 80,00 kr",
        "  Summa            440,00 kr",
        "  Kvar att betala  440,00 kr",
        "  local:paper      LAMPA: 1 → 0",
    ]


def test_corrections_in_english(ashop, number):
    result = ashop("order", "edit", number, "--quantity", "1=3", "--city", "Lerum", lang="en")

    assert words(result)[:3] == [
        f"{number}  Order corrected",
        "  City              Stockholm → Lerum",
        "  Line 1, quantity  2 → 3",
    ]


def test_lines_are_taken_away_and_added(ashop, number):
    result = ashop("order", "edit", number, "--quantity", "1=0", "--add", "KABEL=2@49,50-9/25:Kabel")

    assert words(result)[1:4] == [
        "  Rad 1            borttagen: 2 × Vara LAMPA, 100,00 kr",
        "  Rad 3            ny: 2 × Kabel, 49,50 kr − 9,00 kr",
        "  Summa            290,00 kr",
    ]


def test_an_order_that_is_paid_says_what_to_refund(ashop, home, clock, number):
    with Shop.open(home, clock=clock) as shop:
        shop.add_payment(number, NewPayment(kind=PaymentKind.PAID, amount=40000))

    result = ashop("order", "edit", number, "--discount", "50", "--shipping", "0")

    assert words(result)[1:4] == [
        "  Rabatt          0,00 kr → 50,00 kr",
        "  Summa           350,00 kr",
        "  Att återbetala  50,00 kr",
    ]


def test_the_address_alone_says_nothing_of_money(ashop, number):
    result = ashop("order", "edit", number, "--street", "Storgatan 2", "--phone", "")

    assert words(result) == [
        f"{number}  Uppgifter ändrade",
        "  Telefon  +46701740605 → –",
        "  Gata     Storgatan 1 → Storgatan 2",
        f"  Kan ångras till 14:00 med `ashop order undo {number}`",
    ]


def test_a_dry_run_of_an_edit_changes_nothing(ashop, number):
    before = ashop("order", "show", number).stdout

    result = ashop("order", "edit", number, "--quantity", "1=3", "--dry-run")

    assert "  Rad 1, antal     2 → 3" in result.stdout
    assert ashop("order", "show", number).stdout == before


def test_what_is_so_already_is_unchanged(ashop, number):
    result = ashop("order", "edit", number, "--quantity", "1=2", "--city", "Stockholm")

    assert result.stdout == f"{number}  oförändrad: Mottagen\n"


def test_json_tells_the_corrections_to_machines(ashop, number):
    (document,) = json.loads(ashop("order", "edit", number, "--quantity", "1=3", "--json").stdout)

    assert document["edits"] == [{"path": "line.1.quantity", "before": 2, "after": 3}]
    assert (document["total"], document["left_to_pay"], document["currency"]) == (50000, 50000, "SEK")


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        ((), "ange vad som ska ändras"),
        (("--quantity", "1"), "skriv namn=värde"),
        (("--quantity", "x=1"), "--quantity x=1: skriv rad=antal"),
        (("--price", "x=1"), "--price x=1: skriv rad=belopp"),
    ],
)
def test_an_edit_written_wrongly_is_a_usage_error(ashop, number, args, reason):
    result = ashop("order", "edit", number, *args)

    assert result.exit_code == 2
    assert reason in result.stderr


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (("--quantity", "7=1"), "ordern har ingen rad 7"),
        (("--quantity", "1=0", "--quantity", "2=0"), "en rad måste vara kvar"),
        (("--add", "KABEL"), "--add KABEL: skriv ARTIKEL=ANTAL@PRIS"),
        (("--discount", "1000000"), "rabatten är större"),
        (("--price", "1=dyrt"), "inget belopp"),
    ],
)
def test_an_impossible_edit_is_refused_with_the_reason(ashop, number, args, reason):
    result = ashop("order", "edit", number, *args)

    assert result.exit_code == 1
    assert reason in result.stderr


def test_the_page_remembers_what_was_corrected(ashop, number):
    ashop("order", "edit", number, "--quantity", "1=3", "--note", "Kunden ringde")

    page = ashop("order", "show", number).stdout

    assert "    Rad 1, antal  2 → 3" in page
    assert "    Anteckning    Kunden ringde" in page


def test_an_address_that_no_message_reaches_is_not_written_down(ashop, number):
    result = ashop("order", "edit", number, "--email", "hej")

    assert result.exit_code == 2
    assert "”hej” är ingen e-postadress" in result.stderr
    assert "hej" not in ashop("order", "show", number).stdout
