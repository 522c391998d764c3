"""`ashop settings show` and `ashop settings check`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

import click

from ashop_core.cli.app import command, current_session
from ashop_core.cli.language import say
from ashop_core.cli.output import Column, list_options, note, show_list
from ashop_core.cli.plugin import faults_besides
from ashop_core.durations import written_duration
from ashop_core.errors import Problem, SettingsError
from ashop_core.opening import assemble
from ashop_core.plugins import Plugins, load_plugins
from ashop_core.settings import Settings, load_settings
from ashop_core.texts import Text, counted, joined
from ashop_core.validation import Secret


@command()
@list_options
def show(form: str) -> None:
    """Show every setting as it holds, what is left out of the file with its default; secrets are hidden."""
    plugins = load_plugins(load_settings(current_session().folder))
    show_list(_COLUMNS, list(_settings(plugins.settings)), form)


_COLUMNS: list[Column[tuple[str, Any]]] = [
    Column("key", Text("Inställning", "Setting"), lambda pair: pair[0]),
    Column("value", Text("Värde", "Value"), lambda pair: pair[1], words=lambda pair: _words(pair[1])),
]


@command(anyhow=True)
def check() -> None:
    """Check settings, plugins, flows and templates; every fault is told with file, key or line, and remedy."""
    from ashop_core.flow_review import remarks, review_templates

    session = current_session()
    plugins = load_plugins(load_settings(session.folder))
    problems = [*plugins.problems, *faults_besides(session, set(plugins.problems))]
    if problems:
        raise SettingsError(problems)
    flows, channels, _ = assemble(plugins)
    findings = [
        *review_templates(flows, channels, plugins.settings.shop),
        # what is only odd in a flow is for `ashop flow check`; what may go to the wrong people, or say the wrong thing
        *(remark for remark in remarks(flows, channels) if remark.code != "hidden"),
    ]
    for finding in findings:
        if not finding.serious:
            note(finding.text)
    if faults := [Problem(finding.code, finding.text) for finding in findings if finding.serious]:
        raise SettingsError(faults)
    click.echo(say(_in_order(plugins, len(flows.statuses), len(channels))))


def _in_order(plugins: Plugins, statuses: int, channels: int) -> Text:
    counts = [
        counted(
            len(plugins.infos),
            Text("en insticksmodul", "one plugin"),
            Text("{n} insticksmoduler", "{n} plugins"),
        ),
        counted(statuses, Text("en status", "one status"), Text("{n} statusar", "{n} statuses")),
        counted(channels, Text("en kanal", "one channel"), Text("{n} kanaler", "{n} channels")),
    ]
    words = Text("Inställningarna är i ordning: {counts}.", "The settings are in order: {counts}.")
    return words.fill(counts=joined(counts))


def _settings(settings: Settings) -> Iterator[tuple[str, Any]]:
    yield from _flat("shop", settings.shop, defaults=True)
    yield "plugins.enabled", list(settings.enabled)
    for name in ("delivery", "payment", "statuses", "filters"):
        for code, table in getattr(settings, name).items():
            yield from _flat(f"{name}.{code}", table, defaults=False)
    for n, step in enumerate(settings.transitions):
        yield from _flat(f"transitions[{n}]", step, defaults=False)
    for cls, value in settings.plugins.items():
        yield from _flat(f"plugins.{_owner(settings, cls)}", value, defaults=True)


def _owner(settings: Settings, cls: type) -> str:
    """Return the name of the plugin that a settings class belongs to."""
    package = cls.__module__.partition(".")[0]
    names = {name.replace("local:", "local_"): name for name in settings.enabled}
    return names.get(package.removeprefix("ashop_"), package)


def _flat(path: str, value: Any, *, defaults: bool) -> Iterator[tuple[str, Any]]:
    """Yield the single settings inside a table; without `defaults` only those that were given."""
    for name, inner, default in _members(value):
        key = f"{path}.{name.rstrip('_')}"
        if _is_table(inner) or (isinstance(inner, Mapping) and inner):
            yield from _flat(key, inner, defaults=defaults)
        elif isinstance(inner, list | tuple) and inner and all(map(_is_table, inner)):
            for n, table in enumerate(inner):
                yield from _flat(f"{key}[{n}]", table, defaults=defaults)
        elif defaults or inner != default:
            yield key, _plain(inner)


def _is_table(value: Any) -> bool:
    return is_dataclass(value) and not isinstance(value, Text)


def _members(value: Any) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(value, Mapping):
        yield from ((str(key), inner, None) for key, inner in value.items())
    else:
        yield from ((f.name, getattr(value, f.name), f.default) for f in fields(value))


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        return "•••" if value.reveal() else None
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, timedelta):
        return written_duration(value)
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, Text | type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return value


def _words(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Text):
        return value.sv if value.sv == value.en else f"{value.sv} / {value.en}"
    if isinstance(value, list):
        return ", ".join(_words(item) for item in value) or "–"
    return "–" if value in (None, "", {}) else str(value)
