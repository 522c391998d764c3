"""What an examination finds: one thing that is wrong, or only worth knowing."""

from __future__ import annotations

from dataclasses import dataclass

from ashop_core.texts import Text


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that doctor found. A `serious` one is wrong; the others are worth knowing.

    `plugin` is whose data it is about, None for the core's; `remedy` is what a person can do about it where
    the text does not say so.
    """

    code: str
    text: Text
    serious: bool = True
    plugin: str | None = None
    remedy: Text | None = None


def worth_knowing(code: str, sv: str, en: str, /, **values: object) -> Finding:
    """Return a finding that is nothing wrong, its words in both languages with their ``{names}`` filled in."""
    return Finding(code=code, text=Text(sv, en).fill(**values), serious=False)
