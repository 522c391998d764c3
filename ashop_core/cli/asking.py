"""A question that is answered with yes or no, in the words of either language."""

from __future__ import annotations

import click

from ashop_core.cli.language import say
from ashop_core.texts import Text

_ANSWERS = {"j": True, "ja": True, "y": True, "yes": True, "n": False, "nej": False, "no": False, "": False}


def confirm(question: Text, *, err: bool = False) -> None:
    """Go on only if the person says yes; anything but an answer is asked about again. Raises click.Abort for no."""
    choices = say(Text("[j/N]", "[y/N]"))
    if not click.prompt(f"{say(question)} {choices}", "", show_default=False, value_proc=_answer, err=err):
        raise click.Abort


def _answer(words: str) -> bool:
    known = _ANSWERS.get(words.strip().casefold())
    if known is None:
        raise click.UsageError(say(Text("svara ja eller nej", "answer yes or no")))
    return known
