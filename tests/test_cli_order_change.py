"""`ashop order status` and its like: the sentence the product is built around, its refusals, its rehearsals."""

from __future__ import annotations

import json

import pytest

from ashop_core.shop import Shop
from ashop_core.testing import place_order, some_customer, some_lines
from tests.shops import LATER, NEVER, write_paper_shop


@pytest.fixture
def home(tmp_path):
    return write_paper_shop(tmp_path / "shop")


@pytest.fixture
def number(home, clock):
    """The number of an order that is placed, reviewed and approved."""
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop, some_lines("LAMPA", "SLADD", quantity=2))
        shop.change_status(order, "reviewed")
        shop.approve(order)
        shop.deliver()
        return str(order.number)


def test_the_sentence(ashop, number):
    result = ashop(
        "order", "status", number, "shipped", "--parcel", "00373500489530471234", "--note", "Två kollin"
    )

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        f"{number}  Granskad → Skickad",
        "  Kollinummer  00373500489530471234",
        "  Anteckning   Två kollin",
        "  local:paper  LAMPA: 1 → 0",
        "  local:paper  SLADD: 1 → 0",
        "  E-post       asa@example.se  skickat  lagt på brevlådan",
        f"  Kan ångras till 14:00 med `ashop order undo {number}`",
    ]
    assert result.stderr == ""


def test_the_sentence_in_english(ashop, number):
    result = ashop("order", "status", number, "Shipped", "--parcel", "12", lang="en")

    assert result.stdout.splitlines()[:2] == [f"{number}  Reviewed → Shipped", "  Parcel number  12"]


@pytest.mark.parametrize("words", ["shipped", "Skickad", "skickad", "SHIPPED", " skickad "])
def test_a_status_is_named_by_code_or_label(ashop, number, words):
    assert "→ Skickad" in ashop("order", "status", number, words).stdout


@pytest.mark.parametrize("words", ["partly shipped", "delvis skickad", "partly_shipped"])
def test_a_label_of_two_words_may_have_a_space(ashop, number, words):
    result = ashop("order", "status", number, words, "--content", "1=1")

    assert "→ Delvis skickad" in result.stdout


def test_an_unknown_status_lists_what_is_possible_here(ashop, number):
    result = ashop("order", "status", number, "skickd")

    assert result.exit_code == 1
    assert "Skickad (shipped)" in result.stderr
    assert "Klar att hämta" not in result.stderr


def test_a_label_that_two_statuses_share_lists_them(ashop, tmp_path, clock):
    steps = 'after = ["reviewed"]\nbefore = ["shipped"]\nflows = ["post"]\n'
    toml = '[statuses.x]\nlabel = { sv = "Klar", en = "Ready" }\n' + steps
    toml += '[statuses.y]\nlabel = { sv = "Klar", en = "Done" }\n' + steps
    home = write_paper_shop(tmp_path / "shop", toml=toml)
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop)
        shop.change_status(order, "reviewed")

    result = ashop("order", "status", str(order.number), "klar")

    assert result.exit_code == 1
    assert "Klar (x), Klar (y)" in result.stderr
    assert "→ Klar" in ashop("order", "status", str(order.number), "done").stdout


def test_a_refusal_says_every_reason_on_its_own_line(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop)

    result = ashop("order", "status", str(order.number), "shipped")

    assert result.exit_code == 1
    assert result.stdout == ""
    first, *reasons = result.stderr.splitlines()
    assert first == f"Fel: {order.number} → Skickad nekad"
    assert len(reasons) == 2
    assert "  inte godkänd" in reasons


def test_many_orders_each_get_their_result_and_a_refusal_does_not_stop_the_rest(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        numbers = [str(place_order(shop, some_lines("A")).number) for _ in range(3)]
        shop.change_status(numbers[1], "cancelled", reason="ångrat")

    result = ashop("order", "status", *numbers, "granskad", "--yes")

    assert result.exit_code == 1
    assert result.stdout.splitlines()[:2] == [f"{n}  Mottagen → Granskad" for n in (numbers[0], numbers[2])]
    assert f"{numbers[1]} → Granskad nekad" in result.stderr


def test_an_order_that_is_as_asked_is_left_alone(ashop, number):
    result = ashop("order", "status", number, "reviewed")

    assert result.exit_code == 0
    assert result.stdout == f"{number}  oförändrad: Granskad\n"


def test_a_dry_run_shows_the_message_and_changes_nothing(ashop, number):
    result = ashop("order", "status", number, "shipped", "--parcel", "123", "--dry-run")

    assert result.exit_code == 0
    assert "provkörning" in result.stdout.splitlines()[0]
    assert "  local:paper  LAMPA: 1 → 0" in result.stdout
    assert "    | Hej Åsa Öberg!" in result.stdout
    assert "Granskad" in ashop("order", "next", number).stdout


def test_a_dry_run_says_what_stands_in_the_way(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop)
        shop.change_status(order, "reviewed")

    result = ashop("order", "status", str(order.number), "shipped", "--dry-run")

    assert result.exit_code == 1
    assert "  Hinder  inte godkänd" in result.stdout


def test_json_tells_the_same_to_machines(ashop, number):
    result = ashop("order", "status", number, "shipped", "--parcel", "123", "--json")

    (document,) = json.loads(result.stdout)
    assert (document["from"], document["to"], document["changed"]) == ("reviewed", "shipped", True)
    assert document["effects"][0]["plugin"] == "local:paper"
    assert document["delivered"][0]["delivery"] == "sent"


def test_what_cannot_be_sent_stays_queued_and_the_exit_code_is_0(ashop, tmp_path, clock):
    home = write_paper_shop(tmp_path / "shop", LATER)
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop)

    result = ashop("order", "status", str(order.number), "reviewed")
    again = ashop("message", "list", "--waiting")

    assert result.exit_code == 0
    assert f"{order.number}  Mottagen → Granskad" in result.stdout
    assert "gick inte, försöks igen" in result.stdout
    assert "ashop work" in result.stderr
    assert "brevlådan är full" in again.stdout


def test_a_shop_that_delivers_later_says_so(ashop, tmp_path):
    write_paper_shop(tmp_path / "shop", toml="")
    settings = tmp_path / "shop" / "ashop.toml"
    settings.write_text(settings.read_text().replace("[shop]", "[shop]\ndeliver_at_once = false"))

    result = ashop(
        "order", "new", "--line", "A=1@10", "--name", "A", "--email", "a@example.se", "--delivery", "pickup"
    )

    assert "i kö, skickas av `ashop work`" in result.stdout


def test_no_notify_sends_nothing(ashop, number):
    result = ashop("order", "status", number, "shipped", "--no-notify")

    assert "E-post" not in result.stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--content", "x"), "skriv namn=värde"),
        (("--content", "1=x"), "rad=antal"),
        (("--field", "ingenting"), "skriv namn=värde"),
    ],
)
def test_a_value_written_wrongly_is_a_usage_error(ashop, number, args, words):
    result = ashop("order", "status", number, "shipped", *args)

    assert result.exit_code == 2
    assert words in result.stderr


def test_a_time_for_a_status_that_asks_for_none_is_refused(ashop, number):
    result = ashop("order", "status", number, "shipped", "--time", "2026-11-30 13:00")

    assert result.exit_code == 1
    assert "frågar inte efter någon tid" in result.stderr


def test_an_unknown_field_is_refused_with_those_there_are(ashop, number):
    result = ashop("order", "status", number, "shipped", "--field", "färg=röd")

    assert result.exit_code == 1
    assert "färg" in result.stderr
    assert "parcel_number" in result.stderr


def test_an_order_that_does_not_exist_says_how_to_search(ashop, home):
    result = ashop("order", "status", "999999", "shipped")

    assert result.exit_code == 1
    assert "ashop order list --text" in result.stderr


def test_time_fills_the_first_field_that_is_a_time(ashop, tmp_path, clock):
    from ashop_core.testing import write_shop

    home = write_shop(tmp_path / "shop", "installation_booking")
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop, delivery="installation")
        shop.change_status(order, "reviewed")

    result = ashop("order", "status", str(order.number), "leverans bokad", "--time", "2026-11-30 13:00")

    assert result.exit_code == 0, result.output
    assert "2026-11-30 13:00" in result.stdout


def test_a_dry_run_says_what_cannot_be_taken_back_and_until_when_the_rest_can(ashop, number):
    result = ashop("order", "status", number, "shipped", "--dry-run")

    assert "  Kan inte tas tillbaka:\n    ett meddelande går genast\n" in result.stdout
    assert result.stdout.splitlines()[-1] == f"  Kan ångras till 14:00 med `ashop order undo {number}`"


def test_a_dry_run_says_the_same_to_machines(ashop, number):
    (document,) = json.loads(ashop("order", "status", number, "shipped", "--dry-run", "--json").stdout)

    assert document["undo_until"] == "2026-11-23T13:00:00.000000Z"
    assert set(document["lasting"][0]) == {"sv", "en"}
    assert document["previews"][0]["recipient"] == "asa@example.se"


def test_words_of_ones_own_reach_the_customer_in_lines(ashop, home, clock, number):
    result = ashop("order", "status", number, "shipped", "--message", r"Vid dörren.\nRing på.")

    assert "  Till kunden  Vid dörren.\n               Ring på.\n" in result.stdout
    with Shop.open(home, clock=clock) as shop:
        assert shop.history(shop.order(number))[-1].words == "Vid dörren.\nRing på."


def test_words_that_nobody_would_read_are_refused(ashop, number):
    result = ashop("order", "status", number, "shipped", "--message", "Hej", "--no-notify")

    assert result.exit_code == 1
    assert "det du skrev till kunden når ingen" in result.stderr


def test_who_did_it_is_who_the_environment_says(ashop, number):
    ashop("order", "note", number, "Ring först", env={"ASHOP_ACTOR": "Maria"})

    assert "Anteckning  (Maria)" in ashop("order", "show", number).stdout


def test_an_order_of_the_desk_is_begun_by_whoever_works_there(tmp_path, clock):
    with Shop.open(write_paper_shop(tmp_path / "desk"), clock=clock) as shop:
        shop.staff = "Maria"

        order = shop.start_order(checkout_key="1", lines=some_lines(), actor="staff")

        assert shop.history(order)[0].actor == "Maria"


def test_who_did_it_is_otherwise_the_login_name(ashop, number):
    ashop("order", "note", number, "Ring först", env={"ASHOP_ACTOR": "", "LOGNAME": "kerstin"})

    assert "Anteckning  (kerstin)" in ashop("order", "show", number).stdout


# ── cancel, parcel, note ─────────────────────────────────────────────────────────────────────────


def test_cancel_finds_the_void_status_by_what_it_is(ashop, tmp_path, clock):
    toml = '[statuses.cancelled]\nlabel = { sv = "Struken", en = "Struck" }\n'
    home = write_paper_shop(tmp_path / "shop", toml=toml)
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop)

    result = ashop("order", "cancel", str(order.number), "--reason", "dubblett")

    assert result.stdout.splitlines()[0] == f"{order.number}  Mottagen → Struken"
    assert "  Orsak        dubblett" in result.stdout
    assert ashop("order", "cancel", str(order.number), "--reason", "igen").stdout.startswith(
        f"{order.number}  oförändrad"
    )


def test_cancel_wants_a_reason(ashop, number):
    result = ashop("order", "cancel", number)

    assert result.exit_code == 1
    assert "--reason" in result.stderr


def test_not_collected_is_a_reason_in_the_shops_language(ashop, number):
    result = ashop("order", "cancel", number, "--not-collected", lang="en")

    assert "  Reason       inte hämtad\n" in result.stdout


def test_two_reasons_are_one_too_many(ashop, number):
    assert ashop("order", "cancel", number, "--not-collected", "--reason", "dubblett").exit_code == 2


def test_of_a_partly_sent_order_the_rest_is_cancelled(ashop, number):
    ashop("order", "status", number, "partly_shipped", "--content", "1=1")

    result = ashop("order", "cancel", number, "--reason", "slut hos leverantören")

    assert result.stdout.splitlines()[:3] == [
        f"{number}  Delvis skickad → Skickad",
        "  Rad 1, antal     2 → 1",
        "  Rad 2            borttagen: 2 × Vara SLADD, 100,00\xa0kr",
    ]


def test_what_has_left_is_not_cancelled(ashop, number):
    ashop("order", "status", number, "shipped")

    result = ashop("order", "cancel", number, "--reason", "för sent")

    assert result.exit_code == 1
    assert "returned" in result.stderr
    rehearsed = ashop("order", "cancel", number, "--reason", "för sent", "--dry-run").stdout
    assert rehearsed.startswith(f"{number}  nekas  (provkörning, inget är ändrat)\n  Hinder  ")


def test_a_parcel_may_come_later(ashop, number):
    assert "inget är skickat" in ashop("order", "parcel", number, "A1").stderr
    ashop("order", "status", number, "shipped")

    result = ashop("order", "parcel", number, "A2", "--carrier", "Bring", "--content", "1=1")

    assert result.stdout.splitlines() == [
        f"{number}  Kolli tillagt",
        "  Kollinummer  A2",
        "  Transportör  Bring",
        f"  Kan ångras till 14:00 med `ashop order undo {number}`",
    ]
    assert "1 × LAMPA" in ashop("order", "show", number).stdout


def test_a_note_is_for_staff(ashop, number):
    assert (
        ashop("order", "note", number, "Ring först").stdout.splitlines()[0] == f"{number}  Anteckning skriven"
    )
    assert "Ring först" in ashop("order", "show", number).stdout
    assert ashop("order", "note", number, " ").exit_code == 1


# ── payment, approve ─────────────────────────────────────────────────────────────────────────────


def test_a_payment_is_read_as_people_write_amounts(ashop, number):
    result = ashop("order", "payment", number, "paid", "150,50", "--reference", "pi_1", "--json")

    assert json.loads(result.stdout)[0]["kind"] == "payment"
    page = ashop("order", "show", number).stdout
    assert "150,50" in page
    assert "delbetald" in page


def test_a_payment_without_an_amount_is_the_whole(ashop, number):
    ashop("order", "payment", number, "paid")

    assert "betald" in ashop("order", "list").stdout


@pytest.mark.parametrize(
    ("kind", "amount"), [("paid", "12x"), ("paid", "0"), ("refunded", "1"), ("paid", "1.005")]
)
def test_an_impossible_payment_is_refused(ashop, number, kind, amount):
    assert ashop("order", "payment", number, kind, amount).exit_code == 1


def test_approve_several(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        numbers = [str(place_order(shop).number) for _ in range(2)]

    result = ashop("order", "approve", *numbers, "--note", "kreditkollad", "--yes")

    assert result.stdout.splitlines()[:2] == [f"{n}  Godkänd" for n in numbers]
    assert "oförändrad" in ashop("order", "approve", numbers[0]).stdout


def test_what_needs_no_approval_is_refused(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        order = shop.start_order(
            some_lines("A"), checkout_key="k", payment_method="card", customer=some_customer()
        )

    result = ashop("order", "approve", order.reference, lang="en")

    assert result.exit_code == 1
    assert "needs no approval" in result.stderr


def test_a_message_that_is_given_up_is_named(ashop, tmp_path, clock):
    write_paper_shop(tmp_path / "shop", NEVER)

    result = ashop(
        "order", "new", "--line", "A=1@10", "--name", "A", "--email", "a@example.se", "--delivery", "pickup"
    )

    assert result.exit_code == 0
    assert "uppgivet" in result.stdout
    assert "okänd adress" in result.stdout
