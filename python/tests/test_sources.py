"""Paths, queries, headers and answers for each kind of event, in WSGI and in ASGI."""

from urllib.parse import parse_qsl

import pytest

from slam_lambda.asgi import AsgiRunner
from slam_lambda.wsgi import WsgiRunner

from . import gateway
from .asgi_checker import checked
from .support import alb_event, context, rest_event, v2_event

of_each_kind = pytest.mark.parametrize("kind", gateway.KINDS, ids=lambda kind: kind.__name__)


def environ_of(event):
    seen = {}

    def app(environ, start_response):
        seen.update(environ)
        start_response("200 OK", [])
        return []

    WsgiRunner(app)(event, context())
    return seen


def scope_of(event):
    seen = {}

    async def app(scope, receive, send):
        if scope["type"] != "http":
            raise NotImplementedError
        seen.update(scope)
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body"})

    runner = AsgiRunner(checked(app))
    runner(event, context())
    runner.close()
    return seen


# --- where the application begins


SPLIT = [
    (rest_event("/tasks/1"), "/dev", "/tasks/1"),
    (rest_event("/", whole="/dev"), "/dev", "/"),
    (rest_event("/", whole="/dev/"), "/dev", "/"),
    (rest_event("/dev/dev", whole="/dev/dev/dev"), "/dev", "/dev/dev"),
    (rest_event("/developers"), "/dev", "/developers"),
    # A local gateway that names the API in the path.
    (rest_event("/tasks", whole="/_aws/execute-api/abc/dev/tasks"), "/_aws/execute-api/abc/dev", "/tasks"),
    (rest_event("/", whole="/_aws/execute-api/abc/dev"), "/_aws/execute-api/abc/dev", "/"),
    # Domains of one's own: no stage in the URL; a base path only if one is mapped.
    (rest_event("/tasks/1", whole="/tasks/1"), "", "/tasks/1"),
    (rest_event("/dev/1", whole="/dev/1"), "", "/dev/1"),
    (rest_event("/v1/tasks/1", whole="/v1/tasks/1", pathParameters={"proxy": "tasks/1"}), "/v1", "/tasks/1"),
    (rest_event("/v1/tasks/", whole="/v1/tasks/", pathParameters={"proxy": "tasks"}), "/v1", "/tasks/"),
    (rest_event("/v1/a%2Fb", whole="/v1/a%2Fb", pathParameters={"proxy": "a/b"}), "/v1", "/a/b"),
    (rest_event("/v1", whole="/v1", resource="/", pathParameters=None), "/v1", "/"),
    (rest_event("/", whole="/", resource="/", pathParameters=None), "", "/"),
    (v2_event("/tasks"), "", "/tasks"),
    (v2_event("/dev/tasks", stage="dev"), "/dev", "/tasks"),
    (v2_event("/dev", stage="dev"), "/dev", "/"),
    (v2_event("/developers", stage="dev"), "", "/developers"),
    (v2_event("/dev/tasks", stage="dev", domain_prefix="api"), "", "/tasks"),
    (v2_event("/v1/tasks", routeKey="GET /{proxy+}", pathParameters={"proxy": "tasks"}), "/v1", "/tasks"),
    (v2_event(""), "", "/"),
    (alb_event("/tasks"), "", "/tasks"),
]


@pytest.mark.parametrize("event, root, path", SPLIT)
def test_path_is_split_where_the_application_begins(event, root, path):
    environ = environ_of(event)
    assert (environ["SCRIPT_NAME"], environ["PATH_INFO"]) == (root, path)
    scope = scope_of(event)
    assert (scope["root_path"], scope["path"]) == (root, root + path)


# --- what the client sent


@of_each_kind
@pytest.mark.parametrize(
    "path, expected",
    [
        ("/a%20b", b"/a b"),
        ("/a%2Fb", b"/a/b"),
        ("/a+b", b"/a+b"),
        ("/a%2Bb", b"/a+b"),
        ("/%C3%A9", "/é".encode()),
        ("/%e9", b"/\xe9"),
        ("/100%25", b"/100%"),
        ("/100%2520", b"/100%20"),
        ("/%252e%252e%252fsecret", b"/%2e%2e%2fsecret"),
        ("//a//", b"//a//"),
        ("/a;b=1,2:3@c!$&'()*~", b"/a;b=1,2:3@c!$&'()*~"),
    ],
)
def test_path_is_decoded_once(kind, path, expected):
    if path == "/%e9" and not gateway.is_kept(kind, path):
        pytest.skip("nobody has told what an HTTP API makes of bytes that are not UTF-8")
    event = kind("GET", path, "", [("Host", "example.com")], b"")
    assert environ_of(event)["PATH_INFO"].encode("latin-1") == expected
    scope = scope_of(event)
    assert scope["path"] == expected.decode("utf-8", "replace")
    if gateway.is_kept(kind, path):
        assert scope["raw_path"] == path.encode()


@pytest.mark.parametrize(
    "forwarded, client",
    [
        ("9.9.9.9, 203.0.113.7", "203.0.113.7"),
        ("203.0.113.7:51234", "203.0.113.7"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]:51234", "2001:db8::1"),
    ],
)
def test_client_of_a_load_balancer_has_no_port(forwarded, client):
    event = alb_event()
    event["headers"] = {"x-forwarded-for": forwarded}
    assert environ_of(event)["REMOTE_ADDR"] == client


def test_query_with_characters_that_no_client_should_send_is_its_bytes():
    event = v2_event(query="q=日本")
    assert environ_of(event)["QUERY_STRING"].encode("latin-1") == "q=日本".encode()


@pytest.mark.parametrize("make", [rest_event, v2_event, alb_event])
def test_path_that_was_decoded_on_the_way_is_the_same(make):
    event = make("/é b")
    environ, scope = environ_of(event), scope_of(event)
    assert environ["PATH_INFO"].encode("latin-1") == "/é b".encode()
    assert scope["path"] == scope["root_path"] + "/é b"
    assert scope["raw_path"] == scope["root_path"].encode() + b"/%C3%A9%20b"


@of_each_kind
@pytest.mark.parametrize(
    "query",
    [
        "",
        "a=1",
        "a=1&b=2",
        "a=&b=",
        "q=a+b",
        "q=a%20b",
        "q=a%2Bb",
        "q=a%2Fb/c",
        "q=%26%3D%25",
        "%C3%A9=%C3%A9",
        "a-b=c_d.e~f",
        "next=https%3A%2F%2Fexample.com%2F%3Fa%3D1%26b%3D2",
    ],
)
def test_query_is_what_the_client_sent(kind, query):
    event = kind("GET", "/", query, [("Host", "example.com")], b"")
    text = environ_of(event)["QUERY_STRING"]
    assert scope_of(event)["query_string"].decode() == text
    if kind in (gateway.rest, gateway.http_1):
        # Encoded anew, so it may be another text that says the same.
        assert parse_qsl(text, True) == parse_qsl(query, True)
    else:
        assert text == query


@pytest.mark.parametrize("kind", [kind for kind in gateway.KINDS if kind is not gateway.alb])
def test_repeated_parameters_stay_in_order(kind):
    event = kind("GET", "/", "x=2&y=%26&x=1&x=2", [], b"")
    assert sorted(parse_qsl(environ_of(event)["QUERY_STRING"])) == [("x", "1"), ("x", "2"), ("x", "2"), ("y", "&")]
    assert [value for name, value in parse_qsl(scope_of(event)["query_string"].decode()) if name == "x"] == list("212")


@of_each_kind
def test_repeated_headers_and_cookies_are_all_there(kind):
    sent = [("Host", "example.com"), ("X-A", "1"), ("X-A", "2"), ("Cookie", "a=1; b=2"), ("X-Latin", "caf\xe9")]
    event = kind("GET", "/", "", sent, b"")
    environ = environ_of(event)
    assert [environ[name] for name in ("HTTP_X_A", "HTTP_COOKIE", "HTTP_X_LATIN")] == ["1,2", "a=1; b=2", "caf\xe9"]
    headers = scope_of(event)["headers"]
    values = {name: b",".join(value for each, value in headers if each == name) for name in dict(headers)}
    assert [values[name] for name in (b"x-a", b"cookie", b"x-latin")] == [b"1,2", b"a=1; b=2", b"caf\xe9"]


# --- what the client gets


@of_each_kind
@pytest.mark.parametrize(
    "method, status, headers, body, expected",
    [
        ("GET", 200, [("Content-Type", "text/plain")], "é".encode(), "é".encode()),
        ("GET", 200, [("Content-Type", "text/plain")], b"caf\xe9", b"caf\xe9"),
        ("GET", 200, [("Content-Type", "image/png")], bytes(range(256)), bytes(range(256))),
        ("GET", 200, [("Content-Type", "text/html"), ("Content-Encoding", "gzip")], b"zipped", b"zipped"),
        ("GET", 404, [("X-A", "caf\xe9")], b"", b""),
        ("HEAD", 200, [("Content-Type", "text/plain")], b"text", b""),
        ("GET", 204, [("X-A", "1")], b"none", b""),
        ("GET", 304, [("ETag", '"1"')], b"none", b""),
        ("GET", 103, [("Link", "</a>")], b"none", b""),
        ("GET", 599, [], b"text", b"text"),
    ],
)
def test_answer_arrives(kind, method, status, headers, body, expected):
    def wsgi(environ, start_response):
        start_response(f"{status} Reason", [*headers, ("Content-Length", str(len(body)))])
        return [body]

    async def asgi(scope, receive, send):
        if scope["type"] != "http":
            raise NotImplementedError
        pairs = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": body})

    event = kind(method, "/", "", [("Host", "example.com")], b"")
    runner = AsgiRunner(checked(asgi))
    for reply in (WsgiRunner(wsgi)(event, context()), runner(event, context())):
        answered, pairs, content = gateway.answer(reply)
        names = {name.lower(): value for name, value in pairs}
        # The length is the sender's to tell, but of what HEAD leaves out.
        names.pop("content-length" if method == "HEAD" else "", None)
        assert (answered, content, names) == (status, expected, {name.lower(): value for name, value in headers})
    runner.close()
