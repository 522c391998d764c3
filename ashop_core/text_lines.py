"""A text file line by line, whatever its length: no line and no row may fill the memory."""

from __future__ import annotations

import io
from pathlib import Path
from types import TracebackType
from typing import Self

LONGEST_ROW = 4_000_000
"""Characters that one row may have, its line breaks within quotes included."""


SPACE = " \t\r\n\ufeff"
"""What may stand before the first character that counts, a byte order mark included."""


class RowTooLongError(Exception):
    """The line read is longer than any row may be; the rest of it was skipped."""


class TextLines:
    """The lines of a file as csv wants them, with what a reader of rows needs to know of each.

    `begin_row()` starts the count; `count` is how many lines the row has had, `ended` whether the file is
    at its end, `whole` whether the last line had its line break.
    """

    def __init__(self, path: Path, encoding: str) -> None:
        self._bytes = path.open("rb")
        self._file = io.TextIOWrapper(self._bytes, encoding=encoding, newline="")
        self.total = path.stat().st_size
        self.count = 0
        self.quotes = 0
        self.ended = False
        self.whole = True
        self._characters = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> str:
        line = self._file.readline(LONGEST_ROW)
        if not line:
            self.ended = True
            raise StopIteration
        self.count += 1
        self.quotes += line.count('"')
        self.whole = line.endswith(("\n", "\r"))
        self._characters += len(line)
        if self._characters >= LONGEST_ROW:
            self._skip_rest()
            raise RowTooLongError
        return line

    @property
    def position(self) -> int:
        """How many bytes have been read, in steps of the buffer."""
        return self._bytes.tell()

    def begin_row(self) -> None:
        """Count lines and characters from here on as those of a new row."""
        self.count = self.quotes = self._characters = 0

    def read(self, characters: int) -> str:
        """Return the next characters whatever lines they stand on; fewer at the end, and then none."""
        return self._file.read(characters)

    def first_character(self) -> str:
        """Return the first character of the file that is no white space, and go back to the first line."""
        text = " "
        while text and not text.strip(SPACE):
            text = self._file.read(1000)
        self.rewind()
        return text.strip(SPACE)[:1]

    def rewind(self) -> None:
        """Go back to the first line."""
        self._file.seek(0)
        self.ended = False
        self.begin_row()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _skip_rest(self) -> None:
        while not self.whole and (more := self._file.readline(LONGEST_ROW)):
            self.whole = more.endswith(("\n", "\r"))
