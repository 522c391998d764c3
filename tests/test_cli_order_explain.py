"""`ashop order explain`: everything that happened to an order, in order, with who and which plugin."""

from __future__ import annotations

import json

import pytest

from ashop_core.errors import Refused
from ashop_core.models import NewPayment, PaymentKind
from ashop_core.shop import Shop
from ashop_core.testing import place_order, some_lines, write_shop
from tests.shops import NEVER, PAPER, write_paper_shop

FAULTY = """
@hookimpl
def ashop_after_change(shop, order, change):
    if change.note == "kaos":
        raise RuntimeError("tappade kuvertet")
"""


@pytest.fixture
def home(tmp_path):
    paper = PAPER.replace("SEND", "pass") + FAULTY
    return write_shop(tmp_path / "shop", "local:paper", files={"plugins/paper.py": paper})


@pytest.fixture
def number(home, clock):
    """An order that was refused thrice, corrected, undone, paid and sent, with a plugin's fault on the way."""
    with Shop.open(home, clock=clock) as shop:
        shop.staff = "Maria"
        order = place_order(shop, some_lines("LAMPA"))
        shop.deliver()
        clock.advance(minutes=1)
        shop.change_status(order, "reviewed")
        for _ in range(3):
            clock.advance(minutes=1)
            with pytest.raises(Refused):
                shop.change_status(order, "shipped")
        clock.advance(minutes=1)
        shop.add_note(order, "kaos")
        shop.approve(order)
        shop.undo(order)
        shop.approve(order)
        shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=10000, reference="pi_1"))
        shop.change_status(order, "shipped", words="Tack!")
        shop.deliver()
        return str(order.number)


def test_the_whole_story_in_time_order(ashop, number):
    result = ashop("order", "explain", number)

    blocks = result.stdout.replace("\N{NO-BREAK SPACE}", " ").split("\n\n")
    assert blocks[0] == f"{number}  Skickad\n  100,00 kr, Åsa Öberg"
    heads = [block.splitlines()[0].partition("  ")[2] for block in blocks[1:]]
    assert heads == [
        "Skapad: Påbörjad  (kunden)",
        "Påbörjad → Uppgifter ifyllda  (kunden)",
        "Uppgifter ifyllda → Mottagen  (kunden)",
        "E-post → asa@example.se: skickat",
        "Mottagen → Granskad  (Maria)",
        "Nekad 3 gånger: Granskad → Skickad  (Maria)",
        "Anteckning  (Maria)",
        "Godkänd  (Maria, ångrad sedan)",
        "Ångrad  (Maria)",
        "Godkänd  (Maria)",
        "Betalning  (Maria)",
        "Granskad → Skickad  (Maria)",
        "E-post → asa@example.se: skickat",
        "local:paper gick fel efteråt",
    ]


def test_each_block_says_what_came_with_it_and_whose_doing_it_was(ashop, number):
    text = ashop("order", "explain", number).stdout.replace("\N{NO-BREAK SPACE}", " ")

    assert "\n    core    inte godkänd\n    Senast  2026-" in text
    assert "\n    Betalning  Betalt  100,00 kr  pi_1\n" in text
    assert "\n    Till kunden  Tack!\n    local:paper  LAMPA: 1 → 0\n" in text
    assert "\n    Svar  lagt på brevlådan\n" in text
    assert "in ashop_after_change: RuntimeError: tappade kuvertet (paper.py, line " in text


def test_the_story_in_english(ashop, number):
    text = ashop("order", "explain", number, lang="en").stdout

    assert "Refused 3 times: Reviewed → Shipped  (Maria)\n    core  not approved\n" in text
    assert "Approved  (Maria, undone since)" in text


def test_a_message_that_failed_says_why(ashop, tmp_path, clock):
    home = write_paper_shop(tmp_path / "shop", NEVER)
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop)
        shop.deliver()

    text = ashop("order", "explain", order.name).stdout

    assert "E-post → asa@example.se: uppgivet\n" in text
    assert "    Varför  okänd adress\n" in text


def test_machines_get_everything_with_the_plugin_named_and_times_in_utc(ashop, number):
    document = json.loads(ashop("order", "explain", number, "--json").stdout)

    events = document["events"]
    assert (document["order"], document["status"], document["currency"]) == (number, "shipped", "SEK")
    assert all(event["at"].endswith("Z") for event in events)
    by_kind = {event["kind"]: event for event in events if event["what"] == "change"}
    assert by_kind["status"]["effects"][0]["plugin"] == "local:paper"
    assert by_kind["status"]["moves"] == [
        {"line": 1, "sku": "LAMPA", "quantity": 1, "from": "held", "to": "gone"}
    ]
    assert by_kind["payment"]["payment"] == {"kind": "paid", "amount": 10000, "reference": "pi_1"}
    assert [event["undone"] for event in events if event.get("kind") == "approval"] == [True, False]
    (refusal,) = (event for event in events if event["what"] == "refusal")
    assert (refusal["times"], refusal["problems"][0]["code"]) == (3, "not_approved")
    assert {event["what"] for event in events} == {"change", "message", "refusal", "failure"}


def test_an_order_that_does_not_exist_is_not_explained(ashop, home):
    assert ashop("order", "explain", "999").exit_code == 1
