"""Policies: how far below its safety margin an item may be sold, and where an item gets its policy from."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ashop_core.errors import InvalidInput
from ashop_core.texts import Text

UNLIMITED = 4 * 10**12
"""More than any balance can be below any other: the figure by which `open` is stored and reckoned with."""
MOST_OVERSOLD = 10**6

_UP_TO = re.compile(r"up_to\(([0-9]{1,7})\)")


@dataclass(frozen=True, slots=True)
class Policy:
    """What may be sold of an item that can be bought: as many pieces below the safety margin as `oversell`.

    Written ``open`` (in any quantity), ``strict`` (nothing that is not there) or ``up_to(5)``.
    """

    oversell: int

    @classmethod
    def parse(cls, words: object) -> Policy:
        """Return the policy that is written so. Raises InvalidInput naming the three there are."""
        if words == "open":
            return OPEN
        if words == "strict":
            return STRICT
        found = _UP_TO.fullmatch(words) if isinstance(words, str) else None
        if found is None or not 1 <= int(found[1]) <= MOST_OVERSOLD:
            raise InvalidInput(
                Text(
                    "policyn {p} går inte: skriv open, strict eller up_to(N) med N från 1 till {most}",
                    "the policy {p} will not do: write open, strict or up_to(N) with N from 1 to {most}",
                ).fill(p=str(words)[:40], most=MOST_OVERSOLD)
            )
        return cls(int(found[1]))

    @property
    def is_open(self) -> bool:
        """Tell whether it never refuses a quantity."""
        return self.oversell >= UNLIMITED

    def __str__(self) -> str:
        if self.is_open:
            return "open"
        return f"up_to({self.oversell})" if self.oversell else "strict"


OPEN = Policy(UNLIMITED)
STRICT = Policy(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class Terms:
    """What applies to one item, wherever it is set: on the item, for its group or for the shop.

    `margin` are pieces kept back: rules and policy see the balance less these. `low` is the balance at which
    staff are warned; None warns of nothing.
    """

    policy: Policy = OPEN
    margin: int = 0
    low: int | None = None

    def leaves_enough(self, balance: int, demand: int) -> bool:
        """Tell whether the policy lets `demand` pieces go from a balance: the one formula, wherever it is judged."""
        return balance - demand - self.margin + self.policy.oversell >= 0
