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
        ["Artikel", "Namn", "Lagerstatus", "Saldo", "På", "hyllan", "Hållet", "30", "dagar"],
        ["KURS", "Kurs", "Lagervara", "–"],
        ["LAMPA", "Lampa", "Lagervara", "5", "5", "0", "█"],
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
        (["import", "nowhere.csv"], 1, "nowhere.csv: there is no such file"),
    ],
)
def test_a_refusal_names_value_and_remedy(run, args, code, expected):
    result = run(*args)

    assert result.exit_code == code
    assert expected in result.stderr
    assert result.stdout == ""


@pytest.mark.parametrize("lang", ["sv", "en"])
@pytest.mark.parametrize(
    "name", ["list", "show", "add", "receive", "adjust", "count", "set", "history", "import", "export"]
)
def test_every_command_has_help(run, name, lang):
    result = run(name, "--help", lang=lang)

    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) > 4
