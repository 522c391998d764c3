"""`ashop stock explain`: everything that decides about an item, in sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ashop_core.cli.app import command, option, with_shop
from ashop_core.cli.output import JSON, clean, heading, json_option, show_pairs, stamp, write_json
from ashop_core.texts import Text
from ashop_stock_control import stock
from ashop_stock_control.cli.explain_words import sections
from ashop_stock_control.cli.one_item import sku_argument
from ashop_stock_control.cli.telling import alert_columns, document, settings_of
from ashop_stock_control.explaining import ALL_HOLDERS, FIRST_HOLDERS

if TYPE_CHECKING:
    from ashop_core.shop import Shop


@command()
@sku_argument
@option(
    "--all",
    "every",
    is_flag=True,
    help=Text(
        "Varje order som håller artikeln, inte bara de senaste.",
        "Every order that holds the item, not only the latest.",
    ),
)
@json_option
@with_shop
def explain(shop: Shop, sku: str, every: bool, form: str) -> None:
    """Tell what decides about an item: its balance, status, terms, rules, orders and warnings."""
    found = stock.explain(shop, sku, holders=ALL_HOLDERS if every else FIRST_HOLDERS)
    if form == JSON:
        write_json(_document(shop, found))
        return
    click.echo(click.style(clean(f"{found.item.sku}  {found.item.name}"), bold=True))
    for section in sections(shop, found):
        heading(section.title)
        show_pairs(section.rows)


def _document(shop: Shop, found: stock.Explanation) -> dict[str, Any]:
    cause, made = found.cause, found.on_hand
    return {
        **document(found.item, settings_of(shop)),
        "sources": found.sources,
        "purchasable": found.purchasable,
        "most": found.most,
        "on_hand_made_of": made and {
            "opening": made.opening, "since": stamp(made.since), "counted": made.counted,
            "then": {kind.value: n for kind, n in made.parts.items()},
        },
        "held_by": [
            {"order": h.order, "quantity": h.quantity, "until": stamp(h.until), "oversold": h.oversold}
            for h in found.holders
        ],
        "held_by_others": found.held_by_others,
        "rules": [
            {"when": r.when.value, "threshold": r.threshold, "at_balance": r.threshold + found.terms.margin,
             "from": list(r.from_), "to": r.to,
             "back_at": r.back_at, "back_at_balance": None if r.back_at is None else r.back_at + found.terms.margin}
            for r in found.rules
        ],
        "status_cause": cause and {
            "at": stamp(cause.at), "kind": cause.kind.value, "actor": cause.actor, "order": cause.order,
            "before": cause.before, "after": cause.after, "why": cause.why, "balance_before": cause.balance_before,
            "balance_after": cause.balance_after, "note": cause.note,
            "edited": {e.field: [e.before, e.after] for e in cause.edited},
        },
        "warnings": [{c.code: c.value(alert) for c in alert_columns(closed=True)} for alert in found.alerts],
        "custom_rules": list(found.checks),
        "custom_statuses": list(found.opinions),
    }  # fmt: skip
