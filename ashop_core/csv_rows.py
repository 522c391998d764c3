"""The rows of a CSV file, one at a time: good ones as they are, bad ones with the reason, and an end where trust ends."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

from ashop_core.errors import InvalidInput, Problem
from ashop_core.text_lines import RowTooLongError, TextLines
from ashop_core.texts import Text

DELIMITERS = (",", ";", "\t")
LONGEST_CELL = 1_000_000

_END_OF_FILE = "\x1a"  # old programs end a file with Ctrl-Z


@dataclass(frozen=True, slots=True)
class CsvRow:
    """A row, numbered as a spreadsheet does (the headers are row 1). With a `fault` its cells mean nothing for sure.

    `last`: nothing after it can be trusted to be what it looks like, and nothing is read.
    """

    number: int
    cells: list[str]
    fault: Problem | None = None
    last: bool = False


def find_headers(lines: TextLines) -> tuple[str, int]:
    """Return the line of the headers and its number; a ``sep=;`` before it is skipped. Raises InvalidInput."""
    number = 0
    try:
        for line in lines:
            number += 1
            if line.strip() and not line.casefold().startswith("sep="):
                return line, number
            lines.begin_row()
    except RowTooLongError:
        pass  # no headers are that long: said below
    raise InvalidInput(Text("filen har inga rubriker", "the file has no headers"))


def split_headers(line: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the cells of a line as each delimiter makes them."""
    _allow_long_cells()
    for delimiter in DELIMITERS:
        yield delimiter, next(csv.reader([line], delimiter=delimiter), [])


def csv_rows(lines: TextLines, delimiter: str, width: int, number: int) -> Iterator[CsvRow]:
    """Yield every row that holds anything, after the headers on row `number` with their `width` columns."""
    _allow_long_cells()
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        number += 1
        lines.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, RowTooLongError) as error:
            row = _unreadable(lines, number, error)
        else:
            if not any(cell.strip() not in ("", _END_OF_FILE) for cell in cells):
                continue
            row = _read(lines, number, cells, width)
        yield row
        if row.last:
            return


def _allow_long_cells() -> None:
    # The limit is the whole process's; it is only ever raised here.
    csv.field_size_limit(max(csv.field_size_limit(), LONGEST_CELL))


def _read(lines: TextLines, number: int, cells: list[str], width: int) -> CsvRow:
    if len(cells) < width and not lines.whole:
        return CsvRow(number, cells, _TORN, last=True)
    if len(cells) < width or any(cell.strip() for cell in cells[width:]):
        words = Text("{n} celler, men det finns {width} rubriker", "{n} cells, but there are {width} headers")
        return CsvRow(number, cells, Problem("ragged", words.fill(n=len(cells), width=width)))
    return CsvRow(number, cells)


def _unreadable(lines: TextLines, number: int, error: Exception) -> CsvRow:
    """Return what is said of a row whose end is known; after any other the reading ends.

    Where a quote is not closed, the words of a cell could be taken for rows.
    """
    if isinstance(error, RowTooLongError) and lines.count == 1 and lines.quotes % 2 == 0:
        return CsvRow(number, [], _TOO_LONG)
    if isinstance(error, csv.Error) and lines.count == 1 and lines.quotes % 2 == 0 and not lines.ended:
        why = Text("citattecknen går inte ihop ({why})", "the quotes do not match ({why})").fill(why=error)
        return CsvRow(number, [], Problem("quotes", why))
    return CsvRow(number, [], _UNCLOSED, last=True)


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
