"""The shop: every use case of the order desk as one method. The command line and the pages call nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from ashop_core import schema
from ashop_core.changes import (
    ApprovalRequest,
    DetailsRequest,
    Draft,
    NoteRequest,
    ParcelRequest,
    PaymentRequest,
    Request,
    StatusRequest,
    payment_status,
    status_moves,
)
from ashop_core.clock import Clock, system_clock, to_iso
from ashop_core.customer import CustomerOrder, MessageContext, customer_view
from ashop_core.errors import Conflict, NotFound, Problem, Refused, SettingsError
from ashop_core.flow_build import build_flows
from ashop_core.flows import FlowParts, Flows
from ashop_core.intake import check_customer, check_language, check_lines, new_lines
from ashop_core.lifecycle import Outcome, create_order, make_change, preview_change
from ashop_core.models import (
    Change,
    Customer,
    Entry,
    ImportedOrder,
    Job,
    Kind,
    Message,
    NewLine,
    NewParcel,
    NewPayment,
    Order,
    Parcel,
    Payment,
    PlannedMessage,
    Rendered,
    Role,
    Section,
    Stage,
)
from ashop_core.orders import history_of, load_order, new_reference, parcels_of, payments_of
from ashop_core.outbox import Channel, Delivered, JobHandler, Outbox, messages_of
from ashop_core.plugins import Plugins, load_plugins
from ashop_core.queries import LARGEST_PAGE, OrderFilter, OrderRow, Page, list_orders
from ashop_core.settings import Settings, load_settings
from ashop_core.sqlite import SQLiteDatabase
from ashop_core.storage import Database, Reader
from ashop_core.tables import Migration
from ashop_core.texts import Text, same

PLACED = OrderFilter()
STAFF = "staff"
BUYER = "customer"


class Shop:
    """A shop that is open for business. Open one with `Shop.open(folder)`, close it with ``with`` or `close()`.

    Orders are named by number (``100234``), by reference (``K-7F3QX2``) or by an Order. Every method
    that changes something raises Refused with all reasons, NotFound, Conflict or PluginError, and then
    nothing was changed. `actor` is who does it, as the history will say.
    """

    def __init__(
        self, settings: Settings, plugins: Plugins, flows: Flows, channels: Mapping[str, Channel],
        handlers: Mapping[str, JobHandler], database: Database, clock: Clock,
    ) -> None:  # fmt: skip
        self.settings = settings
        self.plugins = plugins
        self.flows = flows
        self.channels = channels
        self.handlers = handlers
        self.database = database
        self.clock = clock
        self.outbox = Outbox(database, clock, channels, handlers, self._message_context)

    @classmethod
    def open(cls, folder: Path | str, *, clock: Clock = system_clock, synchronous: str = "FULL") -> Self:
        """Open the shop in a folder, its tables brought up to date.

        Raises SettingsError, PluginError or StorageError with every reason and the remedy; nothing is
        left half open. `synchronous` is SQLite's, for tests and measurements.
        """
        plugins = load_plugins(load_settings(Path(folder)))
        plugins.ensure_sound()
        flows, channels, handlers = assemble(plugins)
        database = open_database(plugins.settings, synchronous)
        try:
            database.migrate(migrations(plugins))
        except BaseException:
            database.close()
            raise
        return cls(plugins.settings, plugins, flows, channels, handlers, database, clock)

    def close(self) -> None:
        """Close the database."""
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # ── The checkout ─────────────────────────────────────────────────────────────────────────────

    def start_order(
        self,
        lines: Iterable[NewLine],
        *,
        checkout_key: str,
        delivery: str | None = None,
        payment_method: str | None = None,
        customer: Customer | None = None,
        language: str | None = None,
        actor: str = BUYER,
    ) -> Order:
        """Begin an order: the first of the checkout's steps. Unit prices are minor units incl. VAT.

        Idempotent on `checkout_key`: the same key with the same contents returns the order there is;
        with other contents it raises Conflict. Without a delivery or payment method, the shop's first.
        """
        goods = new_lines(check_lines(lines))
        method = self.flows.find_delivery(delivery or next(iter(self.flows.delivery_methods)))
        payment = self.flows.find_payment(payment_method or next(iter(self.flows.payment_methods)))
        now = self.clock()
        order = Order(
            id=0,
            reference=new_reference(),
            version=1,
            status=self.flows.with_role(Role.START).code,
            created_at=now,
            changed_at=now,
            delivery=method.code,
            payment_method=payment.code,
            language=check_language(language or self.settings.shop.language),
            currency=self.settings.shop.currency,
            customer=check_customer(customer or Customer()),
            lines=goods,
            shipping_price=method.price,
            checkout_key=checkout_key,
        )
        change = Change(
            kind=Kind.CREATED, seq=1, from_status=None, to_status=order.status, at=now, actor=actor
        )
        body = _digest(order)
        outcome = create_order(self, order, change, body)
        return outcome.order if outcome else self._repeated(checkout_key, body)

    def _repeated(self, checkout_key: str, body: str) -> Order:
        with self.database.read() as reader:
            row = reader.row(
                "SELECT reference, checkout_body FROM orders WHERE checkout_key = :key", {"key": checkout_key}
            )
            if row is not None and row["checkout_body"] == body:
                return load_order(reader, row["reference"])
        raise Conflict(
            Text(
                "Kassanyckeln {key} hör till en order med annat innehåll. Börja en ny med en ny nyckel.",
                "The checkout key {key} belongs to an order with other contents. Begin a new one with a new key.",
            ).fill(key=checkout_key)
        )

    def give_details(
        self,
        who: str | int | Order,
        *,
        customer: Customer | None = None,
        delivery: str | None = None,
        payment_method: str | None = None,
        language: str | None = None,
        actor: str = BUYER,
    ) -> Outcome:
        """Fill in who orders and how it is delivered and paid; may be repeated until it is placed."""
        request = DetailsRequest(
            customer=check_customer(customer) if customer else None,
            delivery=delivery,
            payment_method=payment_method,
            language=check_language(language) if language else None,
        )
        return self.change(who, request, actor=actor)

    def await_payment(self, who: str | int | Order, *, actor: str = BUYER) -> Outcome:
        """Let the order wait for its payment; stock rules may refuse here, before money moves."""
        return self.change(who, StatusRequest(to=self.flows.with_role(Role.PAYING).code), actor=actor)

    def place(self, who: str | int | Order, *, notify: bool | None = None, actor: str = BUYER) -> Outcome:
        """Place the order: it gets its public number, its goods are held, the customer is told.

        An order that is placed already is returned as it is (`Outcome.unchanged`).
        """
        order = self.order(who)
        if order.placed_at is not None:
            return Outcome(order=order)
        placed = self.flows.with_role(Role.PLACED).code
        try:
            return self.change(order, StatusRequest(to=placed, notify=notify), actor=actor)
        except Refused:
            # Two calls for the same placement: the later one may find it done, and reviewed already.
            again = self.order(order)
            if again.placed_at is not None:
                return Outcome(order=again)
            raise

    def abandon(self, who: str | int | Order, *, actor: str = STAFF) -> Outcome:
        """Mark a checkout as abandoned; the buyer may still come back to it."""
        return self.change(who, StatusRequest(to=self.flows.with_role(Role.ABANDONED).code), actor=actor)

    def abandon_stale(self) -> int:
        """Mark every checkout that nobody touched for the configured hours as abandoned; return how many."""
        limit = self.clock() - timedelta(hours=self.settings.shop.abandon_after_hours)
        target = self.flows.with_role(Role.ABANDONED)
        count = 0
        for order in self._stale(limit, target.code):
            try:
                # At the version it was seen: one that was placed or touched meanwhile is left alone.
                request = StatusRequest(to=target.code)
                self.change(order, request, actor="ashop work", expected_version=order.version)
                count += 1
            except (Conflict, Refused):
                continue
        return count

    def _stale(self, limit: datetime, abandoned: str) -> list[Order]:
        wanted = [
            s.code for s in self.flows.statuses.values() if s.stage is Stage.CHECKOUT and s.code != abandoned
        ]
        with self.database.read() as reader:
            return [
                load_order(reader, row["reference"])
                for code in wanted
                for row in reader.rows(
                    "SELECT reference FROM orders WHERE status = :status AND changed_at <= :limit LIMIT 500",
                    {"status": code, "limit": to_iso(limit)},
                )
            ]

    # ── Changes ──────────────────────────────────────────────────────────────────────────────────

    def change(
        self,
        who: str | int | Order,
        request: Request,
        *,
        actor: str = STAFF,
        expected_version: int | None = None,
    ) -> Outcome:
        """Make any change that can be asked for (see `ashop_core.changes`).

        With `expected_version` the change is only made to that version of the order, Conflict otherwise.
        """
        return make_change(self, who, request, actor, expected_version)

    def preview(self, who: str | int | Order, request: Request, *, actor: str = STAFF) -> Outcome:
        """Tell what a change would do: reasons against it, plugins' effects, messages as they would read."""
        return preview_change(self, who, request, actor)

    def change_status(
        self,
        who: str | int | Order,
        to: str,
        *,
        fields: Mapping[str, str] | None = None,
        parcel: NewParcel | None = None,
        note: str = "",
        reason: str = "",
        notify: bool | None = None,
        actor: str = STAFF,
        expected_version: int | None = None,
    ) -> Outcome:
        """Move an order to another status, with what the status asks for.

        `fields` are texts by the codes of `Status.fields`; times in the shop's zone or with their own.
        `notify` None lets the status decide what the customer is sent.
        """
        request = StatusRequest(
            to=to, fields=fields or {}, parcel=parcel, note=note, reason=reason, notify=notify
        )
        return self.change(who, request, actor=actor, expected_version=expected_version)

    def add_parcel(
        self,
        who: str | int | Order,
        parcel: NewParcel,
        *,
        note: str = "",
        notify: bool = False,
        actor: str = STAFF,
    ) -> Outcome:
        """Add a parcel to an order whose goods have left."""
        return self.change(who, ParcelRequest(parcel=parcel, note=note, notify=notify), actor=actor)

    def add_payment(
        self, who: str | int | Order, payment: NewPayment, *, note: str = "", actor: str = STAFF
    ) -> Outcome:
        """Add an entry to the payment record; amounts are minor units of the order's currency."""
        return self.change(who, PaymentRequest(payment=payment, note=note), actor=actor)

    def approve(self, who: str | int | Order, *, note: str = "", actor: str = STAFF) -> Outcome:
        """Approve an order, as some payment methods call for before it ships."""
        return self.change(who, ApprovalRequest(note=note), actor=actor)

    def add_note(self, who: str | int | Order, note: str, *, actor: str = STAFF) -> Outcome:
        """Write a note for staff; a customer never sees it."""
        return self.change(who, NoteRequest(note=note), actor=actor)

    def import_order(
        self,
        imported: ImportedOrder,
        *,
        move_stock: bool = False,
        notify: bool = False,
        actor: str = "import",
    ) -> Outcome | None:
        """Take over an order made elsewhere, in its status and at its own time; None if it is here already.

        One history row says that it was imported. Stock is only moved, and messages only sent, if asked.
        """
        status = self.flows.find_status(imported.status)
        if self._is_here(imported):
            return None
        order = self._imported_order(imported, status.stage is not Stage.CHECKOUT, move_stock)
        moves = status_moves(order.lines, status.stock) if status.stock else ()
        change = Change(
            kind=Kind.IMPORTED,
            seq=1,
            from_status=None,
            to_status=status.code,
            at=imported.at,
            actor=actor,
            moves=moves if move_stock else (),
            note=imported.note,
            notify=notify,
            parcel=NewParcel(number=imported.parcel_number) if imported.parcel_number else None,
            places=order.placed_at is not None,
        )
        held = {move.position: move.quantity for move in moves if move.target == "held"}
        gone = {move.position: move.quantity for move in moves if move.target == "gone"}
        lines = tuple(
            replace(line, held=held.get(line.position, 0), gone=gone.get(line.position, 0))
            for line in order.lines
        )
        return create_order(self, replace(order, lines=lines), change, None)

    def _is_here(self, imported: ImportedOrder) -> bool:
        """Tell cheaply whether an order was imported before; the table's unique key has the last word."""
        key = {"source": imported.source, "id": imported.external_id}
        with self.database.read() as reader:
            return (
                reader.row("SELECT 1 FROM orders WHERE source = :source AND external_id = :id", key)
                is not None
            )

    def _imported_order(self, imported: ImportedOrder, placed: bool, move_stock: bool) -> Order:
        lines = new_lines(check_lines(imported.lines))
        order = Order(
            id=0,
            reference=new_reference(),
            version=1,
            status=imported.status,
            created_at=imported.at,
            changed_at=imported.at,
            placed_at=imported.at if placed else None,
            delivery=self.flows.find_delivery(imported.delivery).code,
            payment_method=self.flows.find_payment(imported.payment_method).code,
            language=check_language(imported.language),
            currency=imported.currency,
            customer=check_customer(imported.customer),
            lines=lines,
            shipping_price=imported.shipping_price,
            paid=imported.paid,
            parcel_count=1 if imported.parcel_number else 0,
            moves_stock=move_stock,
            source=imported.source,
            external_id=imported.external_id,
        )
        status = payment_status(order.total, 0, imported.paid, 0, failed=False)
        return replace(order, payment=status)

    # ── Looking ──────────────────────────────────────────────────────────────────────────────────

    def order(self, who: str | int | Order) -> Order:
        """Return an order as it stands now, by number, reference or an earlier Order. Raises NotFound."""
        with self.database.read() as reader:
            return load_order(reader, who)

    def orders(self, wanted: OrderFilter = PLACED, *, cursor: str | None = None, limit: int = 50) -> Page:
        """Return a page of orders, newest first; without a stage or statuses only those that are placed."""
        with self.database.read() as reader:
            return list_orders(reader, self.flows, wanted, cursor, limit)

    def every_order(self, wanted: OrderFilter = PLACED) -> Iterator[OrderRow]:
        """Yield every order of a filter, newest first, reading a page at a time."""
        cursor: str | None = None
        while True:
            page = self.orders(wanted, cursor=cursor, limit=LARGEST_PAGE)
            yield from page.rows
            cursor = page.next
            if cursor is None:
                return

    def abandoned(self, *, cursor: str | None = None, limit: int = 50) -> Page:
        """Return a page of the checkouts that were begun and not placed, newest first; for staff only."""
        return self.orders(OrderFilter(stage=Stage.CHECKOUT), cursor=cursor, limit=limit)

    def history(self, order: Order) -> list[Entry]:
        """Return every change of an order, oldest first, with what the plugins did."""
        with self.database.read() as reader:
            return history_of(reader, order.id)

    def parcels(self, order: Order) -> list[Parcel]:
        """Return an order's parcels, first sent first."""
        with self.database.read() as reader:
            return parcels_of(reader, order)

    def payments(self, order: Order) -> list[Payment]:
        """Return an order's payment entries, oldest first."""
        with self.database.read() as reader:
            return payments_of(reader, order.id)

    def messages(self, order: Order) -> list[Message]:
        """Return every e-mail, SMS and so on of an order, with its words once it was tried."""
        with self.database.read() as reader:
            return messages_of(reader, order.id)

    def sections(self, order: Order) -> list[tuple[str, Section]]:
        """Return what plugins have to say on the order page; a plugin that fails gets a notice instead."""
        found: list[tuple[str, Section]] = []
        for implementation in self.plugins.implementations("ashop_describe_order"):
            described, fault = self.plugins.describe(implementation, Section, shop=self, order=order)
            found += [(implementation.plugin, section) for section in described]
            if fault is not None:
                notice = Section(
                    title=same(implementation.plugin), rows=((Text("fel", "fault"), str(fault)),)
                )
                found.append((implementation.plugin, notice))
        return found

    def customer_order(self, who: str | int | Order) -> CustomerOrder | None:
        """Return what the customer may see of an order, or None: also for one that does not exist."""
        with self.database.read() as reader:
            try:
                order = load_order(reader, who)
            except NotFound:
                return None
            return self._customer_view(reader, order, None)

    # ── Messages and jobs ────────────────────────────────────────────────────────────────────────

    def deliver(self, order: Order | None = None, *, most: int = 20) -> list[Delivered]:
        """Deliver what is due in the outbox, of one order or of all; return what became of each row."""
        return self.outbox.deliver(self, order_id=order.id if order else None, most=most)

    def render_planned(
        self, draft: Draft, planned: Iterable[PlannedMessage]
    ) -> tuple[tuple[PlannedMessage, Rendered], ...]:
        """Return the planned messages of a preview as their recipients would read them."""
        order, rendered = draft.after, []
        for message in planned:
            with self.database.read() as reader:
                seen = [entry.to_status for entry in history_of(reader, order.id)] + [order.status]
                view = customer_view(order, seen, parcels_of(reader, order), self.flows)
            if view is not None:
                fields = dict(draft.change.fields)
                context = self._context(
                    view, message.template, message.language, message.recipient, order.status, fields
                )
                rendered.append((message, self.channels[message.channel].render(context)))
        return tuple(rendered)

    def _message_context(self, message: Message) -> MessageContext | None:
        """Return what a message may say: its order as the customer could see it at that change."""
        with self.database.read() as reader:
            row = reader.row("SELECT reference FROM orders WHERE id = :id", {"id": message.order_id})
            if row is None:
                return None
            order = load_order(reader, row["reference"])
            entry = next((e for e in history_of(reader, order.id) if e.seq == message.seq), None)
            view = self._customer_view(reader, order, message.seq)
        if view is None or entry is None:
            return None
        fields = dict(entry.fields)
        if entry.parcel:
            fields["parcel_number"] = entry.parcel
        return self._context(
            view, message.template, message.language, message.recipient, entry.to_status, fields
        )

    def _context(
        self,
        view: CustomerOrder,
        template: str,
        language: str,
        recipient: str,
        status: str,
        fields: Mapping[str, str],
    ) -> MessageContext:
        return MessageContext(
            shop_name=self.settings.shop.name,
            language=language,
            timezone=self.settings.shop.timezone,
            template=template,
            status=self.flows.status(status).customer_label or view.status,
            order=view,
            recipient=recipient,
            fields=fields,
        )

    def _customer_view(self, reader: Reader, order: Order, until: int | None) -> CustomerOrder | None:
        entries = history_of(reader, order.id)
        codes = [e.to_status for e in entries if until is None or e.seq <= until]
        return customer_view(order, codes, parcels_of(reader, order), self.flows)


ABANDON = JobHandler(
    Job(
        code="abandon_checkouts",
        label=Text("Märk övergivna kassor", "Mark abandoned checkouts"),
        every=timedelta(hours=1),
    ),
    lambda shop, _: shop.abandon_stale(),
)


# ── Opening ──────────────────────────────────────────────────────────────────────────────────────


def assemble(plugins: Plugins) -> tuple[Flows, dict[str, Channel], dict[str, JobHandler]]:
    """Return the flows, channels and job handlers that the settings and plugins make together.

    Raises SettingsError with everything that is wrong with the flows, PluginError for a failing plugin.
    """
    settings = plugins.settings
    channels = {
        channel.code: channel
        for _, given in plugins.collect("ashop_register_channels", settings=settings)
        for channel in given
    }
    handlers = {ABANDON.job.code: ABANDON}
    for _, handler in plugins.gather("ashop_register_jobs", JobHandler, settings=settings):
        handlers[handler.job.code] = handler
    brought = [
        (plugin, parts)
        for plugin, parts in plugins.collect("ashop_register_flows", settings=settings)
        if isinstance(parts, FlowParts)
    ]
    flows, problems = build_flows(settings, brought, channels)
    if problems:
        raise SettingsError(problems)
    return flows, channels, handlers


def migrations(plugins: Plugins) -> dict[str, tuple[Migration, ...]]:
    """Return every set of tables, the core's first, by the name of who owns it."""
    sets = {"core": schema.MIGRATIONS}
    for plugin, step in plugins.gather("ashop_register_tables", Migration, settings=plugins.settings):
        sets[plugin] = (*sets.get(plugin, ()), step)
    return sets


def open_database(settings: Settings, synchronous: str = "FULL") -> Database:
    """Return the store that the settings name: a file in the shop's folder."""
    name = settings.shop.database
    if "://" in name:
        problem = Text(
            "ashop.toml: shop.database: {name} behöver en insticksmodul som kan sådana; skriv ett filnamn",
            "ashop.toml: shop.database: {name} needs a plugin that knows such stores; write a file name",
        ).fill(name=name.split("://")[0])
        raise SettingsError([Problem("no_store", problem)])
    return SQLiteDatabase(settings.path(name), synchronous=synchronous)


def _digest(order: Order) -> str:
    """Return what tells two checkouts apart: lines and choices, not times or references."""
    goods = [
        [line.sku, line.name, line.quantity, line.unit_price, str(line.vat_rate)] for line in order.lines
    ]
    words = json.dumps([goods, order.delivery, order.payment_method, order.language])
    return hashlib.sha256(words.encode()).hexdigest()
