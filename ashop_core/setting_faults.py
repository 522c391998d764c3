"""What is wrong with a value of the settings, in words: what a plugin's settings class refuses, all at once."""

from __future__ import annotations

from ashop_core.errors import InvalidInput
from ashop_core.texts import Text, joined


def refuse_faults(**faults: Text | None) -> None:
    """Raise InvalidInput that names each key with a fault; do nothing where there is none."""
    found = [Text(f"{key}: {fault.sv}", f"{key}: {fault.en}") for key, fault in faults.items() if fault]
    if found:
        raise InvalidInput(joined(found, "; "))


def range_fault(value: int, least: int, most: int) -> Text | None:
    """Return what is wrong with a number that has bounds."""
    if least <= value <= most:
        return None
    words = Text("måste vara mellan {least} och {most}", "must be between {least} and {most}")
    return words.fill(least=least, most=most)


def folder_fault(name: str) -> Text | None:
    """Return what is wrong with the name of a folder."""
    return None if name.strip() else Text("skriv namnet på en mapp", "write the name of a folder")


def url_fault(url: str, *, query: bool = True) -> Text | None:
    """Return what is wrong with an address to call: only https, or this very computer, keeps a secret.

    Without `query` it may have no question mark, since more is put behind it.
    """
    from urllib.parse import urlsplit

    try:
        parts = urlsplit(url)
        safe = parts.scheme == "https" or (parts.scheme == "http" and is_this_computer(parts.hostname or ""))
        usable = bool(parts.hostname) and parts.username is None and parts.port != 0 and not parts.fragment
    except ValueError:
        safe = usable = False
    plain = url.isascii() and url.isprintable() and " " not in url
    if safe and usable and plain and (query or "?" not in url):
        return None
    return Text(
        "måste börja med https:// (http:// bara till den egna datorn)",
        "must begin with https:// (http:// only to this very computer)",
    )


def is_this_computer(host: str) -> bool:
    """Tell whether a host is this very computer: what is said to it passes no network."""
    return host in ("localhost", "127.0.0.1", "::1")
