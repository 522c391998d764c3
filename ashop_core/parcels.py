"""What the plugins know of a parcel: who carries it, where it can be followed, what staff should look at."""

from __future__ import annotations

from typing import TYPE_CHECKING
from unicodedata import category

from ashop_core.errors import PluginError
from ashop_core.models import Order, Parcel, ParcelInfo
from ashop_core.texts import Text, same

if TYPE_CHECKING:
    from ashop_core.shop import Shop

HOOK = "ashop_describe_parcel"


def parcel_info(shop: Shop, order: Order, parcel: Parcel) -> ParcelInfo:
    """Return what is known of a parcel; without a plugin that knows, the carrier that staff gave.

    Carrier and link come from the first plugin, by name, that gives either: two plugins' halves would not
    fit together. A plugin that fails is a hint, so that no page or message is lost for a link.
    """
    carrier, url = None, None
    hints: list[Text] = []
    for implementation in shop.plugins.implementations(HOOK):
        answer, fault = shop.plugins.ask(
            implementation, HOOK, ParcelInfo, shop=shop, order=order, parcel=parcel
        )
        if answer is not None and not _is_sound(answer):
            answer, fault = None, _unsound(implementation.plugin)
        if fault is not None:
            hints.append(fault.text)
        if answer is not None:
            hints += answer.hints
            if carrier is None and url is None:
                carrier, url = answer.carrier, answer.url
    given = same(parcel.carrier) if parcel.carrier else None
    return ParcelInfo(carrier=carrier or given, url=url, hints=tuple(hints))


def _is_sound(info: ParcelInfo) -> bool:
    """Tell whether a plugin's answer may be shown: words in both languages, and a link that is one."""
    hints: object = info.hints
    return (
        isinstance(hints, tuple)
        and all(_is_words(hint) for hint in hints)
        and (info.carrier is None or _is_words(info.carrier))
        and (info.url is None or _is_link(info.url))
    )


def _is_words(value: object) -> bool:
    """Tell whether it is a line of words in both languages, which every store and message keeps whole."""
    return isinstance(value, Text) and _is_line(value.sv) and _is_line(value.en)


def _is_line(words: object) -> bool:
    return isinstance(words, str) and not any(category(c) in ("Cc", "Cs") for c in words)


def _is_link(url: object) -> bool:
    """Tell whether it is an https address that stays whole in a text message and in an HTML attribute."""
    return (
        isinstance(url, str)
        and url.startswith("https://")
        and url.isascii()
        and url.isprintable()
        and not set(url) & set(" \"'<>\\`")
    )


def _unsound(plugin: str) -> PluginError:
    return PluginError(
        plugin,
        Text(
            "insticksmodulen {plugin} gav i {hook} en länk eller ord som inte kan visas; länkar ska börja med https://",
            "the plugin {plugin} gave in {hook} a link or words that cannot be shown; links must begin with https://",
        ).fill(plugin=plugin, hook=HOOK),
        hook=HOOK,
    )
