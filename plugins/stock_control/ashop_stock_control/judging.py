"""Which stock status an item gets when its balance changes: what custom rules say, else what the shop's rules say."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ashop_core.errors import PluginError
from ashop_core.texts import Text
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.plugins import Plugins
    from ashop_stock_control.items import StockItem

STATUS_HOOK = "ashop_stock_status"


@dataclass(frozen=True, slots=True)
class Step:
    """A stock status that an item gets, and what gave it: ``falls_to 0``, ``plugin strict_stock``."""

    to: str
    why: str


@dataclass(frozen=True, slots=True)
class Judge:
    """Knows the shop's stock rules and asks its plugins for theirs."""

    settings: StockSettings
    plugins: Plugins

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

    def opinion(self, item: StockItem, before: int, after: int) -> Step | None:
        """Return what the plugins say of it: of several opinions that of the plugin named last in the settings."""
        found = self.opinions(item, before, after)
        if not found:
            return None
        enabled = self.plugins.settings.enabled
        plugin = max(found, key=enabled.index)
        return Step(found[plugin], f"plugin {plugin}")

    def opinions(self, item: StockItem, before: int, after: int) -> dict[str, str]:
        """Return each plugin's opinion by its name. Raises PluginError for one that is no stock status of the shop."""
        if not self.plugins.implementations(STATUS_HOOK):
            return {}
        answers = self.plugins.collect(
            STATUS_HOOK, str, item=item, before=before, after=after, settings=self.plugins.settings
        )
        return dict(self._known(answers))

    def _known(self, answers: Iterable[tuple[str, str]]) -> Iterable[tuple[str, str]]:
        for plugin, code in answers:
            if code not in self.settings.stock_statuses:
                raise PluginError(
                    plugin,
                    Text(
                        "insticksmodulen {plugin} gav lagerstatusen {code}, som inte finns",
                        "the plugin {plugin} gave the stock status {code}, which does not exist",
                    ).fill(plugin=plugin, code=code),
                    hook=STATUS_HOOK,
                )
            yield plugin, code
