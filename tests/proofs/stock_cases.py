"""What is raced for the stock and what must come of it, and how each fault shows: for the short tests and the proofs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ashop_stock_control.race.check import RaceReport
from ashop_stock_control.race.racing import SellOut
from tests.proofs import change_mutants, mutants
from tests.proofs import race_mutants as faults
from tests.proofs.stock_race import Done, bank, duel, expiry, storm

RULE = ("local:two_each",)
SHORT: dict[str, Any] = {"processes": 8, "tries": 6, "stock": 12}

# ── What a policy promises ───────────────────────────────────────────────────────────────────────


def all_of(pieces: int) -> Callable[[RaceReport], bool]:
    return lambda report: report.pieces == pieces and len(report.flips) == 1


def flipped_once(report: RaceReport) -> bool:
    return report.pieces >= 50 and [flip.after for flip in report.flips] == ["sold_out"]


def two_each(report: RaceReport) -> bool:
    return report.most_to_one == 2 and report.pieces <= 40


def strictly_two_each(report: RaceReport) -> bool:
    return report.pieces == 50 and report.most_to_one == 2


def some_cancelled(report: RaceReport) -> bool:
    return report.pieces <= 50 and report.cancelled > 0


# ── How a fault shows ────────────────────────────────────────────────────────────────────────────


def let_too_much_through(words: list[str]) -> bool:
    return any("should have been refused" in each for each in words)


def kept_back(words: list[str]) -> bool:
    return any("though it is all there" in each for each in words)


def parted(words: list[str]) -> bool:
    return any("[S4]" in each or "[S5]" in each for each in words)


def failed(words: list[str]) -> bool:
    return any("an error:" in each for each in words)


def two_winners(words: list[str]) -> bool:
    return any("2 winners" in each for each in words)


def released_twice(words: list[str]) -> bool:
    return any("more than it held" in each for each in words)


def contradicted(words: list[str]) -> bool:
    return any("not where the one before ended" in each for each in words)


def sold_too_much(words: list[str]) -> bool:
    return any(" left" in each and ": -" in each for each in words)


STRICT = SellOut(policy="strict", **SHORT)
RULED = SellOut(plugins=RULE, customers=3, **SHORT)
ONES = SellOut(policy="strict", processes=4, tries=5, stock=13, quantities=(1, 1), twice=0, several=0)
PAIRS = SellOut(policy="strict", processes=8, tries=6, stock=11, quantities=(1, 1), twice=100, several=0)


SELL_OUT_FAULTS: tuple[tuple[Any, SellOut, Any], ...] = (
    (None, STRICT, None),
    (None, RULED, None),
    (faults.without_the_guard_in_the_update, STRICT, let_too_much_through),
    (faults.read_decide_write, STRICT, parted),
    (faults.judged_line_by_line, PAIRS, let_too_much_through),
    (faults.the_first_answer_is_trusted, STRICT, let_too_much_through),
    (faults.the_first_answer_is_trusted, RULED, let_too_much_through),
    (faults.rules_are_asked_before_the_lock, RULED, let_too_much_through),
    (faults.the_last_piece_is_kept_back, ONES, kept_back),
    (faults.without_the_status_in_the_guard, SellOut(policy="open", **SHORT), let_too_much_through),
)
OTHER_FAULTS: tuple[tuple[Callable[..., Done], int, Any, Any], ...] = (
    (duel, 5, None, None),
    (bank, 30, None, None),
    (storm, 5, None, None),
    (expiry, 5, None, None),
    (duel, 5, faults.without_the_guard_in_the_update, two_winners),
    (duel, 5, faults.the_first_answer_is_trusted, two_winners),
    (bank, 30, mutants.without_begin_immediate, failed),
    (bank, 30, faults.read_decide_write, parted),
    (storm, 5, change_mutants.the_last_writer_wins, contradicted),
    (storm, 5, faults.released_by_quantity, parted),
    (storm, 5, faults.released_by_quantity_and_the_last_writer_wins, released_twice),
    (storm, 5, faults.undone_without_a_look_and_the_last_writer_wins, failed),
    (storm, 5, faults.undone_without_a_look_and_without_the_unique_cause, released_twice),
    (expiry, 10, faults.released_by_quantity, parted),
    (expiry, 5, faults.the_first_answer_is_trusted, sold_too_much),
)
"""A race, a fault that is put into its processes, and how it shows; no fault: what the same race is without one."""
