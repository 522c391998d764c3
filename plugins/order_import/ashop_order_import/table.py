"""The rows of a file of orders, one at a time: good rows as they are, bad ones refused, and an end where trust ends."""

from __future__ import annotations

from collections.abc import Iterator

from ashop_core.csv_headers import Headers, read_headers
from ashop_core.csv_rows import CsvRow, csv_rows, find_headers, split_headers
from ashop_core.text_lines import TextLines
from ashop_order_import.found import BrokenOffError, ReadOptions, RefusedError, RefusedRow, Row, refused
from ashop_order_import.layouts import LAYOUTS, Layout
from ashop_order_import.values import words

LONGEST_USED_CELL = 10_000
"""Characters in a cell that an order is made from; a cell of a column that nobody reads may be longer."""


class Table:
    """A CSV file whose headers have been understood. `rows` yields what follows them; `read` counts it."""

    def __init__(self, lines: TextLines, options: ReadOptions) -> None:
        self._lines = lines
        line, self._number = find_headers(lines)
        self.headers: Headers[Layout] = read_headers(
            split_headers(line), LAYOUTS, options.format, options.columns
        )
        self.read = 0

    def rows(self) -> Iterator[Row | RefusedRow]:
        """Yield every row that holds anything. Raises BrokenOffError at one after which nothing is certain."""
        headers = self.headers
        for row in csv_rows(self._lines, headers.delimiter, headers.width, self._number):
            self.read += 1
            yield self._row(row)

    def _row(self, row: CsvRow) -> Row | RefusedRow:
        cells = row.cells
        named = {column: cells[n] for column, n in self.headers.positions.items() if n < len(cells)}
        order = ""
        try:
            order = words(named.get("order", ""), "order")
            _check(row, named, order)
        except RefusedError as error:
            if row.fault is not None and row.last:
                raise BrokenOffError(RefusedRow(row.number, order, row.fault)) from None
            return RefusedRow(row.number, order, error.problem)
        return Row(row.number, {**named, "order": order})


def _check(row: CsvRow, named: dict[str, str], order: str) -> None:
    if row.fault is not None:
        raise RefusedError(row.fault)
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
