"""What SQLite complains about, in words that name the file and the remedy."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Final

from ashop_core.errors import ConstraintError, StorageError
from ashop_core.texts import Text

FAILURES: Final = (sqlite3.Error, sqlite3.Warning, OverflowError, UnicodeError)
"""All that the driver raises for a statement or a value that it cannot carry out."""

_CONSTRAINT: Final = Text(
    "{file} tar inte emot raden: {reason}.", "{file} does not accept the row: {reason}."
)
_OTHER: Final = Text("Databasen {file} svarar: {reason}.", "The database {file} says: {reason}.")
_FOLDER: Final = Text(
    "{file} är en mapp. Ange en fil under [shop] database i ashop.toml.",
    "{file} is a folder. Name a file at [shop] database in ashop.toml.",
)
_NO_FOLDER: Final = Text(
    "Mappen {folder} finns inte. Skapa den, eller rätta sökvägen under [shop] database i ashop.toml.",
    "There is no folder {folder}. Make it, or correct the path at [shop] database in ashop.toml.",
)
_NO_FILE: Final = Text(
    "Databasen {file} finns inte. Skapa butiken med ashop init, eller rätta [shop] database i ashop.toml.",
    "There is no database {file}. Make the shop with ashop init, or correct [shop] database in ashop.toml.",
)
_CANNOT_OPEN: Final = Text(
    "{file} kan inte öppnas. Ge användaren som kör butiken läs- och skrivrätt till filen och mappen den ligger i.",
    "{file} cannot be opened. Let the user who runs the shop read and write the file and the folder it is in.",
)
_BY_CODE: Final = {
    sqlite3.SQLITE_FULL: Text(
        "Disken är full, så {file} kan inte skrivas. Frigör plats och försök igen.",
        "The disk is full, so {file} cannot be written. Free some space and try again.",
    ),
    sqlite3.SQLITE_READONLY: Text(
        "{file} är skrivskyddad. Ge användaren som kör butiken skrivrätt till filen och mappen den ligger i.",
        "{file} is read-only. Let the user who runs the shop write to the file and the folder it is in.",
    ),
    sqlite3.SQLITE_NOTADB: Text(
        "{file} är ingen SQLite-databas. Rätta sökvägen under [shop] database i ashop.toml.",
        "{file} is not a SQLite database. Correct the path at [shop] database in ashop.toml.",
    ),
    sqlite3.SQLITE_CORRUPT: Text(
        "{file} är skadad ({reason}). Stoppa butiken, spara filen och lägg tillbaka den senaste säkerhetskopian.",
        "{file} is damaged ({reason}). Stop the shop, keep the file and restore the latest backup.",
    ),
    sqlite3.SQLITE_BUSY: Text(
        "Ett annat program håller {file} låst. Stäng det och försök igen.",
        "Another program keeps {file} locked. Close it and try again.",
    ),
    sqlite3.SQLITE_IOERR: Text(
        "{file} kan inte läsas eller skrivas ({reason}). Se efter att disken är hel och inte full.",
        "{file} cannot be read or written ({reason}). See that the disk is sound and not full.",
    ),
    sqlite3.SQLITE_AUTH: Text(
        "Den satsen får inte köras mot {file} i en ändring: butiken själv börjar och avslutar den.",
        "That statement may not be run on {file} in a change: the shop itself begins and ends it.",
    ),
}


def storage_error(error: BaseException, path: Path) -> StorageError:
    """Return the error to raise for what the driver raised: a ConstraintError for a row that breaks a rule."""
    if isinstance(error, sqlite3.IntegrityError):
        return ConstraintError(_CONSTRAINT.fill(file=path.name, reason=error))
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    text = _unopened(path) if code == sqlite3.SQLITE_CANTOPEN else _BY_CODE.get(code, _OTHER)
    return StorageError(text.fill(file=path, folder=path.parent, reason=error))


def ensure_place(path: Path) -> None:
    """Raise StorageError unless there is a folder for the file, and the file itself is none."""
    if path.is_dir() or not path.parent.is_dir():
        raise StorageError(_unopened(path).fill(file=path, folder=path.parent))


def _unopened(path: Path) -> Text:
    if path.is_dir():
        return _FOLDER
    if not path.parent.is_dir():
        return _NO_FOLDER
    return _CANNOT_OPEN if path.exists() else _NO_FILE
