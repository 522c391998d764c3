"""The rows of a CSV file, one at a time: good rows as they are, bad ones refused, and an end where trust ends."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence

from ashop_core.errors import InvalidInput, Problem
from ashop_core.texts import Text
from ashop_order_import.found import BrokenOffError, ReadOptions, RefusedError, RefusedRow, Row, refused
from ashop_order_import.headers import Headers, read_headers
from ashop_order_import.lines import RowTooLongError, TextLines
from ashop_order_import.values import words

DELIMITERS = (",", ";", "\t")
LONGEST_CELL = 1_000_000
LONGEST_USED_CELL = 10_000
"""Characters in a cell that an order is made from; a cell of a column that nobody reads may be longer."""

_END_OF_FILE = "\x1a"  # old programs end a file with Ctrl-Z


class Table:
    """A CSV file whose headers have been understood. `rows` yields what follows them; `read` counts it."""

    def __init__(self, lines: TextLines, options: ReadOptions) -> None:
        self._lines = lines
        # The limit is the whole process's; it is only ever raised here.
        csv.field_size_limit(max(csv.field_size_limit(), LONGEST_CELL))
        self.headers, self._number = _headers(lines, options)
        self.read = 0

    def rows(self) -> Iterator[Row | RefusedRow]:
        """Yield every row that holds anything. Raises BrokenOffError at one after which nothing is certain."""
        reader = csv.reader(self._lines, delimiter=self.headers.delimiter, strict=True)
        while True:
            self._number += 1
            self._lines.begin_row()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, RowTooLongError) as error:
                self.read += 1
                yield self._unreadable(error)
                continue
            if any(cell.strip() not in ("", _END_OF_FILE) for cell in cells):
                self.read += 1
                yield self._row(cells)

    def _row(self, cells: Sequence[str]) -> Row | RefusedRow:
        named = {column: cells[n] for column, n in self.headers.positions.items() if n < len(cells)}
        order = ""
        try:
            order = words(named.get("order", ""), "order")
            self._check(cells, named, order)
        except RefusedError as error:
            row = RefusedRow(self._number, order, error.problem)
            if len(cells) < self.headers.width and not self._lines.whole:
                raise BrokenOffError(RefusedRow(row.number, order, _TORN)) from None
            return row
        return Row(self._number, {**named, "order": order})

    def _check(self, cells: Sequence[str], named: dict[str, str], order: str) -> None:
        width = self.headers.width
        if len(cells) < width or any(cell.strip() for cell in cells[width:]):
            raise refused(
                "ragged",
                "{n} celler, men det finns {width} rubriker",
                "{n} cells, but there are {width} headers",
                n=len(cells),
                width=width,
            )
        if not order:
            raise refused("no_order", "ordernumret saknas", "the order's number is missing")
        for column, cell in named.items():
            if len(cell) > LONGEST_USED_CELL:
                raise refused(
                    "too_long",
                    "cellen {column} har {n} tecken, fler än {most}",
                    "the cell {column} has {n} characters, more than {most}",
                    column=column,
                    n=len(cell),
                    most=LONGEST_USED_CELL,
                )

    def _unreadable(self, error: Exception) -> RefusedRow:
        """Return the refusal of a row whose end is known; after any other the reading ends.

        Where a quote is not closed, the words of a customer could be taken for rows of orders.
        """
        lines = self._lines
        if isinstance(error, RowTooLongError) and lines.count == 1 and lines.quotes % 2 == 0:
            return RefusedRow(self._number, "", _TOO_LONG)
        if isinstance(error, csv.Error) and lines.count == 1 and lines.quotes % 2 == 0 and not lines.ended:
            why = Text("citattecknen går inte ihop ({why})", "the quotes do not match ({why})").fill(
                why=error
            )
            return RefusedRow(self._number, "", Problem("quotes", why))
        raise BrokenOffError(RefusedRow(self._number, "", _UNCLOSED)) from None


_TOO_LONG = Problem("too_long", Text("raden är för lång", "the row is too long"))
_TORN = Problem(
    "torn",
    Text("filen slutar mitt i raden; ladda ner den igen", "the file ends within the row; download it again"),
)
_UNCLOSED = Problem(
    "unclosed",
    Text(
        "ett citattecken stängs inte; ingenting efter det är läst. Rätta filen och läs in den igen",
        "a quote is not closed; nothing after it was read. Mend the file and import it again",
    ),
)


def _headers(lines: TextLines, options: ReadOptions) -> tuple[Headers, int]:
    """Return the headers and the number of the row they are on; a ``sep=;`` before them is skipped."""
    number = 0
    try:
        for line in lines:
            number += 1
            if line.strip() and not line.casefold().startswith("sep="):
                found = read_headers(_split(line), options.format, options.columns)
                return found, number
            lines.begin_row()
    except RowTooLongError:
        pass  # no headers are that long: said below
    raise InvalidInput(Text("filen har inga rubriker", "the file has no headers"))


def _split(line: str) -> Iterator[tuple[str, list[str]]]:
    for delimiter in DELIMITERS:
        yield delimiter, next(csv.reader([line], delimiter=delimiter), [])
