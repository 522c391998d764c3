"""The suite of channels: those that ship pass it, so does the documentation's example, and each fault is found."""

from __future__ import annotations

from collections.abc import Iterator
from email import message_from_bytes
from email.policy import SMTP
from typing import Any, ClassVar

import pytest

from ashop_core import Shop
from ashop_core.channels import IncomingReport
from ashop_core.models import Arrival, Customer, Message
from ashop_core.testing import MakeShop, some_customer
from ashop_core.testing.channel_suite import ChannelSuite
from ashop_core.testing.receivers import Behaviour, Copy, Receiver
from ashop_core.texts import Text
from tests.broken_channels import FAULTS
from tests.chat_channel import ChatSuite, FullSuite
from tests.smtp_faults import ScriptedServer, scripted


class TestChat(ChatSuite):
    """The example of docs/channels.md."""


class TestFullChat(FullSuite):
    """One that offers all that a channel may offer."""


class MailReceiver:
    """The scripted mail server as a receiving side."""

    HOW: ClassVar = {
        Behaviour.WORKS: None,
        Behaviour.REFUSES: ("RCPT", "5xx"),
        Behaviour.FAILS: ("RCPT", "4xx"),
        Behaviour.DOWN: ("banner", "drop"),
        Behaviour.DROPS: ("last line", "drop"),
        Behaviour.SILENT: ("last line", "stall"),
    }

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server

    def behave(self, how: Behaviour) -> None:
        self.server.fault = self.HOW[how]

    def copies(self) -> list[Copy]:
        mails = [message_from_bytes(data, policy=SMTP) for data in self.server.taken]
        return [
            Copy(to=mail["To"], words=mail.get_body(("plain",)).get_content(), id=mail["Message-ID"])  # type: ignore[union-attr]
            for mail in mails
        ]


class EmailSuite(ChannelSuite):
    """E-mail: whom it reaches, and what comes back."""

    code = "email"

    @pytest.fixture
    def unreachable(self) -> Customer:
        return some_customer(email="")

    def genuine(self, shop: Shop, message: Message, arrival: Arrival) -> IncomingReport:
        return bounce(message.message_id, arrival)

    def forged(self, shop: Shop, message: Message, arrival: Arrival) -> list[IncomingReport]:
        return [bounce("f" * 24, arrival), bounce("", arrival), IncomingReport(body=b"it arrived")]


def bounce(token: str, arrival: Arrival) -> IncomingReport:
    """Return what a mail server writes of a mail with this token."""
    parts = (
        "From: MAILER-DAEMON@mail.example.se\nMIME-Version: 1.0\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=x\n",
        f"Content-Type: message/delivery-status\n\nOriginal-Envelope-ID: {token}\n\n"
        f"Final-Recipient: rfc822; asa@example.se\nAction: {arrival.value}\nStatus: 5.1.1\n",
        "",
    )
    return IncomingReport(body="\n--x\n".join(parts).encode() + b"--x--\n")


class TestEmail(EmailSuite):
    """E-mail to a mail server."""

    @pytest.fixture
    def receiver(self) -> Iterator[Receiver]:
        with scripted() as server:
            yield MailReceiver(server)

    @pytest.fixture
    def shop(self, make_shop: MakeShop, receiver: MailReceiver) -> Shop:
        smtp = f'host = "127.0.0.1"\nport = {receiver.server.port}\nsecurity = "none"\n'
        own = '[plugins.email]\nsender = "order@example.se"\n'
        return make_shop("email", toml=f"{own}[plugins.email.smtp]\n{smtp}")


class TestEmailInFiles(EmailSuite):
    """E-mail of a shop that has no mail server yet."""

    @pytest.fixture
    def shop(self, make_shop: MakeShop) -> Shop:
        return make_shop("email")


class Outcomes:
    """Listens to a test run: which tests failed, and how many there were."""

    def __init__(self) -> None:
        self.failed: set[str] = set()
        self.words: list[str] = []
        self.count = 0

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.count += report.when == "call"
        if report.failed:
            self.failed.add(report.nodeid.partition("::")[2])
            self.words.append(f"{report.nodeid}: {report.longrepr}")


def run_suite(request, *tests: str) -> Outcomes:
    """Run the suite, or some tests of it, on channels with a fault."""
    path = f"{request.config.rootpath}/tests/broken_channels.py"
    plugins = ("randomly", "xdist", "cacheprovider", "terminal")
    options = [arg for plugin in plugins for arg in ("-p", f"no:{plugin}")]
    outcomes = Outcomes()
    pytest.main([*(f"{path}::{test}" for test in tests), *options], plugins=[outcomes])
    return outcomes


def test_each_fault_is_found(request):
    caught = {f"Test_{name}::{test}" for name, fault in FAULTS.items() for test in fault.caught}

    outcomes = run_suite(request, *sorted(caught))  # all at once: what takes time is to start

    assert outcomes.count == len(caught)
    assert outcomes.failed == caught


@pytest.mark.prove
@pytest.mark.parametrize("name", FAULTS)
def test_no_other_test_minds_the_fault(name, request):
    outcomes = run_suite(request, f"Test_{name}")

    assert outcomes.failed == {f"Test_{name}::{test}" for test in FAULTS[name].caught}, "\n".join(
        outcomes.words
    )
    assert outcomes.count >= 30


def test_a_channel_that_reaches_everybody_says_so(make_shop):
    with pytest.raises(pytest.skip.Exception, match="reaches everybody"):
        ChannelSuite().test_a_customer_without_an_address_is_sent_nothing(make_shop("email"), None, None)


def test_a_code_is_one_plain_word():
    class Odd:
        code = "Chat room"
        label = Text("Chatt", "Chat")
        recipient = address = render = send = str

    with pytest.raises(AssertionError, match="is no word like"):
        ChannelSuite().test_it_has_what_every_channel_has(Odd())  # type: ignore[arg-type]
