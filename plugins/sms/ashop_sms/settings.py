"""`[plugins.sms]`: who the SMS is from, who may get one, and the provider that sends it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from urllib.parse import urlsplit

from ashop_core.errors import InvalidInput
from ashop_core.texts import Text, joined
from ashop_core.validation import Secret

ELKS_URL = "https://api.46elks.com/a1/sms"
LONGEST_SENDER = 11
DEFAULT_COUNTRIES = ("SE",)
_SENDER = re.compile(r"[A-Za-z][A-Za-z0-9]{0,10}|\+[1-9][0-9]{6,14}")
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


@dataclass(frozen=True, kw_only=True)
class ElksSettings:
    """`elks`: the account at 46elks. `timeout` is seconds."""

    user: str
    password: Secret
    url: str = ELKS_URL
    timeout: int = 20

    def __post_init__(self) -> None:
        _refuse(
            user=_user_fault(self.user), url=_url_fault(self.url), timeout=_range_fault(self.timeout, 1, 120)
        )


@dataclass(frozen=True, kw_only=True)
class SmsSettings:
    """`[plugins.sms]`. Without a provider each message becomes a file in the folder `outbox`."""

    sender: str = ""
    outbox: str = "outbox"
    templates: str = "templates"
    countries: tuple[str, ...] = DEFAULT_COUNTRIES
    max_parts: int = 3
    elks: ElksSettings | None = None

    def __post_init__(self) -> None:
        _refuse(
            sender=_sender_fault(self.sender),
            outbox=_empty_fault(self.outbox),
            templates=_empty_fault(self.templates),
            countries=_countries_fault(self.countries),
            max_parts=_range_fault(self.max_parts, 1, 10),
        )


def sender_from(shop_name: str) -> str:
    """Return a shop's name as a sender: “Villa & Värme” is ``VillaVarme``."""
    plain = unicodedata.normalize("NFKD", shop_name)
    name = re.sub(r"[^A-Za-z0-9]", "", plain).lstrip("0123456789")
    return name[:LONGEST_SENDER] or "Ashop"


def _refuse(**faults: Text | None) -> None:
    """Raise InvalidInput that names each key with a fault, all at once."""
    found = [Text(f"{key}: {fault.sv}", f"{key}: {fault.en}") for key, fault in faults.items() if fault]
    if found:
        raise InvalidInput(joined(found, "; "))


def _sender_fault(sender: str) -> Text | None:
    if not sender or _SENDER.fullmatch(sender):
        return None
    return Text(
        "”{value}” går inte som avsändare: högst 11 bokstäver a–z och siffror, först en bokstav, eller ett nummer "
        "som +46701234567",
        "“{value}” cannot be a sender: at most 11 letters a–z and digits, a letter first, or a number "
        "such as +46701234567",
    ).fill(value=sender)


def _countries_fault(countries: tuple[str, ...]) -> Text | None:
    if countries == DEFAULT_COUNTRIES:
        return None  # known to be right: the import below would cost every command some time
    from phonenumbers import SUPPORTED_REGIONS

    unknown = [code for code in countries if code not in SUPPORTED_REGIONS]
    if countries and not unknown:
        return None
    words = Text(
        'skriv länder med två stora bokstäver, till exempel ["SE", "NO"]; okända: {unknown}',
        'write countries as two capital letters, such as ["SE", "NO"]; unknown: {unknown}',
    )
    return words.fill(unknown=", ".join(unknown) or "–")


def _user_fault(user: str) -> Text | None:
    # Basic authentication puts a colon between user and password.
    if user and user.isprintable() and ":" not in user:
        return None
    return Text("skriv kontots API-användarnamn", "write the account's API username")


def _url_fault(url: str) -> Text | None:
    try:
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
        usable = bool(parts.hostname) and parts.username is None and parts.port != 0 and not parts.fragment
    except ValueError:
        safe = usable = False
    if safe and usable and url.isascii() and url.isprintable() and " " not in url:
        return None
    return Text(
        "måste börja med https:// (http:// bara till den egna datorn)",
        "must begin with https:// (http:// only to this very computer)",
    )


def _range_fault(value: int, least: int, most: int) -> Text | None:
    if least <= value <= most:
        return None
    words = Text("måste vara mellan {least} och {most}", "must be between {least} and {most}")
    return words.fill(least=least, most=most)


def _empty_fault(value: str) -> Text | None:
    return None if value.strip() else Text("skriv namnet på en mapp", "write the name of a folder")
