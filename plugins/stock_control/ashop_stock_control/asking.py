"""Custom stock rules asked: what the plugins' `ashop_stock_check` says of the items that a change takes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar

from ashop_core.clock import from_iso, to_iso
from ashop_core.errors import PluginError, Problem
from ashop_core.texts import Text
from ashop_core.words import email_key, phone_key
from ashop_stock_control.items import select_by_sku
from ashop_stock_control.verdicts import Bought, StockQuestion, Verdict, moment_before

if TYPE_CHECKING:
    from ashop_core.models import Order
    from ashop_core.plugins import Implementation, Plugins
    from ashop_stock_control.items import ReadHandle, StockItem
    from ashop_stock_control.settings import StockSettings

CHECK_HOOK = "ashop_stock_check"
WINDOW_HOOK = "ashop_stock_window"
BUDGET = 1.0
"""Seconds that a rule may take for one question: it is asked under the lock, and everybody else waits."""

T = TypeVar("T")

_BOUGHT = (
    "SELECT l.sku, o.reference, CAST(SUM(l.held + l.gone - l.written_off) AS BIGINT) AS quantity, o.placed_at "
    "FROM orders AS o JOIN order_lines AS l ON l.order_id = o.id WHERE o.id IN ("
    "SELECT id FROM orders WHERE email_key = :email AND email_key <> '' AND listed_at >= :since "
    "UNION SELECT id FROM orders WHERE phone_key = :phone AND phone_key <> '' AND listed_at >= :since "
    # a checkout that was begun before the window and holds its goods still
    "UNION SELECT h.order_id FROM stock_checkout_holds AS h JOIN orders AS c ON c.id = h.order_id "
    "WHERE h.lapsed = 0 AND {these} AND ((c.email_key = :email AND c.email_key <> '') "
    "OR (c.phone_key = :phone AND c.phone_key <> ''))) "
    "AND o.id <> :order_id AND (o.placed_at IS NULL OR o.placed_at >= :since) "
    "AND l.held + l.gone - l.written_off > 0 AND {these} "
    # what a checkout no longer holds for its buyer is not bought
    "AND (o.placed_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM stock_checkout_holds AS h WHERE h.order_id = o.id "
    "AND h.sku = l.sku AND (h.lapsed = 1 OR h.expires_at <= :now))) "
    "GROUP BY l.sku, o.id, o.reference, o.placed_at ORDER BY o.id"
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What all rules say together; no refusals and not `allowed` is no opinion, and the policy decides."""

    refusals: tuple[Problem, ...] = ()
    allowed: bool = False


NO_OPINION = Answer()


@dataclass(frozen=True, slots=True)
class Rules:
    """The custom stock rules of a shop, ready to be asked about one order."""

    plugins: Plugins
    settings: StockSettings
    windows: Mapping[str, timedelta] = field(default_factory=dict)

    @classmethod
    def of(cls, plugins: Plugins, settings: StockSettings) -> Rules | None:
        """Return the shop's custom rules; None where no plugin has one, and asking costs nothing."""
        if not plugins.implementations(CHECK_HOOK):
            return None
        windows = dict(plugins.collect(WINDOW_HOOK, timedelta, settings=plugins.settings))
        for plugin, window in windows.items():
            if window <= timedelta():
                raise _no_window(plugin, window)
        return cls(plugins, settings, windows)

    def answers(
        self, reader: ReadHandle, order: Order, items: Mapping[str, StockItem], wanted: Mapping[str, int], *,
        actor: str, now: datetime,
    ) -> dict[str, Answer]:  # fmt: skip
        """Return what the rules say of so many pieces of each item; not asked about what cannot be bought.

        Raises PluginError for a rule that fails.
        """
        asked = {sku: item for sku, item in items.items() if item.status in self.settings.purchasable}
        if not asked:
            return {}
        return self.judged(self.bought(reader, order, asked, now), order, asked, wanted, actor=actor, now=now)

    def judged(
        self, bought: Mapping[str, tuple[Bought, ...]], order: Order, asked: Mapping[str, StockItem],
        wanted: Mapping[str, int], *, actor: str, now: datetime,
    ) -> dict[str, Answer]:  # fmt: skip
        """Return what the rules say of each item that they are asked about, given what was bought before."""
        frozen = order
        if not isinstance(order.fields, MappingProxyType):
            frozen = replace(order, fields=MappingProxyType(dict(order.fields)))
        return {
            sku: self.ask(
                StockQuestion(
                    item=item, terms=self.settings.terms(item), demand=wanted[sku], order=frozen, actor=actor,
                    now=now, bought=bought.get(sku, ()),
                )
            )
            for sku, item in sorted(asked.items())
        }  # fmt: skip

    def bought(
        self, reader: ReadHandle, order: Order, skus: Iterable[str], now: datetime
    ) -> dict[str, tuple[Bought, ...]]:
        """Return what the order's customer bought of each SKU in the widest window of any rule, oldest order first."""
        keys = {"email": email_key(order.customer.email), "phone": phone_key(order.customer.phone)}
        if not self.windows or not any(keys.values()):
            return {}
        since = moment_before(now, max(self.windows.values()))
        params = {**keys, "order_id": order.id, "now": to_iso(now), "since": to_iso(since)}
        found: dict[str, list[Bought]] = {}
        for row in select_by_sku(reader, _BOUGHT, skus, params=params):
            at = now if row["placed_at"] is None else from_iso(row["placed_at"])
            one = Bought(order=row["reference"], quantity=row["quantity"], at=at)
            found.setdefault(row["sku"], []).append(one)
        return {sku: tuple(these) for sku, these in found.items()}

    def ask(self, question: StockQuestion) -> Answer:
        """Return what the rules say together: refuse beats allow, and all refusals are told.

        Raises PluginError for a rule that fails, or that takes longer than all others can wait.
        """
        refusals, allowed = [], False
        for implementation in self.plugins.implementations(CHECK_HOOK):
            plugin = implementation.plugin
            bought = self._within(plugin, question)
            verdict = ask_quickly(
                self.plugins, implementation, CHECK_HOOK, Verdict, question.item.sku,
                question=question if len(bought) == len(question.bought) else replace(question, bought=bought),
            )  # fmt: skip
            if verdict is None:
                continue
            if verdict.allowed:
                allowed = True
            elif verdict.words is not None:
                refusals.append(Problem(verdict.code, verdict.words, plugin, verdict.for_staff))
        return Answer(tuple(refusals), allowed and not refusals)

    def _within(self, plugin: str, question: StockQuestion) -> tuple[Bought, ...]:
        """Return the earlier purchases within the window that this one rule asked for."""
        window = self.windows.get(plugin) if question.bought else None
        if window is None:
            return ()
        since = moment_before(question.now, window)
        return tuple(bought for bought in question.bought if bought.at >= since)


def ask_quickly(
    plugins: Plugins, implementation: Implementation, hook: str, kind: type[T], sku: str, **arguments: Any
) -> T | None:
    """Ask one plugin's rule about an item; a fault, or one that keeps all others waiting, becomes a PluginError."""
    began = time.perf_counter()
    answer = plugins.call(implementation, hook, kind, settings=plugins.settings, **arguments)
    if time.perf_counter() - began > BUDGET:
        raise PluginError(
            implementation.plugin,
            Text(
                "lagerregeln i {plugin} tog över {s} s för {sku}, och alla andra väntar under tiden: gör den snabbare",
                "the stock rule of {plugin} took over {s} s for {sku}, and everybody else waits meanwhile: "
                "make it quicker",
            ).fill(plugin=implementation.plugin, s=f"{BUDGET:g}", sku=sku),
            hook=hook,
        )
    return answer


def _no_window(plugin: str, window: timedelta) -> PluginError:
    return PluginError(
        plugin,
        Text(
            "lagerregeln i {plugin} vill se {window} bakåt: ange en tid längre än noll",
            "the stock rule of {plugin} wants to look back {window}: give a time longer than none",
        ).fill(plugin=plugin, window=window),
        hook=WINDOW_HOOK,
    )
