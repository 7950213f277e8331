"""Payload format 2.0: API Gateway HTTP APIs and Lambda function URLs."""

from ..http import Request, body_of, grouped
from .prefix import base_path, split_stage


def matches(event):
    """Whether ``event`` has payload format 2.0."""
    context = event.get("requestContext")
    return event.get("version") == "2.0" and isinstance(context, dict) and isinstance(context.get("http"), dict)


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
        method=http.get("method"),
        root_path=root_path,
        path=path,
        query_string=event.get("rawQueryString") or "",
        headers=headers,
        body=body_of(event),
        client=http.get("sourceIp"),
        protocol=http.get("protocol"),
        scheme="https",
        host=context.get("domainName"),
    )


def response(event, response):
    """Write the response: cookies apart, other repeated headers joined."""
    headers = grouped(response.headers)
    cookies = [value for name, values in headers.items() if name.lower() == "set-cookie" for value in values]
    body, is_base64 = response.payload()
    payload = {
        "statusCode": response.status,
        "headers": {name: ",".join(values) for name, values in headers.items() if name.lower() != "set-cookie"},
        "body": body,
        "isBase64Encoded": is_base64,
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
