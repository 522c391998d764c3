"""A file of items read from front to back: what each row says, every bad row told by its number, and the format found."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ashop_core.csv_headers import Headers, read_headers
from ashop_core.csv_rows import csv_rows, find_headers, split_headers
from ashop_core.errors import AshopError, InvalidInput
from ashop_core.text_encoding import find_encoding
from ashop_core.text_lines import TextLines
from ashop_core.texts import Text
from ashop_stock_control.files.cells import Cells, ReadOptions
from ashop_stock_control.files.formats import CODES, FORMATS, Format
from ashop_stock_control.files.shop_words import Skipped
from ashop_stock_control.files.shopify_inventory import At, InventoryRows
from ashop_stock_control.new_items import Mode, NewItem, check_item

if TYPE_CHECKING:
    from ashop_stock_control.settings import StockSettings

MOST_ROWS = 1_000_000
"""Rows of one file: all that it says is looked at before anything is changed, so it must fit in the memory."""


@dataclass(slots=True)
class FileRow:
    """A row of a file, by its number as a spreadsheet shows it: an item, or a fault, or why it is none.

    The further rows of an item at several locations count with the first.
    """

    number: int
    sku: str
    item: NewItem | None = None
    fault: Text | None = None
    skipped: Text | None = None


@dataclass(kw_only=True)
class FileRead:
    """A file of items as it was understood. `columns` are its headers by our columns, `unused` those nobody knows."""

    path: Path
    format: Format
    encoding: str
    columns: dict[str, str]
    unused: tuple[str, ...]
    locations: tuple[str, ...] = ()
    rows: list[FileRow] = field(default_factory=list)
    broken_off: bool = False

    @property
    def good(self) -> list[FileRow]:
        """The rows that say something of an item, in the order of the file."""
        return [row for row in self.rows if row.item is not None]

    @property
    def bad(self) -> list[FileRow]:
        """The rows that are refused."""
        return [row for row in self.rows if row.fault is not None]

    @property
    def skipped(self) -> list[FileRow]:
        """The rows that are no items."""
        return [row for row in self.rows if row.skipped is not None]

    def refuse(self, row: FileRow, why: Text) -> None:
        """Make a row a bad one."""
        row.item, row.fault = None, why


def read_file(
    path: Path, settings: StockSettings, options: ReadOptions | None = None, mode: Mode = Mode.UPDATE
) -> FileRead:
    """Read a file of items. Raises InvalidInput for one that cannot be read at all, saying what it wants."""
    options = options or ReadOptions()
    if options.format not in (None, *CODES):
        words = Text(
            "det finns inget format {f}; välj bland {known}", "there is no format {f}; choose from {known}"
        )
        raise InvalidInput(words.fill(f=options.format, known=", ".join(CODES)))
    encoding = find_encoding(path, options.encoding)
    with TextLines(path, encoding) as lines:
        try:
            line, number = find_headers(lines)
            headers = read_headers(split_headers(line), FORMATS, options.format, options.columns)
            _ensure_known(headers, options)
        except InvalidInput as error:
            raise _of_the_file(path, error) from None
        reader = _Reader(path, encoding, headers, settings, options, mode)
        reader.read(lines, number)
    return reader.found


class _Reader:
    """Reads the rows after the headers."""

    def __init__(
        self, path: Path, encoding: str, headers: Headers[Format], settings: StockSettings,
        options: ReadOptions, mode: Mode,
    ) -> None:  # fmt: skip
        self._headers, self._settings, self._options, self._mode = headers, settings, options, mode
        self._reading = headers.layout.rows(options, settings)
        self._seen: dict[str, FileRow] = {}
        self._places: dict[str, dict[str, At]] = {}
        names = {column: headers.names[n].strip() for column, n in headers.positions.items()}
        self.found = FileRead(
            path=path, format=headers.layout, encoding=encoding, columns=names, unused=headers.unused
        )

    def read(self, lines: TextLines, number: int) -> None:
        """Read every row, then put together what several rows say of one item."""
        for row in csv_rows(lines, self._headers.delimiter, self._headers.width, number):
            if len(self.found.rows) == MOST_ROWS:
                raise InvalidInput(
                    Text("fler än {n} rader: dela filen", "more than {n} rows: split the file").fill(
                        n=MOST_ROWS
                    )
                )
            if row.fault is not None:
                self.found.rows.append(FileRow(row.number, "", fault=row.fault.text))
                self.found.broken_off = row.last
                continue
            self._take(row.number, Cells(row.cells, self._headers.positions, self.found.columns))
        self._put_together()

    def _take(self, number: int, cells: Cells) -> None:
        sku = ""
        try:
            sku = cells.text("sku")
            said = self._reading(cells)
            if isinstance(said, Skipped):
                if said.why is not None:
                    self.found.rows.append(FileRow(number, sku, skipped=said.why))
                return
            item = said.item if isinstance(said, At) else said
            row = FileRow(number, item.sku, item=self._check(item))
        except AshopError as error:
            row = FileRow(number, sku, fault=error.text)
            said = None
        self._keep(row, said if isinstance(said, At) else None)

    def _keep(self, row: FileRow, at: At | None) -> None:
        """Keep a row; where its SKU stood before, at the same place, neither row is believed."""
        first = self._seen.get(row.sku) if row.sku else None
        if first is None:
            if row.sku:
                self._seen[row.sku] = row
                self._places[row.sku] = {at.location: at} if at else {}
            self.found.rows.append(row)
            return
        places = self._places[row.sku]
        if at is not None and at.location not in places and row.fault is None:
            places[at.location] = at
            return
        if row.fault is None:
            self.found.refuse(row, _twice(row.sku, first.number, before=True))
        if first.fault is None:
            self.found.refuse(first, _twice(row.sku, row.number, before=False))
        self.found.rows.append(row)

    def _put_together(self) -> None:
        if not isinstance(self._reading, InventoryRows):
            return
        self._reading.ensure_found(self._options.location)
        self.found.locations = tuple(self._reading.locations)
        for row in self.found.good:
            whole, *others = self._places[row.sku].values()
            for other in others:
                whole = whole.and_(other)
            try:
                row.item = self._check(whole.summed())
            except AshopError as error:
                self.found.refuse(row, error.text)

    def _check(self, item: NewItem) -> NewItem:
        return check_item(item, self._settings, self._mode)


def _ensure_known(headers: Headers[Format], options: ReadOptions) -> None:
    for header, column in options.columns.items():
        if column not in headers.positions:
            words = Text(
                "--map {header}={column} passar inget här: filen är {label}, och dess rubriker är {names}",
                "--map {header}={column} fits nothing here: the file is {label}, and its headers are {names}",
            )
            names = ", ".join(name.strip() for name in headers.names)[:300]
            raise InvalidInput(
                words.fill(header=header, column=column, label=headers.layout.label, names=names)
            )
    if headers.layout.closed and headers.unused and not options.ignore_unknown:
        words = Text(
            'okända kolumner: {unused}. Peka ut dem med --map "Rubrik=kolumn", eller strunta i dem med --ignore-unknown. '
            "Kolumnerna är: {known}.",
            'unknown columns: {unused}. Point them out with --map "Header=column", or leave them with --ignore-unknown. '
            "The columns are: {known}.",
        )
        raise InvalidInput(
            words.fill(unused=", ".join(headers.unused)[:200], known=", ".join(headers.layout.columns))
        )


def _twice(sku: str, number: int, *, before: bool) -> Text:
    if before:
        return Text(f"{sku} står redan på rad {number}", f"{sku} is already on row {number}")
    return Text(f"{sku} står också på rad {number}", f"{sku} is also on row {number}")


def _of_the_file(path: Path, error: AshopError) -> InvalidInput:
    return InvalidInput(Text("{path}: {why}", "{path}: {why}").fill(path=path, why=error.text))
