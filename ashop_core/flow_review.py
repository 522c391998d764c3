"""What `ashop flow check` finds: faults in the flows, orders they have left behind, and what is worth a thought."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ashop_core.doctor import Finding
from ashop_core.flow_migration import stranded_orders, stranded_words
from ashop_core.flows import Flows
from ashop_core.models import Stage, Status
from ashop_core.opening import open_database, put_together
from ashop_core.outbox import Channel, KnowsTemplates
from ashop_core.plugins import load_plugins
from ashop_core.settings import Settings, load_settings
from ashop_core.texts import LANGUAGES, Text, same


def review_shop(folder: Path) -> tuple[Flows, list[Finding]]:
    """Return a shop's flows and everything found about them, also where they keep the shop from opening.

    Raises AshopError where the settings cannot be read or a plugin does not load. The database is only read.
    """
    plugins = load_plugins(load_settings(folder))
    plugins.ensure_sound()
    flows, channels, _, problems = put_together(plugins)
    findings = [Finding(code=p.code, text=p.text) for p in problems]
    findings += [
        Finding(code="stranded", text=stranded_words(code, count))
        for code, count in _stranded(plugins.settings, flows).items()
    ]
    return flows, [*findings, *remarks(flows, channels)]


def remarks(flows: Flows, channels: Mapping[str, Channel]) -> Iterator[Finding]:
    """Yield what is allowed, but may not be meant."""
    used = {s.code: s for flow in flows.flows for s in flows.of_flow(flow)}
    for status in used.values():
        if status.stage is not Stage.CHECKOUT and not status.visible:
            yield _remark(
                "hidden",
                "statuses.{code}: ingen customer_label, så kunden ser den senaste synliga statusen i stället",
                "statuses.{code}: no customer_label, so the customer goes on seeing the last visible status",
                code=status.code,
            )
        for code in status.notify:
            yield from _template_remarks(status, channels[code])


def _template_remarks(status: Status, channel: Channel) -> Iterator[Finding]:
    if not isinstance(channel, KnowsTemplates):
        return
    template = status.template or status.code
    missing = [language for language in LANGUAGES if not channel.has_template(template, language)]
    if missing:
        yield _remark(
            "no_template",
            "statuses.{code}: mallen {template} saknas för {channel} ({languages}), så den allmänna används",
            "statuses.{code}: there is no template {template} for {channel} ({languages}), so the general one is used",
            code=status.code, template=template, channel=channel.label, languages=same(", ".join(missing)),
        )  # fmt: skip


def _remark(kind: str, sv: str, en: str, /, **values: object) -> Finding:
    return Finding(code=kind, text=Text(sv, en).fill(**values), serious=False)


def _stranded(settings: Settings, flows: Flows) -> dict[str, int]:
    """Return the orders in statuses that nobody knows; none where there is no database yet."""
    name = settings.shop.database
    if "://" not in name and not settings.path(name).exists():
        return {}
    database = open_database(settings)
    try:
        with database.read() as reader:
            return stranded_orders(reader, flows)
    finally:
        database.close()
