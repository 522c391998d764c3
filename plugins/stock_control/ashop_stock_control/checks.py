"""What is acceptable from people, files and programs: SKUs, names, groups, notes and numbers of pieces."""

from __future__ import annotations

from ashop_core.errors import InvalidInput
from ashop_core.intake import LONGEST_NAME, LONGEST_SKU, MOST_OF_A_LINE
from ashop_core.texts import Text

MOST_MOVED = MOST_OF_A_LINE
"""The most that one movement may be."""
MOST_COUNTED = 10**9
"""The most that may be counted on a shelf, or set as a balance."""
LONGEST_NOTE = 2000
LONGEST_GROUP = 50
NO_GROUP = "none"
"""How people write that an item is in no group."""
QUANTITY = Text("antalet", "the quantity")


def check_sku(sku: str) -> str:
    """Return a SKU without the space around it."""
    sku = sku.strip()
    if not sku:
        raise InvalidInput(Text("artikelnumret saknas", "the SKU is missing"))
    if len(sku) > LONGEST_SKU or not sku.isprintable():
        raise InvalidInput(
            Text(
                "artikelnumret ”{sku}” går inte: 1 till {most} tecken som går att skriva",
                "the SKU “{sku}” will not do: 1 to {most} characters that can be written",
            ).fill(sku=_shown(sku), most=LONGEST_SKU)
        )
    return sku


def check_name(name: str) -> str:
    """Return an item's name without the space around it; it may be empty."""
    name = name.strip()
    if len(name) > LONGEST_NAME or not name.isprintable():
        raise InvalidInput(
            Text(
                "namnet ”{name}…” går inte: högst {most} tecken, utan radbrytningar",
                "the name “{name}…” will not do: at most {most} characters, without line breaks",
            ).fill(name=_shown(name), most=LONGEST_NAME)
        )
    return name


def check_note(note: str) -> str:
    """Return a note without the space around it."""
    note = note.strip()
    if len(note) > LONGEST_NOTE or "\0" in note:
        raise InvalidInput(
            Text(
                "anteckningen är för lång (högst {n} tecken)", "the note is too long (at most {n} characters)"
            ).fill(n=LONGEST_NOTE)
        )
    return note


def check_group(group: str) -> str:
    """Return the word for a group of items without the space around it; empty for none."""
    group = group.strip()
    if len(group) > LONGEST_GROUP or not group.isprintable() or len(group.split()) > 1 or group == NO_GROUP:
        raise InvalidInput(
            Text(
                "gruppen ”{group}” går inte: ett enda ord om högst {most} tecken, och inte none",
                "the group “{group}” will not do: a single word of at most {most} characters, and not none",
            ).fill(group=_shown(group), most=LONGEST_GROUP)
        )
    return group


def check_number(value: object, least: int, most: int, what: Text = QUANTITY) -> int:
    """Return a whole number within bounds; a truth, a float or a text is none."""
    if type(value) is not int or not least <= value <= most:
        raise InvalidInput(
            Text(
                "{what} {value} går inte: ett heltal från {least} till {most}",
                "{what} {value} will not do: a whole number from {least} to {most}",
            ).fill(what=what, value=str(value)[:40], least=least, most=most)
        )
    return value


def _shown(text: str) -> str:
    """Return the beginning of a text such that a message with it stays on its line."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text[:40])
