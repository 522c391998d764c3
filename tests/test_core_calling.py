"""One call to a service on the web: what comes back, what is certain when nothing does, and that it ends in time."""

from __future__ import annotations

import time
from base64 import b64encode
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Response

from ashop_core.calling import LARGEST_ANSWER, Answer, post
from ashop_core.errors import Reach, TemporaryDeliveryError
from ashop_core.setting_faults import url_fault
from tests.certificates import make_certificates, server_tls
from tests.sms_gateways import HEAD, full_house, nobody, raw_server

SOON = timedelta(seconds=1)
LATER = timedelta(seconds=20)


def answer_to(httpserver: HTTPServer, response: Response, **given: object) -> Answer:
    httpserver.expect_request("/call", method="POST").respond_with_response(response)
    return post(httpserver.url_for("/call"), within=LATER, **given)  # type: ignore[arg-type]


def test_a_form_is_posted_with_the_account_and_nothing_of_the_surroundings(httpserver, monkeypatch):
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")

    answer = answer_to(
        httpserver,
        Response("ok", 201),
        form={"ord": "å & 5 €"},
        account=("user", "pässword"),
        headers={"X-Own": "1"},
    )

    ((request, _),) = httpserver.log
    assert (answer.status, answer.body, answer.words, answer.is_yes) == (201, b"ok", "ok", True)
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["Authorization"] == "Basic " + b64encode("user:pässword".encode()).decode()
    assert request.headers["Accept-Encoding"] == "identity"
    assert request.headers["X-Own"] == "1"
    assert parse_qs(request.get_data(as_text=True)) == {"ord": ["å & 5 €"]}


def test_a_document_is_posted_as_json_with_a_key(httpserver):
    answer = answer_to(
        httpserver, Response('{"a": 1}', 200), document={"ord": "åäö", "n": 5}, bearer="nyckel"
    )

    ((request, _),) = httpserver.log
    assert request.get_json() == {"ord": "åäö", "n": 5}
    assert request.headers["Authorization"] == "Bearer nyckel"
    assert answer.said == {"a": 1}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_answers(httpserver, status):
    elsewhere = Response("", status, headers={"Location": httpserver.url_for("/elsewhere")})

    answer = answer_to(httpserver, elsewhere, bearer="nyckel")

    assert (answer.status, answer.is_yes) == (status, False)
    assert [request.path for request, _ in httpserver.log] == ["/call"]


@pytest.mark.parametrize(
    ("body", "said", "kept"),
    [
        (b"x" * LARGEST_ANSWER, {}, LARGEST_ANSWER),
        (b"x" * (LARGEST_ANSWER + 1), {}, 0),
        (b'{"a": "' + b"x" * 10_000_000 + b'"}', {}, 0),
        (b"[" * 60_000, {}, 60_000),
        (b"\xff\xfe\x00", {}, 3),
        (b"null", {}, 4),
        (b"", {}, 0),
    ],
    ids=["all", "one too many", "ten megabytes", "deep", "no text", "null", "nothing"],
)
def test_a_body_is_bounded_and_never_a_surprise(httpserver, body, said, kept):
    answer = answer_to(httpserver, Response(body, 200))

    assert (answer.said, len(answer.body)) == (said, kept)


def test_the_words_for_people_are_one_line_without_secrets(httpserver):
    login = b64encode(b"user:hemligt").decode()
    echo = f"Nej,\n  Basic {login}\x00 (hemligt) " + "å" * 500

    answer = answer_to(httpserver, Response(echo, 403), account=("user", "hemligt"))

    assert answer.summary.startswith("HTTP 403 Nej, *** (***) åå")
    assert len(answer.words) <= 200
    assert "hemligt" not in answer.words


@pytest.mark.parametrize("where", [f"HTTP/1.1 {'x' * 9} %s\r\n\r\n", "%s\r\n\r\n"])
def test_garbage_that_repeats_a_secret_does_not_tell_it(where):
    with (
        raw_server((where % "nyckeln-till-allt").encode()) as server,
        pytest.raises(TemporaryDeliveryError) as lost,
    ):
        post(server.host, within=LATER, bearer="nyckeln-till-allt")

    assert "nyckeln" not in f"{lost.value.text.sv}{lost.value.text.en}"


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
        ({"Retry-After": "٣"}, None),
        ({"Retry-After": "Mon, 23 Nov 2026 12:10:00 GMT"}, 600),
        ({"Retry-After": "Mon, 23 Nov 2026 11:00:00 GMT"}, 0),
        ({"Retry-After": "Wed, 23 Nov 2099 12:00:00 GMT"}, 86400),
        ({"Retry-After": "Mon, 23 Nov 2026"}, None),
        ({"Retry-After": "Mon, 23 Nov 99999999999999999999 12:00:00 GMT"}, None),
        ({"Retry-After": "Mon, 23 Nov 2026 12:10:00 +99999999999999999999"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_a_service_may_ask_for_a_pause(headers, pause):
    # A date counts from the answer's own: clocks differ.
    lower = {
        "date": "Mon, 23 Nov 2026 12:00:00 GMT",
        **{name.lower(): value for name, value in headers.items()},
    }

    assert Answer(status=429, headers=lower).retry_after == pause


def test_a_pause_until_a_time_says_nothing_without_the_answers_own_time():
    assert Answer(status=429, headers={"retry-after": "Mon, 23 Nov 2026 12:10:00 GMT"}).retry_after is None


@pytest.mark.parametrize("where", [nobody, full_house], ids=["nobody there", "not let in"])
def test_without_a_connection_it_is_certain_that_nothing_was_taken(where):
    with where() as host, pytest.raises(TemporaryDeliveryError) as lost:
        post(f"{host}/secret/path", within=SOON, form={})

    assert (lost.value.unsure, lost.value.reach) == (False, Reach.CHANNEL)
    assert "127.0.0.1: " in lost.value.text.sv
    assert "secret" not in lost.value.text.sv
    assert "Errno" not in lost.value.text.sv


def test_a_service_that_does_not_prove_who_it_is_gets_nothing():
    with raw_server(HEAD + b"Content-Length: 2\r\n\r\n{}") as server:
        with pytest.raises(TemporaryDeliveryError) as lost:
            post(server.host.replace("http:", "https:"), within=SOON, form={"a": "hemligt"})

        assert lost.value.unsure is False
        assert not any(b"hemligt" in asked for asked in server.asked)


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.mark.parametrize(
    ("name", "is_taken"), [("good", True), ("other", False), ("expired", False), ("alone", False)]
)
def test_only_a_server_with_the_right_certificate_gets_the_request(
    certificates: Path, monkeypatch: pytest.MonkeyPatch, name: str, is_taken: bool
) -> None:
    # The authority that is trusted comes from the computer; here it is one made for the test.
    monkeypatch.setenv("SSL_CERT_FILE", str(certificates / "ca.pem"))
    with HTTPServer(ssl_context=server_tls(certificates, name)) as server:
        server.expect_request("/call").respond_with_data("ok")
        url = f"https://127.0.0.1:{server.port}/call"

        if is_taken:
            assert post(url, within=LATER, form={}).words == "ok"
        else:
            with pytest.raises(TemporaryDeliveryError, match=r"(?i)certificate") as lost:
                post(url, within=LATER, form={"a": "hemligt"})
            assert (lost.value.unsure, lost.value.reach) == (False, Reach.CHANNEL)
        assert len(server.log) == is_taken


def test_a_host_that_does_not_exist_is_told():
    with pytest.raises(TemporaryDeliveryError) as lost:
        post("https://x.invalid/", within=LATER, form={})

    assert (lost.value.unsure, lost.value.reach) == (False, Reach.CHANNEL)


@pytest.mark.parametrize(
    "says",
    [None, b"", b"garbage\r\n\r\n", HEAD, b"HTTP/1.1 200 OK\r\nX-Slow: ..."],
    ids=["nothing", "breaks off", "garbage", "half a head", "a head that never ends"],
)
def test_an_answer_that_never_comes_leaves_it_open_whether_it_was_taken(says):
    with raw_server(says) as server:
        with pytest.raises(TemporaryDeliveryError) as lost:
            post(server.host, within=SOON, form={"a": "1"})

        assert (lost.value.unsure, lost.value.reach) == (True, Reach.CHANNEL)
        assert len(server.asked) == 1


@pytest.mark.parametrize(
    "says",
    [
        HEAD + b'Content-Length: 50\r\n\r\n{"id": "s1"}',
        HEAD + b"Content-Length: 100000\r\n\r\n...",
        HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
        HEAD + b'Content-Encoding: gzip\r\nContent-Length: 12\r\n\r\n{"id": "s1"',
    ],
    ids=["half a body", "a byte at a time", "bad chunks", "less than said"],
)
def test_a_body_that_does_not_come_to_its_end_is_none_but_its_status_stands(says):
    with raw_server(says) as server:
        answer = post(server.host, within=SOON, form={})

    assert (answer.status, answer.body, answer.said) == (200, b"", {})


def test_all_of_a_call_ends_by_one_deadline(monkeypatch):
    # A byte every so often resets a time-out for each step, but not the time for all of it.
    now = [0.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    from ashop_core.timed_connections import DeadlineBackend

    with raw_server(b"HTTP/1.1 200 OK\r\n") as server:
        stream = DeadlineBackend(timedelta(seconds=5)).connect_tcp(
            "127.0.0.1", int(server.host.rsplit(":", 1)[1])
        )
        stream.write(b"POST / HTTP/1.1\r\nContent-Length: 0\r\n\r\n")
        assert stream.read(8) == b"HTTP/1.1"
        now[0] = 5.0
        from httpcore2 import ReadTimeout, WriteTimeout

        with pytest.raises(ReadTimeout):
            stream.read(1)
        with pytest.raises(WriteTimeout):
            stream.write(b"x")
        stream.close()


GOOD = [
    "https://api.example.com/a1/sms",
    "http://127.0.0.1:8080/sms",
    "http://localhost/sms",
    "http://[::1]:1/",
]
BAD = [
    "http://api.example.com/sms", "http://127.1/sms", "http://2130706433/", "http://0.0.0.0/", "http://[::]/",
    "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/latest/meta-data", "http://localhost.example.com/",
    "http://127.0.0.1.example.com/", "http://127.0.0.1@example.com/", "http://localhost:x/", "http://127.0.0.2/",
    "https://user:password@api.example.com/", "https://", "https:///sms", "https://api.example.com:0/",
    "https://api.example.com:99999/", "https://api.example.com/a b", "https://api.example.com/\r\nX: y",
    "https://api.example.com/#part", "https://[::1", "ftp://api.example.com/", "file:///etc/passwd",
    "//api.example.com/sms", "api.example.com/sms", "javascript:alert(1)", "HTTP://API.EXAMPLE.COM/", "http://0x7f.1/",
    "http://017700000001/", "http://localhost\\@example.com/", "http://１２７.0.0.1/", "gopher://127.0.0.1/",
    "http://[::1%25lo]/", "http://10.0.0.1/", "http://192.168.1.1/", "http://metadata.google.internal/",
    "dict://localhost/", "https://api.example.com/\u202e", "https://åäö.example/", "",
]  # fmt: skip


@pytest.mark.parametrize("url", GOOD)
def test_an_encrypted_connection_or_this_very_computer_keeps_a_secret(url):
    assert url_fault(url) is None
    assert url_fault(f"{url}?a=1") is None
    assert url_fault(f"{url}?a=1", query=False) is not None


@pytest.mark.parametrize("url", BAD)
def test_no_other_address_is_called(url):
    fault = url_fault(url)

    assert fault is not None
    assert "https://" in fault.sv


def test_forty_forms_of_address_are_tried():
    assert len(GOOD) + len(BAD) >= 40
