"""The channel `sms`: from a customer to a number, from an order to words, from words to a provider or a file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING

from ashop_core.models import Rendered
from ashop_core.texts import Text
from ashop_sms.delivery import Files, Provider, Sink
from ashop_sms.gateways import gateway_of
from ashop_sms.phone import mobile_number
from ashop_sms.segments import size_and_price
from ashop_sms.settings import SmsSettings, sender_from
from ashop_sms.templates import Templates

if TYPE_CHECKING:
    from ashop_core.channels import IncomingReport, Sending, WrittenFile
    from ashop_core.customer import MessageContext
    from ashop_core.errors import Problem
    from ashop_core.models import ArrivalReport, Customer, Message
    from ashop_core.settings import Settings
    from ashop_core.storage import Writer


class SmsChannel:
    """Reaches people by SMS; see `ashop_core.channels`."""

    code = "sms"
    label = Text("Sms", "SMS")

    def __init__(self, settings: Settings) -> None:
        own = settings.for_plugin(SmsSettings)
        self._own = own
        self._currency = settings.shop.currency
        self._timezone = settings.shop.timezone
        self._sender = own.sender or sender_from(settings.shop.name)
        self._templates = Templates(settings.path(own.templates) / "sms", own.max_parts)
        self._gateway = gateway_of(own)
        self._folder = settings.path(own.outbox)
        self._sink: Sink = Files(self._folder)
        if self._gateway is not None:
            self._sink = Provider(self._gateway, own.report_url)

    def recipient(self, customer: Customer) -> str | None:
        """Return the customer's mobile number, or None where it is missing, no mobile or of another country."""
        return mobile_number(customer.phone, self._own.countries)

    def address(self, text: str) -> str | None:
        """Return a number that somebody typed, or None where an SMS cannot go there."""
        return mobile_number(text, self._own.countries)

    def render(self, context: MessageContext) -> Rendered:
        """Return the words; an SMS has no subject."""
        return Rendered(subject="", body=self._templates.render(context), sender=self._sender)

    def has_template(self, template: str, language: str) -> bool:
        """Tell whether the shop or we have words for just this template."""
        return self._templates.has(template, language)

    def template_problems(self, samples: Iterable[MessageContext]) -> Iterable[Problem]:
        """Yield what is wrong with the templates, the shop's and ours."""
        return self._templates.problems(samples, self.render)

    def unused_templates(self, samples: Iterable[MessageContext]) -> Iterable[Problem]:
        """Yield the shop's templates that no SMS is made from."""
        return self._templates.unused(samples)

    def describe(self, rendered: Rendered, recipient: str) -> Text:
        """Return how many parts a message is paid as, and about what that costs."""
        return size_and_price(rendered.body, self._own.price_in(self._currency), self._currency)

    def count(self, tx: Writer, sending: Sending) -> None:
        """Count an SMS against the shop's limits, or refuse it; a file costs nothing, and neither is it counted."""
        if self._gateway is None:
            return
        from ashop_sms.limits import Counter

        Counter(
            limits=self._own.limits,
            max_parts=self._own.max_parts,
            part_price=self._own.price_in(self._currency),
            currency=self._currency,
            timezone=self._timezone,
        ).count(tx, sending)

    def send(self, message: Message, rendered: Rendered, within: timedelta) -> str:
        """Deliver the message; return the provider's id for it, or the name of the file."""
        return self._sink.deliver(message, rendered, within)

    def read_report(self, report: IncomingReport) -> list[ArrivalReport]:
        """Return what the provider reports of an SMS. Raises Forbidden where the report is not genuine."""
        from ashop_sms.reports import read_report

        return read_report(self._own.report_url, self._gateway, report)

    def written(self) -> Iterable[WrittenFile]:
        """Return the SMS that were written to files."""
        from ashop_sms.written import written_in

        return written_in(self._folder)
