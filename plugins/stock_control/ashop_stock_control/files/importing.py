"""A file of items brought into the stock, and what became of each of its rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ashop_core.clock import to_iso
from ashop_core.texts import Text
from ashop_stock_control.bringing import Brought
from ashop_stock_control.files.cells import ReadOptions
from ashop_stock_control.files.csv_file import FileRead, FileRow, read_file
from ashop_stock_control.importing import import_items
from ashop_stock_control.items import StockItem, find_items
from ashop_stock_control.new_items import Mode
from ashop_stock_control.policies import Policy
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop

_FIELDS = ("name", "status", "balance", "on_hand", "group", "policy", "margin", "low", "pinned", "counted_at")
_PAGE = 1000


class What(StrEnum):
    """What became of a row, or would in a dry run."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    SKIPPED = "skipped"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class RowTold:
    """A row and what became of it. `changes` are what was and what became, by field, as plain data."""

    number: int
    sku: str
    what: What
    changes: tuple[tuple[str, Any, Any], ...] = ()
    why: Text | None = None


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """How to bring a file into the stock.

    One bad row refuses the whole file, unless `skip_bad`. With `known_only` a row of an item that is not in the stock
    is a bad one. A count is remembered under `key`, or else under what the file holds, and done once.
    """

    mode: Mode = Mode.UPDATE
    key: str | None = None
    skip_bad: bool = False
    known_only: bool = False
    dry_run: bool = False


@dataclass(kw_only=True)
class FileReport:
    """What became of a file's rows, in their order; `refused`: nothing was changed, for its bad rows.

    `missing` are the SKUs in the stock that the file does not have; they stand as they were.
    """

    file: FileRead
    how: ImportOptions
    rows: list[RowTold] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    refused: bool = False

    @property
    def counts(self) -> Counter[What]:
        """How many rows there are of each kind."""
        return Counter(row.what for row in self.rows)

    def of(self, what: What) -> list[RowTold]:
        """Return the rows of one kind."""
        return [row for row in self.rows if row.what is what]


def import_file(
    shop: Shop, path: Path, options: ReadOptions | None = None, how: ImportOptions | None = None, *,
    actor: str = "import", progress: Callable[[int, int], None] | None = None,
) -> FileReport:  # fmt: skip
    """Bring a file of items into the stock and tell what became of each row.

    Raises InvalidInput for a file that cannot be read at all. A dry run does all of it and keeps nothing, also where
    a bad row would refuse the file. `progress` is told how many of how many items are done.
    """
    how = how or ImportOptions()
    file = read_file(path, shop.settings.for_plugin(StockSettings), options, how.mode)
    known = _known_skus(shop)
    if how.known_only:
        _refuse_unknown(shop, file)
    report = FileReport(file=file, how=how)
    report.refused = file.broken_off or (bool(file.bad) and not how.skip_bad)
    if not report.refused or how.dry_run:
        report.rows = _bring(shop, file, how, options, actor, progress)
    report.rows += [RowTold(row.number, row.sku, What.BAD, why=row.fault) for row in file.bad]
    report.rows += [RowTold(row.number, row.sku, What.SKIPPED, why=row.skipped) for row in file.skipped]
    report.rows.sort(key=lambda row: row.number)
    there = {row.sku for row in file.rows}
    report.missing = [sku for sku in known if sku not in there]
    return report


def _bring(
    shop: Shop, file: FileRead, how: ImportOptions, options: ReadOptions | None, actor: str,
    progress: Callable[[int, int], None] | None,
) -> list[RowTold]:  # fmt: skip
    good = file.good
    told: list[RowTold] = []
    import_items(
        shop,
        (row.item for row in good if row.item is not None),
        actor,
        file.path.name,
        mode=how.mode,
        key=_key(file, how, options),
        dry_run=how.dry_run,
        progress=None if progress is None else lambda done: progress(done, len(good)),
        told=lambda brought: told.append(_told(good[brought.place], brought)),
    )
    return told


def _told(row: FileRow, brought: Brought) -> RowTold:
    if brought.before == brought.after:
        return RowTold(row.number, row.sku, What.UNCHANGED)
    what = What.NEW if brought.before is None else What.CHANGED
    return RowTold(row.number, row.sku, what, tuple(_changes(brought.before, brought.after)))


def _changes(before: StockItem | None, after: StockItem) -> Iterator[tuple[str, Any, Any]]:
    for name in _FIELDS:
        old, new = None if before is None else _value(before, name), _value(after, name)
        if old != new and (before is not None or (new is not False and new != "")):
            yield name, old, new


def _value(item: StockItem, name: str) -> Any:
    if name == "on_hand" and not item.tracked:
        return None
    value = getattr(item, name)
    if isinstance(value, datetime):
        return to_iso(value)
    return str(value) if isinstance(value, Policy) else value


def _key(file: FileRead, how: ImportOptions, options: ReadOptions | None) -> str | None:
    """Return what a count is remembered under: the same file, read in the same way, is the same count."""
    if how.mode is not Mode.COUNT:
        return None
    if how.key:
        return how.key
    with file.path.open("rb") as data:
        digest = file_digest(data, "sha256").hexdigest()[:24]
    return f"{digest}/{options.location.casefold()}" if options and options.location else digest


def _known_skus(shop: Shop) -> list[str]:
    """Return every SKU in the stock, before anything is added to it."""
    found: list[str] = []
    with shop.database.read() as reader:
        while True:
            page = reader.rows(
                "SELECT sku FROM stock_items WHERE sku > :after ORDER BY sku LIMIT :most",
                {"after": found[-1] if found else "", "most": _PAGE},
            )
            found += [row["sku"] for row in page]
            if len(page) < _PAGE:
                return found


def _refuse_unknown(shop: Shop, file: FileRead) -> None:
    good = file.good
    with shop.database.read() as reader:
        known = find_items(reader, [row.sku for row in good])
    for row in good:
        if row.sku not in known:
            words = Text("artikeln finns inte i lagret", "the item is not in the stock")
            file.refuse(row, words)
