"""`http.api` in slam.yaml: the same application behind a REST API, an HTTP API of each stage and a function URL of each stage."""

import json
import time

import pytest
import requests
from functions import runtime

WEB = """\
import json
from flask import Flask, request
app = Flask(__name__)

@app.route("/", defaults={"path": ""}, methods=["GET", "POST"])
@app.route("/<path:path>", methods=["GET", "POST"])
def anything(path):
    said = {
        "path": path, "root": request.script_root, "query": request.query_string.decode(), "url": request.url,
        "cookies": request.cookies, "body": request.get_data(as_text=True),
    }
    answer = app.make_response(json.dumps(said))
    answer.set_cookie("a", "1")
    answer.set_cookie("b", "2")
    return answer
"""
IMAGES = """\
async def app(scope, receive, send):
    assert scope["type"] == "http"
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": f"images {scope['path']} {scope['root_path']}".encode()})
"""
SETTINGS = """\
name: kinds
app: web:app
kind: wsgi
runtime: {runtime}
memory: 256
stages: {{dev: {{}}, prod: {{}}}}
http: {{api: {kind}{more}}}
"""
FUNCTIONS = "functions: {images: {app: 'images:app', kind: asgi, on: {http: /images}}}\n"


def write(folder, kind, more="", functions=FUNCTIONS):
    folder.mkdir(exist_ok=True)
    (folder / "slam.yaml").write_text(SETTINGS.format(runtime=runtime(), kind=kind, more=more) + functions)
    (folder / "requirements.txt").write_text("flask\n")
    (folder / "web.py").write_text(WEB)
    (folder / "images.py").write_text(IMAGES)
    return folder


def urls(machine, folder):
    return {stage["name"]: stage["url"] for stage in machine.json("status", cwd=folder)["stages"]}


@pytest.fixture(scope="module")
def http(shared_machine, tmp_path_factory):
    folder = write(tmp_path_factory.mktemp("http"), "http", ", logs: access")
    shared_machine.run("deploy", cwd=folder)
    return folder


def test_an_http_api_leads_to_each_function(shared_machine, http):
    url = urls(shared_machine, http)["dev"]
    answer = requests.post(url + "a/b c?x=1&y=2", data="hello", cookies={"c": "1"})
    said = answer.json()
    # Nothing but the host leads to the application.
    assert (said["path"], said["root"], said["query"], said["body"]) == ("a/b c", "", "x=1&y=2", "hello")
    assert (said["cookies"], answer.cookies.get_dict()) == ({"c": "1"}, {"a": "1", "b": "2"})
    assert requests.get(url).json()["path"] == ""
    for path in ("images", "images/1/2"):
        assert requests.get(url + path).text == f"images /{path} "
    assert requests.get(url + "imagesx").json()["path"] == "imagesx"


def test_stages_of_http_apis_have_hosts_of_their_own(shared_machine, http):
    assert urls(shared_machine, http)["prod"] is None
    shared_machine.run("publish", "prod", cwd=http)
    found = urls(shared_machine, http)
    assert found["prod"] not in (None, found["dev"])
    assert requests.get(found["prod"] + "images").text == "images /images "
    apis = {api["Name"] for api in shared_machine.client("apigatewayv2").get_apis()["Items"]}
    assert apis == {"kinds-dev", "kinds-prod"}
    routes = shared_machine.json("status", cwd=http)["stacks"][0]["routes"]
    assert routes == [{"path": "/", "function": None}, {"path": "/images", "function": "images"}]


def test_requests_to_http_apis_are_noted(shared_machine, http):
    requests.get(urls(shared_machine, http)["dev"] + "noted")
    logs = shared_machine.client("logs")
    until = time.monotonic() + 30
    while True:
        events = logs.filter_log_events(logGroupName="/slam/kinds/api/dev")["events"]
        lines = [json.loads(event["message"]) for event in events]
        if any(line["path"] == "/noted" and line["status"] == "200" for line in lines):
            break
        assert time.monotonic() < until, lines
        time.sleep(0.1)
    assert "GET /noted 200" in shared_machine.run("logs", cwd=http).stdout


def test_invoked_requests_look_as_those_of_the_api(shared_machine, http):
    url = urls(shared_machine, http)["dev"]
    said = shared_machine.json("invoke", "POST", "/a%20b?x=1", "hello", cwd=http)["result"]
    body = json.loads(said["body"])
    assert (body["path"], body["root"], body["query"], body["body"]) == ("a b", "", "x=1", "hello")
    assert body["url"].split("://")[1].startswith(url.split("://")[1] + "a%20b")
    shown = shared_machine.run("invoke", "-i", "GET", "/", cwd=http).stdout
    assert "set-cookie: a=1; Path=/" in shown and "set-cookie: b=2; Path=/" in shown


def test_a_function_url_leads_to_the_application_alone(machine, tmp_path):
    folder = write(tmp_path / "url", "url", functions="")
    machine.run("deploy", cwd=folder)
    url = urls(machine, folder)["dev"]
    answer = requests.post(url + "a/b?x=1", data="hello", cookies={"c": "1"})
    said = answer.json()
    assert (said["path"], said["root"], said["query"], said["body"]) == ("a/b", "", "x=1", "hello")
    assert (said["cookies"], answer.cookies.get_dict()) == ({"c": "1"}, {"a": "1", "b": "2"})
    # Where IAM decides, nobody gets in without a signature; the URL stays.
    write(folder, "url", ", authorizer: iam", functions="")
    machine.run("deploy", cwd=folder)
    assert urls(machine, folder)["dev"] == url
    refused = requests.get(url)
    assert refused.status_code == 403 and refused.json()["Message"].startswith("Forbidden.")


def test_a_project_goes_from_one_kind_to_another(machine, tmp_path):
    folder = write(tmp_path / "moves", "rest")
    machine.run("deploy", cwd=folder)
    machine.run("publish", "prod", cwd=folder)
    rest = urls(machine, folder)
    assert requests.get(rest["prod"] + "images").text == "images /prod/images /prod"
    write(folder, "http")
    machine.run("deploy", cwd=folder)
    found = urls(machine, folder)
    assert requests.get(found["dev"] + "images").text == "images /images "
    assert requests.get(found["prod"] + "a").json()["path"] == "a"
    assert machine.client("apigateway").get_rest_apis()["items"] == []
    # A path that goes is the application's again.
    write(folder, "http", functions="")
    machine.run("deploy", cwd=folder)
    assert requests.get(found["dev"] + "images").json()["path"] == "images"
    write(folder, "rest")
    machine.run("deploy", cwd=folder)
    assert requests.get(urls(machine, folder)["dev"] + "images").text == "images /dev/images /dev"
    assert machine.client("apigatewayv2").get_apis()["Items"] == []
    machine.run("delete", "--yes", cwd=folder)
    assert machine.client("apigateway").get_rest_apis()["items"] == []


def test_what_a_kind_cannot_do_is_told_before_anything_is_deployed(builder, tmp_path):
    folder = write(tmp_path / "refused", "url")
    refused = builder.run("deploy", cwd=folder, code=2).stderr
    assert "`functions.images.on.http` is not for function URLs" in refused and "slam.yaml:8" in refused
