"""`ashop order import`: what it prints, to whom, and with which exit code."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ashop_core import Shop
from ashop_core.cli.root import Root
from ashop_core.testing import FixedClock, MakeShop
from ashop_order_import.report import BREAKS, REASONS, REMARKS
from tests.import_samples import retail, retail_row, shopify, shopify_order, write

README = Path(__file__).parent.parent / "plugins" / "order_import" / "README.md"
GOOD = retail(retail_row("1"), retail_row("2"))
MIXED = retail(retail_row("1"), retail_row("C2", quantity="-1"), retail_row("3", name="=1+1", quantity="x"))


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return make_shop("order_import")


def run(shop: Shop, clock: FixedClock, *args: str | Path, lang: str = "en") -> Result:
    words = ["--shop", str(shop.settings.folder), "--lang", lang, "order", "import", *map(str, args)]
    return CliRunner().invoke(Root(clock), words, catch_exceptions=False)


def test_the_format_and_every_count_is_said(shop: Shop, clock: FixedClock, tmp_path: Path) -> None:
    result = run(shop, clock, write(tmp_path, MIXED), "--currency", "gbp", "--timezone", "Europe/London")

    assert result.exit_code == 0
    assert "orders.csv: Online Retail (utf-8, commas)" in result.stdout
    for words in (r"rows read +3", r"imported +1 in 1 orders", r"already here +0 in 0 orders", r"refused +2"):
        assert re.search(words, result.stdout)
    assert re.search(r"credit note: a return is not an order +1\b", result.stdout)
    assert re.search(r"3 +C2 +credit note", result.stdout)
    assert "taken as GBP and times as Europe/London" in result.stderr


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_a_second_run_says_that_all_is_here(shop: Shop, clock: FixedClock, tmp_path: Path, lang: str) -> None:
    run(shop, clock, write(tmp_path, GOOD))

    result = run(shop, clock, tmp_path / "orders.csv", lang=lang)

    assert result.exit_code == 0
    assert re.search(
        {"sv": r"fanns redan +2 i 2 ordrar", "en": r"already here +2 in 2 orders"}[lang], result.stdout
    )


def test_json_is_all_there_is_on_standard_output(shop: Shop, clock: FixedClock, tmp_path: Path) -> None:
    result = run(shop, clock, write(tmp_path, MIXED), "--json")

    report = json.loads(result.stdout)
    assert report["rows"] == {"read": 3, "imported": 1, "already_here": 0, "refused": 2}
    assert report["orders"] == {"imported": 1, "already_here": 0}
    assert (report["format"], report["encoding"], report["delimiter"]) == ("online_retail", "utf-8", ",")
    assert report["reasons"] == {"credit_note": 1, "bad_quantity": 1}
    assert [row["row"] for row in report["first_refused"]] == [3, 4]


def test_all_refused_rows_go_to_a_file(shop: Shop, clock: FixedClock, tmp_path: Path) -> None:
    rows = [retail_row(f"=cmd|{n}", quantity="x") for n in range(30)]

    result = run(shop, clock, write(tmp_path, retail(*rows)), "--report", tmp_path / "refused.csv")

    with (tmp_path / "refused.csv").open(newline="", encoding="utf-8") as file:
        found = list(csv.DictReader(file))
    assert [row["row"] for row in found] == [str(n) for n in range(2, 32)]
    assert {(row["code"], row["order"][:2]) for row in found} == {("bad_quantity", "'=")}
    assert "refused.csv" in result.stderr
    assert result.stdout.count("not a whole number that can be ordered") == 1


def test_statuses_without_a_counterpart_come_with_what_to_type(
    shop: Shop, clock: FixedClock, tmp_path: Path
) -> None:
    path = write(tmp_path, shopify(shopify_order(), shopify_order(Name="#2", Financial_Status="expired")))

    result = run(shop, clock, path)
    assert '1 orders: --status "expired=code"' in result.stdout

    mapped = run(shop, clock, path, "--status", "expired=cancelled")
    assert re.search(r"imported +1 in 1 orders", mapped.stdout)


def test_names_that_got_the_default_are_listed(shop: Shop, clock: FixedClock, tmp_path: Path) -> None:
    result = run(shop, clock, write(tmp_path, shopify(shopify_order(Total="1.00"))))

    assert "Standard (1)" in result.stdout
    assert "the total is another in the file" in result.stdout
    assert "[plugins.order_import.delivery]" in result.stderr


@pytest.mark.parametrize(
    ("content", "args", "code", "words"),
    [
        (MIXED, (), 0, ""),
        (GOOD, ("--strict",), 0, ""),
        (MIXED, ("--dry-run",), 0, "Nothing was changed"),
        (MIXED, ("--strict",), 1, "Nothing was imported"),
        (retail(retail_row("C1")), (), 1, ""),
        (GOOD + '3,"A', (), 1, "could not be read to its end"),
        (GOOD + "3,A", (), 1, "could not be read to its end"),
        (retail(), (), 0, ""),
        (b"\x00\x01", (), 1, "not text"),
        (GOOD, ("--format", "excel"), 2, "excel"),
        (GOOD, ("--map", "quantity"), 2, "NAME=VALUE"),
        (GOOD, ("--status", "a="), 2, "NAME=VALUE"),
        (GOOD, ("--status", "a=b"), 1, "There is no status b"),
        (GOOD, ("--currency", "KRONOR"), 1, "KRONOR"),
        (GOOD, ("--timezone", "Mars"), 2, "Mars"),
        (GOOD, ("--encoding", "klingon"), 1, "klingon"),
        (GOOD, ("--date-format", "%Q"), 2, "%Q"),
        (GOOD, ("--report", "/nowhere/at/all.csv"), 1, "cannot be written"),
    ],
    ids=lambda value: repr(value)[-30:],
)
def test_exit_code_and_one_clear_message(
    shop: Shop,
    clock: FixedClock,
    tmp_path: Path,
    content: str | bytes,
    args: tuple[str, ...],
    code: int,
    words: str,
) -> None:
    result = run(shop, clock, write(tmp_path, content), *args)

    assert result.exit_code == code
    assert words in result.stderr


def test_a_file_that_does_not_exist(shop: Shop, clock: FixedClock, tmp_path: Path) -> None:
    result = run(shop, clock, tmp_path / "nope.csv")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "there is no such file" in result.stderr


def test_a_cp1252_file_is_read_and_said_to_be(shop: Shop, clock: FixedClock, tmp_path: Path) -> None:
    result = run(shop, clock, write(tmp_path, retail(retail_row(name="Hjärta")).encode("cp1252")))

    [row] = list(shop.every_order())
    assert shop.order(row.reference).lines[0].name == "Hjärta"
    assert "Windows-1252" in result.stderr


def test_own_columns(shop: Shop, clock: FixedClock, tmp_path: Path) -> None:
    content = "Ordernr;Artikel;Antal;Datum;Pris\n7;A;2;02/01/2026 9:15;1,50\n"
    maps = ("Ordernr=order", "Artikel=sku", "Antal=quantity", "Datum=at", "Pris=price")
    args = [word for pair in maps for word in ("--map", pair)]

    result = run(
        shop, clock, write(tmp_path, content), *args, "--date-format", "%d/%m/%Y %H:%M", "--source", "gamla"
    )

    assert result.exit_code == 0
    [row] = list(shop.every_order())
    assert (row.total, row.listed_at.isoformat()) == (300, "2026-01-02T08:15:00+00:00")
    assert shop.order(row.reference).source == "gamla"


@pytest.mark.parametrize(
    ("lang", "words"), [("sv", "Samma fil kan läsas in igen"), ("en", "The same file can be imported")]
)
def test_help_explains(shop: Shop, clock: FixedClock, lang: str, words: str) -> None:
    result = run(shop, clock, "--help", lang=lang)

    assert result.exit_code == 0
    assert words in " ".join(result.stdout.split())
    assert "--dry-run" in result.stdout


def test_the_readme_names_every_reason_and_remark() -> None:
    text = README.read_text(encoding="utf-8")

    assert [code for code in (*REASONS, *REMARKS) if f"`{code}`" not in text] == []
    assert set(BREAKS) <= set(REASONS)
