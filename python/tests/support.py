"""What the tests share: sample events, a context, and events made to measure."""

import asyncio
import json
import pathlib
from types import SimpleNamespace

FIXTURES = pathlib.Path(__file__).parent / "fixtures"
SAMPLES = sorted(path.stem for path in FIXTURES.glob("*.json") if not path.stem.startswith("websocket"))
FUNCTION = "arn:aws:lambda:eu-west-1:123456789012:function:tasks"


def sample(name):
    event = json.loads((FIXTURES / f"{name}.json").read_text())
    if name.startswith("recorded-"):
        # The recorder read the body's JSON, and put a placeholder for what says the same as the headers.
        event["body"] = json.dumps(event["body"])
        event["multiValueHeaders"] = {name: [value] for name, value in event["headers"].items()}
    return event


def websocket_sample(name):
    return sample(f"websocket-{name}")


def context(alias=None, version="$LATEST"):
    arn = FUNCTION if alias is None else f"{FUNCTION}:{alias}"
    return SimpleNamespace(invoked_function_arn=arn, function_version=version, aws_request_id="1")


def rest_event(path="/", whole=None, stage="dev", method="GET", headers=(), query=(), body=None, **more):
    """A REST API event as the stage's own URL sends it."""
    headers = [("Host", "abc.execute-api.eu-west-1.amazonaws.com"), *headers]
    return {
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": dict(headers) or None,
        "multiValueHeaders": _multi(headers),
        "queryStringParameters": dict(query) or None,
        "multiValueQueryStringParameters": _multi(query),
        "pathParameters": {"proxy": path.strip("/")} if path.strip("/") else None,
        "requestContext": {
            "path": f"/{stage}{path}" if whole is None else whole,
            "stage": stage,
            "domainName": "abc.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": "abc",
            "apiId": "abc",
            "protocol": "HTTP/1.1",
            "identity": {"sourceIp": "192.0.2.7"},
        },
        "body": body,
        "isBase64Encoded": False,
        **more,
    }


def v2_event(path="/", stage="$default", method="GET", headers=(), query="", body=None, domain_prefix="abc", **more):
    """A payload 2.0 event."""
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"host": "abc.execute-api.eu-west-1.amazonaws.com", **dict(headers)},
        "requestContext": {
            "stage": stage,
            "apiId": "abc",
            "domainName": "abc.execute-api.eu-west-1.amazonaws.com",
            "domainPrefix": domain_prefix,
            "http": {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7"},
        },
        **({} if body is None else {"body": body}),
        "isBase64Encoded": False,
        **more,
    }


def alb_event(path="/", method="GET", headers=(), query=(), body="", multi=False):
    """A load balancer event."""
    names = ("multiValueHeaders", "multiValueQueryStringParameters") if multi else ("headers", "queryStringParameters")
    shape = (lambda items: _multi(items) or {}) if multi else dict
    return {
        "requestContext": {"elb": {"targetGroupArn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/t/1"}},
        "httpMethod": method,
        "path": path,
        names[0]: shape([("host", "lb.example.com"), *headers]),
        names[1]: shape(query),
        "body": body,
        "isBase64Encoded": False,
    }


def _multi(items):
    values = {}
    for name, value in items:
        values.setdefault(name, []).append(value)
    return values or None


async def waiting_for_what_was_cancelled(scope, receive, send):
    """An ASGI application whose own mistake is a cancellation that nobody asked for."""
    task = asyncio.ensure_future(asyncio.sleep(60))
    asyncio.get_running_loop().call_soon(task.cancel)
    await task
