"""Deployments by tools that know nothing of slam: Zappa, Chalice, and the aws command's own packaging."""

import json
import os
import subprocess
import sys
import textwrap
import time

import pytest
import requests

APP = """\
from flask import Flask

app = Flask(__name__)


@app.get("/hello/<name>")
def hello(name):
    return {"hello": name}
"""


@pytest.fixture(scope="session")
def zappa_environment(tmp_path_factory):
    """A virtual environment with Zappa and Flask, as Zappa wants its projects to have."""
    folder = tmp_path_factory.mktemp("zappa") / "venv"
    subprocess.run(["uv", "venv", "--quiet", "--seed", "--python", sys.executable, str(folder)], check=True, timeout=300)
    subprocess.run(
        ["uv", "pip", "install", "--quiet", "--python", str(folder / "bin" / "python"), "zappa==0.63.0", "flask"],
        check=True,
        timeout=300,
    )
    return folder


class Zappa:
    """A project that Zappa deploys."""

    def __init__(self, machine, folder, programs, app, **settings):
        self.machine, self.folder, self.programs = machine, folder, programs / "bin"
        folder.mkdir()
        (folder / "app.py").write_text(app)
        common = {
            "app_function": "app.app",
            "aws_region": "us-east-1",
            "runtime": f"python{sys.version_info.major}.{sys.version_info.minor}",
            "keep_warm": False,
            "touch": False,
        }
        (folder / "zappa_settings.json").write_text(json.dumps({"dev": {**common, **settings}}))
        self.environment = machine.environment(
            **machine.client_environment(),
            VIRTUAL_ENV=str(programs),
            PATH=f"{self.programs}{os.pathsep}{os.environ['PATH']}",
        )

    def __call__(self, *arguments):
        """Runs Zappa; gives what it told."""
        done = subprocess.run(
            [str(self.programs / "zappa"), *arguments],
            cwd=self.folder, env=self.environment, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr


def test_zappa_deploy(machine, tmp_path, zappa_environment):
    machine.run("cloud", "start")
    zappa = Zappa(machine, tmp_path / "project", zappa_environment, APP, project_name="by-zappa", s3_bucket="by-zappa-packages")
    zappa("deploy", "dev")
    api = machine.client("apigateway").get_rest_apis()["items"][0]["id"]
    url = f"http://127.0.0.1:{machine.port}/_aws/execute-api/{api}/dev"
    assert requests.get(f"{url}/hello/zappa").json() == {"hello": "zappa"}

    (zappa.folder / "app.py").write_text(APP.replace('"hello":', '"updated":'))
    zappa("update", "dev")
    assert requests.get(f"{url}/hello/zappa").json() == {"updated": "zappa"}

    zappa("undeploy", "dev", "--yes")
    assert machine.client("apigateway").get_rest_apis()["items"] == []
    assert machine.client("lambda").list_functions()["Functions"] == []


CHALICE = """\
from chalice import AuthResponse, Chalice

app = Chalice(app_name="by-chalice")


@app.route("/hello/{name}", cors=True)
def hello(name):
    return {"hello": name}


@app.route("/keyed", api_key_required=True)
def keyed():
    return {}


@app.authorizer()
def only_me(request):
    return AuthResponse(routes=["*"] if request.token == "me" else [], principal_id="me")


@app.route("/mine", methods=["POST"], authorizer=only_me)
def mine():
    return {"for": app.current_request.context["authorizer"]["principalId"], "got": app.current_request.json_body}
"""


def test_chalice_deploy(machine, tmp_path):
    """Chalice makes its API of a Swagger document (ImportRestApi), and updates it by another one (PutRestApi)."""
    machine.run("cloud", "start")
    programs, project = tmp_path / "venv", tmp_path / "project"
    subprocess.run(["uv", "venv", "--quiet", "--seed", "--python", sys.executable, str(programs)], check=True, timeout=300)
    subprocess.run(
        ["uv", "pip", "install", "--quiet", "--python", str(programs / "bin" / "python"), "chalice==1.34.0"],
        check=True,
        timeout=300,
    )
    (project / ".chalice").mkdir(parents=True)
    (project / "requirements.txt").write_text("")
    stages = {"dev": {"api_gateway_stage": "api"}}
    (project / ".chalice" / "config.json").write_text(json.dumps({"version": "2.0", "app_name": "by-chalice", "stages": stages}))
    environment = machine.environment(
        **machine.client_environment(), PATH=f"{programs / 'bin'}{os.pathsep}{os.environ['PATH']}"
    )

    def chalice(command, app=CHALICE):
        (project / "app.py").write_text(app)
        done = subprocess.run(
            [str(programs / "bin" / "chalice"), command],
            cwd=project, env=environment, capture_output=True, text=True, timeout=600,
        )  # fmt: skip
        assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"

    chalice("deploy")
    client = machine.client("apigateway")
    api = client.get_rest_apis()["items"][0]
    url = f"http://127.0.0.1:{machine.port}/_aws/execute-api/{api['id']}/api"
    assert api["name"] == "by-chalice"
    assert requests.get(f"{url}/hello/you").json() == {"hello": "you"}
    assert requests.options(f"{url}/hello/you").headers["Access-Control-Allow-Methods"] == "GET,OPTIONS"
    assert requests.get(f"{url}/keyed").status_code == 403
    mine = lambda token: requests.post(f"{url}/mine", json=[1], headers={"Authorization": token})
    assert mine("me").json() == {"for": "me", "got": [1]}
    assert mine("you").status_code == 403

    chalice("deploy", CHALICE.replace("/keyed", "/other").replace(", api_key_required=True", ""))
    assert (requests.get(f"{url}/other").json(), requests.get(f"{url}/keyed").status_code) == ({}, 403)
    assert "/keyed" not in [resource["path"] for resource in client.get_resources(restApiId=api["id"])["items"]]

    chalice("delete")
    assert client.get_rest_apis()["items"] == []


# Each function notes in a table what it got.
EVENTS = """\
import json
import uuid

import boto3
from flask import Flask
from zappa.asynchronous import task

app = Flask(__name__)


def note(kind, what):
    item = {"id": {"S": str(uuid.uuid4())}, "kind": {"S": kind}, "what": {"S": json.dumps(what)}}
    boto3.client("dynamodb").put_item(TableName="notes", Item=item)


@app.post("/later/<text>")
def later(text):
    slow(text)
    return "accepted", 202


@task
def slow(text):
    note("task", text)


def every_minute(event, context):
    note("every_minute", [event["detail-type"], event["source"], event["detail"]])


def nightly(event, context):
    note("nightly", event["kwargs"])


def announced(event, context):
    note("announced", event["Records"][0]["Sns"]["Message"])


def mailed(event, context):
    note("mailed", [record["body"] for record in event["Records"]])


def changed(event, context):
    note("changed", [record["eventName"] for record in event["Records"]])


def uploaded(event, context):
    note("uploaded", [record["s3"]["object"]["key"] for record in event["Records"]])
"""


class Notes:
    """What the functions noted."""

    def __init__(self, machine):
        self.dynamodb = machine.client("dynamodb")
        self.dynamodb.create_table(
            TableName="notes",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        )
        self.stream = self.dynamodb.describe_table(TableName="notes")["Table"]["LatestStreamArn"]

    def of(self, kind):
        pages = self.dynamodb.get_paginator("scan").paginate(TableName="notes", ConsistentRead=True)
        items = [item for page in pages for item in page["Items"]]
        return [json.loads(item["what"]["S"]) for item in items if item["kind"]["S"] == kind]

    def until(self, kind):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if found := self.of(kind):
                return found
            time.sleep(0.2)
        raise AssertionError(f"nothing was noted of {kind}")


def test_zappa_events(machine, tmp_path, zappa_environment):
    """Zappa's `events`, each by the calls that it makes itself; of AWS's minutes one passes in three seconds."""
    machine.run("cloud", "start", "--time-scale", "20")
    notes, sqs, sns = Notes(machine), machine.client("sqs"), machine.client("sns")
    queue = sqs.create_queue(QueueName="mail", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    topic = sns.create_topic(Name="news")["TopicArn"]
    zappa = Zappa(
        machine, tmp_path / "project", zappa_environment, EVENTS, project_name="with-events", s3_bucket="with-events-packages",
        keep_warm=True, keep_warm_expression="rate(4 minutes)",
        events=[
            {"function": "app.every_minute", "expression": "rate(1 minute)"},
            {"function": "app.nightly", "name": "night", "description": "often", "kwargs": {"full": True, "tables": ["a", "b"]},
             "expressions": ["cron(0/2 * * * ? *)", "cron(1/2 * ? * SUN-SAT *)"]},
            {"function": "app.announced", "event_source": {"arn": topic, "events": ["sns:Publish"], "filters": {"kind": ["release", {"prefix": "beta-"}]}}},
            {"function": "app.mailed", "event_source": {"arn": queue_arn, "batch_size": 5, "enabled": True}},
            {"function": "app.changed", "event_source": {"arn": notes.stream, "starting_position": "TRIM_HORIZON", "batch_size": 10, "enabled": True}},
        ],
    )  # fmt: skip
    told = zappa("deploy", "dev")
    functions, events = machine.client("lambda"), machine.client("events")
    name = functions.list_functions()["Functions"][0]["FunctionName"]

    # Schedules. What the rule's transformer adds is beside the event.
    assert notes.until("every_minute")[0] == ["Scheduled Event", "aws.events", {}]
    assert notes.until("nightly")[0] == {"full": True, "tables": ["a", "b"]}
    rules = events.list_rules()["Rules"]
    expressions = {"rate(1 minute)", "cron(0/2 * * * ? *)", "cron(1/2 * ? * SUN-SAT *)", "rate(4 minutes)"}
    assert {rule["ScheduleExpression"] for rule in rules} == expressions and {rule["State"] for rule in rules} == {"ENABLED"}

    # A topic, filtered by attributes.
    for kind in ("other", "release", "beta-1"):
        attributes = {"kind": {"DataType": "String", "StringValue": kind}}
        sns.publish(TopicArn=topic, Message=kind, MessageAttributes=attributes)
    while len(announced := notes.until("announced")) < 2:
        time.sleep(0.2)
    assert sorted(announced) == ["beta-1", "release"]

    # A queue.
    sqs.send_message(QueueUrl=queue, MessageBody="hello")
    assert notes.until("mailed") == [["hello"]]
    (mapping,) = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    assert (mapping["EventSourceArn"], mapping["BatchSize"], mapping["State"]) == (queue_arn, 5, "Enabled")

    # A stream: Zappa 0.63.0 reads its own setting `starting_position` nowhere, and AWS, as the cloud here, makes no such mapping without
    # one. Zappa says so, and goes on.
    assert "Unable to add event source" in told and "startingPosition" in told
    assert notes.of("changed") == []

    # A task, by an invocation that is not waited for.
    api = machine.client("apigateway").get_rest_apis()["items"][0]["id"]
    assert requests.post(f"http://127.0.0.1:{machine.port}/_aws/execute-api/{api}/dev/later/soon").status_code == 202
    assert notes.until("task") == ["soon"]

    zappa("update", "dev")
    assert {rule["ScheduleExpression"] for rule in events.list_rules()["Rules"]} == expressions
    assert len(sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]) == 1
    zappa("undeploy", "dev", "--yes")
    assert events.list_rules()["Rules"] == [] and functions.list_functions()["Functions"] == []
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_zappa_bucket_events(machine, tmp_path, zappa_environment):
    machine.run("cloud", "start")
    notes, s3 = Notes(machine), machine.client("s3")
    s3.create_bucket(Bucket="uploads")
    source = {"arn": "arn:aws:s3:::uploads", "events": ["s3:ObjectCreated:*"], "prefix": "raw/", "suffix": ".png"}
    zappa = Zappa(
        machine, tmp_path / "project", zappa_environment, EVENTS, project_name="of-bucket", s3_bucket="of-bucket-packages",
        events=[{"function": "app.uploaded", "event_source": source}],
    )  # fmt: skip
    zappa("deploy", "dev")
    (made,) = s3.get_bucket_notification_configuration(Bucket="uploads")["LambdaFunctionConfigurations"]
    assert made["Events"] == ["s3:ObjectCreated:*"]
    for key in ("other/a.png", "raw/b.txt", "raw/c.png"):
        s3.put_object(Bucket="uploads", Key=key, Body=b"x")
    assert notes.until("uploaded") == [["raw/c.png"]]
    zappa("undeploy", "dev", "--yes")


def test_aws_cloudformation_package_and_deploy(machine, tmp_path):
    source = tmp_path / "src"
    source.mkdir()
    (source / "app.py").write_text("def handler(event, context):\n    return {'got': event}\n")
    (tmp_path / "template.yaml").write_text(
        textwrap.dedent(
            f"""\
            Resources:
              Role:
                Type: AWS::IAM::Role
                Properties:
                  AssumeRolePolicyDocument:
                    Statement: [{{Effect: Allow, Principal: {{Service: lambda.amazonaws.com}}, Action: sts:AssumeRole}}]
                  ManagedPolicyArns: [arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]
              Function:
                Type: AWS::Lambda::Function
                Properties:
                  Runtime: python{sys.version_info.major}.{sys.version_info.minor}
                  Handler: app.handler
                  Role: !GetAtt Role.Arn
                  Code: ./src
            Outputs:
              Name: {{Value: !Ref Function}}
            """
        )
    )
    machine.run("cloud", "start")
    machine.aws("s3", "mb", "s3://artifacts")
    package = ["--template-file", "template.yaml", "--s3-bucket", "artifacts", "--output-template-file", "packaged.yaml"]
    machine.aws("cloudformation", "package", *package, cwd=tmp_path)
    deploy = ["--template-file", "packaged.yaml", "--stack-name", "packaged", "--capabilities", "CAPABILITY_IAM"]
    machine.aws("cloudformation", "deploy", *deploy, cwd=tmp_path)
    name = machine.client("cloudformation").describe_stacks(StackName="packaged")["Stacks"][0]["Outputs"][0]["OutputValue"]
    answer = machine.client("lambda").invoke(FunctionName=name, Payload=b'{"a": 1}')
    assert json.loads(answer["Payload"].read()) == {"got": {"a": 1}}
