"""The channel `email`: from a customer to an address, from an order to words, from words to a server or a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

from ashop_core.texts import Text
from ashop_email.addresses import domain, usable
from ashop_email.addresses import own as own_address
from ashop_email.delivery import sink_for
from ashop_email.mime import mail_bytes
from ashop_email.reports import read_report
from ashop_email.settings import NOBODY, EmailSettings
from ashop_email.templates import Templates
from ashop_email.written import written_in

if TYPE_CHECKING:
    from ashop_core.channels import IncomingReport, WrittenFile
    from ashop_core.customer import MessageContext
    from ashop_core.errors import Problem
    from ashop_core.models import ArrivalReport, Customer, Message, Rendered
    from ashop_core.settings import Settings


class EmailChannel:
    """Reaches customers by e-mail; see `ashop_core.channels.Channel`."""

    code = "email"
    label = Text("E-post", "E-mail")

    def __init__(self, settings: Settings) -> None:
        own = settings.for_plugin(EmailSettings)
        sender = own_address(own.sender) or NOBODY
        name = " ".join((own.sender_name or settings.shop.name).split())
        self._sender = f"{name} <{sender}>"
        self._reply_to = own_address(own.reply_to) or ""
        self._templates = Templates(settings.path(own.templates) / "email")
        self._folder = settings.path(own.outbox)
        ca = settings.path(own.smtp.ca) if own.smtp and own.smtp.ca else None
        self._sink = sink_for(own, self._folder, own_address(own.bounces) or sender, ca)

    def recipient(self, customer: Customer) -> str | None:
        """Return the customer's address, or None where it is missing or unusable."""
        return usable(customer.email)

    def address(self, text: str) -> str | None:
        """Return an address that somebody typed, or None where it cannot be used."""
        return usable(text)

    def domain(self, recipient: str) -> str:
        """Return what stands after the @: the mail server may refuse all of a domain for a while."""
        return domain(recipient)

    def render(self, context: MessageContext) -> Rendered:
        """Return subject, text and HTML of the message, and who it is from."""
        rendered = self._templates.render(context)
        return replace(rendered, sender=self._sender, reply_to=self._reply_to)

    def has_template(self, template: str, language: str) -> bool:
        """Tell whether the shop or we have words for just this template."""
        return self._templates.has(template, language)

    def template_problems(self, samples: Iterable[MessageContext]) -> Iterable[Problem]:
        """Yield what is wrong with the templates, the shop's and ours."""
        return self._templates.problems(samples, self.render)

    def unused_templates(self, samples: Iterable[MessageContext]) -> Iterable[Problem]:
        """Yield the shop's templates that no mail is made from."""
        return self._templates.unused(samples)

    def send(self, message: Message, rendered: Rendered, within: timedelta) -> str:
        """Deliver the message; return the server's answer, or the name of the file."""
        return self._sink.deliver(message, mail_bytes(message, rendered), within)

    def read_report(self, report: IncomingReport) -> list[ArrivalReport]:
        """Return what a mail that came back tells of the one that we sent."""
        return [read_report(report.body)]

    def written(self) -> Iterable[WrittenFile]:
        """Return the mails that were written to files."""
        return written_in(self._folder)

    def close(self) -> None:
        """Say goodbye to the mail server."""
        self._sink.close()
