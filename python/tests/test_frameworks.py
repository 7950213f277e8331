"""Real frameworks between the adapter and a checker of the specification: neither side breaks a rule."""

import contextlib
import importlib
import io
from wsgiref.validate import validator

import fastapi
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from slam_lambda import websocket
from slam_lambda.asgi import AsgiRunner
from slam_lambda.lifespan import LifespanError
from slam_lambda.wsgi import WsgiRunner

from . import gateway
from .asgi_checker import checked
from .support import context, websocket_sample
from .test_conformance import ASGI, REQUESTS, WSGI, frameworks_rubbish  # noqa: F401 (a fixture for all tests here)
from .test_websocket import MESSAGE_ID, Connections, message

pytestmark = pytest.mark.filterwarnings("default")
of_each_kind = pytest.mark.parametrize("kind", gateway.KINDS, ids=lambda kind: kind.__name__)


def events(kind):
    """The requests of the comparison with real servers, but for the 204: Flask and Django send a Content-Type with it,
    which the validator forbids."""
    for method, target, headers, body in REQUESTS:
        path, _, query = target.partition("?")
        length = [("Content-Length", str(len(body)))] if body else []
        if path != "/empty":
            yield target, kind(method, path, query, [("Host", "example.com"), *headers, *length], body)


def sized(app):
    """Reads the body by its length: frameworks trust `wsgi.input_terminated`, which the validator does not know."""

    def reading(environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        return app({**environ, "wsgi.input": io.BytesIO(body)}, start_response)

    return reading


@of_each_kind
@pytest.mark.parametrize("name", WSGI)
def test_wsgi_framework_under_the_validator(name, kind, capsys):
    app = importlib.import_module(f"tests.apps.{name}").app
    plain, validated = WsgiRunner(app), WsgiRunner(validator(sized(app)))
    for target, event in events(kind):
        expected, answered = plain(event, context()), validated(event, context())
        assert (answered["statusCode"], answered["isBase64Encoded"]) == (
            expected["statusCode"],
            expected["isBase64Encoded"],
        ), f"{target}: {capsys.readouterr().err}"


@of_each_kind
@pytest.mark.parametrize("name", ASGI)
def test_asgi_framework_under_the_checker(name, kind, capsys):
    app = importlib.import_module(f"tests.apps.{name}").app
    plain, validated = AsgiRunner(app), AsgiRunner(checked(app))
    for target, event in events(kind):
        expected, answered = plain(event, context()), validated(event, context())
        assert answered["statusCode"] == expected["statusCode"], f"{target}: {capsys.readouterr().err}"
    plain.close()
    validated.close()


# --- lifespan and WebSockets of the two that have them


def lifespan(events, startup_error=None, shutdown_error=None):
    @contextlib.asynccontextmanager
    async def living(app):
        events.append("up")
        if startup_error:
            raise startup_error
        yield {"pool": 1}
        events.append("down")
        if shutdown_error:
            raise shutdown_error

    return living


def chat_of(framework, **more):
    """A site with a WebSocket that answers in capitals, and a page that tells what its lifespan keeps."""

    async def chat(socket: WebSocket):
        await socket.accept()
        with contextlib.suppress(WebSocketDisconnect):
            while True:
                await socket.send_text((await socket.receive_text()).upper())

    async def page(request: Request):
        return PlainTextResponse(f"pool {request.state.pool}")

    if framework == "starlette":
        return Starlette(routes=[WebSocketRoute("/", chat), Route("/", page)], **more)
    app = fastapi.FastAPI(**more)
    app.add_api_websocket_route("/", chat)
    app.add_api_route("/", page)
    return app


of_both = pytest.mark.parametrize("framework", ["starlette", "fastapi"])


@of_both
def test_lifespan_of_a_framework(framework):
    events = []
    runner = AsgiRunner(checked(chat_of(framework, lifespan=lifespan(events))))
    for _ in range(2):
        assert runner(gateway.http_2("GET", "/", "", [], b""), context())["body"] == "pool 1"
    runner.close()
    assert events == ["up", "down"]


@of_both
def test_failed_startup_of_a_framework_is_told(framework):
    with pytest.raises(LifespanError, match="no database"):
        AsgiRunner(checked(chat_of(framework, lifespan=lifespan([], RuntimeError("no database")))))


@of_both
def test_failed_shutdown_of_a_framework_is_in_the_log(framework, capsys):
    AsgiRunner(checked(chat_of(framework, lifespan=lifespan([], None, RuntimeError("stuck"))))).close()
    assert "did not stop in order" in capsys.readouterr().err


@of_both
def test_websocket_of_a_framework(framework, monkeypatch):
    connections = Connections()
    monkeypatch.setattr(websocket, "management_client", lambda gateway: connections)
    runner = AsgiRunner(checked(chat_of(framework)))
    assert runner(websocket_sample("connect"), context()) == {"statusCode": 200}
    assert runner(message("hé"), context()) == {"statusCode": 200}
    assert runner(websocket_sample("disconnect"), context()) == {"statusCode": 200}
    runner.close()
    assert connections.calls == [("post", MESSAGE_ID, "HÉ".encode())]
