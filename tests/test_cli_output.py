"""What commands print: cells no spreadsheet runs, text no terminal obeys, tables for the eye, bars for patience."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from decimal import Decimal

import pytest

from ashop_core.cli import output
from ashop_core.cli.language import say, speak
from ashop_core.cli.output import Column, clean, progress, safe_cell, show_list, show_pairs
from ashop_core.shop import Shop
from ashop_core.testing import place_order, some_customer, write_shop
from ashop_core.texts import Text


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+46701740605", "'+46701740605"),
        ("-x", "'-x"),
        ("@cmd", "'@cmd"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("a=1", "a=1"),
        ("", ""),
        (None, ""),
        (-5, "-5"),
        (Decimal("-5.00"), "-5.00"),
        (["a", "b"], "a b"),
        (["=a"], "'=a"),
        (True, "True"),
    ],
)
def test_cells_that_a_spreadsheet_would_run_are_disarmed(value, cell):
    assert safe_cell(value) == cell


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Åsa Öberg", "Åsa Öberg"),
        ("12\N{NO-BREAK SPACE}345,00\N{NO-BREAK SPACE}kr", "12\N{NO-BREAK SPACE}345,00\N{NO-BREAK SPACE}kr"),
        ("a\x1b[31mb", "a\N{REPLACEMENT CHARACTER}[31mb"),
        ("a\nb\tc", "a b c"),
        ("a\N{RIGHT-TO-LEFT OVERRIDE}b", "a\N{REPLACEMENT CHARACTER}b"),
        ("\x9b0m", "\N{REPLACEMENT CHARACTER}0m"),
    ],
)
def test_nothing_a_customer_wrote_steers_the_terminal(text, shown):
    assert clean(text) == shown


def test_lines_may_stay_where_they_belong():
    assert clean("a\r\nb\x07", lines=True) == "a\nb\N{REPLACEMENT CHARACTER}"


def test_plain_tables_are_aligned_and_end_without_spaces(capsys):
    columns: list[Column] = [
        Column("n", Text("Antal", "Count"), lambda r: r[0], right=True),
        Column("s", Text("Vad", "What"), lambda r: r[1]),
    ]

    show_list(columns, [(1, "a"), (1000, None)])

    assert capsys.readouterr().out == "Antal  Vad\n    1  a\n 1000\n"


def test_pairs_leave_out_what_is_empty_and_indent_lines(capsys):
    show_pairs([("ett", "1"), ("två", ""), ("sjutton", "17\nlänge")])

    assert capsys.readouterr().out == "  ett      1\n  sjutton  17\n           länge\n"


def test_the_language_is_never_in_doubt(monkeypatch):
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    speak("klingon", None, "en-GB")
    assert say(Text("ja", "yes")) == "yes"
    speak(None, "xx")
    assert say(Text("ja", "yes")) == "ja"
    assert say("as it is") == "as it is"


def test_progress_is_silent_where_nobody_looks(capsys):
    with progress(Text("Räknar", "Counting"), total=2) as advance:
        advance(1)

    assert capsys.readouterr() == ("", "")


def test_progress_draws_on_a_terminal(monkeypatch, capsys):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with progress(Text("Räknar", "Counting"), total=2) as advance:
        advance(2)

    assert capsys.readouterr().out == ""


def test_tables_on_a_terminal_are_drawn_and_names_are_no_markup(monkeypatch, capsys):
    monkeypatch.setattr(output, "is_terminal", lambda: True)
    columns: list[Column] = [
        Column("s", Text("Namn", "Name"), lambda r: r),
        Column("n", Text("Tal", "Number"), lambda r: 5, right=True),
    ]

    show_list(columns, ["[red]Anna[/red]"])

    lines = capsys.readouterr().out.splitlines()
    assert "[red]Anna[/red]" in lines[2]
    assert "─" in lines[1]


def test_where_it_is_narrow_empty_columns_go_before_those_that_tell_something(monkeypatch, capsys):
    monkeypatch.setattr(output, "is_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "60")
    told = ("order", "customer", "email", "phone")
    columns: list[Column] = [Column(code, Text(code, code), lambda r: "x" * 14) for code in told]
    columns.insert(1, Column("late", Text("late", "late"), lambda r: "", right=True))
    columns.insert(4, Column("flags", Text("flags and more", "flags and more"), lambda r: ""))

    show_list(columns, ["row"])

    shown = capsys.readouterr()
    assert shown.out.splitlines()[0].split() == ["order", "customer", "email"]
    assert "phone" in shown.err
    assert "late" not in shown.err


def test_a_real_terminal_gets_a_drawn_table(tmp_path, clock):
    home = write_shop(tmp_path / "shop")
    with Shop.open(home, clock=clock) as shop:
        place_order(shop, customer=some_customer(name="[bold]Åsa"))
    master, slave = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "120"}
    command = [sys.executable, "-m", "ashop_core", "--shop", str(home), "order", "list"]
    process = subprocess.Popen(command, stdout=slave, stderr=subprocess.PIPE, env=env)
    os.close(slave)
    shown = b""
    try:
        while chunk := os.read(master, 4096):
            shown += chunk
    except OSError:  # how Linux says that the other end is closed
        pass
    _, errors = process.communicate(timeout=30)
    os.close(master)

    assert process.returncode == 0
    assert errors == b""
    assert "─" in shown.decode()
    assert "[bold]Åsa" in shown.decode()
