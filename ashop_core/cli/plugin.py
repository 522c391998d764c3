"""`ashop plugin list`: what is switched on and what is wrong with it, what more is installed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ashop_core.cli.app import command, current_session
from ashop_core.cli.language import say
from ashop_core.cli.output import Column, list_options, show_list
from ashop_core.errors import Problem, SettingsError
from ashop_core.hookspecs import HOOK_PREFIX
from ashop_core.plugins import GROUP, PluginInfo, load_plugins
from ashop_core.settings import parse_settings, read_document
from ashop_core.texts import Text, joined

if TYPE_CHECKING:
    from ashop_core.cli.session import Session


@dataclass(frozen=True)
class _Row:
    info: PluginInfo
    enabled: bool
    problems: tuple[Problem, ...]


@command(anyhow=True)
@list_options
def list_(form: str) -> None:
    """List plugins: version, source, hooks, and whether all is well; also where some are broken."""
    session = current_session()
    infos = _enabled(session.folder)
    known = {problem for info in infos for problem in info.problems}
    more = faults_besides(session, known)
    rows = [_Row(i, True, i.problems + tuple(p for p in more if p.plugin == i.name)) for i in infos]
    rows += [_Row(info, False, ()) for info in _others({info.name for info in infos})]
    show_list(_COLUMNS, rows, form, empty=Text("Inga insticksmoduler.", "No plugins."))


def faults_besides(session: Session, known: set[Problem]) -> list[Problem]:
    """Return what went wrong with plugins' commands, but for plugins whose problems are known already."""
    named = {problem.plugin for problem in known}
    return [Problem("commands", f.text, f.plugin) for f in session.faults if f.plugin not in named]


def _enabled(folder: Path) -> list[PluginInfo]:
    """Return the enabled plugins; the rest of the settings may be as wrong as it likes."""
    document = {"plugins": read_document(folder).get("plugins", {})}
    settings, problems = parse_settings(folder, document)
    if settings is None:
        raise SettingsError(problems)
    return load_plugins(settings).infos


def _others(enabled: set[str]) -> list[PluginInfo]:
    """Return what is installed and not switched on; nothing of it is imported."""
    from importlib.metadata import entry_points

    return [
        PluginInfo(
            name=point.name,
            version=point.dist.version if point.dist else "",
            source=point.dist.name if point.dist else point.value,
        )
        for point in sorted(entry_points(group=GROUP))
        if point.name not in enabled
    ]


_OK, _OFF = Text("ok", "ok"), Text("avslagen", "not enabled")

_COLUMNS: list[Column[_Row]] = [
    Column("name", Text("Namn", "Name"), lambda row: row.info.name),
    Column("version", Text("Version", "Version"), lambda row: row.info.version),
    Column("source", Text("Källa", "Source"), lambda row: row.info.source),
    Column("enabled", Text("På", "Enabled"), lambda row: row.enabled, only="machines"),
    Column("requires", Text("Bygger på", "Builds on"), lambda row: list(row.info.requires)),
    Column("hooks", Text("Krokar", "Hooks"), lambda row: list(row.info.hooks), words=lambda row: _hooks(row)),
    Column(
        "problems",
        Text("Läge", "State"),
        lambda row: [p.text for p in row.problems],
        words=lambda row: _state(row),
        cell=lambda row: _state(row),
    ),
]


def _hooks(row: _Row) -> str:
    return ", ".join(hook.removeprefix(HOOK_PREFIX) for hook in row.info.hooks)


def _state(row: _Row) -> str:
    if row.problems:
        return say(joined([p.text for p in row.problems], "; "))
    return say(_OK if row.enabled else _OFF)
