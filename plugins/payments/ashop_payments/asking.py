"""The job that asks a provider and records its answer: safe to run late, twice, or to die anywhere in between."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ashop_core.errors import DeliveryError, Refused, TemporaryDeliveryError
from ashop_core.models import Job, NewPayment, Order, PaymentKind
from ashop_core.outbox import JobHandler
from ashop_core.texts import Text
from ashop_payments.provider import ask
from ashop_payments.requests import JOB, Request, State, What, move_request, request_of
from ashop_payments.settings import PaymentsSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop

ACTOR = "payments"
_PATHS = {What.CAPTURE: "captures", What.RELEASE: "releases"}


def ask_provider(shop: Shop, payload: Mapping[str, Any]) -> None:
    """Ask what a change asked for, unless it was undone or is done already, and record what came of it.

    The provider's yes is written down before the payment entry, and the entry only once under the provider's
    reference: wherever it stops, the next attempt asks with the same key and goes on.
    """
    order = shop.order(payload["order"])
    request = _begin(shop, order, int(payload["seq"]), What(payload["what"]))
    if request is None:
        return
    try:
        reference = _ask(shop, order, request)
    except DeliveryError as error:
        refused = _move(shop, order, request, State.REFUSED, error=str(error))
        if refused and request.what is What.CAPTURE:
            _record(shop, order, PaymentKind.FAILED, request.amount, key_of(order, request), str(error))
        raise
    except TemporaryDeliveryError as error:
        _move(shop, order, request, State.ASKING, error=str(error))
        raise
    if request.what is What.RELEASE:
        _move(shop, order, request, State.DONE, reference=reference)
        return
    # Also where it was undone meanwhile: the money has been taken, and the record says so.
    _move(shop, order, request, State.ASKING, reference=reference)
    _record(shop, order, PaymentKind.PAID, request.amount, reference, "")
    _move(shop, order, request, State.DONE, reference=reference)


def key_of(order: Order, request: Request) -> str:
    """Return the key that every attempt of a request has, and no other request."""
    return f"{order.reference}-{request.seq}-{request.what.value}"


def _begin(shop: Shop, order: Order, seq: int, what: What) -> Request | None:
    """Return the request, marked as being asked, or None where there is nothing to ask any more."""
    with shop.database.write() as tx:
        request = request_of(tx, order.id, seq, what)
        if request is None or not move_request(tx, order.id, request, State.ASKING, shop.clock(), tries=1):
            return None
        return request


def _ask(shop: Shop, order: Order, request: Request) -> str:
    settings = shop.settings.for_plugin(PaymentsSettings).activate.get(order.payment_method)
    if settings is None:
        table = f"[plugins.payments.activate.{order.payment_method}]"
        raise TemporaryDeliveryError(Text("{t} saknas", "{t} is missing").fill(t=table))
    document = {
        "order": order.reference,
        "authorisation": _authorisation(shop, order),
        "amount": request.amount,
        "currency": order.currency,
    }
    return ask(settings, _PATHS[request.what], key_of(order, request), document)


def _authorisation(shop: Shop, order: Order) -> str | None:
    """Return the provider's own reference of the latest reservation, if it gave one."""
    entries = [p.reference for p in shop.payments(order) if p.kind is PaymentKind.AUTHORISED]
    return entries[-1] or None if entries else None


def _record(shop: Shop, order: Order, kind: PaymentKind, amount: int, reference: str, note: str) -> None:
    payment = NewPayment(kind=kind, amount=amount, reference=reference)
    try:
        shop.add_payment(order, payment, note=note, actor=ACTOR)
    except Refused as refusal:
        words = Text("betalningen kunde inte bokföras: {why}", "the payment could not be recorded: {why}")
        raise TemporaryDeliveryError(words.fill(why=refusal.staff_text)) from refusal


def _move(
    shop: Shop, order: Order, request: Request, state: State, *, reference: str = "", error: str = ""
) -> bool:
    """Write what came of asking. A no, or nothing, does not count where the request was withdrawn meanwhile."""
    with shop.database.write() as tx:
        return move_request(
            tx, order.id, request, state, shop.clock(), reference=reference, error=error[:500],
            only=(State.WITHDRAWN, State.ASKING) if reference else (State.ASKING,),
        )  # fmt: skip


HANDLER = JobHandler(
    Job(code=JOB, label=Text("Begäran till betaltjänsten", "Requests to the payment provider")), ask_provider
)
