"""Requests and responses, independent of who sent them.

Headers are lists of pairs, never dictionaries: that is what keeps the second
``Set-Cookie``.
"""

import base64
import json
import sys
from urllib.parse import unquote_to_bytes

# Lambda's own limit on a buffered response: 6 MB and a little.
MAX_RESPONSE_BYTES = 6_291_556

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


class Request:
    """An HTTP request.

    ``root_path`` is the part of the path that leads to the application (``/dev``
    for a stage, ``""`` at a domain of its own), and ``path`` the rest; both as
    bytes, percent-decoded. ``query_string`` is still encoded.
    """

    def __init__(self, *, method, root_path, path, query_string, headers, body, client, protocol, scheme, host):
        self.method = (method or "GET").upper()
        self.root_path = unquote_to_bytes(root_path)
        self.path = unquote_to_bytes(path) or b"/"
        self.query_string = query_string
        self.headers = headers
        self.body = body
        self.client = client or ""
        self.protocol = protocol or "HTTP/1.1"
        # A proxy in front may have made a list of these; the first is what the client used.
        forwarded = self.header("x-forwarded-proto") or self.header("cloudfront-forwarded-proto") or scheme
        self.scheme = forwarded.split(",")[0].strip().lower()
        self.host = self.header("host") or host or "localhost"

    def header(self, name):
        """The first value of a header, or None."""
        return next((value for key, value in self.headers if key.lower() == name), None)

    def server(self):
        """The host name and port the client used, as strings."""
        name, port = _split_host(self.host)
        if not port:
            forwarded = (self.header("x-forwarded-port") or "").split(",")[0].strip()
            port = forwarded if forwarded.isdigit() else {"http": "80"}.get(self.scheme, "443")
        return name, port


class Response:
    """An HTTP response: status code, reason, header pairs and body bytes."""

    def __init__(self, status, reason, headers, body):
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body

    @classmethod
    def text(cls, status, reason, message):
        """A response of plain text."""
        return cls(status, reason, [("Content-Type", "text/plain; charset=utf-8")], message.encode())

    def for_method(self, method):
        """The response as it may be sent: what the gateway decides itself is left out."""
        bodiless = self.status in (204, 304) or 100 <= self.status < 200
        head = method == "HEAD"
        dropped = set(_HOP_BY_HOP)
        # The gateway counts the body itself. An answer to HEAD has none to count.
        if bodiless or not head:
            dropped.add("content-length")
        headers = [(name, value) for name, value in self.headers if name.lower() not in dropped]
        return Response(self.status, self.reason, headers, b"" if head or bodiless else self.body)

    def payload(self):
        """The body for JSON, and whether it is in base64.

        Decided by the content, not by a list of media types: text is what
        decodes as UTF-8, and a body with a content encoding is not text.
        """
        encoded = any(
            name.lower() == "content-encoding" and value.lower() != "identity" for name, value in self.headers
        )
        if not encoded:
            try:
                text = self.body.decode("utf-8")
            except UnicodeDecodeError:
                pass
            else:
                # Control characters and the like grow sixfold in JSON, base64 only by a third.
                if len(self.body) * 6 < MAX_RESPONSE_BYTES or _json_size(text) <= len(self.body) * 4 // 3:
                    return text, False
        return base64.b64encode(self.body).decode("ascii"), True


def fits(payload):
    """Whether Lambda can return ``payload``; measured only when it may not."""
    if len(payload.get("body", "")) * 6 < MAX_RESPONSE_BYTES // 2:
        return True
    return _json_size(payload) <= MAX_RESPONSE_BYTES


def too_large(response, payload):
    """What is sent instead of a response that Lambda cannot return."""
    size = _json_size(payload)
    message = (
        f"The response is too large: {len(response.body)} bytes make {size} bytes of payload, "
        f"and AWS Lambda returns at most {MAX_RESPONSE_BYTES}.\n"
        "Send it in pages, or store it in S3 and redirect to a presigned URL.\n"
    )
    print(f"slam: {message}", file=sys.stderr, end="")
    return Response.text(502, "Bad Gateway", message)


def body_of(event):
    """The body bytes of an event."""
    body = event.get("body")
    if body is None:
        return b""
    if event.get("isBase64Encoded"):
        return base64.b64decode(body)
    return body.encode("utf-8")


def pairs(single, multiple):
    """Header or query pairs from an event's two maps; the second has all values."""
    if isinstance(multiple, dict):
        return [(name, value) for name, values in multiple.items() for value in values or []]
    return [(name, value) for name, value in (single or {}).items() if value is not None]


def grouped(headers):
    """Header values by name, whatever its case; the first spelling stays."""
    groups = {}
    for name, value in headers:
        groups.setdefault(name.lower(), (name, []))[1].append(value)
    return dict(groups.values())


def _json_size(value):
    # The runtimes up to Python 3.11 escape what is not ASCII.
    if sys.version_info < (3, 12):
        return len(json.dumps(value))
    return len(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"))


def _split_host(host):
    if host.startswith("["):
        name, _, port = host.partition("]")
        return name + "]", port[1:]
    name, _, port = host.partition(":")
    return name, port
