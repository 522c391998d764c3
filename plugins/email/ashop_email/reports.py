"""Mails that come back: what a delivery status notification (RFC 3464) tells of the mail that it is about.

Anybody may write to the address that such mails come back to. So they are read within bounds, and believed only as far
as they carry the token of a mail that we sent; one with another's token changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from email import message_from_bytes
from email.message import Message as Mail
from typing import Final

from ashop_core.errors import InvalidInput
from ashop_core.models import Arrival, ArrivalReport
from ashop_core.texts import Text
from ashop_email.mime import TOKEN

LARGEST: Final = 256 * 1024
MOST_PARTS: Final = 30
"""More parts than any server sends back; a mail of thousands within one another is meant to wear us out."""
LONGEST_KIND: Final = 2_000
"""The most bytes of one Content-Type: to take a longer one apart can take Python most of a minute."""
LONGEST_WORDS: Final = 500
KIND: Final = re.compile(rb"(?i)content-type\s*:[^\r\n]*(?:(?:\r\n|\r|\n)[ \t][^\r\n]*)*")

# One address of a customer may stand for several: whoever got it, the customer did.
BEST_FIRST: Final = (
    (Arrival.DELIVERED, {"delivered"}),
    (Arrival.UNDERWAY, {"delayed", "relayed", "expanded"}),
    (Arrival.FAILED, {"failed"}),
)


def read_report(data: bytes) -> ArrivalReport:
    """Return what a mail that came back tells; raise InvalidInput where it is no report of a mail of ours."""
    if len(data) > LARGEST:
        raise _unreadable("larger than 256 kB")
    kinds = KIND.findall(data)
    if len(kinds) > MOST_PARTS or any(len(kind) > LONGEST_KIND for kind in kinds):
        raise _unreadable(
            f"more than {MOST_PARTS} parts, or a Content-Type of more than {LONGEST_KIND} bytes"
        )
    mail = message_from_bytes(data)
    parts = list(mail.walk())
    status = next((part for part in parts if part.get_content_type() == "message/delivery-status"), None)
    blocks = [] if status is None else _inner(status)
    if mail.get_content_type() != "multipart/report" or not blocks:
        raise _unreadable("multipart/report, message/delivery-status")
    about_mail, *about_recipients = blocks
    token = _token(about_mail, parts)
    if token is None:
        raise _unreadable("Original-Envelope-ID, Message-ID")
    for arrival, actions in BEST_FIRST:
        for one in about_recipients:
            if _field(one, "Action").lower() in actions:
                return ArrivalReport(message_id=token, arrival=arrival, words=_words(one))
    raise _unreadable("Action")


def _token(about_mail: Mail, parts: list[Mail]) -> str | None:
    """Return the token that the report repeats: as we asked for it, or else in the headers of the mail itself."""
    asked = _field(about_mail, "Original-Envelope-ID")
    if TOKEN.fullmatch(asked):
        return asked
    for words in _returned(parts):
        found = re.search(rf"(?im)^message-id:\s*<({TOKEN.pattern})@[^<>\s]+>\s*$", words)
        if found is not None:
            return found[1]
    return None


def _returned(parts: list[Mail]) -> Iterator[str]:
    """Yield the headers of the mail that came back, which stand in a part of the report."""
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/rfc822":
            yield from (f"Message-ID: {_field(mail, 'Message-ID')}" for mail in _inner(part))
        elif kind == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            yield content.decode("ascii", "replace") if isinstance(content, bytes) else ""


def _inner(part: Mail) -> list[Mail]:
    """Return what a part is made of; the fields of a report, too, come as mails without words."""
    payload = part.get_payload()
    return [inner for inner in payload if isinstance(inner, Mail)] if isinstance(payload, list) else []


def _words(about: Mail) -> str:
    """Return the status code and the other server's own words, on one short line."""
    said = _field(about, "Diagnostic-Code").partition(";")
    return f"{_field(about, 'Status')} {(said[2] or said[0]).strip()}".strip()[:LONGEST_WORDS]


def _field(mail: Mail, name: str) -> str:
    """Return a field as one line without control characters, empty where there is none."""
    line = " ".join(str(mail.get(name, "")).split())
    return "".join(c for c in line if c.isprintable())


def _unreadable(why: str) -> InvalidInput:
    return InvalidInput(
        Text(
            "Mejlet är ingen rapport om ett mejl som butiken har skickat ({why}).",
            "The mail is no report of a mail that the shop has sent ({why}).",
        ).fill(why=why)
    )
