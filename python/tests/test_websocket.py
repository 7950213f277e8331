"""WebSockets: what an application sees of each event, and what goes out through @connections."""

import asyncio
import socket
import subprocess
import sys
import threading
import time

import pytest

from slam_lambda import asgi, websocket
from slam_lambda.asgi import AsgiRunner

from .asgi_checker import checked
from .support import context, waiting_for_what_was_cancelled, websocket_sample


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


# --- applications that receive in one task and answer in another


def pumping(work, seen=None, ended=None):
    """An application like those of Falcon and Quart: a task receives, and the one that was called answers."""

    async def app(scope, receive, send):
        if scope["type"] != "websocket":
            raise NotImplementedError
        messages = asyncio.Queue()

        async def pump():
            try:
                while True:
                    await messages.put(await receive())
            finally:
                ended is not None and ended.append("pump")

        pumped = asyncio.ensure_future(pump())
        assert (await messages.get())["type"] == "websocket.connect"
        await asyncio.sleep(0.01)
        await send({"type": "websocket.accept"})
        while True:
            message = await messages.get()
            seen is not None and seen.append(message["type"])
            if message["type"] == "websocket.disconnect":
                return await pumped
            await work()
            await send({"type": "websocket.send", "text": message["text"]})

    return app


def sleeping():
    return asyncio.sleep(0.1)


def in_a_thread():
    return asyncio.get_running_loop().run_in_executor(None, time.sleep, 0.1)


async def in_a_thread_of_its_own():
    loop, done = asyncio.get_running_loop(), asyncio.Event()
    threading.Timer(0.1, loop.call_soon_threadsafe, [done.set]).start()
    await done.wait()


async def over_a_socket():
    reading, writing = socket.socketpair()
    with reading, writing:
        reading.setblocking(False)
        # What writes is no thread of this process.
        with subprocess.Popen([sys.executable, "-c", "print(1)"], stdout=writing):
            await asyncio.get_running_loop().sock_recv(reading, 1)


@pytest.mark.parametrize("work", [sleeping, in_a_thread, in_a_thread_of_its_own, over_a_socket])
def test_answer_comes_while_another_task_waits_for_messages(serve, work):
    seen, ended = [], []
    assert serve(pumping(work, seen, ended), message()) == ({"statusCode": 200}, [("post", MESSAGE_ID, b"hello")])
    assert (seen, ended) == (["websocket.receive"], ["pump"])


def test_pump_sees_every_event(serve):
    seen = []
    assert serve(pumping(sleeping, seen), websocket_sample("connect")) == ({"statusCode": 200}, [])
    event = websocket_sample("disconnect")
    # It waits for the task that receives, so it never returns.
    assert serve(pumping(sleeping, seen), event) == ({"statusCode": 200}, [])
    assert seen == ["websocket.disconnect"]


def test_answer_of_a_task_comes_while_the_application_waits_for_messages(serve):
    async def app(scope, receive, send):
        if scope["type"] != "websocket":
            raise NotImplementedError
        await receive()
        await send({"type": "websocket.accept"})

        async def answer(message):
            await asyncio.sleep(0.1)
            await send({"type": "websocket.send", "text": message["text"]})

        tasks = []
        try:
            while True:
                tasks.append(asyncio.ensure_future(answer(await receive())))
        finally:
            for task in tasks:
                task.cancel()

    assert serve(app, message())[1] == [("post", MESSAGE_ID, b"hello")]


def test_task_is_not_left_to_the_next_event():
    kept = []

    async def app(scope, receive, send):
        if scope["type"] != "websocket":
            raise NotImplementedError

        async def pump():
            while True:
                await receive()

        async def handle():
            await send({"type": "websocket.accept"})
            await asyncio.Event().wait()

        kept.extend([asyncio.ensure_future(pump()), asyncio.ensure_future(handle())])
        await asyncio.wait(kept)

    runner = AsgiRunner(app)
    assert runner(message(), context()) == {"statusCode": 200}
    assert all(task.cancelled() for task in kept)
    runner.close()


def test_file_that_is_watched_does_not_keep_an_event(serve, monkeypatch):
    monkeypatch.setattr(asgi, "GRACE_SECONDS", 0.2)
    reading, writing = socket.socketpair()

    async def watch():
        asyncio.get_running_loop().add_reader(reading, bytes)

    with reading, writing:
        assert serve(pumping(watch), message())[1] == [("post", MESSAGE_ID, b"hello")]


def test_event_is_over_before_the_invocations_time_is_up():
    short = context()
    short.get_remaining_time_in_millis = lambda: 600
    ended = []

    async def app(scope, receive, send):
        if scope["type"] != "websocket":
            raise NotImplementedError
        await receive()
        await send({"type": "websocket.accept"})
        waiting = asyncio.ensure_future(receive())
        try:
            await asyncio.sleep(1)
            ended.append(waiting)
        finally:
            waiting.cancel()

    runner = AsgiRunner(app)
    assert runner(websocket_sample("connect"), short) == {"statusCode": 200}
    assert not ended
    runner.close()


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
