"""`ashop flow show`, `check` and `migrate`: which statuses there are, and which ways lead between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from ashop_core.cli.app import argument, command, current_session, language, option, usage_error, with_shop
from ashop_core.cli.asking import confirm
from ashop_core.cli.change import dry_run_option
from ashop_core.cli.errors import show_error
from ashop_core.cli.language import say
from ashop_core.cli.names import STAGES, find_status
from ashop_core.cli.output import (
    JSON,
    PEOPLE,
    Column,
    clean,
    heading,
    json_option,
    list_options,
    progress,
    show_list,
    write_json_array,
)
from ashop_core.cli.sends import sends_words
from ashop_core.flow_marks import PLACES
from ashop_core.models import Status
from ashop_core.rule_words import Labels, labels_of, rule_document, sent_rules
from ashop_core.texts import Text, counted

if TYPE_CHECKING:
    from ashop_core.channels import Channel
    from ashop_core.flows import Flows
    from ashop_core.shop import Shop

_TABLE, _MERMAID, _SVG = "table", "mermaid", "svg"


@dataclass(frozen=True)
class _Row:
    """A status as it is in one flow."""

    flow: str
    status: Status
    targets: tuple[Status, ...]
    labels: Labels


@command(
    epilog=Text(
        "Exempel:\n  ashop flow show --delivery installation --format svg > installation.svg",
        "Example:\n  ashop flow show --delivery installation --format svg > installation.svg",
    )
)
@option("--delivery", help=Text("Bara det leveranssättets flöde.", "Only that delivery method's flow."))
@option(
    "--format",
    "picture",
    type=click.Choice([_TABLE, _MERMAID, _SVG]),
    help=Text(
        "En tabell, eller en bild av flödena som Mermaid eller SVG.",
        "A table, or a picture of the flows as Mermaid or SVG.",
    ),
)
@list_options
def show(delivery: str | None, picture: str | None, form: str) -> None:
    """Show, for each flow, its statuses, what they mean and what may follow; or draw them."""
    flows, channels = load_flows()
    wanted = [flows.find_delivery(delivery).flow] if delivery else list(flows.flows)
    if picture in (_MERMAID, _SVG):
        if form != PEOPLE:
            usage_error(Text("ange --format eller --json/--csv", "give --format or --json/--csv"))
        click.echo(_drawn(flows, wanted, channels, picture), nl=False)
        return
    labels = labels_of(flows, _channel_labels(channels))
    rows = [row for flow in wanted for row in _rows(flows, flow, labels)]
    if form != PEOPLE:
        show_list(_COLUMNS, rows, form)
        return
    for flow in wanted:
        heading(_title(flows, flow))
        show_list(_COLUMNS[1:], [row for row in rows if row.flow == flow])


@command(anyhow=True)
@json_option
def check(form: str) -> None:
    """Check the flows, and find the orders that they have left behind; every fault is told with its remedy.

    The exit code is 1 if anything is wrong, 0 if something is only worth knowing.
    """
    from ashop_core.flow_review import review_shop

    flows, findings = review_shop(current_session().folder)
    wrong = any(finding.serious for finding in findings)
    if form == JSON:
        write_json_array({"code": f.code, "serious": f.serious, "text": f.text} for f in findings)
    else:
        for finding in findings:
            mark = Text("FEL ", "FAULT") if finding.serious else Text("obs ", "note ")
            click.echo(f"{say(mark)}  {clean(say(finding.text), lines=True)}")
        if not wrong:
            sound = Text(
                "Flödena är i ordning: {n} statusar, {f}.", "The flows are in order: {n} statuses, {f}."
            )
            click.echo(say(sound.fill(n=len(flows.statuses), f=", ".join(flows.flows))))
    if wrong:
        click.get_current_context().exit(1)


@command(
    epilog=Text(
        "Exempel:\n  ashop flow migrate kontroll granskad --dry-run",
        "Example:\n  ashop flow migrate quality_check reviewed --dry-run",
    )
)
@argument(
    "old", metavar=Text("GAMMAL", "OLD"),
    help=Text("Koden som inställningarna inte längre känner.", "The code that the settings no longer know."),
)  # fmt: skip
@argument(
    "new", metavar=Text("NY", "NEW"),
    help=Text("Statusen som ordrarna ska få: kod eller text.", "The status that the orders get: code or label."),
)  # fmt: skip
@dry_run_option
@option("--yes", is_flag=True, help=Text("Fråga inte först.", "Do not ask first."))
@with_shop
def migrate(shop: Shop, old: str, new: str, dry_run: bool, yes: bool) -> None:
    """Move the orders left in a status that the settings no longer know. Customers are told nothing.

    Each order is changed by itself, and its goods follow. One that cannot be moved is named and left; to run
    it again does the rest.
    """
    target = find_status(shop.flows, new)
    results = shop.migrate_status(old, target.code, dry_run=dry_run)
    count = shop.stranded().get(old, 0)
    if not count:
        click.echo(
            say(Text("Ingen order har statusen {old}.", "No order has the status {old}.").fill(old=old))
        )
        return
    if not (dry_run or yes):
        orders = counted(count, Text("{n} order", "{n} order"), Text("{n} ordrar", "{n} orders"))
        asked = Text("Flytta {orders} från {old} till {new}?", "Move {orders} from {old} to {new}?")
        confirm(asked.fill(orders=orders, old=old, new=target.label))
    moved = left = 0
    with progress(Text("Flyttar ordrar", "Moving orders"), total=count) as advance:
        for result in results:
            moved, left = moved + (result.error is None), left + (result.error is not None)
            if result.error is not None:
                show_error(result.error)
            advance(1)
    flyttad = "flyttad" if moved == 1 else "flyttade"
    done = Text(
        f"{{n}} {flyttad} till {{new}}, {{left}} kvar i {{old}}", "{n} moved to {new}, {left} left in {old}"
    )
    if dry_run:
        done = Text(
            "{n} skulle flyttas till {new}, {left} bli kvar i {old} (provkörning, inget är ändrat)",
            "{n} would be moved to {new}, {left} left in {old} (dry run, nothing was changed)",
        )
    click.echo(say(done.fill(n=moved, new=target.label, left=left, old=old)))
    if left:
        click.get_current_context().exit(1)


def load_flows() -> tuple[Flows, dict[str, Channel]]:
    """Return the flows and channels that settings and plugins make, the database untouched.

    Raises AshopError with every fault.
    """
    from ashop_core.opening import assemble
    from ashop_core.plugins import load_plugins
    from ashop_core.settings import load_settings

    plugins = load_plugins(load_settings(current_session().folder))
    plugins.ensure_sound()
    flows, channels, _ = assemble(plugins)
    return flows, channels


def _drawn(flows: Flows, wanted: list[str], channels: dict[str, Channel], picture: str) -> str:
    from ashop_core.flow_chart import chart_of, mermaid
    from ashop_core.flow_picture import svg

    chart = chart_of(flows, wanted, _channel_labels(channels))
    return mermaid(chart, language()) if picture == _MERMAID else svg(chart, language())


def _channel_labels(channels: dict[str, Channel]) -> dict[str, Text]:
    return {code: channel.label for code, channel in channels.items()}


def _rows(flows: Flows, flow: str, labels: Labels) -> Iterator[_Row]:
    for status in flows.of_flow(flow):
        targets = tuple(flows.status(code) for code in flows.targets(flow, status.code))
        yield _Row(flow, status, targets, labels)


def _title(flows: Flows, flow: str) -> str:
    methods = [say(m.label) for m in flows.delivery_methods.values() if m.flow == flow]
    return f"{flow}: {', '.join(methods)}"


def _demands(status: Status) -> list[Text]:
    words = [
        Text(f"{f.label.sv}{'*' * f.required}", f"{f.label.en}{'*' * f.required}") for f in status.fields
    ]
    words += [Text("orsak*", "reason*")] if status.reason_required else []
    words += [Text("godkänd", "approved")] if status.must_be_approved else []
    return words + ([Text("betald", "paid")] if status.must_be_paid else [])


_COLUMNS: list[Column[_Row]] = [
    Column("flow", Text("Flöde", "Flow"), lambda r: r.flow),
    Column("status", Text("Kod", "Code"), lambda r: r.status.code),
    Column("label", Text("Status", "Status"), lambda r: r.status.label, words=lambda r: say(r.status.label)),
    Column(
        "next", Text("Sedan", "Then"), lambda r: [t.code for t in r.targets],
        words=lambda r: ", ".join(say(t.label) for t in r.targets),
    ),
    Column("stage", Text("Steg", "Stage"), lambda r: r.status.stage.value, words=lambda r: say(STAGES[r.status.stage])),
    Column("stock", Text("Varor", "Goods"), lambda r: r.status.stock, words=lambda r: say(PLACES[r.status.stock])),
    Column(
        "customer", Text("Kunden ser", "Customer sees"), lambda r: r.status.customer_label if r.status.visible else None,
        words=lambda r: say(r.status.customer_label) if r.status.visible and r.status.customer_label else "–",
    ),
    Column(
        "demands", Text("Kräver (*) och frågar", "Demands (*) and asks"), lambda r: _demands(r.status),
        words=lambda r: ", ".join(map(say, _demands(r.status))),
        cell=lambda r: ", ".join(map(say, _demands(r.status))),
    ),
    Column(
        "sends", Text("Skickar", "Sends"), lambda r: [rule_document(r.status, rule) for rule in sent_rules(r.status)],
        words=lambda r: sends_words(r.status, sent_rules(r.status), r.labels),
        cell=lambda r: sends_words(r.status, sent_rules(r.status), r.labels),
    ),
    Column("owner", Text("Från", "From"), lambda r: r.status.owner),
]  # fmt: skip
