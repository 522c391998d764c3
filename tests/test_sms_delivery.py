"""Whom an SMS may reach, what staff are told of it before it goes, and the file it becomes without a provider."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ashop_core.errors import TemporaryDeliveryError
from ashop_core.models import Customer, Delivery, Message, Rendered
from ashop_core.settings import Settings, parse_plugin, parse_settings
from ashop_sms import Settings as SmsSettings
from ashop_sms.channel import SmsChannel

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
WITHIN = timedelta(seconds=5)
MESSAGE = Message(
    id=13,
    order_id=7,
    seq=5,
    channel="sms",
    template="shipped",
    recipient="+46701740605",
    language="sv",
    delivery=Delivery.CLAIMED,
    attempts=1,
    message_id="0123456789abcdef01234567",
    created_at=AT,
    due_at=AT,
    planned_at=AT,
)
TEXT = "Villa & Värme: Din beställning 100234 är på väg. 100 % klart + 5 €"
RENDERED = Rendered(subject="", body=TEXT, sender="VillaVarme")


def channel(folder: Path, toml: dict[str, object] | None = None, currency: str = "SEK") -> SmsChannel:
    shop = {"name": "Villa & Värme", "currency": currency}
    settings, problems = parse_settings(folder, {"shop": shop, "plugins": {"sms": toml or {}}})
    assert settings is not None
    own, more = parse_plugin(settings, "sms", SmsSettings)
    assert problems + more == []
    filled: Settings = settings.with_plugins({SmsSettings: own})
    return SmsChannel(filled)


# ── Recipients ───────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("070-174 06 05", "+46701740605"),
        ("0701740605", "+46701740605"),
        ("  +46 (0)70 174 06 05 ", "+46701740605"),
        ("0046701740605", "+46701740605"),
        ("０７０１７４０６０５", "+46701740605"),
        ("08-123 456 78", None),  # a fixed line
        ("0900-123 45 67", None),  # premium
        ("0939-123 45 67", None),  # premium
        ("077-123 45 67", None),  # shared cost
        ("0771-12 34 56", None),  # shared cost
        ("020-12 34 56", None),  # free of charge to call, and no phone that reads
        ("0900-100 10 00", None),  # premium
        ("0944-123 45 67", None),  # premium
        ("0099-12 34 56", None),  # premium
        ("0719-12 34 56", None),  # machines
        ("0746-12 34 56", None),  # a pager
        ("010-123 45 67", None),  # a company's number
        ("0378-12 34 56 78 90 12", None),  # longer than any number
        ("112", None),
        ("71234", None),  # a short number
        ("+46 (0) 70-174 06 05;ext=5", None),
        ("tel:+46701740605", "+46701740605"),
        ("+47 406 12 345", None),  # Norway
        ("+44 7911 123456", None),  # Great Britain
        ("+44 7781 123456", None),  # Guernsey, a favourite of SMS pumpers
        ("+1 212 555 0100", None),
        ("+88213 123 456", None),  # satellite
        ("070", None),
        ("+46701740605 ext. 5", None),
        ("", None),
        ("ring mig", None),
        ("0701740605\r\nBcc: 0701740606", None),
        ("+4670" + "1" * 300, None),
    ],
)
def test_only_swedish_mobiles_get_an_sms(tmp_path, typed, number):
    assert channel(tmp_path).recipient(Customer(phone=typed)) == number
    assert channel(tmp_path).address(typed) == number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("40612345", "+4740612345"),
        ("+46701740605", "+46701740605"),
        ("+4531234567", None),
        ("81549300", None),
    ],
)
def test_the_shop_chooses_the_countries_and_the_first_is_its_own(tmp_path, typed, number):
    assert channel(tmp_path, {"countries": ["NO", "SE"]}).recipient(Customer(phone=typed)) == number


def test_where_mobiles_look_like_fixed_lines_both_pass(tmp_path):
    american = channel(tmp_path, {"countries": ["US"]})

    assert american.recipient(Customer(phone="(212) 456-7890")) == "+12124567890"
    assert american.recipient(Customer(phone="1-900-456-7890")) is None


@pytest.mark.parametrize(
    "typed",
    [
        "+1 900 456 7890", "+1 976 456 7890", "+44 909 879 0000", "+44 70 1234 5678", "+49 900 1 123456",
        "+33 899 123456", "+39 899 123456", "+34 803 123456", "+31 906 123456", "+47 829 12 345", "+45 90 12 34 56",
        "+358 600 12345", "+371 90 123456", "+370 900 12345", "+372 900 1234", "+48 70 123 4567",
    ],
)  # fmt: skip
def test_premium_numbers_get_none_wherever_an_sms_may_go(tmp_path, typed):
    everywhere = ["SE", "US", "GB", "DE", "FR", "IT", "ES", "NL", "NO", "DK", "FI", "LV", "LT", "EE", "PL"]

    assert channel(tmp_path, {"countries": everywhere}).recipient(Customer(phone=typed)) is None


# ── What staff are told ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("body", "toml", "currency", "sv", "en"),
    [
        ("a" * 170, {}, "SEK", "2 delar (GSM-7, 170 tecken), ca 0,90 kr", "2 parts (GSM-7, 170 characters), about SEK 0.90"),
        ("Hej", {}, "SEK", "1 del (GSM-7, 3 tecken), ca 0,45 kr", "1 part (GSM-7, 3 characters), about SEK 0.45"),
        ("Hej 🚚", {}, "EUR", "1 del (UCS-2, 6 tecken)", "1 part (UCS-2, 6 characters)"),
        (
            "ж" * 71, {"part_price": 8}, "EUR",
            "2 delar (UCS-2, 71 tecken), ca 0,16 €", "2 parts (UCS-2, 71 characters), about EUR 0.16",
        ),
    ],
)  # fmt: skip
def test_staff_see_how_many_parts_an_sms_is_and_about_what_it_costs(tmp_path, body, toml, currency, sv, en):
    words = channel(tmp_path, toml, currency).describe(replace(RENDERED, body=body), "+46701740605")

    assert words.sv.replace("\N{NO-BREAK SPACE}", " ") == sv
    assert words.en.replace("\N{NO-BREAK SPACE}", " ") == en


# ── Files ────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_provider_each_sms_becomes_a_file(tmp_path):
    sending = channel(tmp_path)

    receipts = {sending.send(replace(MESSAGE, attempts=n), RENDERED, WITHIN) for n in (1, 2)}

    (path,) = (tmp_path / "outbox").iterdir()
    assert path.name == "00000013-shipped.txt"
    assert receipts == {f"outbox/{path.name}"}
    assert path.read_text(encoding="utf-8") == (
        f"To: +46701740605\nFrom: VillaVarme\nDate: 2026-11-23T12:00:00.000000Z\n"
        f"Parts: 1 (GSM-7, {len(TEXT) + 1} characters)\n\n{TEXT}\n"
    )


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path):
    (tmp_path / "outbox").write_text("a file in its place", encoding="utf-8")

    with pytest.raises(TemporaryDeliveryError, match="outbox"):
        channel(tmp_path).send(MESSAGE, RENDERED, WITHIN)


def test_what_was_written_can_be_read_again(tmp_path):
    sending = channel(tmp_path)
    sending.send(MESSAGE, replace(RENDERED, body="Rad ett.\n\nRad två: å"), WITHIN)
    (tmp_path / "outbox" / "notes.txt").write_bytes(b"milk\n\n\xff")

    (found,) = sending.written()

    assert (found.path.name, found.to, found.body) == (
        "00000013-shipped.txt",
        "+46701740605",
        "Rad ett.\n\nRad två: å",
    )
