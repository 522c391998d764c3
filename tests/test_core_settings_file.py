"""`ashop.toml` changed by a program: comments and order kept, checked before it is replaced, never over another's change."""

import fcntl
import os
import resource
import sys
import tomllib
from pathlib import Path
from threading import Event, Thread, current_thread

import pytest

from ashop_core import toml_lists
from ashop_core.errors import AshopError, Conflict, PluginError, SettingsError
from ashop_core.settings_file import SettingsFile
from ashop_core.testing import write_shop

KEYS = ("plugins", "stock_control", "rules")
NEW = {"when": "falls_to", "threshold": 9, "from": ["in_stock"], "to": "on_order"}
BLOCK = '[[plugins.stock_control.rules]]\nwhen = "falls_to"\nthreshold = 9\nfrom = ["in_stock"]\nto = "on_order"\n'

TABLES = """# Våra regler
[plugins]
enabled = ["stock_control"]   # mer kommer

[plugins.stock_control]
policy = "open"  # som i handboken

# ── regler ──
# den första
[[plugins.stock_control.rules]]
when = "falls_to"
threshold = 0 # noll
from = ["in_stock"]
to = "sold_out"

# den andra
[[plugins.stock_control.rules]]
to = "temporarily_out"
when = "falls_to"
threshold = 3
from = ["on_order"]

# posten
[delivery.post]
price = 4900
"""
LAYOUTS = {
    "tables": TABLES,
    "nothing at all": "",
    "no rules": '[plugins.stock_control]\npolicy = "open"\n# slut\n[shop]\nname = "x"',
    "an empty list": '[plugins.stock_control]\nrules = []  # inga alls\npolicy = "open"\n',
    "a list": '[plugins.stock_control]\nrules = [\n  # ett\n  { to = "a" }, # om ett\n  { to = "b" },\n]  # slut\n',
    "all in braces": 'plugins = { stock_control = { policy = "open", rules = [{to="a"}] } } # kort\n',
    "braces without rules": '[plugins]\nstock_control = { policy = "open" } # kort\n[shop]\nname = "x"\n',
    "dotted": '[plugins]\nstock_control.policy = "open" # kort\n[shop]\nname = "x"\n',
    "apart": '[plugins.stock_control]\na = 1\n[shop]\nb = 1\n[[plugins.stock_control.rules]]\nto = "a"\n# mer\n[x]\n',
    "no header": '[shop]\nb = 1\n\n[[plugins.stock_control.rules]]\nto = "a"\n# mer\n[statuses.x]\na = 1\n',
}


def entries(text):
    return tomllib.loads(text).get("plugins", {}).get("stock_control", {}).get("rules", [])


def packed(text):
    """Return the text without empty lines."""
    return "".join(f"{line}\n" for line in text.splitlines() if line.strip())


def comments(text):
    return [line[line.index("#") :].strip() for line in text.splitlines() if "#" in line]


# ── Lists made longer and shorter ────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", LAYOUTS)
def test_an_entry_goes_in_anywhere_and_nothing_else_changes(name):
    text = LAYOUTS[name]

    for place in range(len(entries(text)) + 1):
        longer = toml_lists.insert(text, KEYS, place, [NEW])

        assert entries(longer) == [*entries(text)[:place], NEW, *entries(text)[place:]]
        assert comments(longer) == comments(text)
        if name in ("tables", "no rules", "apart", "no header"):
            assert packed(longer).replace(BLOCK, "") == packed(text)


@pytest.mark.parametrize("name", [name for name in LAYOUTS if entries(LAYOUTS[name])])
def test_an_entry_is_taken_out_and_every_comment_beside_it_stays(name):
    text = LAYOUTS[name]

    for place in range(len(entries(text))):
        shorter = toml_lists.remove(text, KEYS, place)

        meant = tomllib.loads(text)
        del meant["plugins"]["stock_control"]["rules"][place]
        assert tomllib.loads(shorter) == meant
        own = {"# noll"} if name == "tables" and place == 0 else {"# om ett"} if name == "a list" else set()
        assert set(comments(text)) - own <= set(comments(shorter))


def test_a_comment_stays_above_what_it_is_about():
    between = toml_lists.insert(TABLES, KEYS, 1, [NEW])
    last = toml_lists.insert(TABLES, KEYS, 2, [NEW])

    assert '# den andra\n[[plugins.stock_control.rules]]\nto = "temporarily_out"' in between
    assert "\n\n# posten\n[delivery.post]" in last
    assert toml_lists.remove(between, KEYS, 1) == TABLES
    assert toml_lists.remove(last, KEYS, 2) == TABLES


def test_the_last_entry_leaves_an_empty_list_and_not_none():
    text = toml_lists.remove(toml_lists.remove(TABLES, KEYS, 0), KEYS, 0)

    assert tomllib.loads(text)["plugins"]["stock_control"] == {"policy": "open", "rules": []}
    assert 'policy = "open"  # som i handboken\nrules = []\n' in text


def test_a_file_that_cannot_be_edited_is_left_to_its_owner():
    apart = '[[plugins.stock_control.rules]]\nto = "a"\n[shop]\n[[plugins.stock_control.rules]]\nto = "b"\n'

    with pytest.raises(AshopError, match=r"plugins\.stock_control\.rules .*by hand"):
        toml_lists.insert(apart, KEYS, 0, [NEW])


def test_without_tomlkit_the_remedy_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "tomlkit", None)

    with pytest.raises(AshopError, match="pip install tomlkit"):
        toml_lists.insert(TABLES, KEYS, 0, [NEW])


# ── The file ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def home(tmp_path):
    return write_shop(
        tmp_path / "shop", "stock_control", toml=TABLES[TABLES.index("[plugins.stock_control]") :]
    )


def toml_of(home):
    return home / "ashop.toml"


def with_rule(file, **changed):
    return file.revised(toml_lists.insert(file.text, KEYS, 0, [{**NEW, **changed}]))


def test_a_new_text_is_written_whole_with_the_permissions_it_had(home):
    toml_of(home).chmod(0o640)

    written = with_rule(SettingsFile.read(home)).write()

    assert tomllib.loads(toml_of(home).read_text())["plugins"]["stock_control"]["rules"][0] == NEW
    assert toml_of(home).stat().st_mode & 0o777 == 0o640
    assert written.data == toml_of(home).read_bytes()
    assert sorted(p.name for p in home.iterdir()) == ["ashop.toml"]
    written.ensure_current()


def test_marks_of_other_systems_are_kept(home):
    data = b"\xef\xbb\xbf" + toml_of(home).read_bytes().replace(b"\n", b"\r\n")
    toml_of(home).write_bytes(data)

    with_rule(SettingsFile.read(home)).write()

    after = toml_of(home).read_bytes()
    assert after.startswith(b"\xef\xbb\xbf[shop]\r\n")
    assert after.count(b"\n") == after.count(b"\r\n") == data.count(b"\n") + 6


def test_a_link_goes_on_pointing_to_the_file_that_is_changed(home):
    (home / "real").mkdir()
    real = toml_of(home).rename(home / "real" / "settings.toml")
    toml_of(home).symlink_to("real/settings.toml")

    with_rule(SettingsFile.read(home)).write()

    assert toml_of(home).is_symlink()
    assert tomllib.loads(real.read_text())["plugins"]["stock_control"]["rules"][0] == NEW


def test_a_file_that_became_a_link_meanwhile_is_left_alone_though_it_says_the_same(home):
    revision = with_rule(SettingsFile.read(home))
    toml_of(home).rename(home / "other.toml")
    toml_of(home).symlink_to("other.toml")

    with pytest.raises(Conflict):
        revision.write()

    assert toml_of(home).is_symlink()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"to": "borta"}, r"plugins\.stock_control: rules\[0\]\.to: there is no stock status borta"),
        (
            {"treshold": 1},
            r"plugins\.stock_control\.rules\[0\]\.treshold: unknown key; did you mean threshold",
        ),
        ({"from": []}, r"rules\[0\]: from: name at least one stock status"),
    ],
)
def test_what_the_shop_could_not_open_with_is_refused_and_the_file_untouched(home, change, expected):
    before = toml_of(home).read_bytes()

    with pytest.raises(SettingsError, match=expected):
        with_rule(SettingsFile.read(home), **change)

    assert toml_of(home).read_bytes() == before


def test_everything_else_in_the_file_is_checked_too(home):
    file = SettingsFile.read(home)

    with pytest.raises(SettingsError, match=r"shop\.lang.*expected sv or en"):
        file.revised(file.text.replace('name = "Villa', 'language = "fi"\nname = "Villa'))
    with pytest.raises(PluginError, match="no_such"):
        file.revised(file.text.replace('["stock_control"]', '["stock_control", "no_such"]'))
    with pytest.raises(SettingsError, match="not valid TOML"):
        file.revised(file.text + "\n[")


def test_a_file_that_somebody_changed_meanwhile_is_left_alone(home):
    revision = with_rule(SettingsFile.read(home))
    toml_of(home).write_text(theirs := toml_of(home).read_text() + "# min\n")

    with pytest.raises(Conflict, match="changed by somebody else"):
        revision.write()

    assert toml_of(home).read_text() == theirs


def test_it_is_looked_at_once_more_when_only_the_name_is_left_to_give(home, monkeypatch):
    """The twin: without that look a change made while the new file was written would be lost."""
    theirs = toml_of(home).read_text() + "# min\n"
    real = os.fsync
    revision = with_rule(SettingsFile.read(home))
    monkeypatch.setattr(os, "fsync", lambda fd: (toml_of(home).write_text(theirs), real(fd)))

    with pytest.raises(Conflict):
        revision.write()

    assert toml_of(home).read_text() == theirs
    assert sorted(p.name for p in home.iterdir()) == ["ashop.toml"]


def test_a_file_that_is_gone_is_told(home):
    revision = with_rule(SettingsFile.read(home))
    toml_of(home).unlink()

    with pytest.raises(Conflict):
        revision.write()


def test_where_it_cannot_be_written_the_old_file_stays(home):
    before = toml_of(home).read_bytes()
    revision = with_rule(SettingsFile.read(home))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, limits[1]))
    try:
        with pytest.raises(AshopError, match=r"ashop\.toml cannot be written"):
            revision.write()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert toml_of(home).read_bytes() == before
    assert sorted(p.name for p in home.iterdir()) == ["ashop.toml"]


def test_two_programs_take_turns_even_while_the_name_is_given(home, monkeypatch):
    """Without the turns the second would see the old file still, and the first write over what it wrote."""
    first, second = (with_rule(SettingsFile.read(home), threshold=n) for n in (100, 200))
    real, flock = Path.replace, fcntl.flock
    waits_or_is_done, told = Event(), []

    def write_too():
        try:
            second.write()
            told.append("written")
        except Conflict:
            told.append("conflict")
        waits_or_is_done.set()

    other = Thread(target=write_too)

    def announce(*args):
        if current_thread() is other:
            waits_or_is_done.set()
        flock(*args)

    def late(path, target):
        if current_thread() is not other:
            other.start()
            waits_or_is_done.wait()
        return real(path, target)

    monkeypatch.setattr(fcntl, "flock", announce)
    monkeypatch.setattr(Path, "replace", late)
    first.write()
    other.join()

    assert told == ["conflict"]
    assert [rule["threshold"] for rule in entries(toml_of(home).read_text())] == [100, 0, 3]


def test_of_many_programs_that_change_it_at_once_none_loses_its_change(home, race):
    def add(shop, worker, n):
        with_rule(SettingsFile.read(home), threshold=1000 + 100 * worker + n).write()
        return 1000 + 100 * worker + n

    told = race(home, add, processes=4, tries=10)

    added = {each.value for each in told.accepted}
    found = {rule["threshold"] for rule in entries(toml_of(home).read_text())}
    assert told.errors == []
    assert added
    assert found == added | {0, 3}
