"""Any file whatever: one clear error, or every row accounted for; never another exception, never a half order."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ashop_core import AshopError, Shop
from ashop_core.doctor import examine_shop
from ashop_core.testing import FixedClock, write_shop
from ashop_order_import.found import Grouped, ReadOptions
from ashop_order_import.reading import FORMATS
from tests.import_samples import (
    ONLINE_RETAIL,
    SHOPIFY_OLD,
    as_csv,
    read,
    retail,
    retail_row,
    run,
    shopify,
    shopify_line,
    shopify_order,
    write,
)

MANY = settings(max_examples=200, deadline=None)
FEW = settings(max_examples=25, deadline=None)

NASTY = st.sampled_from(
    [
        "", "0", "1", "-1", "1.5", "1,5", "1e3", "１２", "٣", "+5", "0x10", "\x1a", '"', '""', "'", "\r", "\n", ";", "\t",
        "\x00", "\ufeff", "\u202e", "\ud7ff", "x" * 600, "9" * 40, "2026-03-29 02:30", "0001-01-01", "9999-12-31 23:59",
        "C1", "A1", "POST", "D", "{", "}", "[", "NaN", "Infinity", "true", "#1001", "SEK", "JPY", "=1+1", "İ", "ﷺ",
    ]
)  # fmt: skip
CELL = st.one_of(NASTY, st.text(max_size=12), st.integers(-5, 2 * 10**6).map(str))
OPTIONS = st.builds(
    ReadOptions,
    currency=st.sampled_from(["SEK", "JPY", "BHD"]),
    timezone=st.sampled_from(["Europe/Stockholm", "America/New_York"]),
    format=st.sampled_from([None, *FORMATS]),
    encoding=st.sampled_from([None, None, None, "utf-8", "cp1252", "utf-16", "utf-7"]),
)
RETAIL = retail(
    *(
        retail_row(str(n // 2), name=f'Vas "{n}", röd\nstor', sku="POST" if n % 3 == 0 else f"S{n}")
        for n in range(6)
    )
)
SHOPIFY = shopify(shopify_order(Notes="Ring!\nTack", Total="1.00"), shopify_line(), shopify_order(Name="#2"))
JSON = json.dumps(
    {
        "format": "ashop-order/1", "reference": "K-AAAAAA", "status": "received", "delivery": "post", "currency": "SEK",
        "payment_method": "invoice", "placed_at": "2026-01-02T03:04:05.000000Z", "customer": {"name": "Åsa"},
        "lines": [{"sku": "A", "name": "A", "quantity": 1, "unit_price": 100}],
    }
)  # fmt: skip


@st.composite
def tables(draw: Callable[..., Any]) -> str:
    """A table with the right headers and any cells."""
    headers = draw(st.sampled_from([ONLINE_RETAIL.split(","), SHOPIFY_OLD]))
    good = st.sampled_from([retail_row().split(","), [shopify_order().get(name, "") for name in SHOPIFY_OLD]])
    width = len(headers)
    row = st.one_of(st.lists(CELL, max_size=width + 1), st.lists(CELL, min_size=width, max_size=width), good)
    return as_csv([headers, *draw(st.lists(row, max_size=8))], draw(st.sampled_from(",;\t")))


@st.composite
def spoilt(draw: Callable[..., Any]) -> bytes:
    """A file that was right until something happened to it."""
    content = draw(st.sampled_from([RETAIL, SHOPIFY, JSON + "\n" + JSON, f"[{JSON},\n{JSON}]"]))
    data = bytearray(content.encode(draw(st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16"]))))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        what = draw(st.one_of(NASTY.map(lambda s: s.encode(errors="replace")), st.binary(max_size=4)))
        data[at : at + draw(st.integers(0, 30))] = what
    return bytes(data[: draw(st.one_of(st.none(), st.integers(0, len(data))))])


VALUE = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8), NASTY),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from([*json.loads(JSON), "number", "parcels", "paid", "sku", "x"]), inner, max_size=3
        ),
    ),
    max_leaves=6,
)


LINE = st.dictionaries(st.sampled_from(["sku", "name", "quantity", "unit_price", "vat_rate"]), VALUE)


@st.composite
def documents(draw: Callable[..., Any]) -> str:
    """Orders in Ashop's JSON with something else in some places."""
    found = []
    for _ in range(draw(st.integers(1, 3))):
        document = json.loads(JSON)
        for key in draw(
            st.lists(st.sampled_from([*document, "paid", "shipping_price", "fields", "parcels"]), max_size=3)
        ):
            document[key] = draw(VALUE)
        if draw(st.booleans()):
            document["lines"] = [{**json.loads(JSON)["lines"][0], **draw(LINE)}]
        found.append(json.dumps(document))
    return draw(st.sampled_from(["\n", ",\n"])).join(found)


def check(content: str | bytes, options: ReadOptions | None = None) -> list[Grouped]:
    with TemporaryDirectory() as folder, suppress(AshopError):
        orders, refused = read(write(Path(folder), content), options)
        for order in orders:
            assert order.lines
            assert all(1 <= line.quantity <= 10**6 and line.unit_price >= 0 for line in order.lines)
            assert order.at.utcoffset() is not None
        for row in refused:
            assert row.reason.text.sv
            assert row.reason.text.en
        return orders
    return []


@MANY
@given(st.binary(max_size=400), OPTIONS)
def test_any_bytes(content: bytes, options: ReadOptions) -> None:
    check(content, options)


@MANY
@given(st.text(max_size=200), st.sampled_from([ONLINE_RETAIL, ",".join(SHOPIFY_OLD)]))
def test_any_text_after_headers(content: str, headers: str) -> None:
    check(f"{headers}\n{content}".encode(errors="replace"))


@MANY
@given(tables(), OPTIONS)
def test_any_cells(content: str, options: ReadOptions) -> None:
    check(content.encode(errors="replace"), options)


@MANY
@given(spoilt(), OPTIONS)
def test_a_spoilt_file(content: bytes, options: ReadOptions) -> None:
    check(content, options)


@MANY
@given(documents())
def test_any_documents(content: str) -> None:
    check(content, ReadOptions(format="ashop"))


@FEW
@given(st.lists(st.one_of(tables(), documents()), min_size=1, max_size=3))
def test_the_shop_takes_what_the_reader_finds(contents: list[str]) -> None:
    with TemporaryDirectory() as name:
        folder = write_shop(Path(name), "order_import")
        with Shop.open(folder, clock=FixedClock(), synchronous="OFF") as shop:
            for content in contents:
                path = write(folder, content.encode(errors="replace"))
                with suppress(AshopError):
                    first = run(shop, path)
                    second = run(shop, path)
                    assert second.here.rows == first.here.rows + first.imported.rows
                    assert (second.imported.rows, second.refused) == (0, first.refused)
            assert [f.text.en for f in examine_shop(shop) if f.serious] == []
