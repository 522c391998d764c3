"""Words for each message: the shop's own template where it has one, otherwise ours.

A template is a text file called ``<code>.<language>.txt``; where there is none of the code, that of the
occasion serves (``reminder``, ``return``, ``correction``, or ``status`` for any status). Its first line is
the subject, the rest is the message, in paragraphs with blank lines between. The two frames put shop, order
and footer around it: ``frame.txt`` in plain text and ``frame.html`` in HTML. What customers typed is only
ever a value.
"""

from __future__ import annotations

import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ashop_core.errors import InvalidInput
from ashop_core.models import Rendered
from ashop_core.texts import Text
from ashop_email.variables import language_of, one_line, variables

if TYPE_CHECKING:
    from css_inline import CSSInliner
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    from ashop_core.customer import MessageContext

OURS = Path(__file__).parent / "templates"
ANY_STATUS = "status"
"""The template that serves where neither code nor occasion has one."""


class Templates:
    """Renders messages. Files in `folder` go before ours of the same name and may be changed at any time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def render(self, context: MessageContext) -> Rendered:
        """Return the message in the customer's language.

        Raises InvalidInput, with file and line, for a template that cannot be used.
        """
        values = variables(context)
        language = language_of(context)
        codes = (context.template, context.occasion.value, ANY_STATUS)
        words = self._fill([f"{code}.{language}.txt" for code in codes], values)
        subject, _, message = words.strip().partition("\n")
        values["subject"] = one_line(subject)
        values["paragraphs"] = [part.split("\n") for part in re.split(r"\n\s*\n", message.strip())]
        return Rendered(
            subject=values["subject"],
            body=_tidy(self._fill(["frame.txt"], values)),
            html=self._inliner.inline(self._fill(["frame.html"], values)),
        )

    def has(self, code: str, language: str) -> bool:
        """Tell whether a message with this code gets words of its own, and not those for any status."""
        name = f"{code}.{language}.txt"
        return any((folder / name).is_file() for folder in (self._folder, OURS))

    def _fill(self, names: list[str], values: dict[str, Any]) -> str:
        """Return the first template that there is, filled in."""
        from jinja2 import TemplateError

        try:
            return self._environment.select_template(names).render(values)
        except TemplateError as error:
            raise _broken(names[0], error) from error

    @cached_property
    def _environment(self) -> ImmutableSandboxedEnvironment:
        from jinja2 import FileSystemLoader, StrictUndefined, select_autoescape
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        return ImmutableSandboxedEnvironment(
            loader=FileSystemLoader([self._folder, OURS]),
            undefined=StrictUndefined,
            autoescape=select_autoescape(["html"], default=False),
            trim_blocks=True,
            lstrip_blocks=True,
        )

    @cached_property
    def _inliner(self) -> CSSInliner:
        from css_inline import CSSInliner

        # Mail readers drop <style>, but those that know dark mode read the @media rules.
        return CSSInliner(load_remote_stylesheets=False, keep_at_rules=True)


def _tidy(text: str) -> str:
    """Return the text without trailing spaces and without more than one empty line in a row."""
    lines = "\n".join(line.rstrip() for line in text.strip().split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines) + "\n"


def _broken(name: str, error: Exception) -> InvalidInput:
    where = getattr(error, "name", None) or name
    line = getattr(error, "lineno", None)
    return InvalidInput(
        Text(
            "mejlmallen {name} går inte att använda: {why}", "the mail template {name} cannot be used: {why}"
        ).fill(name=f"{where}:{line}" if line else where, why=error)
    )
