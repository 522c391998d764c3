"""The channel `sms` with each of its providers, in the suite that every channel has to pass."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest

from ashop_core import Shop
from ashop_core.channels import IncomingReport
from ashop_core.models import Arrival, Customer, Message
from ashop_core.testing import MakeShop, some_customer
from ashop_core.testing.channel_suite import ChannelSuite
from ashop_core.testing.receivers import Copy, Receiver, Request, WebReceiver
from ashop_sms.reports import MESSAGE, TOKEN
from tests.sms_gateways import ELKS, REPORTS, SECRET, TWILIO, Kind, open_shop
from tests.sms_reports import report_on

TOLD = '[statuses.received]\nnotify = ["sms"]\n'
UNPAID = "[plugins.sms.limits]\nunpaid = true\nper_number = 100\n"


class SmsSuite(ChannelSuite):
    """What both providers share."""

    code = "sms"
    tells_repetitions = False
    kind: Kind

    @pytest.fixture(autouse=True)
    def secret(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("SMS_SECRET", SECRET)

    @pytest.fixture
    def shop(self, make_shop: MakeShop, receiver: WebReceiver) -> Shop:
        host = receiver.url.rstrip("/")
        return open_shop(make_shop, self.kind, host, report_url=REPORTS, toml=TOLD + UNPAID)

    @pytest.fixture
    def unreachable(self) -> Customer:
        return some_customer(phone="08-123 456 78")

    @pytest.fixture
    def receiver(self) -> Iterator[Receiver]:
        with WebReceiver(self._read, answer=self.kind.yes("s1").encode()) as receiver:
            yield receiver

    def _read(self, request: Request) -> Copy:
        form = {name: values[0] for name, values in parse_qs(request.body.decode()).items()}
        told = parse_qs(urlsplit(form[self.kind.report]).query)
        return Copy(to=form[self.kind.to], words=form[self.kind.words], id=told[MESSAGE][0])

    def genuine(self, shop: Shop, message: Message, arrival: Arrival) -> IncomingReport:
        return report_on(self.kind, message, arrival.value)

    def forged(self, shop: Shop, message: Message, arrival: Arrival) -> Iterator[IncomingReport]:
        right = report_on(self.kind, message, arrival.value)
        for changed in (
            {TOKEN: ""},
            {TOKEN: right.form[TOKEN][:-1] + "x"},
            {MESSAGE: "f" * 24},
            {MESSAGE: ""},
        ):
            yield IncomingReport(url=right.url, form={**right.form, **changed}, headers=right.headers)


class TestElks(SmsSuite):
    """46elks."""

    kind = ELKS


class TestTwilio(SmsSuite):
    """Twilio."""

    kind = TWILIO
