"""`[plugins.sms]`: every fault is told with its key and in words that help."""

from pathlib import Path
from typing import Any

import pytest

from ashop_core.settings import parse_plugin, parse_settings
from ashop_sms import Settings
from ashop_sms.settings import ELKS_URL, sender_from


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
        ("Åkes Öl- & Äppelhandel AB", "AkesOlAppel"),
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


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/sms",
        "http://127.1/sms",
        "http://2130706433/",
        "http://0.0.0.0/",
        "http://[::]/",
        "http://[::ffff:127.0.0.1]/",
        "http://169.254.169.254/latest/meta-data",
        "http://localhost.example.com/",
        "http://127.0.0.1.example.com/",
        "http://127.0.0.1@example.com/",
        "http://localhost:x/",
        "https://user:password@api.example.com/",
        "https://",
        "https:///sms",
        "https://api.example.com:0/",
        "https://api.example.com:99999/",
        "https://api.example.com/a b",
        "https://api.example.com/\r\nX: y",
        "https://[::1",
        "ftp://api.example.com/",
        "file:///etc/passwd",
        "//api.example.com/sms",
        "api.example.com/sms",
        "javascript:alert(1)",
        "HTTP://API.EXAMPLE.COM/",
        "",
    ],
)
def test_the_password_goes_over_an_encrypted_connection_only(tmp_path, url):
    own, problems = read({"elks": account(tmp_path, url=url)}, tmp_path)

    assert own is None
    assert "must begin with https://" in problems[0]


@pytest.mark.parametrize(
    "url",
    [
        "https://api.example.com/a1/sms",
        "http://127.0.0.1:8080/sms",
        "http://localhost/sms",
        "http://[::1]:1/",
    ],
)
def test_this_computer_needs_no_encryption(tmp_path, url):
    assert read({"elks": account(tmp_path, url=url)}, tmp_path)[1] == []
