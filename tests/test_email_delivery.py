"""Where a mail goes: a file, a real mail server (aiosmtpd), and a server that fails at each step of the way."""

import contextlib
import email
import email.policy
import os
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from ashop_core.channels import Channel
from ashop_core.errors import DeliveryError, Reach, TemporaryDeliveryError
from ashop_core.models import Customer, Delivery, Message, Rendered
from ashop_core.settings import Settings, parse_plugin, parse_settings
from ashop_core.testing import place_order
from ashop_core.validation import Secret
from ashop_email import Settings as EmailSettings
from ashop_email import ashop_register_channels
from ashop_email.delivery import Files
from ashop_email.server import Server
from ashop_email.settings import Security, SmtpSettings
from tests.certificates import make_certificates, server_tls
from tests.smtp_faults import ScriptedServer, scripted

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
MESSAGE = Message(
    id=12,
    order_id=7,
    seq=5,
    channel="email",
    template="shipped",
    recipient="asa@example.se",
    language="sv",
    delivery=Delivery.CLAIMED,
    attempts=1,
    message_id="0123456789abcdef01234567",
    created_at=AT,
    planned_at=AT,
    due_at=AT,
)
WITHIN = timedelta(seconds=20)
RENDERED = Rendered(
    subject="Din beställning är på väg",
    body=".en punkt\nHej Åsa!\n",
    html="<p>Hej Åsa!</p>",
    sender="Villa & Värme <order@example.se>",
)
MAIL = b"From: order@example.se\r\nSubject: Hej\r\n\r\nHej\r\n"


def channel(folder: Path, toml: dict[str, object] | None = None) -> Channel:
    document = {"shop": {"name": "Villa & Värme"}, "plugins": {"email": toml or {}}}
    settings, problems = parse_settings(folder, document)
    assert settings is not None
    own, more = parse_plugin(settings, "email", EmailSettings)
    assert problems + more == []
    filled: Settings = settings.with_plugins({EmailSettings: own})
    (found,) = ashop_register_channels(settings=filled)
    return found


# ── Recipients ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("asa@example.se", "asa@example.se"),
        ("  Asa.Oberg+ashop@EXAMPLE.se \n", "Asa.Oberg+ashop@example.se"),
        ("info@räksmörgås.se", "info@xn--rksmrgs-5wao1o.se"),
        ("", None),
        ("asa", None),
        ("asa@example", None),
        ("asa@@example.se", None),
        ("åsa@EXEMPEL.se", "åsa@exempel.se"),
        ("A\u030asa@räksmörgås.se", "Åsa@xn--rksmrgs-5wao1o.se"),
        ("åsa@example.se\u2028", "åsa@example.se"),
        ("å\u2028sa@example.se", None),
        ("asa@example.se, bo@example.se", None),
        ("asa@example.se\r\nBcc: bo@example.se", None),
        ("Åsa <asa@example.se>", None),
        ('"a b"@example.se', None),
        ("asa@[127.0.0.1]", None),
        ("a" * 300 + "@example.se", None),
    ],
)
def test_a_customer_is_reached_at_a_usable_address_only(tmp_path, typed, address):
    assert channel(tmp_path).recipient(Customer(email=typed)) == address


# ── Files ────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_server_each_mail_becomes_a_file(tmp_path):
    receipt = channel(tmp_path).send(MESSAGE, RENDERED, WITHIN)

    (path,) = (tmp_path / "outbox").iterdir()
    found = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert path.name == "00000012-shipped.eml"
    assert receipt == f"outbox/{path.name}"
    assert found["From"] == "Villa & Värme <order@example.se>"
    assert found["To"] == "asa@example.se"
    assert found["Subject"] == "Din beställning är på väg"


def test_a_mail_written_twice_is_the_same_file(tmp_path):
    sending = channel(tmp_path)
    sending.send(MESSAGE, RENDERED, WITHIN)
    (path,) = (tmp_path / "outbox").iterdir()
    first = path.read_bytes()

    sending.send(replace(MESSAGE, attempts=2), RENDERED, WITHIN)

    assert [p.name for p in (tmp_path / "outbox").iterdir()] == [path.name]
    assert path.read_bytes() == first


@pytest.mark.parametrize("template", ["../../etc/passwd", "/etc/passwd", ".hidden", "a\nb", "x" * 500, ""])
def test_no_message_is_written_outside_the_folder(tmp_path, template):
    Files(tmp_path / "outbox").deliver(replace(MESSAGE, template=template), MAIL, WITHIN)

    (path,) = tmp_path.rglob("*.eml")
    assert path.parent == tmp_path / "outbox"
    assert path.read_bytes() == MAIL


def test_a_folder_that_cannot_be_written_is_tried_again_and_leaves_nothing(tmp_path):
    (tmp_path / "outbox").write_text("a file in its place", encoding="utf-8")

    with pytest.raises(TemporaryDeliveryError, match="outbox"):
        Files(tmp_path / "outbox").deliver(MESSAGE, MAIL, WITHIN)


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    Files(tmp_path).deliver(MESSAGE, b"old", WITHIN)
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))

    with pytest.raises(TemporaryDeliveryError, match="No space left"):
        Files(tmp_path).deliver(MESSAGE, MAIL, WITHIN)

    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


# ── A real mail server ───────────────────────────────────────────────────────────────────────────


class Inbox:
    """Keeps what aiosmtpd took in."""

    def __init__(self) -> None:
        self.envelopes: list[tuple[str, list[str], bytes]] = []
        self.logins: list[tuple[bytes, bytes]] = []

    async def handle_DATA(self, server, session, envelope):
        self.envelopes.append((envelope.mail_from, envelope.rcpt_tos, envelope.content))
        return "250 2.0.0 Ok: queued as 4XyZ"

    def authenticate(self, server, session, envelope, mechanism, login):
        assert isinstance(login, LoginPassword)
        self.logins.append((login.login, login.password))
        return AuthResult(success=login.password == b"hemligt", handled=False)


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextlib.contextmanager
def mail_server(inbox: Inbox, **options: object) -> Iterator[int]:
    port = free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)  # type: ignore[arg-type]
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def plain(port: int, **changed: object) -> SmtpSettings:
    values = {"host": "127.0.0.1", "port": port, "security": Security.NONE, **changed}
    return SmtpSettings(**values)  # type: ignore[arg-type]


def test_a_mail_server_gets_the_mail_with_exactly_one_recipient(tmp_path):
    inbox = Inbox()
    with mail_server(inbox) as port:
        smtp = {"host": "127.0.0.1", "port": port, "security": "none"}

        receipt = channel(tmp_path, {"sender": "order@example.se", "smtp": smtp}).send(
            MESSAGE, RENDERED, WITHIN
        )

    ((sender, recipients, content),) = inbox.envelopes
    found = email.message_from_bytes(content, policy=email.policy.default)
    body = found.get_body(("plain",))
    assert body is not None
    assert receipt == "250 2.0.0 Ok: queued as 4XyZ"
    assert (sender, recipients) == ("order@example.se", ["asa@example.se"])
    assert found["From"] == "Villa & Värme <order@example.se>"
    assert body.get_content().replace("\r\n", "\n") == RENDERED.body
    assert list((tmp_path).iterdir()) == []


def test_a_hostile_subject_reaches_the_server_as_words(tmp_path):
    inbox = Inbox()
    with mail_server(inbox) as port:
        smtp = {"host": "127.0.0.1", "port": port, "security": "none"}
        sending = channel(tmp_path, {"sender": "order@example.se", "smtp": smtp})

        sending.send(MESSAGE, replace(RENDERED, subject="=?utf-8?q?Hej?= Bcc: x@example.com"), WITHIN)
        with pytest.raises(DeliveryError):
            sending.send(
                MESSAGE, replace(RENDERED, subject="=?utf-8?q?Hi=0ABcc=3A_x=40example=2Ecom?="), WITHIN
            )

    ((_, recipients, content),) = inbox.envelopes
    names = [
        line.split(b":")[0] for line in content.split(b"\r\n\r\n")[0].split(b"\r\n") if line[:1] not in b" \t"
    ]
    assert recipients == ["asa@example.se"]
    assert sorted(names) == sorted(
        [
            b"From",
            b"To",
            b"Subject",
            b"Date",
            b"Message-ID",
            b"Auto-Submitted",
            b"MIME-Version",
            b"Content-Type",
        ]
    )


# ── TLS ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def certificates(tmp_path_factory) -> Path:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def secured(port: int, password: str = "hemligt", **changed: object) -> SmtpSettings:
    return SmtpSettings(host="127.0.0.1", port=port, user="shop", password=Secret(password), **changed)  # type: ignore[arg-type]


def server(settings: SmtpSettings, ca: Path | None = None, **options: Any) -> contextlib.closing[Server]:
    return contextlib.closing(Server(settings, "order@example.se", ca=ca, **options))


def test_starttls_and_login_come_before_the_mail(certificates):
    inbox = Inbox()
    options = {"tls_context": server_tls(certificates), "require_starttls": True, "auth_required": True}
    with (
        mail_server(inbox, authenticator=inbox.authenticate, **options) as port,
        server(secured(port), certificates / "ca.pem") as sending,
    ):
        sending.deliver(MESSAGE, MAIL, WITHIN)

    assert inbox.logins == [(b"shop", b"hemligt")]
    assert len(inbox.envelopes) == 1


def test_tls_from_the_first_byte(certificates):
    inbox = Inbox()
    settings = {"host": "127.0.0.1", "security": Security.TLS}
    with (
        mail_server(inbox, ssl_context=server_tls(certificates)) as port,
        server(SmtpSettings(port=port, **settings), certificates / "ca.pem") as sending,  # type: ignore[arg-type]
    ):
        receipt = sending.deliver(MESSAGE, MAIL, WITHIN)

    assert receipt.startswith("250")
    assert len(inbox.envelopes) == 1


@pytest.mark.parametrize("security", [Security.STARTTLS, Security.TLS])
@pytest.mark.parametrize(
    ("shown", "why"),
    [
        ("expired", "certificate has expired"),
        ("other", "IP address mismatch"),
        ("alone", "self-signed certificate"),
    ],
)
def test_a_server_that_is_not_who_it_should_be_gets_neither_password_nor_mail(
    certificates, security, shown, why
):
    inbox = Inbox()
    tls = server_tls(certificates, shown)
    options = (
        {"ssl_context": tls} if security is Security.TLS else {"tls_context": tls, "require_starttls": True}
    )
    with (
        mail_server(inbox, authenticator=inbox.authenticate, **options) as port,
        server(secured(port, security=security), certificates / "ca.pem") as sending,
        pytest.raises(TemporaryDeliveryError, match=why) as error,
    ):
        sending.deliver(MESSAGE, MAIL, WITHIN)

    assert (inbox.logins, inbox.envelopes) == ([], [])
    assert error.value.reach is Reach.CHANNEL


def test_only_the_shops_own_authority_is_trusted_where_it_names_one(certificates, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "ca.pem"))
    with (
        scripted(server_tls(certificates)) as found,
        server(secured(found.port), certificates / "alone.pem") as sending,
        pytest.raises(TemporaryDeliveryError, match="unable to get local issuer"),
    ):
        sending.deliver(MESSAGE, MAIL, WITHIN)


def test_without_one_of_its_own_the_computers_authorities_are_trusted(certificates, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "ca.pem"))
    with scripted(server_tls(certificates)) as found, server(secured(found.port)) as sending:
        assert sending.deliver(MESSAGE, MAIL, WITHIN).startswith("250")


def test_a_missing_file_of_authorities_is_named_and_nothing_is_sent(certificates):
    with (
        scripted(server_tls(certificates)) as found,
        server(secured(found.port), certificates / "nowhere.pem") as sending,
        pytest.raises(TemporaryDeliveryError, match=r"nowhere\.pem") as error,
    ):
        sending.deliver(MESSAGE, MAIL, WITHIN)

    assert error.value.reach is Reach.CHANNEL
    assert found.taken == []


def test_a_server_without_tls_gets_neither_password_nor_mail():
    # As when somebody on the way takes STARTTLS out of the server's answer.
    inbox = Inbox()
    options = {"auth_require_tls": False, "authenticator": inbox.authenticate}
    with (
        mail_server(inbox, **options) as port,
        server(secured(port)) as sending,
        pytest.raises(TemporaryDeliveryError, match="STARTTLS"),
    ):
        sending.deliver(MESSAGE, MAIL, WITHIN)

    assert (inbox.logins, inbox.envelopes) == ([], [])


def test_what_was_said_before_the_protection_began_is_not_heard(certificates):
    # An answer put in before STARTTLS by somebody on the way must not be taken for the server's own.
    with (
        scripted(server_tls(certificates)) as found,
        server(secured(found.port), certificates / "ca.pem") as sending,
    ):
        found.answers["STARTTLS"] = ["220 go on\r\n250-mail.example.se\r\n250 AUTH PLAIN\r\n235 welcome"]

        sending.deliver(MESSAGE, MAIL, WITHIN)

    # It asked anew under the protection, and logged in before the mail.
    assert [line.split()[0].upper() for line in found.said[:5]] == [
        "EHLO",
        "STARTTLS",
        "EHLO",
        "AUTH",
        "MAIL",
    ]


def test_a_wrong_password_is_tried_again_and_never_told(certificates):
    inbox = Inbox()
    options = {"tls_context": server_tls(certificates), "require_starttls": True}
    with (
        mail_server(inbox, authenticator=inbox.authenticate, **options) as port,
        server(secured(port, password="zq7fel"), certificates / "ca.pem") as sending,
        pytest.raises(TemporaryDeliveryError, match="535") as error,
    ):
        sending.deliver(MESSAGE, MAIL, WITHIN)

    assert inbox.envelopes == []
    assert "zq7fel" not in str(error.value)


# ── What the server's answers mean; the whole table of faults is in test_email_faults ────────────


@contextlib.contextmanager
def sending_to(
    fault: tuple[str, str] | None = None, **answers: str
) -> Iterator[tuple[ScriptedServer, Server]]:
    with scripted(fault=fault) as found, server(plain(found.port)) as sending:
        found.answers.update({name.replace("_", " "): [answer] for name, answer in answers.items()})
        yield found, sending


def attempt(sending: Server, message: Message = MESSAGE) -> tuple[str, Reach | None]:
    """Send, and say in a word what came of it, and how far it reaches."""
    try:
        sending.deliver(message, MAIL, WITHIN)
    except TemporaryDeliveryError as error:
        return "unsure" if error.unsure else "later", error.reach
    except DeliveryError:
        return "never", None
    return "sent", None


@pytest.mark.parametrize(
    ("step", "answer", "outcome", "reach"),
    [
        ("MAIL", "530 5.7.0 authentication required", "later", Reach.CHANNEL),
        ("MAIL", "550 5.7.1 not your sender", "later", Reach.CHANNEL),
        ("RCPT", "251 will forward", "sent", None),
        ("RCPT", "421 4.7.0 closing", "later", Reach.CHANNEL),
        ("RCPT", "450 4.2.0 greylisted", "later", Reach.MESSAGE),
        ("RCPT", "450 4.7.1 greylisted", "later", Reach.MESSAGE),
        ("RCPT", "451 try again", "later", Reach.MESSAGE),
        ("RCPT", "452 4.2.2 mailbox full", "later", Reach.MESSAGE),
        ("RCPT", "450 4.1.2 domain not found", "later", Reach.DOMAIN),
        ("RCPT", "451 4.4.3 no answer from its name server", "later", Reach.DOMAIN),
        ("RCPT", "452 4.3.1 disk full", "later", Reach.CHANNEL),
        ("RCPT", "454 4.7.1 relay access denied", "later", Reach.CHANNEL),
        ("RCPT", "530 5.7.0 log in first", "later", Reach.CHANNEL),
        ("RCPT", "550 5.1.1 no such user", "never", None),
        ("RCPT", "552 5.2.2 mailbox full", "never", None),
        ("RCPT", "354 what", "later", Reach.MESSAGE),
        ("DATA", "250 what", "later", Reach.MESSAGE),
        ("DATA", "554 5.5.1 no", "never", None),
        ("last_line", "421 4.3.2 closing", "later", Reach.CHANNEL),
        ("last_line", "451 4.3.2 not now", "later", Reach.CHANNEL),
        ("last_line", "451 4.3.0 not now", "later", Reach.MESSAGE),
        ("last_line", "554 5.7.1 spam", "never", None),
        ("last_line", "354 what", "unsure", Reach.CHANNEL),
        ("last_line", "25", "unsure", Reach.CHANNEL),
        ("last_line", "x" * 9000, "unsure", Reach.CHANNEL),
        ("last_line", "250-on\r\n" * 9000, "unsure", Reach.CHANNEL),
    ],
)  # fmt: skip
def test_an_answer_says_who_has_to_wait(step, answer, outcome, reach):
    with sending_to(**{step: answer}) as (_, sending):
        assert attempt(sending) == (outcome, reach)


def test_a_port_where_nobody_answers_is_tried_again():
    port = free_port()
    with server(plain(port)) as sending, pytest.raises(TemporaryDeliveryError) as error:
        sending.deliver(MESSAGE, MAIL, WITHIN)

    assert error.value.text.en == f"the mail could not be delivered now: 127.0.0.1:{port}: Connection refused"


def test_a_refusal_says_what_the_server_said_on_one_line_with_its_status_code():
    answer = "550-5.1.1 No such \x1b[31muser\r\n550 5.1.1 here"
    with sending_to(RCPT=answer) as (_, sending), pytest.raises(DeliveryError) as error:
        sending.deliver(MESSAGE, MAIL, WITHIN)

    assert str(error.value).endswith("550 5.1.1 No such [31muser 5.1.1 here")


def test_nothing_of_the_mail_is_said_after_the_server_refused_the_recipient():
    with sending_to(RCPT="550 5.1.1 no") as (found, sending):
        attempt(sending)

    assert [line.split()[0].upper() for line in found.said] == ["EHLO", "MAIL", "RCPT", "QUIT"]


def test_no_more_time_is_taken_than_is_given():
    with sending_to(("banner", "1 byte/s")) as (_, sending), pytest.raises(TemporaryDeliveryError) as error:
        sending.deliver(MESSAGE, MAIL, timedelta(milliseconds=300))

    assert "timed out" in str(error.value)


def test_the_settings_may_allow_less_time_than_the_outbox():
    with (
        scripted(fault=("RCPT", "stall")) as found,
        server(plain(found.port, timeout=1)) as sending,
        pytest.raises(TemporaryDeliveryError) as error,
    ):
        sending.deliver(MESSAGE, MAIL, timedelta(hours=1))

    assert error.value.reach is Reach.DOMAIN


# ── Letters outside ASCII, and reports ───────────────────────────────────────────────────────────

ASA = replace(MESSAGE, recipient="åsa@exempel.se")


def test_letters_in_an_address_reach_a_server_that_knows_them(tmp_path):
    inbox = Inbox()
    with mail_server(inbox, enable_SMTPUTF8=True) as port:
        smtp = {"host": "127.0.0.1", "port": port, "security": "none"}
        sending = channel(tmp_path, {"sender": "order@example.se", "smtp": smtp})

        sending.send(ASA, RENDERED, WITHIN)
        sending.send(MESSAGE, RENDERED, WITHIN)
        sending.close()  # type: ignore[attr-defined]

    assert [recipients for _, recipients, _ in inbox.envelopes] == [["åsa@exempel.se"], ["asa@example.se"]]
    assert "\r\nTo: åsa@exempel.se\r\n".encode() in inbox.envelopes[0][2]


def test_a_server_that_does_not_know_them_is_never_asked():
    with sending_to(EHLO="250-mail.example.se\r\n250 DSN") as (found, sending):
        with pytest.raises(DeliveryError, match=r"åsa@exempel\.se.*SMTPUTF8"):
            sending.deliver(ASA, MAIL, WITHIN)

        assert attempt(sending) == ("sent", None)

    assert found.connections == 1
    assert len(found.taken) == 1


def test_a_server_that_sends_reports_is_asked_for_them_with_our_token():
    with sending_to() as (found, sending):
        attempt(sending)

    assert f"mail FROM:<order@example.se> RET=HDRS ENVID={MESSAGE.message_id}" in found.said
    assert "rcpt TO:<asa@example.se> NOTIFY=FAILURE,DELAY" in found.said


def test_what_cannot_be_delivered_comes_back_to_the_address_for_that(tmp_path):
    inbox = Inbox()
    with mail_server(inbox) as port:
        smtp = {"host": "127.0.0.1", "port": port, "security": "none"}
        own: dict[str, object] = {"sender": "order@example.se", "bounces": "retur@example.se", "smtp": smtp}
        sending = channel(tmp_path, own)
        sending.send(MESSAGE, RENDERED, WITHIN)
        sending.close()  # type: ignore[attr-defined]

    ((sender, _, content),) = inbox.envelopes
    assert sender == "retur@example.se"
    assert b"retur@" not in content


# ── One connection for many mails ────────────────────────────────────────────────────────────────


def test_mails_of_one_thread_share_a_connection():
    with sending_to() as (found, sending):
        outcomes = [attempt(sending) for _ in range(5)]

    words = [line.split()[0].upper() for line in found.said]
    assert outcomes == [("sent", None)] * 5
    assert (found.connections, words.count("EHLO"), words.count("RSET")) == (1, 1, 4)


def test_a_refused_mail_leaves_the_connection_to_the_next_one():
    with scripted() as found, server(plain(found.port)) as sending:
        found.answers["RCPT"] = ["250 ok", "550 5.1.1 no", "250 ok"]

        outcomes = [attempt(sending)[0] for _ in range(3)]

    assert outcomes == ["sent", "never", "sent"]
    assert found.connections == 1
    assert len(found.taken) == 2


@pytest.mark.parametrize("word", ["RSET", "MAIL"])
@pytest.mark.parametrize("answer", ["421 4.4.2 too long without a word", "451 4.7.0 enough", "Hej!"])
def test_a_connection_that_the_server_is_tired_of_is_replaced_at_once(word, answer):
    with scripted() as found, server(plain(found.port)) as sending:
        found.answers[word] = [answer] if word == "RSET" else ["250 ok", answer, "250 ok"]

        outcomes = [attempt(sending)[0] for _ in range(2)]

    assert outcomes == ["sent", "sent"]
    assert found.connections == 2


@pytest.mark.parametrize("how", ["drop", "garbage"])
def test_a_connection_that_the_server_ended_meanwhile_is_replaced_at_once(how):
    with scripted() as found, server(plain(found.port)) as sending:
        first = attempt(sending)
        found.fault = ("RSET", how)
        second = attempt(sending)

    assert (first[0], second[0]) == ("sent", "sent")
    assert found.connections == 2


def test_after_a_fault_the_next_mail_gets_a_connection_of_its_own():
    with scripted(fault=("last line", "garbage")) as found, server(plain(found.port)) as sending:
        first = attempt(sending)
        found.mend()
        second = attempt(sending)

    assert (first[0], second[0]) == ("unsure", "sent")
    assert found.connections == 2


def test_each_thread_has_a_connection_of_its_own():
    with sending_to() as (found, sending), ThreadPoolExecutor(3) as pool:
        together = Barrier(3)
        assert list(pool.map(lambda _: (together.wait(10), attempt(sending)[0])[1], range(3))) == ["sent"] * 3

    assert found.connections == 3


def test_a_forked_process_leaves_its_parents_connection_alone():
    with sending_to() as (found, sending):
        attempt(sending)
        child = os.fork()
        if child == 0:
            outcome = attempt(sending)[0]
            sending.close()
            os._exit(0 if outcome == "sent" else 1)
        _, status = os.waitpid(child, 0)
        again = attempt(sending)[0]

    assert (os.waitstatus_to_exitcode(status), again) == (0, "sent")
    assert found.connections == 2
    assert len(found.taken) == 3


def test_an_idle_connection_is_ended_with_a_goodbye():
    with scripted() as found, server(plain(found.port), idle=0.05) as sending:
        attempt(sending)
        assert found.goodbye.wait(30)
        assert attempt(sending)[0] == "sent"

    assert found.connections == 2


OWN = """
[plugins.email]
sender = "order@example.se"
[plugins.email.smtp]
host = "127.0.0.1"
port = {port}
security = "none"
"""


def test_closing_the_shop_says_goodbye(make_shop):
    with scripted() as found:
        shop = make_shop("email", toml=OWN.format(port=found.port))
        place_order(shop)
        shop.deliver()
        shop.close()

        assert found.said[-1].upper() == "QUIT"
        assert len(found.taken) == 1


def test_of_two_recipients_the_one_that_was_taken_is_never_sent_again(make_shop, clock):
    # A mail has one recipient: staff in the same rule are rows of their own.
    rule = """
[[statuses.received.messages]]
channels = ["email"]
audience = "staff"
to = ["bo@example.se", "nobody@example.se"]
"""
    with scripted() as found:
        shop = make_shop(
            "email", toml=f"{OWN.format(port=found.port)}\n{rule}\n[statuses.received]\nnotify = []"
        )
        found.answers["RCPT"] = ["250 ok", "550 5.1.1 no such user"]
        order = place_order(shop)

        for _ in range(3):
            shop.deliver()
            clock.advance(hours=7)

        told = {message.recipient: message.delivery for message in shop.messages(order)}
        shop.close()

    assert told == {"bo@example.se": Delivery.SENT, "nobody@example.se": Delivery.DEAD}
    assert len(found.taken) == 1
    assert [line for line in found.said if line.upper().startswith("RCPT")] == [
        "rcpt TO:<bo@example.se> NOTIFY=FAILURE,DELAY",
        "rcpt TO:<nobody@example.se> NOTIFY=FAILURE,DELAY",
    ]
