"""A list of tables in a TOML file made longer or shorter, everything that people wrote beside it left as it is.

Text goes in and text comes out. What comes out was read again and says what was meant and nothing else; where that
cannot be done, nothing is returned.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from ashop_core.errors import AshopError
from ashop_core.texts import Text

if TYPE_CHECKING:
    import tomlkit
    from tomlkit.items import AoT, Table

Keys = tuple[str, ...]

_PLACE = "ashop_was_here"


def insert(text: str, keys: Keys, index: int, entries: Sequence[Mapping[str, Any]]) -> str:
    """Return the text with these entries before the one at `index` of a list, which need not be there yet.

    Raises AshopError, with what to write by hand, where the file is laid out in a way that cannot be edited.
    """
    meant = tomllib.loads(text)
    _list_in(meant, keys)[index:index] = deepcopy(list(entries))
    text = _ended(text)
    return _first_that_says(meant, keys, _lengthened(text, keys, index, entries))


def remove(text: str, keys: Keys, index: int) -> str:
    """Return the text without one entry of a list; the last one leaves an empty list behind. Raises AshopError."""
    meant = tomllib.loads(text)
    del _list_in(meant, keys)[index]
    return _first_that_says(meant, keys, _shortened(_ended(text), keys, index))


def _first_that_says(meant: Mapping[str, Any], keys: Keys, candidates: Iterator[str]) -> str:
    kit = _kit()
    with suppress(kit.exceptions.TOMLKitError):  # what it cannot read or write ends in the words below
        for text in candidates:
            if _says(text, meant):
                return text
    raise AshopError(
        Text(
            "ashop.toml: {key} är skriven så att programmet inte kan ändra den utan att röra annat; ändra den för hand",
            "ashop.toml: {key} is written in such a way that the program cannot change it without touching other "
            "things; change it by hand",
        ).fill(key=".".join(keys))
    )


def _says(text: str, meant: Mapping[str, Any]) -> bool:
    try:
        return tomllib.loads(text) == meant
    except tomllib.TOMLDecodeError:
        return False


def _list_in(document: dict[str, Any], keys: Keys) -> list[Any]:
    table = document
    for key in keys[:-1]:
        table = table.setdefault(key, {})
    found: list[Any] = table.setdefault(keys[-1], [])
    return found


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else text + "\n"


# ── Longer ───────────────────────────────────────────────────────────────────────────────────────


def _lengthened(text: str, keys: Keys, index: int, entries: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    from tomlkit.items import AoT, Array

    document = _kit().parse(text)
    found = _item_at(document, keys)
    if isinstance(found, AoT):
        for n, entry in enumerate(entries, index):
            _put(found, n, _table(entry))
        yield document.as_string()
    elif isinstance(found, Array):
        if not found:
            found.multiline(True)
        for n, entry in enumerate(entries, index):
            found.insert(n, _inline(entry))
        yield document.as_string()
    else:
        yield _appended(text, keys, entries)
        table = _item_at(document, keys[:-1])  # which is written in braces
        if table is not None:
            table[keys[-1]] = [_inline(entry) for entry in entries]
            yield document.as_string()


def _put(tables: AoT, index: int, new: Table) -> None:
    """Insert a table; what stands above the next one, such as its comment, stays above that."""
    if index == 0:
        new.trivia.indent, tables[0].trivia.indent = tables[0].trivia.indent, ""
        new.value.body.append((None, _kit().nl()))
    else:
        above = tables[index - 1].value.body
        start = _end_of_keys(above)
        new.value.body.extend(above[start:])
        del above[start:]
        new.trivia.indent = "\n"
    tables.insert(index, new)


def _appended(text: str, keys: Keys, entries: Sequence[Mapping[str, Any]]) -> str:
    head = f"[[{'.'.join(keys)}]]\n"
    parts = [text] if text else []
    return "\n".join([*parts, *(head + _table(entry).as_string() for entry in entries)])


# ── Shorter ──────────────────────────────────────────────────────────────────────────────────────


def _shortened(text: str, keys: Keys, index: int) -> Iterator[str]:
    from tomlkit.items import AoT, Array

    document = _kit().parse(text)
    found = _item_at(document, keys)
    if isinstance(found, AoT) and len(found) > 1:
        _take_out(found, index)
        yield document.as_string()
    elif isinstance(found, AoT):
        yield from _emptied(document, found, keys)
    elif isinstance(found, Array):
        del found[index]
        yield document.as_string()


def _take_out(tables: AoT, index: int) -> None:
    """Remove a table, its keys and the comments among them; what stands below them stays."""
    body = tables[index].value.body
    left = body[_end_of_keys(body) :]
    if index == 0:
        words = "".join(item.as_string() for _, item in left)
        tables[1].trivia.indent = (words if words.strip() else "") + tables[1].trivia.indent
    else:
        above = tables[index - 1].value.body
        if _is_blank(above[_end_of_keys(above) :]):
            del above[_end_of_keys(above) :]
        above.extend(left)
    del tables[index]


def _emptied(document: tomlkit.TOMLDocument, tables: AoT, keys: Keys) -> Iterator[str]:
    """Yield the text with an empty list in the place of its only table, or in the table that it belongs to."""
    from tomlkit.items import AoT, SingleKey, Table

    body = tables[0].value.body
    place = _table({_PLACE: 1})
    place.trivia.indent = tables[0].trivia.indent
    place.value.body.extend(body[_end_of_keys(body) :])
    tables[0] = place
    lines = document.as_string().splitlines(keepends=True)
    at = next(n for n, line in enumerate(lines) if line.startswith(_PLACE))
    above, below = "".join(lines[: at - 1]), "".join(lines[at + 1 :])
    yield f"{above}[{'.'.join(keys[:-1])}]\n{keys[-1]} = []\n{below}"
    rest = _kit().parse(above + below)
    table = _item_at(rest, keys[:-1])
    if isinstance(table, Table):
        body = table.value.body
        last = max(
            (n for n, (key, item) in enumerate(body) if key and not isinstance(item, Table | AoT)), default=-1
        )
        body.insert(last + 1, (SingleKey(keys[-1]), _kit().array()))
        yield rest.as_string()


# ── Pieces of a document ─────────────────────────────────────────────────────────────────────────


def _kit() -> Any:
    """Return the library that keeps comments; it takes a while to import, and only this needs it."""
    try:
        import tomlkit
    except ImportError as error:
        raise AshopError(
            Text(
                "Att ändra ashop.toml och behålla kommentarerna kräver tomlkit: pip install tomlkit. "
                "Eller ändra filen för hand.",
                "Changing ashop.toml and keeping its comments takes tomlkit: pip install tomlkit. "
                "Or change the file by hand.",
            )
        ) from error
    return tomlkit


def _item_at(document: Any, keys: Keys) -> Any:
    found = document
    for key in keys:
        if key not in found:
            return None
        found = found[key]
    return found


def _table(entry: Mapping[str, Any]) -> Table:
    table: Table = _kit().table()
    for key, value in entry.items():
        table.add(key, value)
    return table


def _inline(entry: Mapping[str, Any]) -> Any:
    table = _kit().inline_table()
    table.update(entry)
    return table


def _end_of_keys(body: list[Any]) -> int:
    """Return where the comments and blank lines below the last key of a table begin."""
    return max((n + 1 for n, (key, _) in enumerate(body) if key is not None), default=0)


def _is_blank(items: list[Any]) -> bool:
    return not any(item.as_string().strip() for _, item in items)
