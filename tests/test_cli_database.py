"""`ashop database backup` and `restore`: what was sold is in the copy, and the way back is whole or not taken."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from ashop_core.clock import system_clock
from ashop_core.doctor import examine_shop
from ashop_core.holds import hold_of
from ashop_core.models import Delivery
from ashop_core.restoring import prepare_restore
from ashop_core.shop import Shop
from ashop_core.testing import place_order, write_shop
from ashop_core.worker import work_once


@pytest.fixture
def home(tmp_path):
    return write_shop(tmp_path / "shop", "email")


@pytest.fixture
def saved(home, tmp_path, clock):
    """Return a backup with one order, 100001; the shop has sold 100002 and 100003 since."""
    file = tmp_path / "saved.db"
    with Shop.open(home, clock=clock) as shop:
        place_order(shop)
        shop.backup(file)
        clock.advance(hours=1)
        place_order(shop)
        place_order(shop)
    return file


def _asides(home):
    return sorted(home.glob("shop-before-*.db"))


def _orders(path):
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as connection:
        return [
            row[0]
            for row in connection.execute(
                "SELECT number FROM orders WHERE number IS NOT NULL ORDER BY number"
            )
        ]


# ── backup ───────────────────────────────────────────────────────────────────────────────────────


def test_a_backup_opens_as_a_shop_with_every_order(ashop, home, tmp_path, clock):
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop)
        copy = tmp_path / "copy" / "shop.db"
        write_shop(copy.parent)
        result = ashop("database", "backup", str(copy))

    with Shop.open(copy.parent, clock=clock) as restored:
        assert result.exit_code == 0
        assert restored.order(order).lines == order.lines
        assert restored.order(order).status == order.status


def test_a_backup_does_not_overwrite(ashop, home, tmp_path):
    target = tmp_path / "there.db"
    target.write_bytes(b"mine")

    result = ashop("database", "backup", str(target))

    assert result.exit_code == 1
    assert "there.db" in result.stderr
    assert target.read_bytes() == b"mine"


def test_a_backup_is_one_file(ashop, home, tmp_path):
    ashop("database", "backup", str(tmp_path / "b" / ".." / "saved.db"))

    assert not list(tmp_path.glob("saved.db?*"))


# ── restore ──────────────────────────────────────────────────────────────────────────────────────


def test_restore_puts_the_backup_in_place_and_keeps_the_old_one(ashop, home, saved, clock):
    result = ashop("database", "restore", str(saved), "--yes")

    assert result.exit_code == 0, result.output
    assert "ordrar: 1, senast ändrad 2026-11-23 13:00" in result.stdout
    assert "ordrar: 3, senast ändrad 2026-11-23 14:00" in result.stdout
    assert "Utskicken är pausade; i kön väntar 1, äldst från 2026-11-23 13:00" in result.stdout
    (aside,) = _asides(home)
    assert str(aside) in result.stdout
    assert (_orders(home / "shop.db"), _orders(aside)) == ([100001], [100001, 100002, 100003])
    assert not list(home.glob("*.restoring*"))
    with Shop.open(home, clock=clock) as shop:
        assert [f for f in examine_shop(shop) if f.serious] == []
        assert work_once(shop).delivered == []


def test_the_old_database_can_be_restored_again(ashop, home, saved):
    ashop("database", "restore", str(saved), "--yes")
    (aside,) = _asides(home)

    result = ashop("database", "restore", str(aside), "--yes")

    assert result.exit_code == 0
    assert _orders(home / "shop.db") == [100001, 100002, 100003]
    assert len(_asides(home)) == 2


def test_numbers_that_customers_know_are_not_given_again(ashop, home, saved, clock):
    ashop("database", "restore", str(saved), "--yes")

    with Shop.open(home, clock=clock) as shop:
        assert place_order(shop).number == 100004


def test_restore_asks_first_and_can_be_rehearsed(ashop, home, saved):
    rehearsed = ashop("database", "restore", str(saved), "--dry-run", lang="en")
    declined = ashop("database", "restore", str(saved), input="n\n")

    assert rehearsed.exit_code == 0
    assert "orders: 1, last changed 23 Nov 2026 13:00" in rehearsed.stdout
    assert declined.exit_code == 1
    assert _orders(home / "shop.db") == [100001, 100002, 100003]
    assert not _asides(home)
    assert not list(home.glob("*.restoring*"))
    assert ashop("database", "restore", str(saved), input="y\n").exit_code == 0


def test_restore_where_the_database_is_missing(ashop, home, saved):
    for file in home.glob("shop.db*"):
        file.unlink()

    result = ashop("database", "restore", str(saved), "--yes")

    assert result.exit_code == 0
    assert "saknas, eller går inte att läsa" in result.stdout
    assert not _asides(home)
    assert _orders(home / "shop.db") == [100001]
    assert ashop("order", "list", "--json").exit_code == 0


@pytest.mark.parametrize("damage", ["header", "pages", "empty"])
def test_restore_where_the_database_is_damaged_keeps_what_is_left_of_it(ashop, home, saved, damage):
    broken = home / "shop.db"
    content = bytearray(broken.read_bytes())
    if damage == "empty":
        content = bytearray(b"nonsense")
    else:
        start = 0 if damage == "header" else 4096
        content[start : start + 8000] = b"\xff" * len(content[start : start + 8000])
    broken.write_bytes(content)

    result = ashop("database", "restore", str(saved), "--yes")

    assert result.exit_code == 0, result.output
    assert _orders(broken) == [100001]
    (aside,) = _asides(home)
    assert aside.read_bytes() == bytes(content)
    assert ashop("doctor").exit_code == 0


def test_restore_refuses_what_is_no_sound_backup(ashop, home, saved, tmp_path):
    (tmp_path / "text.db").write_text("hej " * 4000)
    with sqlite3.connect(tmp_path / "other.db") as other:
        other.execute("CREATE TABLE t (a)")
    other.close()
    damaged = tmp_path / "damaged.db"
    content = bytearray(saved.read_bytes())
    with sqlite3.connect(saved) as connection:  # an index that nothing reads on the way back
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'outbox_order'"
        page = connection.execute(query).fetchone()[0]
    connection.close()
    content[4096 * (page - 1) : 4096 * page] = b"\xff" * 4096
    damaged.write_bytes(content)
    newer = tmp_path / "newer.db"
    shutil.copy(saved, newer)
    with sqlite3.connect(newer) as connection:
        connection.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('core', 'm999_later', '2030')"
        )
    connection.close()
    open_one = tmp_path / "open.db"
    shutil.copy(saved, open_one)
    Path(f"{open_one}-wal").write_bytes(b"x")
    lacking = tmp_path / "lacking.db"
    shutil.copy(saved, lacking)
    with sqlite3.connect(lacking) as connection:
        connection.execute("DROP TABLE order_lines")
    connection.close()
    before = (home / "shop.db").read_bytes()
    cases = {
        tmp_path / "none.db": "Det finns ingen fil",
        tmp_path: "Det finns ingen fil",
        home / "shop.db": "är butikens databas",
        tmp_path / "text.db": "ingen säkerhetskopia av en Ashop-butik",
        lacking: "skadad (utan order_lines)",
        tmp_path / "other.db": "ingen säkerhetskopia av en Ashop-butik",
        damaged: "skadad",
        newer: "core/m999_later",
        open_one: "-wal",
    }

    for file, words in cases.items():
        result = ashop("database", "restore", str(file), "--yes")

        assert result.exit_code == 1, file
        assert "[shop] database" not in result.stderr, "it is not the shop's database that is at fault"
        assert words in result.stderr, result.stderr
        assert (home / "shop.db").read_bytes() == before
        assert not _asides(home)
        assert not list(home.glob("*.restoring*"))


def test_a_backup_in_the_way_of_the_restore_is_refused_and_kept(ashop, home, saved):
    file = home / "shop.db.restoring"
    saved.rename(file)

    result = ashop("database", "restore", str(file), "--yes")

    assert result.exit_code == 1
    assert "Ge den ett annat namn" in result.stderr
    assert _orders(file) == [100001]


def test_two_restores_at_once_do_not_take_one_anothers_backup(ashop, home, saved, clock):
    with prepare_restore(home, saved, clock) as ready:
        meanwhile = ashop("database", "restore", str(saved), "--yes", lang="en")
        ready.put_in_place(lambda left, total: None)

    assert meanwhile.exit_code == 1
    assert "is being put back" in meanwhile.stderr
    assert _orders(home / "shop.db") == [100001]
    assert len(_asides(home)) == 1
    assert ashop("database", "restore", str(saved), "--yes").exit_code == 0


def test_the_backup_itself_is_not_touched(ashop, home, saved):
    content = saved.read_bytes()
    saved.chmod(0o400)

    assert ashop("database", "restore", str(saved), "--yes").exit_code == 0

    assert saved.read_bytes() == content
    assert not list(saved.parent.glob("saved.db?*"))


def test_who_has_the_shop_open_goes_on_in_the_restored_one(ashop, home, saved, clock):
    with Shop.open(home, clock=clock) as worker:
        assert len(worker.orders().rows) == 3

        assert ashop("database", "restore", str(saved), "--yes").exit_code == 0

        assert [row.number for row in worker.orders().rows] == [100001]
        assert worker.deliver() == []
        later = place_order(worker)
        with worker.database.read() as reader:
            assert hold_of(reader) is not None
    with Shop.open(home, clock=clock) as shop:
        assert shop.order(later).status == later.status


def test_a_worker_that_was_sending_meanwhile_spoils_nothing(ashop, home, saved, clock, monkeypatch):
    with Shop.open(home, clock=clock) as worker:
        channel = worker.channels["email"]
        send = channel.send

        def restored_meanwhile(message, rendered, within):
            assert ashop("database", "restore", str(saved), "--yes").exit_code == 0
            return send(message, rendered, within)

        monkeypatch.setattr(channel, "send", restored_meanwhile)
        worker.deliver(most=1)

        (message,) = worker.messages(worker.order(100001))
        assert message.delivery is Delivery.WAITING
        assert [f for f in examine_shop(worker) if f.serious] == []


KILLS = """
import json, os, shutil, signal, sqlite3, sys
from pathlib import Path
import sqlite_utils
from ashop_core import sqlite, sqlite_copy, sqlite_restore
from ashop_core.clock import system_clock
from ashop_core.opening import assemble
from ashop_core.plugins import load_plugins
from ashop_core.restoring import prepare_restore
from ashop_core.settings import load_settings

kept, home, file = map(Path, sys.argv[1:])
assemble(load_plugins(load_settings(kept)))  # imported once, for all the children
done = kill_at = 0

def step(*_):
    global done
    done += 1
    if done == kill_at:
        os.kill(os.getpid(), signal.SIGKILL)

def stepping(function):
    def run(*args, **kwargs):
        step()
        result = function(*args, **kwargs)
        step()
        return result
    return run

sqlite_copy.PAGES = 40
for module in (sqlite_restore, sqlite):
    for name in ("copy_backup", "copy_database", "overwrite_database", "write_into", "remove_database", "_copy_files"):
        if hasattr(module, name):
            setattr(module, name, stepping(getattr(module, name)))
for name in ("replace", "rename"):
    setattr(Path, name, stepping(getattr(Path, name)))

def restore(at):
    global kill_at
    child = os.fork()  # nothing of the shop is open here
    if child == 0:
        kill_at = at
        with prepare_restore(home, file, system_clock) as ready:
            ready.put_in_place(step)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])

def found():
    path = home / "shop.db"
    if not path.exists():
        return "missing"
    connection = sqlite3.connect(f"file:{path}?mode=rw", uri=True)
    try:
        rows = connection.execute("SELECT number FROM orders ORDER BY number").fetchall()
        sound = connection.execute("PRAGMA integrity_check").fetchone()[0]
        held = connection.execute("SELECT COUNT(*) FROM holds").fetchone()[0]
        return [sound, held, *(row[0] for row in rows)]
    except sqlite3.DatabaseError:
        return "damaged"
    finally:
        connection.close()

at = 0
while True:
    at += 1
    shutil.rmtree(home)
    shutil.copytree(kept, home)
    code = restore(at)
    print(json.dumps([code, found()]))
    if code == 0:
        break
    # Whatever is there, the next try comes through, and nothing of the one before is in its way.
    print(json.dumps([restore(0), found()]))
    assert not list(home.glob("*.restoring*"))
"""


@pytest.mark.parametrize("condition", ["whole", "damaged", "missing"])
def test_a_restore_killed_at_any_step_leaves_the_old_or_the_new_whole(home, saved, tmp_path, condition):
    if condition != "whole":
        for file in home.glob("shop.db*"):
            file.unlink()
    if condition == "damaged":
        (home / "shop.db").write_bytes(b"\xff" * 9000)
    shutil.copytree(home, tmp_path / "kept")
    program = tmp_path / "kills.py"
    program.write_text(KILLS)

    ran = subprocess.run(
        [sys.executable, str(program), str(tmp_path / "kept"), str(home), str(saved)],
        capture_output=True, text=True, check=True,
    )  # fmt: skip

    *results, last = [json.loads(line) for line in ran.stdout.splitlines()]
    killed, repeated = results[::2], results[1::2]
    old = ["ok", 0, 100001, 100002, 100003] if condition == "whole" else condition
    new = ["ok", 1, 100001]
    assert len(killed) >= 10
    assert {code for code, _ in killed} == {-signal.SIGKILL}
    seen = [found for _, found in killed]
    turn = seen.index(new)
    assert seen == [old] * turn + [new] * (len(seen) - turn)
    assert all(result == [0, new] for result in (*repeated, last))


# ── Under load (C5) ──────────────────────────────────────────────────────────────────────────────

SELLER = """
import sys
from pathlib import Path
from ashop_core.shop import Shop
from ashop_core.testing import place_order

with Shop.open(Path(sys.argv[1])) as shop:
    print("open", flush=True)
    while not Path(sys.argv[2]).exists():
        order = place_order(shop)
        print(order.number, flush=True)
        shop.change_status(order, "reviewed", note="sold under load")
"""


def test_a_backup_taken_under_load_restores_to_a_shop_that_is_whole(ashop, tmp_path, clock):
    home = write_shop(tmp_path / "shop", "email", "stock_control")
    with Shop.open(home, clock=clock):
        pass
    program, stop, file = tmp_path / "seller.py", tmp_path / "stop", tmp_path / "backup.db"
    program.write_text(SELLER)
    sellers = [
        subprocess.Popen(
            [sys.executable, str(program), str(home), str(stop)],
            stdout=subprocess.PIPE,
            text=True,
            env=os.environ,
        )
        for _ in range(3)
    ]
    try:
        known = []
        for seller in sellers:
            assert seller.stdout is not None
            assert seller.stdout.readline() == "open\n"
            known += [
                int(seller.stdout.readline()) for _ in range(5)
            ]  # acknowledged before the backup begins
        assert ashop("database", "backup", str(file)).exit_code == 0
    finally:
        stop.touch()
        for seller in sellers:
            seller.communicate(timeout=60)
    assert [seller.returncode for seller in sellers] == [0, 0, 0]

    clock.now = system_clock()  # the sellers' own, or their messages would not be due yet
    other = write_shop(tmp_path / "other", "email", "stock_control")
    assert ashop("database", "restore", str(file), "--yes", home=other).exit_code == 0

    assert set(known) <= set(_orders(other / "shop.db")) <= set(_orders(home / "shop.db"))
    assert ashop("doctor", home=other).exit_code == 0
    assert "0 ur kön" in ashop("work", "--once", home=other).stdout
    assert not list(other.glob("outbox/**/*.eml"))
    assert ashop("message", "release", "--yes", home=other).exit_code == 0
    assert ashop("work", "--once", home=other).exit_code == 0
    assert ashop("work", "--once", home=other).exit_code == 0
    assert len(list(other.glob("outbox/**/*.eml"))) == len(_orders(other / "shop.db"))
    assert ashop("doctor", home=other).exit_code == 0
