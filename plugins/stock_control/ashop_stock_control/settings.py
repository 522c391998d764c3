"""`[plugins.stock_control]`: the policy, the stock statuses and the stock rules of a shop, checked as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from ashop_core.errors import InvalidInput, NotFound
from ashop_core.texts import Text, joined, same
from ashop_stock_control.rules import DEFAULT_RULES, Rule, Rulebook
from ashop_stock_control.statuses import STANDARD, StockStatus


class Policy(StrEnum):
    """What may be sold. `open`: an item that can be bought is sold in any quantity."""

    OPEN = "open"


@dataclass(frozen=True, kw_only=True)
class StatusTable:
    """`[plugins.stock_control.statuses.<code>]`: a stock status relabelled, changed or added."""

    label: Text | None = None
    customer_label: Text | None = None
    purchasable: bool | None = None


@dataclass(frozen=True, kw_only=True)
class StockSettings:
    """`[plugins.stock_control]`. Without `rules` the shipped ones apply; ``rules = []`` means none at all."""

    policy: Policy = Policy.OPEN
    default_status: str = "in_stock"
    statuses: dict[str, StatusTable] = field(default_factory=dict)
    rules: tuple[Rule, ...] | None = None

    def __post_init__(self) -> None:
        faults = [*self._status_faults(), *self._reference_faults()]
        if faults:
            raise InvalidInput(joined(faults, "; "))

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
