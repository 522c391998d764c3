"""What people write to the stock: goods received once, counted, adjusted, listed, and read back as history."""

import pytest

from ashop_core.errors import ConstraintError, InvalidInput, NotFound
from ashop_core.testing import place_order, some_lines
from ashop_stock_control import health, stock


@pytest.fixture
def shop(make_shop):
    shop = make_shop("stock_control")
    stock.add_item(shop, "LAMPA", "Lampa", balance=5)
    return shop


def figures(shop, sku="LAMPA"):
    item = stock.item(shop, sku)
    return item.on_hand, item.held, item.balance


# ── Adding ───────────────────────────────────────────────────────────────────────────────────────


def test_an_added_item_has_its_balance_in_the_ledger(shop):
    [first] = stock.history(shop, "LAMPA").rows

    assert (first.kind, first.d_on_hand, first.balance) == (stock.Kind.ADJUST, 5, 5)
    assert health.problems(shop) == []


def test_an_item_without_a_balance_is_not_tracked(shop):
    stock.add_item(shop, "KURS", "Kurs")

    assert stock.item(shop, "KURS").balance is None


@pytest.mark.parametrize(
    ("balance", "status", "expected"),
    [(0, None, "sold_out"), (1, None, "in_stock"), (-3, None, "sold_out"), (0, "on_order", "on_order")],
)
def test_a_new_item_gets_the_status_that_its_balance_calls_for(shop, balance, status, expected):
    stock.add_item(shop, "BORD", balance=balance, status=status)

    assert stock.item(shop, "BORD").status == expected
    assert figures(shop, "BORD") == (balance, 0, balance)


def test_an_item_is_added_once(shop):
    with pytest.raises(InvalidInput, match="LAMPA exists already"):
        stock.add_item(shop, " LAMPA ")


@pytest.mark.parametrize("sku", ["", "  ", "A\nB", "A\0B", "x" * 101, "\ud800"])
def test_a_sku_that_cannot_be_written_is_refused(shop, sku):
    with pytest.raises(InvalidInput, match="will not do" if sku.strip() else "the SKU is missing"):
        stock.add_item(shop, sku)


def test_an_unknown_status_names_those_there_are(shop):
    with pytest.raises(NotFound, match=r"there is no stock status slutt\. Choose from: in_stock"):
        stock.add_item(shop, "BORD", status="slutt")


# ── Receiving, adjusting, counting ───────────────────────────────────────────────────────────────


def test_received_goods_are_on_hand(shop):
    outcome = stock.receive(shop, "LAMPA", 7, "åsa", "följesedel 12")

    latest = stock.history(shop, "LAMPA").rows[0]
    assert figures(shop) == (12, 0, 12)
    assert (latest.kind.value, latest.actor, latest.note, latest.balance) == (
        "receive",
        "åsa",
        "följesedel 12",
        12,
    )
    assert outcome.effects[0].text.sv == "Lagersaldo LAMPA: 5 → 12"


def test_a_key_is_received_once(shop):
    stock.receive(shop, "LAMPA", 7, key="12")

    again = stock.receive(shop, "LAMPA", 7, key="12")

    assert again.effects == ()
    assert figures(shop) == (12, 0, 12)


def test_a_key_stands_for_the_same_goods(shop):
    stock.receive(shop, "LAMPA", 7, key="12")

    with pytest.raises(InvalidInput, match="The key 12 was used for 7 pcs of LAMPA"):
        stock.receive(shop, "LAMPA", 8, key="12")


def test_a_delivery_note_has_several_items(shop):
    stock.add_item(shop, "STOL", balance=0)

    for sku in ("LAMPA", "STOL", "LAMPA", "STOL"):
        stock.receive(shop, sku, 7, key="12")

    assert (figures(shop)[2], stock.item(shop, "STOL").balance) == (12, 7)


def test_the_history_names_whoever_works_at_the_desk(shop):
    shop.staff = "kerstin"

    stock.adjust(shop, "LAMPA", -1)
    stock.adjust(shop, "LAMPA", -1, "maria")

    assert [m.actor for m in stock.history(shop, "LAMPA").rows[:2]] == ["maria", "kerstin"]


def test_the_ledger_takes_a_cause_once(shop):
    """Whatever the code above it does: the table itself refuses the second row."""
    order = place_order(shop)
    with shop.database.read() as reader:
        row = dict(reader.row("SELECT * FROM stock_movements WHERE order_id = :id", {"id": order.id}))
    del row["id"]

    with pytest.raises(ConstraintError), shop.database.write() as tx:
        tx.insert("stock_movements", row)


@pytest.mark.parametrize("sql", ["UPDATE stock_movements SET d_on_hand = 1", "DELETE FROM stock_movements"])
def test_the_ledger_is_append_only(shop, sql):
    with pytest.raises(ConstraintError), shop.database.write() as tx:
        tx.execute(sql)


@pytest.mark.parametrize("quantity", [0, -1, 1_000_001, 2**63, 10**100, 1.5, 1.0, "1", True, None])
def test_only_whole_pieces_within_bounds_are_received(shop, quantity):
    with pytest.raises(InvalidInput, match="the quantity"):
        stock.receive(shop, "LAMPA", quantity)

    assert figures(shop) == (5, 0, 5)


def test_an_adjustment_corrects_what_is_on_hand(shop):
    stock.adjust(shop, "LAMPA", -5, note="krossade")

    assert figures(shop) == (0, 0, 0)
    assert stock.item(shop, "LAMPA").status == "sold_out"


def test_an_adjustment_by_nothing_is_refused(shop):
    with pytest.raises(InvalidInput, match="0 adjusts nothing"):
        stock.adjust(shop, "LAMPA", 0)


def test_what_nobody_counts_cannot_be_adjusted(shop):
    stock.add_item(shop, "KURS")

    with pytest.raises(InvalidInput, match="ashop stock count KURS"):
        stock.adjust(shop, "KURS", 1)


def test_a_count_is_of_the_shelf_with_what_is_held(shop):
    place_order(shop, some_lines("LAMPA", quantity=2))

    stock.count(shop, "LAMPA", 4)

    assert figures(shop) == (4, 2, 2)
    assert stock.history(shop, "LAMPA").rows[0].kind is stock.Kind.COUNT


def test_a_count_that_agrees_is_recorded(shop):
    stock.count(shop, "LAMPA", 5)

    assert [m.d_on_hand for m in stock.history(shop, "LAMPA").rows] == [0, 5]


def test_counting_begins_for_an_untracked_item(shop):
    stock.add_item(shop, "KURS")

    stock.count(shop, "KURS", 0)

    assert (stock.item(shop, "KURS").balance, stock.item(shop, "KURS").status) == (0, "sold_out")


def test_a_status_set_by_hand_is_in_the_history(shop):
    outcome = stock.set_status(shop, "LAMPA", "discontinued", "åsa", "slutar i vår")
    again = stock.set_status(shop, "LAMPA", "discontinued")

    latest = stock.history(shop, "LAMPA").rows[0]
    assert outcome.effects[0].text.sv == "Lampa: Lagervara → Utgått (för hand)"
    assert again.effects == ()
    assert (latest.kind.value, latest.status_before, latest.status_after) == (
        "status",
        "in_stock",
        "discontinued",
    )


@pytest.mark.parametrize(
    "write",
    [
        lambda shop: stock.receive(shop, "LAMPA", 1, dry_run=True),
        lambda shop: stock.adjust(shop, "LAMPA", -5, dry_run=True),
        lambda shop: stock.count(shop, "LAMPA", 0, dry_run=True),
        lambda shop: stock.set_status(shop, "LAMPA", "sold_out", dry_run=True),
        lambda shop: stock.import_items(shop, [stock.NewItem(sku="LAMPA", balance=9)], dry_run=True),
    ],
)
def test_a_dry_run_tells_and_keeps_nothing(shop, write):
    before = stock.item(shop, "LAMPA"), stock.history(shop, "LAMPA")

    outcome = write(shop)

    assert getattr(outcome, "effects", None) or outcome.changed == 1
    assert (stock.item(shop, "LAMPA"), stock.history(shop, "LAMPA")) == before


@pytest.mark.parametrize("write", [stock.receive, stock.adjust, stock.count])
def test_an_unknown_item_is_not_found(shop, write):
    with pytest.raises(NotFound, match=r"There is no item lampa in the stock\. Did you mean LAMPA\?"):
        write(shop, "lampa", 1)


def test_a_note_has_a_length(shop):
    with pytest.raises(InvalidInput, match="too long"):
        stock.receive(shop, "LAMPA", 1, note="x" * 2001)


# ── Listing ──────────────────────────────────────────────────────────────────────────────────────


def test_items_are_listed_a_page_at_a_time(shop):
    stock.import_items(shop, [stock.NewItem(sku=f"A{n:03}", balance=n) for n in range(25)])

    first = stock.items(shop, limit=10)
    second = stock.items(shop, cursor=first.next, limit=10)
    last = stock.items(shop, cursor=second.next, limit=10)

    listed = [i.sku for page in (first, second, last) for i in page.rows]
    assert listed == sorted(listed)
    assert (len(listed), last.next) == (26, None)
    assert [i.sku for i in stock.every_item(shop)] == listed


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"status": "sold_out"}, ["ÖGLA"]),
        ({"text": "ögla"}, ["ÖGLA"]),
        ({"text": "BLÅ"}, ["ÖGLA"]),
        ({"text": "%"}, []),
        ({"at_most": 0}, ["ÖGLA"]),
        ({"at_most": 5}, ["LAMPA", "ÖGLA"]),
        ({"text": "a", "status": "in_stock"}, ["KURS", "LAMPA"]),
    ],
)
def test_items_are_found(shop, wanted, expected):
    stock.add_item(shop, "ÖGLA", "Ögla, blå", balance=0)
    stock.add_item(shop, "KURS", "En vardag")

    page = stock.items(shop, stock.ItemFilter(**wanted))

    assert [i.sku for i in page.rows] == expected


@pytest.mark.parametrize("limit", [0, 501])
def test_a_page_has_a_size(shop, limit):
    with pytest.raises(InvalidInput):
        stock.items(shop, limit=limit)
    with pytest.raises(InvalidInput):
        stock.history(shop, "LAMPA", limit=limit)


def test_history_runs_backwards_with_the_balance_after_each(shop):
    for quantity in (1, 2, 3):
        stock.receive(shop, "LAMPA", quantity)
    place_order(shop, some_lines("LAMPA", quantity=4))

    first = stock.history(shop, "LAMPA", limit=2)
    rest = stock.history(shop, "LAMPA", limit=9, cursor=first.next)

    assert [m.balance for m in first.rows + rest.rows] == [7, 11, 8, 6, 5]
    assert rest.next is None
    assert tuple(stock.every_movement(shop, "LAMPA")) == first.rows + rest.rows


def test_a_history_cursor_is_checked(shop):
    with pytest.raises(InvalidInput, match="not a page cursor"):
        stock.history(shop, "LAMPA", cursor="abc")


# ── Many at once ─────────────────────────────────────────────────────────────────────────────────


def test_an_import_adds_and_changes_and_a_repetition_does_nothing(shop):
    place_order(shop, some_lines("LAMPA", quantity=2))
    wanted = [
        stock.NewItem(sku="LAMPA", name="Taklampa", balance=10),
        stock.NewItem(sku="BORD", name="Bord", balance=0),
        stock.NewItem(sku="KURS", name="Kurs", status="on_order"),
    ]

    first = stock.import_items(shop, wanted)
    second = stock.import_items(shop, wanted)

    assert (first.created, first.changed, first.unchanged) == (2, 1, 0)
    assert (second.created, second.changed, second.unchanged) == (0, 0, 3)
    assert figures(shop) == (12, 2, 10)
    assert stock.item(shop, "LAMPA").name == "Taklampa"
    assert [stock.item(shop, s).status for s in ("BORD", "KURS")] == ["sold_out", "on_order"]
    assert health.problems(shop) == []


def test_an_import_with_one_bad_item_changes_nothing(shop):
    wanted = [
        stock.NewItem(sku="BORD", balance=1),
        stock.NewItem(sku="LAMPA", status="bra"),
        stock.NewItem(sku=""),
    ]

    with pytest.raises(InvalidInput) as refused:
        stock.import_items(shop, wanted)

    assert "item 2: there is no stock status bra" in str(refused.value)
    assert "item 3: the SKU" in str(refused.value)
    assert [i.sku for i in stock.every_item(shop)] == ["LAMPA"]


def test_an_import_names_doubles(shop):
    with pytest.raises(InvalidInput, match="item 2: A is there twice"):
        stock.import_items(shop, [stock.NewItem(sku="A"), stock.NewItem(sku=" A ")])


def test_a_large_import_goes_in_several_transactions(shop):
    told: list[int] = []

    report = stock.import_items(
        shop, (stock.NewItem(sku=f"A{n}", balance=1) for n in range(1200)), progress=told.append
    )

    assert (report.created, told) == (1200, [500, 500, 200])
    assert health.problems(shop) == []


def test_a_first_balance_counts_what_orders_hold(shop):
    place_order(shop, some_lines("NYHET", quantity=4))

    stock.import_items(shop, [stock.NewItem(sku="NYHET", balance=6)])

    assert figures(shop, "NYHET") == (10, 4, 6)
    assert health.problems(shop) == []
