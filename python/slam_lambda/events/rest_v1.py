"""API Gateway REST APIs, and HTTP APIs with payload format 1.0."""

from urllib.parse import urlencode

from ..http import Request, body_of, grouped, pairs
from .prefix import base_path, split_stage


def matches(event):
    """Whether a REST API sent ``event``."""
    return "httpMethod" in event and isinstance(event.get("requestContext"), dict)


def request(event):
    """Read the event."""
    context = event["requestContext"]
    root_path, path = _paths(event, context)
    # The gateway has decoded the query; an application wants it as it was sent.
    query = pairs(event.get("queryStringParameters"), event.get("multiValueQueryStringParameters"))
    return Request(
        method=event["httpMethod"],
        root_path=root_path,
        path=path,
        query_string=urlencode(query),
        headers=pairs(event.get("headers"), event.get("multiValueHeaders")),
        body=body_of(event),
        client=(context.get("identity") or {}).get("sourceIp"),
        protocol=context.get("protocol"),
        scheme="https",
        host=context.get("domainName"),
    )


def response(event, response):
    """Write the response."""
    body, is_base64 = response.payload()
    return {
        "statusCode": response.status,
        "multiValueHeaders": grouped(response.headers),
        "body": body,
        "isBase64Encoded": is_base64,
    }


def _paths(event, context):
    path = event.get("path") or "/"
    whole = context.get("path") or path
    if whole != path:
        # At the API's own host `path` lacks what `requestContext.path` begins with: the stage.
        if whole.endswith(path):
            return whole[: -len(path)].rstrip("/"), path
        if path == "/":
            return whole.rstrip("/"), path
    # Payload format 1.0 of an HTTP API has the stage in both.
    if whole != path or event.get("version") == "1.0":
        stage, rest = split_stage(whole, context.get("stage"))
        if stage:
            return stage, rest
    # At a domain of its own `path` begins with the base path of the mapping, if there is one.
    base = base_path(path, event.get("resource"), event.get("pathParameters"))
    return base, path[len(base) :] or "/"
