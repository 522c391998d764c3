"""The channel `email`: from a customer to an address, from an order to words, from words to a server or a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ashop_core.texts import Text
from ashop_email.addresses import usable
from ashop_email.delivery import sink_for
from ashop_email.mime import mail_bytes
from ashop_email.settings import NOBODY, EmailSettings
from ashop_email.templates import Templates

if TYPE_CHECKING:
    from ashop_core.customer import MessageContext
    from ashop_core.models import Customer, Message, Rendered
    from ashop_core.settings import Settings


class EmailChannel:
    """Reaches customers by e-mail; see `ashop_core.outbox.Channel`."""

    code = "email"
    label = Text("E-post", "E-mail")

    def __init__(self, settings: Settings) -> None:
        own = settings.for_plugin(EmailSettings)
        self._sender = usable(own.sender) or NOBODY
        self._sender_name = " ".join((own.sender_name or settings.shop.name).split())
        self._templates = Templates(settings.path(own.templates) / "email")
        self._sink = sink_for(own, settings.path(own.outbox), self._sender)

    def recipient(self, customer: Customer) -> str | None:
        """Return the customer's address, or None where it is missing or unusable."""
        return usable(customer.email)

    def render(self, context: MessageContext) -> Rendered:
        """Return subject, text and HTML of the message."""
        return self._templates.render(context)

    def has_template(self, template: str, language: str) -> bool:
        """Tell whether the shop or we have words for just this template."""
        return self._templates.has(template, language)

    def send(self, message: Message, rendered: Rendered) -> str:
        """Deliver the message; return the server's answer, or the name of the file."""
        return self._sink.deliver(message, mail_bytes(self._sender, self._sender_name, message, rendered))
