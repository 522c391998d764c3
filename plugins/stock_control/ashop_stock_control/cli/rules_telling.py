"""How `ashop stock rules` tells of rules and of what they would change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from ashop_core.cli.language import say
from ashop_core.cli.output import Column, clean, note
from ashop_core.texts import Text, counted, joined, same
from ashop_stock_control import stock
from ashop_stock_control.rules import Rule, When, why_words

if TYPE_CHECKING:
    from ashop_core.shop import Shop
    from ashop_stock_control.settings import StockSettings

Numbered = tuple[int, Rule]

_WHEN = {
    When.FALLS_TO: Text("faller till {n}", "falls to {n}"),
    When.RISES_TO: Text("stiger till {n}", "rises to {n}"),
}


def rule_columns(settings: StockSettings, *, shipped: bool) -> list[Column[Numbered]]:
    """Return the columns of a list of rules."""
    label = settings.label
    return [
        Column("number", Text("Nr", "No"), lambda r: r[0], right=True),
        Column("items", Text("Gäller", "For"), lambda r: say(_scope(r[1])), only="people"),
        Column("skus", same(""), lambda r: r[1].skus, only="machines"),
        Column("groups", same(""), lambda r: r[1].groups, only="machines"),
        Column("when", Text("När saldot", "When the balance"), lambda r: r[1].when.value, lambda r: say(_when(r[1]))),
        Column("threshold", same(""), lambda r: r[1].threshold, only="machines"),
        Column("back_at", same(""), lambda r: r[1].back_at, only="machines"),
        Column("from", Text("Från", "From"), lambda r: r[1].from_, lambda r: ", ".join(say(label(c)) for c in r[1].from_)),
        Column("to", Text("Till", "To"), lambda r: r[1].to, lambda r: say(label(r[1].to))),
        Column("priority", Text("Prioritet", "Priority"), lambda r: r[1].priority, right=True),
        Column("shipped", same(""), lambda r: shipped, only="machines"),
    ]  # fmt: skip


def rule_words(rule: Rule, settings: StockSettings) -> Text:
    """Return a rule in a sentence: ``Lagervara → Slut när saldot faller till 0, åter vid 1 (alla artiklar)``."""
    words = Text(
        "{from_} → {to} när saldot {when} ({scope})", "{from_} → {to} when the balance {when} ({scope})"
    )
    names = joined([settings.label(code) for code in rule.from_])
    return words.fill(from_=names, to=settings.label(rule.to), when=_when(rule), scope=_scope(rule))


def planned_words(planned: stock.PlannedRules) -> Text:
    """Return what is about to be done to the rules."""
    words = Text("Regel {n} tas bort: {rule}", "Rule {n} is removed: {rule}")
    if planned.added:
        words = Text("Ny regel {n}: {rule}", "New rule {n}: {rule}")
    told = words.fill(n=planned.number, rule=rule_words(planned.rule, planned.settings))
    if not planned.writes_shipped:
        return told
    shipped = Text(
        "Butiken har inga egna regler i ashop.toml än: de som följer med skrivs in där först.",
        "The shop has no rules of its own in ashop.toml yet: those that ship are written there first.",
    )
    return joined([told, shipped], "\n")


def firings_words(found: stock.Firings) -> Text:
    """Return how often a rule would have fired."""
    return Text(
        "De senaste {days} dagarna hade den slagit till {times}, på {items}; lagerstatus hade ändrats "
        "{changes} av reglerna, mot {without} utan den.",
        "In the last {days} days it would have fired {times}, for {items}; rules would have changed stock "
        "statuses {changes}, against {without} without it.",
    ).fill(
        days=found.days, times=_times(found.times), changes=_times(found.changes), without=found.changes_without,
        items=counted(found.items, Text("1 artikel", "1 item"), Text("{n} artiklar", "{n} items")),
    )  # fmt: skip


def _times(n: int) -> Text:
    return counted(n, Text("1 gång", "once"), Text("{n} gånger", "{n} times"))


def tell_preview(found: stock.Preview, settings: StockSettings) -> None:
    """Print which items would change, how many stand though rules say otherwise, and how many warnings would turn."""
    one = Text("1 av {of} artiklar byter lagerstatus", "1 of {of} items changes its stock status")
    more = Text("{{n}} av {of} artiklar byter lagerstatus", "{{n}} of {of} items change their stock status")
    head = counted(found.changes, one.fill(of=found.items), more.fill(of=found.items))
    click.echo(say(head) + (":" if found.changes else "."))
    for turn in found.first:
        click.echo(f"  {clean(say(_turn(turn, settings)))}")
    if found.changes > len(found.first):
        others = Text("… och {n} till: {sums}", "… and {n} more: {sums}")
        sums = joined([_sum(settings, *pair, n) for pair, n in sorted(found.turns.items())])
        click.echo(f"  {say(others.fill(n=found.changes - len(found.first), sums=sums))}")
    for number, words in (
        (found.by_hand, _STAND_BY_HAND),
        (found.pinned, _STAND_PINNED),
        (found.warnings, _WARNINGS),
    ):
        if number:
            click.echo(say(words.fill(n=number)))


_STAND_BY_HAND = Text(
    "Står kvar fast reglerna säger annat, för att en person satt deras lagerstatus: {n} (--include-by-hand tar med dem).",
    "Stand though the rules say otherwise, since a person set their stock status: {n} (--include-by-hand includes them).",
)
_STAND_PINNED = Text(
    "Står kvar fast reglerna säger annat, för att deras lagerstatus är låst: {n}.",
    "Stand though the rules say otherwise, since their stock status is pinned: {n}.",
)
_WARNINGS = Text(
    "Varningar om lågt saldo som öppnas eller stängs: {n}.", "Low-stock warnings that open or close: {n}."
)


def tell_doubts(shop: Shop, planned: stock.PlannedRules) -> None:
    """Tell a person what of a new rule may not be meant: names that no item has, and a rule that stops others."""
    if not planned.added:
        return
    for name in stock.unknown_to_stock(shop, planned.rule):
        note(
            Text(
                "Obs: ingen artikel heter eller hör till {name}; regeln väntar på en.",
                "Note: no item is called or belongs to {name}; the rule waits for one.",
            ).fill(name=name)
        )
    for number, rule in _stopped(planned):
        label = planned.settings.label
        note(
            Text(
                "Obs: regel {n} gäller inte {status}. Ska också {status} bli {to} vid {at}, så lägg till en regel för det.",
                "Note: rule {n} is not for {status}. If {status} is to become {to} at {at} too, add a rule for that.",
            ).fill(n=number, status=label(planned.rule.to), to=label(rule.to), at=rule.threshold)
        )


def _stopped(planned: stock.PlannedRules) -> list[Numbered]:
    """Return the rules that a fall would have come to next, and which the status that the new one gives is not under."""
    new = planned.rule
    later = [
        (number, rule)
        for number, rule in enumerate(planned.settings.all_rules, 1)
        if new.when is rule.when is When.FALLS_TO and rule.threshold < new.threshold and rule.meets(new)
    ]
    if any(new.to in rule.from_ for _, rule in later):
        return []
    return [
        (number, rule) for number, rule in later if set(new.from_) & set(rule.from_) and rule.to != new.to
    ]


def preview_document(found: stock.Preview) -> dict[str, Any]:
    """Return a preview as plain data for JSON."""
    return {
        "items": found.items, "changes": found.changes, "by_hand": found.by_hand, "pinned": found.pinned,
        "warnings": found.warnings,
        "turns": [{"from": a, "to": b, "items": n} for (a, b), n in sorted(found.turns.items())],
        "first": [
            {
                "sku": t.item.sku, "name": t.item.name, "balance": t.item.balance, "from": t.item.status,
                "to": t.to, "why": t.why,
            }
            for t in found.first
        ],
    }  # fmt: skip


def _when(rule: Rule) -> Text:
    words = _WHEN[rule.when].fill(n=rule.threshold)
    if rule.back_at is None:
        return words
    return joined([words, Text("åter vid {n}", "back at {n}").fill(n=rule.back_at)])


def _scope(rule: Rule) -> Text:
    parts = [Text("gruppen {g}", "the group {g}").fill(g=group) for group in rule.groups]
    return (
        joined([*parts, *map(same, rule.skus)]) if parts or rule.skus else Text("alla artiklar", "all items")
    )


def _turn(turn: stock.Turn, settings: StockSettings) -> Text:
    item = turn.item
    margin = settings.terms(item).margin
    less = Text(", säkerhetsmarginal {n}", ", safety margin {n}").fill(n=margin) if margin else same("")
    return Text(
        "{sku}  {name}  {before} → {after} (saldo {balance}{less}; {why})",
        "{sku}  {name}  {before} → {after} (balance {balance}{less}; {why})",
    ).fill(
        sku=item.sku, name=item.name, before=settings.label(item.status), after=settings.label(turn.to),
        balance=item.balance, less=less, why=why_words(turn.why),
    )  # fmt: skip


def _sum(settings: StockSettings, before: str, after: str, number: int) -> Text:
    words = Text("{a} → {b} {n}", "{a} → {b} {n}")
    return words.fill(a=settings.label(before), b=settings.label(after), n=number)
