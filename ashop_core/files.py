"""Files that are there whole or not at all, under names that can do no harm."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from stat import S_IMODE
from typing import BinaryIO

from ashop_core.errors import TemporaryDeliveryError
from ashop_core.models import Message
from ashop_core.texts import Text


@contextmanager
def open_atomically(
    path: Path, *, like: os.stat_result | None = None, last: Callable[[], None] | None = None
) -> Iterator[BinaryIO]:
    """Give a file to write, such that a reader, or a crash, finds the old one or the new one and nothing between.

    Missing folders are made. The file is on the disk when the block ends, and only its owner may read it, unless it is
    to have the permissions and owner of another one, `like`. What the block raises leaves everything as it was, and so
    does what `last` raises, called when there is only the name left to give.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            if like is not None:
                _make_like(file.fileno(), like)
            os.fsync(file.fileno())
        if last is not None:
            last()
        Path(name).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(name).unlink()
        raise
    _sync_folder(path.parent)


def write_atomically(
    path: Path, data: bytes, *, like: os.stat_result | None = None, last: Callable[[], None] | None = None
) -> None:
    """Write a file at once as `open_atomically` does."""
    with open_atomically(path, like=like, last=last) as file:
        file.write(data)


def write_message(folder: Path, message: Message, suffix: str, data: bytes) -> str:
    """Write a message that nobody sends for the shop yet; return the file's name with its folder's, as a receipt.

    The same message gives the same file. Raises TemporaryDeliveryError where it cannot be written.
    """
    path = folder / f"{message.id:08}-{safe_name(message.template)}{suffix}"
    try:
        write_atomically(path, data)
    except OSError as error:
        words = Text("filen kunde inte skrivas: {why}", "the file could not be written: {why}")
        raise TemporaryDeliveryError(words.fill(why=f"{path}: {error.strerror}")) from error
    return f"{folder.name}/{path.name}"


def safe_name(text: str) -> str:
    """Return `text` as a file name: letters, digits, ``.``, ``_`` and ``-``, never hidden and never a path."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", text).lstrip(".")[:150] or "_"


def _make_like(descriptor: int, like: os.stat_result) -> None:
    mine = os.fstat(descriptor)
    if (mine.st_uid, mine.st_gid) != (like.st_uid, like.st_gid):
        os.fchown(descriptor, like.st_uid, like.st_gid)
    os.fchmod(descriptor, S_IMODE(like.st_mode))


def _sync_folder(folder: Path) -> None:
    """Make the new name last through a power cut, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
