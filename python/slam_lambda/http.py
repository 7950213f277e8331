"""Requests and responses, independent of who sent them.

Headers are lists of pairs, never dictionaries: that is what keeps the second
``Set-Cookie``.

This module is imported at every cold start and its code runs at every request,
so it imports only what the runtime itself has imported already, and what is
rarely needed where it is needed.
"""

import json
import os
import re
import sys
from binascii import a2b_base64, b2a_base64
from functools import lru_cache

# Lambda's own limit on a buffered response, 6 MB and a little, is the first that an answer through API Gateway (10 MB)
# or a function URL meets. Requests that are too large get their 413 of them, and invoke no function.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
MAX_RESPONSE_BYTES = 6_291_556

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


# Names come from clients, so what is remembered of them is bounded.
_MOST_NAMES = 1024


def learn(known, derive, name):
    """What ``derive`` makes of a header's name, remembered in ``known``: the same few come with every request."""
    derived = derive(name)
    if len(known) < _MOST_NAMES:
        known[name] = derived
    return derived


_LOWER = {}


class Request:
    """An HTTP request.

    ``root_path`` is the part of the path that leads to the application (``/dev``
    for a stage, ``""`` at a domain of its own), and ``path`` the rest; both may
    be percent-encoded. ``query_string`` is. ``headers`` are as the event has
    them: by name a value, or (``multiple``) a list of values.
    """

    __slots__ = (
        "method",
        "root_path",
        "path",
        "query_string",
        "headers",
        "multiple",
        "body",
        "client",
        "protocol",
        "scheme",
        "host",
    )

    def __init__(
        self, method, root_path, path, query_string, headers, multiple, body, client, protocol, scheme, host
    ):
        self.method = method.upper() if method else "GET"
        self.root_path = root_path
        self.path = path or "/"
        self.query_string = query_string
        self.headers = headers
        self.multiple = multiple
        self.body = body
        self.client = client or ""
        self.protocol = protocol or "HTTP/1.1"
        # Of the API; what the client used may stand in the headers.
        self.scheme = scheme
        self.host = host

    def header_pairs(self):
        """The headers as pairs of a name and one value."""
        if self.multiple:
            return [(name, value) for name, values in self.headers.items() for value in values or ()]
        return [(name, value) for name, value in self.headers.items() if value is not None]


@lru_cache(maxsize=256)
def origin(host, forwarded_proto, forwarded_port, scheme, api_host):
    """The scheme, host, host name and port the client used, from the headers that tell of them."""
    # A proxy in front may have made a list of these; the first is what the client used.
    forwarded = _first(forwarded_proto) if forwarded_proto else ""
    if forwarded in ("http", "https"):
        scheme = forwarded
    host = host or api_host or "localhost"
    name, port = _split_host(host)
    for text in (port, _first(forwarded_port) if forwarded_port else ""):
        if text.isascii() and text.isdigit() and len(text) <= 5:
            return scheme, host, name, text
    return scheme, host, name, "80" if scheme == "http" else "443"


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
            try:
                lower = _LOWER[name]
            except KeyError:
                lower = learn(_LOWER, _lower, name)
            # Django's cookies begin with a space, which a server would send as part of the line.
            plain = type(value) is str and value.isascii() and value.isprintable()
            value = value.strip() if plain else _header_value(name, value)
            if lower in values:
                values[lower].append(value)
            elif lower not in dropped:
                values[lower] = headers[name] = [value]
        if head or bodiless:
            self.body, self.is_base64 = "", False
        else:
            self.body, self.is_base64 = _payload(response.body, values.get("content-encoding"))


def _payload(body, encoding):
    """A body for JSON, and whether it is in base64.

    Decided by the content, not by a list of media types: text is what
    decodes as UTF-8, and a body with a content encoding is not text.
    """
    if encoding is None or all(value.lower() == "identity" for value in encoding):
        try:
            return body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64_of(body), True


def base64_of(body):
    """Bytes as text."""
    return b2a_base64(body, newline=False).decode("ascii")


def fits(payload, limit):
    """Whether ``payload`` is at most ``limit`` bytes of JSON; measured only when it may not be."""
    if len(payload["body"]) * 6 < limit // 2:
        return True
    return json_size(payload) <= limit


def too_large(response, payload, limit, who):
    """What is sent instead of a response that cannot be returned."""
    message = (
        f"The response is too large: {len(response.body)} bytes make {json_size(payload)} bytes of payload, "
        f"and {who} takes at most {limit}.\n"
        "Send it in pages, or store it in S3 and redirect to a presigned URL. "
        "Text fits more easily with `http: {gzip: 1024}` in slam.yaml.\n"
    )
    print(f"slam: {message}", file=sys.stderr, end="")
    return Response.text(502, "Bad Gateway", message)


def compression():
    """What compresses answers, when ``SLAM_GZIP`` asks for it; else None, and nothing is imported."""
    if not os.environ.get("SLAM_GZIP"):
        return None
    from .compression import Compression

    return Compression.from_environment()


def body_of(event):
    """The body bytes of an event."""
    body = event.get("body")
    if not body:
        return b""
    if event.get("isBase64Encoded"):
        return a2b_base64(body)
    return body.encode()


def pairs(single, multiple):
    """Query pairs from an event's two maps; the second has all values."""
    if multiple:
        return [(name, value) for name, values in multiple.items() for value in values or ()]
    if single:
        return [(name, value) for name, value in single.items() if value is not None]
    return ()


def encode_query(query):
    """A query string of decoded pairs."""
    text = "".join([name + value for name, value in query])
    if text.isascii() and (text.isalnum() or text.replace("-", "").replace("_", "").replace(".", "").isalnum()):
        return "&".join([f"{name}={value}" for name, value in query])
    from urllib.parse import quote_plus

    return "&".join([f"{quote_plus(name)}={quote_plus(value)}" for name, value in query])


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


def _header_value(name, value):
    """A header's value with characters that are rare in one, or none at all."""
    if not isinstance(value, str):
        raise TypeError(f"the application set a header that is not text: {name!r}: {value!r}")
    # PEP 3333: characters up to U+00FF, "without control characters"; a tab is none here (RFC 9110, 5.5).
    if re.search("[^\t\x20-\x7e\x80-\xff]", value):
        raise ValueError(f"the application set a header with a character that none may have: {name!r}: {value!r}")
    return value.strip(" \t")


def _lower(name):
    """The name of a response header in lower case: learnt once, so it is checked once."""
    if not isinstance(name, str):
        raise TypeError(f"the application set a header whose name is not text: {name!r}")
    # RFC 9110, 5.6.2.
    if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name):
        raise ValueError(f"the application set a header with a name that none may have: {name!r}")
    return name.lower()


def json_size(value):
    """How many bytes the runtime sends of ``value``."""
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
