"""Delivery reports of SMS: they find their message, change nothing twice, and nobody but the provider can send one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from ashop_core import Shop
from ashop_core.channels import IncomingReport
from ashop_core.errors import Forbidden, InvalidInput
from ashop_core.models import Arrival, Delivery, Message, Order
from ashop_core.testing import FixedClock, MakeShop
from ashop_core.validation import Secret
from ashop_core.worker import work_once
from ashop_sms.settings import TWILIO_URL, TwilioSettings
from ashop_sms.twilio import signature, twilio
from tests.sms_gateways import (
    ACCOUNT,
    ELKS,
    KINDS,
    REPORTS,
    SECRET,
    TWILIO,
    Kind,
    Provider,
    open_shop,
    shipped,
    the_sms,
)
from tests.sms_reports import report_on, signed, token

each_provider = pytest.mark.parametrize("kind", KINDS, ids=[kind.code for kind in KINDS])
DELIVERED, UNDERWAY, FAILED = Arrival.DELIVERED, Arrival.UNDERWAY, Arrival.FAILED


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMS_SECRET", SECRET)


@pytest.fixture
def sent(make_shop: MakeShop, httpserver: HTTPServer, kind: Kind) -> tuple[Shop, Order]:
    """A shop that has sent an SMS, and its order."""
    shop = open_shop(make_shop, kind, Provider(kind, httpserver).host, report_url=REPORTS)
    order = shipped(shop)
    work_once(shop)
    assert the_sms(shop, order).delivery is Delivery.SENT
    return shop, order


def test_twilios_own_example_of_a_signature_comes_out_right() -> None:
    # From its documentation: an auth token, an address and the parameters of a call.
    form = {
        "CallSid": "CA1234567890ABCDE", "Caller": "+14158675309", "Digits": "1234", "From": "+14158675309",
        "To": "+18005551212",
    }  # fmt: skip

    found = signature("12345", "https://mycompany.com/myapp.php?foo=1&bar=2", form)

    assert found == "RSOYDt4T1cUTdK1PDd93/VVr8B8="


@each_provider
@pytest.mark.parametrize(
    ("statuses", "arrival"),
    [
        (["sent"], UNDERWAY),
        (["delivered"], DELIVERED),
        (["failed"], FAILED),
        (["sent", "delivered"], DELIVERED),
        (["sent", "failed"], FAILED),
        (["delivered", "sent"], DELIVERED),
        (["failed", "sent"], FAILED),
        (["delivered", "failed"], DELIVERED),
        (["delivered", "delivered"], DELIVERED),
        (["sent", "something new"], UNDERWAY),
        (["something new"], Arrival.UNKNOWN),
    ],
)
def test_reports_tell_what_became_of_a_message_in_whatever_order(
    sent: tuple[Shop, Order], kind: Kind, statuses: list[str], arrival: Arrival
) -> None:
    shop, order = sent
    before = the_sms(shop, order)

    for status in statuses:
        shop.take_report("sms", report_on(kind, before, status))

    after = the_sms(shop, order)
    assert after.arrival is arrival
    assert replace(after, arrival=before.arrival, arrival_at=None, arrival_words="") == before


@pytest.mark.parametrize("status", ["undelivered", "failed", "canceled"])
@pytest.mark.parametrize("kind", [TWILIO], ids=["twilio"])
def test_twilio_tells_why(sent: tuple[Shop, Order], kind: Kind, status: str) -> None:
    shop, order = sent

    shop.take_report("sms", report_on(kind, the_sms(shop, order), status, error="30003"))

    message = the_sms(shop, order)
    assert (message.arrival, message.arrival_words) == (FAILED, f"Twilio: {status} 30003")


@pytest.mark.parametrize(
    ("told", "at"),
    [
        ("2026-11-23T12:03:04.567000", datetime(2026, 11, 23, 12, 3, 4, 567000, tzinfo=UTC)),
        ("2026-11-23T13:03:04+01:00", datetime(2026, 11, 23, 12, 3, 4, tzinfo=UTC)),
        ("soon", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        ("0001-01-01T00:00:00+14:00", datetime(2026, 11, 23, 12, tzinfo=UTC)),
        ("", datetime(2026, 11, 23, 12, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize("kind", [ELKS], ids=["elks"])
def test_46elks_tells_when(sent: tuple[Shop, Order], kind: Kind, told: str, at: datetime) -> None:
    shop, order = sent
    report = report_on(kind, the_sms(shop, order), "delivered")

    shop.take_report("sms", replace(report, form={**report.form, "delivered": told}))

    assert the_sms(shop, order).arrival_at == at


@each_provider
def test_a_report_that_comes_before_the_answer_is_kept(
    make_shop: MakeShop, httpserver: HTTPServer, kind: Kind
) -> None:
    provider = Provider(kind, httpserver)
    shop = open_shop(make_shop, kind, provider.host, report_url=REPORTS)
    order = shipped(shop)
    message = the_sms(shop, order)
    provider.before = lambda _: shop.take_report("sms", report_on(kind, message, "delivered"))

    work_once(shop)

    after = the_sms(shop, order)
    assert (after.delivery, after.arrival, len(provider.asked)) == (Delivery.SENT, DELIVERED, 1)


@each_provider
def test_a_report_stands_in_for_an_answer_that_was_lost(
    make_shop: MakeShop, httpserver: HTTPServer, clock: FixedClock, kind: Kind
) -> None:
    provider = Provider(kind, httpserver)
    provider.answers.append(Response("", 504))
    shop = open_shop(make_shop, kind, provider.host, report_url=REPORTS)
    order = shipped(shop)
    work_once(shop)
    assert the_sms(shop, order).delivery is Delivery.WAITING

    shop.take_report("sms", report_on(kind, the_sms(shop, order), "sent"))
    clock.advance(hours=7)
    work_once(shop)

    after = the_sms(shop, order)
    assert (after.delivery, after.arrival, len(provider.asked)) == (Delivery.SENT, UNDERWAY, 1)


@each_provider
def test_the_address_that_was_given_to_the_provider_is_the_one_that_works(
    make_shop: MakeShop, httpserver: HTTPServer, kind: Kind
) -> None:
    provider, calls = Provider(kind, httpserver), list[Request]()
    provider.before = calls.append
    shop = open_shop(make_shop, kind, provider.host, report_url=REPORTS)
    order = shipped(shop)
    work_once(shop)

    asked = calls[0].form[kind.report]

    assert asked == report_on(kind, the_sms(shop, order), "sent").url


@each_provider
def test_a_message_that_nobody_knows_is_no_news(sent: tuple[Shop, Order], kind: Kind) -> None:
    shop, order = sent
    before = everything(shop)

    assert shop.take_report("sms", report_on(kind, "f" * 24, "delivered")) == []

    assert everything(shop) == before
    assert the_sms(shop, order).arrival is Arrival.UNKNOWN


def forgeries(kind: Kind, message: Message) -> dict[str, IncomingReport]:
    """Return reports that somebody else might send."""
    right = report_on(kind, message, "delivered")

    def form(**changed: str) -> IncomingReport:
        return replace(right, form={**right.form, **changed})

    found = {
        "no token": form(token=""),
        "no message": form(message=""),
        "another message's token": report_on(kind, message, "delivered", key=token("f" * 24)),
        "another message": form(message="f" * 24),
        "an earlier password": report_on(kind, message, "delivered", secret="the old one"),
        "a shorter token": form(token=right.form["token"][:-1]),
        "a longer token": form(token=right.form["token"] + "0"),
        "the token in capitals": form(token=right.form["token"].upper()),
        "no text": form(token="\udcff", message="\udcff"),
        "nothing": IncomingReport(),
    }
    if kind is TWILIO:
        url, sent = right.url, {k: v for k, v in right.form.items() if k not in ("message", "token")}
        found |= {
            "no signature": replace(right, headers={}),
            "another form's signature": form(MessageStatus="failed"),
            "one parameter more": form(Extra="1"),
            "another token's signature": replace(
                right, headers={"x-twilio-signature": signed(url, sent, "other")}
            ),
            "another address' signature": replace(
                right, headers={"x-twilio-signature": signed(f"{url}1", sent)}
            ),
            "no text for a signature": replace(right, headers={"x-twilio-signature": "\udcff"}),
        }
    return found


@each_provider
def test_nobody_else_can_report(sent: tuple[Shop, Order], kind: Kind) -> None:
    shop, order = sent
    before, forged = everything(shop), forgeries(kind, the_sms(shop, order))

    for name, report in forged.items():
        with pytest.raises(Forbidden):
            shop.take_report("sms", report)
        assert everything(shop) == before, name

    assert len(forged) == {"elks": 10, "twilio": 16}[kind.code]


@each_provider
def test_a_shop_that_asks_for_no_reports_takes_none(
    make_shop: MakeShop, httpserver: HTTPServer, kind: Kind
) -> None:
    shop = open_shop(make_shop, kind, Provider(kind, httpserver).host)
    order = shipped(shop)
    work_once(shop)

    with pytest.raises(Forbidden):
        shop.take_report("sms", report_on(kind, the_sms(shop, order), "delivered"))


def test_a_shop_without_a_provider_takes_none(make_shop: MakeShop) -> None:
    with pytest.raises(Forbidden):
        make_shop("sms").take_report("sms", report_on(ELKS, "f" * 24, "delivered"))


@each_provider
def test_a_genuine_report_that_says_nothing_is_told_so(sent: tuple[Shop, Order], kind: Kind) -> None:
    shop, order = sent
    id_ = the_sms(shop, order).message_id
    query = {"message": id_, "token": token(id_)}
    url = f"{REPORTS}?message={id_}&token={token(id_)}"
    empty = IncomingReport(url=url, form=query, headers={"x-twilio-signature": signed(url, {})})

    with pytest.raises(InvalidInput, match=kind.status):
        shop.take_report("sms", empty)


@pytest.mark.parametrize(
    ("given", "signed_for", "right"),
    [
        ("https://shop.example/r", "https://shop.example/r", True),
        ("https://shop.example/r", "https://shop.example:443/r", True),
        ("https://shop.example:8443/r", "https://shop.example:8443/r", True),
        ("https://shop.example:8443/r", "https://shop.example/r", True),
        ("https://shop.example/r", "https://shop.example:8443/r", False),
        ("https://shop.example/r", "http://shop.example/r", False),
    ],
)
def test_twilio_signs_an_address_with_or_without_its_port(given: str, signed_for: str, right: bool) -> None:
    gateway = twilio(TwilioSettings(account=ACCOUNT, token=Secret(SECRET), url=TWILIO_URL))
    report = IncomingReport(headers={"x-twilio-signature": signed(signed_for, {"MessageStatus": "sent"})})

    assert gateway.is_signed(given, {"MessageStatus": "sent"}, report) == right


def everything(shop: Shop) -> str:
    """Return all that a shop keeps of messages."""
    with shop.database.read() as reader:
        return "\n".join(
            str(tuple(row))
            for name in ("outbox", "outbox_attempts")
            for row in reader.rows(f"SELECT * FROM {name}")
        )
