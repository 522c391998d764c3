"""The bytes of a mail: what they say to a mail reader, and that nobody can put a header among them."""

import email
import email.policy
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ashop_core.errors import DeliveryError
from ashop_core.models import Delivery, Message, Rendered
from ashop_email.mime import mail_bytes

AT = datetime(2026, 11, 23, 12, 4, 5, tzinfo=UTC)
MESSAGE = Message(
    id=12,
    order_id=7,
    seq=5,
    channel="email",
    template="shipped",
    recipient="asa@example.se",
    language="sv",
    delivery=Delivery.CLAIMED,
    attempts=1,
    message_id="0123456789abcdef01234567",
    created_at=AT,
    planned_at=AT,
    due_at=AT,
)
RENDERED = Rendered(
    subject="Din beställning är på väg",
    body="Hej Åsa!\n",
    html="<p>Hej Åsa!</p>",
    sender="Butik <order@example.se>",
)
HEADERS = [
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
]  # fmt: skip


def mail(subject: str = "Hej", name: str = "Villa & Värme", message: Message = MESSAGE) -> bytes:
    sender = f"{name} <order@example.se>"
    return mail_bytes(message, replace(RENDERED, subject=subject, sender=sender))


def read(data: bytes) -> email.message.EmailMessage:
    return email.message_from_bytes(data, policy=email.policy.default)


def header_names(data: bytes) -> list[str]:
    """Return the names of the headers by the letter of RFC 5322, without Python's own parser."""
    head = data.split(b"\r\n\r\n")[0]
    return [line.split(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] not in b" \t"]


def decoded(data: bytes, name: str) -> str:
    """Return a header with its encoded words decoded once, as a mail reader does."""
    head = data.split(b"\r\n\r\n")[0].decode("ascii")
    raw = re.search(rf"^{name}: ([^\r\n]*(?:\r\n[ \t][^\r\n]*)*)", head, re.MULTILINE)
    assert raw is not None
    joined = re.sub(r"\?=\s+=\?", "?==?", raw[1].replace("\r\n", ""))
    words = re.split(r"(=\?utf-8\?[qb]\?[^?]*\?=)", joined)
    return "".join(
        str(email.header.make_header(email.header.decode_header(w))) if i % 2 else w
        for i, w in enumerate(words)
    )


def test_a_mail_says_who_what_and_when():
    found = read(mail("Din beställning är på väg"))

    assert found["From"].addresses[0].display_name == "Villa & Värme"
    assert found["From"].addresses[0].addr_spec == "order@example.se"
    assert [a.addr_spec for a in found["To"].addresses] == ["asa@example.se"]
    assert found["Subject"] == "Din beställning är på väg"
    assert found["Date"].datetime == AT
    assert found["Auto-Submitted"] == "auto-generated"


def test_a_delayed_mail_is_dated_when_it_was_to_leave():
    later = AT + timedelta(days=14)

    assert read(mail(message=replace(MESSAGE, planned_at=later)))["Date"].datetime == later


def test_both_parts_come_through_whole():
    body = "Åäö é “citat” – 1\N{NO-BREAK SPACE}234 kr\n.punkt först\nFrom här\n" + "lång rad " * 60 + "\n"
    html = f"<p>Räksmörgås {'x' * 2000} 🚚</p>"

    data = mail_bytes(MESSAGE, replace(RENDERED, body=body, html=html))

    found = read(data)
    plain, rich = found.get_body(("plain",)), found.get_body(("html",))
    assert found.get_content_type() == "multipart/alternative"
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n") == body
    assert rich is not None
    assert rich.get_content().strip() == html
    assert b"=0D" not in data


def test_every_line_goes_through_any_mail_server():
    data = mail_bytes(MESSAGE, replace(RENDERED, body="å" * 5000, html="ö" * 5000))

    assert data.isascii()
    assert max(len(line) for line in data.split(b"\r\n")) <= 78
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", data)


def test_a_message_without_html_is_one_part():
    data = mail_bytes(MESSAGE, replace(RENDERED, html=None))

    assert read(data).get_content_type() == "text/plain"
    assert read(data).get_content() == "Hej Åsa!\r\n"


def test_every_attempt_is_the_same_mail():
    later = replace(MESSAGE, attempts=4, due_at=datetime(2026, 12, 24, tzinfo=UTC))

    assert mail(message=later) == mail()


def test_the_message_id_is_the_token_of_the_message_at_the_domain_of_the_sender():
    # So a report that comes back can be told; the token is random and shows nothing of the order.
    assert read(mail())["Message-ID"] == "<0123456789abcdef01234567@example.se>"


@pytest.mark.parametrize(
    "token", ["", "K-7F3QX2-5", "0123456789abcdef0123456", "0123456789abcdef01234567>\r\nBcc: x"]
)
def test_only_a_token_of_the_core_becomes_a_message_id(token):
    with pytest.raises(DeliveryError, match="Message-ID"):
        mail(message=replace(MESSAGE, message_id=token))


def test_replies_go_where_the_words_say():
    data = mail_bytes(MESSAGE, replace(RENDERED, reply_to="fraga@example.se"))

    assert read(data)["Reply-To"] == "fraga@example.se"
    assert sorted(header_names(data)) == sorted([*HEADERS, "Reply-To"])


@pytest.mark.parametrize("reply_to", ["x", "a@example.se, b@example.se", "a@example.se\r\nBcc: b@example.se"])
def test_replies_go_to_one_address_only(reply_to):
    with pytest.raises(DeliveryError, match="Reply-To"):
        mail_bytes(MESSAGE, replace(RENDERED, reply_to=reply_to))


def test_the_sender_is_the_one_that_was_kept_whatever_its_name_looks_like():
    sender = "Bo <bo@example.com>, Åsa <order@example.se>"

    data = mail_bytes(MESSAGE, replace(RENDERED, sender=sender))

    assert decoded(data, "From") == sender
    assert [a.addr_spec for a in read(data)["From"].addresses] == ["order@example.se"]


def test_letters_in_an_address_stand_there_as_they_are():
    data = mail(message=replace(MESSAGE, recipient="åsa@exempel.se"))

    assert "\r\nTo: åsa@exempel.se\r\n".encode() in data
    assert sorted(header_names(data)) == sorted(HEADERS)


PAYLOADS = [
    "Åsa\r\nBcc: x@example.com",
    "Åsa\nBcc: x@example.com",
    "Åsa\rBcc: x@example.com",
    "Åsa\r\n\r\n<script>",
    "Åsa\r\n Bcc: folded",
    "\r\nBcc: x@example.com",
    "Åsa\0Bcc: x@example.com",
    "Åsa\u2028Bcc: x@example.com",
    "Åsa\u2029Bcc: x@example.com",
    "Åsa\u0085Bcc: x@example.com",
    "Åsa\x0bBcc: x@example.com",
    "Åsa\x0cBcc: x@example.com",
    "Åsa\x1cBcc: x@example.com",
    "=?utf-8?q?Hi=0ABcc=3A_x=40example=2Ecom?=",
    "=?utf-8?q?Hi=0D=0ABcc=3A_x=40example=2Ecom?=",
    "=?utf-8?b?SGkKQmNjOiB4QGV4YW1wbGUuY29t?=",
    "=?UTF-8?Q?Hi=0d=0a?=",
    "=?iso-8859-1?q?=0A?=",
    "=?utf-8?q?=00?=",
    "before =?utf-8?q?=0ABcc=3A?= after",
    "=?utf-8*sv?q?Hi=0ABcc=3A?=",
]


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("where", ["subject", "name"])
def test_a_line_break_in_a_header_is_refused(payload, where):
    with pytest.raises(DeliveryError, match="not sent"):
        mail(**{where: payload})


@pytest.mark.parametrize(
    "recipient",
    [
        "asa@example.se\r\nBcc: x@example.com",
        "asa@example.se\nRCPT TO:<x@example.com>",
        "asa@example.se, x@example.com",
        "asa@example.se x@example.com",
        "Åsa <asa@example.se>",
        "<asa@example.se>",
        "åsa@exämple.se",
        "å\u2028sa@example.se",
        "å sa@example.se",
        "å\r\nsa@example.se",
        "asa@exämple.se",
        "=?utf-8?q?a=0A?=@example.se",
        "asa@example.se>\r\nDATA",
        "asa",
        "",
    ],
)
def test_only_one_address_is_a_recipient(recipient):
    with pytest.raises(DeliveryError):
        mail(message=replace(MESSAGE, recipient=recipient))


LITERAL = [
    "=?utf-8?q?Hej?=",
    "=?utf-8?b?SGVq?=",
    "=?utf-8?q?=C3=85sa?=",
    "=?iso-8859-1?q?=E5?= Öberg",
    "=?nonsense?x?y?=",
    "=?utf-8?b?%%%?=",
    "Åsa %0d%0aBcc: x",
    "Åsa \\r\\nBcc: x",
    'Åsa "Kula" <x@example.com>, Bo; (Ceder) [D] \\ E @ F',
    "Bcc: x@example.com",
    "  två  mellanslag",
    "Räksmörgås " * 40,
    "x" * 2000,
    "🚚📦" * 30,
    "a =?utf-8?q?b?= c =?utf-8?q?d?=",
]


@pytest.mark.parametrize("typed", LITERAL)
def test_what_looks_like_an_encoded_word_arrives_as_it_was_typed(typed):
    data = mail(subject=typed, name=typed)

    assert sorted(header_names(data)) == sorted(HEADERS)
    assert decoded(data, "Subject") == typed
    assert decoded(data, "From") == f"{typed} <order@example.se>"
    assert max(len(line) for line in data.split(b"\r\n")) <= 98


def test_the_bytes_are_looked_at_once_more(monkeypatch):
    # Whatever part of Python should one day let a line break through: the mail does not leave.
    monkeypatch.setattr("ashop_email.mime._encoded", lambda *_: "Hej\r\nBcc: x@example.com")

    with pytest.raises(DeliveryError, match="Bcc"):
        mail()
