"""How somebody wants a play to be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """The dice, whether settings that were changed by hand may be given up, and how careful the disk is used.

    A `durable` play writes as a real shop does: each change is on the disk before the next one begins. The
    others leave that to the system; after a power cut one makes the demo anew.
    """

    seed: int = 1
    force: bool = False
    durable: bool = False

    @property
    def synchronous(self) -> str:
        """SQLite's word for it."""
        return "FULL" if self.durable else "OFF"
