"""Items from a CSV file with the columns sku, name, balance, status: every bad row told by its number."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from ashop_core.errors import AshopError, InvalidInput
from ashop_core.texts import Text, joined
from ashop_stock_control.importing import NewItem, check_item

if TYPE_CHECKING:
    from ashop_stock_control.settings import StockSettings

COLUMNS = ("sku", "name", "balance", "status")
_MOST_FAULTS = 20


def read_items(path: Path, settings: StockSettings, encoding: str = "utf-8-sig") -> list[NewItem]:
    """Return the items of a file. Raises InvalidInput for the file, or naming every row that is wrong."""
    try:
        with path.open(encoding=encoding, newline="") as file:
            return _items(path, file, settings)
    except UnicodeDecodeError as error:
        raise _unreadable(
            path,
            "inte {enc} (byte {at}). Är den sparad i Excel, pröva --encoding cp1252",
            "not {enc} (byte {at}). If it was saved in Excel, try --encoding cp1252",
            enc=encoding.removesuffix("-sig").upper(),
            at=error.start,
        ) from error
    except LookupError as error:
        raise _unreadable(
            path, "det finns ingen kodning {e}", "there is no encoding {e}", e=encoding
        ) from error
    except OSError as error:
        raise _unreadable(path, "kan inte läsas: {e}", "cannot be read: {e}", e=error.strerror) from error


def _items(path: Path, file: TextIO, settings: StockSettings) -> list[NewItem]:
    header, rows = _rows(path, file)
    seen: dict[str, int] = {}
    items: list[NewItem] = []
    faults: list[Text] = []
    for number, cells in rows:
        try:
            item = check_item(_item(header, cells, settings), settings)
            if item.sku in seen:
                words = Text("{sku} står redan på rad {n}", "{sku} is already on row {n}")
                raise InvalidInput(words.fill(sku=item.sku, n=seen[item.sku]))
            seen[item.sku] = number
            items.append(item)
        except AshopError as error:
            faults.append(Text(f"rad {number}: {error.text.sv}", f"row {number}: {error.text.en}"))
    if faults:
        raise InvalidInput(_told(path, faults))
    return items


def _rows(path: Path, file: TextIO) -> tuple[list[str], Iterator[tuple[int, list[str]]]]:
    """Return the names of the columns, and every row with its number in the file."""
    first = file.readline()
    reader = csv.reader(file, delimiter=";" if ";" in first else ",", strict=True)
    header = [
        name.strip().lower() for name in first.strip("\r\n").replace('"', "").replace(";", ",").split(",")
    ]
    unknown = [name for name in header if name not in COLUMNS]
    if "sku" not in header or unknown or len(set(header)) < len(header):
        raise _unreadable(
            path,
            "första raden ska namnge kolumnerna, varav sku måste finnas: {known}; den lyder: {first}",
            "the first row must name the columns, sku among them: {known}; it reads: {first}",
            known=", ".join(COLUMNS),
            first=first.strip()[:80],
        )
    return header, _numbered(path, reader)


def _numbered(path: Path, reader: Any) -> Iterator[tuple[int, list[str]]]:
    number = 2
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield number, cells
            number = reader.line_num + 2
    except csv.Error as error:
        raise _unreadable(
            path, "rad {n} är inte giltig CSV: {e}", "row {n} is not valid CSV: {e}", n=number, e=error
        ) from error


def _item(header: list[str], cells: list[str], settings: StockSettings) -> NewItem:
    if len(cells) != len(header):
        words = Text("{n} fält, men {m} kolumner", "{n} cells, but {m} columns")
        raise InvalidInput(words.fill(n=len(cells), m=len(header)))
    row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    status = row.get("status", "")
    return NewItem(
        sku=row["sku"],
        name=row.get("name", ""),
        balance=_balance(row.get("balance", "")),
        status=settings.meant(status).code if status else None,
    )


def _balance(text: str) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"-?[0-9]{1,10}", text):
        words = Text("saldot ”{t}” går inte: ett heltal", "the balance “{t}” will not do: a whole number")
        raise InvalidInput(words.fill(t=text[:40]))
    return int(text)


def _told(path: Path, faults: list[Text]) -> Text:
    head = Text(
        f"{path.name}: {len(faults)} rader är fel, inget är ändrat",
        f"{path.name}: {len(faults)} rows are wrong, nothing was changed",
    )
    return joined([head, *faults[:_MOST_FAULTS]], "\n")


def _unreadable(path: Path, sv: str, en: str, **values: object) -> InvalidInput:
    return InvalidInput(
        Text("{path}: {why}", "{path}: {why}").fill(path=path, why=Text(sv, en).fill(**values))
    )
