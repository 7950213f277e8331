"""The HTTP events of AWS, one module per sender.

Each module has ``request(event)`` which reads an event into a
:class:`~slam_lambda.http.Request`, ``paths(event)`` which reads its path alone,
and ``response(event, reply)`` which writes a :class:`~slam_lambda.http.Reply` in
the shape that sender expects; ``LIMIT`` is what that sender takes at most,
``NAME`` how it is called.
"""

from ..http import Reply, base64_of, decoded, fits, json_size, too_large
from ..log import log_request
from . import payload_v2, rest_v1


# Even if each character took six bytes of JSON, and with all the headers that a gateway lets pass.
_SMALL = 50_000


# To a request that nobody has let in: the API itself tells browsers what they may.
UNASKED = {"statusCode": 204}


class NotHttp(Exception):
    """An event that is no HTTP request reached an HTTP application."""


def source_of(event):
    """The module that knows the sender of ``event``."""
    if isinstance(event, dict):
        context = event.get("requestContext")
        if isinstance(context, dict):
            if "httpMethod" in event:
                if "elb" not in context:
                    return rest_v1
                from . import alb

                return alb
            if event.get("version") == "2.0" and isinstance(context.get("http"), dict):
                return payload_v2
    keys = sorted(event) if isinstance(event, dict) else type(event).__name__
    raise NotHttp(
        "slam: this function is a web application and takes HTTP events (API Gateway, a function URL, "
        f"a load balancer); it was invoked with something else: {keys}"
    )


def is_answered(source, event):
    """Whether the answer to an event is not the application's to give: :data:`UNASKED` is."""
    return source is payload_v2 and payload_v2.is_preflight(event)


def root_path(event):
    """What of the path of a request leads to the application, decoded; None for what is no HTTP request."""
    try:
        return decoded(source_of(event).paths(event)[0]).decode()
    except (NotHttp, UnicodeDecodeError):
        return None


def reply(source, event, request, response):
    """What the function returns for ``response``; headers that cannot be sent are an error.

    ``request`` is None when the event could not be read.
    """
    payload = _payload(source, event, request and request.method, response)
    if request is not None:
        log_request(request, payload["statusCode"])
    return payload


def _payload(source, event, method, response):
    answer = Reply(method, response)
    payload = source.response(event, answer)
    # Most are so small that they need no measuring.
    if len(payload["body"]) < _SMALL or fits(payload, source.LIMIT):
        return payload
    if not answer.is_base64:
        # Control characters and the like grow sixfold in JSON, base64 only by a third.
        answer.body, answer.is_base64 = base64_of(response.body), True
        encoded = source.response(event, answer)
        if fits(encoded, source.LIMIT):
            return encoded
        payload = min(payload, encoded, key=json_size)
    return source.response(event, Reply(method, too_large(response, payload, source.LIMIT, source.NAME)))
