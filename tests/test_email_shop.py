"""E-mail and SMS in a real shop: what is written when an order is placed, sent and previewed."""

import email
import email.policy
import json
from pathlib import Path

import pytest

from ashop_core import StatusRequest
from ashop_core.models import Delivery
from ashop_core.shop import Shop
from ashop_core.testing import place_order, some_customer, write_shop
from tests.smtp_faults import scripted

PARCEL = "00373500489530471234"


def written(shop) -> list[Path]:
    outbox = shop.settings.path("outbox")
    return sorted(outbox.iterdir()) if outbox.exists() else []


def read(path: Path):
    return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


def ship(shop, order):
    shop.approve(order)
    shop.add_payment(order, _paid(order))
    shop.change_status(order, "reviewed")
    shop.change_status(order, "shipped", fields={"parcel_number": PARCEL})


def _paid(order):
    from ashop_core import NewPayment
    from ashop_core.models import PaymentKind

    return NewPayment(kind=PaymentKind.PAID, amount=order.total)


def test_a_placed_order_is_confirmed_by_mail(make_shop):
    shop = make_shop("email", "sms")
    order = place_order(shop)

    shop.deliver()

    (path,) = written(shop)
    assert read(path)["Subject"] == f"Tack för din beställning {order.number}"
    assert read(path)["To"] == "asa@example.se"
    assert "Åsa Öberg" in read(path).get_body(("plain",)).get_content()


def test_a_sent_order_is_told_by_mail_and_sms_with_its_parcel_number(make_shop):
    shop = make_shop("email", "sms")
    order = place_order(shop)
    ship(shop, order)

    shop.deliver()
    shop.deliver()  # the second mail waits until the first has gone

    mail, sms = [path for path in written(shop) if "shipped" in path.name]
    assert PARCEL in read(mail).get_body(("plain",)).get_content()
    assert PARCEL in read(mail).get_body(("html",)).get_content()
    assert sms.read_text(encoding="utf-8").startswith(
        "To: +46701740605\nFrom: VillaVarme\nDate: 2026-11-23T12:00:00.000000Z\nParts: 1 (GSM-7"
    )
    assert f"Kollinummer: {PARCEL}" in sms.read_text(encoding="utf-8")


def test_the_order_keeps_what_was_sent_and_where(make_shop):
    shop = make_shop("email", "sms")
    order = place_order(shop)

    shop.deliver()

    (message,) = shop.messages(order)
    assert message.delivery is Delivery.SENT
    assert message.receipt == f"outbox/{written(shop)[0].name}"
    assert message.rendered is not None
    assert message.rendered.html is not None
    assert "Tack för din beställning" in message.rendered.subject


SMTP = '[plugins.email]\nsender = "a@b.se"\n[plugins.email.smtp]\nhost = "127.0.0.1"\n'
ELKS = '[plugins.sms.elks]\nuser = "u"\npassword = { file = "secret" }\n'


@pytest.mark.parametrize(
    ("toml", "told"),
    [
        ("", ["mail_written", "sms_written"]),
        (SMTP, ["sms_written"]),
        (SMTP + ELKS, []),
    ],
)
def test_the_doctor_tells_of_each_channel_that_only_writes_files(ashop, tmp_path, clock, toml, told):
    home = write_shop(tmp_path / "shop", "email", "sms", files={"secret": "hemligt"})
    with Shop.open(home, clock=clock) as shop:
        order = place_order(shop)
        ship(shop, order)
        shop.deliver()
        shop.deliver()
    write_shop(home, "email", "sms", toml=toml, files={"secret": "hemligt"})

    found = json.loads(ashop("doctor", "--json").stdout)["found"]

    assert [one["code"] for one in found if one["code"].endswith("_written")] == told
    assert not any(one["serious"] for one in found if one["code"].endswith("_written"))


@pytest.mark.parametrize(
    ("toml", "files", "told"),
    [
        (f'{SMTP}ca = "egen.pem"\n', {}, ["mail_ca"]),
        (f'{SMTP}ca = "egen.pem"\n', {"egen.pem": "x"}, []),
        (SMTP, {}, []),
    ],
)
def test_the_doctor_tells_of_authorities_that_are_missing(ashop, tmp_path, toml, files, told):
    write_shop(tmp_path / "shop", "email", toml=toml, files=files)

    assert told_of(ashop, "mail_ca") == told


@pytest.mark.parametrize(
    ("toml", "currency", "told"),
    [
        (ELKS, "NOK", ["sms_price"]),
        (f"[plugins.sms]\npart_price = 60\n{ELKS}", "NOK", []),
        (ELKS, "SEK", []),
        ("", "NOK", []),
    ],
)
def test_the_doctor_tells_of_a_cap_on_money_that_counts_none(ashop, tmp_path, toml, currency, told):
    home = write_shop(tmp_path / "shop", "sms", toml=toml, files={"secret": "hemligt"})
    settings = home / "ashop.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("[shop]", f'[shop]\ncurrency = "{currency}"'), encoding="utf-8")

    assert told_of(ashop, "sms_price") == told


def told_of(ashop, code: str) -> list[str]:
    found = json.loads(ashop("doctor", "--json").stdout)["found"]
    return [one["code"] for one in found if one["code"] in (code, "invalid")]


def test_the_doctor_says_nothing_of_files_before_there_are_any(ashop, tmp_path):
    write_shop(tmp_path / "shop", "email", "sms")

    assert "_written" not in ashop("doctor", "--json").stdout


def test_every_attempt_has_the_sender_that_was_there_at_the_first(make_shop, clock):
    def settings(port: int, name: str, address: str) -> str:
        smtp = f'smtp = {{ host = "127.0.0.1", port = {port}, security = "none" }}'
        own = f'sender = "{address}"\nsender_name = "{name}"\nreply_to = "fraga@{name.lower()}.example"'
        return f"[plugins.email]\n{own}\n{smtp}\n"

    with scripted() as server:
        server.answers["last line"] = ["451 4.3.0 not now"]
        shop = make_shop("email", toml=settings(server.port, "Villa", "order@villa.example"))
        order = place_order(shop)
        shop.deliver()
        shop.close()

        clock.advance(hours=1)
        shop = make_shop("email", toml=settings(server.port, "Borg", "order@borg.example"))
        shop.deliver()
        (message,) = shop.messages(order)
        shop.close()

    (found,) = [email.message_from_bytes(data, policy=email.policy.default) for data in server.taken]
    assert (found["From"], found["Reply-To"]) == ("Villa <order@villa.example>", "fraga@villa.example")
    assert found["Message-ID"] == f"<{message.message_id}@villa.example>"
    assert message.rendered is not None
    assert (message.rendered.sender, message.attempts) == ("Villa <order@villa.example>", 2)


def test_a_customer_who_cannot_be_reached_is_sent_nothing(make_shop):
    shop = make_shop("email", "sms")
    order = place_order(shop, customer=some_customer(email="", phone="08-123 456 78"))
    ship(shop, order)

    shop.deliver()

    assert shop.messages(order) == []
    assert written(shop) == []


def test_a_preview_shows_the_words_and_sends_nothing(make_shop):
    shop = make_shop("email", "sms")
    order = place_order(shop, delivery="pickup", language="en")
    shop.deliver()
    shop.approve(order)
    shop.change_status(order, "reviewed")

    outcome = shop.preview(order, StatusRequest(to="ready_for_pickup"))

    assert {words.subject for _, words in outcome.previews} == {
        f"Your order {order.number} is ready to collect",
        "",
    }
    assert len(written(shop)) == 1


def test_a_broken_template_of_the_shop_stops_neither_change_nor_other_channels(make_shop):
    shop = make_shop("email", "sms", files={"templates/email/shipped.sv.txt": "Hej {{ nobody }}"})
    order = place_order(shop)
    ship(shop, order)

    shop.deliver()
    shop.deliver()

    told = {message.channel: message for message in shop.messages(order) if message.template == "shipped"}
    assert shop.order(order).status == "shipped"
    assert told["sms"].delivery is Delivery.SENT
    assert told["email"].delivery is Delivery.WAITING
    assert "shipped.sv.txt" in told["email"].error


@pytest.mark.parametrize("name", ["email", "sms"])
def test_loading_the_plugin_loads_no_other_library(name):
    # `ashop --help` loads every enabled plugin.
    import subprocess
    import sys

    code = f"import json, sys, ashop_{name}; print(json.dumps(sorted(sys.modules)))"
    loaded = set(
        json.loads(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
    )

    heavy = {
        "jinja2",
        "css_inline",
        "email_validator",
        "babel",
        "smtplib",
        "httpcore2",
        "phonenumbers",
        "gsm0338",
        "cattrs",
    }
    assert f"ashop_{name}" in loaded
    assert loaded & heavy == set()
