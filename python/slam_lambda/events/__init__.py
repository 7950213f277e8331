"""The HTTP events of AWS, one module per sender.

Each module has ``matches(event)``, ``request(event)`` which reads an event into
a :class:`~slam_lambda.http.Request`, and ``response(event, response)`` which
writes a :class:`~slam_lambda.http.Response` in the shape that sender expects.
"""

from ..http import fits, too_large
from . import alb, payload_v2, rest_v1

_SOURCES = (payload_v2, alb, rest_v1)


class NotHttp(Exception):
    """An event that is no HTTP request reached an HTTP application."""


def source_of(event):
    """The module that knows the sender of ``event``."""
    for source in _SOURCES:
        if isinstance(event, dict) and source.matches(event):
            return source
    keys = sorted(event) if isinstance(event, dict) else type(event).__name__
    raise NotHttp(
        "slam: this function is a web application and takes HTTP events (API Gateway, a function URL, "
        f"a load balancer); it was invoked with something else: {keys}"
    )


def reply(source, event, request, response):
    """What the function returns for ``response``."""
    response = response.for_method(request.method)
    payload = source.response(event, response)
    if fits(payload):
        return payload
    return source.response(event, too_large(response, payload))
