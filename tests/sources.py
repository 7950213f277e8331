"""Projects whose functions are called by event sources, in a cloud that is faster than the world: messages come again soon there,
and schedules are due.
"""

import json
import time

import pytest
from conftest import Machine

# Every function tells what it got in a table; what a message says decides what becomes of it.
APP = """
import json
import os
import boto3
from slam_lambda.tasks import task

seen = boto3.resource("dynamodb").Table(os.environ["TABLE_SEEN"])
sqs = boto3.client("sqs")


def keep(event, context, **more):
    item = {"id": context.aws_request_id, "at": str(context.get_remaining_time_in_millis()), "event": json.dumps(event)}
    seen.put_item(Item={**item, "stage": os.environ["STAGE"], "function": os.environ["WHO"], **more})


def work(event, context):
    keep(event, context)
    bodies = [record["body"] for record in event["Records"]]
    if "raise" in bodies:
        raise ValueError("asked to")
    bad = [record["messageId"] for record in event["Records"] if record["body"].startswith("bad")]
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in bad]}


def send(text):
    return sqs.send_message(QueueUrl=os.environ["QUEUE_MAIL"], MessageBody=text)["MessageId"]


def audit(event, context):
    keep(event, context)
    for record in event["Records"]:
        if "raise" in json.dumps(record):
            raise ValueError("asked to")


def nightly(full):
    seen.put_item(Item={"id": "nightly", "stage": os.environ["STAGE"], "full": full})


def tick(event, context):
    keep(event, context)


@task
def double(text):
    if text == "raise":
        raise ValueError("asked to")
    return text * 2


def start(text):
    return double.later(text)


def look(job):
    result = double.result(job)
    return [result.status, result.value, result.error]
"""
SEEN = "  seen: {attributes: {id: S}, key: id}\n"


@pytest.fixture(scope="module")
def fast(tmp_path_factory):
    """A cloud in which a minute passes in a second."""
    machine = Machine(tmp_path_factory.mktemp("fast"))
    machine.run("cloud", "start", "--time-scale", "60")
    yield machine
    machine.stop()


class Project:
    """A project of one test, and what its functions have seen."""

    def __init__(self, machine, folder, name):
        self.machine, self.folder, self.name = machine, folder, name
        folder.mkdir()
        (folder / "jobs.py").write_text(APP)

    def deploy(self, text, *arguments):
        (self.folder / "slam.yaml").write_text(f"name: {self.name}\n{text}")
        return self.machine.run("deploy", *arguments, cwd=self.folder)

    def queue(self, name):
        sqs = self.machine.client("sqs")
        return sqs, sqs.get_queue_url(QueueName=name)["QueueUrl"]

    def send(self, queue, *bodies, **members):
        sqs, url = self.queue(queue)
        return [sqs.send_message(QueueUrl=url, MessageBody=body, **members)["MessageId"] for body in bodies]

    def received(self, queue):
        sqs, url = self.queue(queue)
        asked = {"MaxNumberOfMessages": 10, "MessageAttributeNames": ["All"]}
        return sqs.receive_message(QueueUrl=url, **asked).get("Messages", [])

    def seen(self, stage="dev"):
        items = self.machine.client("dynamodb").scan(TableName=f"{stage}.seen", ConsistentRead=True)["Items"]
        return [{key: next(iter(value.values())) for key, value in item.items()} for item in items]

    def events(self, function, stage="dev"):
        return [json.loads(item["event"]) for item in self.seen(stage) if item.get("function") == function]

    def bodies(self, function, stage="dev"):
        return [record["body"] for event in self.events(function, stage) for record in event["Records"]]

    def resources(self, kind):
        described = self.machine.client("cloudformation").describe_stack_resources(StackName=self.name)["StackResources"]
        return [one["LogicalResourceId"] for one in described if one["ResourceType"] == kind]

    def physical(self):
        described = self.machine.client("cloudformation").describe_stack_resources(StackName=self.name)["StackResources"]
        return {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in described}

    def call(self, logical_id, **arguments):
        """What the alias of a function answers."""
        payload = json.dumps({"kwargs": arguments})
        told = self.machine.client("lambda").invoke(FunctionName=f"{self.physical()[logical_id]}:dev", Payload=payload)
        return json.loads(told["Payload"].read())


@pytest.fixture
def on(fast, tmp_path, request):
    project = Project(fast, tmp_path / "project", request.node.originalname[5:].replace("_", "-")[:24].rstrip("-"))
    yield project
    fast.run("delete", "--yes", cwd=project.folder)


def until(reached):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := reached():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not come to that")
