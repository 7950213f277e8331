"""WebSockets of API Gateway, for ASGI applications.

API Gateway holds the connection and invokes the function for each event on it:
``$connect``, a message, ``$disconnect``, each perhaps in another process. So for
each event the application is called anew: it receives ``websocket.connect``,
accepts, receives the event's message, and is cancelled when it waits for the
next one. What belongs to a connection must be kept outside, in a table, under
``scope["lambda.event"]["requestContext"]["connectionId"]``.

What the application sends goes out through the ``@connections`` API, for which
the function's role needs ``execute-api:ManageConnections``. API Gateway tells
the headers and the query of a connection at ``$connect`` only.
"""

import asyncio
import os

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


async def serve(app, scope, event, client=None):
    """Call the application for one event and return what API Gateway is answered."""
    connection = _Connection(event, client)
    serving = asyncio.ensure_future(_call(app, scope, connection))
    waiting = asyncio.ensure_future(connection.finished.wait())
    try:
        await asyncio.wait([serving, waiting], return_when=asyncio.FIRST_COMPLETED)
        if not serving.done():
            connection.over = True
            serving.cancel()
            await asyncio.wait([serving])
    finally:
        waiting.cancel()
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

    def __init__(self, event, client=None):
        self._gateway = event["requestContext"]
        self._type = self._gateway["eventType"]
        self._client = client
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
        self._closed = False
        #: Whether the application is cancelled, because it has nothing left to do.
        self.over = False
        #: Whether the application raised an exception.
        self.failed = False
        #: Set when the application waits for what this event has not.
        self.finished = asyncio.Event()

    async def receive(self):
        if self._messages and (self._accepted is not None or self._messages[0]["type"] == "websocket.connect"):
            return self._messages.pop(0)
        self.finished.set()
        # Until cancelled: the next message is another invocation's.
        await asyncio.Event().wait()

    async def send(self, message):
        kind = message["type"]
        if self._closed:
            raise OSError("the WebSocket is closed")
        if kind == "websocket.accept" and self._accepted is None:
            self._accepted = message
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
