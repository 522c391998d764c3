"""The shop's rules changed where they stand, in `ashop.toml`: planned and shown first, then written, then all items judged.

The file is the one source. It is read anew for each change, so that what somebody wrote there meanwhile counts, and
written before the items are touched: whoever is killed in between finishes with `apply`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ashop_core import toml_lists
from ashop_core.errors import Conflict, InvalidInput, NotFound
from ashop_core.settings_file import Revision, SettingsFile
from ashop_core.texts import Text
from ashop_stock_control.items import find_items
from ashop_stock_control.reevaluating import Preview, Reevaluated, preview, reevaluate
from ashop_stock_control.rule_trial import Firings, firings
from ashop_stock_control.rules import DEFAULT_RULES, Rule
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop

_IN_GROUP = "SELECT sku FROM stock_items WHERE item_group = :group AND item_group <> '' LIMIT 1"
KEYS = ("plugins", "stock_control", "rules")
STAFF = "staff"


@dataclass(frozen=True, kw_only=True)
class RuleList:
    """The rules that a shop runs on, in their order; `shipped`: it has none of its own."""

    rules: tuple[Rule, ...]
    shipped: bool


@dataclass(frozen=True, kw_only=True)
class PlannedRules:
    """A change of the rules that was checked and not made yet: rule `number` added, or taken away.

    `writes_shipped`: the file has no rules of its own so far, and the shipped ones are written out first.
    """

    rule: Rule
    number: int
    added: bool
    writes_shipped: bool
    revision: Revision

    @property
    def settings(self) -> StockSettings:
        """The settings of stock control as they would be."""
        return _settings(self.revision)


def shop_rules(shop: Shop) -> RuleList:
    """Return the rules that `ashop.toml` has now. Raises SettingsError where it is not in order."""
    settings = _settings(_as_it_stands(_read(shop)))
    return RuleList(rules=settings.all_rules, shipped=settings.rules is None)


def plan_rule(shop: Shop, rule: Rule, position: int | None = None) -> PlannedRules:
    """Return the rules with one more, the last one or at a position from 1 on; nothing is written.

    Raises InvalidInput or SettingsError, with the key and the remedy, where the shop could not run with it.
    """
    file = _read(shop)
    settings = _settings(_as_it_stands(file))
    number = len(settings.all_rules) + 1 if position is None else position
    if not 1 <= number <= len(settings.all_rules) + 1:
        raise InvalidInput(
            Text(
                "plats {n} finns inte: välj 1 till {most}", "there is no position {n}: choose 1 to {most}"
            ).fill(n=number, most=len(settings.all_rules) + 1)
        )
    text, writes_shipped = _written_out(file, settings)
    text = toml_lists.insert(text, KEYS, number - 1, [entry_of(rule)])
    return PlannedRules(
        rule=rule, number=number, added=True, writes_shipped=writes_shipped, revision=file.revised(text)
    )


def plan_removal(shop: Shop, number: int) -> PlannedRules:
    """Return the rules without one of them, numbered from 1 on; nothing is written. Raises NotFound."""
    file = _read(shop)
    settings = _settings(_as_it_stands(file))
    rules = settings.all_rules
    if not 1 <= number <= len(rules):
        raise NotFound(
            Text(
                "Det finns ingen regel {n}. Se `ashop stock rules list`.",
                "There is no rule {n}. See `ashop stock rules list`.",
            ).fill(n=number)
        )
    text, writes_shipped = _written_out(file, settings)
    text = toml_lists.remove(text, KEYS, number - 1)
    return PlannedRules(
        rule=rules[number - 1], number=number, added=False, writes_shipped=writes_shipped,
        revision=file.revised(text),
    )  # fmt: skip


def rules_preview(
    shop: Shop, planned: PlannedRules | None = None, *, include_by_hand: bool = False
) -> Preview:
    """Tell what planned rules, or those that `ashop.toml` has now, would change of the items."""
    revision = planned.revision if planned is not None else _as_it_stands(_read(shop))
    return preview(shop, revision.plugins, include_by_hand=include_by_hand)


def change_rules(
    shop: Shop,
    planned: PlannedRules,
    actor: str = STAFF,
    *,
    include_by_hand: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Reevaluated:
    """Write planned rules into `ashop.toml` and judge all items anew.

    Raises Conflict where the file was changed since it was read: nothing was written then. Raised later, when the
    items are judged, the file is written, and `apply_rules` does the rest. This shop goes on with the settings that
    it was opened with.
    """
    file = planned.revision.write()
    return reevaluate(
        shop, planned.revision.plugins, include_by_hand=include_by_hand, actor=actor,
        progress=progress, ensure_current=partial(_ensure_in_force, file),
    )  # fmt: skip


def apply_rules(
    shop: Shop,
    actor: str = STAFF,
    *,
    include_by_hand: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Reevaluated:
    """Judge all items anew by the rules that `ashop.toml` has now; safe to repeat, and after a kill the way on."""
    file = _read(shop)
    return reevaluate(
        shop, _as_it_stands(file).plugins, include_by_hand=include_by_hand, actor=actor,
        progress=progress, ensure_current=partial(_ensure_in_force, file),
    )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Trial:
    """What a rule would do: to the items as they are, and how often it would have fired of late."""

    planned: PlannedRules
    preview: Preview
    firings: Firings


def try_rule(shop: Shop, rule: Rule, position: int | None = None) -> Trial:
    """Tell what one more rule would do, changing nothing. Raises as `plan_rule` does."""
    planned = plan_rule(shop, rule, position)
    with_it, without = planned.settings, _settings(_as_it_stands(planned.revision.file))
    found = firings(shop, with_it.all_rules[planned.number - 1], with_it, without)
    return Trial(planned=planned, preview=rules_preview(shop, planned), firings=found)


def unknown_to_stock(shop: Shop, rule: Rule) -> list[str]:
    """Return the SKUs and groups of a rule that no item has: it waits for one, or they are misspelt."""
    with shop.database.read() as reader:
        known = find_items(reader, rule.skus)
        return [
            *(sku for sku in rule.skus if sku not in known),
            *(group for group in rule.groups if reader.row(_IN_GROUP, {"group": group}) is None),
        ]


def entry_of(rule: Rule) -> dict[str, Any]:
    """Return a rule as it is written in the settings, what has its default left out."""
    entry: dict[str, Any] = {"when": rule.when.value, "threshold": rule.threshold}
    entry |= {} if rule.back_at is None else {"back_at": rule.back_at}
    entry |= {"from": list(rule.from_), "to": rule.to}
    entry |= {"skus": list(rule.skus)} if rule.skus else {}
    entry |= {"groups": list(rule.groups)} if rule.groups else {}
    return entry | ({"priority": rule.priority} if rule.priority else {})


def _read(shop: Shop) -> SettingsFile:
    return SettingsFile.read(shop.settings.folder)


def _as_it_stands(file: SettingsFile) -> Revision:
    return file.revised(file.text)


def _ensure_in_force(file: SettingsFile) -> None:
    """Raise Conflict, with the way on, where the rules that items are judged by are no longer those of the file."""
    try:
        file.ensure_current()
    except Conflict as error:
        raise Conflict(
            Text(
                "ashop.toml ändrades av någon annan medan artiklarna bedömdes. Det som hann skrivas där står kvar: kör "
                "`ashop stock rules apply`, så gäller reglerna alla artiklar.",
                "ashop.toml was changed by somebody else while the items were judged. What was written there stands: "
                "run `ashop stock rules apply`, and the rules apply to all items.",
            )
        ) from error


def _settings(revision: Revision) -> StockSettings:
    return revision.plugins.settings.for_plugin(StockSettings)


def _written_out(file: SettingsFile, settings: StockSettings) -> tuple[str, bool]:
    """Return the file's text with rules in it, the shipped ones where it had none, and whether it had none."""
    if settings.rules is not None:
        return file.text, False
    shipped: list[Mapping[str, Any]] = [entry_of(rule) for rule in DEFAULT_RULES]
    return toml_lists.insert(file.text, KEYS, 0, shipped), True
