"""Handing an SMS to the provider, and what its answer means for the message: see docs/messages-gateways.md.

A provider has no key by which it could tell a repetition: where nobody knows whether it took an SMS, the next attempt
may be a second one that the customer gets and the shop pays.
"""

from __future__ import annotations

from datetime import timedelta

from ashop_core.calling import Answer, post
from ashop_core.errors import DeliveryError, Reach, TemporaryDeliveryError
from ashop_core.texts import Text
from ashop_sms.gateways import Gateway

ABOUT_THE_SMS = (400, 413, 422)
"""What a no to this number or these words looks like; every other no is about account, address or pace."""
ANSWERED_FOR_ANOTHER = (502, 504)
"""Somebody between us and the provider got no answer from it: it may have taken the SMS all the same."""


def hand_over(gateway: Gateway, form: dict[str, str], within: timedelta) -> str:
    """Post an SMS; return the provider's id for it.

    Raises DeliveryError where it will not send this one, TemporaryDeliveryError for the whole channel otherwise.
    """
    answer = post(gateway.url, form=form, account=gateway.account, within=min(gateway.timeout, within))
    if answer.is_yes:
        return _receipt(gateway, answer)
    if answer.status in ABOUT_THE_SMS and not gateway.blames_account(answer.said):
        raise _refused(gateway, answer.summary)
    raise _later(gateway, answer, unsure=answer.status in ANSWERED_FOR_ANOTHER)


def _receipt(gateway: Gateway, answer: Answer) -> str:
    """Return the id in a yes; without one nobody knows what was done."""
    id_ = gateway.id_in(answer.said)
    if id_ is None:
        raise _later(gateway, answer, unsure=True)
    if gateway.has_failed(answer.said):
        raise _refused(gateway, f"{id_} {answer.said['status']}")
    return id_


def _refused(gateway: Gateway, why: str) -> DeliveryError:
    words = Text("{gateway} skickar inte sms:et: {why}", "{gateway} does not send the SMS: {why}")
    return DeliveryError(words.fill(gateway=gateway.name, why=why))


def _later(gateway: Gateway, answer: Answer, *, unsure: bool) -> TemporaryDeliveryError:
    words = Text("{gateway} tar inte emot sms nu: {why}", "{gateway} takes no SMS now: {why}")
    if unsure:
        words = Text(
            "det går inte att veta om {gateway} tog emot sms:et: {why}",
            "nobody knows whether {gateway} took the SMS: {why}",
        )
    return TemporaryDeliveryError(
        words.fill(gateway=gateway.name, why=answer.summary),
        retry_after=answer.retry_after,
        reach=Reach.CHANNEL,
        unsure=unsure,
    )
