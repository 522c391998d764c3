"""`ashop init`, `settings`, `flow` and `completion`: a shop made, looked at and checked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib

import pytest

from ashop_core.testing import write_shop

SECRETIVE = """
from dataclasses import dataclass
from ashop_core.validation import Secret

@dataclass(frozen=True, kw_only=True)
class Settings:
    user: str = "anna"
    password: Secret | None = None
    ports: tuple[int, ...] = (25, 587)
"""


# ── init ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_init_makes_a_shop_that_opens_with_what_is_installed_and_may_oversell(ashop, tmp_path, lang):
    home = tmp_path / "ny" / "butik"

    result = ashop("init", str(home), "--name", 'Bo "Bosse" Ek', home=None, lang=lang)

    assert result.exit_code == 0
    settings = tomllib.loads((home / "ashop.toml").read_text(encoding="utf-8"))
    assert settings["shop"]["name"] == 'Bo "Bosse" Ek'
    assert settings["shop"]["language"] == lang
    assert {"email", "sms", "stock_control"} <= set(settings["plugins"]["enabled"])
    assert "strict_stock" not in settings["plugins"]["enabled"]
    assert (home / "outbox").is_dir()
    assert (home / "plugins").is_dir()
    assert ashop("settings", "check", home=home).exit_code == 0
    assert ashop("order", "list", home=home).stdout == "Inga ordrar.\n"


def test_init_leaves_a_shop_that_is_there_alone(ashop, tmp_path):
    home = write_shop(tmp_path / "shop")
    before = (home / "ashop.toml").read_text()

    result = ashop("init", str(home), home=None)

    assert result.exit_code == 1
    assert "finns redan" in result.stderr
    assert (home / "ashop.toml").read_text() == before


def test_init_where_a_file_is_in_the_way(ashop, tmp_path):
    (tmp_path / "file").write_text("")

    assert ashop("init", str(tmp_path / "file"), home=None).exit_code == 2
    assert ashop("init", str(tmp_path / "file" / "shop"), home=None).exit_code == 1


# ── settings ─────────────────────────────────────────────────────────────────────────────────────


def test_settings_show_hides_secrets(ashop, tmp_path, monkeypatch):
    monkeypatch.setenv("MAIL_PASSWORD", "hemligt123")
    toml = (
        '[plugins."local:mail"]\npassword = { env = "MAIL_PASSWORD" }\n[statuses.shipped]\nlabel = "Iväg"\n'
    )
    write_shop(tmp_path / "shop", "local:mail", toml=toml, files={"plugins/mail.py": SECRETIVE})

    table, rows = ashop("settings", "show"), ashop("settings", "show", "--json")

    assert table.exit_code == 0
    found = {row["key"]: row["value"] for row in json.loads(rows.stdout)}
    assert found["shop.name"] == "Villa & Värme"
    assert found["plugins.local:mail.user"] == "anna"
    assert found["plugins.local:mail.password"] == "•••"
    assert found["plugins.local:mail.ports"] == [25, 587]
    assert found["statuses.shipped.label"] == {"sv": "Iväg", "en": "Iväg"}
    assert "hemligt123" not in table.output + rows.output


def test_settings_check_says_all_is_well(ashop, tmp_path):
    write_shop(tmp_path / "shop")

    assert "i ordning" in ashop("settings", "check").stdout
    assert "in order" in ashop("settings", "check", lang="en").stdout


@pytest.mark.parametrize(
    ("toml", "words"),
    [
        ("[shopp]\nx = 1\n", "shopp"),
        ('[statuses.x]\nlabel = "X"\n', "statuses.x"),
        ('[statuses.shipped]\nnotify = ["brevduva"]\n', "brevduva"),
        ("[plugins.nothing]\nx = 1\n", None),
    ],
)
def test_settings_check_names_the_key(ashop, tmp_path, toml, words):
    write_shop(tmp_path / "shop", toml=toml)

    result = ashop("settings", "check")

    if words is not None:
        assert result.exit_code == 1
        assert "ashop.toml" in result.stderr
        assert words in result.stderr


# ── completion ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_script_and_how_to_install_it(ashop, shell):
    result = ashop("completion", shell, home=None)

    assert result.exit_code == 0
    assert "_ASHOP_COMPLETE" in result.stdout
    assert f"ashop completion {shell} >" in result.stderr


def test_completion_of_another_shell(ashop):
    assert ashop("completion", "csh", home=None).exit_code == 2


def test_a_word_is_completed_in_the_shops_language(ashop, tmp_path):
    home = write_shop(tmp_path / "shop")
    env = {
        "_ASHOP_COMPLETE": "bash_complete",
        "COMP_WORDS": f"ashop --shop {home} order st",
        "COMP_CWORD": "4",
    }

    result = ashop(env=env, home=None, lang=None)

    assert result.stdout.split() == ["plain,status"]


def test_completion_imports_no_command(tmp_path):
    home = write_shop(tmp_path / "shop")
    code = (
        "import sys\n"
        "from ashop_core.cli.root import Root\n"
        "try: Root().main([], prog_name='ashop')\n"
        "except SystemExit: pass\n"
        "print(any(m.startswith('ashop_core.cli.order') or m == 'sqlite3' for m in sys.modules))"
    )
    words = {
        "COMP_WORDS": f"ashop --shop {home} order ",
        "COMP_CWORD": "4",
        "_ASHOP_COMPLETE": "bash_complete",
    }

    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, env={**os.environ, **words}
    )

    *names, imported = result.stdout.split()
    assert "plain,status" in names
    assert imported == "False"
