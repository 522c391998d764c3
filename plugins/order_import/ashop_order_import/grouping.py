"""Rows put together to orders as they come, holding one order at a time."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence

from ashop_core.errors import Problem
from ashop_core.intake import MOST_LINES
from ashop_core.texts import Text
from ashop_order_import.assemble import refuse_all
from ashop_order_import.found import BrokenOffError, Grouped, ReadOptions, RefusedRow, Row
from ashop_order_import.layouts import Build
from ashop_order_import.seen import Seen

MOST_CHARACTERS = 10_000_000
"""Of one order's rows together: what is held in memory at once."""

_CAME_BACK = Problem(
    "came_back",
    Text("orderns rader står inte tillsammans: sortera filen", "the order's rows are not together: sort the file"),
)  # fmt: skip
_TOO_LARGE = Problem(
    "too_large",
    Text("ordern har för många rader (högst {n})", "the order has too many rows (at most {n})").fill(n=MOST_LINES),
)  # fmt: skip
_CUT_SHORT = Problem(
    "cut_short",
    Text(
        "ordern kan ha fler rader, men filen gick inte att läsa längre",
        "the order may have more rows, but the file could be read no further",
    ),
)  # fmt: skip


def group(
    rows: Iterator[Row | RefusedRow], build: Build, options: ReadOptions
) -> Generator[Grouped | RefusedRow]:
    """Yield an order for each run of rows with the same order number, and every row refused on the way.

    A refused row between the rows of an order does not part them. When the file breaks off, the order
    that was being read is refused: it may be incomplete, and would count as here the next time.
    """
    held = _Held()
    with Seen() as seen:
        try:
            for row in rows:
                if isinstance(row, RefusedRow):
                    yield row
                elif held.belongs(row):
                    yield from held.add(row)
                elif seen.add(row["order"]):
                    yield from held.finish(build, options)
                    yield from held.begin(row)
                else:
                    yield RefusedRow(row.number, row["order"], _CAME_BACK)
        except BrokenOffError as end:
            yield end.row
            yield from refuse_all(held.rows, _CUT_SHORT)
            return
        yield from held.finish(build, options)


class _Held:
    """The rows of the order that is being read; none any more once it has grown too large."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self._order: str | None = None
        self._characters = 0
        self._too_large = False

    def belongs(self, row: Row) -> bool:
        """Tell whether a row is of the order being read."""
        return row["order"] == self._order

    def begin(self, row: Row) -> Iterator[RefusedRow]:
        """Start on another order."""
        self._order, self._characters, self._too_large = row["order"], 0, False
        return self.add(row)

    def add(self, row: Row) -> Iterator[RefusedRow]:
        """Hold a row, or yield it and all before it as refused when they are too many."""
        self.rows.append(row)
        self._characters += sum(map(len, row.cells.values()))
        if self._too_large or len(self.rows) > MOST_LINES or self._characters > MOST_CHARACTERS:
            self._too_large = True
            yield from refuse_all(self.rows, _TOO_LARGE)
            self.rows.clear()

    def finish(self, build: Build, options: ReadOptions) -> Iterator[Grouped | RefusedRow]:
        """Yield what becomes of the rows held."""
        rows: Sequence[Row] = tuple(self.rows)
        self.rows.clear()
        if rows:
            yield from build(rows, options)
