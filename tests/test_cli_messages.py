"""`ashop message list`, `show`, `retry`, `resend` and `report`: what staff see of messages, and what they can do."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from ashop_core.models import Delivery, Message
from ashop_core.resend_copy import Resend
from ashop_core.shop import Shop
from ashop_core.testing import FixedClock
from tests.conftest import Ashop
from tests.letters import STAFF, force, report, row_of, told, write_letter_shop
from tests.shops import dump


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return write_letter_shop(tmp_path / "shop")


@pytest.fixture
def opened(home: Path, clock: FixedClock):
    @contextmanager
    def opening() -> Iterator[Shop]:
        with Shop.open(home, clock=clock) as shop:
            yield shop

    return opening


# ── list ─────────────────────────────────────────────────────────────────────────────────────────


def ids(ashop: Ashop, *options: str) -> list[int]:
    return [row["id"] for row in json.loads(ashop("message", "list", "--json", *options).stdout)]


def test_the_list_is_asked_for_by_how_things_stand(
    ashop: Ashop, home: Path, opened, clock: FixedClock
) -> None:
    write_letter_shop(home, toml=STAFF)
    with opened() as shop:
        orders = [
            told(shop, f"{name}@example.se", deliver=False)[0]
            for name in ("asa", "never", "later", "bo", "cia")
        ]
        shop.deliver()
        bounced = shop.messages(orders[3])[0]
        shop.take_report("email", report(bounced, "failed", "550 full"))
        force(shop, shop.messages(orders[4])[0].id, delivery="suppressed", error="too_old")
        by_address = {m.recipient.partition("@")[0]: m.id for o in orders for m in shop.messages(o)[:1]}
        for_staff = [m.id for o in orders for m in shop.messages(o) if m.recipient == "lager@butik.example"]

    assert ids(ashop, "--dead") == [by_address["never"]]
    assert ids(ashop, "--waiting") == [by_address["later"]]
    assert ids(ashop, "--failed") == [by_address["bo"]]
    assert ids(ashop, "--too-old") == [by_address["cia"]]
    assert ids(ashop, "--dead", "--failed") == [by_address["bo"], by_address["never"]]
    assert ids(ashop, "--staff") == sorted(for_staff, reverse=True)
    assert set(ids(ashop, "--sent")) == {by_address["asa"], by_address["bo"], *for_staff}
    assert ids(ashop, "--dead", "--order", orders[0].name) == []
    assert ids(ashop, "--channel", "sms") == []
    assert len(ids(ashop, "--channel", "email")) == 10


def test_every_way_to_ask_can_be_paged(ashop: Ashop, opened) -> None:
    with opened() as shop:
        for _ in range(5):
            told(shop, "never@example.se")

    first = ashop("message", "list", "--dead", "--limit", "2", "--json")
    cursor = first.stderr.split("--cursor ")[1].split()[0]
    second = ids(ashop, "--dead", "--limit", "2", "--cursor", cursor)

    assert [row["id"] for row in json.loads(first.stdout)] + second == [5, 4, 3, 2]
    assert ids(ashop, "--dead", "--all", "--limit", "2") == [5, 4, 3, 2, 1]


@pytest.mark.parametrize(("lang", "gone"), [("sv", "uppgivet: mottagaren sade nej: 550 okänd"),
                                           ("en", "given up: the receiver said no: 550 unknown")])  # fmt: skip
def test_the_list_says_why_in_the_readers_language(ashop: Ashop, opened, lang: str, gone: str) -> None:
    with opened() as shop:
        told(shop, "never@example.se")

    assert gone in ashop("message", "list", lang=lang).stdout


def test_a_row_fits_eighty_columns_however_much_was_said(
    ashop: Ashop, opened, monkeypatch: pytest.MonkeyPatch
) -> None:
    with opened() as shop:
        _, message = told(shop, "nagon.med.langt.namn@foretaget.example")
        shop.take_report("email", report(message, "failed", "550 5.1.1 " + "mottagaren finns inte " * 20))
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setattr("ashop_core.cli.output.is_terminal", lambda: True)

    listed = ashop("message", "list")

    assert max(map(len, listed.stdout.splitlines())) <= 80
    assert "too narrow" not in listed.stderr
    assert "för smalt" not in listed.stderr
    assert "motta…" in listed.stdout


def test_machines_get_all_of_it_in_full(ashop: Ashop, opened) -> None:
    with opened() as shop:
        told(shop, "never@example.se")

    row = json.loads(ashop("message", "list", "--json").stdout)[0]
    cells = next(csv.DictReader(io.StringIO(ashop("message", "list", "--csv").stdout)))

    assert (row["delivery"], row["rule"], row["audience"], row["arrival"]) == (
        "dead",
        "received/email",
        "customer",
        "",
    )
    assert row["why"] == {"sv": "mottagaren sade nej: 550 okänd", "en": "the receiver said no: 550 unknown"}
    assert (cells["error"], cells["why"]) == (
        "the receiver said no: 550 unknown",
        "mottagaren sade nej: 550 okänd",
    )


def test_a_message_that_is_to_leave_later_tells_when(ashop: Ashop, home: Path, opened) -> None:
    delayed = '[[statuses.received.messages]]\nchannels = ["email"]\ndelay = "7d"\n'
    write_letter_shop(home, toml=delayed)
    with opened() as shop:
        told(shop)

    assert "väntar till 2026-11-30 13:00" in ashop("message", "list").stdout
    assert "waiting until 30 Nov 2026 13:00" in ashop("message", "list", lang="en").stdout


@pytest.mark.parametrize(
    ("email", "words"),
    [
        ("down@example.se", r"E-post vilar till 13:00:\d\d: servern svarar inte"),
        ("away@example.se", r"E-post till example.se vilar till 13:00:\d\d: 421"),
    ],
)
@pytest.mark.parametrize("form", [(), ("--json",)])
def test_what_is_down_is_told_beside_the_list(
    ashop: Ashop, opened, clock: FixedClock, email: str, words: str, form: tuple[str, ...]
) -> None:
    with opened() as shop:
        told(shop, email)

    assert re.search(words, ashop("message", "list", *form).stderr)
    clock.advance(hours=1)
    assert "vilar" not in ashop("message", "list", *form).stderr


def test_what_is_down_is_told_among_what_waits_today(ashop: Ashop, opened) -> None:
    with opened() as shop:
        told(shop, "down@example.se")

    assert "E-post vilar till 13:00" in ashop("today").stderr


# ── show ─────────────────────────────────────────────────────────────────────────────────────────


def test_everything_about_one_message_is_shown(ashop: Ashop, opened, clock: FixedClock) -> None:
    with opened() as shop:
        order, message = told(shop, "lost@example.se")
        clock.advance(hours=1)
        shop.deliver()
        shop.take_report("email", report(message, "delivered", "hos kunden"))
        copy = shop.resend(message.id, Resend(to="asa@example.se"), actor="Anna")
        shop.deliver()

    shown = ashop("message", "show", "1").stdout
    of_copy = ashop("message", "show", str(copy.id)).stdout

    for line in (
        f"Order          {order.name}",
        "Kanal          E-post",
        "Till           lost@example.se",
        "Regel          Mottagen, kunden (received/email)",
        "Mall           received (sv)",
        "Läge           skickat, framme",
        "Ankomst        framme  2026-11-23 14:00  hos kunden",
        "Upprepat av    2  asa@example.se  skickat 2026-11-23 14:00  (Anna)",
        "  1  2026-11-23 13:00  inget svar, kan ha kommit fram  svaret kom bort",
        "    Avsändare   Butiken <order@butik.example>",
        "    Svar till   svar@butik.example",
        "    Omfattning  52 tecken",
        "    Mottagen 100001",
        "    | Rad fem.",
    ):
        assert line.replace("  ", "") in shown.replace("  ", ""), line
    assert "1  lost@example.se  skickat 2026-11-23 14:00, framme\n" in of_copy
    assert "Begärt av  Anna\n" in of_copy


def test_a_message_is_shown_in_english(ashop: Ashop, opened, clock: FixedClock) -> None:
    with opened() as shop:
        told(shop, "never@example.se")

    shown = ashop("message", "show", "1", lang="en").stdout

    assert "Received, the customer (received/email)" in shown
    assert "given up" in shown
    assert "refused  the receiver said no: 550 unknown" in shown
    assert "mottagaren" not in shown


@pytest.mark.parametrize(
    ("delivery", "words"), [("waiting", "avbröts, utfallet okänt"), ("claimed", "pågår")]
)
def test_an_attempt_that_never_ended_is_told_as_what_it_is(
    ashop: Ashop, opened, delivery: str, words: str
) -> None:
    with opened() as shop:
        _, message = told(shop)
        with shop.database.write() as tx:
            tx.execute("UPDATE outbox_attempts SET outcome = 'started', ended_at = NULL, words = ''")
        force(shop, message.id, delivery=delivery)

    assert f"  1  2026-11-23 13:00  {words}\n" in ashop("message", "show", "1").stdout


@pytest.mark.parametrize(
    ("code", "sv", "en"),
    [
        ("undone", "ändringen ångrades", "the change was undone"),
        ("overtaken", "ordern hade redan kommit längre", "the order had already come further"),
        ("told_again", "ett nyare meddelande säger samma sak", "a newer message says the same"),
    ],
)
def test_no_bare_code_is_shown(ashop: Ashop, opened, code: str, sv: str, en: str) -> None:
    with opened() as shop:
        order, message = told(shop)
        force(shop, message.id, delivery="suppressed", error=code)

    for command in (
        ("message", "show", "1"),
        ("message", "list"),
        ("order", "show", order.name),
        ("order", "explain", order.name),
    ):
        swedish, english = ashop(*command).stdout, ashop(*command, lang="en").stdout
        assert sv in swedish
        assert en in english
        assert code not in swedish.replace(sv, "").split()
        assert code not in english.replace(en, "").split()


def test_show_gives_a_program_all_of_it(ashop: Ashop, opened, clock: FixedClock) -> None:
    with opened() as shop:
        _, message = told(shop, "lost@example.se")
        clock.advance(hours=1)
        shop.deliver()
        shop.take_report("email", report(message, "failed", "550 full"))
        copy = shop.resend(message.id, actor="Anna")

    document = json.loads(ashop("message", "show", "1", "--json").stdout)
    of_copy = json.loads(ashop("message", "show", str(copy.id), "--json").stdout)

    assert (document["rule"], document["seq"], document["audience"]) == ("received/email", 3, "customer")
    assert (document["subject"], document["html"]) == ("Mottagen 100001", "<b>100001</b>")
    assert (document["sender"], document["reply_to"]) == (
        "Butiken <order@butik.example>",
        "svar@butik.example",
    )
    assert [(a["number"], a["outcome"], a["words"]) for a in document["tried"]] == [
        (1, "unsure", "the answer was lost"), (2, "unsure", "the answer was lost"),
    ]  # fmt: skip
    assert (document["arrival"], document["arrival_words"]) == ("failed", "550 full")
    assert document["described"] == {"sv": "52 tecken", "en": "52 characters"}
    assert (document["repeats"], document["repeated"]) == ([], [copy.id])
    assert (of_copy["repeats"], of_copy["resends"], of_copy["actor"]) == ([1], 1, "Anna")


# ── retry ────────────────────────────────────────────────────────────────────────────────────────


def test_what_grew_too_old_is_tried_again_if_asked(ashop: Ashop, opened, clock: FixedClock) -> None:
    with opened() as shop:
        told(shop, deliver=False)
        clock.advance(days=30)
        shop.deliver()
        assert row_of(shop, 1)["error"] == "too_old"

    assert ashop("message", "retry", "--all").stdout == "0 åter i kön\n"
    rehearsed = ashop("message", "retry", "--too-old", "--dry-run")
    result = ashop("message", "retry", "--too-old")

    assert "hann bli för gammalt" in rehearsed.stdout
    assert result.stdout.splitlines()[0] == "1 åter i kön"
    assert "asa@example.se  skickat" in result.stdout


def test_what_is_no_longer_true_is_stopped_again(ashop: Ashop, opened) -> None:
    with opened() as shop:
        order, _ = told(shop, "never@example.se")
        shop.cancel(order, "ångrade sig", notify=False)

    result = ashop("message", "retry", "--all")

    assert "skickades inte  ordern hade redan kommit längre" in result.stdout


@pytest.mark.parametrize(
    "values",
    [
        {"delivery": "sent"},
        {"delivery": "suppressed", "error": "undone"},
        {"delivery": "suppressed", "error": ""},
        {"delivery": "dead", "arrival": "delivered"},  # given up for want of an answer, and reported later
        {"delivery": "dead", "arrival": "underway"},
    ],
)
def test_what_is_for_good_is_never_revived(ashop: Ashop, opened, values: dict[str, str]) -> None:
    with opened() as shop:
        told(shop)
        force(shop, 1, **values)
        was = row_of(shop, 1)

    result = ashop("message", "retry", "1")

    assert result.stdout == "0 åter i kön\n"
    assert "bara det som gavs upp" in result.stderr
    with opened() as shop:
        assert row_of(shop, 1) == was


def test_all_that_was_given_up_is_not_what_was_sent_again(ashop: Ashop, opened) -> None:
    with opened() as shop:
        _, message = told(shop, "never@example.se")
        shop.resend(message.id, Resend(to="ratt@example.se"))
        shop.deliver()

    result = ashop("message", "retry", "--all")

    assert result.stdout == "0 åter i kön\n"
    with opened() as shop:
        assert [m.delivery for m in shop.messages(shop.order(100001))] == [Delivery.DEAD, Delivery.SENT]


# ── resend ───────────────────────────────────────────────────────────────────────────────────────


def copies(opened) -> list[Message]:
    with opened() as shop:
        return [m for m in shop.messages(shop.order(100001)) if m.resends is not None]


def test_a_dry_run_shows_the_copy_and_makes_none(ashop: Ashop, opened) -> None:
    with opened() as shop:
        told(shop)
        was = dump(shop)

    result = ashop("message", "resend", "1", "--to", " Nisse@Example.com", "--dry-run")

    assert result.stdout.startswith("1  100001  E-post → nisse@example.com\n")
    assert "    Omfattning  52 tecken" in result.stdout
    assert "    | Rad fem." in result.stdout
    with opened() as shop:
        assert dump(shop) == was


def test_a_copy_is_sent_at_once(ashop: Ashop, opened) -> None:
    with opened() as shop:
        told(shop)

    result = ashop("message", "resend", "1", "--yes")

    assert "1 i kön som 2\n" in result.stdout
    assert "100001  asa@example.se  skickat" in result.stdout
    assert [(m.resends, m.delivery.value, m.actor) for m in copies(opened)] == [(1, "sent", "staff")]


def test_nothing_is_sent_before_somebody_says_yes(ashop: Ashop, opened) -> None:
    with opened() as shop:
        told(shop)

    assert ashop("message", "resend", "1", input="n\n").exit_code == 1
    assert copies(opened) == []
    assert ashop("message", "resend", "1", input="j\n").exit_code == 0
    assert len(copies(opened)) == 1


def test_a_copy_that_does_not_leave_says_so(ashop: Ashop, opened) -> None:
    with opened() as shop:
        told(shop)

    result = ashop("message", "resend", "1", "--to", "down@example.se", "--yes")

    assert "down@example.se  väntar  servern svarar inte" in result.stdout
    assert "`ashop work`" in result.stderr
    assert "E-post vilar till" in result.stderr


def test_several_are_sent_and_one_that_cannot_be_does_not_stop_them(ashop: Ashop, opened) -> None:
    with opened() as shop:
        told(shop)
        told(shop, deliver=False)
        told(shop)
        force(shop, 2, delivery="waiting", due_at="9999-01-01T00:00:00.000000Z")

    result = ashop("message", "resend", "1", "2", "3", "--yes")

    assert result.exit_code == 1
    assert "meddelande 2 ligger kvar i kön" in result.stderr
    assert "1 i kön som" in result.stdout
    assert "3 i kön som" in result.stdout


def test_words_come_from_a_file_or_from_standard_input(ashop: Ashop, opened, tmp_path: Path) -> None:
    with opened() as shop:
        told(shop)
    (tmp_path / "svar.txt").write_bytes("\ufeffFrån\r\nfil".encode())

    ashop(
        "message", "resend", "1", "--body-file", str(tmp_path / "svar.txt"), "--subject", "Rättelse", "--yes"
    )
    ashop("message", "resend", "1", "--body-file", "-", "--yes", input="Från röret")

    words = [(m.rendered.subject, m.rendered.body) for m in copies(opened) if m.rendered is not None]
    assert words == [("Rättelse", "Från\nfil"), ("Mottagen 100001", "Från röret")]


def editor(tmp_path: Path, script: str) -> dict[str, str]:
    path = tmp_path / "editor"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"EDITOR": str(path), "VISUAL": "", "PATH": os.environ["PATH"]}


def test_words_are_edited_with_the_subject_on_the_first_line(ashop: Ashop, opened, tmp_path: Path) -> None:
    with opened() as shop:
        told(shop)
    env = editor(tmp_path, 'cp "$1" "$0.seen"\nprintf "Ämne:  Nytt ämne\\n\\nNya ord\\n" > "$1"')

    result = ashop("message", "resend", "1", "--edit", "--yes", env=env)

    assert result.exit_code == 0, result.stderr
    assert (
        (tmp_path / "editor.seen").read_text(encoding="utf-8").startswith("Ämne: Mottagen 100001\n\nHej Åsa")
    )
    words = [(m.rendered.subject, m.rendered.body, m.rendered.html) for m in copies(opened) if m.rendered]
    assert words == [("Nytt ämne", "Nya ord", None)]


@pytest.mark.parametrize(
    ("script", "code"), [("true", 1), ('printf "utan ämne" > "$1"', 2), ('printf "Ämne: x\\n" > "$1"', 1)]
)
def test_an_edit_that_is_not_one_sends_nothing(
    ashop: Ashop, opened, tmp_path: Path, script: str, code: int
) -> None:
    with opened() as shop:
        told(shop)

    result = ashop("message", "resend", "1", "--edit", "--yes", env=editor(tmp_path, script))

    assert result.exit_code == code
    assert copies(opened) == []


@pytest.mark.parametrize(
    "options",
    [
        ("1", "2", "--subject", "x"), ("1", "2", "--edit"), ("1", "--edit", "--body-file", "-"), ("x",), (),
        ("1", "--body-file", "finns inte"),
    ],
)  # fmt: skip
def test_a_resend_that_is_written_wrongly(ashop: Ashop, home: Path, options: tuple[str, ...]) -> None:
    assert ashop("message", "resend", *options, "--yes").exit_code == 2


# ── report ───────────────────────────────────────────────────────────────────────────────────────


def test_a_report_is_read_in_from_a_file_and_tells_once(ashop: Ashop, opened, tmp_path: Path) -> None:
    with opened() as shop:
        _, message = told(shop)
    path = tmp_path / "studs.eml"
    path.write_bytes(report(message, "failed", "550 5.1.1 okänd").body)

    first, again = (ashop("message", "report", "email", str(path)) for _ in range(2))

    assert first.stdout == "1  100001  asa@example.se  skickat, kom inte fram\n    Varför  550 5.1.1 okänd\n"
    assert again.stdout == "Rapporten sade inget nytt.\n"
    assert (
        ashop("message", "report", "email", str(path), lang="en").stdout == "The report told nothing new.\n"
    )


def test_a_report_is_read_in_from_standard_input_and_told_as_json(ashop: Ashop, opened) -> None:
    with opened() as shop:
        _, message = told(shop)

    result = ashop("message", "report", "email", "-", "--json", input=f"{message.message_id} delivered hemma")

    at = "2026-11-23T12:00:00.000000Z"
    news = {"id": 1, "order": "100001", "arrival": "delivered", "words": "hemma", "at": at}
    assert json.loads(result.stdout) == {"channel": "email", "told": [news]}


@pytest.mark.parametrize(
    ("arguments", "given", "code"),
    [
        (("sms", "-"), "x", 1), (("email", "-"), "abc delivered FORGED", 1), (("email", "finns inte"), "", 2),
        (("email", "-", "--header", "utan kolon"), "x", 2),
    ],
)  # fmt: skip
def test_a_report_that_cannot_be_taken(
    ashop: Ashop, home: Path, arguments: tuple[str, ...], given: str, code: int
) -> None:
    assert ashop("message", "report", *arguments, input=given).exit_code == code


# ── The order's page and story ───────────────────────────────────────────────────────────────────


def test_a_message_stands_under_the_change_that_caused_it(ashop: Ashop, opened, clock: FixedClock) -> None:
    with opened() as shop:
        order, message = told(shop, "lost@example.se")
        clock.advance(hours=1)
        shop.deliver()
        shop.take_report("email", report(message, "failed", "550 full"))
        shop.resend(message.id, Resend(to="asa@example.se", body="Rättade ord"), actor="Anna")
        shop.change_status(order, "reviewed")
        shop.deliver()

    page = ashop("order", "show", order.name).stdout
    history = page[page.index("Historik") :]

    told_at, again_at = (
        history.index("1  E-post → lost@example.se"),
        history.index("2  E-post → asa@example.se"),
    )
    assert history.index("→ Mottagen") < told_at < again_at < history.index("Mottagen → Granskad")
    assert "1  E-post → lost@example.se  skickat 2026-11-23 14:00, kom inte fram" in history
    assert "Varför  550 full" in history
    assert "1  2026-11-23 13:00  inget svar, kan ha kommit fram  svaret kom bort\n" in history
    assert "2  2026-11-23 14:00  inget svar, kan ha kommit fram  svaret kom bort\n" in history
    assert "skickat 2026-11-23 14:00  (1 igen, begärt av Anna)\n" in history
    assert "      | Rättade ord\n" in history
    assert "Rad fem." not in history
    assert "      | Rad fem." in ashop("order", "show", order.name, "--messages").stdout
    assert "(1 again, asked for by Anna)" in ashop("order", "show", order.name, lang="en").stdout


def test_the_orders_document_has_its_messages_with_their_attempts(ashop: Ashop, opened) -> None:
    with opened() as shop:
        order, _ = told(shop, "later@example.se")

    message = json.loads(ashop("order", "show", order.name, "--json").stdout)["messages"][0]

    assert (message["seq"], message["error"], message["why"]["sv"]) == (
        3,
        "450 come back later",
        "450 come back later",
    )
    assert [(a["outcome"], a["words"]) for a in message["tried"]] == [("later", "450 come back later")]


def test_the_story_tells_attempts_arrivals_and_copies(ashop: Ashop, opened, clock: FixedClock) -> None:
    with opened() as shop:
        order, message = told(shop, "lost@example.se")
        clock.advance(hours=1)
        shop.deliver()
        shop.take_report("email", report(message, "failed", "550 full"))
        shop.resend(message.id, Resend(to="asa@example.se"), actor="Anna")
        shop.deliver()

    text = ashop("order", "explain", order.name).stdout
    events = json.loads(ashop("order", "explain", order.name, "--json").stdout)["events"]

    assert "E-post → lost@example.se: skickat, kom inte fram\n" in text
    assert "1  2026-11-23 13:00  inget svar, kan ha kommit fram" in text
    assert "E-post → asa@example.se: skickat  (1 igen, begärt av Anna)\n" in text
    first, copy = (e for e in events if e["what"] == "message")
    assert [a["outcome"] for a in first["tried"]] == ["unsure", "unsure"]
    assert (first["arrival"], first["arrival_words"]) == ("failed", "550 full")
    assert (copy["resends"], copy["actor"]) == (1, "Anna")


def test_a_customer_never_sees_who_sent_what_again(ashop: Ashop, opened) -> None:
    with opened() as shop:
        order, message = told(shop)
        was = shop.customer_order(order)
        shop.resend(message.id, Resend(body="Rättade ord"), actor="Anna")
        shop.deliver()

        assert shop.customer_order(order) == was
