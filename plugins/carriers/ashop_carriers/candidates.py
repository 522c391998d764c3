"""Whose a parcel number may be: every reading of it, with how sure it is, surest first. Never an exception."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ashop_carriers.check_digits import gs1_fits, s10_fits
from ashop_carriers.formats import FORMATS
from ashop_carriers.issuers import country_name, gs1_country, post_of
from ashop_core.texts import Text, same

_S10 = re.compile(r"([A-Z]{2})([0-9]{9})([A-Z]{2})")
_SSCC = re.compile(r"(?:00)?([0-9])([0-9]{17})")
_DHL_PAKET = re.compile(r"34043[3-5][0-9]{12}")

# A wrong check digit in a form that nobody else has is a slip of the pen; elsewhere, more likely another form.
_SLIP, _OTHER = 0.5, 0.1


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One reading of a number. `carrier` is a code, None where only `name` is known.

    `check` is None where the form has no check digit that is published. `distinctive`: nobody else's numbers
    look like this. `confidence` is from 0 to 1.
    """

    carrier: str | None
    form: Text
    confidence: float
    check: bool | None = None
    distinctive: bool = False
    name: Text | None = None


def compact(number: str) -> str:
    """Return a number without what it is grouped by: ``(00) 3 7350…`` is ``0037350…``."""
    return re.sub(r"[\s().-]", "", number).upper() if number.isascii() else number.strip()


def candidates(number: str) -> list[Candidate]:
    """Return every reading of a parcel number, the surest first; an unknown form has none."""
    plain = compact(number)
    if not plain.isascii():
        return []
    found = [*_s10(plain), *_sscc(plain), *_others(plain)]
    return sorted(found, key=lambda c: -c.confidence)


def _s10(plain: str) -> list[Candidate]:
    """Read a number of the UPU's standard S10: two letters, eight digits, a check digit, a country.

    In each country one designated operator answers for all of them, so that the country tells whose it is.
    """
    match = _S10.fullmatch(plain)
    name = country_name(match[3]) if match else None
    if match is None or name is None:
        return []
    fits = s10_fits(match[2])
    code = post_of(match[3])
    return [
        Candidate(
            carrier=code,
            name=None if code else Text("posten, {c}", "national post, {c}").fill(c=name),
            form=Text(f"S10, {name.sv}", f"S10, {name.en}") if code else same("S10"),
            confidence=_trust(0.95 if code else 0.9, fits, distinctive=True),
            check=fits,
            distinctive=True,
        )
    ]


def _sscc(plain: str) -> list[Candidate]:
    """Read GS1's number of a logistic unit, the SSCC: 18 digits, often after the mark ``00``.

    Its prefix says in which country the issuer is registered, and no more: Swedish prefixes stand on parcels
    of PostNord, Bring, DHL Freight and DB Schenker alike. Only DHL Paket's own series says whose it is.
    """
    match = _SSCC.fullmatch(plain)
    if match is None:
        return []
    unit = match[1] + match[2]
    fits = gs1_fits(unit)
    country, guesses = gs1_country(match[2][:3])
    if _DHL_PAKET.fullmatch(unit):
        guesses = (("dhl", 0.85),)
    # After the mark nothing else has this length; 18 bare digits with a prefix from far away may be anything.
    certain = len(plain) > len(unit) or any(code for code, _ in guesses)
    form = Text("SSCC, prefix {p} {c}", "SSCC, prefix {p} {c}").fill(p=match[2][:3], c=country or same("–"))
    return [
        Candidate(
            carrier=code,
            form=form,
            confidence=_trust(confidence, fits, distinctive=certain),
            check=fits,
            distinctive=certain,
            name=None if code else Text("okänd transportör", "unknown carrier"),
        )
        for code, confidence in guesses
    ]


def _others(plain: str) -> list[Candidate]:
    found = []
    for one in FORMATS:
        if one.pattern.fullmatch(plain):
            fits = one.check(plain) if one.check else None
            found.append(
                Candidate(
                    carrier=one.carrier,
                    form=one.label,
                    confidence=_trust(one.confidence, fits, distinctive=one.distinctive),
                    check=fits,
                    distinctive=one.distinctive,
                )
            )
    return found


def _trust(confidence: float, fits: bool | None, *, distinctive: bool) -> float:
    if fits is False:
        confidence *= _SLIP if distinctive else _OTHER
    return round(confidence, 2)
