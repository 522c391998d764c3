"""Plugins on the command line: the commands they add, and what still works where one of them is broken."""

from __future__ import annotations

import json

import pytest

from ashop_core.cli import entrypoints
from ashop_core.testing import write_shop

HEAD = "from ashop_core import Text, hookimpl\n"
ADDS = (
    HEAD
    + """
import click
from ashop_core.cli.app import command, option, with_shop

@command()
@option("--loud", is_flag=True, help=Text("Högt.", "Loudly."))
@with_shop
def hello(shop, loud):
    click.echo("HEJ" if loud else f"hej {shop.settings.shop.name}")

@hookimpl
def ashop_register_commands(cli):
    cli.add_lazy("greet", None, help=Text("Hälsningar.", "Greetings."))
    cli.add_lazy("greet hello", "ashop_local_greet:hello", help=Text("Säg hej. Till butiken.", "Say hello. To the shop."))
    cli.add_lazy("order greet", "ashop_local_greet:hello", help=Text("Säg hej.", "Say hello."))
"""
)
BROKEN = {
    "cannot be imported": "import nothing_of_that_name\n",
    "raises in its hook": HEAD
    + "@hookimpl\ndef ashop_register_commands(cli):\n    raise RuntimeError('aj')\n",
    "leaves in its hook": HEAD + "@hookimpl\ndef ashop_register_commands(cli):\n    raise SystemExit(3)\n",
    "takes a name that is taken": HEAD
    + "@hookimpl\ndef ashop_register_commands(cli):\n    cli.add_lazy('today', 'x:y', help=Text('a', 'b'))\n",
    "takes an argument that is not there": HEAD + "@hookimpl\ndef ashop_register_commands(app):\n    pass\n",
}


def shop_with(home, name, source):
    return write_shop(home, f"local:{name}", files={f"plugins/{name}.py": source})


def test_a_plugin_adds_a_group_and_commands_also_to_a_group_of_the_core(ashop, tmp_path):
    shop_with(tmp_path / "shop", "greet", ADDS)

    assert "Hälsningar" in ashop("--help").stdout
    assert "Säg hej\n" in ashop("greet", "--help").stdout
    assert "Say hello" in ashop("order", "--help", lang="en").stdout
    assert ashop("greet", "hello").stdout == "hej Villa & Värme\n"
    assert ashop("order", "greet", "--loud").stdout == "HEJ\n"
    assert "Säg hej. Till butiken." in ashop("greet", "hello", "--help").stdout


def test_nothing_of_a_plugin_is_left_in_the_next_invocation(ashop, tmp_path):
    shop_with(tmp_path / "shop", "greet", ADDS)
    other = write_shop(tmp_path / "other")
    assert ashop("greet", "hello").exit_code == 0

    result = ashop("greet", "hello", home=other)

    assert result.exit_code == 2
    assert "greet" not in ashop("order", "--help", home=other).stdout


@pytest.mark.parametrize("source", BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_plugin_stops_commands_and_is_named_by_those_that_help(ashop, tmp_path, source):
    shop_with(tmp_path / "shop", "bad", source)

    for command in (
        ("order", "list"),
        ("today",),
        ("work", "--once"),
        ("flow", "show"),
        ("bad", "cmd"),
        ("settings", "show"),
    ):
        result = ashop(*command)
        assert result.exit_code == 1, command
        assert "local:bad" in result.stderr, command
        assert "[plugins] enabled" in result.stderr, command
    for command, code in (
        (("--help",), 0),
        (("plugin", "list"), 0),
        (("settings", "check"), 1),
        (("doctor",), 1),
    ):
        result = ashop(*command)
        assert result.exit_code == code, command
        assert "local:bad" in result.output, command
    assert ashop("order", "--help").exit_code == 0
    assert "the plugin local:bad" in ashop("order", "list", lang="en").stderr


def test_a_broken_plugin_is_said_once_by_plugin_list(ashop, tmp_path):
    shop_with(tmp_path / "shop", "bad", BROKEN["raises in its hook"])

    rows = {row["name"]: row for row in json.loads(ashop("plugin", "list", "--json").stdout)}

    assert len(rows["local:bad"]["problems"]) == 1
    assert "aj" in rows["local:bad"]["problems"][0]["sv"]


def test_a_plugin_that_is_not_installed_is_named_with_what_there_is(ashop, tmp_path):
    write_shop(tmp_path / "shop", "stock_controll")

    result = ashop("order", "list")
    state = ashop("plugin", "list").stdout

    assert result.exit_code == 1
    assert "stock_controll" in result.stderr
    assert "stock_control?" in state


def test_a_command_whose_module_cannot_be_imported_names_its_plugin(ashop, tmp_path):
    source = HEAD + "@hookimpl\ndef ashop_register_commands(cli):\n"
    source += "    cli.add_lazy('far', 'no_such_module:far', help=Text('Fjärran.', 'Far.'))\n"
    shop_with(tmp_path / "shop", "far", source)

    assert "Fjärran" in ashop("--help").stdout
    result = ashop("far")

    assert result.exit_code == 1
    assert "local:far" in result.stderr
    assert "no_such_module" in result.stderr


def test_plugin_list_tells_version_source_hooks_and_what_is_not_on(ashop, tmp_path):
    source = "__version__ = '7.1'\n" + ADDS
    shop_with(tmp_path / "shop", "greet", source)

    rows = {row["name"]: row for row in json.loads(ashop("plugin", "list", "--json").stdout)}

    greet = rows["local:greet"]
    assert (greet["version"], greet["source"], greet["enabled"]) == ("7.1", "plugins/greet.py", True)
    assert greet["hooks"] == ["ashop_register_commands"]
    assert greet["problems"] == []
    assert rows["email"]["enabled"] is False
    assert "avslagen" in ashop("plugin", "list").stdout


def test_plugin_list_works_where_other_settings_are_wrong(ashop, tmp_path):
    write_shop(tmp_path / "shop", toml='[delivery.post]\nprice = "dyrt"\n')

    assert ashop("plugin", "list").exit_code == 0
    assert ashop("settings", "check").exit_code == 1


def test_a_plugins_wrong_settings_are_told_by_plugin_list(ashop, tmp_path):
    source = "from dataclasses import dataclass\n@dataclass(frozen=True, kw_only=True)\nclass Settings:\n    n: int = 1\n"
    home = write_shop(
        tmp_path / "shop", "local:n", toml='[plugins."local:n"]\nn = "ett"\n', files={"plugins/n.py": source}
    )

    assert "local:n" in ashop("plugin", "list", home=home).stdout
    result = ashop("order", "list", home=home)
    assert result.exit_code == 1
    assert "plugins.local:n.n" in result.stderr


def test_a_change_that_a_plugin_notices_badly_is_made_and_warned_of_in_one_line(ashop, tmp_path):
    source = HEAD + "@hookimpl\ndef ashop_after_change(order):\n    raise RuntimeError('efteråt')\n"
    shop_with(tmp_path / "shop", "late", source)

    result = ashop(
        "order", "new", "--line", "A=1@10", "--name", "A", "--email", "a@b.se", "--delivery", "pickup"
    )

    assert result.exit_code == 0
    assert "Mottagen" in result.stdout
    assert "efteråt" in result.stderr
    assert "Traceback" not in result.stderr


# ── programs without a shop ──────────────────────────────────────────────────────────────────────


def test_a_command_that_needs_no_shop_is_found_outside_one(ashop, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert ashop("demo", "--help", home=None).exit_code == 0


def test_one_that_cannot_be_imported_does_not_hide_the_help(ashop, monkeypatch):
    monkeypatch.setattr(entrypoints, "find", lambda group: {"gone": "no_such_module:gone"})

    result = ashop("--help", home=None)

    assert result.exit_code == 0
    assert "  gone" in result.stdout


@pytest.mark.parametrize("group", ["ashop", "ashop_commands", "console_scripts", "pytest11", "no_such_group"])
def test_entry_points_are_those_that_importlib_finds(group):
    assert entrypoints.find(group) == entrypoints.find_carefully(group)


def test_entry_points_are_read_past_comments_extras_and_zip_files(tmp_path, monkeypatch):
    for name, text in (
        ("One-1.0.dist-info", "[x]\n# not=this\na = m.n:f [extra]\n\n[ashop]\nb=p\n"),
        ("two.egg-info", "[ashop]\nb = other\nc = q\n"),
        ("three-1.dist-info", None),
    ):
        (tmp_path / name).mkdir()
        if text is not None:
            (tmp_path / name / "entry_points.txt").write_text(text)
    entrypoints._texts.cache_clear()
    monkeypatch.setattr("sys.path", [str(tmp_path / "not-there.zip"), str(tmp_path)])

    try:
        assert entrypoints.find("ashop") == {"b": "p", "c": "q"}
        assert entrypoints.find("x") == {"a": "m.n:f"}
    finally:
        entrypoints._texts.cache_clear()
