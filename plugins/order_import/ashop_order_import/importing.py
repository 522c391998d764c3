"""A file of orders taken into the shop, every row accounted for; doing it again changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from ashop_core.clock import to_iso
from ashop_core.errors import InvalidInput, NotFound, PluginError, Problem, Refused
from ashop_core.models import ImportedOrder
from ashop_core.shop import Shop
from ashop_order_import.assemble import refuse_numbers
from ashop_order_import.found import Grouped, RefusedError, RefusedRow, refused
from ashop_order_import.reading import OrderFile, ReadOptions, read_orders
from ashop_order_import.report import Report, count_name
from ashop_order_import.settings import ImportSettings
from ashop_order_import.vocabulary import UNMAPPED, Vocabulary

AHEAD = timedelta(days=1)
"""How far in the future an order's time may be: clocks and zones differ."""


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """What to do with the orders of a file. `statuses` maps the other shop's statuses to codes.

    `strict` takes all of the file or nothing of it; `dry_run` only tells what would be done.
    """

    statuses: Mapping[str, str] = field(default_factory=dict)
    notify: bool = False
    move_stock: bool = False
    strict: bool = False
    dry_run: bool = False


def import_file(
    shop: Shop,
    path: Path,
    reading: ReadOptions,
    options: ImportOptions = ImportOptions(),
    *,
    refused: Callable[[RefusedRow], None] = lambda row: None,
    progress: Callable[[OrderFile], None] = lambda file: None,
) -> Report:
    """Import a file and return what became of its rows; `refused` is told of each one refused.

    Raises InvalidInput for a file, or a mapping, that cannot be used at all; nothing was changed then.
    """
    if options.strict and not options.dry_run:
        # Everything is looked at before anything is done; only a plugin can still say no in the second round.
        rehearsal = replace(options, dry_run=True)
        report = _Import(shop, path, reading, rehearsal, refused, progress).run()
        if report.failed:
            return report
    return _Import(shop, path, reading, options, refused, progress).run()


class _Import:
    """One walk through a file."""

    def __init__(
        self,
        shop: Shop,
        path: Path,
        reading: ReadOptions,
        options: ImportOptions,
        refused: Callable[[RefusedRow], None],
        progress: Callable[[OrderFile], None],
    ) -> None:
        self._shop = shop
        self._path = path
        self._reading = reading
        self._options = options
        self._refused = refused
        self._progress = progress

    def run(self) -> Report:
        """Go through the file from front to back."""
        settings = self._shop.settings.for_plugin(ImportSettings)
        with read_orders(self._path, self._reading) as file:
            self._words = Vocabulary(self._shop.flows, settings, self._options.statuses, file.statuses)
            self._report = self._begin(file)
            for item in file:
                for row in [item] if isinstance(item, RefusedRow) else self._take(item):
                    self._report.refuse(row)
                    self._refused(row)
                self._progress(file)
                if self._report.refused and self._options.strict and not self._options.dry_run:
                    break
            self._report.rows_read = file.rows_read
        return self._report

    def _begin(self, file: OrderFile) -> Report:
        return Report(
            file=self._path.name,
            format=file.format,
            label=file.label,
            encoding=file.encoding,
            delimiter=file.delimiter,
            dry_run=self._options.dry_run,
            strict=self._options.strict,
        )

    def _take(self, order: Grouped) -> list[RefusedRow]:
        """Import one order; return its rows if it was refused."""
        report = self._report
        try:
            new = self._write(order)
        except RefusedError as error:
            if error.problem.code == UNMAPPED:
                count_name(report.unmapped, order.status)
            return list(refuse_numbers(order, error.problem))
        (report.imported if new else report.here).add(order)
        if new:
            self._note(order)
        return []

    def _write(self, order: Grouped) -> bool:
        """Write the order; tell whether it is new. Raises RefusedError where the shop does not take it."""
        try:
            imported = self._translated(order)
        except RefusedError:
            if self._is_here(order):  # imported with a mapping that is not given this time
                return False
            raise
        return not self._is_here(order) if self._options.dry_run else self._import(imported)

    def _translated(self, order: Grouped) -> ImportedOrder:
        if order.at > self._shop.clock() + AHEAD:
            raise refused(
                "future", "tiden {t} är i framtiden", "the time {t} is in the future", t=to_iso(order.at)
            )
        return self._words.translated(order)

    def _import(self, imported: ImportedOrder) -> bool:
        try:
            outcome = self._shop.import_order(
                imported, move_stock=self._options.move_stock, notify=self._options.notify
            )
        except (Refused, PluginError, InvalidInput, NotFound) as error:
            raise RefusedError(Problem("not_taken", error.staff_text)) from error
        return outcome is not None

    def _is_here(self, order: Grouped) -> bool:
        key = {"source": order.source, "id": order.external_id}
        with self._shop.database.read() as reader:
            sql = "SELECT 1 FROM orders WHERE source = :source AND external_id = :id"
            return reader.row(sql, key) is not None

    def _note(self, order: Grouped) -> None:
        self._report.note(order)
        if order.delivery and not self._words.knows_delivery(order.delivery):
            count_name(self._report.assumed, ("delivery", order.delivery))
        if order.payment_method and not self._words.knows_payment(order.payment_method):
            count_name(self._report.assumed, ("payment", order.payment_method))
