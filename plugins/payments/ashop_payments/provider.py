"""The provider behind `http`: one POST for each request, and what its answers mean. See docs/payments.md.

Every attempt of a request has the same Idempotency-Key, so that asking again can never take money twice.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from ashop_core.calling import Answer, post
from ashop_core.errors import AshopError, DeliveryError, TemporaryDeliveryError
from ashop_core.texts import Text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ashop_payments.settings import Activation

LONGEST_REFERENCE = 100
MADE_ALREADY = 409
PASSING = (401, 403, 407, 408, 425, 429)
"""Refusals that are not about the payment: they pass once the settings are right, or simply later."""


def ask(settings: Activation, path: str, key: str, document: Mapping[str, Any]) -> str:
    """Ask for something once; return the provider's reference for it.

    Raises DeliveryError where the provider refuses, TemporaryDeliveryError where it is to be asked again.
    """
    answer = post(
        f"{settings.url.rstrip('/')}/{path}",
        document=document,
        bearer=settings.key.reveal(),
        headers={"Idempotency-Key": key},
        within=timedelta(seconds=settings.timeout),
    )
    if answer.is_yes:
        reference = _reference(answer)
        if reference is None:
            raise _later(answer)
        return reference
    if answer.status == MADE_ALREADY:
        return _reference(answer) or key
    raise _refusal(answer)


def _reference(answer: Answer) -> str | None:
    found = answer.said.get("reference")
    if not isinstance(found, str) or not 0 < len(found) <= LONGEST_REFERENCE or not found.isprintable():
        return None
    return found


def _refusal(answer: Answer) -> AshopError:
    if 400 <= answer.status <= 499 and answer.status not in PASSING:
        words = Text("betaltjänsten säger nej: {why}", "the payment provider says no: {why}")
        return DeliveryError(words.fill(why=answer.summary))
    return _later(answer)


def _later(answer: Answer) -> TemporaryDeliveryError:
    words = Text("betaltjänsten svarade inte: {why}", "the payment provider gave no answer: {why}")
    return TemporaryDeliveryError(words.fill(why=answer.summary), retry_after=answer.retry_after)
