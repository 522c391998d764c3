"""`ashop today`, `message …`, `work` and `doctor`: what waits, what was sent, what is wrong."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from ashop_core.models import NewPayment, PaymentKind
from ashop_core.shop import Shop
from ashop_core.testing import place_order, some_lines
from tests.shops import LATER, NEVER, write_paper_shop


@pytest.fixture
def home(tmp_path):
    return write_paper_shop(tmp_path / "shop")


# ── today ────────────────────────────────────────────────────────────────────────────────────────


def subjects(result) -> dict[str, dict]:
    return {row["subject"]: row for row in json.loads(result.stdout)}


def test_today_counts_what_waits_by_what_the_statuses_are(ashop, tmp_path, clock):
    toml = '[statuses.received]\nlabel = { sv = "Inkommen", en = "In" }\n'
    home = write_paper_shop(tmp_path / "shop", toml=toml)
    with Shop.open(home, clock=clock) as shop:
        new = place_order(shop)
        ready = place_order(shop)
        shop.change_status(ready, "reviewed")
        shop.approve(ready)
        unapproved = place_order(shop)
        shop.change_status(unapproved, "reviewed")
        flagged = place_order(shop)
        shop.add_payment(flagged, NewPayment(kind=PaymentKind.FAILED, amount=0))
        lost = shop.start_order(some_lines("A"), checkout_key="k")
        shop.abandon(lost)

    found = subjects(ashop("today", "--json"))

    assert found["to_review"]["orders"] == [str(new.number), str(flagged.number)]
    assert set(found["to_approve"]["orders"]) == {str(o.number) for o in (new, unapproved, flagged)}
    assert found["to_ship"]["orders"] == [str(ready.number)]
    assert found["flagged"]["orders"] == [str(flagged.number)]
    assert found["abandoned"]["orders"] == [lost.reference]
    assert found["untouched"]["count"] == 0
    assert found["unsent"]["count"] == 0  # they wait for no longer than a worker takes

    clock.advance(days=3)
    later = subjects(ashop("today", "--json"))
    assert (later["untouched"]["count"], later["unsent"]["count"]) == (4, 4)


def test_today_in_words(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        for _ in range(7):
            place_order(shop)
        shop.deliver()

    swedish, english = ashop("today"), ashop("today", lang="en")

    assert "Att granska" in swedish.stdout
    assert "100001, 100002, 100003, 100004, 100005, …" in swedish.stdout
    assert "Awaiting approval" in english.stdout
    assert "I kö" not in swedish.stdout


def test_nothing_waits(ashop, home):
    assert ashop("today").stdout == "Inget väntar.\n"
    assert (
        ashop("today", "--csv").stdout.startswith("subject,count,more,oldest,orders\r\n")
        or "subject" in ashop("today", "--csv").stdout
    )


# ── messages ─────────────────────────────────────────────────────────────────────────────────────


def test_messages_are_listed_shown_and_filtered(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        first, second = place_order(shop), place_order(shop)
        shop.deliver(first)
    clock.advance(hours=3)

    everything = ashop("message", "list")
    waiting = json.loads(ashop("message", "list", "--waiting", "--json").stdout)
    of_first = json.loads(ashop("message", "list", "--order", str(first.number), "--json").stdout)

    assert "skickat" in everything.stdout
    assert "väntat i 3 timmar" in everything.stderr
    assert [row["order"] for row in waiting] == [str(second.number)]
    assert [row["delivery"] for row in of_first] == ["sent"]
    assert json.loads(ashop("message", "list", "--dead", "--json").stdout) == []
    shown = ashop("message", "show", str(of_first[0]["id"])).stdout
    assert "    | Rad fem." in shown
    assert "lagt på brevlådan" in shown
    assert json.loads(ashop("message", "show", "1", "--json").stdout)["subject"] == "Mottagen 100001"


def test_messages_come_in_pages(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        for _ in range(3):
            place_order(shop)

    first = ashop("message", "list", "--limit", "2")
    cursor = first.stderr.split("--cursor ")[1].split()[0]

    assert "100001" in ashop("message", "list", "--limit", "2", "--cursor", cursor).stdout
    assert len(json.loads(ashop("message", "list", "--all", "--json").stdout)) == 3


@pytest.mark.parametrize(("name", "code"), [("99", 1), ("x", 2), ("9" * 30, 2)])
def test_a_message_that_is_not_there(ashop, home, name, code):
    assert ashop("message", "show", name).exit_code == code


def test_retry_puts_back_what_was_given_up(ashop, tmp_path, clock):
    home = write_paper_shop(tmp_path / "shop", NEVER)
    with Shop.open(home, clock=clock) as shop:
        place_order(shop)
        shop.deliver()
    assert "okänd adress" in ashop("message", "list", "--dead").stdout
    write_paper_shop(home)

    rehearsed = ashop("message", "retry", "--all", "--dry-run")
    result = ashop("message", "retry", "1")

    assert "uppgivet" in rehearsed.stdout
    assert result.stdout.splitlines()[0] == "1 åter i kön"
    assert "skickat" in result.stdout
    assert ashop("message", "retry", "--all").stdout == "0 åter i kön\n"
    assert (
        "1: skickat; bara det som gavs upp eller blev för gammalt försöks igen"
        in ashop("message", "retry", "1").stderr
    )
    assert ashop("message", "retry").exit_code == 2
    assert ashop("message", "retry", "1", "--all").exit_code == 2


# ── work ─────────────────────────────────────────────────────────────────────────────────────────


def test_work_once_delivers_what_is_due(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        place_order(shop)

    result = ashop("work", "--once")

    assert result.exit_code == 0
    assert "asa@example.se  skickat" in result.stdout
    assert "1 ur kön" in result.stdout
    assert json.loads(ashop("work", "--once", "--json").stdout)["delivered"] == []


def test_work_that_cannot_send_is_not_a_failure_but_a_job_that_fails_is(ashop, tmp_path, clock):
    home = write_paper_shop(tmp_path / "shop", LATER)
    with Shop.open(home, clock=clock) as shop:
        place_order(shop)
    assert ashop("work", "--once").exit_code == 0
    job = (
        "\nfrom datetime import timedelta\nfrom ashop_core.models import Job\nfrom ashop_core.outbox import JobHandler\n"
        "def fail(shop, payload):\n    raise RuntimeError('jobbet brast')\n"
        "@hookimpl\ndef ashop_register_jobs(settings):\n"
        "    return [JobHandler(Job(code='bad', label=Text('Dåligt', 'Bad'), every=timedelta(hours=1)), fail)]\n"
    )
    plugin = home / "plugins" / "paper.py"
    plugin.write_text(plugin.read_text() + job)

    result = ashop("work", "--once")

    assert result.exit_code == 1
    assert "jobbet brast" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("words", [("work",), ("message", "send", "--watch")])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_work_ends_when_asked_to(home, number, words):
    command = [sys.executable, "-m", "ashop_core", "--shop", str(home), *words, "--every", "60"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    assert "Ctrl-C" in process.stderr.readline()
    time.sleep(0.3)

    os.kill(process.pid, number)
    _, errors = process.communicate(timeout=20)

    assert process.returncode == 0
    assert errors == ""


# ── doctor ───────────────────────────────────────────────────────────────────────────────────────


def test_doctor_finds_a_shop_well_or_says_what_is_worth_knowing(ashop, home, clock):
    with Shop.open(home, clock=clock) as shop:
        place_order(shop)

    result = ashop("doctor")

    assert result.exit_code == 0
    assert "FEL" not in result.stdout


def test_doctor_tells_what_is_wrong_and_exits_with_1(ashop, tmp_path, clock):
    toml = '[statuses.kontroll]\nlabel = "K"\nafter = ["received"]\nbefore = ["cancelled"]\n'
    home = write_paper_shop(tmp_path / "shop", toml=toml)
    with Shop.open(home, clock=clock) as shop:
        shop.change_status(place_order(shop), "kontroll")
    write_paper_shop(home)

    result = ashop("doctor")

    assert result.exit_code == 1
    assert "FEL" in result.stdout
    assert "kontroll" in result.stdout
    assert any(f["serious"] for f in json.loads(ashop("doctor", "--json").stdout)["found"])


def test_doctor_without_a_shop(ashop, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    result = ashop("doctor", home=None, lang="en")

    assert result.exit_code == 1
    assert "ashop init" in result.stderr
