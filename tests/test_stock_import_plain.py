"""Plain files of items: what each mode does, what a row may hold, and that a wrong one changes nothing."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ashop_core import AshopError
from ashop_core.testing import place_order, some_lines
from ashop_stock_control import health, stock
from ashop_stock_control.policies import STRICT, Policy
from tests.stock_files import figures, tables, told, why, write

COUNT = stock.ImportOptions(mode=stock.Mode.COUNT)


@pytest.fixture
def shop(make_shop):
    shop = make_shop("stock_control")
    stock.add_item(shop, "LAMPA", "Lampa", balance=5)
    stock.add_item(shop, "KURS", "Kurs")
    return shop


@pytest.fixture
def load(shop, tmp_path):
    """Import a file into the shop: ``load("sku,balance\\nA,1\\n", skip_bad=True)``."""

    def run(content, reading=None, **how):
        return stock.import_file(shop, write(tmp_path, content), reading, stock.ImportOptions(**how))

    return run


# ── What a file says is what is there afterwards ─────────────────────────────────────────────────


def test_a_file_adds_and_changes_items_and_tells_each_row(load, shop):
    report = load(
        "sku,name,balance,status\nLAMPA,Taklampa,7,\nBORD,Bord,0,\nKURS,,,\nSTOL,,,beställningsvara\n"
    )

    assert told(report) == [
        (2, "LAMPA", "changed"), (3, "BORD", "new"), (4, "KURS", "unchanged"), (5, "STOL", "new"),
    ]  # fmt: skip
    assert report.rows[0].changes == (
        ("name", "Lampa", "Taklampa"), ("balance", 5, 7), ("on_hand", 5, 7),
    )  # fmt: skip
    assert ("balance", None, 0) in report.rows[1].changes
    assert [(i.sku, i.name, i.balance, i.status) for i in stock.every_item(shop)] == [
        ("BORD", "Bord", 0, "sold_out"),
        ("KURS", "Kurs", None, "in_stock"),
        ("LAMPA", "Taklampa", 7, "in_stock"),
        ("STOL", "STOL", None, "on_order"),
    ]
    assert health.problems(shop) == []


def test_every_column_of_an_item_is_taken(load, shop):
    load(
        "sku,name,status,balance,group,policy,margin,low,pinned,counted_at\n"
        "A,Aa,on_order,4,lamps,up_to(3),1,2,yes,2026-11-01T10:00:00Z\n"
    )

    item = stock.item(shop, "A")
    assert (item.name, item.status, item.balance, item.group) == ("Aa", "on_order", 4, "lamps")
    assert (item.policy, item.margin, item.low, item.pinned) == (Policy(3), 1, 2, True)
    assert item.counted_at is not None
    assert item.counted_at.isoformat() == "2026-11-01T10:00:00+00:00"


def test_terms_of_an_item_that_is_there_are_changed_and_empty_cells_leave_them(load, shop):
    load("sku,group,policy,margin\nLAMPA,lamps,strict,2\n")

    report = load("sku,group,policy,margin,low\nLAMPA,,,,1\n")

    item = stock.item(shop, "LAMPA")
    assert (item.group, item.policy, item.margin, item.low) == ("lamps", STRICT, 2, 1)
    assert report.rows[0].changes == (("low", None, 1),)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("sku,status\nLAMPA,sold_out\n", ("sold_out", True)),
        ("sku,status\nLAMPA,Slut\n", ("sold_out", True)),
        ("sku,status,balance\nLAMPA,in_stock,0\n", ("in_stock", True)),  # the rules would have said sold out
        ("sku,status,balance\nLAMPA,sold_out,0\n", ("sold_out", False)),  # as the rules say
        ("sku,status,balance\nLAMPA,in_stock,9\n", ("in_stock", False)),
        (
            "sku,status,by_hand\nLAMPA,sold_out,no\n",
            ("in_stock", False),
        ),  # it was the rules', and they decide
        ("sku,status,by_hand\nKURS,sold_out,no\n", ("sold_out", False)),
        ("sku,status,by_hand\nLAMPA,sold_out,yes\n", ("sold_out", True)),
        ("sku,status,balance\nNY,in_stock,0\n", ("in_stock", True)),
        ("sku,status,balance\nNY,sold_out,0\n", ("sold_out", False)),
        ("sku,status\nNY,sold_out\n", ("sold_out", True)),
        ("sku,status,balance,by_hand\nNY,in_stock,3,yes\n", ("in_stock", True)),
    ],
)
def test_a_status_is_set_as_by_hand_where_the_rules_would_not_have_set_it(load, shop, content, expected):
    load(content)

    item = stock.item(shop, content.split("\n")[1].split(",")[0])
    assert (item.status, item.by_hand) == expected


def test_an_older_file_does_not_take_back_when_an_item_was_counted(load, shop, clock):
    stock.count(shop, "LAMPA", 5)

    older = load("sku,counted_at\nLAMPA,2026-11-01T10:00:00Z\n")
    newer = load("sku,counted_at\nLAMPA,2026-12-01T10:00:00Z\n")

    assert told(older) == [(2, "LAMPA", "unchanged")]
    assert newer.rows[0].changes == (
        ("counted_at", "2026-11-23T12:00:00.000000Z", "2026-12-01T10:00:00.000000Z"),
    )  # fmt: skip


def test_words_for_a_status_can_be_explained(load, shop):
    load("sku,status\nLAMPA,Finns ej\n", stock.ReadOptions(statuses={"finns ej": "discontinued"}))

    assert stock.item(shop, "LAMPA").status == "discontinued"


# ── Modes, and what a figure means ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("mode", "column", "expected"),
    [  # on hand, held, name; two pieces are held for an order
        ("update", "balance", (12, 2, "Ny")),
        ("update", "on_hand", (10, 2, "Ny")),
        ("set", "balance", (12, 2, "Lampa")),
        ("set", "on_hand", (10, 2, "Lampa")),
        ("count", "balance", (10, 2, "Lampa")),
        ("count", "on_hand", (10, 2, "Lampa")),
    ],
)
def test_what_a_figure_becomes_in_each_mode(load, shop, mode, column, expected):
    place_order(shop, some_lines("LAMPA", quantity=2))

    load(f"sku,name,{column}\nLAMPA,Ny,10\n", mode=stock.Mode(mode))

    item = stock.item(shop, "LAMPA")
    assert (item.on_hand, item.held, item.name) == expected
    assert (item.counted_at is not None) == (mode == "count")
    assert health.problems(shop) == []


@pytest.mark.parametrize("mode", ["update", "set", "count"])
def test_of_two_figures_the_balance_counts_but_on_hand_in_a_count(load, shop, mode):
    place_order(shop, some_lines("LAMPA", quantity=2))

    load("sku,balance,on_hand\nLAMPA,20,30\n", mode=stock.Mode(mode))

    assert stock.item(shop, "LAMPA").on_hand == (30 if mode == "count" else 22)


@pytest.mark.parametrize("mode", list(stock.Mode))
def test_a_new_item_gets_all_that_is_given_in_every_mode(load, shop, mode):
    load("sku,name,balance,group\nNY,Nyhet,4,lamps\n", mode=mode)

    item = stock.item(shop, "NY")
    assert (item.name, item.balance, item.group) == ("Nyhet", 4, "lamps")


def test_a_count_is_a_movement_of_its_own_even_where_nothing_differs(load, shop):
    load("sku,on_hand\nLAMPA,5\n", mode=stock.Mode.COUNT)

    assert stock.history(shop, "LAMPA").rows[0].kind is stock.Kind.COUNT


def test_a_count_that_is_repeated_after_goods_left_does_not_bring_them_back(load, shop):
    load("sku,on_hand\nLAMPA,8\n", mode=stock.Mode.COUNT)
    stock.adjust(shop, "LAMPA", -3)

    again = load("sku,on_hand\nLAMPA,8\n", mode=stock.Mode.COUNT)

    assert told(again) == [(2, "LAMPA", "unchanged")]
    assert figures(shop)["LAMPA"] == 5


def test_a_count_under_another_key_is_another_count(load, shop, clock):
    load("sku,on_hand\nLAMPA,8\n", mode=stock.Mode.COUNT)
    stock.adjust(shop, "LAMPA", -3)
    clock.advance(days=30)

    load("sku,on_hand\nLAMPA,8\n", mode=stock.Mode.COUNT, key="december")

    assert figures(shop)["LAMPA"] == 8
    assert stock.item(shop, "LAMPA").counted_at == clock.now


def test_nobody_counts_less_than_nothing(load, shop):
    content = "sku,on_hand\nLAMPA,-1\n"

    assert why(load(content, mode=stock.Mode.COUNT))[2].startswith("the number on hand -1 will not do")
    assert told(load(content)) == [(2, "LAMPA", "changed")]


# ── Again ────────────────────────────────────────────────────────────────────────────────────────

FULL = (
    "sku,name,status,balance,group,policy,margin,low,pinned\n"
    "LAMPA,Taklampa,,7,lamps,strict,1,2,\nBORD,Bord,in_stock,0,,,,,yes\nSTOL,Stol,on_order,,,open,,,no\nOVER,Över,,-4,,,,,\n"
)


@pytest.mark.parametrize("mode", list(stock.Mode))
def test_importing_again_leaves_every_table_as_it_was(load, shop, clock, mode):
    content = FULL.replace("-4", "4") if mode is stock.Mode.COUNT else FULL
    place_order(shop, some_lines("LAMPA", quantity=2))
    load(content, mode=mode)
    before = tables(shop)
    clock.advance(hours=5)

    report = load(content, mode=mode)

    assert {what for _, _, what in told(report)} == {"unchanged"}
    assert tables(shop) == before


@pytest.mark.parametrize("mode", list(stock.Mode))
def test_a_dry_run_tells_the_same_and_keeps_nothing(load, shop, mode):
    content = FULL.replace("-4", "4")
    before = tables(shop)

    dry = load(content, mode=mode, dry_run=True)
    assert tables(shop) == before
    wet = load(content, mode=mode)

    assert dry.rows == wet.rows


def test_what_the_file_does_not_have_is_left_alone_and_named(load, shop):
    before = stock.item(shop, "KURS")

    report = load("sku,balance\nLAMPA,1\nNY,2\n")

    assert report.missing == ["KURS"]
    assert stock.item(shop, "KURS") == before


# ── Wrong rows ───────────────────────────────────────────────────────────────────────────────────

WHOLE = "will not do: a whole number, in the digits 0-9"
BAD = [
    ("sku,balance\nA,1.5\n", 2, f"balance “1.5” {WHOLE}"),
    ('sku,balance\nA,"1,5"\n', 2, f"balance “1,5” {WHOLE}"),
    ("sku;saldo\nA;1,5\n", 2, f"saldo “1,5” {WHOLE}"),
    ("sku,balance\nA,1e3\n", 2, f"balance “1e3” {WHOLE}"),
    ("sku,balance\nA,１２\n", 2, f"balance “１２” {WHOLE}"),
    ("sku,balance\nA,٣\n", 2, f"balance “٣” {WHOLE}"),
    ("sku,balance\nA,+5\n", 2, f"balance “+5” {WHOLE}"),
    ("sku,balance\nA,0x10\n", 2, f"balance “0x10” {WHOLE}"),
    ("sku,balance\nA,1.000\n", 2, f"balance “1.000” {WHOLE}"),
    ("sku,balance\nA,1 000\n", 2, f"balance “1 000” {WHOLE}"),
    ("sku,balance\nA,=1+1\n", 2, f"balance “=1+1” {WHOLE}"),
    ("sku,balance\nA,9999999999\n", 2, "the balance 9999999999 will not do"),
    ("sku,balance\nA,99999999999999999999999\n", 2, WHOLE),
    ("sku,balance\n,5\n", 2, "the SKU is missing"),
    ("sku,balance\nA,5\n\nB,x\n", 4, "balance “x”"),
    ("sku,balance\nA\n", 2, "1 cells, but there are 2 headers"),
    ("sku,balance\nA,1,2\n", 2, "3 cells, but there are 2 headers"),
    ('sku,name\nA,"två\nrader"\nB,ok\n', 2, "without line breaks"),
    ("sku,name\nA," + "x" * 501 + "\n", 2, "at most 500 characters"),
    ("sku,name\nA," + "x" * 5000 + "\n", 2, "too long"),
    ("sku,name\n" + "x" * 101 + ",B\n", 2, "1 to 100 characters"),
    ("sku,status\nA,fin\n", 2, "there is no stock status fin"),
    ("sku,policy\nA,lagom\n", 2, "the policy lagom will not do"),
    ("sku,margin\nA,-1\n", 2, "-1 will not do"),
    ("sku,group\nA,två ord\n", 2, "a single word"),
    ("sku,pinned\nA,kanske\n", 2, "pinned “kanske” will not do: yes or no"),
    ("sku,counted_at\nA,igår\n", 2, "igår"),
    ('sku,name\nA,"aldrig slut\nB,x\n', 2, "a quote is not closed"),
    ('sku,name\nA,"ett" två\nB,x\n', 2, "the quotes do not match"),
    ("sku,name\nA,x\nB", 3, "the file ends within the row"),
]


@pytest.mark.parametrize(("content", "row", "reason"), BAD)
def test_a_wrong_row_is_told_by_its_number_and_changes_nothing(load, shop, content, row, reason):
    before = tables(shop)

    report = load(content)

    assert reason in why(report)[row]
    assert report.refused
    assert tables(shop) == before


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("sku,balance\nA,1\nB,2\nA,3\n", {2: "A is also on row 4", 4: "A is already on row 2"}),
        ("sku,balance\nA,1\nA ,x\n", {2: "A is also on row 3", 3: "balance “x” " + WHOLE}),
    ],
)
def test_of_a_sku_that_stands_twice_neither_row_is_believed(load, shop, content, expected):
    report = load(content, skip_bad=True)

    assert why(report) == expected
    assert "A" not in figures(shop)


def test_with_skip_bad_the_good_rows_are_imported(load, shop):
    report = load("sku,balance\nA,1\nB,x\nC,3\n", skip_bad=True)

    assert told(report) == [(2, "A", "new"), (3, "B", "bad"), (4, "C", "new")]
    assert (figures(shop)["A"], figures(shop)["C"]) == (1, 3)


@pytest.mark.parametrize("content", ['sku,balance\nA,1\nB,"2\n', "sku,balance\nA,1\nB"])
def test_a_file_that_breaks_off_is_refused_even_so(load, shop, content):
    report = load(content, skip_bad=True)

    assert report.refused
    assert "A" not in figures(shop)


def test_a_dry_run_shows_what_the_good_rows_would_do_beside_the_bad(load, shop):
    report = load("sku,balance\nLAMPA,9\nB,x\n", dry_run=True)

    assert told(report) == [(2, "LAMPA", "changed"), (3, "B", "bad")]
    assert report.refused
    assert figures(shop)["LAMPA"] == 5


def test_items_that_must_be_there_are(load, shop):
    report = load("sku,balance\nLAMPA,9\nLMPA,3\n", known_only=True)

    assert why(report) == {3: "the item is not in the stock"}
    assert report.refused
    assert figures(shop) == {"KURS": None, "LAMPA": 5}


# ── Files as they come ───────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "data",
    [
        "\ufeffsku;balance\r\nÅL;3\r\n",
        '"sku","balance"\n"ÅL","3"\n\n',
        "balance,sku\n3, ÅL \n",
        "sku\tbalance\nÅL\t3\n",
        "SKU,Saldo\nÅL,3\n",
        "Artikelnummer;Lagersaldo\nÅL;3.0\n",
        "sep=;\nsku;balance\nÅL;3\n",
        "sku,balance\rÅL,3\r",
        "sku,balance\nÅL,3\n\x1a",
        "sku,balance\nÅL,3,,\n",
        "sku,balance\nÅL,3\n".encode("cp1252"),
        "sku,balance\nÅL,3\n".encode("utf-16"),
        "sku,balance\nÅL,3\n".encode("utf-8-sig"),
    ],
)
def test_a_file_may_be_written_in_several_ways(load, shop, data):
    load(data)

    assert figures(shop)["ÅL"] == 3


@pytest.mark.parametrize(
    ("data", "reading", "reason"),
    [
        (b"", {}, "the file is empty"),
        (b"\n\n", {}, "the file has no headers"),
        (b"name,balance\nA,1\n", {}, "most like CSV, but then these are missing: sku"),
        (b"sku,ballance\nA,1\n", {}, "unknown columns: ballance"),
        (b"sku,artikel\nA,B\n", {}, "several columns could be sku"),
        (b"\x00\x01\x02\xff\xfe" * 100, {}, "it holds NUL (row 1)"),
        (b"sku,name\nA,a\nA\x00B,x\n", {}, "it holds NUL (row 3)"),
        ("sku,name\nÅ,ÅÄÖ\n".encode() + b"B,\xe5\n", {}, "partly UTF-8 and partly not"),
        (b"PK\x03\x04rest", {}, "an Excel or zip file"),
        (b"sku\nA\n", {"encoding": "klingon"}, "there is no encoding klingon"),
        (b"sku\nA\n", {"format": "xml"}, "there is no format xml"),
        (b"sku\nA\n", {"columns": {"x": "weight"}}, "there is no column weight"),
        (b"sku,antal\nA,1\n", {"columns": {"Antall": "balance"}}, "--map Antall=balance fits nothing here"),
        (b"sku,pris\nA,1\n", {"columns": {"pris": "price"}}, "--map pris=price fits nothing here"),
    ],
)
def test_a_file_that_is_none_is_refused_as_a_whole(load, shop, data, reading, reason):
    before = tables(shop)

    with pytest.raises(AshopError) as refused:
        load(data, stock.ReadOptions(**reading))

    assert reason in refused.value.text.en
    assert tables(shop) == before


def test_columns_can_be_pointed_out_and_others_left(load, shop):
    reading = stock.ReadOptions(columns={"Art.nr": "sku", "Antal": "balance"}, ignore_unknown=True)

    report = load("Art.nr;Antal;Pris;Saldo\nX;3;99;77\n", reading)

    assert figures(shop)["X"] == 3
    assert report.file.unused == ("Pris", "Saldo")


def test_a_cell_that_guards_a_formula_is_taken_without_its_guard(load, shop):
    load("sku,name\nA,'=1+1\nB,'vanlig\n")

    assert [stock.item(shop, sku).name for sku in "AB"] == ["=1+1", "'vanlig"]


# ── At the terminal ──────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def run(shop, ashop, tmp_path):
    """Import a file at the command line."""

    def run(content, *options, lang="en"):
        return ashop("stock", "import", str(write(tmp_path, content)), *options, lang=lang)

    return run


def test_of_many_columns_that_are_not_used_the_first_are_named(run):
    headers = ",".join(f"k{n}" for n in range(9))

    result = run(f"sku,{headers}\nLAMPA,{',' * 8}\n", "--ignore-unknown")

    assert "  not used  k0, k1, k2, k3, k4, k5 and 3 more" in result.stdout.splitlines()


def test_people_read_the_format_what_the_figures_are_and_each_changed_row(run):
    result = run("sku;lagersaldo\nLAMPA;0\nKURS;\nNY;2\n", lang="sv")

    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "items.csv: CSV (UTF-8)",
        "  siffrorna  ”lagersaldo” är saldot, det som kan säljas; saldot blir det genom en justering",
        "1 nya, 1 ändrade, 1 oförändrade",
        "Rad  Artikel  Blev    Vad",
        "  2  LAMPA    ändrad  lagerstatus Lagervara → Slut, saldo 5 → 0, på hyllan 5 → 0",
        "  4  NY       ny      namn NY, lagerstatus Lagervara, saldo 2, på hyllan 2",
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "“on_hand” is what lies on the shelf, held goods included"),
        (["--mode", "count"], "“on_hand” is what was counted on the shelf, held goods included"),
    ],
)
def test_people_read_what_the_figures_were_taken_for(run, options, words):
    assert words in run("sku,on_hand\nLAMPA,3\n", *options).stdout


def test_machines_read_every_row(run):
    content = "sku,balance\nLAMPA,9\nKURS,\n"

    as_json = json.loads(run(content, "--json", "--dry-run", "--missing").stdout)
    as_csv = run(content, "--csv").stdout.splitlines()

    assert (as_json["format"], as_json["new"], as_json["changed"], as_json["unchanged"]) == ("csv", 0, 1, 1)
    assert as_json["missing_skus"] == []
    assert as_json["rows"][0] == {
        "row": 2, "sku": "LAMPA", "what": "changed", "why": None,
        "changes": {"balance": [5, 9], "on_hand": [5, 9]},
    }  # fmt: skip
    assert as_csv == [
        "row,sku,what,changes,why",
        "2,LAMPA,changed,balance: 5 → 9; on_hand: 5 → 9,",
        "3,KURS,unchanged,,",
    ]


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize("form", [[], ["--json"], ["--csv"]])
def test_bad_rows_are_told_on_standard_error_with_what_to_do(run, form, lang):
    result = run("sku,balance\nLAMPA,9\nB,x\n", *form, lang=lang)

    assert result.exit_code == 1
    assert ("row 3: " if lang == "en" else "rad 3: ") in result.stderr
    assert "--skip-bad" in result.stderr
    assert "LAMPA" not in result.stdout


def test_the_items_that_the_file_lacks_are_listed_when_asked_for(run):
    assert "1 item in the stock is not in the file" in run("sku\nLAMPA\n").stderr
    assert "In the stock but not in the file: KURS" in run("sku\nLAMPA\n", "--missing").stdout


def test_a_file_read_as_windows_1252_is_said_to_be(run):
    assert "it was read as Windows-1252" in run("sku,name\nA,Åke\n".encode("cp1252")).stderr


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["--map", "x"], 2, "write NAME=VALUE"),
        (["--status", "slutsåld=fin"], 1, "there is no stock status fin"),
        (["--mode", "allt"], 2, "allt"),
    ],
)
def test_options_are_checked(run, options, code, words):
    result = run("sku\nA\n", *options)

    assert result.exit_code == code
    assert words in result.stderr


# ── Programs ─────────────────────────────────────────────────────────────────────────────────────


def test_programs_are_told_what_became_of_each_item(shop):
    told: list[tuple[int, bool]] = []

    stock.import_items(
        shop,
        [stock.NewItem(sku="LAMPA", balance=5), stock.NewItem(sku="NY", balance=1)],
        told=lambda each: told.append((each.place, each.before == each.after)),
    )

    assert told == [(0, True), (1, False)]


def test_what_another_shop_says_of_buying_is_for_items_that_nobody_counts(shop):
    from ashop_stock_control.new_items import Flag

    out = Flag(False, "sold_out")
    given = [stock.NewItem(sku="LAMPA", flag=out), stock.NewItem(sku="KURS", flag=out)]

    stock.import_items(shop, [*given, stock.NewItem(sku="NY", balance=4, flag=out)])

    found = {item.sku: item.status for item in stock.every_item(shop)}
    assert found == {"LAMPA": "in_stock", "KURS": "sold_out", "NY": "in_stock"}
    assert replace(given[0], sku="X").flag is out
