"""How an ASGI application is called when its answer streams.

The body ends for the client with its last message, as it does with uvicorn. The
application may run on: for Lambda the invocation ends when the runtime asks for
the next event.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
"""

import asyncio

from .. import asgi
from ..lifespan import FROM_OUTSIDE
from ..log import log, log_exception
from .api import Gone
from .errors import document
from .streams import StreamingRunner


class StreamingAsgiRunner(StreamingRunner, asgi.AsgiRunner):
    """Serves HTTP and WebSocket events with an ASGI application, in pieces where the sender takes them."""

    def _send(self, outgoing, context, stream):
        try:
            request = outgoing.request()
            scope = self._make_scope(request)
        except Exception:
            log_exception()
            stream.write(outgoing.internal_error())
            stream.end(None)
        else:
            scope["lambda.event"] = outgoing.event
            scope["lambda.context"] = context
            self._run(call(self._app, self._with_state(scope), _Exchange(request.body, outgoing, stream)), context)
        outgoing.log()
        stream.close()


async def call(app, scope, exchange):
    """Call the application and send its response as it makes it."""
    try:
        result = await app(scope, exchange.receive, exchange.send)
        if result is not None:
            raise TypeError(f"the ASGI application returned {type(result).__name__} instead of None")
        if not exchange.complete:
            raise RuntimeError("the ASGI application returned without completing its response")
    except FROM_OUTSIDE:
        raise
    except BaseException as exception:
        if exchange.gone:
            log("the answer was not taken to its end")
            return
        log_exception()
        # Frameworks answer with an error page of their own, and raise what they had caught once it is sent.
        if not exchange.complete:
            await exchange.fail(document(exception, getattr(scope["lambda.context"], "aws_request_id", "")))
    finally:
        exchange.disconnect()


class _Exchange(asgi._Exchange):
    """One request and its response, which is sent as the application makes it."""

    __slots__ = ("gone", "_outgoing", "_stream")

    def __init__(self, body, outgoing, stream):
        super().__init__(body)
        #: Whether nobody takes the answer any more.
        self.gone = False
        self._outgoing = outgoing
        self._stream = stream

    async def receive(self):
        if self.gone:
            return {"type": "http.disconnect"}
        return await super().receive()

    async def send(self, message):
        if self.gone:
            # As the specification says since 2.4.
            raise OSError("the client has gone")
        last = message["type"] == "http.response.body" and not message.get("more_body", False)
        # It is complete once it is sent: those who watch for the client's end would stop what is being sent.
        await super().send({**message, "more_body": True} if last else message)
        if message["type"] != "http.response.body":
            return
        head = b"" if self._outgoing.begun else self._outgoing.head(self._status, "", self._headers)
        piece = head + self._outgoing.body(b"".join(self._chunks))
        self._chunks.clear()
        loop = asyncio.get_running_loop()
        try:
            await self._stream.send(loop, piece)
            if last:
                await self._stream.send_end(loop)
        except Gone as error:
            self.gone = True
            self.disconnect()
            raise OSError("the client has gone") from error
        if last:
            self.complete = True
            self.disconnect()

    async def fail(self, error):
        """Send the end. An error before the head was sent is a response of its own; one after is told as such."""
        loop = asyncio.get_running_loop()
        if not self._outgoing.begun:
            await self._stream.send(loop, self._outgoing.internal_error())
            error = None
        await self._stream.send_end(loop, error)
