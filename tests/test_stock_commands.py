"""`ashop stock …`: what each command prints, in both languages, as a table, JSON and CSV, and how it refuses."""

import csv
import io
import json

import pytest

from ashop_core.testing import place_order, some_lines
from ashop_stock_control import stock


@pytest.fixture
def shop(make_shop):
    shop = make_shop("stock_control")
    stock.add_item(shop, "LAMPA", "Lampa", balance=5)
    stock.add_item(shop, "KURS", "Kurs")
    return shop


@pytest.fixture
def run(shop, ashop):
    """Run a command of `ashop stock` in the shop's folder."""
    return lambda *args, lang="en": ashop("stock", *args, lang=lang)


def test_list_is_a_table_for_people(run):
    result = run("list", lang="sv")

    assert [line.split() for line in result.stdout.splitlines()] == [
        ["Artikel", "Namn", "Lagerstatus", "Saldo", "På", "hyllan", "Hållet"],
        ["KURS", "Kurs", "Lagervara", "–"],
        ["LAMPA", "Lampa", "Lagervara", "5", "5", "0"],
    ]


def test_list_is_json_and_csv_for_machines(run):
    as_json = json.loads(run("list", "--json").stdout)
    as_csv = list(csv.DictReader(io.StringIO(run("list", "--csv").stdout)))

    assert [i["balance"] for i in as_json] == [None, 5]
    assert [i["balance"] for i in as_csv] == ["", "5"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--status", "slut"], []),
        (["--status", "Lagervara"], ["KURS", "LAMPA"]),
        (["--text", "lam"], ["LAMPA"]),
        (["--at-most", "5"], ["LAMPA"]),
        (["--limit", "1"], ["KURS"]),
        (["--limit", "1", "--cursor", "KURS"], ["LAMPA"]),
        (["--limit", "1", "--all"], ["KURS", "LAMPA"]),
    ],
)
def test_list_finds(run, options, expected):
    assert [i["sku"] for i in json.loads(run("list", "--json", *options).stdout)] == expected


def test_a_page_names_the_next(run):
    assert run("list", "--limit", "1").stderr == "Next page: --cursor KURS\n"


def test_an_empty_list_says_so(run):
    assert run("list", "--status", "sold_out", lang="sv").stdout == "Inga artiklar.\n"


def test_show_has_figures_and_latest_movements(run, shop):
    order = place_order(shop, some_lines("LAMPA", quantity=2))

    shown = run("show", "LAMPA").stdout
    data = json.loads(run("show", "LAMPA", "--json").stdout)

    assert "Held for orders  2" in shown
    assert order.name in shown
    assert (data["balance"], [m["kind"] for m in data["movements"]]) == (3, ["take", "adjust"])


def test_history_is_json_too(run):
    [row] = json.loads(run("history", "LAMPA", "--json").stdout)

    assert (row["at"], row["on_hand"], row["balance"]) == ("2026-11-23T12:00:00.000000Z", 5, 5)


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (["receive", "LAMPA", "3"], "LAMPA  Lampa  In stock, balance 8\n  Stock balance LAMPA: 5 → 8\n"),
        (
            ["adjust", "LAMPA", "-5", "--note", "Broken"],
            "LAMPA  Lampa  Sold out, balance 0\n  Stock balance LAMPA: 5 → 0\n"
            "  Lampa: In stock → Sold out (rule: balance falls to 0)\n",
        ),
        (["adjust", "LAMPA", "+2"], "LAMPA  Lampa  In stock, balance 7\n  Stock balance LAMPA: 5 → 7\n"),
        (["count", "LAMPA", "4"], "LAMPA  Lampa  In stock, balance 4\n  Stock balance LAMPA: 5 → 4\n"),
        (
            ["set", "LAMPA", "utgått"],
            "LAMPA  Lampa  Discontinued, balance 5\n  Lampa: In stock → Discontinued (by hand)\n",
        ),
        (["set", "LAMPA", "in_stock"], "LAMPA  Lampa  In stock, balance 5\n"),
        (
            ["add", "BORD", "--name", "Bord", "--balance", "0"],
            "BORD  Bord  Sold out, balance 0\n  Stock balance BORD: – → 0\n"
            "  Bord: In stock → Sold out (rule: balance falls to 0)\n",
        ),
        (["add", "BORD", "--status", "on_order"], "BORD  BORD  On order, without a balance\n"),
    ],
)
def test_what_is_written_is_told(run, args, expected):
    result = run(*args)

    assert (result.stdout, result.exit_code) == (expected, 0)


def test_a_dry_run_changes_nothing_and_says_so(run, shop):
    result = run("receive", "LAMPA", "3", "--dry-run")

    assert "balance 8" in result.stdout
    assert result.stderr == "Dry run: nothing was changed.\n"
    assert stock.item(shop, "LAMPA").balance == 5


def test_a_write_as_json_has_item_and_effects(run):
    data = json.loads(run("receive", "LAMPA", "3", "--json").stdout)

    assert (data["balance"], data["effects"][0]["before"], data["effects"][0]["after"]) == (8, "5", "8")


@pytest.mark.parametrize(
    ("args", "code", "expected"),
    [
        (["show", "lampa"], 1, "Did you mean LAMPA?"),
        (["receive", "LAMPA", "0"], 1, "the quantity 0 will not do: a whole number from 1 to 1000000"),
        (["receive", "LAMPA", "tre"], 2, "tre"),
        (["adjust", "KURS", "1"], 1, "ashop stock count KURS"),
        (["set", "LAMPA", "fin"], 1, "there is no stock status fin"),
        (["add", "LAMPA"], 1, "exists already"),
        (["list", "--status", "fin"], 1, "there is no stock status fin"),
        (["history", "LAMPA", "--cursor", "x"], 1, "not a page cursor"),
        (["import", "nowhere.csv"], 1, "nowhere.csv: cannot be read: No such file or directory"),
    ],
)
def test_a_refusal_names_value_and_remedy(run, args, code, expected):
    result = run(*args)

    assert result.exit_code == code
    assert expected in result.stderr
    assert result.stdout == ""


# ── CSV files ────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def import_file(run, tmp_path):
    def write_and_import(data, *options):
        path = tmp_path / "items.csv"
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return run("import", str(path), *options)

    return write_and_import


def test_a_file_is_imported_and_a_repetition_changes_nothing(import_file, shop):
    data = "sku,name,balance,status\nLAMPA,Taklampa,7,\nBORD,Bord,0,\nSTOL,,,beställningsvara\n"

    first = import_file(data)
    second = import_file(data, "--json")

    assert first.stdout == "2 new, 1 changed, 0 unchanged\n"
    assert json.loads(second.stdout) == {"created": 0, "changed": 0, "unchanged": 3}
    assert [(i.sku, i.name, i.balance, i.status) for i in stock.every_item(shop)] == [
        ("BORD", "Bord", 0, "sold_out"),
        ("KURS", "Kurs", None, "in_stock"),
        ("LAMPA", "Taklampa", 7, "in_stock"),
        ("STOL", "STOL", None, "on_order"),
    ]


@pytest.mark.parametrize(
    ("data", "options"),
    [
        ("\ufeffsku;balance\r\nÅL;3\r\n", []),
        ('"sku","balance"\n"ÅL","3"\n\n', []),
        ("balance,sku\n3, ÅL \n", []),
        ("sku,balance\nÅL,3\n".encode("cp1252"), ["--encoding", "cp1252"]),
    ],
)
def test_a_file_may_be_written_in_several_ways(import_file, shop, data, options):
    assert import_file(data, *options).exit_code == 0

    assert stock.item(shop, "ÅL").balance == 3


def test_a_dry_run_of_a_file_changes_nothing(import_file, shop):
    result = import_file("sku,balance\nBORD,3\n", "--dry-run")

    assert result.stdout == "1 new, 0 changed, 0 unchanged\n"
    assert len(list(stock.every_item(shop))) == 2


def test_every_bad_row_is_told_by_its_number_and_nothing_is_changed(import_file, shop):
    result = import_file(
        "sku,name,balance,status\n"
        "OK,,1,\n"
        ",,1,\n"
        'LÅNG,"två\nrader",1,\n'
        "A,,1.5,\n"
        "B,,１２,\n"
        "C,,1,fin\n"
        "OK,,2,\n"
        "D,1\n"
        "E,,9999999999,\n"
    )

    assert result.exit_code == 1
    assert [line.split(":")[0] for line in result.stderr.splitlines()] == [
        "Error", "row 3", "row 4", "row 6", "row 7", "row 8", "row 9", "row 10", "row 11",
    ]  # fmt: skip
    assert "row 9: OK is already on row 2" in result.stderr
    assert len(list(stock.every_item(shop))) == 2


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", "the first row must name the columns"),
        (b"name,balance\nA,1\n", "the first row must name the columns"),
        (b"sku,ballance\nA,1\n", "it reads: sku,ballance"),
        (b"sku,sku\nA,1\n", "the first row must name the columns"),
        (
            "sku,name\nA,Åke\n".encode("cp1252"),
            "not UTF-8 (byte 11). If it was saved in Excel, try --encoding cp1252",
        ),
        (b"\x00\x01\x02\xff\xfe" * 100, "not UTF-8"),
        (b'sku,name\nA,"aldrig slut\n', "row 2 is not valid CSV"),
        (b"sku,name\nA\x00B,x\n", "row 2: the SKU"),
    ],
)
def test_a_file_that_is_no_such_file_is_refused(import_file, data, expected):
    result = import_file(data)

    assert result.exit_code == 1
    assert expected in result.stderr


def test_an_unknown_encoding_is_refused(import_file):
    assert "there is no encoding klingon" in import_file("sku\nA\n", "--encoding", "klingon").stderr


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize(
    "name", ["list", "show", "add", "receive", "adjust", "count", "set", "history", "import"]
)
def test_every_command_has_help(run, name, lang):
    result = run(name, "--help", lang=lang)

    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) > 4
