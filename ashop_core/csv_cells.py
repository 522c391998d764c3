"""Text in the cells of a CSV file: written such that no spreadsheet runs it, and read back as it was."""

from __future__ import annotations

# How a formula begins, also after what a spreadsheet drops at the start of a cell, and as East Asian input has it.
_FORMULAS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "＝", "＋", "－", "＠")
_QUOTE = "'"


def safe_text(text: str) -> str:
    """Return a text with ``'`` before it where a spreadsheet would take it for a formula."""
    return f"{_QUOTE}{text}" if _looks_like_one(text) else text


def plain_text(cell: str) -> str:
    """Return what `safe_text` was given; other shops' exports guard their cells in the same way."""
    return cell[1:] if cell.startswith(_QUOTE) and _looks_like_one(cell) else cell


def _looks_like_one(text: str) -> bool:
    """Tell whether it is a formula, perhaps one guarded already: that needs another ``'`` to come back whole."""
    return text.lstrip(_QUOTE).startswith(_FORMULAS)
