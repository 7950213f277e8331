"""EventBridge: buses, rules and targets that really get the events, by a clock that is faster."""

import json
import time

import boto3
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError
from functions import create

# How much faster the cloud's clock is: AWS's minute is a second.
SCALE = 60
ACCOUNT, OTHER = "000000000000", "111111111111"
ARN = f"arn:aws:events:us-east-1:{ACCOUNT}"
# It writes what it gets into a table, so that it is seen though the cloud is killed.
WRITES = """
import boto3, json, os
def handler(event, context):
    table = boto3.client("dynamodb", endpoint_url=os.environ["AWS_ENDPOINT_URL"])
    table.put_item(TableName="seen", Item={"id": {"S": context.aws_request_id}, "event": {"S": json.dumps(event)}})
"""


def document(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allowing(*actions, resource="*"):
    return document({"Effect": "Allow", "Action": list(actions), "Resource": resource})


TRUST = document({"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"})


class World:
    """A cloud with a faster clock, a table and a function that writes there what it gets."""

    def __init__(self, machine, function_role):
        self.machine = machine
        machine.run("cloud", "start", "--time-scale", SCALE)
        self.connect()
        self.dynamodb.create_table(
            TableName="seen",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )
        writing = function_role(machine, "writes", {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": "*"})
        create(machine, writing, WRITES, name="writes", Timeout=30)
        self.function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:writes"
        may = {"FunctionName": "writes", "Action": "lambda:InvokeFunction", "Principal": "events.amazonaws.com"}
        self.functions.add_permission(StatementId="rules", SourceArn=f"{ARN}:rule/*", **may)

    def connect(self):
        for service in ("events", "dynamodb", "iam", "logs", "sqs"):
            setattr(self, service, self.machine.client(service))
        self.functions = self.machine.client("lambda")

    def queue(self, name, rule="*", **attributes):
        """A queue that rules may send to."""
        arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
        condition = {"ArnLike": {"aws:SourceArn": f"{ARN}:rule/{rule}"}}
        allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}
        policy = document({**allow, "Condition": condition})
        url = self.sqs.create_queue(QueueName=name, Attributes={"Policy": policy, **attributes})["QueueUrl"]
        return url, arn

    def rule(self, name, *targets, bus="default", source=None, **more):
        """A rule for the events of a source, its own name as a rule."""
        more = {"EventPattern": json.dumps({"source": [source or name]}), **more} if "ScheduleExpression" not in more else more
        arn = self.events.put_rule(Name=name, EventBusName=bus, **more)["RuleArn"]
        named = [{"Id": f"t{number}", **target} for number, target in enumerate(targets)]
        if named:
            answer = self.events.put_targets(Rule=name, EventBusName=bus, Targets=named)
            assert answer["FailedEntryCount"] == 0 and answer["FailedEntries"] == []
        return arn

    def put(self, source, detail=None, **more):
        entry = {"Source": source, "DetailType": "made", "Detail": json.dumps(detail or {}), **more}
        answer = self.events.put_events(Entries=[entry])
        assert answer["FailedEntryCount"] == 0, answer
        return answer["Entries"][0]["EventId"]

    def messages(self, url, count=1):
        """The first messages of a queue, as SQS tells them."""
        found = []
        ask = {"QueueUrl": url, "MessageAttributeNames": ["All"], "AttributeNames": ["All"], "WaitTimeSeconds": 1, "MaxNumberOfMessages": 10}

        def receive():
            for message in self.sqs.receive_message(**ask).get("Messages", []):
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                found.append(message)
            return len(found) >= count

        self.until(receive, f"{count} messages")
        return found

    def bodies(self, url, count=1):
        return [json.loads(message["Body"]) for message in self.messages(url, count)]

    def seen(self, of):
        """The events that the function got whose text has this."""
        items = self.dynamodb.scan(TableName="seen", ConsistentRead=True)["Items"]
        return [json.loads(item["event"]["S"]) for item in items if of in item["event"]["S"]]

    def until(self, ask, what):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if found := ask():
                return found
            time.sleep(0.05)
        raise AssertionError(f"{what} did not come to be")

    def role(self, name, *actions):
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
        self.iam.put_role_policy(RoleName=name, PolicyName="calls", PolicyDocument=allowing(*actions))
        return arn


@pytest.fixture(scope="module")
def world(tmp_path_factory, function_role):
    from conftest import Machine

    machine = Machine(tmp_path_factory.mktemp("events"))
    yield World(machine, function_role)
    machine.stop()


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    told = error.value.response
    return told["Error"]["Code"], told["ResponseMetadata"]["HTTPStatusCode"], told["Error"]["Message"]


def test_an_event_reaches_a_function_and_a_queue_as_aws_writes_it(world):
    url, queue = world.queue("both")
    world.rule("both", {"Arn": world.function}, {"Arn": queue})
    put = world.put("both", {"n": 1.0, "text": "é\"<"}, Resources=["arn:aws:s3:::b"], Time=1704067200.9)
    (body,) = world.messages(url)
    text = (
        f'{{"version":"0","id":"{put}","detail-type":"made","source":"both","account":"{ACCOUNT}",'
        '"time":"2024-01-01T00:00:00Z","region":"us-east-1","resources":["arn:aws:s3:::b"],"detail":{"n":1.0,"text":"\\u00e9\\"<"}}'
    )
    assert body["Body"] == text
    assert world.until(lambda: world.seen('"both"'), "the event") == [json.loads(text)]


def test_only_events_that_meet_the_pattern_come(world):
    url, queue = world.queue("meets")
    pattern = {"source": ["meets"], "detail": {"state": ["on", {"prefix": "o"}], "n": [{"numeric": [">", 1]}]}}
    world.rule("meets", {"Arn": queue}, EventPattern=json.dumps(pattern))
    for number, detail in enumerate([{"state": "on", "n": 1}, {"state": "off", "n": 2}, {"n": 2}, {"state": "x", "n": 2}, {"state": "on", "n": 3}]):
        world.put("meets", {**detail, "number": number})
    assert sorted(event["detail"]["number"] for event in world.bodies(url, 2)) == [1, 4]
    event = {"id": "i", "account": ACCOUNT, "source": "meets", "time": "t", "region": "r", "resources": [], "detail-type": "d", "detail": {"state": "on", "n": 2}}
    for state, expected in (("on", True), ("x", False)):
        event["detail"]["state"] = state
        assert world.events.test_event_pattern(EventPattern=json.dumps(pattern), Event=json.dumps(event))["Result"] == expected
    assert refused(world.events.test_event_pattern, EventPattern=json.dumps(pattern), Event="{}")[0] == "ValidationException"


def test_rules_that_are_disabled_or_gone_do_nothing(world):
    url, queue = world.queue("state")
    world.rule("state", {"Arn": queue})
    world.events.disable_rule(Name="state")
    assert world.events.describe_rule(Name="state")["State"] == "DISABLED"
    world.put("state", {"while": "disabled"})
    world.events.enable_rule(Name="state")
    world.put("state", {"while": "enabled"})
    assert world.bodies(url)[0]["detail"] == {"while": "enabled"}
    world.events.remove_targets(Rule="state", Ids=["t0"])
    world.put("state", {"while": "without targets"})
    world.events.delete_rule(Name="state")
    world.put("state", {"while": "gone"})
    # What comes after all of that is the first there is.
    world.rule("state", {"Arn": queue})
    world.put("state", {"while": "again"})
    assert world.bodies(url)[0]["detail"] == {"while": "again"}


def test_targets_are_given_what_they_ask_for(world):
    url, queue = world.queue("inputs")
    transformer = {"InputPathsMap": {"n": "$.detail.n", "list": "$.detail.list"}, "InputTemplate": '{"n": <n>, "text": "<n>", "list": <list>, "rule": <aws.events.rule-name>}'}
    world.rule("inputs", {"Arn": queue, "Input": '{"constant": 1}'}, {"Arn": queue, "InputPath": "$.detail.list"}, {"Arn": queue, "InputTransformer": transformer})
    told = world.events.list_targets_by_rule(Rule="inputs")["Targets"]
    assert [sorted(target) for target in told] == [["Arn", "Id", "Input"], ["Arn", "Id", "InputPath"], ["Arn", "Id", "InputTransformer"]]
    world.put("inputs", {"n": 1, "list": ["a", "b"]})
    bodies = [message["Body"] for message in world.messages(url, 3)]
    assert sorted(bodies) == ['["a","b"]', '{"constant": 1}', '{"n": 1, "text": "1", "list": ["a","b"], "rule": "inputs"}']


def test_a_template_that_makes_no_json_is_given_up(world):
    """Asserted on AWS: test_input_transformer_nested_keys_replacement_not_valid."""
    dead, letters = world.queue("no-json")
    transformer = {"InputPathsMap": {"list": "$.detail.list"}, "InputTemplate": '{"list": "<list>"}'}
    world.rule("no-json", {"Arn": world.function, "InputTransformer": transformer, "DeadLetterConfig": {"Arn": letters}})
    put = world.put("no-json", {"list": ["a"]})
    (letter,) = world.messages(dead)
    assert json.loads(letter["Body"])["id"] == put
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] == "INVALID_PARAMETER"


def test_who_is_not_there_and_who_lets_nobody_in(world):
    """A service principal has no policies of its own. The policy that topics have at first is for their owner's alarms, not for rules."""
    topic = world.machine.client("sns").create_topic(Name="first-policy")["TopicArn"]
    world.sqs.create_queue(QueueName="first-policy")
    url, dead = world.queue("of-nobody")
    arns = [topic, topic.replace("first-policy", "none")]
    arns += [f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}" for name in ("first-policy", "none")]
    world.rule("nobody", *({"Arn": arn, "DeadLetterConfig": {"Arn": dead}} for arn in arns))
    world.put("nobody")
    of = lambda letter: [letter["MessageAttributes"][name]["StringValue"] for name in ("TARGET_ARN", "ERROR_CODE")]  # noqa: E731
    codes = dict(of(letter) for letter in world.messages(url, len(arns)))
    assert [codes[arn] for arn in arns] == ["NO_PERMISSIONS", "NO_RESOURCE", "NO_PERMISSIONS", "NO_RESOURCE"]


def test_a_topic_publishes_the_event(world):
    """Recorded: test_put_events_with_target_sns. The topic's policy lets the rule in."""
    sns = world.machine.client("sns")
    topic = sns.create_topic(Name="told")["TopicArn"]
    url, queue = world.queue("told")
    policy = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": queue}
    world.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": document(policy)})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    arn = world.rule("told", {"Arn": topic})
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sns:Publish", "Resource": topic, "Condition": {"ArnEquals": {"aws:SourceArn": arn}}}
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=document(allow))
    put = world.put("told")
    (message,) = world.bodies(url)
    assert message["TopicArn"] == topic and json.loads(message["Message"])["id"] == put and "MessageAttributes" not in message


def test_a_fifo_queue_has_a_group(world):
    url, queue = world.queue("group.fifo", FifoQueue="true", ContentBasedDeduplication="true")
    world.rule("group", {"Arn": queue, "SqsParameters": {"MessageGroupId": "g"}})
    world.put("group")
    assert world.messages(url)[0]["Attributes"]["MessageGroupId"] == "g"
    code, _, message = refused(world.events.put_targets, Rule="group", Targets=[{"Id": "t", "Arn": queue}])
    assert (code, message) == ("ValidationException", "Parameter(s) SqsParameters must be specified for target: t.")


def test_entries_are_answered_one_by_one(world):
    """Codes and texts as recorded: test_put_events_without_source and its neighbours."""
    whole = {"Source": "entries", "DetailType": "made", "Detail": "{}"}
    without = [{name: value for name, value in whole.items() if name != missing} for missing in whole]
    entries = [whole, *without, {**whole, "Detail": "[1]"}, {**whole, "Source": "aws.s3"}, {**whole, "EventBusName": "nowhere"}]
    answer = world.events.put_events(Entries=entries)
    told = [(entry.get("ErrorCode"), entry.get("ErrorMessage")) for entry in answer["Entries"]]
    missing = [("InvalidArgument", f"Parameter {name} is not valid. Reason: {name} is a required argument.") for name in whole]
    rest = [("MalformedDetail", "Detail is malformed."), ("NotAuthorizedForSourceException", "Not authorized for the source."), (None, None)]
    assert told == [(None, None), *missing, *rest] and answer["FailedEntryCount"] == 5
    large = [{**whole, "Detail": json.dumps({"x": "y" * 700_000})}] * 2
    assert world.events.put_events(Entries=large[:1])["FailedEntryCount"] == 0
    told = refused(world.events.put_events, Entries=large)
    assert told == ("ValidationException", 400, "Total size of the entries in the request is over the limit.")
    assert refused(world.events.put_events, Entries=[whole] * 11)[0] == "ValidationException"


def test_a_rate_and_a_cron_come_by_the_clock(world):
    url, queue = world.queue("clock")
    for name, expression in (("rate", "rate(1 minute)"), ("cron", "cron(* * * * ? *)")):
        arn = world.rule(name, {"Arn": queue}, ScheduleExpression=expression)
        events = world.bodies(url, 2)
        world.events.disable_rule(Name=name)
        assert {event["resources"][0] for event in events} == {arn}
        event = events[0]
        assert (event["source"], event["detail-type"], event["detail"]) == ("aws.events", "Scheduled Event", {})
        world.sqs.purge_queue(QueueUrl=url)
    assert event["time"].endswith(":00Z")
    for expression in ("rate(1 minutes)", "rate(0 hours)", "cron(* * * * *)", "at(2030-01-01T00:00:00)"):
        told = refused(world.events.put_rule, Name="wrong", ScheduleExpression=expression)
        assert told == ("ValidationException", 400, "Parameter ScheduleExpression is not valid."), expression
    world.events.create_event_bus(Name="timeless")
    assert refused(world.events.put_rule, Name="wrong", EventBusName="timeless", ScheduleExpression="rate(1 minute)")[0] == "ValidationException"
    # An empty one is none.
    rule = {"Name": "patterned", "EventBusName": "timeless"}
    world.events.put_rule(**rule, EventPattern='{"source": ["a"]}', ScheduleExpression="")
    assert "ScheduleExpression" not in world.events.describe_rule(**rule)


def test_a_refused_delivery_goes_to_the_dead_letter_queue_at_once(world):
    """Attributes: User Guide, "Using dead-letter queues to process undelivered events"."""
    dead, letters = world.queue("letters")
    url, queue = world.queue("forbidden", rule="another")
    missing = f"arn:aws:sqs:us-east-1:{ACCOUNT}:missing"
    role = {"RoleArn": world.role("sends", "sqs:SendMessage")}
    for name, target, more, code in (("forbidden", queue, {}, "NO_PERMISSIONS"), ("missing", missing, role, "NO_RESOURCE")):
        arn = world.rule(name, {"Arn": target, "Input": '"changed"', "DeadLetterConfig": {"Arn": letters}, **more})
        put = world.put(name)
        (letter,) = world.messages(dead)
        attributes = {key: value["StringValue"] for key, value in letter["MessageAttributes"].items()}
        assert attributes.pop("ERROR_MESSAGE")
        assert attributes == {"RULE_ARN": arn, "TARGET_ARN": target, "ERROR_CODE": code, "RETRY_ATTEMPTS": "0"}
        assert json.loads(letter["Body"])["id"] == put
        world.until(lambda: world.machine.delivered(arn) == [(target, "given-up"), (letters, "delivered")], "what is told of it")


def test_retry_policies_are_told_as_they_were_put(world):
    dead, letters = world.queue("exhausted")
    url, queue = world.queue("retried")
    policy = {"MaximumRetryAttempts": 2, "MaximumEventAgeInSeconds": 60}
    world.rule("retried", {"Arn": queue, "RetryPolicy": policy, "DeadLetterConfig": {"Arn": letters}})
    (told,) = world.events.list_targets_by_rule(Rule="retried")["Targets"]
    assert told["RetryPolicy"] == policy and told["DeadLetterConfig"] == {"Arn": letters}


def test_a_bus_hands_events_to_another_bus_and_no_further(world):
    """Recorded: test_put_events_bus_to_bus. User Guide, "Sending and receiving events between event buses": to no third bus."""
    url, queue = world.queue("handed")
    for name in ("one.bus", "two", "three"):
        world.events.create_event_bus(Name=name)
    role = world.role("hands", "events:PutEvents")
    world.rule("handed", {"Arn": f"{ARN}:event-bus/two", "RoleArn": role}, bus="one.bus")
    world.rule("handed", {"Arn": queue}, {"Arn": f"{ARN}:event-bus/three", "RoleArn": role}, bus="two")
    world.rule("handed", {"Arn": queue, "Input": '{"id": "third"}'}, bus="three")
    put = world.put("handed", EventBusName="one.bus")
    assert [body["id"] for body in world.bodies(url)] == [put]
    again = world.put("handed", EventBusName=f"{ARN}:event-bus/two")
    assert sorted(body["id"] for body in world.bodies(url, 2)) == sorted([again, "third"])


def test_a_bus_of_another_account_and_region_gets_events_that_its_policy_lets_in(world):
    there = world.machine.client("events", region_name="eu-west-1")
    there.create_event_bus(Name="abroad")
    arn = f"arn:aws:events:eu-west-1:{ACCOUNT}:event-bus/abroad"
    queue = world.machine.client("sqs", region_name="eu-west-1")
    queue_arn = f"arn:aws:sqs:eu-west-1:{ACCOUNT}:abroad"
    allow = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": queue_arn}
    url = queue.create_queue(QueueName="abroad", Attributes={"Policy": document(allow)})["QueueUrl"]
    there.put_rule(Name="abroad", EventBusName="abroad", EventPattern='{"source":["abroad"]}')
    there.put_targets(Rule="abroad", EventBusName="abroad", Targets=[{"Id": "t", "Arn": queue_arn}])
    world.events.put_rule(Name="abroad", EventPattern='{"source":["abroad"]}')
    target = {"Id": "t", "Arn": arn}
    assert refused(world.events.put_targets, Rule="abroad", Targets=[target]) == ("ValidationException", 400, f"RoleArn is required for target {arn}.")
    world.events.put_targets(Rule="abroad", Targets=[{**target, "RoleArn": world.role("abroad", "events:PutEvents")}])
    put = world.put("abroad")
    event = world.until(lambda: queue.receive_message(QueueUrl=url, WaitTimeSeconds=1).get("Messages"), "the event")
    event = json.loads(event[0]["Body"])
    assert event["region"] == "us-east-1" and event["id"] != put


def test_policies_of_buses_let_in_whom_they_name(world):
    """Recorded: test_put_permission, test_remove_permission."""
    world.events.create_event_bus(Name="shared", Description="for all", Tags=[{"Key": "a", "Value": "b"}])
    bus = f"{ARN}:event-bus/shared"
    world.events.put_permission(EventBusName="shared", Action="events:PutEvents", Principal=OTHER, StatementId="one")
    world.events.put_permission(EventBusName="shared", Action="events:PutEvents", Principal="*", StatementId="two")
    statement = {"Effect": "Allow", "Action": "events:PutEvents", "Resource": bus}
    one = {"Sid": "one", **statement, "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}
    policy = lambda: json.loads(world.events.describe_event_bus(Name="shared").get("Policy", "null"))  # noqa: E731
    assert policy() == {"Version": "2012-10-17", "Statement": [one, {"Sid": "two", **statement, "Principal": "*"}]}
    world.events.remove_permission(EventBusName="shared", StatementId="two")
    assert policy()["Statement"] == [one]
    told = refused(world.events.remove_permission, EventBusName="shared", StatementId="two")
    assert told == ("ResourceNotFoundException", 400, "Statement with the provided id does not exist.")
    world.events.put_permission(EventBusName="shared", Policy=document(one))
    assert policy()["Statement"] == [one]
    world.events.remove_permission(EventBusName="shared", RemoveAllPermissions=True)
    assert policy() is None
    assert refused(world.events.put_permission, EventBusName="shared", Policy="{}")[0] == "ValidationException"


def test_buses_rules_and_tags_are_told_as_recorded(world):
    names = [f"listed-{number}" for number in range(3)]
    arns = [world.events.create_event_bus(Name=name)["EventBusArn"] for name in names]
    assert refused(world.events.create_event_bus, Name=names[0]) == ("ResourceAlreadyExistsException", 400, f"Event bus {names[0]} already exists.")
    page = world.events.list_event_buses(NamePrefix="listed", Limit=2)
    rest = world.events.list_event_buses(NamePrefix="listed", Limit=2, NextToken=page["NextToken"])
    assert [bus["Arn"] for bus in page["EventBuses"] + rest["EventBuses"]] == arns and "NextToken" not in rest
    assert world.events.update_event_bus(Name=names[0], Description="changed")["Description"] == "changed"
    assert world.events.describe_event_bus(Name=arns[0])["Description"] == "changed"
    rule = world.rule("listed", bus=names[0], Tags=[{"Key": "a", "Value": "b"}], Description="d")
    assert rule == f"{ARN}:rule/{names[0]}/listed"
    told = world.events.describe_rule(Name="listed", EventBusName=names[0])
    del told["ResponseMetadata"]
    pattern = '{"source": ["listed"]}'
    assert told == {"Arn": rule, "CreatedBy": ACCOUNT, "Description": "d", "EventBusName": names[0], "EventPattern": pattern, "Name": "listed", "State": "ENABLED"}
    world.events.tag_resource(ResourceARN=rule, Tags=[{"Key": "c", "Value": "d"}])
    world.events.untag_resource(ResourceARN=rule, TagKeys=["a"])
    assert world.events.list_tags_for_resource(ResourceARN=rule)["Tags"] == [{"Key": "c", "Value": "d"}]
    world.events.put_targets(Rule="listed", EventBusName=names[0], Targets=[{"Id": "t", "Arn": world.function}])
    of = {"EventBusName": names[0], "TargetArn": world.function}
    assert world.events.list_rule_names_by_target(**of)["RuleNames"] == ["listed"]
    assert refused(world.events.delete_rule, Name="listed", EventBusName=names[0])[2] == "Rule can't be deleted since it has targets."
    answer = world.events.remove_targets(Rule="listed", EventBusName=names[0], Ids=["t", "none"])
    assert answer["FailedEntryCount"] == 1 and answer["FailedEntries"][0]["TargetId"] == "none"
    assert refused(world.events.delete_event_bus, Name=names[0])[0] == "ValidationException"
    world.events.delete_rule(Name="listed", EventBusName=names[0])
    assert world.events.list_rules(EventBusName=names[0])["Rules"] == []
    world.events.delete_event_bus(Name=names[0])
    assert refused(world.events.describe_event_bus, Name=names[0]) == ("ResourceNotFoundException", 400, f"Event bus {names[0]} does not exist.")
    assert refused(world.events.delete_event_bus, Name="default")[2] == "Cannot delete event bus default."
    assert refused(world.events.describe_rule, Name="none")[2] == "Rule none does not exist on EventBus default."


WRONG = [
    ({"Arn": "arn:aws:kinesis:us-east-1:000000000000:stream/s"}, "NotImplemented", "arn:aws:kinesis"),
    ({"Arn": "arn:aws:states:us-east-1:000000000000:stateMachine:s"}, "NotImplemented", "stateMachine:s"),
    ({"Arn": "queue"}, "ValidationException", "queue"),
    ({"Input": "no JSON"}, "ValidationException", "JSON syntax error in input for target t"),
    ({"InputPath": "detail"}, "ValidationException", "Invalid JSONPath detail"),
    ({"Input": "{}", "InputPath": "$.detail"}, "ValidationException", "Only one of Input, InputPath, or InputTransformer must be provided for target t."),
    ({"InputTransformer": {"InputTemplate": '"<x>"'}}, "ValidationException", "InputTemplate for target t contains invalid placeholder x."),
    ({"KinesisParameters": {"PartitionKeyPath": "$.id"}}, "NotImplemented", "KinesisParameters"),
    ({"SqsParameters": {"MessageGroupId": "g"}, "Arn": "arn:aws:lambda:us-east-1:000000000000:function:f"}, "ValidationException", "SqsParameters"),
    ({"Arn": f"{ARN}:event-bus/other", "InputPath": "$.detail"}, "ValidationException", "not for event buses"),
    ({"DeadLetterConfig": {"Arn": "arn:aws:sqs:eu-west-1:000000000000:q"}}, "ValidationException", "DeadLetterConfig"),
]


@pytest.mark.parametrize("change, code, text", WRONG, ids=lambda value: str(value)[:60])
def test_targets_that_cannot_be_are_refused(world, change, code, text):
    world.rule("wrong")
    target = {"Id": "t", "Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:q", **change}
    told = refused(world.events.put_targets, Rule="wrong", Targets=[target])
    assert told[0] == code and text in told[2], told
    assert world.events.list_targets_by_rule(Rule="wrong")["Targets"] == []


def test_what_aws_has_beside_is_refused_by_name(world):
    for call, arguments, named in (
        (world.events.create_endpoint, {"Name": "e", "RoutingConfig": {"FailoverConfig": {"Primary": {"HealthCheck": "arn:aws:route53:::healthcheck/a"}, "Secondary": {"Route": "eu-west-1"}}}, "EventBuses": [{"EventBusArn": f"{ARN}:event-bus/a"}] * 2}, "CreateEndpoint"),
        (world.events.list_event_sources, {}, "ListEventSources"),
        (world.events.create_event_bus, {"Name": "b", "KmsKeyIdentifier": "alias/k"}, "KmsKeyIdentifier"),
        (world.events.create_event_bus, {"Name": "aws.partner/a/b", "EventSourceName": "aws.partner/a/b"}, "EventSourceName"),
        (world.events.put_rule, {"Name": "r", "EventPattern": '{"source": ["r"]}', "State": "ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS"}, "ENABLED_WITH_ALL_CLOUDTRAIL"),
    ):
        code, status, message = refused(call, **arguments)
        assert (code, status) == ("NotImplemented", 501) and named in message, message


def test_a_global_endpoint_is_refused_by_its_name(world):
    """Sent by hand: boto3 signs for it with a library that it does not bring."""
    variables = world.machine.client_environment()
    body = json.dumps({"Entries": [{"Source": "s", "DetailType": "d", "Detail": "{}"}], "EndpointId": "abcde.veo"})
    headers = {"X-Amz-Target": "AWSEvents.PutEvents", "Content-Type": "application/x-amz-json-1.1"}
    request = AWSRequest("POST", variables["AWS_ENDPOINT_URL"] + "/", data=body, headers=headers)
    SigV4Auth(Credentials(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"]), "events", "us-east-1").add_auth(request)
    answer = requests.post(request.url, data=body, headers=dict(request.headers), timeout=60)
    assert answer.status_code == 501 and "EndpointId" in answer.text, answer.text


def test_what_was_accepted_survives_a_kill(world):
    """The rule's queue is told of nothing until its policy lets it in; deliveries that wait are rows."""
    world.rule("killed", {"Arn": world.function})
    put = [world.put("killed", {"number": number}) for number in range(30)]
    world.machine.kill()
    world.machine.run("cloud", "start", "--time-scale", SCALE)
    world.connect()
    world.until(lambda: {event["id"] for event in world.seen('"killed"')} >= set(put), "all events")


def test_log_groups_keep_events_where_a_policy_lets_them_in(world):
    """Recorded: test_put_events_with_target_cloudwatch_logs. EventBridge makes a stream for an event, as CloudWatch Logs' policy lets it."""
    groups = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group"
    for name in ("/aws/events/all", "/aws/events/some", "closed"):
        world.logs.create_log_group(logGroupName=name)
    trust = {"Effect": "Allow", "Principal": {"Service": ["events.amazonaws.com", "delivery.logs.amazonaws.com"]}, "Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": f"{groups}:/aws/events/*:*"}
    world.logs.put_resource_policy(policyName="rules", policyDocument=document(trust))
    failed, dead = world.queue("of-logs")
    template = {"InputPathsMap": {"t": "$.time", "n": "$.detail.number"}, "InputTemplate": '{"timestamp": <t>, "message": "number <n>"}'}
    world.rule(
        "logs",
        {"Arn": f"{groups}:/aws/events/all:*"},
        {"Arn": f"{groups}:/aws/events/some", "InputTransformer": template},
        {"Arn": f"{groups}:closed", "DeadLetterConfig": {"Arn": dead}},
        {"Arn": f"{groups}:/aws/events/none", "DeadLetterConfig": {"Arn": dead}},
    )
    moment = int(time.time()) - 60
    put = world.put("logs", {"number": 1}, Time=moment)
    read = lambda group: world.logs.filter_log_events(logGroupName=group)["events"]  # noqa: E731
    [event] = world.until(lambda: read("/aws/events/all"), "the event")
    assert json.loads(event["message"])["id"] == put == event["logStreamName"]
    [made] = world.until(lambda: read("/aws/events/some"), "the message")
    assert (made["message"], made["timestamp"]) == ("number 1", moment * 1000)
    letters = world.messages(failed, 2)
    codes = {letter["MessageAttributes"]["TARGET_ARN"]["StringValue"].rpartition(":")[2]: letter["MessageAttributes"]["ERROR_CODE"]["StringValue"] for letter in letters}
    assert codes == {"closed": "NO_PERMISSIONS", "/aws/events/none": "NO_RESOURCE"}
    assert read("closed") == []
    # A group's own policy lets it in, too.
    own = {**trust, "Resource": f"{groups}:closed:*"}
    world.logs.put_resource_policy(resourceArn=f"{groups}:closed", policyDocument=document(own))
    world.put("logs", {"number": 2})
    world.until(lambda: read("closed"), "the event")
    for wrong in ({"Input": '"x"'}, {"InputPath": "$.detail"}, {"InputTransformer": {"InputTemplate": '"x"'}}):
        target = {"Id": "wrong", "Arn": f"{groups}:closed", **wrong}
        assert refused(world.events.put_targets, Rule="logs", Targets=[target])[0] == "ValidationException"


def test_an_untrusted_caller_needs_permission_for_each_bus(world):
    user = world.iam.create_user(UserName="puts")["User"]
    key = world.iam.create_access_key(UserName="puts")["AccessKey"]
    client = boto3.client(
        "events",
        endpoint_url=f"http://127.0.0.1:{world.machine.port}",
        region_name="us-east-1",
        aws_access_key_id=key["AccessKeyId"],
        aws_secret_access_key=key["SecretAccessKey"],
    )
    entry = {"Source": "puts", "DetailType": "made", "Detail": "{}"}
    assert refused(client.put_events, Entries=[entry])[0] == "AccessDeniedException"
    world.iam.put_user_policy(UserName="puts", PolicyName="p", PolicyDocument=allowing("events:PutEvents", resource=f"{ARN}:event-bus/default"))
    assert client.put_events(Entries=[entry])["FailedEntryCount"] == 0
    world.events.create_event_bus(Name="private")
    assert refused(client.put_events, Entries=[entry, {**entry, "EventBusName": "private"}])[0] == "AccessDeniedException"
    world.events.put_permission(EventBusName="private", Policy=document({"Effect": "Allow", "Principal": {"AWS": user["Arn"]}, "Action": "events:PutEvents", "Resource": f"{ARN}:event-bus/private"}))
    assert client.put_events(Entries=[entry, {**entry, "EventBusName": "private"}])["FailedEntryCount"] == 0


def test_an_archive_keeps_events_and_a_replay_brings_them_again(world):
    """Recorded: test_start_list_describe_canceled_replay. What is replayed tells of its replay and is not archived again."""
    world.events.create_event_bus(Name="kept")
    bus = f"{ARN}:event-bus/kept"
    pattern = json.dumps({"source": ["kept"], "detail": {"keep": [True]}})
    archive = world.events.create_archive(ArchiveName="kept", EventSourceArn=bus, EventPattern=pattern, RetentionDays=1)
    assert archive["State"] == "ENABLED" and archive["ArchiveArn"] == f"{ARN}:archive/kept"
    put = [world.put("kept", {"keep": number != 1, "number": number}, EventBusName="kept", Time=1704067200 + number) for number in range(4)]
    told = world.events.describe_archive(ArchiveName="kept")
    assert (told["EventCount"], told["RetentionDays"], told["EventSourceArn"]) == (3, 1, bus) and told["SizeBytes"] > 0
    url, queue = world.queue("replayed")
    wanted = world.rule("wanted", {"Arn": queue}, bus="kept", source="kept")
    world.rule("unwanted", {"Arn": queue, "Input": '"unwanted"'}, bus="kept", source="kept")
    start = {"EventSourceArn": archive["ArchiveArn"], "EventStartTime": 1704067200, "EventEndTime": 1704067203}
    answer = world.events.start_replay(ReplayName="again", Destination={"Arn": bus, "FilterArns": [wanted]}, **start)
    assert answer["State"] == "STARTING"
    world.until(lambda: world.events.describe_replay(ReplayName="again")["State"] == "COMPLETED", "the replay")
    # The end is not part of it.
    bodies = world.bodies(url, 2)
    assert sorted(body["detail"]["number"] for body in bodies) == [0, 2]
    assert {body["replay-name"] for body in bodies} == {"again"} and {body["id"] for body in bodies} == {put[0], put[2]}
    assert list(bodies[0]).index("replay-name") == list(bodies[0]).index("region") + 1
    assert world.events.describe_archive(ArchiveName="kept")["EventCount"] == 3
    told = world.events.describe_replay(ReplayName="again")
    assert told["EventLastReplayedTime"].timestamp() == 1704067202 and told["Destination"] == {"Arn": bus, "FilterArns": [wanted]}
    assert [replay["ReplayName"] for replay in world.events.list_replays(NamePrefix="ag", State="COMPLETED")["Replays"]] == ["again"]
    assert world.events.update_archive(ArchiveName="kept", Description="changed")["State"] == "ENABLED"
    assert world.events.list_archives(EventSourceArn=bus)["Archives"][0]["EventCount"] == 3
    refusals = [
        (world.events.start_replay, {"ReplayName": "again", "Destination": {"Arn": bus}, **start}, "Replay again already exists."),
        (world.events.start_replay, {"ReplayName": "b", "Destination": {"Arn": f"{ARN}:event-bus/default"}, **start}, "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted."),
        (world.events.start_replay, {"ReplayName": "b", "Destination": {"Arn": bus}, **start, "EventEndTime": 1704067200}, "Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime."),
        (world.events.start_replay, {"ReplayName": "b", "Destination": {"Arn": bus}, **start, "EventSourceArn": f"{ARN}:archive/none"}, "Parameter EventSourceArn is not valid. Reason: Archive none does not exist."),
        (world.events.create_archive, {"ArchiveName": "kept", "EventSourceArn": bus}, "Archive kept already exists."),
        (world.events.update_archive, {"ArchiveName": "kept"}, "At least one of EventPattern, RetentionDays or Description must be provided."),
    ]
    for call, arguments, message in refusals:
        assert refused(call, **arguments)[1:] == (400, message)
    assert refused(world.events.cancel_replay, ReplayName="again")[0] == "IllegalStatusException"
    world.events.delete_archive(ArchiveName="kept")
    assert refused(world.events.describe_archive, ArchiveName="kept")[2] == "Archive kept does not exist."


def test_a_replay_that_is_cancelled_brings_nothing_more_and_goes_on_after_a_kill(world):
    world.events.create_archive(ArchiveName="cut", EventSourceArn=f"{ARN}:event-bus/default", EventPattern='{"source": ["cut"]}')
    put = [world.put("cut", {"number": number}, Time=1704067200) for number in range(5)]
    world.rule("cut", {"Arn": world.function})
    start = {"EventSourceArn": f"{ARN}:archive/cut", "EventStartTime": 1704067200, "EventEndTime": 1704067201}
    of = {"Destination": {"Arn": f"{ARN}:event-bus/default"}, **start}
    world.events.start_replay(ReplayName="cancelled", **of)
    try:
        assert world.events.cancel_replay(ReplayName="cancelled")["State"] == "CANCELLING"
    except ClientError as error:
        # It was quicker: two seconds of this clock are not long.
        assert error.response["Error"]["Code"] == "IllegalStatusException"
    world.events.start_replay(ReplayName="killed", **of)
    world.machine.kill()
    world.machine.run("cloud", "start", "--time-scale", SCALE)
    world.connect()
    world.until(lambda: world.events.describe_replay(ReplayName="killed")["State"] == "COMPLETED", "the replay")
    seen = lambda: {event["id"] for event in world.seen('"killed"') if event.get("replay-name") == "killed"}  # noqa: E731
    world.until(lambda: seen() == set(put), "all events")


def test_a_template_makes_rules_that_deliver(world):
    """The usual template: a rule, and a queue's policy that lets it in. `Ref` of a rule on another bus has that before it."""
    template = {
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue"},
            "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "of-stack"}},
            "Policy": {
                "Type": "AWS::SQS::QueuePolicy",
                "Properties": {
                    "Queues": [{"Ref": "Queue"}],
                    "PolicyDocument": {"Statement": {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Queue", "Arn"]}, "Condition": {"ArnEquals": {"aws:SourceArn": {"Fn::GetAtt": ["Rule", "Arn"]}}}}},
                },
            },
            "Rule": {
                "Type": "AWS::Events::Rule",
                "Properties": {"EventBusName": {"Ref": "Bus"}, "EventPattern": {"source": ["stack"]}, "Targets": [{"Id": "q", "Arn": {"Fn::GetAtt": ["Queue", "Arn"]}}]},
            },
        },
        "Outputs": {"Rule": {"Value": {"Ref": "Rule"}}, "Queue": {"Value": {"Ref": "Queue"}}},
    }
    cloudformation = world.machine.client("cloudformation")
    cloudformation.create_stack(StackName="rules", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="rules", WaiterConfig={"Delay": 1})
    outputs = {output["OutputKey"]: output["OutputValue"] for output in cloudformation.describe_stacks(StackName="rules")["Stacks"][0]["Outputs"]}
    assert outputs["Rule"].startswith("of-stack|rules-Rule-")
    put = world.put("stack", EventBusName="of-stack")
    assert world.bodies(outputs["Queue"])[0]["id"] == put
    cloudformation.delete_stack(StackName="rules")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="rules", WaiterConfig={"Delay": 1})
    assert refused(world.events.describe_event_bus, Name="of-stack")[0] == "ResourceNotFoundException"
