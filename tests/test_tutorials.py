"""The two tutorials, typed in a fresh folder, with the outputs that the README shows."""

import json
import time

import requests


def everything_left(machine):
    """What is left in the cloud, through boto3."""
    left = {
        "stacks": [s["StackName"] for s in machine.client("cloudformation").describe_stacks()["Stacks"]],
        "functions": [f["FunctionName"] for f in machine.client("lambda").list_functions()["Functions"]],
        "tables": machine.client("dynamodb").list_tables()["TableNames"],
        "buckets": [b["Name"] for b in machine.client("s3").list_buckets()["Buckets"]],
        "log groups": [g["logGroupName"] for g in machine.client("logs").describe_log_groups()["logGroups"]],
        "apis": [a["id"] for a in machine.client("apigateway").get_rest_apis()["items"]],
        "roles": [r["RoleName"] for r in machine.client("iam").list_roles()["Roles"]],
    }
    return {kind: names for kind, names in left.items() if names}


def test_fizzbuzz(machine, project):
    folder = project("fizzbuzz")
    machine.run("init", "fizzbuzz:fizzbuzz", cwd=folder)
    machine.run("deploy", cwd=folder)
    for number, expected in [(15, "fizz buzz"), (9, "fizz"), (10, "buzz"), (7, "7")]:
        assert machine.run("invoke", f"number:={number}", cwd=folder).stdout.strip() == expected
    machine.run("delete", "--yes", cwd=folder)
    assert everything_left(machine) == {}


def test_tasks_api(machine, project):
    folder = project("tasks-api")
    machine.run("init", "tasks_api:app", "--wsgi", "--stages", "dev,prod", "--dynamodb-tables", "tasks", cwd=folder)
    shown = machine.run("deploy", cwd=folder).stdout

    stages = {stage["name"]: stage for stage in machine.json("status", cwd=folder)["stages"]}
    assert set(stages) == {"dev", "prod"}
    assert (stages["dev"]["version"], stages["prod"]["version"]) == ("$LATEST", None)
    assert stages["dev"]["url"] in shown
    dev = stages["dev"]["url"]
    assert dev.startswith("http://localhost:") and dev.endswith("/dev/")

    # The real application, through API Gateway, Lambda, WSGI and DynamoDB.
    assert requests.get(f"{dev}tasks").status_code == 401
    session = requests.Session()
    session.auth = ("user", "secret")
    created = session.post(f"{dev}tasks", json={"description": "buy milk"})
    assert created.status_code == 201, created.text
    location = created.headers["Location"]
    assert location.startswith(dev)
    assert session.get(location).json()["description"] == "buy milk"
    assert [task["description"] for task in session.get(f"{dev}tasks").json()["tasks"]] == ["buy milk"]
    assert session.put(location, json={"done": True}).json()["done"] is True

    # Nothing answers in prod's name before something is published to it: API Gateway's own refusal.
    prod = f"{dev.removesuffix('dev/')}prod/"
    waiting = session.get(f"{prod}tasks")
    assert (waiting.status_code, waiting.json()) == (403, {"message": "Forbidden"})
    published = machine.json("publish", "prod", cwd=folder)
    stages = {stage["name"]: stage for stage in published["stages"]}
    assert {name: stage["version"] for name, stage in stages.items()} == {"dev": "$LATEST", "prod": "1"}
    # Each stage has tables of its own.
    assert session.get(f"{stages['prod']['url']}tasks").json()["tasks"] == []
    assert session.delete(location).status_code == 204
    assert session.get(location).status_code == 404

    # Lines arrive a moment after the answer, as on AWS.
    deadline = time.monotonic() + 10
    while "GET /tasks 200" not in (logs := machine.run("logs", "--stage", "prod", cwd=folder).stdout):
        assert time.monotonic() < deadline, logs
        time.sleep(0.1)
    lines = machine.run("logs", "--stage", "prod", "--json", cwd=folder).stdout.splitlines()
    assert all({"timestamp", "message"} <= json.loads(line).keys() for line in lines)

    template = json.loads(machine.run("template", cwd=folder).stdout)
    assert {"FunctionArn", "ApiId", "DevEndpoint"} <= template["Outputs"].keys()
    assert "ProdEndpoint" not in template["Outputs"]

    machine.run("delete", "--yes", cwd=folder)
    assert everything_left(machine) == {}


def test_a_second_deployment_changes_nothing(machine, project):
    folder = project("fizzbuzz")
    machine.run("init", "fizzbuzz:fizzbuzz", cwd=folder)
    machine.run("deploy", cwd=folder)
    cloudformation = machine.client("cloudformation")
    before = cloudformation.describe_stack_events(StackName="fizzbuzz")["StackEvents"]
    machine.run("deploy", cwd=folder)
    assert len(cloudformation.describe_stack_events(StackName="fizzbuzz")["StackEvents"]) == len(before)


def test_new_code_reaches_dev_and_not_the_published_stage(machine, project):
    folder = project("fizzbuzz")
    machine.run("init", "fizzbuzz:fizzbuzz", "--stages", "dev,prod", cwd=folder)
    machine.run("deploy", cwd=folder)
    machine.run("publish", "prod", cwd=folder)
    (folder / "fizzbuzz.py").write_text("def fizzbuzz(number):\n    return f'new {number}'\n")
    machine.run("deploy", cwd=folder)
    assert machine.run("invoke", "number:=15", cwd=folder).stdout.strip() == "new 15"
    assert machine.run("invoke", "--stage", "prod", "number:=15", cwd=folder).stdout.strip() == "fizz buzz"
    # Publishing the new code, then going back to version 1.
    machine.run("publish", "prod", cwd=folder)
    assert machine.run("invoke", "--stage", "prod", "number:=15", cwd=folder).stdout.strip() == "new 15"
    machine.run("publish", "prod", "--version", "1", cwd=folder)
    assert machine.run("invoke", "--stage", "prod", "number:=15", cwd=folder).stdout.strip() == "fizz buzz"
    stages = {stage["name"]: stage["version"] for stage in machine.json("status", cwd=folder)["stages"]}
    assert stages == {"dev": "$LATEST", "prod": "1"}


def test_an_original_slam_yaml_deploys_unchanged(machine, project):
    folder = project("fizzbuzz")
    (folder / "slam.yaml").write_text(
        """\
# A file as the original Slam wrote it.
name: fizzbuzz
description: "My Serverless API"
function:
  module: fizzbuzz
  app: fizzbuzz
requirements: requirements.txt
devstage: dev
environment:
stage_environments:
  dev:
  prod:
    # MY_VARIABLE: prod-value
aws:
  s3_bucket: fizzbuzz-packages
  lambda_timeout: 10
  lambda_memory: 128
  lambda_runtime: python3.11
"""
    )
    machine.run("deploy", cwd=folder)
    assert machine.run("invoke", "number:=30", cwd=folder).stdout.strip() == "fizz buzz"
    machine.run("delete", "--yes", cwd=folder)
    assert everything_left(machine) == {}


def test_a_function_that_fails_shows_its_traceback(machine, project):
    folder = project("fizzbuzz")
    (folder / "fizzbuzz.py").write_text("def fizzbuzz(number):\n    return 1 // number\n")
    machine.run("init", "fizzbuzz:fizzbuzz", cwd=folder)
    machine.run("deploy", cwd=folder)
    failed = machine.run("invoke", "number:=0", cwd=folder, code=1)
    assert "ZeroDivisionError" in failed.stderr and "fizzbuzz.py" in failed.stderr
