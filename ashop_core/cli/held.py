"""The one line that says that the outbox is held, wherever somebody might wait for a message to leave."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.cli.output import note, when
from ashop_core.holds import hold_words

if TYPE_CHECKING:
    from ashop_core.shop import Shop


def note_hold(shop: Shop) -> None:
    """Say that the outbox is held, since when and how to release it; nothing where it is not."""
    held = shop.outbox_hold()
    if held is not None:
        note(hold_words(held, when(held.since)))
