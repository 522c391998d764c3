"""The table of SMTP faults: 11 points × 6 faults, each through the outbox of a real shop and over TLS."""

from base64 import b64encode
from datetime import timedelta
from pathlib import Path

import pytest

from ashop_core.channels import KeepsOpen
from ashop_core.models import AttemptOutcome, Delivery
from ashop_core.shop import Shop
from ashop_core.testing import place_order
from tests.certificates import make_certificates, server_tls
from tests.smtp_faults import (
    CASES,
    FAULTS,
    POINTS,
    TABLE,
    TAKEN_UNSEEN,
    ScriptedServer,
    Then,
    scripted,
    table,
)

OUTCOME = {
    Then.SENT: AttemptOutcome.SENT,
    Then.REFUSED: AttemptOutcome.REFUSED,
    Then.LATER: AttemptOutcome.LATER,
    Then.DOMAIN: AttemptOutcome.UNREACHABLE,
    Then.CHANNEL: AttemptOutcome.UNREACHABLE,
    Then.UNSURE: AttemptOutcome.UNSURE,
}
DELIVERY = {Then.SENT: Delivery.SENT, Then.REFUSED: Delivery.DEAD}
LANES = {Then.DOMAIN: ["email/example.se"], Then.CHANNEL: ["email/"], Then.UNSURE: ["email/"]}
SHORT, LONG = timedelta(seconds=1), timedelta(seconds=20)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory) -> Path:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def mail_shop(make_shop, server: ScriptedServer, certificates: Path, more: str = "") -> Shop:
    toml = f"""
[plugins.email]
sender = "order@example.se"
[plugins.email.smtp]
host = "127.0.0.1"
port = {server.port}
user = "shop"
password = {{ file = "password" }}
ca = "ca.pem"
{more}"""
    files = {"password": "hemligt", "ca.pem": (certificates / "ca.pem").read_text()}
    return make_shop("email", toml=toml, files=files)


def hang_up(shop: Shop) -> None:
    """Let the channel say goodbye, as it does when the shop is closed or after a while without a mail."""
    channel = shop.channels["email"]
    assert isinstance(channel, KeepsOpen)
    channel.close()


def only_message(shop: Shop, order):
    (message,) = shop.messages(order)
    return message


@pytest.mark.parametrize(("point", "fault", "then"), CASES, ids=[f"{p}: {f}" for p, f, _ in CASES])
def test_each_fault_has_its_consequence(make_shop, clock, certificates, point, fault, then):
    with scripted(server_tls(certificates), (point, fault)) as server:
        shop = mail_shop(make_shop, server, certificates)
        order = place_order(shop)

        shop.deliver(within=SHORT if fault in ("stall", "1 byte/s") else LONG)
        hang_up(shop)

        message = only_message(shop, order)
        (attempt,) = shop.message(message.id).attempts
        assert attempt.outcome is OUTCOME[then]
        assert message.delivery is DELIVERY.get(then, Delivery.WAITING)
        assert [lane.code for lane in shop.lanes()] == LANES.get(then, [])
        assert len(server.taken) == (then is Then.SENT or (point, fault) in TAKEN_UNSEEN)

        server.mend()
        clock.advance(minutes=15)
        shop.deliver(within=LONG)

        # N4: one copy more than nothing for each attempt whose end nobody knows; N6: none for what was refused.
        message = only_message(shop, order)
        unsure = sum(a.outcome is AttemptOutcome.UNSURE for a in shop.message(message.id).attempts)
        again = then not in (Then.SENT, Then.REFUSED)
        assert message.delivery is (Delivery.DEAD if then is Then.REFUSED else Delivery.SENT)
        assert message.attempts == 1 + again
        assert len(server.taken) == (then is not Then.REFUSED) + ((point, fault) in TAKEN_UNSEEN)
        assert len(server.taken) <= 1 + unsure
        assert len(set(server.taken)) <= 1  # N5: the same bytes, with the same Message-ID
        assert shop.lanes() == []
        assert shop.order(order).status == "received"


@pytest.mark.parametrize(
    "echo", ["hemligt", b64encode(b"hemligt").decode(), b64encode(b"\0shop\0hemligt").decode()]
)
def test_a_server_that_repeats_the_password_does_not_tell_it(make_shop, certificates, echo):
    with scripted(server_tls(certificates)) as server:
        server.answers["AUTH"] = [f"535 5.7.8 who is “{echo}”?"]
        shop = mail_shop(make_shop, server, certificates)
        order = place_order(shop)

        shop.deliver(within=LONG)
        hang_up(shop)

        (attempt,), (lane,) = shop.message(only_message(shop, order).id).attempts, shop.lanes()
        assert attempt.words == lane.words == "the mail could not be delivered now: 535 5.7.8 who is “***”?"


def test_the_table_is_whole_and_in_the_documentation():
    readme = Path(__file__).parents[1] / "plugins" / "email" / "README.md"

    assert tuple(TABLE) == POINTS
    assert {len(row) for row in TABLE.values()} == {len(FAULTS)}
    assert table() in readme.read_text(encoding="utf-8")
