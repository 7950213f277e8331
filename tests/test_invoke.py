"""`slam invoke` on a web application: a method and a path, an answer on the standard output."""

import json

import pytest
import requests

from functions import runtime

APP = '''
import json

def app(environ, start_response):
    path = environ["PATH_INFO"]
    print("asked for", path)
    if path == "/bytes":
        start_response("200 OK", [("content-type", "image/png")])
        return [b"\\x89PNG\\xff\\x00"]
    if path == "/broken":
        raise ValueError("no")
    body = environ["wsgi.input"].read()
    told = {
        "method": environ["REQUEST_METHOD"], "path": environ["SCRIPT_NAME"] + path, "query": environ["QUERY_STRING"],
        "type": environ.get("CONTENT_TYPE"), "body": body.decode("latin-1"), "own": environ.get("HTTP_X_OWN"),
        "address": environ["REMOTE_ADDR"], "scheme": environ["wsgi.url_scheme"], "host": environ["HTTP_HOST"],
        "server": environ["SERVER_NAME"], "port": environ["SERVER_PORT"],
    }
    start_response("404 Not Found" if path == "/missing" else "200 OK", [("x-told", "1"), ("set-cookie", "a=1"), ("set-cookie", "b=2")])
    return [json.dumps(told).encode()]
'''


@pytest.fixture(scope="module")
def web(shared_machine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("asked")
    (folder / "app.py").write_text(APP)
    (folder / "slam.yaml").write_text(f"name: asked\napp: app:app\nkind: wsgi\nruntime: {runtime()}\n")
    shared_machine.run("deploy", cwd=folder)
    return folder


def test_a_request_is_answered_as_by_the_api(shared_machine, web):
    url = shared_machine.json("status", cwd=web)["stages"][0]["url"]
    done = shared_machine.run("invoke", "GET", "/a b/ü?x=1&x=2%263", "-H", "x-own: yes", cwd=web)
    told = json.loads(done.stdout)
    api = requests.get(f"{url}a b/ü?x=1&x=2%263", headers={"x-own": "yes"}).json()
    assert {**told, "type": None} == {**api, "type": None}
    # An application that knows the hosts of its URLs knows this one.
    assert f"{told['scheme']}://{told['host']}/" == url.removesuffix("dev/")
    assert "200 OK" in done.stderr and "asked for /a b/" in done.stderr
    assert "REPORT" not in done.stderr and "slam: GET" not in done.stderr


def test_bodies(shared_machine, web):
    told = lambda *arguments, **more: json.loads(shared_machine.run("invoke", *arguments, cwd=web, **more).stdout)
    assert json.loads(told("POST", "/tasks", "description=buy milk", "done:=false")["body"]) == {"description": "buy milk", "done": False}
    inline = told("POST", "/tasks", '{"a": "x=y"}')
    assert (inline["body"], inline["type"]) == ('{"a": "x=y"}', "application/json")
    (web / "body.json").write_text("[1, 2]")
    assert told("put", "/tasks", "@body.json")["body"] == "[1, 2]"
    typed = told("POST", "/tasks", "@-", "-H", "Content-Type: text/csv", input="a,b\n")
    assert (typed["body"], typed["type"]) == ("a,b\n", "text/csv")


def test_status_headers_and_exit_code(shared_machine, web):
    shown = shared_machine.run("invoke", "-i", "GET", "/missing", cwd=web).stdout
    head, _, body = shown.partition("\n\n")
    assert head.splitlines()[0] == "HTTP/1.1 404 Not Found"
    assert {"x-told: 1", "set-cookie: a=1", "set-cookie: b=2"} <= set(head.splitlines())
    assert json.loads(body)["method"] == "GET"
    broken = shared_machine.run("invoke", "GET", "/broken", cwd=web, code=1)
    assert broken.stdout == "Internal Server Error\n"
    assert broken.stderr.endswith("error: the application answered 500\n")
    assert 'File "app.py"' in broken.stderr and "ValueError: no" in broken.stderr and "500 Internal Server Error" in broken.stderr
    answer = shared_machine.json("invoke", "GET", "/missing", cwd=web)
    assert (answer["status"], answer["result"]["statusCode"]) == (200, 404)
    assert "REPORT RequestId" in answer["log"]


def test_bytes_are_bytes(shared_machine, web):
    import subprocess

    done = subprocess.run(
        [shared_machine.binary, "invoke", "GET", "/bytes"], cwd=web, env=shared_machine.environment(), capture_output=True, timeout=60,
    )
    assert done.stdout == b"\x89PNG\xff\x00"


def test_arguments_are_refused_before_the_call(shared_machine, web):
    url = shared_machine.json("status", cwd=web)["stages"][0]["url"]
    for arguments in ([], ["number:=15"]):
        refused = shared_machine.run("invoke", *arguments, cwd=web, code=2)
        assert f"`slam invoke GET /`, or open {url}" in refused.stderr and "asked for" not in refused.stderr
    assert "the method is missing before `/tasks`" in shared_machine.run("invoke", "/tasks", cwd=web, code=2).stderr
    assert "the path is missing after `GET`" in shared_machine.run("invoke", "GET", cwd=web, code=2).stderr
    assert "is no header" in shared_machine.run("invoke", "GET", "/", "-H", "nonsense", cwd=web, code=2).stderr
    assert "cannot be read" in shared_machine.run("invoke", "POST", "/", "@nowhere", cwd=web, code=2).stderr


def test_what_a_function_prints_is_shown(shared_machine, tmp_path):
    (tmp_path / "app.py").write_text("def app(name):\n    print('called by', name)\n    return f'hello {name}'\n")
    (tmp_path / "slam.yaml").write_text(f"name: printing\napp: app:app\nruntime: {runtime()}\n")
    shared_machine.run("deploy", cwd=tmp_path)
    done = shared_machine.run("invoke", "name=zoe", cwd=tmp_path)
    assert done.stdout == "hello zoe\n" and done.stderr.splitlines()[1:] == ["called by zoe"]
    assert shared_machine.run("--quiet", "invoke", "name=zoe", cwd=tmp_path).stderr == ""
    refused = shared_machine.run("invoke", "GET", "/", cwd=tmp_path, code=2)
    assert "it takes arguments, and no GET" in refused.stderr and "`slam invoke number:=15 word=hello`" in refused.stderr
    assert "called" not in refused.stderr and "GET" not in shared_machine.run("logs", cwd=tmp_path).stdout


def test_a_function_behind_a_path_gets_the_event(shared_machine, tmp_path):
    (tmp_path / "app.py").write_text("def app(): pass\ndef made(event, context=None): return {'statusCode': 200, 'body': event['path']}\n")
    made = "functions: {made: {app: 'app:made', on: {http: /made}}, handled: {handler: app.made, package: {path: .}}}\n"
    (tmp_path / "slam.yaml").write_text(f"name: behind\napp: app:app\nruntime: {runtime()}\n{made}")
    shared_machine.run("deploy", cwd=tmp_path)
    for name in ("made", "handled"):
        done = shared_machine.run("invoke", "--function", name, "GET", "/made", cwd=tmp_path)
        assert done.stdout == "/made" and "200 OK" in done.stderr


def test_a_long_log_begins_with_a_whole_line(shared_machine, tmp_path):
    source = "def app():\n    for number in range(1000): print('line', number)\n"
    (tmp_path / "app.py").write_text(source)
    (tmp_path / "slam.yaml").write_text(f"name: talkative\napp: app:app\nruntime: {runtime()}\n")
    shared_machine.run("deploy", cwd=tmp_path)
    lines = shared_machine.run("invoke", cwd=tmp_path).stderr.splitlines()
    assert lines[1] == "… the log begins before this: `slam logs` has all of it"
    first = int(lines[2].removeprefix("line "))
    assert first > 0 and lines[2:] == [f"line {number}" for number in range(first, 1000)]


def test_a_streamed_answer_is_taken_whole(shared_machine, tmp_path):
    source = "def app(environ, start):\n    start('200 OK', [('x-a', '1')])\n    yield b'one '\n    yield b'two'\n"
    (tmp_path / "app.py").write_text(source)
    (tmp_path / "slam.yaml").write_text(f"name: streamed\napp: app:app\nkind: wsgi\nruntime: {runtime()}\nhttp: {{stream: true}}\n")
    shared_machine.run("deploy", cwd=tmp_path)
    assert "one two" in shared_machine.run("invoke", "-i", "GET", "/", cwd=tmp_path).stdout
