"""What came of many orders, in figures: how many changed, which messages leave, and why some were refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ashop_core.cli.language import say
from ashop_core.cli.output import clean
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.cli.attempt import Attempt

MOST_REASONS = 20
"""Reasons may name the order, so that each has its own: beyond these they are counted together."""
FIRST_ORDERS = 5
_OTHER = Text("andra skäl", "other reasons")


@dataclass
class Tally:
    """What came of many orders, in figures: `why` counts reasons, `first` names the first orders of each."""

    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    messages: Counter[str] = field(default_factory=Counter)
    why: Counter[Text] = field(default_factory=Counter)
    first: dict[Text, list[str]] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many orders there were."""
        return self.changed + self.unchanged + self.refused

    def count(self, attempt: Attempt) -> None:
        """Add what came of one."""
        outcome = attempt.outcome
        if attempt.problems:
            self.refused += 1
            for reason in dict.fromkeys(reason_words(p.staff_text, p.plugin) for p in attempt.problems):
                self._blame(reason, attempt.name)
        elif outcome is None or outcome.change is None:
            self.unchanged += 1
        else:
            self.changed += 1
            self.messages.update(message.channel for message in outcome.messages)

    def reasons(self) -> Iterator[str]:
        """Yield each reason with how many orders have it, and the first of them under it; most frequent first."""
        for reason, n in self.why.most_common():
            count = f"  {n} × "
            yield f"{count}{clean(say(reason), lines=True)}"
            named = ", ".join(map(clean, self.first[reason]))
            yield f"{' ' * len(count)}{named}{', …' if n > FIRST_ORDERS else ''}"

    def _blame(self, reason: Text, name: str) -> None:
        known = reason in self.why or len(self.why) < MOST_REASONS
        reason = reason if known else _OTHER
        self.why[reason] += 1
        named = self.first.setdefault(reason, [])
        if len(named) < FIRST_ORDERS:
            named.append(name)


def reason_words(text: Text, plugin: str | None) -> Text:
    """Return a reason, with the plugin that gave it."""
    return text if plugin is None else Text(f"{text.sv} ({plugin})", f"{text.en} ({plugin})")
