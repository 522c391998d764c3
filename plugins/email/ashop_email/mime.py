"""A message as bytes for a mail server, with exactly the headers that we put there."""

from __future__ import annotations

import re
from email.errors import HeaderParseError
from email.header import Header, decode_header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTPUTF8
from email.utils import format_datetime
from hashlib import sha256
from typing import TYPE_CHECKING

from ashop_core.errors import DeliveryError
from ashop_core.texts import Text
from ashop_email.addresses import domain

if TYPE_CHECKING:
    from ashop_core.models import Message, Rendered

# Headers are encoded here and then left alone: Python's own refolding decodes what looks like an encoded word and,
# up to 3.11.9, lets a line break inside it become a new header (CVE-2024-6923).
# Letters outside ASCII stand in addresses only (SMTPUTF8); all other words are encoded.
POLICY = SMTPUTF8.clone(refold_source="none")
TOKEN = re.compile(r"[0-9a-f]{24}")
"""What the core gives each message; see `ashop_core.planning.new_message_id`."""
PLAIN = re.compile(r"[A-Za-z0-9 !#$%&'*+/^_`{|}~.,:;()-]{1,60}")
"""Words that need no encoding: short, ASCII, and without ``=?``."""
PLAIN_NAME = re.compile(r"[A-Za-z0-9 !#$%&'*+/^_`{|}~-]{1,60}")
"""The same before an address, where punctuation has a meaning."""


def mail_bytes(message: Message, rendered: Rendered) -> bytes:
    """Return the mail to send; the same message and words give the same bytes each time.

    Raises DeliveryError when a header would not be what it seems.
    """
    name, _, sender = rendered.sender.removesuffix(">").rpartition(" <")
    mail = EmailMessage(POLICY)
    mail.set_raw("From", f"{_encoded('From', name, PLAIN_NAME)} <{_address('From', sender)}>")
    mail.set_raw("To", _address("To", message.recipient))
    if rendered.reply_to:
        mail.set_raw("Reply-To", _address("Reply-To", rendered.reply_to))
    mail.set_raw("Subject", _encoded("Subject", rendered.subject, PLAIN))
    mail.set_raw("Date", format_datetime(message.planned_at))
    mail.set_raw("Message-ID", f"<{_token(message.message_id)}@{domain(sender)}>")
    mail.set_raw("Auto-Submitted", "auto-generated")
    expected = [*mail.keys(), "MIME-Version", "Content-Type", *_fill(mail, rendered)]
    data = mail.as_bytes()
    _ensure_headers(data, expected)
    return data


def _fill(mail: EmailMessage, rendered: Rendered) -> list[str]:
    """Put the words in; return the headers that come with them besides the usual two."""
    mail.set_content(rendered.body, cte="quoted-printable")
    if rendered.html is None:
        return ["Content-Transfer-Encoding"]
    mail.add_alternative(rendered.html, subtype="html", cte="quoted-printable")
    # not random: a repetition is the same mail
    mail.set_boundary(f"=_{sha256((rendered.body + rendered.html).encode()).hexdigest()[:32]}")
    return []


def _token(message_id: str) -> str:
    """Return what the core gave the message: random, so that it shows nothing of the order, and known in a report."""
    if not TOKEN.fullmatch(message_id):
        raise _not_a_header("Message-ID", message_id)
    return message_id


def _address(name: str, address: str) -> str:
    """Return an address that is one and only one, its domain in ASCII, or raise DeliveryError."""
    # Python's own class knows no letters outside ASCII: its word is about the shape.
    shape = "".join(c if c.isascii() else "x" for c in address)
    try:
        found = Address(addr_spec=shape).addr_spec
    except (HeaderParseError, ValueError, IndexError) as error:
        raise _not_a_header(name, address) from error
    if found != shape or not domain(address).isascii() or not address.isprintable():
        raise _not_a_header(name, address)
    return address


def _encoded(name: str, value: str, plain: re.Pattern[str]) -> str:
    """Return a header's words so that they arrive as they are, also where they look like an encoded word."""
    if "\0" in value or len(f"{value}.".splitlines()) > 1 or re.search(rb"[\r\n\0]", _decoded(value)):
        raise _not_a_header(name, value)
    if plain.fullmatch(value):
        return value
    return Header(value, "utf-8", header_name=name).encode(linesep="\r\n")


def _decoded(value: str) -> bytes:
    """Return what careless software would read in `value`: its encoded words decoded."""
    try:
        parts = decode_header(value)
    except HeaderParseError:
        return b""  # no encoded word after all
    return b"".join(part if isinstance(part, bytes) else part.encode() for part, _ in parts)


def _ensure_headers(data: bytes, expected: list[str]) -> None:
    """Look at the very bytes: exactly the expected headers, once each, and no stray line ends among them."""
    head, end, _ = data.partition(b"\r\n\r\n")
    lines = head.split(b"\r\n")
    names = [line.partition(b":")[0].decode("latin-1") for line in lines if line[:1] not in (b" ", b"\t")]
    blank = any(not line.strip() for line in lines)
    if not end or blank or sorted(names) != sorted(expected) or re.search(rb"[\r\n\0]", b"".join(lines)):
        raise _not_a_header("mail", ", ".join(names))


def _not_a_header(name: str, value: str) -> DeliveryError:
    return DeliveryError(
        Text(
            "mejlet skickas inte: {name} skulle få andra rader än avsett ({value})",
            "the mail is not sent: {name} would get other lines than intended ({value})",
        ).fill(name=name, value=ascii(value[:100]))
    )
