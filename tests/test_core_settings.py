"""`ashop.toml`: what it may say, and that anything else is told at once with file, key and remedy."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ashop_core.doctor import examine
from ashop_core.errors import AshopError, PluginError, SettingsError, StorageError
from ashop_core.opening import assemble
from ashop_core.plugins import load_plugins
from ashop_core.settings import FILE, Settings, load_settings, parse_plugin
from ashop_core.shop import Shop
from ashop_core.testing import MakeShop, place_order, write_shop
from ashop_core.validation import Secret, structure


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


def write(folder: Path, words: str | bytes) -> Path:
    data = words if isinstance(words, bytes) else words.encode("utf-8")
    (folder / FILE).write_bytes(data)
    return folder


def faults(folder: Path, words: str | bytes) -> list[str]:
    """Return each fault that is found in these settings, in English."""
    write(folder, words)
    with pytest.raises(SettingsError) as error:
        load_settings(folder)
    for problem in error.value.problems:
        assert problem.text.sv
        assert FILE in problem.text.sv
        assert FILE in problem.text.en
        assert problem.text.sv in error.value.text.sv
    return [problem.text.en for problem in error.value.problems]


# ── The file ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "words", ["", "# nothing\n", "[shop]\n", "\ufeff[shop]\n", "[shop]\r\nname = 'A'\r\n"]
)
def test_what_is_not_said_has_a_default(folder: Path, words: str) -> None:
    found = load_settings(write(folder, words))

    assert (found.shop.language, found.shop.currency, found.shop.timezone) == (
        "sv",
        "SEK",
        "Europe/Stockholm",
    )
    assert found.enabled == ()


def test_everything_in_it_is_read(folder: Path) -> None:
    found = load_settings(
        write(
            folder,
            """
[shop]
name = "Villa & Värme"
language = "en"
currency = "EUR"
timezone = "Europe/Helsinki"
database = "data/shop.db"
first_order_number = 1
deliver_at_once = false
abandon_after_hours = 48
message_days = 3
abandoned_days = 14
message_delay_seconds = 30
undo_minutes = 5
reminder_days = 0
customer_url = "https://www.example.se/butik"
deliver_within_seconds = 10

[plugins]
enabled = ["email"]

[plugins.email]
sender = "shop@example.se"
""",
        )
    )

    assert asdict(found.shop) == {
        "name": "Villa & Värme",
        "language": "en",
        "currency": "EUR",
        "timezone": "Europe/Helsinki",
        "database": "data/shop.db",
        "first_order_number": 1,
        "deliver_at_once": False,
        "abandon_after_hours": 48,
        "message_days": 3,
        "abandoned_days": 14,
        "message_delay_seconds": 30,
        "undo_minutes": 5,
        "reminder_days": 0,
        "customer_url": "https://www.example.se/butik",
        "deliver_within_seconds": 10,
    }
    assert found.enabled == ("email",)
    assert found.tables["email"] == {"sender": "shop@example.se"}
    assert found.path(found.shop.database) == folder / "data/shop.db"


@pytest.mark.parametrize("make", [lambda p: None, lambda p: (p.parent / "f").write_text("")])
def test_a_folder_without_settings_says_how_to_make_a_shop(
    tmp_path: Path, make: Callable[[Path], object]
) -> None:
    make(tmp_path / "f")
    with pytest.raises(SettingsError) as error:
        load_settings(tmp_path / "f")

    assert error.value.problems[0].code == "missing"
    assert "ashop init" in error.value.text.sv
    assert "--shop" in error.value.text.en
    assert error.value.exit_code == 1


def test_settings_that_cannot_be_read_say_why(folder: Path) -> None:
    (folder / FILE).mkdir()

    with pytest.raises(SettingsError) as error:
        load_settings(folder)

    assert error.value.problems[0].code == "unreadable"


BROKEN = {
    "cp1252": ('[shop]\nname = "Värme"\n'.encode("cp1252"), "encoding", "line 2 is not UTF-8"),
    "utf-16": ('[shop]\nname = "Värme"\n'.encode("utf-16"), "encoding", "line 1 is not UTF-8"),
    "noise": (b"\x01\xf0", "encoding", "line 1"),
    "cut off": ("[shop\n", "toml", "line 1"),
    "no quotes": ("[shop]\nname = Villa\n", "toml", "line 2"),
    "key twice": ('[shop]\nname = "A"\nname = "B"\n', "toml", "line 3"),
    "table twice": ("[shop]\n[shop]\n", "toml", "line 2"),
    "no end": ('[shop]\nname = "cut', "toml", "not valid TOML"),
    "NUL": (b"[shop]\nname = '\x00'\n", "toml", "not valid TOML"),
    "no such day": ("n = 2026-02-30\n", "toml", "not valid TOML"),
    "long number": ("n = " + "1" * 5000 + "\n", "toml", "not valid TOML"),
    "deep list": ("n = " + "[" * 20_000 + "\n", "toml", "not valid TOML"),
    "deep table": ("n" + ".n" * 3000 + " = 1\n", "deep", "too many levels"),
    "deep plugin": ("plugins.mail.n" + ".n" * 3000 + " = 1\n", "deep", "too many levels"),
}


@pytest.mark.parametrize(("words", "code", "hint"), list(BROKEN.values()), ids=list(BROKEN))
def test_a_file_that_is_broken_is_told_with_the_place(
    folder: Path, words: str | bytes, code: str, hint: str
) -> None:
    write(folder, words)

    with pytest.raises(SettingsError) as error:
        load_settings(folder)

    assert error.value.problems[0].code == code
    assert hint in error.value.text.en
    assert FILE in error.value.text.sv


def test_a_fault_is_told_in_both_languages(folder: Path) -> None:
    write(folder, "[shop]\nlanguage = 5\nnmae = 'A'\n")

    with pytest.raises(SettingsError) as error:
        load_settings(folder)

    assert "väntade text inom citationstecken" in error.value.text.sv
    assert "expected text in quotes" in error.value.text.en
    assert "menade du name?" in error.value.text.sv
    assert "did you mean name?" in error.value.text.en


# ── Keys and values ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("[shopp]\n", "ashop.toml: shopp: unknown key; did you mean shop?"),
        ("[shop]\nnmae = 'A'\n", "ashop.toml: shop.nmae: unknown key; did you mean name?"),
        (
            "[statuses.shipped]\nnotfy = []\n",
            "ashop.toml: statuses.shipped.notfy: unknown key; did you mean notify?",
        ),
        ("[delivery.post]\npris = 1\n", "ashop.toml: delivery.post.pris: unknown key; did you mean price?"),
        (
            "[payment.card]\nxyz = 1\n",
            "unknown key; there are label, pays_first, paid_before_shipping, needs_approval, fee",
        ),
        (
            "[[transitions]]\nfrom = 'a'\nto = 'b'\nalowed = true\n",
            "ashop.toml: transitions[0].alowed: unknown key",
        ),
    ],
)
def test_an_unknown_key_is_told_with_the_one_that_was_meant(folder: Path, words: str, expected: str) -> None:
    (fault,) = faults(folder, words)

    assert expected in fault


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("shop = 5\n", "shop: expected a table, got 5"),
        ("shop = []\n", "shop: expected a table"),
        ("[shop]\nname = 5\n", "shop.name: expected text in quotes, got 5"),
        ("[shop]\nname = true\n", "shop.name: expected text in quotes, got True"),
        ("[shop]\nname = ['A']\n", "shop.name: expected text in quotes"),
        ('[shop]\nname = "a\\u0000"\n', "shop.name: expected text that can be written"),
        ("[shop]\nfirst_order_number = '7'\n", "shop.first_order_number: expected a whole number, got '7'"),
        ("[shop]\nfirst_order_number = 1.5\n", "shop.first_order_number: expected a whole number"),
        ("[shop]\nfirst_order_number = true\n", "shop.first_order_number: expected a whole number, got True"),
        (
            "[shop]\nfirst_order_number = 9223372036854775808\n",
            "shop.first_order_number: expected a whole number",
        ),
        ("[shop]\ndeliver_at_once = 1\n", "shop.deliver_at_once: expected true or false, got 1"),
        ("[shop]\ndeliver_at_once = 'yes'\n", "shop.deliver_at_once: expected true or false"),
        ("[plugins]\nenabled = 'email'\n", "plugins.enabled: expected a list in square brackets"),
        ("[plugins]\nenabled = [5]\n", "plugins.enabled[0]: expected text in quotes, got 5"),
        ("plugins = 5\n", "plugins: expected a table"),
        ("[plugins]\nemail = 5\n", "plugins.email: expected a table"),
        ("[statuses]\nshipped = 5\n", "statuses.shipped: expected a table, got 5"),
        ("statuses = []\n", "statuses: expected a table"),
        (
            "[statuses.shipped]\nstage = 'opne'\n",
            "statuses.shipped.stage: expected one of checkout, open, done, void",
        ),
        ("[statuses.shipped]\nstock = 'lost'\n", "statuses.shipped.stock: expected one of free, held, gone"),
        ("[statuses.shipped]\nrole = 'king'\n", "statuses.shipped.role: expected one of start, details"),
        ("[statuses.shipped]\nnotify = 'email'\n", "statuses.shipped.notify: expected a list"),
        ("[statuses.shipped]\nlabel = { sv = 'S' }\n", "statuses.shipped.label: expected a text, or { sv ="),
        ("[statuses.shipped]\nlabel = { sv = 'S', en = 5 }\n", "statuses.shipped.label: expected a text"),
        (
            "[statuses.shipped]\nlabel = { sv = 'S', en = 'E', de = 'D' }\n",
            "statuses.shipped.label: expected a text",
        ),
        (
            "[delivery.post]\nparcel_number = 'maybe'\n",
            "delivery.post.parcel_number: expected one of asked, required",
        ),
        ("[delivery.post]\nprice = 49.50\n", "delivery.post.price: expected a whole number, got 49.5"),
        ("[delivery.post]\nprice = -1\n", "delivery.post.price: must be from 0"),
        ("[delivery.post]\nprice = 1000000000001\n", "delivery.post.price: must be from 0"),
        ("transitions = {}\n", "transitions: expected a list"),
        ("[[transitions]]\nfrom = 'a'\n", "transitions[0].to: is missing"),
        ("[[transitions]]\nto = 'a'\n", "transitions[0].from: is missing"),
        ("[shop]\nlanguage = 'de'\n", "shop.language: expected sv or en"),
        ("[shop]\ncurrency = 'kr'\n", "shop.currency: “kr” is not a currency"),
        ("[shop]\ntimezone = 'Stockholm'\n", "shop.timezone: “Stockholm” is not a time zone"),
        ("[shop]\ntimezone = '../../etc/passwd'\n", "shop.timezone:"),
        ("[shop]\ntimezone = 'Europe'\n", "shop.timezone:"),
        ("[shop]\ntimezone = ''\n", "shop.timezone:"),
        ("[shop]\nfirst_order_number = 0\n", "shop.first_order_number: must be from 1"),
        ("[shop]\nabandon_after_hours = 0\n", "shop.abandon_after_hours: must be from 1"),
        ("[shop]\nabandon_after_hours = 1000000000000000\n", "shop.abandon_after_hours: must be from 1"),
        ("[shop]\nmessage_days = -1\n", "shop.message_days: must be from 1"),
        ("[shop]\nmessage_days = 1000000000\n", "shop.message_days: must be from 1"),
        ("[plugins]\nenabled = ['email', 'sms', 'email']\n", "plugins.enabled: email stands there twice"),
    ],
)
def test_a_wrong_value_is_told_with_what_was_expected(folder: Path, words: str, expected: str) -> None:
    (fault,) = faults(folder, words)

    assert f"ashop.toml: {expected}" in fault


def test_every_fault_is_told_at_once(folder: Path) -> None:
    found = faults(
        folder,
        """
[shop]
nmae = "A"
language = 5

[plugins]
enabled = ["email", "email"]

[delivery.post]
price = "49"

[statuses.shipped]
stage = "opne"
notify = [1, "email", 2]

[[transitions]]
from = "a"
""",
    )

    assert [fault.split(": ")[1] for fault in found] == [
        "shop.language",
        "shop.nmae",
        "delivery.post.price",
        "statuses.shipped.stage",
        "statuses.shipped.notify[0]",
        "statuses.shipped.notify[2]",
        "transitions[0].to",
        "plugins.enabled",
    ]


# ── Plugins named in it ──────────────────────────────────────────────────────────────────────────


def test_an_unknown_plugin_is_told_with_the_one_that_was_meant(make_shop: MakeShop, tmp_path: Path) -> None:
    with pytest.raises(PluginError) as error:
        make_shop("emial")

    assert error.value.plugin == "emial"
    assert "Menade du email?" in error.value.text.sv
    assert "Did you mean email?" in error.value.text.en
    assert "stock_control" in error.value.text.en  # what there is
    assert not list((tmp_path / "shop").glob("*.db*"))


@pytest.mark.parametrize("name", ["local:gone", "local:", "local:../email", "local:a b", "local:a/b"])
def test_a_local_plugin_that_is_not_there_is_told_with_its_path(make_shop: MakeShop, name: str) -> None:
    with pytest.raises(PluginError) as error:
        make_shop(name, files={"email.py": "raise SystemExit"})

    assert f"plugins/{name.removeprefix('local:')}.py" in error.value.text.sv
    assert error.value.plugin == name


@dataclass(frozen=True, kw_only=True)
class Server:
    host: str
    password: Secret | None = None


@dataclass(frozen=True, kw_only=True)
class Mail:
    sender: str
    key: Secret | None = None
    retries: int = 3
    server: Server | None = None


def plugin_settings(folder: Path, words: str) -> tuple[Mail | None, list[str]]:
    found, problems = parse_plugin(load_settings(write(folder, words)), "mail", Mail)
    return found, [p.text.en for p in problems]


def test_a_plugins_own_table_becomes_its_own_class(folder: Path) -> None:
    found, problems = plugin_settings(folder, '[plugins.mail]\nsender = "a@b.se"\nserver = { host = "h" }\n')

    assert problems == []
    assert found == Mail(sender="a@b.se", server=Server(host="h"))


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", "ashop.toml: plugins.mail.sender: is missing"),
        ("[plugins.mail]\nsender = 5\n", "ashop.toml: plugins.mail.sender: expected text"),
        ("[plugins.mail]\nsender = 's'\nserver = 5\n", "ashop.toml: plugins.mail.server: expected a table"),
        ("[plugins.mail]\nsender = 's'\nserver = {}\n", "ashop.toml: plugins.mail.server.host: is missing"),
        (
            "[plugins.mail]\nsender = 's'\nsendr = 's'\n",
            "ashop.toml: plugins.mail.sendr: unknown key; did you mean",
        ),
    ],
)
def test_a_fault_in_a_plugins_table_has_its_path(folder: Path, words: str, expected: str) -> None:
    found, (fault,) = plugin_settings(folder, words)

    assert found is None
    assert expected in fault


def test_settings_of_a_plugin_are_given_to_nobody_else(make_shop: MakeShop) -> None:
    shop = make_shop()

    with pytest.raises(KeyError, match="Mail"):
        shop.settings.for_plugin(Mail)


# ── Secrets ──────────────────────────────────────────────────────────────────────────────────────

CANARY = "zq7-hunter2"


def test_a_secret_comes_from_the_environment_or_a_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_KEY", CANARY)
    (folder / "password.txt").write_text(f"  {CANARY}ö\n", encoding="utf-8")

    found, problems = plugin_settings(
        folder,
        '[plugins.mail]\nsender = "s"\nkey = { env = "MAIL_KEY" }\n'
        'server = { host = "h", password = { file = "password.txt" } }\n',
    )

    assert problems == []
    assert found is not None
    assert found.key is not None
    assert found.server is not None
    assert found.server.password is not None
    assert found.key.reveal() == CANARY
    assert found.server.password.reveal() == f"{CANARY}ö"


@pytest.mark.parametrize(
    ("given_as", "named"),
    [
        ('{ env = "ASHOP_NO_SUCH" }', "env = ASHOP_NO_SUCH"),
        ('{ env = "ASHOP_EMPTY" }', "env = ASHOP_EMPTY"),
        ('{ env = "" }', "env = "),
        ('{ file = "nowhere.txt" }', "file = nowhere.txt"),
        ('{ file = "empty.txt" }', "file = empty.txt"),
        ('{ file = "binary.bin" }', "file = binary.bin"),
        ('{ file = "." }', "file = ."),
        ('{ file = "a\\u0000b" }', "file = a"),
    ],
)
def test_a_secret_that_is_not_there_is_told_by_its_name(
    folder: Path, monkeypatch: pytest.MonkeyPatch, given_as: str, named: str
) -> None:
    monkeypatch.setenv("ASHOP_EMPTY", "")
    (folder / "empty.txt").write_text("\n")
    (folder / "binary.bin").write_bytes(b"\xff\xfe\x00")

    _, problems = plugin_settings(folder, f'[plugins.mail]\nsender = "s"\nkey = {given_as}\n')

    assert f"ashop.toml: plugins.mail.key: the secret {named}" in problems[0]


@pytest.mark.parametrize(
    "words",
    [
        f'key = "{CANARY}"',
        f'key = ["{CANARY}"]',
        f'key = {{ value = "{CANARY}" }}',
        f'key = {{ env = "A", file = "{CANARY}" }}',
    ],
)
def test_a_secret_written_in_the_file_is_refused_and_not_repeated(folder: Path, words: str) -> None:
    found, problems = plugin_settings(folder, f'[plugins.mail]\nsender = "s"\n{words}\n')

    assert found is None
    assert "a secret is not written in the file" in problems[0]
    assert CANARY not in " ".join(problems)


def test_a_secret_where_none_belongs_is_not_shown_either(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_KEY", CANARY)

    found, problems = plugin_settings(
        folder, '[plugins.mail]\nsender = { env = "MAIL_KEY" }\nretries = { env = "MAIL_KEY" }\n'
    )

    assert found is None
    assert len(problems) == 2
    assert CANARY not in " ".join(problems)


@pytest.mark.parametrize(
    "show",
    [
        repr,
        str,
        "{}".format,
        "{!r:>40}".format,
        lambda s: f"{s!s} {[s]}",
        lambda s: repr(Mail(sender="a", key=s)),
    ],
)
def test_a_secret_shows_itself_to_nobody(show: Callable[[Secret], str]) -> None:
    assert CANARY not in show(Secret(CANARY))


def test_settings_that_are_shown_hide_their_secrets(
    make_shop: MakeShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAIL_KEY", CANARY)
    plugin = """
from __future__ import annotations
from dataclasses import dataclass
from ashop_core.validation import Secret

@dataclass(frozen=True)
class Settings:
    key: Secret
"""
    shop = make_shop(
        "local:keyed",
        toml='[plugins."local:keyed"]\nkey = { env = "MAIL_KEY" }\n',
        files={"plugins/keyed.py": plugin},
    )

    (own,) = shop.settings.plugins.values()

    assert CANARY not in repr(shop.settings)
    assert CANARY not in json.dumps(asdict(shop.settings.shop))
    assert CANARY not in repr(own)
    assert own.key.reveal() == CANARY  # type: ignore[attr-defined]


def test_a_secret_is_not_written_down_by_accident() -> None:
    with pytest.raises(TypeError):
        json.dumps({"key": Secret(CANARY)})


# ── The database it names ────────────────────────────────────────────────────────────────────────


def with_database(folder: Path, name: str) -> Path:
    write_shop(folder / "shop")
    path = folder / "shop" / FILE
    words = path.read_text("utf-8").replace("[shop]", f'[shop]\ndatabase = "{name}"')
    path.write_text(words, "utf-8")
    return folder / "shop"


def refused_to_open(home: Path) -> AshopError:
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    with pytest.raises(AshopError) as error:
        Shop.open(home)
    after = {path: path.stat().st_mtime_ns for path in home.rglob("*") if not path.name.endswith(".lock")}
    assert after == before, "something was left half done"
    assert [f.code for f in examine(home) if f.serious] == ["cannot_open"]
    return error.value


def test_a_database_that_is_a_folder_is_refused(tmp_path: Path) -> None:
    home = with_database(tmp_path, "data")
    (home / "data").mkdir()

    error = refused_to_open(home)

    assert isinstance(error, StorageError)
    assert "är en mapp" in error.text.sv
    assert "[shop] database" in error.text.en


@pytest.mark.parametrize(
    "content", [b"not a database at all, but long enough to be looked at" * 20, b"\x00" * 4096]
)
def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path, content: bytes) -> None:
    home = with_database(tmp_path, "shop.txt")
    (home / "shop.txt").write_bytes(content)

    error = refused_to_open(home)

    assert "shop.txt" in error.text.sv
    assert (home / "shop.txt").read_bytes() == content


def test_a_database_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    error = refused_to_open(with_database(tmp_path, "deep/shop.db"))

    assert "deep" in error.text.sv
    assert "[shop] database" in error.text.sv


def test_a_store_that_no_plugin_knows_is_refused_without_showing_its_password(tmp_path: Path) -> None:
    error = refused_to_open(with_database(tmp_path, f"postgresql://ashop:{CANARY}@db/shop"))

    assert isinstance(error, SettingsError)
    assert "postgresql" in error.text.sv
    assert CANARY not in error.text.sv + error.text.en


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a file system that nobody may write to")
def test_a_folder_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    error = refused_to_open(with_database(tmp_path, "/proc/shop.db"))

    assert isinstance(error, StorageError)
    assert "/proc/shop.db" in error.text.sv


@pytest.fixture
def read_only(tmp_path: Path) -> Iterator[Path]:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    home = with_database(tmp_path, "shop.db")
    home.chmod(0o500)
    yield home
    home.chmod(0o700)


def test_a_read_only_folder_is_refused_with_the_remedy(read_only: Path) -> None:
    error = refused_to_open(read_only)

    assert "skrivrätt" in error.text.sv


# ── Whatever comes ───────────────────────────────────────────────────────────────────────────────

KNOWN = [
    *("shop", "plugins", "delivery", "payment", "statuses", "transitions", "name", "language", "currency"),
    *("timezone", "database", "first_order_number", "deliver_at_once", "abandon_after_hours", "message_days"),
    *(
        "enabled",
        "post",
        "card",
        "received",
        "shipped",
        "packed",
        "label",
        "customer_label",
        "hidden",
        "stage",
    ),
    *("stock", "role", "notify", "template", "final", "after", "before", "flows", "from", "to", "allowed"),
    *("price", "parcel_number", "flow", "email", "env", "file", "sv", "en"),
]
keys = st.sampled_from(KNOWN) | st.text(st.characters(codec="utf-8"), max_size=5)
scalars = (
    st.sampled_from(
        ["open", "held", "sv", "SEK", "post", "received", "email", "local:x", "start", "asked", ""]
    )
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(st.characters(codec="utf-8"), max_size=8)
    | st.dates()
    | st.times()
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
tables = st.dictionaries(keys, values, max_size=4)
documents = st.fixed_dictionaries(
    {},
    optional={
        "shop": tables | values,
        "plugins": tables | values,
        "delivery": st.dictionaries(keys, tables, max_size=2) | values,
        "payment": st.dictionaries(keys, tables, max_size=2) | values,
        "statuses": st.dictionaries(keys, tables, max_size=3) | values,
        "transitions": st.lists(tables, max_size=2) | values,
        "noise": values,
    },
)


def toml(value: Any) -> str:
    """Write a value as TOML, on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(k)} = {toml(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value)
    return str(value)


def quoted(words: str) -> str:
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007F")


def opened(folder: Path, data: bytes) -> Settings | None:
    """Read settings as far as a shop does before it opens its database; None where they are refused."""
    write(folder, data)
    try:
        plugins = load_plugins(load_settings(folder))
        plugins.ensure_sound()
        assemble(plugins)
    except (SettingsError, PluginError) as error:
        refusal = error.text
    else:
        return plugins.settings
    assert refusal.sv.strip()
    assert refusal.en.strip()
    return None


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(documents)
@example({"statuses": {"packed": {"label": "P", "after": ["reviewed"], "before": ["reviewed"]}}})
@example({"shop": {"message_days": 10**12}})
@example({"plugins": {"enabled": ["local:x"], "local:x": {"a": {"env": "PATH"}}}})
def test_no_document_does_more_than_refuse(tmp_path_factory: pytest.TempPathFactory, document: Any) -> None:
    folder = tmp_path_factory.mktemp("fuzz")

    found = opened(folder, "\n".join(f"{quoted(k)} = {toml(v)}" for k, v in document.items()).encode())

    assert found is None or found.shop.language in ("sv", "en")


VALID = """
[shop]
name = "Villa & Värme"
message_days = 7
[plugins]
enabled = []
[delivery.post]
price = 4900
[statuses.packed]
label = { sv = "Packad", en = "Packed" }
stage = "open"
stock = "held"
after = ["reviewed"]
before = ["shipped"]
flows = ["post"]
[[transitions]]
from = "received"
to = "cancelled"
allowed = false
""".encode()


def test_the_document_that_is_bent_below_is_sound(folder: Path) -> None:
    assert opened(folder, VALID) is not None


@settings(max_examples=150, deadline=None, derandomize=True, database=None)
@given(st.data())
def test_no_broken_file_does_more_than_refuse(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    folder = tmp_path_factory.mktemp("fuzz")
    at = data.draw(st.integers(0, len(VALID)))
    cut = data.draw(st.integers(0, 8))
    junk = data.draw(
        st.binary(max_size=6) | st.sampled_from([b"[", b'"', b"=", b"\n[shop]\n", b"\xc3", b"1e9"])
    )

    found = opened(folder, VALID[:at] + junk + VALID[at + cut :])

    assert found is None or found.shop.language in ("sv", "en")


@settings(max_examples=100, deadline=None, derandomize=True, database=None)
@given(values)
def test_nothing_from_outside_becomes_settings_of_another_kind(value: Any) -> None:
    found, problems = structure(value, Mail, FILE, "plugins.mail")

    assert (found is None) == bool(problems)
    if found is not None:
        assert type(found.sender) is str
        assert type(found.retries) is int


def test_a_shop_that_was_mended_opens(tmp_path: Path) -> None:
    home = write_shop(tmp_path / "shop", toml='[statuses.packed]\nlabel = "P"\n')
    with pytest.raises(SettingsError):
        Shop.open(home)

    write_shop(home)

    with Shop.open(home) as shop:
        assert place_order(shop).number == 100001
