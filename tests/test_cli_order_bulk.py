"""Many orders at once: told and asked about first, one result each, past refusals, the same again does the rest."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from ashop_core.cli.attempt import Asked
from ashop_core.errors import Conflict, StorageError
from ashop_core.models import Delivery
from ashop_core.shop import Shop
from ashop_core.testing import place_order, some_lines, write_shop
from tests.shops import LATER, PAPER, write_paper_shop

SENDS = '[statuses.reviewed]\ncustomer_label = { sv = "Behandlas", en = "In progress" }\nnotify = ["email"]\n'

STOPS = """
@hookimpl
def ashop_after_change(shop, order, change):
    if change.note and order.number == 100002:
        raise KeyboardInterrupt
"""


@pytest.fixture
def home(tmp_path):
    return write_paper_shop(tmp_path / "shop", toml=SENDS)


@pytest.fixture
def numbers(home, clock):
    """The numbers of three received orders; their confirmations have been sent."""
    return placed(home, clock)


def placed(home, clock, count=3):
    with Shop.open(home, clock=clock) as shop:
        found = [str(place_order(shop, some_lines("A")).number) for _ in range(count)]
        while shop.deliver():
            pass
        return found


def statuses(home, clock, numbers):
    with Shop.open(home, clock=clock) as shop:
        return [shop.order(number).status for number in numbers]


def test_a_filter_finds_the_orders(ashop, home, clock, numbers):
    result = ashop("order", "status", "--where", "status=mottagen", "granskad", "--yes")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        *(f"{n}  Mottagen → Granskad" for n in reversed(numbers)),
        "3 ändrade, 0 oförändrade, 0 nekade.",
        "  E-post: 3 skickat",
    ]
    assert result.stderr.splitlines() == [
        "3 ordrar: 3 ändras, 0 är redan så, 0 nekas.",
        "Meddelanden som går: 3 e-post.",
    ]
    assert statuses(home, clock, numbers) == ["reviewed"] * 3


def test_in_english(ashop, numbers):
    result = ashop("order", "status", *numbers, "reviewed", "--yes", lang="en")

    assert result.stdout.splitlines()[-2:] == ["3 changed, 0 unchanged, 0 refused.", "  E-mail: 3 sent"]
    assert result.stderr.splitlines() == [
        "3 orders: 3 will change, 0 are so already, 0 will be refused.",
        "Messages that will leave: 3 e-mail.",
    ]


def test_numbers_come_from_standard_input_each_once(ashop, numbers):
    lines = f"{numbers[0]}\n\n  {numbers[1]} \n{numbers[0]}\n"

    result = ashop("order", "status", "-", "granskad", "--yes", input=lines)

    assert "2 ändrade, 0 oförändrade" in result.stdout


def test_a_refusal_does_not_stop_the_rest_and_is_counted_with_its_reason(ashop, home, clock, numbers):
    ashop("order", "cancel", numbers[1], "--reason", "ångrat")

    result = ashop("order", "status", *numbers, "999", "granskad", "--yes")

    assert result.exit_code == 1
    assert statuses(home, clock, numbers) == ["reviewed", "cancelled", "reviewed"]
    assert "2 ändrade, 0 oförändrade, 2 nekade." in result.stdout
    assert (
        f"  1 × från Makulerad går det inte till Granskad; ingen väg leder härifrån\n      {numbers[1]}\n"
        in result.stdout
    )
    assert f"Fel: {numbers[1]} → Granskad nekad" in result.stderr
    assert "4 ordrar: 2 ändras, 0 är redan så, 2 nekas." in result.stderr


def test_only_the_first_few_orders_of_a_reason_are_named(ashop, home, clock):
    numbers = placed(home, clock, 7)

    result = ashop("order", "status", *numbers, "shipped", "--yes")

    (line,) = (line for line in result.stdout.splitlines() if line.startswith("  7 × från Mottagen"))
    named = result.stdout.splitlines()[result.stdout.splitlines().index(line) + 1]
    assert named == f"      {', '.join(numbers[:5])}, …"


def test_reasons_beyond_the_first_few_are_counted_together(ashop, home):
    result = ashop("order", "status", *(str(n) for n in range(1, 31)), "granskad", "--yes")

    assert "  10 × andra skäl\n       21, 22, 23, 24, 25, …\n" in result.stdout


def test_a_change_worked_out_from_a_version_is_made_to_that_version_only(home, clock, numbers):
    with Shop.open(home, clock=clock) as shop:

        def undo(order):
            shop.add_note(order, "någon hann före")
            return shop.undo_request(order)[1]

        attempt = Asked(shop=shop, ask=undo, at_version=True).make(numbers[0])

    assert isinstance(attempt.error, Conflict)


def test_a_database_that_is_gone_ends_it_at_once(home, clock, numbers):
    def ask(order):
        raise StorageError("disken är borta")

    with Shop.open(home, clock=clock) as shop, pytest.raises(StorageError):
        Asked(shop=shop, ask=ask).make(numbers[0])


def test_the_same_again_changes_nothing_and_sends_nothing(ashop, home, clock, numbers):
    ashop("order", "status", *numbers, "granskad", "--yes")

    by_number = ashop("order", "status", *numbers, "granskad", "--yes")
    by_filter = ashop("order", "status", "--where", "status=mottagen", "granskad", "--yes")

    assert (by_number.exit_code, by_filter.exit_code) == (0, 0)
    assert "0 ändrade, 3 oförändrade" in by_number.stdout
    assert by_filter.stderr == "Inga ordrar.\n"
    with Shop.open(home, clock=clock) as shop:
        assert [len(shop.messages(shop.order(n))) for n in numbers] == [2, 2, 2]


def test_what_a_killed_run_left_is_done_by_the_next_one(ashop, home, clock, numbers):
    with Shop.open(home, clock=clock) as shop:
        shop.change_status(numbers[0], "reviewed")

    result = ashop("order", "status", *numbers, "granskad", "--yes")

    assert "2 ändrade, 1 oförändrad, 0 nekade" in result.stdout
    assert "  E-post: 3 skickat" in result.stdout
    with Shop.open(home, clock=clock) as shop:
        assert {len(shop.history(shop.order(n))) for n in numbers} == {4}


def test_nobody_to_ask_is_a_usage_error_and_changes_nothing(ashop, home, clock, numbers):
    result = ashop("order", "status", *numbers, "granskad", input="y\n")

    assert result.exit_code == 2
    assert "lägg till --yes" in result.stderr
    assert statuses(home, clock, numbers) == ["received"] * 3


def test_a_single_order_is_not_asked_about(ashop, numbers):
    assert ashop("order", "status", numbers[0], "granskad").exit_code == 0


@pytest.mark.parametrize("args", [("granskad",), ("--where", "status=mottagen", "100001", "granskad")])
def test_orders_are_named_or_found_one_of_them(ashop, numbers, args):
    result = ashop("order", "status", *args)

    assert result.exit_code == 2
    assert "--where" in result.stderr


@pytest.mark.parametrize("where", ["", " , "])
def test_an_empty_filter_is_not_every_order(ashop, home, clock, numbers, where):
    result = ashop("order", "status", "--where", where, "granskad", "--yes")

    assert result.exit_code == 2
    assert statuses(home, clock, numbers) == ["received"] * 3


def test_a_filter_that_cannot_be_read_says_why(ashop, numbers):
    result = ashop("order", "status", "--where", "färg=röd", "granskad", "--yes")

    assert result.exit_code == 1
    assert "färg" in result.stderr


def test_a_dry_run_tells_each_and_changes_nothing(ashop, home, clock, numbers):
    ashop("order", "cancel", numbers[1], "--reason", "ångrat")

    result = ashop("order", "status", *numbers, "granskad", "--dry-run")

    assert result.exit_code == 1
    assert result.stdout.splitlines()[0] == f"{numbers[0]}  Mottagen → Granskad"
    assert "2 skulle ändras, 0 är redan så, 1 skulle nekas (provkörning, inget är ändrat)." in result.stdout
    assert result.stdout.splitlines()[-1] == "Meddelanden som går: 2 e-post."
    assert statuses(home, clock, numbers) == ["received", "cancelled", "received"]


def test_json_is_one_array_with_refusals_in_it_and_words_aside(ashop, numbers):
    result = ashop("order", "status", *numbers, "999", "granskad", "--yes", "--json")

    documents = json.loads(result.stdout)
    assert [document["order"] for document in documents] == [*numbers, "999"]
    assert [document["changed"] for document in documents] == [True, True, True, False]
    assert documents[3]["problems"][0]["code"] == "not_found"
    assert "3 ändrade" in result.stderr


def test_messages_leave_after_all_changes_and_a_mail_server_that_is_down_stops_none(ashop, tmp_path, clock):
    home = write_paper_shop(tmp_path / "later", LATER, toml=SENDS)
    numbers = placed(home, clock)
    clock.advance(days=8)  # the confirmations are too old by now

    result = ashop("order", "status", *numbers, "granskad", "--yes", home=home)

    assert result.exit_code == 0
    assert "3 ändrade" in result.stdout
    assert "  E-post: 3 väntar" in result.stdout
    assert statuses(home, clock, numbers) == ["reviewed"] * 3


def test_a_shop_that_delivers_later_says_how_many_wait(ashop, home, clock, numbers):
    settings = home / "ashop.toml"
    settings.write_text(settings.read_text().replace("[shop]", "[shop]\ndeliver_at_once = false"))

    result = ashop("order", "status", *numbers, "granskad", "--yes")

    assert result.stdout.splitlines()[-1] == "  3 i kö, skickas av `ashop work`"
    with Shop.open(home, clock=clock) as shop:
        last = [shop.messages(shop.order(n))[-1].delivery for n in numbers]
    assert last == [Delivery.WAITING] * 3


def test_an_interruption_says_how_far_it_came(ashop, tmp_path, clock):
    stops = PAPER.replace("SEND", "pass") + STOPS
    home = write_shop(tmp_path / "stops", "local:paper", files={"plugins/paper.py": stops})
    numbers = placed(home, clock)

    result = ashop("order", "note", *numbers, "hej", "--yes", home=home)

    assert result.exit_code == 130
    assert "Avbrutet efter 1 av 3 ordrar" in result.stderr


@pytest.mark.parametrize(
    ("command", "after", "words"),
    [
        (("cancel", "--not-collected"), (), "3 ändrade"),
        (("approve",), (), "3 ändrade"),
        (("note",), ("Julrea",), "3 ändrade"),
        (("followup",), ("lost",), "3 nekade"),
    ],
)
def test_other_changes_are_made_of_many_in_the_same_way(ashop, numbers, command, after, words):
    result = ashop("order", *command, *numbers, *after, "--yes")

    assert words in result.stdout


def test_on_a_terminal_it_asks_and_a_no_changes_nothing(home, clock, numbers):
    assert "Avbrutet!" in on_a_terminal(home, "n", "order", "status", *numbers, "granskad")
    assert statuses(home, clock, numbers) == ["received"] * 3

    told = on_a_terminal(home, "y", "order", "status", *numbers, "granskad")

    assert "3 ordrar: 3 ändras" in told
    assert "3 ändrade, 0 oförändrade, 0 nekade." in told
    assert statuses(home, clock, numbers) == ["reviewed"] * 3


@pytest.mark.parametrize("answer", ["j", "Ja", "yes"])
def test_a_yes_is_understood_in_either_language(home, clock, numbers, answer):
    on_a_terminal(home, answer, "order", "status", *numbers, "granskad")

    assert statuses(home, clock, numbers) == ["reviewed"] * 3


@pytest.mark.parametrize("answer", ["", "nej", "No"])
def test_anything_like_no_changes_nothing(home, clock, numbers, answer):
    assert "Avbrutet!" in on_a_terminal(home, answer, "order", "status", *numbers, "granskad")
    assert statuses(home, clock, numbers) == ["received"] * 3


def test_what_is_no_answer_is_asked_about_again(home, clock, numbers):
    told = on_a_terminal(home, "kanske\nj", "order", "status", *numbers, "granskad")

    assert "Fel: svara ja eller nej" in told
    assert statuses(home, clock, numbers) == ["reviewed"] * 3


def test_no_bar_stands_among_the_lines_that_tell_of_each_order(home, numbers):
    told = on_a_terminal(home, "j", "order", "status", *numbers, "granskad")

    assert "Ser efter" in told
    assert "Ändrar ordrar" not in told


def on_a_terminal(home, answer, *args):
    """Run the program with a terminal of its own, answer its question, and return all it shows."""
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    words = [sys.executable, "-m", "ashop_core", "--shop", str(home), "--lang", "sv", *args]
    program = subprocess.Popen(words, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown, answered = b"", False
    while chunk := _read(ours):
        shown += chunk
        if b"[j/N]" in shown and not answered:
            os.write(ours, answer.encode() + b"\n")
            answered = True
    program.wait()
    os.close(ours)
    return shown.decode()


def _read(terminal):
    try:
        return os.read(terminal, 4096)
    except OSError:  # how Linux says that nobody writes any more
        return b""
