"""How a WSGI application is called: PEP 3333, to the letter."""

import sys
from io import BytesIO

from . import events
from .http import Response, compression, decoded, learn, native, origin
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

# A copy of a dictionary has room for more, and what is in it need not be hashed again: so it has every key.
_FRESH = {
    "REQUEST_METHOD": "",
    "SCRIPT_NAME": "",
    "PATH_INFO": "",
    "QUERY_STRING": "",
    "SERVER_NAME": "",
    "SERVER_PORT": "",
    "SERVER_PROTOCOL": "",
    "REMOTE_ADDR": "",
    "wsgi.url_scheme": "",
    "wsgi.input": None,
    "wsgi.errors": None,
    "wsgi.version": (1, 0),
    "wsgi.input_terminated": True,
    "wsgi.multithread": False,
    "wsgi.multiprocess": False,
    "wsgi.run_once": False,
    "lambda.event": None,
    "lambda.context": None,
}
_KEYS_OF_ITS_OWN = len(_FRESH)


class WsgiRunner:
    """Serves HTTP events with a WSGI application."""

    def __init__(self, app):
        self._app = app
        self._compression = compression()

    @classmethod
    def loading(cls, load, enter=None):
        """The runner of the application that ``load`` imports."""
        return cls(load())

    def __call__(self, event, context):
        """Answer one HTTP event; an exception of the application is a 500, not a failed invocation."""
        source = events.source_of(event)
        if events.is_answered(source, event):
            return dict(events.UNASKED)
        request = None
        try:
            request = source.request(event)
            environ = make_environ(request)
            environ["lambda.event"] = event
            environ["lambda.context"] = context
            response = call(self._app, environ)
            if self._compression is not None:
                response = self._compression.of(request, response)
            return events.reply(source, event, request, response)
        except KeyboardInterrupt:
            raise
        # sys.exit() in a view ends its request, and not the process.
        except BaseException:
            log_exception()
            return events.reply(source, event, request, Response.internal_error())


def make_environ(request):
    """The WSGI environ of a request."""
    headers = request.headers
    environ = _FRESH.copy()
    try:
        # What nearly every request is: names seen before, each with one value.
        if request.multiple:
            for name, (value,) in headers.items():
                environ[_KEYS[name]] = value
        else:
            for name, value in headers.items():
                environ[_KEYS[name]] = value
        values = [*environ.values()][_KEYS_OF_ITS_OWN:]
        usual = len(values) == len(headers) and None not in environ and "".join(values).isascii()
    except (LookupError, TypeError, ValueError):
        usual = False
    if not usual:
        environ = {**_FRESH, **_fold(request.header_pairs())}
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
    root, path = request.root_path, request.path
    environ["SCRIPT_NAME"] = root if root.isascii() and "%" not in root else _path(root)
    environ["PATH_INFO"] = path if path.isascii() and "%" not in path else _path(path)
    query = request.query_string
    environ["QUERY_STRING"] = query if query.isascii() else query.encode().decode("latin-1")
    environ["SERVER_PROTOCOL"] = request.protocol
    environ["REMOTE_ADDR"] = request.client
    environ["wsgi.url_scheme"] = scheme
    environ["wsgi.input"] = BytesIO(body)
    environ["wsgi.errors"] = sys.stderr
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
        started = (status, headers)
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
    code, reason = _STATUSES[status] if status in _STATUSES else learn(_STATUSES, status_of, status)
    return Response(code, reason, headers, b"".join(chunks))


def status_of(text):
    """The code and the reason of a status such as ``200 OK``."""
    code, _, reason = text.partition(" ")
    if not (len(code) == 3 and code.isascii() and code.isdigit() and code >= "100"):
        raise ValueError(f"the application set a status that is none: {text!r}")
    return int(code), reason


_STATUSES = {}


def _path(path):
    return decoded(path).decode("latin-1")
