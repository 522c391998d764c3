"""The channel `sms`: from a customer to a number, from an order to words, from words to a provider or a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.models import Rendered
from ashop_core.texts import Text
from ashop_sms.delivery import sink_for
from ashop_sms.phone import mobile_number
from ashop_sms.settings import SmsSettings, sender_from
from ashop_sms.templates import Templates

if TYPE_CHECKING:
    from ashop_core.customer import MessageContext
    from ashop_core.models import Customer, Message
    from ashop_core.settings import Settings


class SmsChannel:
    """Reaches customers by SMS; see `ashop_core.outbox.Channel`."""

    code = "sms"
    label = Text("Sms", "SMS")

    def __init__(self, settings: Settings) -> None:
        own = settings.for_plugin(SmsSettings)
        self._countries = own.countries
        self._templates = Templates(settings.path(own.templates) / "sms", own.max_parts)
        self._sink = sink_for(own, settings.path(own.outbox), own.sender or sender_from(settings.shop.name))

    def recipient(self, customer: Customer) -> str | None:
        """Return the customer's mobile number, or None where it is missing, no mobile or of another country."""
        return mobile_number(customer.phone, self._countries)

    def render(self, context: MessageContext) -> Rendered:
        """Return the words; an SMS has no subject."""
        return Rendered(subject="", body=self._templates.render(context))

    def has_template(self, template: str, language: str) -> bool:
        """Tell whether the shop or we have words for just this template."""
        return self._templates.has(template, language)

    def send(self, message: Message, rendered: Rendered) -> str:
        """Deliver the message; return the provider's id for it, or the name of the file."""
        return self._sink.deliver(message, rendered.body)
