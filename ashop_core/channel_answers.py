"""What a channel answers, looked at before anything is made of it: a plugin's mistake gets its name and its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from ashop_core.channels import Channel, DescribesWords, HasDomains
from ashop_core.errors import AshopError, PluginError
from ashop_core.kept_words import storable
from ashop_core.models import Customer, Rendered
from ashop_core.plugins import by_name
from ashop_core.texts import NOTHING, Text

if TYPE_CHECKING:
    from ashop_core.customer import MessageContext

T = TypeVar("T")

_CODE = re.compile("[a-z][a-z0-9_]*")
_RENDERED: Mapping[str, type | tuple[type, ...]] = {
    "subject": str,
    "body": str,
    "html": (str, type(None)),
    "sender": str,
    "reply_to": str,
}


def ensure_channel(plugin: str, channel: Channel) -> None:
    """Raise PluginError for what only looks like a channel, as soon as the shop opens."""
    if isinstance(channel, type):
        raise _fault(plugin, "ashop_register_channels", _CLASS.fill(name=channel.__name__))
    if not _CODE.fullmatch(str(channel.code)):
        raise _fault(plugin, "ashop_register_channels", _BAD_CODE.fill(code=channel.code))
    if not isinstance(channel.label, Text):
        raise _fault(plugin, "ashop_register_channels", _BAD_LABEL.fill(code=channel.code))


def recipient_of(channel: Channel, customer: Customer) -> str | None:
    """Return the customer's address on the channel, None where there is none that can be kept."""
    return _address(channel, "recipient", by_name(channel.code, "recipient", channel.recipient, customer))


def address_of(channel: Channel, text: str) -> str | None:
    """Return an address that somebody typed as the channel writes it, None where there is none that can be kept."""
    return _address(channel, "address", by_name(channel.code, "address", channel.address, text))


def lane_of(channel: Channel, recipient: str) -> str:
    """Return what a message stands in line with: its channel, and its recipient's domain where there are any."""
    if not isinstance(channel, HasDomains):
        return f"{channel.code}/"
    domain: object = by_name(channel.code, "domain", channel.domain, recipient)
    if not isinstance(domain, str):
        raise _wrong(channel.code, "domain", domain, "str")
    return f"{channel.code}/{storable(domain)}"


def words_of(channel: Channel, context: MessageContext) -> Rendered:
    """Return the words of a message. Raises PluginError where they are no words."""
    found = by_name(channel.code, "render", channel.render, context)
    if not isinstance(found, Rendered):
        raise _wrong(channel.code, "render", found, "Rendered")
    for name, kind in _RENDERED.items():
        if not isinstance(value := getattr(found, name), kind):
            raise _wrong(channel.code, f"render, {name}", value, "str")
    return found


def several_of(
    code: str, what: str, kind: type[T], function: Callable[..., Iterable[T]], *arguments: Any
) -> list[T]:
    """Return what a method of a channel gives several of; raises what it raises, PluginError for a mistake of its own."""
    given = by_name(code, what, function, *arguments)
    found: list[T] = by_name(code, what, list, given)  # a generator runs only now
    for one in found:
        if not isinstance(one, kind):
            raise _wrong(code, what, one, kind.__name__)
    return found


def description_of(channel: Channel, rendered: Rendered, recipient: str) -> Text:
    """Return what a channel says of a message beside its words, for staff: a plugin that fails is named instead."""
    if not isinstance(channel, DescribesWords):
        return NOTHING
    try:
        found: object = by_name(channel.code, "describe", channel.describe, rendered, recipient)
    except AshopError as fault:
        return fault.text
    return found if isinstance(found, Text) else _wrong(channel.code, "describe", found, "Text").text


def _address(channel: Channel, what: str, found: Any) -> str | None:
    if found is None:
        return None
    if not isinstance(found, str):
        raise _wrong(channel.code, what, found, "str | None")
    kept = found.strip() and len(found.splitlines()) == 1 and storable(found) == found
    return found if kept else None


def _wrong(code: str, what: str, found: object, wanted: str) -> PluginError:
    return _fault(code, what, _KIND.fill(kind=type(found).__name__, wanted=wanted))


def _fault(plugin: str, what: str, why: Text) -> PluginError:
    return PluginError(plugin, _FAULT.fill(plugin=plugin, what=what, why=why), hook=what)


_FAULT = Text("insticksmodulen {plugin}, {what}: {why}", "the plugin {plugin}, {what}: {why}")
_KIND = Text(
    "gav fel sorts svar: {kind}, inte {wanted}", "returned the wrong kind of thing: {kind}, not {wanted}"
)
_CLASS = Text(
    "gav klassen {name}: ge ett objekt, {name}(…)", "gave the class {name}: give an object, {name}(…)"
)
_BAD_CODE = Text(
    "kanalens kod är ”{code}”: skriv den med a–z, 0–9 och _, och börja med en bokstav",
    "the channel's code is “{code}”: write it with a–z, 0–9 and _, and begin with a letter",
)
_BAD_LABEL = Text(
    "etiketten på kanalen {code} är ingen Text(svenska, engelska)",
    "the label of the channel {code} is no Text(swedish, english)",
)
