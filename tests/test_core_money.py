"""What an order costs: lines, shipping, fees and discounts, as they come in, change, are kept and are shown."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from ashop_core import Conflict, InvalidInput, NewLine, Refused, Shop
from ashop_core.doctor import examine_shop
from ashop_core.models import NewPayment, Order, OrderLine, PaymentKind
from ashop_core.money import LARGEST
from ashop_core.testing import MakeShop, place_order, some_customer, some_lines, write_shop
from ashop_core.vat import vat_summary

TOML = """
[delivery.post]
price = 4900

[payment.invoice]
fee = 2900
"""
LAMP = NewLine(sku="LAMPA", name="Lampa", quantity=3, unit_price=10000, vat_rate=Decimal("25"), discount=1500)
BOOK = NewLine(sku="BOK", name="Bok", quantity=1, unit_price=20000, vat_rate=Decimal("6"))


@pytest.fixture
def shop(make_shop: MakeShop) -> Shop:
    return make_shop(toml=TOML)


def start(shop: Shop, *lines: NewLine, **more: Any) -> Order:
    return shop.start_order(lines or (LAMP, BOOK), checkout_key=more.pop("key", "k"), **more)


def test_an_order_costs_its_lines_shipping_and_fee_less_its_discounts(shop: Shop) -> None:
    order = start(shop, delivery="post", payment_method="invoice", discount=700)

    kept = shop.order(order)

    assert (kept.shipping_price, kept.payment_fee, kept.discount) == (4900, 2900, 700)
    assert [(x.total, x.discount, x.vat_rate) for x in kept.lines] == [
        (28500, 1500, Decimal("25")),
        (20000, 0, Decimal("6")),
    ]
    assert kept.total == 28500 + 20000 + 4900 + 2900 - 700
    assert [(row.rate, row.gross) for row in vat_summary(kept)] == [
        (Decimal("25"), 32672),
        (Decimal("6"), 22928),
    ]


def test_shipping_and_fee_follow_the_choices_of_the_checkout(shop: Shop) -> None:
    order = start(shop, delivery="post", payment_method="invoice")

    cheaper = shop.give_details(
        order, delivery="pickup", payment_method="card", customer=some_customer()
    ).order
    dearer = shop.give_details(order, delivery="post", payment_method="invoice").order

    assert (cheaper.shipping_price, cheaper.payment_fee, cheaper.total) == (0, 0, 48500)
    assert (dearer.shipping_price, dearer.payment_fee, dearer.total) == (4900, 2900, 56300)
    assert shop.order(order).total == 56300


def test_a_discount_that_choices_make_too_large_refuses_the_choice(shop: Shop) -> None:
    order = start(shop, *some_lines("A"), delivery="post", payment_method="invoice", discount=17800)
    assert order.total == 0

    with pytest.raises(Refused) as refusal:
        shop.give_details(order, delivery="pickup", payment_method="invoice")

    assert [p.code for p in refusal.value.problems] == ["discount_too_large"]
    assert shop.order(order).version == 1


def line(**changed: Any) -> NewLine:
    return NewLine(**{"sku": "A", "name": "A", "quantity": 2, "unit_price": 100, **changed})


@pytest.mark.parametrize(
    ("lines", "discount", "words"),
    [
        ([line(discount=201)], 0, "högst vad raden kostar"),
        ([line(discount=-1)], 0, "rabatten -1"),
        ([line(discount=1.0)], 0, "rabatten 1.0"),
        ([line(discount=True)], 0, "rabatten True"),
        ([line(discount=LARGEST * 10)], 0, "högst vad raden kostar"),
        ([line()], -1, "rabatten"),
        ([line()], 1.5, "rabatten"),
        ([line()], True, "rabatten"),
        ([line()], 201 + 4900, "rabatten är större än varor, frakt och avgift"),
        ([line(discount=200)], 4901, "rabatten är större än varor, frakt och avgift"),
        ([line(quantity=1, unit_price=LARGEST)], 0, "ordersumman är för stor"),
        ([line(quantity=1, unit_price=LARGEST)], 4900, "ordersumman är för stor"),
    ],
)
def test_a_discount_or_total_out_of_bounds_is_refused(
    shop: Shop, lines: list[NewLine], discount: Any, words: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        start(shop, *lines, delivery="post", payment_method="card", discount=discount)

    assert words in refusal.value.text.sv
    with shop.database.read() as reader:
        assert reader.rows("SELECT 1 FROM orders") == []


@pytest.mark.parametrize(
    ("lines", "discount", "total"),
    [([line(discount=200)], 0, 0), ([line(discount=200)], 4900, -4900 + 4900), ([line()], 5100, 0)],
)
def test_a_discount_may_take_all_there_is(
    shop: Shop, lines: list[NewLine], discount: int, total: int
) -> None:
    order = start(shop, *lines, delivery="post", payment_method="card", discount=discount)

    assert order.total == total + (4900 if not discount else 0)


def test_another_discount_is_another_checkout(shop: Shop) -> None:
    first = start(shop, discount=100)

    assert start(shop, discount=100).reference == first.reference
    with pytest.raises(Conflict):
        start(shop, discount=200)
    start(shop, line(), key="other")
    with pytest.raises(Conflict):
        start(shop, line(discount=1), key="other")


@pytest.mark.parametrize(("currency", "shown"), [("JPY", "1"), ("KWD", "0,001")])
def test_the_smallest_coin_of_any_currency_counts(
    ashop: Callable[..., Any], tmp_path: Any, currency: str, shown: str
) -> None:
    home = write_shop(tmp_path / "shop")
    text = (home / "ashop.toml").read_text(encoding="utf-8")
    (home / "ashop.toml").write_text(
        text.replace("[shop]", f'[shop]\ncurrency = "{currency}"'), encoding="utf-8"
    )

    result = ashop(
        "order", "new", "--line", f"A=2@{shown}", "--vat", "10", "--discount", shown, "--delivery", "pickup",
        "--name", "A", "--email", "a@example.se", "--key", "x", "--json",
    )  # fmt: skip

    assert result.exit_code == 0, result.output
    with Shop.open(home) as shop:
        order = shop.order(100001)
    assert (order.total, order.discount) == (1, 1)
    assert [(r.gross, r.vat) for r in vat_summary(order)] == [(1, 0)]


# ── At the terminal ──────────────────────────────────────────────────────────────────────────────

NEW = ("order", "new", "--name", "Anna", "--email", "anna@example.se", "--street", "Storgatan 1", "--postal-code",
       "44330", "--city", "Lerum")  # fmt: skip


@pytest.fixture
def home(tmp_path: Any) -> Any:
    return write_shop(tmp_path / "shop", toml=TOML)


@pytest.mark.parametrize(
    ("line", "price", "discount", "rate", "name"),
    [
        ("A=2@149", 14900, 0, None, "A"),
        ("A=2@149:B", 14900, 0, None, "B"),
        ("A=2@149-20:B", 14900, 2000, None, "B"),
        ("A=2@149/6:B", 14900, 0, "6", "B"),
        ("A=2@149-20/25,5 %:B", 14900, 2000, "25.5", "B"),
        ("A=2@1 149,50-0,50/25:B-C/D:E", 114950, 50, "25", "B-C/D:E"),
    ],
)
def test_a_line_may_have_a_discount_and_a_rate(
    ashop: Callable[..., Any], home: Any, line: str, price: int, discount: int, rate: str | None, name: str
) -> None:
    assert ashop(*NEW, "--line", line).exit_code == 0

    with Shop.open(home) as shop:
        [found] = shop.order(100001).lines
    assert (found.unit_price, found.discount, found.name) == (price, discount, name)
    assert found.vat_rate == (None if rate is None else Decimal(rate))


def test_the_rate_of_the_order_is_for_lines_without_their_own(ashop: Callable[..., Any], home: Any) -> None:
    ashop(*NEW, "--line", "A=1@10", "--line", "B=1@10/6", "--vat", "25")

    with Shop.open(home) as shop:
        assert [x.vat_rate for x in shop.order(100001).lines] == [Decimal("25"), Decimal("6")]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--line", "A=1@10/x"), "ingen momssats"),
        (("--line", "A=1@10/-6"), "ingen momssats"),
        (("--line", "A=1@10/100"), "ingen momssats"),
        (("--line", "A=1@10/6.125"), "ingen momssats"),
        (("--line", "A=1@10/٦"), "ingen momssats"),
        (("--line", "A=1@10", "--vat", "moms"), "ingen momssats"),
        (("--line", "A=1@10-x"), "inget belopp"),
        (("--line", "A=1@10-11"), "högst vad raden kostar"),
        (("--line", "A=1@10", "--discount", "100000"), "rabatten är större"),
        (("--line", "A=1@10", "--discount", "-1"), "rabatten"),
    ],
)
def test_what_is_no_discount_or_rate_begins_no_order(
    ashop: Callable[..., Any], home: Any, more: tuple[str, ...], words: str
) -> None:
    result = ashop(*NEW, *more)

    assert result.exit_code == 1
    assert words in result.stderr
    with Shop.open(home) as shop, shop.database.read() as reader:
        assert reader.rows("SELECT 1 FROM orders") == []


def flat(text: str) -> str:
    return text.replace("\N{NO-BREAK SPACE}", " ")


def test_the_page_shows_every_part_of_the_sum(ashop: Callable[..., Any], home: Any) -> None:
    ashop(
        *NEW,
        "--line",
        "A=3@100-15/25:Lampa",
        "--line",
        "B=1@200/6:Bok",
        "--discount",
        "7",
        "--payment",
        "invoice",
    )

    swedish, english = (flat(ashop("order", "show", "100001", lang=lang).stdout) for lang in ("sv", "en"))

    for words in (
        "Rabatt", "-15,00 kr", "Frakt", "49,00 kr", "Avgift", "29,00 kr", "-7,00 kr", "Summa", "556,00 kr",
        "Moms 25 %", "65,34 kr av 326,72 kr", "Moms 6 %", "12,98 kr av 229,28 kr", "Kvar att betala",
    ):  # fmt: skip
        assert words in swedish
    for words in ("Discount", "Fee", "Total", "VAT 25%", "SEK 65.34 of SEK 326.72", "Left to pay"):
        assert words in english


def test_a_plain_order_shows_no_discount_no_fee_and_no_vat(ashop: Callable[..., Any], home: Any) -> None:
    ashop(*NEW, "--line", "A=1@10", "--delivery", "pickup", "--payment", "card", "--no-place", "--key", "k")
    with Shop.open(home) as shop:
        [row] = shop.abandoned().rows

    page = ashop("order", "show", row.reference).stdout

    assert not any(word in page for word in ("Rabatt", "Avgift", "Frakt", "Moms", "momssats", "Kvar"))


def test_what_is_to_be_refunded_is_said(ashop: Callable[..., Any], home: Any) -> None:
    with Shop.open(home) as shop:
        dear = place_order(shop, some_lines("A"), delivery="pickup")
        void = place_order(shop, some_lines("B"), delivery="pickup")
        for order in (dear, void):
            shop.add_payment(order, NewPayment(kind=PaymentKind.PAID, amount=order.total + 500))
        shop.change_status(void, "cancelled", reason="slut")

    too_much, cancelled = (flat(ashop("order", "show", str(n)).stdout) for n in (dear.number, void.number))

    assert "Att återbetala  5,00 kr" in too_much
    assert "Att återbetala  134,00 kr" in cancelled
    ashop("order", "payment", str(void.number), "återbetald")
    assert "Att återbetala" not in ashop("order", "show", str(void.number)).stdout


# ── In the database ──────────────────────────────────────────────────────────────────────────────


def spoil(shop: Shop, sql: str) -> list[str]:
    with shop.database.write() as tx:
        tx.execute(sql, {})
    return [f.text.en for f in examine_shop(shop) if f.text.en.startswith("[O5]")]


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE orders SET total = total + 1",
        "UPDATE orders SET discount = discount + 1",
        "UPDATE orders SET payment_fee = payment_fee + 1",
        "UPDATE orders SET shipping_price = shipping_price + 1",
        "UPDATE order_lines SET discount = discount + 1",
        "UPDATE order_lines SET unit_price = unit_price + 1",
        "UPDATE orders SET paid = paid + 1",
        "UPDATE orders SET refunded = refunded + 1",
    ],
)
def test_doctor_sees_a_sum_that_is_not_the_sum_of_its_parts(shop: Shop, sql: str) -> None:
    order = start(shop, discount=700, customer=some_customer(), payment_method="invoice")
    shop.give_details(order)
    shop.place(order)
    for kind, amount in ((PaymentKind.PAID, 5000), (PaymentKind.REFUNDED, 100)):
        shop.add_payment(order, NewPayment(kind=kind, amount=amount))
    assert [f for f in examine_shop(shop) if f.serious] == []

    assert len(spoil(shop, sql)) == 1


def test_a_line_is_worth_its_pieces_less_its_discount() -> None:
    assert OrderLine(position=1, sku="A", name="A", quantity=3, unit_price=100, discount=50).total == 250
