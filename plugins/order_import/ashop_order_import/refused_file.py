"""Every refused row of an import in a CSV file, to be mended there and then."""

from __future__ import annotations

import csv
from pathlib import Path
from types import TracebackType
from typing import Self

from ashop_core.cli.output import safe_cell
from ashop_core.errors import InvalidInput
from ashop_core.texts import Text
from ashop_order_import.found import RefusedRow


class RefusedFile:
    """A CSV file of every refused row: its number, its order, code and words; nothing without a path."""

    def __init__(self, path: Path | None, language: str) -> None:
        self._language = language
        try:
            self._file = path.open("w", encoding="utf-8", newline="") if path else None
        except OSError as error:
            raise InvalidInput(
                Text("{path} kan inte skrivas: {why}", "{path} cannot be written: {why}").fill(
                    path=path, why=error.strerror
                )
            ) from error
        self._writer = csv.writer(self._file) if self._file else None

    def __enter__(self) -> Self:
        if self._writer:
            self._writer.writerow(["row", "order", "code", "reason"])
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file:
            self._file.close()

    def write(self, row: RefusedRow) -> None:
        """Write one row."""
        if self._writer:
            cells = (row.number, row.order, row.reason.code, row.reason.text.to(self._language))
            self._writer.writerow([safe_cell(cell) for cell in cells])
