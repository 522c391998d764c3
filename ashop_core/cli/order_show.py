"""`ashop order show` and `ashop order next`: everything about one order, and where it may go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ashop_core.cli.app import argument, command, option, with_shop
from ashop_core.cli.language import say
from ashop_core.cli.order_page import show_page
from ashop_core.cli.output import JSON, Column, json_option, list_options, show_list, write_json
from ashop_core.cli.sends import sends_words
from ashop_core.models import ParcelNumber
from ashop_core.rule_words import labels_of, rule_document, sent_rules
from ashop_core.texts import Text

if TYPE_CHECKING:
    from ashop_core.choices import Choice
    from ashop_core.errors import Problem
    from ashop_core.models import Field, MessageRule, Order, ParcelInfo, Status
    from ashop_core.shop import Shop


@command()
@argument(
    "order", metavar=Text("ORDER", "ORDER"), help=Text("Nummer eller referens.", "Number or reference.")
)
@option("--messages", is_flag=True, help=Text("Meddelanden ord för ord.", "Messages word for word."))
@json_option
@with_shop
def show(shop: Shop, order: str, messages: bool, form: str) -> None:
    """Show an order: customer, lines, money, parcels, what plugins add, and every change with its messages."""
    found = shop.order(order)
    if form == JSON:
        write_json(_document(shop, found))
    else:
        show_page(shop, found, in_full=messages)


def _document(shop: Shop, order: Order) -> dict[str, Any]:
    from ashop_core.serial import order_document

    parcels = shop.parcels(order)
    document = order_document(
        order,
        parcels,
        shop.payments(order),
        shop.history(order),
        shop.messages(order),
        shop.attempts_by_message(order),
        internal=True,
    )
    known = [
        {**plain, **_known(shop.parcel_info(order, parcel))}
        for plain, parcel in zip(document["parcels"], parcels, strict=True)
    ]
    sections = [
        {"plugin": plugin, "title": s.title, "rows": [[say(label), say(value)] for label, value in s.rows]}
        for plugin, s in shop.sections(order)
    ]
    return {**document, "parcels": known, "sections": sections}


def _known(info: ParcelInfo) -> dict[str, Any]:
    """Return what plugins say of a parcel, beside what was reported of it."""
    name = say(info.carrier) if info.carrier else None
    return {"carrier_name": name, "url": info.url, "hints": [say(hint) for hint in info.hints]}


@command()
@argument(
    "order", metavar=Text("ORDER", "ORDER"), help=Text("Nummer eller referens.", "Number or reference.")
)
@list_options
@with_shop
def next_(shop: Shop, order: str, form: str) -> None:
    """List every status of the order's flow: whether it may enter it now, why not, what it asks for and sends."""
    found, choices = shop.choices(order)
    if form == "table":
        click.echo(f"{found.name}  {say(shop.flows.status(found.status).label)}")
    if not shop.flows.next_statuses(found):
        choices = []
    show_list(
        _columns(shop, found),
        sorted(choices, key=lambda choice: not choice.allowed),
        form,
        empty=Text("  Ingen: här slutar flödet.", "  None: the flow ends here."),
    )


def _columns(shop: Shop, order: Order) -> list[Column[Choice]]:
    labels = labels_of(shop.flows, {code: channel.label for code, channel in shop.channels.items()})
    return [
        Column("status", Text("Kod", "Code"), lambda c: c.status.code),
        Column("label", Text("Status", "Status"), lambda c: c.status.label, words=lambda c: say(c.status.label)),
        Column(
            "allowed", Text("Nu", "Now"), lambda c: c.allowed,
            words=lambda c: say(_YES if c.allowed else _NO),
        ),
        Column(
            "problems", Text("Vad som fattas", "What is lacking"), lambda c: [_reason(p) for p in c.problems],
            words=_why_not,
        ),
        Column(
            "fields", Text("Frågar efter", "Asks for"),
            lambda c: [_field(shop, order, f) for f in c.status.fields],
            words=lambda c: _asks(shop, order, c.status), cell=lambda c: [f.code for f in c.status.fields],
        ),
        Column(
            "sends", Text("Skickar", "Sends"), lambda c: [rule_document(c.status, r) for r in _rules(order, c.status)],
            words=lambda c: sends_words(c.status, _rules(order, c.status), labels),
            cell=lambda c: sends_words(c.status, _rules(order, c.status), labels),
        ),
    ]  # fmt: skip


def _rules(order: Order, status: Status) -> list[MessageRule]:
    """Return the rules by which the order's entering the status would send something."""
    return [rule for rule in sent_rules(status) if rule.fits(order.delivery, order.payment_method)]


_YES, _NO = Text("ja", "yes"), Text("nej", "no")


def _why_not(choice: Choice) -> str:
    return "; ".join(say(p.staff_text) + (f" ({p.plugin})" if p.plugin else "") for p in choice.problems)


def _reason(problem: Problem) -> dict[str, Any]:
    return {"code": problem.code, "text": problem.staff_text, "plugin": problem.plugin}


def _field(shop: Shop, order: Order, field: Field) -> dict[str, Any]:
    return {"code": field.code, "type": field.type.value, "required": _is_required(shop, order, field)}


def _asks(shop: Shop, order: Order, status: Status) -> str:
    return ", ".join(say(f.label) + ("*" if _is_required(shop, order, f) else "") for f in status.fields)


def _is_required(shop: Shop, order: Order, field: Field) -> bool:
    """A parcel number is demanded by the delivery method, too."""
    method = shop.flows.delivery_methods.get(order.delivery)
    by_method = method is not None and method.parcel_number is ParcelNumber.REQUIRED
    return field.required or (field.type == "parcel_number" and by_method)
