"""What `ashop doctor` looks at: the machine, the settings, the plugins, the database and the invariants.

Every check is a query that must return nothing. Numbers in brackets name the project's invariants
(O1: one history row per change, N1: one message per rule, and so on; see docs/invariants.md).
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ashop_core.clock import Clock, system_clock
from ashop_core.errors import AshopError, Problem
from ashop_core.finding import Finding, worth_knowing
from ashop_core.flow_migration import stranded_orders, stranded_words
from ashop_core.models import Stage
from ashop_core.plugins import load_plugins
from ashop_core.queue_health import QueueHealth, findings_of, queue_health
from ashop_core.settings import load_settings
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop
    from ashop_core.storage import Reader

PATCHED_PYTHONS = ((3, 11, 15), (3, 12, 13), (3, 13, 12), (3, 14, 3))
"""First releases whose e-mail package refuses a line break hidden in an encoded header (CVE-2024-6923, CVE-2026-1299)."""


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What was found, and how the outbox is, if the shop could be opened."""

    findings: list[Finding]
    queue: QueueHealth | None = None


def examine(folder: Path, clock: Clock = system_clock) -> list[Finding]:
    """Return everything found in a shop's folder, whether it opens or not; empty when all is well."""
    return examination(folder, clock).findings


def examination(folder: Path, clock: Clock = system_clock) -> Examination:
    """Return everything found in a shop's folder, and how its outbox is."""
    from ashop_core.shop import Shop

    findings, queue = list(_machine()), None
    try:
        plugins = load_plugins(load_settings(folder))
        findings += [_serious(p) for p in plugins.problems]
        if plugins.problems:
            return Examination(findings=findings)
        with Shop.open(folder, clock=clock) as shop:
            findings += examine_shop(shop)
            with shop.database.read() as reader:
                queue = queue_health(reader, shop.clock())
    except AshopError as error:
        findings.append(Finding(code="cannot_open", text=error.text))
    return Examination(findings=findings, queue=queue)


def examine_shop(shop: Shop) -> list[Finding]:
    """Return everything wrong with the data of a shop that is open."""
    findings = [
        Finding(code="database", text=Text(f"databasen: {w}", f"database: {w}"), remedy=_BACKUP)
        for w in shop.database.check()
    ]
    with shop.database.read() as reader:
        for code, sql, sv, en in _CHECKS:
            findings += _rows(reader, code, sql, sv, en)
        findings += _known_statuses(shop, reader)
        findings += _numbers(shop, reader)
        findings += _told_of_checkouts(shop, reader)
        findings += findings_of(shop, queue_health(reader, shop.clock()))
        findings += _faults(reader)
    for implementation in shop.plugins.implementations("ashop_describe_health"):
        told, fault = shop.plugins.describe(implementation, _TOLD, shop=shop)
        findings += [_of_plugin(item, implementation.plugin) for item in told]
        if fault is not None:
            findings.append(Finding(code="plugin", text=fault.text, plugin=implementation.plugin))
    return findings


_BACKUP = Text(
    "Ta fram den senaste säkerhetskopian: `ashop database restore FIL --dry-run` visar vad den har.",
    "Get the latest backup: `ashop database restore FILE --dry-run` shows what it holds.",
)
_BY_HAND = Text(
    "Inget rättar en order av sig självt. Någon har ändrat i databasen utanför Ashop: jämför "
    "`ashop order explain` med den senaste säkerhetskopian.",
    "Nothing mends an order by itself. Somebody changed the database outside Ashop: compare "
    "`ashop order explain` with the latest backup.",
)
"""What a person can do about rows of orders that contradict each other: no rule knows which of them is right."""

_CHECKS = (
    (
        "O1",
        "SELECT o.reference AS name, o.version AS a, COUNT(h.seq) AS b FROM orders AS o "
        "LEFT JOIN history AS h ON h.order_id = o.id GROUP BY o.id, o.reference, o.version "
        "HAVING COUNT(h.seq) <> o.version OR COALESCE(MAX(h.seq), 0) <> o.version",
        "{name}: version {a}, men {b} rader i historiken",
        "{name}: version {a}, but {b} rows of history",
    ),
    (
        "O1",
        "SELECT o.reference AS name, o.status AS a, h.to_status AS b FROM orders AS o "
        "JOIN history AS h ON h.order_id = o.id AND h.seq = o.version WHERE h.to_status <> o.status",
        "{name}: status {a}, men historiken slutar i {b}",
        "{name}: status {a}, but the history ends in {b}",
    ),
    (
        "O1",
        "SELECT o.reference AS name, h.seq AS a, h.from_status AS b FROM history AS h "
        "JOIN history AS p ON p.order_id = h.order_id AND p.seq = h.seq - 1 "
        "JOIN orders AS o ON o.id = h.order_id WHERE h.from_status IS NULL OR h.from_status <> p.to_status",
        "{name}: ändring {a} börjar i {b}, inte där den förra slutade",
        "{name}: change {a} begins in {b}, not where the one before ended",
    ),
    (
        "O5",
        "SELECT o.reference AS name, o.total AS a, o.shipping_price + o.payment_fee - o.discount "
        "+ COALESCE(SUM(l.quantity * l.unit_price - l.discount), 0) AS b "
        "FROM orders AS o LEFT JOIN order_lines AS l ON l.order_id = o.id "
        "GROUP BY o.id, o.reference, o.total, o.shipping_price, o.payment_fee, o.discount "
        "HAVING o.total <> o.shipping_price + o.payment_fee - o.discount "
        "+ COALESCE(SUM(l.quantity * l.unit_price - l.discount), 0)",
        "{name}: summan är {a}, men rader, frakt och avgift minus rabatter ger {b}",
        "{name}: the total is {a}, but lines, shipping and fee less discounts make {b}",
    ),
    (
        "O5",
        "SELECT o.reference AS name, o.paid AS a, COALESCE(SUM(p.amount), 0) AS b FROM orders AS o "
        "LEFT JOIN payments AS p ON p.order_id = o.id AND p.kind = 'paid' "
        "GROUP BY o.id, o.reference, o.paid HAVING o.paid <> COALESCE(SUM(p.amount), 0)",
        "{name}: betalt {a}, men posterna ger {b}",
        "{name}: paid {a}, but the entries make {b}",
    ),
    (
        "O5",
        "SELECT o.reference AS name, o.refunded AS a, COALESCE(SUM(p.amount), 0) AS b FROM orders AS o "
        "LEFT JOIN payments AS p ON p.order_id = o.id AND p.kind = 'refunded' "
        "GROUP BY o.id, o.reference, o.refunded HAVING o.refunded <> COALESCE(SUM(p.amount), 0)",
        "{name}: återbetalt {a}, men posterna ger {b}",
        "{name}: refunded {a}, but the entries make {b}",
    ),
    (
        "N2",
        "SELECT x.message_id AS name, x.seq AS a, o.version AS b FROM outbox AS x "
        "JOIN orders AS o ON o.id = x.order_id LEFT JOIN history AS h ON h.order_id = x.order_id AND h.seq = x.seq "
        "WHERE h.seq IS NULL",
        "meddelandet {name} hör till ändring {a}, som inte finns",
        "the message {name} belongs to change {a}, which does not exist",
    ),
    (
        "N11",
        "SELECT x.id AS name, t.number AS a, x.done_at AS b FROM outbox AS x "
        "JOIN outbox_attempts AS t ON t.outbox_id = x.id WHERE x.delivery = 'sent' AND t.started_at > x.done_at",
        "meddelandet {name} var skickat {b}, men försök {a} började efter det",
        "the message {name} was sent at {b}, but attempt {a} began after that",
    ),
)


def _rows(reader: Reader, code: str, sql: str, sv: str, en: str) -> Iterator[Finding]:
    for row in reader.rows(f"{sql} LIMIT 20"):
        words = Text(sv, en).fill(name=row["name"], a=row["a"], b=row["b"])
        yield Finding(code=code, text=Text(f"[{code}] {words.sv}", f"[{code}] {words.en}"), remedy=_BY_HAND)


def _known_statuses(shop: Shop, reader: Reader) -> Iterator[Finding]:
    for code, count in stranded_orders(reader, shop.flows).items():
        yield Finding(code="unknown_status", text=stranded_words(code, count))


def _told_of_checkouts(shop: Shop, reader: Reader) -> Iterator[Finding]:
    """No customer is told of a status of the checkout. (What was made hidden later may have been told before.)"""
    sql = (
        "SELECT x.id FROM outbox AS x JOIN history AS h ON h.order_id = x.order_id AND h.seq = x.seq "
        "WHERE x.kind = 'message' AND x.audience = 'customer' AND x.recipient <> '' AND h.to_status = :code LIMIT 20"
    )
    for status in shop.flows.statuses.values():
        if status.stage is Stage.CHECKOUT:
            for row in reader.rows(sql, {"code": status.code}):
                words = Text(
                    "[N9] meddelande {id} till kunden gäller {s}, som kunder aldrig får veta av",
                    "[N9] message {id} to the customer is about {s}, which customers may never know of",
                ).fill(id=row["id"], s=status.label)
                yield Finding(code="N9", text=words, remedy=_BY_HAND)


def _numbers(shop: Shop, reader: Reader) -> Iterator[Finding]:
    """A public number belongs to exactly the orders that left the checkout."""
    hidden = [s.code for s in shop.flows.statuses.values() if s.stage == "checkout"]
    for code in hidden:
        for row in reader.rows(
            "SELECT reference FROM orders WHERE status = :code AND number IS NOT NULL LIMIT 20",
            {"code": code},
        ):
            yield Finding(
                code="V1",
                text=Text(
                    "[V1] {name} är i kassan men har ett nummer",
                    "[V1] {name} is in its checkout but has a number",
                ).fill(name=row["reference"]),
                remedy=_BY_HAND,
            )


def _faults(reader: Reader) -> Iterator[Finding]:
    """Jobs and hooks that failed: worth knowing, not wrong."""
    for row in reader.rows("SELECT code, error FROM timed_jobs WHERE error <> ''"):
        yield worth_knowing(
            "job", "jobbet {c} gick fel: {e}", "the job {c} failed: {e}", c=row["code"], e=row["error"]
        )
    for row in reader.rows("SELECT plugin, hook, COUNT(*) AS n FROM hook_failures GROUP BY plugin, hook"):
        yield worth_knowing(
            "hook", "{p} gick fel {n} gånger i {h}", "{p} failed {n} times in {h}",
            p=row["plugin"], h=row["hook"], n=row["n"],
        )  # fmt: skip


def _machine() -> Iterator[Finding]:
    from ashop_core.sqlite import unsafe_version

    if unsafe_version(sqlite3.sqlite_version_info):
        yield worth_knowing(
            "sqlite",
            "SQLite {v} kan skada databasen om två processer återställer WAL-loggen samtidigt: ta 3.51.3, 3.50.7 el. 3.44.6",
            "SQLite {v} can damage the database if two processes reset the WAL at once: use 3.51.3, 3.50.7 or 3.44.6",
            v=sqlite3.sqlite_version,
        )
    here = sys.version_info[:3]
    if (
        not any(here[:2] == p[:2] and here >= p for p in PATCHED_PYTHONS)
        and here[:2] <= PATCHED_PYTHONS[-1][:2]
    ):
        yield worth_knowing(
            "python", "Python {v} har kända fel i sitt e-postbibliotek (Ashop vaktar själv mot dem): uppgradera",
            "Python {v} has known faults in its e-mail library (Ashop guards against them): upgrade",
            v=".".join(map(str, here)),
        )  # fmt: skip


def _serious(problem: Problem) -> Finding:
    return Finding(code=problem.code, text=problem.text)


_TOLD: tuple[type[Problem | Finding], ...] = (Problem, Finding)


def _of_plugin(told: Problem | Finding, plugin: str) -> Finding:
    finding = _serious(told) if isinstance(told, Problem) else told
    return replace(finding, plugin=plugin)
