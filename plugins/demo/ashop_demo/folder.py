"""The folder of the demo shop: made where nothing is, or where an earlier demo was, and nowhere else."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

from ashop_core.errors import AshopError
from ashop_core.files import write_atomically
from ashop_core.settings import FILE
from ashop_core.texts import Text

MARK = ".ashop-demo.json"
DATABASE = "shop.db"
MADE = ("outbox", "calendar")
"""The folders that the demo shop's plugins write into."""


def is_demo(folder: Path) -> bool:
    """Tell whether an earlier demo made this folder."""
    return (folder / MARK).is_file()


def ensure_demo(folder: Path) -> None:
    """Raise AshopError unless an earlier demo made this folder."""
    if not is_demo(folder):
        raise AshopError(
            Text(
                "I {folder} finns ingen demo. Gör en: ashop demo {folder}",
                "There is no demo in {folder}. Make one: ashop demo {folder}",
            ).fill(folder=folder)
        )


def prepare(folder: Path, settings: str, *, force: bool = False) -> None:
    """Make the folder with its `ashop.toml`, in place of what an earlier demo left there.

    Raises AshopError where the folder holds anything else, or settings that were changed by hand;
    `force` gives those up. Whatever else was put there since is left as it is.
    """
    _refuse_others(folder)
    if is_demo(folder):
        _refuse_changed(folder, force)
        clear(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        mark = json.dumps({"settings": _digest(settings.encode())})
        write_atomically(folder / MARK, mark.encode())
        write_atomically(folder / FILE, settings.encode())
    except OSError as error:
        raise _cannot_write(folder, error) from error


def clear(folder: Path) -> None:
    """Remove what a demo made: database, settings, messages and calendar files."""
    try:
        for path in [*folder.glob(f"{DATABASE}*"), folder / FILE]:
            path.unlink(missing_ok=True)
        for name in MADE:
            if (folder / name).is_dir():
                shutil.rmtree(folder / name)
    except OSError as error:
        raise _cannot_write(folder, error) from error


def _refuse_others(folder: Path) -> None:
    if folder.exists() and not folder.is_dir():
        raise AshopError(
            Text(
                "{folder} är en fil. Välj en mapp: ashop demo MAPP",
                "{folder} is a file. Choose a folder: ashop demo DIR",
            ).fill(folder=folder)
        )
    if folder.is_dir() and any(folder.iterdir()) and not is_demo(folder):
        raise AshopError(
            Text(
                "{folder} är inte tom, och ingen demo har gjort den. Välj en annan mapp: ashop demo MAPP",
                "{folder} is not empty, and no demo made it. Choose another folder: ashop demo DIR",
            ).fill(folder=folder)
        )


def _refuse_changed(folder: Path, force: bool) -> None:
    settings = folder / FILE
    if force or not settings.is_file() or _digest(settings.read_bytes()) == _remembered(folder):
        return
    raise AshopError(
        Text(
            "{file} är ändrad sedan demon gjorde den. Behåll butiken med --keep, gör om den med --force, "
            "eller välj en annan mapp: ashop demo MAPP",
            "{file} was changed since the demo made it. Keep the shop with --keep, make it anew with --force, "
            "or choose another folder: ashop demo DIR",
        ).fill(file=settings)
    )


def _remembered(folder: Path) -> str:
    try:
        return str(json.loads((folder / MARK).read_text(encoding="utf-8"))["settings"])
    except (ValueError, KeyError, TypeError):
        return ""


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _cannot_write(folder: Path, error: OSError) -> AshopError:
    return AshopError(
        Text(
            "{folder} kan inte skrivas: {why}. Välj en annan mapp: ashop demo MAPP",
            "{folder} cannot be written: {why}. Choose another folder: ashop demo DIR",
        ).fill(folder=folder, why=error.strerror)
    )
