"""Queues, tables and schedules that call functions, as slam.yaml says it: deployed by slam, driven by boto3.

The clouds here are faster than the world, so that messages come again soon and schedules are due.
"""

import json
import time

import pytest
from botocore.exceptions import ClientError
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


QUEUE = f"""
app: jobs:send
functions:
  worker: {{app: "jobs:work", environment: {{WHO: worker}}, on: {{queue: mail, partial: true}}}}
# Longer than a function takes to start, in a cloud as fast as this one.
queues: {{mail: {{retries: 1, visibility: 5m}}}}
tables:
{SEEN}"""


def test_a_queue_calls_its_function(on):
    on.deploy(QUEUE)
    # The function finds its queue, and may send to it.
    on.machine.run("invoke", "text=from the function", cwd=on.folder)
    on.send("dev-mail", "from outside")
    until(lambda: sorted(on.bodies("worker")) == ["from outside", "from the function"])
    (record,) = on.events("worker")[0]["Records"]
    assert record["eventSource"] == "aws:sqs" and record["eventSourceARN"].endswith(":dev-mail")
    # What fails is tried once more, and then it is in the dead-letter queue.
    on.send("dev-mail", "bad one")
    (dead,) = until(lambda: on.received("dev-mail-dead"))
    assert dead["Body"] == "bad one" and on.bodies("worker").count("bad one") == 2


def test_a_stage_takes_messages_once_it_is_published(on):
    stages = "stages: {dev: {}, prod: {}}\n"
    on.deploy(QUEUE + stages)
    assert on.resources("AWS::Lambda::EventSourceMapping") == ["DevWorkerMailQueueSource"]
    on.send("prod-mail", "early")
    on.machine.run("publish", "prod", cwd=on.folder)
    until(lambda: on.bodies("worker", "prod") == ["early"])
    assert on.bodies("worker") == []
    on.machine.run("invoke", "--stage", "prod", "text=late", cwd=on.folder)
    until(lambda: sorted(on.bodies("worker", "prod")) == ["early", "late"])


def test_a_fifo_queue_keeps_its_order(on):
    text = QUEUE.replace("mail: {retries: 1, ", "mail: {fifo: true, content_deduplication: true, ").replace(", partial: true", ", batch: 1")
    on.deploy(text)
    on.send("dev-mail.fifo", "1", "2", "2", "3", MessageGroupId="one")
    until(lambda: len(on.bodies("worker")) == 3)
    assert sorted(on.bodies("worker")) == ["1", "2", "3"]


def test_only_what_matches_is_taken_and_what_is_off_is_not(on):
    on.deploy(QUEUE.replace("partial: true", "filter: {body: {kind: [good]}}, batch: 20, window: 1s"))
    on.send("dev-mail", '{"kind": "evil"}', '{"kind": "good"}')
    until(lambda: on.bodies("worker") == ['{"kind": "good"}'])
    on.deploy(QUEUE.replace("partial: true", "enabled: false"))
    on.send("dev-mail", "kept")
    mappings = on.machine.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    (mapping,) = [mapping for mapping in mappings if mapping["EventSourceArn"].endswith(":dev-mail")]
    assert mapping["State"] == "Disabled"
    (message,) = until(lambda: on.received("dev-mail"))
    assert message["Body"] == "kept"


TABLE = f"""
app: jobs:audit
environment: {{WHO: audit}}
on: {{table: notes, filter: {{eventName: [INSERT, REMOVE]}}, retries: 0, bisect: true, failures: queue lost}}
queues: {{lost: {{}}}}
tables:
  notes: {{attributes: {{id: S}}, key: id}}
{SEEN}"""


def test_a_table_calls_its_function(on):
    on.deploy(TABLE)
    dynamodb = on.machine.client("dynamodb")
    item = {"id": {"S": "one"}, "text": {"S": "old"}}
    dynamodb.put_item(TableName="dev.notes", Item=item)
    dynamodb.put_item(TableName="dev.notes", Item={**item, "text": {"S": "new"}})
    dynamodb.delete_item(TableName="dev.notes", Key={"id": {"S": "one"}})
    records = lambda: [record for event in on.events("audit") for record in event["Records"]]
    until(lambda: sorted(record["eventName"] for record in records()) == ["INSERT", "REMOVE"])
    (removed,) = [record for record in records() if record["eventName"] == "REMOVE"]
    assert removed["dynamodb"]["OldImage"]["text"] == {"S": "new"}
    dynamodb.put_item(TableName="dev.notes", Item={"id": {"S": "raise"}})
    (lost,) = until(lambda: on.received("dev-lost"))
    assert json.loads(lost["Body"])["requestContext"]["condition"] == "RetryAttemptsExhausted"


SCHEDULE = f"""
app: jobs:nightly
on: {{schedule: rate(1 hour), input: {{kwargs: {{full: true}}}}}}
functions:
  tick:
    app: jobs:tick
    environment: {{WHO: tick}}
    on: [{{schedule: cron(* * * * ? *), failures: queue lost}}, {{schedule: at(2030-01-01T00:00:00), failures: queue lost, enabled: false}}]
queues: {{lost: {{}}}}
tables:
{SEEN}"""


def test_a_schedule_calls_its_function(on):
    on.deploy(SCHEDULE)
    until(lambda: [item for item in on.seen() if item["id"] == "nightly"] == [{"id": "nightly", "stage": "dev", "full": True}])
    event = until(lambda: on.events("tick"))[0]
    assert event["detail-type"] == "Scheduled Event" and event["source"] == "aws.scheduler"


def test_a_queue_does_not_go_with_its_messages(on):
    on.deploy(QUEUE.replace("partial: true", "enabled: false"))
    on.send("dev-mail", "kept")
    (on.folder / "slam.yaml").write_text(f"name: {on.name}\napp: jobs:send\ntables:\n{SEEN}")
    said = on.machine.run("deploy", cwd=on.folder, code=2).stderr
    assert "the queue dev-mail would go with about 1 message. Nothing was changed" in said
    sqs, url = on.queue("dev-mail")
    sqs.purge_queue(QueueUrl=url)
    on.machine.run("deploy", cwd=on.folder)
    assert on.resources("AWS::SQS::Queue") == []


TASKS = f"""
app: jobs:start
# A message comes again after six times of this: longer than a function takes to start, in a cloud as fast as this one.
timeout: 60
functions: {{look: {{app: "jobs:look"}}}}
tasks: {{via: queue, retries: 1, results: 1d}}
tables:
{SEEN}"""


def test_tasks_go_by_a_queue(on):
    on.deploy(TASKS)

    def call(function, **arguments):
        payload = json.dumps({"kwargs": arguments})
        told = on.machine.client("lambda").invoke(FunctionName=f"{function}:dev", Payload=payload)
        return json.loads(told["Payload"].read())

    described = on.machine.client("cloudformation").describe_stack_resources(StackName=on.name)["StackResources"]
    physical = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in described}
    job = call(physical["Function"], text="ab")
    until(lambda: call(physical["LookFunction"], job=job) == ["done", "abab", None])
    job = call(physical["Function"], text="raise")
    (dead,) = until(lambda: on.received(f"dev-{on.name}-slam-tasks-dead"))
    assert json.loads(dead["Body"])["slam.task"]["id"] == job
    assert call(physical["LookFunction"], job=job) == ["failed", None, "ValueError: asked to"]


def allowed(on, role):
    """The statements of a deployed role, by policy and place."""
    iam = on.machine.client("iam")
    described = on.machine.client("cloudformation").describe_stack_resource(StackName=on.name, LogicalResourceId=role)
    name = described["StackResourceDetail"]["PhysicalResourceId"]
    policies = {policy: iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in iam.list_role_policies(RoleName=name)["PolicyNames"]}
    return name, policies


# By event source: the role, its policy, and each action without which nothing arrives.
NEEDED = {
    "queue": (QUEUE, "FunctionExecutionRole", "EventSources", ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]),
    "table": (
        TABLE,
        "FunctionExecutionRole",
        "EventSources",
        ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"],
    ),
    # The second one sends what the first one would have let through.
    "schedule": (SCHEDULE, "DevSchedulesRole", "Schedules", ["lambda:InvokeFunction", "sqs:SendMessage"]),
}


@pytest.mark.parametrize("source", NEEDED)
def test_a_role_may_what_an_event_source_needs_and_no_more(on, source):
    text, role, policy, actions = NEEDED[source]
    on.deploy(text)
    name, policies = allowed(on, role)
    statements = policies[policy]["Statement"]
    assert sorted(action for statement in statements for action in statement["Action"]) == actions
    again = taken_away(on) if source != "schedule" else None
    # Each is missed: what asks for it is refused.
    iam = on.machine.client("iam")
    for action in actions[:1] if source == "schedule" else actions:
        fewer = [{**one, "Action": [kept for kept in one["Action"] if kept != action]} for one in statements]
        document = {**policies[policy], "Statement": [one for one in fewer if one["Action"]]}
        iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(document))
        if source == "schedule":
            lost = until(lambda: on.received("dev-lost"))
            assert lost[0]["MessageAttributes"]["ERROR_CODE"]["StringValue"].startswith("AccessDenied")
        else:
            with pytest.raises(ClientError) as error:
                on.machine.client("lambda").create_event_source_mapping(**again)
            assert error.value.response["Error"]["Code"] == "InvalidParameterValueException", action
    iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(policies[policy]))
    if again:
        client = on.machine.client("lambda")
        client.delete_event_source_mapping(UUID=client.create_event_source_mapping(**again)["UUID"])


def taken_away(on):
    """Deletes the stack's mapping, and gives what makes one like it."""
    client = on.machine.client("lambda")
    mappings = client.list_event_source_mappings()["EventSourceMappings"]
    (mapping,) = [one for one in mappings if one["EventSourceArn"].endswith(":dev-mail") or "dev.notes" in one["EventSourceArn"]]
    client.delete_event_source_mapping(UUID=mapping["UUID"])
    until(lambda: mapping["UUID"] not in [one["UUID"] for one in client.list_event_source_mappings()["EventSourceMappings"]])
    start = {"StartingPosition": "LATEST"} if "dynamodb" in mapping["EventSourceArn"] else {}
    return {"EventSourceArn": mapping["EventSourceArn"], "FunctionName": mapping["FunctionArn"], **start}
