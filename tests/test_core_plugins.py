"""Plugins that misbehave: what each mistake does in each hook, who is named, and that nothing is half done.

Every plugin here is a real file of a shop, `plugins/<name>.py`, loaded as any other.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from itertools import permutations
from pathlib import Path

import pytest

from ashop_core import hookspecs
from ashop_core.changes import StatusRequest
from ashop_core.doctor import examine, examine_shop
from ashop_core.errors import AshopError, PluginError, Refused, SettingsError
from ashop_core.hookspecs import HOOK_PREFIX
from ashop_core.models import Order, Parcel
from ashop_core.plugins import load_plugins
from ashop_core.repairing import mend
from ashop_core.settings import load_settings
from ashop_core.shop import Shop
from ashop_core.storage import Database
from ashop_core.testing import MakeShop, place_order, some_customer, some_lines, write_shop
from tests.shops import dump

HEAD = """
from datetime import timedelta
from ashop_core import Effect, Problem, Text, hookimpl
from ashop_core.models import Job, Rendered, Section
from ashop_core.outbox import JobHandler
from ashop_core.tables import Migration, Table, integer, text
"""

# A plugin that counts what is held, as stock control does, and one that watches.
COUNTING = f"""{HEAD}
counts = Table(name="counting_items", columns=(text("sku"), integer("held")), key=("sku",))

@hookimpl
def ashop_register_tables():
    return (Migration(name="m001", create=(counts,)),)

@hookimpl
def ashop_register_jobs():
    return [JobHandler(Job(code="counting", label=Text("r", "c")), lambda shop, payload: None)]

@hookimpl
def ashop_on_change(tx, change):
    for move in change.moves:
        tx.execute(
            "INSERT INTO counting_items (sku, held) VALUES (:sku, :n) "
            "ON CONFLICT (sku) DO UPDATE SET held = held + :n",
            {{"sku": move.sku, "n": move.quantity if move.target == "held" else -move.quantity}},
        )
        yield Effect(subject=move.sku, before="", after="", text=Text("räknad", "counted"))
    tx.enqueue("counting", {{"seq": change.seq}}, key="k")
"""
WATCHING = f"""{HEAD}
heard = []

@hookimpl
def ashop_after_change(order, change):
    heard.append((order.reference, change.seq))

@hookimpl
def ashop_describe_order(order):
    return [Section(title=Text("Vakt", "Watch"), rows=((Text("status", "status"), order.status),))]
"""


@pytest.fixture
def shop_with(make_shop: MakeShop) -> Callable[..., Shop]:
    """Open a shop with a plugin called `bad`, between one that counts and one that watches."""

    def make(body: str, *, head: str = HEAD, toml: str = "") -> Shop:
        files = {
            "plugins/bad.py": head + body,
            "plugins/a_counting.py": COUNTING,
            "plugins/watching.py": WATCHING,
        }
        names = ("local:watching", "local:bad", "local:a_counting")
        return make_shop(*names, files=files, toml=toml, synchronous="OFF")

    return make


ShopWith = Callable[..., Shop]


def heard_by(shop: Shop, plugin: str = "local:watching") -> list[tuple[str, int]]:
    (heard,) = [
        i.function.__globals__["heard"]
        for i in shop.plugins.implementations("ashop_after_change")
        if i.plugin == plugin
    ]
    return list(heard)


def checkout(shop: Shop) -> Order:
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", payment_method="invoice")
    return shop.give_details(order, customer=some_customer()).order


def only_at_placement(statement: str, hook: str = "ashop_on_change(tx, order, change)") -> str:
    body = "\n".join(f"        {line}" for line in statement.strip().splitlines())
    return f"\n@hookimpl\ndef {hook}:\n    if change.kind == 'placed':\n{body}\n"


# ── While the shop opens ─────────────────────────────────────────────────────────────────────────

REGISTER = ["tables", "flows", "channels", "jobs"]
RAISES = ["raise RuntimeError('boom')", "raise SystemExit(3)", "1 / 0", "import no_such_library"]


def not_opened(home: Path) -> PluginError:
    """Return the error with which a shop does not open; everybody names the plugin, and nothing was made."""
    with pytest.raises(PluginError) as error:
        Shop.open(home)
    assert not list(home.glob("*.db*"))
    assert "local:bad" in error.value.text.sv
    assert "local:bad" in error.value.text.en
    serious = [f for f in examine(home) if f.serious]
    assert serious
    assert all("local:bad" in finding.text.sv for finding in serious)
    return error.value


def with_bad(folder: Path, body: str, head: str = HEAD, toml: str = "") -> Path:
    files = {"plugins/bad.py": head + body, "plugins/good.py": COUNTING}
    return write_shop(folder / "shop", "local:bad", "local:good", toml=toml, files=files)


@pytest.mark.parametrize("what", REGISTER)
@pytest.mark.parametrize("mistake", RAISES)
def test_raising_while_the_shop_opens_keeps_it_shut(tmp_path: Path, what: str, mistake: str) -> None:
    home = with_bad(tmp_path, f"\n@hookimpl\ndef ashop_register_{what}(settings):\n    {mistake}\n")

    error = not_opened(home)

    assert (error.plugin, error.hook) == ("local:bad", f"ashop_register_{what}")


@pytest.mark.parametrize(
    ("what", "answer"),
    [
        *((what, answer) for what in REGISTER for answer in ("5", "'abc'", "[5]", "[None]", "{'a': 1}")),
        *((what, "(1 / 0 for _ in 'a')") for what in ("tables", "channels", "jobs")),
        ("tables", "[Job(code='x', label=Text('x', 'x'))]"),
        ("flows", "[]"),
        ("jobs", "Job(code='x', label=Text('x', 'x'))"),
    ],
)
def test_a_wrong_answer_while_the_shop_opens_keeps_it_shut(tmp_path: Path, what: str, answer: str) -> None:
    home = with_bad(tmp_path, f"\n@hookimpl\ndef ashop_register_{what}(settings):\n    return {answer}\n")

    assert not_opened(home).hook == f"ashop_register_{what}"


@pytest.mark.parametrize("what", ["tables", "channels", "jobs"])
def test_a_generator_that_fails_half_way_keeps_the_shop_shut(tmp_path: Path, what: str) -> None:
    first = {
        "tables": 'Migration(name="m001", create=())',
        "channels": "Letters()",
        "jobs": 'JobHandler(Job(code="x", label=Text("x", "x")), print)',
    }[what]
    letters = """
class Letters:
    code, label = "letters", Text("b", "l")
    def recipient(self, customer): return None
    def address(self, text): return None
    def render(self, context): return Rendered(subject="", body="")
    def send(self, message, rendered, within): return ""
"""
    body = f"{letters}\n@hookimpl\ndef ashop_register_{what}():\n    yield {first}\n    raise RuntimeError('boom')\n"

    assert not_opened(with_bad(tmp_path, body)).hook == f"ashop_register_{what}"


@pytest.mark.parametrize(
    ("what", "thing"),
    [("jobs", 'JobHandler(Job(code="counting", label=Text("x", "x")), print)'), ("jobs", "JOBS[0]")],
)
def test_a_job_that_somebody_else_does_keeps_the_shop_shut(tmp_path: Path, what: str, thing: str) -> None:
    head = f"{HEAD}\nfrom ashop_core.opening import JOBS\n"
    home = with_bad(tmp_path, f"\n@hookimpl\ndef ashop_register_{what}():\n    return [{thing}]\n", head)

    with pytest.raises(PluginError) as error:
        Shop.open(home)

    assert "redan tagen" in error.value.text.sv
    assert error.value.plugin in ("local:bad", "local:good")


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("def broken(:\n", "cannot_load"),
        ("raise RuntimeError('boom')\n", "cannot_load"),
        ("raise SystemExit\n", "cannot_load"),
        ("import no_such_library\n", "cannot_load"),
        ("from ashop_core import no_such_name\n", "cannot_load"),
        ("\x00\n", "cannot_load"),
        (f"{HEAD}\n@hookimpl\ndef ashop_on_chnage(tx): ...\n", "unknown_hook"),
        (f"{HEAD}\ndef ashop_on_change(tx): ...\n", "unmarked_hook"),
        (f"{HEAD}\n@hookimpl\ndef ashop_on_change(transaction): ...\n", "bad_hook"),
        (f"{HEAD}\n@hookimpl\ndef ashop_register_hookspecs():\n    raise RuntimeError('boom')\n", "bad_hook"),
        (f"{HEAD}\n@hookimpl\ndef ashop_register_hookspecs():\n    return 5\n", "bad_hook"),
        (f"{HEAD}\n@hookimpl\ndef ashop_register_hookspecs(settings):\n    return 5\n", "bad_hook"),
        ('requires = ("no_such_plugin",)\n', "requires"),
        ('requires = "no_such_plugin"\n', "requires"),
        ("requires = 5\n", "requires"),
        ("requires = (5,)\n", "requires"),
        ("class Settings:\n    sender: str\n", "bad_settings"),
        ("Settings = 5\n", "bad_settings"),
        (
            "from dataclasses import dataclass\n@dataclass\nclass Settings:\n    sender: 'NoSuchType'\n",
            "bad_settings",
        ),
    ],
)
def test_a_plugin_that_cannot_be_used_keeps_the_shop_shut(tmp_path: Path, file: str, code: str) -> None:
    home = with_bad(tmp_path, file, head="")

    error = not_opened(home)

    assert error.plugin == "local:bad"
    problems = load_plugins(load_settings(home)).problems
    assert {(p.code, p.plugin) for p in problems} == {(code, "local:bad")}


def test_a_plugin_that_cannot_be_loaded_is_told_with_the_remedy(tmp_path: Path) -> None:
    error = not_opened(with_bad(tmp_path, "import no_such_library\n", head=""))

    assert "No module named 'no_such_library'" in error.text.sv
    assert "ta bort den ur [plugins] enabled" in error.text.sv
    assert "remove it from [plugins] enabled" in error.text.en


def test_a_misspelt_hook_is_told_with_the_one_that_was_meant(tmp_path: Path) -> None:
    error = not_opened(with_bad(tmp_path, "\n@hookimpl\ndef ashop_on_chnage(tx): ...\n"))

    assert "Menade du ashop_on_change?" in error.text.sv
    assert "Did you mean ashop_on_change?" in error.text.en


def test_a_plugin_that_another_one_needs_is_named(tmp_path: Path) -> None:
    error = not_opened(with_bad(tmp_path, 'requires = "stock_control"\n'))

    assert 'lägg till "stock_control" i [plugins] enabled' in error.text.sv


def test_what_is_needed_may_be_there(make_shop: MakeShop) -> None:
    files = {"plugins/base.py": COUNTING, "plugins/top.py": 'requires = ("local:base",)\n'}

    shop = make_shop("local:top", "local:base", files=files)

    assert {info.name: info.requires for info in shop.plugins.infos} == {
        "local:base": (),
        "local:top": ("local:base",),
    }


OWN_SETTINGS = """
from __future__ import annotations
from dataclasses import dataclass, field

@dataclass(frozen=True, kw_only=True)
class Settings:
    sender: str
    retries: int = 3
    tags: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.retries < 0:
            raise ValueError("retries: at least 0")
"""


@pytest.mark.parametrize(
    ("toml", "expected"),
    [
        ("", "plugins.local:bad.sender: is missing"),
        ('[plugins."local:bad"]\nsender = 5\n', "plugins.local:bad.sender: expected text in quotes, got 5"),
        ('[plugins."local:bad"]\nsender = "s"\nretires = 1\n', "unknown key; did you mean retries?"),
        ('[plugins."local:bad"]\nsender = "s"\nretries = -1\n', "retries: at least 0"),
    ],
)
def test_a_plugins_settings_are_told_like_all_others(tmp_path: Path, toml: str, expected: str) -> None:
    home = with_bad(tmp_path, OWN_SETTINGS, head="", toml=toml)

    with pytest.raises(SettingsError) as error:
        Shop.open(home)

    assert expected in error.value.text.en
    assert error.value.text.en.startswith("ashop.toml: plugins.local:bad")
    assert error.value.problems[0].plugin == "local:bad"


def test_a_table_for_a_plugin_without_settings_is_told(tmp_path: Path) -> None:
    home = with_bad(tmp_path, "", toml='[plugins."local:bad"]\ncolour = "red"\n')

    with pytest.raises(SettingsError) as error:
        Shop.open(home)

    assert "ta bort [plugins.local:bad]" in error.value.text.sv


def test_a_local_plugin_may_have_a_dataclass_under_postponed_annotations(make_shop: MakeShop) -> None:
    shop = make_shop(
        "local:own",
        files={"plugins/own.py": OWN_SETTINGS + "__version__ = '1.2'\n"},
        toml='[plugins."local:own"]\nsender = "s"\ntags = ["a", "b"]\n',
    )

    (own,) = shop.settings.plugins.values()
    (info,) = shop.plugins.infos

    assert shop.settings.for_plugin(type(own)) is own
    assert (own.sender, own.retries, own.tags) == ("s", 3, ("a", "b"))  # type: ignore[attr-defined]
    assert (info.name, info.version, info.source, info.problems) == ("local:own", "1.2", "plugins/own.py", ())


def test_the_cores_settings_imported_for_an_annotation_are_not_the_plugins_own(make_shop: MakeShop) -> None:
    body = """
from ashop_core.settings import Settings

@hookimpl
def ashop_register_jobs(settings: Settings):
    return []
"""

    assert make_shop("local:plain", files={"plugins/plain.py": HEAD + body}).settings.plugins == {}


def test_every_broken_plugin_is_named_while_the_others_are_fine(tmp_path: Path) -> None:
    files = {
        "plugins/a.py": "1 / 0\n",
        "plugins/b.py": f"{HEAD}\n@hookimpl\ndef ashop_on_chnage(tx): ...\n",
        "plugins/c.py": COUNTING,
        "plugins/d.py": "requires = ('sms',)\n",
        "plugins/e.py": OWN_SETTINGS,
    }
    names = [f"local:{name}" for name in "abcde"]
    home = write_shop(tmp_path / "shop", *names, "nowhere", files=files)

    plugins = load_plugins(load_settings(home))

    assert {info.name: [p.code for p in info.problems] for info in plugins.infos} == {
        "local:a": ["cannot_load"],
        "local:b": ["unknown_hook"],
        "local:c": [],
        "local:d": ["requires"],
        "local:e": ["invalid"],
        "nowhere": ["not_installed"],
    }
    with pytest.raises(PluginError) as error:
        Shop.open(home)
    for name in ("local:a", "local:b", "local:d", "local:e", "nowhere"):
        assert name in error.value.text.sv
        assert name in error.value.text.en
    assert "local:c" not in error.value.text.sv
    assert {f.code for f in examine(home) if f.serious} == {
        "cannot_load", "unknown_hook", "requires", "invalid", "not_installed",
    }  # fmt: skip


def test_the_hooks_of_a_plugin_are_listed(tmp_path: Path) -> None:
    home = with_bad(tmp_path, "")

    good = next(i for i in load_plugins(load_settings(home)).infos if i.name == "local:good")

    assert good.hooks == ("ashop_on_change", "ashop_register_jobs", "ashop_register_tables")


def test_a_table_that_two_plugins_make_keeps_the_shop_shut(tmp_path: Path) -> None:
    files = {"plugins/a.py": COUNTING, "plugins/b.py": COUNTING.replace('code="counting"', 'code="other"')}
    home = write_shop(tmp_path / "shop", "local:a", "local:b", files=files)

    with pytest.raises(AshopError, match="counting_items"):
        Shop.open(home)


# ── Hook specifications of a plugin's own ────────────────────────────────────────────────────────

BASKETS = """
import sys
from ashop_core import hookimpl, hookspec

@hookspec
def ashop_basket_rule(lines):
    '''Tell what a basket lacks.'''

@hookimpl
def ashop_register_hookspecs():
    return sys.modules[__name__]

@hookimpl
def ashop_validate_change(shop, order):
    return [problem for _, problem in shop.plugins.gather("ashop_basket_rule", object, lines=order.lines)]
"""


def test_plugins_implement_the_hooks_of_another_one(make_shop: MakeShop) -> None:
    rule = f"""{HEAD}
@hookimpl
def ashop_basket_rule(lines):
    return [Problem("alone", Text("ensam", "alone"))] if len(lines) == 1 else []
"""
    # The names make the implementation load before the specification.
    files = {"plugins/z_baskets.py": BASKETS, "plugins/a_rule.py": rule}
    shop = make_shop("local:z_baskets", "local:a_rule", files=files)

    with pytest.raises(Refused) as refusal:
        place_order(shop)

    assert refusal.value.problems[0].code == "alone"
    assert place_order(shop, some_lines("A", "B")).number


@pytest.mark.parametrize(("giver", "taker"), [("z", "a"), ("a", "z")])
def test_who_implements_anothers_hook_wrongly_is_refused_and_not_its_author(
    tmp_path: Path, giver: str, taker: str
) -> None:
    wrong = f"{HEAD}\n@hookimpl\ndef ashop_basket_rule(goods): ...\n"
    files = {f"plugins/{giver}.py": BASKETS, f"plugins/{taker}.py": wrong}
    home = write_shop(tmp_path / "shop", "local:a", "local:z", files=files)

    plugins = load_plugins(load_settings(home))

    assert {info.name: [p.code for p in info.problems] for info in plugins.infos} == {
        f"local:{giver}": [],
        f"local:{taker}": ["bad_hook"],
    }


def test_a_hook_whose_author_is_not_enabled_is_unknown(tmp_path: Path) -> None:
    rule = f"{HEAD}\n@hookimpl\ndef ashop_basket_rule(lines): ...\n"
    home = write_shop(tmp_path / "shop", "local:rule", files={"plugins/rule.py": rule})

    assert [p.code for p in load_plugins(load_settings(home)).problems] == ["unknown_hook"]


# ── Before a change ──────────────────────────────────────────────────────────────────────────────

ANSWERS = [
    *RAISES,
    "return 5",
    "return 'no'",
    "return [5]",
    "return ['no']",
    "return [Problem('x', 'words in no language')]",
    "yield Problem('x', Text('x', 'x')); raise RuntimeError('boom')",
    "raise KeyError",
    "raise TypeError(b'\\xff')",
]


@pytest.mark.parametrize("mistake", ANSWERS)
def test_a_fault_in_validate_refuses_the_change_whole(shop_with: ShopWith, mistake: str) -> None:
    shop = shop_with(only_at_placement(mistake, "ashop_validate_change(shop, order, change)"))
    order = checkout(shop)
    before = dump(shop)

    for attempt in (shop.place, lambda o: shop.preview(o, StatusRequest(to="received"))):
        with pytest.raises(PluginError) as error:
            attempt(order)
        assert (error.value.plugin, error.value.hook) == ("local:bad", "ashop_validate_change")
        assert "local:bad" in error.value.text.sv

    assert dump(shop) == before
    assert shop.add_note(order, "går bra").change  # the shop goes on


def test_what_validate_refuses_has_the_plugins_name(shop_with: ShopWith) -> None:
    shop = shop_with(
        only_at_placement("yield Problem('x', Text('nej', 'no'))", "ashop_validate_change(change)")
    )
    order = checkout(shop)

    with pytest.raises(Refused) as refusal:
        shop.place(order)

    assert [(p.code, p.plugin) for p in refusal.value.problems] == [("x", "local:bad")]
    assert refusal.value.text.sv.endswith("nekad: nej")


def test_no_lock_is_held_while_validate_thinks(shop_with: ShopWith) -> None:
    shop = shop_with(
        only_at_placement(
            "with shop.database.write() as tx:\n    tx.rows('SELECT 1')",
            "ashop_validate_change(shop, change)",
        )
    )

    assert shop.place(checkout(shop)).order.number


# ── In the transaction ───────────────────────────────────────────────────────────────────────────

# Each of these first does what the plugin is there for, so that there is something to roll back.
DONE = "tx.execute(\"UPDATE counting_items SET held = held + 1000\")\ntx.flag('seen')\n"
ON_MISTAKES = {
    "raises": "raise RuntimeError('boom')",
    "exits": "raise SystemExit(3)",
    "answers with a number": "return 5",
    "answers with words": "return ['no']",
    "answers with words in no language": "return [Problem('x', 'no')]",
    "fails half-way": "yield Effect(subject='a', before='', after='', text=Text('a', 'a'))\nraise RuntimeError('boom')",
    "writes nonsense": "tx.execute('UPDATE no_such_table SET a = 1')",
    "breaks a rule of the table": 'tx.execute("INSERT INTO counting_items (sku, held) VALUES (NULL, 1)")',
    "commits": "tx.execute('COMMIT')",
    "commits in small letters": "tx.execute(' commit ;')",
    "commits in a comment": "tx.execute('/* SELECT */ COMMIT')",
    "ends": "tx.execute('END')",
    "rolls back": "tx.execute('ROLLBACK')",
    "begins": "tx.execute('BEGIN')",
    "sets a savepoint": "tx.execute('SAVEPOINT a')",
    "releases": "tx.execute('RELEASE a')",
    "pragma": "tx.execute('PRAGMA synchronous = OFF')",
    "reads a pragma": "tx.rows('PRAGMA table_list')",
    "attaches": "tx.execute(\"ATTACH 'other.db' AS other\")",
    "detaches": "tx.execute('DETACH other')",
    "vacuums": "tx.execute('VACUUM')",
    "changes the schema": "tx.execute('DROP TABLE counting_items')",
    "makes a table": "tx.execute('CREATE TABLE mine (a)')",
    "makes a trigger": "tx.execute('CREATE TRIGGER t AFTER INSERT ON orders BEGIN SELECT 1; END')",
    "two statements": "tx.execute('UPDATE counting_items SET held = 5; COMMIT')",
    "two statements to read": "tx.rows('SELECT 1; COMMIT')",
    "deletes history": "tx.execute('DELETE FROM history')",
    "rewrites history": "tx.execute(\"UPDATE history SET to_status = 'shipped'\")",
    "replaces history": 'tx.execute("INSERT OR REPLACE INTO history SELECT * FROM history")',
    "asks for work that nobody does": "tx.enqueue('no_such_job', {}, key='k')",
    "asks for work with what is no JSON": "tx.enqueue('counting', {'a': object()}, key='k')",
    "sets a flag that is none": "tx.flag('two words')",
    "changes the order it was given": "order.status = 'shipped'",
    "changes the change it was given": "change.moves = ()",
    "commits the connection": "raw.commit()",
    "commits by a statement": "raw.execute('COMMIT')",
    "commits by a script": "raw.executescript('SELECT 1')",
    "commits by leaving": "with raw: pass",
    "rolls the connection back": "raw.rollback()",
    "rolls back by a statement": "raw.execute('ROLLBACK')",
    "closes the connection": "raw.close()",
    "begins on the connection": "raw.execute('BEGIN')",
    "a pragma on the connection": "raw.execute('PRAGMA foreign_keys = OFF')",
    "attaches on the connection": "raw.execute(\"ATTACH ':memory:' AS other\")",
    "sets the isolation level": "raw.isolation_level = 'DEFERRED'\nraw.commit()",
}
RAW = "import sqlite3\nraw = tx.rows.__self__._connection\nassert isinstance(raw, sqlite3.Connection)\n"


@pytest.mark.parametrize("mistake", list(ON_MISTAKES.values()), ids=list(ON_MISTAKES))
def test_a_fault_in_the_transaction_rolls_everything_back(shop_with: ShopWith, mistake: str) -> None:
    shop = shop_with(only_at_placement(DONE + (RAW if "raw" in mistake else "") + mistake))
    order = checkout(shop)
    before = dump(shop)

    with pytest.raises(PluginError) as error:
        shop.place(order)

    assert (error.value.plugin, error.value.hook) == ("local:bad", "ashop_on_change")
    assert "local:bad" in error.value.text.sv
    assert dump(shop) == before  # order, history, the other plugin's table, flags, outbox
    assert not heard_by(shop)[2:]
    assert shop.add_note(order, "går bra").change  # the shop goes on
    assert [f for f in examine_shop(shop) if f.serious] == []


def test_a_preview_of_it_tells_the_plugin_too(shop_with: ShopWith) -> None:
    shop = shop_with(only_at_placement("raise RuntimeError('boom')"))
    order = checkout(shop)
    before = dump(shop)

    with pytest.raises(PluginError, match="local:bad"):
        shop.preview(order, StatusRequest(to="received"))

    assert dump(shop) == before


def test_an_order_cannot_begin_either(shop_with: ShopWith) -> None:
    shop = shop_with("\n@hookimpl\ndef ashop_on_change(tx):\n    raise RuntimeError('boom')\n")
    before = dump(shop)

    with pytest.raises(PluginError, match="local:bad"):
        shop.start_order(some_lines("LAMPA"), checkout_key="k")

    assert dump(shop) == before


def test_without_its_guard_the_connection_would_be_committed(
    shop_with: ShopWith, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ashop_core.sqlite_connections.Guard.__call__", lambda *_: 0)
    shop = shop_with(only_at_placement(f"{DONE}{RAW}raw.commit()"))
    order = checkout(shop)
    before = dump(shop)

    with pytest.raises(PluginError):
        shop.place(order)

    assert dump(shop) != before  # the twin: half an order, and without history


@pytest.fixture
def broken_off(shop_with: ShopWith) -> Callable[[str], Shop]:
    """Open a shop whose database breaks a transaction off by itself, as it does when the disk is full."""

    def make(body: str) -> Shop:
        shop = shop_with(only_at_placement(body))
        run_raw(
            shop.database,
            "CREATE TRIGGER full AFTER UPDATE ON counting_items WHEN NEW.held > 900 "
            "BEGIN SELECT RAISE(ROLLBACK, 'database or disk is full'); END",
        )
        return shop

    return make


def run_raw(database: Database, sql: str) -> None:
    import sqlite3

    connection = sqlite3.connect(database.path)  # type: ignore[attr-defined]
    connection.execute(sql)
    connection.close()


SWALLOW = """
try:
    tx.execute("UPDATE counting_items SET held = held + 1000")
except Exception:
    pass
"""


@pytest.mark.parametrize("then", ["", "return []", "tx.flag('seen')"])
def test_a_database_error_that_is_swallowed_leaves_no_half_order(
    broken_off: Callable[[str], Shop], then: str
) -> None:
    shop = broken_off(SWALLOW + then)
    order = checkout(shop)
    before = dump(shop)

    with pytest.raises(PluginError, match="local:bad"):
        shop.place(order)

    assert dump(shop) == before
    assert shop.add_note(order, "går bra").change


def test_a_write_after_a_swallowed_error_does_not_commit_by_itself(
    broken_off: Callable[[str], Shop],
) -> None:
    shop = broken_off(SWALLOW + "tx.execute(\"INSERT INTO counting_items (sku, held) VALUES ('X', 1)\")")
    order = checkout(shop)
    before = dump(shop)

    with pytest.raises(PluginError, match="local:bad"):
        shop.place(order)

    assert dump(shop) == before


def test_a_refused_row_that_is_swallowed_is_simply_not_there(shop_with: ShopWith) -> None:
    shop = shop_with(
        only_at_placement(
            'try:\n    tx.execute("INSERT INTO counting_items (sku, held) VALUES (NULL, 1)")\n'
            "except Exception:\n    pass"
        )
    )

    assert shop.place(checkout(shop)).order.number
    assert [f for f in examine_shop(shop) if f.serious] == []


def test_work_asked_for_twice_is_done_once(shop_with: ShopWith) -> None:
    shop = shop_with(only_at_placement("for _ in range(3):\n    tx.enqueue('counting', {}, key='bad')"))

    order = shop.place(checkout(shop)).order

    keys = [row[1] for row in dump(shop)["outbox"] if row[5] == "counting" and row[3] == order.version]
    assert sorted(key.rpartition(":")[2] for key in keys) == ["bad", "k"]


def test_what_a_plugin_writes_is_there_when_the_next_one_looks(shop_with: ShopWith) -> None:
    shop = shop_with(
        only_at_placement(
            "row = tx.row('SELECT held FROM counting_items')\n"
            "yield Effect(subject='LAMPA', before='0', after=str(row['held']), text=Text('a', 'a'))"
        )
    )

    outcome = shop.place(checkout(shop))

    assert [e.after for plugin, e in outcome.effects if plugin == "local:bad"] == ["1"]


# ── After the change ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "mistake",
    [
        *RAISES,
        "raise RuntimeError('\\0')",
        "raise RuntimeError('\\ud800')",
        "raise RuntimeError('x' * 1_000_000)",
        "shop.change_status(order, 'no_such_status')",
        "shop.place(12345)",
    ],
)
def test_a_fault_afterwards_is_recorded_and_harms_nobody(
    shop_with: ShopWith, caplog: pytest.LogCaptureFixture, mistake: str
) -> None:
    shop = shop_with(only_at_placement(mistake, "ashop_after_change(shop, order, change)"))
    order = checkout(shop)

    with caplog.at_level(logging.ERROR, "ashop"):
        outcome = shop.place(order)

    assert outcome.order.number == 100001
    assert shop.order(order) == outcome.order
    assert heard_by(shop)[-1] == (order.reference, outcome.order.version)  # the one after it was called
    (failure,) = dump(shop)["hook_failures"]
    assert failure[1:5] == (outcome.order.id, outcome.order.version, "local:bad", "ashop_after_change")
    (finding,) = [f for f in examine_shop(shop) if f.code == "hook"]
    assert "local:bad" in finding.text.sv
    assert not finding.serious


def test_a_fault_that_cannot_even_be_recorded_harms_nobody(
    shop_with: ShopWith, caplog: pytest.LogCaptureFixture
) -> None:
    shop = shop_with(only_at_placement("raise RuntimeError('boom')", "ashop_after_change(change)"))
    run_raw(
        shop.database,
        "CREATE TRIGGER full BEFORE INSERT ON hook_failures BEGIN SELECT RAISE(ABORT, 'full'); END",
    )

    outcome = shop.place(checkout(shop))

    assert outcome.order.number == 100001
    assert "local:bad" in caplog.text


def test_a_plugin_may_change_the_order_again_afterwards(shop_with: ShopWith) -> None:
    shop = shop_with(
        only_at_placement("shop.add_note(order, 'såg den')", "ashop_after_change(shop, order, change)")
    )

    order = shop.place(checkout(shop)).order

    assert shop.history(order)[-1].note == "såg den"
    assert dump(shop)["hook_failures"] == []


# ── Describing ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "mistake",
    [
        *RAISES,
        "return 5",
        "return ['words']",
        "return [Section(title='no language', rows=())]",
        "yield Section(title=Text('a', 'a'), rows=()); raise RuntimeError('boom')",
    ],
)
def test_a_section_that_fails_shows_a_notice(shop_with: ShopWith, mistake: str) -> None:
    shop = shop_with(f"\n@hookimpl\ndef ashop_describe_order(order):\n    {mistake}\n")
    order = place_order(shop)

    sections = shop.sections(order)

    assert [plugin for plugin, _ in sections] == ["local:bad", "local:watching"]
    notice = sections[0][1]
    assert "local:bad" in str(notice)
    assert sections[1][1].title.sv == "Vakt"


@pytest.mark.parametrize("mistake", [*RAISES, "return 5", "return ['words']"])
def test_a_parcel_that_cannot_be_described_gets_a_notice(shop_with: ShopWith, mistake: str) -> None:
    shop = shop_with(f"\n@hookimpl\ndef ashop_describe_parcel(parcel):\n    {mistake}\n")
    order = place_order(shop)

    info = shop.parcel_info(order, parcel_of(shop))

    assert (info.carrier, info.url) == (None, None)
    assert ["local:bad" in hint.sv for hint in info.hints] == [True]


@pytest.mark.parametrize("mistake", [*RAISES])
def test_a_plugin_that_cannot_forget_a_person_keeps_the_order_as_it_was(
    shop_with: ShopWith, mistake: str
) -> None:
    shop = shop_with(f"\n@hookimpl\ndef ashop_on_order_anonymised(tx):\n    {mistake}\n")
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", customer=some_customer())
    before = dump(shop)

    with pytest.raises(PluginError) as error:
        shop.anonymise(order)

    assert error.value.plugin == "local:bad"
    assert dump(shop) == before


def test_a_plugin_is_told_to_forget_a_person_in_the_same_transaction(shop_with: ShopWith) -> None:
    shop = shop_with(
        "\n@hookimpl\ndef ashop_on_order_anonymised(tx, order):\n"
        "    tx.execute('UPDATE orders SET country = :c', {'c': order.customer.name or 'NOBODY'})\n"
    )
    order = shop.start_order(some_lines("LAMPA"), checkout_key="k", customer=some_customer())

    shop.anonymise(order)

    assert shop.order(order).customer.country == "NOBODY"


def parcel_of(shop: Shop) -> Parcel:
    return Parcel(position=1, seq=1, number="1", carrier=None, sent_at=shop.clock(), contents={})


@pytest.mark.parametrize("mistake", [*RAISES, "return 5", "return ['words']"])
def test_a_check_up_that_fails_is_itself_a_finding(shop_with: ShopWith, mistake: str) -> None:
    shop = shop_with(f"\n@hookimpl\ndef ashop_describe_health(shop):\n    {mistake}\n")

    (finding,) = [f for f in examine_shop(shop) if f.serious]

    assert "local:bad" in finding.text.sv


@pytest.mark.parametrize("mistake", [*RAISES, "return 5", "return ['words']"])
def test_repairs_that_cannot_be_had_are_told_with_the_plugins_name(shop_with: ShopWith, mistake: str) -> None:
    ill = 'return [Problem("NAME", Text("sjuk", "ill"))]'
    shop = shop_with(
        f"\n@hookimpl\ndef ashop_describe_health(shop):\n    {ill}\n"
        f"\n@hookimpl\ndef ashop_describe_repairs(shop):\n    {mistake}\n"
    )

    (told,) = mend(shop, examine_shop(shop))

    assert told.plugin == "local:bad"
    assert told.fault is not None
    assert "local:bad" in told.fault.sv


# ── In whatever order ────────────────────────────────────────────────────────────────────────────


def test_the_order_of_the_plugins_changes_nothing(make_shop: MakeShop) -> None:
    refusing = f"""{HEAD}
@hookimpl
def ashop_validate_change(change):
    return [Problem("NAME", Text("x", "x"))] if change.to_status == "reviewed" else []

@hookimpl
def ashop_on_change(tx, change):
    tx.flag("NAME")
    yield Effect(subject="NAME", before="", after="", text=Text("x", "x"))
"""
    files = {f"plugins/{n}.py": refusing.replace("NAME", n) for n in "abc"}
    results = []
    for k, names in enumerate(permutations("abc")):
        shop = make_shop(*(f"local:{n}" for n in names), files=files, folder=f"shop{k}", synchronous="OFF")
        outcome = shop.place(checkout(shop))
        with pytest.raises(Refused) as refusal:
            shop.change_status(outcome.order, "reviewed")
        results.append(
            (outcome.effects, outcome.order.flags, [(p.code, p.plugin) for p in refusal.value.problems])
        )

    assert all(result == results[0] for result in results)
    assert results[0][2] == [("a", "local:a"), ("b", "local:b"), ("c", "local:c")]


@pytest.mark.parametrize("mistake", ["raise RuntimeError('boom')", "raise SystemExit"])
def test_a_broken_watcher_changes_nothing_for_the_others(make_shop: MakeShop, mistake: str) -> None:
    """P1: the others' effects and messages are those of a shop without it."""
    bad = HEAD + f"\n@hookimpl\ndef ashop_after_change():\n    {mistake}\n"
    files = {"plugins/a_counting.py": COUNTING, "plugins/watching.py": WATCHING, "plugins/bad.py": bad}
    good = ("local:a_counting", "local:watching")
    kept = []
    for names in (good, (*good, "local:bad")):
        shop = make_shop(*names, files=files, folder=f"shop{len(names)}", synchronous="OFF")
        outcome = shop.place(checkout(shop))
        kept.append((outcome.effects, outcome.messages, outcome.order.lines, len(heard_by(shop))))

    assert kept[0] == kept[1]


def test_two_shops_in_one_process_have_plugins_of_their_own(make_shop: MakeShop) -> None:
    one = make_shop("local:watching", files={"plugins/watching.py": WATCHING}, folder="one")
    two = make_shop("local:watching", files={"plugins/watching.py": WATCHING}, folder="two")

    place_order(one)

    assert len(heard_by(one)) == 3
    assert heard_by(two) == []


def test_every_hook_of_the_core_was_tried_here() -> None:
    here = Path(__file__).read_text("utf-8")
    tried = {name for name in vars(hookspecs) if name.startswith(HOOK_PREFIX) and name in here}
    registered = {f"ashop_register_{what}" for what in REGISTER}
    elsewhere = {"ashop_register_commands"}  # called by the command line; see its tests

    hooks = {n for n in vars(hookspecs) if n.startswith(HOOK_PREFIX)}
    assert hooks == tried | registered | elsewhere
