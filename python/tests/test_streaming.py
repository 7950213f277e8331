"""WSGI and ASGI applications whose answers stream, in the runtime's own process."""

import asyncio
import json
import sys

import pytest

from slam_lambda.runtime import asgi, streams, wsgi
from slam_lambda.runtime.api import Gone

from .asgi_checker import checked
from .platform import Platform, package
from .support import alb_event, context, rest_event, sample, v2_event

WSGI = """
    import pathlib, time
    from wsgiref.validate import validator

    def pieces(environ):
        try:
            yield b"first"
            go = environ.get("HTTP_X_GO")
            while go and not pathlib.Path(go).exists():
                time.sleep(0.01)
            if environ["PATH_INFO"] == "/fail":
                raise ValueError("in the middle")
            yield b""
            yield b"last"
        finally:
            print("closed")

    @validator
    def app(environ, start_response):
        environ["wsgi.input"].read(0)
        if environ["PATH_INFO"] == "/early":
            raise ValueError("before the start")
        cookies = [("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")]
        start_response("201 Created", [("Content-Type", "text/plain"), ("Connection-Id", "x"), *cookies])
        return pieces(environ)
"""

ASGI = """
    import asyncio, pathlib

    async def app(scope, receive, send):
        assert scope["type"] == "http"
        if scope["path"] == "/dev/early":
            raise ValueError("before the start")
        await receive()
        headers = [(b"content-type", b"text/plain"), (b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": b"first", "more_body": True})
        go = dict(scope["headers"]).get(b"x-go")
        while go and not pathlib.Path(go.decode()).exists():
            await asyncio.sleep(0.01)
        if scope["path"] == "/dev/fail":
            raise ValueError("in the middle")
        await send({"type": "http.response.body", "more_body": True})
        await send({"type": "http.response.body", "body": b"last"})
        print("closed")
"""

SOURCES = {"wsgi": WSGI, "asgi": ASGI}


@pytest.fixture(params=sorted(SOURCES))
def platform(request, tmp_path):
    platform = Platform(tmp_path, package(request.param, SOURCES[request.param]))
    yield platform
    platform.close()


def test_piece_arrives_before_the_next_is_made(platform, tmp_path):
    go = tmp_path / "go"
    answer = platform.invoke(rest_event(headers=[("X-Go", str(go))])).wait()
    assert answer.path.endswith("/response")
    assert answer.headers["Lambda-Runtime-Function-Response-Mode"] == "streaming"
    assert answer.headers["Transfer-Encoding"] == "chunked"
    assert answer.headers["Content-Type"] == "application/vnd.awslambda.http-integration-response"
    assert answer.headers["Trailer"] == "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body"
    metadata, _, body = answer.piece().partition(b"\0" * 8)
    assert (json.loads(metadata)["statusCode"], body) == (201, b"first")
    go.touch()
    assert (answer.body(), answer.trailers) == (b"last", {})


def test_each_sender_gets_headers_and_cookies_in_its_own_way(platform):
    metadata, body = platform.invoke(rest_event()).response()
    headers = {name.lower(): value for name, value in metadata.pop("multiValueHeaders").items()}
    assert (metadata, body) == ({"statusCode": 201}, b"firstlast")
    assert headers["set-cookie"] == ["a=1", "b=2"] and headers["content-type"] == ["text/plain"]
    metadata, body = platform.invoke(sample("function-url-get-with-headers")).response()
    assert (metadata["statusCode"], metadata["cookies"], body) == (201, ["a=1", "b=2"], b"firstlast")
    assert "multiValueHeaders" not in metadata


@pytest.mark.parametrize("event", [alb_event(), v2_event(), {**rest_event(), "version": "1.0"}])
def test_who_takes_no_pieces_gets_a_whole_answer(platform, event):
    answer = platform.invoke(event)
    document = answer.json()
    assert (document["statusCode"], document["body"], document["isBase64Encoded"]) == (201, "firstlast", False)
    assert "Lambda-Runtime-Function-Response-Mode" not in answer.headers


def test_failure_in_the_middle_is_told_in_trailers(platform):
    answer = platform.invoke(rest_event("/fail"))
    metadata, body = answer.response()
    assert (metadata["statusCode"], body) == (201, b"first")
    kind, document = answer.error()
    assert (kind, document["errorType"], document["errorMessage"]) == ("ValueError", "ValueError", "in the middle")
    assert document["requestId"] == answer.request_id
    # The process goes on.
    assert platform.invoke(rest_event()).response()[1] == b"firstlast"


def test_failure_before_the_first_piece_is_a_page(platform):
    answer = platform.invoke(rest_event("/early"))
    metadata, body = answer.response()
    assert (metadata["statusCode"], body, answer.trailers) == (500, b"Internal Server Error\n", {})


def test_event_that_cannot_be_read_is_a_page(platform):
    event = {**rest_event(), "body": "abcde", "isBase64Encoded": True}
    metadata, body = platform.invoke(event).response()
    assert (metadata["statusCode"], body) == (500, b"Internal Server Error\n")
    # The process goes on.
    assert platform.invoke(rest_event()).response()[1] == b"firstlast"


def test_head_has_no_body(platform):
    metadata, body = platform.invoke(rest_event(method="HEAD")).response()
    assert (metadata["statusCode"], body) == (201, b"")


def test_traceback_is_in_the_log(tmp_path):
    platform = Platform(tmp_path, package("wsgi", WSGI))
    platform.invoke(rest_event("/fail")).body()
    platform.invoke(rest_event()).body()
    printed = platform.close()
    assert "ValueError: in the middle" in printed and printed.count("closed") == 2


# --- the rules of the two interfaces, against a stream that is at hand


class Pieces:
    """A stream that keeps what it is given; one that nobody takes when ``gone``."""

    def __init__(self, gone=False):
        self.pieces, self.error, self.ended, self.gone = [], None, False, gone

    def write(self, data):
        if self.gone:
            raise Gone("broken pipe")
        self.pieces.append(bytes(data))

    def end(self, error=None):
        self.ended, self.error = True, error

    async def send(self, loop, data):
        self.write(data)

    async def send_end(self, loop, error=None):
        self.end(error)

    def close(self):
        pass

    def response(self):
        metadata, _, body = b"".join(self.pieces).partition(b"\0" * 8)
        return json.loads(metadata), body


def stream(runner, event=None, **how):
    pieces = Pieces(**how)
    runner(event or rest_event(), context()).send(pieces)
    return pieces


def of_wsgi(app, event=None, **how):
    return stream(wsgi.StreamingWsgiRunner(app), event, **how)


def test_head_waits_for_the_first_piece_of_the_body():
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b""
        try:
            raise ValueError("late")
        except ValueError:
            import sys

            start_response("503 Busy", [("X", "y")], sys.exc_info())
        yield b"busy"

    pieces = of_wsgi(app)
    assert pieces.response() == ({"statusCode": 503, "multiValueHeaders": {"X": ["y"]}}, b"busy")
    assert len(pieces.pieces) == 1


def test_exc_info_after_the_head_raises_again():
    def app(environ, start_response):
        start_response("200 OK", [])
        yield b"begun"
        try:
            raise ValueError("late")
        except ValueError:
            import sys

            start_response("500 Error", [], sys.exc_info())
        yield b"never"

    pieces = of_wsgi(app)
    assert pieces.response() == ({"statusCode": 200, "multiValueHeaders": {}}, b"begun")
    assert (pieces.error["errorType"], pieces.error["errorMessage"]) == ("ValueError", "late")


def test_write_sends_at_once():
    pieces = Pieces()

    def app(environ, start_response):
        write = start_response("200 OK", [])
        write(b"a")
        assert pieces.pieces[-1].endswith(b"\0a")
        write(b"b")
        assert pieces.pieces[-1] == b"b"
        return [b"c"]

    wsgi.StreamingWsgiRunner(app)(rest_event(), context()).send(pieces)
    assert (pieces.response()[1], pieces.ended) == (b"abc", True)


def test_iterable_is_closed_whatever_happens():
    class Body:
        def __init__(self, pieces):
            self.pieces, self.closed = iter(pieces), 0

        def __iter__(self):
            return self.pieces

        def close(self):
            self.closed += 1

    def check(body, **how):
        def app(environ, start_response):
            start_response("200 OK", [])
            return body

        pieces = of_wsgi(app, **how)
        assert body.closed == 1
        return pieces

    assert check(Body([b"a"])).response()[1] == b"a"
    assert check(Body(1 / 0 for _ in "x")).response()[0]["statusCode"] == 500
    assert not check(Body([b"a", b"b"]), gone=True).ended


@pytest.mark.parametrize("status, body", [("204 No Content", b""), ("304 Not Modified", b""), ("200 OK", b"x")])
def test_some_statuses_have_no_body(status, body):
    def app(environ, start_response):
        start_response(status, [("ETag", "e")])
        return [b"x"]

    metadata, found = of_wsgi(app).response()
    assert (metadata["statusCode"], found) == (int(status[:3]), body)


def test_length_that_the_application_knows_is_kept():
    def app(environ, start_response):
        start_response("200 OK", [("content-length", "3")])
        return [b"abc"]

    assert of_wsgi(app).response()[0]["multiValueHeaders"] == {"Content-Length": ["3"]}
    metadata, body = of_wsgi(app, rest_event(method="HEAD")).response()
    assert (metadata["multiValueHeaders"], body) == ({"content-length": ["3"]}, b"")


def test_exit_ends_the_answer_and_not_the_process(capsys):
    assert of_wsgi(lambda environ, start_response: sys.exit(3)).response()[0]["statusCode"] == 500
    assert "SystemExit" in capsys.readouterr().err


def test_application_that_starts_nothing_is_an_error():
    assert of_wsgi(lambda environ, start_response: [b"x"]).response()[0]["statusCode"] == 500
    assert of_wsgi(lambda environ, start_response: []).response()[0]["statusCode"] == 500


def test_headers_that_cannot_be_sent_are_an_error():
    def setting(name, value):
        def app(environ, start_response):
            start_response("200 OK", [(name, value)])
            return [b"x"]

        return of_wsgi(app).response()[0]["statusCode"]

    assert setting("X", "a\r\nY: b") == 500
    assert setting("X", "x" * 16_000) == 200
    assert setting("X", "x" * 16_400) == 500


def of_asgi(app, event=None, **how):
    runner = asgi.StreamingAsgiRunner(app)
    try:
        return stream(runner, event, **how)
    finally:
        runner.close()


def http(function):
    async def app(scope, receive, send):
        if scope["type"] == "lifespan":
            raise RuntimeError("no lifespan")
        await function(scope, receive, send)

    return app


START = {"type": "http.response.start", "status": 200, "headers": [(b"x", b"y")]}


def body(data=b"", more=False):
    return {"type": "http.response.body", "body": data, "more_body": more}


def test_head_goes_with_the_first_body_message_even_an_empty_one():
    seen = []

    @http
    async def app(scope, receive, send):
        await send(START)
        seen.append(len(pieces.pieces))
        await send(body(more=True))
        seen.append(len(pieces.pieces))
        await send(body(b"a"))

    pieces = Pieces()
    runner = asgi.StreamingAsgiRunner(app)
    runner(rest_event(), context()).send(pieces)
    runner.close()
    assert (seen, pieces.response()) == ([0, 1], ({"statusCode": 200, "multiValueHeaders": {"x": ["y"]}}, b"a"))


def test_specification_is_kept():
    async def app(scope, receive, send):
        if scope["type"] == "http":
            await receive()
            await send(START)
            await send(body(b"a", more=True))
            await send(body(b"b"))

    assert of_asgi(checked(app)).response()[1] == b"ab"


def test_disconnect_comes_when_the_last_piece_has_gone():
    received = []

    @http
    async def app(scope, receive, send):
        async def watch():
            received.append((await receive())["type"])
            received.append(len(pieces.pieces))

        await receive()
        watching = asyncio.ensure_future(watch())
        await send(START)
        await send(body(b"a", more=True))
        await asyncio.sleep(0)
        assert not received
        await send(body(b"b"))
        await watching

    pieces = Pieces()
    runner = asgi.StreamingAsgiRunner(app)
    runner(rest_event(), context()).send(pieces)
    runner.close()
    assert received == ["http.disconnect", 2]


def test_client_that_has_gone_is_an_os_error():
    seen = []

    @http
    async def app(scope, receive, send):
        await receive()
        await send(START)
        for _ in range(2):
            try:
                await send(body(b"a", more=True))
            except OSError as error:
                seen.append(type(error))
        seen.append((await receive())["type"])

    pieces = of_asgi(app, gone=True)
    assert (seen, pieces.ended) == ([OSError, OSError, "http.disconnect"], False)


def test_body_ends_before_the_application_does(tmp_path):
    source = """
        import asyncio, pathlib

        async def app(scope, receive, send):
            assert scope["type"] == "http"
            await send({"type": "http.response.start", "status": 200})
            await send({"type": "http.response.body", "body": b"all"})
            while not pathlib.Path("go").exists():
                await asyncio.sleep(0.01)
            pathlib.Path("done").touch()
    """
    platform = Platform(tmp_path, package("asgi", source))
    assert platform.invoke(rest_event()).response()[1] == b"all"
    assert not (tmp_path / "done").exists()
    (tmp_path / "go").touch()
    # The next event comes when the application is done with the first.
    assert platform.invoke(rest_event()).response()[1] == b"all"
    assert (tmp_path / "done").exists()
    platform.close()


def test_response_that_is_not_completed_is_an_error():
    @http
    async def nothing(scope, receive, send):
        pass

    @http
    async def half(scope, receive, send):
        await send(START)
        await send(body(b"a", more=True))

    @http
    async def page_then_raise(scope, receive, send):
        await send({**START, "status": 500})
        await send(body(b"page"))
        raise ValueError("as frameworks do")

    assert of_asgi(nothing).response()[0]["statusCode"] == 500
    pieces = of_asgi(half)
    assert (pieces.response()[1], pieces.error["errorType"]) == (b"a", "RuntimeError")
    pieces = of_asgi(page_then_raise)
    assert (pieces.response()[0]["statusCode"], pieces.response()[1], pieces.error) == (500, b"page", None)


def test_exit_and_cancellation_of_the_applications_own_are_errors():
    @http
    async def exiting(scope, receive, send):
        sys.exit(3)

    @http
    async def cancelled_half_way(scope, receive, send):
        await send(START)
        await send(body(b"a", more=True))
        raise asyncio.CancelledError

    assert of_asgi(exiting).response()[0]["statusCode"] == 500
    pieces = of_asgi(cancelled_half_way)
    assert (pieces.response()[1], pieces.error["errorType"]) == (b"a", "CancelledError")


def check_source(event, expected):
    source = streams.source_of(event)
    assert (source and source.__name__.rpartition(".")[2]) == expected


def test_senders_that_take_pieces():
    check_source(rest_event(), "rest_v1")
    check_source(sample("function-url-get-with-headers"), "payload_v2")
    for event in (v2_event(), alb_event(), {**rest_event(), "version": "1.0"}, {"source": "aws.events"}, None, []):
        check_source(event, None)
