"""Figures as people of either language write them."""

from __future__ import annotations

from ashop_core.texts import Text


def decimals(value: float) -> Text:
    """Return a number with one decimal: 3,2 in Swedish, 3.2 in English."""
    return Text(f"{value:.1f}".replace(".", ","), f"{value:.1f}")


def thousands(value: int) -> Text:
    """Return a whole number with its thousands apart: 15 364 in Swedish, 15,364 in English."""
    return Text(f"{value:,}".replace(",", "\N{NO-BREAK SPACE}"), f"{value:,}")
