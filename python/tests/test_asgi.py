"""ASGI 3: lifespan, HTTP, the order of messages; every application here runs under a checker of the specification."""

import asyncio
import base64
import sys
import time
import types
import weakref

import pytest

from slam_lambda import asgi
from slam_lambda.asgi import AsgiRunner
from slam_lambda.lifespan import LifespanError

from .asgi_checker import checked
from .support import alb_event, context, rest_event, v2_event, waiting_for_what_was_cancelled


@pytest.fixture
def run():
    """Answers one event with an application, under the checker."""
    runners = []

    def answer(app, event=None):
        runners.append(AsgiRunner(checked(app)))
        return runners[-1](event or rest_event(), context())

    yield answer
    for runner in runners:
        runner.close()


def responding(status=200, headers=(), body=(b"",)):
    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise NotImplementedError("no lifespan")
        await send({"type": "http.response.start", "status": status, "headers": list(headers)})
        for number, chunk in enumerate(body):
            await send({"type": "http.response.body", "body": chunk, "more_body": number < len(body) - 1})

    return app


def seeing(found):
    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise NotImplementedError
        found.update(scope)
        found["body"] = (await receive())["body"]
        await responding()(scope, receive, send)

    return app


@pytest.mark.parametrize(
    "event, expected",
    [
        (
            rest_event("/tasks/a%20b"),
            {"root_path": "/dev", "path": "/dev/tasks/a b", "raw_path": b"/dev/tasks/a%20b"},
        ),
        (rest_event("/é"), {"path": "/dev/é", "raw_path": b"/dev/%C3%A9"}),
        (rest_event("/a%2Fb"), {"path": "/dev/a/b", "raw_path": b"/dev/a%2Fb"}),
        (v2_event("/dev/tasks", stage="dev"), {"root_path": "/dev", "path": "/dev/tasks"}),
        (v2_event("/tasks", query="a=%20&a"), {"root_path": "", "path": "/tasks", "query_string": b"a=%20&a"}),
        (rest_event(query=[("q", "a b"), ("q", "é")]), {"query_string": b"q=a+b&q=%C3%A9"}),
        (v2_event(query="q=é&r=日本"), {"query_string": "q=é&r=日本".encode()}),
        (v2_event(query="q=é"), {"query_string": "q=é".encode()}),
        (alb_event("/x", query=[("q", "a%20b")]), {"query_string": b"q=a%20b", "scheme": "http"}),
        (rest_event(method="patch"), {"method": "PATCH", "http_version": "1.1", "scheme": "https"}),
        (rest_event(), {"server": ("abc.execute-api.eu-west-1.amazonaws.com", 443), "client": ("192.0.2.7", 0)}),
        (rest_event(headers=[("X-Forwarded-Port", "8443")]), {"server": (rest_event()["headers"]["Host"], 8443)}),
        (alb_event(), {"client": None, "server": ("lb.example.com", 80)}),
        (rest_event(method="POST", body="é"), {"body": "é".encode()}),
        (rest_event(body=base64.b64encode(b"\xff").decode(), isBase64Encoded=True), {"body": b"\xff"}),
    ],
)
def test_scope(run, event, expected):
    found = {}
    run(seeing(found), event)
    assert {name: found[name] for name in expected} == expected


def application(package, version="", around=()):
    """An application as a package of that version makes it, with middleware of others around it."""

    async def answer(self, scope, receive, send):
        self.seen.update(scope)
        await responding()(scope, receive, send)

    module = types.SimpleNamespace(__version__=version)
    app = type("App", (), {"__call__": answer, "__module__": f"{package}.applications", "seen": {}})()
    for name in around:
        wrapper = type("Wrapper", (), {"__call__": lambda self, *rest: self.inner(*rest), "inner": app, name: app})
        app, seen = wrapper(), app.seen
        app.seen = seen
    return app, module


@pytest.mark.parametrize(
    "package, version, path",
    [
        # As each was seen to find its routes.
        ("starlette", "0.32.0.post1", "/tasks/a b"),
        ("starlette", "0.34.0", "/tasks/a b"),
        ("starlette", "0.35.1", "/dev/tasks/a b"),
        ("starlette", "1.0.0", "/dev/tasks/a b"),
        ("starlette", "unknown", "/dev/tasks/a b"),
        ("litestar", "2.5.0", "/tasks/a b"),
        ("falcon", "4.4.0", "/tasks/a b"),
        ("sanic", "25.12.1", "/tasks/a b"),
        ("quart", "0.22.0", "/dev/tasks/a b"),
    ],
)
@pytest.mark.parametrize("around", [(), ("app",), ("application", "_app"), ("hidden",)])
def test_path_is_what_the_framework_finds_its_routes_by(monkeypatch, package, version, path, around):
    app, module = application(package, version, around)
    monkeypatch.setitem(sys.modules, package, module)
    runner = AsgiRunner(app)
    runner(rest_event("/tasks/a%20b"), context())
    runner.close()
    raw = path.replace(" ", "%20").encode()
    assert (app.seen["root_path"], app.seen["path"], app.seen["raw_path"]) == ("/dev", path, raw)


def test_headers_are_pairs_in_lower_case(run):
    found = {}
    run(seeing(found), rest_event(headers=[("X-A", "1"), ("X-A", "2"), ("Transfer-Encoding", "chunked")]))
    assert [pair for pair in found["headers"] if pair[0] != b"host"] == [(b"x-a", b"1"), (b"x-a", b"2")]


def test_length_is_that_of_the_decoded_body(run):
    found = {}
    run(seeing(found), rest_event(method="POST", body="é", headers=[("Content-Length", "99")]))
    assert (b"content-length", b"2") in found["headers"]


def test_event_and_context_are_at_hand(run):
    found, event = {}, rest_event()
    run(seeing(found), event)
    assert found["lambda.event"] is event and found["lambda.context"].aws_request_id == "1"


# --- responses


def test_pieces_are_put_together(run):
    assert run(responding(body=[b"a", b"", b"b"]))["body"] == "ab"


def test_repeated_headers_are_kept(run):
    reply = run(responding(headers=[(b"set-cookie", b"a=1"), (b"set-cookie", b"b=2")]), v2_event())
    assert reply["cookies"] == ["a=1", "b=2"]


@pytest.mark.parametrize("status", [204, 304])
def test_no_body_where_there_is_none(run, status):
    reply = run(responding(status, [(b"content-length", b"0")]))
    assert (reply["statusCode"], reply["body"], reply["multiValueHeaders"]) == (status, "", {})


def test_client_is_there_until_it_has_its_answer(run):
    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise NotImplementedError
        await receive()
        watching = asyncio.ensure_future(receive())
        await asyncio.sleep(0)
        assert not watching.done()
        await responding()(scope, receive, send)
        assert (await watching)["type"] == "http.disconnect"

    assert run(app)["statusCode"] == 200


# --- errors


async def raising(scope, receive, send):
    raise RuntimeError("secret detail")


async def silent(scope, receive, send):
    pass


async def half_way(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": b"x", "more_body": True})
    raise RuntimeError("half way")


async def never_complete(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})


async def exiting(scope, receive, send):
    if scope["type"] == "http":
        sys.exit(3)


async def body_first(scope, receive, send):
    await send({"type": "http.response.body", "body": b"x"})


async def text_as_body(scope, receive, send):
    await send({"type": "http.response.start", "status": 200})
    await send({"type": "http.response.body", "body": "x"})


async def line_end_in_header(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x", b"a\r\nb: c")]})
    await send({"type": "http.response.body"})


@pytest.mark.parametrize(
    "app",
    [
        raising,
        silent,
        half_way,
        never_complete,
        exiting,
        waiting_for_what_was_cancelled,
        body_first,
        text_as_body,
        line_end_in_header,
    ],
)
def test_error_is_a_500_with_the_traceback_in_the_log_alone(app, capsys):
    runner = AsgiRunner(app)
    reply = runner(rest_event(), context())
    runner.close()
    assert (reply["statusCode"], reply["body"]) == (500, "Internal Server Error\n")
    assert "Traceback" in capsys.readouterr().err


def test_error_page_of_the_framework_is_kept(run, capsys):
    async def app(scope, receive, send):
        await responding(503, body=[b"sorry"])(scope, receive, send)
        raise RuntimeError("noted")

    reply = run(app)
    assert (reply["statusCode"], reply["body"]) == (503, "sorry") and "noted" in capsys.readouterr().err


# --- lifespan


def living(events, startup=None, shutdown=None):
    async def app(scope, receive, send):
        if scope["type"] == "http":
            events.append(scope["state"])
            return await responding()(scope, receive, send)
        assert (await receive())["type"] == "lifespan.startup"
        scope["state"]["pool"] = 1
        events.append("up")
        await send(startup or {"type": "lifespan.startup.complete"})
        assert (await receive())["type"] == "lifespan.shutdown"
        events.append("down")
        await send(shutdown or {"type": "lifespan.shutdown.complete"})

    return app


def test_lifespan_is_one_for_all_requests():
    events = []
    runner = AsgiRunner(checked(living(events)))
    runner(rest_event(), context())
    runner(rest_event(), context())
    runner.close()
    runner.close()
    assert events == ["up", {"pool": 1}, {"pool": 1}, "down"]


def test_shutdown_is_in_the_environment_of_its_stage():
    events = []
    runner = AsgiRunner.loading(lambda: checked(living(events)), lambda: events.append("entered"))
    runner.close()
    runner.close()
    assert events == ["up", "entered", "down"]


def test_failed_startup_is_an_init_error():
    with pytest.raises(LifespanError, match="no database"):
        AsgiRunner(living([], {"type": "lifespan.startup.failed", "message": "no database"}))


def test_failed_shutdown_is_in_the_log(capsys):
    AsgiRunner(living([], shutdown={"type": "lifespan.shutdown.failed", "message": "stuck"})).close()
    assert "stuck" in capsys.readouterr().err


# --- what runs beside a request


def test_tasks_are_done_before_the_answer(run):
    done = []

    async def later():
        await asyncio.sleep(0.01)
        asyncio.ensure_future(latest())

    async def latest():
        await asyncio.sleep(0.01)
        done.append(True)

    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise NotImplementedError
        asyncio.ensure_future(later())
        await responding()(scope, receive, send)

    run(app)
    assert done == [True]


def test_answer_is_there_before_the_invocations_time_is_up(monkeypatch, capsys):
    monkeypatch.setattr(asgi, "GRACE_SECONDS", 60.0)
    short = context()
    short.get_remaining_time_in_millis = lambda: 600

    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise NotImplementedError
        asyncio.ensure_future(asyncio.sleep(60))
        await responding()(scope, receive, send)

    runner = AsgiRunner(app)
    begin = time.monotonic()
    assert runner(rest_event(), short)["statusCode"] == 200
    assert time.monotonic() - begin < 30
    assert "still run after 0.1 s" in capsys.readouterr().err
    runner.close()


def test_result_of_a_task_is_not_kept():
    class Result:
        pass

    results, kept = weakref.WeakSet(), []

    async def work():
        result = Result()
        results.add(result)
        return result

    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise NotImplementedError
        for _ in range(3):
            await asyncio.create_task(work())
        # What ended last may still be on its way out.
        await asyncio.sleep(0)
        kept.append(len(results))
        await responding()(scope, receive, send)

    runner = AsgiRunner(app)
    assert runner(rest_event(), context())["statusCode"] == 200
    runner.close()
    assert kept == [0]


def test_task_that_never_ends_holds_up_one_request_only(monkeypatch, capsys):
    monkeypatch.setattr(asgi, "GRACE_SECONDS", 0.02)
    kept = []

    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise NotImplementedError
        if not kept:
            kept.append(asyncio.ensure_future(asyncio.Event().wait()))
        await responding()(scope, receive, send)

    runner = AsgiRunner(app)
    runner(rest_event(), context())
    runner(rest_event(), context())
    assert capsys.readouterr().err.count("still run") == 1
    runner.close()
    assert kept[0].cancelled()


def test_routes_of_preflights_lead_to_no_application():
    async def app(scope, receive, send):
        assert scope["type"] == "lifespan", "it was called"

    runner = AsgiRunner(app)
    event = v2_event(method="OPTIONS", routeKey="OPTIONS /", stageVariables={"PREFLIGHTS": "1"})
    assert runner(event, context()) == {"statusCode": 204}
    runner.close()
