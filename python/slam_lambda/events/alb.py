"""Application Load Balancer target groups."""

from itertools import product

from ..http import Request, body_of, grouped, pairs


def matches(event):
    """Whether a load balancer sent ``event``."""
    context = event.get("requestContext")
    return isinstance(context, dict) and "elb" in context


def request(event):
    """Read the event."""
    headers = pairs(event.get("headers"), event.get("multiValueHeaders"))
    forwarded = [value for name, value in headers if name.lower() == "x-forwarded-for"]
    # Unlike API Gateway, a load balancer leaves the query as the client encoded it.
    query = pairs(event.get("queryStringParameters"), event.get("multiValueQueryStringParameters"))
    return Request(
        method=event.get("httpMethod"),
        root_path="",
        path=event.get("path") or "/",
        query_string="&".join(f"{name}={value}" for name, value in query),
        headers=headers,
        body=body_of(event),
        # The load balancer appends the address it saw; what is before it, the client may have made up.
        client=forwarded[-1].split(",")[-1].strip() if forwarded else "",
        protocol="HTTP/1.1",
        scheme="http",
        host=None,
    )


def response(event, response):
    """Write the response, with multi-value headers when the target group has them switched on."""
    body, is_base64 = response.payload()
    payload = {
        "statusCode": response.status,
        "statusDescription": f"{response.status} {response.reason}".strip(),
        "body": body,
        "isBase64Encoded": is_base64,
    }
    headers = grouped(response.headers)
    if isinstance(event.get("multiValueHeaders"), dict):
        payload["multiValueHeaders"] = headers
    else:
        payload["headers"] = _single(headers)
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
    letters = [(letter, letter.upper()) if letter.isalpha() else (letter,) for letter in name]
    return map("".join, product(*letters))
