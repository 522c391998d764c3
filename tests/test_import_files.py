"""Files as they come: encodings, delimiters, broken quotes, torn ends. One clear error, or a refused row each."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from ashop_core import InvalidInput, csv_rows, text_lines
from ashop_core.intake import MOST_LINES
from ashop_order_import import grouping, table
from ashop_order_import.found import ReadOptions
from ashop_order_import.reading import read_orders
from tests.import_samples import ONLINE_RETAIL, codes, read, retail, retail_row, write

ROW = retail_row(name="HJÄRTA röd – “stor”", country="EIRE")
FILE = retail(ROW)


# ── Encodings ────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16"),
        ("utf-32", "utf-32"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, encoding: str, found: str) -> None:
    path = write(tmp_path, FILE.encode(encoding))

    with read_orders(path) as file:
        [order] = list(file)

    assert file.encoding == found
    assert order.lines[0].name == "HJÄRTA röd – “stor”"  # type: ignore[union-attr]


def test_an_encoding_given_goes_before_what_is_found(tmp_path: Path) -> None:
    path = write(tmp_path, retail(retail_row(name="Ł")).encode("cp1250"))

    [order], _ = read(path, ReadOptions(encoding="cp1250"))

    assert order.lines[0].name == "Ł"


@pytest.mark.parametrize(
    ("content", "encoding", "words"),
    [
        (b"", None, "empty"),
        (gzip.compress(FILE.encode(), mtime=0), None, "gzip"),
        (b"PK\x03\x04 and so on", None, "Excel or zip"),
        (b"\xd0\xcf\x11\xe0 and so on", None, "Excel"),
        (b"%PDF-1.7", None, "PDF"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00", None, "NUL"),
        (bytes(range(256)), None, "NUL"),
        (FILE.encode() + b"\x00", None, "NUL"),
        (retail(ROW, "x,å,").encode() + "ö".encode("cp1252"), None, "partly"),
        (FILE.encode() * 40_000 + b"\xe5", None, "partly"),
        (b"a,b\x81\n", None, "cp1252"),
        (b"\xff\xfe\x41", None, "utf-16"),
        (FILE.encode("utf-16-le"), None, "NUL"),
        (FILE.encode("cp1252"), "utf-8", "utf-8"),
        (FILE.encode(), "klingon", "no encoding klingon"),
        (FILE.encode(), "base64", "base64"),
        (FILE.encode(), "rot13", "rot13"),
        (FILE.encode(), "idna", "idna"),
        (FILE.encode(), "undefined", "undefined"),
        (FILE.encode(), "a\x00b", "encoding"),
        (b"\n\n\n", None, "no headers"),
        (b"hej\n", None, "not known"),
        (b"\x1a", None, "not known"),
        (b'"' * 1000, None, "not known"),
        (b"x" * 5_000_000, None, "no headers"),
        (ONLINE_RETAIL.replace("Quantity", "Qty").encode(), None, r"quantity \(Quantity\)"),
        ((ONLINE_RETAIL + ",Quantity").encode(), None, "several columns"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_file_that_is_no_table_is_one_clear_error(
    tmp_path: Path, content: bytes, encoding: str | None, words: str
) -> None:
    with pytest.raises(InvalidInput, match=words):
        read_orders(write(tmp_path, content), ReadOptions(encoding=encoding))


def test_a_file_that_is_not_there_is_one_clear_error(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "nope.csv", tmp_path / ("x" * 300)):
        with pytest.raises(InvalidInput):
            read_orders(path)


# ── Delimiters, headers, line ends ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiters_and_line_ends_of_every_kind(tmp_path: Path, delimiter: str, end: str) -> None:
    content = retail(retail_row(sku="A"), retail_row(sku="B")).replace(",", delimiter).replace("\n", end)

    with read_orders(write(tmp_path, content)) as file:
        [order] = list(file)

    assert file.delimiter == delimiter
    assert [line.sku for line in order.lines] == ["A", "B"]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "content",
    [
        "sep=,\n" + FILE,
        "\n\n" + FILE,
        FILE.rstrip("\n"),
        FILE + "\n\n,,,,,,,\n \n",
        FILE + "\x1a",
        FILE.replace("InvoiceNo", " invoiceno "),
        FILE.replace(",Country", ',"Country"').replace("EIRE\n", "EIRE,,\n"),
    ],
    ids=["sep", "blank first", "no end", "blank rows", "ctrl-z", "case", "trailing commas"],
)
def test_harmless_oddities_are_read(tmp_path: Path, content: str) -> None:
    orders, refused = read(write(tmp_path, content))

    assert (len(orders), refused) == (1, [])


def test_columns_can_be_pointed_out(tmp_path: Path) -> None:
    content = "Ordernr;Artikel;Antal;Datum;Pris;Quantity\n7;A;2;2026-01-02;1,50;99\n"
    options = ReadOptions(
        columns={"ORDERNR": "order", "artikel": "sku", "Antal": "quantity", "Datum": "at", "Pris": "price"}
    )

    [order], _ = read(write(tmp_path, content), options)

    assert (order.external_id, order.total, order.lines[0].quantity) == ("7", 300, 2)


def test_pointing_at_a_column_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no column antal"):
        read_orders(write(tmp_path, FILE), ReadOptions(columns={"Antal": "antal"}))
    with pytest.raises(InvalidInput, match="no format excel"):
        read_orders(write(tmp_path, FILE), ReadOptions(format="excel"))
    with pytest.raises(InvalidInput, match="Chosen is Shopify"):
        read_orders(write(tmp_path, FILE), ReadOptions(format="shopify"))


# ── Bad rows ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("536365,A,B", "ragged"),
        (retail_row() + ",x", "ragged"),
        ('536365,"A"x,B,1,2010-12-01,1,,', "quotes"),
        ('536365,A,"B" C,1,2010-12-01,1,,', "quotes"),
        (retail_row(name="x" * 20_000), "too_long"),
        (retail_row(name="x" * 1_000_001), "quotes"),
        (retail_row(name="x" * 4_000_001), "too_long"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_row_that_cannot_be_read_is_refused_and_the_next_one_read(
    tmp_path: Path, row: str, code: str
) -> None:
    orders, refused = read(write(tmp_path, retail(retail_row("1"), row, retail_row("2"))))

    assert [order.external_id for order in orders] == ["1", "2"]
    assert [(r.number, r.reason.code) for r in refused] == [(3, code)]


def test_a_cell_that_nobody_reads_may_be_large(tmp_path: Path) -> None:
    content = (
        retail(retail_row())
        .replace("Country\n", "Country,Blob\n")
        .replace("Kingdom", "Kingdom," + "x" * 900_000)
    )

    orders, refused = read(write(tmp_path, content))

    assert (len(orders), refused) == (1, [])


def test_quoted_line_breaks_belong_to_their_row(tmp_path: Path) -> None:
    content = retail('1,A,"RED\nHEART\r\n,""BIG""",1,2010-12-01,1,,', retail_row("2"))

    orders, refused = read(write(tmp_path, content))

    assert [order.lines[0].name for order in orders] == ['RED HEART ,"BIG"', "BLUE COAT RACK"]
    assert (orders[1].rows, refused) == ((3,), [])


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        ('3,"A,B,1,2010-12-01,1,,', "unclosed"),  # to the end of the file
        ('3,"A,B,1,2010-12-01,1,,\n4,"A",B,1,2010-12-01,1,,', "unclosed"),  # to the next quote
        ('3,"' + "x" * 900_000 + "\n" + "y" * 200_000, "unclosed"),
        ('3,"' + "x\n" * 2_100_000, "unclosed"),
    ],
    ids=["to the end", "to the next quote", "cell too large", "row too large"],
)
def test_nothing_after_an_open_quote_is_believed(tmp_path: Path, bad: str, code: str) -> None:
    """What a customer wrote in a note must not become an order because a quote before it is missing."""
    content = retail(retail_row("1"), retail_row("2"), bad, retail_row("5"))

    orders, refused = read(write(tmp_path, content))

    assert [order.external_id for order in orders] == ["1"]
    # The order before is refused too: its rows might go on.
    assert [(r.number, r.order, r.reason.code) for r in refused] == [(4, "", code), (3, "2", "cut_short")]


def test_a_file_torn_within_a_row_does_not_take_half_an_order(tmp_path: Path) -> None:
    content = retail(retail_row("1"), retail_row("2")) + "2,A,B,1,2010-"

    orders, refused = read(write(tmp_path, content))

    assert [order.external_id for order in orders] == ["1"]
    assert codes(refused) == ["torn", "cut_short"]


def test_a_file_cut_anywhere_never_gives_a_row_that_is_not_in_the_whole(tmp_path: Path) -> None:
    content = retail(
        retail_row("1", name='A "B"\nC'), retail_row("1", sku="X"), retail_row("2", quantity="12")
    )
    whole, _ = read(write(tmp_path, content))
    names = {order.external_id: order for order in whole}

    for end in range(len(ONLINE_RETAIL) + 1, len(content)):
        orders, _ = read(write(tmp_path, content[:end]))
        for order in orders[:-1]:
            assert order == names[order.external_id]
        # The last cell of the last row, its country, may be cut: nothing tells.
        for order in orders:
            assert order.lines == names[order.external_id].lines[: len(order.lines)]


# ── Orders that are too large or not together ────────────────────────────────────────────────────


def test_rows_of_an_order_that_comes_back_are_refused(tmp_path: Path) -> None:
    rows = (retail_row("1"), retail_row("2"), retail_row("1"), retail_row("2"), retail_row("3"))

    orders, refused = read(write(tmp_path, retail(*rows)))

    assert [(order.external_id, order.rows) for order in orders] == [("1", (2,)), ("2", (3, 5)), ("3", (6,))]
    assert [(r.number, r.order, r.reason.code) for r in refused] == [(4, "1", "came_back")]


@pytest.mark.parametrize("extra", [0, 1, 3])
def test_an_order_has_at_most_so_many_rows(tmp_path: Path, extra: int) -> None:
    rows = [retail_row("1", quantity="1")] * (MOST_LINES + extra)

    orders, refused = read(write(tmp_path, retail(*rows, retail_row("2"))))

    assert [order.external_id for order in orders] == (["1", "2"] if not extra else ["2"])
    assert set(codes(refused)) == ({"too_large"} if extra else set())
    assert len(refused) == (len(rows) if extra else 0)


def test_an_order_takes_only_so_much_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "MOST_CHARACTERS", 1000)
    rows = [retail_row("1")] * 50

    orders, refused = read(write(tmp_path, retail(*rows, retail_row("2"))))

    assert [order.external_id for order in orders] == ["2"]
    assert codes(refused) == ["too_large"] * 50


def test_the_limits_are_those_of_the_readme() -> None:
    assert (csv_rows.LONGEST_CELL, text_lines.LONGEST_ROW, table.LONGEST_USED_CELL) == (
        1_000_000,
        4_000_000,
        10_000,
    )
    assert MOST_LINES == 5000


def test_only_the_rows_of_one_order_are_held(tmp_path: Path) -> None:
    """Memory does not grow with the file: what the reader holds is let go with each order."""
    import tracemalloc

    def peak(orders: int) -> int:
        path = write(tmp_path, retail(*(retail_row(str(n)) for n in range(orders))))
        tracemalloc.start()
        try:
            with read_orders(path) as file:
                assert sum(1 for _ in file) == orders
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    peak(10)  # what is loaded once
    assert peak(4000) < peak(400) + 300_000


def test_closing_early_closes_the_file(tmp_path: Path) -> None:
    file = read_orders(write(tmp_path, retail(*(retail_row(str(n)) for n in range(5)))))
    next(file)

    file.close()

    assert list(file) == []
