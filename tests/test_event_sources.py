"""Event source mappings with boto3 and real functions: what a queue or a stream has reaches its function as on AWS.

Functions print the events that they get, and the tests read their logs. Time passes faster in this cloud, so that messages come
again soon.
"""

import base64
import json
import time

import pytest
from botocore.exceptions import ClientError
from conftest import Machine
from functions import create

ACCOUNT = "000000000000"
# Fails whole when a message says so, and reports those that are bad.
QUEUE = """
import json
def handler(event, context):
    print("GOT " + json.dumps(event))
    bodies = [record["body"] for record in event["Records"]]
    if "raise" in bodies:
        raise ValueError("asked to")
    bad = [record["messageId"] for record in event["Records"] if record["body"].startswith("bad")]
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in bad]}
"""
READ = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
LOGS = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}


@pytest.fixture(scope="module")
def fast(tmp_path_factory):
    """A cloud in which a minute passes in a second."""
    machine = Machine(tmp_path_factory.mktemp("fast"))
    machine.run("cloud", "start", "--time-scale", "60")
    yield machine
    machine.stop()


class Setting:
    """A function, and what it reads."""

    def __init__(self, machine, role, name):
        self.machine, self.role, self.name = machine, role, name
        self.functions, self.sqs, self.logs = (machine.client(service) for service in ("lambda", "sqs", "logs"))

    def queue(self, name=None, **attributes):
        fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"} if (name or "").endswith(".fifo") else {}
        self.url = self.sqs.create_queue(QueueName=name or self.name, Attributes={**fifo, **attributes})["QueueUrl"]
        self.arn = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        return self.arn

    def map(self, source=None, **members):
        made = self.functions.create_event_source_mapping(FunctionName=self.name, EventSourceArn=source or self.arn, **members)
        self.wait(made["UUID"], "Enabled" if members.get("Enabled", True) else "Disabled")
        return made

    def wait(self, uuid, state):
        return until(lambda: (told := self.functions.get_event_source_mapping(UUID=uuid))["State"] == state and told)

    def send(self, *bodies, **members):
        return [self.sqs.send_message(QueueUrl=self.url, MessageBody=body, **members)["MessageId"] for body in bodies]

    def events(self):
        """The events that the function got, in order."""
        try:
            pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{self.name}")
            lines = [event["message"] for page in pages for event in page["events"]]
        except ClientError as error:
            # It has not logged yet.
            assert error.response["Error"]["Code"] == "ResourceNotFoundException"
            return []
        return [json.loads(line[4:]) for line in lines if line.startswith("GOT ")]

    def records(self):
        return [record for event in self.events() for record in event["Records"]]

    def bodies(self):
        return [record["body"] for record in self.records()]

    def left(self):
        """How many messages the queue has, of all states."""
        told = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        return sum(int(told[f"ApproximateNumberOfMessages{name}"]) for name in ("", "NotVisible", "Delayed"))


def until(reached):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if found := reached():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come to that")


def refused(code, call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    assert error.value.response["Error"]["Code"] == code, error.value
    return error.value.response["Error"]["Message"]


@pytest.fixture
def setting(fast, function_role, request):
    """A function with the test's name, whose role may read every queue."""
    name = request.node.originalname[5:60]
    role = function_role(fast, name, LOGS, {"Effect": "Allow", "Action": READ, "Resource": "*"})
    create(fast, role, QUEUE, name=name, Timeout=10)
    return Setting(fast, role, name)


def test_a_message_reaches_its_function_and_is_deleted(setting):
    setting.queue()
    made = setting.map()
    attributes = {"kind": {"DataType": "String", "StringValue": "x"}, "bytes": {"DataType": "Binary", "BinaryValue": b"\x00\x01"}}
    (identifier,) = setting.send("hello", MessageAttributes=attributes)
    (record,) = until(setting.records)
    assert record.pop("receiptHandle") and record.pop("md5OfMessageAttributes")
    told = record.pop("attributes")
    assert told.keys() == {"ApproximateReceiveCount", "SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"}
    assert told["ApproximateReceiveCount"] == "1"
    assert record == {
        "messageId": identifier,
        "body": "hello",
        "messageAttributes": {
            "kind": {"stringValue": "x", "stringListValues": [], "binaryListValues": [], "dataType": "String"},
            "bytes": {
                "binaryValue": base64.b64encode(b"\x00\x01").decode(),
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "Binary",
            },
        },
        "md5OfBody": "5d41402abc4b2a76b9719d911017c592",
        "eventSource": "aws:sqs",
        "eventSourceARN": setting.arn,
        "awsRegion": "us-east-1",
    }
    until(lambda: setting.left() == 0)
    # What is answered of a queue's mapping and nothing else, as recorded.
    del made["ResponseMetadata"], made["LastModified"]
    mapping = f"arn:aws:lambda:us-east-1:{ACCOUNT}:event-source-mapping:{made['UUID']}"
    assert made == {
        "UUID": made["UUID"],
        "EventSourceMappingArn": mapping,
        "EventSourceArn": setting.arn,
        "FunctionArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{setting.name}",
        "BatchSize": 10,
        "MaximumBatchingWindowInSeconds": 0,
        "FunctionResponseTypes": [],
        "State": "Creating",
        "StateTransitionReason": "USER_INITIATED",
    }


def test_messages_that_no_filter_wants_are_deleted(setting):
    setting.queue()
    patterns = [{"body": {"city": ["Oslo"]}}, {"body": ["text"]}]
    criteria = {"Filters": [{"Pattern": json.dumps(pattern)} for pattern in patterns]}
    made = setting.map(FilterCriteria=criteria)
    assert made["FilterCriteria"] == criteria
    wanted = ['{"city": "Oslo"}', "text"]
    setting.send('{"city": "Bergen"}', "other", *wanted)
    until(lambda: setting.left() == 0)
    # Its log is written after its answer.
    until(lambda: len(setting.bodies()) >= 2)
    assert sorted(setting.bodies()) == sorted(wanted)


def test_only_the_messages_that_failed_come_again(setting):
    setting.queue("partial-dead")
    dead, dead_url = setting.arn, setting.url
    redrive = json.dumps({"deadLetterTargetArn": dead, "maxReceiveCount": 2})
    setting.queue(RedrivePolicy=redrive, VisibilityTimeout="10")
    setting.map(FunctionResponseTypes=["ReportBatchItemFailures"])
    setting.send("good 1", "bad", "good 2")
    count = lambda: setting.sqs.get_queue_attributes(QueueUrl=dead_url, AttributeNames=["All"])["Attributes"]  # noqa: E731
    until(lambda: count()["ApproximateNumberOfMessages"] == "1")
    assert setting.sqs.receive_message(QueueUrl=dead_url)["Messages"][0]["Body"] == "bad"
    until(lambda: len(setting.bodies()) >= 4)
    assert sorted(setting.bodies()) == ["bad", "bad", "good 1", "good 2"]
    assert setting.left() == 0


def test_a_batch_whose_function_fails_comes_again_whole_until_it_is_a_dead_letter(setting):
    setting.queue("whole-dead")
    redrive = json.dumps({"deadLetterTargetArn": setting.arn, "maxReceiveCount": 3})
    dead_url = setting.url
    setting.queue(RedrivePolicy=redrive, VisibilityTimeout="10")
    setting.map()
    setting.send("raise")
    told = until(lambda: setting.sqs.receive_message(QueueUrl=dead_url, WaitTimeSeconds=20).get("Messages"))
    assert [message["Body"] for message in told] == ["raise"]
    until(lambda: len(setting.records()) >= 3)
    counts = [record["attributes"]["ApproximateReceiveCount"] for record in setting.records()]
    assert counts == ["1", "2", "3"]


def test_a_batch_waits_for_its_window(setting):
    setting.queue(VisibilityTimeout="600")
    setting.map(BatchSize=40, MaximumBatchingWindowInSeconds=120)
    bodies = [str(number) for number in range(25)]
    for body in bodies:
        setting.send(body)
    (event,) = until(setting.events)
    assert sorted(record["body"] for record in event["Records"]) == sorted(bodies)
    until(lambda: setting.left() == 0)


def test_a_group_of_a_fifo_queue_stays_in_order(setting):
    setting.queue("in-order.fifo", VisibilityTimeout="30")
    setting.map(BatchSize=3)
    for number in range(12):
        setting.send(f"{number}", MessageGroupId=f"group-{number % 2}")
    until(lambda: setting.left() == 0)
    records = until(lambda: len(records := setting.records()) >= 12 and records)
    for group in (0, 1):
        numbers = [int(record["body"]) for record in records if record["attributes"]["MessageGroupId"] == f"group-{group}"]
        assert numbers == list(range(group, 12, 2))
    assert all(record["attributes"].keys() >= {"MessageDeduplicationId", "SequenceNumber"} for record in records)


def test_a_mapping_rests_goes_on_and_ends(setting):
    setting.queue()
    uuid = setting.map(Enabled=False, ScalingConfig={"MaximumConcurrency": 2})["UUID"]
    setting.send("first")
    assert setting.events() == []
    told = setting.functions.update_event_source_mapping(UUID=uuid, Enabled=True)
    assert (told["State"], told["ScalingConfig"]) == ("Enabling", {"MaximumConcurrency": 2})
    until(lambda: setting.bodies() == ["first"])
    told = setting.functions.update_event_source_mapping(UUID=uuid, Enabled=False, BatchSize=1, ScalingConfig={})
    assert (told["State"], told["BatchSize"], "ScalingConfig" in told) == ("Disabling", 1, False)
    setting.wait(uuid, "Disabled")
    setting.send("second")
    assert setting.functions.delete_event_source_mapping(UUID=uuid)["State"] == "Deleting"
    until(lambda: refused_or(setting, uuid))
    assert setting.bodies() == ["first"] and setting.left() == 1


def refused_or(setting, uuid):
    try:
        return not setting.functions.get_event_source_mapping(UUID=uuid)
    except ClientError as error:
        return error.response["Error"]["Message"] == "The resource you requested does not exist."


def test_what_waits_is_delivered_after_kill_9(machine, function_role):
    machine.run("cloud", "start", "--time-scale", "60")
    role = function_role(machine, "killed", LOGS, {"Effect": "Allow", "Action": READ, "Resource": "*"})
    create(machine, role, QUEUE, name="killed", Timeout=10)
    setting = Setting(machine, role, "killed")
    setting.queue(VisibilityTimeout="10")
    uuid = setting.map(BatchSize=1)["UUID"]
    bodies = [str(number) for number in range(40)]
    setting.send(*bodies[:20])
    machine.kill()
    machine.run("cloud", "start", "--time-scale", "60")
    setting = Setting(machine, role, "killed")
    setting.url = setting.sqs.get_queue_url(QueueName="killed")["QueueUrl"]
    setting.wait(uuid, "Enabled")
    setting.send(*bodies[20:])
    until(lambda: setting.left() == 0)
    until(lambda: set(setting.bodies()) >= set(bodies[20:]))


def test_what_the_role_lacks_is_told_when_the_mapping_is_made(fast, function_role):
    """What AWS's users quote: the role must be able to receive, delete and read the queue's attributes."""
    for number, action in enumerate(READ):
        name = f"lacks-{number}"
        others = [other for other in READ if other != action]
        role = function_role(fast, name, {"Effect": "Allow", "Action": others, "Resource": "*"})
        create(fast, role, QUEUE, name=name)
        setting = Setting(fast, role, name)
        message = refused(
            "InvalidParameterValueException", setting.functions.create_event_source_mapping, FunctionName=name, EventSourceArn=setting.queue()
        )
        assert message == f"The provided execution role does not have permissions to call {action[4:]} on SQS"


def test_what_cannot_be_is_refused(setting):
    create = setting.functions.create_event_source_mapping
    of = {"FunctionName": setting.name, "EventSourceArn": setting.queue(VisibilityTimeout="5")}
    invalid = "InvalidParameterValueException"
    assert refused(invalid, create, **of) == "Queue visibility timeout: 5 seconds is less than Function timeout: 10 seconds"
    setting.sqs.set_queue_attributes(QueueUrl=setting.url, Attributes={"VisibilityTimeout": "30"})
    missing = of["EventSourceArn"] + "-missing"
    assert "NonExistentQueue" in refused(invalid, create, **{**of, "EventSourceArn": missing})
    assert refused(invalid, create, **of, FilterCriteria={"Filters": [{"Pattern": "single-string"}]}) == "Invalid filter pattern definition."
    refused(invalid, create, **of, BatchSize=11)
    refused(invalid, create, **of, MaximumRetryAttempts=1)
    uuid = create(**of)["UUID"]
    message = refused("ResourceConflictException", create, **of)
    assert message.endswith(f"Please update or delete the existing mapping with UUID {uuid}")
    for source, name in (("kinesis:us-east-1:000000000000:stream/s", "Kinesis"), ("mq:us-east-1:000000000000:broker:b", "MQ")):
        assert name in refused("NotImplemented", create, **{**of, "EventSourceArn": f"arn:aws:{source}"})
    for member, value in {
        "ProvisionedPollerConfig": {"MinimumPollers": 1},
        "MetricsConfig": {"Metrics": ["EventCount"]},
        "TumblingWindowInSeconds": 10,
        "KMSKeyArn": f"arn:aws:kms:us-east-1:{ACCOUNT}:key/k",
    }.items():
        assert member in refused("NotImplemented", create, **of, **{member: value})


def test_mappings_are_listed_and_tagged(setting):
    client = setting.functions
    made = [setting.map(setting.queue(f"listed-{number}"), Tags={"number": str(number)}) for number in range(3)]
    of_function = {"FunctionName": setting.name}
    page = client.list_event_source_mappings(**of_function, MaxItems=2)
    rest = client.list_event_source_mappings(**of_function, MaxItems=2, Marker=page["NextMarker"])
    told = page["EventSourceMappings"] + rest["EventSourceMappings"]
    assert sorted(mapping["UUID"] for mapping in told) == sorted(mapping["UUID"] for mapping in made)
    (one,) = client.list_event_source_mappings(EventSourceArn=made[1]["EventSourceArn"])["EventSourceMappings"]
    assert one["UUID"] == made[1]["UUID"]
    assert client.list_event_source_mappings(FunctionName="unknown")["EventSourceMappings"] == []
    arn = made[0]["EventSourceMappingArn"]
    client.tag_resource(Resource=arn, Tags={"more": "x"})
    assert client.list_tags(Resource=arn)["Tags"] == {"number": "0", "more": "x"}
    client.untag_resource(Resource=arn, TagKeys=["number"])
    assert client.list_tags(Resource=arn)["Tags"] == {"more": "x"}
    refused("ResourceNotFoundException", client.list_tags, Resource=arn[:-12] + "000000000000")
