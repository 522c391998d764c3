"""Orders taken into a real shop: once, in their status, at their time, moving and sending nothing unasked."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ashop_core import InvalidInput, Shop
from ashop_core.doctor import examine_shop
from ashop_core.models import Kind, Order, PaymentStatus
from ashop_core.testing import FixedClock, MakeShop
from ashop_order_import import importing
from ashop_order_import.found import Grouped, ReadOptions, RefusedRow
from ashop_order_import.importing import ImportOptions, import_file
from tests.import_samples import retail, retail_row, run, shopify, shopify_line, shopify_order, write

RETAIL = retail(
    retail_row("1", sku="A"),
    retail_row("1", sku="B"),
    retail_row("C2", quantity="-1"),
    retail_row("3", sku="POST", price="2.00", quantity="1"),
    retail_row("3", sku="A"),
    retail_row("3", quantity="-1"),
)

VETO = """
from ashop_core import Problem, Text, hookimpl

@hookimpl
def ashop_validate_change(order):
    if any(line.sku == "FORBIDDEN" for line in order.lines):
        return [Problem("forbidden", Text("säljs inte här", "not sold here"))]
"""


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return make_shop("order_import")


def orders(shop: Shop) -> list[Order]:
    """Return every order of the shop, the first imported first."""
    found = [shop.order(row.reference) for row in shop.every_order()]
    return sorted(found, key=lambda order: order.id)


def dump(shop: Shop) -> list[list[tuple[object, ...]]]:
    """Return every row of the tables that an import could touch."""
    with shop.database.read() as reader:
        tables = ("orders", "order_lines", "history", "outbox", "payments", "parcels", "number_series")
        known = [row["name"] for row in reader.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return [
            [tuple(row) for row in reader.rows(f"SELECT * FROM {t}")]
            for t in known
            if t in tables or "number" in t
        ]


# ── What an order is when it is here ─────────────────────────────────────────────────────────────


def test_each_order_comes_in_its_status_at_its_time_with_one_history_row(shop: Shop, tmp_path: Path) -> None:
    report = run(shop, write(tmp_path, RETAIL))

    first, second = orders(shop)
    assert (report.rows_read, report.imported.rows, report.imported.orders, report.refused) == (6, 4, 2, 2)
    assert (first.status, first.placed_at) == ("delivered", datetime(2010, 12, 1, 7, 34, tzinfo=UTC))
    assert (first.source, first.external_id, first.number) == ("online_retail", "1", 100001)
    assert (first.payment, first.paid, first.total) == (PaymentStatus.PAID, 2970, 2970)
    assert (second.shipping_price, second.total) == (200, 1685)
    [entry] = shop.history(first)
    assert (entry.kind, entry.at, entry.actor) == (Kind.IMPORTED, first.placed_at, "import")
    assert first.customer.country == "United Kingdom"


def test_nothing_is_sent_and_nothing_moved_unless_asked(make_shop: MakeShop, tmp_path: Path) -> None:
    shop = make_shop("order_import", "email", "sms", "stock_control")
    run(shop, write(tmp_path, shopify(shopify_order(Phone="0701740605"))))

    [order] = orders(shop)
    assert shop.messages(order) == []
    assert shop.deliver() == []
    assert order.moves_stock is False
    assert shop.history(order)[0].moves == ()
    assert [f for f in examine_shop(shop) if f.serious] == []


def test_messages_go_out_when_asked_for(make_shop: MakeShop, tmp_path: Path) -> None:
    shop = make_shop("order_import", "email")
    run(shop, write(tmp_path, shopify(shopify_order())), ImportOptions(notify=True))

    assert [m.recipient for m in shop.messages(orders(shop)[0])] == ["asa@example.se"]


@pytest.mark.parametrize(
    ("content", "place"), [(shopify(shopify_order()), "held"), (retail(retail_row()), "gone")]
)
def test_stock_moves_when_asked_for(make_shop: MakeShop, tmp_path: Path, content: str, place: str) -> None:
    shop = make_shop("order_import", "stock_control")
    run(shop, write(tmp_path, content), ImportOptions(move_stock=True))

    [order] = orders(shop)
    assert [move.target.value for move in shop.history(order)[0].moves] == [place]
    assert order.flags == ("untracked",)
    assert [f for f in examine_shop(shop) if f.serious] == []


def test_an_imported_order_goes_on_like_any_other(shop: Shop, tmp_path: Path) -> None:
    run(shop, write(tmp_path, shopify(shopify_order())))
    [order] = orders(shop)

    shop.approve(order)
    shop.change_status(order, "reviewed")

    assert shop.change_status(order, "shipped").order.status == "shipped"


# ── Once ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "content", [RETAIL, shopify(shopify_order(), shopify_order(Name="#2"))], ids=["retail", "shopify"]
)
def test_a_second_run_changes_nothing(shop: Shop, clock: FixedClock, tmp_path: Path, content: str) -> None:
    path = write(tmp_path, content)
    first = run(shop, path)
    before = dump(shop)
    clock.advance(days=3)

    second = run(shop, path)

    assert dump(shop) == before
    assert (second.imported.orders, second.imported.rows) == (0, 0)
    assert (second.here.orders, second.here.rows) == (first.imported.orders, first.imported.rows)
    assert second.refused == first.refused
    assert not second.failed


def test_a_file_that_grew_brings_its_new_orders(shop: Shop, tmp_path: Path) -> None:
    run(shop, write(tmp_path, RETAIL))

    report = run(shop, write(tmp_path, RETAIL + retail_row("4") + "\n"))

    assert (report.imported.orders, report.here.orders) == (1, 2)


def test_the_same_number_of_two_sources_is_two_orders(shop: Shop, tmp_path: Path) -> None:
    path = write(tmp_path, retail(retail_row()))

    for source in ("leeds", "york", "leeds"):
        run(shop, path, source=source)

    assert [order.source for order in orders(shop)] == ["leeds", "york"]


def test_an_import_cut_short_is_finished_by_the_next(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, retail(*(retail_row(str(n)) for n in range(10))))
    take, taken = importing._Import._take, 0

    def pull_the_plug(self: importing._Import, order: Grouped) -> list[RefusedRow]:
        nonlocal taken
        taken += 1
        if taken == 5:
            raise KeyboardInterrupt
        return take(self, order)

    monkeypatch.setattr(importing._Import, "_take", pull_the_plug)
    with pytest.raises(KeyboardInterrupt):
        run(shop, path)
    report = run(shop, path)

    assert (report.here.orders, report.imported.orders) == (4, 6)
    assert len(orders(shop)) == 10


# ── Statuses and methods ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changed", "status"),
    [
        ({"Fulfillment_Status": "fulfilled"}, "shipped"),
        ({}, "received"),
        ({"Fulfillment_Status": "partial"}, "received"),
        ({"Financial_Status": "pending"}, "received"),
        ({"Financial_Status": "refunded"}, "returned"),
        ({"Financial_Status": "voided"}, "cancelled"),
        ({"Cancelled_at": "2026-08-13 09:00:00 +0200"}, "cancelled"),
    ],
)
def test_shopifys_statuses_have_counterparts(
    shop: Shop, tmp_path: Path, changed: dict[str, str], status: str
) -> None:
    run(shop, write(tmp_path, shopify(shopify_order(**changed))))

    assert [order.status for order in orders(shop)] == [status]


def test_a_status_without_a_counterpart_is_listed_and_its_orders_refused(shop: Shop, tmp_path: Path) -> None:
    rows = (shopify_order(Financial_Status="expired"), shopify_line(), shopify_order(Name="#2"))
    path = write(tmp_path, shopify(*rows))

    report = run(shop, path)
    assert (report.unmapped, report.reasons, report.imported.orders) == (
        {"expired": 1},
        {"unmapped_status": 2},
        1,
    )

    mapped = run(shop, path, ImportOptions(statuses={"Expired": "cancelled"}))
    assert (mapped.unmapped, mapped.imported.orders, mapped.here.orders) == ({}, 1, 1)

    again = run(shop, path)  # without the mapping: they are here all the same
    assert (again.here.orders, again.refused) == (2, 0)


def test_the_settings_say_what_things_are_called(make_shop: MakeShop, tmp_path: Path) -> None:
    toml = """
    [plugins.order_import]
    default_delivery = "pickup"
    [plugins.order_import.statuses]
    Paid = "reviewed"
    [plugins.order_import.delivery]
    "DHL  Paket" = "post"
    [plugins.order_import.payment]
    shopify_payments = "card"
    """
    shop = make_shop("order_import", toml=toml)
    rows = (shopify_order(Shipping_Method="dhl paket"), shopify_order(Name="#2", Payment_Method="Swish"))

    report = run(shop, write(tmp_path, shopify(*rows)))

    first, second = orders(shop)
    assert (first.status, first.delivery, first.payment_method) == ("reviewed", "post", "card")
    assert (second.delivery, second.payment_method) == ("pickup", "invoice")
    assert report.assumed == {("delivery", "Standard"): 1, ("payment", "Swish"): 1}


def test_a_method_may_go_by_its_label(shop: Shop, tmp_path: Path) -> None:
    run(
        shop, write(tmp_path, shopify(shopify_order(Shipping_Method="Hämtas i butik", Payment_Method="Card")))
    )

    assert [(order.delivery, order.payment_method) for order in orders(shop)] == [("pickup", "card")]


def test_a_status_that_the_delivery_does_not_have_becomes_its_like(shop: Shop, tmp_path: Path) -> None:
    """What was shipped elsewhere has been collected here: done, and its goods gone."""
    run(
        shop,
        write(tmp_path, shopify(shopify_order(Fulfillment_Status="fulfilled", Shipping_Method="pickup"))),
    )

    [order] = orders(shop)
    assert order.status == "picked_up"
    assert [status.code for status in shop.flows.next_statuses(order)] == ["returned"]


def test_only_a_status_of_the_same_stage_is_alike(make_shop: MakeShop, tmp_path: Path) -> None:
    lost = """
    [statuses.lost]
    label = "Borta i posten"
    stage = "void"
    stock = "free"
    final = true
    after = ["shipped"]
    flows = ["post"]
    [plugins.order_import.statuses]
    paid = "lost"
    """
    shop = make_shop("order_import", toml=lost)
    rows = (shopify_order(Shipping_Method="post"), shopify_order(Name="#2", Shipping_Method="pickup"))

    run(shop, write(tmp_path, shopify(*rows)))

    assert [order.status for order in orders(shop)] == ["lost", "cancelled"]


def test_the_settings_go_before_what_the_format_says(make_shop: MakeShop, tmp_path: Path) -> None:
    shop = make_shop("order_import", toml='[plugins.order_import.statuses]\ninvoiced = "reviewed"')

    run(shop, write(tmp_path, RETAIL))

    assert {order.status for order in orders(shop)} == {"reviewed"}


@pytest.mark.parametrize(
    "toml",
    [
        'default_delivery = "dron"',
        'default_payment = "guld"',
        '[plugins.order_import.statuses]\npaid = "betald"',
        '[plugins.order_import.delivery]\nStandard = "dron"',
        '[plugins.order_import.payment]\nKlarna = "guld"',
    ],
)
def test_a_mapping_to_nothing_stops_the_import_before_it_begins(
    make_shop: MakeShop, tmp_path: Path, toml: str
) -> None:
    shop = make_shop("order_import", toml=f"[plugins.order_import]\n{toml}")

    with pytest.raises(InvalidInput, match=r"plugins\.order_import"):
        run(shop, write(tmp_path, RETAIL))

    assert orders(shop) == []


def test_an_asked_for_status_must_exist(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="klar"):
        run(shop, write(tmp_path, RETAIL), ImportOptions(statuses={"invoiced": "klar"}))


# ── All or nothing, or only to see ───────────────────────────────────────────────────────────────


def test_a_dry_run_tells_all_and_does_nothing(shop: Shop, tmp_path: Path) -> None:
    path = write(tmp_path, RETAIL)
    before = dump(shop)

    rehearsal = run(shop, path, ImportOptions(dry_run=True))

    assert dump(shop) == before
    real = run(shop, path)
    assert (rehearsal.imported, rehearsal.reasons) == (real.imported, real.reasons)
    assert run(shop, path, ImportOptions(dry_run=True)).here == real.imported


def test_strict_takes_nothing_when_a_row_is_refused(shop: Shop, tmp_path: Path) -> None:
    report = run(shop, write(tmp_path, RETAIL), ImportOptions(strict=True))

    assert orders(shop) == []
    assert report.failed
    assert report.refused == 2


def test_strict_takes_a_file_without_fault(shop: Shop, tmp_path: Path) -> None:
    report = run(shop, write(tmp_path, retail(retail_row("1"), retail_row("2"))), ImportOptions(strict=True))

    assert (len(orders(shop)), report.failed) == (2, False)


def test_an_order_that_a_plugin_refuses_is_told_with_its_rows(make_shop: MakeShop, tmp_path: Path) -> None:
    shop = make_shop("order_import", "local:veto", files={"plugins/veto.py": VETO})
    rows = (retail_row("1"), retail_row("2", sku="FORBIDDEN"), retail_row("2", sku="A"), retail_row("3"))

    report = run(shop, write(tmp_path, retail(*rows)))

    assert [order.external_id for order in orders(shop)] == ["1", "3"]
    assert report.reasons == {"not_taken": 2}
    assert "local:veto" in report.first[0].reason.text.sv


def test_strict_stops_at_the_first_order_that_only_a_plugin_refuses(
    make_shop: MakeShop, tmp_path: Path
) -> None:
    shop = make_shop("order_import", "local:veto", files={"plugins/veto.py": VETO})
    rows = (retail_row("1"), retail_row("2", sku="FORBIDDEN"), retail_row("3"))

    report = import_file(shop, write(tmp_path, retail(*rows)), ReadOptions(), ImportOptions(strict=True))

    assert [order.external_id for order in orders(shop)] == ["1"]
    assert report.failed


def test_a_plugin_that_breaks_is_named_and_nothing_of_the_order_kept(
    make_shop: MakeShop, tmp_path: Path
) -> None:
    broken = "from ashop_core import hookimpl\n@hookimpl\ndef ashop_on_change(tx): raise ZeroDivisionError\n"
    shop = make_shop("order_import", "local:broken", files={"plugins/broken.py": broken})

    report = run(shop, write(tmp_path, RETAIL))

    assert orders(shop) == []
    assert report.failed
    assert "local:broken" in report.first[0].reason.text.en


# ── Rest ─────────────────────────────────────────────────────────────────────────────────────────


def test_an_order_of_the_future_is_refused(shop: Shop, clock: FixedClock, tmp_path: Path) -> None:
    times = [clock.now + timedelta(hours=hours) for hours in (-1, 23, 26)]
    rows = [retail_row(str(n), at=f"{at:%Y-%m-%d %H:%M}") for n, at in enumerate(times)]

    report = run(shop, write(tmp_path, retail(*rows)), timezone="UTC")

    assert (report.imported.orders, report.reasons) == (2, {"future": 1})


def test_every_refused_row_is_told_of(shop: Shop, tmp_path: Path) -> None:
    rows = [retail_row(str(n), quantity="x") for n in range(50)]
    told: list[RefusedRow] = []

    report = import_file(shop, write(tmp_path, retail(*rows)), ReadOptions(), refused=told.append)

    assert [row.number for row in told] == list(range(2, 52))
    assert (len(report.first), report.refused) == (20, 50)


def test_a_file_may_hold_any_number_of_unknown_statuses(shop: Shop, tmp_path: Path) -> None:
    rows = [shopify_order(Name=f"#{n}", Financial_Status=f"odd{n}") for n in range(150)]

    report = run(shop, write(tmp_path, shopify(*rows)))

    assert (len(report.unmapped), report.refused) == (100, 150)


def test_another_currency_than_the_shops_is_kept(shop: Shop, tmp_path: Path) -> None:
    run(shop, write(tmp_path, RETAIL), currency="GBP")

    assert {order.currency for order in orders(shop)} == {"GBP"}


def test_the_largest_order_there_may_be(shop: Shop, tmp_path: Path) -> None:
    rows = [retail_row("1", sku=f"S{n}", quantity="1") for n in range(5000)]

    report = run(shop, write(tmp_path, retail(*rows)))

    assert (report.imported.rows, len(orders(shop)[0].lines)) == (5000, 5000)


def test_the_doctor_is_content_after_an_import(make_shop: MakeShop, tmp_path: Path) -> None:
    shop = make_shop("order_import", "stock_control", "installation_booking")
    run(shop, write(tmp_path, RETAIL))
    rows = [
        shopify_order(Name=f"#{n}", Financial_Status=s) for n, s in enumerate(("paid", "refunded", "voided"))
    ]
    run(shop, write(tmp_path, shopify(*rows)))

    assert [f.text.en for f in examine_shop(shop) if f.serious] == []
