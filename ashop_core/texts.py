"""Words in Swedish and English, kept together so that neither can be forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from unicodedata import normalize

LANGUAGES: Final = ("sv", "en")


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or label in both languages; ``str()`` gives the English one, for logs."""

    sv: str
    en: str

    def to(self, language: str) -> str:
        """Return the words in `language` (``"sv"`` or ``"en"``; anything else reads as English)."""
        return self.sv if language == "sv" else self.en

    def fill(self, /, **values: object) -> Text:
        """Return the text with its ``{names}`` replaced; a value that is itself a Text keeps its language."""
        return Text(_fill(self.sv, "sv", values), _fill(self.en, "en", values))

    def __str__(self) -> str:
        return self.en


NOTHING: Final = Text("", "")
"""No words at all."""


def fold(words: str) -> str:
    """Return words as they are compared when somebody searches: without regard to case or composition."""
    return normalize("NFC", words.casefold())


def same(words: str) -> Text:
    """Return words that read the same in both languages, such as a name or a value."""
    return Text(words, words)


def counted(n: int, one: Text, more: Text) -> Text:
    """Return the words for one or for several, with ``{n}`` in them filled in."""
    return (one if n == 1 else more).fill(n=n)


def joined(texts: list[Text], separator: str = ", ") -> Text:
    """Return the texts joined in each language."""
    return Text(separator.join(t.sv for t in texts), separator.join(t.en for t in texts))


def _fill(template: str, language: str, values: dict[str, object]) -> str:
    words = {name: v.to(language) if isinstance(v, Text) else v for name, v in values.items()}
    return template.format(**words)
