"""Words as a search knows them: how texts are taken apart to be found, and what was asked for.

A word is a run of letters and digits in lower case; å, ä and ö are letters of their own. Numbers people
write in many ways, above all telephone numbers, are also kept in those of their forms that two ways share.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from unicodedata import normalize

from ashop_core.texts import fold

_WORD = re.compile(r"[^\W_]+")
_NUMBER = re.compile(r"[+(]*\d[\d()/.\-\u2010-\u2015]*")
# The codes of countries, as ITU-T E.164 gives them out: of two digits at most, or else of three.
_COUNTRY = re.compile(r"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|\d{3}")
LONGEST_PHONE = 15
SHORTEST_PHONE = 6
PHONE_DIGITS = 9
"""So many last digits of a phone number are the same whether it is written 070…, +46 70… or 0046 70…."""


def words_of(text: str) -> list[str]:
    """Return the words of a text, in order: what is neither letter nor digit parts them."""
    return _WORD.findall(fold(text))


def search_text(texts: Iterable[str], numbers: Iterable[str] = (), phones: Iterable[str] = ()) -> str:
    """Return all that a search shall find, each word once, with spaces between.

    What is written together with punctuation inside (an e-mail address, a SKU) is found in whole too.
    `numbers` are found however they are grouped, `phones` also with and without the country's code.
    """
    found: dict[str, None] = {}
    for text in texts:
        for chunk in text.split():
            words = words_of(chunk)
            found.update(dict.fromkeys(words))
            found["".join(words)] = None
    for number in numbers:
        found["".join(words_of(number))] = None
    for phone in phones:
        found.update(dict.fromkeys(_phone_words(phone)))
    found.pop("", None)
    return " ".join(found)


def email_key(email: str) -> str:
    """Return what two spellings of one e-mail address have in common: case, width and spaces tell none apart.

    Nor does it whether the domain ends with its dot, or is written as names of Unicode travel (``xn--…``).
    """
    local, at, domain = fold(normalize("NFKC", "".join(email.split()))).rpartition("@")
    domain = domain.rstrip(".")
    if "xn--" in domain:
        with suppress(UnicodeError):  # no such name: it stays as it is written
            domain = domain.encode("ascii").decode("idna")
    return f"{local}{at}{domain}"


def phone_key(phone: str) -> str:
    """Return what two spellings of one phone number have in common; nothing for what is too short to be one.

    Its last digits without the country's code and the zeros in front: 08-12 34 56 is +46 8 12 34 56.
    """
    digits = digits_of(phone)
    if len(digits) < SHORTEST_PHONE:
        return ""
    if phone.lstrip().startswith("+") or digits.startswith("00"):
        digits = _COUNTRY.sub("", digits.lstrip("0"), count=1)
    return digits.lstrip("0")[-PHONE_DIGITS:]


def digits_of(text: str) -> str:
    """Return the digits of a text, those that every keyboard has."""
    return "".join(c for c in text if c.isascii() and c.isdigit())


def _phone_words(phone: str) -> Iterator[str]:
    """Yield a number as it is written, without its zeros in front, and without its country's code."""
    digits = digits_of(phone)
    short = digits.lstrip("0")
    yield digits
    yield short
    if len(short) > PHONE_DIGITS:
        yield short[-PHONE_DIGITS:]
    if phone.lstrip().startswith("+") or digits.startswith("00"):
        # Nothing tells where the country's code ends: two or three digits, for numbers shorter than nine.
        yield from (rest for rest in (short[2:], short[3:]) if len(rest) in (7, 8))


def terms_of(query: str) -> tuple[tuple[str, ...], ...]:
    """Return what a search asks for: of each term one of its words. Nothing where the query has no word."""
    terms: list[tuple[str, ...]] = []
    groups: list[str] = []
    for chunk in [*query.split(), ""]:
        if _NUMBER.fullmatch(chunk):
            groups.append(chunk)
            continue
        terms += _number_terms(groups)
        groups = []
        local, at, domain = chunk.partition("@")
        whole = at and local and domain
        terms += [("".join(words_of(chunk)),)] if whole else [(word,) for word in words_of(chunk)]
    return tuple(dict.fromkeys(term for term in terms if all(term)))


def _number_terms(groups: list[str]) -> list[tuple[str, ...]]:
    """Return the terms of numbers that stand side by side: one number in groups, or several."""
    digits, plus = digits_of("".join(groups)), "+" if groups and groups[0].startswith("+") else ""
    in_groups = all(len(digits_of(group)) <= 4 for group in groups)
    is_phone = groups and groups[0][0] in "+(0" and len(digits) <= LONGEST_PHONE
    numbers = [plus + digits] if in_groups or is_phone else groups
    return [_number_forms(number) for number in numbers if digits_of(number)]


def _number_forms(number: str) -> tuple[str, ...]:
    digits = digits_of(number)
    if not SHORTEST_PHONE <= len(digits) <= LONGEST_PHONE:
        return (digits,)
    return tuple(dict.fromkeys(form for form in _phone_words(number) if form))
