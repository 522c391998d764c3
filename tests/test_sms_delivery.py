"""Where an SMS goes: whom it may reach, a file, and 46elks.

The provider here is a double: pytest-httpserver on a real socket, made after 46elks' published API (a form POST
of from, to and message with Basic authentication, answered by JSON with id, status and cost).
"""

import base64
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from ashop_core.errors import AshopError, DeliveryError, TemporaryDeliveryError
from ashop_core.models import Customer, Delivery, Message, Rendered
from ashop_core.outbox import Channel
from ashop_core.settings import Settings, parse_plugin, parse_settings
from ashop_core.validation import Secret
from ashop_sms import Settings as SmsSettings
from ashop_sms import ashop_register_channels
from ashop_sms.elks import LARGEST_ANSWER, UNCLEAR_ATTEMPTS, Elks
from ashop_sms.settings import ElksSettings

AT = datetime(2026, 11, 23, 12, tzinfo=UTC)
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
    message_id="K-7F3QX2-5-shipped-sms",
    created_at=AT,
    due_at=AT,
)
TEXT = "Villa & Värme: Din beställning 100234 är på väg. 100 % klart + 5 €"
TAKEN = {"id": "s70df59406a1b4643b96f3f91e0bfb7b0", "status": "created", "cost": 3500, "parts": 1}


def channel(folder: Path, toml: dict[str, object] | None = None) -> Channel:
    document = {"shop": {"name": "Villa & Värme"}, "plugins": {"sms": toml or {}}}
    settings, problems = parse_settings(folder, document)
    assert settings is not None
    own, more = parse_plugin(settings, "sms", SmsSettings)
    assert problems + more == []
    filled: Settings = settings.with_plugins({SmsSettings: own})
    (found,) = ashop_register_channels(settings=filled)
    return found


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


# ── Files ────────────────────────────────────────────────────────────────────────────────────────


def test_without_a_provider_each_sms_becomes_a_file(tmp_path):
    sending = channel(tmp_path)

    receipts = {sending.send(replace(MESSAGE, attempts=n), Rendered(subject="", body=TEXT)) for n in (1, 2)}

    (path,) = (tmp_path / "outbox").iterdir()
    assert path.name == "00000013-shipped.txt"
    assert receipts == {f"outbox/{path.name}"}
    assert path.read_text(encoding="utf-8") == (
        f"To: +46701740605\nFrom: VillaVarme\nParts: 1 (GSM-7, {len(TEXT) + 1} characters)\n\n{TEXT}\n"
    )


def test_a_folder_that_cannot_be_written_is_tried_again(tmp_path):
    (tmp_path / "outbox").write_text("a file in its place", encoding="utf-8")

    with pytest.raises(TemporaryDeliveryError, match="outbox"):
        channel(tmp_path).send(MESSAGE, Rendered(subject="", body=TEXT))


# ── 46elks ───────────────────────────────────────────────────────────────────────────────────────


def elks(url: str, **changed: object) -> Elks:
    settings = ElksSettings(user="u123", password=Secret("hemligt"), url=url, **changed)  # type: ignore[arg-type]
    return Elks(settings, "VillaVarme")


def attempt(httpserver: HTTPServer, response: Response, attempts: int = 1) -> tuple[str, AshopError | str]:
    """Send to a provider that answers so; say in a word what came of it, and the receipt or the error."""
    httpserver.expect_request("/a1/sms", method="POST").respond_with_response(response)
    try:
        receipt = elks(httpserver.url_for("/a1/sms")).deliver(replace(MESSAGE, attempts=attempts), TEXT)
    except TemporaryDeliveryError as error:
        return "later", error
    except DeliveryError as error:
        return "never", error
    return "sent", receipt


def taken(**changed: object) -> Response:
    return Response(json.dumps({**TAKEN, **changed}), 200, content_type="application/json")


def test_the_provider_gets_sender_number_and_words(tmp_path, httpserver):
    (tmp_path / "password").write_text("hemligt", encoding="utf-8")
    httpserver.expect_request("/a1/sms", method="POST").respond_with_json(TAKEN)
    account = {"user": "u123", "password": {"file": "password"}, "url": httpserver.url_for("/a1/sms")}

    receipt = channel(tmp_path, {"elks": account}).send(MESSAGE, Rendered(subject="", body=TEXT))

    ((request, _),) = httpserver.log
    assert receipt == TAKEN["id"]
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"u123:hemligt").decode()
    assert parse_qs(request.get_data(as_text=True)) == {
        "from": ["VillaVarme"],
        "to": ["+46701740605"],
        "message": [TEXT],
    }


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "sent"), (201, "sent"), (202, "sent"),
        (300, "later"), (301, "later"), (302, "later"), (307, "later"), (308, "later"),
        (400, "never"), (401, "later"), (402, "later"), (403, "later"), (404, "later"), (405, "never"),
        (408, "later"), (410, "never"), (413, "never"), (422, "never"), (429, "later"),
        (500, "later"), (501, "later"), (502, "later"), (503, "later"), (504, "later"), (599, "later"),
    ],
)  # fmt: skip
def test_each_answer_has_its_consequence(httpserver, status, outcome):
    response = Response(json.dumps(TAKEN), status, headers={"Location": httpserver.url_for("/elsewhere")})

    assert attempt(httpserver, response)[0] == outcome
    assert [request.path for request, _ in httpserver.log] == ["/a1/sms"]


def test_a_refusal_says_what_the_provider_said(httpserver):
    _, error = attempt(httpserver, Response("Invalid\nto number\x00", 400))

    assert "HTTP 400 Invalid to number" in str(error)
    assert "hemligt" not in str(error)


def test_an_sms_that_failed_at_once_is_not_tried_again(httpserver):
    assert attempt(httpserver, taken(status="failed"))[0] == "never"


UNCLEAR = [
    Response("", 200),
    Response("", 204),
    Response("<html>Log in to the hotel's network</html>", 200),
    Response('{"id": "s1"', 200),
    Response("[]", 200),
    Response("null", 200),
    Response('"s1"', 200),
    Response("[" * 50000, 200),
    Response(b"\xff\xfe\x00", 200),
    Response('{"error": "something"}', 200),
    Response('{"id": ""}', 200),
    Response('{"id": null}', 200),
    Response('{"id": 17}', 200),
    Response('{"id": ["s1"]}', 200),
    Response('{"id": "a\\nb"}', 200),
    Response(json.dumps({"id": "x" * 101}), 200),
    Response(json.dumps({**TAKEN, "x": "y" * LARGEST_ANSWER}), 200),
    Response(json.dumps({**TAKEN, "x": "y" * 10_000_000}), 201),
]


@pytest.mark.parametrize("response", UNCLEAR, ids=range(len(UNCLEAR)))
def test_a_yes_that_cannot_be_understood_is_tried_again_but_not_for_ever(httpserver, response):
    # The SMS has very likely gone out each time: the customer is to get three of them at most.
    outcomes = [attempt(httpserver, response, n)[0] for n in range(1, UNCLEAR_ATTEMPTS + 1)]

    assert outcomes == ["later"] * (UNCLEAR_ATTEMPTS - 1) + ["never"]


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"Retry-After": "120"}, 120),
        ({"Retry-After": "0"}, 0),
        ({"Retry-After": "99999999999999999999"}, 86400),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "1e9"}, None),
        ({"Retry-After": "nan"}, None),
        ({}, None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_provider_may_ask_for_a_pause(httpserver, headers, pause, status):
    outcome, error = attempt(httpserver, Response("", status, headers=headers))

    assert outcome == "later"
    assert isinstance(error, TemporaryDeliveryError)
    assert error.retry_after == pause


def test_a_port_where_nobody_answers_is_tried_again():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]

    with pytest.raises(TemporaryDeliveryError, match="could not be sent now"):
        elks(f"http://127.0.0.1:{port}/a1/sms").deliver(MESSAGE, TEXT)


@pytest.fixture
def raw_server() -> Iterator[tuple[str, list[bytes]]]:
    """A server that reads a request and then says, byte for byte, what the test puts in the list: nothing closes."""
    says: list[bytes] = []
    over = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        try:
            connection, _ = listening.accept()
            with connection:
                connection.recv(65536)
                for words in says:
                    connection.sendall(words)
                while says and says[-1] == b"." and not over.wait(0.05):
                    connection.sendall(b".")
                if not says:
                    over.wait(30)
        except OSError:
            return  # the other side has gone, as it should

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}/a1/sms", says
    over.set()
    listening.close()
    thread.join(10)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    ("until", "pause"),
    [
        (b"Mon, 23 Nov 2026 12:10:00 GMT", 600),
        (b"Mon, 23 Nov 2026 11:00:00 GMT", 0),
        (b"Wed, 23 Nov 2099 12:00:00 GMT", 86400),
        (b"Mon, 23 Nov 2026", None),
    ],
)
def test_a_pause_until_a_time_counts_from_the_answers_own_time(raw_server, until, pause):
    url, script = raw_server
    script.append(
        b"HTTP/1.1 429 Too Many Requests\r\nDate: Mon, 23 Nov 2026 12:00:00 GMT\r\nContent-Length: 0\r\n"
    )
    script.append(b"Retry-After: " + until + b"\r\n\r\n")

    with pytest.raises(TemporaryDeliveryError) as error:
        elks(url).deliver(MESSAGE, TEXT)

    assert error.value.retry_after == pause


@pytest.mark.parametrize(
    "says",
    [
        [],
        [b"garbage\r\n\r\n"],
        [HEAD],
        [HEAD + b"Content-Length: 50\r\n\r\n", b'{"id": "s1"}'],
        [HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"zz\r\n"],
        [HEAD + b"Content-Encoding: gzip\r\nContent-Length: 12\r\n\r\n", b'{"id": "s1"'],
        [HEAD + b"Content-Length: 100000\r\n\r\n", b"."],
    ],
    ids=["nothing", "garbage", "half a head", "half a body", "bad chunks", "not gzip", "a byte at a time"],
)
def test_a_provider_that_breaks_off_or_never_gets_to_the_point_is_left(raw_server, says):
    url, script = raw_server
    script += says

    with pytest.raises(TemporaryDeliveryError):
        elks(url, timeout=1).deliver(MESSAGE, TEXT)


def test_proxies_and_passwords_of_the_surroundings_are_left_alone(httpserver, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    assert attempt(httpserver, taken())[0] == "sent"
