"""How a WSGI application is called: PEP 3333, to the letter."""

import io
import sys
import traceback

from . import events
from .http import Response


class WsgiRunner:
    """Serves HTTP events with a WSGI application."""

    def __init__(self, app):
        self._app = app

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
            traceback.print_exc(file=sys.stderr)
            response = Response.text(500, "Internal Server Error", "Internal Server Error\n")
        return events.reply(source, event, request, response)


def make_environ(request):
    """The WSGI environ of a request."""
    server_name, server_port = request.server()
    environ = {
        "REQUEST_METHOD": request.method,
        "SCRIPT_NAME": request.root_path.decode("latin-1"),
        "PATH_INFO": request.path.decode("latin-1"),
        "QUERY_STRING": request.query_string,
        "SERVER_NAME": server_name,
        "SERVER_PORT": server_port,
        "SERVER_PROTOCOL": request.protocol,
        "REMOTE_ADDR": request.client,
        "HTTP_HOST": request.host,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": request.scheme,
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.input_terminated": True,
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    content_type = request.header("content-type")
    if content_type is not None:
        environ["CONTENT_TYPE"] = _native(content_type)
    # The body has been decoded already, so the client's own count may be another.
    if request.body or request.header("content-length") is not None:
        environ["CONTENT_LENGTH"] = str(len(request.body))
    folded = {}
    for name, value in request.headers:
        # In the environ `X_User` and `X-User` look alike: a client could forge what a proxy sets.
        if "_" not in name:
            folded.setdefault(name.lower(), []).append(_native(value))
    for name in ("host", "content-type", "content-length", "transfer-encoding"):
        folded.pop(name, None)
    for name, values in folded.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = ("; " if name == "cookie" else ",").join(values)
    return environ


def call(app, environ):
    """Call the application and collect its response."""
    started = []
    chunks = []

    def start_response(status, headers, exc_info=None):
        if exc_info:
            try:
                if any(chunks):
                    # A server that streams would have sent the headers by now.
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                # Or this frame and the traceback keep each other alive.
                exc_info = None
        elif started:
            raise AssertionError("start_response was called a second time without exc_info")
        started[:] = [(status, list(headers))]
        return chunks.append

    result = app(environ, start_response)
    try:
        for chunk in result:
            chunks.append(chunk)
    finally:
        close = getattr(result, "close", None)
        if close is not None:
            close()
    if not started:
        raise AssertionError("the application did not call start_response")
    status, headers = started[0]
    code, _, reason = status.partition(" ")
    for name, value in headers:
        if not isinstance(name, str) or not isinstance(value, str):
            raise TypeError(f"the application set a header that is not text: {name!r}: {value!r}")
    return Response(int(code), reason, headers, b"".join(chunks))


def _native(value):
    """A header value as WSGI wants it: a str of characters up to U+00FF."""
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8").decode("latin-1")
    return value
