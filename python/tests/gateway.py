"""What AWS makes of a request for each kind of event, and of an answer."""

import base64
from urllib.parse import quote, unquote, unquote_plus

from .support import alb_event, rest_event, v2_event


def _query(text):
    return [tuple(unquote_plus(part) for part in pair.partition("=")[::2]) for pair in text.split("&") if pair]


def _encoded(body, event):
    if body:
        event["body"], event["isBase64Encoded"] = base64.b64encode(body).decode(), True
    return event


def _joined(headers):
    joined = {}
    for name, value in headers:
        separator = "; " if name.lower() == "cookie" else ","
        joined[name.lower()] = f"{joined[name.lower()]}{separator}{value}" if name.lower() in joined else value
    return joined


def rest(method, path, query, headers, body):
    event = rest_event(path, whole=path, method=method, query=_query(query), pathParameters={"proxy": path[1:]})
    return _with_headers(_encoded(body, event), headers)


def http_1(method, path, query, headers, body):
    """HTTP APIs decode the path, in both formats: events/prefix.py."""
    event = rest(method, unquote(path), query, headers, body)
    event["version"] = "1.0"
    event["requestContext"]["stage"] = "$default"
    return event


def http_2(method, path, query, headers, body):
    return _payload_2(method, unquote(path), query, headers, body)


def _payload_2(method, path, query, headers, body):
    joined = _joined(headers)
    cookies = joined.pop("cookie", None)
    more = {"cookies": cookies.split("; ")} if cookies else {}
    event = v2_event(path, method=method, query=query, **more)
    event["headers"] = joined
    event["requestContext"]["http"]["sourceIp"] = "127.0.0.1"
    return _encoded(body, event)


def function_url(method, path, query, headers, body):
    event = _payload_2(method, path, query, headers, body)
    event["requestContext"].update(apiId="url", domainPrefix="url", domainName="url.lambda-url.eu-west-1.on.aws")
    return event


def alb(method, path, query, headers, body):
    """Single values: of a repeated query parameter a load balancer hands on the last."""
    event = alb_event(path, method=method, query=[pair.partition("=")[::2] for pair in query.split("&") if pair])
    event["headers"] = {**_joined(headers), "x-forwarded-for": "127.0.0.1"}
    return _encoded(body, event)


def alb_multi(method, path, query, headers, body):
    pairs = [pair.partition("=")[::2] for pair in query.split("&") if pair]
    event = alb_event(path, method=method, query=pairs, multi=True)
    event["multiValueHeaders"] = _multi([*headers, ("x-forwarded-for", "127.0.0.1")])
    return _encoded(body, event)


KINDS = [rest, http_1, http_2, function_url, alb, alb_multi]


def is_kept(kind, path):
    """Whether the sender hands on how a path was written. An HTTP API decodes it: then `%2F` is a slash."""
    return kind not in (http_1, http_2) or quote(unquote(path), safe="/%:@!$&'()*+,;=-._~") == path


def _multi(headers):
    values = {}
    for name, value in headers:
        values.setdefault(name, []).append(value)
    return values


def _with_headers(event, headers):
    event["headers"] = dict(headers)
    event["multiValueHeaders"] = _multi(headers)
    event["requestContext"]["identity"]["sourceIp"] = "127.0.0.1"
    return event


def answer(reply):
    """Status, header pairs and body, as a client gets them."""
    body = reply["body"]
    body = base64.b64decode(body) if reply["isBase64Encoded"] else body.encode()
    headers = [(name, value) for name, value in reply.get("headers", {}).items()]
    headers += [(name, value) for name, values in reply.get("multiValueHeaders", {}).items() for value in values]
    headers += [("set-cookie", value) for value in reply.get("cookies", ())]
    return reply["statusCode"], headers, body
