"""Faults in what keeps goods from being sold or released twice, each put into the processes of a race.

Some guards stand behind others: where one alone is missed by nobody, those before it are taken out too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from ashop_stock_control import items, ledger, objecting, orders, takes
from ashop_stock_control.asking import Rules
from ashop_stock_control.ledger import Guard, Moved
from ashop_stock_control.takes import ONWARD, Row
from tests.proofs import change_mutants
from tests.proofs.harness import put_in


def without_the_guard_in_the_update() -> None:
    """Take goods whatever the row says by then."""
    real = ledger.shift
    put_in(ledger, "shift", lambda tx, sku, a, b, guard=None: real(tx, sku, a, b))


def read_decide_write() -> None:
    """Read the figures before the transaction, decide and reckon in Python, and write what came out."""
    seen: dict[str, Any] = {}
    original = objecting.objections

    def objections(shop: Any, order: Any, change: Any) -> Any:
        with shop.database.read() as reader:
            seen.update(items.find_items(reader, [line.sku for line in order.lines]))
        return original(shop, order, change)

    def shift(tx: Any, sku: str, d_on_hand: int, d_held: int, guard: Any = None) -> Moved:
        item = seen[sku]
        row = tx.row(
            "UPDATE stock_items SET on_hand = :on_hand, held = :held WHERE sku = :sku RETURNING *",
            {"sku": sku, "on_hand": item.on_hand + d_on_hand, "held": item.held + d_held},
        )
        return Moved(items.item_of(row), item.on_hand - item.held, item.status)

    put_in(objecting, "objections", objections)
    put_in(ledger, "shift", shift)


def judged_line_by_line() -> None:
    """Ask of each line by itself whether there is enough, where two lines want the same item."""
    put_in(objecting, "demands", lambda moves: {m.sku: _largest(moves, m.sku) for m in moves})
    original = orders._Work._guard

    def guard(work: Any, sku: str) -> Guard | None:
        found = original(work, sku)
        if found is None or found.enough is None:
            return found
        sql, params = found.enough
        largest = {**params, "line": _largest(work.change.moves, sku)}
        return replace(found, enough=(sql.replace(":d_held", ":line"), largest))

    put_in(orders._Work, "_guard", guard)


def _largest(moves: Any, sku: str) -> int:
    return max(move.quantity for move in moves if move.sku == sku)


def the_first_answer_is_trusted() -> None:
    """Do not ask a second time under the lock, neither the policy nor the custom rules."""
    put_in(orders._Work, "ask_rules", lambda work: None)
    put_in(orders._Work, "_guard", lambda work, sku: None)


def rules_are_asked_before_the_lock() -> None:
    """Take the custom rules' answers from before the transaction; the policy is asked again."""
    seen: dict[str, Any] = {}
    original = Rules.answers

    def answers(*given: Any, **named: Any) -> Any:
        seen.clear()
        seen.update(original(*given, **named))
        return seen

    put_in(Rules, "answers", answers)
    put_in(orders._Work, "_answers_of", lambda work, rules: seen)


def without_the_status_in_the_guard() -> None:
    """Let the policy decide alone, whatever the stock status has become meanwhile."""
    original = orders._Work._guard

    def guard(work: Any, sku: str) -> Guard | None:
        found = original(work, sku)
        return found and replace(found, statuses=tuple(work.settings.stock_statuses))

    put_in(orders._Work, "_guard", guard)


def the_last_piece_is_kept_back() -> None:
    """Refuse, before the lock is taken, what there is just enough for."""
    original = objecting.can_be_had
    put_in(
        objecting,
        "can_be_had",
        lambda item, demand, answer, settings: original(item, demand + 1, answer, settings),
    )


def released_by_quantity() -> None:
    """Release and ship as many pieces as the order's lines say, whatever the ledger has of them."""

    def onward(found: takes.Takes, move: Any, seq: int) -> Iterator[Row]:
        kind, on_hand, held = ONWARD[move.source, move.target]
        cause = f"{found.order_id}:{seq}:{move.position}:{kind.value}"
        yield Row(kind, move.sku, move.position, on_hand * move.quantity, held * move.quantity, cause)

    put_in(takes.Takes, "onward", onward)


def released_by_quantity_and_the_last_writer_wins() -> None:
    """Neither the order's version nor the reference to the take keeps goods from being released twice."""
    change_mutants.the_last_writer_wins()
    released_by_quantity()


def without_the_unique_cause() -> None:
    """Give the rows of the ledger no key by which each effect happens once."""
    real = ledger.movement
    put_in(orders, "movement", lambda *given, **named: {**real(*given, **named), "cause": None})


def undone_without_a_look_and_the_last_writer_wins() -> None:
    """Neither the order's version nor a look at what is left of the take keeps an undo from happening twice."""
    change_mutants.the_last_writer_wins()
    put_in(takes.Takes, "have", lambda found, rows: True)


def undone_without_a_look_and_without_the_unique_cause() -> None:
    """Of the three guards of an undo there is none."""
    undone_without_a_look_and_the_last_writer_wins()
    without_the_unique_cause()
