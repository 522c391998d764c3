"""`ashop.toml` changed by a program: checked as the whole shop's settings first, and never over somebody else's change."""

from __future__ import annotations

import fcntl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ashop_core.errors import AshopError, Conflict, SettingsError
from ashop_core.files import write_atomically
from ashop_core.opening import assemble
from ashop_core.plugins import Plugins, load_plugins
from ashop_core.settings import FILE, parse_document, parse_settings, read_document
from ashop_core.texts import Text

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, kw_only=True)
class SettingsFile:
    """The settings' file as it was read. `path` is the file itself, also where `ashop.toml` is a link to it."""

    folder: Path
    path: Path
    data: bytes

    @classmethod
    def read(cls, folder: Path) -> SettingsFile:
        """Return the file of a shop's folder. Raises SettingsError where it is missing, unreadable or not TOML."""
        read_document(folder)
        path = (folder / FILE).resolve()
        return cls(folder=folder, path=path, data=path.read_bytes())

    @property
    def text(self) -> str:
        """What the file says, its lines ended by a line feed alone."""
        text = self.data.removeprefix(_BOM).decode("utf-8")
        return text.replace("\r\n", "\n") if self._is_from_windows else text

    @property
    def document(self) -> dict[str, Any]:
        """What the file says as plain data."""
        return parse_document(self.data, self.folder / FILE)

    def revised(self, text: str) -> Revision:
        """Return the file with another text, checked as the settings of the whole shop, its plugins' included.

        Raises SettingsError or PluginError with every problem as opening the shop would; nothing is written.
        """
        if self._is_from_windows:
            text = text.replace("\n", "\r\n")
        data = text.encode("utf-8")
        if self.data.startswith(_BOM):
            data = _BOM + data
        document = parse_document(data, self.folder / FILE)
        return Revision(file=self, data=data, plugins=_checked(self.folder, document))

    def ensure_current(self) -> None:
        """Raise Conflict where the file is no longer the one that was read, whoever changed it."""
        try:
            path = (self.folder / FILE).resolve()
            current = path.read_bytes() if path == self.path else b""  # a link to another file by now
        except (OSError, RuntimeError):
            current = b""  # gone, or out of reach: then it is not what was read either
        if current != self.data:
            raise Conflict(
                Text(
                    "{path} har ändrats av någon annan sedan den lästes, och rördes inte. Gör om kommandot.",
                    "{path} was changed by somebody else after it was read, and was left alone. Do it again.",
                ).fill(path=self.path)
            )

    @property
    def _is_from_windows(self) -> bool:
        return b"\r\n" in self.data and self.data.count(b"\n") == self.data.count(b"\r\n")


@dataclass(frozen=True, kw_only=True)
class Revision:
    """A new text for the file, which the shop would open with: with these plugins, and in them these settings."""

    file: SettingsFile
    data: bytes
    plugins: Plugins

    def write(self) -> SettingsFile:
        """Put the new text in the file's place, whole or not at all, and return it.

        Permissions and owner stay. Raises Conflict where somebody else changed the file meanwhile, AshopError where
        it cannot be written.
        """
        path = self.file.path
        self.file.ensure_current()
        try:
            # Two of these programs take turns; a person's editor does not, so the last look is as late as can be.
            with path.open("r+b") as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                write_atomically(path, self.data, like=path.stat(), last=self.file.ensure_current)
        except OSError as error:
            raise AshopError(
                Text(
                    "{path} kan inte skrivas: {why}. Se till att det finns plats på disken och att du får skriva i filen "
                    "och dess mapp, eller kör som {owner}",
                    "{path} cannot be written: {why}. See that there is room on the disk and that you may write to the "
                    "file and its folder, or run this as {owner}",
                ).fill(path=path, why=error.strerror, owner=_owner(path))
            ) from error
        return SettingsFile(folder=self.file.folder, path=path, data=self.data)


def _checked(folder: Path, document: Mapping[str, Any]) -> Plugins:
    settings, problems = parse_settings(folder, document)
    if settings is None or problems:
        raise SettingsError(problems)
    plugins = load_plugins(settings)
    plugins.ensure_sound()
    assemble(plugins)
    return plugins


def _owner(path: Path) -> str:
    try:
        return path.owner()
    except (OSError, KeyError):  # nobody of that number has a name here
        return "?"
