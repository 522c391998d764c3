"""`ashop doctor --fix`: each repair of what was found runs apart, tells what it did, and then all is looked at again."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from textwrap import indent

import pytest

from ashop_core.doctor import examine_shop
from ashop_core.repairing import mend
from ashop_core.shop import Shop
from ashop_core.testing import place_order, write_shop

SICK = """
from pathlib import Path
from ashop_core import Text, hookimpl
from ashop_core.errors import AshopError, Problem
from ashop_core.repairing import Repair

CODE = "NAME_ill"

def wound(shop):
    return shop.settings.path("NAME.wound")

@hookimpl
def ashop_describe_health(shop):
    return [Problem(CODE, Text("NAME mår illa", "NAME is ill"))] if wound(shop).exists() else []

def heal(shop, dry_run):
    if wound(shop).exists():
        yield Text("plåstrade", "bandaged")
    HEAL

def never(shop, dry_run):
    raise AssertionError("nothing of this was found")

@hookimpl
def ashop_describe_repairs(shop):
    REPAIRS
"""
HEAL = "if not dry_run:\n    wound(shop).unlink(missing_ok=True)"
REPAIRS = """return [
    Repair(codes=(CODE,), text=Text("läker NAME", "heals NAME"), run=heal),
    Repair(codes=("something_else",), text=Text("x", "x"), run=never),
]"""


def sick(name, heal=HEAL, repairs=REPAIRS):
    text = SICK.replace("    HEAL", indent(heal, "    ")).replace("    REPAIRS", indent(repairs, "    "))
    return {f"plugins/{name}.py": text.replace("NAME", name)}


@pytest.fixture
def shop_of(tmp_path):
    def make(*wounded, **plugins):
        files = {path: text for each in plugins.values() for path, text in each.items()}
        home = write_shop(tmp_path / "shop", *[f"local:{name}" for name in plugins], files=files)
        for name in wounded:
            (home / f"{name}.wound").touch()
        return home

    return make


# ── The command ──────────────────────────────────────────────────────────────────────────────────


def test_what_was_found_is_mended_and_looked_at_again(ashop, shop_of):
    shop_of("ena", ena=sick("ena"), andra=sick("andra"))

    result = ashop("doctor", "--fix", lang="en")

    assert result.exit_code == 0
    lines = [line for line in result.stdout.splitlines() if not line.startswith("note")]
    assert lines == [
        "FAULT  ena is ill", "", "local:ena: heals ena", "  bandaged", "",
        "Examined again: everything is mended.",
    ]  # fmt: skip
    assert ashop("doctor").exit_code == 0


def test_a_dry_run_tells_the_same_and_changes_nothing(ashop, shop_of):
    home = shop_of("ena", ena=sick("ena"))

    result = ashop("doctor", "--fix", "--dry-run")

    assert result.exit_code == 1
    assert "local:ena: läker ena\n  plåstrade\n\nEn rättning skulle göras. Inget ändrades.\n" in result.stdout
    assert (home / "ena.wound").exists()


def test_nothing_to_fix_says_so(ashop, shop_of):
    shop_of(ena=sick("ena"))

    result = ashop("doctor", "--fix", lang="en")

    assert result.exit_code == 0
    assert result.stdout.endswith("\nThere is nothing to mend.\n")


def test_for_machines_it_tells_what_was_found_what_was_done_and_what_is_left(ashop, shop_of):
    shop_of("ena", "andra", ena=sick("ena"), andra=sick("andra", repairs="return []"))

    result = ashop("doctor", "--fix", "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == 1
    assert sorted(f["code"] for f in told["found"] if f["serious"]) == ["andra_ill", "ena_ill"]
    assert told["repairs"] == [
        {
            "plugin": "local:ena",
            "text": {"sv": "läker ena", "en": "heals ena"},
            "done": [{"sv": "plåstrade", "en": "bandaged"}],
            "fault": None,
        }
    ]
    assert [f["code"] for f in told["left"] if f["serious"]] == ["andra_ill"]
    assert told["dry_run"] is False


def test_dry_run_without_fix_is_no_command(ashop, shop_of):
    shop_of(ena=sick("ena"))

    assert ashop("doctor", "--dry-run").exit_code == 2


def test_what_nothing_mends_says_what_a_person_can_do(ashop, tmp_path, clock):
    home = write_shop(tmp_path / "shop")
    with Shop.open(home, clock=clock) as shop:
        place_order(shop)
    with closing(sqlite3.connect(home / "shop.db")) as connection:
        connection.execute("UPDATE orders SET total = total + 1")
        connection.commit()

    result = ashop("doctor", "--fix", lang="en")

    assert result.exit_code == 1
    assert "Nothing mends an order by itself." in result.stdout
    assert "compare `ashop order explain` with the latest backup" in result.stdout


def test_a_shop_that_does_not_open_is_not_mended(ashop, shop_of):
    shop_of("ena", ena=sick("ena"), trasig={"plugins/trasig.py": "raise ValueError('trasig')"})

    result = ashop("doctor", "--fix", lang="en")

    assert result.exit_code == 1
    assert "trasig" in result.stdout
    assert "The shop cannot be opened: nothing was mended." in result.stderr


# ── Faults ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("heal", "repairs", "done"),
    [
        ("1 / 0", REPAIRS, ["bandaged"]),
        ("raise AshopError(Text('nej', 'no'))", REPAIRS, ["bandaged"]),
        ("raise SystemExit", REPAIRS, ["bandaged"]),
        ("yield 'words'", REPAIRS, ["bandaged"]),
        (HEAL, "1 / 0", []),
        (HEAL, "return ['words']", []),
        (HEAL, "return 5", []),
    ],
)
def test_a_repair_that_fails_is_named_and_keeps_no_other_from_running(shop_of, clock, heal, repairs, done):
    home = shop_of("bad", "good", bad=sick("bad", heal, repairs), good=sick("good"))

    with Shop.open(home, clock=clock) as shop:
        bad, good = mend(shop, examine_shop(shop))

    assert bad.plugin == "local:bad"
    assert bad.fault is not None
    assert [words.en for words in bad.done] == done
    assert (good.fault, [words.en for words in good.done]) == (None, ["bandaged"])
    assert not (home / "good.wound").exists()


def test_a_fault_is_told_and_the_exit_code_tells_that_something_is_left(ashop, shop_of):
    shop_of("bad", "good", bad=sick("bad", "1 / 0"), good=sick("good"))

    result = ashop("doctor", "--fix", lang="en")

    assert result.exit_code == 1
    assert (
        "FAULT  the plugin local:bad failed in doctor --fix: ZeroDivisionError: division by zero"
        in result.stdout
    )
    assert "Examined again, one fault is left:\nFAULT  bad is ill\n" in result.stdout


def test_a_repair_is_for_what_its_own_plugin_found(shop_of, clock):
    other = sick("good", repairs=REPAIRS.replace("CODE,", '"bad_ill",'))
    home = shop_of("bad", "good", bad=sick("bad", repairs="return []"), good=other)

    with Shop.open(home, clock=clock) as shop:
        assert list(mend(shop, examine_shop(shop))) == []
