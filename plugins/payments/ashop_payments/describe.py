"""What staff see of the provider: on an order's page, and in `ashop doctor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.clock import local
from ashop_core.errors import Problem, problem
from ashop_core.models import Order, Section
from ashop_core.money import money_text
from ashop_core.texts import Text, same
from ashop_payments.requests import Request, State, What, requests_of
from ashop_payments.settings import PaymentsSettings

if TYPE_CHECKING:
    from ashop_core.shop import Shop

_WORDS = {
    (What.CAPTURE, State.WAITING): Text("{amount} ska begäras", "{amount} is to be asked for"),
    (What.CAPTURE, State.ASKING): Text("{amount} begärs", "{amount} is being asked for"),
    (What.CAPTURE, State.DONE): Text("{amount} betalt", "{amount} paid"),
    (What.CAPTURE, State.REFUSED): Text("{amount} nekat", "{amount} refused"),
    (What.CAPTURE, State.WITHDRAWN): Text("{amount} begärdes aldrig", "{amount} was never asked for"),
    (What.RELEASE, State.WAITING): Text(
        "reservationen av {amount} ska släppas", "the reservation of {amount} is to be let go"
    ),
    (What.RELEASE, State.ASKING): Text(
        "reservationen av {amount} släpps", "the reservation of {amount} is being let go"
    ),
    (What.RELEASE, State.DONE): Text(
        "reservationen av {amount} släppt", "the reservation of {amount} let go"
    ),
    (What.RELEASE, State.REFUSED): Text(
        "reservationen av {amount} kunde inte släppas", "the reservation of {amount} could not be let go"
    ),
    (What.RELEASE, State.WITHDRAWN): Text(
        "reservationen av {amount} är kvar", "the reservation of {amount} stays"
    ),
}
_UNSURE = Text(
    "{amount} begärdes innan ändringen ångrades: se efter hos betaltjänsten",
    "{amount} was asked for before the change was undone: look with the provider",
)


def sections(shop: Shop, order: Order) -> list[Section]:
    """Return what was asked of the provider for an order, in time order; no section where nothing was."""
    with shop.database.read() as reader:
        found = requests_of(reader, order.id)
    if not found:
        return []
    zone = shop.settings.shop.timezone
    rows = tuple((same(f"{local(r.at, zone):%Y-%m-%d %H:%M}"), _words(order, r)) for r in found)
    return [Section(title=Text("Betaltjänst", "Payment provider"), rows=rows)]


def _words(order: Order, request: Request) -> Text:
    words = _UNSURE if request.unsure else _WORDS[request.what, request.state]
    said = words.fill(amount=money_text(request.amount, order.currency))
    if request.reference:
        said = Text(f"{said.sv}, referens {request.reference}", f"{said.en}, reference {request.reference}")
    return Text(f"{said.sv}: {request.error}", f"{said.en}: {request.error}") if request.error else said


def problems(shop: Shop) -> list[Problem]:
    """Return a problem for each provider whose payment method the shop does not have."""
    known = shop.flows.payment_methods
    return [
        problem(
            "payments", "[plugins.payments.activate.{code}]: betalsättet finns inte (det finns: {known})",
            "[plugins.payments.activate.{code}]: there is no such payment method (there are: {known})",
            code=code, known=", ".join(known),
        )
        for code in shop.settings.for_plugin(PaymentsSettings).activate
        if code not in known
    ]  # fmt: skip
