"""Templates of a channel: the shop's own files where it has them, otherwise those that came with the channel.

A template is a file called ``<code>.<language>.txt``. Ours are filled in here; what reads a file of the shop's own is
filled in by a process that can be ended (see `template_process`). What customers typed is only ever a value. Jinja2 is
imported when the first template is filled in: it belongs to the extras of the plugins that have templates.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ashop_core.errors import InvalidInput, Problem
from ashop_core.template_engine import LONGEST_FILE, Engine, OwnFileNeeded, TemplateFault
from ashop_core.template_fields import documented
from ashop_core.texts import Text
from ashop_core.wording import language_of, template_values

if TYPE_CHECKING:
    from ashop_core.customer import MessageContext
    from ashop_core.template_process import TemplateProcess

ANY_STATUS = "status"
"""The template that serves customers where neither code nor occasion has one."""
ANY_STAFF = "staff"
"""The same for staff."""
COSTLY = frozenset({"cpu", "clock", "memory", "ended"})
"""The faults that take so long to find that they are not looked for again and again."""
MOST_COSTLY = 3
ENOUGH = 2

WHY: Final = {
    "syntax": Text("felskriven, Jinja säger: {detail}", "misspelt, Jinja says: {detail}"),
    "undefined": Text("värdet {detail} finns inte{hint}", "there is no value {detail}{hint}"),
    "not_found": Text("det finns ingen fil {detail} bland mallarna", "there is no file {detail} among the templates"),
    "forbidden": Text(
        "gör något som en mall inte får, Jinja säger: {detail}", "does what a template may not, Jinja says: {detail}"
    ),
    "recursion": Text("anropar sig själv utan slut", "calls itself without end"),
    "failed": Text("går inte att fylla i: {detail}", "cannot be filled in: {detail}"),
    "too_long": Text("blir längre än {detail} kB; korta av den", "becomes longer than {detail} kB; shorten it"),
    "empty": Text(
        "blir ett tomt meddelande; skriv något i den, eller ta bort den",
        "becomes an empty message; write something in it, or remove it",
    ),
    "long_file": Text("filen är större än {detail} kB; dela upp den", "the file is larger than {detail} kB; split it"),
    "outside": Text(
        "är en länk till en fil utanför mallarnas mapp; lägg filen i mappen i stället",
        "is a link to a file outside the folder of templates; put the file into the folder instead",
    ),
    "not_utf8": Text("filen är inte UTF-8; spara den som UTF-8", "the file is not UTF-8; save it as UTF-8"),
    "unreadable": Text("filen går inte att läsa: {detail}", "the file cannot be read: {detail}"),
    "memory": Text("tar för mycket minne; gör den enklare", "takes too much memory; make it simpler"),
    "cpu": Text("räknar i mer än {detail} s; gör den enklare", "works for more than {detail} s; make it simpler"),
    "clock": Text("blev inte klar på {detail} s; försök igen", "was not done in {detail} s; try again"),
    "ended": Text(
        "processen som fyller i butikens mallar tog slut ({detail}); försök igen, och gör annars mallen enklare",
        "the process that fills in the shop's templates ended ({detail}); try again, or else make the template simpler",
    ),
}  # fmt: skip
"""What is said of each kind of fault."""


class BrokenTemplate(InvalidInput):
    """A template cannot be used; the text names its file, the line and what is wrong. Mend the file, or remove it."""

    def __init__(self, label: Text, fault: TemplateFault) -> None:
        self.kind = fault.kind
        where = f"{fault.file}:{fault.line}" if fault.line else fault.file
        why = WHY[fault.kind].fill(**_details(fault))
        super().__init__(
            Text("{label} {where}: {why}", "{label} {where}: {why}").fill(label=label, where=where, why=why)
        )


class TemplateFiles:
    """The templates of a channel. Files in `own` go before those in `ours`, and may be changed at any time.

    `label` is what a template of the channel is called in a sentence.
    """

    def __init__(self, own: Path, ours: Path, label: Text, process: TemplateProcess | None = None) -> None:
        self._label = label
        self._process = process
        own, ours = own.absolute(), ours.absolute()
        self._engine = Engine(own, ours)
        self._only_ours = Engine(own, ours, only_ours=True)

    def words(self, context: MessageContext, values: Mapping[str, Any] | None = None) -> str:
        """Return the words of a message, from the values that all templates have or from others; raises BrokenTemplate."""
        filled_in = template_values(context).plain() if values is None else values
        names = names_for(context)
        words = self.fill(names, filled_in)
        if not words.strip():
            empty = TemplateFault(kind="empty", file=self._shown(self._engine.file_for(names)))
            raise BrokenTemplate(self._label, empty)
        return words

    def fill(
        self, names: Sequence[str], values: Mapping[str, Any], finish: Callable[[str], str] | None = None
    ) -> str:
        """Return the first template that there is, filled in and given to `finish`, a function of a module.

        Raises BrokenTemplate.
        """
        try:
            try:
                return self._only_ours.fill(names, values, finish)
            except OwnFileNeeded:
                from ashop_core.template_process import shared

                called = f"{finish.__module__}:{finish.__name__}" if finish else ""
                return (self._process or shared).fill(self._engine, names, values, called)
        except TemplateFault as fault:
            fault.file = self._shown(fault.file)
            raise BrokenTemplate(self._label, fault) from fault

    def has(self, code: str, language: str) -> bool:
        """Tell whether a message with this code gets words of its own, and not those for any status."""
        return self._engine.has(f"{code}.{language}.txt")

    def problems(
        self, samples: Iterable[MessageContext], render: Callable[[MessageContext], object]
    ) -> Iterator[Problem]:
        """Yield what is wrong with the templates that `render` uses for these, each fault once.

        Of ours a few messages are enough, as long as the shop has no file of its own that they could read.
        """
        samples = list(samples)
        named = {name for context in samples for name in names_for(context)}
        own = self._engine.files()
        thorough = not named.issuperset(own)
        told: set[Text] = set()
        costly: set[str] = set()
        tried = Counter[str]()
        for context in samples:
            file = self._engine.file_for(names_for(context))
            tried[file] += 1
            enough = tried[file] > ENOUGH and not thorough and Path(file) not in own.values()
            if file in costly or enough:
                continue
            try:
                render(context)
            except BrokenTemplate as error:
                if error.text not in told:
                    told.add(error.text)
                    yield Problem("broken_template", error.text)
                if error.kind in COSTLY:
                    costly.add(file)
            if len(costly) == MOST_COSTLY:
                return

    def unused(self, samples: Iterable[MessageContext]) -> Iterator[Problem]:
        """Yield the files in the shop's folder that none of these messages uses, with the name that may be meant."""
        usable = {
            *(name for context in samples for name in names_for(context)),
            *self._engine.files(ours=True),
        }
        files = self._engine.files()
        called = {path: _called_in(path) for path in files.values()}
        for name, path in files.items():
            if name in usable or any(name in names for p, names in called.items() if p != path):
                continue
            meant = get_close_matches(name, sorted(usable), n=1)
            hint = (
                Text("; menade du {meant}?", "; did you mean {meant}?").fill(meant=meant[0]) if meant else ""
            )
            words = Text(
                "{label} {path} används inte: ingen status, händelse eller regel frågar efter den{hint}",
                "{label} {path} is not used: no status, occasion or rule asks for it{hint}",
            )
            yield Problem(
                "unused_template", words.fill(label=self._label, path=self._shown(str(path)), hint=hint)
            )

    def _shown(self, file: str) -> str:
        """Return a file with its folder's name and that of the folder around it, which is enough to find it."""
        for folder in (self._engine.own, self._engine.ours):
            if Path(file).is_relative_to(folder):
                return Path(file).relative_to(folder.parent.parent).as_posix()
        return file


def names_for(context: MessageContext) -> list[str]:
    """Return the names of the templates that can serve for a message, the best one first."""
    general = [ANY_STAFF] if context.staff else [context.occasion.value, ANY_STATUS]
    language = language_of(context)
    return [f"{code}.{language}.txt" for code in dict.fromkeys((context.template, *general))]


def _called_in(path: Path) -> set[str]:
    """Return all that stands in a file as the name of another one would."""
    with path.open("rb") as file:
        return set(re.findall(r"[\w./ -]+", file.read(LONGEST_FILE).decode("utf-8", "replace")))


def _details(fault: TemplateFault) -> dict[str, object]:
    """Return what goes into the sentence about a fault."""
    if fault.kind != "undefined":
        return {"detail": fault.detail}
    found = re.findall(r"'([^']*)'", fault.detail)
    name = found[-1] if found else fault.detail
    if name == ANY_STAFF:
        hint = Text(
            " i meddelanden till kunder, bara i dem till personalen",
            " in messages to customers, only in those to staff",
        )
        return {"detail": name, "hint": hint}
    meant = get_close_matches(name, _known_names(), n=1, cutoff=0.7)
    hint = Text("; menade du {meant}?", "; did you mean {meant}?").fill(meant=meant[0] if meant else "")
    return {"detail": name, "hint": hint if meant else ""}


@cache
def _known_names() -> list[str]:
    return sorted({name.rpartition(".")[2] for name, _ in documented()})
