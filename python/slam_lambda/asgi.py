"""How an ASGI application is called: ASGI 3, with lifespan.

Lambda takes an answer whole, so the body the application sends in pieces is
collected. One event loop per application lives as long as the process; between
two invocations it stands still, as the whole process does.
"""

import asyncio
import atexit
import re

from . import events, root_path, websocket
from .http import Response, compression, decoded, learn, origin
from .lifespan import FROM_OUTSIDE, Lifespan, exit_at_sigterm
from .log import log, log_exception

# 2.4 says how a closed connection is told to the application: by OSError.
VERSION = {"version": "3.0", "spec_version": "2.4"}

# How long an invocation waits for tasks that the application started and left running. Lambda freezes the process
# as soon as it has the answer; but a task that keeps a pool of connections alive never ends.
GRACE_SECONDS = 2.0

# What is left of the invocation's time for sending the answer, which may have megabytes.
MARGIN_SECONDS = 0.5

_NAMES = {}
_CHUNKED = b"transfer-encoding"
_SAFE_IN_PATH = "/%:@!$&'()*+,;=-._~"
_SENT_AS_IT_IS = re.compile(f"[A-Za-z0-9{re.escape(_SAFE_IN_PATH)}]*").fullmatch


class AsgiRunner:
    """Serves HTTP and WebSocket events with an ASGI application."""

    def __init__(self, app, loop=None, enter=None):
        self._app = app
        # Puts the environment of the application's stage on.
        self._enter = enter
        self._loop = loop or websocket.Loop()
        self._compression = compression()
        self._path_has_root = root_path.begins_path(app)
        # The tasks that run, of those that the application has made since the invocation began.
        self._tasks = set()
        self._loop.set_task_factory(self._make_task)
        self._lifespan = Lifespan(app, VERSION["version"])
        try:
            self._loop.run_until_complete(self._lifespan.startup())
        except BaseException:
            self._loop.close()
            raise
        atexit.register(self.close)
        exit_at_sigterm()

    @classmethod
    def loading(cls, load, enter=None):
        """The runner of the application that ``load`` imports; ``enter`` puts the environment of its stage on."""
        # Before the import: in Python 3.9 a lock or queue made by it belongs to the loop there is.
        loop = websocket.Loop()
        asyncio.set_event_loop(loop)
        return cls(load(), loop, enter)

    def __call__(self, event, context):
        """Answer one event; an exception of the application is a 500, not a failed invocation."""
        if websocket.matches(event):
            scope = self._with_state(websocket.make_scope(event, context))
            serving = websocket.serve(self._app, scope, event, self._tasks, lambda: _grace(context))
            return self._run(serving, context)
        source = events.source_of(event)
        if events.is_answered(source, event):
            return dict(events.UNASKED)
        request = None
        try:
            request = source.request(event)
            scope = self._make_scope(request)
            scope["lambda.event"] = event
            scope["lambda.context"] = context
            response = self._run(call(self._app, self._with_state(scope), request.body), context)
            if self._compression is not None:
                response = self._compression.of(request, response)
            return events.reply(source, event, request, response)
        except Exception:
            log_exception()
            return events.reply(source, event, request, Response.internal_error())

    def complete(self, coroutine):
        """Run a task's coroutine to its end, in the loop that the application's clients belong to."""
        return self._run(coroutine, None)

    def close(self):
        """Shut the application down: once, when the process ends in an orderly way."""
        atexit.unregister(self.close)
        if not self._loop.is_closed() and not self._loop.is_running():
            # The last invocation may have been for another stage.
            if self._enter is not None:
                self._enter()
            self._loop.run_until_complete(self._lifespan.shutdown())
            self._loop.run_until_complete(_cancel_all())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def _make_scope(self, request):
        return make_scope(request, request.root_path + request.path if self._path_has_root else request.path)

    def _with_state(self, scope):
        if self._lifespan.supported:
            scope["state"] = self._lifespan.state.copy()
        return scope

    def _make_task(self, loop, coroutine, **more):
        task = asyncio.Task(coroutine, loop=loop, **more)
        self._tasks.add(task)
        # Or its result would be kept as long as the invocation takes.
        task.add_done_callback(self._tasks.discard)
        return task

    def _run(self, serving, context):
        """The outcome of ``serving``, once the tasks it has started are done as well."""
        self._tasks.clear()
        # Not by the factory: it is none of the application's.
        outcome = self._loop.run_until_complete(asyncio.Task(serving, loop=self._loop))
        if self._tasks:
            self._loop.run_until_complete(self._settle(_grace(context)))
        return outcome

    async def _settle(self, grace):
        deadline = self._loop.time() + grace
        current = asyncio.current_task()
        while True:
            running = self._tasks - {current}
            left = deadline - self._loop.time()
            if not running:
                return
            if left <= 0:
                names = ", ".join(sorted(task.get_name() for task in running))
                log(
                    f"{len(running)} tasks of the application still run after {grace:.1f} s; they stand still "
                    f"until the next invocation: {names}"
                )
                return
            await asyncio.wait(running, timeout=left)


def _grace(context):
    """For how many seconds an invocation may wait for what its answer does not need."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    if remaining is None:
        return GRACE_SECONDS
    return max(0.0, min(GRACE_SECONDS, remaining() / 1000 - MARGIN_SECONDS))


def make_scope(request, path):
    """The connection scope of a request; ``path`` is what the application finds its routes by."""
    pairs = request.header_pairs()
    try:
        # What nearly every request is: names seen before.
        headers = [(_NAMES[name], value.encode("latin-1")) for name, value in pairs]
    except (LookupError, UnicodeEncodeError):
        headers = [
            (_NAMES[name] if name in _NAMES else learn(_NAMES, _lower, name), _encoded(value)) for name, value in pairs
        ]
    # Of a header that comes twice, the first.
    first = dict(reversed(headers))
    if b"content-length" in first or _CHUNKED in first:
        # The body has been decoded already, so the client's own count may be another.
        counted = (b"content-length", b"%d" % len(request.body))
        headers = [counted if pair[0] == b"content-length" else pair for pair in headers if pair[0] != _CHUNKED]
    host = first.get(b"host")
    proto = first.get(b"x-forwarded-proto") or first.get(b"cloudfront-forwarded-proto")
    port = first.get(b"x-forwarded-port")
    scheme, host_header, server, server_port = origin(
        host and host.decode("latin-1"),
        proto and proto.decode("latin-1"),
        port and port.decode("latin-1"),
        request.scheme,
        request.host,
    )
    if host is None:
        headers.append((b"host", _encoded(host_header)))
    return {
        "type": "http",
        "asgi": VERSION,
        "http_version": request.protocol.partition("/")[2] or "1.1",
        "method": request.method,
        "scheme": scheme,
        "path": _text(path),
        "raw_path": _raw(path),
        "query_string": request.query_string.encode(),
        "root_path": _text(request.root_path),
        "headers": headers,
        # The sender tells the client's address, and not its port.
        "client": (request.client, 0) if request.client else None,
        "server": (server, int(server_port)),
        "extensions": {},
    }


async def call(app, scope, body):
    """Call the application and collect its response."""
    exchange = _Exchange(body)
    try:
        result = await app(scope, exchange.receive, exchange.send)
        if result is not None:
            raise TypeError(f"the ASGI application returned {type(result).__name__} instead of None")
        if not exchange.complete:
            raise RuntimeError("the ASGI application returned without completing its response")
    except FROM_OUTSIDE:
        raise
    except BaseException:
        log_exception()
        # Frameworks answer with an error page of their own, and raise what they had caught once it is sent.
        if not exchange.complete:
            return Response.internal_error()
    finally:
        exchange.disconnect()
    return exchange.response()


class _Exchange:
    """One request and its response, as the application sees them."""

    __slots__ = ("complete", "_body", "_disconnected", "_status", "_headers", "_chunks", "_trailers")

    def __init__(self, body):
        self.complete = False
        # None once it has been received.
        self._body = body
        self._disconnected = None
        self._status = None
        self._headers = ()
        self._chunks = []
        self._trailers = False

    async def receive(self):
        if self._body is not None:
            body, self._body = self._body, None
            return {"type": "http.request", "body": body, "more_body": False}
        if not self.complete:
            # A client that waits for its answer has not gone: those who watch for it must keep waiting.
            if self._disconnected is None:
                self._disconnected = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._disconnected)
        return {"type": "http.disconnect"}

    async def send(self, message):
        kind = message["type"]
        if self.complete:
            raise RuntimeError(f"{kind!r} was sent after the response was complete")
        if self._status is None:
            if kind != "http.response.start":
                raise RuntimeError(f"the application sent {kind!r} before 'http.response.start'")
            status = message["status"]
            if not isinstance(status, int) or not 100 <= status <= 999:
                raise ValueError(f"the application sent a status that is none: {status!r}")
            headers = [(bytes(n).decode("latin-1"), bytes(v).decode("latin-1")) for n, v in message.get("headers", ())]
            self._status = status
            self._headers = headers
        elif kind == "http.response.body":
            body = message.get("body", b"")
            if not isinstance(body, (bytes, bytearray, memoryview)):
                raise TypeError(f"the application sent a body that is a {type(body).__name__}, not bytes")
            self._chunks.append(body)
            if not message.get("more_body", False):
                self.complete = True
                self.disconnect()
        else:
            raise RuntimeError(f"the application sent {kind!r}, which this server has not offered")

    def disconnect(self):
        """Tell those who wait for more of the request that there is none."""
        if self._disconnected is not None and not self._disconnected.done():
            self._disconnected.set_result(None)

    def response(self):
        return Response(self._status, "", self._headers, b"".join(self._chunks))


def _lower(name):
    return name.lower().encode("latin-1", "replace")


def _encoded(value):
    try:
        return value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode()


def _text(path):
    return path if "%" not in path else decoded(path).decode("utf-8", "replace")


def _raw(path):
    if _SENT_AS_IT_IS(path):
        return path.encode()
    from urllib.parse import quote

    return quote(path, safe=_SAFE_IN_PATH).encode()


async def _cancel_all():
    tasks = asyncio.all_tasks() - {asyncio.current_task()}
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
