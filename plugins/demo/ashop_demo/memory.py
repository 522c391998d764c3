"""How much memory this process has needed."""

from __future__ import annotations

import sys


def peak_memory() -> int | None:
    """Return the largest resident size so far in bytes; None where the system does not tell."""
    try:
        from resource import RUSAGE_SELF, getrusage
    except ImportError:  # Windows
        return None
    peak = getrusage(RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
