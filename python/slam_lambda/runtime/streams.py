"""Which events are answered in pieces, and what a streamed answer begins with.

It begins with metadata, JSON, and eight null bytes; what follows is the body as it is:
https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
"""

import json

from .. import events
from ..events import payload_v2, rest_v1
from ..http import Reply, Response
from ..log import log_request

CONTENT_TYPE = "application/vnd.awslambda.http-integration-response"
_DELIMITER = b"\0" * 8
# "The delimiter must be 8 null bytes and it must appear within the first 16KB of stream data."
_MOST_BYTES = 16 * 1024
_METADATA = ("statusCode", "headers", "multiValueHeaders", "cookies")

#: The runners that stream, by kind: :mod:`slam_lambda.handler` takes them in place of its own.
RUNNERS = {"asgi": ("runtime.asgi", "StreamingAsgiRunner"), "wsgi": ("runtime.wsgi", "StreamingWsgiRunner")}


class Streamed:
    """An answer that is made while it is sent: ``send`` does both."""

    def __init__(self, send):
        self.send = send


class StreamingRunner:
    """What answers in pieces where the sender takes them; others are answered by the runner it is mixed into.

    ``_send`` calls the application and sends what it answers.
    """

    def __call__(self, event, context):
        """Answer one event."""
        source = source_of(event)
        if source is None:
            return super().__call__(event, context)
        return Streamed(lambda stream: self._send(Outgoing(source, event), context, stream))


def source_of(event):
    """The sender of an event if it takes an answer in pieces, else None.

    That is a REST API and a function URL: no load balancer, HTTP API or WebSocket API does.
    """
    try:
        source = events.source_of(event)
    except events.NotHttp:
        return None
    if source is rest_v1:
        # An HTTP API says the version of its payload.
        return None if "version" in event else source
    return source if source is payload_v2 and payload_v2.is_function_url(event) else None


class Outgoing:
    """An HTTP response on its way: the head goes with the first piece of the body."""

    def __init__(self, source, event):
        self._source = source
        self.event = event
        # None until the event is read, and until the head is made.
        self._request = self._status = None
        #: Whether the head was made: from then on the answer cannot be another.
        self.begun = False
        self._silent = False

    def request(self):
        """The request that it answers. An event that cannot be read is an error."""
        self._request = self._source.request(self.event)
        return self._request

    def head(self, status, reason, headers):
        """What the answer begins with. Headers that cannot be sent are an error."""
        method = self._request.method if self._request is not None else "GET"
        reply = Reply(method, Response(status, reason, headers, b""))
        silent = method == "HEAD" or status < 200 or status in (204, 304)
        length = next((value for name, value in headers if name.lower() == "content-length"), None)
        # Unlike that of a whole answer it cannot be counted by whoever sends it on.
        if length is not None and not silent:
            reply.headers["Content-Length"] = reply.values["content-length"] = [length]
        payload = self._source.response(self.event, reply)
        head = json.dumps({name: payload[name] for name in _METADATA if name in payload}).encode() + _DELIMITER
        if len(head) > _MOST_BYTES:
            raise ValueError(
                f"the application set headers of {len(head)} bytes; a streamed answer may begin with {_MOST_BYTES}"
            )
        self.begun = True
        self._status = status
        self._silent = silent
        return head

    def body(self, data):
        """A piece of the body as it is sent: to some requests none is."""
        return b"" if self._silent else bytes(data)

    def internal_error(self):
        """All of what a client sees of an exception when nothing was sent before."""
        response = Response.internal_error()
        return self.head(response.status, response.reason, response.headers) + self.body(response.body)

    def log(self):
        """Write the line about the request, once all is sent that will be."""
        if self._request is not None and self._status is not None:
            log_request(self._request, self._status)
