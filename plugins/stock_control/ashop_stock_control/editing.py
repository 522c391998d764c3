"""Changes of an item itself, by people: its name, its group and terms, and whether its stock status is pinned.

Nothing moves, yet the rules see a changed safety margin as a balance that crossed it, an item that is unpinned is
judged anew, and warnings open and close.
Each change leaves a row in the ledger that says what was and what became.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields, replace
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from ashop_core.models import Effect
from ashop_core.texts import Text, joined, same
from ashop_stock_control.alerts import watch_low
from ashop_stock_control.by_hand import Clerk, StockOutcome
from ashop_stock_control.checks import check_group, check_name, check_number
from ashop_stock_control.effects import status_effect, step_words
from ashop_stock_control.items import StockItem, values_of
from ashop_stock_control.ledger import Kind, movement, record_status, set_status
from ashop_stock_control.policies import Policy
from ashop_stock_control.rules import Crossing
from ashop_stock_control.settings import MOST_KEPT

if TYPE_CHECKING:
    from ashop_stock_control.judging import Judge, Step


class Keep(Enum):
    """What is not to be changed."""

    KEEP = "keep"


KEEP: Final = Keep.KEEP


@dataclass(frozen=True, kw_only=True)
class Edits:
    """What to change of an item; what is left out stays as it is.

    None takes the item's own policy, margin or low away, so that its group's or the shop's applies; ``group=""``
    takes it out of its group.
    """

    name: str | Keep = KEEP
    group: str | Keep = KEEP
    policy: Policy | Keep | None = KEEP
    margin: int | Keep | None = KEEP
    low: int | Keep | None = KEEP
    pinned: bool | Keep = KEEP


@dataclass(frozen=True, slots=True)
class Edited:
    """One thing of an item that was changed, as the ledger keeps it; None was or became its group's or the shop's."""

    field: str
    before: str | int | None
    after: str | int | None


FIELD_LABELS: dict[str, Text] = {
    "name": Text("namn", "name"),
    "group": Text("grupp", "group"),
    "policy": Text("policy", "policy"),
    "margin": Text("säkerhetsmarginal", "safety margin"),
    "low": Text("varning vid saldo", "warning at balance"),
    "pinned": Text("låst lagerstatus", "pinned stock status"),
}
_UPDATE = (
    "UPDATE stock_items SET name = :name, search = :search, item_group = :item_group, oversell = :oversell, "
    "margin = :margin, low = :low, pinned = :pinned WHERE sku = :sku"
)


def check_edits(edits: Edits) -> Edits:
    """Return the edits as they will be stored. Raises InvalidInput."""
    if edits.name is not KEEP:
        edits = replace(edits, name=check_name(edits.name))
    if edits.group is not KEEP:
        edits = replace(edits, group=check_group(edits.group))
    margin, low = edits.margin, edits.low
    check_terms(None if margin is KEEP else margin, None if low is KEEP else low)
    return edits


def check_terms(margin: int | None, low: int | None) -> None:
    """Raise InvalidInput for a safety margin or a warning's balance that cannot be."""
    if margin is not None:
        check_number(margin, 0, MOST_KEPT, Text("säkerhetsmarginalen", "the safety margin"))
    if low is not None:
        check_number(low, -MOST_KEPT, MOST_KEPT, Text("varningens saldo", "the warning's balance"))


def edit(clerk: Clerk, item: StockItem, edits: Edits) -> StockOutcome:
    """Change an item, whose row is locked; the outcome has no effects where all of it was so already."""
    given = {f.name: getattr(edits, f.name) for f in fields(edits)}
    changed = replace(item, **{name: value for name, value in given.items() if value is not KEEP})
    done = _differences(item, changed)
    if not done:
        return StockOutcome(item=item)
    clerk.tx.execute(_UPDATE, values_of(changed))
    row = _row(clerk, item.sku, done)
    effects = [_effect(item, each) for each in done]
    fired = _fired(clerk.judge, item, changed)
    if fired:
        changed = set_status(clerk.tx, changed, fired[-1].to)
        record_status(row, item.status, changed.status, fired[-1].why)
        row["balance_before"] = row["balance_after"] = item.balance
        why = step_words(changed, fired[-1].why, clerk.settings)
        effects.append(status_effect(changed, item.status, changed.status, why, clerk.settings))
    low = clerk.settings.terms(changed).low
    if low != clerk.settings.terms(item).low:
        watch_low(clerk.tx, changed, low, clerk.at)
    clerk.tx.insert("stock_movements", row)
    return StockOutcome(item=changed, effects=tuple(effects))


def record_new(clerk: Clerk, item: StockItem) -> None:
    """Write down that an item was added, and with which terms: its first balance is a row of its own."""
    blank = StockItem(sku=item.sku, name="", status=item.status)
    clerk.tx.insert("stock_movements", _row(clerk, item.sku, _differences(blank, item)))


def read_edited(text: str) -> tuple[Edited, ...]:
    """Return what a row of the ledger says was changed of the item."""
    return tuple(Edited(field, *pair) for field, pair in json.loads(text).items()) if text else ()


def edited_words(edited: Iterable[Edited]) -> Text:
    """Return how staff read what was changed: ``säkerhetsmarginal: – → 2``."""
    return joined([_words(each) for each in edited])


def _fired(judge: Judge, old: StockItem, new: StockItem) -> Sequence[Crossing | Step]:
    """Return what the edit sets off: a changed margin moves the balance that rules see, a group brings its own rules.

    A stock status set by hand stands when other rules come to concern the item, as it does when rules are changed;
    whoever takes a pin away leaves the status to plugins and rules.
    """
    if new.pinned or new.balance is None:
        return []
    if old.pinned:
        return judge.due(new)
    settings = judge.settings
    before, after = (new.balance - settings.terms(item).margin for item in (old, new))
    fired = settings.rulebook.fire(new, before, after)
    others = [
        r for r in settings.all_rules if r.concerns(old.sku, old.group) != r.concerns(new.sku, new.group)
    ]
    if fired or new.by_hand or not others:
        return fired
    return settings.rulebook.settle(new, after)


def _differences(old: StockItem, new: StockItem) -> list[Edited]:
    pairs = ((field, _plain(getattr(old, field)), _plain(getattr(new, field))) for field in FIELD_LABELS)
    return [Edited(field, before, after) for field, before, after in pairs if before != after]


def _plain(value: object) -> Any:
    return str(value) if isinstance(value, Policy) else value


def _row(clerk: Clerk, sku: str, edited: Iterable[Edited]) -> dict[str, Any]:
    row = movement(sku, Kind.EDIT, 0, 0, at=clerk.at, actor=clerk.actor, note=clerk.note)
    facts = {each.field: [each.before, each.after] for each in edited}
    return {**row, "edited": json.dumps(facts, ensure_ascii=False)}


def _effect(item: StockItem, edited: Edited) -> Effect:
    words = _words(edited)
    return Effect(
        subject=f"stock:{item.sku}:{edited.field}",
        before="" if edited.before is None else str(edited.before),
        after="" if edited.after is None else str(edited.after),
        text=Text(f"{item.name}: {words.sv}", f"{item.name}: {words.en}"),
    )


def _words(edited: Edited) -> Text:
    before, after = _value(edited.before), _value(edited.after)
    label = FIELD_LABELS[edited.field]
    return Text(f"{label.sv}: {before.sv} → {after.sv}", f"{label.en}: {before.en} → {after.en}")


def _value(value: str | int | None) -> Text:
    if isinstance(value, bool):
        return Text("ja", "yes") if value else Text("nej", "no")
    return same("–" if value in (None, "") else str(value))
