"""What the plugin tells of a parcel: on the order page, to the customer, and in the history of the change."""

from __future__ import annotations

from ashop_carriers.knowing import judge
from ashop_carriers.settings import CarriersSettings
from ashop_core.models import Change, Effect, Kind, Parcel, ParcelInfo
from ashop_core.texts import Text, joined


def info(settings: CarriersSettings, parcel: Parcel) -> ParcelInfo:
    """Return a parcel's carrier and link where they are sure, and hints for staff."""
    verdict = judge(settings, parcel.number, parcel.carrier)
    label = settings.known[verdict.carrier].label if verdict.carrier else None
    return ParcelInfo(carrier=label, url=verdict.url, hints=verdict.hints)


def effects(settings: CarriersSettings, change: Change) -> list[Effect]:
    """Return what a parcel that is reported with a number looks like, if anything can be said of it.

    Numbers of orders that are taken over from elsewhere were judged there.
    """
    parcel = change.parcel
    if parcel is None or not parcel.number or change.kind is Kind.IMPORTED:
        return []
    verdict = judge(settings, parcel.number, parcel.carrier)
    said = list(verdict.hints)
    if verdict.carrier is not None:
        said.insert(0, settings.known[verdict.carrier].label)
    if not said:
        return []
    text = Text("kolli {number}: {said}", "parcel {number}: {said}").fill(
        number=parcel.number, said=joined(said, "; ")
    )
    return [Effect(subject=f"parcel:{parcel.number}", before="", after=verdict.carrier or "", text=text)]
