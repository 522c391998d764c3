"""What is known of a parcel number: its carrier if sure, what speaks for whom, whether the check digit is right."""

from __future__ import annotations

from dataclasses import dataclass

from ashop_carriers.candidates import Candidate, candidates, compact
from ashop_carriers.settings import CarriersSettings
from ashop_core.texts import Text, joined

SURE = 0.9
_LIKELY = 0.6
_POSSIBLE = 0.15


@dataclass(frozen=True, kw_only=True, slots=True)
class Verdict:
    """What is known of one number. `carrier` is None unless it is sure; `check` None where nothing can be said."""

    number: str
    carrier: str | None
    candidates: tuple[Candidate, ...]
    check: bool | None
    url: str | None
    hints: tuple[Text, ...]


def judge(settings: CarriersSettings, number: str | None, given: str | None = None) -> Verdict:
    """Return what is known of a parcel, by its number and by the carrier that staff gave, either of which may lack."""
    plain = compact(number or "")
    found = tuple(candidates(plain))
    known = settings.find(given) if given else _sure(settings, found)
    check = _check(found, known)
    hints = [
        *_unknown_name(given, known),
        *_likely(settings, found, known),
        *([_WRONG] if check is False else []),
    ]
    # A number of unknown form goes to the carrier as staff wrote it.
    url = settings.link(known, plain if found else (number or "").strip()) if known else None
    return Verdict(number=plain, carrier=known, candidates=found, check=check, url=url, hints=tuple(hints))


def name_of(settings: CarriersSettings, candidate: Candidate) -> Text:
    """Return the name of a candidate's carrier for people."""
    if candidate.carrier is not None:
        return settings.known[candidate.carrier].label
    assert candidate.name is not None
    return candidate.name


_WRONG = Text(
    "kontrollsiffran stämmer inte: läs numret en gång till",
    "the check digit is wrong: read the number once more",
)


def _sure(settings: CarriersSettings, found: tuple[Candidate, ...]) -> str | None:
    """Return the carrier that a number alone makes sure, otherwise the shop's own unless it is only others'."""
    if found and found[0].confidence >= SURE:
        return found[0].carrier
    if settings.default and (not found or settings.default in {c.carrier for c in found}):
        return settings.default
    return None


def _check(found: tuple[Candidate, ...], known: str | None) -> bool | None:
    """Tell whether the check digit is right, as far as the form is certain or the carrier known."""
    readings = [c for c in found if c.carrier == known] if known else []
    readings = readings or [c for c in found if c.distinctive] or list(found[:1])
    verdicts = {c.check for c in readings}
    if True in verdicts:
        return True
    certain = known is not None or any(c.distinctive for c in readings)
    return False if verdicts == {False} and certain else None


def _unknown_name(given: str | None, known: str | None) -> list[Text]:
    if not given or known is not None:
        return []
    words = Text(
        "transportören ”{name}” finns inte i [plugins.carriers], så kunden får ingen spårningslänk",
        "the carrier “{name}” is not in [plugins.carriers], so the customer gets no tracking link",
    )
    return [words.fill(name=given)]


def _likely(settings: CarriersSettings, found: tuple[Candidate, ...], known: str | None) -> list[Text]:
    """Return a guess where the carrier is not known, or a doubt where the number is plainly another's."""
    if not found or found[0].confidence < _POSSIBLE:
        return []
    if known is not None:
        if found[0].confidence < SURE or known in {c.carrier for c in found}:
            return []
        words = Text(
            "numret ser ut att vara från {name} ({form})", "the number looks like one of {name} ({form})"
        )
        return [words.fill(name=name_of(settings, found[0]), form=found[0].form)]
    likely = found[0].confidence >= _LIKELY
    best = found[:1] if likely else [c for c in found if c.confidence >= found[0].confidence / 4]
    names = list(dict.fromkeys(name_of(settings, c) for c in best))
    words = _PROBABLY if likely else _PERHAPS
    return [words.fill(names=joined(names), form=found[0].form)]


_PROBABLY = Text("troligen {names} ({form})", "probably {names} ({form})")
_PERHAPS = Text("kanske {names} ({form})", "perhaps {names} ({form})")
