"""What a plugin's tests need: a real shop in a temporary folder, a clock that stands still, orders made.

Installed with Ashop as a pytest plugin: the fixtures `clock`, `make_shop` and `race` are simply there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4
from zlib import compress, decompress

import pytest

if TYPE_CHECKING:
    from ashop_core.models import Customer, NewLine, Order
    from ashop_core.racing import Race, Work
    from ashop_core.shop import Shop


class FixedClock:
    """A clock that says the same instant until it is moved: 23 November 2026, noon UTC, to begin with."""

    def __init__(self, now: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC)) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **by: float) -> datetime:
        """Move the clock on (``clock.advance(hours=2)``) and return the new instant."""
        self.now += timedelta(**by)
        return self.now


MakeShop = Callable[..., "Shop"]

_EMPTY: dict[tuple[object, ...], bytes] = {}
"""The database of a shop just opened, by all that its folder holds: making the tables takes most of a short test."""


@pytest.fixture
def clock() -> FixedClock:
    """A clock that the test moves."""
    return FixedClock()


@pytest.fixture
def make_shop(tmp_path: Path, clock: FixedClock) -> Iterator[MakeShop]:
    """Open a real shop on a real SQLite file: ``make_shop("stock_control", toml="[statuses.…]")``.

    The names are the plugins to enable, `toml` is more of `ashop.toml`, `files` are files to write in the
    shop's folder first (``{"plugins/my_rule.py": "…"}``). Shops are closed when the test ends. No test has a power
    cut, so nothing waits for the disk (`synchronous`), and shops that begin alike get copies of the same empty tables.
    """
    opened: list[Shop] = []

    def make(
        *plugins: str,
        toml: str = "",
        files: dict[str, str] | None = None,
        folder: str = "shop",
        synchronous: str = "OFF",
    ) -> Shop:
        from ashop_core.shop import Shop

        home = write_shop(tmp_path / folder, *plugins, toml=toml, files=files)
        database = home / "shop.db"
        content = (plugins, toml, tuple(sorted((files or {}).items())))
        is_new = not database.exists()
        if is_new and content in _EMPTY:
            database.write_bytes(decompress(_EMPTY[content]))
        opened.append(Shop.open(home, clock=clock, synchronous=synchronous))
        if is_new and content not in _EMPTY:
            # the whole of it: opening a new shop leaves no connection, so there is no log beside it
            _EMPTY[content] = compress(database.read_bytes(), 1)
        return opened[-1]

    yield make
    for shop in opened:
        shop.close()


RunRace = Callable[..., "Race"]


@pytest.fixture
def race(clock: FixedClock) -> RunRace:
    """Let processes work at a shop all at once: ``race(shop, work, processes=8, tries=50, in_step=True)``.

    `work` is called in each process as ``work(shop, worker, n)``, with a shop that the process opened itself; all
    see the test's `clock` as it stands at the start. See `ashop_core.racing.race` for what comes back.
    """

    def run(shop: Shop | Path, work: Work, *, processes: int = 8, tries: int = 50, **options: Any) -> Race:
        from ashop_core import racing

        return racing.race(shop, work, processes=processes, tries=tries, clock=clock, **options)

    return run


def write_shop(home: Path, *plugins: str, toml: str = "", files: dict[str, str] | None = None) -> Path:
    """Write the folder of a shop with these plugins enabled and return it."""
    home.mkdir(parents=True, exist_ok=True)
    enabled = ", ".join(f'"{name}"' for name in plugins)
    settings = f'[shop]\nname = "Villa & Värme"\n\n[plugins]\nenabled = [{enabled}]\n\n{toml}'
    (home / "ashop.toml").write_text(settings, encoding="utf-8")
    for name, text in (files or {}).items():
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return home


def some_customer(**changed: str) -> Customer:
    """Return a customer with everything filled in, but for what you change."""
    from ashop_core.models import Customer

    values = {
        "name": "Åsa Öberg",
        "email": "asa@example.se",
        "phone": "+46701740605",
        "street": "Storgatan 1",
        "postal_code": "114 21",
        "city": "Stockholm",
        "country": "SE",
    }
    return Customer(**{**values, **changed})


def some_lines(*skus: str, quantity: int = 1, price: int = 10000) -> tuple[NewLine, ...]:
    """Return an order line for each SKU; `price` is minor units incl. VAT."""
    from ashop_core.models import NewLine

    return tuple(NewLine(sku=sku, name=f"Vara {sku}", quantity=quantity, unit_price=price) for sku in skus)


def place_order(
    shop: Shop,
    lines: Iterable[NewLine] | None = None,
    *,
    delivery: str = "post",
    payment_method: str = "invoice",
    customer: Customer | None = None,
    language: str = "sv",
) -> Order:
    """Take an order through the checkout and return it placed; nothing is paid first with an invoice."""
    order = shop.start_order(
        lines if lines is not None else some_lines("LAMPA"), checkout_key=uuid4().hex, delivery=delivery,
        payment_method=payment_method, language=language,
    )  # fmt: skip
    shop.give_details(order, customer=customer or some_customer())
    return shop.place(order).order
