"""What is asked of a channel's words: whether they can be kept and read, and what was used to make them."""

from __future__ import annotations

import socket
import sqlite3
import sys
from collections.abc import Callable
from typing import Any
from unicodedata import category

import pytest

from ashop_core.customer import MessageContext
from ashop_core.models import Rendered
from ashop_core.shop import Shop

_CLOCKS = {
    "date.today", "datetime.now", "datetime.today", "datetime.utcnow", "gmtime", "localtime", "time", "time_ns",
}  # fmt: skip


def ensure_words(rendered: object, context: MessageContext) -> None:
    """Fail unless these are words that can be kept and sent."""
    name = named(context)
    assert isinstance(rendered, Rendered), f"{name}: {rendered!r} is not Rendered(subject=…, body=…)"
    for part in (rendered.subject, rendered.sender, rendered.reply_to):
        assert part == "" or is_line(part), f"{name}: {part!r} is more than a line"
    assert rendered.body.strip(), f"{name}: no words"
    for part in (rendered.body, rendered.html or ""):
        assert _is_storable(part), f"{name}: characters that no database keeps"


def all_words(rendered: Rendered) -> str:
    """Return all that a recipient may read, hidden or not, as one text."""
    return "\n".join([
        rendered.subject, rendered.body, rendered.html or "", rendered.sender, rendered.reply_to,
    ])  # fmt: skip


def named(context: MessageContext) -> str:
    """Return what to call a sample when something is wrong with it."""
    staff = " to staff" if context.staff else ""
    return f"{context.template}{staff}, {context.language}, {context.occasion.value}"


def lines_of(words: str) -> list[str]:
    """Return words as lines, without what may differ on the way: line ends and the spaces before them."""
    return [line.rstrip() for line in words.strip().splitlines()]


def is_line(text: object) -> bool:
    """Tell whether this is a line of text that people can read and databases keep."""
    return (
        isinstance(text, str)
        and bool(text.strip())
        and len(text.splitlines()) == 1
        and "\t" not in text
        and _is_storable(text)
    )


def _is_storable(text: str) -> bool:
    """Tell whether there are no control characters but line ends, and no halves of characters."""
    return not any(category(c) in ("Cc", "Cs") and c not in "\r\n\t" for c in text)


def looks_at_the_clock(call: Callable[[], object]) -> list[str]:
    """Call, and return where this thread asked what time it is."""
    looks: list[str] = []

    def watch(frame: Any, event: str, argument: Any) -> None:
        if event == "c_call" and getattr(argument, "__qualname__", "") in _CLOCKS:
            looks.append(f"{frame.f_code.co_filename}, line {frame.f_lineno}")

    before = sys.getprofile()
    sys.setprofile(watch)
    try:
        call()
    finally:
        sys.setprofile(before)
    return looks


def cut_off(patched: pytest.MonkeyPatch, shop: Shop | None = None) -> list[str]:
    """Let nothing be connected to, nor the shop's database be used; return the list of what was tried."""
    tried: list[str] = []

    def refuse(name: str) -> Callable[..., Any]:
        def refused(*_: object, **__: object) -> Any:
            tried.append(name)
            raise OSError(f"{name}: not while a message is rendered or counted")

        return refused

    for owner, name in (
        (socket.socket, "connect"), (socket.socket, "connect_ex"), (socket.socket, "sendto"),
        (socket, "create_connection"), (socket, "getaddrinfo"), (sqlite3, "connect"),
    ):  # fmt: skip
        patched.setattr(owner, name, refuse(name))
    if shop is not None:
        patched.setattr(shop.database, "read", refuse("read"))
        patched.setattr(shop.database, "write", refuse("write"))
    return tried
