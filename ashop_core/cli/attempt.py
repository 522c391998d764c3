"""One change asked of one order: made or rehearsed, and what came of it, refusals included."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ashop_core.changes import Request
from ashop_core.cli.outcome_document import outcome_document
from ashop_core.errors import AshopError, ConstraintError, Problem, Refused, StorageError
from ashop_core.models import Order

if TYPE_CHECKING:
    from ashop_core.outbox import Delivered
    from ashop_core.outcomes import Outcome
    from ashop_core.shop import Shop

Ask = Callable[[Order], Request]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What came of it: an outcome, or the error that says why not."""

    name: str
    outcome: Outcome | None = None
    error: AshopError | None = None

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Every reason against it; an error that is no refusal is one reason."""
        if self.outcome is not None:
            return self.outcome.problems
        if isinstance(self.error, Refused):
            return self.error.problems
        return (Problem(_code(self.error), self.error.staff_text),) if self.error else ()

    def document(self, delivered: list[Delivered] | None = None) -> dict[str, Any]:
        """Return it as plain data for JSON."""
        if self.outcome is not None:
            return outcome_document(self.outcome, delivered or ())
        reasons = [{"code": p.code, "plugin": p.plugin, "text": p.staff_text} for p in self.problems]
        return {"order": self.name, "changed": False, "problems": reasons}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of each order. `at_version`: only of the version that was read when it was worked out."""

    shop: Shop
    ask: Ask
    at_version: bool = False

    def make(self, name: str) -> Attempt:
        """Make the change."""
        return self._attempt(name, self._make)

    def rehearse(self, name: str) -> Attempt:
        """Tell all that it would do."""
        return self._attempt(name, lambda order: self.shop.preview(order, self.ask(order)))

    def foresee(self, name: str) -> Attempt:
        """Tell cheaply whether it would go, and which messages it would send."""
        return self._attempt(name, lambda order: self.shop.foresee(order, self.ask(order)))

    def _make(self, order: Order) -> Outcome:
        version = order.version if self.at_version else None
        return self.shop.change(order, self.ask(order), expected_version=version)

    def _attempt(self, name: str, do: Callable[[Order], Outcome]) -> Attempt:
        try:
            order = self.shop.order(name)
            return Attempt(name=order.name, outcome=do(order))
        except AshopError as error:
            if isinstance(error, StorageError) and not isinstance(error, ConstraintError):
                raise  # the database is gone, not this order: the next one would say the same
            return Attempt(name=name, error=error)


def _code(error: AshopError | None) -> str:
    """Return an error's name as codes are written: ``NotFound`` is ``not_found``."""
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in type(error).__name__).lstrip("_")
