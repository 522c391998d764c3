"""The folder of `ashop demo`: never anything of the user's is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from ashop_core.cli.root import Root


def demo(folder: Path, *args: str) -> Result:
    """Run the real command for the shortest of plays."""
    command = ["--lang", "en", "demo", str(folder), "--orders", "1", *args]
    return CliRunner().invoke(Root(), command, prog_name="ashop", catch_exceptions=False)


@pytest.fixture
def made(tmp_path):
    """A folder in which a demo was played."""
    demo(tmp_path / "shop")
    return tmp_path / "shop"


def test_a_folder_with_other_files_is_left_alone(tmp_path):
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")

    result = demo(tmp_path, "--force")

    assert result.exit_code == 1
    assert "is not empty, and no demo made it" in result.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["letter.txt"]


def test_a_real_shop_is_left_alone(tmp_path):
    (tmp_path / "ashop.toml").write_text("[shop]\n", encoding="utf-8")

    assert demo(tmp_path, "--force").exit_code == 1
    assert (tmp_path / "ashop.toml").read_text(encoding="utf-8") == "[shop]\n"


def test_a_file_is_no_folder(tmp_path):
    (tmp_path / "shop").write_text("", encoding="utf-8")

    assert demo(tmp_path / "shop").exit_code == 2


def test_an_empty_folder_is_used_and_missing_ones_are_made(tmp_path):
    (tmp_path / "empty").mkdir()

    assert demo(tmp_path / "empty").exit_code == 0
    assert demo(tmp_path / "far" / "away").exit_code == 0
    assert (tmp_path / "far" / "away" / "ashop.toml").is_file()


def test_an_earlier_demo_is_made_anew_and_what_was_added_stays(made):
    (made / "plugins").mkdir()
    (made / "plugins" / "mine.py").write_text("", encoding="utf-8")
    (made / "outbox" / "old.eml").write_text("", encoding="utf-8")

    result = demo(made)

    assert result.exit_code == 0
    assert (made / "plugins" / "mine.py").is_file()
    assert not (made / "outbox" / "old.eml").exists()


def test_settings_that_were_changed_are_only_given_up_by_force(made):
    settings = made / "ashop.toml"
    changed = settings.read_text(encoding="utf-8").replace("5900", "0")
    settings.write_text(changed, encoding="utf-8")

    refused = demo(made)

    assert refused.exit_code == 1
    assert "was changed since the demo made it" in refused.stderr
    assert settings.read_text(encoding="utf-8") == changed
    assert demo(made, "--force").exit_code == 0
    assert "price = 5900" in settings.read_text(encoding="utf-8")


def test_keep_shows_last_times_shop_and_plays_nothing(made):
    before = {path: path.stat().st_mtime_ns for path in (made / "outbox").iterdir()}

    result = demo(made, "--keep")

    assert "The latest orders" in result.stdout
    assert {path: path.stat().st_mtime_ns for path in (made / "outbox").iterdir()} == before


def test_keep_needs_a_demo(tmp_path):
    result = demo(tmp_path / "nothing", "--keep")

    assert result.exit_code == 1
    assert "There is no demo in" in result.stderr


@pytest.mark.parametrize("args", [("--currency", "GBP"), ("--messages",), ("--until", "1500-01-01")])
def test_options_that_make_no_sense_are_refused_before_anything_is_made(tmp_path, args):
    result = demo(tmp_path / "shop", *args)

    assert result.exit_code == 2
    assert not (tmp_path / "shop").exists()
