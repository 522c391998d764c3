"""`ashop demo`: the shop that it plays, through the real command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from ashop_core.cli.root import Root
from ashop_core.clock import parse_local
from ashop_core.doctor import examine_shop
from ashop_core.order_filter import OrderFilter
from ashop_core.shop import Shop
from ashop_core.storage import Reader

UNTIL = "2026-11-23 13:00"
END = parse_local(UNTIL, "Europe/Stockholm")
ORDERS = "30"


def demo(folder: Path, *args: str, lang: tuple[str, ...] = ()) -> Any:
    """Run the real command; the orders of a short play, up to a fixed time."""
    short = () if "--from" in args else ("--orders", ORDERS, "--until", UNTIL)
    runner = CliRunner(env=dict.fromkeys(("ASHOP_SHOP", "ASHOP_LANG", "LC_ALL", "LANG")))
    command = [*lang, "demo", str(folder), *short, *args]
    return runner.invoke(Root(), command, prog_name="ashop", catch_exceptions=False)


@pytest.fixture(scope="module")
def played(tmp_path_factory):
    """A shop that was played once, for all tests that only look at it, and what the demo printed."""
    folder = tmp_path_factory.mktemp("played") / "villa"
    return folder, demo(folder)


@pytest.fixture
def shop(played):
    with Shop.open(played[0], clock=lambda: END) as shop:
        yield shop


def everything(shop: Shop) -> dict[str, list[tuple[Any, ...]]]:
    """Return what a seed decides: all but the random references."""
    with shop.database.read() as reader:
        return {
            "orders": _rows(
                reader, "SELECT number, status, total, customer_name, placed_at, payment FROM orders"
            ),
            "history": _rows(reader, "SELECT order_id, seq, kind, to_status, at, actor, note FROM history"),
            "outbox": _rows(reader, "SELECT code, template, recipient, created_at, delivery FROM outbox"),
            "stock": _rows(reader, "SELECT sku, status, on_hand, held FROM stock_items"),
        }


def _rows(reader: Reader, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in reader.rows(f"{sql} ORDER BY 1, 2")]


def test_orders_come_to_stand_in_every_status(shop):
    with shop.database.read() as reader:
        found = {row["status"] for row in reader.rows("SELECT DISTINCT status FROM orders")}

    assert found == set(shop.flows.statuses)


def test_nothing_is_wrong_with_the_shop(shop):
    assert [finding for finding in examine_shop(shop) if finding.serious] == []


def test_nothing_happens_after_the_end(shop):
    with shop.database.read() as reader:
        row = reader.row("SELECT MAX(at) AS last, MIN(at) AS first FROM history")

    assert row["first"] < "2026-11-09"
    assert row["last"] <= "2026-11-23T12:00:00.000000Z"


def test_every_message_is_written_to_a_file(played, shop):
    with shop.database.read() as reader:
        messages = reader.rows("SELECT delivery, receipt FROM outbox WHERE kind = 'message'")

    assert {row["delivery"] for row in messages} == {"sent"}
    assert {row["receipt"].rpartition(".")[2] for row in messages} == {"eml", "txt"}
    assert all((played[0] / row["receipt"]).is_file() for row in messages)


def test_items_sell_out_and_an_oversold_one_is_told_to_staff_only(shop):
    with shop.database.read() as reader:
        rows = reader.rows("SELECT sku, on_hand - held AS balance FROM stock_items WHERE status = 'sold_out'")
    flips = [
        effect.after
        for row in shop.every_order()
        for entry in shop.history(shop.order(row.reference))
        for _, effect in entry.effects
        if effect.subject == "stock:LAM-KRO:status"
    ]

    assert {"sku": "LAM-KRO", "balance": -1} in [dict(row) for row in rows]
    assert flips == ["sold_out"]


def test_a_paid_order_for_the_last_one_is_placed_and_flagged(shop):
    flagged = list(shop.every_order(OrderFilter(flag="paid_short")))

    assert [shop.order(row.reference).lines[0].sku for row in flagged] == ["KAM-GJUT"]


def test_who_was_told_that_it_is_sold_out_leaves_no_number(shop):
    begun = [shop.order(row.reference) for row in shop.every_order(OrderFilter(statuses=("abandoned",)))]

    assert "LAM-KRO" in [order.lines[0].sku for order in begun]
    assert {order.number for order in begun} == {None}


def test_installations_are_booked_on_weekdays_in_working_hours(shop):
    times = [
        parse_local(order.fields["booked_time"], "UTC")
        for row in shop.every_order(OrderFilter(delivery="installation"))
        if (order := shop.order(row.reference)).fields
    ]

    assert times
    assert all(at.weekday() < 5 and 7 <= at.hour <= 15 for at in times)


def test_no_shelf_holds_less_than_nothing(shop):
    with shop.database.read() as reader:
        row = reader.row("SELECT MIN(on_hand) AS least, CAST(SUM(held) AS INTEGER) AS held FROM stock_items")

    assert row["least"] >= 0
    assert row["held"] > 0


def test_it_shows_the_shop_in_swedish_with_the_commands_that_do(played):
    output = played[1].stdout

    assert played[1].exit_code == 0
    for command in (
        "order list --limit", "order show 1000", "stock list --status sold_out", "message list", "message show", "today"
    ):  # fmt: skip
        assert f"$ ashop {command}" in output
    for words in ("Leverans bokad", "Ljuskrona Storebror", "Hej ", "Att granska", "Prova själv"):
        assert words in output
    assert f"cd {played[0]}" in output


def test_what_it_suggests_can_be_done(played, tmp_path):
    folder = tmp_path / "own"
    output = demo(folder).stdout
    suggested = [line.strip() for line in output.split("Prova själv")[1].splitlines() if " ashop " in line]

    for line in suggested:
        command = ["--shop", str(folder), *line.split()[1:]]
        result = CliRunner().invoke(Root(lambda: END), command, prog_name="ashop", catch_exceptions=False)
        assert result.exit_code == 0, line
    assert len(suggested) == 9


def test_the_same_seed_gives_the_same_shop_and_another_one_another(shop, tmp_path):
    demo(tmp_path / "again")
    demo(tmp_path / "other", "--seed", "2")

    with Shop.open(tmp_path / "again", clock=lambda: END) as again:
        assert everything(again) == everything(shop)
    with Shop.open(tmp_path / "other", clock=lambda: END) as other:
        assert everything(other)["orders"] != everything(shop)["orders"]


@pytest.mark.parametrize("where", ["before", "after"])
def test_it_speaks_english_when_asked_to(tmp_path, where):
    folder = tmp_path / "villa"
    lang = ("--lang", "en")

    result = demo(folder, *(lang if where == "after" else ()), lang=lang if where == "before" else ())

    assert "Try for yourself" in result.stdout
    assert "Delivery booked" in result.stdout
    with Shop.open(folder) as shop:
        assert shop.settings.shop.language == "en"
