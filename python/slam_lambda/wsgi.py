"""How a WSGI application is called: PEP 3333, to the letter."""

import io
import sys

from . import events
from .compression import Compression
from .http import Names, Response, checked, decoded, native
from .log import log_exception


def _environ_key(name):
    """The environ key of a header, or None for those that must not get there."""
    # In the environ `X_User` and `X-User` look alike: a client could forge what a proxy sets.
    if "_" in name:
        return None
    key = name.upper().replace("-", "_")
    if key == "CONTENT_TYPE":
        return key
    # The body is whole and decoded, so the client's own count of it may be another.
    if key in ("CONTENT_LENGTH", "TRANSFER_ENCODING"):
        return None
    return "HTTP_" + key


_KEYS = Names(_environ_key)


class WsgiRunner:
    """Serves HTTP events with a WSGI application."""

    def __init__(self, app):
        self._app = app
        self._compression = Compression.from_environment()

    @classmethod
    def loading(cls, load):
        """The runner of the application that ``load`` imports."""
        return cls(load())

    def __call__(self, event, context):
        """Answer one HTTP event; an exception of the application is a 500, not a failed invocation."""
        source = events.source_of(event)
        request = source.request(event)
        environ = make_environ(request)
        environ["lambda.event"] = event
        environ["lambda.context"] = context
        try:
            response = call(self._app, environ)
        except Exception:
            log_exception()
            response = Response.internal_error()
        if self._compression is not None:
            response = self._compression.of(request, response)
        return events.reply(source, event, request.method, response)


def make_environ(request):
    """The WSGI environ of a request."""
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": _path(request.root_path),
        "PATH_INFO": _path(request.path),
        "QUERY_STRING": request.query_string,
        "SERVER_PROTOCOL": request.protocol,
        "REMOTE_ADDR": request.client,
        "wsgi.version": (1, 0),
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers:
        key = _KEYS[name]
        if key is None:
            continue
        if not value.isascii():
            value = native(value)
        if key not in environ:
            environ[key] = value
        elif key == "HTTP_COOKIE":
            environ[key] += "; " + value
        elif key not in ("CONTENT_TYPE", "HTTP_HOST"):
            environ[key] += "," + value
    if request.body or request.header("content-length") is not None:
        environ["CONTENT_LENGTH"] = str(len(request.body))
    get = environ.get
    (
        environ["wsgi.url_scheme"],
        environ["HTTP_HOST"],
        environ["SERVER_NAME"],
        environ["SERVER_PORT"],
    ) = request.origin(
        get("HTTP_HOST"),
        get("HTTP_X_FORWARDED_PROTO") or get("HTTP_CLOUDFRONT_FORWARDED_PROTO"),
        get("HTTP_X_FORWARDED_PORT"),
    )
    return environ


def call(app, environ):
    """Call the application and collect its response."""
    started = None
    chunks = []

    def start_response(status, headers, exc_info=None):
        nonlocal started
        if exc_info:
            try:
                if any(chunks):
                    # A server that streams would have sent the headers by now.
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                # Or this frame and the traceback keep each other alive.
                exc_info = None
        elif started is not None:
            raise AssertionError("start_response was called a second time without exc_info")
        started = (status, list(headers))
        return chunks.append

    result = app(environ, start_response)
    if type(result) is list:
        chunks += result
    else:
        try:
            # One at a time: what was yielded decides whether the headers may still change.
            for chunk in result:
                chunks.append(chunk)
        finally:
            close = getattr(result, "close", None)
            if close is not None:
                close()
    if started is None:
        raise AssertionError("the application did not call start_response")
    status, headers = started
    code, _, reason = status.partition(" ")
    for name, value in headers:
        checked(name, value)
    return Response(int(code), reason, headers, b"".join(chunks))


def _path(path):
    return path if path.isascii() and "%" not in path else decoded(path).decode("latin-1")
