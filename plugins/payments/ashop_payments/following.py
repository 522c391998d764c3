"""What a change of an order asks of its provider: decided by its moves and stage, never by a status's name."""

from __future__ import annotations

from ashop_core.errors import Problem, problem
from ashop_core.models import Change, Effect, Order, PaymentKind
from ashop_core.models import Kind as ChangeKind
from ashop_core.money import money_text
from ashop_core.texts import Text
from ashop_core.transaction import ChangeTransaction
from ashop_payments.amounts import to_capture, to_release
from ashop_payments.requests import (
    Request,
    State,
    What,
    add_request,
    ask_again,
    move_request,
    requests_of,
)
from ashop_payments.settings import PaymentsSettings

_ASKED = {
    What.CAPTURE: Text("{amount} begärs av betaltjänsten", "{amount} is asked of the payment provider"),
    What.RELEASE: Text(
        "betaltjänsten släpper reservationen av {amount}",
        "the payment provider lets the reservation of {amount} go",
    ),
}


def follow(tx: ChangeTransaction, order: Order, change: Change) -> list[Effect | Problem]:
    """Write down what a change asks of the provider, and take back what an undone one asked."""
    if change.kind is ChangeKind.IMPORTED or not order.moves_stock:
        return []  # made elsewhere, and paid there
    activated = order.payment_method in tx.settings.for_plugin(PaymentsSettings).activate
    if change.undoes is None and not (activated and (change.moves or change.enters or change.payment)):
        return []
    asked = requests_of(tx, order.id)
    if change.payment is not None and change.payment.kind is PaymentKind.PAID:
        _recorded(tx, order, change, asked)
    told: list[Effect | Problem] = []
    if change.undoes is not None:
        told += _withdrawn(tx, order, change, asked)
        asked = requests_of(tx, order.id)
    if not activated:
        return told
    stage = tx.flows.status(order.status).stage
    capture, again = _taken_up(tx, order, change, to_capture(order, change, asked), asked)
    told += again
    for what, amount in (
        (What.CAPTURE, capture),
        (What.RELEASE, to_release(order, change, stage, asked)),
    ):
        if amount:
            add_request(tx, order, change, what, amount)
            told.append(_effect(order, what, amount, State.WAITING, _ASKED[what]))
    return told


def _taken_up(
    tx: ChangeTransaction, order: Order, change: Change, amount: int, asked: list[Request]
) -> tuple[int, list[Effect]]:
    """Ask anew for what may have been taken before its change was undone; return what is left to ask for."""
    told = []
    for request in asked:
        if request.what is What.CAPTURE and request.unsure and request.amount <= amount:
            ask_again(tx, order, change, request)
            told.append(_effect(order, request.what, request.amount, State.ASKING, _ASKED[request.what]))
            amount -= request.amount
    return amount, told


def _recorded(tx: ChangeTransaction, order: Order, change: Change, asked: list[Request]) -> None:
    """The entry of a request that the provider granted: from here on it counts as paid, not as asked for."""
    assert change.payment is not None
    if not change.payment.reference:
        return
    for request in asked:
        if request.what is What.CAPTURE and request.reference == change.payment.reference:
            move_request(tx, order.id, request, State.DONE, change.at, only=(State.ASKING,))


def _withdrawn(
    tx: ChangeTransaction, order: Order, change: Change, asked: list[Request]
) -> list[Effect | Problem]:
    told: list[Effect | Problem] = []
    for request in asked:
        if request.for_seq != change.undoes or request.state in (State.WITHDRAWN, State.REFUSED):
            continue
        if request.what is What.RELEASE and request.state is not State.WAITING:
            told.append(
                problem(
                    "released", "reservationen av pengarna är släppt; lägg en ny order i stället",
                    "the reservation of the money has been let go; make a new order instead",
                )
            )  # fmt: skip
        elif move_request(
            tx, order.id, request, State.WITHDRAWN, change.at, only=(State.WAITING, State.ASKING)
        ):
            told.append(_effect(order, request.what, request.amount, State.WITHDRAWN, _TAKEN_BACK))
        else:
            told.append(_effect(order, request.what, request.amount, State.DONE, _STAYS))
    return told


_TAKEN_BACK = Text("{amount} begärs inte längre", "{amount} is no longer asked for")
_STAYS = Text(
    "{amount} är redan betalt: återbetala det om varorna inte skickas igen",
    "{amount} is paid already: refund it unless the goods are sent again",
)


def _effect(order: Order, what: What, amount: int, state: State, words: Text) -> Effect:
    return Effect(
        subject=f"payment:{what.value}",
        before="",
        after=state.value,
        text=words.fill(amount=money_text(amount, order.currency)),
    )
