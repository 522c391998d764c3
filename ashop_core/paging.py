"""What every list has in common: how long a page may be, all pages one after another, a cursor that is none."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Protocol, TypeVar

from ashop_core.errors import InvalidInput
from ashop_core.texts import Text

LARGEST_PAGE = 500
_LONGEST_ID = 18

R_co = TypeVar("R_co", covariant=True)


class Page(Protocol[R_co]):
    """Rows of a list, and the cursor of the page after it; None on the last one."""

    @property
    def rows(self) -> Sequence[R_co]:
        """What stands on it."""

    @property
    def next(self) -> str | None:
        """The cursor of the page after it."""


P = TypeVar("P", bound=Page[object])
R = TypeVar("R")


def every_page(read: Callable[..., P]) -> Iterator[P]:
    """Yield all pages of a list, of which ``read(cursor=…, limit=…)`` gives one; each is read when it is asked for."""
    cursor: str | None = None
    while True:
        page = read(cursor=cursor, limit=LARGEST_PAGE)
        yield page
        cursor = page.next
        if cursor is None:
            return


def every_row(read: Callable[..., Page[R]]) -> Iterator[R]:
    """Yield all rows of a list, reading it as `every_page` does."""
    for page in every_page(read):
        yield from page.rows


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
