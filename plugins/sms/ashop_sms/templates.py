"""Words for each SMS, in never more parts than allowed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ashop_core.template_fields import plain as plain_values
from ashop_core.templating import TemplateFiles
from ashop_core.texts import Text
from ashop_core.wording import language_of, template_values
from ashop_sms.segments import cut, length, plain

if TYPE_CHECKING:
    from ashop_core.customer import MessageContext
    from ashop_core.errors import Problem

OURS = Path(__file__).parent / "templates"
SHORT = "short"
"""The template that is used when another becomes too long."""


class Templates:
    """Renders SMS. Files in `folder` go before ours of the same name and may be changed at any time."""

    def __init__(self, folder: Path, max_parts: int) -> None:
        self._files = TemplateFiles(folder, OURS, Text("sms-mallen", "the SMS template"))
        self._max_parts = max_parts

    def render(self, context: MessageContext) -> str:
        """Return the words of the SMS in the recipient's language, in at most the parts allowed.

        Raises InvalidInput, with file and line, for a template that cannot be used.
        """
        values = plain_values(template_values(context))
        words = plain(self._files.words(context, values)).strip()
        if length(words).parts > self._max_parts:
            words = plain(self._files.fill([f"{SHORT}.{language_of(context)}.txt"], values)).strip()
        return cut(words, self._max_parts)

    def has(self, code: str, language: str) -> bool:
        """Tell whether a message with this code gets words of its own, and not those for any status."""
        return self._files.has(code, language)

    def problems(self, samples: Iterable[MessageContext]) -> Iterator[Problem]:
        """Yield what is wrong with the templates, tried on these."""
        return self._files.problems(samples, self.render)

    def unused(self, samples: Iterable[MessageContext]) -> Iterator[Problem]:
        """Yield the files in the shop's folder that no SMS is made from."""
        return self._files.unused(samples)
