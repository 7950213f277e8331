"""The adapter against gunicorn and uvicorn: the same application, the same requests, the same answers."""

import gc
import http.client
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from slam_lambda.asgi import AsgiRunner
from slam_lambda.wsgi import WsgiRunner

from . import gateway
from .support import context

pytestmark = pytest.mark.filterwarnings("default")

PACKAGE = Path(__file__).parent.parent
WSGI = ["probe_wsgi", "flask_app", "django_app", "bottle_app", "pyramid_app", "httpbin_app"]
ASGI = ["probe_asgi", "starlette_app", "fastapi_app"]
HTTPBIN = [
    ("GET", "/cookies/set?a=1&b=2"),
    ("GET", "/response-headers?X-A=1&X-A=2&Content-Type=text/plain"),
    ("GET", "/status/418"),
    ("GET", "/image/svg"),
    ("GET", "/image/png"),
    ("GET", "/gzip"),
    ("GET", "/deflate"),
    ("GET", "/encoding/utf8"),
    ("GET", "/stream/3"),
    ("GET", "/range/64"),
    ("GET", "/redirect-to?url=%2Fget&status_code=307"),
    ("GET", "/basic-auth/a/b"),
    ("GET", "/etag/tag"),
    ("GET", "/links/3/0"),
    ("GET", "/xml"),
    ("POST", "/anything/a%20b?x=1&x=2"),
]

MULTIPART = (
    b'--x\r\nContent-Disposition: form-data; name="field"\r\n\r\n\xc3\xa9\r\n'
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="f.bin"\r\n'
    b"Content-Type: application/octet-stream\r\n\r\n" + bytes(range(256)) + b"\r\n--x--\r\n"
)
FORM = ("Content-Type", "application/x-www-form-urlencoded")
JSON = ("Content-Type", "application/json")
REQUESTS = [
    ("GET", "/hello", [], b""),
    ("HEAD", "/hello", [], b""),
    ("POST", "/hello", [], b"not allowed"),
    ("GET", "/missing", [], b""),
    ("GET", "/", [], b""),
    ("GET", "/echo/a%20b/%C3%A9", [], b""),
    ("GET", "/echo/a+b/c%2Bd/~e!$&'()*,;=:@", [], b""),
    ("GET", "/echo/%25/%3F/%23", [], b""),
    ("GET", "/echo/a%2Fb%2fc", [], b""),
    ("GET", "/echo//double/", [], b""),
    ("GET", "/echo/q?x=1&x=2&y=%26+z&e=&%C3%A9=%C3%A9", [], b""),
    ("GET", "/echo/q?one=1", [("Cookie", "a=1; b=2"), ("X-Thing", "th, ing"), ("Accept", "*/*")], b""),
    ("POST", "/echo/form", [FORM], b"a=1&a=2&b=%C3%A9"),
    ("POST", "/echo/json", [JSON], '{"name": "é", "size": 2}'.encode()),
    ("POST", "/echo/json", [JSON], b'{"broken'),
    ("PUT", "/echo/binary", [("Content-Type", "application/octet-stream")], bytes(range(256)) * 64),
    ("PATCH", "/echo/x", [], b""),
    ("DELETE", "/echo/x", [], b""),
    ("OPTIONS", "/echo/x", [], b""),
    ("GET", "/cookies", [], b""),
    ("GET", "/redirect", [], b""),
    ("GET", "/binary", [], b""),
    ("HEAD", "/binary", [], b""),
    ("GET", "/empty", [], b""),
    ("GET", "/unchanged", [("If-None-Match", '"tag"')], b""),
    ("GET", "/unchanged", [], b""),
    ("GET", "/stream", [], b""),
    ("HEAD", "/stream", [], b""),
    ("POST", "/upload", [("Content-Type", "multipart/form-data; boundary=x")], MULTIPART),
    ("GET", "/url", [], b""),
    ("GET", "/boom", [], b""),
]
# What the server adds, and what concerns the connection. Gateways count bodies themselves.
OF_THE_SERVER = ("server", "date", "connection", "transfer-encoding", "content-length")


def requests_for(name):
    plain = [(method, target, [], b"") for method, target in HTTPBIN] if name == "httpbin_app" else []
    # Without an error page of its own, Pyramid leaves it to the server.
    return [request for request in REQUESTS + plain if name != "pyramid_app" or request[1] != "/boom"]


class Reference:
    """The application under a real server on a port of its own."""

    def __init__(self, command, listening):
        self._process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=PACKAGE, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True
        )
        lines = []
        for line in self._process.stderr:
            lines.append(line)
            found = re.search(listening, line)
            if found:
                self.port = int(found[1])
                break
        else:
            raise RuntimeError("".join(lines))

    def ask(self, method, target, headers, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value)
        connection.endheaders(body or None)
        response = connection.getresponse()
        answer = response.status, response.getheaders(), response.read()
        connection.close()
        return answer

    def close(self):
        self._process.terminate()
        self._process.wait(30)
        self._process.stderr.close()


def without_control_socket():
    """Versions that have one put it where a second server would find it."""
    import gunicorn

    return ["--no-control-socket"] if gunicorn.version_info >= (25, 1) else []


@pytest.fixture(scope="module", autouse=True)
def frameworks_rubbish():
    """Frameworks leave open files behind, which the tests of other modules are not to be blamed for."""
    yield
    gc.collect()


@pytest.fixture(scope="module")
def references():
    """One server per application, started when it is first needed."""
    running = {}

    def find(name):
        if name not in running:
            target = f"tests.apps.{name}:app"
            if name in WSGI:
                command = ["gunicorn", "--bind", "127.0.0.1:0", "--workers", "1", *without_control_socket(), target]
                running[name] = Reference(command, r"Listening at: http://127\.0\.0\.1:(\d+)")
            else:
                command = ["uvicorn", "--port", "0", "--no-access-log", target]
                running[name] = Reference(command, r"running on http://127\.0\.0\.1:(\d+)")
        return running[name]

    yield find
    for reference in running.values():
        reference.close()


@pytest.fixture(scope="module")
def runners():
    """One runner per application."""
    made = {}

    def find(name):
        if name not in made:
            app = importlib.import_module(f"tests.apps.{name}").app
            made[name] = (WsgiRunner if name in WSGI else AsgiRunner)(app)
        return made[name]

    yield find
    for runner in made.values():
        getattr(runner, "close", lambda: None)()


def compared(answer, method):
    status, headers, body = answer
    headers = [(name.lower(), value) for name, value in headers if name.lower() not in OF_THE_SERVER]
    joined = {}
    for name, value in headers:
        # Frameworks keep methods in sets, whose order is another in each process.
        joined.setdefault(name, []).append(", ".join(sorted(value.split(", "))) if name == "allow" else value)
    # Not every event source has a way to send a header twice, but for cookies.
    folded = {name: values if name == "set-cookie" else ",".join(values) for name, values in joined.items()}
    if body.startswith(b"\x1f\x8b"):
        # httpbin's gzip has the second in which it was made.
        body = body[:4] + bytes(4) + body[8:]
    return status, folded, b"" if method == "HEAD" else body


def repeats_a_parameter(target):
    names = [pair.partition("=")[0] for pair in target.partition("?")[2].split("&")]
    return len(names) != len(set(names))


@pytest.mark.parametrize("kind", gateway.KINDS, ids=lambda kind: kind.__name__)
@pytest.mark.parametrize("name", WSGI + ASGI)
def test_answers_are_those_of_a_real_server(name, kind, references, runners):
    reference, runner = references(name), runners(name)
    differences = []
    for method, target, headers, body in requests_for(name):
        if kind is gateway.alb and repeats_a_parameter(target):
            continue
        headers = [("Host", "127.0.0.1:%d" % reference.port), ("X-Forwarded-Proto", "http"), *headers]
        if kind in (gateway.alb, gateway.alb_multi):
            sent = [*headers, ("X-Forwarded-For", "127.0.0.1")]
        else:
            sent = headers
        if body:
            headers, sent = [*headers, ("Content-Length", str(len(body)))], [*sent, ("Content-Length", str(len(body)))]
        path, _, query = target.partition("?")
        if name == "probe_asgi" and not gateway.is_kept(kind, path):
            continue
        expected = compared(reference.ask(method, target, sent, body), method)
        actual = compared(gateway.answer(runner(kind(method, path, query, headers, body), context())), method)
        if actual != expected:
            differences.append(f"{method} {target}\n  expected {expected}\n  answered {actual}")
    assert not differences, "\n".join(differences)
