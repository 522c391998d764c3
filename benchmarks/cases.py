"""The use cases that are measured, each on two sides: the shop, and the floor beneath it."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ashop_core import Customer, NewLine, NewParcel, Shop
from ashop_core.testing import some_customer, write_shop
from ashop_stock_control import stock
from benchmarks.floor import Floor

PLUGINS = ("stock_control", "email", "sms", "installation_booking")
PARCEL = "00373500489530471234"
# In the order of their SKUs, which is the order in which Ashop locks stock.
LINES = tuple(
    NewLine(sku=sku, name=name, quantity=quantity, unit_price=price)
    for sku, name, quantity, price in (
        ("LAMPA-7", "Taklampa Sken", 1, 129900),
        ("LED-806", "LED-lampa E27 806 lm", 6, 4900),
        ("SLADD-2", "Sladdställ svart, 2 m", 2, 19900),
    )
)
PLENTY = 10**9
"""On hand of each item: no threshold is crossed, so every order writes the same rows."""


class Side(Protocol):
    """Somebody who can run a shop's orders. `connections` are those whose statements are counted."""

    @property
    def connections(self) -> list[sqlite3.Connection]: ...
    def start(self, key: str) -> int: ...
    def details(self, order: int) -> None: ...
    def place(self, order: int) -> None: ...
    def review(self, order: int) -> None: ...
    def approve(self, order: int) -> None: ...
    def ship(self, order: int, parcel: str) -> None: ...
    def list_page(self) -> Any: ...
    def order_page(self, order: int) -> Any: ...
    def close(self) -> None: ...


class Ashop:
    """The shop itself, by its use cases. Orders go by their Order, as they would between two clicks."""

    def __init__(self, folder: Path, synchronous: str) -> None:
        self.shop = Shop.open(folder, synchronous=synchronous)
        self._names: dict[int, str] = {}

    @property
    def connections(self) -> list[sqlite3.Connection]:
        """The connections that the shop has opened."""
        session = self.shop.database._local.session  # type: ignore[attr-defined]
        return [session.reading._connection, session.writing._connection]

    def start(self, key: str) -> int:
        """Begin an order and return its id."""
        order = self.shop.start_order(LINES, checkout_key=key, delivery="post", payment_method="invoice")
        self._names[order.id] = order.reference
        return order.id

    def details(self, order: int) -> None:
        """Fill in the customer."""
        self.shop.give_details(self._names[order], customer=customer_of(order))

    def place(self, order: int) -> None:
        """Place the order."""
        self.shop.place(self._names[order])

    def review(self, order: int) -> None:
        """Mark the order as reviewed."""
        self.shop.change_status(self._names[order], "reviewed")

    def approve(self, order: int) -> None:
        """Approve the order."""
        self.shop.approve(self._names[order])

    def ship(self, order: int, parcel: str) -> None:
        """Mark the order as shipped, with a parcel number."""
        self.shop.change_status(self._names[order], "shipped", parcel=NewParcel(number=parcel))

    def list_page(self) -> Any:
        """Read page 1 of the order list."""
        return self.shop.orders()

    def order_page(self, order: int) -> Any:
        """Read everything on an order's page, from one snapshot."""
        shop = self.shop
        with shop.database.read():
            found = shop.order(self._names[order])
            return (
                found, shop.history(found), shop.parcels(found), shop.payments(found), shop.messages(found),
                shop.sections(found),
            )  # fmt: skip

    def close(self) -> None:
        """Close the shop."""
        self.shop.close()


@dataclass(frozen=True)
class Case:
    """One measured use case: `prepare` what it needs, outside the measurement, then `run` it."""

    name: str
    prepare: Callable[[Side, str], Any]
    run: Callable[[Side, Any], object]


def in_checkout(side: Side, key: str) -> int:
    """Bring an order to where it only needs to be placed."""
    order = side.start(key)
    side.details(order)
    return order


def placed(side: Side, key: str) -> int:
    """Bring an order through its checkout."""
    order = in_checkout(side, key)
    side.place(order)
    return order


def approved(side: Side, key: str) -> int:
    """Bring an order to where it may be shipped."""
    order = placed(side, key)
    side.review(order)
    side.approve(order)
    return order


def shipped(side: Side, key: str) -> int:
    """Bring an order to its end."""
    order = approved(side, key)
    side.ship(order, PARCEL)
    return order


CASES = (
    Case("place an order of 3 lines", in_checkout, lambda side, order: side.place(order)),
    Case("the whole checkout with it", lambda side, key: key, placed),
    Case("received → reviewed", placed, lambda side, order: side.review(order)),
    Case("reviewed → shipped, parcel", approved, lambda side, order: side.ship(order, PARCEL)),
    Case("read page 1 of the list", lambda side, key: None, lambda side, _: side.list_page()),
    Case("read an order's page", shipped, lambda side, order: side.order_page(order)),
)


def new_shop(folder: Path, *plugins: str, files: dict[str, str] | None = None) -> Path:
    """Make a shop with the goods in stock and return its folder."""
    write_shop(folder, *PLUGINS, *plugins, files=files)
    with Shop.open(folder, synchronous="OFF") as shop:
        for line in LINES:
            stock.add_item(shop, line.sku, line.name, balance=PLENTY)
    return folder


def customer_of(order: int) -> Customer:
    """Return an order's customer: everybody has an address and a number of their own, so that no cache helps."""
    return some_customer(
        name=f"Åsa Öberg {order}", email=f"asa{order}@example.se", phone=f"+467017{order % 100_000:05}"
    )


def both_sides(folder: Path, synchronous: str) -> tuple[Ashop, Floor]:
    """Open the shop and the floor, each on a file of its own that a shop made."""
    file = new_shop(folder / "floor") / "shop.db"
    lines = [(line.sku, line.name, line.quantity, line.unit_price) for line in LINES]
    return Ashop(new_shop(folder / "ashop"), synchronous), Floor(file, synchronous, _contact, lines)


def _contact(order: int) -> tuple[str, ...]:
    who = customer_of(order)
    return (who.name, who.email, who.phone, who.street, who.postal_code, who.city, who.country)


# ── Do both write the same? ──────────────────────────────────────────────────────────────────────

_OWN = {"reference", "checkout_body", "message_id", "applied_at"}
"""Columns that each side fills with its own random or digested words; times are left out by their form."""


def same_rows() -> list[str]:
    """Take one order to its end on each side, and return every difference between the tables afterwards."""
    with tempfile.TemporaryDirectory() as name:
        sides = both_sides(Path(name), "OFF")
        for side in sides:
            shipped(side, "the same")
            side.close()
        one, other = (_tables(Path(name) / folder / "shop.db") for folder in ("ashop", "floor"))
    return [f"{table}: {one[table]} ≠ {other[table]}" for table in one if one[table] != other[table]]


def _tables(file: Path) -> dict[str, list[dict[str, Any]]]:
    with closing(sqlite3.connect(file)) as connection:
        connection.row_factory = sqlite3.Row
        names = [r[0] for r in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: [_bare(row) for row in connection.execute(f"SELECT * FROM {name} ORDER BY rowid")]
            for name in names
        }


def _bare(row: sqlite3.Row) -> dict[str, Any]:
    return {key: _form(row[key]) for key in row.keys() if key not in _OWN}  # noqa: SIM118 - a Row is no dict


def _form(value: object) -> object:
    return "a time" if isinstance(value, str) and len(value) == 27 and value[10:11] == "T" else value
