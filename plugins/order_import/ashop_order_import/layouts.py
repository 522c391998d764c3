"""The tables that can be read: what their columns are called, and what makes orders of their rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from ashop_order_import import online_retail, shopify
from ashop_order_import.found import Grouped, ReadOptions, RefusedRow, Row

Build = Callable[[Sequence[Row], ReadOptions], Iterable[Grouped | RefusedRow]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Layout:
    """A kind of table. `columns` gives each column's headers, `build` makes one order of its rows.

    `statuses` maps the other shop's statuses to codes of ours, where settings say nothing else.
    """

    code: str
    label: str
    columns: Mapping[str, tuple[str, ...]]
    required: tuple[str, ...]
    statuses: Mapping[str, str]
    build: Build


LAYOUTS = (
    Layout(
        code=online_retail.CODE,
        label="Online Retail",
        columns=online_retail.COLUMNS,
        required=online_retail.REQUIRED,
        statuses=online_retail.STATUSES,
        build=online_retail.build,
    ),
    Layout(
        code=shopify.CODE,
        label="Shopify",
        columns=shopify.COLUMNS,
        required=shopify.REQUIRED,
        statuses=shopify.STATUSES,
        build=shopify.build,
    ),
)
