"""Cells of a file made into values: read right, or refused with the column, the value and the remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NoReturn

from ashop_core.csv_cells import plain_text
from ashop_core.errors import InvalidInput
from ashop_core.intake import LONGEST_NAME
from ashop_core.texts import Text

# ASCII digits only: Python's own int() also reads ١٢ and １２. 12.0 is 12; 1.000 could be a thousand.
_WHOLE = re.compile(r"(-?[0-9]{1,12})(?:[.,]0{1,2})?")
_LONGEST_CELL = 4 * LONGEST_NAME
_YES = {"1", "yes", "true", "ja", "sant", "continue", "notify"}
_NO = {"0", "no", "false", "nej", "falskt", "deny"}


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """How to read a file of items; what is None or empty is found out from the file itself.

    `columns` maps a header to the column that it stands for, `statuses` the file's words to stock statuses. With
    `policies` and `groups` the file's policy and category are taken too. Of an inventory at several places the rows
    of one `location` count, or the sum of all. `ignore_unknown` lets a plain file have columns that nobody knows.
    """

    format: str | None = None
    encoding: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    statuses: Mapping[str, str] = field(default_factory=dict)
    policies: bool = False
    groups: bool = False
    location: str | None = None
    ignore_unknown: bool = False


class Cells:
    """The cells of one row, asked for by the names of columns; empty where the file has no such column.

    `headers` are the file's own names of the columns, for refusals.
    """

    __slots__ = ("_cells", "_headers", "_positions")

    def __init__(
        self, cells: Sequence[str], positions: Mapping[str, int], headers: Mapping[str, str]
    ) -> None:
        self._cells = cells
        self._positions = positions
        self._headers = headers

    def has(self, column: str) -> bool:
        """Tell whether the file has the column."""
        return column in self._positions

    def text(self, column: str) -> str:
        """Return a cell's text without the space around it and without what guards it in a spreadsheet."""
        position = self._positions.get(column)
        if position is None:
            return ""
        cell = self._cells[position].strip()
        if len(cell) > _LONGEST_CELL:
            self._refuse(column, cell, "för lång", "too long")
        return plain_text(cell).strip() if cell.startswith("'") else cell

    def words(self, column: str) -> str:
        """Return a cell's words with single spaces: other shops break lines in names."""
        return " ".join(self.text(column).split())

    def whole(self, column: str) -> int | None:
        """Return a whole number, None for an empty cell; ``1e3``, ``1,5`` and ``１２`` are none."""
        text = self.text(column)
        if not text:
            return None
        found = _WHOLE.fullmatch(text)
        if found is None:
            self._refuse(column, text, "ett heltal, med siffrorna 0-9", "a whole number, in the digits 0-9")
        return int(found[1])

    def truth(self, column: str) -> bool | None:
        """Return a yes or no, as people and other shops write them; None for an empty cell."""
        text = self.text(column).casefold()
        if not text:
            return None
        if text not in _YES | _NO:
            self._refuse(column, text, "ja eller nej", "yes or no")
        return text in _YES

    def _refuse(self, column: str, value: str, sv: str, en: str) -> NoReturn:
        """Refuse a cell, naming what it should hold."""
        shown = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value[:40])
        words = Text("{column} ”{value}” går inte: {why}", "{column} “{value}” will not do: {why}")
        raise InvalidInput(
            words.fill(column=self._headers.get(column, column), value=shown, why=Text(sv, en))
        )
