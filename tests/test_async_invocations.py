"""Asynchronous invocations: the queue behind a function."""

import json
import pathlib
import re
import time

import botocore.exceptions
import pytest
from functions import create


def test_events_do_not_starve_behind_reserved_concurrency(shared_machine, function_role):
    """One at a time, all of them run as soon as the function can keep up: AWS ran ten behind one of ten seconds in less
    than a hundred."""
    logging = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    role = function_role(shared_machine, "starving", logging)
    source = "import time\ndef handler(event, context):\n    time.sleep(event['seconds'])\n    print('ran', event['number'])\n"
    client = create(shared_machine, role, source, name="starving", Timeout=10)
    client.put_function_concurrency(FunctionName="starving", ReservedConcurrentExecutions=1)
    for number, seconds in enumerate([4] + [0.5] * 10):
        event = json.dumps({"seconds": seconds, "number": number})
        client.invoke(FunctionName="starving", InvocationType="Event", Payload=event)
    logs = shared_machine.client("logs")
    ran, deadline = [], time.monotonic() + 30
    while len(ran) < 11 and time.monotonic() < deadline:
        time.sleep(0.2)
        try:
            events = logs.filter_log_events(logGroupName="/aws/lambda/starving", filterPattern="ran")["events"]
        except botocore.exceptions.ClientError:
            continue  # The function has not logged yet.
        ran = [int(event["message"].split()[1]) for event in events]
    assert sorted(ran) == list(range(11))


# How much faster the cloud's clock is: AWS's minute is a second.
SCALE = 60
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function"
# It fails with its event.
FAILS = "def handler(event, context):\n    raise ValueError(event['why'])\n"
# It sends what it gets on, and says where it stands in the chain.
PASSES_ON = """
import boto3, json
def handler(event, context):
    print("ran")
    record = event["Records"][0]
    boto3.client("sqs").send_message(QueueUrl=record["body"], MessageBody=record["body"])
"""
CALLS_ITSELF = """
import boto3, json
def handler(event, context):
    print("ran")
    if event["left"]:
        event["left"] -= 1
        boto3.client("lambda").invoke(FunctionName=context.function_name, InvocationType="Event", Payload=json.dumps(event))
"""


class World:
    """A cloud with a faster clock, and a role that may do what destinations ask for."""

    def __init__(self, machine, function_role):
        self.machine = machine
        machine.run("cloud", "start", "--time-scale", SCALE)
        self.connect()
        actions = ["logs:*", "sqs:*", "sns:Publish", "events:PutEvents", "s3:PutObject", "s3:ListBucket", "lambda:InvokeFunction"]
        self.role = function_role(machine, "all", {"Effect": "Allow", "Action": actions, "Resource": "*"})

    def connect(self):
        for service in ("sqs", "s3", "logs", "iam"):
            setattr(self, service, self.machine.client(service))
        self.functions = self.machine.client("lambda")

    def create(self, source, name="f", **more):
        create(self.machine, self.role, source, name=name, Timeout=30, **more)

    def queue(self, name, **attributes):
        """A queue's URL and ARN."""
        url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url, self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def configure(self, name="f", success=None, failure=None, **more):
        destinations = {"OnSuccess": {"Destination": success} if success else {}, "OnFailure": {"Destination": failure} if failure else {}}
        return self.functions.put_function_event_invoke_config(FunctionName=name, DestinationConfig=destinations, **more)

    def invoke(self, event, name="f"):
        answer = self.functions.invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(event))
        return answer["ResponseMetadata"]["RequestId"]

    def message(self, url):
        """The next message of a queue, which is taken out of it."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            wanted = {"MessageAttributeNames": ["All"], "MessageSystemAttributeNames": ["All"], "WaitTimeSeconds": 20}
            for message in self.sqs.receive_message(QueueUrl=url, **wanted).get("Messages", []):
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                return message
        raise AssertionError("no message came")

    def runs(self, name="f"):
        try:
            found = self.logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{name}", filterPattern="ran")
            return sum(len(page["events"]) for page in found)
        except botocore.exceptions.ClientError:
            return 0


@pytest.fixture
def world(machine, function_role):
    return World(machine, function_role)


def recorded(test):
    """What AWS answered in a test."""
    folder = pathlib.Path(__file__).resolve().parent.parent / "cloud" / "testing" / "recorded" / "lambda"
    (answers,) = json.loads((folder / f"{test}.json").read_text()).values()
    return answers["recorded-content"]


def shape(document):
    """The members of a document, at every depth."""
    return {name: shape(value) if isinstance(value, dict) else None for name, value in document.items()}


def test_what_fails_is_tried_again_and_then_told(world):
    """Recorded: `test_lambda_destination_default_retries`, `test_dead_letter_queue`."""
    (told, told_arn), (dead, dead_arn) = world.queue("told"), world.queue("dead")
    world.create(FAILS, DeadLetterConfig={"TargetArn": dead_arn})
    world.configure(failure=told_arn)
    request = world.invoke({"why": "it must"})
    message = world.message(told)
    body = json.loads(message["Body"])
    expected = recorded("test_lambda_destination_default_retries")["receive_message_result"]["Messages"][0]["Body"]
    assert list(body) == list(expected)
    assert shape(body["requestContext"]) == shape(expected["requestContext"])
    assert body["requestContext"] == {
        "requestId": request,
        "functionArn": f"{FUNCTION}:f:$LATEST",
        "condition": "RetriesExhausted",
        "approximateInvokeCount": 3,
    }
    assert body["responseContext"] == expected["responseContext"]
    assert body["requestPayload"] == {"why": "it must"} and shape(body["responsePayload"]) == shape(expected["responsePayload"])
    assert "Lineage=" in message["Attributes"]["AWSTraceHeader"]
    letter = world.message(dead)
    assert json.loads(letter["Body"]) == {"why": "it must"}
    expected = recorded("test_dead_letter_queue")["receive_result"]["Messages"][0]["MessageAttributes"]
    assert letter["MessageAttributes"] == {
        "RequestID": {**expected["RequestID"], "StringValue": request},
        "ErrorCode": expected["ErrorCode"],
        "ErrorMessage": {**expected["ErrorMessage"], "StringValue": "it must"},
    }


@pytest.mark.parametrize("age, attempts", [(60, 1), (150, 2)])
def test_what_will_be_too_old_is_not_tried_again(world, age, attempts):
    """Recorded: `test_maxeventage`."""
    told, arn = world.queue("told")
    world.create(FAILS)
    world.configure(failure=arn, MaximumEventAgeInSeconds=age)
    world.invoke({"why": "it must"})
    body = json.loads(world.message(told)["Body"])
    step = {1: "no_retry_failure_message", 2: "single_retry_failure_message"}[attempts]
    expected = recorded("test_maxeventage")[step]["Body"]
    assert shape(body) | {"requestPayload": None} == shape(expected) | {"requestPayload": None}
    context = body["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == ("EventAgeExceeded", attempts)
    assert body["responseContext"] == expected["responseContext"]


def test_an_event_that_never_runs_is_given_up(world):
    told, arn = world.queue("told")
    world.create(FAILS)
    world.configure(failure=arn, MaximumEventAgeInSeconds=60)
    # Another has the one place, for longer than the event may wait.
    world.functions.put_function_concurrency(FunctionName="f", ReservedConcurrentExecutions=0)
    world.invoke({"why": "nobody may"})
    body = json.loads(world.message(told)["Body"])
    assert body["requestContext"]["condition"] == "ZeroReservedConcurrency"
    assert body["requestContext"]["approximateInvokeCount"] == 0 and "responseContext" not in body


def test_destinations_of_every_kind(world):
    told, arn = world.queue("told")
    world.create("def handler(event, context):\n    return {'got': event}\n")
    world.create(FAILS, name="fails")
    world.create("def handler(event, context):\n    return event['responsePayload']\n", name="listens")
    world.configure(success=f"{FUNCTION}:listens")
    world.configure("listens", success=arn)
    world.invoke({"number": 7})
    body = json.loads(world.message(told)["Body"])
    assert body["responsePayload"] == {"got": {"number": 7}} and body["requestContext"]["condition"] == "Success"
    assert body["requestPayload"]["requestContext"]["functionArn"] == f"{FUNCTION}:f:$LATEST"
    world.s3.create_bucket(Bucket="failures")
    world.configure("fails", failure="arn:aws:s3:::failures", MaximumRetryAttempts=0)
    world.invoke({"why": "for the bucket"}, "fails")
    deadline = time.monotonic() + 30
    while not (found := world.s3.list_objects_v2(Bucket="failures").get("Contents")) and time.monotonic() < deadline:
        time.sleep(0.2)
    (one,) = found
    assert re.fullmatch(r"aws/lambda/async/fails/(\d{4})/(\d\d)/(\d\d)/\1-\2-\3T\d\d\.\d\d\.\d\d-[0-9a-f-]{36}", one["Key"])
    record = json.loads(world.s3.get_object(Bucket="failures", Key=one["Key"])["Body"].read())
    assert record["requestPayload"] == {"why": "for the bucket"}


def test_aliases_and_versions_have_settings_of_their_own(world):
    (told, told_arn), (other, other_arn) = world.queue("told"), world.queue("other")
    world.create("def handler(event, context):\n    return context.function_version\n")
    world.functions.publish_version(FunctionName="f")
    world.functions.create_alias(FunctionName="f", Name="live", FunctionVersion="1")
    world.configure("f:live", success=told_arn)
    world.configure("f:1", success=other_arn)
    for name, url in (("f:live", told), ("f:1", other)):
        world.invoke({}, name)
        body = json.loads(world.message(url)["Body"])
        assert body["requestContext"]["functionArn"] == f"{FUNCTION}:{name}"
        assert (body["responseContext"]["executedVersion"], body["responsePayload"]) == ("1", "1")


def refused(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**arguments)
    return f"{error.value.response['Error']['Code']}: {error.value.response['Error']['Message']}"


def test_whoever_may_not_be_told_is_refused(world, function_role):
    _, arn = world.queue("told")
    role = function_role(world.machine, "nothing")
    create(world.machine, role, FAILS)
    world.s3.create_bucket(Bucket="failures")
    lacks = "InvalidParameterValueException: The provided execution role does not have permissions to call"
    dead = {"FunctionName": "f", "DeadLetterConfig": {"TargetArn": arn}}
    assert refused(world.functions.update_function_configuration, **dead) == f"{lacks} SendMessage on SQS"
    assert refused(world.configure, failure=arn) == f"{lacks} SendMessage on SQS"
    assert refused(world.configure, failure="arn:aws:s3:::failures") == f"{lacks} PutObject and ListBucket on S3"
    create(world.machine, role, FAILS, name="other")
    assert refused(world.configure, success=f"{FUNCTION}:other") == f"{lacks} Invoke on Lambda"
    may = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["sqs:SendMessage", "s3:*"], "Resource": "*"}]}
    world.iam.put_role_policy(RoleName="nothing", PolicyName="inline", PolicyDocument=json.dumps(may))
    world.configure(failure=arn)
    missing = "InvalidParameterValueException: The destination ARN {} is invalid."
    for place in (arn.replace("told", "none"), "arn:aws:s3:::nowhere"):
        assert refused(world.configure, failure=place) == missing.format(place)
    assert "onSuccess=OnSuccess(destination=arn:aws:s3:::failures)" in refused(world.configure, success="arn:aws:s3:::failures")
    # As recorded in `test_dead_letter_queue`, one without a target changes nothing.
    update = world.functions.update_function_configuration
    assert update(**dead)["DeadLetterConfig"] == {"TargetArn": arn}
    assert update(FunctionName="f", DeadLetterConfig={})["DeadLetterConfig"] == {"TargetArn": arn}
    assert "DeadLetterConfig" not in update(FunctionName="f", DeadLetterConfig={"TargetArn": ""})


def test_what_was_accepted_is_delivered_after_a_kill(world):
    told, arn = world.queue("told")
    world.create(FAILS)
    world.configure(failure=arn)
    for number in range(20):
        world.invoke({"why": str(number)})
    world.machine.kill()
    world.machine.run("cloud", "start", "--time-scale", SCALE)
    world.connect()
    told_of = set()
    while len(told_of) < 20:
        body = json.loads(world.message(told)["Body"])
        assert body["requestContext"]["condition"] == "RetriesExhausted"
        told_of.add(body["requestPayload"]["why"])


def test_a_loop_through_a_queue_is_stopped(world):
    """Sixteen times it runs; then the message goes where the queue sends what fails."""
    dead, dead_arn = world.queue("dead")
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": 1})
    url, arn = world.queue("loop", RedrivePolicy=redrive, VisibilityTimeout="900")
    world.create(PASSES_ON)
    world.functions.create_event_source_mapping(FunctionName="f", EventSourceArn=arn, BatchSize=1)
    world.sqs.send_message(QueueUrl=url, MessageBody=url)
    assert re.search(r"Lineage=1:[0-9a-f]{8}:15$", world.message(dead)["Attributes"]["AWSTraceHeader"])
    deadline = time.monotonic() + 20
    while world.runs() < 16 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert world.runs() == 16


def test_a_function_that_invokes_itself_is_stopped_unless_it_may(world):
    told, arn = world.queue("told")
    world.create(CALLS_ITSELF)
    world.configure(failure=arn)
    get = world.functions.get_function_recursion_config
    assert get(FunctionName="f")["RecursiveLoop"] == "Terminate"
    world.invoke({"left": 18})
    body = json.loads(world.message(told)["Body"])
    assert body["requestPayload"] == {"left": 2} and body["requestContext"]["approximateInvokeCount"] == 0
    world.functions.put_function_recursion_config(FunctionName="f", RecursiveLoop="Allow")
    assert get(FunctionName="f")["RecursiveLoop"] == "Allow"
    world.configure(success=arn)
    world.invoke({"left": 18})
    left = {json.loads(world.message(told)["Body"])["requestPayload"]["left"] for _ in range(19)}
    assert left == set(range(19))


def test_a_payload_may_have_a_megabyte(world):
    told, arn = world.queue("told")
    world.create("def handler(event, context):\n    return len(event)\n")
    world.configure(success=arn, MaximumRetryAttempts=0)
    text = "x" * (1024 * 1024 - 2)
    assert refused(world.invoke, event=text + "x").startswith("RequestTooLargeException: 1048577 byte payload is too large")
    world.invoke(text[:-2000])
    assert json.loads(world.message(told)["Body"])["responsePayload"] == len(text) - 2000


def test_topics_and_buses_are_told(world):
    """Recorded: `test_invoke_lambda_eventbridge`."""
    sns, events = world.machine.client("sns"), world.machine.client("events")
    url, arn = world.queue("heard")
    statement = {"Effect": "Allow", "Principal": {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]}, "Action": "sqs:SendMessage", "Resource": arn}
    world.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})})
    topic = sns.create_topic(Name="told")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    bus = events.create_event_bus(Name="told")["EventBusArn"]
    events.put_rule(Name="all", EventBusName="told", EventPattern=json.dumps({"source": ["lambda"]}))
    events.put_targets(Rule="all", EventBusName="told", Targets=[{"Id": "q", "Arn": arn}])
    world.create("def handler(event, context):\n    return 1\n")
    world.create(FAILS, name="fails", DeadLetterConfig={"TargetArn": topic})
    world.configure(success=bus)
    world.invoke({})
    event = json.loads(world.message(url)["Body"])
    expected = recorded("test_invoke_lambda_eventbridge")["lambda_destination_event_bus_success"]
    same = ("detail-type", "source", "version")
    assert set(event) == set(expected) and {name: event[name] for name in same} == {name: expected[name] for name in same}
    assert event["resources"] == [bus, f"{FUNCTION}:f:$LATEST"]
    assert event["detail"]["requestContext"]["condition"] == "Success" and event["detail"]["responsePayload"] == 1
    world.configure("fails", failure=topic, MaximumRetryAttempts=0)
    request = world.invoke({"why": "for the topic"}, "fails")
    told = [json.loads(world.message(url)["Body"]) for _ in range(2)]
    messages = [json.loads(one["Message"]) for one in told]
    assert {"why": "for the topic"} in messages
    assert any(one.get("requestContext", {}).get("requestId") == request for one in messages)
    (letter,) = (one for one in told if "MessageAttributes" in one)
    assert letter["MessageAttributes"]["ErrorMessage"] == {"Type": "String", "Value": "for the topic"}
