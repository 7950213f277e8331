import base64
import io
import json
import os
import re
import sys

import pytest

from slam_lambda.events import NotHttp
from slam_lambda.wsgi import WsgiRunner

from .support import alb_event, context, rest_event, v2_event


def environ_of(event):
    seen = {}

    def app(environ, start_response):
        seen.update(environ)
        seen["body"] = environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b""]

    WsgiRunner(app)(event, context())
    return seen


def answer(app, event=None):
    return WsgiRunner(app)(event or rest_event(), context())


def responding(status="200 OK", headers=(), body=(b"",)):
    def app(environ, start_response):
        start_response(status, list(headers))
        return list(body)

    return app


def check(event, **expected):
    environ = environ_of(event)
    assert {name: environ.get(name) for name in expected} == expected


@pytest.mark.parametrize("event", [{"kwargs": {}}, {"Records": []}, [], "text", None])
def test_event_that_is_not_http_is_refused(event):
    with pytest.raises(NotHttp, match="HTTP events"):
        WsgiRunner(responding())(event, context())


@pytest.mark.parametrize(
    "broken",
    [
        {"body": "=not base64", "isBase64Encoded": True},
        {"body": "\ud800"},
        {"body": {"a": 1}},
        {"headers": [], "multiValueHeaders": []},
        {"multiValueQueryStringParameters": {"a": [1]}},
    ],
)
def test_event_that_cannot_be_read_is_a_500_and_no_failed_invocation(broken, capsys):
    assert answer(responding(), rest_event(**broken))["statusCode"] == 500
    assert "Traceback" in capsys.readouterr().err


def test_routes_of_preflights_lead_to_no_application():
    """A request with OPTIONS that is no preflight comes by them as well, and nobody has let it in."""

    def app(environ, start_response):
        raise AssertionError("it was called")

    event = v2_event(method="OPTIONS", path="/admin", routeKey="OPTIONS /{proxy+}", stageVariables={"PREFLIGHTS": "1"})
    assert answer(app, event) == {"statusCode": 204}
    # One's own routes are the application's.
    assert answer(responding("200 OK"), {**event, "stageVariables": {"A": "b"}})["statusCode"] == 200
    assert answer(responding("200 OK"), {**event, "routeKey": "$default"})["statusCode"] == 200


# --- query


@pytest.mark.parametrize(
    "event, expected",
    [
        (rest_event(), ""),
        (rest_event(query=[("a", "1"), ("a", "2"), ("b", "")]), "a=1&a=2&b="),
        (rest_event(query=[("q", "a b&c=d"), ("é", "%")]), "q=a+b%26c%3Dd&%C3%A9=%25"),
        (v2_event(query="a=1&a=2&b"), "a=1&a=2&b"),
        (alb_event(query=[("q", "a%20b"), ("q", "c")], multi=True), "q=a%20b&q=c"),
        (alb_event(query=[("q", "a%20b")]), "q=a%20b"),
    ],
)
def test_query_string_is_as_the_client_sent_it(event, expected):
    check(event, QUERY_STRING=expected)


# --- headers


def test_repeated_headers_are_folded():
    event = rest_event(headers=[("X-A", "1"), ("x-a", "2"), ("Cookie", "a=1"), ("cookie", "b=2")])
    check(event, HTTP_X_A="1,2", HTTP_COOKIE="a=1; b=2")


def test_cookies_of_payload_2_are_put_back():
    check(v2_event(cookies=["a=1", "b=2"]), HTTP_COOKIE="a=1; b=2")


def test_header_that_could_pass_for_another_is_dropped():
    check(rest_event(headers=[("X_User", "evil"), ("X-User", "real")]), HTTP_X_USER="real")


def test_content_type_and_length_have_no_prefix():
    event = rest_event(method="POST", body="é", headers=[("Content-Type", "text/plain"), ("Content-Length", "99")])
    check(event, CONTENT_TYPE="text/plain", CONTENT_LENGTH="2", HTTP_CONTENT_TYPE=None, HTTP_CONTENT_LENGTH=None)


def test_without_body_there_is_no_content_length():
    check(rest_event(), CONTENT_LENGTH=None, CONTENT_TYPE=None)


@pytest.mark.parametrize(
    "make, headers, expected",
    [
        (rest_event, [], ("https", "abc.execute-api.eu-west-1.amazonaws.com", "443")),
        (rest_event, [("X-Forwarded-Proto", "http"), ("Host", "localhost:4601")], ("http", "localhost", "4601")),
        (v2_event, [("x-forwarded-port", "8443")], ("https", "abc.execute-api.eu-west-1.amazonaws.com", "8443")),
        (alb_event, [("x-forwarded-proto", "https")], ("https", "lb.example.com", "443")),
        (alb_event, [], ("http", "lb.example.com", "80")),
        (v2_event, [("host", "[::1]:4601")], ("https", "[::1]", "4601")),
        (v2_event, [("x-forwarded-proto", "http, https")], ("http", "abc.execute-api.eu-west-1.amazonaws.com", "80")),
        # What a client may write into these: neither is a scheme or a port.
        (v2_event, [("x-forwarded-proto", "javascript")], ("https", "abc.execute-api.eu-west-1.amazonaws.com", "443")),
        (v2_event, [("x-forwarded-port", "\u00b2")], ("https", "abc.execute-api.eu-west-1.amazonaws.com", "443")),
        (v2_event, [("x-forwarded-port", "9" * 5000)], ("https", "abc.execute-api.eu-west-1.amazonaws.com", "443")),
        (v2_event, [("host", "example.com:port")], ("https", "example.com", "443")),
    ],
)
def test_server_is_the_one_the_client_asked(make, headers, expected):
    event = make(headers=headers)
    if "multiValueHeaders" in event:
        event["multiValueHeaders"] = {name: [value] for name, value in event["headers"].items()}
    environ = environ_of(event)
    assert (environ["wsgi.url_scheme"], environ["SERVER_NAME"], environ["SERVER_PORT"]) == expected


@pytest.mark.parametrize(
    "event, expected",
    [
        (rest_event(), "192.0.2.7"),
        (v2_event(), "192.0.2.7"),
        (alb_event(headers=[("x-forwarded-for", "forged, 192.0.2.7")]), "192.0.2.7"),
        (alb_event(), ""),
    ],
)
def test_remote_address(event, expected):
    check(event, REMOTE_ADDR=expected)


def test_missing_headers_of_a_test_invocation():
    event = rest_event(headers=[])
    event["headers"] = event["multiValueHeaders"] = None
    check(event, HTTP_HOST="abc.execute-api.eu-west-1.amazonaws.com", **{"wsgi.url_scheme": "https"})


# --- bodies


@pytest.mark.parametrize(
    "body, is_base64, expected",
    [(None, False, b""), ("é", False, "é".encode()), (base64.b64encode(b"\xff\0").decode(), True, b"\xff\0")],
)
def test_request_body(body, is_base64, expected):
    check(rest_event(method="POST", body=body, isBase64Encoded=is_base64), body=expected)


def test_event_and_context_are_at_hand():
    event, ctx, seen = rest_event(), context(), {}

    def app(environ, start_response):
        seen.update(environ)
        return responding()(environ, start_response)

    WsgiRunner(app)(event, ctx)
    assert seen["lambda.event"] is event and seen["lambda.context"] is ctx


# --- responses


COOKIES = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-A", "1"), ("x-a", "2")]


@pytest.mark.parametrize(
    "event, expected",
    [
        (rest_event(), {"multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"], "X-A": ["1", "2"]}}),
        (v2_event(), {"headers": {"X-A": "1,2"}, "cookies": ["a=1", "b=2"]}),
        (alb_event(multi=True), {"multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"], "X-A": ["1", "2"]}}),
        (alb_event(), {"headers": {"set-cookie": "a=1", "set-cookiE": "b=2", "X-A": "1,2"}}),
    ],
)
def test_no_cookie_is_lost(event, expected):
    reply = answer(responding(headers=COOKIES), event)
    assert {name: reply[name] for name in expected} == expected


@pytest.mark.parametrize(
    "headers, body, expected, is_base64",
    [
        ([("Content-Type", "text/plain")], "é".encode(), "é", False),
        ([("Content-Type", "image/svg+xml")], b"<svg/>", "<svg/>", False),
        ([("Content-Type", "font/woff2")], b"\xff\xfe", "//4=", True),
        ([("Content-Type", "text/plain")], b"caf\xe9", "Y2Fm6Q==", True),
        ([("Content-Encoding", "gzip")], b"plain", "cGxhaW4=", True),
        ([("Content-Encoding", "identity")], b"plain", "plain", False),
        ([], b"", "", False),
    ],
)
def test_base64_is_decided_by_the_content(headers, body, expected, is_base64):
    reply = answer(responding(headers=headers, body=[body]))
    assert (reply["body"], reply["isBase64Encoded"]) == (expected, is_base64)


@pytest.mark.parametrize(
    "method, status, body, length",
    [
        ("HEAD", "200 OK", "", ["5"]),
        ("HEAD", "304 Not Modified", "", None),
        ("GET", "204 No Content", "", None),
        ("GET", "304 Not Modified", "", None),
        ("GET", "103 Early Hints", "", None),
    ],
)
def test_responses_without_body(method, status, body, length):
    reply = answer(responding(status, [("Content-Length", "5")], [b"hello"]), rest_event(method=method))
    assert reply["body"] == body and reply["multiValueHeaders"].get("Content-Length") == length


def test_headers_of_the_connection_are_left_out():
    headers = [("Connection", "close"), ("Transfer-Encoding", "chunked"), ("X-A", "1")]
    assert answer(responding(headers=headers))["multiValueHeaders"] == {"X-A": ["1"]}


def test_write_comes_before_the_body():
    def app(environ, start_response):
        start_response("200 OK", [])(b"written ")
        return [b"returned"]

    assert answer(app)["body"] == "written returned"


def test_generator_that_starts_late_and_is_closed():
    closed = []

    def app(environ, start_response):
        try:
            start_response("201 Created", [])
            yield b"a"
            yield b"b"
        finally:
            closed.append(True)

    reply = answer(app)
    assert (reply["statusCode"], reply["body"], closed) == (201, "ab", [True])


class Body:
    """A body that counts how often it is closed."""

    def __init__(self, chunks=(b"x",), error=None, error_when_closed=None):
        self.closed = 0
        self._chunks = chunks
        self._error = error
        self._error_when_closed = error_when_closed

    def __iter__(self):
        yield from self._chunks
        if self._error:
            raise self._error

    def close(self):
        self.closed += 1
        if self._error_when_closed:
            raise self._error_when_closed


class ListBody(list):
    closed = 0

    def close(self):
        self.closed += 1


@pytest.mark.parametrize(
    "body, starts, status, told",
    [
        (Body(), True, 200, None),
        (Body(chunks=()), True, 200, None),
        (ListBody([b"x"]), True, 200, None),
        (Body(error=RuntimeError("half way")), True, 500, "half way"),
        (Body(error_when_closed=RuntimeError("at the end")), True, 500, "at the end"),
        (Body(chunks=["text"]), True, 500, "expected a bytes-like object, str found"),
        (Body(), False, 500, "did not call start_response"),
    ],
)
@pytest.mark.parametrize("make", [rest_event, v2_event, alb_event])
def test_body_is_closed_once(make, body, starts, status, told, capsys):
    body.closed = 0

    def app(environ, start_response):
        if starts:
            start_response("200 OK", [])
        return body

    assert (answer(app, make())["statusCode"], body.closed) == (status, 1)
    assert (told or "") in capsys.readouterr().err


def test_body_is_closed_after_the_gateway_would_have_refused_it():
    body = Body(chunks=[b"x" * 1_100_000])

    def app(environ, start_response):
        start_response("200 OK", [])
        return body

    assert (answer(app, alb_event())["statusCode"], body.closed) == (502, 1)


def raising(environ, start_response):
    raise RuntimeError("secret detail")


def never_starting(environ, start_response):
    return []


def starting_twice(environ, start_response):
    start_response("200 OK", [])
    start_response("200 OK", [])
    return []


def with_a_text_body(environ, start_response):
    start_response("200 OK", [])
    return ["text"]


def with_a_number_as_header(environ, start_response):
    start_response("200 OK", [("X-Count", 1)])
    return []


def with_a_broken_status(environ, start_response):
    start_response("fine", [])
    return []


def with_a_status_that_is_too_low(environ, start_response):
    start_response("42 Answer", [])
    return []


def leaving(environ, start_response):
    sys.exit(3)


@pytest.mark.parametrize(
    "app",
    [
        raising,
        never_starting,
        starting_twice,
        with_a_text_body,
        with_a_number_as_header,
        leaving,
        with_a_broken_status,
        with_a_status_that_is_too_low,
    ],
)
@pytest.mark.parametrize("make", [rest_event, v2_event, alb_event])
def test_error_is_a_500_with_the_traceback_in_the_log_alone(app, make, capsys):
    reply = answer(app, make())
    # The traceback is not for the client.
    assert (reply["statusCode"], reply["body"]) == (500, "Internal Server Error\n")
    assert "Traceback" in capsys.readouterr().err


@pytest.mark.parametrize(
    "name, value",
    [
        ("X-A", "1\r\nX-B: 2"),
        ("X-A", "a\0b"),
        ("X-A", "日本"),
        ("X-A", os.fsdecode(b"caf\xe9")),
        ("X A", "1"),
        ("X:A", "1"),
        ("Xé", "1"),
        ("", "1"),
    ],
)
@pytest.mark.parametrize("make", [rest_event, v2_event, alb_event])
def test_header_that_cannot_be_sent_is_a_500_and_named(make, name, value, capsys):
    assert answer(responding(headers=[(name, value)]), make())["statusCode"] == 500
    assert re.search(f"a header with a (character|name) that none may have: {name!r}", capsys.readouterr().err)


def test_header_may_have_latin_1_and_tabs():
    assert answer(responding(headers=[("X-A", " é\t1 ")]))["multiValueHeaders"] == {"X-A": ["é\t1"]}


def test_error_page_replaces_what_was_started():
    def app(environ, start_response):
        start_response("200 OK", [("X-A", "1")])
        try:
            raise ValueError("late")
        except ValueError:
            start_response("418 Teapot", [], sys.exc_info())
        return [b"short"]

    reply = answer(app)
    assert (reply["statusCode"], reply["body"], reply["multiValueHeaders"]) == (418, "short", {})


def test_error_page_after_the_first_byte_is_too_late():
    def app(environ, start_response):
        start_response("200 OK", [])(b"sent")
        try:
            raise ValueError("late")
        except ValueError:
            start_response("418 Teapot", [], sys.exc_info())
        return []

    assert answer(app)["statusCode"] == 500


# --- against a framework


def test_flask_round_trip():
    flask = pytest.importorskip("flask")
    app = flask.Flask(__name__)

    @app.route("/files/<name>", methods=["POST"])
    def files(name):
        uploaded = flask.request.files["file"].read()
        reply = flask.jsonify(
            name=name,
            size=len(uploaded),
            tags=flask.request.args.getlist("tag"),
            url=flask.url_for("files", name="é", _external=True),
        )
        reply.set_cookie("a", "1")
        reply.set_cookie("b", "2")
        return reply

    body = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n'
        b"Content-Type: application/octet-stream\r\n\r\n" + bytes(range(256)) + b"\r\n--x--\r\n"
    )
    event = rest_event(
        "/files/a%20b",
        method="POST",
        headers=[("Content-Type", "multipart/form-data; boundary=x")],
        query=[("tag", "1"), ("tag", "2&3")],
        body=base64.b64encode(body).decode(),
        isBase64Encoded=True,
    )
    reply = answer(app, event)
    assert json.loads(reply["body"]) == {
        "name": "a b",
        "size": 256,
        "tags": ["1", "2&3"],
        "url": "https://abc.execute-api.eu-west-1.amazonaws.com/dev/files/%C3%A9",
    }
    assert reply["multiValueHeaders"]["Set-Cookie"] == ["a=1; Path=/", "b=2; Path=/"]


@pytest.mark.parametrize(
    "host, whole, expected",
    [
        ("localhost:4601", None, "http://localhost:4601/dev/next"),
        ("abc.execute-api.localhost:4566", None, "http://abc.execute-api.localhost:4566/dev/next"),
        ("localhost:4566", "/_aws/execute-api/abc/dev/", "http://localhost:4566/_aws/execute-api/abc/dev/next"),
        ("api.example.com", "/", "http://api.example.com/next"),
    ],
)
def test_links_lead_back_to_where_the_client_is(host, whole, expected):
    flask = pytest.importorskip("flask")
    app = flask.Flask(__name__)
    app.add_url_rule("/", "index", lambda: flask.url_for("next_page", _external=True))
    app.add_url_rule("/next", "next_page", lambda: "")
    event = rest_event("/", whole=whole)
    event["multiValueHeaders"] = {"Host": [host], "X-Forwarded-Proto": ["http"]}
    assert answer(app, event)["body"] == expected


def test_errors_stream_is_the_log(capsys):
    def app(environ, start_response):
        environ["wsgi.errors"].write("noted\n")
        return responding()(environ, start_response)

    answer(app)
    assert "noted" in capsys.readouterr().err


def test_input_is_a_stream():
    assert isinstance(environ_of(rest_event())["wsgi.input"], io.BytesIO)
