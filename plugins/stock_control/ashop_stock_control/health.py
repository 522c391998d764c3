"""What `ashop doctor` looks at in the stock. Each check is a query that must return nothing.

The codes name the project's invariants: S4, the ledger adds up to the figures; S5, an order's line holds what its
movements hold, no more left the shelf for it than it says, and nothing is given back that was not taken from it; S9,
figures are whole numbers, and those of an item that is not counted are 0. What is wrong of these, and of warnings and
checkouts' holds, `repairs` puts right, from the same queries.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ashop_core.errors import Problem
from ashop_core.finding import Finding
from ashop_core.texts import Text
from ashop_stock_control import amiss
from ashop_stock_control.differing import differing
from ashop_stock_control.reevaluating import not_as_ruled
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop
    from ashop_core.storage import Reader

MOST = 20
"""How many of each kind are named."""


@dataclass(frozen=True, kw_only=True)
class Check:
    """A query that must return nothing, and what a row of it says."""

    code: str
    sql: str
    words: Text
    serious: bool = True
    params: dict[str, Any] = field(default_factory=dict)


def checks(shop: Shop) -> list[Check]:
    """Return the checks as this shop's flows and settings fill them in."""
    return [
        Check(
            code="S4",
            sql=amiss.SUMS.format(tracked=1),
            words=Text(
                "{name}: på hyllan {on_hand} och hållet {held}, men rörelserna ger {ledger_on_hand} och {ledger_held}",
                "{name}: on hand {on_hand} and held {held}, but the movements make {ledger_on_hand} and {ledger_held}",
            ),
        ),
        Check(
            code="S4",
            sql=amiss.SUMS.format(tracked=0),
            words=Text(
                "{name}: räknas inte, men rörelserna ger {ledger_on_hand} på hyllan och {ledger_held} hållna",
                "{name}: is not counted, but the movements make {ledger_on_hand} on hand and {ledger_held} held",
            ),
        ),
        Check(
            code="S5",
            sql=amiss.lines_sql(shop),
            words=Text(
                "{name}: rörelserna håller {held} för {order} rad {position} och {gone} har lämnat hyllan, "
                "men raden håller {line_held} och {line_gone} har gått",
                "{name}: the movements hold {held} for {order} line {position} and {gone} have left the shelf, "
                "but the line holds {line_held} and {line_gone} are gone",
            ),
        ),
        Check(
            code="S5",
            sql=amiss.TAKES,
            words=Text(
                "{name}: det som går tillbaka på rörelse {root} för {order} rad {position} stämmer inte med vad den tog "
                "(hållet {held}, borta {gone})",
                "{name}: what goes back to movement {root} for {order} line {position} does not fit what it took "
                "(held {held}, gone {gone})",
            ),
        ),
        Check(
            code="S5_closed",
            sql=amiss.CLOSED_LINES.format(closed=amiss.closed(shop)),
            words=Text(
                "{name}: {order} har slutat i {status}, men rad {position} säger att {held} hålls. Inga varor hålls för "
                "den; någon har ändrat raden utanför Ashop: jämför med den senaste säkerhetskopian",
                "{name}: {order} has ended in {status}, but line {position} says that {held} are held. No goods are held "
                "for it; somebody changed the line outside Ashop: compare with the latest backup",
            ),
        ),
        Check(
            code="S9",
            sql=amiss.NEVER_COUNTED,
            words=Text(
                "{name}: räknas, men ingen har sagt hur många som finns: räkna hyllan, `ashop stock count {name} N`",
                "{name}: is counted, but nobody said how many there are: count the shelf, `ashop stock count {name} N`",
            ),
        ),
        Check(
            code="stock_holds",
            sql=amiss.STALE_HOLDS,
            words=Text(
                "{name}: kassan {order} står som att den håller varor tills tiden går ut, men gör det inte längre",
                "{name}: the checkout {order} is written down as holding goods until its time is out, but no longer does",
            ),
        ),
        Check(
            code="stock_holds",
            sql=amiss.endless_holds_sql(shop),
            words=Text(
                "{name}: kassan {order} håller varor utan att någon tid går ut",
                "{name}: the checkout {order} holds goods without any time that runs out",
            ),
        ),
        *_warning_checks(shop),
    ]


def _warning_checks(shop: Shop) -> Iterator[Check]:
    for kind, (limit, params) in amiss.warning_limits(shop).items():
        yield Check(
            code="stock_warnings",
            sql=amiss.WARNINGS.format(limit=limit),
            params={"kind": kind, **params},
            serious=kind == "oversold",
            words=_WARNING[kind],
        )


_WARNING = {
    "oversold": Text(
        "{name}: saldot är {balance}, men varningen för översålt {stands}",
        "{name}: the balance is {balance}, but the warning of oversold goods {stands}",
    ),
    "low": Text(
        "{name}: saldot är {balance}, men varningen för lågt saldo {stands}: `ashop doctor --fix` rättar den",
        "{name}: the balance is {balance}, but the warning of a low balance {stands}: `ashop doctor --fix` puts it right",
    ),
}
_TORN = Text(
    "[S5] {name}: rörelse {root}, som andra går tillbaka på, saknas. Artikeln rättas inte av sig själv: "
    "ta fram den senaste säkerhetskopian",
    "[S5] {name}: movement {root}, which others go back to, is missing. The item is not mended by itself: "
    "get the latest backup",
)
_STANDS = (Text("saknas", "is missing"), Text("är öppen", "is open"))


def problems(shop: Shop) -> list[Problem | Finding]:
    """Return everything that is wrong with the stock's own data, and warnings out of step as worth knowing."""
    with shop.database.read() as reader:
        found = [*_found(shop, reader), *_unknown_statuses(shop, reader), *differing(shop, reader)]
    return [*found, *not_as_ruled(shop)]


def _found(shop: Shop, reader: Reader) -> Iterator[Problem | Finding]:
    for check in checks(shop):
        for row in reader.rows(f"{check.sql} LIMIT {MOST}", check.params):
            values = dict(zip(row.keys(), tuple(row), strict=True))
            values["order"] = values.get("reference") or _no_order(values.get("order_id"))
            values["stands"] = _STANDS[values.get("is_open", 0)]
            if values.get("torn"):
                yield Problem("S5_torn", _TORN.fill(**values))
                continue
            text = check.words.fill(**values)
            if check.code[0] == "S":
                text = Text(f"[{check.code[:2]}] {text.sv}", f"[{check.code[:2]}] {text.en}")
            yield (
                Problem(check.code, text)
                if check.serious
                else Finding(code=check.code, text=text, serious=False)
            )


def _no_order(order_id: int | None) -> Text:
    if order_id is None:
        return Text("ingen order,", "no order,")
    return Text(
        "order nr {id} i databasen, som saknas (ta fram den ur den senaste säkerhetskopian),",
        "order no. {id} of the database, which is missing (get it from the latest backup),",
    ).fill(id=order_id)


def _unknown_statuses(shop: Shop, reader: Reader) -> Iterator[Problem]:
    known = shop.settings.for_plugin(StockSettings).stock_statuses
    for row in reader.rows("SELECT status, COUNT(*) AS n, MIN(sku) AS sku FROM stock_items GROUP BY status"):
        if row["status"] not in known:
            yield Problem(
                "unknown_stock_status",
                Text(
                    "Inställningarna känner inte lagerstatusen {code}, och ingen kan köpa de artiklar som har den ({sku} "
                    "m.fl., {n} st): lägg tillbaka [plugins.stock_control.statuses.{code}], eller ge dem en annan med "
                    "`ashop stock set`",
                    "The settings do not know the stock status {code}, and nobody can buy the items that have it ({n}, "
                    "such as {sku}): put [plugins.stock_control.statuses.{code}] back, or give them another by "
                    "`ashop stock set`",
                ).fill(n=row["n"], code=row["status"], sku=row["sku"]),
            )
