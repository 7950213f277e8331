"""Payload format 2.0: API Gateway HTTP APIs and Lambda function URLs."""

from ..http import MAX_RESPONSE_BYTES, Request, body_of
from .prefix import base_path, encoded, split_stage

NAME = "AWS Lambda"
LIMIT = MAX_RESPONSE_BYTES


def request(event):
    """Read the event."""
    context = event["requestContext"]
    http = context["http"]
    headers = event.get("headers") or {}
    # Cookies are listed apart; function URLs leave them in the headers as well. All names are in lower case.
    cookies = event.get("cookies")
    if cookies:
        headers = {**headers, "cookie": "; ".join(cookies)}
    root_path, path = paths(event)
    return Request(
        http.get("method"),
        root_path,
        path,
        event.get("rawQueryString") or "",
        headers,
        False,
        body_of(event),
        http.get("sourceIp"),
        http.get("protocol"),
        "https",
        context.get("domainName"),
    )


def paths(event):
    """What leads to the application and the rest of the path, both encoded."""
    root_path, path = _split(event, event["requestContext"])
    if "%" in path and not is_function_url(event):
        root_path, path = encoded(root_path), encoded(path)
    return root_path, path


def response(event, reply):
    """Write the response: cookies apart, other repeated headers joined."""
    cookies = reply.values.get("set-cookie")
    payload = {
        "statusCode": reply.status,
        # Compared by identity: `values` holds the same lists.
        "headers": {
            name: values[0] if len(values) == 1 else ",".join(values)
            for name, values in reply.headers.items()
            if values is not cookies
        },
        "body": reply.body,
        "isBase64Encoded": reply.is_base64,
    }
    if cookies:
        payload["cookies"] = cookies
    return payload


def is_function_url(event):
    """Whether a function URL sent the event, and no HTTP API."""
    return ".lambda-url." in (event["requestContext"].get("domainName") or "")


def is_preflight(event):
    """Whether a route for OPTIONS that slam has made sent the event, as the stage's variable says.

    A preflight brings no token, so slam makes such routes beside those that ask for one. The API answers preflights
    before any route; whatever else comes by them has passed no authorizer, and is not the application's.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
    """
    route = event.get("routeKey")
    return (
        route is not None
        and route.startswith("OPTIONS ")
        and "PREFLIGHTS" in (event.get("stageVariables") or ())
    )


def _split(event, context):
    path = event.get("rawPath") or "/"
    stage = context.get("stage")
    if stage == "$default" and event.get("routeKey") == "$default":
        # What nearly every event looks like: the path is the application's.
        return "", path
    stage, rest = split_stage(path, stage)
    if stage:
        # The path has the stage at a domain of its own too, where the client's URL has not.
        own_domain = context.get("domainPrefix") not in (None, context.get("apiId"))
        return ("" if own_domain else stage), rest
    _, _, route = (event.get("routeKey") or "").partition(" ")
    base = base_path(path, route, event.get("pathParameters"))
    return base, path[len(base) :] or "/"
