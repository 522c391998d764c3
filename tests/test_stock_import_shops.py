"""Files of WooCommerce and Shopify: known by their headers, and what their words for stock come to here.

The files are doubles, written with the headers that the vendors publish.
"""

from __future__ import annotations

import pytest

from ashop_core import InvalidInput
from ashop_core.testing import place_order, some_lines
from ashop_stock_control import health, stock
from ashop_stock_control.policies import OPEN, STRICT
from tests.stock_files import (
    INVENTORY,
    SHOPIFY_NEW,
    SHOPIFY_OLD,
    WOO,
    figures,
    table,
    tables,
    told,
    why,
    write,
)


@pytest.fixture
def shop(make_shop):
    return make_shop("stock_control")


@pytest.fixture
def load(shop, tmp_path):
    """Import a table into the shop: ``load(WOO, {"SKU": "A"}, policies=True)``."""

    def run(headers, *rows, how=None, **reading):
        path = write(tmp_path, table(headers, *rows))
        return stock.import_file(shop, path, stock.ReadOptions(**reading), how)

    return run


def woo(sku, stock="", **more):
    return {
        "SKU": sku, "Type": "simple", "Name": f"Vara {sku}", "Published": 1, "In stock?": 1, "Stock": stock,
        "Backorders allowed?": 0, **more,
    }  # fmt: skip


def statuses(shop):
    return {item.sku: item.status for item in stock.every_item(shop)}


# ── Which format it is ───────────────────────────────────────────────────────────────────────────

SWEDISH = [
    "ID",
    "Typ",
    "Artikelnummer",
    "Namn",
    "Publicerad",
    "I lager?",
    "Lager",
    "Lågt lagersaldo",
    "Kategorier",
]
GERMAN = ["ID", "Typ", "Artikelnummer", "Name", "Veröffentlicht", "Vorrätig?", "Bestand", "Kategorien"]


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        (["sku", "balance"], "csv"),
        (WOO, "woocommerce"),
        ([name.upper() for name in reversed(WOO)], "woocommerce"),
        (SWEDISH, "woocommerce"),
        (GERMAN, "woocommerce"),
        (SHOPIFY_OLD, "shopify"),
        (SHOPIFY_NEW, "shopify"),
        (INVENTORY, "shopify-inventory"),
        ([n for n in INVENTORY if n not in ("On hand (new)", "Bin name")], "shopify-inventory"),
        (
            [n.replace(" (not editable)", "").replace(" (current)", "") for n in INVENTORY],
            "shopify-inventory",
        ),
    ],
)
def test_the_format_is_known_by_the_headers(load, headers, expected):
    assert load(headers).file.format.code == expected


def test_headers_in_another_language_can_be_pointed_out(load, shop):
    report = load(
        ["Tyyppi", "Tuotetunnus", "Varasto"],
        {"Tyyppi": "simple", "Tuotetunnus": "A", "Varasto": 4},
        format="woocommerce",
        columns={"Tuotetunnus": "sku", "Varasto": "balance"},
    )

    assert told(report) == [(2, "A", "new")]
    assert figures(shop) == {"A": 4}


# ── WooCommerce ──────────────────────────────────────────────────────────────────────────────────


def test_simple_products_and_variations_are_items_and_what_gathers_them_is_not(load, shop):
    report = load(
        WOO,
        woo("LAMPA", 7, **{"Low stock amount": 2}),
        woo("TROJA", 10, Type="variable"),
        woo("TROJA-S", "parent", Type="variation", Name="Tröja - S", Parent="TROJA"),
        woo("TROJA-M", "3", Type="variation, virtual", Name="Tröja -\nM", Parent="id:2"),
        woo("PAKET", Type="grouped"),
        woo("ANNAN", Type="external"),
    )

    assert told(report) == [
        (2, "LAMPA", "new"), (3, "TROJA", "skipped"), (4, "TROJA-S", "new"), (5, "TROJA-M", "new"),
        (6, "PAKET", "skipped"), (7, "ANNAN", "skipped"),
    ]  # fmt: skip
    assert figures(shop) == {"LAMPA": 7, "TROJA-S": None, "TROJA-M": 3}
    assert (stock.item(shop, "LAMPA").low, stock.item(shop, "TROJA-M").name) == (2, "Tröja - M")


@pytest.mark.parametrize(
    ("flag", "balance", "expected"),
    [
        (1, "", "in_stock"),
        (0, "", "sold_out"),
        ("backorder", "", "on_order"),
        (0, 5, "in_stock"),  # with a balance the rules decide
        (1, 0, "sold_out"),
        ("", "", "in_stock"),
    ],
)
def test_the_flag_sets_the_status_of_items_without_a_balance(load, shop, flag, balance, expected):
    load(WOO, woo("A", balance, **{"In stock?": flag}))

    assert statuses(shop) == {"A": expected}


@pytest.mark.parametrize(
    ("ours", "flag", "expected"),
    [
        ("on_order", 1, "on_order"),
        ("discontinued", 0, "discontinued"),
        ("on_order", 0, "sold_out"),
        ("discontinued", 1, "in_stock"),
    ],
)
def test_a_flag_changes_a_status_only_where_it_contradicts_it(load, shop, ours, flag, expected):
    stock.add_item(shop, "A", status=ours)

    load(WOO, woo("A", **{"In stock?": flag}))

    assert statuses(shop) == {"A": expected}


def test_a_flag_can_be_given_another_status(load, shop):
    load(WOO, woo("A", **{"In stock?": 0}), statuses={"0": "temporarily_out"})

    assert statuses(shop) == {"A": "temporarily_out"}


@pytest.mark.parametrize(
    ("backorders", "shop_policy", "expected"),
    [
        (1, "strict", OPEN), ("notify", "strict", OPEN), (0, "open", STRICT), (0, "strict", None),
        (1, "open", None), (1, "up_to(5)", None), ("", "open", None),
    ],
)  # fmt: skip
def test_their_policy_becomes_the_items_own_where_asked_for_and_where_it_differs(
    make_shop, tmp_path, backorders, shop_policy, expected
):
    shop = make_shop(
        "stock_control", toml=f'[plugins.stock_control]\npolicy = "{shop_policy}"', folder="other"
    )
    path = write(tmp_path, table(WOO, woo("A", 3, **{"Backorders allowed?": backorders})))

    stock.import_file(shop, path)
    without = stock.item(shop, "A").policy
    stock.import_file(shop, path, stock.ReadOptions(policies=True))

    assert without is None
    assert stock.item(shop, "A").policy == expected


@pytest.mark.parametrize(
    ("categories", "expected"),
    [
        ("Hem > Lampor, Rea", "lampor"),
        ("Lampor & ljus", "lampor_ljus"),
        ("", ""),
        ("Hem > Kök > Små  saker", "små_saker"),
    ],
)
def test_the_first_category_becomes_the_group_where_asked_for(load, shop, categories, expected):
    load(WOO, woo("A", 1, Categories=categories), groups=False)
    without = stock.item(shop, "A").group
    load(WOO, woo("A", 1, Categories=categories), groups=True)

    assert (without, stock.item(shop, "A").group) == ("", expected)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (woo("", 3), "the SKU is missing"),
        (woo("A", "1,5"), "Stock “1,5” will not do"),
        (woo("A", "många"), "Stock “många” will not do"),
        (woo("A", 3, **{"Low stock amount": "få"}), "Low stock amount “få” will not do"),
        (woo("A", 3, Name="x" * 600), "at most 500 characters"),
    ],
)
def test_a_wrong_row_of_woocommerce_is_told_and_nothing_is_changed(load, shop, row, reason):
    report = load(WOO, woo("GOD", 1), row)

    assert reason in why(report)[3]
    assert figures(shop) == {}


def test_decimals_that_are_none_are_read(load, shop):
    load(WOO, woo("A", "5.00"))

    assert figures(shop) == {"A": 5}


# ── Shopify's products ───────────────────────────────────────────────────────────────────────────


def old(**cells):
    names = {
        "handle": "Handle", "title": "Title", "sku": "Variant SKU", "qty": "Variant Inventory Qty",
        "tracker": "Variant Inventory Tracker", "policy": "Variant Inventory Policy", "option": "Option1 Value",
        "size": "Option2 Value", "type": "Type", "image": "Image Src",
    }  # fmt: skip
    return {names[name]: value for name, value in cells.items()}


def new(**cells):
    names = {
        "handle": "URL handle", "title": "Title", "sku": "SKU", "qty": "Inventory quantity",
        "tracker": "Inventory tracker", "policy": "Continue selling when out of stock", "option": "Option1 value",
        "size": "Option2 value", "type": "Type", "image": "Product image URL",
    }  # fmt: skip
    return {names[name]: value for name, value in cells.items()}


VINTAGES = pytest.mark.parametrize(
    ("headers", "row"), [(SHOPIFY_OLD, old), (SHOPIFY_NEW, new)], ids=["old", "new"]
)


@VINTAGES
def test_variants_are_items_named_after_their_product(load, shop, headers, row):
    report = load(
        headers,
        row(
            handle="troja",
            title="Tröja",
            sku="T-S",
            option="Blå",
            size="S",
            qty=3,
            tracker="shopify",
            type="Kläder",
        ),
        row(handle="troja", sku="T-M", option="Blå", size="M", qty=-1, tracker="shopify"),
        row(handle="troja", image="https://example.com/2.jpg"),
        row(handle="lampa", title="Lampa", sku="LAMPA", option="Default Title", qty=0, tracker="shopify"),
        row(handle="kurs", title="Kurs", sku="KURS", option="Default Title", qty=0, tracker=""),
        groups=True,
    )

    assert told(report) == [(2, "T-S", "new"), (3, "T-M", "new"), (5, "LAMPA", "new"), (6, "KURS", "new")]
    assert [(i.sku, i.name, i.balance, i.status, i.group) for i in stock.every_item(shop)] == [
        ("KURS", "Kurs", None, "in_stock", ""),
        ("LAMPA", "Lampa", 0, "sold_out", ""),
        ("T-M", "Tröja – Blå – M", -1, "sold_out", "kläder"),
        ("T-S", "Tröja – Blå – S", 3, "in_stock", "kläder"),
    ]


@VINTAGES
@pytest.mark.parametrize(
    ("policy", "expected"), [("continue", None), ("deny", STRICT), ("DENY", STRICT), ("", None)]
)
def test_the_policy_of_shopify(load, shop, headers, row, policy, expected):
    load(headers, row(handle="a", title="A", sku="A", qty=3, tracker="shopify", policy=policy), policies=True)

    assert stock.item(shop, "A").policy == expected


@VINTAGES
def test_a_variant_without_a_sku_is_wrong_and_a_row_of_pictures_is_not(load, shop, headers, row):
    report = load(
        headers,
        row(handle="a", title="A", sku="", option="Röd", qty=3, tracker="shopify"),
        row(handle="a", image="https://example.com/2.jpg"),
    )

    assert list(why(report)) == [2]
    assert "the SKU is missing" in why(report)[2]


# ── Shopify's inventory ──────────────────────────────────────────────────────────────────────────


def at(location, sku="LAMPA", *, available="", on_hand="", new="", committed=0, **more):
    return {
        "Handle": sku.lower(), "Title": f"Vara {sku}", "Option1 Name": "Title", "Option1 Value": "Default Title",
        "SKU": sku, "Location": location, "Committed (not editable)": committed,
        "Available (not editable)": available, "On hand (current)": on_hand, "On hand (new)": new, **more,
    }  # fmt: skip


def test_several_locations_are_summed_or_one_is_chosen(load, shop):
    rows = [
        at("Stockholm", available=3, on_hand=5),
        at("Malmö", available=4, on_hand=4),
        at("Lund", available="not stocked", on_hand="not stocked"),
        at("Stockholm", "KURS", available="Not stocked", on_hand="Not stocked"),
    ]

    report = load(INVENTORY, *rows)
    summed = figures(shop)
    load(INVENTORY, *rows, location="stockholm")

    assert told(report) == [(2, "LAMPA", "new"), (5, "KURS", "new")]
    assert report.file.locations == ("Stockholm", "Malmö", "Lund")
    assert summed == {"LAMPA": 7, "KURS": None}
    assert figures(shop) == {"LAMPA": 3, "KURS": None}


@pytest.mark.parametrize(
    ("rows", "mode", "expected"),
    [  # two pieces are held here: on hand
        ([at("A", available=6, on_hand=10)], "update", 8),
        ([at("A", available=6, on_hand=10)], "count", 10),
        ([at("A", available=6, on_hand=10, new=10)], "update", 8),  # nobody changed it
        ([at("A", available=6, on_hand=10, new=12)], "update", 12),
        ([at("A", available=6, on_hand=10, new=12)], "count", 12),
        ([at("A", available=6, on_hand=10, new=12), at("B", available=1, on_hand=1)], "set", 13),
        ([at("A", on_hand=10)], "set", 10),
    ],
)
def test_which_figure_of_an_inventory_counts(load, shop, rows, mode, expected):
    stock.add_item(shop, "LAMPA", balance=1)
    place_order(shop, some_lines("LAMPA", quantity=2))

    load(INVENTORY, *rows, how=stock.ImportOptions(mode=stock.Mode(mode)))

    assert stock.item(shop, "LAMPA").on_hand == expected
    assert health.problems(shop) == []


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([at("A", available=1, on_hand=1), at("A", available=2, on_hand=2)], {2: "also on row 3", 3: "already on row 2"}),
        ([at("A", available=1, on_hand=1), at("B", available="x", on_hand=2)], {2: "also on row 3", 3: "Available"}),
        ([at("A", available=1.5, on_hand=1)], {2: "Available (not editable) “1.5”"}),
        ([at("A", on_hand=10**9), at("B", on_hand=10**9)], {2: "2000000000 will not do"}),
        ([at("A", "", on_hand=1)], {2: "the SKU"}),
    ],
)  # fmt: skip
def test_a_wrong_row_of_an_inventory_is_told_and_nothing_is_changed(load, shop, rows, expected):
    found = why(load(INVENTORY, *rows))

    assert list(found) == list(expected)
    assert all(expected[row] in found[row] for row in expected)
    assert figures(shop) == {}


def test_an_unknown_location_is_refused_with_those_there_are(load):
    with pytest.raises(InvalidInput, match="no row is of the location Lund; the file has Stockholm, Malmö"):
        load(INVENTORY, at("Stockholm", on_hand=1), at("Malmö", on_hand=1), location="Lund")


# ── Again ────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("headers", "rows"),
    [
        (
            WOO,
            [
                woo("A", 3, **{"Backorders allowed?": 1}),
                woo("B", Categories="X"),
                woo("C", "parent", Type="variation"),
            ],
        ),
        (WOO, [woo("A", -2, **{"In stock?": "backorder"}), woo("B", **{"In stock?": 0})]),
        (
            SHOPIFY_OLD,
            [old(handle="a", title="A", sku="A", qty=3, tracker="shopify", policy="deny", type="T")],
        ),
        (SHOPIFY_NEW, [new(handle="a", title="A", sku="A", qty=3, tracker="", policy="CONTINUE")]),
        (INVENTORY, [at("A", available=6, on_hand=10, new=12), at("B", available=1, on_hand=1)]),
    ],
)
@pytest.mark.parametrize("mode", list(stock.Mode))
def test_importing_again_leaves_every_table_as_it_was(load, shop, clock, headers, rows, mode):
    if mode is stock.Mode.COUNT:
        rows = [{name: 2 if value == -2 else value for name, value in row.items()} for row in rows]
    how = stock.ImportOptions(mode=mode)
    load(headers, *rows, how=how, policies=True, groups=True)
    before = tables(shop)
    clock.advance(hours=1)

    again = load(headers, *rows, how=how, policies=True, groups=True)

    assert {what for _, _, what in told(again)} == {"unchanged"}
    assert tables(shop) == before
