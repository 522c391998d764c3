"""The program itself: languages, finding the shop, help without imports, exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click
import pytest

from ashop_core.cli import language
from ashop_core.cli.commands import COMMANDS
from ashop_core.cli.groups import Group
from ashop_core.testing import write_shop

HEAVY = (
    "cattrs",
    "sqlite3",
    "sqlite_utils",
    "babel",
    "rich",
    "dataclasses_json",
    "json",
    "email",
    "importlib.metadata",
)


def _ashop(*args: str, **more) -> subprocess.CompletedProcess[str]:
    """Run the real program, as a user does."""
    bare = {k: v for k, v in os.environ.items() if not k.startswith(("ASHOP_", "LC_", "LANG", "COVERAGE"))}
    return subprocess.run(
        [sys.executable, "-m", "ashop_core", *args],
        capture_output=True,
        text=True,
        env=bare,
        timeout=60,
        **more,
    )


def test_help_lists_the_commands_in_the_order_of_a_day(ashop):
    result = ashop("--help")

    assert result.exit_code == 0
    commands = result.stdout.split("Kommandon:")[1].split()
    assert commands[0] == "today"
    assert "Vad som väntar i dag" in result.stdout
    assert "demo" in commands


@pytest.mark.parametrize("row", COMMANDS, ids=lambda row: row.path)
def test_every_command_has_a_help_page_in_both_languages(ashop, row):
    swedish, english = (ashop(*row.path.split(), "--help", lang=lang) for lang in ("sv", "en"))

    assert swedish.exit_code == english.exit_code == 0
    assert row.help.sv in " ".join(swedish.stdout.split())
    assert row.help.en in " ".join(english.stdout.split())
    assert swedish.stdout.startswith("Användning: ashop")
    assert english.stdout.startswith("Usage: ashop")


def test_every_option_and_argument_says_something_in_both_languages():
    for row in COMMANDS:
        if row.target is None:
            continue
        module, _, name = row.target.partition(":")
        command = getattr(__import__(module, fromlist=[name]), name)
        for param in command.params:
            words = getattr(param, "words", None)
            if isinstance(param, click.Option):
                assert words is not None, f"{row.path} {param.name}"
            assert words is None or words.sv, f"{row.path} {param.name}"
            assert words is None or words.sv != words.en, (
                f"{row.path} {param.name}: the same in both languages"
            )


@pytest.mark.parametrize(
    ("flag", "env", "toml", "lang", "expected"),
    [
        ("en", "sv", "sv", "sv_SE.UTF-8", "Usage"),
        (None, "en", "sv", "sv_SE.UTF-8", "Usage"),
        (None, None, "en", "sv_SE.UTF-8", "Usage"),
        (None, None, None, "en_GB.UTF-8", "Usage"),
        (None, None, None, "de_DE.UTF-8", "Användning"),
        (None, None, None, None, "Användning"),
    ],
)
def test_the_language_is_that_of_flag_environment_shop_system_or_swedish(
    ashop, tmp_path, flag, env, toml, lang, expected
):
    (tmp_path / "shop").mkdir()
    words = f'[shop]\nlanguage = "{toml}"\n' if toml else ""
    (tmp_path / "shop" / "ashop.toml").write_text(words)
    given = {name: value for name, value in (("ASHOP_LANG", env), ("LANG", lang)) if value}

    result = ashop("--help", lang=flag, env=given)

    assert result.stdout.startswith(expected)


def test_clicks_own_words_are_swedish(ashop, tmp_path):
    write_shop(tmp_path / "shop")

    unknown = ashop("ordr")
    missing = ashop("order", "show")
    choice = ashop("order", "list", "--stage", "x")
    option = ashop("order", "list", "--stat", "x")

    assert "Det finns inget kommando 'ordr'. Menade du 'order'?" in unknown.stderr
    assert "Argumentet saknas: 'ORDER'" in missing.stderr
    assert "är inget av 'checkout'" in choice.stderr
    assert "Det finns inget val '--stat'." in option.stderr
    assert {r.exit_code for r in (unknown, missing, choice, option)} == {2}


def test_clicks_own_words_stay_english(ashop):
    result = ashop("ordr", lang="en")

    assert result.exit_code == 2
    assert "No such command 'ordr'. Did you mean 'order'?" in result.stderr


def test_every_translated_message_is_still_one_of_clicks():
    source = "".join(p.read_text(encoding="utf-8") for p in Path(click.__file__).parent.glob("*.py"))
    names = {"TEXT", "INTEGER", "INTEGER RANGE", "FILE", "DIRECTORY"}  # made from the names of click's types
    gone = [
        m
        for m in language._SWEDISH
        if m not in names and m.replace("\n", "\\n").replace("\t", "\\t") not in source
    ]

    assert gone == []


def test_without_a_shop_the_error_says_how_to_get_one(ashop, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    swedish, english = (ashop("order", "list", home=None, lang=lang) for lang in ("sv", "en"))

    assert swedish.exit_code == english.exit_code == 1
    assert "ashop init MAPP" in swedish.stderr
    assert "ashop init DIR" in english.stderr
    assert swedish.stdout == ""


def test_a_folder_without_settings_is_named(ashop, tmp_path):
    result = ashop("order", "list", home=tmp_path / "nowhere")

    assert result.exit_code == 1
    assert str(tmp_path / "nowhere" / "ashop.toml") in result.stderr


def test_the_shop_is_found_from_a_folder_inside_it_and_from_the_environment(ashop, tmp_path, monkeypatch):
    home = write_shop(tmp_path / "shop")
    (home / "plugins").mkdir()
    monkeypatch.chdir(home / "plugins")

    inside = ashop("order", "list", home=None)
    monkeypatch.chdir(tmp_path)
    pointed = ashop("order", "list", home=None, env={"ASHOP_SHOP": str(home)})

    assert inside.stdout == pointed.stdout == "Inga ordrar.\n"


def test_broken_toml_stops_commands_and_spares_help(ashop, tmp_path):
    home = write_shop(tmp_path / "shop")
    (home / "ashop.toml").write_text("[shop\nname = 1")

    assert ashop("--help").exit_code == 0
    assert ashop("order", "--help").exit_code == 0
    for command in (
        ("order", "list"),
        ("settings", "check"),
        ("plugin", "list"),
        ("doctor",),
        ("flow", "check"),
    ):
        result = ashop(*command)
        assert result.exit_code == 1, command
        assert "inte giltig TOML" in result.output, command
        assert "Traceback" not in result.output


def test_every_fault_in_the_settings_is_on_its_own_line(ashop, tmp_path):
    write_shop(tmp_path / "shop", toml='[delivery.post]\nprice = "dyrt"\nfarg = 1\n')

    result = ashop("order", "list")

    assert result.exit_code == 1
    lines = result.stderr.splitlines()
    assert any("delivery.post.price" in line for line in lines)
    assert any("delivery.post.farg" in line for line in lines)


def test_help_imports_nothing_heavy(tmp_path):
    home = write_shop(tmp_path / "shop")
    code = (
        "import sys\n"
        "from ashop_core.cli.root import Root\n"
        f"try: Root().main(['--shop', {str(home)!r}, 'order', '--help'])\n"
        "except SystemExit: pass\n"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )

    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)

    assert result.stdout.splitlines()[-1] == "[]"


def test_version_and_module_are_the_same_program():
    result = _ashop("--version")

    assert result.returncode == 0
    assert result.stdout.startswith("ashop ")


def test_a_reader_that_goes_away_is_no_drama(tmp_path):
    write_shop(tmp_path / "shop")
    command = f"{sys.executable} -m ashop_core --shop {tmp_path / 'shop'} flow show --json | head -c 10"

    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60)

    assert result.returncode == 0
    assert result.stderr == ""


def test_ctrl_c_ends_with_130(ashop, tmp_path, monkeypatch):
    write_shop(tmp_path / "shop")

    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("ashop_core.shop.Shop.orders", interrupted)

    assert ashop("order", "list").exit_code == 130


def test_a_bug_shows_its_traceback(ashop, tmp_path, monkeypatch):
    write_shop(tmp_path / "shop")

    def buggy(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("ashop_core.shop.Shop.orders", buggy)

    with pytest.raises(ZeroDivisionError):
        ashop("order", "list")


def test_groups_say_what_is_in_them_when_called_bare(ashop):
    result = ashop("order")

    assert result.exit_code == 2
    assert "Byt status" in result.stderr


def test_lazy_groups_are_groups():
    from ashop_core.cli.groups import Lazy, load
    from ashop_core.texts import Text

    assert isinstance(load("order", Lazy(None, Text("Ordrar.", "Orders."))), Group)
