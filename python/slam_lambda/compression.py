"""Answers compressed with gzip, for those who ask for it.

``SLAM_GZIP``, which slam.yaml's ``http: {gzip: …}`` sets, switches it on: the
least number of bytes worth compressing. An answer is compressed when the client
accepts gzip, the application has not compressed it or forbidden that itself, and it gets smaller. API Gateway's REST
APIs can do the same by ``minimumCompressionSize``; HTTP APIs, function URLs and
load balancers cannot. Answers that stream are not compressed.
"""

import os

from .http import Response

# Of the time a function has, compressing harder takes more than it saves.
_LEVEL = 6
_WINDOW_OF_GZIP = 31


class Compression:
    """Compresses what is at least ``minimum`` bytes."""

    def __init__(self, minimum):
        self._minimum = minimum

    @classmethod
    def from_environment(cls):
        """What ``SLAM_GZIP`` asks for."""
        text = os.environ["SLAM_GZIP"]
        if not (text.isascii() and text.isdigit()):
            raise ValueError(
                f"slam: the environment variable SLAM_GZIP is {text!r}; it is the least number of bytes "
                "that an answer has when it is compressed, such as 1024"
            )
        return cls(int(text))

    def of(self, request, response):
        """The response, compressed if it may be."""
        body = response.body
        if len(body) < self._minimum or response.status < 200 or response.status in (204, 206, 304):
            return response
        headers = {}
        for name, value in response.headers:
            headers.setdefault(name.lower(), []).append(value)
        if "content-encoding" in headers or any("no-transform" in value.lower() for value in headers.get("cache-control", ())):
            return response
        # A cache has to know even where this client gets the plain answer.
        varied = response.headers
        vary = ",".join(headers.get("vary", ()))
        if "*" not in vary and "accept-encoding" not in vary.lower():
            varied = [*varied, ("Vary", "Accept-Encoding")]
        accepted = ",".join(value for name, value in request.header_pairs() if name.lower() == "accept-encoding")
        compressed = _gzip(body) if accepts_gzip(accepted) else body
        if len(compressed) >= len(body):
            return Response(response.status, response.reason, varied, body)
        kept = [(name, _weak(name, value)) for name, value in varied if name.lower() != "content-length"]
        return Response(response.status, response.reason, [*kept, ("Content-Encoding", "gzip")], compressed)


def accepts_gzip(accepted):
    """Whether an Accept-Encoding allows gzip (RFC 9110, 12.5.3)."""
    weights = {}
    for part in accepted.lower().split(","):
        coding, *parameters = [piece.strip() for piece in part.split(";")]
        weight = 1.0
        for parameter in parameters:
            name, _, value = parameter.partition("=")
            if name.strip() == "q":
                try:
                    weight = float(value)
                except ValueError:
                    weight = 0.0
        weights[coding] = weight
    return weights.get("gzip", weights.get("x-gzip", weights.get("*", 0.0))) > 0


def _gzip(body):
    import zlib

    # zlib writes no time into the header: the same answer has the same bytes, and the same ETag.
    compressor = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_OF_GZIP)
    return compressor.compress(body) + compressor.flush()


def _weak(name, value):
    # A strong ETag names the exact bytes.
    return f"W/{value}" if name.lower() == "etag" and not value.startswith("W/") else value
