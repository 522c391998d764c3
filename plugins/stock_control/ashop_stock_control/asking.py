"""Custom stock rules asked: what the plugins' `ashop_stock_check` says of the items that a change takes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from ashop_core.clock import from_iso, to_iso
from ashop_core.errors import PluginError, Problem
from ashop_core.texts import Text
from ashop_core.words import email_key, phone_key
from ashop_stock_control.items import select_by_sku
from ashop_stock_control.verdicts import Bought, StockQuestion, Verdict

if TYPE_CHECKING:
    from ashop_core.models import Order
    from ashop_core.plugins import Implementation, Plugins
    from ashop_stock_control.items import ReadHandle
    from ashop_stock_control.settings import StockSettings

CHECK_HOOK = "ashop_stock_check"
WINDOW_HOOK = "ashop_register_stock_window"
BUDGET = 1.0
"""Seconds that the rules may take for one question: they are asked under the lock, and everybody else waits."""

_BOUGHT = (
    "SELECT l.sku, o.reference, CAST(SUM(l.held + l.gone - l.written_off) AS BIGINT) AS quantity, "
    "COALESCE(o.placed_at, o.changed_at) AS at FROM orders AS o JOIN order_lines AS l ON l.order_id = o.id "
    "WHERE o.id IN (SELECT id FROM orders WHERE email_key = :email AND email_key <> '' "
    "UNION SELECT id FROM orders WHERE phone_key = :phone AND phone_key <> '') AND o.id <> :order_id "
    "AND (o.placed_at IS NULL OR o.placed_at >= :since) AND l.held + l.gone - l.written_off > 0 AND {these} "
    # what a checkout no longer holds for its buyer is not bought
    "AND (o.placed_at IS NOT NULL OR NOT EXISTS (SELECT 1 FROM stock_checkout_holds AS h WHERE h.order_id = o.id "
    "AND h.sku = l.sku AND (h.lapsed = 1 OR h.expires_at <= :now))) "
    "GROUP BY l.sku, o.id, o.reference, o.placed_at, o.changed_at ORDER BY o.id"
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
        windows = plugins.collect(WINDOW_HOOK, timedelta, settings=plugins.settings)
        return cls(plugins, settings, dict(windows))

    def bought(
        self, reader: ReadHandle, order: Order, skus: Iterable[str], now: datetime
    ) -> dict[str, tuple[Bought, ...]]:
        """Return what the order's customer bought of each SKU in the widest window of any rule, oldest order first."""
        keys = {"email": email_key(order.customer.email), "phone": phone_key(order.customer.phone)}
        if not self.windows or not any(keys.values()):
            return {}
        params = {
            **keys, "order_id": order.id, "now": to_iso(now), "since": to_iso(now - max(self.windows.values())),
        }  # fmt: skip
        found: dict[str, list[Bought]] = {}
        for row in select_by_sku(reader, _BOUGHT, skus, column="l.sku", params=params):
            one = Bought(order=row["reference"], quantity=row["quantity"], at=from_iso(row["at"]))
            found.setdefault(row["sku"], []).append(one)
        return {sku: tuple(these) for sku, these in found.items()}

    def ask(self, question: StockQuestion) -> Answer:
        """Return what the rules say together: refuse beats allow, and all refusals are told.

        Raises PluginError for a rule that fails, or that takes longer than all others can wait.
        """
        refusals, allowed = [], False
        for implementation in self.plugins.implementations(CHECK_HOOK):
            verdict = self._ask_one(implementation, question)
            if verdict is not None and verdict.words is not None and not verdict.allowed:
                refusals.append(
                    Problem(verdict.code, verdict.words, implementation.plugin, verdict.for_staff)
                )
            allowed = allowed or (verdict is not None and verdict.allowed)
        return Answer(tuple(refusals), allowed and not refusals)

    def _ask_one(self, implementation: Implementation, question: StockQuestion) -> Verdict | None:
        mine = question
        if question.bought:
            mine = replace(question, bought=self._within(implementation.plugin, question))
        began = time.perf_counter()
        verdict = self.plugins.call(
            implementation, CHECK_HOOK, Verdict, question=mine, settings=self.plugins.settings
        )
        if time.perf_counter() - began > BUDGET:
            raise _too_slow(implementation.plugin, question)
        return verdict

    def _within(self, plugin: str, question: StockQuestion) -> tuple[Bought, ...]:
        """Return the earlier purchases within the window that this one rule asked for."""
        window = self.windows.get(plugin)
        if window is None:
            return ()
        since = question.now - window
        return tuple(bought for bought in question.bought if bought.at >= since)


def _too_slow(plugin: str, question: StockQuestion) -> PluginError:
    return PluginError(
        plugin,
        Text(
            "lagerregeln i {plugin} tog över {s} s för {sku}, och alla andra väntar under tiden: gör den snabbare",
            "the stock rule of {plugin} took over {s} s for {sku}, and everybody else waits meanwhile: make it quicker",
        ).fill(plugin=plugin, s=BUDGET, sku=question.item.sku),
        hook=CHECK_HOOK,
    )
