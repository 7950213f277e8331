"""How a WSGI application is called: PEP 3333, to the letter."""

import sys
from io import BytesIO

from . import events
from .compression import Compression
from .http import Response, decoded, learn, native, origin
from .log import log_exception


def _environ_key(name):
    """The environ key of a header, or None for those that must not get there."""
    # In the environ `X_User` and `X-User` look alike: a client could forge what a proxy sets.
    if "_" in name:
        return None
    key = name.upper().replace("-", "_")
    if key in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        return key
    # The body is whole and decoded.
    if key == "TRANSFER_ENCODING":
        return None
    return "HTTP_" + key


_KEYS = {}
_SAME_FOR_ALL = {
    "wsgi.version": (1, 0),
    "wsgi.input_terminated": True,
    "wsgi.multithread": False,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
}


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
            if self._compression is not None:
                response = self._compression.of(request, response)
            return events.reply(source, event, request.method, response)
        except Exception:
            log_exception()
            return events.reply(source, event, request.method, Response.internal_error())


def make_environ(request):
    """The WSGI environ of a request."""
    headers = request.headers
    try:
        # What nearly every request is: names seen before, each once.
        if request.multiple:
            environ = {
                _KEYS[name]: values[0] if len(values) == 1 else _joined(_KEYS[name], values)
                for name, values in headers.items()
            }
        else:
            environ = {_KEYS[name]: value for name, value in headers.items()}
        usual = len(environ) == len(headers) and None not in environ and "".join(environ.values()).isascii()
    except (LookupError, TypeError):
        usual = False
    if not usual:
        environ = _fold(request.header_pairs())
    get = environ.get
    scheme, environ["HTTP_HOST"], environ["SERVER_NAME"], environ["SERVER_PORT"] = origin(
        get("HTTP_HOST"),
        get("HTTP_X_FORWARDED_PROTO") or get("HTTP_CLOUDFRONT_FORWARDED_PROTO"),
        get("HTTP_X_FORWARDED_PORT"),
        request.scheme,
        request.host,
    )
    body = request.body
    if body or "CONTENT_LENGTH" in environ:
        # The body has been decoded already, so the client's own count may be another.
        environ["CONTENT_LENGTH"] = str(len(body))
    environ["REQUEST_METHOD"] = request.method
    path = request.path
    environ["SCRIPT_NAME"] = request.root_path and _path(request.root_path)
    environ["PATH_INFO"] = path if path.isascii() and "%" not in path else _path(path)
    environ["QUERY_STRING"] = request.query_string
    environ["SERVER_PROTOCOL"] = request.protocol
    environ["REMOTE_ADDR"] = request.client
    environ["wsgi.url_scheme"] = scheme
    environ["wsgi.input"] = BytesIO(body)
    environ["wsgi.errors"] = sys.stderr
    environ.update(_SAME_FOR_ALL)
    return environ


def _fold(headers):
    """Headers as an environ has them: one text for each name."""
    environ = {}
    for name, value in headers:
        key = _KEYS[name] if name in _KEYS else learn(_KEYS, _environ_key, name)
        if key is None:
            continue
        value = native(value)
        environ[key] = _joined(key, (environ[key], value)) if key in environ else value
    return environ


def _joined(key, values):
    """Several values of one header as one text."""
    first = values[0]
    if key in ("CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_HOST"):
        return first
    return ("; " if key == "HTTP_COOKIE" else ",").join(values)


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
    return Response(int(code), reason, headers, b"".join(chunks))


def _path(path):
    return decoded(path).decode("latin-1")
