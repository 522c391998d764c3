"""A shop put together as it opens: flows, channels, job handlers, tables and the store, from settings and plugins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TypeVar

from ashop_core import schema
from ashop_core.channel_answers import address_of, ensure_channel
from ashop_core.channels import Channel
from ashop_core.errors import PluginError, Problem, SettingsError
from ashop_core.flow_build import build_flows
from ashop_core.flows import FlowParts, Flows
from ashop_core.models import Job
from ashop_core.outbox import JobHandler
from ashop_core.plugins import Plugins
from ashop_core.saved import filter_problems
from ashop_core.settings import Settings
from ashop_core.sqlite import SQLiteDatabase
from ashop_core.storage import Database
from ashop_core.tables import Migration
from ashop_core.texts import Text
from ashop_core.where import Desk

T = TypeVar("T")

JOBS = (
    JobHandler(
        Job(
            code="abandon_checkouts",
            label=Text("Märk avbrutna köp", "Mark abandoned checkouts"),
            every=timedelta(hours=1),
        ),
        lambda shop, _: shop.abandon_stale(),
    ),
    JobHandler(
        Job(
            code="anonymise_checkouts",
            label=Text("Avidentifiera gamla påbörjade köp", "Anonymise old checkouts"),
            every=timedelta(days=1),
        ),
        lambda shop, _: shop.anonymise_old(),
    ),
    JobHandler(
        Job(
            code="remind_of_deadlines",
            label=Text("Påminn om sista dag", "Remind of deadlines"),
            every=timedelta(hours=1),
        ),
        lambda shop, _: shop.remind_due(),
    ),
)


def assemble(plugins: Plugins) -> tuple[Flows, dict[str, Channel], dict[str, JobHandler]]:
    """Return the flows, channels and job handlers that the settings and plugins make together.

    Raises SettingsError with everything that is wrong with the flows, PluginError for a failing plugin.
    """
    flows, channels, handlers, problems = put_together(plugins)
    if problems:
        raise SettingsError(problems)
    return flows, channels, handlers


def put_together(
    plugins: Plugins,
) -> tuple[Flows, dict[str, Channel], dict[str, JobHandler], list[Problem]]:
    """Return flows, channels and job handlers as they are, and everything that is wrong with the flows."""
    settings = plugins.settings
    channels: dict[str, Channel] = {}
    for plugin, channel in plugins.gather("ashop_register_channels", Channel, settings=settings):
        ensure_channel(plugin, channel)
        _take(channels, channel.code, channel, plugin)
    handlers = {handler.job.code: handler for handler in JOBS}
    for plugin, handler in plugins.gather("ashop_register_jobs", JobHandler, settings=settings):
        _take(handlers, handler.job.code, handler, plugin)
    brought = plugins.collect("ashop_register_flows", FlowParts, settings=settings)
    flows, problems = build_flows(settings, brought, _addresses(channels))
    desk = Desk(flows=flows, timezone=settings.shop.timezone, now=datetime.now(UTC))
    problems += filter_problems(settings.filters, desk)
    return flows, channels, handlers, problems


def _addresses(channels: Mapping[str, Channel]) -> dict[str, Callable[[str], str | None]]:
    """Return what makes an address that somebody typed into one of each channel's, faults with the channel's name."""
    return {code: partial(address_of, channel) for code, channel in channels.items()}


def _take(known: dict[str, T], code: str, item: T, plugin: str) -> None:
    if code in known:
        words = Text(
            "insticksmodulen {plugin}: koden {code} är redan tagen; slå av den ena av de två",
            "the plugin {plugin}: the code {code} is taken already; switch one of the two off",
        )
        raise PluginError(plugin, words.fill(plugin=plugin, code=code))
    known[code] = item


def migrations(plugins: Plugins) -> dict[str, tuple[Migration, ...]]:
    """Return every set of tables, the core's first, by the name of who owns it."""
    sets = {"core": schema.MIGRATIONS}
    for plugin, step in plugins.gather("ashop_register_tables", Migration, settings=plugins.settings):
        sets[plugin] = (*sets.get(plugin, ()), step)
    return sets


def open_database(settings: Settings, synchronous: str = "FULL") -> Database:
    """Return the store that the settings name: a file in the shop's folder."""
    name = settings.shop.database
    if "://" in name:
        problem = Text(
            "ashop.toml: shop.database: {name} behöver en insticksmodul som kan sådana; skriv ett filnamn",
            "ashop.toml: shop.database: {name} needs a plugin that knows such stores; write a file name",
        ).fill(name=name.split("://")[0])
        raise SettingsError([Problem("no_store", problem)])
    return SQLiteDatabase(settings.path(name), synchronous=synchronous)
