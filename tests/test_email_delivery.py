"""Where a mail goes: a file, a real mail server (aiosmtpd), and a server that fails at each step of the way."""

import contextlib
import email
import email.policy
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from shutil import which

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from ashop_core.errors import DeliveryError, TemporaryDeliveryError
from ashop_core.models import Customer, Delivery, Message, Rendered
from ashop_core.outbox import Channel
from ashop_core.settings import Settings, parse_plugin, parse_settings
from ashop_core.validation import Secret
from ashop_email import Settings as EmailSettings
from ashop_email import ashop_register_channels
from ashop_email.delivery import Files, Server
from ashop_email.settings import Security, SmtpSettings

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
    message_id="K-7F3QX2-5-shipped-email",
    created_at=AT,
    due_at=AT,
)
RENDERED = Rendered(subject="Din beställning är på väg", body=".en punkt\nHej Åsa!\n", html="<p>Hej Åsa!</p>")
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
        ("åsa@example.se", None),
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
    receipt = channel(tmp_path).send(MESSAGE, RENDERED)

    (path,) = (tmp_path / "outbox").iterdir()
    found = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert path.name == "00000012-shipped.eml"
    assert receipt == f"outbox/{path.name}"
    assert found["From"] == "Villa & Värme <shop@shop.invalid>"
    assert found["To"] == "asa@example.se"
    assert found["Subject"] == "Din beställning är på väg"


def test_a_mail_written_twice_is_the_same_file(tmp_path):
    sending = channel(tmp_path)
    sending.send(MESSAGE, RENDERED)
    (path,) = (tmp_path / "outbox").iterdir()
    first = path.read_bytes()

    sending.send(replace(MESSAGE, attempts=2), RENDERED)

    assert [p.name for p in (tmp_path / "outbox").iterdir()] == [path.name]
    assert path.read_bytes() == first


@pytest.mark.parametrize("template", ["../../etc/passwd", "/etc/passwd", ".hidden", "a\nb", "x" * 500, ""])
def test_no_message_is_written_outside_the_folder(tmp_path, template):
    Files(tmp_path / "outbox").deliver(replace(MESSAGE, template=template), MAIL)

    (path,) = tmp_path.rglob("*.eml")
    assert path.parent == tmp_path / "outbox"
    assert path.read_bytes() == MAIL


def test_a_folder_that_cannot_be_written_is_tried_again_and_leaves_nothing(tmp_path):
    (tmp_path / "outbox").write_text("a file in its place", encoding="utf-8")

    with pytest.raises(TemporaryDeliveryError, match="outbox"):
        Files(tmp_path / "outbox").deliver(MESSAGE, MAIL)


def test_a_file_is_whole_or_not_there(tmp_path, monkeypatch):
    Files(tmp_path).deliver(MESSAGE, b"old")
    monkeypatch.setattr("os.fsync", lambda _: (_ for _ in ()).throw(OSError(28, "No space left on device")))

    with pytest.raises(TemporaryDeliveryError, match="No space left"):
        Files(tmp_path).deliver(MESSAGE, MAIL)

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

        receipt = channel(tmp_path, {"sender": "order@example.se", "smtp": smtp}).send(MESSAGE, RENDERED)

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

        sending.send(MESSAGE, replace(RENDERED, subject="=?utf-8?q?Hej?= Bcc: x@example.com"))
        with pytest.raises(DeliveryError):
            sending.send(MESSAGE, replace(RENDERED, subject="=?utf-8?q?Hi=0ABcc=3A_x=40example=2Ecom?="))

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
    """A certificate for 127.0.0.1 and one for somebody else, each signed by itself."""
    if which("openssl") is None:
        pytest.skip("openssl makes the certificates, and is not here")
    folder = tmp_path_factory.mktemp("certificates")
    for name, address in (("good", "IP:127.0.0.1"), ("other", "DNS:other.example")):
        subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
             "-keyout", f"{name}.key", "-out", f"{name}.pem", "-subj", f"/CN={name}",
             "-addext", f"subjectAltName={address}", "-days", "2"],
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
    return folder


def server_tls(folder: Path, name: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / f"{name}.pem", folder / f"{name}.key")
    return context


def secured(port: int, password: str = "hemligt", **changed: object) -> SmtpSettings:
    return SmtpSettings(host="127.0.0.1", port=port, user="shop", password=Secret(password), **changed)  # type: ignore[arg-type]


def test_starttls_and_login_come_before_the_mail(certificates, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "good.pem"))
    inbox = Inbox()
    options = {
        "tls_context": server_tls(certificates, "good"),
        "require_starttls": True,
        "auth_required": True,
    }
    with mail_server(inbox, authenticator=inbox.authenticate, **options) as port:
        Server(secured(port), "order@example.se").deliver(MESSAGE, MAIL)

    assert inbox.logins == [(b"shop", b"hemligt")]
    assert len(inbox.envelopes) == 1


def test_tls_from_the_first_byte(certificates, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "good.pem"))
    inbox = Inbox()
    with mail_server(inbox, ssl_context=server_tls(certificates, "good")) as port:
        settings = SmtpSettings(host="127.0.0.1", port=port, security=Security.TLS)

        receipt = Server(settings, "order@example.se").deliver(MESSAGE, MAIL)

    assert receipt.startswith("250")
    assert len(inbox.envelopes) == 1


@pytest.mark.parametrize(("served", "trusted"), [("good", "other"), ("other", "other")])
def test_a_server_that_is_not_who_it_should_be_gets_neither_password_nor_mail(
    certificates, monkeypatch, served, trusted
):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / f"{trusted}.pem"))
    inbox = Inbox()
    options = {"tls_context": server_tls(certificates, served), "require_starttls": True}
    with (
        mail_server(inbox, authenticator=inbox.authenticate, **options) as port,
        pytest.raises(TemporaryDeliveryError, match="certificate verify failed"),
    ):
        Server(secured(port), "order@example.se").deliver(MESSAGE, MAIL)

    assert (inbox.logins, inbox.envelopes) == ([], [])


def test_a_server_without_tls_gets_neither_password_nor_mail():
    # As when somebody on the way takes STARTTLS out of the server's answer.
    inbox = Inbox()
    options = {"auth_require_tls": False, "authenticator": inbox.authenticate}
    with mail_server(inbox, **options) as port, pytest.raises(TemporaryDeliveryError, match="STARTTLS"):
        Server(secured(port), "order@example.se").deliver(MESSAGE, MAIL)

    assert (inbox.logins, inbox.envelopes) == ([], [])


def test_a_wrong_password_is_tried_again_and_never_told(certificates, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "good.pem"))
    inbox = Inbox()
    options = {"tls_context": server_tls(certificates, "good"), "require_starttls": True}
    with (
        mail_server(inbox, authenticator=inbox.authenticate, **options) as port,
        pytest.raises(TemporaryDeliveryError, match="535") as error,
    ):
        Server(secured(port, password="zq7fel"), "order@example.se").deliver(MESSAGE, MAIL)

    assert inbox.envelopes == []
    assert "zq7fel" not in str(error.value)


# ── A server that fails at one step ──────────────────────────────────────────────────────────────


class Faulty:
    """A mail server in a thread that speaks SMTP word by word and goes wrong at `step`.

    `answer` is what it says there; None drops the connection, "stall" says nothing more, "drip" says a byte
    at a time without end. `taken` holds the mails whose last line it saw.
    """

    USUAL = {  # noqa: RUF012 - never changed
        "greeting": "220 mail.example.se", "EHLO": "250-mail.example.se\r\n250 AUTH PLAIN", "HELO": "250 ok",
        "AUTH": "235 ok", "MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on", "dot": "250 taken as 42",
        "QUIT": "221 bye",
    }  # fmt: skip

    def __init__(self, step: str = "", answer: str | None = None) -> None:
        self.step, self.answer = step, answer
        self.taken: list[bytes] = []
        self.words: list[str] = []
        self._over = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> "Faulty":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._listening.close()
        self._thread.join(10)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self._listening.accept()
            with connection, connection.makefile("rb") as lines:
                self._talk(connection, lines)

    def _talk(self, connection, lines):
        if not self._say(connection, "greeting"):
            return
        for line in lines:
            word = line.split()[0].decode().upper()
            self.words.append(word)
            if not self._say(connection, word):
                return
            if word == "DATA" and (self.step != "DATA"):
                if not self._take(connection, lines):
                    return
            elif word == "QUIT":
                return

    def _take(self, connection, lines):
        mail = b""
        for line in lines:
            if line == b".\r\n":
                self.taken.append(mail)
                return self._say(connection, "dot")
            mail += line.removeprefix(b".")
        return False

    def _say(self, connection, step):
        wrong = self.step == step or (self.step, step) == ("EHLO", "HELO")
        answer = self.answer if wrong else self.USUAL[step]
        if answer is None:
            return False
        if answer == "stall":
            self._over.wait(30)
            return False
        if answer == "drip":
            while not self._over.wait(0.05):
                connection.sendall(b"2")
            return False
        connection.sendall(answer.encode("latin-1") + b"\r\n")
        return True


def attempt(server: Faulty) -> str:
    """Send, and say in a word what came of it."""
    settings = plain(server.port, user="shop", password=Secret("hemligt"), timeout=1)
    try:
        Server(settings, "order@example.se").deliver(MESSAGE, MAIL)
    except TemporaryDeliveryError:
        return "later"
    except DeliveryError:
        return "never"
    return "sent"


SESSION = ("greeting", "EHLO", "AUTH")
ENVELOPE = ("MAIL", "RCPT", "DATA", "dot")
NOW, FOR_GOOD = "451 4.3.0 try again", "550 5.1.1 no such user"


@pytest.mark.parametrize(
    ("step", "answer", "outcome"),
    [
        *[(step, answer, "later") for step in SESSION for answer in (NOW, FOR_GOOD, None, "Hej!", "")],
        *[(step, answer, "later") for step in ENVELOPE for answer in (NOW, None, "Hej!", "421 closing", "")],
        *[(step, FOR_GOOD, "never") for step in ENVELOPE],
        *[("QUIT", answer, "sent") for answer in (NOW, FOR_GOOD, None, "Hej!")],
        ("MAIL", "530 5.7.0 authentication required", "later"),
        ("RCPT", "251 will forward", "sent"),
        ("RCPT", "552 5.2.2 mailbox full", "never"),
        ("dot", "220 what", "later"),
        ("", None, "sent"),
    ],
)
def test_each_fault_has_its_consequence(step, answer, outcome):
    with Faulty(step, answer) as server:
        found = attempt(server)

    assert found == outcome


@pytest.mark.parametrize("step", [*SESSION, "MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("answer", [NOW, FOR_GOOD, None])
def test_a_definite_failure_leaves_no_copy(step, answer):
    with Faulty(step, answer) as server:
        attempt(server)

    assert server.taken == []


def test_a_connection_lost_after_the_last_byte_is_tried_again_with_the_same_mail():
    copies = []
    for fault in (("dot", None), ("", None)):
        with Faulty(*fault) as server:
            outcome = attempt(server)
        copies += server.taken

    assert outcome == "sent"
    assert copies == [MAIL, MAIL]


@pytest.mark.parametrize("step", ["EHLO", "RCPT", "dot"])
@pytest.mark.parametrize("answer", ["stall", "drip"])
def test_a_server_that_never_gets_to_the_point_is_left(step, answer):
    with Faulty(step, answer) as server:
        assert attempt(server) == "later"


def test_a_port_where_nobody_answers_is_tried_again():
    with pytest.raises(TemporaryDeliveryError, match=r"127\.0\.0\.1"):
        Server(plain(free_port()), "order@example.se").deliver(MESSAGE, MAIL)


def test_a_refusal_says_what_the_server_said_on_one_line():
    answer = "550-5.1.1 No such user\r\n550 5.1.1 here"
    with Faulty("RCPT", answer) as server, pytest.raises(DeliveryError) as error:
        Server(plain(server.port), "order@example.se").deliver(MESSAGE, MAIL)

    assert str(error.value).endswith("550 5.1.1 No such user 5.1.1 here")


def test_nothing_is_said_to_the_server_after_it_refused_the_recipient():
    with Faulty("RCPT", FOR_GOOD) as server:
        attempt(server)

    assert server.words == ["EHLO", "AUTH", "MAIL", "RCPT"]
