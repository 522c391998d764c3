"""`[plugins.email]`: who the mail is from, and the server that takes it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from ashop_core.setting_faults import folder_fault, is_this_computer, range_fault, refuse_faults
from ashop_core.texts import Text
from ashop_core.validation import Secret

NOBODY = "shop@shop.invalid"
"""The sender in files of a shop that has not set one; `.invalid` is reserved, so no reply goes astray."""


class Security(StrEnum):
    """How the connection to the mail server is protected."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class SmtpSettings:
    """`smtp`: the mail server. `port` is by default what `security` uses; `timeout` is seconds for each mail in all.

    `ca` is a file in the shop's folder with the only authorities that are trusted; without it those of the computer are.
    """

    host: str
    port: int | None = None
    user: str = ""
    password: Secret | None = None
    security: Security = Security.STARTTLS
    timeout: int = 20
    ca: str = ""

    def __post_init__(self) -> None:
        refuse_faults(
            host=_host_fault(self.host),
            port=range_fault(self.real_port, 1, 65535),
            timeout=range_fault(self.timeout, 1, 120),
            password=self._password_fault(),
        )

    @property
    def real_port(self) -> int:
        """The port to call: the one set, or the usual one."""
        return self.port if self.port is not None else 465 if self.security is Security.TLS else 587

    def _password_fault(self) -> Text | None:
        if bool(self.user) != (self.password is not None):
            return Text("user och password anges båda eller ingen", "give both user and password, or neither")
        if self.password is not None and not (self.user + self.password.reveal()).isascii():
            return Text(
                "får liksom user bara ha tecken ur ASCII, alltså inte å, ä eller ö: Python kan inte logga in med andra",
                "may, like user, have characters of ASCII only, so no å, ä or ö: Python cannot log in with others",
            )
        if self.password is not None and self.security is Security.NONE and not is_this_computer(self.host):
            return Text(
                'ett lösenord skickas inte okrypterat: sätt security till "starttls" eller "tls"',
                'a password is not sent in the clear: set security to "starttls" or "tls"',
            )
        return None


@dataclass(frozen=True, kw_only=True)
class EmailSettings:
    """`[plugins.email]`. Without `smtp` each message becomes a file in the folder `outbox`.

    Replies go to `reply_to` and what cannot be delivered comes back to `bounces`; both are by default the `sender`.
    """

    sender: str = ""
    sender_name: str = ""
    reply_to: str = ""
    bounces: str = ""
    outbox: str = "outbox"
    templates: str = "templates"
    smtp: SmtpSettings | None = None

    def __post_init__(self) -> None:
        refuse_faults(
            sender=self._sender_fault(),
            sender_name=_line_fault(self.sender_name),
            reply_to=_address_fault(self.reply_to),
            bounces=_address_fault(self.bounces),
            outbox=folder_fault(self.outbox),
            templates=folder_fault(self.templates),
        )

    def _sender_fault(self) -> Text | None:
        if self.sender:
            return _address_fault(self.sender)
        if self.smtp is not None:
            return Text(
                "saknas: ange adressen som mejlen kommer från",
                "is missing: give the address that mail comes from",
            )
        return None


def _address_fault(value: str) -> Text | None:
    if not value:
        return None
    from ashop_email.addresses import fault

    return fault(value)


def _host_fault(host: str) -> Text | None:
    whole = all(0 < len(label) < 64 for label in host.removesuffix(".").split("."))
    if not whole or not host.isascii() or not host.isprintable() or " " in host or "/" in host:
        return Text(
            "skriv serverns namn, till exempel smtp.exempel.se",
            "write the server's name, such as smtp.example.com",
        )
    return None


def _line_fault(value: str) -> Text | None:
    if value.isprintable():
        return None
    return Text(
        "får inte innehålla radbrytningar eller styrtecken", "may not hold line breaks or control characters"
    )
