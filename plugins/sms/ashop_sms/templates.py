"""Words for each SMS: the shop's own template where it has one, otherwise ours, and never too many parts.

A template is a text file called ``<code>.<language>.txt``; where there is none of the code, that of the
occasion serves (``reminder``, ``return``, ``correction``; ``status`` for any status). What customers typed
is only ever a value.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ashop_core.errors import InvalidInput
from ashop_core.texts import Text
from ashop_sms.segments import cut, length, plain
from ashop_sms.variables import language_of, variables

if TYPE_CHECKING:
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    from ashop_core.customer import MessageContext

OURS = Path(__file__).parent / "templates"
ANY_STATUS = "status"
"""The template that serves where neither code nor occasion has one."""
SHORT = "short"
"""The template that is used when another becomes too long."""


class Templates:
    """Renders messages. Files in `folder` go before ours of the same name and may be changed at any time."""

    def __init__(self, folder: Path, max_parts: int) -> None:
        self._folder = folder
        self._max_parts = max_parts

    def render(self, context: MessageContext) -> str:
        """Return the words of the SMS in the customer's language, in at most the parts allowed.

        Raises InvalidInput, with file and line, for a template that cannot be used.
        """
        values, language = variables(context), language_of(context)
        codes = (context.template, context.occasion.value, ANY_STATUS)
        words = self._fill([f"{code}.{language}.txt" for code in codes], values)
        if length(words).parts > self._max_parts:
            words = self._fill([f"{SHORT}.{language}.txt"], values)
        return cut(words, self._max_parts)

    def has(self, code: str, language: str) -> bool:
        """Tell whether a message with this code gets words of its own, and not those for any status."""
        name = f"{code}.{language}.txt"
        return any((folder / name).is_file() for folder in (self._folder, OURS))

    def _fill(self, names: list[str], values: dict[str, Any]) -> str:
        """Return the first template that there is, filled in."""
        from jinja2 import TemplateError

        try:
            return plain(self._environment.select_template(names).render(values)).strip()
        except TemplateError as error:
            raise _broken(names[0], error) from error

    @cached_property
    def _environment(self) -> ImmutableSandboxedEnvironment:
        from jinja2 import FileSystemLoader, StrictUndefined
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        return ImmutableSandboxedEnvironment(
            loader=FileSystemLoader([self._folder, OURS]),
            undefined=StrictUndefined,
            autoescape=False,  # an SMS is plain text
            trim_blocks=True,
            lstrip_blocks=True,
        )


def _broken(name: str, error: Exception) -> InvalidInput:
    where = getattr(error, "name", None) or name
    line = getattr(error, "lineno", None)
    return InvalidInput(
        Text(
            "sms-mallen {name} går inte att använda: {why}", "the SMS template {name} cannot be used: {why}"
        ).fill(name=f"{where}:{line}" if line else where, why=error)
    )
