"""`[plugins.sms]`: every fault is told with its key and in words that help."""

from pathlib import Path
from typing import Any

import pytest

from ashop_core.settings import parse_plugin, parse_settings
from ashop_sms import Settings
from ashop_sms.settings import ELKS_URL, TWILIO_URL, sender_from


def read(table: dict[str, Any], folder: Path = Path()) -> tuple[Settings | None, list[str]]:
    settings, _ = parse_settings(folder, {"plugins": {"sms": table}})
    assert settings is not None
    own, problems = parse_plugin(settings, "sms", Settings)
    return own, [problem.text.en for problem in problems]


def account(folder: Path, **changed: object) -> dict[str, object]:
    (folder / "password").write_text("hemligt\n", encoding="utf-8")
    return {"user": "u123", "password": {"file": "password"}, **changed}


def test_without_settings_swedish_mobiles_get_files():
    own, problems = read({})

    assert problems == []
    assert own is not None
    assert own.elks is None
    assert own.countries == ("SE",)


@pytest.mark.parametrize("sender", ["Ashop", "VillaVarme1", "A", "+46701740605"])
def test_a_name_or_a_number_can_be_the_sender(sender):
    own, problems = read({"sender": sender})

    assert problems == []
    assert own is not None
    assert own.sender == sender


@pytest.mark.parametrize(
    "sender",
    ["VillaOchVarme", "Villa Varme", "Värme", "1Villa", "070-1740605", "+0701740605", "A\n", "+46", "A;B"],
)
def test_what_no_phone_can_show_is_no_sender(sender):
    own, problems = read({"sender": sender})

    assert own is None
    assert problems[0].startswith("ashop.toml: plugins.sms: sender: ")
    assert "cannot be a sender" in problems[0]


@pytest.mark.parametrize(
    ("shop_name", "sender"),
    [
        ("Villa & Värme", "VillaVarme"),
        ("Åkes Öl- & Äppelhandel AB", "Akes"),
        ("Åkes Öl", "AkesOl"),
        ("Lampor & Ljus i Örebro", "LamporLjus"),
        ("Belysningsspecialisten", "Belysningss"),
        ("24 Belysningsspecialisten", "Belysningss"),
        ("24 timmar", "timmar"),
        ("餐厅", "Ashop"),
        ("", "Ashop"),
    ],
)
def test_the_shops_name_becomes_a_sender(shop_name, sender):
    assert sender_from(shop_name) == sender
    assert read({"sender": sender})[1] == []


@pytest.mark.parametrize("countries", [[], ["sverige"], ["se"], ["SE", "XX"], ["46"]])
def test_unknown_countries_are_refused(countries):
    own, problems = read({"countries": countries})

    assert own is None
    assert "two capital letters" in problems[0]


def test_known_countries_are_taken():
    own, _ = read({"countries": ["NO", "SE", "FI", "AX"]})

    assert own is not None
    assert own.countries == ("NO", "SE", "FI", "AX")


@pytest.mark.parametrize("parts", [0, -1, 11])
def test_the_number_of_parts_has_its_limits(parts):
    assert "max_parts: must be between 1 and 10" in read({"max_parts": parts})[1][0]


def test_the_account_needs_only_its_user_and_password(tmp_path):
    own, _ = read({"elks": account(tmp_path)}, tmp_path)

    assert own is not None
    assert own.elks is not None
    assert own.elks.url == ELKS_URL
    assert own.elks.url.startswith("https://")
    assert own.elks.password.reveal() == "hemligt"
    assert "hemligt" not in repr(own)


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"password": "hemligt"}, "plugins.sms.elks.password"),
        ({"password": {"env": "ASHOP_NO_SUCH_VARIABLE"}}, "plugins.sms.elks.password"),
        ({"user": ""}, "plugins.sms.elks: user"),
        ({"user": "a:b"}, "plugins.sms.elks: user"),
        ({"timeout": 0}, "plugins.sms.elks: timeout"),
        ({"usr": "u"}, "plugins.sms.elks.usr"),
    ],
)
def test_a_fault_in_the_account_is_told_with_its_key(tmp_path, changed, place):
    _, problems = read({"elks": account(tmp_path, **changed)}, tmp_path)

    assert len(problems) == 1
    assert place in problems[0]


TWILIO = {"account": "AC" + "0" * 32}


def test_an_account_at_twilio_needs_its_sid_and_its_token(tmp_path):
    (tmp_path / "token").write_text("hemligt\n", encoding="utf-8")

    own, problems = read({"twilio": {**TWILIO, "token": {"file": "token"}}}, tmp_path)

    assert problems == []
    assert own is not None
    assert own.twilio is not None
    assert own.twilio.url == TWILIO_URL
    assert own.twilio.token.reveal() == "hemligt"
    assert "hemligt" not in repr(own)


def test_one_provider_is_chosen(tmp_path):
    (tmp_path / "token").write_text("hemligt\n", encoding="utf-8")

    _, problems = read(
        {"elks": account(tmp_path), "twilio": {**TWILIO, "token": {"file": "token"}}}, tmp_path
    )

    assert len(problems) == 1
    assert "choose one provider" in problems[0]


@pytest.mark.parametrize(
    "sid", ["", "u123", "AC123", "ac" + "0" * 32, "AC" + "0" * 31 + "/", "AC" + "0" * 33]
)
def test_a_sid_is_no_path(tmp_path, sid):
    (tmp_path / "token").write_text("hemligt\n", encoding="utf-8")

    assert (
        "plugins.sms.twilio: account"
        in read({"twilio": {"account": sid, "token": {"file": "token"}}}, tmp_path)[1][0]
    )


@pytest.mark.parametrize(
    "url", ["http://api.example.com/sms", "https://user:pw@api.example.com/", "//api", ""]
)
def test_secrets_go_over_an_encrypted_connection_only(tmp_path, url):
    # Every form of address is tried in test_core_calling.
    (tmp_path / "token").write_text("hemligt\n", encoding="utf-8")
    for table in (
        {"elks": account(tmp_path, url=url)},
        {"twilio": {**TWILIO, "token": {"file": "token"}, "url": url}},
        {"report_url": url or "http://shop.example"},
    ):
        assert "must begin with https://" in read(table, tmp_path)[1][0]


@pytest.mark.parametrize("url", ["https://shop.example/reports?a=1", "https://shop.example/reports#a"])
def test_where_reports_are_taken_ends_in_nothing_of_its_own(url):
    assert "report_url" in read({"report_url": url})[1][0]


LIMITS = ("per_number", "per_prefix", "per_order", "per_day", "money_per_day")


@pytest.mark.parametrize("name", LIMITS)
@pytest.mark.parametrize("value", [0, -1, 10**9 + 1, "3", 1.5, True])
def test_a_limit_is_a_number_that_limits(name, value):
    own, problems = read({"limits": {name: value}})

    assert own is None
    assert (
        f"plugins.sms.limits{'.' if not isinstance(value, int) or value is True else ': '}{name}"
        in problems[0]
    )


def test_there_are_limits_without_any_settings():
    own, _ = read({})

    assert own is not None
    assert [getattr(own.limits, name) for name in LIMITS] == [3, 20, 10, 1000, 100_000]
    assert own.limits.unpaid is False
