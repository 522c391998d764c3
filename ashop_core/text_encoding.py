"""Which encoding a file has, found out by reading it through once; never guessed where it could be wrong."""

from __future__ import annotations

import codecs
import io
import re
from pathlib import Path
from typing import BinaryIO

from ashop_core.errors import InvalidInput
from ashop_core.texts import Text

CHUNK = 1 << 16

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins as UTF-16's does, so it is looked for first
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_OTHERS = (
    (b"PK\x03\x04", Text("en Excel- eller zip-fil", "an Excel or zip file")),
    (b"\xd0\xcf\x11\xe0", Text("en Excel-fil", "an Excel file")),
    (b"\x1f\x8b", Text("en gzip-fil", "a gzip file")),
    (b"%PDF", Text("en PDF", "a PDF")),
)
_WRONG_BYTE = re.compile("[\udc80-\udcff]")
_RIGHT_CHARACTER = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")


def find_encoding(path: Path, given: str | None) -> str:
    """Return the encoding of a text file; the whole file is known to be readable in it.

    Without `given`: what a byte order mark says, else UTF-8, else Windows-1252. Raises InvalidInput for a
    file that is missing, empty, no text, or partly in one encoding and partly in another.
    """
    try:
        if not path.is_file():
            raise _refusal(path, "det finns ingen sådan fil", "there is no such file")
        with path.open("rb") as file:
            head = file.read(8)
            if not head:
                raise _refusal(path, "filen är tom", "the file is empty")
            _ensure_text(path, head)
            return _checked(path, file, given) if given else _found(path, file, head)
    except OSError as error:
        raise _refusal(path, "kan inte läsas: {why}", "cannot be read: {why}", why=error.strerror) from error


def _found(path: Path, file: BinaryIO, head: bytes) -> str:
    for mark, encoding in _BOMS:
        if head.startswith(mark):
            return _checked(path, file, encoding)
    right, wrong = _count(path, file)
    if not wrong:
        return "utf-8"
    if right:
        raise _refusal(
            path, "filen är delvis UTF-8, delvis inte: spara om den som UTF-8, eller ange --encoding",
            "the file is partly UTF-8 and partly not: save it as UTF-8, or give --encoding",
        )  # fmt: skip
    return _checked(path, file, "cp1252")


def _checked(path: Path, file: BinaryIO, encoding: str) -> str:
    """Return the encoding if the whole file can be read in it."""
    file.seek(0)
    row = 1
    try:
        text = io.TextIOWrapper(file, encoding=encoding, newline="")
        while chunk := text.read(CHUNK):
            row = _ensure_no_nul(path, chunk, row)
        text.detach()
    except LookupError:
        raise _refusal(path, "det finns ingen kodning {e}", "there is no encoding {e}", e=encoding) from None
    except (UnicodeError, ValueError) as error:
        raise _refusal(
            path,
            "filen är inte text i {e} ({why}): ange en annan --encoding, till exempel utf-8 eller cp1252",
            "the file is not text in {e} ({why}): give another --encoding, such as utf-8 or cp1252",
            e=encoding,
            why=getattr(error, "reason", "") or type(error).__name__,
        ) from None
    return encoding


def _count(path: Path, file: BinaryIO) -> tuple[int, int]:
    """Return how many characters beyond ASCII are UTF-8, and how many bytes cannot be."""
    right = wrong = 0
    row = 1
    file.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")("surrogateescape")
    while True:
        chunk = file.read(CHUNK)
        text = decoder.decode(chunk, final=not chunk)
        row = _ensure_no_nul(path, text, row)
        if not text.isascii():
            wrong += len(_WRONG_BYTE.findall(text))
            right += len(_RIGHT_CHARACTER.findall(text))
        if not chunk:
            return right, wrong


def _ensure_text(path: Path, head: bytes) -> None:
    for mark, what in _OTHERS:
        if head.startswith(mark):
            raise _refusal(
                path, "det här är {what}: spara den som CSV eller JSON först",
                "this is {what}: save it as CSV or JSON first", what=what,
            )  # fmt: skip


def _ensure_no_nul(path: Path, text: str, row: int) -> int:
    """Return the number of the row after a text that begins on `row`, or refuse the file for a NUL in it."""
    before, nul, _ = text.partition("\0")
    row += before.count("\n")
    if nul:
        raise _refusal(
            path, "filen är inte text: den innehåller NUL (rad {row}). Spara den som CSV eller JSON",
            "the file is not text: it holds NUL (row {row}). Save it as CSV or JSON", row=row,
        )  # fmt: skip
    return row


def _refusal(path: Path, sv: str, en: str, **values: object) -> InvalidInput:
    return InvalidInput(
        Text("{path}: {why}", "{path}: {why}").fill(path=path, why=Text(sv, en).fill(**values))
    )
