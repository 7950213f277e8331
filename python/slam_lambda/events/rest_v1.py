"""API Gateway REST APIs, and HTTP APIs with payload format 1.0."""

import os

from ..http import MAX_RESPONSE_BYTES, Request, body_of, encode_query, pairs
from .prefix import base_path, encoded, split_stage

_CORS = None
if "SLAM_CORS" in os.environ:
    from ..cors import Cors

    _CORS = Cors.from_environment()

NAME = "AWS Lambda"
LIMIT = MAX_RESPONSE_BYTES


def request(event):
    """Read the event."""
    context = event["requestContext"]
    identity = context.get("identity")
    root_path, path = paths(event)
    # The gateway has decoded the query; an application wants it as it was sent.
    query = pairs(event.get("queryStringParameters"), event.get("multiValueQueryStringParameters"))
    headers = event.get("multiValueHeaders")
    multiple = headers is not None
    return Request(
        event["httpMethod"],
        root_path,
        path,
        encode_query(query) if query else "",
        headers if multiple else event.get("headers") or {},
        multiple,
        body_of(event),
        identity.get("sourceIp") if identity else None,
        context.get("protocol"),
        "https",
        context.get("domainName"),
    )


def paths(event):
    """What leads to the application and the rest of the path, both encoded."""
    root_path, path = _split(event, event["requestContext"])
    if "%" in path and event.get("version") == "1.0":
        root_path, path = encoded(root_path), encoded(path)
    return root_path, path


def response(event, reply):
    """Write the response."""
    # An HTTP API with payload format 1.0 adds the headers itself.
    if _CORS is not None and "version" not in event:
        _CORS.tell(event, reply)
    return {
        "statusCode": reply.status,
        "multiValueHeaders": reply.headers,
        "body": reply.body,
        "isBase64Encoded": reply.is_base64,
    }


def _split(event, context):
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
    return (base, path[len(base) :] or "/") if base else ("", path)
