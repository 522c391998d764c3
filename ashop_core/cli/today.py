"""`ashop today`: what waits for somebody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.agenda import Subject, agenda
from ashop_core.cli.app import command, with_shop
from ashop_core.cli.held import note_hold
from ashop_core.cli.language import say
from ashop_core.cli.message_words import note_lanes
from ashop_core.cli.output import JSON, Column, ago, list_options, show_list, stamp
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@command()
@list_options
@with_shop
def today(shop: Shop, form: str) -> None:
    """Show what waits: orders by saved filter, messages, channels that are down; a count stops at 1000+."""
    subjects = agenda(shop)
    shown = subjects if form == JSON else [s for s in subjects if s.count]
    show_list(_COLUMNS, shown, form, empty=Text("Inget väntar.", "Nothing waits."))
    note_lanes(shop)
    note_hold(shop)


_COLUMNS: list[Column[Subject]] = [
    Column("subject", Text("Vad", "What"), lambda s: s.code, words=lambda s: say(s.label)),
    Column("count", Text("Antal", "Count"), lambda s: s.count, words=lambda s: f"{s.count}{'+' * s.more}", right=True),
    Column("more", Text("Fler", "More"), lambda s: s.more, only="machines"),
    Column("oldest", Text("Äldst", "Oldest"), lambda s: stamp(s.oldest), words=lambda s: ago(s.oldest) if s.oldest else ""),
    Column("orders", Text("Ordrar", "Orders"), lambda s: list(s.orders), words=lambda s: _some(s)),
]  # fmt: skip


def _some(subject: Subject) -> str:
    more = ["…"] if subject.orders and subject.count > len(subject.orders) else []
    return ", ".join([*subject.orders, *more])
