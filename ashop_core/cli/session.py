"""One invocation's shop: where its folder is, which commands its plugins bring, and the shop opened once."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ashop_core.cli.groups import Lazy
from ashop_core.errors import AshopError, PluginError
from ashop_core.texts import Text, joined

if TYPE_CHECKING:
    from ashop_core.clock import Clock
    from ashop_core.shop import Shop

FILE = "ashop.toml"
LONGEST_NAME = 100


class Session:
    """What the commands of one invocation share. Nothing is read or opened before it is asked for."""

    def __init__(self, folder: Path | None, clock: Clock | None = None) -> None:
        self._folder = folder
        self._clock = clock
        self._shop: Shop | None = None
        self._stop_listening: Callable[[], None] | None = None
        self.added: dict[tuple[str, ...], Lazy] = {}
        self.faults: list[PluginError] = []
        self.adding: str | None = None

    @property
    def folder(self) -> Path:
        """The shop's folder. Raises AshopError with what to do where there is none."""
        if self._folder is None:
            raise AshopError(
                Text(
                    "Här finns ingen butik (ashop.toml). Skapa en med `ashop init MAPP`, eller peka ut den "
                    "med --shop MAPP eller miljövariabeln ASHOP_SHOP.",
                    "There is no shop here (ashop.toml). Make one with `ashop init DIR`, or point to it "
                    "with --shop DIR or the environment variable ASHOP_SHOP.",
                )
            )
        return self._folder

    @cached_property
    def document(self) -> dict[str, Any]:
        """`ashop.toml` as plain data, empty where it cannot be read: opening the shop tells why."""
        import tomllib

        try:
            return tomllib.loads((self.folder / FILE).read_bytes().decode("utf-8-sig"))
        except (AshopError, OSError, ValueError):
            return {}

    def table(self, name: str) -> dict[str, Any]:
        """Return a table of `ashop.toml`, empty where there is none."""
        found = self.document.get(name)
        return found if isinstance(found, dict) else {}

    @property
    def shop(self) -> Shop:
        """The shop, opened now if it was not. Raises AshopError with every reason why it cannot be."""
        if self._shop is None:
            from ashop_core.cli.warnings import listen
            from ashop_core.shop import Shop

            self.ensure_sound()
            self._stop_listening = listen()
            self._shop = Shop.open(self.folder, clock=self.clock)
            self._shop.staff = _who() or self._shop.staff
        return self._shop

    @property
    def clock(self) -> Clock:
        """What tells the time."""
        from ashop_core.clock import system_clock

        return self._clock or system_clock

    def close(self) -> None:
        """Close the shop if it was opened."""
        if self._stop_listening is not None:
            self._stop_listening()
            self._stop_listening = None
        if self._shop is not None:
            self._shop.close()
            self._shop = None

    def ensure_sound(self) -> None:
        """Raise PluginError naming every plugin whose commands could not be loaded."""
        if self.faults:
            raise PluginError(self.faults[0].plugin, joined([fault.text for fault in self.faults], "\n"))

    def add(self, path: str, target: str | None, help: Text | None, anyhow: bool = False) -> None:
        """Add a command under its whole name, such as ``order import``; `adding` says which plugin's it is."""
        names = tuple(path.split())
        taken = self.added.get(names)
        if taken is None:
            self.added[names] = Lazy(target, help, anyhow, self.adding)
        elif taken.target is not None or target is not None:  # two may open the same group
            raise ValueError(f"the command {path!r} exists already")


def _who() -> str:
    """Return who works at this desk: ASHOP_ACTOR, otherwise the login name; nothing where neither is known."""
    from getpass import getuser

    try:
        name = os.environ.get("ASHOP_ACTOR", "").strip() or getuser()
    except (OSError, KeyError, ImportError):  # a container's user may have no name
        return ""
    return (
        "".join(c for c in name if c.isprintable()).encode("utf-8", "replace").decode("utf-8")[:LONGEST_NAME]
    )


def find_folder(named: str | None) -> Path | None:
    """Return the shop's folder: as named, from ASHOP_SHOP, or the nearest one upwards that holds ashop.toml."""
    wish = named or os.environ.get("ASHOP_SHOP")
    if wish:
        return Path(wish).expanduser()
    here = Path.cwd()
    return next((folder for folder in (here, *here.parents) if (folder / FILE).is_file()), None)
