"""EventBridge Scheduler: schedules that really call functions and operations, by a clock that is faster."""

import datetime
import json
import time

import pytest
from botocore.exceptions import ClientError
from functions import create

# How much faster the cloud's clock is: AWS's minute is a second.
SCALE = 60
SDK = "arn:aws:scheduler:::aws-sdk"
GROUP = "arn:aws:scheduler:us-east-1:000000000000:schedule-group"
# It writes what it gets into a table, so that it is seen though the cloud is killed.
WRITES = """
import boto3, json, os
def handler(event, context):
    table = boto3.client("dynamodb", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    table.put_item(TableName="seen", Item={"id": {"S": context.aws_request_id}, "event": {"S": json.dumps(event)}})
"""


def trusting(condition=None):
    statement = {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": {**statement, **({"Condition": condition} if condition else {})}})


def allowing(*actions):
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]})


class World:
    """A cloud with a faster clock, a role for schedules, a table and a function that writes there what it gets."""

    def __init__(self, machine, function_role):
        self.machine = machine
        machine.run("cloud", "start", "--time-scale", SCALE)
        self.connect()
        self.role = self.iam.create_role(RoleName="calls", AssumeRolePolicyDocument=trusting())["Role"]["Arn"]
        may = allowing("lambda:InvokeFunction", "dynamodb:PutItem", "logs:CreateLogGroup", "sns:Publish", "sqs:SendMessage", "events:PutEvents")
        self.iam.put_role_policy(RoleName="calls", PolicyName="calls", PolicyDocument=may)
        self.dynamodb.create_table(
            TableName="seen",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        writing = function_role(machine, "writes", {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*"})
        create(machine, writing, WRITES, name="writes", Timeout=30)
        self.function = "arn:aws:lambda:us-east-1:000000000000:function:writes"

    def connect(self):
        for service in ("scheduler", "dynamodb", "events", "iam", "logs", "sqs"):
            setattr(self, service, self.machine.client(service))

    def now(self):
        """The cloud's time: that of something made now."""
        name = f"now-{time.monotonic_ns()}"
        self.scheduler.create_schedule_group(Name=name)
        now = self.scheduler.get_schedule_group(Name=name)["CreationDate"]
        self.scheduler.delete_schedule_group(Name=name)
        return now.astimezone(datetime.timezone.utc)

    def at(self, **later):
        return (self.now() + datetime.timedelta(**later)).strftime("at(%Y-%m-%dT%H:%M:%S)")

    def target(self, **more):
        return {"Arn": self.function, "RoleArn": self.role, **more}

    def make(self, name, expression, target=None, **more):
        more = {"FlexibleTimeWindow": {"Mode": "OFF"}, **more}
        return self.scheduler.create_schedule(Name=name, ScheduleExpression=expression, Target=target or self.target(), **more)["ScheduleArn"]

    def seen(self, of):
        """The events that the function got whose text has this."""
        items = self.dynamodb.scan(TableName="seen", ConsistentRead=True)["Items"]
        return [json.loads(item["event"]["S"]) for item in items if "event" in item and of in item["event"]["S"]]

    def queue(self, name, **attributes):
        url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url, f"arn:aws:sqs:us-east-1:000000000000:{name}"

    def received(self, url):
        """The first message of a queue."""
        ask = {"QueueUrl": url, "MessageAttributeNames": ["All"], "AttributeNames": ["All"], "WaitTimeSeconds": 1}
        return self.until(lambda: self.sqs.receive_message(**ask).get("Messages"), "the message")[0]

    def until(self, ask, what):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if found := ask():
                return found
            time.sleep(0.1)
        raise AssertionError(f"{what} did not come to be")


@pytest.fixture(scope="module")
def world(tmp_path_factory, function_role):
    from conftest import Machine

    machine = Machine(tmp_path_factory.mktemp("scheduler"))
    yield World(machine, function_role)
    machine.stop()


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    told = error.value.response
    return told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"], told["Error"]["Message"]


def test_a_schedule_calls_a_function_once_with_what_it_was_given(world):
    """Context attributes: Scheduler User Guide, "Adding context attributes"."""
    names = ["schedule-arn", "scheduled-time", "execution-id", "attempt-number"]
    text = json.dumps({"mark": "once", **{name: f"<aws.scheduler.{name}>" for name in names}})
    expression = world.at(minutes=3)
    arn = world.make("once", expression, world.target(Input=text), ActionAfterCompletion="DELETE")
    (event,) = world.until(lambda: world.seen("once"), "the call")
    assert event["schedule-arn"] == arn == f"{GROUP}/default/once".replace("-group", "")
    assert event["scheduled-time"] == expression[3:-1] + "Z"
    assert len(event["execution-id"]) == 16 and int(event["execution-id"], 16)
    assert event["attempt-number"] == "1"
    world.until(lambda: "once" not in listed(world), "the deletion")
    assert len(world.seen("once")) == 1


def listed(world, **more):
    pages = world.scheduler.get_paginator("list_schedules").paginate(**more)
    return [schedule["Name"] for page in pages for schedule in page["Schedules"]]


def test_a_function_without_an_input_gets_scheduled_events_in_equal_steps(world):
    arn = world.make("again", "rate(1 minutes)")
    events = world.until(lambda: len(found := world.seen(arn)) >= 3 and found, "three calls")
    world.scheduler.delete_schedule(Name="again")
    event = events[0]
    assert event["source"] == "aws.scheduler" and event["detail-type"] == "Scheduled Event" and event["detail"] == "{}"
    times = sorted(datetime.datetime.fromisoformat(event["time"]) for event in events)
    assert {later - earlier for earlier, later in zip(times, times[1:])} == {datetime.timedelta(minutes=1)}


def test_operations_are_called_by_their_names_as_the_role(world):
    role = {"RoleArn": world.role}
    item = {"TableName": "seen", "Item": {"id": {"S": "<aws.scheduler.execution-id>"}, "by": {"S": "operation"}}}
    put = {"Arn": "arn:aws:scheduler:::aws-sdk:dynamodb:putItem", "Input": json.dumps(item), **role}
    group = {"Arn": "arn:aws:scheduler:::aws-sdk:cloudwatchlogs:createLogGroup", "Input": json.dumps({"LogGroupName": "scheduled"}), **role}
    payload = {"FunctionName": "writes", "InvocationType": "Event", "Payload": json.dumps({"mark": "by-name"})}
    invoke = {"Arn": "arn:aws:scheduler:::aws-sdk:lambda:invoke", "Input": json.dumps(payload), **role}
    for name, target in [("put", put), ("group", group), ("invoke", invoke)]:
        world.make(name, world.at(minutes=2), target)
    items = lambda: [item for item in world.dynamodb.scan(TableName="seen")["Items"] if item.get("by") == {"S": "operation"}]
    world.until(items, "the item")
    world.until(lambda: world.logs.describe_log_groups(logGroupNamePrefix="scheduled")["logGroups"], "the log group")
    world.until(lambda: world.seen("by-name"), "the call")


def test_queues_are_sent_what_a_schedule_says(world):
    url, arn = world.queue("plain")
    world.make("plain", world.at(minutes=2), {"Arn": arn, "RoleArn": world.role, "Input": "at <aws.scheduler.scheduled-time>"})
    assert world.received(url)["Body"].startswith("at 20")
    url, arn = world.queue("ordered.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    world.make("ordered", world.at(minutes=2), {"Arn": arn, "RoleArn": world.role, "SqsParameters": {"MessageGroupId": "g"}})
    message = world.received(url)
    assert message["Attributes"]["MessageGroupId"] == "g" and json.loads(message["Body"])["source"] == "aws.scheduler"


def test_topics_are_sent_what_a_schedule_says(world):
    allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}
    url, arn = world.queue("subscribed", Policy=json.dumps({"Version": "2012-10-17", "Statement": allow}))
    sns = world.machine.client("sns")
    topic = sns.create_topic(Name="scheduled")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
    world.make("topic", world.at(minutes=2), {"Arn": topic, "RoleArn": world.role, "Input": "said"})
    assert world.received(url)["Body"] == "said"


def test_what_is_given_up_goes_to_the_dead_letter_queue(world):
    """The attributes of the documentation's example: Scheduler User Guide, "Configuring a schedule's dead-letter queue"."""
    url, queue = world.queue("dead")
    dead = {"DeadLetterConfig": {"Arn": queue}}
    missing = {**world.target(Input='"dead"'), "Arn": world.function + "-missing", **dead}
    expression = world.at(minutes=2)
    arn = world.make("dead", expression, missing)
    message = world.received(url)
    told = {name: attribute["StringValue"] for name, attribute in message["MessageAttributes"].items()}
    assert int(told.pop("EXECUTION_ID"), 16) and "missing" in told.pop("ERROR_MESSAGE")
    assert told == {
        "ERROR_CODE": "ResourceNotFoundException",
        "IS_PAYLOAD_TRUNCATED": "false",
        "RETRY_ATTEMPTS": "0",
        "SCHEDULED_TIME": expression[3:-1] + "Z",
        "SCHEDULE_ARN": arn,
        "TARGET_ARN": f"{SDK}:lambda:invoke",
    }
    assert json.loads(message["Body"]) == {"FunctionName": missing["Arn"], "InvocationType": "Event", "Payload": '"dead"'}
    told = [(missing["Arn"], "given-up"), (queue, "delivered")]
    world.until(lambda: world.machine.delivered(arn) == told, "what is told of it")


def test_what_a_role_may_not_is_not_done(world):
    poor = world.iam.create_role(RoleName="poor", AssumeRolePolicyDocument=trusting())["Role"]["Arn"]
    world.make("poor", world.at(minutes=2), {**world.target(Input='"poor"'), "RoleArn": poor}, ActionAfterCompletion="DELETE")
    # It is given up at once, and done with.
    world.until(lambda: "poor" not in listed(world), "the deletion")
    assert not world.seen("poor")


def test_a_target_that_is_throttled_is_called_again(world):
    """A function that may run nowhere refuses what does not wait, until it may again."""
    client = world.machine.client("lambda")
    client.put_function_concurrency(FunctionName="writes", ReservedConcurrentExecutions=0)
    payload = json.dumps({"mark": "throttled", "attempt": "<aws.scheduler.attempt-number>"})
    invoke = {"Arn": f"{SDK}:lambda:invoke", "RoleArn": world.role, "Input": json.dumps({"FunctionName": "writes", "Payload": payload})}
    try:
        url, queue = world.queue("given-up")
        once = {**invoke, "RetryPolicy": {"MaximumRetryAttempts": 2}, "DeadLetterConfig": {"Arn": queue}}
        world.make("given-up", world.at(minutes=2), {**once, "Input": once["Input"].replace("throttled", "given-up")}, ActionAfterCompletion="DELETE")
        world.make("throttled", world.at(minutes=2), invoke, ActionAfterCompletion="DELETE")
        world.until(lambda: "given-up" not in listed(world), "the end of the retries")
        told = {name: attribute["StringValue"] for name, attribute in world.received(url)["MessageAttributes"].items()}
        assert (told["RETRY_ATTEMPTS"], told["EXHAUSTED_RETRY_CONDITION"]) == ("2", "MaximumRetryAttempts")
        assert (told["ERROR_CODE"], told["TARGET_ARN"]) == ("TooManyRequestsException", f"{SDK}:lambda:invoke")
        assert "throttled" in listed(world) and not world.seen("throttled")
    finally:
        client.delete_function_concurrency(FunctionName="writes")
    (event,) = world.until(lambda: world.seen("throttled"), "the call")
    assert int(event["attempt"]) > 1
    world.until(lambda: "throttled" not in listed(world), "the deletion")
    assert not world.seen("given-up")


def test_a_target_that_refuses_is_not_called_again(world):
    missing = {**world.target(Input='"missing"'), "Arn": world.function + "-missing"}
    world.make("missing", world.at(minutes=2), missing, ActionAfterCompletion="DELETE")
    world.until(lambda: "missing" not in listed(world), "the deletion")


def test_calls_survive_kills(world):
    """Due while the cloud is down, and killed when it is due: nothing is lost, and what comes again does not come in a flood."""
    world.make("down", world.at(minutes=5), world.target(Input='{"mark": "down"}'))
    world.make("often", "rate(1 minutes)", world.target(Input='{"mark": "often", "time": "<aws.scheduler.scheduled-time>"}'))
    world.until(lambda: world.seen("often"), "a first call")
    world.machine.kill()
    before = time.monotonic()
    while time.monotonic() - before < 10:
        time.sleep(0.1)
    world.machine.run("cloud", "start", "--time-scale", SCALE)
    world.connect()
    world.until(lambda: world.seen("down"), "the call that was due meanwhile")
    count = world.until(lambda: len(world.seen("often")) > 3 and len(world.seen("often")), "calls afterwards")
    times = sorted({datetime.datetime.fromisoformat(event["time"]) for event in world.seen("often")})
    world.scheduler.delete_schedule(Name="often")
    # Ten minutes passed and of them one was made up for.
    assert max(later - earlier for earlier, later in zip(times, times[1:])) >= datetime.timedelta(minutes=8), (count, times)
    # Killed about when it is due.
    for turn in range(4):
        world.make(f"kill-{turn}", world.at(seconds=60), world.target(Input=json.dumps({"mark": f"kill-{turn}"})))
        time.sleep(0.85 + turn * 0.1)
        world.machine.kill()
        world.machine.run("cloud", "start", "--time-scale", SCALE)
        world.connect()
        world.until(lambda: world.seen(f"kill-{turn}"), "the call around which the cloud was killed")


def test_defaults_are_told_and_an_update_replaces_all(world):
    create = dict(Description="d", StartDate=datetime.datetime(2040, 1, 1), EndDate=datetime.datetime(2041, 1, 1), ScheduleExpressionTimezone="Europe/Berlin")
    window = {"Mode": "FLEXIBLE", "MaximumWindowInMinutes": 10}
    target = world.target(Input="{}", RetryPolicy={"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 60})
    world.make("told", "cron(0 2 * * ? *)", target, State="DISABLED", FlexibleTimeWindow=window, ActionAfterCompletion="DELETE", **create)
    told = world.scheduler.get_schedule(Name="told")
    assert told["State"] == "DISABLED" and told["FlexibleTimeWindow"] == window and told["Target"] == target
    assert told["StartDate"].year == 2040 and told["ActionAfterCompletion"] == "DELETE" and told["ScheduleExpressionTimezone"] == "Europe/Berlin"
    world.scheduler.update_schedule(Name="told", ScheduleExpression="rate(5 days)", FlexibleTimeWindow={"Mode": "OFF"}, Target=world.target())
    told = world.scheduler.get_schedule(Name="told")
    assert not {"Description", "StartDate", "EndDate"} & told.keys()
    assert told["State"] == "ENABLED" and told["ActionAfterCompletion"] == "NONE" and told["ScheduleExpressionTimezone"] == "UTC"
    assert told["Target"]["RetryPolicy"] == {"MaximumRetryAttempts": 185, "MaximumEventAgeInSeconds": 86400}
    world.scheduler.delete_schedule(Name="told")
    assert refused(world.scheduler.get_schedule, Name="told") == ("ResourceNotFoundException", 404, "Schedule told does not exist.")


def test_a_request_that_is_sent_again_is_answered_as_before(world):
    arguments = dict(ScheduleExpression="rate(5 days)", State="DISABLED", FlexibleTimeWindow={"Mode": "OFF"}, Target=world.target(), ClientToken="one")
    arn = world.scheduler.create_schedule(Name="token", **arguments)["ScheduleArn"]
    assert world.scheduler.create_schedule(Name="token", **arguments)["ScheduleArn"] == arn
    code, status, _ = refused(world.scheduler.create_schedule, Name="token", **{**arguments, "ClientToken": "two"})
    assert (code, status) == ("ConflictException", 409)
    world.scheduler.update_schedule(Name="token", **{**arguments, "ClientToken": "three", "Description": "first"})
    world.scheduler.update_schedule(Name="token", **{**arguments, "ClientToken": "three", "Description": "again"})
    assert world.scheduler.get_schedule(Name="token")["Description"] == "first"
    for _ in range(2):
        world.scheduler.delete_schedule(Name="token", ClientToken="four")
    assert refused(world.scheduler.delete_schedule, Name="token", ClientToken="five")[1] == 404
    for _ in range(2):
        world.scheduler.create_schedule_group(Name="token", ClientToken="six")
    assert refused(world.scheduler.create_schedule_group, Name="token", ClientToken="seven")[1] == 409
    for _ in range(2):
        world.scheduler.delete_schedule_group(Name="token", ClientToken="eight")


def test_a_group_goes_with_its_schedules(world):
    tags = [{"Key": "a", "Value": "b"}]
    arn = world.scheduler.create_schedule_group(Name="mine", Tags=tags)["ScheduleGroupArn"]
    assert arn == f"{GROUP}/mine" and world.scheduler.list_tags_for_resource(ResourceArn=arn)["Tags"] == tags
    for name in ("x1", "x2", "y"):
        world.make(name, "rate(5 days)", GroupName="mine", State="DISABLED" if name == "y" else "ENABLED")
    assert listed(world, GroupName="mine", NamePrefix="x", PaginationConfig={"PageSize": 1}) == ["x1", "x2"]
    assert listed(world, GroupName="mine", State="DISABLED") == ["y"]
    assert world.scheduler.get_schedule_group(Name="mine")["State"] == "ACTIVE"
    world.scheduler.delete_schedule_group(Name="mine")
    groups = lambda: [group["Name"] for group in world.scheduler.list_schedule_groups(NamePrefix="m")["ScheduleGroups"]]
    world.until(lambda: not groups(), "the deletion")
    assert not {"x1", "x2", "y"} & set(listed(world))
    assert refused(world.scheduler.delete_schedule_group, Name="default")[:2] == ("ValidationException", 400)
    assert refused(world.scheduler.list_schedules, GroupName="mine")[:2] == ("ResourceNotFoundException", 404)
    code, status, message = refused(world.scheduler.create_schedule, Name="n", GroupName="mine", ScheduleExpression="rate(5 days)", FlexibleTimeWindow={"Mode": "OFF"}, Target=world.target())
    assert (code, status, message) == ("ResourceNotFoundException", 404, "Schedule group mine does not exist.")


WRONG = [
    ({"ScheduleExpression": "rate(5)"}, "ValidationException", "Invalid Schedule Expression rate(5)."),
    ({"ScheduleExpressionTimezone": "Europe/Nowhere"}, "ValidationException", "Europe/Nowhere"),
    ({"ScheduleExpressionTimezone": "europe/berlin"}, "ValidationException", "europe/berlin"),
    ({"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}, "ValidationException", "MaximumWindowInMinutes"),
    ({"FlexibleTimeWindow": {"Mode": "OFF", "MaximumWindowInMinutes": 5}}, "ValidationException", "MaximumWindowInMinutes"),
    ({"StartDate": datetime.datetime(2041, 1, 1), "EndDate": datetime.datetime(2040, 1, 1)}, "ValidationException", "StartDate"),
    ({"Target": {"Arn": "writes"}}, "ValidationException", "Arn"),
    ({"Target": {"Input": "x" * (256 * 1024 + 1)}}, "ValidationException", "Input"),
    ({"Target": {"Arn": "arn:aws:kinesis:us-east-1:000000000000:stream/s"}}, "NotImplemented", "arn:aws:kinesis"),
    ({"Target": {"Arn": f"{SDK}:ec2:stopInstances", "Input": "{}"}}, "NotImplemented", "ec2:stopInstances"),
    ({"Target": {"Arn": f"{SDK}:dynamodb:getItem", "Input": "{}"}}, "ValidationException", "only reads"),
    ({"Target": {"Arn": f"{SDK}:lambda:createCodeSigningConfig", "Input": "{}"}}, "NotImplemented", "createCodeSigningConfig"),
    ({"Target": {"Arn": f"{SDK}:lambda:dance", "Input": "{}"}}, "ValidationException", "dance"),
    ({"Target": {"Arn": f"{SDK}:lambda:invoke"}}, "ValidationException", "Input"),
    ({"Target": {"Arn": f"{SDK}:lambda:invoke", "Input": '{"Function": "f"}'}}, "ValidationException", "'Function'"),
    ({"Target": {"KinesisParameters": {"PartitionKey": "k"}}}, "NotImplemented", "KinesisParameters"),
    ({"Target": {"SqsParameters": {"MessageGroupId": "g"}}}, "ValidationException", "SqsParameters"),
    ({"Target": {"Input": "no JSON"}}, "ValidationException", "JSON"),
    ({"Target": {"Arn": "arn:aws:sqs:eu-west-1:000000000000:q"}}, "NotImplemented", "eu-west-1"),
    ({"Target": {"RoleArn": "arn:aws:iam::000000000000:role/writes"}}, "ValidationException", "must allow AWS EventBridge Scheduler to assume the role."),
    ({"Target": {"RoleArn": "arn:aws:iam::000000000000:role/nobody"}}, "ValidationException", "must allow AWS EventBridge Scheduler to assume the role."),
]


@pytest.mark.parametrize("change, code, text", WRONG, ids=lambda value: str(value)[:60])
def test_what_is_wrong_is_refused(world, change, code, text):
    right = {"Name": "wrong", "ScheduleExpression": "rate(5 days)", "FlexibleTimeWindow": {"Mode": "OFF"}}
    target = {**world.target(), **change.get("Target", {})}
    told = refused(world.scheduler.create_schedule, **{**right, **change, "Target": target})
    assert told[0] == code and text in told[2], told


def test_a_schedule_puts_an_event_on_a_bus(world):
    """API reference, EventBridgeParameters; the input is the event's detail."""
    url, queue = world.queue("events")
    statement = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": queue}
    policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
    world.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    world.events.put_rule(Name="scheduled", EventPattern='{"source": ["schedules"]}')
    world.events.put_targets(Rule="scheduled", Targets=[{"Id": "t", "Arn": queue}])
    bus = {"Arn": "arn:aws:events:us-east-1:000000000000:event-bus/default", "RoleArn": world.role}
    parameters = {"EventBridgeParameters": {"DetailType": "made", "Source": "schedules"}}
    world.make("event", world.at(minutes=1), {**bus, **parameters, "Input": '{"n": 1}'})
    event = json.loads(world.received(url)["Body"])
    assert (event["source"], event["detail-type"], event["detail"]) == ("schedules", "made", {"n": 1})
    for target, text in ((bus, "must have EventBridgeParameters"), ({**world.target(), **parameters}, "for targets that are event buses"), ({**bus, **parameters, "Input": "text"}, "must be JSON")):
        with pytest.raises(ClientError, match=text):
            world.make("wrong", "rate(5 days)", target)


def test_the_trust_policy_may_ask_for_the_group(world):
    """Scheduler User Guide, "Confused deputy prevention": aws:SourceArn is the group's ARN."""
    for name, condition, is_taken in [
        ("of-group", {"ArnEquals": {"aws:SourceArn": f"{GROUP}/default"}, "StringEquals": {"aws:SourceAccount": "000000000000"}}, True),
        ("of-schedule", {"ArnEquals": {"aws:SourceArn": f"{GROUP}/other"}}, False),
        ("of-account", {"StringEquals": {"aws:SourceAccount": "111111111111"}}, False),
    ]:
        arn = world.iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusting(condition))["Role"]["Arn"]
        arguments = {"State": "DISABLED", "target": {**world.target(), "RoleArn": arn}}
        if is_taken:
            world.make(name, "rate(5 days)", **arguments)
        else:
            with pytest.raises(ClientError, match="must allow AWS EventBridge Scheduler to assume the role"):
                world.make(name, "rate(5 days)", **arguments)
