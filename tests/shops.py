"""Shops with a small plugin of their own that sends on paper: a channel whose letters a test can spoil."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ashop_core.shop import Shop
from ashop_core.testing import write_shop

PAPER = """
from ashop_core import Effect, Text, hookimpl
from ashop_core.errors import DeliveryError, TemporaryDeliveryError
from ashop_core.models import Rendered, Section

class Paper:
    code = "email"
    label = Text("E-post", "E-mail")
    def address(self, text):
        return text or None

    def recipient(self, customer):
        return customer.email or None
    def render(self, context):
        body = "Hej " + context.order.name + "!\\nRad två.\\n\\nRad tre.\\nRad fyra.\\nRad fem."
        return Rendered(subject=f"{context.status.to(context.language)} {context.order.number}", body=body)
    def send(self, message, rendered, within):
        SEND
        return "lagt på brevlådan"

@hookimpl
def ashop_register_channels(settings):
    return [Paper()]

@hookimpl
def ashop_on_change(tx, order, change):
    words = [Text(f"{m.sku}: 1 → 0", f"{m.sku}: 1 -> 0") for m in change.moves]
    return [Effect(subject="stock", before="1", after="0", text=text) for text in words]

@hookimpl
def ashop_describe_order(shop, order):
    return [Section(title=Text("Papper", "Paper"), rows=((Text("Kuvert", "Envelope"), "C5"),))]
"""

LATER = "raise TemporaryDeliveryError('brevlådan är full')"
NEVER = "raise DeliveryError('okänd adress')"


def write_paper_shop(home: Path, send: str = "pass", *, toml: str = "") -> Path:
    """Write a shop whose only channel is the paper one; `send` is a line run for each letter."""
    return write_shop(home, "local:paper", toml=toml, files={"plugins/paper.py": PAPER.replace("SEND", send)})


def dump(shop: Shop) -> dict[str, list[tuple[Any, ...]]]:
    """Return every row of every table, but for those that say what was refused."""
    with shop.database.read() as reader:
        tables = [row[0] for row in reader.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: sorted(map(tuple, reader.rows(f"SELECT * FROM {name}")), key=repr)
            for name in tables
            if name != "refusals"
        }
