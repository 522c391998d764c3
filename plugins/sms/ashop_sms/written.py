"""The SMS that were written to files instead of being sent, read again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from ashop_core.channels import WrittenFile
from ashop_core.clock import from_iso


def written_in(folder: Path) -> Iterator[WrittenFile]:
    """Yield the SMS in the folder; a text file of somebody else's that lies there is left out."""
    for path in sorted(folder.glob("*.txt")):
        head, _, body = path.read_text(encoding="utf-8", errors="replace").partition("\n\n")
        values = dict(line.partition(": ")[::2] for line in head.splitlines())
        try:
            at = from_iso(values.get("Date", ""))
        except ValueError:
            continue
        if {"To", "From"} <= values.keys():
            yield WrittenFile(path=path, at=at, to=values["To"], body=body.rstrip("\n"))
