"""`ashop flow show` and `ashop flow check`: which statuses there are and which ways lead between them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from ashop_core.cli.app import command, current_session, option
from ashop_core.cli.language import say
from ashop_core.cli.names import STAGES
from ashop_core.cli.output import PEOPLE, Column, heading, list_options, show_list
from ashop_core.models import Place, Status
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.flows import Flows

_PLACES = {
    Place.FREE: Text("fri", "free"),
    Place.HELD: Text("hålls", "held"),
    Place.GONE: Text("borta", "gone"),
}
_MERMAID = "mermaid"


@dataclass(frozen=True)
class _Row:
    """A status as it is in one flow."""

    flow: str
    status: Status
    targets: tuple[Status, ...]


@command()
@option("--delivery", help=Text("Bara det leveranssättets flöde.", "Only that delivery method's flow."))
@option(
    "--mermaid",
    "form",
    flag_value=_MERMAID,
    help=Text("Skriv en bild som Mermaid.", "Write a picture as Mermaid."),
)
@list_options
def show(delivery: str | None, form: str) -> None:
    """Show, for each flow, its statuses, what they mean and what may follow."""
    flows = load_flows()
    wanted = [flows.find_delivery(delivery).flow] if delivery else list(flows.flows)
    rows = [row for flow in wanted for row in _rows(flows, flow)]
    if form == _MERMAID:
        click.echo("\n".join(_mermaid(flows, wanted)))
    elif form != PEOPLE:
        show_list(_COLUMNS, rows, form)
    else:
        for flow in wanted:
            heading(_title(flows, flow))
            show_list(_COLUMNS[1:], [row for row in rows if row.flow == flow])


@command(anyhow=True)
def check() -> None:
    """Check that the flows hold together; every fault is told with what to do about it."""
    flows = load_flows()
    click.echo(
        say(
            Text(
                "Flödena är i ordning: {n} statusar, {f}.", "The flows are in order: {n} statuses, {f}."
            ).fill(n=len(flows.statuses), f=", ".join(flows.flows))
        )
    )


def load_flows() -> Flows:
    """Return the flows that settings and plugins make, the database untouched. Raises AshopError with every fault."""
    from ashop_core.opening import assemble
    from ashop_core.plugins import load_plugins
    from ashop_core.settings import load_settings

    plugins = load_plugins(load_settings(current_session().folder))
    plugins.ensure_sound()
    return assemble(plugins)[0]


def _rows(flows: Flows, flow: str) -> Iterator[_Row]:
    for status in flows.of_flow(flow):
        yield _Row(flow, status, tuple(flows.status(code) for code in flows.targets(flow, status.code)))


def _title(flows: Flows, flow: str) -> str:
    methods = [say(m.label) for m in flows.delivery_methods.values() if m.flow == flow]
    return f"{flow}: {', '.join(methods)}"


def _mermaid(flows: Flows, wanted: list[str]) -> Iterator[str]:
    """Yield a Mermaid state diagram of some flows together."""
    yield "stateDiagram-v2"
    rows = [row for flow in wanted for row in _rows(flows, flow)]
    for status in dict.fromkeys(row.status for row in rows):
        yield f'  state "{say(status.label).replace(chr(34), chr(39))}" as {status.code}'
    for source, target in dict.fromkeys((row.status.code, t.code) for row in rows for t in row.targets):
        yield f"  {source} --> {target}"


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
    Column("stage", Text("Steg", "Stage"), lambda r: r.status.stage.value, words=lambda r: say(STAGES[r.status.stage])),
    Column(
        "stock", Text("Varor", "Goods"), lambda r: r.status.stock,
        words=lambda r: say(_PLACES[r.status.stock]) if r.status.stock else "–",
    ),
    Column(
        "customer", Text("Kunden ser", "Customer sees"), lambda r: r.status.customer_label if r.status.visible else None,
        words=lambda r: say(r.status.customer_label) if r.status.visible and r.status.customer_label else "–",
    ),
    Column(
        "demands", Text("Kräver (*) och frågar", "Demands (*) and asks"), lambda r: _demands(r.status),
        words=lambda r: ", ".join(map(say, _demands(r.status))),
        cell=lambda r: ", ".join(map(say, _demands(r.status))),
    ),
    Column("sends", Text("Skickar", "Sends"), lambda r: list(r.status.notify)),
    Column(
        "next", Text("Sedan", "Then"), lambda r: [t.code for t in r.targets],
        words=lambda r: ", ".join(say(t.label) for t in r.targets),
    ),
    Column("owner", Text("Från", "From"), lambda r: r.status.owner),
]  # fmt: skip
