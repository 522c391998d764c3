"""Orders left in a status that the settings no longer know: how many, and how they come to one that they do know."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ashop_core.drafts import Desk, Draft, after_change, plain_change
from ashop_core.errors import AshopError, InvalidInput, Problem, Refused, problem
from ashop_core.flows import Flows
from ashop_core.lifecycle import make_change, preview_change
from ashop_core.models import Kind, Order, Stage, Status
from ashop_core.moves import moved, status_moves
from ashop_core.storage import Reader
from ashop_core.texts import Text, counted, same

if TYPE_CHECKING:
    from ashop_core.shop import Shop

BATCH = 200


@dataclass(frozen=True, kw_only=True)
class Migrated:
    """What became of one order; without an `error` it was moved, or would be."""

    name: str
    error: AshopError | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class MigrateRequest:
    """Move an order out of a status that the settings no longer know; the customer is not told."""

    old: str
    to: str

    def draft(self, order: Order, desk: Desk) -> Draft | None:
        """Work out the change; its goods follow to where those of the new status stand.

        Nothing changes where the order has left the old status. What the new one demands (a payment, a
        field) is not asked: the order may have met it long ago, under the old status's name.
        """
        if order.status != self.old:
            return None
        flows, status = desk.flows, desk.flows.find_status(self.to)
        problems = list(_problems(order, status, flows))
        moves = () if status.stock is None else status_moves(order.lines, status.stock)
        change = plain_change(
            order, desk, Kind.MIGRATED, to_status=status.code, moves=moves if order.moves_stock else ()
        )
        lines = moved(order.lines, moves) if moves else order.lines
        return Draft(change=change, after=after_change(order, change, desk, lines), problems=problems)


def stranded_orders(reader: Reader, flows: Flows) -> dict[str, int]:
    """Return how many orders stand in each status that the settings do not know."""
    rows = reader.rows("SELECT status, COUNT(*) AS n FROM orders GROUP BY status ORDER BY status")
    return {row["status"]: row["n"] for row in rows if row["status"] not in flows.statuses}


def stranded_words(code: str, count: int) -> Text:
    """Return what there is to say, and to do, about orders in a status that nobody knows."""
    who = counted(count, Text("{n} order har", "{n} order has"), Text("{n} ordrar har", "{n} orders have"))
    return Text(
        "{who} statusen {code}, som inställningarna inte känner: lägg tillbaka [statuses.{code}], "
        "eller flytta till en annan med `ashop flow migrate {code} NY`",
        "{who} the status {code}, which the settings do not know: put [statuses.{code}] back, "
        "or move to another with `ashop flow migrate {code} NEW`",
    ).fill(who=who, code=code)


def migrate_orders(shop: Shop, old: str, to: str, *, dry_run: bool, actor: str) -> Iterator[Migrated]:
    """Move every order in the unknown status `old` to `to`, each in its own transaction; yield each as it is done.

    One that is refused is told and left, and the others go on; to call it again does the rest. Raises
    InvalidInput for an `old` that the settings know, NotFound for a `to` that they do not.
    """
    if old in shop.flows.statuses:
        raise InvalidInput(
            Text(
                "Statusen {old} finns i inställningarna. Flytta ordrar ur den med "
                '`ashop order status --where "status={old}" {to}`.',
                "The settings know the status {old}. Move orders out of it with "
                '`ashop order status --where "status={old}" {to}`.',
            ).fill(old=old, to=to)
        )
    request = MigrateRequest(old=old, to=shop.flows.find_status(to).code)
    return (_migrated(shop, order_id, request, dry_run, actor) for order_id in _standing(shop, old))


def _standing(shop: Shop, code: str) -> Iterator[str]:
    """Yield the references of the orders in a status, a batch at a time: those that stay are not met again."""
    last = ("", 0)
    while True:
        with shop.database.read() as reader:
            rows = reader.rows(
                "SELECT id, reference, listed_at FROM orders WHERE status = :code "
                "AND (listed_at > :at OR (listed_at = :at AND id > :id)) ORDER BY listed_at, id LIMIT :most",
                {"code": code, "at": last[0], "id": last[1], "most": BATCH},
            )
        if not rows:
            return
        last = (rows[-1]["listed_at"], rows[-1]["id"])
        yield from (row["reference"] for row in rows)


def _migrated(shop: Shop, who: str, request: MigrateRequest, dry_run: bool, actor: str) -> Migrated:
    try:
        if not dry_run:
            return Migrated(name=make_change(shop, who, request, actor).order.name)
        outcome = preview_change(shop, who, request, actor)
    except AshopError as error:
        return Migrated(name=who, error=error)
    name = outcome.order.name
    if outcome.problems:
        return Migrated(name=name, error=Refused(outcome.problems, same(name)))
    return Migrated(name=name)


def _problems(order: Order, status: Status, flows: Flows) -> Iterator[Problem]:
    flow = flows.flow_of(order.delivery)
    if status not in flows.of_flow(flow):
        yield problem(
            "not_in_flow", "{status} finns inte i orderns flöde ({flow})", "{status} is not in the order's flow ({flow})",
            status=status.label, flow=flow or order.delivery,
        )  # fmt: skip
    if order.placed_at is None and status.stage is not Stage.CHECKOUT:
        yield problem(
            "not_placed", "ordern är inte lagd: välj en status i kassan", "the order is not placed: choose a checkout status"
        )  # fmt: skip
    if order.placed_at is not None and status.stage is Stage.CHECKOUT:
        yield problem(
            "is_placed", "ordern är lagd: den kan inte gå tillbaka till kassan",
            "the order is placed: it cannot go back to the checkout",
        )  # fmt: skip
