"""What the rules say of a question: pure functions, so that they are safe under the lock and can be replayed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ashop_core.texts import Text, same
from ashop_stock_control import refuse, unavailable

if TYPE_CHECKING:
    from ashop_stock_control import StockQuestion, Verdict
    from ashop_strict_stock.settings import StrictRule

LIMIT = "customer_limit"

_NOT_THERE = Text(
    "{name}: saldo {balance}, begärt {demand}, {margin} hålls undan",
    "{name}: balance {balance}, {demand} asked for, {margin} kept back",
)
_AT_MOST = Text("{name}: högst {limit} per kund{days}", "{name}: at most {limit} per customer{days}")
_DAYS = Text(" under {n} dagar", " in {n} days")
_HAS = Text(
    "{name}: {whole} i ordern och {had} köpta förut, högst {limit} per kund{days}",
    "{name}: {whole} in the order and {had} bought before, at most {limit} per customer{days}",
)


def judge(rules: Iterable[StrictRule], question: StockQuestion) -> Verdict | None:
    """Return the refusal of the first rule that has one; None where no rule minds."""
    for rule in rules:
        if rule.concerns(question.item):
            refused = over_limit(rule, question) or not_there(rule, question)
            if refused is not None:
                return refused
    return None


def over_limit(rule: StrictRule, question: StockQuestion) -> Verdict | None:
    """Refuse what would give the customer more pieces than the rule lets anybody have."""
    if rule.limit is None:
        return None
    had = question.had(rule.window)
    if had + question.whole <= rule.limit:
        return None
    days = same("") if rule.days is None else _DAYS.fill(n=rule.days)
    values = {"name": question.name, "limit": rule.limit, "days": days}
    return refuse(
        LIMIT, _own_words(rule, question) or _AT_MOST.fill(**values),
        _HAS.fill(whole=question.whole, had=had, **values),
    )  # fmt: skip


def not_there(rule: StrictRule, question: StockQuestion) -> Verdict | None:
    """Refuse what the balance less the margin does not cover; of an item that nobody counts nothing is known."""
    balance = question.item.balance
    margin = question.terms.margin if rule.margin is None else rule.margin
    if not rule.strict or balance is None or balance - question.demand >= margin:
        return None
    staff = _NOT_THERE.fill(name=question.name, balance=balance, demand=question.demand, margin=margin)
    words = _own_words(rule, question)
    return unavailable(question, staff) if words is None else refuse("not_available", words, staff)


def _own_words(rule: StrictRule, question: StockQuestion) -> Text | None:
    if rule.words is None:
        return None
    # Replaced and not filled in: the shop may write braces of its own.
    return Text(
        rule.words.sv.replace("{name}", question.name), rule.words.en.replace("{name}", question.name)
    )
