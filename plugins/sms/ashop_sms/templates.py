"""Words for each SMS, in never more parts than allowed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ashop_core.templating import TemplateFiles
from ashop_core.texts import Text
from ashop_core.wording import language_of, template_values
from ashop_sms.segments import cut, length, plain

if TYPE_CHECKING:
    from ashop_core.customer import MessageContext

OURS = Path(__file__).parent / "templates"
SHORT = "short"
"""The template that is used when another becomes too long."""


class Templates(TemplateFiles):
    """Renders SMS. See `TemplateFiles` for which file is used."""

    def __init__(self, folder: Path, max_parts: int) -> None:
        super().__init__(folder, OURS, Text("sms-mallen", "the SMS template"))
        self._max_parts = max_parts

    def render(self, context: MessageContext) -> str:
        """Return the words of the SMS in the recipient's language, in at most the parts allowed.

        Raises InvalidInput, with file and line, for a template that cannot be used.
        """
        values = template_values(context).plain()
        words = plain(self.words(context, values)).strip()
        if length(words).parts > self._max_parts:
            words = plain(self.fill([f"{SHORT}.{language_of(context)}.txt"], values)).strip()
        return cut(words, self._max_parts)
