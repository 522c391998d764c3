"""`[plugins.sms]`: who the SMS is from, who may get one, what it may cost, and the provider that sends it."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from ashop_core.setting_faults import folder_fault, range_fault, refuse_faults, url_fault
from ashop_core.texts import Text
from ashop_core.validation import Secret

ELKS_URL = "https://api.46elks.com/a1/sms"
TWILIO_URL = "https://api.twilio.com"
LONGEST_SENDER = 11
SHORTEST_LAST = 2
"""A word of no more letters only joins others."""
LONGEST_TIMEOUT = 120
LARGEST_LIMIT = 10**9
DEFAULT_COUNTRIES = ("SE",)
PART_PRICES = {"SEK": 45}
"""About what a part costs in the shop's country, in minor units, where the settings do not tell."""
_SENDER = re.compile(r"[A-Za-z][A-Za-z0-9]{0,10}|\+[1-9][0-9]{6,14}")
_TWILIO_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")


@dataclass(frozen=True, kw_only=True)
class ElksSettings:
    """`elks`: the account at 46elks. `timeout` is seconds."""

    user: str
    password: Secret
    url: str = ELKS_URL
    timeout: int = 20

    def __post_init__(self) -> None:
        refuse_faults(
            user=_user_fault(self.user),
            url=url_fault(self.url),
            timeout=range_fault(self.timeout, 1, LONGEST_TIMEOUT),
        )


@dataclass(frozen=True, kw_only=True)
class TwilioSettings:
    """`twilio`: the account at Twilio, its SID and its auth token. `timeout` is seconds."""

    account: str
    token: Secret
    url: str = TWILIO_URL
    timeout: int = 20

    def __post_init__(self) -> None:
        refuse_faults(
            account=_account_fault(self.account),
            url=url_fault(self.url, query=False),
            timeout=range_fault(self.timeout, 1, LONGEST_TIMEOUT),
        )


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`limits`: how many SMS may go out at most; they keep others from having the shop send SMS at its cost.

    `per_number` and `per_prefix` are for an hour; numbers with the same prefix are those that differ in the last four
    digits. `per_day` and `money_per_day`, in minor units, are for all SMS of a day in the shop's time zone. `unpaid`
    lets SMS go out for an order that nobody has paid, reserved the money for, approved or brought any further than
    where orders are placed: then whoever can order without paying decides who gets SMS at the shop's cost.
    """

    per_number: int = 3
    per_prefix: int = 20
    per_order: int = 10
    per_day: int = 1000
    money_per_day: int = 100_000
    unpaid: bool = False

    def __post_init__(self) -> None:
        names = ("per_number", "per_prefix", "per_order", "per_day", "money_per_day")
        refuse_faults(**{name: range_fault(getattr(self, name), 1, LARGEST_LIMIT) for name in names})


@dataclass(frozen=True, kw_only=True)
class SmsSettings:
    """`[plugins.sms]`. Without a provider each message becomes a file in the folder `outbox`.

    `part_price` is what a part costs, in minor units: 45 in Swedish kronor unless told, otherwise unknown. Delivery
    reports are asked for only where `report_url` says where the shop takes them.
    """

    sender: str = ""
    outbox: str = "outbox"
    templates: str = "templates"
    countries: tuple[str, ...] = DEFAULT_COUNTRIES
    max_parts: int = 3
    part_price: int | None = None
    report_url: str = ""
    limits: Limits = field(default_factory=Limits)
    elks: ElksSettings | None = None
    twilio: TwilioSettings | None = None

    def __post_init__(self) -> None:
        refuse_faults(
            sender=_sender_fault(self.sender),
            outbox=folder_fault(self.outbox),
            templates=folder_fault(self.templates),
            countries=_countries_fault(self.countries),
            max_parts=range_fault(self.max_parts, 1, 10),
            part_price=None if self.part_price is None else range_fault(self.part_price, 1, LARGEST_LIMIT),
            report_url=url_fault(self.report_url, query=False) if self.report_url else None,
            twilio=_BOTH if self.elks and self.twilio else None,
        )

    def price_in(self, currency: str) -> int | None:
        """Return what a part costs, in minor units of the shop's currency; None where nobody knows."""
        return self.part_price or PART_PRICES.get(currency)


_BOTH = Text(
    "välj en leverantör: ta bort [plugins.sms.elks] eller [plugins.sms.twilio]",
    "choose one provider: take [plugins.sms.elks] or [plugins.sms.twilio] away",
)


def sender_from(shop_name: str) -> str:
    """Return a shop's name as a sender, in whole words if one fits: “Villa & Värme” is ``VillaVarme``."""
    plain = unicodedata.normalize("NFKD", shop_name)
    words = [word for part in plain.split() if (word := re.sub(r"[^A-Za-z0-9]", "", part))]
    whole = "".join(words).lstrip("0123456789")
    while len(words) > 1 and len("".join(words).lstrip("0123456789")) > LONGEST_SENDER:
        words.pop()
        while len(words) > 1 and len(words[-1]) <= SHORTEST_LAST:
            words.pop()  # “Lampor & Ljus i Örebro” without its town does not end in “i”
    return ("".join(words).lstrip("0123456789") or whole)[:LONGEST_SENDER] or "Ashop"


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


def _account_fault(account: str) -> Text | None:
    if _TWILIO_ACCOUNT.fullmatch(account):
        return None
    return Text(
        "skriv kontots SID: AC och 32 tecken, 0–9 och a–f",
        "write the account's SID: AC and 32 characters, 0–9 and a–f",
    )
