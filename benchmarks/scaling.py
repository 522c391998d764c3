"""What placing an order costs in shops that are larger: more orders, items, plugins, messages that wait."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import filling
from benchmarks.cases import CASES
from benchmarks.measure import interleaved, microseconds
from benchmarks.sides import Ashop, new_shop

PLACING = CASES[0]
TRIVIAL = '''"""A plugin that costs as little as one can: it looks at the change and says one thing about it."""

from ashop_core import Effect, Text, hookimpl


@hookimpl
def ashop_validate_change(order, change):
    return []


@hookimpl
def ashop_on_change(order, change):
    return [Effect(subject="trivial", before="", after=change.to_status, text=Text("sett", "seen"))]
'''

RULE = '''"""A stock rule without an opinion."""

from ashop_core import hookimpl


@hookimpl
def ashop_stock_check(question):
    return None
'''
LIMIT = '''"""A stock rule that looks at what the customer bought before."""

from datetime import timedelta

from ashop_core import Text, hookimpl
from ashop_stock_control import refuse


@hookimpl
def ashop_stock_window():
    return timedelta(days=30)


@hookimpl
def ashop_stock_check(question):
    if question.whole + sum(bought.quantity for bought in question.bought) > 1_000_000:
        return refuse("limit", Text("för många", "too many"))
    return None
'''


@dataclass(frozen=True, kw_only=True)
class Size:
    """A shop of some size; `group` is what it is compared within."""

    group: str
    name: str
    orders: int = 0
    items: int = 0
    plugins: int = 0
    rules: tuple[str, ...] = ()
    waiting: int = 0


SIZES = (
    *(Size(group="orders in the shop", name=f"{n:,}", orders=n) for n in (0, 1_000, 20_000)),
    *(Size(group="other stock items", name=f"{n:,}", items=n) for n in (10, 10_000)),
    *(Size(group="trivial local plugins", name=str(n), plugins=n) for n in (0, 1, 2, 4, 8)),
    Size(group="custom stock rules", name="none"),
    *(Size(group="custom stock rules", name=f"{n} without a window", rules=n * (RULE,)) for n in (1, 2, 4)),
    Size(group="custom stock rules", name="1 with a window", rules=(LIMIT,)),
    *(Size(group="messages waiting", name=f"{n:,}", orders=1, waiting=n) for n in (0, 10_000)),
)


def measure(folder: Path | None, operations: int) -> list[dict[str, Any]]:
    """Return the median µs of a placement for every size, those of one group taking turns."""
    found = []
    for group in dict.fromkeys(size.group for size in SIZES):
        sizes = [size for size in SIZES if size.group == group]
        with tempfile.TemporaryDirectory(dir=folder) as name:
            medians = _medians(Path(name), sizes, operations)
        found += [{"group": group, "name": size.name, "us": medians[size.name]} for size in sizes]
    return found


def _medians(folder: Path, sizes: Iterable[Size], operations: int) -> dict[str, float]:
    with ExitStack() as opened:
        sides = {}
        for number, size in enumerate(sizes):
            sides[size.name] = Ashop(_shop(folder / str(number), size), "OFF")
            opened.callback(sides[size.name].close)
        times = interleaved(PLACING, sides, operations)
        return {name: microseconds(blocks) for name, blocks in times.items()}


def _shop(folder: Path, size: Size) -> Path:
    names = [f"trivial{n}" for n in range(size.plugins)]
    files = {f"plugins/{name}.py": TRIVIAL for name in names}
    files |= {f"plugins/rule{n}.py": rule for n, rule in enumerate(size.rules)}
    names += [f"rule{n}" for n in range(len(size.rules))]
    file = new_shop(folder, *(f"local:{name}" for name in names), files=files) / "shop.db"
    if size.orders:
        filling.add_orders(file, 1, size.orders)
    if size.items:
        filling.add_items(file, size.items)
    if size.waiting:
        filling.add_waiting(file, size.waiting)
    return folder
