"""The shop's settings: `ashop.toml` read into dataclasses, every fault reported at once.

The only module that reads the environment, for secrets given as ``{ env = "NAME" }``.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

from ashop_core.errors import InvalidInput, Problem, SettingsError
from ashop_core.models import Audience, ParcelNumber, Place, Role, Stage
from ashop_core.money import LARGEST
from ashop_core.setting_faults import is_this_computer
from ashop_core.texts import LANGUAGES, Text
from ashop_core.validation import Secret, structure

FILE = "ashop.toml"

T = TypeVar("T")

DEEPEST = 20
MOST_DAYS = 3660
# The least and the most of each number in [shop].
_BOUNDS = {
    "first_order_number": (1, 10**15),
    "abandon_after_hours": (1, 24 * 366),
    "abandoned_days": (1, 3660),
    "message_days": (1, 3660),
    "message_delay_seconds": (0, 86_400),
    "undo_minutes": (0, 60 * 24 * 366),
    "reminder_days": (0, 366),
    "deliver_within_seconds": (1, 60),
}


@dataclass(frozen=True, kw_only=True)
class ShopSettings:
    """`[shop]`: who the shop is and how it counts.

    `undo_minutes` is how long the last change of an order may be undone (0: never), `message_delay_seconds`
    how long a message waits, so that an undo can still stop it. With `deliver_at_once` a command tries to deliver
    what it caused, for no longer than `deliver_within_seconds`. `customer_url` is the shop's web address, which messages
    link to. A checkout is `abandoned` after some hours,
    and nobody's any more after `abandoned_days`. A reminder goes out `reminder_days` before a deadline
    (0: none).
    """

    name: str = "Ashop"
    language: str = "sv"
    currency: str = "SEK"
    timezone: str = "Europe/Stockholm"
    database: str = "shop.db"
    first_order_number: int = 100001
    deliver_at_once: bool = True
    abandon_after_hours: int = 24
    abandoned_days: int = 30
    message_days: int = 7
    message_delay_seconds: int = 0
    undo_minutes: int = 60
    reminder_days: int = 3
    customer_url: str = ""
    deliver_within_seconds: int = 5


@dataclass(frozen=True, kw_only=True)
class PluginsTable:
    """`[plugins]`: what is switched on, by name; the shop's own files as ``local:<name>``."""

    enabled: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class DeliveryTable:
    """`[delivery.<code>]`: a delivery method changed or added. `price` is minor units incl. VAT.

    `place` is where the customer fetches the goods, in words with opening hours and the like.
    """

    label: Text | None = None
    flow: str | None = None
    price: int | None = None
    parcel_number: ParcelNumber | None = None
    needs_address: bool | None = None
    place: Text | None = None
    enabled: bool = True


@dataclass(frozen=True, kw_only=True)
class PaymentTable:
    """`[payment.<code>]`: a payment method changed or added. `fee` is minor units incl. VAT.

    `pays_first`: nothing is placed unpaid; `paid_before_shipping`: nothing leaves unpaid. What is placed is
    due to be paid after `due_days`.
    """

    label: Text | None = None
    pays_first: bool | None = None
    paid_before_shipping: bool | None = None
    needs_approval: bool | None = None
    fee: int | None = None
    due_days: int | None = None
    enabled: bool = True


@dataclass(frozen=True, kw_only=True)
class MessageTable:
    """`[[statuses.<code>.messages]]`: a message that the status sends, where `notify` does not say enough.

    A table for the customer stands in place of the plain message that the status otherwise sends by the same channel;
    one for staff comes beside it, and goes `to` their addresses. Without a `template` it is the status's own for
    customers, `staff` for staff. After a `delay` (366 days at most) it is sent only if the order has stayed in the
    status, unless `even_later`. `delivery` and `payment` are the methods that it is for; without them it is for all.
    """

    channels: tuple[str, ...]
    audience: Audience = Audience.CUSTOMER
    to: tuple[str, ...] = ()
    template: str | None = None
    delay: timedelta | None = None
    even_later: bool = False
    delivery: tuple[str, ...] = ()
    payment: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StatusTable:
    """`[statuses.<code>]`: a status relabelled, changed or added. `after` and `before` add its transitions.

    `deadline_days` is how long the customer has to act, where the status has a deadline (0: as long as they like).
    """

    label: Text | None = None
    customer_label: Text | None = None
    hidden: bool = False
    stage: Stage | None = None
    stock: Place | None = None
    role: Role | None = None
    notify: tuple[str, ...] | None = None
    messages: tuple[MessageTable, ...] = ()
    template: str | None = None
    must_be_approved: bool | None = None
    must_be_paid: bool | None = None
    reason_required: bool | None = None
    final: bool | None = None
    deadline_days: int | None = None
    after: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    flows: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class TransitionTable:
    """`[[transitions]]`: one step added, or taken away with ``allowed = false``."""

    from_: str
    to: str
    flows: tuple[str, ...] = ()
    allowed: bool = True


@dataclass(frozen=True, kw_only=True)
class FilterTable:
    """`[filters.<code>]`: a saved filter changed or added, such as ``where = "status=received, older=3d"``."""

    label: Text | None = None
    where: str | None = None
    enabled: bool = True


@dataclass(frozen=True, kw_only=True)
class _Document:
    shop: ShopSettings = field(default_factory=ShopSettings)
    delivery: dict[str, DeliveryTable] = field(default_factory=dict)
    payment: dict[str, PaymentTable] = field(default_factory=dict)
    statuses: dict[str, StatusTable] = field(default_factory=dict)
    transitions: tuple[TransitionTable, ...] = ()
    filters: dict[str, FilterTable] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that `ashop.toml` says. `folder` is the shop's folder; paths are relative to it."""

    folder: Path
    shop: ShopSettings
    enabled: tuple[str, ...]
    delivery: Mapping[str, DeliveryTable]
    payment: Mapping[str, PaymentTable]
    statuses: Mapping[str, StatusTable]
    transitions: tuple[TransitionTable, ...]
    filters: Mapping[str, FilterTable]
    tables: Mapping[str, Mapping[str, Any]]
    plugins: Mapping[type, object] = field(default_factory=dict)

    def for_plugin(self, cls: type[T]) -> T:
        """Return a plugin's own settings, as an instance of its settings class."""
        found = self.plugins.get(cls)
        if not isinstance(found, cls):
            raise KeyError(f"{cls.__name__} belongs to no enabled plugin")
        return found

    def with_plugins(self, plugins: Mapping[type, object]) -> Settings:
        """Return the settings with the plugins' own ones filled in."""
        return replace(self, plugins=plugins)

    def path(self, name: str) -> Path:
        """Return a path of the settings, relative ones taken from the shop's folder."""
        return self.folder / name


def read_document(folder: Path) -> dict[str, Any]:
    """Return `ashop.toml` of a shop's folder as plain data.

    Raises SettingsError with the remedy when it is missing, unreadable or not TOML.
    """
    path = folder / FILE
    try:
        return parse_document(path.read_bytes(), path)
    except (FileNotFoundError, NotADirectoryError):
        raise _cannot(
            "missing", path, "filen finns inte. Skapa en butik med `ashop init MAPP`, eller peka ut den med --shop",
            "there is no such file. Make a shop with `ashop init DIR`, or point to it with --shop",
        ) from None  # fmt: skip
    except OSError as error:
        raise _cannot(
            "unreadable", path, "kan inte läsas: {why}", "cannot be read: {why}", why=error.strerror
        ) from error


def parse_document(data: bytes, path: Path) -> dict[str, Any]:
    """Return what the bytes of `ashop.toml` say as plain data. Raises SettingsError, naming `path` and the line."""
    import tomllib

    try:
        document = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise _cannot(
            "encoding", path, "rad {line} är inte UTF-8. Spara om filen som UTF-8",
            "line {line} is not UTF-8. Save the file as UTF-8",
            line=error.object[: error.start].count(b"\n") + 1,
        ) from error  # fmt: skip
    except (ValueError, RecursionError) as error:
        # Not TOMLDecodeError alone: a number of thousands of digits and very deep lists end in others.
        raise _cannot("toml", path, "inte giltig TOML: {why}", "not valid TOML: {why}", why=error) from error
    if _is_deeper(document, DEEPEST):
        raise _cannot("deep", path, "tabeller i för många nivåer", "tables within tables, too many levels")
    return document


def _is_deeper(document: object, most: int) -> bool:
    level = [document]
    for _ in range(most):
        level = [
            inner
            for value in level
            for inner in (
                value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
            )
        ]
    return bool(level)


def load_settings(folder: Path) -> Settings:
    """Return the settings of the shop in `folder`, plugins' own tables not yet read.

    Raises SettingsError with every problem, each naming file, key and remedy.
    """
    settings, problems = parse_settings(folder, read_document(folder))
    if settings is None or problems:
        raise SettingsError(problems)
    return settings


def parse_settings(folder: Path, document: Mapping[str, Any]) -> tuple[Settings | None, list[Problem]]:
    """Return the settings that a document says, and every problem with it."""
    rest = {key: value for key, value in document.items() if key != "plugins"}
    parsed, problems = structure(rest, _Document, FILE)
    enabled, tables, more = _plugin_tables(document.get("plugins", {}))
    problems += more
    if parsed is None:
        return None, problems
    problems += [*_shop_problems(parsed.shop), *_amount_problems(parsed)]
    return Settings(
        folder=folder,
        shop=parsed.shop,
        enabled=enabled,
        delivery=parsed.delivery,
        payment=parsed.payment,
        statuses=parsed.statuses,
        transitions=parsed.transitions,
        filters=parsed.filters,
        tables=tables,
    ), problems


def parse_plugin(settings: Settings, name: str, cls: type[T]) -> tuple[T | None, list[Problem]]:
    """Return `[plugins.<name>]` as the plugin's own settings class, and every problem with it."""
    path = f"plugins.{name}"
    problems: list[Problem] = []
    table = _with_secrets(settings, settings.tables.get(name, {}), path, problems)
    found, more = structure(table, cls, FILE, path)
    return found, problems + more


def _plugin_tables(raw: object) -> tuple[tuple[str, ...], dict[str, Mapping[str, Any]], list[Problem]]:
    if not isinstance(raw, Mapping):
        return (), {}, [settings_problem("plugins", "väntade en tabell", "expected a table")]
    parsed, problems = structure(
        {k: v for k, v in raw.items() if k == "enabled"}, PluginsTable, FILE, "plugins"
    )
    tables: dict[str, Mapping[str, Any]] = {}
    for name, table in raw.items():
        if isinstance(table, Mapping):
            tables[name] = table
        elif name != "enabled":
            problems.append(settings_problem(f"plugins.{name}", "väntade en tabell", "expected a table"))
    enabled = parsed.enabled if parsed else ()
    for name in {n for n in enabled if enabled.count(n) > 1}:
        problems.append(
            settings_problem("plugins.enabled", "{n} står två gånger", "{n} stands there twice", n=name)
        )
    return enabled, tables, problems


def _shop_problems(shop: ShopSettings) -> list[Problem]:
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    from ashop_core.money import exponent

    problems = []
    if shop.language not in LANGUAGES:
        problems.append(settings_problem("shop.language", "väntade sv eller en", "expected sv or en"))
    try:
        exponent(shop.currency)
    except InvalidInput as error:
        problems.append(
            Problem(
                "invalid",
                Text("{f}: shop.currency: {why}", "{f}: shop.currency: {why}").fill(f=FILE, why=error.text),
            )
        )
    try:
        ZoneInfo(shop.timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        problems.append(
            settings_problem(
                "shop.timezone", "”{value}” är ingen tidszon; skriv till exempel Europe/Stockholm",
                "“{value}” is not a time zone; write for example Europe/Stockholm", value=shop.timezone,
            )
        )  # fmt: skip
    problems += _address_problems(shop.customer_url)
    for key, (least, most) in _BOUNDS.items():
        if not least <= getattr(shop, key) <= most:
            problems.append(
                settings_problem(
                    f"shop.{key}", "måste vara från {least} till {most}", "must be from {least} to {most}",
                    least=least, most=most,
                )
            )  # fmt: skip
    return problems


def _address_problems(url: str) -> Iterator[Problem]:
    """Yield what is wrong with the shop's web address, to which links in messages are added."""
    if not url:
        return
    from urllib.parse import urlsplit

    key, shown, example = "shop.customer_url", _without_user(url), "https://www.example.se"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if not url.isascii():
        yield settings_problem(
            key, "”{url}” har tecken utanför ASCII: skriv värdnamnet som xn--… och resten med %-koder",
            "“{url}” has characters outside ASCII: write the host name as xn--… and the rest as %-codes", url=shown,
        )  # fmt: skip
    elif not host or not _URL.fullmatch(url):
        yield settings_problem(
            key, "”{url}” är ingen webbadress: skriv till exempel {example}",
            "“{url}” is not a web address: write for example {example}", url=shown, example=example,
        )  # fmt: skip
    elif "@" in parts.netloc or "#" in url or "?" in url:
        yield settings_problem(
            key, "{url}: ta bort användare, lösenord och det som följer efter ? eller #; länkar byggs på adressen",
            "{url}: leave out user, password and what follows ? or #; links are added to the address",
            url=shown,
        )  # fmt: skip
    elif parts.scheme != "https" and not is_this_computer(host):
        yield settings_problem(
            key, "{url}: länkar till kunder går över https: skriv https://{host}",
            "{url}: links to customers use https: write https://{host}", url=shown, host=parts.netloc,
        )  # fmt: skip


_URL = re.compile(r"https?://[A-Za-z0-9._~:/?#\[\]@!$&'()*+,;=%-]+")


def _without_user(url: str) -> str:
    """Return an address to show, without the user and password in it."""
    scheme, separator, rest = url.rpartition("://")
    return f"{scheme}{separator}{rest.rpartition('@')[2]}"


def _amount_problems(document: _Document) -> Iterator[Problem]:
    """Yield what is wrong with the prices, fees and numbers of days."""
    amounts = {f"delivery.{code}.price": table.price for code, table in document.delivery.items()}
    amounts |= {f"payment.{code}.fee": table.fee for code, table in document.payment.items()}
    for key, amount in amounts.items():
        if amount is not None and not 0 <= amount <= LARGEST:
            yield settings_problem(
                key, "måste vara från 0 till {most}, i hela ören",
                "must be from 0 to {most}, in whole minor units", most=LARGEST,
            )  # fmt: skip
    days = {f"payment.{code}.due_days": table.due_days for code, table in document.payment.items()}
    days |= {
        f"statuses.{code}.deadline_days": table.deadline_days for code, table in document.statuses.items()
    }
    for key, number in days.items():
        if number is not None and not 0 <= number <= MOST_DAYS:
            yield settings_problem(
                key, "måste vara från 0 till {most} dagar", "must be from 0 to {most} days", most=MOST_DAYS
            )


def _with_secrets(
    settings: Settings, table: Mapping[str, Any], path: str, problems: list[Problem]
) -> dict[str, Any]:
    """Return the table with every ``{ env = … }`` and ``{ file = … }`` read into a Secret."""
    out: dict[str, Any] = {}
    for key, value in table.items():
        if isinstance(value, Mapping) and len(value) == 1 and set(value) <= {"env", "file"}:
            ((kind, name),) = value.items()
            secret = _read_secret(settings, kind, str(name))
            if secret is None:
                problems.append(settings_problem(
                    f"{path}.{key}", "hemligheten {kind} = {name} finns inte eller är tom",
                    "the secret {kind} = {name} is missing or empty", kind=kind, name=name,
                ))  # fmt: skip
            out[key] = Secret(secret or "")
        else:
            out[key] = (
                _with_secrets(settings, value, f"{path}.{key}", problems)
                if isinstance(value, Mapping)
                else value
            )
    return out


def _read_secret(settings: Settings, kind: str, name: str) -> str | None:
    if kind == "env":
        return os.environ.get(name) or None
    try:
        return settings.path(name).read_text(encoding="utf-8").strip() or None
    except (OSError, ValueError):  # a ValueError for what is not text, and for a path that cannot be one
        return None  # the caller reports the secret as missing, by its name


def settings_problem(key: str, sv: str, en: str, /, **values: object) -> Problem:
    """Return a problem of `ashop.toml`, with the file and the key before the words."""
    return Problem(
        "invalid",
        Text("{file}: {key}: {why}", "{file}: {key}: {why}").fill(
            file=FILE, key=key, why=Text(sv, en).fill(**values)
        ),
    )


def _cannot(code: str, path: Path, sv: str, en: str, **values: object) -> SettingsError:
    return SettingsError(
        [
            Problem(
                code, Text("{path}: {why}", "{path}: {why}").fill(path=path, why=Text(sv, en).fill(**values))
            )
        ]
    )
