"""Items as people work with them: edited in one go with what it sets off, pinned, listed by what matters of them."""

import json
import re
import shlex
from pathlib import Path
from typing import Any, cast

import pytest

from ashop_core.errors import InvalidInput, NotFound
from ashop_core.testing import place_order, some_lines
from ashop_stock_control import health, stock
from ashop_stock_control.item_list import list_items
from ashop_stock_control.policies import OPEN, STRICT, Policy
from ashop_stock_control.settings import StockSettings
from ashop_stock_control.stock import Edits

GROUPS = """
[plugins.stock_control]
low = 2

[plugins.stock_control.groups.lampor]
policy = "strict"
margin = 2
low = 4

[[plugins.stock_control.rules]]
when = "falls_to"
threshold = 0
from = ["in_stock"]
to = "sold_out"
back_at = 1

[[plugins.stock_control.rules]]
when = "falls_to"
threshold = 10
from = ["in_stock"]
to = "temporarily_out"
groups = ["skrymmande"]
"""


@pytest.fixture
def shop(make_shop):
    shop = make_shop("stock_control", toml=GROUPS)
    stock.add_item(shop, "LAMPA", "Lampa", balance=5)
    return shop


@pytest.fixture
def run(shop, ashop):
    return lambda *args, lang="en": ashop("stock", *args, lang=lang)


def status(shop, sku="LAMPA"):
    return stock.item(shop, sku).status


def open_kinds(shop, sku="LAMPA"):
    return [alert.kind.value for alert in stock.warnings(shop, sku)]


# ── Editing ──────────────────────────────────────────────────────────────────────────────────────


def test_several_things_are_changed_at_once_and_kept_in_one_row(shop):
    edits = Edits(name="Golvlampa", group="lampor", policy=Policy(3), margin=0, low=1)

    outcome = stock.edit_item(shop, "LAMPA", edits, "åsa", "ny leverantör")

    [row, _] = stock.history(shop, "LAMPA").rows
    item = stock.item(shop, "LAMPA")
    assert item == outcome.item
    assert (item.name, item.group, item.policy, item.margin, item.low) == (
        "Golvlampa",
        "lampor",
        Policy(3),
        0,
        1,
    )
    assert (row.kind, row.actor, row.note, row.d_on_hand, row.d_held) == (
        stock.Kind.EDIT,
        "åsa",
        "ny leverantör",
        0,
        0,
    )
    assert {e.field: (e.before, e.after) for e in row.edited} == {
        "name": ("Lampa", "Golvlampa"),
        "group": ("", "lampor"),
        "policy": (None, "up_to(3)"),
        "margin": (None, 0),
        "low": (None, 1),
    }
    assert health.problems(shop) == []


def test_a_new_name_is_found_in_the_list(shop):
    stock.edit_item(shop, "LAMPA", Edits(name="Ängslampa"))

    assert [i.sku for i in stock.items(shop, stock.ItemFilter(text="ÄNGS")).rows] == ["LAMPA"]


def test_what_is_so_already_leaves_no_row(shop):
    stock.edit_item(shop, "LAMPA", Edits(margin=2))

    again = stock.edit_item(shop, "LAMPA", Edits(margin=2, name="Lampa"))

    assert again.effects == ()
    assert len(stock.history(shop, "LAMPA").rows) == 2


def test_none_takes_the_own_term_away_so_that_the_groups_applies(shop, run):
    stock.edit_item(shop, "LAMPA", Edits(group="lampor", policy=OPEN, margin=0, low=0))

    assert run("edit", "LAMPA", "--policy", "none", "--margin", "none", "--low", "none").exit_code == 0

    data = json.loads(run("show", "LAMPA", "--json").stdout)
    assert (data["policy"], data["margin"], data["low"]) == ("strict", 2, 4)


@pytest.mark.parametrize(
    ("margin", "expected"),
    [(4, "in_stock"), (5, "sold_out"), (7, "sold_out")],
)
def test_a_margin_that_eats_the_balance_sets_the_rule_off(shop, margin, expected):
    stock.edit_item(shop, "LAMPA", Edits(margin=margin), "åsa")

    row = stock.history(shop, "LAMPA").rows[0]
    assert status(shop) == expected
    assert (row.status_after, row.why) == ((expected, "falls_to 0") if expected == "sold_out" else (None, ""))


def test_a_margin_taken_away_brings_the_status_back(shop):
    stock.edit_item(shop, "LAMPA", Edits(margin=5))

    stock.edit_item(shop, "LAMPA", Edits(margin=None))

    assert status(shop) == "in_stock"
    assert stock.history(shop, "LAMPA").rows[0].why == "rises_to 1"


def test_a_group_brings_its_margin_and_its_rules(shop):
    stock.add_item(shop, "SOFFA", "Soffa", balance=6)

    stock.edit_item(shop, "SOFFA", Edits(group="skrymmande"))

    assert status(shop, "SOFFA") == "temporarily_out"


def test_other_rules_leave_a_status_set_by_hand(shop):
    stock.add_item(shop, "SOFFA", "Soffa", balance=6)
    stock.set_status(shop, "SOFFA", "sold_out")
    stock.set_status(shop, "SOFFA", "in_stock")

    stock.edit_item(shop, "SOFFA", Edits(group="skrymmande"))

    assert status(shop, "SOFFA") == "in_stock"


def test_a_pinned_status_is_left_by_a_margin_and_by_orders(shop):
    stock.set_status(shop, "LAMPA", "in_stock", pin=True)

    stock.edit_item(shop, "LAMPA", Edits(margin=9))
    stock.adjust(shop, "LAMPA", -5)

    assert status(shop) == "in_stock"
    assert [e.field for e in stock.history(shop, "LAMPA").rows[2].edited] == ["pinned"]


def test_once_unpinned_the_rules_apply_at_once(shop, run):
    stock.set_status(shop, "LAMPA", "in_stock", pin=True)
    stock.adjust(shop, "LAMPA", -5)

    said = run("edit", "LAMPA", "--no-pin")

    row = stock.history(shop, "LAMPA").rows[0]
    assert (row.status_before, row.status_after, row.why) == ("in_stock", "sold_out", "falls_to 0")
    assert status(shop) == "sold_out"
    assert "In stock → Sold out (rule: balance falls to 0)" in said.stdout


def test_unpinned_with_nothing_to_change_the_status_stands(shop):
    stock.set_status(shop, "LAMPA", "discontinued", pin=True)

    stock.edit_item(shop, "LAMPA", Edits(pinned=False))

    assert status(shop) == "discontinued"


def test_what_changes_nothing_says_so(shop, run):
    stock.edit_item(shop, "LAMPA", Edits(low=2))

    said = run("edit", "LAMPA", "--low", "2", "--dry-run")

    assert said.stderr == "All of it was so already: nothing was changed.\n"


@pytest.mark.parametrize(
    ("edits", "expected"),
    [(Edits(low=5), ["low"]), (Edits(low=4), []), (Edits(group="lampor"), []), (Edits(margin=3), [])],
)
def test_a_changed_low_opens_a_warning(shop, edits, expected):
    stock.edit_item(shop, "LAMPA", edits)

    assert open_kinds(shop) == expected


def test_a_lower_low_closes_the_warning_and_the_same_again_opens_one_only(shop):
    stock.edit_item(shop, "LAMPA", Edits(low=5))
    stock.edit_item(shop, "LAMPA", Edits(low=6))
    assert open_kinds(shop) == ["low"]

    stock.edit_item(shop, "LAMPA", Edits(low=None))

    assert open_kinds(shop) == []
    assert [a.closed_at is not None for a in stock.alerts(shop, closed=True).rows] == [True]


def test_an_edited_policy_judges_the_next_order(shop):
    stock.edit_item(shop, "LAMPA", Edits(policy=STRICT, margin=1))

    with pytest.raises(Exception, match="not available"):
        place_order(shop, some_lines("LAMPA", quantity=5))

    assert place_order(shop, some_lines("LAMPA", quantity=4)).number


@pytest.mark.parametrize(
    "edits",
    [
        Edits(margin=-1),
        Edits(margin=10**6 + 1),
        Edits(low=10**7),
        Edits(margin=True),
        Edits(group="två ord"),
        Edits(group="x" * 51),
        Edits(group="none"),
        Edits(group="a\0"),
        Edits(name="a\nb"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_changes(shop, edits):
    before = stock.item(shop, "LAMPA")

    with pytest.raises(InvalidInput, match="will not do"):
        stock.edit_item(shop, "LAMPA", edits)

    assert stock.item(shop, "LAMPA") == before


def test_an_unknown_item_is_named(shop):
    with pytest.raises(NotFound, match="Did you mean LAMPA"):
        stock.edit_item(shop, "lampa", Edits(margin=1))


def test_a_dry_run_tells_and_keeps_nothing(shop, run):
    said = run("edit", "LAMPA", "--margin", "5", "--low", "5", "--dry-run")

    assert "In stock → Sold out (rule: balance falls to 0, the safety margin 5 taken off)" in said.stdout
    assert (status(shop), open_kinds(shop), stock.item(shop, "LAMPA").margin) == ("in_stock", [], None)


# ── Adding ───────────────────────────────────────────────────────────────────────────────────────


def test_an_added_item_has_its_terms_from_the_first_balance_on(shop, run):
    said = run(
        "add", "BORD", "--name", "Bord", "--balance", "3", "--margin", "3", "--low", "3", "--policy", "strict"
    )

    assert said.exit_code == 0
    assert status(shop, "BORD") == "sold_out"
    assert open_kinds(shop, "BORD") == ["low"]
    edits = [row.edited for row in stock.history(shop, "BORD").rows if row.kind is stock.Kind.EDIT]
    assert [[e.field for e in row] for row in edits] == [["name", "policy", "margin", "low"]]


def test_an_item_without_a_balance_leaves_a_row_of_who_added_it(shop):
    stock.add_item(shop, "KURS", "Kurs", actor="åsa")

    [row] = stock.history(shop, "KURS").rows
    assert (row.kind, row.actor) == (stock.Kind.EDIT, "åsa")


# ── Commands ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("args", "code", "expected"),
    [
        (["edit", "LAMPA"], 2, "Say what to change"),
        (["edit", "LAMPA", "--margin", "två"], 1, "--margin två will not do: write a whole number, or none"),
        (["edit", "LAMPA", "--policy", "slapp"], 1, "write open, strict or up_to(N)"),
        (["edit", "LAMPA", "--margin", "-1"], 1, "the safety margin -1 will not do"),
        (["list", "--policy", "slapp"], 1, "write open, strict or up_to(N)"),
        (["list", "--not-counted-since", "snart"], 1, "snart"),
    ],
)
def test_a_refusal_names_value_and_remedy(run, args, code, expected):
    said = run(*args)

    assert (said.exit_code, said.stdout) == (code, "")
    assert expected in said.stderr


@pytest.mark.parametrize(
    ("group", "expected"),
    [
        ("lampor", ""),
        ("skrymmande", ""),
        (
            "lampr",
            "No settings name the group lampr: it gathers items, but changes nothing. Did you mean lampor?\n",
        ),
        ("none", ""),
    ],
)
def test_a_group_that_no_settings_name_is_hinted_at(run, group, expected):
    assert run("edit", "LAMPA", "--group", group, "--margin", "0").stderr == expected


def test_an_edit_as_json_has_the_item_and_the_effects(run):
    data = json.loads(run("edit", "LAMPA", "--group", "lampor", "--json").stdout)

    assert (data["group"], data["policy"], data["margin"]) == ("lampor", "strict", 2)
    assert [e["subject"] for e in data["effects"]] == ["stock:LAMPA:group"]


def test_history_tells_what_was_changed_in_either_language(run):
    run("edit", "LAMPA", "--margin", "5")

    assert (
        "säkerhetsmarginal: – → 5; regel: saldot faller till 0" in run("history", "LAMPA", lang="sv").stdout
    )
    assert "safety margin: – → 5; rule: balance falls to 0" in run("history", "LAMPA").stdout
    row = json.loads(run("history", "LAMPA", "--json").stdout)[0]
    assert (row["edited"], row["why"]) == ({"margin": [None, 5]}, "falls_to 0")


def test_history_tells_what_each_row_goes_on_from(shop, run):
    order = place_order(shop, some_lines("LAMPA"))
    shop.cancel(order, "customer")

    rows = json.loads(run("history", "LAMPA", "--json").stdout)

    kinds = [(row["kind"], row["origin_kind"]) for row in rows]
    assert kinds == [("release", "take"), ("take", None), ("adjust", None)]


# ── The list ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def full(shop, clock):
    """A stock with one item of each sort, LAMPA plain among them."""
    clock.advance(days=-60)
    stock.add_item(shop, "GAMMAL", "Gammal", balance=9)
    stock.count(shop, "GAMMAL", 9)
    clock.advance(days=60)
    stock.add_item(shop, "EGEN", "Egen", balance=3, policy=Policy(5), low=3)
    stock.add_item(shop, "GRUPP", "Grupp", balance=4, group="lampor")
    stock.add_item(shop, "KURS", "Kurs")
    stock.add_item(shop, "NOLL", "Noll", balance=1)
    stock.add_item(shop, "SLUT", "Slut", balance=-2)
    stock.set_status(shop, "NOLL", "on_order", pin=True)
    stock.count(shop, "LAMPA", 5)
    return shop


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--group", "lampor"], ["GRUPP"]),
        (["--group", "none", "--at-most", "1"], ["NOLL", "SLUT"]),
        (["--low"], ["EGEN", "GRUPP", "NOLL", "SLUT"]),
        (["--low", "--group", "none", "--limit", "2"], ["EGEN", "NOLL"]),
        (["--oversold"], ["SLUT"]),
        (["--pinned"], ["NOLL"]),
        (["--policy", "strict"], ["GRUPP"]),
        (["--policy", "up_to(5)"], ["EGEN"]),
        (["--policy", "open"], ["GAMMAL", "KURS", "LAMPA", "NOLL", "SLUT"]),
        (["--not-counted-since", "30d"], ["EGEN", "GAMMAL", "GRUPP", "NOLL", "SLUT"]),
        (["--not-counted-since", "2026-01-01"], ["EGEN", "GRUPP", "NOLL", "SLUT"]),
    ],
)
def test_the_list_finds(full, run, options, expected):
    assert [i["sku"] for i in json.loads(run("list", "--json", *options).stdout)] == expected


def test_low_follows_the_terms_wherever_they_are_set(full, run):
    for item in stock.every_item(full):
        terms = full.settings.for_plugin(StockSettings).terms(item)
        listed = item.sku in [i.sku for i in stock.items(full, stock.ItemFilter(low=True)).rows]
        assert listed == (item.balance is not None and terms.low is not None and item.balance <= terms.low), (
            item.sku
        )


def test_the_list_shows_people_what_there_is_to_show(full, run):
    lines = run("list", lang="sv").stdout.splitlines()
    shown = {line.split()[0]: line for line in lines}

    assert lines[0].split() == [
        "Artikel", "Namn", "Grupp", "Lagerstatus", "Saldo", "På", "hyllan", "Hållet", "Policy", "Räknad", "30", "dagar",
    ]  # fmt: skip
    assert "Beställningsvara (låst)" in shown["NOLL"]
    assert "-2 (översåld 2)" in shown["SLUT"]
    assert ("lampor" in shown["GRUPP"], "strict" in shown["GRUPP"], "open" in shown["LAMPA"]) == (
        True,
        True,
        False,
    )
    assert "2026-11-23 13:00" in shown["LAMPA"]


def test_a_status_set_by_hand_is_marked_until_a_rule_fires(shop, run):
    stock.set_status(shop, "LAMPA", "on_order")
    assert "On order (by hand)" in run("list").stdout

    stock.set_status(shop, "LAMPA", "in_stock")
    stock.adjust(shop, "LAMPA", -5)

    assert "Sold out " in run("list").stdout


def test_pages_of_a_filter_go_on_where_they_ended(full):
    seen, cursor = [], None
    while True:
        page = stock.items(full, stock.ItemFilter(low=True), cursor=cursor, limit=1)
        seen += [item.sku for item in page.rows]
        if (cursor := page.next) is None:
            break

    assert seen == ["EGEN", "GRUPP", "NOLL", "SLUT"]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (stock.ItemFilter(group="lampor"), "stock_items_group"),
        (stock.ItemFilter(status="sold_out"), "stock_items_status"),
    ],
)
def test_a_group_and_a_status_are_read_by_their_index(full, wanted, index):
    asked = []

    class Spy:
        def rows(self, sql, params):
            asked.append((sql, params))
            return []

    list_items(cast(Any, Spy()), full.settings.for_plugin(StockSettings), wanted, "A", 10)

    with full.database.write() as tx:
        [(sql, params)] = asked
        plan = [row[3] for row in tx._connection.execute(f"EXPLAIN QUERY PLAN {sql}", params)]
    assert [index in line and "sku>?" in line for line in plan] == [True]


# ── The plugin's page ────────────────────────────────────────────────────────────────────────────

README = Path(__file__).parent.parent / "plugins" / "stock_control" / "README.md"


def blocks(kind):
    return re.findall(
        rf"^```{kind}\n(.*?)^```$", README.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )


def test_the_settings_on_the_plugins_page_are_settings(make_shop):
    shop = make_shop("stock_control", toml="\n".join(blocks("toml")))
    settings = shop.settings.for_plugin(StockSettings)

    assert (settings.low, settings.groups["kaminer"].policy, len(settings.rules)) == (3, "strict", 3)


def test_the_commands_for_items_on_the_plugins_page_run(make_shop, ashop):
    make_shop("stock_control", toml="\n".join(blocks("toml")))
    [lines] = [block for block in blocks("") if "ashop stock edit" in block]

    for line in lines.splitlines():
        said = ashop(*shlex.split(line, comments=True)[1:])
        assert (said.exit_code, "Error" in said.stderr) == (0, False), (line, said.stderr)


def test_the_example_for_programs_on_the_plugins_page_runs(make_shop, capsys):
    shop = make_shop("stock_control")
    stock.add_item(shop, "LAMPA-1", "Lampa", balance=7)
    [code] = blocks("python")

    exec(compile(code, "README", "exec"), {"shop": shop})  # noqa: S102 - our own page

    assert capsys.readouterr().out == "27\n"
