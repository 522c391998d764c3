"""The other shop's words turned into this shop's codes: statuses, delivery and payment methods."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from ashop_core.errors import InvalidInput, NotFound
from ashop_core.flows import Flows
from ashop_core.models import DeliveryMethod, ImportedOrder, PaymentMethod, Status
from ashop_core.texts import Text
from ashop_order_import.found import Grouped, refused
from ashop_order_import.settings import ImportSettings

UNMAPPED = "unmapped_status"


class Vocabulary:
    """What another shop's names mean here: first as asked for, then by the settings, then by the format.

    Raises InvalidInput where a name is mapped to a code that this shop does not have.
    """

    def __init__(
        self, flows: Flows, settings: ImportSettings, asked: Mapping[str, str], format_: Mapping[str, str]
    ) -> None:
        self._flows = flows
        own = {code: code for code in flows.statuses}
        given = {**_folded(settings.statuses), **_folded(asked)}
        _ensure_known(given.values(), flows.find_status, "statuses")
        self._statuses = {**own, **_folded(format_), **given}
        self._deliveries = _names(flows.delivery_methods.values(), settings.delivery)
        self._payments = _names(flows.payment_methods.values(), settings.payment)
        _ensure_known(
            (settings.default_delivery, *settings.delivery.values()), flows.find_delivery, "delivery"
        )
        _ensure_known((settings.default_payment, *settings.payment.values()), flows.find_payment, "payment")
        self._settings = settings

    def knows_delivery(self, name: str) -> bool:
        """Tell whether a delivery method's name has a meaning of its own, or gets the default."""
        return name.casefold() in self._deliveries

    def knows_payment(self, name: str) -> bool:
        """Tell whether a payment method's name has a meaning of its own, or gets the default."""
        return name.casefold() in self._payments

    def translated(self, order: Grouped) -> ImportedOrder:
        """Return the order in this shop's words. Raises RefusedError where its status has no meaning here."""
        delivery = self._deliveries.get(order.delivery.casefold(), self._settings.default_delivery)
        payment = self._payments.get(order.payment_method.casefold(), self._settings.default_payment)
        return ImportedOrder(
            source=order.source,
            external_id=order.external_id,
            status=self._status(order.status, delivery),
            at=order.at,
            lines=order.lines,
            customer=order.customer,
            delivery=delivery,
            payment_method=payment,
            currency=order.currency,
            language=order.language,
            shipping_price=order.shipping_price,
            payment_fee=order.payment_fee,
            discount=order.discount,
            paid=order.paid,
            payments=order.payments,
            payment_due=order.payment_due,
            parcel_number=order.parcel_number,
            parcels=order.parcels,
            fields=order.fields,
            note=order.note,
        )

    def _status(self, name: str, delivery: str) -> str:
        """Return the code of a status that orders with this delivery method can have.

        What is shipped is collected where the flow has no shipping: the first status of the flow that means
        the same for order and goods stands in for one that the flow does not have.
        """
        status = self._flows.statuses.get(self._statuses.get(name.casefold(), ""))
        flow = self._flows.of_flow(self._flows.flow_of(delivery))
        found = next((s for s in flow if status is not None and _alike(s, status)), None)
        if status in flow:
            found = status
        if found is None:
            raise refused(
                UNMAPPED,
                "statusen ”{name}” har ingen motsvarighet: ange --status ”{name}=kod”",
                "the status “{name}” has no counterpart: give --status “{name}=code”",
                name=name,
            )
        return found.code


def _alike(one: Status, other: Status) -> bool:
    return (one.stage, one.stock) == (other.stage, other.stock) and one.stock is not None


def _folded(table: Mapping[str, str]) -> dict[str, str]:
    return {" ".join(name.casefold().split()): code for name, code in table.items()}


def _names(methods: Iterable[DeliveryMethod | PaymentMethod], table: Mapping[str, str]) -> dict[str, str]:
    """Return the codes by every name a method goes by: its code, its labels, what the settings say."""
    own = {name.casefold(): m.code for m in methods for name in (m.code, m.label.sv, m.label.en)}
    return {**own, **_folded(table)}


def _ensure_known(codes: Iterable[str], find: Callable[[str], object], table: str) -> None:
    for code in codes:
        try:
            find(code)
        except NotFound as error:
            raise InvalidInput(
                Text("[plugins.order_import] {t}: {why}", "[plugins.order_import] {t}: {why}").fill(
                    t=table, why=error.text
                )
            ) from None
