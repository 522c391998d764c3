"""Commands from elsewhere: of the shop's plugins, and of programs that need no shop.

Read as little as will do, for `ashop --help` waits for it: `ashop.toml` as plain TOML, and the entry points.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from ashop_core.cli.session import Session
from ashop_core.errors import AshopError, PluginError
from ashop_core.texts import Text

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint, EntryPoints

PLUGINS = "ashop"
SHOPLESS = "ashop_commands"
LOCAL = "local:"


def add_plugin_commands(root: Any, session: Session) -> None:
    """Let every enabled plugin add its commands; one that fails is remembered in `Session.faults`."""
    enabled = session.table("plugins").get("enabled")
    names = sorted(n for n in enabled if isinstance(n, str)) if isinstance(enabled, list) else []
    if not names:
        return
    installed = {point.name: point for point in _entry_points(PLUGINS)}
    for name in names:
        try:
            register = getattr(_module(session, name, installed), "ashop_register_commands", None)
            if register is not None:
                register(cli=root)
        except (Exception, SystemExit) as error:  # a plugin's code: whatever it does gets its name
            session.faults.append(_fault(name, error))


def add_shopless_commands(session: Session) -> bool:
    """Add the commands of programs that need no shop, such as the demo; tell whether there were new ones."""
    new = [point for point in _entry_points(SHOPLESS) if (point.name,) not in session.added]
    for point in new:
        session.add(point.name, point.value, None, anyhow=True)
    return bool(new)


def _entry_points(group: str) -> EntryPoints:
    from importlib.metadata import entry_points

    return entry_points(group=group)


def _module(session: Session, name: str, installed: dict[str, EntryPoint]) -> ModuleType | None:
    """Return a plugin's module; None for one that is not there, which opening the shop will tell better."""
    if name.startswith(LOCAL):
        return _local_module(session, name.removeprefix(LOCAL))
    return import_module(installed[name].module) if name in installed else None


def _local_module(session: Session, short: str) -> ModuleType | None:
    from ashop_core.plugins import LOCAL_FOLDER, _module_from

    path = session.folder / LOCAL_FOLDER / f"{short}.py"
    return _module_from(path, f"ashop_local_{short}") if path.is_file() else None


def _fault(name: str, error: BaseException) -> PluginError:
    why = error.text if isinstance(error, AshopError) else f"{type(error).__name__}: {error}"
    return PluginError(
        name,
        Text(
            "insticksmodulen {name} kan inte laddas: {why}. Rätta den, eller ta bort den ur [plugins] enabled "
            "i ashop.toml.",
            "the plugin {name} cannot be loaded: {why}. Mend it, or remove it from [plugins] enabled "
            "in ashop.toml.",
        ).fill(name=name, why=why),
    )
