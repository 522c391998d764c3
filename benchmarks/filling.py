"""A shop with many orders, written by SQL straight into the tables that the shop made: valid rows, and fast."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

# Of 20 orders 15 are shipped, 2 reviewed, 2 received and one never left its checkout. A minute lies between two.
_NUMBERS = "WITH RECURSIVE n (i) AS (SELECT :first UNION ALL SELECT i + 1 FROM n WHERE i < :last)"
_STATUS = """CASE i % 20 WHEN 0 THEN 'details_given' WHEN 1 THEN 'received' WHEN 2 THEN 'received'
    WHEN 3 THEN 'reviewed' WHEN 4 THEN 'reviewed' ELSE 'shipped' END"""
_AT = "strftime('%Y-%m-%dT%H:%M:%S.000000Z', 1600000000 + 60 * i, 'unixepoch')"
_STEPS = "CASE i % 20 WHEN 0 THEN 2 WHEN 1 THEN 3 WHEN 2 THEN 3 WHEN 3 THEN 4 WHEN 4 THEN 4 ELSE 5 END"

# One in fifty is called Anna; an e-mail address and a phone number are one person's.
_FIRST = [
    "Anna", "Erik", "Lars", "Karl", "Eva", "Johan", "Per", "Nils", "Jan", "Maria", "Åsa", "Elisabeth", "Karin",
    "Kristina", "Lena", "Sara", "Emma", "Kerstin", "Marie", "Ingrid", "Birgitta", "Malin", "Jenny", "Ulla",
    "Annika", "Monica", "Linnea", "Susanne", "Hanna", "Mikael", "Daniel", "Peter", "Magnus", "Fredrik", "Bo",
    "Olof", "Sven", "Göran", "Stefan", "Mats", "Leif", "Tomas", "Marcus", "Henrik", "Ulf", "Patrik", "Bengt",
    "Öjvind", "Ärla", "Håkan",
]  # fmt: skip
_LAST = [
    a + b
    for a in ["Berg", "Lund", "Sjö", "Ström", "Dal", "Ek", "Lind", "Gran", "Holm", "Nord"]
    for b in ["berg", "qvist", "man", "gren", "blad"]
]
_FIRSTS = ", ".join(f"({n}, '{name}', '{name.lower()}')" for n, name in enumerate(_FIRST))
_LASTS = ", ".join(f"({n}, '{name}', '{name.lower()}')" for n, name in enumerate(_LAST))
_PARCEL = "'0037350048' || printf('%010d', i)"
_PHONE = "'4670' || printf('%07d', i * 7919 % 10000000)"

_ORDERS = f"""
{_NUMBERS}, firsts (k, first, lower_first) AS (VALUES {_FIRSTS}), lasts (k, last, lower_last) AS (VALUES {_LASTS}),
    persons (i, name, lower_name, lower_email, phone, parcel) AS (
        SELECT i, first || ' ' || last, lower_first || ' ' || lower_last, lower_first || '.' || lower_last || i,
            {_PHONE}, CASE WHEN i % 20 > 4 THEN {_PARCEL} ELSE '' END
        FROM n CROSS JOIN firsts ON firsts.k = i / 20 % {len(_FIRST)} CROSS JOIN lasts ON lasts.k = i / 7 % {len(_LAST)})
INSERT INTO orders (id, reference, number, version, status, delivery, payment_method, language, currency, created_at,
    changed_at, status_since, placed_at, listed_at, customer_name, customer_email, customer_phone, street, postal_code,
    city, country, search, email_key, phone_key, total, parcel_count, parcel_numbers, approved_at,
    approved_by, moves_stock, checkout_key)
SELECT i, 'F-' || i, CASE WHEN i % 20 THEN 100000 + i END, {_STEPS}, {_STATUS}, 'post', 'invoice', 'sv', 'SEK', {_AT},
    {_AT}, {_AT}, CASE WHEN i % 20 THEN {_AT} END, {_AT}, name, lower_email || '@example.se', '+' || phone,
    'Storgatan ' || (i % 90 + 1), '114 21', 'Stockholm', 'SE',
    iif(i % 20, (100000 + i) || ' ', '') || 'f ' || i || ' f' || i || ' ' || lower_name || ' '
        || replace(lower_email, '.', ' ') || ' example se ' || replace(lower_email, '.', '') || 'examplese stockholm'
        || iif(parcel <> '', ' ' || parcel, '') || ' fyllnad ' || (i % 500) || ' fyllnad' || (i % 500)
        || ' ' || phone || ' ' || substr(phone, 3) || ' ' || substr(phone, 4),
    lower_email || '@example.se', substr(phone, 3), 10000, parcel <> '', parcel,
    CASE WHEN i % 20 > 3 THEN {_AT} END, CASE WHEN i % 20 > 3 THEN 'filling' END, 0, 'filled-' || i
FROM persons
"""
_PARCELS = f"""
{_NUMBERS}
INSERT INTO parcels (order_id, position, seq, number, sent_at, contents)
SELECT i, 1, 5, {_PARCEL}, {_AT}, '{{"1": 1}}' FROM n WHERE i % 20 > 4
"""
_LINES = f"""
{_NUMBERS}
INSERT INTO order_lines (order_id, position, sku, name, quantity, unit_price, held, gone)
SELECT i, 1, 'FYLLNAD-' || (i % 500), 'Fyllnad', 1, 10000, i % 20 BETWEEN 1 AND 4, i % 20 > 4 FROM n
"""
_HISTORY = f"""
{_NUMBERS}, step (seq, source, target) AS (VALUES (1, NULL, 'started'), (2, 'started', 'details_given'),
    (3, 'details_given', 'received'), (4, 'received', 'reviewed'), (5, 'reviewed', 'shipped'))
INSERT INTO history (order_id, seq, kind, from_status, to_status, at, actor)
SELECT i, seq, 'status', source, target, {_AT}, 'filling' FROM n JOIN step ON seq <= {_STEPS}
"""
_NEXT_NUMBER = """
INSERT INTO number_series (name, value) VALUES ('orders', 100000 + :last)
ON CONFLICT (name) DO UPDATE SET value = max(value, excluded.value)
"""
_ITEMS = f"""
{_NUMBERS}
INSERT INTO stock_items (sku, name, status, tracked, on_hand, held, search)
SELECT 'FYLLNAD-' || i, 'Fyllnad ' || i, 'in_stock', 0, 0, 0, 'fyllnad-' || i FROM n
"""
_WAITING = f"""
{_NUMBERS}
INSERT INTO outbox (key, seq, kind, code, template, recipient, lane, language, created_at, planned_at, due_at,
    expires_at, message_id)
SELECT 'filled-' || i, 1, 'message', 'email', 'received', 'anna' || i || '@example.se', :lane, 'sv', {_AT}, {_AT}, {_AT},
    '2100-01-01T00:00:00.000000Z', 'filled-' || i
FROM n
"""
_DOWN = """
INSERT INTO lanes (code, since, resume_at, failures, why)
VALUES (:lane, '2020-01-01T00:00:00.000000Z', strftime('%Y-%m-%dT%H:%M:%S.000000Z', 'now', '+1 day'), 1, 'filling')
"""
BATCH = 50_000


def add_orders(file: Path, first: int, last: int) -> None:
    """Add the orders with the ids `first` to `last` to a shop that is closed; they have no stock and no messages."""
    with closing(_connect(file)) as connection:
        for start in range(first, last + 1, BATCH):
            batch = {"first": start, "last": min(start + BATCH - 1, last)}
            connection.execute("BEGIN")
            for sql in (_ORDERS, _LINES, _PARCELS, _HISTORY):
                connection.execute(sql, batch)
            connection.execute(_NEXT_NUMBER, {"last": batch["last"]})
            connection.execute("COMMIT")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def add_items(file: Path, number: int) -> None:
    """Add so many stock items, none of them counted."""
    with closing(_connect(file)) as connection:
        connection.execute(_ITEMS, {"first": 1, "last": number})


def add_waiting(file: Path, number: int, lane: str = "email/example.se", *, is_down: bool = False) -> None:
    """Add so many messages of no order that wait in the outbox, all in one lane, which may be down."""
    with closing(_connect(file)) as connection:
        connection.execute(_WAITING, {"first": 1, "last": number, "lane": lane})
        if is_down:
            connection.execute(_DOWN, {"lane": lane})


def _connect(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, isolation_level=None)
    for pragma in ("foreign_keys = ON", "synchronous = OFF", "cache_size = -200000"):
        connection.execute(f"PRAGMA {pragma}")
    return connection
