"""Payload format 2.0: API Gateway HTTP APIs and Lambda function URLs."""

from ..http import MAX_RESPONSE_BYTES, Request, body_of
from .prefix import base_path, split_stage

NAME = "AWS Lambda"
LIMIT = MAX_RESPONSE_BYTES


def request(event):
    """Read the event."""
    context = event["requestContext"]
    http = context["http"]
    headers = list((event.get("headers") or {}).items())
    # Cookies are taken out of the headers and listed apart.
    cookies = event.get("cookies")
    if cookies:
        headers = [(name, value) for name, value in headers if name.lower() != "cookie"]
        headers.append(("cookie", "; ".join(cookies)))
    root_path, path = _paths(event, context)
    return Request(
        http.get("method"),
        root_path,
        path,
        event.get("rawQueryString") or "",
        headers,
        body_of(event),
        http.get("sourceIp"),
        http.get("protocol"),
        "https",
        context.get("domainName"),
    )


def response(event, reply):
    """Write the response: cookies apart, other repeated headers joined."""
    cookies = reply.values.get("set-cookie")
    payload = {
        "statusCode": reply.status,
        # Compared by identity: `values` holds the same lists.
        "headers": {name: ",".join(values) for name, values in reply.headers.items() if values is not cookies},
        "body": reply.body,
        "isBase64Encoded": reply.is_base64,
    }
    if cookies:
        payload["cookies"] = cookies
    return payload


def _paths(event, context):
    path = event.get("rawPath") or "/"
    stage, rest = split_stage(path, context.get("stage"))
    if stage:
        # The path has the stage at a domain of its own too, where the client's URL has not.
        own_domain = context.get("domainPrefix") not in (None, context.get("apiId"))
        return ("" if own_domain else stage), rest
    _, _, route = (event.get("routeKey") or "").partition(" ")
    base = base_path(path, route, event.get("pathParameters"))
    return base, path[len(base) :] or "/"
