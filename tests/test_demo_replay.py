"""`ashop demo --from`: a file of orders, played at its own times."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ashop_core.cli.root import Root
from ashop_core.doctor import examine_shop
from ashop_core.shop import Shop
from ashop_demo.replay import run
from ashop_demo.replay.in_time import by_time
from ashop_demo.replay.survey import Source, survey
from ashop_order_import.reading import ReadOptions

HEADERS = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
ROWS = [
    *(f"{n},A1,TEAPOT,2,2011-01-{n - 500:02d} 10:{n % 60:02d}:00,4.95,13047.0,United Kingdom" for n in range(501, 521)),
    "521,B2,TRAY,1,2011-01-21 09:00:00,2.50,,United Kingdom",
    "C522,A1,TEAPOT,-2,2011-01-21 10:00:00,4.95,13047.0,United Kingdom",
    "523,B2,TRAY,0,2011-01-21 11:00:00,2.50,13047.0,United Kingdom",
]  # fmt: skip
LANG_EN = ("--lang", "en")


def write(path: Path, rows: Iterable[str] = ROWS) -> Path:
    path.write_text("\n".join([HEADERS, *rows, ""]), encoding="utf-8")
    return path


def replay(folder: Path, file: Path, *args: str) -> Result:
    """Run the real command in English."""
    command = [*LANG_EN, "demo", str(folder), "--from", str(file), "--currency", "GBP", *args]
    if "--timezone" not in args:
        command += ["--timezone", "Europe/London"]
    return CliRunner().invoke(Root(), command, prog_name="ashop", catch_exceptions=False)


@pytest.fixture
def file(tmp_path):
    return write(tmp_path / "orders.csv")


def placed(folder: Path) -> list[tuple[str, int]]:
    """Return when each order was placed and what it came to, oldest first."""
    with Shop.open(folder) as shop:
        return [(row.listed_at.isoformat(), row.total) for row in shop.every_order()][::-1]


def figures(result: Result) -> dict[str, str]:
    """Return the figures of the report by their labels."""
    report = result.stdout.split("── ")[0]
    pairs = [line.strip().split("  ", 1) for line in report.splitlines() if line.startswith("  ")]
    return {label: value.strip() for label, value in pairs}


def test_each_order_is_placed_at_its_own_time_or_refused(tmp_path, file):
    result = replay(tmp_path / "shop", file)

    found = figures(result)
    assert result.exit_code == 0
    assert int(found["Orders"]) == 21 == int(found["Orders placed"]) + int(found["Refused: sold out"])
    times = [at for at, _ in placed(tmp_path / "shop")]
    assert times[0] == "2011-01-01T10:21:00+00:00"
    assert times == sorted(times)
    assert len(times) == int(found["Orders placed"])


def test_rows_that_are_no_orders_are_counted_with_their_reasons(tmp_path, file):
    result = replay(tmp_path / "shop", file)

    assert figures(result)["Rows"] == "23"
    assert figures(result)["of which in orders"] == "21"
    assert "1: credit note" in result.stdout
    assert "1: the quantity 0" in result.stdout


def test_what_was_placed_is_sent_and_the_books_are_right(tmp_path, file):
    replay(tmp_path / "shop", file)

    with Shop.open(tmp_path / "shop") as shop:
        assert {row.status for row in shop.every_order()} == {"shipped"}
        assert [finding for finding in examine_shop(shop) if finding.serious] == []


def test_what_is_sold_out_is_refused_and_comes_in_again(tmp_path, file):
    """Some seed of a few gives so little that the item runs out and the weekly lorry brings more."""
    for seed in "12345":
        found = figures(replay(tmp_path / seed, file, "--seed", seed))
        if found["Refused: sold out"] != "0" and found["Receipts of goods"] != "0":
            break

    assert int(found["Refused: sold out"]) < 21
    assert found["Receipts of goods"] != "0"
    times = [at for at, _ in placed(tmp_path / seed)]
    assert times[-1] >= "2011-01-20"


def test_the_same_seed_plays_the_same(tmp_path, file):
    for name in ("one", "two"):
        replay(tmp_path / name, file, "--seed", "3")

    assert placed(tmp_path / "one") == placed(tmp_path / "two")


def test_a_file_in_any_order_is_played_in_the_order_of_time(tmp_path, file):
    backwards = write(tmp_path / "backwards.csv", reversed(ROWS))

    replay(tmp_path / "one", file)
    replay(tmp_path / "two", backwards)

    assert placed(tmp_path / "one") == placed(tmp_path / "two")


def test_only_some_of_a_file_can_be_played(tmp_path, file):
    assert figures(replay(tmp_path / "shop", file, "--orders", "5"))["Orders"] == "5"


@pytest.mark.parametrize(("args", "mails"), [((), 0), (("--messages",), 2)])
def test_customers_without_address_are_written_to_only_if_asked(tmp_path, args, mails):
    file = write(tmp_path / "one.csv", ROWS[-3:-2])

    replay(tmp_path / "shop", file, *args)

    outbox = tmp_path / "shop" / "outbox"
    assert len(list(outbox.iterdir()) if outbox.exists() else []) == mails


@pytest.mark.parametrize(
    ("rows", "args", "words"),
    [
        (ROWS[-2:], (), "no orders to play"),
        (ROWS, ("--currency", "XYZ"), "is not a currency"),
        (ROWS, ("--timezone", "Mars/Olympus"), "is not a time zone"),
        (["not a table"], (), "no orders to play"),
    ],
)
def test_what_cannot_be_played_leaves_an_earlier_demo_alone(tmp_path, file, rows, args, words):
    replay(tmp_path / "shop", file, "--orders", "1")
    before = placed(tmp_path / "shop")

    result = replay(tmp_path / "shop", write(tmp_path / "bad.csv", rows), *args)

    assert result.exit_code == 1
    assert words in result.stderr
    assert placed(tmp_path / "shop") == before


def test_a_file_that_is_no_table_is_refused(tmp_path):
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")

    assert replay(tmp_path / "shop", tmp_path / "picture.png").exit_code == 1
    assert not (tmp_path / "shop").exists()


def test_the_queue_of_orders_under_way_has_an_end(tmp_path, file, monkeypatch):
    monkeypatch.setattr(run, "MOST_AT_ONCE", 3)

    found = figures(replay(tmp_path / "shop", file))

    with Shop.open(tmp_path / "shop") as shop:
        assert {row.status for row in shop.every_order()} == {"shipped"}
    assert found["Orders"] == "21"


def test_runs_on_disk_are_merged_by_time(tmp_path, monkeypatch):
    monkeypatch.setattr("ashop_demo.replay.in_time.RUN", 4)
    source = Source(write(tmp_path / "backwards.csv", reversed(ROWS)), ReadOptions(currency="GBP"))

    times = [order.at for order in by_time(source.orders())]

    assert times == sorted(times)
    assert len(times) == survey(source, lambda n: None).orders
    assert not survey(source, lambda n: None).in_order
