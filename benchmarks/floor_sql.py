"""The statements of the floor, each written for exactly what it is needed for."""

from __future__ import annotations

BUYABLE = "('in_stock', 'on_order')"

START = """
INSERT INTO orders (reference, version, status, delivery, payment_method, language, currency, created_at, changed_at,
    listed_at, status_since, total, left_to_pay, shipping_price, checkout_key, checkout_body)
VALUES (?, 1, 'started', 'post', 'invoice', 'sv', 'SEK', ?, ?, ?, ?, ?, ?, 0, ?, ?) RETURNING id
"""
LINE = (
    "INSERT INTO order_lines (order_id, position, sku, name, quantity, unit_price) VALUES (?, ?, ?, ?, ?, ?)"
)
HISTORY = """
INSERT INTO history (order_id, seq, kind, from_status, to_status, at, actor, details) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
DETAILS = """
UPDATE orders SET status = 'details_given', version = ?, changed_at = ?, status_since = ?, customer_name = ?,
    customer_email = ?, customer_phone = ?, street = ?, postal_code = ?, city = ?, country = ?,
    email_key = ?, phone_key = ?, search = ? WHERE id = ? AND version = ?
"""
READ = "SELECT version, status, reference, customer_email, customer_phone, search FROM orders WHERE id = ?"
READ_LINES = "SELECT position, sku, quantity FROM order_lines WHERE order_id = ? ORDER BY position"
NUMBER = """
INSERT INTO number_series (name, value) VALUES ('orders', 100001)
ON CONFLICT (name) DO UPDATE SET value = value + 1 RETURNING value
"""
PLACE = """
UPDATE orders SET status = 'received', version = ?, number = ?, changed_at = ?, status_since = ?, placed_at = ?,
    listed_at = ?, search = ? WHERE id = ? AND version = ?
"""
HOLD = "UPDATE order_lines SET held = quantity WHERE order_id = ?"
TAKE = f"UPDATE stock_items SET held = held + ? WHERE sku = ? AND status IN {BUYABLE} RETURNING on_hand, held"
MOVEMENT = """
INSERT INTO stock_movements (sku, kind, d_on_hand, d_held, order_id, position, seq, origin, cause, at, actor)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
TAKEN = "SELECT position, id FROM stock_movements WHERE order_id = ? AND kind = 'take'"
OUTBOX = """
INSERT INTO outbox (key, order_id, seq, kind, code, template, recipient, lane, language, created_at, planned_at,
    due_at, expires_at, message_id)
VALUES (?, ?, ?, 'message', ?, ?, ?, ?, 'sv', ?, ?, ?, ?, ?)
"""
STATUS = """
UPDATE orders SET status = ?, version = ?, changed_at = ?, status_since = ? WHERE id = ? AND version = ?
"""
APPROVE = """
UPDATE orders SET approved_at = ?, approved_by = 'staff', version = ?, changed_at = ? WHERE id = ? AND version = ?
"""
SHIP = """
UPDATE orders SET status = 'shipped', parcel_count = 1, parcel_numbers = ?, fields = ?, search = ?, version = ?,
    changed_at = ?, status_since = ? WHERE id = ? AND version = ?
"""
GONE = "UPDATE order_lines SET held = 0, gone = quantity WHERE order_id = ?"
LEAVE = "UPDATE stock_items SET on_hand = on_hand - ?, held = held - ? WHERE sku = ? RETURNING on_hand, held"
PARCEL = "INSERT INTO parcels (order_id, position, seq, number, sent_at, contents) VALUES (?, 1, ?, ?, ?, ?)"
LIST = """
SELECT id, reference, number, status, delivery, payment, customer_name, customer_email, customer_phone, total,
    currency, listed_at, flags
FROM orders WHERE placed_at IS NOT NULL ORDER BY listed_at DESC, id DESC LIMIT 51
"""
PAGE = (
    "SELECT * FROM order_lines WHERE order_id = ? ORDER BY position",
    "SELECT * FROM history WHERE order_id = ? ORDER BY seq",
    "SELECT * FROM parcels WHERE order_id = ? ORDER BY position",
    "SELECT * FROM payments WHERE order_id = ? ORDER BY seq",
    "SELECT * FROM outbox WHERE order_id = ? AND kind = 'message' ORDER BY id",
    "SELECT i.sku, i.status, i.on_hand, i.held FROM order_lines AS l JOIN stock_items AS i ON i.sku = l.sku "
    "WHERE l.order_id = ?",
)
