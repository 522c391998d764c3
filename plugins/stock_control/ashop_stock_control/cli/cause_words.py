"""What made an item's stock status what it is, in words: who did what, and which rule fired."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.texts import Text, joined
from ashop_stock_control.cli.kind_words import KINDS, who
from ashop_stock_control.editing import edited_words
from ashop_stock_control.ledger import Kind
from ashop_stock_control.rules import When, why_words

if TYPE_CHECKING:
    from ashop_stock_control.explaining import StatusCause


def cause_words(cause: StatusCause) -> Text:
    """Return what made the status: ``order 100234 took the balance from 1 to 0, rule: balance falls to 0``."""
    told = [_did(cause)]
    if cause.why and cause.kind is not Kind.STATUS:
        told.append(why_words(cause.why))
        if _is_by_margin(cause):
            told.append(Text("säkerhetsmarginalen borträknad", "the safety margin taken off"))
    if cause.note:
        told.append(Text("”{note}”", "“{note}”").fill(note=cause.note))
    return joined(told)


def _is_by_margin(cause: StatusCause) -> bool:
    """Tell whether the balance itself did not cross the rule's threshold: less the margin, it did."""
    when, _, threshold = cause.why.partition(" ")
    if cause.balance_after is None or when not in list(When):
        return False
    if when == When.FALLS_TO:
        return cause.balance_after > int(threshold)
    return cause.balance_before is not None and cause.balance_before >= int(threshold)


def _did(cause: StatusCause) -> Text:
    """Return who did what to the balance, or to the item."""
    if cause.kind is Kind.EDIT:
        return Text("{who} ändrade {what}", "{who} changed {what}").fill(
            who=who(cause.actor), what=edited_words(cause.edited)
        )
    if cause.kind is Kind.STATUS:
        return Text("{who} satte den för hand", "{who} set it by hand").fill(who=who(cause.actor))
    if cause.kind is Kind.RULE:
        return Text("lagerreglerna ändrades", "the stock rules were changed")
    what = KINDS[cause.kind]
    doer = Text("order {o}", "order {o}").fill(o=cause.order) if cause.order else who(cause.actor)
    if cause.balance_after is None:
        return Text("{who} ({what})", "{who} ({what})").fill(
            who=doer, what=Text(what.sv.lower(), what.en.lower())
        )
    if cause.balance_before is None:
        return Text("{who} angav saldot {n}", "{who} gave it the balance {n}").fill(
            who=doer, n=cause.balance_after
        )
    verb = Text("tog saldot", "took the balance") if cause.kind is Kind.TAKE else Text(
        "ändrade saldot", "moved the balance"
    )  # fmt: skip
    return Text("{who} {verb} från {a} till {b}", "{who} {verb} from {a} to {b}").fill(
        who=doer, verb=verb, a=cause.balance_before, b=cause.balance_after
    )
