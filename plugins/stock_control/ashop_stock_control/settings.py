"""`[plugins.stock_control]`: the policies, the stock statuses and the stock rules of a shop, checked as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ashop_core.errors import InvalidInput, NotFound
from ashop_core.texts import Text, joined, same
from ashop_stock_control.policies import Policy, Terms
from ashop_stock_control.rule_faults import rule_faults
from ashop_stock_control.rules import DEFAULT_RULES, Rule, Rulebook
from ashop_stock_control.statuses import STANDARD, StockStatus

if TYPE_CHECKING:
    from ashop_stock_control.items import StockItem

# With their type, which PostgreSQL does not guess inside COALESCE.
_OVERSELL, _MARGIN = "CAST(:oversell AS BIGINT)", "CAST(:margin AS BIGINT)"
MOST_MINUTES = 60 * 24 * 30
MOST_KEPT = 10**6
"""The most that a safety margin or a warning's balance may be."""


@dataclass(frozen=True, kw_only=True)
class GroupTable:
    """`[plugins.stock_control.groups.<group>]`: what applies to the items of a group, and not to the whole shop."""

    policy: str | None = None
    margin: int | None = None
    low: int | None = None


@dataclass(frozen=True, kw_only=True)
class StatusTable:
    """`[plugins.stock_control.statuses.<code>]`: a stock status relabelled, changed or added."""

    label: Text | None = None
    customer_label: Text | None = None
    purchasable: bool | None = None


@dataclass(frozen=True, kw_only=True)
class StockSettings:
    """`[plugins.stock_control]`. Without `rules` the shipped ones apply; ``rules = []`` means none at all.

    `policy` is ``open``, ``strict`` or ``up_to(N)``; a group's or an item's own goes before it, as with the safety
    `margin` and the balance `low` at which staff are warned. Where a status of the checkout holds goods, it holds
    them for `hold_minutes`.
    """

    policy: str = "open"
    margin: int = 0
    low: int | None = None
    hold_minutes: int = 30
    default_status: str = "in_stock"
    groups: dict[str, GroupTable] = field(default_factory=dict)
    statuses: dict[str, StatusTable] = field(default_factory=dict)
    rules: tuple[Rule, ...] | None = None

    def __post_init__(self) -> None:
        faults = [
            *self._policy_faults(),
            *self._number_faults(),
            *self._status_faults(),
            *self._reference_faults(),
            *rule_faults(self.rulebook),
        ]
        if faults:
            raise InvalidInput(joined(faults, "; "))

    def terms(self, item: StockItem) -> Terms:
        """Return what applies to an item: its own, else its group's, else the shop's."""
        group = self._group_terms.get(item.group, self._shop_terms)
        if item.policy is None and item.margin is None and item.low is None:
            return group
        return Terms(
            policy=group.policy if item.policy is None else item.policy,
            margin=group.margin if item.margin is None else item.margin,
            low=group.low if item.low is None else item.low,
        )

    @cached_property
    def _shop_terms(self) -> Terms:
        return Terms(policy=Policy.parse(self.policy), margin=self.margin, low=self.low)

    @cached_property
    def _group_terms(self) -> dict[str, Terms]:
        shop = self._shop_terms
        return {
            code: Terms(
                policy=shop.policy if table.policy is None else Policy.parse(table.policy),
                margin=shop.margin if table.margin is None else table.margin,
                low=shop.low if table.low is None else table.low,
            )
            for code, table in self.groups.items()
        }

    @cached_property
    def enough(self) -> tuple[str, dict[str, Any]]:
        """`Terms.leaves_enough` as a condition of SQL on `stock_items`, and its parameters.

        It wants ``:d_held`` and ``:d_on_hand`` besides; an item that is not tracked always has enough.
        """
        shop, params = self._shop_terms, dict[str, Any]()
        oversell, margin = "", ""
        for n, (code, terms) in enumerate(self._group_terms.items()):
            params |= {
                f"group_{n}": code,
                f"oversell_{n}": terms.policy.oversell,
                f"margin_{n}": terms.margin,
            }
            oversell += f" WHEN :group_{n} THEN CAST(:oversell_{n} AS BIGINT)"
            margin += f" WHEN :group_{n} THEN CAST(:margin_{n} AS BIGINT)"
        params |= {"oversell": shop.policy.oversell, "margin": shop.margin}
        oversell = f"CASE item_group{oversell} ELSE {_OVERSELL} END" if oversell else _OVERSELL
        margin = f"CASE item_group{margin} ELSE {_MARGIN} END" if margin else _MARGIN
        return (
            "(tracked = 0 OR on_hand - held + :d_on_hand - :d_held "
            f"- COALESCE(margin, {margin}) + COALESCE(oversell, {oversell}) >= 0)"
        ), params

    @cached_property
    def stock_statuses(self) -> dict[str, StockStatus]:
        """Every stock status of the shop by its code, those that ship first."""
        merged = {s.code: s for s in STANDARD}
        for code, table in self.statuses.items():
            merged[code] = _merged(code, table, merged.get(code))
        return merged

    @cached_property
    def purchasable(self) -> tuple[str, ...]:
        """The codes of the stock statuses that can be bought."""
        return tuple(s.code for s in self.stock_statuses.values() if s.purchasable)

    @cached_property
    def rulebook(self) -> Rulebook:
        """The shop's rules, ready to be asked."""
        return Rulebook(self.all_rules)

    @property
    def all_rules(self) -> tuple[Rule, ...]:
        """The rules that apply: the shop's own, or those that ship."""
        return DEFAULT_RULES if self.rules is None else self.rules

    def label(self, code: str) -> Text:
        """Return the words for a stock status; one that the settings no longer know reads as its code."""
        found = self.stock_statuses.get(code)
        return found.label if found else same(code)

    def find_status(self, code: str) -> StockStatus:
        """Return the stock status, or raise NotFound naming those there are."""
        found = self.stock_statuses.get(code)
        if found is None:
            raise NotFound(self._unknown(code))
        return found

    def meant(self, words: str) -> StockStatus:
        """Return the stock status that people mean: its code, or its label in either language, in any case."""
        plain = _plain(words)
        found = [s for s in self.stock_statuses.values() if plain in (_plain(s.label.sv), _plain(s.label.en))]
        return found[0] if len(found) == 1 else self.find_status(plain)

    def _policy_faults(self) -> Iterator[Text]:
        places = [("policy", self.policy)]
        places += [
            (f"groups.{code}.policy", t.policy) for code, t in self.groups.items() if t.policy is not None
        ]
        for key, words in places:
            try:
                Policy.parse(words)
            except InvalidInput as error:
                yield Text(f"{key}: {error.text.sv}", f"{key}: {error.text.en}")

    def _number_faults(self) -> Iterator[Text]:
        places = [("hold_minutes", self.hold_minutes, 1, MOST_MINUTES), ("margin", self.margin, 0, MOST_KEPT)]
        places += [("low", self.low, -MOST_KEPT, MOST_KEPT)] if self.low is not None else []
        for code, table in self.groups.items():
            if table.margin is not None:
                places.append((f"groups.{code}.margin", table.margin, 0, MOST_KEPT))
            if table.low is not None:
                places.append((f"groups.{code}.low", table.low, -MOST_KEPT, MOST_KEPT))
        for key, number, least, most in places:
            if not least <= number <= most:
                yield _fault(key, f"måste vara från {least} till {most}", f"must be from {least} to {most}")

    def _status_faults(self) -> Iterator[Text]:
        known = {s.code for s in STANDARD}
        for code, table in self.statuses.items():
            if not (code.isidentifier() and code.isascii() and code == code.lower()):
                yield _fault(
                    f"statuses.{code}",
                    "en kod skrivs med små bokstäver a-z, siffror och understreck",
                    "a code is written in lower-case letters, digits and underscores",
                )
            if code not in known and table.label is None:
                yield _fault(
                    f"statuses.{code}.label",
                    "saknas: en ny lagerstatus behöver en text",
                    "is missing: a new stock status needs words",
                )

    def _reference_faults(self) -> Iterator[Text]:
        places = [("default_status", self.default_status)]
        for n, rule in enumerate(self.rules or ()):
            places += [(f"rules[{n}].from", code) for code in rule.from_]
            places.append((f"rules[{n}].to", rule.to))
        for key, code in places:
            if code not in self.stock_statuses:
                unknown = self._unknown(code)
                yield Text(f"{key}: {unknown.sv}", f"{key}: {unknown.en}")

    def _unknown(self, code: str) -> Text:
        from difflib import get_close_matches

        close = get_close_matches(code, self.stock_statuses, 1)
        hint = Text(f" Menade du {close[0]}?", f" Did you mean {close[0]}?") if close else same("")
        known = ", ".join(self.stock_statuses)
        return Text(
            f"lagerstatusen {code} finns inte. Välj bland: {known}.{hint.sv}",
            f"there is no stock status {code}. Choose from: {known}.{hint.en}",
        )


def _merged(code: str, table: StatusTable, base: StockStatus | None) -> StockStatus:
    label = table.label or (base.label if base else same(code))
    shown = table.customer_label or (base.customer_label if base and table.label is None else label)
    purchasable = table.purchasable if table.purchasable is not None else base is None or base.purchasable
    return StockStatus(code=code, label=label, customer_label=shown, purchasable=purchasable)


def _plain(words: str) -> str:
    return "_".join(words.casefold().replace("_", " ").split())


def _fault(key: str, sv: str, en: str) -> Text:
    return Text(f"{key}: {sv}", f"{key}: {en}")
