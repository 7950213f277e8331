"""A project with several functions: one package or several, one API, one role or several, and stages published whole."""

import json
import time

import pytest
import requests
from botocore.exceptions import ClientError
from functions import runtime

FILES = {
    "slam.yaml": """\
name: several
app: web:app
kind: wsgi
runtime: {runtime}
commands: true
http: {{gzip: 1000}}
stages: {{dev: {{}}, prod: {{}}}}
tables: {{notes: {{attributes: {{id: S}}, key: id}}}}
functions:
  images:
    app: images:app
    kind: asgi
    memory: 256
    on: {{http: /images}}
  mail:
    app: mail:send
    environment: {{GREETING: hello}}
    permissions: []
  plain:
    handler: own.handle
    package: {{path: plain}}
    on: {{http: "/plain/{{id}}"}}
""",
    "requirements.txt": "flask\n",
    "web.py": """\
from flask import Flask, request
app = Flask(__name__)

@app.route("/", defaults={"path": ""})
@app.route("/<path:path>")
def anything(path):
    return "web " + path * (1000 if request.args.get("long") else 1)
""",
    "images.py": """\
async def app(scope, receive, send):
    assert scope["type"] == "http"
    body = ("images " + scope["path"] + " " + scope["root_path"]).encode()
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
    await send({"type": "http.response.body", "body": body})
""",
    "mail.py": """\
import os
import boto3

def send(to):
    print("mail to", to)
    return os.environ["GREETING"] + " " + to + " from " + os.environ["STAGE"]

def buckets():
    return boto3.client("s3").list_buckets()
""",
    # A package of its own, shipped as it is: nothing of the adapter is in it.
    "plain/own.py": """\
def handle(event, context):
    if "word" in event:
        return {"word": event["word"], "memory": context.memory_limit_in_mb}
    return {"statusCode": 200, "body": "plain " + event["pathParameters"]["id"]}
""",
}


def write(folder):
    for name, text in FILES.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text.format(runtime=runtime()) if name == "slam.yaml" else text)


@pytest.fixture(scope="module")
def deployed(shared_machine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("several")
    write(folder)
    shared_machine.run("deploy", cwd=folder)
    return folder


def urls(machine, folder):
    return {stage["name"]: stage["url"] for stage in machine.json("status", cwd=folder)["stages"]}


def test_one_api_asks_each_function(shared_machine, deployed):
    url = urls(shared_machine, deployed)["dev"]
    for path, expected in [
        ("", "web "),
        ("a/b", "web a/b"),
        ("images", "images /dev/images /dev"),
        ("images/1/2", "images /dev/images/1/2 /dev"),
        ("imagesx", "web imagesx"),
        ("plain/7", "plain 7"),
        ("plain", "web plain"),
    ]:
        answer = requests.get(url + path)
        assert (answer.status_code, answer.text) == (200, expected), path


def test_long_answers_are_compressed(shared_machine, deployed):
    url = urls(shared_machine, deployed)["dev"]
    answer = requests.get(url + "a?long=1")
    assert (answer.headers["Content-Encoding"], answer.text) == ("gzip", "web " + "a" * 1000)
    plain = requests.get(url + "a?long=1", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers and plain.text == answer.text


def test_functions_are_invoked_by_name(shared_machine, deployed):
    invoke = lambda *arguments: shared_machine.run("invoke", *arguments, cwd=deployed).stdout
    assert invoke("--function", "mail", "to=ann") == "hello ann from dev\n"
    shared_machine.run("publish", "prod", cwd=deployed)
    assert invoke("--function", "mail", "--stage", "prod", "to=ann") == "hello ann from prod\n"
    # Lambda's own handler gets the arguments as its event.
    assert json.loads(invoke("--function", "plain", "word=a")) == {"word": "a", "memory": "128"}
    refused = shared_machine.run("invoke", "--function", "nope", cwd=deployed, code=2)
    assert "the functions are images, mail, plain" in refused.stderr


def test_each_function_is_what_it_says(shared_machine, deployed):
    functions = {}
    for page in shared_machine.client("lambda").get_paginator("list_functions").paginate():
        functions |= {function["Handler"]: function for function in page["Functions"]}
    images = functions["lambda_handler_images.lambda_handler"]
    web, mail, plain = (functions[name] for name in ("lambda_handler.lambda_handler", "lambda_handler_mail.lambda_handler", "own.handle"))
    assert (images["MemorySize"], web["MemorySize"]) == (256, 128)
    assert images["CodeSha256"] == web["CodeSha256"] == mail["CodeSha256"] != plain["CodeSha256"]
    assert images["Role"] == web["Role"] != mail["Role"]
    groups = {function["LoggingConfig"]["LogGroup"] for function in functions.values()}
    assert groups == {"/slam/several"} | {f"/slam/several/function/{name}" for name in ("images", "mail", "plain")}


def test_logs_are_of_all_functions_or_of_one(shared_machine, deployed):
    shared_machine.run("invoke", "--function", "mail", "to=zoe", cwd=deployed)
    logs = lambda *arguments: shared_machine.run("logs", *arguments, cwd=deployed).stdout
    until = time.monotonic() + 30
    # A line arrives a little after the answer.
    while "mail to zoe" not in logs("--function", "mail"):
        assert time.monotonic() < until, logs()
        time.sleep(0.1)
    assert "mail to zoe" in logs() and "mail to zoe" not in logs("--function", "plain")


def test_code_runs_in_the_function(shared_machine, deployed):
    raw = lambda *arguments, **more: shared_machine.run("invoke", "--raw", *arguments, cwd=deployed, **more)
    assert raw("import os\nprint(os.environ['STAGE'])\napp.name").stdout == "dev\n'web'\n"
    assert raw("send('bob')", "--function", "mail").stdout == "mail to bob\n'hello bob from dev'\n"
    failed = raw("1 / 0", code=1)
    assert "ZeroDivisionError" in failed.stderr
    assert raw("import sys; print('bad'); sys.exit(3)", code=1).stdout == "bad\n"
    refused = raw("1", "--function", "plain", code=2)
    assert "Lambda's own handler" in refused.stderr
    assert "Django" in shared_machine.run("manage", "check", cwd=deployed, code=1).stderr


def test_a_stage_is_published_as_a_whole(machine, tmp_path):
    folder = tmp_path / "several"
    folder.mkdir()
    write(folder)
    machine.run("deploy", cwd=folder)
    machine.run("publish", "prod", cwd=folder)
    (folder / "plain" / "own.py").write_text("def handle(event, context):\n    return {'statusCode': 200, 'body': 'new'}\n")
    machine.run("deploy", cwd=folder)
    at = urls(machine, folder)
    text = lambda stage: requests.get(at[stage] + "plain/7").text
    assert (text("dev"), text("prod")) == ("new", "plain 7")
    # Of one function alone a version is new; the stage moves to it all the same.
    machine.run("publish", "prod", cwd=folder)
    assert text("prod") == "new"
    versions = {stage["name"]: stage["version"] for stage in machine.json("status", cwd=folder)["stages"]}
    assert versions == {"dev": "$LATEST", "prod": "1"}
    machine.run("delete", "--yes", cwd=folder)
    assert machine.client("lambda").list_functions()["Functions"] == []
    with pytest.raises(ClientError):
        machine.client("cloudformation").describe_stacks(StackName="several")


def test_commands_must_be_allowed(machine, tmp_path):
    (tmp_path / "app.py").write_text("def main():\n    return 1\n")
    config = tmp_path / "slam.yaml"
    config.write_text(f"name: closed\napp: app:main\nruntime: {runtime()}\n")
    machine.run("deploy", cwd=tmp_path)
    assert "commands: true" in machine.run("invoke", "--raw", "1", cwd=tmp_path, code=2).stderr
    # The deployed function decides, whatever slam.yaml says meanwhile.
    config.write_text(config.read_text() + "commands: true\n")
    refused = machine.run("invoke", "--raw", "1", cwd=tmp_path, code=1)
    assert "PermissionError" in refused.stderr and "commands: true" in refused.stderr
    machine.run("deploy", cwd=tmp_path)
    assert machine.run("invoke", "--raw", "main()", cwd=tmp_path).stdout == "1\n"
