"""Ashop: the order desk of a web shop, extended by plugins. This is the public face of its core.

Names are imported when they are first used, so that ``from ashop_core import hookimpl`` in a plugin
costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ashop_core.changes import StatusRequest as StatusRequest
    from ashop_core.errors import AshopError as AshopError
    from ashop_core.errors import Conflict as Conflict
    from ashop_core.errors import InvalidInput as InvalidInput
    from ashop_core.errors import NotFound as NotFound
    from ashop_core.errors import PluginError as PluginError
    from ashop_core.errors import Problem as Problem
    from ashop_core.errors import Refused as Refused
    from ashop_core.errors import SettingsError as SettingsError
    from ashop_core.hookspecs import hookimpl as hookimpl
    from ashop_core.hookspecs import hookspec as hookspec
    from ashop_core.models import Change as Change
    from ashop_core.models import Customer as Customer
    from ashop_core.models import Effect as Effect
    from ashop_core.models import NewLine as NewLine
    from ashop_core.models import NewParcel as NewParcel
    from ashop_core.models import NewPayment as NewPayment
    from ashop_core.models import Order as Order
    from ashop_core.order_filter import OrderFilter as OrderFilter
    from ashop_core.outcomes import Outcome as Outcome
    from ashop_core.shop import Shop as Shop
    from ashop_core.texts import Text as Text
    from ashop_core.transaction import ChangeTransaction as ChangeTransaction

__version__ = "0.1.0"

_HOMES = {
    "changes": ("StatusRequest",),
    "errors": (
        "AshopError",
        "Conflict",
        "InvalidInput",
        "NotFound",
        "PluginError",
        "Problem",
        "Refused",
        "SettingsError",
    ),
    "hookspecs": ("hookimpl", "hookspec"),
    "lifecycle": ("Outcome",),
    "models": ("Change", "Customer", "Effect", "NewLine", "NewParcel", "NewPayment", "Order"),
    "order_filter": ("OrderFilter",),
    "shop": ("Shop",),
    "texts": ("Text",),
    "transaction": ("ChangeTransaction",),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    home = _HOME_OF.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{home}"), name)
