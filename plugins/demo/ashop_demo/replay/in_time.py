"""Orders in the order of their times, whatever order a file has them in, with little of them in memory."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from heapq import merge
from itertools import islice
from operator import attrgetter
from tempfile import TemporaryFile
from typing import IO

from ashop_order_import.reading import Grouped

RUN = 5000
"""So many orders are sorted in memory at a time; each run waits in a temporary file of its own."""

_time = attrgetter("at")


def by_time(orders: Iterable[Grouped]) -> Iterator[Grouped]:
    """Yield orders oldest first; those of the same instant stay as they came."""
    rest = iter(orders)
    with ExitStack() as files:
        runs = []
        while run := list(islice(rest, RUN)):
            file = files.enter_context(TemporaryFile())
            for order in sorted(run, key=_time):
                pickle.dump(order, file)
            file.seek(0)
            runs.append(_read(file))
        yield from merge(*runs, key=_time)


def _read(file: IO[bytes]) -> Iterator[Grouped]:
    while True:
        try:
            yield pickle.load(file)  # noqa: S301 - nobody else has written to it
        except EOFError:
            return
