"""The values of a JSON file, one at a time: an array's, or those that follow one another."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ashop_core.errors import Problem
from ashop_core.text_lines import LONGEST_ROW, SPACE, RowTooLongError, TextLines
from ashop_core.texts import Text

CHUNK = 1 << 16
_DECODER = json.JSONDecoder()


class Documents:
    """The numbered values of a JSON file, or what is wrong with them. `read` counts them, good and bad.

    In JSON Lines the number is the line's and a bad line is one refused row. Elsewhere it is the value's
    place in the file, and nothing can be read after the first fault.
    """

    def __init__(self, lines: TextLines) -> None:
        self._lines = lines
        self.read = 0

    def __iter__(self) -> Iterator[tuple[int, Any | Problem]]:
        values = self._by_line() if self._is_json_lines() else self._one_by_one()
        for number, value in values:
            self.read += 1
            yield number, value

    def _is_json_lines(self) -> bool:
        """Tell whether the first line that holds anything is a whole object."""
        try:
            first = next((line for line in self._lines if line.strip(SPACE)), "")
        except RowTooLongError:
            return False
        finally:
            self._lines.rewind()
        return isinstance(_value(first.strip(SPACE)), dict)

    def _by_line(self) -> Iterator[tuple[int, Any | Problem]]:
        number = 0
        while True:
            number += 1
            self._lines.begin_row()
            try:
                line = next(self._lines).strip(SPACE)
            except StopIteration:
                return
            except RowTooLongError:
                yield number, _TOO_LONG
                continue
            if line:
                yield number, _value(line)

    def _one_by_one(self) -> Iterator[tuple[int, Any | Problem]]:
        text = _Text(self._lines)
        in_array = text.take("[")
        number = 0
        while not text.ended and not (in_array and text.take("]")):
            number += 1
            value = text.value()
            yield number, value
            if isinstance(value, Problem):
                return
            if in_array and not text.take(",") and not text.starts_with("]"):
                yield number + 1, _BROKEN
                return
        if in_array and not text.closed:
            yield number + 1, _BROKEN


class _Text:
    """The text of a file, held from the value that is being read onwards."""

    def __init__(self, lines: TextLines) -> None:
        self._lines = lines
        self._text = ""
        self.closed = False

    @property
    def ended(self) -> bool:
        """Tell whether only white space is left."""
        return not self._fill()

    def starts_with(self, mark: str) -> bool:
        """Tell whether a mark comes next."""
        return self._fill().startswith(mark)

    def take(self, mark: str) -> bool:
        """Step over a mark if it comes next."""
        if not self.starts_with(mark):
            return False
        self._text = self._text[1:]
        self.closed = mark == "]"
        return True

    def value(self) -> Any | Problem:
        """Return the value that comes next, reading as much of the file as it takes."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._fill())
            except (ValueError, RecursionError):
                if len(self._text) > LONGEST_ROW:
                    return _TOO_LONG
                # Twice as much each time: a long value is tried a few times only.
                if not self._read(max(CHUNK, len(self._text))):
                    return _BROKEN
                continue
            self._text = self._text[end:]
            return value

    def _fill(self) -> str:
        """Return the text from the next character on that is not white space."""
        self._text = self._text.lstrip(SPACE)
        while not self._text and self._read(CHUNK):
            self._text = self._text.lstrip(SPACE)
        return self._text

    def _read(self, characters: int) -> bool:
        """Read on; tell whether there was anything more."""
        more = self._lines.read(characters)
        self._text += more
        return bool(more)


def _value(line: str) -> Any | Problem:
    try:
        return _DECODER.decode(line)
    except (ValueError, RecursionError) as error:
        why = getattr(error, "msg", type(error).__name__)
        return Problem("bad_json", Text("inte giltig JSON: {why}", "not valid JSON: {why}").fill(why=why))


_TOO_LONG = Problem("too_long", Text("ordern är för lång", "the order is too long"))
_BROKEN = Problem(
    "broken_json",
    Text("inte giltig JSON; ingenting härefter är läst", "not valid JSON; nothing after it was read"),
)
