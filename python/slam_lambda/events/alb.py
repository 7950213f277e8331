"""Application Load Balancer target groups."""

from ..http import Request, body_of, pairs

NAME = "a load balancer"
# "The maximum size of the response JSON that the Lambda function can send is 1 MB."
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
LIMIT = 1_048_576


def request(event):
    """Read the event."""
    headers = event.get("multiValueHeaders")
    multiple = headers is not None
    if not multiple:
        headers = event.get("headers") or {}
    forwarded = next((value for name, value in headers.items() if name.lower() == "x-forwarded-for"), None)
    if forwarded and multiple:
        forwarded = forwarded[-1]
    # Unlike API Gateway, a load balancer leaves the query as the client encoded it.
    query = pairs(event.get("queryStringParameters"), event.get("multiValueQueryStringParameters"))
    root_path, path = paths(event)
    return Request(
        event.get("httpMethod"),
        root_path,
        path,
        "&".join([f"{name}={value}" for name, value in query]),
        headers,
        multiple,
        body_of(event),
        # The load balancer appends the address it saw; what is before it, the client may have made up.
        _address(forwarded.split(",")[-1].strip()) if forwarded else "",
        "HTTP/1.1",
        "http",
        None,
    )


def paths(event):
    """What leads to the application, which is nothing here, and the rest of the path."""
    return "", event.get("path") or "/"


def _address(text):
    """An address without its port, which `routing.http.xff_client_port.enabled` adds: `[2001:db8::1]:443`."""
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text


def response(event, reply):
    """Write the response, with multi-value headers when the target group has them switched on."""
    payload = {
        "statusCode": reply.status,
        "statusDescription": f"{reply.status} {reply.reason or _reason(reply.status)}".rstrip(),
        "body": reply.body,
        "isBase64Encoded": reply.is_base64,
    }
    if isinstance(event.get("multiValueHeaders"), dict):
        payload["multiValueHeaders"] = reply.headers
    else:
        payload["headers"] = _single(reply.headers)
    return payload


def _single(headers):
    """One value per name. Cookies cannot be joined: each gets another spelling of the name."""
    single = {}
    for name, values in headers.items():
        if name.lower() == "set-cookie":
            single.update(zip(_spellings("set-cookie"), values))
        else:
            single[name] = ",".join(values)
    return single


def _spellings(name):
    from itertools import product

    letters = [(letter, letter.upper()) if letter.isalpha() else (letter,) for letter in name]
    return map("".join, product(*letters))


def _reason(status):
    from http import HTTPStatus

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
