"""The options that say which items are meant, shared by the commands that list or export them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from ashop_core.cli.app import option
from ashop_core.texts import Text
from ashop_core.where import filter_of
from ashop_stock_control import stock
from ashop_stock_control.checks import NO_GROUP
from ashop_stock_control.cli.one_item import GROUP, POLICY, STATUS, N
from ashop_stock_control.cli.telling import settings_of
from ashop_stock_control.policies import Policy

if TYPE_CHECKING:
    from ashop_core.shop import Shop

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    option(
        "--status",
        metavar=STATUS,
        help=Text("Lagerstatus, som kod eller text.", "Stock status, as code or label."),
    ),
    option("--text", default="", help=Text("Sök i artikelnummer och namn.", "Search SKU and name.")),
    option(
        "--group",
        metavar=GROUP,
        help=Text("Bara en grupp; ”none”: bara de utan.", "Only one group; “none”: only those without."),
    ),
    option(
        "--at-most", type=int, metavar=N, help=Text("Bara saldo till och med N.", "Only balances up to N.")
    ),
    option(
        "--low",
        is_flag=True,
        help=Text(
            "Bara de som är nere på sitt varningssaldo.", "Only those down at their warning's balance."
        ),
    ),
    option(
        "--oversold",
        is_flag=True,
        help=Text("Bara de med saldo under 0.", "Only those with a balance below 0."),
    ),
    option(
        "--pinned",
        is_flag=True,
        help=Text("Bara de med låst lagerstatus.", "Only those whose stock status is pinned."),
    ),
    option(
        "--policy",
        metavar=POLICY,
        help=Text(
            "Bara de som policyn gäller för, var den än är satt.",
            "Only those under that policy, wherever it is set.",
        ),
    ),
    option(
        "--not-counted-since",
        "since",
        metavar=Text("TID", "TIME"),
        help=Text(
            "Bara de som ingen räknat sedan dess: 2026-11-01 eller 90d.",
            "Only those that nobody has counted since: 2026-11-01 or 90d.",
        ),
    ),
)


def item_options(function: F) -> F:
    """Give a command the options of a filter; `items_wanted` makes one of what comes as ``**wanted``."""
    for give in reversed(_OPTIONS):
        function = give(function)
    return function


def items_wanted(
    shop: Shop, *, status: str | None, group: str | None, policy: str | None, since: str | None, **given: Any
) -> stock.ItemFilter:
    """Return the filter in the shop's own terms. Raises AshopError for what it does not know."""
    return stock.ItemFilter(
        status=settings_of(shop).meant(status).code if status else None,
        group="" if group == NO_GROUP else group,
        policy=None if policy is None else Policy.parse(policy),
        uncounted_since=None if since is None else filter_of([("since", since)], shop.desk()).since,
        **given,
    )
