"""Saved filters: the lists that staff go through, those that ship and those of the settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ashop_core.errors import InvalidInput, NotFound, Problem
from ashop_core.models import SavedFilter
from ashop_core.naming import plain
from ashop_core.settings import FilterTable, settings_problem
from ashop_core.standard import FILTERS
from ashop_core.texts import Text, joined
from ashop_core.where import Desk, parse_where

SavedFilters = Mapping[str, SavedFilter]


def saved_filters(tables: Mapping[str, FilterTable]) -> dict[str, SavedFilter]:
    """Return a shop's saved filters by code: those that ship, then those of its settings."""
    found = {saved.code: saved for saved in FILTERS}
    for code, table in tables.items():
        saved = found.pop(code, None) or SavedFilter(code=code, label=Text("", ""), where="")
        if table.enabled:
            found[code] = replace(saved, label=table.label or saved.label, where=table.where or saved.where)
    return found


def filter_problems(tables: Mapping[str, FilterTable], desk: Desk) -> Iterator[Problem]:
    """Yield everything wrong with the saved filters that the settings change or add."""
    saved = saved_filters(tables)
    for code in tables.keys() & saved.keys():
        if not saved[code].label.sv:
            yield settings_problem(f"filters.{code}.label", "saknas", "is missing")
        if not saved[code].where.strip():
            yield settings_problem(f"filters.{code}.where", "saknas", "is missing")
        try:
            parse_where(saved[code].where, desk)
        except InvalidInput as error:
            yield settings_problem(f"filters.{code}.where", "{why}", "{why}", why=error.text)


def find_filter(filters: SavedFilters, words: str) -> SavedFilter:
    """Return the saved filter that people mean: its code, or its label in either language. Raises NotFound."""
    meant = plain(words)
    for saved in filters.values():
        if meant in (plain(saved.code), plain(saved.label.sv), plain(saved.label.en)):
            return saved
    choices = [Text(f"{s.label.sv} ({s.code})", f"{s.label.en} ({s.code})") for s in filters.values()]
    raise NotFound(
        Text(
            "Det finns inget sparat filter ”{words}”. Välj bland: {choices}.",
            "There is no saved filter “{words}”. Choose from: {choices}.",
        ).fill(words=words, choices=joined(choices))
    )
