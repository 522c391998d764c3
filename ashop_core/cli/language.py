"""The language that the command line speaks, and click's own words in Swedish."""

from __future__ import annotations

import os
from collections.abc import Mapping
from types import ModuleType

import click

from ashop_core.texts import LANGUAGES, Text

_current = "sv"


def language() -> str:
    """Return the language of this invocation, ``"sv"`` or ``"en"``."""
    return _current


def say(text: Text | str) -> str:
    """Return the words in the language of this invocation."""
    return text if isinstance(text, str) else text.to(_current)


def speak(*wishes: str | None) -> None:
    """Choose the language: the first wish that names one, then LANG and its kin, then Swedish."""
    global _current
    from_system = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    codes = ((wish or "")[:2].lower() for wish in (*wishes, *from_system))
    _current = next((code for code in codes if code in LANGUAGES), "sv")


_SWEDISH: Mapping[str, str] = {
    "Usage:": "Användning:",
    "Options": "Val",
    "Commands": "Kommandon",
    "Positional arguments": "Argument",
    "Aborted!": "Avbrutet!",
    "Error: {message}": "Fel: {message}",
    "Try '{command} {option}' for help.": "Hjälp: {command} {option}",
    "Missing command.": "Ange ett kommando.",
    "Missing argument": "Argumentet saknas:",
    "Missing option": "Valet saknas:",
    "Missing parameter": "Det saknas:",
    "No such option {name!r}.": "Det finns inget val {name!r}.",
    "No such command {name!r}.": "Det finns inget kommando {name!r}.",
    "Did you mean {possibility}?": "Menade du {possibility}?",
    "(Did you mean one of: {possibilities}?)": "Menade du något av {possibilities}?",
    "Invalid value: {message}": "Fel värde: {message}",
    "Invalid value for {param_hint}: {message}": "Fel värde för {param_hint}: {message}",
    "{value!r} is not {choice}.": "{value!r} är inte {choice}.",
    "{value!r} is not one of {choices}.": "{value!r} är inget av {choices}.",
    "{value!r} is not a valid {number_type}.": "{value!r} är inget giltigt tal.",
    "{value} is not in the range {range}.": "{value} ligger inte i {range}.",
    "Choose from:\n\t{choices}": "Välj bland:\n\t{choices}",
    "Option {name!r} requires an argument.": "Valet {name!r} behöver ett värde.",
    "Option {name!r} does not take a value.": "Valet {name!r} tar inget värde.",
    "Got unexpected extra argument ({args})": "Ett argument för mycket ({args})",
    "Got unexpected extra arguments ({args})": "För många argument ({args})",
    "{name} {filename!r} does not exist.": "{name} {filename!r} finns inte.",
    "{name} {filename!r} is a file.": "{name} {filename!r} är en fil.",
    "{name} {filename!r} is a directory.": "{name} {filename!r} är en mapp.",
    "{name} {filename!r} is not readable.": "{name} {filename!r} går inte att läsa.",
    "{name} {filename!r} is not writable.": "{name} {filename!r} går inte att skriva.",
    "Could not open file {filename!r}: {message}": "Filen {filename!r} kan inte öppnas: {message}",
    "file": "filen",
    "directory": "mappen",
    "path": "sökvägen",
    "default: {default}": "annars: {default}",
    "env var: {var}": "miljövariabel: {var}",
    "required": "krävs",
    "[OPTIONS]": "[VAL]",
    "COMMAND [ARGS]...": "KOMMANDO [ARGUMENT]...",
    "TEXT": "TEXT",
    "INTEGER": "TAL",
    "INTEGER RANGE": "TAL",
    "FILE": "FIL",
    "DIRECTORY": "MAPP",
}


def translate(message: str) -> str:
    """Return one of click's own messages in the language of this invocation."""
    return _SWEDISH.get(message, message) if _current == "sv" else message


def _translate_number(one: str, several: str, number: int) -> str:
    return translate(one if number == 1 else several)


def _teach_click() -> None:
    """Let click look its words up here.

    Click calls gettext through these two names in each module. The way gettext offers, compiled catalogues
    and environment variables, would cost a dozen searches of the disk for each help page.
    """
    for module in vars(click).values():
        if isinstance(module, ModuleType):
            for name, function in (("_", translate), ("ngettext", _translate_number)):
                if name in vars(module):
                    setattr(module, name, function)


_teach_click()
