"""Commands from elsewhere: of the shop's plugins, and of programs that need no shop.

Read as little as will do, for `ashop --help` waits for it: `ashop.toml` as plain TOML, and the entry points.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

from ashop_core.cli import entrypoints
from ashop_core.cli.groups import plugin_fault
from ashop_core.cli.session import Session
from ashop_core.errors import NotFound
from ashop_core.texts import Text

PLUGINS = "ashop"
SHOPLESS = "ashop_commands"
LOCAL = "local:"


def add_plugin_commands(root: Any, session: Session) -> None:
    """Let every enabled plugin add its commands; one that fails is remembered in `Session.faults`."""
    enabled = session.table("plugins").get("enabled")
    names = sorted(n for n in enabled if isinstance(n, str)) if isinstance(enabled, list) else []
    if not names:
        return
    installed = entrypoints.find(PLUGINS)
    if any(name not in installed and not name.startswith(LOCAL) for name in names):
        installed = entrypoints.find_carefully(PLUGINS)
    for name in names:
        session.adding = name
        try:
            register = getattr(_module(session, name, installed), "ashop_register_commands", None)
            if register is not None:
                register(cli=root)
        except (Exception, SystemExit) as error:  # a plugin's code: whatever it does gets its name
            session.faults.append(plugin_fault(name, error))
    session.adding = None


def add_shopless_commands(session: Session, wanted: str | None = None) -> bool:
    """Add the commands of programs that need no shop, such as the demo; tell whether there were new ones.

    For a `wanted` command that is not among them, look more carefully.
    """
    points = entrypoints.find(SHOPLESS)
    if wanted is not None and wanted not in points:
        points = entrypoints.find_carefully(SHOPLESS)
    new = {name: value for name, value in points.items() if (name,) not in session.added}
    for name, value in new.items():
        session.adding = name
        session.add(name, value, None, anyhow=True)
    session.adding = None
    return bool(new)


def _module(session: Session, name: str, installed: entrypoints.Found) -> ModuleType:
    if name.startswith(LOCAL):
        return _local_module(session, name.removeprefix(LOCAL))
    if name not in installed:
        raise NotFound(Text("den är inte installerad", "it is not installed"))
    return import_module(installed[name].partition(":")[0])


def _local_module(session: Session, short: str) -> ModuleType:
    from ashop_core.plugins import LOCAL_FOLDER, module_from

    path = session.folder / LOCAL_FOLDER / f"{short}.py"
    if not path.is_file():
        raise NotFound(Text("filen {f} finns inte", "there is no file {f}").fill(f=path))
    return module_from(path, f"ashop_local_{short}")
