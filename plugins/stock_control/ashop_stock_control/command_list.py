"""The commands of `ashop stock` with one sentence each; what they need is imported when one is used."""

from __future__ import annotations

from ashop_core.texts import Text


def _row(path: str, attribute: str, sv: str, en: str) -> tuple[str, str | None, Text]:
    return path, f"ashop_stock_control.commands:{attribute}", Text(sv, en)


COMMANDS: tuple[tuple[str, str | None, Text], ...] = (
    ("stock", None, Text("Lagret: artiklar, saldon och rörelser.", "The stock: items, balances and movements.")),
    _row("stock list", "list_", "Lista artiklar med lagerstatus och saldo.", "List items with status and balance."),
    _row("stock show", "show", "Visa allt om en artikel.", "Show everything about an item."),
    _row("stock add", "add", "Lägg upp en artikel.", "Add an item."),
    _row("stock receive", "receive", "Ta emot varor.", "Receive goods."),
    _row("stock adjust", "adjust", "Rätta saldot, upp eller ned.", "Correct the balance, up or down."),
    _row("stock count", "count", "Ange vad som räknades på hyllan.", "Say what was counted on the shelf."),
    _row("stock set", "set_", "Sätt en lagerstatus för hand.", "Set a stock status by hand."),
    _row("stock history", "history", "Visa en artikels rörelser, nyaste först.", "Show an item's movements, newest first."),
    _row("stock import", "import_", "Läs in artiklar ur en CSV-fil.", "Import items from a CSV file."),
)  # fmt: skip
