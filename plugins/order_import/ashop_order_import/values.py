"""Cells made into values: read right, or refused; never read as something else."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from hashlib import sha256

from ashop_core.clock import parse_local
from ashop_core.errors import InvalidInput, Problem
from ashop_core.intake import LONGEST_NAME, LONGEST_SKU, MOST_OF_A_LINE, is_writable
from ashop_core.money import to_minor
from ashop_order_import.found import ReadOptions, RefusedError, refused

# ASCII digits only: Python's own int() also reads ١٢ and １２.
_WHOLE = re.compile(r"(-?)(\d{1,15})(?:[.,]0+)?", re.ASCII)
_TIME = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)(?:[T ](?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:\.\d+)?)?)?"
    r" ?(?P<zone>Z|UTC|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
_EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
_LATEST = datetime(2200, 1, 1, tzinfo=UTC)

MADE_UP = "NOSKU-"
"""What the article number begins with where the file has none."""


def quantity(cell: str) -> int:
    """Return a cell as a quantity that can be ordered; ``6`` and ``6.0`` are, ``1e3`` and ``+6`` are not."""
    found = _WHOLE.fullmatch(cell.strip())
    if found is None:
        raise refused(
            "bad_quantity",
            "antalet ”{v}” är inget heltal",
            "the quantity “{v}” is not a whole number",
            v=short(cell),
        )
    number = int(found[2])
    if found[1] and number:
        raise refused(
            "negative_quantity",
            "antalet är −{v}: en retur eller rättelse är ingen beställning",
            "the quantity is −{v}: a return or correction is not an order",
            v=number,
        )
    if not 1 <= number <= MOST_OF_A_LINE:
        raise refused(
            "bad_quantity",
            "antalet {v} går inte: från 1 till {most}",
            "the quantity {v} will not do: from 1 to {most}",
            v=number,
            most=MOST_OF_A_LINE,
        )
    return number


def amount(cell: str, currency: str) -> int:
    """Return a cell as an amount in minor units, at least 0; both ``1.50`` and ``1,50`` are 150."""
    try:
        minor = to_minor(cell[:100], currency)
    except InvalidInput as error:
        raise RefusedError(Problem("bad_amount", error.text)) from None
    if minor < 0:
        raise refused(
            "negative_amount", "beloppet {v} är under 0", "the amount {v} is below 0", v=short(cell)
        )
    return minor


def amount_or_none(cell: str, currency: str) -> int | None:
    """Return a cell as an amount, or None where it is empty."""
    return amount(cell, currency) if cell.strip() else None


def instant(cell: str, options: ReadOptions) -> datetime:
    """Return a cell as an instant: with its own zone, or as wall-clock time of `options.timezone`."""
    try:
        found = parse_local(_iso(cell.strip(), options.date_format), options.timezone)
    except (InvalidInput, ValueError, OverflowError):
        found = None
    if found is None:
        raise refused(
            "bad_time",
            "”{v}” är ingen tid i {zone} (skrivs tider på annat sätt än 2026-11-23 13:00: --date-format)",
            "“{v}” is not a time in {zone} (times written otherwise than 2026-11-23 13:00: --date-format)",
            v=short(cell),
            zone=options.timezone,
        )
    return check_time(found)


def check_time(at: datetime) -> datetime:
    """Return an instant at which an order may have been made."""
    if not _EARLIEST <= at < _LATEST:
        raise refused("bad_time", "år {y} går inte", "the year {y} will not do", y=at.year)
    return at


def _iso(text: str, date_format: str | None) -> str:
    if date_format:
        return datetime.strptime(text, date_format).isoformat()  # noqa: DTZ007 - parse_local gives the zone
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    zone = found["zone"] or ""
    clock = f"T{int(found['hour']):02}:{found['minute']}:{found['second'] or '00'}" if found["hour"] else ""
    return found["day"] + clock + ("+00:00" if zone in ("Z", "UTC") else zone)


def words(cell: str, what: str) -> str:
    """Return a cell's words with single spaces, without invisible marks. Refuses control characters."""
    text = " ".join(cell.split())
    if not is_writable(text):
        text = "".join(c for c in text if unicodedata.category(c) != "Cf")
    if len(text) > LONGEST_NAME or not is_writable(text):
        raise refused(
            "bad_text",
            "{what}: ”{v}” är för lång eller går inte att skriva",
            "{what}: “{v}” is too long or cannot be written",
            what=what,
            v=short(text),
        )
    return text


def article(sku: str, name: str) -> str:
    """Return the article number, or one made from the name where there is none."""
    code = words(sku, "SKU")
    if len(code) > LONGEST_SKU:
        raise refused(
            "bad_text", "artikelnumret ”{v}” är för långt", "the SKU “{v}” is too long", v=short(code)
        )
    if not code and not name:
        raise refused("no_sku", "både artikelnummer och namn saknas", "both SKU and name are missing")
    return code or MADE_UP + _slug(name)


def _slug(name: str) -> str:
    bare = unicodedata.normalize("NFKD", name.casefold())
    slug = re.sub(r"[^a-z0-9]+", "-", bare).strip("-")[:60]
    # Letters of other scripts leave nothing in a slug, and then two names would look alike.
    lost = any(c.isalpha() and not c.isascii() for c in bare)
    digest = sha256(name.encode()).hexdigest()[:8]
    return slug if slug and not lost else f"{slug}-{digest}".lstrip("-")


def short(cell: str) -> str:
    """Return a cell as an error message shows it."""
    cell = " ".join(cell[:1000].split())
    return cell if len(cell) <= 40 else cell[:39] + "…"
