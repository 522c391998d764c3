"""What a failure on the way to the mail server means: for this mail, for others, and for good or for now."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from ashop_core.errors import AshopError, DeliveryError, Reach, TemporaryDeliveryError
from ashop_core.texts import Text


class Step(Enum):
    """How far the talk has come: the reach of a lost connection there, and of a server that takes too long.

    Until the recipient is named it is about the server. A server that thinks long about a recipient asks that
    recipient's domain. A mail that the server chokes on must not keep others, so what is lost from there on
    counts for that mail only; but a server that no longer answers would hold up each of them.
    """

    SESSION = (Reach.CHANNEL, Reach.CHANNEL)
    SENDER = (Reach.CHANNEL, Reach.CHANNEL, "sender")
    RECIPIENT = (Reach.MESSAGE, Reach.DOMAIN)
    DATA = (Reach.MESSAGE, Reach.CHANNEL)
    LAST_LINE = (Reach.CHANNEL, Reach.CHANNEL, "last line")
    """The mail is given: without an answer nobody knows whether the server has it. All wait a moment then, so that
    a server that breaks there does not get a second copy of everything."""


ABOUT_US: Final = frozenset({421, 454, 530, 534, 535, 538})
"""Refusals that are about the connection or the shop's account, wherever they come: they pass once that is right."""

REACH_OF: Final = (
    ("4.1.2", Reach.DOMAIN),  # the recipient's domain is not found now
    ("4.3.1", Reach.CHANNEL),  # the server's disk is full
    ("4.3.2", Reach.CHANNEL),  # the server takes nothing now
    ("4.4.", Reach.DOMAIN),  # no way to the recipient's server now
)
"""Refusals for now that others share, by enhanced status code. The rest is about one mail or mailbox: a full one
(4.2.2), and greylisting too (4.7.x), where each mail must have been tried once for its time to run."""


def is_accepted(code: int) -> bool:
    """Tell whether an answer says yes; by RFC 5321 the first digit is what counts."""
    return 200 <= code <= 299


def refused(step: Step, code: int, words: bytes | str) -> AshopError:
    """Return what an answer other than yes means at this step."""
    said = answer(code, words)
    if not 400 <= code <= 599:
        return lost(step, said)
    if step is Step.SESSION or step is Step.SENDER or code in ABOUT_US:
        return _later(said, Reach.CHANNEL)
    if code >= 500:
        return DeliveryError(
            Text(
                "mejlservern tar inte emot mejlet: {why}", "the mail server does not take the mail: {why}"
            ).fill(why=said)
        )
    status = re.match(r"\d+ (4\.\d+\.\d+)\b", said)
    found = (reach for prefix, reach in REACH_OF if status and status[1].startswith(prefix))
    return _later(said, next(found, Reach.MESSAGE))


def lost(step: Step, why: str, *, late: bool = False) -> TemporaryDeliveryError:
    """Return what it means that the connection broke here, or that an answer makes no sense or comes too late."""
    if step is Step.LAST_LINE:
        words = Text(
            "mejlservern fick hela mejlet men svarade inte, så det kan ha kommit fram: {why}",
            "the mail server was given the whole mail but did not answer, so it may have arrived: {why}",
        )
        return TemporaryDeliveryError(words.fill(why=why), reach=Reach.CHANNEL, unsure=True)
    return _later(why, step.value[int(late)])


def answer(code: int, words: bytes | str) -> str:
    """Return a server's answer as one short line."""
    said = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    line = " ".join("".join(c if c.isprintable() else " " for c in said).split())
    return f"{code} {line}"[:300]


def no_smtputf8(recipient: str) -> DeliveryError:
    """Return that the server cannot be given such an address, ever."""
    return DeliveryError(
        Text(
            "mejlservern kan inte skicka till {to}: den saknar stöd för andra bokstäver än a–z före @ (SMTPUTF8)",
            "the mail server cannot send to {to}: it knows no letters but a–z before the @ (SMTPUTF8)",
        ).fill(to=recipient)
    )


def _later(why: str, reach: Reach) -> TemporaryDeliveryError:
    words = Text("mejlet kunde inte levereras nu: {why}", "the mail could not be delivered now: {why}")
    return TemporaryDeliveryError(words.fill(why=why), reach=reach)
