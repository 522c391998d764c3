"""Who issues numbers where: the designated post of a country (S10), and the country of a GS1 prefix (SSCC)."""

from __future__ import annotations

from functools import cache

from ashop_core.texts import Text

# The designated operators of the Nordic countries, as the UPU lists them.
_POSTS = {
    "SE": "postnord",
    "DK": "postnord",
    "NO": "bring",
    "FI": "posti",
    "AX": "aland_post",
    "IS": "posturinn",
    "FO": "posta",
    "GL": "tusass",
}

# GS1's list of prefixes: first and last, country, and which carriers' parcels are commonly seen with it.
# The prefix is where the issuer is a member; the issuer may be the sender. So no guess here is a sure one.
_NOBODY: tuple[tuple[str | None, float], ...] = ((None, 0.1),)
_PREFIXES: tuple[tuple[int, int, str, tuple[tuple[str | None, float], ...]], ...] = (
    (300, 379, "FR", _NOBODY),
    (400, 440, "DE", (("dhl", 0.3),)),
    (500, 509, "GB", _NOBODY),
    (540, 549, "BE", _NOBODY),
    (569, 569, "IS", (("posturinn", 0.4),)),
    (570, 579, "DK", (("postnord", 0.5),)),
    (590, 590, "PL", _NOBODY),
    (640, 649, "FI", (("posti", 0.5),)),
    (700, 709, "NO", (("bring", 0.55), ("postnord", 0.3))),
    (730, 739, "SE", (("postnord", 0.5), ("bring", 0.2), ("dhl", 0.15), ("schenker", 0.15))),
    (760, 769, "CH", _NOBODY),
    (800, 839, "IT", _NOBODY),
    (840, 849, "ES", _NOBODY),
    (870, 879, "NL", _NOBODY),
    (900, 919, "AT", _NOBODY),
)

# What CLDR lists beside countries: the EU, the euro zone, the UN, the far islands, pseudo-languages, unknown.
_NO_COUNTRIES = frozenset({"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"})


def post_of(country: str) -> str | None:
    """Return the carrier's code of a country's post, None outside the Nordic countries."""
    return _POSTS.get(country)


def gs1_country(prefix: str) -> tuple[Text | None, tuple[tuple[str | None, float], ...]]:
    """Return the country of a GS1 prefix of three digits, if known, and whose parcels it may be on."""
    number = int(prefix)
    for first, last, country, guesses in _PREFIXES:
        if first <= number <= last:
            return country_name(country), guesses
    return None, _NOBODY


@cache
def country_name(code: str) -> Text | None:
    """Return a country's name by its two letters, None where there is no such country."""
    from babel import Locale

    if code in _NO_COUNTRIES:
        return None
    swedish, english = (Locale(language).territories.get(code) for language in ("sv", "en"))
    return Text(swedish, english) if swedish and english else None
