"""Which stock status an item gets when its balance changes: what custom rules say, else what the shop's rules say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ashop_core.errors import PluginError
from ashop_core.texts import Text
from ashop_stock_control.asking import ask_quickly
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.plugins import Implementation, Plugins
    from ashop_stock_control.items import StockItem

STATUS_HOOK = "ashop_stock_status"


@dataclass(frozen=True, slots=True)
class Step:
    """A stock status that an item gets, and what gave it: ``falls_to 0``, ``plugin strict_stock``."""

    to: str
    why: str


@dataclass(frozen=True, slots=True)
class Judge:
    """Knows the shop's stock rules and asks its plugins for theirs.

    With a list for `faults`, a plugin that fails has no opinion, and its fault is put there.
    """

    settings: StockSettings
    plugins: Plugins
    faults: list[PluginError] | None = None

    @classmethod
    def of(cls, plugins: Plugins) -> Judge:
        """Return the judge of a shop with these plugins."""
        return cls(plugins.settings.for_plugin(StockSettings), plugins)

    def steps(self, item: StockItem, before: int, after: int, *, first: bool = False) -> list[Step]:
        """Return what a balance going from `before` to `after` makes of the status; nothing for one that is pinned.

        `first`: the item had no balance before.
        """
        if item.pinned or not item.tracked:
            return []
        opinion = self.opinion(item, before, after) if before != after or first else None
        if opinion is not None:
            return [] if opinion.to == item.status else [opinion]
        margin, book = self.settings.terms(item).margin, self.settings.rulebook
        fired = (
            book.first(item, after - margin) if first else book.fire(item, before - margin, after - margin)
        )
        return [Step(crossing.to, crossing.why) for crossing in fired]

    def due(self, item: StockItem) -> list[Step]:
        """Return what the status should become with the balance as it is; empty where all is as plugins and rules say.

        Whether the item is pinned, and whether a person set its status, is for whoever asks to look at.
        """
        if not item.tracked:
            return []
        balance = item.on_hand - item.held
        opinion = self.opinion(item, balance, balance)
        if opinion is not None:
            return [] if opinion.to == item.status else [opinion]
        fired = self.settings.rulebook.settle(item, balance - self.settings.terms(item).margin)
        return [Step(crossing.to, crossing.why) for crossing in fired]

    def opinion(self, item: StockItem, before: int, after: int) -> Step | None:
        """Return what the plugins say of it: of several opinions that of the plugin named last in the settings."""
        found = self.opinions(item, before, after)
        plugin = self.winner(found) if found else None
        return None if plugin is None else Step(found[plugin], f"plugin {plugin}")

    def winner(self, opinions: Mapping[str, str]) -> str | None:
        """Return whose opinion holds: that of the plugin named last in the settings; None where there is none."""
        return max(opinions, key=self.plugins.settings.enabled.index, default=None)

    def opinions(self, item: StockItem, before: int, after: int) -> dict[str, str]:
        """Return each plugin's opinion by its name. Raises PluginError for one that is no stock status of the shop."""
        found: dict[str, str] = {}
        for implementation in self.plugins.implementations(STATUS_HOOK):
            try:
                code = self._asked(implementation, item, before, after)
            except PluginError as fault:
                if self.faults is None:
                    raise
                self.faults.append(fault)
                continue
            if code is not None:
                found[implementation.plugin] = code
        return found

    def _asked(self, implementation: Implementation, item: StockItem, before: int, after: int) -> str | None:
        code = ask_quickly(
            self.plugins, implementation, STATUS_HOOK, str, item.sku, item=item, before=before, after=after
        )
        return None if code is None else self._known(implementation.plugin, code)

    def _known(self, plugin: str, code: str) -> str:
        if code in self.settings.stock_statuses:
            return code
        raise PluginError(
            plugin,
            Text(
                "insticksmodulen {plugin} gav lagerstatusen {code}, som inte finns: ge en av koderna {known}",
                "the plugin {plugin} gave the stock status {code}, which does not exist: give one of the codes {known}",
            ).fill(plugin=plugin, code=code, known=", ".join(self.settings.stock_statuses)),
            hook=STATUS_HOOK,
        )
