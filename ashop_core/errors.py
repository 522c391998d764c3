"""What can go wrong, said so that a person knows what to do next.

Every error that a user can cause is an AshopError; the command line prints its text and exits
with its code. Anything else is a bug and shows its traceback.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from ashop_core.texts import Text, joined, same


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a change cannot be made: a stable code, words, and the plugin that says so.

    The `text` may reach a customer, so it tells nothing that only staff may know; that goes in `for_staff`.
    """

    code: str
    text: Text
    plugin: str | None = None
    for_staff: Text | None = None

    @property
    def staff_text(self) -> Text:
        """The words for staff: those meant for them, or else what the customer reads."""
        return self.text if self.for_staff is None else self.for_staff


def problem(code: str, sv: str, en: str, /, **values: object) -> Problem:
    """Return a problem with its words in both languages, their ``{names}`` filled in."""
    return Problem(code, Text(sv, en).fill(**values))


class AshopError(Exception):
    """Something the user can mend; the text names the value and the remedy."""

    exit_code: ClassVar[int] = 1

    def __init__(self, text: Text | str) -> None:
        self.text = same(text) if isinstance(text, str) else text
        super().__init__(self.text.en)

    @property
    def staff_text(self) -> Text:
        """The words for staff, who may read more of a refusal than a customer."""
        return self.text


class InvalidInput(AshopError):
    """A value given by hand, by file or by a program is not acceptable; nothing was changed."""


class NotFound(AshopError):
    """There is no such order, item or plugin; check the number or list what there is."""


class Refused(AshopError):
    """The order stands as it was: every reason is in `problems`, all gathered at once.

    The text may reach a customer as theirs may: it names no plugin, and says what several say only once.
    """

    def __init__(self, problems: Iterable[Problem], subject: Text | None = None) -> None:
        self.problems = tuple(problems)
        self.subject = subject
        reasons = joined(list(dict.fromkeys(p.text for p in self.problems)), "; ")
        super().__init__(
            Text("{subject}: {reasons}", "{subject}: {reasons}").fill(
                subject=subject or Text("Nekad", "Refused"), reasons=reasons
            )
        )

    @property
    def staff_text(self) -> Text:
        """Every reason in the words for staff, each with the plugin that gave it."""
        reasons = joined([_reason(p) for p in self.problems], "; ")
        subject = self.subject or Text("Nekad", "Refused")
        return Text(f"{subject.sv}: {reasons.sv}", f"{subject.en}: {reasons.en}")


class Conflict(AshopError):
    """Somebody changed the order meanwhile; read it again and decide anew."""


class SettingsError(AshopError):
    """The settings cannot be used; each problem names file, key and remedy."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__(joined([p.text for p in self.problems], "\n"))


class PluginError(AshopError):
    """A plugin failed; the message names it and the hook. `cause` is what it raised, if it raised."""

    def __init__(self, plugin: str, text: Text, *, hook: str | None = None) -> None:
        self.plugin = plugin
        self.hook = hook
        super().__init__(text)


class StorageError(AshopError):
    """The database cannot be opened, read or written; nothing of the operation was kept."""


class ConstraintError(StorageError):
    """A row breaks a rule of its table (unique, check, foreign key, append-only); it was not written."""


class Forbidden(AshopError):
    """Whoever asks has not shown that they may: nothing was looked at."""


class DeliveryError(AshopError):
    """A message is not delivered and not tried again: the receiving side said no, or it is no use any more.

    `unsure`: this last attempt may have been taken all the same.
    """

    def __init__(self, text: Text | str, *, unsure: bool = False) -> None:
        super().__init__(text)
        self.unsure = unsure


class Reach(StrEnum):
    """What a failed delivery says of others: nothing, or that the recipient's domain or the whole channel is down."""

    MESSAGE = "message"
    DOMAIN = "domain"
    CHANNEL = "channel"


class TemporaryDeliveryError(AshopError):
    """A message could not be delivered now; it is tried again, not before `retry_after` seconds if given.

    `reach` tells whether others to the same domain, or of the whole channel, may as well wait. `unsure`: the message
    may have been taken all the same, so that the next attempt may be a second copy.
    """

    def __init__(
        self,
        text: Text | str,
        *,
        retry_after: float | None = None,
        reach: Reach = Reach.MESSAGE,
        unsure: bool = False,
    ) -> None:
        super().__init__(text)
        self.retry_after = retry_after
        self.reach = reach
        self.unsure = unsure


def _reason(problem: Problem) -> Text:
    if problem.plugin is None:
        return problem.staff_text
    words = problem.staff_text
    return Text(f"{words.sv} ({problem.plugin})", f"{words.en} ({problem.plugin})")
