"""What was written to files instead of being sent: read back for who tries the shop out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

from ashop_core.channels import WrittenFile


def written_in(folder: Path) -> Iterator[WrittenFile]:
    """Yield the mails in the folder. Those that somebody else put there are read as far as they can be."""
    for path in sorted(folder.glob("*.eml")):
        mail = message_from_bytes(path.read_bytes(), policy=default)
        yield WrittenFile(
            path=path,
            at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
            to=str(mail["To"] or ""),
            subject=str(mail["Subject"] or ""),
            body=_part(mail, "plain") or "",
            html=_part(mail, "html"),
        )


def _part(mail: EmailMessage, kind: str) -> str | None:
    part = mail.get_body((kind,))
    return None if part is None else str(part.get_content())
