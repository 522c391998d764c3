"""The shop: every use case of the order desk as one method. The command line and the pages call nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from ashop_core import checkout, importing
from ashop_core.changes import (
    ApprovalRequest,
    DetailsRequest,
    NoteRequest,
    ParcelRequest,
    PaymentRequest,
    PlaceRequest,
    Request,
    StatusRequest,
)
from ashop_core.clock import Clock, system_clock
from ashop_core.customer import CustomerOrder
from ashop_core.errors import NotFound, Refused
from ashop_core.flows import Flows
from ashop_core.intake import check_customer, check_language, check_lines, new_lines
from ashop_core.lifecycle import Choice, Outcome, choices_of, make_change, preview_change
from ashop_core.models import (
    Customer,
    Entry,
    ImportedOrder,
    Message,
    NewLine,
    NewParcel,
    NewPayment,
    Order,
    Parcel,
    Payment,
    Role,
    Section,
    Stage,
)
from ashop_core.opening import assemble, migrations, open_database
from ashop_core.orders import history_of, load_order, new_reference, parcels_of, payments_of
from ashop_core.outbox import Channel, Delivered, JobHandler, Outbox, messages_of
from ashop_core.plugins import Plugins, load_plugins
from ashop_core.queries import LARGEST_PAGE, OrderFilter, OrderRow, Page, list_orders
from ashop_core.settings import Settings, load_settings
from ashop_core.storage import Database
from ashop_core.telling import message_context, view_of
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
        self.outbox = Outbox(database, clock, channels, handlers, lambda m: message_context(self, m))

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

    def backup(self, target: Path) -> None:
        """Write the database as it is now to a new file; raises StorageError where it exists or cannot be."""
        self.database.backup(target)

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
        method = self.flows.find_delivery(delivery or next(iter(self.flows.delivery_methods)))
        goods = new_lines(check_lines(lines, shipping=method.price))
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
        return checkout.start(self, order, actor)

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
        try:
            return self.change(who, PlaceRequest(notify=notify), actor=actor)
        except Refused:
            # Two calls for the same placement: the later one may find it done, and reviewed already.
            order = self.order(who)
            if order.placed_at is not None:
                return Outcome(order=order)
            raise

    def abandon(self, who: str | int | Order, *, actor: str = STAFF) -> Outcome:
        """Mark a checkout as abandoned; the buyer may still come back to it."""
        return self.change(who, StatusRequest(to=self.flows.with_role(Role.ABANDONED).code), actor=actor)

    def abandon_stale(self, *, actor: str = "ashop work") -> int:
        """Mark every checkout that nobody touched for the configured hours as abandoned; return how many."""
        return checkout.abandon_stale(self, actor)

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

    def choices(self, who: str | int | Order, *, actor: str = STAFF) -> tuple[Order, list[Choice]]:
        """Return the order and every status of its flow, each with all that speaks against entering it now."""
        return choices_of(self, who, actor)

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
        return importing.import_order(self, imported, move_stock=move_stock, notify=notify, actor=actor)

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
            return view_of(self, reader, order)

    # ── Messages and jobs ────────────────────────────────────────────────────────────────────────

    def deliver(self, order: Order | None = None, *, most: int = 20) -> list[Delivered]:
        """Deliver what is due in the outbox, of one order or of all; return what became of each row."""
        return self.outbox.deliver(self, order_id=order.id if order else None, most=most)
