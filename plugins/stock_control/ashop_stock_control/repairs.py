"""What `ashop doctor --fix` does to the stock: another row where rows are wrong, and figures that are their sums.

Which side is right where two differ? What every later change starts from. The order's line goes before the movements:
goods are shipped and released as the line says, so its movements must hold as much. The movements go before the
item's figures, which are nothing but their sums. No movement is changed or taken away: a compensating one of the kind
`repair` refers to the same take. Only the figures of the item are written over, and a row of 0 pieces keeps what they
were. A movement that somebody wrote past Ashop cannot be told from a true one where it contradicts no order: the
figures follow it, and only a count of the shelf shows it.

Each item is mended in one short transaction, its row and its orders locked, and everything is looked up again there:
a second run finds nothing to do, and a run that was killed is finished by the next one. The rules see the balance go
from what the figures said to what is right, as any other balance.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ashop_core.clock import from_iso, to_iso
from ashop_core.errors import AshopError
from ashop_core.repairing import Repair
from ashop_core.texts import Text
from ashop_stock_control import amiss
from ashop_stock_control.alerts import AlertKind, put_right
from ashop_stock_control.by_hand import Clerk, writing
from ashop_stock_control.effects import status_effect
from ashop_stock_control.items import find_items, lock_item
from ashop_stock_control.ledger import Kind, Moved, movement, record_steps, settle, shift
from ashop_stock_control.reckoning import Compensation, Line, compensations
from ashop_stock_control.rules import why_words
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop
    from ashop_stock_control.items import StockItem

AT_ONCE = 100
"""How many order lines, warnings or holds one transaction mends, so that orders get their turn in between."""

Place = tuple[int | None, int | None]
"""An order and the position of its line; None in a movement that names none."""

_LEDGER = (
    "SELECT CAST(COALESCE(SUM(d_on_hand), 0) AS BIGINT) AS on_hand, CAST(COALESCE(SUM(d_held), 0) AS BIGINT) AS held "
    "FROM stock_movements WHERE sku = :sku"
)
_ROWS = (
    "SELECT id, origin, d_on_hand, d_held FROM stock_movements "
    "WHERE sku = :sku AND {order} AND COALESCE(position, -1) = :position ORDER BY id"
)
_OF_ORDER = "order_id = :order_id"
_OF_NONE = "order_id IS NULL AND origin IS NOT NULL"
_LINE = "SELECT {line} WHERE l.order_id = :order_id AND l.position = :position AND l.sku = :sku"
_STILL_HELD = (
    "SELECT 1 AS held FROM orders AS o JOIN order_lines AS l ON l.order_id = o.id "
    "WHERE o.id = :order_id AND l.sku = :sku AND l.held > 0 AND o.moves_stock = 1 AND o.placed_at IS NULL"
)
_BEGIN_HOLD = (
    "INSERT INTO stock_checkout_holds (order_id, sku, expires_at) VALUES (:order_id, :sku, :until) "
    "ON CONFLICT (order_id, sku) DO NOTHING"
)
_END_HOLD = "DELETE FROM stock_checkout_holds WHERE order_id = :order_id AND sku = :sku"


def repairs() -> list[Repair]:
    """Return what can be mended of the stock, in the order it is to be done."""
    return [
        Repair(
            codes=("S4", "S5"),
            text=Text(
                "för rörelserna till vad ordrarnas rader säger, och artiklarnas tal till rörelsernas summor",
                "brings movements to what the lines of orders say, and the items' figures to the sums of movements",
            ),
            run=mend_figures,
        ),
        Repair(
            codes=("stock_warnings",),
            text=Text(
                "öppnar och stänger varningar efter saldot", "opens and closes warnings by the balance"
            ),
            run=mend_warnings,
        ),
        Repair(
            codes=("stock_holds",),
            text=Text(
                "låter kassornas hållna varor ha en tid som går ut",
                "lets the goods that checkouts hold have a time that runs out",
            ),
            run=mend_holds,
        ),
    ]


# ── Movements and figures ────────────────────────────────────────────────────────────────────────


def mend_figures(shop: Shop, dry_run: bool) -> Iterator[Text]:
    """Mend movements and figures, item by item, and tell what was done to each.

    An item that cannot be mended keeps no other from it: its fault is raised when all others are done.
    """
    fault: AshopError | None = None
    for sku, places in sorted(_amiss(shop).items()):
        for start in range(0, max(1, len(places)), AT_ONCE):
            try:
                yield from _mend_item(shop, sku, places[start : start + AT_ONCE], dry_run)
            except AshopError as error:
                fault = fault or error
                break
    if fault is not None:
        raise fault


def _amiss(shop: Shop) -> dict[str, list[Place]]:
    """Return the items of which something does not add up, and the order lines where it does not.

    Those left out of whose movements one is missing: what it said, no other row tells. So are orders that are missing.
    """
    found: dict[str, dict[Place, None]] = {}
    with shop.database.read() as reader:
        for tracked in (0, 1):
            for row in reader.rows(amiss.SUMS.format(tracked=tracked)):
                found.setdefault(row["name"], {})
        takes = reader.rows(amiss.TAKES)
        for row in [*reader.rows(amiss.lines_sql(shop)), *takes]:
            if row["order_id"] is None or row["reference"] is not None:
                found.setdefault(row["name"], {})[row["order_id"], row["position"]] = None
    torn = {row["name"] for row in takes if row["torn"]}
    return {sku: list(places) for sku, places in found.items() if sku not in torn}


def _mend_item(shop: Shop, sku: str, places: list[Place], dry_run: bool) -> list[Text]:
    with writing(shop, shop.staff, "", dry_run) as clerk:
        orders = sorted({order for order, _ in places if order is not None})
        clerk.tx.lock("orders", [{"id": order} for order in orders])
        return _ItemRepair(shop, clerk, lock_item(clerk.tx, sku)).run(places)


class _ItemRepair:
    """One item on its way to what its orders and movements say; its row is locked."""

    def __init__(self, shop: Shop, clerk: Clerk, item: StockItem) -> None:
        self.shop = shop
        self.clerk = clerk
        self.item = item
        self.told: list[Text] = []
        self._rows: list[Any] = []

    def run(self, places: list[Place]) -> list[Text]:
        """Write the rows that are needed, bring the figures to their sums, and return what was done."""
        for place in places:
            for each in self._compensations(place):
                self._compensate(place, each)
        (ledger,) = self.clerk.tx.rows(_LEDGER, {"sku": self.item.sku})
        drift = ledger["on_hand"] - self.item.on_hand, ledger["held"] - self.item.held
        if not self._rows and drift == (0, 0):
            return self.told
        d_on_hand = drift[0] + sum(row["d_on_hand"] for row in self._rows)
        d_held = drift[1] + sum(row["d_held"] for row in self._rows)
        moved = self._move(d_on_hand, d_held)
        if drift != (0, 0):
            self._note_figures(moved)
        record_steps(self._rows[-1], moved)
        self.clerk.tx.insert_all("stock_movements", self._rows)
        return self.told

    def _compensations(self, place: Place) -> list[Compensation]:
        order_id, position = place
        params = {"sku": self.item.sku, "position": -1 if position is None else position}
        order = _OF_NONE if order_id is None else _OF_ORDER
        if order_id is not None:
            params["order_id"] = order_id
        rows = self.clerk.tx.rows(_ROWS.format(order=order), params)
        return compensations(rows, self._line(params) if order_id is not None else Line())

    def _line(self, params: dict[str, Any]) -> Line:
        sql = _LINE.format(line=amiss.line_sql(self.shop))
        row = self.clerk.tx.row(sql, params)
        return Line() if row is None else Line(held=row["line_held"], gone=row["line_gone"])

    def _compensate(self, place: Place, each: Compensation) -> None:
        order_id, position = place
        words = Text(
            "{sku}, order {order} rad {position}: hållet {held:+}, på hyllan {shelf:+}",
            "{sku}, order {order} line {position}: held {held:+}, on hand {shelf:+}",
        ).fill(
            sku=self.item.sku, order=self._name(order_id), position="–" if position is None else position,
            held=each.d_held, shelf=each.d_on_hand,
        )  # fmt: skip
        self._write(words, each.d_on_hand, each.d_held, order_id, position, each.origin)

    def _name(self, order_id: int | None) -> str:
        if order_id is None:
            return "–"
        (row,) = self.clerk.tx.rows("SELECT number, reference FROM orders WHERE id = :id", {"id": order_id})
        return str(row["number"] or row["reference"])

    def _move(self, d_on_hand: int, d_held: int) -> Moved:
        first = not self.item.tracked
        if first:  # its movements say that it was counted
            self.clerk.tx.execute(
                "UPDATE stock_items SET tracked = 1 WHERE sku = :sku", {"sku": self.item.sku}
            )
        moved = shift(self.clerk.tx, self.item.sku, d_on_hand, d_held)
        assert moved is not None, "the row was locked"
        settle(self.clerk.tx, self.clerk.settings, self.clerk.judge, moved, at=self.clerk.at, first=first)
        put_right(self.clerk.tx, moved.item, self.clerk.settings.terms(moved.item).low, self.clerk.at)
        status = moved.status_before
        for step in moved.steps:
            effect = status_effect(moved.item, status, step.to, why_words(step.why), self.clerk.settings)
            self.told.append(effect.text)
            status = step.to
        return moved

    def _note_figures(self, moved: Moved) -> None:
        words = Text(
            "{sku}: på hyllan {a} → {b}, hållet {c} → {d}", "{sku}: on hand {a} → {b}, held {c} → {d}"
        ).fill(
            sku=self.item.sku, a=self.item.on_hand, b=moved.item.on_hand, c=self.item.held, d=moved.item.held
        )  # fmt: skip
        self._write(words, 0, 0, None, None, None)

    def _write(
        self, words: Text, d_on_hand: int, d_held: int, order_id: int | None, position: int | None, origin: int | None
    ) -> None:  # fmt: skip
        self.told.append(words)
        self._rows.append(
            movement(
                self.item.sku, Kind.REPAIR, d_on_hand, d_held, at=self.clerk.at, actor=self.clerk.actor,
                note=words.to(self.shop.settings.shop.language), order_id=order_id, position=position, origin=origin,
            )
        )  # fmt: skip


# ── Warnings ─────────────────────────────────────────────────────────────────────────────────────


def mend_warnings(shop: Shop, dry_run: bool) -> Iterator[Text]:
    """Open the warnings that are missing, close those that should not be open, and tell which.

    Those of an item whose figures are wrong are put right with its figures.
    """
    others = _amiss(shop)
    wrong: dict[str, dict[str, bool]] = {}
    with shop.database.read() as reader:
        for kind, (limit, params) in amiss.warning_limits(shop).items():
            for row in reader.rows(amiss.WARNINGS.format(limit=limit), {"kind": kind, **params}):
                if row["name"] not in others:
                    wrong.setdefault(row["name"], {})[kind] = row["is_open"] == 1
    settings = shop.settings.for_plugin(StockSettings)
    for skus in _batches(sorted(wrong)):
        with writing(shop, shop.staff, "", dry_run) as clerk:
            clerk.tx.lock("stock_items", [{"sku": sku} for sku in skus])
            for item in find_items(clerk.tx, skus).values():
                put_right(clerk.tx, item, settings.terms(item).low, clerk.at)
        for sku in skus:
            for kind, was_open in wrong[sku].items():
                yield _WARNINGS[kind, was_open].fill(sku=sku)


_WARNINGS = {
    (AlertKind.OVERSOLD.value, True): Text(
        "{sku}: varningen för översålt stängd", "{sku}: the warning of oversold goods closed"
    ),
    (AlertKind.OVERSOLD.value, False): Text(
        "{sku}: varningen för översålt öppnad", "{sku}: the warning of oversold goods opened"
    ),
    (AlertKind.LOW.value, True): Text(
        "{sku}: varningen för lågt saldo stängd", "{sku}: the warning of a low balance closed"
    ),
    (AlertKind.LOW.value, False): Text(
        "{sku}: varningen för lågt saldo öppnad", "{sku}: the warning of a low balance opened"
    ),
}


# ── What checkouts hold ──────────────────────────────────────────────────────────────────────────


def mend_holds(shop: Shop, dry_run: bool) -> Iterator[Text]:
    """Forget the holds of checkouts that hold nothing, and give those that do and have none an expiry."""
    with shop.database.read() as reader:
        found = [*reader.rows(amiss.STALE_HOLDS), *reader.rows(amiss.endless_holds_sql(shop))]
    names = {(row["order_id"], row["name"]): row["reference"] or f"#{row['order_id']}" for row in found}
    minutes = shop.settings.for_plugin(StockSettings).hold_minutes
    for pairs in _batches(sorted(names)):
        with writing(shop, shop.staff, "", dry_run) as clerk:
            clerk.tx.lock("orders", [{"id": order} for order in sorted({order for order, _ in pairs})])
            until = to_iso(from_iso(clerk.at) + timedelta(minutes=minutes))
            told = [_mend_hold(clerk, order, sku, until, names[order, sku]) for order, sku in pairs]
        yield from told


def _mend_hold(clerk: Clerk, order_id: int, sku: str, until: str, name: str) -> Text:
    values = {"order_id": order_id, "sku": sku}
    if clerk.tx.row(_STILL_HELD, values) is None:
        clerk.tx.execute(_END_HOLD, values)
        words = Text("{sku}: {order} håller inget längre", "{sku}: {order} holds nothing any more")
    else:
        clerk.tx.execute(_BEGIN_HOLD, {**values, "until": until})
        words = Text("{sku}: {order} håller till {until}", "{sku}: {order} holds until {until}")
    return words.fill(sku=sku, order=name, until=until)


def _batches(things: list[Any]) -> Iterable[list[Any]]:
    return (things[start : start + AT_ONCE] for start in range(0, len(things), AT_ONCE))
