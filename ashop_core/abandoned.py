"""Checkouts that became no order: who to get in touch with, what came of it, and when they are forgotten."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from ashop_core.batches import each_order
from ashop_core.clock import from_iso, to_iso
from ashop_core.errors import AshopError, Conflict
from ashop_core.lifecycle import make_change
from ashop_core.models import FollowUp, Order, Role, Stage
from ashop_core.paging import check_limit, no_cursor, read_id
from ashop_core.records import AnonymiseRequest
from ashop_core.storage import Reader

if TYPE_CHECKING:
    from ashop_core.flows import Flows
    from ashop_core.shop import Shop

log = logging.getLogger("ashop")

_COLUMNS = (
    "o.id, o.reference, o.status, o.customer_name, o.customer_email, o.customer_phone, o.total, o.currency, "
    "o.created_at, o.changed_at, o.listed_at, o.follow_up, "
    # how far it had come when it was given up; where it was not, how far it is
    "COALESCE((SELECT h.from_status FROM history AS h WHERE h.order_id = o.id AND h.to_status = o.status "
    "AND o.status = :abandoned AND h.from_status <> h.to_status ORDER BY h.seq DESC LIMIT 1), o.status) AS reached"
)
# Anonymised it has lost its key and has no words; a buyer who came back to it all the same has given new ones.
_SOMEBODY = "(o.checkout_key IS NOT NULL OR o.search <> '')"
# The same person has ordered since: by e-mail or by telephone, however they are written.
_ORDERED_SINCE = """NOT EXISTS (
    SELECT 1 FROM orders AS p WHERE p.{key} = o.{key} AND p.{key} <> '' AND p.placed_at > o.created_at)"""
_GOODS = """
SELECT order_id, name, quantity FROM order_lines WHERE order_id IN ({ids}) ORDER BY order_id, position
"""


@dataclass(frozen=True, kw_only=True)
class AbandonedRow:
    """A checkout that was begun and not placed. `goods` is name and quantity of each line; amounts incl. VAT.

    `reached` is the status that the buyer had come to, also where it is abandoned now.
    """

    id: int
    reference: str
    status: str
    reached: str
    name: str
    email: str
    phone: str
    total: int
    currency: str
    begun_at: datetime
    touched_at: datetime
    follow_up: FollowUp | None
    goods: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class AbandonedPage:
    """A page of them, newest first; `next` is the cursor of the page after it, None on the last one."""

    rows: tuple[AbandonedRow, ...]
    next: str | None


def list_abandoned(
    reader: Reader, flows: Flows, *, everyone: bool = False, cursor: str | None = None, limit: int = 50
) -> AbandonedPage:
    """Return a page of checkouts to follow up. For staff only.

    Left out are those whose customer has ordered since, and those marked recovered or lost; `everyone`
    lists them too. Raises InvalidInput for a bad cursor or limit.
    """
    check_limit(limit)
    codes = {f"s{n}": s.code for n, s in enumerate(flows.statuses.values()) if s.stage is Stage.CHECKOUT}
    conditions = [f"o.status IN ({', '.join(':' + name for name in codes)})", _SOMEBODY]
    abandoned = flows.with_role(Role.ABANDONED).code
    params: dict[str, Any] = {**codes, "most": limit + 1, "abandoned": abandoned}
    if not everyone:
        conditions += [_ORDERED_SINCE.format(key=key) for key in ("email_key", "phone_key")]
        conditions.append("o.follow_up IN ('', 'contacted')")
    if cursor is not None:
        conditions.append("(o.listed_at, o.id) < (:listed_at, :id)")
        params["listed_at"], params["id"] = _read_cursor(cursor)
    where = " AND ".join(conditions)
    sql = f"SELECT {_COLUMNS} FROM orders AS o WHERE {where} ORDER BY o.listed_at DESC, o.id DESC LIMIT :most"  # noqa: S608
    rows = reader.rows(sql, params)
    last = rows[limit - 1] if len(rows) > limit else None
    goods = _goods_of(reader, [row["id"] for row in rows[:limit]])
    return AbandonedPage(
        rows=tuple(_row_of(row, goods.get(row["id"], ())) for row in rows[:limit]),
        next=None if last is None else f"{last['listed_at']}/{last['id']}",
    )


def _read_cursor(cursor: str) -> tuple[str, int]:
    try:
        listed_at, _, order_id = cursor.rpartition("/")
        return to_iso(from_iso(listed_at)), read_id(order_id)
    except ValueError:
        raise no_cursor(cursor) from None


def _goods_of(reader: Reader, ids: list[int]) -> dict[int, tuple[tuple[str, int], ...]]:
    if not ids:
        return {}
    marks = {f"id{n}": id_ for n, id_ in enumerate(ids)}
    found: dict[int, tuple[tuple[str, int], ...]] = {}
    for row in reader.rows(_GOODS.format(ids=", ".join(f":{name}" for name in marks)), marks):
        found[row["order_id"]] = (*found.get(row["order_id"], ()), (row["name"], row["quantity"]))
    return found


def _row_of(row: Any, goods: tuple[tuple[str, int], ...]) -> AbandonedRow:
    return AbandonedRow(
        id=row["id"],
        reference=row["reference"],
        status=row["status"],
        reached=row["reached"],
        name=row["customer_name"],
        email=row["customer_email"],
        phone=row["customer_phone"],
        total=row["total"],
        currency=row["currency"],
        begun_at=from_iso(row["created_at"]),
        touched_at=from_iso(row["changed_at"]),
        follow_up=FollowUp(row["follow_up"]) if row["follow_up"] else None,
        goods=goods,
    )


# ── Forgetting ───────────────────────────────────────────────────────────────────────────────────


def anonymise_old(shop: Shop, actor: str) -> int:
    """Take the person away from every checkout that nobody touched for the shop's `abandoned_days`; return how many."""
    limit = shop.clock() - timedelta(days=shop.settings.shop.abandoned_days)
    count = sum(_anonymise(shop, order, actor) for order in _old(shop, limit))
    if count:
        shop.forget_erased()  # an index keeps words that were erased until it is merged
    return count


def _anonymise(shop: Shop, order: Order, actor: str) -> bool:
    """Anonymise one at the version it was seen at: a buyer who comes back in this moment keeps the basket."""
    try:
        make_change(shop, order, AnonymiseRequest(), actor, order.version)
    except Conflict:
        return False
    except AshopError as fault:  # one order that a plugin trips over must not keep the others
        log.warning("%s was not anonymised: %s", order.name, fault)
        return False
    return True


def _old(shop: Shop, limit: datetime) -> Iterator[Order]:
    """Yield checkouts not touched since, but for those that were anonymised already."""
    where = (
        "o.status = :status AND o.listed_at <= :limit AND o.changed_at <= :limit "
        f"AND o.placed_at IS NULL AND {_SOMEBODY}"
    )
    for status in shop.flows.statuses.values():
        if status.stage is Stage.CHECKOUT:
            params = {"status": status.code, "limit": to_iso(limit)}
            yield from each_order(shop.database, "listed_at", where, params)
