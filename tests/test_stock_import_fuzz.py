"""Two thousand spoilt files of items: one clear refusal or every row accounted for, and all or nothing."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from ashop_core import AshopError, Shop
from ashop_core.testing import FixedClock, write_shop
from ashop_stock_control import health, stock
from ashop_stock_control.files.formats import CODES
from tests.stock_files import INVENTORY, SHOPIFY_NEW, SHOPIFY_OLD, WOO, table, tables, write

FILES = 2000
NASTY = [
    "", "0", "1", "-1", "1.5", "1,5", "1e3", "１２", "٣", "+5", "0x10", "\x1a", '"', '""', "'", "\r", "\n", "\r\n", ";",
    "\t", ",", "\x00", "\ufeff", "\u202e", "x" * 600, "9" * 40, "C1", "parent", "not stocked", "backorder", "=1+1", "'=1",
    "İ", "nan", "inf", "true", "up_to(3)", "strict", "A", "B", "none", "1.00", "-0", "2026-11-01", "9999-12-31T23:59:59Z",
    "0001-01-01",
]  # fmt: skip
PLAIN = [
    "sku", "name", "status", "balance", "on_hand", "held", "group", "policy", "margin", "low", "pinned", "by_hand",
    "counted_at",
]  # fmt: skip
GOOD: list[tuple[list[str], dict[str, Any]]] = [
    (PLAIN, {"sku": "A", "name": "Å", "balance": 3, "on_hand": 3, "policy": "strict", "margin": 1, "pinned": "no"}),
    (WOO, {"Type": "simple", "SKU": "B", "Name": "Öl", "In stock?": 1, "Stock": 4, "Categories": "Hem > Å"}),
    (WOO, {"Type": "variation", "SKU": "C", "Name": "C", "In stock?": 0, "Stock": "parent"}),
    (SHOPIFY_OLD, {"Handle": "d", "Title": "D", "Variant SKU": "D", "Variant Inventory Qty": 2,
                   "Variant Inventory Tracker": "shopify", "Variant Inventory Policy": "deny"}),
    (SHOPIFY_NEW, {"URL handle": "e", "Title": "E", "SKU": "E", "Inventory quantity": 2}),
    (INVENTORY, {"SKU": "F", "Location": "Lund", "Available (not editable)": 2, "On hand (current)": 3}),
]  # fmt: skip


def spoilt(dice: random.Random) -> bytes:
    """Return a file that was right until something happened to its cells, its text or its bytes."""
    headers, good = dice.choice(GOOD)
    rows = [dict(good) for _ in range(dice.randrange(1, 5))]
    for n, row in enumerate(rows):
        for name in row:
            if str(row[name]).isupper() and len(row[name]) == 1:
                row[name] = f"{row[name]}{n}"
        for _ in range(dice.randrange(3)):
            row[dice.choice(headers)] = dice.choice(NASTY)
    text = table(headers, *rows, delimiter=dice.choice(",,,;\t"))
    data = bytearray(
        text.encode(dice.choice(["utf-8", "utf-8", "utf-8", "utf-8-sig", "cp1252", "utf-16"]), "replace")
    )
    for _ in range(dice.choice([0, 0, 1, 2, 4])):
        at = dice.randrange(len(data) + 1)
        with_what = dice.choice([dice.choice(NASTY).encode(), dice.randbytes(dice.randrange(4))])
        data[at : at + dice.randrange(20)] = with_what
    return bytes(data[: dice.randrange(len(data) + 1)] if dice.random() < 0.15 else data)


def reading(dice: random.Random) -> stock.ReadOptions:
    return stock.ReadOptions(
        format=dice.choice([None, None, None, *CODES]),
        encoding=dice.choice([None, None, None, None, "utf-8", "cp1252", "utf-16", "utf-7"]),
        policies=dice.random() < 0.3,
        groups=dice.random() < 0.3,
        ignore_unknown=dice.random() < 0.5,
        location=dice.choice([None, None, None, "lund"]),
    )


@pytest.mark.parametrize("seed", range(4))
def test_no_file_whatever_is_half_taken(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    home = write_shop(tmp_path / "shop", "stock_control")
    seen: Counter[str] = Counter()

    with Shop.open(home, clock=FixedClock(), synchronous="OFF") as shop:
        before = tables(shop)
        for _ in range(FILES // 4):
            path = write(tmp_path, spoilt(dice))
            options, mode = reading(dice), dice.choice(list(stock.Mode))
            how = stock.ImportOptions(mode=mode, skip_bad=dice.random() < 0.3, dry_run=dice.random() < 0.2)
            try:
                report = stock.import_file(shop, path, options, how)
            except AshopError:
                seen["refused"] += 1
                assert tables(shop) == before
                continue
            after = tables(shop)
            kept = report.refused or how.dry_run
            assert kept <= (after == before)
            assert report.refused == (report.file.broken_off or (bool(report.file.bad) and not how.skip_bad))
            assert all(row.why is not None for row in report.rows if row.what.value in ("bad", "skipped"))
            if not kept:
                again = stock.import_file(shop, path, options, how)
                assert tables(shop) == after
                assert {row.what.value for row in again.rows} <= {"unchanged", "bad", "skipped"}
            seen["imported" if not kept else "kept"] += 1
            before = after
        assert health.problems(shop) == []

    assert min(seen["refused"], seen["imported"], seen["kept"]) > 20
