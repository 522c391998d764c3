"""Words for each mail: subject and paragraphs from a template, then shop, order and footer around them.

A template's first line is the subject, the rest is the message, in paragraphs with blank lines between. The frames are
templates too: ``frame.txt`` in plain text and ``frame.html`` in HTML, with ``frame_staff`` for messages to staff.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ashop_core.models import Rendered
from ashop_core.templating import TemplateFiles
from ashop_core.texts import Text
from ashop_core.wording import one_line, template_values
from ashop_email.inlining import inlined

if TYPE_CHECKING:
    from ashop_core.customer import MessageContext

OURS = Path(__file__).parent / "templates"
FRAME, STAFF_FRAME = "frame", "frame_staff"


class Templates(TemplateFiles):
    """Renders mails. See `TemplateFiles` for which file is used."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, OURS, Text("mejlmallen", "the mail template"))

    def render(self, context: MessageContext) -> Rendered:
        """Return the mail in the recipient's language.

        Raises InvalidInput, with file and line, for a template that cannot be used.
        """
        values = template_values(context).plain()
        subject, _, message = self.words(context, values).strip().partition("\n")
        values["subject"] = one_line(subject)
        values["paragraphs"] = [part.split("\n") for part in re.split(r"\n\s*\n", message.strip())]
        frame = STAFF_FRAME if context.staff else FRAME
        return Rendered(
            subject=values["subject"],
            body=_tidy(self.fill([f"{frame}.txt"], values)),
            html=self.fill([f"{frame}.html"], values, inlined),
        )


def _tidy(text: str) -> str:
    """Return the text without trailing spaces and without more than one empty line in a row."""
    lines = "\n".join(line.rstrip() for line in text.strip().split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines) + "\n"
