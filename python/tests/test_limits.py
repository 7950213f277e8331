"""Answers at the limits of those who pass them on: to the byte, and what is answered beyond."""

import json
import sys

import pytest

from slam_lambda.asgi import AsgiRunner
from slam_lambda.wsgi import WsgiRunner

from . import gateway
from .support import context

# Lambda quotas: a synchronous response of 6 MB; recorded: "maximum allowed payload size (6291556 bytes)".
LAMBDA = 6_291_556
# "The maximum size of the response JSON that the Lambda function can send is 1 MB."
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
LOAD_BALANCER = 1_048_576
LIMITS = {kind: LOAD_BALANCER if kind in (gateway.alb, gateway.alb_multi) else LAMBDA for kind in gateway.KINDS}


def ask(kind, body, method="GET", headers=(("Content-Type", "text/plain"),)):
    def app(environ, start_response):
        start_response("200 OK", list(headers))
        return [body]

    return WsgiRunner(app)(kind(method, "/", "", [("Host", "example.com")], b""), context())


def size(reply):
    """In the JSON of the runtime: Python 3.12's is the first that leaves UTF-8 as it is."""
    return len(json.dumps(reply, ensure_ascii=sys.version_info < (3, 12)).encode())


def is_explained(reply, limit, log):
    return reply["statusCode"] == 502 and f"at most {limit}" in reply["body"] and "S3" in log and str(limit) in log


@pytest.mark.parametrize("kind, limit", LIMITS.items(), ids=lambda value: getattr(value, "__name__", value))
def test_text_at_the_limit(kind, limit, capsys):
    room = limit - size(ask(kind, b""))
    fits, over = ask(kind, b"a" * room), ask(kind, b"a" * (room + 1))
    assert (fits["statusCode"], size(fits)) == (200, limit)
    assert is_explained(over, limit, capsys.readouterr().err) and size(over) < 1000
    assert f"{room + 1} bytes make {limit + 1} bytes of payload" in over["body"]


@pytest.mark.parametrize("kind, limit", LIMITS.items(), ids=lambda value: getattr(value, "__name__", value))
@pytest.mark.parametrize(
    "content, fits",
    [
        # Bytes are base64, four for three; so is text that would take more than that in JSON.
        (b"\xff", 0.74),
        (b"\0", 0.74),
        (b'"', 0.49),
        (b"\n", 0.49),
    ],
)
def test_what_counts_is_the_payload(kind, limit, content, fits, capsys):
    assert ask(kind, content * int(limit * fits))["statusCode"] == 200
    assert is_explained(ask(kind, content * int(limit * 0.76)), limit, capsys.readouterr().err)


@pytest.mark.parametrize("kind, limit", LIMITS.items(), ids=lambda value: getattr(value, "__name__", value))
def test_headers_count(kind, limit):
    plain, headers = [("Content-Type", "text/plain")], [("X-Long", "v" * 8000)]
    room = limit - size(ask(kind, b""))
    assert ask(kind, b"a" * (room - 8100), headers=plain + headers)["statusCode"] == 200
    assert ask(kind, b"a" * (room - 8000), headers=plain + headers)["statusCode"] == 502


@pytest.mark.parametrize("kind, limit", LIMITS.items(), ids=lambda value: getattr(value, "__name__", value))
def test_head_has_no_body_to_be_too_large(kind, limit):
    assert ask(kind, b"a" * (limit + 1), "HEAD")["statusCode"] == 200


def test_asgi_has_the_same_limit(capsys):
    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise NotImplementedError
        await send({"type": "http.response.start", "status": 200})
        for number in range(7):
            await send({"type": "http.response.body", "body": b"a" * 1_000_000, "more_body": number < 6})

    runner = AsgiRunner(app)
    reply = runner(gateway.http_2("GET", "/", "", [], b""), context())
    runner.close()
    assert is_explained(reply, LAMBDA, capsys.readouterr().err)
