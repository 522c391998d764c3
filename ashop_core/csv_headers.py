"""Which kind of table a CSV file is: its headers compared by name, in any case and any order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from ashop_core.errors import InvalidInput
from ashop_core.texts import Text


class Layout(Protocol):
    """A kind of table: `columns` gives each column's headers, in every spelling; `required` must be there."""

    @property
    def code(self) -> str:
        """Its name on the command line."""

    @property
    def label(self) -> str:
        """What people call it."""

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """The headers by which each column is known."""

    @property
    def required(self) -> tuple[str, ...]:
        """The columns without which nothing can be made of a row."""


L = TypeVar("L", bound=Layout)


@dataclass(frozen=True, slots=True)
class Headers(Generic[L]):
    """The headers of a file, understood: its layout, and where each of the layout's columns is."""

    layout: L
    delimiter: str
    names: tuple[str, ...]
    positions: Mapping[str, int]

    @property
    def width(self) -> int:
        """How many columns the file has."""
        return len(self.names)

    @property
    def unused(self) -> tuple[str, ...]:
        """The headers that no column of the layout goes by."""
        used = set(self.positions.values())
        return tuple(name.strip() for n, name in enumerate(self.names) if n not in used and name.strip())


def read_headers(
    candidates: Iterable[tuple[str, Sequence[str]]],
    layouts: Sequence[L],
    wanted: str | None,
    mapped: Mapping[str, str],
) -> Headers[L]:
    """Return the headers that make most sense, of one line split in several ways (delimiter, cells).

    `wanted` names a layout; `mapped` says of a header which column it is. Raises InvalidInput that says
    which columns are missing and how to name them.
    """
    layouts = [layout for layout in layouts if wanted in (None, layout.code)]
    _ensure_known(mapped, layouts)
    tries = [
        (layout, delimiter, cells, _positions(layout, cells, mapped))
        for delimiter, cells in candidates
        for layout in layouts
    ]
    layout, delimiter, cells, found = max(tries, key=lambda t: (not _missing(t[0], t[3]), len(t[3])))
    if missing := _missing(layout, found):
        raise _unknown(layout, missing, cells, wanted)
    for column, places in found.items():
        if len(places) > 1:
            raise _twice(column, [cells[n] for n in places])
    return Headers(layout, delimiter, tuple(cells), {column: places[0] for column, places in found.items()})


def _positions(layout: Layout, cells: Sequence[str], mapped: Mapping[str, str]) -> dict[str, list[int]]:
    """Return where each column of the layout stands; a header that was mapped by hand goes before aliases."""
    by_hand = {_plain(header): column for header, column in mapped.items() if column in layout.columns}
    taken = set(by_hand.values())
    aliases = {
        _plain(alias): column
        for column, names in layout.columns.items()
        if column not in taken
        for alias in names
    }
    found: dict[str, list[int]] = {}
    for n, cell in enumerate(cells):
        column = by_hand.get(_plain(cell)) or aliases.get(_plain(cell))
        if column is not None:
            found.setdefault(column, []).append(n)
    return found


def _plain(header: str) -> str:
    return " ".join(header.replace("\ufeff", "").replace("-", " ").casefold().split())


def _missing(layout: Layout, found: Mapping[str, object]) -> list[str]:
    return [column for column in layout.required if column not in found]


def _ensure_known(mapped: Mapping[str, str], layouts: Sequence[Layout]) -> None:
    known = {column for layout in layouts for column in layout.columns}
    for header, column in mapped.items():
        if column not in known:
            raise InvalidInput(
                Text(
                    "--map {header}={column}: det finns ingen kolumn {column}; välj bland {known}",
                    "--map {header}={column}: there is no column {column}; choose from {known}",
                ).fill(header=header, column=column, known=", ".join(sorted(known)))
            )


def _unknown(layout: Layout, missing: list[str], cells: Sequence[str], wanted: str | None) -> InvalidInput:
    named = ", ".join(f"{column} ({layout.columns[column][0]})" for column in missing)
    return InvalidInput(
        Text(
            "formatet känns inte igen. {most} {layout}, men då saknas: {missing}. Rubrikerna är: {cells}. "
            'Peka ut kolumner med --map "Rubrik=kolumn", och formatet med --format.',
            "the format is not known. {most} {layout}, but then these are missing: {missing}. The headers are: "
            '{cells}. Point columns out with --map "Header=column", and the format with --format.',
        ).fill(
            most=Text("Det valda är", "Chosen is") if wanted else Text("Mest liknar det", "It is most like"),
            layout=layout.label,
            missing=named,
            cells=", ".join(cell.strip() for cell in cells)[:300] or "–",
        )
    )


def _twice(column: str, headers: list[str]) -> InvalidInput:
    return InvalidInput(
        Text(
            'flera kolumner kan vara {column} ({headers}): välj en med --map "Rubrik={column}"',
            'several columns could be {column} ({headers}): choose one with --map "Header={column}"',
        ).fill(column=column, headers=", ".join(headers))
    )
