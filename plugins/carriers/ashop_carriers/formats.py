"""The carriers' own forms of parcel numbers, as far as they are published. Data only.

The confidence is how sure the form alone makes it: ten digits are anybody's, ``1Z`` and sixteen characters are
UPS. A carrier that is not here (DSV, Budbee, Airmee) has published no form and is known by name only.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ashop_carriers.check_digits import fedex_fits, gs1_fits, luhn_fits, seven_fits, ups_fits
from ashop_core.texts import Text


@dataclass(frozen=True, kw_only=True, slots=True)
class Format:
    """A form that a carrier's numbers have. `distinctive`: nobody else's look like it."""

    carrier: str
    label: Text
    pattern: re.Pattern[str]
    confidence: float
    check: Callable[[str], bool] | None = None
    distinctive: bool = False


def _form(
    carrier: str,
    pattern: str,
    confidence: float,
    sv: str,
    en: str,
    check: Callable[[str], bool] | None = None,
    *,
    distinctive: bool = False,
) -> Format:
    return Format(
        carrier=carrier,
        label=Text(sv, en),
        pattern=re.compile(pattern),
        confidence=confidence,
        check=check,
        distinctive=distinctive,
    )


FORMATS: tuple[Format, ...] = (
    # PostNord's developer documentation (84971563697SE); how its last digit is made is not published.
    _form("postnord", r"[0-9]{11}SE", 0.9, "11 siffror och SE", "11 digits and SE", distinctive=True),
    # Bring: the shipment number is GS1's GSIN, here with a Norwegian prefix; the parcel number is an SSCC.
    _form("bring", r"70[0-9]{15}", 0.7, "sändningsnummer, 17 siffror", "shipment number, 17 digits", gs1_fits),
    # Posti's own label code.
    _form("posti", r"JJFI[0-9]{6,17}", 0.9, "JJFI och siffror", "JJFI and digits", distinctive=True),
    # DHL's page on tracking labels: Express ten digits or JJD…, Parcel JJD…, JVGL… or 3S…, eCommerce GM…, LX… or RX…,
    # Freight in Sweden ten digits. The waybill's check digit is the remainder by 7.
    _form("dhl", r"[0-9]{10}", 0.4, "Express, 10 siffror", "Express, 10 digits", seven_fits),
    _form("dhl", r"[0-9]{10}", 0.2, "Freight, 10 siffror", "Freight, 10 digits"),
    _form("dhl", r"JJD[0-9]{10,24}", 0.8, "JJD och siffror", "JJD and digits"),
    _form("dhl", r"JVGL[0-9A-Z]{8,26}", 0.8, "JVGL och siffror", "JVGL and digits"),
    _form("dhl", r"3S[A-Z]{2,5}[0-9]{6,11}", 0.4, "Parcel, 3S", "Parcel, 3S"),
    _form("dhl", r"(?:GM|LX|RX)[0-9]{10,37}", 0.6, "eCommerce", "eCommerce"),
    # DB Schenker in Sweden: nine digits and a check digit by modulus 10:2.
    _form("schenker", r"[0-9]{10}", 0.4, "sändnings-id, 10 siffror", "shipment id, 10 digits", luhn_fits),
    # UPS: six characters of the sender's, two of the service, seven of the parcel and a check digit.
    _form("ups", r"1Z[0-9A-Z]{15}[0-9]", 0.97, "1Z och 16 tecken", "1Z and 16 characters", ups_fits, distinctive=True),
    # FedEx Express.
    _form("fedex", r"[0-9]{12}", 0.6, "Express, 12 siffror", "Express, 12 digits", fedex_fits),
    # GLS: parcel number of eleven or twelve digits, or a Track-ID of eight characters (XHAX4HDA).
    _form("gls", r"[0-9]{11,12}", 0.25, "11 eller 12 siffror", "11 or 12 digits"),
    _form("gls", r"(?=.*[0-9])(?=.*[A-Z])[0-9A-Z]{8}", 0.2, "Track-ID, 8 tecken", "Track-ID, 8 characters"),
    # DPD: fourteen digits.
    _form("dpd", r"[0-9]{14}", 0.3, "14 siffror", "14 digits"),
    # Instabee's documentation: the sender's prefix and ten digits (Instabox and Budbee lockers).
    _form("instabox", r"[A-Z]{2,6}[0-9]{10}", 0.3, "bokstäver och 10 siffror", "letters and 10 digits"),
)  # fmt: skip
