"""Who carries a parcel: known, or guessed from its number; check digits looked at, tracking links made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ashop_carriers.settings import CarriersSettings as Settings
from ashop_core import hookimpl

if TYPE_CHECKING:
    from ashop_core.models import Change, Effect, Order, Parcel, ParcelInfo
    from ashop_core.shop import Shop
    from ashop_core.transaction import ChangeTransaction

__all__ = ["Settings"]


@hookimpl
def ashop_register_commands(cli: Any) -> None:
    """Add `ashop parcel check`."""
    from ashop_core.texts import Text

    cli.add_lazy("parcel", None, help=Text("Kollin och transportörer.", "Parcels and carriers."))
    cli.add_lazy(
        "parcel check",
        "ashop_carriers.commands:check",
        help=Text("Vems är ett kollinummer, och stämmer det?", "Whose is a parcel number, and is it right?"),
    )


@hookimpl
def ashop_on_change(tx: ChangeTransaction, order: Order, change: Change) -> list[Effect]:
    """Tell what a reported parcel number looks like, for the preview and the history."""
    from ashop_carriers.telling import effects

    return effects(tx.settings.for_plugin(Settings), change)


@hookimpl
def ashop_describe_parcel(shop: Shop, parcel: Parcel) -> ParcelInfo:
    """Give a parcel's carrier, tracking link and hints."""
    from ashop_carriers.telling import info

    return info(shop.settings.for_plugin(Settings), parcel)
