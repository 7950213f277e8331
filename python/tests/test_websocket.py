"""WebSockets: what an application sees of each event, and what goes out through @connections."""

import asyncio
import sys

import pytest

from slam_lambda import websocket
from slam_lambda.asgi import AsgiRunner

from .asgi_checker import checked
from .support import context, websocket_sample


class Gone(Exception):
    pass


class Connections:
    """What boto3's client would send."""

    class exceptions:
        GoneException = Gone

    def __init__(self, gone=False):
        self.calls = []
        self._gone = gone

    def post_to_connection(self, ConnectionId, Data):
        if self._gone:
            raise Gone
        self.calls.append(("post", ConnectionId, Data))

    def delete_connection(self, ConnectionId):
        self.calls.append(("delete", ConnectionId))


@pytest.fixture
def serve(monkeypatch):
    def answer(app, event, client=None):
        client = client or Connections()
        monkeypatch.setattr(websocket, "management_client", lambda gateway: client)
        runner = AsgiRunner(checked(app))
        reply = runner(event, context())
        runner.close()
        return reply, client.calls

    return answer


def echo(seen=None):
    async def app(scope, receive, send):
        if scope["type"] != "websocket":
            raise NotImplementedError
        seen is not None and seen.append(scope)
        assert (await receive())["type"] == "websocket.connect"
        await send({"type": "websocket.accept", "subprotocol": (scope["subprotocols"] or [None])[0]})
        while True:
            message = await receive()
            if seen is not None:
                seen.append(message)
            if message["type"] == "websocket.disconnect":
                return
            if message.get("text") == "bye":
                return await send({"type": "websocket.close"})
            await send({"type": "websocket.send", "text": message.get("text"), "bytes": message.get("bytes")})

    return app


def message(text="hello", **more):
    return {**websocket_sample("message"), "body": text, **more}


MESSAGE_ID = message()["requestContext"]["connectionId"]


def test_connection_is_accepted(serve):
    assert serve(echo(), websocket_sample("connect")) == ({"statusCode": 200}, [])


def test_subprotocol_is_chosen(serve):
    event = websocket_sample("connect")
    event["multiValueHeaders"]["Sec-WebSocket-Protocol"] = ["chat, other"]
    reply, _ = serve(echo(), event)
    assert reply == {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": "chat"}}


def test_connection_is_refused(serve):
    async def app(scope, receive, send):
        await receive()
        await send({"type": "websocket.close"})

    assert serve(app, websocket_sample("connect")) == ({"statusCode": 403}, [])


@pytest.mark.parametrize(
    "event, data",
    [(message("hé"), "hé".encode()), (message("/w==", isBase64Encoded=True), b"\xff"), (message(""), b"")],
)
def test_message_is_answered(serve, event, data):
    assert serve(echo(), event) == ({"statusCode": 200}, [("post", MESSAGE_ID, data)])


def test_server_closes(serve):
    assert serve(echo(), message("bye")) == ({"statusCode": 200}, [("delete", MESSAGE_ID)])


def test_client_leaves(serve):
    seen = []
    assert serve(echo(seen), websocket_sample("disconnect")) == ({"statusCode": 200}, [])
    assert (seen[-1]["type"], seen[-1]["code"]) == ("websocket.disconnect", 1005)


@pytest.mark.parametrize(
    "name, client, host, headers, last",
    [
        ("connect", "166.90.225.1", "asasasas.execute-api.us-east-1", 8, "websocket.connect"),
        ("message", "166.90.225.1", "asasasas.execute-api.us-east-1", 0, "websocket.receive"),
        ("disconnect", "192.0.2.1", "abcd1234.execute-api.us-east-1", 4, "websocket.disconnect"),
        ("message-without-method", "10.0.0.13", "asdfasdf.execute-api.us-west-2", 8, "websocket.connect"),
    ],
)
def test_every_sample_event(serve, name, client, host, headers, last):
    event, seen = websocket_sample(name), []

    async def app(scope, receive, send):
        if scope["type"] != "websocket":
            raise NotImplementedError
        seen.append(scope)
        seen.append((await receive())["type"])
        await send({"type": "websocket.accept"})
        seen.append((await receive())["type"])

    assert serve(app, event) == ({"statusCode": 200}, [])
    scope = seen[0]
    assert (scope["client"], scope["server"]) == ((client, 0), (f"{host}.amazonaws.com", 443))
    assert (len(scope["headers"]), seen[-1]) == (headers, last)


def test_scope_tells_of_the_connection(serve):
    seen = []
    event = {**websocket_sample("connect"), "multiValueQueryStringParameters": {"token": ["a b"]}}
    serve(echo(seen), event)
    assert (seen[0]["query_string"], seen[0]["client"]) == (b"token=a+b", ("166.90.225.1", 0))
    assert seen[0]["lambda.event"] is event


def test_client_that_has_gone_is_an_os_error(serve):
    caught = []

    async def app(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        await receive()
        try:
            await send({"type": "websocket.send", "text": "x"})
        except OSError as error:
            caught.append(str(error))

    assert serve(app, message(), Connections(gone=True))[0] == {"statusCode": 200} and caught == ["the client has gone"]


async def greeting(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    await send({"type": "websocket.send", "text": "welcome"})


async def raising(scope, receive, send):
    raise RuntimeError("boom")


async def exiting(scope, receive, send):
    if scope["type"] == "websocket":
        sys.exit(3)


async def waiting_for_what_was_cancelled(scope, receive, send):
    task = asyncio.ensure_future(asyncio.sleep(60))
    asyncio.get_running_loop().call_soon(task.cancel)
    await task


async def too_long(scope, receive, send):
    await receive()
    await send({"type": "websocket.accept"})
    await receive()
    await send({"type": "websocket.send", "bytes": b"x" * 131_073})


@pytest.mark.parametrize(
    "app, event, told",
    [
        (greeting, websocket_sample("connect"), "delivers nothing before"),
        (raising, message(), "boom"),
        (exiting, message(), "SystemExit: 3"),
        (waiting_for_what_was_cancelled, message(), "CancelledError"),
        (too_long, message(), "131072"),
    ],
)
def test_error_is_a_500_and_in_the_log(serve, app, event, told, capsys):
    assert serve(app, event) == ({"statusCode": 500}, [])
    assert told in capsys.readouterr().err


def test_what_a_message_does_not_wait_for_is_cancelled(serve):
    ended = []

    async def app(scope, receive, send):
        await receive()
        await send({"type": "websocket.accept"})
        try:
            await receive()
            await receive()
        except asyncio.CancelledError:
            ended.append(True)
            raise

    serve(app, message())
    assert ended == [True]


@pytest.mark.parametrize(
    "gateway, expected",
    [
        ({"domainName": "abc.execute-api.eu-west-1.amazonaws.com"}, "https://abc.execute-api.eu-west-1.amazonaws.com/p"),
        ({"domainName": "chat.example.com"}, "https://abc.execute-api.us-east-2.amazonaws.com/p"),
    ],
)
def test_connections_are_at_the_apis_own_host(gateway, expected, monkeypatch):
    monkeypatch.setenv("AWS_REGION", "us-east-2")
    assert websocket.management_endpoint({"apiId": "abc", "stage": "p", **gateway}) == expected
