"""`[plugins.email]`: every fault is told with its key and in words that help."""

from pathlib import Path
from typing import Any

import pytest

from ashop_core.settings import parse_plugin, parse_settings
from ashop_email import Settings

SERVER = {"host": "smtp.example.se"}


def read(table: dict[str, Any], folder: Path = Path()) -> tuple[Settings | None, list[str]]:
    settings, _ = parse_settings(folder, {"plugins": {"email": table}})
    assert settings is not None
    own, problems = parse_plugin(settings, "email", Settings)
    return own, [problem.text.en for problem in problems]


def test_without_settings_mail_becomes_files_from_nobody():
    own, problems = read({})

    assert problems == []
    assert own is not None
    assert own.smtp is None
    assert own.outbox == "outbox"


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 587)])
def test_the_usual_port_goes_with_the_protection(security, port):
    own, _ = read({"sender": "order@example.se", "smtp": {**SERVER, "security": security}})

    assert own is not None
    assert own.smtp is not None
    assert own.smtp.real_port == port


def test_the_connection_is_encrypted_unless_told_otherwise():
    own, _ = read({"sender": "order@example.se", "smtp": SERVER})

    assert own is not None
    assert own.smtp is not None
    assert own.smtp.security == "starttls"


@pytest.mark.parametrize(
    ("table", "place", "words"),
    [
        ({"sender": "order"}, "plugins.email: sender", "not a usable e-mail address"),
        ({"sender": "order@example.se\r\nBcc: x@example.se"}, "plugins.email: sender", "not a usable"),
        ({"sender": "Åsa <order@example.se>"}, "plugins.email: sender", "not a usable"),
        ({"sender": "order@localhost"}, "plugins.email: sender", "not a usable"),
        ({"sender": "åsa@example.se"}, "plugins.email: sender", "not a usable"),
        ({"reply_to": "Bo <bo@example.se>"}, "plugins.email: reply_to", "not a usable"),
        ({"bounces": "a@example.se, b@example.se"}, "plugins.email: bounces", "not a usable"),
        ({"sender_name": "Villa\nVärme"}, "sender_name", "line breaks"),
        ({"outbox": " "}, "outbox", "name of a folder"),
        ({"smtp": SERVER}, "sender", "is missing"),
        ({"sender": "a@example.se", "smtp": {}}, "plugins.email.smtp.host", "is missing"),
        ({"sender": "a@example.se", "smtp": {"host": "a b"}}, "plugins.email.smtp: host", "server's name"),
        ({"sender": "a@example.se", "smtp": {"host": "smtp..example.se"}}, "plugins.email.smtp: host", "server's name"),
        ({"sender": "a@example.se", "smtp": {"host": "s" * 64 + ".se"}}, "plugins.email.smtp: host", "server's name"),
        ({"sender": "a@example.se", "smtp": {**SERVER, "port": 0}}, "plugins.email.smtp: port", "between 1 and 65535"),
        ({"sender": "a@example.se", "smtp": {**SERVER, "timeout": 0}}, "plugins.email.smtp: timeout", "between 1"),
        ({"sender": "a@example.se", "smtp": {**SERVER, "security": "ssl"}}, "smtp.security", "starttls, tls, none"),
        ({"sender": "a@example.se", "smtp": {**SERVER, "password": "x"}}, "smtp.password", "not written in the file"),
        ({"sender": "a@example.se", "smtp": {**SERVER, "user": "x"}}, "smtp: password", "both user and password"),
        ({"sendr": "a@example.se"}, "plugins.email.sendr", "did you mean sender"),
    ],
)  # fmt: skip
def test_a_fault_is_told_with_its_key(table, place, words):
    own, problems = read(table)

    assert own is None
    assert len(problems) == 1
    assert problems[0].startswith("ashop.toml: plugins.email")
    assert place in problems[0]
    assert words in problems[0]


def test_several_faults_are_told_at_once():
    _, problems = read({"sender": "a@example.se", "smtp": {"host": "", "port": 70000}})

    assert "host: " in problems[0]
    assert "port: " in problems[0]


def test_a_password_is_read_from_its_file_and_never_shown(tmp_path):
    (tmp_path / "password").write_text("hemligt\n", encoding="utf-8")
    smtp = {**SERVER, "user": "shop", "password": {"file": "password"}}

    own, _ = read({"sender": "order@example.se", "smtp": smtp}, tmp_path)

    assert own is not None
    assert own.smtp is not None
    assert own.smtp.password is not None
    assert own.smtp.password.reveal() == "hemligt"
    assert "hemligt" not in repr(own)


@pytest.mark.parametrize(("user", "password"), [("order", "hämligt"), ("åsa", "hemligt")])
def test_a_login_that_python_cannot_write_down_is_refused_without_telling_it(user, password, tmp_path):
    (tmp_path / "password").write_text(password, encoding="utf-8")
    login = {"user": user, "password": {"file": "password"}}

    own, problems = read({"sender": "a@example.se", "smtp": {**SERVER, **login}}, tmp_path)

    assert own is None
    assert "plugins.email.smtp: password: may, like user, have characters of ASCII only" in problems[0]
    assert password not in problems[0]


@pytest.mark.parametrize(
    ("host", "accepted"), [("smtp.example.se", False), ("127.0.0.1", True), ("localhost", True)]
)
def test_a_password_goes_in_the_clear_to_this_computer_only(host, accepted, tmp_path):
    (tmp_path / "password").write_text("hemligt", encoding="utf-8")
    smtp = {"host": host, "user": "shop", "password": {"file": "password"}, "security": "none"}

    own, problems = read({"sender": "order@example.se", "smtp": smtp}, tmp_path)

    assert (own is not None) == accepted
    assert any("in the clear" in problem for problem in problems) != accepted
