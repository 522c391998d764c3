"""What every list has in common: how long a page may be, and what becomes of a cursor that is none."""

from __future__ import annotations

from ashop_core.errors import InvalidInput
from ashop_core.texts import Text

LARGEST_PAGE = 500
_LONGEST_ID = 18


def check_limit(limit: int) -> None:
    """Raise InvalidInput unless a page may have so many rows."""
    if not 1 <= limit <= LARGEST_PAGE:
        raise InvalidInput(
            Text("högst {n} rader per sida, fick {limit}", "at most {n} rows a page, got {limit}").fill(
                n=LARGEST_PAGE, limit=limit
            )
        )


def read_id(digits: str) -> int:
    """Return the id in a cursor; raise ValueError for what is none, or what no store could hold."""
    if not (digits.isascii() and digits.isdigit() and len(digits) <= _LONGEST_ID):
        raise ValueError(digits)
    return int(digits)


def no_cursor(cursor: str) -> InvalidInput:
    """Return the error for a cursor that no list has given."""
    return InvalidInput(
        Text(
            "”{c}” är ingen sidmarkör. Ta den som listan slutade med, eller utelämna den.",
            "“{c}” is not a page cursor. Take the one that the list ended with, or leave it out.",
        ).fill(c=cursor)
    )
