"""WebSockets of API Gateway, for ASGI applications.

API Gateway holds the connection and invokes the function for each event on it:
``$connect``, a message, ``$disconnect``, each perhaps in another process. So for
each event the application is called anew: it receives ``websocket.connect``,
accepts, receives the event's message, and is cancelled when it waits for the
next one. What belongs to a connection must be kept outside, in a table, under
``scope["lambda.event"]["requestContext"]["connectionId"]``.

An application may wait for the next message in one task and answer in another,
as those made with Falcon and Quart do. So an event is over when a task waits
for the next message, nothing is being sent, and

* all tasks that were made for the event wait for a message; or
* nothing can wake the others: the event loop has no timer, no file and no
  thread to wait for; or
* nothing was received or sent for as long as left-over tasks are waited for
  (``GRACE_SECONDS``). A connection to a database, which the loop watches even
  while it is idle, leads here.

Then all tasks that were made for the event are cancelled, or they would stand in
the next event's way. What is to outlive an event belongs into the lifespan.

What the application sends goes out through the ``@connections`` API, for which
the function's role needs ``execute-api:ManageConnections``. API Gateway tells
the headers and the query of a connection at ``$connect`` only.
"""

import asyncio
import os
import selectors
import threading

from .http import body_of, pairs
from .lifespan import FROM_OUTSIDE
from .log import log_exception

_EVENTS = ("CONNECT", "MESSAGE", "DISCONNECT")
# https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-execution-service-websocket-limits-table.html
_MAX_MESSAGE_BYTES = 131_072


def matches(event):
    """Whether a WebSocket API sent ``event``."""
    context = event.get("requestContext") if isinstance(event, dict) else None
    return isinstance(context, dict) and "connectionId" in context and context.get("eventType") in _EVENTS


def make_scope(event, context):
    """The connection scope of an event."""
    gateway = event["requestContext"]
    headers = [
        (name.lower().encode("latin-1", "replace"), value.encode("latin-1", "replace"))
        for name, value in pairs(event.get("headers"), event.get("multiValueHeaders"))
    ]
    protocols = ",".join(value.decode("latin-1") for name, value in headers if name == b"sec-websocket-protocol")
    from urllib.parse import urlencode

    query = pairs(event.get("queryStringParameters"), event.get("multiValueQueryStringParameters"))
    client = (gateway.get("identity") or {}).get("sourceIp")
    return {
        "type": "websocket",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "scheme": "wss",
        # A WebSocket API has one address: its stage.
        "path": "/",
        "raw_path": b"/",
        "root_path": "",
        "query_string": urlencode(query).encode(),
        "headers": headers,
        "client": (client, 0) if client else None,
        "server": (gateway.get("domainName") or "localhost", 443),
        "subprotocols": [protocol.strip() for protocol in protocols.split(",") if protocol.strip()],
        "extensions": {},
        "lambda.event": event,
        "lambda.context": context,
    }


async def serve(app, scope, event, tasks, grace, client=None):
    """Call the application for one event and return what API Gateway is answered.

    ``tasks`` are those of the event that run; ``grace()`` tells for how many seconds they may do so unseen.
    """
    connection = _Connection(event, tasks, grace, client)
    serving = asyncio.ensure_future(_call(app, scope, connection))
    await asyncio.get_running_loop().rest(serving, connection.patience)
    connection.over = True
    # One that has returned may have left tasks with work to do: they are waited for as after a request.
    useless = set(connection.receiving if serving.done() else tasks)
    for task in useless:
        task.cancel()
    if useless:
        await asyncio.wait(useless, timeout=grace())
    return connection.answer()


async def _call(app, scope, connection):
    """Call the application; its exception is the connection's failure."""
    try:
        await app(scope, connection.receive, connection.send)
    except FROM_OUTSIDE:
        raise
    except BaseException as exception:
        if not (connection.over and isinstance(exception, asyncio.CancelledError)):
            log_exception()
            connection.failed = True


class _Connection:
    """One event of a connection, as the application sees it."""

    def __init__(self, event, tasks, grace, client=None):
        self._gateway = event["requestContext"]
        self._type = self._gateway["eventType"]
        self._client = client
        self._tasks = tasks
        self._grace = grace
        self._messages = [{"type": "websocket.connect"}]
        if self._type == "MESSAGE":
            body = body_of(event)
            key, value = ("bytes", body) if event.get("isBase64Encoded") else ("text", body.decode())
            self._messages.append({"type": "websocket.receive", key: value})
        elif self._type == "DISCONNECT":
            self._messages.append(
                {
                    "type": "websocket.disconnect",
                    "code": self._gateway.get("disconnectStatusCode", 1005),
                    "reason": self._gateway.get("disconnectReason") or "",
                }
            )
        self._accepted = None
        self._acceptance = asyncio.Event()
        self._closed = False
        self._sending = 0
        #: The tasks that wait for a message.
        self.receiving = set()
        #: Whether the application is cancelled, because it has nothing left to do.
        self.over = False
        #: Whether the application raised an exception.
        self.failed = False
        self._moved()

    def patience(self):
        """For how many seconds the application may go on unseen, or None if it is seen to be at work."""
        coming = self._accepted is not None and self._messages
        if not self.receiving or self._sending or coming:
            return None
        if self.receiving.issuperset(self._tasks):
            return 0
        return self._until - asyncio.get_running_loop().time()

    async def receive(self):
        task = asyncio.current_task()
        self.receiving.add(task)
        try:
            if not (self._messages and self._messages[0]["type"] == "websocket.connect"):
                await self._acceptance.wait()
            if not self._messages:
                # Until cancelled: the next message is another invocation's.
                await asyncio.Event().wait()
            return self._messages.pop(0)
        finally:
            self.receiving.discard(task)
            self._moved()

    async def send(self, message):
        self._sending += 1
        try:
            await self._send(message)
        finally:
            self._sending -= 1
            self._moved()

    def _moved(self):
        self._until = asyncio.get_running_loop().time() + self._grace()

    async def _send(self, message):
        kind = message["type"]
        if self._closed:
            raise OSError("the WebSocket is closed")
        if kind == "websocket.accept" and self._accepted is None:
            self._accepted = message
            self._acceptance.set()
        elif kind == "websocket.close":
            self._closed = True
            if self._accepted is not None and self._type == "MESSAGE":
                await self._call("delete_connection")
        elif kind == "websocket.send" and self._accepted is not None:
            await self._post(message)
        else:
            raise RuntimeError(f"the application sent {kind!r}, which does not fit here")

    def answer(self):
        """What API Gateway is answered; it reads it at ``$connect`` only."""
        if self.failed:
            return {"statusCode": 500}
        if self._type != "CONNECT":
            return {"statusCode": 200}
        if self._accepted is None or self._closed:
            return {"statusCode": 403}
        protocol = self._accepted.get("subprotocol")
        return {"statusCode": 200, **({"headers": {"Sec-WebSocket-Protocol": protocol}} if protocol else {})}

    async def _post(self, message):
        if self._type == "CONNECT" or self._messages:
            raise RuntimeError(
                "slam: API Gateway delivers nothing before it has the answer to $connect; "
                "send once a message was received"
            )
        if self._type == "DISCONNECT":
            raise OSError("the WebSocket is closed")
        data = message.get("bytes")
        if data is None:
            data = message["text"].encode()
        if len(data) > _MAX_MESSAGE_BYTES:
            raise ValueError(
                f"slam: a message has {len(data)} bytes, and API Gateway takes at most {_MAX_MESSAGE_BYTES}: "
                "send it in parts, or where it can be fetched"
            )
        await self._call("post_to_connection", Data=data)

    async def _call(self, operation, **parameters):
        # Made late: importing boto3 takes longer than most functions.
        self._client = self._client or management_client(self._gateway)
        send = getattr(self._client, operation)
        connection = self._gateway["connectionId"]
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(None, lambda: send(ConnectionId=connection, **parameters))
        except self._client.exceptions.GoneException:
            self._closed = True
            raise OSError("the client has gone") from None


class Loop(asyncio.SelectorEventLoop):
    """An event loop that can tell when nothing is left to do."""

    def __init__(self):
        self._files = selectors.DefaultSelector()
        self._calls = set()
        super().__init__(self._files)

    def run_in_executor(self, executor, function, *arguments):
        call = super().run_in_executor(executor, function, *arguments)
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        return call

    async def rest(self, serving, patience):
        """Wait until ``serving`` is done, or until nothing can wake the loop within ``patience()`` seconds.

        The loop tells its selector how long it may wait: not at all if a callback is ready, until the next timer if
        there is one.
        """
        rest = self.create_future()
        wait = self._files.select

        def select(timeout=None):
            left = None if rest.done() else patience()
            if left is None:
                return wait(timeout)
            if left <= 0 or ((timeout is None or timeout >= left) and self._is_alone()):
                rest.set_result(None)
                return wait(0)
            return wait(left if timeout is None else min(timeout, left))

        self._files.select = select
        try:
            await asyncio.wait([serving, rest], return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._files.select

    def _is_alone(self):
        """Whether neither a file nor a thread may wake the loop."""
        # One file is the loop's own.
        return len(self._files.get_map()) == 1 and not self._calls and all(map(_is_known, threading.enumerate()))


def _is_known(thread):
    # Those of the loop's executor stay when their work is done. Others may do what the loop cannot see.
    return thread is threading.main_thread() or thread.name.startswith("asyncio_")


def management_client(gateway):
    """boto3's client of the API that sends to connections."""
    import boto3

    return boto3.client("apigatewaymanagementapi", endpoint_url=management_endpoint(gateway))


def management_endpoint(gateway):
    """Where the ``@connections`` of an API are: at its own host, which a domain of one's own need not lead to."""
    api, domain = gateway["apiId"], gateway.get("domainName") or ""
    if not domain.startswith(f"{api}.execute-api."):
        region = os.environ["AWS_REGION"]
        suffix = "amazonaws.com.cn" if region.startswith("cn-") else "amazonaws.com"
        domain = f"{api}.execute-api.{region}.{suffix}"
    return f"https://{domain}/{gateway['stage']}"
