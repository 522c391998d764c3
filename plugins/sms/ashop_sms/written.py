"""What was written to files instead of being sent: read back for who tries the shop out."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ashop_core.channels import WrittenFile


def written_in(folder: Path) -> Iterator[WrittenFile]:
    """Yield the messages in the folder; the header of each says to whom."""
    for path in sorted(folder.glob("*.txt")):
        header, _, body = path.read_text(encoding="utf-8", errors="replace").partition("\n\n")
        fields = dict(line.partition(": ")[::2] for line in header.splitlines())
        if "To" not in fields:
            continue  # some other text that lies here
        at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        yield WrittenFile(path=path, at=at, to=fields["To"], body=body)
