"""The floor: what hand-written `sqlite3` needs to write the same rows into the same tables, in as many commits.

No plugins, no flows, no checks: one customer, three lines, statements as constants. The tables were made by
Ashop, so keys, checks, foreign keys and triggers are the same; `sameness` compares what is in them.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import sqlite3
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from benchmarks import floor_sql as sql

Line = tuple[str, str, int, int]
"""SKU, name, quantity, unit price."""

_WORD = re.compile(r"[^\W_]+")
_APPROVED = '{"approved": true, "notify": false}'
_KEEP = timedelta(days=7)


class Floor:
    """One connection that does by hand what `sides.Ashop` does with the shop."""

    def __init__(
        self, file: Path, synchronous: str, contact: Callable[[int], tuple[str, ...]], lines: Iterable[Line]
    ) -> None:
        self.connections = [sqlite3.connect(file, isolation_level=None, cached_statements=512)]
        self._run = self.connections[0].execute
        self._run_many = self.connections[0].executemany
        for pragma in ("foreign_keys = ON", "recursive_triggers = ON", f"synchronous = {synchronous}"):
            self._run(f"PRAGMA {pragma}")
        self._contact, self._lines = contact, tuple(lines)

    def start(self, key: str) -> int:
        """Begin an order and return its id."""
        at, lines = _now(), self._lines
        total = sum(quantity * price for _, _, quantity, price in lines)
        body = hashlib.sha256(json.dumps(lines).encode()).hexdigest()
        reference = "K-" + secrets.token_hex(4).upper()
        self._run("BEGIN IMMEDIATE")
        order = int(self._run(sql.START, (reference, at, at, at, at, total, total, key, body)).fetchone()[0])
        self._run_many(sql.LINE, [(order, n, *line) for n, line in enumerate(lines, 1)])
        self._run(sql.HISTORY, (order, 1, "created", None, "started", at, "customer", "{}"))
        self._run("COMMIT")
        return order

    def details(self, order: int) -> None:
        """Fill in the customer."""
        at = _now()
        self._run("BEGIN IMMEDIATE")
        version, status, reference, *_ = self._run(sql.READ, (order,)).fetchone()
        contact = self._contact(order)
        email, phone = contact[1].casefold(), contact[2][-9:]
        search = _search(reference, contact, self._lines)
        self._run(sql.DETAILS, (version + 1, at, at, *contact, email, phone, search, order, version))
        self._run(
            sql.HISTORY,
            (order, version + 1, "details", status, "details_given", at, "customer", '{"notify": false}'),
        )
        self._run("COMMIT")

    def place(self, order: int) -> None:
        """Place the order: number, goods held, stock and ledger, history, the message."""
        now = datetime.now(UTC)
        at, until = _iso(now), _iso(now + _KEEP)
        self._run("BEGIN IMMEDIATE")
        version, status, reference, mail, _, search = self._run(sql.READ, (order,)).fetchone()
        lines = self._run(sql.READ_LINES, (order,)).fetchall()
        number = self._run(sql.NUMBER).fetchone()[0]
        seq = version + 1
        self._run(sql.PLACE, (seq, number, at, at, at, at, f"{number} {search}", order, version))
        self._run(sql.HOLD, (order,))
        effects = []
        for _, sku, quantity in lines:
            on_hand, held = self._run(sql.TAKE, (quantity, sku)).fetchone()
            effects.append(_balance(sku, on_hand - held + quantity, on_hand - held))
        self._run_many(
            sql.MOVEMENT,
            [
                (
                    sku,
                    "take",
                    0,
                    n,
                    order,
                    position,
                    seq,
                    None,
                    f"{order}:{seq}:{position}:take",
                    at,
                    "customer",
                )
                for position, sku, n in lines
            ],
        )
        moves = [[position, sku, n, "free", "held"] for position, sku, n in lines]
        details = json.dumps({"moves": moves, "effects": effects}, ensure_ascii=False)
        self._run(sql.HISTORY, (order, seq, "placed", status, "received", at, "customer", details))
        self._tell("received", [("email", mail)], order, seq, reference, at, until)
        self._run("COMMIT")

    def review(self, order: int) -> None:
        """Mark the order as reviewed."""
        at = _now()
        self._run("BEGIN IMMEDIATE")
        version, status, *_ = self._run(sql.READ, (order,)).fetchone()
        self._run(sql.STATUS, ("reviewed", version + 1, at, at, order, version))
        self._run(sql.HISTORY, (order, version + 1, "status", status, "reviewed", at, "staff", "{}"))
        self._run("COMMIT")

    def approve(self, order: int) -> None:
        """Approve the order."""
        at = _now()
        self._run("BEGIN IMMEDIATE")
        version, status, *_ = self._run(sql.READ, (order,)).fetchone()
        self._run(sql.APPROVE, (at, version + 1, at, order, version))
        self._run(sql.HISTORY, (order, version + 1, "approval", status, status, at, "staff", _APPROVED))
        self._run("COMMIT")

    def ship(self, order: int, parcel: str) -> None:
        """Mark the order as shipped, with a parcel number: stock and ledger, history, two messages."""
        now = datetime.now(UTC)
        at, until = _iso(now), _iso(now + _KEEP)
        self._run("BEGIN IMMEDIATE")
        version, status, reference, mail, phone, search = self._run(sql.READ, (order,)).fetchone()
        lines = self._run(sql.READ_LINES, (order,)).fetchall()
        seq = version + 1
        fields = {"parcel_number": parcel}
        found = f"{search} {parcel.casefold()}"
        self._run(sql.SHIP, (parcel, json.dumps(fields), found, seq, at, at, order, version))
        self._run(sql.GONE, (order,))
        taken = dict(self._run(sql.TAKEN, (order,)).fetchall())
        effects = []
        for _, sku, n in lines:
            on_hand, held = self._run(sql.LEAVE, (n, n, sku)).fetchone()
            effects.append(_shelf(sku, on_hand + n, on_hand, on_hand - held))
        self._run_many(
            sql.MOVEMENT,
            [
                (
                    sku,
                    "ship",
                    -n,
                    -n,
                    order,
                    position,
                    seq,
                    taken[position],
                    f"{order}:{seq}:{position}:ship",
                    at,
                    "staff",
                )
                for position, sku, n in lines
            ],
        )
        contents = json.dumps({str(position): n for position, _, n in lines})
        self._run(sql.PARCEL, (order, seq, parcel, at, contents))
        moves = [[position, sku, n, "held", "gone"] for position, sku, n in lines]
        details = json.dumps(
            {"fields": fields, "moves": moves, "parcel": parcel, "effects": effects}, ensure_ascii=False
        )
        self._run(sql.HISTORY, (order, seq, "status", status, "shipped", at, "staff", details))
        self._tell("shipped", [("email", mail), ("sms", phone)], order, seq, reference, at, until)
        self._run("COMMIT")

    def list_page(self) -> list[Any]:
        """Read page 1 of the order list."""
        return self._run(sql.LIST).fetchall()

    def order_page(self, order: int) -> list[Any]:
        """Read everything on an order's page, from one snapshot."""
        self._run("BEGIN")
        found = [self._run("SELECT * FROM orders WHERE id = ?", (order,)).fetchall()]
        found += [self._run(statement, (order,)).fetchall() for statement in sql.PAGE]
        self._run("COMMIT")
        return found

    def close(self) -> None:
        """Close the connection."""
        self.connections[0].close()

    def _tell(
        self,
        status: str,
        to: list[tuple[str, str]],
        order: int,
        seq: int,
        reference: str,
        at: str,
        until: str,
    ) -> None:
        rows = [
            (
                f"{order}:{seq}:{status}/{channel}:{who}", order, seq, channel, status, who,
                f"{channel}/{who.partition('@')[2]}", at, at, at, until, f"{reference}-{seq}-{status}-{channel}",
            )
            for channel, who in to
        ]  # fmt: skip
        self._run_many(sql.OUTBOX, rows)


def _now() -> str:
    return _iso(datetime.now(UTC))


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")[:-6] + "Z"


def _search(reference: str, contact: tuple[str, ...], lines: Iterable[Line]) -> str:
    name, email, phone, _, _, city, _ = contact
    texts = (reference, name, email, city, *(line[0] for line in lines))
    found = {}
    for chunk in " ".join(texts).casefold().split():
        words = _WORD.findall(chunk)
        found.update(dict.fromkeys([*words, "".join(words)]))
    digits = phone.removeprefix("+")
    found.update(dict.fromkeys([digits, digits[-9:], digits[3:]]))
    return " ".join(found)


def _balance(sku: str, before: int, after: int) -> list[str]:
    sv, en = f"Lagersaldo {sku}: {before} → {after}", f"Stock balance {sku}: {before} → {after}"
    return ["stock_control", f"stock:{sku}", str(before), str(after), sv, en]


def _shelf(sku: str, before: int, after: int, balance: int) -> list[str]:
    sv = f"På hyllan {sku}: {before} → {after} (saldo {balance})"
    en = f"On hand {sku}: {before} → {after} (balance {balance})"
    return ["stock_control", f"stock:{sku}", str(balance), str(balance), sv, en]
