"""The carriers that ship: names, and the pages where the public follows a parcel. Data only.

A page is given only where its address is known to take the number; the others tell the customer themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ashop_core.texts import Text, same

NUMBER = "{number}"


@dataclass(frozen=True, kw_only=True, slots=True)
class Carrier:
    """A carrier: its name for people, other names that staff write, and its tracking page with ``{number}``."""

    label: Text
    url: str = ""
    also: tuple[str, ...] = ()


CARRIERS: Mapping[str, Carrier] = {
    "postnord": Carrier(
        label=same("PostNord"),
        url="https://portal.postnord.com/tracking/details/{number}",
        also=("Posten", "Postnord Sverige", "PostNord Danmark", "MyPack"),
    ),
    "bring": Carrier(
        label=same("Bring"),
        url="https://tracking.bring.se/tracking/{number}",
        also=("Posten Norge", "Posten Bring", "Bring Parcels"),
    ),
    "dhl": Carrier(
        label=same("DHL"),
        url="https://www.dhl.com/se-sv/home/tracking.html?submit=1&tracking-id={number}",
        also=("DHL Express", "DHL Freight", "DHL Service Point", "DHL Paket", "DHL Parcel", "DHL eCommerce"),
    ),
    "schenker": Carrier(
        label=same("DB Schenker"),
        url="https://www.dbschenker.com/app/tracking-public/?refNumber={number}",
        also=("Schenker Privpak", "DB Schenker Privpak"),
    ),
    "ups": Carrier(label=same("UPS"), url="https://www.ups.com/track?tracknum={number}"),
    "fedex": Carrier(
        label=same("FedEx"),
        url="https://www.fedex.com/fedextrack/?trknbr={number}",
        also=("FedEx Express",),
    ),
    "gls": Carrier(label=same("GLS"), url="https://gls-group.com/track/{number}"),
    "posti": Carrier(
        label=same("Posti"), url="https://www.posti.fi/fi/seuranta#/lahetys/{number}", also=("Itella",)
    ),
    "dpd": Carrier(label=same("DPD")),
    "dsv": Carrier(label=same("DSV")),
    "budbee": Carrier(label=same("Budbee")),
    "instabox": Carrier(label=same("Instabox"), also=("Instabee",)),
    "airmee": Carrier(label=same("Airmee")),
    "aland_post": Carrier(label=Text("Åland Post", "Åland Post"), also=("Posten Åland",)),
    "posturinn": Carrier(label=same("Pósturinn"), also=("Íslandspóstur", "Iceland Post")),
    "posta": Carrier(label=same("Posta Faroe Islands"), also=("Posta",)),
    "tusass": Carrier(label=same("Tusass"), also=("Tele-Post",)),
}
