"""The floor: what hand-written `sqlite3` needs to write the same rows into the same tables, in as many commits.

No plugins, no flows, no checks: one customer, three lines, statements as constants. The tables were made by
Ashop, so keys, checks, foreign keys and triggers are the same; `same_rows` in `cases` compares what is in them.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

Line = tuple[str, str, int, int]
"""SKU, name, quantity, unit price."""

_KEEP = timedelta(days=7)
_BUYABLE = "('in_stock', 'on_order')"

_START = """
INSERT INTO orders (reference, version, status, delivery, payment_method, language, currency, created_at, changed_at,
    listed_at, total, shipping_price, checkout_key, checkout_body)
VALUES (?, 1, 'started', 'post', 'invoice', 'sv', 'SEK', ?, ?, ?, ?, 0, ?, ?) RETURNING id
"""
_LINE = (
    "INSERT INTO order_lines (order_id, position, sku, name, quantity, unit_price) VALUES (?, ?, ?, ?, ?, ?)"
)
_HISTORY = """
INSERT INTO history (order_id, seq, kind, from_status, to_status, at, actor, details) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_DETAILS = """
UPDATE orders SET status = 'details_given', version = ?, changed_at = ?, customer_name = ?, customer_email = ?,
    customer_phone = ?, street = ?, postal_code = ?, city = ?, country = ? WHERE id = ? AND version = ?
"""
_READ = "SELECT version, status, reference, customer_email, customer_phone FROM orders WHERE id = ?"
_READ_LINES = "SELECT position, sku, quantity FROM order_lines WHERE order_id = ? ORDER BY position"
_NUMBER = """
INSERT INTO number_series (name, value) VALUES ('orders', 100001)
ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value
"""
_PLACE = """
UPDATE orders SET status = 'received', version = ?, number = ?, changed_at = ?, placed_at = ?, listed_at = ?
WHERE id = ? AND version = ?
"""
_HOLD = "UPDATE order_lines SET held = quantity WHERE order_id = ?"
_TAKE = (
    f"UPDATE stock_items SET held = held + ? WHERE sku = ? AND status IN {_BUYABLE} RETURNING on_hand, held"
)
_MOVEMENT = """
INSERT INTO stock_movements (sku, kind, d_on_hand, d_held, order_id, position, seq, cause, at, actor)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_OUTBOX = """
INSERT INTO outbox (key, order_id, seq, kind, code, template, recipient, language, created_at, due_at, expires_at,
    message_id)
VALUES (?, ?, ?, 'message', ?, ?, ?, 'sv', ?, ?, ?, ?)
"""
_STATUS = "UPDATE orders SET status = ?, version = ?, changed_at = ? WHERE id = ? AND version = ?"
_APPROVE = """
UPDATE orders SET approved_at = ?, approved_by = 'staff', version = ?, changed_at = ? WHERE id = ? AND version = ?
"""
_SHIP = "UPDATE orders SET status = 'shipped', parcel_count = 1, version = ?, changed_at = ? WHERE id = ? AND version = ?"
_GONE = "UPDATE order_lines SET held = 0, gone = quantity WHERE order_id = ?"
_LEAVE = "UPDATE stock_items SET on_hand = on_hand - ?, held = held - ? WHERE sku = ? RETURNING on_hand, held"
_PARCEL = "INSERT INTO parcels (order_id, position, number, sent_at, contents) VALUES (?, 1, ?, ?, ?)"
_LIST = """
SELECT id, reference, number, status, delivery, payment, customer_name, customer_email, customer_phone, total,
    currency, listed_at, flags
FROM orders WHERE placed_at IS NOT NULL ORDER BY listed_at DESC, id DESC LIMIT 51
"""
_PAGE = (
    "SELECT * FROM order_lines WHERE order_id = ? ORDER BY position",
    "SELECT * FROM history WHERE order_id = ? ORDER BY seq",
    "SELECT * FROM parcels WHERE order_id = ? ORDER BY position",
    "SELECT * FROM payments WHERE order_id = ? ORDER BY seq",
    "SELECT * FROM outbox WHERE order_id = ? AND kind = 'message' ORDER BY id",
    "SELECT i.sku, i.status, i.on_hand, i.held FROM order_lines AS l JOIN stock_items AS i ON i.sku = l.sku "
    "WHERE l.order_id = ?",
)


class Floor:
    """One connection that does by hand what `cases.Ashop` does with the shop."""

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
        reference = "K-" + secrets.token_hex(3).upper()
        self._run("BEGIN IMMEDIATE")
        order = int(self._run(_START, (reference, at, at, at, total, key, body)).fetchone()[0])
        self._run_many(_LINE, [(order, n, *line) for n, line in enumerate(lines, 1)])
        self._run(_HISTORY, (order, 1, "created", None, "started", at, "customer", "{}"))
        self._run("COMMIT")
        return order

    def details(self, order: int) -> None:
        """Fill in the customer."""
        at = _now()
        self._run("BEGIN IMMEDIATE")
        version, status, *_ = self._run(_READ, (order,)).fetchone()
        self._run(_DETAILS, (version + 1, at, *self._contact(order), order, version))
        self._run(
            _HISTORY,
            (order, version + 1, "details", status, "details_given", at, "customer", '{"notify": false}'),
        )
        self._run("COMMIT")

    def place(self, order: int) -> None:
        """Place the order: number, goods held, stock and ledger, history, the message."""
        now = datetime.now(UTC)
        at, until = _iso(now), _iso(now + _KEEP)
        self._run("BEGIN IMMEDIATE")
        version, status, reference, mail, _ = self._run(_READ, (order,)).fetchone()
        lines = self._run(_READ_LINES, (order,)).fetchall()
        number = self._run(_NUMBER).fetchone()[0]
        seq = version + 1
        self._run(_PLACE, (seq, number, at, at, at, order, version))
        self._run(_HOLD, (order,))
        effects = []
        for _, sku, quantity in lines:
            on_hand, held = self._run(_TAKE, (quantity, sku)).fetchone()
            effects.append(_balance(sku, on_hand - held + quantity, on_hand - held))
        self._run_many(
            _MOVEMENT,
            [
                (sku, "take", 0, n, order, position, seq, f"{order}:{seq}:{position}:take", at, "customer")
                for position, sku, n in lines
            ],
        )
        moves = [[position, sku, n, "free", "held"] for position, sku, n in lines]
        details = json.dumps({"moves": moves, "effects": effects}, ensure_ascii=False)
        self._run(_HISTORY, (order, seq, "placed", status, "received", at, "customer", details))
        self._tell("received", [("email", mail)], order, seq, reference, at, until)
        self._run("COMMIT")

    def review(self, order: int) -> None:
        """Mark the order as reviewed."""
        at = _now()
        self._run("BEGIN IMMEDIATE")
        version, status, *_ = self._run(_READ, (order,)).fetchone()
        self._run(_STATUS, ("reviewed", version + 1, at, order, version))
        self._run(_HISTORY, (order, version + 1, "status", status, "reviewed", at, "staff", "{}"))
        self._run("COMMIT")

    def approve(self, order: int) -> None:
        """Approve the order."""
        at = _now()
        self._run("BEGIN IMMEDIATE")
        version, status, *_ = self._run(_READ, (order,)).fetchone()
        self._run(_APPROVE, (at, version + 1, at, order, version))
        self._run(
            _HISTORY, (order, version + 1, "approval", status, status, at, "staff", '{"notify": false}')
        )
        self._run("COMMIT")

    def ship(self, order: int, parcel: str) -> None:
        """Mark the order as shipped, with a parcel number: stock and ledger, history, two messages."""
        now = datetime.now(UTC)
        at, until = _iso(now), _iso(now + _KEEP)
        self._run("BEGIN IMMEDIATE")
        version, status, reference, mail, phone = self._run(_READ, (order,)).fetchone()
        lines = self._run(_READ_LINES, (order,)).fetchall()
        seq = version + 1
        self._run(_SHIP, (seq, at, order, version))
        self._run(_GONE, (order,))
        effects = []
        for _, sku, n in lines:
            on_hand, held = self._run(_LEAVE, (n, n, sku)).fetchone()
            effects.append(_shelf(sku, on_hand + n, on_hand, on_hand - held))
        self._run_many(
            _MOVEMENT,
            [
                (sku, "ship", -n, -n, order, position, seq, f"{order}:{seq}:{position}:ship", at, "staff")
                for position, sku, n in lines
            ],
        )
        contents = json.dumps({str(position): n for position, _, n in lines})
        self._run(_PARCEL, (order, parcel, at, contents))
        moves = [[position, sku, n, "held", "gone"] for position, sku, n in lines]
        details = json.dumps({"moves": moves, "parcel": parcel, "effects": effects}, ensure_ascii=False)
        self._run(_HISTORY, (order, seq, "status", status, "shipped", at, "staff", details))
        self._tell("shipped", [("email", mail), ("sms", phone)], order, seq, reference, at, until)
        self._run("COMMIT")

    def list_page(self) -> list[Any]:
        """Read page 1 of the order list."""
        return self._run(_LIST).fetchall()

    def order_page(self, order: int) -> list[Any]:
        """Read everything on an order's page, from one snapshot."""
        self._run("BEGIN")
        found = [self._run("SELECT * FROM orders WHERE id = ?", (order,)).fetchall()]
        found += [self._run(sql, (order,)).fetchall() for sql in _PAGE]
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
                f"{order}:{seq}:{status}/{channel}:{who}", order, seq, channel, status, who, at, at, until,
                f"{reference}-{seq}-{status}-{channel}",
            )
            for channel, who in to
        ]  # fmt: skip
        self._run_many(_OUTBOX, rows)


def _now() -> str:
    return _iso(datetime.now(UTC))


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")[:-6] + "Z"


def _balance(sku: str, before: int, after: int) -> list[str]:
    sv, en = f"Lagersaldo {sku}: {before} → {after}", f"Stock balance {sku}: {before} → {after}"
    return ["stock_control", f"stock:{sku}", str(before), str(after), sv, en]


def _shelf(sku: str, before: int, after: int, balance: int) -> list[str]:
    sv = f"På hyllan {sku}: {before} → {after} (saldo {balance})"
    en = f"On hand {sku}: {before} → {after} (balance {balance})"
    return ["stock_control", f"stock:{sku}", str(balance), str(balance), sv, en]
