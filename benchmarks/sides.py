"""The two sides that are measured: the shop, and the floor beneath it, each on a file that a shop made."""

from __future__ import annotations

import sqlite3
from functools import partial
from itertools import count
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

_towns = count()  # where the customers of a pair of sides live, nobody else with them


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

    def __init__(self, folder: Path, synchronous: str, town: int | None = None) -> None:
        self.shop = Shop.open(folder, synchronous=synchronous)
        self._names: dict[int, str] = {}
        self._town = next(_towns) if town is None else town

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
        self.shop.give_details(self._names[order], customer=customer_of(self._town, order))

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


def new_shop(folder: Path, *plugins: str, files: dict[str, str] | None = None) -> Path:
    """Make a shop with the goods in stock and return its folder."""
    write_shop(folder, *PLUGINS, *plugins, files=files)
    with Shop.open(folder, synchronous="OFF") as shop:
        for line in LINES:
            stock.add_item(shop, line.sku, line.name, balance=PLENTY)
    return folder


def customer_of(town: int, order: int) -> Customer:
    """Return an order's customer: everybody has an address and a number of their own, so that no cache helps."""
    return some_customer(
        name=f"Åsa Öberg {order}",
        email=f"asa{order}@town{town}.example.se",
        phone=f"+467{'02369'[town % 5]}17{order % 100_000:05}",
    )


def both_sides(folder: Path, synchronous: str) -> tuple[Ashop, Floor]:
    """Open the shop and the floor, each on a file of its own that a shop made."""
    file = new_shop(folder / "floor") / "shop.db"
    lines = [(line.sku, line.name, line.quantity, line.unit_price) for line in LINES]
    town = next(_towns)
    floor = Floor(file, synchronous, partial(_contact, town), lines)
    return Ashop(new_shop(folder / "ashop"), synchronous, town), floor


def _contact(town: int, order: int) -> tuple[str, ...]:
    who = customer_of(town, order)
    return (who.name, who.email, who.phone, who.street, who.postal_code, who.city, who.country)
