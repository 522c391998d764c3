"""The shop: every use case of the order desk as one method. The command line and the pages call nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from datetime import date, timedelta
from functools import cached_property, partial
from pathlib import Path
from types import TracebackType
from typing import Self

from ashop_core import abandoned, arrivals, checkout, holds, importing, reminding, resending
from ashop_core.abandoned import AbandonedPage, list_abandoned
from ashop_core.changes import (
    AmendRequest,
    AnonymiseRequest,
    ApprovalRequest,
    CancelRequest,
    DetailsRequest,
    FollowUpRequest,
    NoteRequest,
    ParcelRequest,
    PaymentRequest,
    PlaceRequest,
    Request,
    ReturnRequest,
    StatusRequest,
    UndoRequest,
)
from ashop_core.channels import Channel, IncomingReport, KeepsOpen
from ashop_core.choices import Choice, choices_of
from ashop_core.clock import Clock, local, system_clock
from ashop_core.counts import MOST, Count, Counts, count_orders, count_statuses
from ashop_core.customer import CustomerOrder
from ashop_core.errors import NotFound, Refused
from ashop_core.flow_migration import Migrated, migrate_orders, stranded_orders
from ashop_core.flows import Flows
from ashop_core.holds import Hold, Waiting, held_copy, hold_of, suppress_waiting, waiting_in_outbox
from ashop_core.intake import check_amount, check_customer, check_language, check_lines, new_lines
from ashop_core.lanes import Lane, lanes_of
from ashop_core.leases import Wanted
from ashop_core.lifecycle import foresee_change, make_change, preview_change
from ashop_core.message_account import MessageAccount, account_of
from ashop_core.message_preview import PreviewRequest, StatusPreview, preview_messages
from ashop_core.messages import EVERY as EVERY_MESSAGE
from ashop_core.messages import MessageFilter, MessageRow, list_messages
from ashop_core.models import (
    Attempt,
    Customer,
    Entry,
    FollowUp,
    ImportedOrder,
    Message,
    NewLine,
    NewParcel,
    NewPayment,
    Order,
    Parcel,
    ParcelInfo,
    Payment,
    Refusal,
    Role,
    SavedFilter,
    Section,
)
from ashop_core.opening import assemble, migrations, open_database
from ashop_core.order_filter import Moment, OrderFilter
from ashop_core.order_records import history_of, parcels_of, payments_of
from ashop_core.orders import load_order, new_reference
from ashop_core.outbox import Delivered, JobHandler, Outbox
from ashop_core.outbox_rows import attempts_by_message, messages_of, release_dead
from ashop_core.outcomes import Outcome
from ashop_core.paging import LARGEST_PAGE, every_row
from ashop_core.parcels import parcel_info
from ashop_core.payment_due import PaymentDueRequest
from ashop_core.plugins import Plugins, by_name, load_plugins
from ashop_core.queries import OrderRow, Page, list_orders
from ashop_core.refusals import refusals_of
from ashop_core.resend_copy import Copy, Resend, copy_of
from ashop_core.saved import saved_filters
from ashop_core.settings import Settings, load_settings
from ashop_core.storage import Database, Reader
from ashop_core.story import Event, story_of
from ashop_core.telling import telling_of, view_of
from ashop_core.texts import Text, same
from ashop_core.undoing import last_undoable, standing
from ashop_core.unpaid import UnpaidPage, list_unpaid, unpaid_totals
from ashop_core.where import Desk, parse_where

PLACED = OrderFilter()
STAFF = "staff"
BUYER = "customer"


class Shop:
    """A shop that is open for business. Open one with `Shop.open(folder)`, close it with ``with`` or `close()`.

    Orders are named by number (``100234``), by reference (``K-7F3QX2``) or by an Order. Every method
    that changes something raises Refused with all reasons, NotFound, Conflict or PluginError, and then
    nothing was changed. `actor` is who does it, as the history will say; `staff` is the name of whoever
    works at this desk, where no other actor is given.
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
        self.staff = STAFF
        self.outbox = Outbox(database, clock, channels, handlers, lambda m: telling_of(self, m))

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
        """Write the database as it is now to a new file; raises StorageError where it exists or cannot be.

        Whoever opens the copy as a shop finds its outbox held.
        """
        self.database.backup(target, held_copy(self.clock()))

    def close(self) -> None:
        """Close the database, and what channels keep open: all of it, also where a channel fails."""
        with ExitStack() as everything:
            everything.callback(self.database.close)
            for channel in self.channels.values():
                if isinstance(channel, KeepsOpen):
                    everything.callback(by_name, channel.code, "close", channel.close)

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
        discount: int = 0,
        actor: str = BUYER,
    ) -> Order:
        """Begin an order: the first of the checkout's steps. Prices and discounts are minor units incl. VAT.

        Idempotent on `checkout_key`: the same key with the same contents returns the order there is;
        with other contents it raises Conflict. Without a delivery or payment method, the shop's first.
        """
        method = self.flows.find_delivery(delivery or next(iter(self.flows.delivery_methods)))
        payment = self.flows.find_payment(payment_method or next(iter(self.flows.payment_methods)))
        check_amount(discount, Text("rabatten", "the discount"))
        goods = check_lines(lines, shipping=method.price, fee=payment.fee, discount=discount)
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
            lines=new_lines(goods),
            shipping_price=method.price,
            payment_fee=payment.fee,
            discount=discount,
            checkout_key=checkout_key,
        )
        return checkout.start(self, order, self._named(actor))

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

    def follow_up(
        self, who: str | int | Order, outcome: FollowUp, *, note: str = "", actor: str = STAFF
    ) -> Outcome:
        """Write down what came of getting in touch about a checkout that was not finished."""
        return self.change(who, FollowUpRequest(outcome=outcome, note=note), actor=actor)

    def anonymise(self, who: str | int | Order, *, actor: str = STAFF) -> Outcome:
        """Take the person away from a checkout that became no order, in messages and plugins too, for good.

        Words that were searched for stay in the search index until `forget_erased`, which the timed job calls.
        """
        return self.change(who, AnonymiseRequest(), actor=actor)

    def forget_erased(self) -> None:
        """Make erased words leave the search index too; it is merged in short turns, however large it is."""
        self.database.purge_search()

    def anonymise_old(self, *, actor: str = "ashop work") -> int:
        """Anonymise every checkout that nobody touched for the shop's `abandoned_days`; return how many."""
        return abandoned.anonymise_old(self, actor)

    def remind_due(self, *, actor: str = "ashop work") -> int:
        """Remind, once, every customer whose last day to act is near; return how many. By day only."""
        return reminding.remind_due(self, actor)

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
        return make_change(self, who, request, self._named(actor), expected_version)

    def foresee(self, who: str | int | Order, request: Request, *, actor: str = STAFF) -> Outcome:
        """Tell cheaply what speaks against a change, and which messages it would send; see `preview` for more."""
        return foresee_change(self, who, request, self._named(actor))

    def preview(self, who: str | int | Order, request: Request, *, actor: str = STAFF) -> Outcome:
        """Tell what a change would do: reasons against it, plugins' effects, messages as they would read."""
        return preview_change(self, who, request, self._named(actor))

    def preview_messages(self, request: PreviewRequest, *, actor: str = STAFF) -> Iterator[StatusPreview]:
        """Return what statuses would send, word for word, and what they would not send and why; nothing is changed.

        Each status is worked out when it is asked for. Raises NotFound at once for an order, status or channel that
        there is not. A template or plugin that fails is the `why` of its message.
        """
        return preview_messages(self, request, self._named(actor))

    def choices(self, who: str | int | Order, *, actor: str = STAFF) -> tuple[Order, list[Choice]]:
        """Return the order and every status of its flow, each with all that speaks against entering it now."""
        return choices_of(self, who, self._named(actor))

    def _named(self, actor: str) -> str:
        return self.staff if actor == STAFF else actor

    def change_status(
        self,
        who: str | int | Order,
        to: str,
        *,
        fields: Mapping[str, str] | None = None,
        parcel: NewParcel | None = None,
        note: str = "",
        reason: str = "",
        words: str = "",
        notify: bool | None = None,
        actor: str = STAFF,
        expected_version: int | None = None,
    ) -> Outcome:
        """Move an order to another status, with what the status asks for.

        `fields` are texts by the codes of `Status.fields`; times in the shop's zone or with their own.
        `notify` None lets the status decide what the customer is sent; `words` are staff's own in that message.
        """
        request = StatusRequest(
            to=to, fields=fields or {}, parcel=parcel, note=note, reason=reason, words=words, notify=notify
        )
        return self.change(who, request, actor=actor, expected_version=expected_version)

    def add_parcel(
        self,
        who: str | int | Order,
        parcel: NewParcel,
        *,
        note: str = "",
        words: str = "",
        notify: bool | None = None,
        actor: str = STAFF,
    ) -> Outcome:
        """Add a parcel: the next one of an order that is partly sent, or a number for goods that have left."""
        request = ParcelRequest(parcel=parcel, note=note, words=words, notify=notify)
        return self.change(who, request, actor=actor)

    def cancel(
        self, who: str | int | Order, reason: str, *, notify: bool | None = None, actor: str = STAFF
    ) -> Outcome:
        """Cancel an order, or of one that is partly sent the rest; goods that were held are released."""
        return self.change(who, CancelRequest(reason=reason, notify=notify), actor=actor)

    def amend(self, who: str | int | Order, request: AmendRequest, *, actor: str = STAFF) -> Outcome:
        """Correct an order whose goods have not left: lines, address, sums; stock and payment follow."""
        return self.change(who, request, actor=actor)

    def take_back(self, who: str | int | Order, request: ReturnRequest, *, actor: str = STAFF) -> Outcome:
        """Write down goods that came back, restocked or written off, with the refund if there was one."""
        return self.change(who, request, actor=actor)

    def undo_request(
        self, who: str | int | Order, *, note: str = "", notify: bool = False
    ) -> tuple[Order, UndoRequest]:
        """Return an order and the request that takes its last change back; make it at that order's version."""
        with self.database.read() as reader:
            order = load_order(reader, who)
            entries = history_of(reader, order.id)
            payments = payments_of(reader, order.id)
        entry = last_undoable(entries)
        earlier = [e for e in entries if entry is None or e.seq < entry.seq]
        return order, UndoRequest(
            entry=entry,
            before=standing(earlier),
            window=timedelta(minutes=self.settings.shop.undo_minutes),
            version=order.version,
            refunded=any(entry is not None and p.seq == entry.seq for p in payments),
            note=note,
            notify=notify,
        )

    def undo(
        self, who: str | int | Order, *, note: str = "", notify: bool = False, actor: str = STAFF
    ) -> Outcome:
        """Take back the last change of an order, within the shop's `undo_minutes`; Conflict if it changes meanwhile."""
        order, request = self.undo_request(who, note=note, notify=notify)
        return self.change(order, request, actor=actor, expected_version=order.version)

    def add_payment(
        self, who: str | int | Order, payment: NewPayment, *, note: str = "", actor: str = STAFF
    ) -> Outcome:
        """Add an entry to the payment record; amounts are minor units of the order's currency.

        The same kind under the same reference again is no other entry: `Outcome.unchanged`. With another
        amount it is refused. More than is left to pay is taken: it is the customer's to get back.
        """
        return self.change(who, PaymentRequest(payment=payment, note=note), actor=actor)

    def set_due(
        self, who: str | int | Order, due: date | None, *, note: str = "", actor: str = STAFF
    ) -> Outcome:
        """Set the last day to pay an order that is not paid yet, or none."""
        return self.change(who, PaymentDueRequest(due=due, note=note), actor=actor)

    def unpaid(self, *, overdue: bool = False, cursor: str | None = None, limit: int = 50) -> UnpaidPage:
        """Return a page of the placed orders that are not fully paid, those due first at the top.

        `overdue` leaves those whose last day has passed in the shop's time zone.
        """
        with self.database.read() as reader:
            return list_unpaid(reader, self.flows, self.moment().today, overdue, cursor, limit)

    def unpaid_totals(self, *, overdue: bool = False) -> dict[str, int]:
        """Return what is left to pay of all orders that are not fully paid, by currency, in minor units."""
        with self.database.read() as reader:
            return unpaid_totals(reader, self.flows, self.moment().today, overdue)

    def approve(
        self, who: str | int | Order, *, note: str = "", withdraw: bool = False, actor: str = STAFF
    ) -> Outcome:
        """Approve an order, as some payment methods call for; or withdraw it before anything has left."""
        return self.change(who, ApprovalRequest(note=note, withdraw=withdraw), actor=actor)

    def add_note(self, who: str | int | Order, note: str, *, actor: str = STAFF) -> Outcome:
        """Write a note for staff; a customer never sees it."""
        return self.change(who, NoteRequest(note=note), actor=actor)

    def stranded(self) -> dict[str, int]:
        """Return how many orders stand in each status that the settings do not know."""
        with self.database.read() as reader:
            return stranded_orders(reader, self.flows)

    def migrate_status(
        self, old: str, to: str, *, dry_run: bool = False, actor: str = STAFF
    ) -> Iterator[Migrated]:
        """Move every order in a status that the settings do not know to another; yield each as it is done.

        An order that is refused is told and left; to call it again does the rest.
        """
        return migrate_orders(self, old, to, dry_run=dry_run, actor=actor)

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
            return list_orders(reader, self.flows, wanted, self.moment(), cursor, limit)

    def every_order(self, wanted: OrderFilter = PLACED) -> Iterator[OrderRow]:
        """Return every order of a filter, newest first, reading a page at a time."""
        return every_row(partial(self.orders, wanted))

    def where(self, text: str) -> OrderFilter:
        """Return the filter that a text such as ``status=received, older=3d`` means. Raises InvalidInput."""
        return parse_where(text, self.desk())

    def desk(self) -> Desk:
        """Return what a filter is read against: flows, time zone and the time it is."""
        return Desk(flows=self.flows, timezone=self.settings.shop.timezone, now=self.clock())

    @cached_property
    def filters(self) -> Mapping[str, SavedFilter]:
        """The saved filters by code: those that ship and those of the settings."""
        return saved_filters(self.settings.filters)

    def counts(self, *, most: int = MOST) -> Counts:
        """Return how many orders each status and each saved filter has; no more than `most` of each are counted."""
        moment = self.moment()
        with self.database.read() as reader:
            statuses = tuple(count_statuses(reader, self.flows, most))
            filters = tuple(self._count(reader, saved, moment, most) for saved in self.filters.values())
        return Counts(statuses=statuses, filters=filters)

    def _count(self, reader: Reader, saved: SavedFilter, moment: Moment, most: int) -> Count:
        number, more = count_orders(reader, self.flows, self.where(saved.where), moment, most)
        return Count(code=saved.code, label=saved.label, number=number, more=more)

    def moment(self) -> Moment:
        """Return the time it is, and the day it is in the shop's time zone."""
        now = self.clock()
        return Moment(now=now, today=local(now, self.settings.shop.timezone).date())

    def abandoned(
        self, *, everyone: bool = False, cursor: str | None = None, limit: int = 50
    ) -> AbandonedPage:
        """Return a page of checkouts to follow up, newest first; for staff only.

        Without those whose customer has ordered since or that are marked recovered or lost, unless `everyone`.
        """
        with self.database.read() as reader:
            return list_abandoned(reader, self.flows, everyone=everyone, cursor=cursor, limit=limit)

    def refusals(self, order: Order) -> list[Refusal]:
        """Return the changes of an order that were refused, with the reasons."""
        with self.database.read() as reader:
            return refusals_of(reader, order.id)

    def story(self, who: str | int | Order) -> tuple[Order, list[Event]]:
        """Return an order and all that happened to it in time order: changes, messages, refusals, faults."""
        return story_of(self, who)

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
        """Return every e-mail, SMS and so on of an order, first made first, with its words once it was tried."""
        with self.database.read() as reader:
            return messages_of(reader, order.id)

    def parcel_info(self, order: Order, parcel: Parcel) -> ParcelInfo:
        """Return what plugins know of a parcel: carrier, tracking link, hints for staff. Never a plugin's fault."""
        return parcel_info(self, order, parcel)

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

    def resend(self, id_: int, asked: Resend | None = None, *, actor: str = STAFF) -> Message:
        """Send a message once more, edited or to another address if `asked`; return the copy that is now queued.

        The original stays as it is, and the copy tells which it `resends` and who asked. With a `Resend.key` it is made
        once however often it is asked for. Raises NotFound, InvalidInput for an address or words that cannot be
        used, Conflict where the key has made another copy, and Refused where the original is still queued, the person
        was erased, nobody may be told of the order, staff's words would go to the customer, or the change was undone
        and the words are the old ones. The channel's own limits are looked at when it is delivered.
        """
        return resending.resend(self, id_, asked or Resend(), self._named(actor))

    def preview_resend(self, id_: int, asked: Resend | None = None) -> Copy:
        """Return what `resend` would put in the queue, or raise what it would; nothing is kept."""
        return copy_of(self, id_, asked or Resend())

    def all_messages(
        self, wanted: MessageFilter = EVERY_MESSAGE, *, before: int | None = None, limit: int = 50
    ) -> list[MessageRow]:
        """Return a page of messages and jobs of all orders, newest first, older than the id `before`."""
        with self.database.read() as reader:
            return list_messages(reader, wanted, before=before, limit=limit)

    def every_message(
        self, wanted: MessageFilter = EVERY_MESSAGE, before: int | None = None
    ) -> Iterator[MessageRow]:
        """Yield every message and job of a filter older than the id `before`, newest first, a page at a time."""
        while rows := self.all_messages(wanted, before=before, limit=LARGEST_PAGE):
            yield from rows
            before = rows[-1].message.id

    def retry(self, ids: Iterable[int]) -> int:
        """Put messages and jobs that were given up, or grew too old untried, back in the queue; return how many.

        Whatever else stands under these ids, sent ones above all, is left as it is.
        """
        keep = timedelta(days=self.settings.shop.message_days)
        return release_dead(self.database, self.clock, ids, keep)

    def hold_outbox(self, reason: str = "") -> None:
        """Let nothing leave the outbox until it is released; one that is held already keeps its time and reason."""
        with self.database.write() as tx:
            holds.hold(tx, self.clock(), " ".join(reason.split()))

    def outbox_hold(self) -> Hold | None:
        """Return since when and why the outbox is held, None where it is not."""
        with self.database.read() as reader:
            return hold_of(reader)

    def release_outbox(self, *, suppress: bool = False) -> int:
        """Let the outbox go on; return how many waiting messages are never sent because of `suppress`."""
        with self.database.write() as tx:
            stopped = suppress_waiting(tx, self.clock()) if suppress else 0
            holds.release(tx)
        return stopped

    def waiting_in_outbox(self) -> list[Waiting]:
        """Return how much waits in the outbox and how old it is, by kind and channel."""
        with self.database.read() as reader:
            return waiting_in_outbox(reader)

    def message(self, id_: int) -> MessageAccount:
        """Return all that is known of a message or job by its id: words, attempts, what came back, copies.

        Raises NotFound.
        """
        return account_of(self, id_)

    def take_report(self, channel: str, report: IncomingReport) -> list[MessageRow]:
        """Take what a channel's receiving side tells of messages; return those that it told something new of.

        The same report again changes nothing, nor does one of a message that nobody knows. Raises Forbidden unless the
        channel finds that the report is genuine, InvalidInput where it cannot be read, NotFound for a channel that is
        not there or takes no reports, and PluginError where the channel itself fails.
        """
        return arrivals.take_report(self, channel, report)

    def attempts_by_message(self, order: Order) -> Mapping[int, list[Attempt]]:
        """Return every attempt at an order's messages and jobs, by their ids; those never tried are not there."""
        with self.database.read() as reader:
            return attempts_by_message(reader, order.id)

    def lanes(self) -> list[Lane]:
        """Return the channels and domains that are down, and when they are tried again."""
        with self.database.read() as reader:
            return lanes_of(reader)

    def customer_order(self, who: str | int | Order) -> CustomerOrder | None:
        """Return what the customer may see of an order, or None: also for one that does not exist."""
        with self.database.read() as reader:
            try:
                order = load_order(reader, who)
            except NotFound:
                return None
            return view_of(self, reader, order)

    # ── Messages and jobs ────────────────────────────────────────────────────────────────────────

    def deliver(
        self,
        order: Order | None = None,
        *,
        channel: str | None = None,
        messages_only: bool = False,
        most: int = 20,
        within: timedelta | None = None,
    ) -> list[Delivered]:
        """Deliver what is due in the outbox, of one order, of one channel or of all; return what became of each row.

        Of one channel are its messages; `messages_only` leaves the jobs. `most` rows are taken, and nothing is begun
        once `within` has passed. A delivery that fails is in what comes back, and raises nothing. To one recipient an
        order's messages leave in turn, one in each call: call again until nothing comes back.
        """
        wanted = Wanted(
            order_id=order.id if order else None,
            channel=channel,
            messages_only=messages_only or channel is not None,
            most=most,
        )
        return self.outbox.deliver(self, wanted, within)
