"""Fills in template files: ours in this process, the shop's in one of its own (see `template_process`).

Both happen in the same sandbox, and what is wrong comes as a TemplateFault with file and line. It imports next to
nothing, so that the process for the shop's templates starts fast.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from traceback import walk_tb
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST_FILE = 256 * 1024
"""The most bytes that a template file may have."""
SUFFIXES = (".txt", ".html")

_NAME = re.compile(r"(?=.{,200}$)(?!\.)[\w. -]+(/(?!\.)[\w. -]+)*")


@dataclass(eq=False)
class TemplateFault(Exception):
    """What is wrong with a template: `kind` is a key of `templating.WHY`, `detail` what it is about."""

    kind: str
    file: str = ""
    line: int | None = None
    detail: str = ""


class OwnFileNeeded(Exception):
    """A file of the shop's own would have to be read, and this process does not do that."""


def find(folder: Path, name: str) -> Path | None:
    """Return the file of that name in a folder, None where there is none; nothing outside the folder is found."""
    path = folder / name
    return path if _NAME.fullmatch(name) and path.is_file() else None


@dataclass(frozen=True)
class Engine:
    """Templates of the shop's folder, or of ours where it has none of that name.

    With `only_ours` no file of the shop's is read.
    """

    own: Path
    ours: Path
    only_ours: bool = False

    def fill(
        self,
        names: Sequence[str],
        values: Mapping[str, Any],
        finish: Callable[[str], str] | None = None,
        most: int | None = None,
    ) -> str:
        """Return the first template that there is, filled in, given to `finish`, and of no more than `most` bytes.

        Raises TemplateFault where that cannot be done, OwnFileNeeded where it takes a file that may not be read here.
        """
        try:
            template = self._environment.select_template(list(names))
            file = template.filename or ""
            text = "".join(_within(template.generate(values), most, file))
            return "".join(_within([finish(text)], most, file)) if finish else text
        except (TemplateFault, OwnFileNeeded, MemoryError):
            raise
        except Exception as error:  # whatever can happen in a template is a fault of that template
            raise self._fault(error, names) from error

    @cached_property
    def _environment(self) -> ImmutableSandboxedEnvironment:
        from jinja2 import FunctionLoader, StrictUndefined, select_autoescape
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        environment = ImmutableSandboxedEnvironment(
            loader=FunctionLoader(self._load),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html"], default=False),
            trim_blocks=True,
            lstrip_blocks=True,
        )
        del environment.globals["lipsum"]
        return environment

    def _load(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        path = self._path(name)
        if path is None:
            return None
        if not any(_is_inside(path, folder) for folder in (self.own, self.ours)):
            raise TemplateFault("outside", str(path))
        before = _mark(path)
        return _source(path), str(path), lambda: self._path(name) == path and _mark(path) == before

    def _path(self, name: str) -> Path | None:
        own = find(self.own, name)
        if own is not None and self.only_ours:
            raise OwnFileNeeded
        return own or find(self.ours, name)

    def has(self, name: str) -> bool:
        """Tell whether there is a file of that name."""
        return find(self.own, name) is not None or find(self.ours, name) is not None

    def files(self, *, ours: bool = False) -> dict[str, Path]:
        """Return the shop's template files by name, in order, or ours; hidden ones and those of editors are none."""
        folder = self.ours if ours else self.own
        paths = sorted(path for suffix in SUFFIXES for path in folder.rglob(f"*{suffix}"))
        named = {path.relative_to(folder).as_posix(): path for path in paths}
        return {name: path for name, path in named.items() if find(folder, name)}

    def file_for(self, names: Sequence[str]) -> str:
        """Return the file that is filled in for these names, or the first name where there is none."""
        return str(
            next(filter(None, (find(f, name) for name in names for f in (self.own, self.ours))), names[0])
        )

    def _fault(self, error: Exception, names: Sequence[str]) -> TemplateFault:
        """Return what is wrong, with the innermost file and line that the error tells of."""
        from jinja2 import TemplateNotFound, TemplatesNotFound, TemplateSyntaxError, UndefinedError
        from jinja2.exceptions import SecurityError

        file, line = self._where(error) or (self.file_for(names), None)
        detail = str(error) or type(error).__name__
        if isinstance(error, TemplatesNotFound | TemplateNotFound):
            return TemplateFault(
                "not_found", file, line, ", ".join(getattr(error, "templates", [error.name]))
            )
        if isinstance(error, TemplateSyntaxError):
            return TemplateFault("syntax", error.filename or file, error.lineno, error.message or detail)
        if isinstance(error, UndefinedError):
            return TemplateFault("undefined", file, line, detail)
        if isinstance(error, RecursionError):
            return TemplateFault("recursion", file, line)
        kind = "forbidden" if isinstance(error, SecurityError) else "failed"
        return TemplateFault(kind, file, line, detail)

    def _where(self, error: Exception) -> tuple[str, int] | None:
        folders = (str(self.own), str(self.ours))
        places = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
        return next((place for place in reversed(places) if place[0].startswith(folders)), None)


def _within(chunks: Iterable[str], most: int | None, file: str) -> Iterator[str]:
    size = 0
    for chunk in chunks:
        size += len(chunk.encode(errors="surrogatepass"))
        if most is not None and size > most:
            raise TemplateFault("too_long", file, detail=str(most // 1024))
        yield chunk


def _source(path: Path) -> str:
    """Return the text of a file, also where its writer put a byte order mark before it."""
    try:
        with path.open("rb") as file:
            data = file.read(LONGEST_FILE + 1)
        if len(data) > LONGEST_FILE:
            raise TemplateFault("long_file", str(path), detail=str(LONGEST_FILE // 1024))
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TemplateFault("not_utf8", str(path), data[: error.start].count(b"\n") + 1) from error
    except OSError as error:
        raise TemplateFault("unreadable", str(path), detail=error.strerror or "") from error


def _is_inside(path: Path, folder: Path) -> bool:
    """Tell whether a file is in a folder wherever links lead: what a template shows may be mailed to anybody."""
    return path.resolve().is_relative_to(folder.resolve())


def _mark(path: Path) -> tuple[int, int, int]:
    """Return what is another when a file has been changed."""
    about = path.stat()
    return about.st_mtime_ns, about.st_size, about.st_ino
