"""Mails that come back: what they tell of the message, and that nothing else is believed."""

import pytest

from ashop_core.channels import IncomingReport
from ashop_core.errors import InvalidInput
from ashop_core.models import Arrival, Delivery
from ashop_core.testing import place_order
from ashop_email.reports import LARGEST, read_report

TOKEN = "0123456789abcdef01234567"
FAILED = (
    "Final-Recipient: rfc822; asa@example.se\nAction: failed\nStatus: 5.1.1\n"
    "Diagnostic-Code: smtp; 550 5.1.1\n no such user\n"
)
HEADERS = "From: order@example.se\nMessage-ID: <{token}@example.se>\nSubject: Hej\n"


def report(
    recipients: str = FAILED,
    envelope: str = f"Original-Envelope-ID: {TOKEN}\n",
    returned: str = "",
    kind: str = "text/rfc822-headers",
) -> bytes:
    """Return a report as a mail server writes it."""
    text = f"""From: MAILER-DAEMON@mx.example.se
To: order@example.se
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="XX"

--XX
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you.

--XX
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.se
{envelope}
{recipients}
--XX
Content-Type: {kind}

{returned}
--XX--
"""
    return text.replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("recipients", "arrival", "words"),
    [
        (FAILED, Arrival.FAILED, "5.1.1 550 5.1.1 no such user"),
        ("Action: delayed\nStatus: 4.4.1\n", Arrival.UNDERWAY, "4.4.1"),
        ("Action: Delivered\nStatus: 2.0.0\n", Arrival.DELIVERED, "2.0.0"),
        ("Action: relayed\nStatus: 2.0.0\n", Arrival.UNDERWAY, "2.0.0"),
        ("Action: failed\nStatus: 5.0.0\nDiagnostic-Code: out of order\n", Arrival.FAILED, "5.0.0 out of order"),
        (f"{FAILED}\nAction: delivered\nStatus: 2.1.5\n", Arrival.DELIVERED, "2.1.5"),
        ("Action: failed\nStatus: 5\x1b[31m.0\0.0\n", Arrival.FAILED, "5[31m.0.0"),
    ],
)  # fmt: skip
def test_a_report_tells_how_far_the_mail_came_and_why(recipients, arrival, words):
    found = read_report(report(recipients))

    assert (found.message_id, found.arrival, found.words) == (TOKEN, arrival, words)


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
def test_a_server_that_knows_no_envelope_id_gives_the_mail_back(kind):
    found = read_report(report(envelope="", returned=HEADERS.format(token=TOKEN), kind=kind))

    assert found.message_id == TOKEN


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 1000,
        b"Subject: Hej\r\n\r\nHej!\r\n",
        b"Subject: Franvaro\r\nAuto-Submitted: auto-replied\r\n\r\nMessage-ID: <0123456789abcdef01234567@example.se>\r\n",
        report(envelope=""),
        report(envelope="Original-Envelope-ID: 12\n"),
        report(envelope="", returned=HEADERS.format(token="K-7F3QX2")),
        report(envelope="", returned=HEADERS.format(token=TOKEN + "0")),
        report(recipients=""),
        report(recipients="Action: \n"),
        report(recipients="Action: danced\nStatus: 2.0.0\n"),
        report().replace(b"multipart/report", b"multipart/mixed"),
        report().replace(b"message/delivery-status", b"message/disposition-notification"),
        report().replace(b'boundary="XX"', b'boundary="YY"'),
        report(returned="x" * LARGEST),
        report(returned="Content-Type: multipart/mixed; boundary=a\n" * 40),
        b"Content-Type: message/rfc822\n\n" * 5000,
    ],
    ids=range(17),
)
def test_what_is_no_report_of_ours_is_refused(data):
    with pytest.raises(InvalidInput, match="no report of a mail"):
        read_report(data)


@pytest.mark.parametrize(
    "kind",
    [
        b'multipart/report; a="' + b";" * 250_000,
        b'multipart/report; a="' + b"\r\n ;" * 60_000,
        b'multipart/report; a="' + b"\r\t;" * 80_000,
    ],
    ids=["one line", "folded", "folded by CR"],
)
@pytest.mark.parametrize("before", [b"", b"Subject: Hej\r"])
def test_a_kind_that_takes_a_minute_to_take_apart_is_not_taken_apart(before, kind):
    with pytest.raises(InvalidInput, match="Content-Type of more than 2000 bytes"):
        read_report(before + b"Content-Type: " + kind + b"\n\n--b\n")


def test_a_report_cut_anywhere_is_read_or_refused():
    whole = report(returned=HEADERS.format(token=TOKEN))

    for end in range(len(whole)):
        try:
            assert read_report(whole[:end]).message_id == TOKEN
        except InvalidInput:
            continue


def test_a_bounce_is_written_down_at_its_message_once(make_shop):
    shop = make_shop("email")
    order = place_order(shop)
    shop.deliver()
    (message,) = shop.messages(order)
    bounce = IncomingReport(body=report(envelope=f"Original-Envelope-ID: {message.message_id}\n"))

    told = [len(shop.take_report("email", bounce)) for _ in range(2)]

    (message,) = shop.messages(order)
    assert told == [1, 0]
    assert message.delivery is Delivery.SENT
    assert message.arrival is Arrival.FAILED
    assert message.arrival_words == "5.1.1 550 5.1.1 no such user"


def test_a_report_with_a_token_that_nobody_knows_changes_nothing(make_shop):
    shop = make_shop("email")
    order = place_order(shop)
    shop.deliver()
    before = shop.messages(order)

    assert shop.take_report("email", IncomingReport(body=report())) == []
    assert shop.messages(order) == before
