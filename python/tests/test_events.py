"""Every sample event, in process: what a WSGI and an ASGI application see of it, and the answer in its sender's format.

Of the collection the samples come from (fixtures/README.md) these are left out, as none of them is a request that an
application is asked: the events and answers of authorizers (`authorizer-*`, `sam-authorizer-*`, of all kinds of API),
the answers of functions (`response`), and of the recorded ones all but `recorded-apigw-rest-from-eventbridge`.
"""

import base64
import json
from types import SimpleNamespace
from wsgiref.validate import validator

import pytest

from slam_lambda.asgi import AsgiRunner
from slam_lambda.wsgi import WsgiRunner

from .asgi_checker import checked
from .support import SAMPLES, context, sample

REST = "https://gy415nuibc.execute-api.us-east-1.amazonaws.com:443"
HTTP = "https://id.execute-api.us-east-1.amazonaws.com:443"
TWICE = "parameter1=value1&parameter1=value2&parameter2=value"
TEXT, JSON = b'{\r\n\t"a": 1\r\n}', b'{"test":"body"}'


def told(request, client, origin, body=b"", root="", cookie=None, **headers):
    """What an application is told of one request; in ``headers`` are some of those that the event has."""
    method, _, target = request.partition(" ")
    path, _, query = target.partition("?")
    scheme, host, port = origin.replace("://", ":").rsplit(":", 2)
    return SimpleNamespace(
        method=method,
        root=root,
        path=path,
        query=query,
        client=client,
        server=(scheme, host, int(port)),
        body=body,
        cookie=cookie,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


EXPECTED = {
    "apigw-rest-v1-proxy-post": told(
        "POST /hello/world?name=me", "192.168.196.186", REST, TEXT, x_forwarded_for="54.240.196.186, 54.182.214.83"
    ),
    "apigw-rest-v1-proxy-multi-value": told(
        "POST /hello/world?name=me&name=me2", "192.168.196.186", REST, TEXT, headername="headerValue,headerValue2"
    ),
    "apigw-rest-v1-proxy-catch-all": told(
        "POST /hello/world?name=me", "192.168.196.186", REST, TEXT, cache_control="no-cache"
    ),
    "apigw-rest-v1-openapi": told(
        "POST /hello/world?name=me", "192.168.196.186", REST, TEXT, content_type="application/json"
    ),
    "apigw-rest-v1-proxy-base64-body": told(
        "POST /path/to/resource?foo=bar",
        "127.0.0.1",
        "https://0123456789.execute-api.us-east-1.amazonaws.com:443",
        JSON,
        root="/prod",
        x_forwarded_for="127.0.0.1, 127.0.0.2",
    ),
    "apigw-rest-v1-console-test-invoke": told(
        "POST /myPath", "test-invoke-source-ip", "https://testPrefix.testDomainName:443", TEXT
    ),
    "apigw-http-v1-documented": told(
        f"GET /my/path?{TWICE}", "192.0.2.1", HTTP, b"Hello from Lambda!", header1="value1", header2="value1,value2"
    ),
    "apigw-http-v2-proxy-multi-value": told(
        "GET /my/path?Parameter1=value1&Parameter1=value2",
        "IP",
        HTTP,
        TEXT,
        cookie="cookie1; cookie2",
        header2="value1,value2",
    ),
    "apigw-http-v2-proxy-no-authorizer": told(
        "GET /", "1.2.3.4", "https://aaaaaaaaaa.execute-api.us-west-2.amazonaws.com:443", content_length="0"
    ),
    **{
        f"apigw-http-v2-proxy-{name}": told(
            f"GET /my/path?{TWICE}", "IP", HTTP, TEXT, cookie="cookie1; cookie2", header1="value1", header2="value2"
        )
        for name in ("jwt-authorizer", "iam", "lambda-authorizer")
    },
    "apigw-http-v2-sam-generated": told(
        f"POST /path/to/resource?{TWICE}",
        "192.168.0.1/32",
        HTTP,
        JSON,
        cookie="cookie1; cookie2",
        header2="value1,value2",
    ),
    "function-url-get-with-headers": told(
        "GET /",
        "123.123.123.123",
        "https://<url-id>.lambda-url.us-east-1.on.aws:443",
        accept_language="pt-BR,pt;q=0.9",
    ),
    "alb-single-value": told(
        "GET /?key=hello", "25.12.198.67", "http://lambda-test-alb-1334523864.us-east-1.elb.amazonaws.com:80"
    ),
    "alb-multi-value": told(
        "GET /?key=hello",
        "72.21.198.67",
        "http://lambda-test-alb-1234567.us-east-1.elb.amazonaws.com:80",
        b"Some text",
    ),
    "alb-multi-value-query": told(
        f"GET /todos?{TWICE}",
        "123.123.123.123",
        "http://alb-c-LoadB-14POFKYCLBNSF-1815800096.eu-central-1.elb.amazonaws.com:80",
        user_agent="curl/7.79.1",
    ),
    "alb-sam-generated": told(
        "POST /path/to/resource?query=1234ABCD",
        "72.12.164.125",
        "http://lambda-alb-123578498.us-east-2.elb.amazonaws.com:80",
        JSON,
    ),
    # The recorder's placeholders are no scheme and no port.
    "recorded-apigw-rest-from-eventbridge": told(
        "POST /test/",
        "<source-ip:1>",
        "https://<domain-name:443",
        b'{"message": "Hello from EventBridge"}',
        root="/test",
        x_amz_source_account="111111111111",
    ),
}
HEADERS = [("Content-Type", "text/plain"), ("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("X-A", "1"), ("x-a", "2")]


def test_every_sample_is_expected():
    assert sorted(EXPECTED) == SAMPLES


@pytest.mark.parametrize("name", SAMPLES)
def test_wsgi_application_sees(name):
    seen = {}

    @validator
    def app(environ, start_response):
        seen.update(environ)
        seen["body"] = environ["wsgi.input"].read(-1)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [b"ok"]

    assert WsgiRunner(app)(sample(name), context())["statusCode"] == 200
    request = EXPECTED[name]
    assert (seen["REQUEST_METHOD"], seen["SCRIPT_NAME"], seen["PATH_INFO"]) == (
        request.method,
        request.root,
        request.path,
    )
    assert (seen["QUERY_STRING"], seen["REMOTE_ADDR"]) == (request.query, request.client)
    assert (seen["wsgi.url_scheme"], seen["SERVER_NAME"], int(seen["SERVER_PORT"])) == request.server
    assert (seen.get("HTTP_COOKIE"), seen["body"]) == (request.cookie, request.body)
    assert seen.get("CONTENT_LENGTH", "0") == str(len(request.body))
    for header, value in request.headers.items():
        key = header.upper().replace("-", "_")
        assert seen[key if key in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{key}"] == value


@pytest.mark.parametrize("name", SAMPLES)
def test_asgi_application_sees(name):
    seen = {}

    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise NotImplementedError
        seen.update(scope)
        seen["body"] = (await receive())["body"]
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"ok"})

    runner = AsgiRunner(checked(app))
    assert runner(sample(name), context())["statusCode"] == 200
    runner.close()
    request = EXPECTED[name]
    path = request.root + request.path
    assert (seen["method"], seen["root_path"], seen["path"]) == (request.method, request.root, path)
    assert (seen["raw_path"], seen["query_string"]) == (path.encode(), request.query.encode())
    assert (seen["client"], (seen["scheme"], *seen["server"])) == ((request.client, 0), request.server)
    assert seen["body"] == request.body
    values = {}
    for header, value in seen["headers"]:
        values.setdefault(header.decode(), []).append(value.decode())
    assert "; ".join(values.get("cookie", ())) == (request.cookie or "")
    length = str(len(request.body))
    assert values.get("content-length", [length]) == [length]
    assert {header: ",".join(values[header]) for header in request.headers} == request.headers


def wsgi(environ, start_response):
    start_response("201 Created", [*HEADERS, ("Content-Length", "2")])
    return [b"o", b"k"]


async def asgi(scope, receive, send):
    if scope["type"] != "http":
        raise NotImplementedError
    headers = [(name.lower().encode(), value.encode()) for name, value in HEADERS]
    await send({"type": "http.response.start", "status": 201, "headers": headers})
    await send({"type": "http.response.body", "body": b"o", "more_body": True})
    await send({"type": "http.response.body", "body": b"k"})


def in_the_format_of(name):
    """The answer that the sender of a sample expects, with names in lower case.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
    """
    common = {"statusCode": 201, "body": "ok", "isBase64Encoded": False}
    multi = {"multiValueHeaders": {"content-type": ["text/plain"], "set-cookie": ["a=1", "b=2"], "x-a": ["1", "2"]}}
    single = {"content-type": "text/plain", "x-a": "1,2"}
    if name.startswith(("apigw-http-v2", "function-url")):
        return {**common, "headers": single, "cookies": ["a=1", "b=2"]}
    if not name.startswith("alb"):
        return {**common, **multi}
    described = {**common, "statusDescription": "201 Created"}
    if "multiValueHeaders" in sample(name):
        return {**described, **multi}
    # Two spellings of one name: the only way to have two cookies.
    return {**described, "headers": {**single, "set-cookie": "a=1", "set-cookiE": "b=2"}}


@pytest.mark.parametrize("runner", [WsgiRunner, AsgiRunner])
@pytest.mark.parametrize("name", SAMPLES)
def test_answer_is_in_the_format_of_the_sender(name, runner):
    serve = runner(wsgi if runner is WsgiRunner else asgi)
    reply = json.loads(json.dumps(serve(sample(name), context())))
    getattr(serve, "close", lambda: None)()
    for kind in ("headers", "multiValueHeaders"):
        if kind in reply:
            reply[kind] = {n if n.lower() == "set-cookie" else n.lower(): v for n, v in reply[kind].items()}
    if "multiValueHeaders" in reply:
        reply["multiValueHeaders"] = {n.lower(): v for n, v in reply["multiValueHeaders"].items()}
    assert reply == in_the_format_of(name)


@pytest.mark.parametrize("name", SAMPLES)
def test_bytes_come_in_and_go_out_as_they_are(name):
    data = bytes(range(256))

    def app(environ, start_response):
        body = environ["wsgi.input"].read()
        start_response("200 OK", [("Content-Type", "text/plain; charset=utf-8")])
        return [body]

    event = {**sample(name), "body": base64.b64encode(data).decode(), "isBase64Encoded": True}
    reply = WsgiRunner(app)(event, context())
    assert reply["isBase64Encoded"] and base64.b64decode(reply["body"]) == data
