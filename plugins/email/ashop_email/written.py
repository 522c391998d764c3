"""What was written to files instead of being sent: read back for who tries the shop out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_string
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message as Mail
from email.utils import parsedate_to_datetime
from pathlib import Path

from ashop_core.channels import WrittenFile


def written_in(folder: Path) -> Iterator[WrittenFile]:
    """Yield the mails in the folder. What somebody else put there is read as far as it can be."""
    for path in sorted(folder.glob("*.eml")):
        mail = message_from_string(path.read_bytes().decode("utf-8", "replace"))
        yield WrittenFile(
            path=path,
            at=_date(mail) or datetime.fromtimestamp(path.stat().st_mtime, UTC),
            to=_header(mail, "To"),
            subject=_header(mail, "Subject"),
            body=_part(mail, "text/plain") or "",
            html=_part(mail, "text/html"),
        )


def _date(mail: Mail) -> datetime | None:
    try:
        found = parsedate_to_datetime(str(mail.get("Date", "")))
    except (ValueError, OverflowError):
        return None
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)


def _header(mail: Mail, name: str) -> str:
    value = str(mail.get(name, ""))
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, ValueError):
        return value  # not one of ours


def _part(mail: Mail, kind: str) -> str | None:
    for part in mail.walk():
        content = part.get_payload(decode=True)
        if part.get_content_type() == kind and isinstance(content, bytes):
            return content.decode("utf-8", "replace")
    return None
