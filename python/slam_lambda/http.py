"""Requests and responses, independent of who sent them.

Headers are lists of pairs, never dictionaries: that is what keeps the second
``Set-Cookie``.

This module is imported at every cold start and its code runs at every request,
so it imports only what the runtime itself has imported already, and what is
rarely needed where it is needed.
"""

import json
import re
import sys
from binascii import a2b_base64, b2a_base64

# Lambda's own limit on a buffered response: 6 MB and a little.
MAX_RESPONSE_BYTES = 6_291_556

_UNSAFE_IN_QUERY = re.compile(r"[^A-Za-z0-9_.~-]").search

# What concerns one connection, and is the gateway's own business.
_HOP_BY_HOP = frozenset(
    [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ]
)
# The gateway counts the body itself. An answer to HEAD has none to count.
_NOT_SENT = _HOP_BY_HOP | {"content-length"}


class Names(dict):
    """What is worked out from a header's name, remembered: the same few names come with every request."""

    # Names come from clients.
    _MOST = 1024

    def __init__(self, derive):
        super().__init__()
        self._derive = derive

    def __missing__(self, name):
        derived = self._derive(name)
        if len(self) < self._MOST:
            self[name] = derived
        return derived


_LOWER = Names(str.lower)


class Request:
    """An HTTP request.

    ``root_path`` is the part of the path that leads to the application (``/dev``
    for a stage, ``""`` at a domain of its own), and ``path`` the rest; both may
    be percent-encoded. ``query_string`` is.
    """

    __slots__ = (
        "method", "root_path", "path", "query_string", "headers", "body", "client", "protocol", "scheme", "host"
    )

    def __init__(self, method, root_path, path, query_string, headers, body, client, protocol, scheme, host):
        self.method = (method or "GET").upper()
        self.root_path = root_path
        self.path = path or "/"
        self.query_string = query_string
        self.headers = headers
        self.body = body
        self.client = client or ""
        self.protocol = protocol or "HTTP/1.1"
        # Of the API; what the client used may stand in the headers.
        self.scheme = scheme
        self.host = host

    def header(self, name):
        """The first value of a header, or None."""
        return next((value for key, value in self.headers if _LOWER[key] == name), None)

    def origin(self, host, forwarded_proto, forwarded_port):
        """The scheme, host, host name and port the client used, from the headers that tell of them."""
        # A proxy in front may have made a list of these; the first is what the client used.
        scheme = _first(forwarded_proto) if forwarded_proto else self.scheme
        host = host or self.host or "localhost"
        name, port = _split_host(host)
        if not port:
            forwarded = _first(forwarded_port) if forwarded_port else ""
            port = forwarded if forwarded.isdigit() else ("80" if scheme == "http" else "443")
        return scheme, host, name, port


class Response:
    """An HTTP response: status code, reason, header pairs and body bytes."""

    __slots__ = ("status", "reason", "headers", "body")

    def __init__(self, status, reason, headers, body):
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body

    @classmethod
    def text(cls, status, reason, message):
        """A response of plain text."""
        return cls(status, reason, [("Content-Type", "text/plain; charset=utf-8")], message.encode())

    @classmethod
    def internal_error(cls):
        """What a client sees of an exception: nothing. The log has the traceback."""
        return cls.text(500, "Internal Server Error", "Internal Server Error\n")


class Reply:
    """A response as it goes into an event source's answer.

    ``headers`` has the values by name, whatever its case, under the first
    spelling; ``values`` has the same lists under the names in lower case.
    """

    __slots__ = ("status", "reason", "headers", "values", "body", "is_base64")

    def __init__(self, method, response):
        self.status = status = response.status
        self.reason = response.reason
        head = method == "HEAD"
        bodiless = status == 204 or status == 304 or status < 200
        dropped = _HOP_BY_HOP if head and not bodiless else _NOT_SENT
        self.headers = headers = {}
        self.values = values = {}
        for name, value in response.headers:
            lower = _LOWER[name]
            # Django's cookies begin with a space, which a server would send as part of the line.
            value = value.strip(" \t")
            if lower in values:
                values[lower].append(value)
            elif lower not in dropped:
                values[lower] = headers[name] = [value]
        if head or bodiless:
            self.body = ""
            self.is_base64 = False
        else:
            self.body, self.is_base64 = _payload(response.body, values.get("content-encoding"))


def _payload(body, encoding):
    """A body for JSON, and whether it is in base64.

    Decided by the content, not by a list of media types: text is what
    decodes as UTF-8, and a body with a content encoding is not text.
    """
    if encoding is None or all(value.lower() == "identity" for value in encoding):
        try:
            text = body.decode()
        except UnicodeDecodeError:
            pass
        else:
            # Control characters and the like grow sixfold in JSON, base64 only by a third.
            if len(body) * 6 < MAX_RESPONSE_BYTES or _json_size(text) <= len(body) * 4 // 3:
                return text, False
    return b2a_base64(body, newline=False).decode("ascii"), True


def fits(payload, limit):
    """Whether ``payload`` is at most ``limit`` bytes of JSON; measured only when it may not be."""
    if len(payload["body"]) * 6 < limit // 2:
        return True
    return _json_size(payload) <= limit


def too_large(response, payload, limit, who):
    """What is sent instead of a response that cannot be returned."""
    message = (
        f"The response is too large: {len(response.body)} bytes make {_json_size(payload)} bytes of payload, "
        f"and {who} takes at most {limit}.\n"
        "Send it in pages, or store it in S3 and redirect to a presigned URL. "
        "Text fits more easily when SLAM_GZIP is set.\n"
    )
    print(f"slam: {message}", file=sys.stderr, end="")
    return Response.text(502, "Bad Gateway", message)


def body_of(event):
    """The body bytes of an event."""
    body = event.get("body")
    if not body:
        return b""
    if event.get("isBase64Encoded"):
        return a2b_base64(body)
    return body.encode()


def pairs(single, multiple):
    """Header or query pairs from an event's two maps; the second has all values."""
    if isinstance(multiple, dict):
        return [(name, value) for name, values in multiple.items() for value in values or ()]
    return [(name, value) for name, value in (single or {}).items() if value is not None]


def encode_query(query):
    """A query string of decoded pairs."""
    return "&".join([f"{_quoted(name)}={_quoted(value)}" for name, value in query])


def decoded(path):
    """A path's bytes, percent-decoded."""
    if "%" not in path:
        return path.encode()
    from urllib.parse import unquote_to_bytes

    return unquote_to_bytes(path)


def native(value):
    """A header value as WSGI wants it: a str of characters up to U+00FF."""
    try:
        value.encode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8").decode("latin-1")
    return value


def checked(name, value):
    """Refuse a response header that would end early, or that is no text."""
    if not isinstance(name, str) or not isinstance(value, str):
        raise TypeError(f"the application set a header that is not text: {name!r}: {value!r}")
    if "\n" in value or "\r" in value or "\n" in name or "\r" in name:
        raise ValueError(f"the application set a header with a line end in it: {name!r}: {value!r}")


def _quoted(text):
    if not _UNSAFE_IN_QUERY(text):
        return text
    from urllib.parse import quote_plus

    return quote_plus(text)


def _json_size(value):
    # The runtimes up to Python 3.11 escape what is not ASCII.
    if sys.version_info < (3, 12):
        return len(json.dumps(value))
    return len(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _first(value):
    return value.partition(",")[0].strip().lower()


def _split_host(host):
    if ":" not in host:
        return host, ""
    if host[0] == "[":
        name, _, port = host.partition("]")
        return name + "]", port[1:]
    name, _, port = host.partition(":")
    return name, port
