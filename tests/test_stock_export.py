"""Exports of the stock: read by other shops, safe in a spreadsheet, whole or not there, and our own way back in."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import pytest

from ashop_core.csv_cells import plain_text, safe_text
from ashop_core.testing import place_order, some_lines
from ashop_stock_control import stock
from ashop_stock_control.files.exporting import SHEETS, export_rows
from ashop_stock_control.policies import OPEN, STRICT, Policy
from tests.stock_files import export, figures, tables, told, write

FORMATS = list(SHEETS)


@pytest.fixture
def shop(make_shop):
    shop = make_shop("stock_control", toml="[plugins.stock_control.groups.lamps]\npolicy = 'strict'")
    stock.import_items(
        shop,
        [
            stock.NewItem(sku="BORD", name="Bord, ek", balance=0, low=3),
            stock.NewItem(sku="KURS", name='Kurs "ett"', status="on_order"),
            stock.NewItem(sku="LAMPA", name="Åkes lampa", balance=5, group="lamps", margin=1),
            stock.NewItem(sku="OVER", name="Översåld", balance=-2, policy=Policy(4)),
            stock.NewItem(sku="PIN", name="Låst", balance=0, status="in_stock", pinned=True, policy=OPEN),
            stock.NewItem(sku="UT", name="Utgången", balance=1, status="discontinued", policy=STRICT),
        ],
    )
    stock.count(shop, "LAMPA", 6)
    return shop


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


# ── There and back ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("reading", [stock.ReadOptions(), stock.ReadOptions(policies=True, groups=True)])
def test_importing_our_own_export_leaves_every_table_as_it_was(shop, tmp_path, clock, format, reading):
    place_order(shop, some_lines("LAMPA", quantity=2))
    before = tables(shop)
    clock.advance(hours=1)

    report = stock.import_file(shop, write(tmp_path, export(shop, format)), reading)

    assert report.file.format.code == format
    assert [what for _, _, what in told(report)] == ["unchanged"] * 6
    assert tables(shop) == before


def test_an_export_makes_the_same_items_in_an_empty_shop(shop, make_shop, tmp_path):
    other = make_shop("stock_control", folder="other")

    stock.import_file(other, write(tmp_path, export(shop)))

    assert list(stock.every_item(other)) == list(stock.every_item(shop))
    assert export(other) == export(shop)


@pytest.mark.parametrize("format", FORMATS)
def test_every_format_brings_the_balances_to_an_empty_shop(shop, make_shop, tmp_path, format):
    other = make_shop("stock_control", folder="other")

    stock.import_file(other, write(tmp_path, export(shop, format)))

    assert figures(other) == figures(shop)


def test_balances_changed_in_an_export_are_seen_by_the_rules(shop, tmp_path):
    data = export(shop).replace(b"in_stock,6,6,0", b"in_stock,0,6,0")

    first = stock.import_file(shop, write(tmp_path, data))
    after = tables(shop)
    stock.import_file(shop, write(tmp_path, data))

    assert [row.sku for row in first.rows if row.changes] == ["LAMPA"]
    assert (stock.item(shop, "LAMPA").status, stock.item(shop, "LAMPA").by_hand) == ("sold_out", False)
    assert tables(shop) == after


def test_goods_that_are_held_are_exported_as_held_and_come_in_as_the_balance(shop, make_shop, tmp_path):
    place_order(shop, some_lines("LAMPA", quantity=2))
    other = make_shop("stock_control", folder="other")

    stock.import_file(other, write(tmp_path, export(shop)))

    found = {row["sku"]: row for row in rows(export(shop))}["LAMPA"]
    assert (found["on_hand"], found["held"], found["balance"]) == ("6", "2", "4")
    assert (stock.item(other, "LAMPA").on_hand, stock.item(other, "LAMPA").held) == (4, 0)


# ── What other shops take ────────────────────────────────────────────────────────────────────────


def test_woocommerce_gets_columns_that_update_products_by_their_sku(shop):
    found = {row["SKU"]: row for row in rows(export(shop, "woocommerce"))}

    assert list(found["BORD"]) == [
        "SKU",
        "Name",
        "In stock?",
        "Stock",
        "Low stock amount",
        "Backorders allowed?",
    ]
    flags = {sku: (r["In stock?"], r["Stock"], r["Backorders allowed?"]) for sku, r in found.items()}
    assert flags == {
        "BORD": ("0", "0", "1"), "KURS": ("1", "", "1"), "LAMPA": ("1", "6", "0"), "OVER": ("0", "-2", "1"),
        "PIN": ("backorder", "0", "1"), "UT": ("0", "1", "0"),
    }  # fmt: skip
    assert found["BORD"]["Low stock amount"] == "3"


def test_shopify_gets_a_product_of_one_variant_for_each_item(shop):
    found = {row["SKU"]: row for row in rows(export(shop, "shopify"))}

    assert found["LAMPA"] == {
        "Title": "Åkes lampa", "URL handle": "lampa", "SKU": "LAMPA", "Option1 name": "Title",
        "Option1 value": "Default Title", "Inventory tracker": "shopify", "Inventory quantity": "6",
        "Continue selling when out of stock": "DENY",
    }  # fmt: skip
    assert (found["KURS"]["Inventory tracker"], found["KURS"]["Inventory quantity"]) == ("", "")


def test_skus_that_look_alike_get_handles_of_their_own(shop):
    items = [stock.StockItem(sku=sku, name="x", status="in_stock") for sku in ("A 1", "A-1", "a-1", "Ø", "ø")]

    handles = [row["Handle"] for row in rows(export(shop, "shopify-inventory", items))]

    assert handles[0] == "a-1"
    assert len(set(handles)) == 5
    assert "" not in handles


def test_shopifys_inventory_gets_what_is_on_hand_at_a_location(shop):
    place_order(shop, some_lines("LAMPA", quantity=2))
    lines = export_rows(shop, stock.every_item(shop), "shopify-inventory", "Lagret i Falun")

    found = {row["SKU"]: row for row in rows(b"".join(lines))}

    lamp, course = found["LAMPA"], found["KURS"]
    assert lamp["Location"] == "Lagret i Falun"
    assert [lamp[name] for name in list(lamp)[6:]] == ["2", "4", "6", "6"]
    assert [course[name] for name in list(course)[6:]] == ["not stocked"] * 4


# ── Spreadsheets ─────────────────────────────────────────────────────────────────────────────────

PAYLOADS = [
    "=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1+1", "＋1", '=HYPERLINK("x")', "'=1", "''=1", "-", "=", "'",
    "''", "vanlig", "'vanlig", "a=1", "", " =1", ";=1+1",
]  # fmt: skip


@pytest.mark.parametrize("text", PAYLOADS)
def test_a_guarded_cell_is_no_formula_and_comes_back_as_it_was(text):
    cell = safe_text(text)

    assert plain_text(cell) == text
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "＝", "＋"))


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("text", ["=1+1", "@x", "+46", "-x", "'=1", "＝1", "vanlig", ";=1"])
def test_sku_and_name_survive_every_format(make_shop, tmp_path, format, text):
    shop, other = make_shop("stock_control"), make_shop("stock_control", folder="other")
    stock.import_items(shop, [stock.NewItem(sku=text, name=text, balance=-3)])

    data = export(shop, format)
    stock.import_file(other, write(tmp_path, data))

    assert not any(cell.startswith(("=", "@", "+", "＝")) for row in rows(data) for cell in row.values())
    assert [(i.sku, i.name, i.balance) for i in stock.every_item(other)] == [(text, text, -3)]


# ── At the terminal ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("target", [[], ["-"]])
def test_an_export_without_a_file_is_printed(shop, ashop, target):
    assert ashop("stock", "export", *target).stdout_bytes == export(shop)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--status", "Slut"], ["BORD", "OVER"]),
        (["--text", "åke"], ["LAMPA"]),
        (["--at-most", "-1"], ["OVER"]),
    ],
)
def test_an_export_of_some_items(shop, ashop, options, expected):
    result = ashop("stock", "export", *options)

    assert [row["sku"] for row in rows(result.stdout_bytes)] == expected


@pytest.mark.parametrize(("lang", "words"), [("sv", "6 artiklar i"), ("en", "6 items in")])
def test_an_export_to_a_file_says_how_many_and_leaves_nothing_beside_it(shop, ashop, tmp_path, lang, words):
    path = tmp_path / "out" / "lager.csv"

    result = ashop("stock", "export", str(path), lang=lang)

    assert words in result.stderr
    assert path.read_bytes() == export(shop)
    assert [p.name for p in path.parent.iterdir()] == ["lager.csv"]


def test_an_export_that_breaks_off_leaves_the_old_file(shop, tmp_path):
    from ashop_stock_control.cli.files import _write

    path = write(tmp_path, "gammal")

    def lines():
        yield b"ny"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _write(path, lines())

    assert path.read_text() == "gammal"
    assert not list(tmp_path.glob(".items*"))


def test_a_file_that_cannot_be_written_is_told(shop, ashop, tmp_path):
    (tmp_path / "file").write_text("")

    result = ashop("stock", "export", str(tmp_path / "file" / "x.csv"), lang="en")

    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_an_export_reads_a_page_at_a_time(shop):
    taken = 0
    lamp = stock.item(shop, "LAMPA")

    def many():
        nonlocal taken
        for n in range(10_000):
            taken += 1
            yield replace(lamp, sku=f"S{n}")

    lines = export_rows(shop, many(), "csv")
    for _ in range(3):
        next(lines)

    assert taken == 2
