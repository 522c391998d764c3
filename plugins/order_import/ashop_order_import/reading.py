"""A file of orders read from front to back: the way in for the import, and for whoever else plays orders.

>>> for item in read_orders(Path("orders.csv"), ReadOptions(currency="GBP")):
...     ...  # a Grouped order, or a RefusedRow with its number and reason
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from ashop_core.errors import InvalidInput
from ashop_core.text_encoding import find_encoding
from ashop_core.text_lines import TextLines
from ashop_core.texts import Text
from ashop_order_import.found import Grouped, ReadOptions, RefusedRow
from ashop_order_import.grouping import group
from ashop_order_import.layouts import LAYOUTS
from ashop_order_import.table import Table

__all__ = ["FORMATS", "Grouped", "OrderFile", "ReadOptions", "RefusedRow", "read_orders"]

OWN = "ashop"
FORMATS = (*(layout.code for layout in LAYOUTS), OWN)
_LABELS = {**{layout.code: layout.label for layout in LAYOUTS}, OWN: "Ashop JSON"}


def read_orders(path: Path, options: ReadOptions | None = None) -> OrderFile:
    """Open a file of orders, to be iterated once: Grouped orders and RefusedRows as the file has them.

    Memory does not grow with the file. Raises InvalidInput for a file that cannot be read at all.
    """
    return OrderFile(path, options or ReadOptions())


class OrderFile:
    """What is found in a file, one order at a time.

    `format` is its code, `label` what people call it; `delimiter` is empty for JSON; `rows_read` counts
    the rows met so far; `position` of `size` bytes is how far the reading has come.
    """

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self.encoding = find_encoding(path, options.encoding)
        self._lines = TextLines(path, self.encoding)
        try:
            self._open(options)
        except BaseException:
            self._lines.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __iter__(self) -> Iterator[Grouped | RefusedRow]:
        return self

    def __next__(self) -> Grouped | RefusedRow:
        return next(self._found)

    @property
    def label(self) -> str:
        """What people call the format."""
        return _LABELS[self.format]

    @property
    def rows_read(self) -> int:
        """How many rows have been read."""
        return self._source.read

    @property
    def size(self) -> int:
        """The file's size in bytes."""
        return self._lines.total

    @property
    def position(self) -> int:
        """How many bytes have been read, in steps of the buffer."""
        return self._lines.position

    def close(self) -> None:
        """Close the file."""
        self._found.close()
        self._lines.close()

    def _open(self, options: ReadOptions) -> None:
        if options.format not in (None, *FORMATS):
            raise InvalidInput(
                Text("det finns inget format {f}; välj bland {known}", "there is no format {f}; choose from {known}")
                .fill(f=options.format, known=", ".join(FORMATS))
            )  # fmt: skip
        self._found: Generator[Grouped | RefusedRow]
        self.delimiter = ""
        self.statuses: Mapping[str, str] = {}
        if options.format == OWN or (options.format is None and self._lines.first_character() in ("{", "[")):
            from ashop_order_import.documents import Documents
            from ashop_order_import.own_json import orders

            self.format = OWN
            self._source: Documents | Table = Documents(self._lines)
            self._found = orders(self._source, options)
        else:
            table = self._source = Table(self._lines, options)
            layout = table.headers.layout
            self.format, self.delimiter, self.statuses = layout.code, table.headers.delimiter, layout.statuses
            self._found = group(table.rows(), layout.build, options)
