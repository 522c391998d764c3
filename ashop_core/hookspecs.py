"""The hooks that plugins may implement: each docstring is the contract.

The word after ``ashop_`` tells when a hook is called and what an exception in it does:
``register`` once while a shop opens (the shop does not open), ``validate`` before the transaction
(the change is refused), ``on`` inside it (everything is rolled back), ``after`` the commit (recorded,
nothing else), ``describe`` for showing (a notice is shown instead). Results never depend on the order
of plugins; hooks are called in the order of the plugins' names.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from ashop_core.channels import Channel
    from ashop_core.errors import Problem
    from ashop_core.finding import Finding
    from ashop_core.flows import FlowParts
    from ashop_core.models import Change, Effect, Order, Parcel, ParcelInfo, Section
    from ashop_core.outbox import JobHandler
    from ashop_core.repairing import Repair
    from ashop_core.settings import Settings
    from ashop_core.shop import Shop
    from ashop_core.tables import Migration
    from ashop_core.transaction import ChangeTransaction

hookspec = pluggy.HookspecMarker("ashop")
hookimpl = pluggy.HookimplMarker("ashop")


@hookspec
def ashop_register_commands(cli: Any) -> None:
    """Add commands to the command line.

    Called once when the `ashop` program starts in a shop's folder, before any database is opened.
    `cli` is the root group: ``cli.add_lazy("stock", "ashop_stock_control.cli.items:stock", help=Text(…))``
    adds a command that is imported only when it is used; ``cli.add_lazy("order import", …)`` puts it in
    an existing group. Import no library here: `ashop --help` waits for it.

    Returns nothing. If it raises, the program stops and names the plugin.
    """


@hookspec
def ashop_register_tables(settings: Settings) -> Iterable[Migration]:  # type: ignore[empty-body]
    """Give the plugin's tables as numbered migrations.

    Called once while a shop opens, before the database is touched. Name your tables after the plugin
    (``stock_items``); never edit a released step.

    Returns the steps in order. If it raises, the shop does not open and the plugin is named.

    Example: ``return (Migration(name="m001_items", create=(ITEMS,)),)``
    """


@hookspec
def ashop_register_flows(settings: Settings) -> FlowParts:  # type: ignore[empty-body]
    """Give statuses, transitions, delivery methods and payment methods.

    Called once while a shop opens. `ashop.toml` may relabel and change what you give; the whole is
    checked afterwards. A status may bring the messages that it sends; the shop's settings for the same channel go
    before those to the customer. Their words are the channel's own, or files in the shop's ``templates/``.

    Returns `ashop_core.flows.FlowParts`, made of what `ashop_core.models` has. If it raises, or a code is already
    taken, the shop does not open.

    Example: ``return FlowParts(statuses=(IN_LOCKER,), transitions=STEPS, delivery_methods=(LOCKER,))``
    """


@hookspec
def ashop_register_channels(settings: Settings) -> Iterable[Channel]:  # type: ignore[empty-body]
    """Give ways to reach customers and staff, such as e-mail.

    Called once while a shop opens; open no connection here. See `ashop_core.channels`: a channel finds the
    recipient, renders and sends, and may offer more; sending is only ever done outside a transaction.
    `docs/channels.md` has a complete one with its test; two channels of one code are refused.

    Returns the channels. If it raises, the shop does not open.
    """


@hookspec
def ashop_register_jobs(settings: Settings) -> Iterable[JobHandler]:  # type: ignore[empty-body]
    """Give work that `ashop work` does: timed, or for rows put in the outbox by ``tx.enqueue``.

    Called once while a shop opens. A handler runs outside any transaction, at least once for each row,
    so that doing it twice must do no harm.

    Returns job handlers. If it raises, the shop does not open.
    """


@hookspec
def ashop_register_hookspecs() -> object:
    """Give hook specifications of the plugin's own, for other plugins to implement.

    Called once while a shop opens, before any other hook. Mark functions with
    ``ashop_core.hookspec`` and return the module that holds them.

    If it raises, the shop does not open.
    """


@hookspec
def ashop_validate_change(shop: Shop, order: Order, change: Change) -> Iterable[Problem]:  # type: ignore[empty-body]
    """Tell why a change must not be made.

    Called before every change, and for every preview, before the write transaction: no lock is held, reading
    through ``shop.database.read()`` is allowed (all plugins see the same snapshot), the network is not.
    `order` is the order as the change would leave it, `change` says what is asked (``change.from_status`` is
    where it comes from). What must hold even when others buy at the same time is checked again in
    `ashop_on_change`.

    Returns problems, empty when there are none; all plugins' problems become one refusal. An exception
    refuses the change as a whole and names the plugin.

    Example: ``if change.to_status == … : return [Problem("no_crew", Text("ingen montör", "no crew"))]``
    """


@hookspec
def ashop_on_change(tx: ChangeTransaction, order: Order, change: Change) -> Iterable[Effect | Problem]:  # type: ignore[empty-body]
    """Do what stands or falls with the change.

    Called inside the write transaction of every change: be quick, touch only the database, and that only
    through `tx`. Act on ``change.moves`` and never on the names of statuses. `order` is as the change
    leaves it. What must happen outside the database is asked for with ``tx.enqueue``.

    Returns an Effect for each thing done, kept with the history; a Problem refuses the change. A refusal
    or an exception rolls everything back, and the plugin is named.
    """


@hookspec
def ashop_on_order_anonymised(tx: ChangeTransaction, order: Order) -> None:
    """Forget the person of an order, in the plugin's own tables and wherever else it has written.

    Called inside the write transaction in which the order itself loses its customer: be quick, touch only
    the database, and that only through `tx`; what lies outside it (a file, another system) is asked for with
    ``tx.enqueue``. `order` is without its person already. Rows that say nothing about a person may stay.

    Returns nothing. An exception rolls everything back, and the plugin is named.
    """


@hookspec
def ashop_after_change(shop: Shop, order: Order, change: Change) -> None:
    """Notice a change that was made.

    Called once after the commit, outside any transaction, and not at all if the program dies in between:
    what must happen belongs in the outbox. Each plugin is called whatever the others do.

    Returns nothing. An exception is recorded for `ashop doctor` and harms neither order nor plugins.
    """


@hookspec
def ashop_describe_order(shop: Shop, order: Order) -> Iterable[Section]:  # type: ignore[empty-body]
    """Give sections for the order page that staff see (command line and web alike).

    Called when an order is shown, never for a list. Read only.

    Returns sections. An exception puts a notice in the section's place.
    """


@hookspec
def ashop_describe_parcel(shop: Shop, order: Order, parcel: Parcel) -> ParcelInfo | None:
    """Tell who carries a parcel, where it can be followed, and what staff should know of its number.

    Called when an order is shown to staff or to its customer and when a message is rendered, never for a
    list. Read only, and without the network: the customer's page waits. `parcel` may have neither a number
    nor a carrier; in a preview it is not saved yet. Give `carrier` and `url` only when they are sure, since
    the customer reads them; a guess is one of the `hints`, which only staff see.

    Returns a ParcelInfo, or None where there is nothing to say. Carrier and link are those of the first
    plugin that gives either; the hints of all are shown. An exception, or a `url` that is not https, becomes
    a hint for staff, and the customer gets no link from that plugin.

    Example: ``return ParcelInfo(carrier=same("Bud & Co"), url=f"https://bud.example/{quote(parcel.number)}")``
    """


@hookspec
def ashop_describe_health(shop: Shop) -> Iterable[Problem | Finding]:  # type: ignore[empty-body]
    """Tell what is wrong with the plugin's own data, for `ashop doctor`.

    Called only by `doctor`, outside any transaction. Read only; the whole database may be read. Name the
    row and the figures in each problem.

    Returns problems, empty when all is sound; a `Finding` with ``serious=False`` is for what is only worth knowing.
    An exception is itself reported.
    """


@hookspec
def ashop_describe_repairs(shop: Shop) -> Iterable[Repair]:  # type: ignore[empty-body]
    """Tell how the plugin's own data can be mended, for `ashop doctor --fix`.

    Called only by `doctor --fix`, outside any transaction, where `ashop_describe_health` of the same plugin found
    something; do nothing yet. A repair names the codes of the problems it is for, and is run if one of them was
    found: see `ashop_core.repairing.Repair`. It runs outside any transaction and opens its own; it must find again
    whatever it mends, since others go on working, and must do no harm when it is run twice. What it cannot mend it
    leaves alone: the words of the problem tell what a person can do.

    Returns repairs, in the order they are to run. An exception, here or in a repair, is told, and harms no other.

    Example: ``return [Repair(codes=("S4",), text=Text("…", "Bring figures to their sums"), run=bring_to_sums)]``
    """


HOOK_PREFIX = "ashop_"
