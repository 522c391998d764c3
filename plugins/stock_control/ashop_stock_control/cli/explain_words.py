"""An explanation of an item in sentences that a shop owner understands, as titled parts for any page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from ashop_core.clock import local
from ashop_core.models import Section
from ashop_core.texts import Text, joined, same
from ashop_stock_control.cli.cause_words import cause_words
from ashop_stock_control.cli.kind_words import ALERTS, KINDS
from ashop_stock_control.rules import Rule, When
from ashop_stock_control.settings import StockSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop
    from ashop_stock_control.alert_list import Alert
    from ashop_stock_control.explaining import Explanation, Holder, OnHand

Row = tuple[Text, Text | str]

_SOURCES = {
    "item": Text("artikelns egen", "the item's own"),
    "group": Text("gruppen {group}", "the group {group}"),
    "shop": Text("butiken", "the shop"),
}


def sections(shop: Shop, found: Explanation) -> list[Section]:
    """Return what is to be said of an item, part by part; a part with nothing to say is left out."""
    words = _Words(shop, found)
    parts = (
        (Text("Lagerstatus", "Stock status"), words.status()),
        (Text("Saldo", "Balance"), words.balance()),
        (Text("Hållet för ordrar", "Held for orders"), words.holders()),
        (Text("Villkor", "Terms"), words.terms()),
        (Text("Lagerregler", "Stock rules"), words.rules()),
        (Text("Öppna varningar", "Open warnings"), words.alerts()),
    )
    made = [Section(title=title, rows=tuple(rows)) for title, rows in parts]
    return [section for section in made if section.rows]


class _Words:
    """Says an explanation of one shop's item."""

    def __init__(self, shop: Shop, found: Explanation) -> None:
        self.settings = shop.settings.for_plugin(StockSettings)
        self.timezone = shop.settings.shop.timezone
        self.now = shop.clock()
        self.found = found
        self.item = found.item

    def when(self, instant: datetime) -> str:
        """Return an instant in the shop's time."""
        return f"{local(instant, self.timezone):%Y-%m-%d %H:%M}"

    # ── Status ───────────────────────────────────────────────────────────────────────────────────

    def status(self) -> Iterator[Row]:
        """Say what the status is, since when and why, and whether the item can be bought."""
        label, cause = self.settings.label(self.item.status), self.found.cause
        if cause is None:
            yield (
                Text("Är", "Is"),
                Text("{s}, som när den lades upp", "{s}, as when it was added").fill(s=label),
            )
        else:
            words = Text("{s} sedan {at}: {why}", "{s} since {at}: {why}")
            yield Text("Är", "Is"), words.fill(s=label, at=self.when(cause.at), why=cause_words(cause))
        yield Text("Står", "Stands"), self._stands()
        yield Text("Kan köpas", "Can be bought"), self._bought()
        if self.found.checks:
            words = Text("frågas också vid varje köp: {p}", "asked too at every purchase: {p}")
            yield Text("Egna regler", "Custom rules"), words.fill(p=", ".join(self.found.checks))
        if self.found.opinions:
            words = Text("{p} går före lagerreglerna", "{p} goes before the stock rules")
            yield Text("Egen lagerstatus", "Custom status"), words.fill(p=", ".join(self.found.opinions))

    def _stands(self) -> Text:
        if self.item.pinned:
            return Text(
                "låst: ingen lagerregel ändrar den, förrän någon låser upp den",
                "pinned: no stock rule changes it until somebody unpins it",
            )
        if self.item.by_hand:
            return Text(
                "satt för hand, tills saldot nästa gång passerar en regels tröskel",
                "set by hand, until the balance crosses a rule's threshold the next time",
            )
        if not self.item.tracked:
            return Text(
                "artikeln har inget saldo, så ingen regel rör den",
                "the item has no balance, so no rule touches it",
            )
        return Text("följer lagerreglerna", "follows the stock rules")

    def _bought(self) -> Text:
        if not self.found.purchasable:
            words = Text("nej: det som är {s} går inte att köpa", "no: what is {s} cannot be bought")
            return words.fill(s=self.settings.label(self.item.status))
        if not self.item.tracked:
            return Text("ja, i vilket antal som helst: ingen räknar den", "yes, any number: nobody counts it")
        if self.found.most is None:
            return Text("ja, i vilket antal som helst (policy open)", "yes, any number (policy open)")
        if not self.found.most:
            words = Text(
                "nej: policyn {p} lämnar inget att sälja", "no: the policy {p} leaves nothing to sell"
            )
        else:
            words = Text("ja, högst {n} till (policy {p})", "yes, at most {n} more (policy {p})")
        return words.fill(n=self.found.most, p=self.found.terms.policy)

    # ── Figures ──────────────────────────────────────────────────────────────────────────────────

    def balance(self) -> Iterator[Row]:
        """Say what the balance is and what it is made of."""
        if self.found.on_hand is None:
            yield Text("Saldo", "Balance"), Text("ingen räknar artikeln", "nobody counts the item")
            return
        words = Text("{b} = {o} på hyllan − {h} hållna", "{b} = {o} on hand − {h} held")
        figures = {"b": self.item.balance, "o": self.item.on_hand, "h": self.item.held}
        yield Text("Saldo", "Balance"), words.fill(**figures)
        yield Text("På hyllan", "On hand"), self._on_hand(self.found.on_hand)
        if self.item.balance is not None and self.item.balance < 0:
            yield Text("Översåld", "Oversold"), self._oversold()
        if self.item.counted_at is not None:
            yield Text("Räknad senast", "Last counted"), self.when(self.item.counted_at)

    def _on_hand(self, made: OnHand) -> Text:
        parts = [
            Text(f"{KINDS[k].sv.lower()} {n:+d}", f"{KINDS[k].en.lower()} {n:+d}")
            for k, n in made.parts.items()
        ]
        parts.reverse()
        told = joined(parts)
        if made.since is not None:
            opening = Text("räknat till {n} {at}", "counted as {n} {at}") if made.counted else Text(
                "{n} den {at}", "{n} on {at}"
            )  # fmt: skip
            opening = opening.fill(n=made.opening, at=self.when(made.since))
            then = Text("; sedan dess {told}", "; since then {told}").fill(told=told) if parts else same("")
            told = Text(opening.sv + then.sv, opening.en + then.en)
        elif not parts:
            return same(str(self.item.on_hand))
        return Text(f"{self.item.on_hand} = {told.sv}", f"{self.item.on_hand} = {told.en}")

    def _oversold(self) -> Text:
        short = -(self.item.balance or 0)
        taken = [Text("{o} ({n} av {q})", "{o} ({n} of {q})").fill(o=h.order, n=h.oversold, q=h.quantity)
                 for h in self.found.holders if h.oversold]  # fmt: skip
        if self.found.oversold_by_others and self.found.held_by_others:
            taken.append(Text("tidigare ordrar", "earlier orders"))
        if not taken:
            return Text("{n} st, som redan har lämnat lagret", "{n} pcs, gone from the stock already").fill(
                n=short
            )
        return Text("{n} st, det som togs sist: {taken}", "{n} pcs, what was taken last: {taken}").fill(
            n=short, taken=joined(taken)
        )

    def holders(self) -> Iterator[Row]:
        """Say which orders hold how many, the latest first."""
        for holder in self.found.holders:
            yield same(holder.order), self._holds(holder)
        if self.found.held_by_others:
            words = Text(
                "{n} st för fler ordrar: ashop stock explain {sku} --all",
                "{n} pcs for more orders: ashop stock explain {sku} --all",
            )
            yield Text("Övriga", "The rest"), words.fill(n=self.found.held_by_others, sku=self.item.sku)

    def _holds(self, holder: Holder) -> Text:
        if holder.until is None:
            return Text("{n} st", "{n} pcs").fill(n=holder.quantity)
        words = Text("{n} st i kassan, till {at}", "{n} pcs in the checkout, until {at}")
        if holder.until <= self.now:
            words = Text("{n} st i kassan, fria sedan {at}", "{n} pcs in the checkout, free since {at}")
        return words.fill(n=holder.quantity, at=self.when(holder.until))

    # ── What applies ─────────────────────────────────────────────────────────────────────────────

    def terms(self) -> Iterator[Row]:
        """Say which terms apply, and where each comes from."""
        terms = self.found.terms
        if self.item.group:
            named = self.item.group in self.settings.groups
            words = same("{g}") if named else Text(
                "{g} (inga inställningar nämner den)", "{g} (no settings name it)"
            )  # fmt: skip
            yield Text("Grupp", "Group"), words.fill(g=self.item.group)
        yield Text("Policy", "Policy"), self._term("policy", same(str(terms.policy)))
        if terms.margin:
            yield Text("Säkerhetsmarginal", "Safety margin"), self._term("margin", same(str(terms.margin)))
        if terms.low is not None:
            yield Text("Varning vid saldo", "Warning at balance"), self._term("low", same(str(terms.low)))

    def _term(self, name: str, value: Text) -> Text:
        source = _SOURCES[self.found.sources[name]].fill(group=self.item.group)
        return Text(f"{value.sv} ({source.sv})", f"{value.en} ({source.en})")

    def rules(self) -> Iterator[Row]:
        """Say which rules concern the item, and at which balances they fire."""
        if not self.item.tracked:
            return
        for rule in self.found.rules:
            from_ = joined([self.settings.label(code) for code in rule.from_])
            to = self.settings.label(rule.to)
            yield Text(f"{from_.sv} → {to.sv}", f"{from_.en} → {to.en}"), self._fires(rule)

    def _fires(self, rule: Rule) -> Text:
        margin = self.found.terms.margin
        falls, rises = Text("när saldot faller till {n}", "when the balance falls to {n}"), Text(
            "när saldot stiger till {n}", "when the balance rises to {n}"
        )  # fmt: skip
        there, back = (falls, rises) if rule.when is When.FALLS_TO else (rises, falls)
        told = [there.fill(n=rule.threshold + margin)]
        if rule.back_at is not None:
            words = Text("tillbaka {when}", "back {when}")
            told.append(words.fill(when=back.fill(n=rule.back_at + margin)))
        if margin:
            told.append(Text("marginalen inräknad", "the margin included"))
        return joined(told)

    def alerts(self) -> Iterator[Row]:
        """Say which warnings are open."""
        for alert in self.found.alerts:
            yield ALERTS[alert.kind], self._alert(alert)

    def _alert(self, alert: Alert) -> Text:
        words = Text("sedan {at}, då saldot blev {n}", "since {at}, when the balance became {n}")
        told = words.fill(at=self.when(alert.opened_at), n=alert.balance)
        if alert.order is None:
            return told
        return joined([told, Text("order {o}", "order {o}").fill(o=alert.order)])
