"""34 payloads through each of the six fields that reach a header, in real shops: the raw bytes at a mail server."""

import json
import re
from collections.abc import Iterator

import pytest

from ashop_core.errors import AshopError
from ashop_core.models import Delivery
from ashop_core.testing import place_order, some_customer
from tests.smtp_faults import ScriptedServer, scripted

HEADERS = sorted([
    "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
])  # fmt: skip

BREAKS = [
    "\r\n",
    "\n",
    "\r",
    "\r\n ",
    "\n\t",
    "\r\n\r\n",
    "\0",
    "\u2028",
    "\u2029",
    "\x85",
    "\x0b",
    "\x0c",
    "\x1c",
    "\x1d",
    "\x1e",
]
PAYLOADS = [
    *(f"Hej{end}Bcc: x@example.com" for end in BREAKS),
    "=?utf-8?q?Hi=0ABcc=3A_x=40example=2Ecom?=",
    "=?utf-8?q?Hi=0D=0ABcc=3A_x=40example=2Ecom?=",
    "=?utf-8?b?SGkKQmNjOiB4QGV4YW1wbGUuY29t?=",
    "=?iso-8859-1?q?=0D=0A=0D=0A<script>?=",
    "=?utf-8?q?=00?=",
    "=?utf-8*sv?q?Hi=0ABcc=3A?=",
    "a =?utf-8?q?=0A?= b =?utf-8?q?Bcc:?=",
    "=?utf-8?q?Hej?= Bcc: x@example.com",
    "%0d%0aBcc: x@example.com",
    "\\r\\nBcc: x@example.com",
    "&#13;&#10;Bcc: x@example.com",
    "Hej> , <x@example.com",
    'Hej" <x@example.com>, "',
    "x@example.com, bo@example.se",
    "(comment <x@example.com>) Hej",
    "Bcc: x@example.com",
    "å" * 300 + " Bcc: x@example.com",
    "x" * 1200,
    "\ufeff\u202eBcc: x@example.com",
]  # fmt: skip
FIELDS = ("name", "address", "template", "status label", "shop name", "sender name")


@pytest.fixture(scope="module")
def mails() -> Iterator[ScriptedServer]:
    with scripted() as server:
        yield server


def toml(port: int, sender_name: str = "Butik", label: str = "Mottagen") -> str:
    return f"""
[plugins.email]
sender = "order@example.se"
sender_name = {json.dumps(sender_name)}
smtp = {{ host = "127.0.0.1", port = {port}, security = "none" }}
[statuses.received]
customer_label = {{ sv = {json.dumps(label)}, en = "x" }}
"""


def place(make_shop, field: str, payload: str, port: int) -> Delivery:
    """Place an order with the payload in the field, and deliver its mail; return what became of that."""
    name, email = "Åsa Öberg", "asa@example.se"
    settings, subject = toml(port), "{{ name }} {{ status }} {{ shop_name }}"
    if field == "name":
        name = payload
    elif field == "address":
        email += payload
    elif field == "template":
        subject = payload
    elif field == "status label":
        settings = toml(port, label=payload)
    elif field == "sender name":
        settings = toml(port, sender_name=payload)
    else:
        settings = settings.replace('sender_name = "Butik"\n', "")
    shop = make_shop("email", toml=settings, files={"templates/email/received.sv.txt": f"{subject}\n\nHej!"})
    if field == "shop name":
        path = shop.settings.path("ashop.toml")
        path.write_text(path.read_text().replace('name = "Villa & Värme"', f"name = {json.dumps(payload)}"))
        shop.close()
        shop = type(shop).open(path.parent, clock=shop.clock, synchronous="OFF")
    try:
        order = place_order(shop, customer=some_customer(name=name, email=email))
        shop.deliver()
        told = shop.messages(order)
    finally:
        shop.close()
    return told[0].delivery if told else Delivery.SUPPRESSED


def header_names(data: bytes) -> list[str]:
    """Return the names of the headers by the letter of RFC 5322, without Python's own parser."""
    head = data.split(b"\r\n\r\n")[0]
    return [line.split(b":")[0].decode() for line in head.split(b"\r\n") if line[:1] not in b" \t"]


def test_there_are_two_hundred() -> None:
    assert len({(field, payload) for field in FIELDS for payload in PAYLOADS}) >= 200


@pytest.mark.parametrize("payload", PAYLOADS, ids=ascii)
@pytest.mark.parametrize("field", FIELDS)
def test_no_field_gets_a_header_or_a_recipient_in(make_shop, mails, field, payload):
    said, taken = len(mails.said), len(mails.taken)

    try:
        delivery = place(make_shop, field, payload, mails.port)
    except AshopError:  # not even let in
        delivery = Delivery.SUPPRESSED

    recipients = [re.split("[<>]", line)[1] for line in mails.said[said:] if line.upper().startswith("RCPT")]
    new = mails.taken[taken:]
    assert recipients == ["asa@example.se"] * (delivery is Delivery.SENT)
    assert len(new) == (delivery is Delivery.SENT)
    for data in new:
        head = data.split(b"\r\n\r\n")[0]
        assert sorted(header_names(data)) == HEADERS
        assert not re.search(rb"[\0\x0b\x0c\x1c-\x1e]|\r(?!\n)|(?<!\r)\n", head)
        assert head.isascii()


@pytest.mark.parametrize("field", [f for f in FIELDS if f != "address"])
def test_harmless_words_do_arrive(make_shop, mails, field):
    # Otherwise the test above would be content with a shop that sends nothing.
    assert place(make_shop, field, "=?utf-8?q?Hej?= Bcc: x@example.com", mails.port) is Delivery.SENT
