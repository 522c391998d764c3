"""46elks and Twilio: what is posted to them, and what each of their answers comes to in a real shop's outbox.

The answers are the table of docs/messages-gateways.md, read from it, so that the page cannot promise anything else.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from ashop_core import Shop
from ashop_core.models import AttemptOutcome, Delivery, Message
from ashop_core.outbox_rows import release_dead
from ashop_core.testing import FixedClock, MakeShop
from ashop_core.worker import work_once
from ashop_sms.delivery import MOST_UNSURE
from tests.sms_gateways import (
    ACCOUNT,
    ELKS,
    HEAD,
    KINDS,
    REPORTS,
    SECRET,
    TWILIO,
    Kind,
    Provider,
    full_house,
    nobody,
    open_shop,
    raw_server,
    shipped,
    the_sms,
)

PAGE = Path(__file__).parent.parent / "docs" / "messages-gateways.md"
each_provider = pytest.mark.parametrize("kind", KINDS, ids=[kind.code for kind in KINDS])


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_SECRET", SECRET)


# ── What is posted ───────────────────────────────────────────────────────────────────────────────


@each_provider
def test_an_sms_is_one_form_with_the_account_and_its_id_is_the_receipt(
    make_shop: MakeShop, httpserver: HTTPServer, kind: Kind
) -> None:
    provider = Provider(kind, httpserver)
    shop = open_shop(make_shop, kind, provider.host)

    order = shipped(shop)
    work_once(shop)

    (request,) = provider.asked
    user = {"elks": "u123", "twilio": ACCOUNT}[kind.code]
    message = the_sms(shop, order)
    assert message.rendered is not None
    assert (message.delivery, message.receipt) == (Delivery.SENT, "s1")
    assert request.headers["Authorization"] == "Basic " + b64encode(f"{user}:{SECRET}".encode()).decode()
    assert request.form.to_dict() == {
        kind.to: "+46701740605",
        {"elks": "from", "twilio": "From"}[kind.code]: "VillaVarme",
        kind.words: message.rendered.body,
    }


@each_provider
def test_the_words_reach_the_provider_as_they_are(
    make_shop: MakeShop, httpserver: HTTPServer, kind: Kind
) -> None:
    provider = Provider(kind, httpserver)
    words = "Villa & Värme: 100 % klart + 5 € = bra?\nRad två 🚚"
    shop = make_shop("sms", toml=kind.toml(provider.host), files={"templates/sms/shipped.sv.txt": words})

    shipped(shop)
    work_once(shop)

    assert provider.asked[0].form[kind.words] == words


def test_the_sender_is_that_of_the_settings_and_kept_with_the_message(
    make_shop: MakeShop, httpserver: HTTPServer, clock: FixedClock
) -> None:
    provider = Provider(ELKS, httpserver)
    provider.answers.append(Response("", 503))
    shop = open_shop(make_shop, ELKS, provider.host, more='sender = "Pumpar"')
    shipped(shop)
    work_once(shop)
    shop.close()

    (shop.settings.folder / "ashop.toml").write_text(
        (shop.settings.folder / "ashop.toml").read_text().replace("Pumpar", "Annan"), encoding="utf-8"
    )
    clock.advance(hours=1)
    with Shop.open(shop.settings.folder, clock=clock) as again:
        work_once(again)

    assert [request.form["from"] for request in provider.asked] == ["Pumpar", "Pumpar"]


@each_provider
def test_a_report_is_asked_for_only_where_the_shop_takes_them(
    make_shop: MakeShop, httpserver: HTTPServer, kind: Kind
) -> None:
    provider = Provider(kind, httpserver)
    shop = open_shop(make_shop, kind, provider.host, report_url=REPORTS)

    order = shipped(shop)
    work_once(shop)

    asked = provider.asked[0].form[kind.report]
    assert re.fullmatch(
        re.escape(f"{REPORTS}?message={the_sms(shop, order).message_id}&token=") + "[0-9a-f]{64}", asked
    )
    assert SECRET not in asked


# ── Answers ──────────────────────────────────────────────────────────────────────────────────────


def table() -> Iterator[tuple[str, str, str, bool]]:
    """Yield answer, message, attempt and whether the channel rests: each row of the table in the documentation."""
    text = PAGE.read_text(encoding="utf-8")
    for line in text[text.index("| answer |") :].splitlines()[2:]:
        if not line.startswith("|"):
            return
        answer, message, attempt, rests, _ = (cell.strip() for cell in line.strip("|").split("|"))
        yield answer.strip("`"), message, attempt, rests == "yes"


ROWS = list(table())
RAW = {
    "200 a byte at a time": HEAD + b"Content-Length: 100000\r\n\r\n...",
    "200 half a body": HEAD + b'Content-Length: 500\r\n\r\n{"id": "s1", "sid": "s1"',
    "no answer in time": None,
    "breaks off": b"",
}
NO_ONE = {"no connection": nobody, "no connection in time": full_house}


def test_the_table_of_answers_is_read() -> None:
    assert len(ROWS) == 33
    assert {row[2] for row in ROWS} == {"sent", "refused", "unsure", "unreachable"}


def response_of(kind: Kind, answer: str) -> Response:
    """Return the answer that a row of the table describes, as this provider would give it."""
    found = re.fullmatch(r"(\d{3}) ?(Retry-After: \d+)?(.*)", answer)
    assert found, answer
    said = found[3]
    body = {
        "with an id": kind.yes("s1"),
        "with an id, failed": kind.yes("s1", "failed"),
        "ten megabytes": kind.yes("s1") + " " * 10_000_000,
    }.get(said, said)
    headers = {"Retry-After": found[2].split()[1]} if found[2] else {}
    return Response(body, int(found[1]), {"Location": "/elsewhere", **headers})


@contextmanager
def answering(kind: Kind, httpserver: HTTPServer, answer: str) -> Iterator[tuple[str, list[object]]]:
    """Give a provider that answers so, always: its address, and what it was asked."""
    if answer in NO_ONE:
        with NO_ONE[answer]() as host:
            yield host, []
    elif answer in RAW:
        with raw_server(RAW[answer]) as server:
            yield server.host, server.asked  # type: ignore[misc]
    else:
        provider = Provider(kind, httpserver)
        provider.answers = [response_of(kind, answer) for _ in range(20)]
        yield provider.host, provider.asked  # type: ignore[misc]


@each_provider
@pytest.mark.parametrize(("answer", "message", "attempt", "rests"), ROWS, ids=[row[0] for row in ROWS])
def test_every_answer_comes_to_what_the_table_says(
    make_shop: MakeShop, httpserver: HTTPServer, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, kind: Kind,
    answer: str, message: str, attempt: str, rests: bool,
) -> None:  # fmt: skip
    if answer == "no connection in time":  # the shortest time-out of the settings would be a second each time
        monkeypatch.setattr("ashop_core.outbox.LONGEST_ATTEMPT", timedelta(seconds=0.2))
    with answering(kind, httpserver, answer) as (host, asked):
        shop = open_shop(make_shop, kind, host)
        order = shipped(shop)
        work_once(shop)

        first = the_sms(shop, order)
        assert first.delivery == message
        assert outcomes(shop, first) == [attempt]
        assert bool(shop.lanes()) == rests
        assert len(asked) == (answer not in NO_ONE)
        if "Retry-After" in answer:
            assert shop.lanes()[0].resume_at == clock() + timedelta(seconds=7200)

        # It goes on like that for half a day.
        for _ in range(4):
            clock.advance(hours=3)
            work_once(shop)

        last = the_sms(shop, order)
        if attempt == "unsure":
            assert (last.delivery, len(asked)) == (Delivery.DEAD, MOST_UNSURE)
            assert outcomes(shop, last) == ["unsure"] * MOST_UNSURE
            assert "may have arrived" in last.error
        elif attempt == "unreachable":
            assert last.delivery is Delivery.WAITING
            assert set(outcomes(shop, last)) == {"unreachable"}
        else:
            assert (last.delivery, len(asked)) == (first.delivery, 1)
    assert SECRET not in everything(shop)
    assert all(path != "/elsewhere" for path in (request.path for request, _ in httpserver.log))


@each_provider
@pytest.mark.parametrize("answer", [row[0] for row in ROWS if row[1] == "waiting" and row[0][0].isdigit()])
def test_what_waits_is_sent_once_the_provider_is_well_again(
    make_shop: MakeShop, httpserver: HTTPServer, clock: FixedClock, kind: Kind, answer: str
) -> None:
    provider = Provider(kind, httpserver)
    shop = open_shop(make_shop, kind, provider.host)
    if answer not in RAW:
        provider.answers.append(response_of(kind, answer))
    order = shipped(shop)
    work_once(shop)

    clock.advance(hours=7)
    work_once(shop)
    clock.advance(hours=7)
    work_once(shop)

    message = the_sms(shop, order)
    assert (message.delivery, message.error, shop.lanes()) == (Delivery.SENT, "", [])
    assert len(provider.asked) == (1 if answer in RAW else 2)


def outcomes(shop: Shop, message: Message) -> list[str]:
    return [attempt.outcome.value for attempt in shop.message(message.id).attempts]


def everything(shop: Shop) -> str:
    """Return every word that a shop keeps of messages, attempts and lanes."""
    with shop.database.read() as reader:
        return "\n".join(
            str(tuple(row))
            for name in ("outbox", "outbox_attempts", "lanes", "hook_failures")
            for row in reader.rows(f"SELECT * FROM {name}")
        )


@each_provider
@pytest.mark.parametrize("status", [200, 400, 401])
def test_an_answer_that_repeats_the_login_does_not_tell_it(
    make_shop: MakeShop, httpserver: HTTPServer, kind: Kind, status: int
) -> None:
    provider = Provider(kind, httpserver)
    shop = open_shop(make_shop, kind, provider.host)
    user = {"elks": "u123", "twilio": ACCOUNT}[kind.code]
    login = b64encode(f"{user}:{SECRET}".encode()).decode()
    provider.answers.append(Response(f"Authorization: Basic {login} {SECRET}", status))

    shipped(shop)
    work_once(shop)

    kept = everything(shop)
    assert f"HTTP {status} Authorization: *** ***" in kept
    assert SECRET not in kept
    assert login not in kept


# ── What may have been taken ─────────────────────────────────────────────────────────────────────


def test_what_may_have_arrived_is_sent_again_only_when_staff_say_so(
    make_shop: MakeShop, httpserver: HTTPServer, clock: FixedClock
) -> None:
    provider = Provider(ELKS, httpserver)
    shop = open_shop(make_shop, ELKS, provider.host)
    provider.answers = [Response("{}", 200) for _ in range(MOST_UNSURE)]
    order = shipped(shop)
    for _ in range(MOST_UNSURE):
        work_once(shop)
        clock.advance(hours=7)
    message = the_sms(shop, order)
    assert message.delivery is Delivery.DEAD

    release_dead(shop.database, shop.clock, [message.id], timedelta(days=2))
    work_once(shop)
    assert len(provider.asked) == MOST_UNSURE, "trying the same again would be a fourth copy"
    shop.resend(message.id)
    work_once(shop)

    assert len(provider.asked) == MOST_UNSURE + 1
    assert [m.delivery for m in shop.messages(order)] == [Delivery.DEAD, Delivery.SENT]


def test_attempts_whose_worker_died_count_too(
    make_shop: MakeShop, httpserver: HTTPServer, clock: FixedClock
) -> None:
    provider = Provider(ELKS, httpserver)
    shop = open_shop(make_shop, ELKS, provider.host)

    class Killed(KeyboardInterrupt):
        pass

    def kill(*args: object, **given: object) -> str:
        raise Killed

    order = shipped(shop)
    sending = shop.channels["sms"].send
    shop.channels["sms"].send = kill  # type: ignore[method-assign]
    for _ in range(MOST_UNSURE):
        with pytest.raises(Killed):
            work_once(shop)
        clock.advance(hours=7)
    shop.channels["sms"].send = sending  # type: ignore[method-assign]
    work_once(shop)

    message = the_sms(shop, order)
    assert (message.delivery, provider.asked) == (Delivery.DEAD, [])
    assert outcomes(shop, message) == [AttemptOutcome.STARTED] * MOST_UNSURE + [AttemptOutcome.REFUSED]


# ── Twilio's own words ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        ('{"code": 21211, "message": "Invalid \'To\' Phone Number", "status": 400}', "refused"),
        ('{"code": 21610, "message": "unsubscribed recipient", "status": 400}', "refused"),
        ('{"code": 21614, "message": "not a mobile number", "status": 400}', "refused"),
        ('{"code": 21606, "message": "From is not yours", "status": 400}', "unreachable"),
        ('{"code": 21212, "message": "Invalid From", "status": 400}', "unreachable"),
        ('{"code": ["21606"]}', "refused"),
        ('{"code": "21606"}', "refused"),
        ("[]", "refused"),
    ],
)
def test_a_no_that_is_about_the_sender_is_not_held_against_the_sms(
    make_shop: MakeShop, httpserver: HTTPServer, body: str, outcome: str
) -> None:
    provider = Provider(TWILIO, httpserver)
    provider.answers.append(Response(body, 400))
    shop = open_shop(make_shop, TWILIO, provider.host)

    order = shipped(shop)
    work_once(shop)

    assert outcomes(shop, the_sms(shop, order)) == [outcome]


UNUSABLE = ['""', "null", "17", '["s1"]', '"a\\nb"', f'"{"x" * 101}"', "{}", "true"]


@each_provider
@pytest.mark.parametrize("id_", UNUSABLE)
def test_an_id_that_is_none_leaves_it_open(
    make_shop: MakeShop, httpserver: HTTPServer, kind: Kind, id_: str
) -> None:
    provider = Provider(kind, httpserver)
    provider.answers.append(Response(f'{{"{kind.id}": {id_}, "status": ["odd"]}}', 200))
    shop = open_shop(make_shop, kind, provider.host)

    order = shipped(shop)
    work_once(shop)

    assert outcomes(shop, the_sms(shop, order)) == ["unsure"]
