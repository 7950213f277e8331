"""What event sources may: nothing that is not needed. Each statement, and each action of one, is taken away, and then nothing arrives."""

import contextlib
import json

import pytest
from botocore.exceptions import ClientError
from sources import SEEN, fast, on, until  # noqa: F401
from test_on import QUEUE, SCHEDULE, TABLE, TASKS

ROLE = "FunctionExecutionRole"


class Policy:
    """A policy of a deployed role."""

    def __init__(self, on, role, policy):
        self.iam, self.name, self.policy = on.machine.client("iam"), on.physical()[role], policy
        self.document = self.iam.get_role_policy(RoleName=self.name, PolicyName=policy)["PolicyDocument"]
        statements = self.document["Statement"]
        self.actions = sorted(action for statement in statements for action in statement["Action"])

    @contextlib.contextmanager
    def without(self, *actions):
        fewer = [{**one, "Action": [kept for kept in one["Action"] if kept not in actions]} for one in self.document["Statement"]]
        self.put([one for one in fewer if one["Action"]])
        yield
        self.put(self.document["Statement"])

    def put(self, statements):
        if not statements:
            self.iam.delete_role_policy(RoleName=self.name, PolicyName=self.policy)
            return
        document = json.dumps({**self.document, "Statement": statements})
        self.iam.put_role_policy(RoleName=self.name, PolicyName=self.policy, PolicyDocument=document)


def policies(on, role):
    return on.machine.client("iam").list_role_policies(RoleName=on.physical()[role])["PolicyNames"]


# What Lambda reads for the function, as its role.


def given_up_to(kind, arn):
    """Records that are given up go to what somebody else has: the role must be let."""
    return TABLE.replace("queue lost", f"!{arn}") + f"resources: {{Attic: {{Type: {kind}}}}}\n"


STREAM = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]
# By event source: slam.yaml, the function, and each action without which nothing is read.
READ = {
    "queue": (QUEUE, "WorkerFunction", ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]),
    "table": (TABLE, "Function", STREAM),
    "table, with a queue": (given_up_to("AWS::SQS::Queue", "GetAtt Attic.Arn"), "Function", [*STREAM, "sqs:SendMessage"]),
    "table, with a topic": (given_up_to("AWS::SNS::Topic", "Ref Attic"), "Function", [*STREAM, "sns:Publish"]),
    "table, with a bucket": (given_up_to("AWS::S3::Bucket", "GetAtt Attic.Arn"), "Function", [*STREAM, "s3:ListBucket", "s3:PutObject"]),
}


@pytest.mark.parametrize("source", READ)
def test_a_role_may_read_what_its_function_gets(on, source):
    text, function, actions = READ[source]
    on.deploy(text)
    assert policies(on, ROLE) == ["EventSources", "Logs", "Queues", "Tables"]
    policy = Policy(on, ROLE, "EventSources")
    assert policy.actions == actions
    assert_each_is_missed(on, policy, actions, function)


def assert_each_is_missed(on, policy, actions, function="Function"):
    """Without any one the mapping cannot be made."""
    client = on.machine.client("lambda")
    name = on.physical()[function]
    (mapping,) = [one for one in client.list_event_source_mappings()["EventSourceMappings"] if f":{name}:" in one["FunctionArn"]]
    client.delete_event_source_mapping(UUID=mapping["UUID"])
    until(lambda: mapping["UUID"] not in [one["UUID"] for one in client.list_event_source_mappings()["EventSourceMappings"]])
    again = {"EventSourceArn": mapping["EventSourceArn"], "FunctionName": mapping["FunctionArn"]}
    if "dynamodb" in mapping["EventSourceArn"]:
        again.update(StartingPosition="LATEST", DestinationConfig={"OnFailure": mapping["DestinationConfig"]["OnFailure"]})
    for action in actions:
        with policy.without(action), pytest.raises(ClientError) as error:
            client.create_event_source_mapping(**again)
        assert error.value.response["Error"]["Code"] == "InvalidParameterValueException", action
    # And with all of them it can.
    client.delete_event_source_mapping(UUID=client.create_event_source_mapping(**again)["UUID"])


def test_a_role_may_what_tasks_by_a_queue_need(on):
    on.deploy(TASKS.replace("functions: {look: {app: \"jobs:look\"}}", "functions: {look: {app: \"jobs:look\", permissions: []}}"))
    assert policies(on, ROLE) == ["Logs", "Tables", "Tasks"]
    policy = Policy(on, ROLE, "Tasks")
    reading = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"]
    assert policy.actions == sorted(["dynamodb:GetItem", "dynamodb:PutItem", "sqs:SendMessage", *reading])
    job = on.call("Function", text="ab")
    until(lambda: on.call("LookFunction", job=job) == ["done", "abab", None])
    # What sends a task notes that it waits.
    for action in ["dynamodb:PutItem", "sqs:SendMessage"]:
        with policy.without(action):
            assert action in on.call("Function", text="ab")["errorMessage"]
    look = Policy(on, "LookFunctionExecutionRole", "Tasks")
    with look.without("dynamodb:GetItem"):
        assert "dynamodb:GetItem" in on.call("LookFunction", job=job)["errorMessage"]
    assert_each_is_missed(on, policy, reading)


# What calls the function, as itself or as a role of its own.


def lost(on):
    """How many dead letters no queue took."""
    return (on.machine.home / "cloud.log").read_text().count("a dead letter is not taken")


def test_a_role_may_call_what_a_schedule_calls(on):
    on.deploy(SCHEDULE)
    assert policies(on, "DevSchedulesRole") == ["Schedules"]
    policy = Policy(on, "DevSchedulesRole", "Schedules")
    assert policy.actions == ["lambda:InvokeFunction", "sqs:SendMessage"]
    before = lost(on)
    with policy.without("lambda:InvokeFunction", "sqs:SendMessage"):
        until(lambda: lost(on) > before)
    assert on.received("dev-lost") == []
    with policy.without("lambda:InvokeFunction"):
        (letter, *_) = until(lambda: on.received("dev-lost"))
    assert letter["MessageAttributes"]["ERROR_CODE"]["StringValue"].startswith("AccessDenied")


HEAD = f"""
app: jobs:send
tables:
{SEEN}queues:
  lost: {{}}
  mail: {{}}
"""
TOPIC = f"""{HEAD}  copies: {{on: {{topic: changes, raw: true, failures: queue lost}}}}
topics: {{changes: {{}}}}
functions: {{reader: {{app: "jobs:tick", environment: {{WHO: reader}}, on: {{topic: changes, failures: queue lost}}}}}}
"""
EVENT = f"""{HEAD}
functions: {{reader: {{app: "jobs:tick", environment: {{WHO: reader}}, on: {{event: {{source: [shop]}}, failures: queue lost}}}}}}
"""
BUCKET = f"""{HEAD}
buckets: {{uploads: {{}}}}
functions: {{reader: {{app: "jobs:tick", environment: {{WHO: reader}}, on: {{bucket: uploads}}}}}}
"""


class Alias:
    """What may call the stage's function."""

    def __init__(self, on):
        self.client, self.of = on.machine.client("lambda"), {"FunctionName": on.physical()["ReaderFunction"], "Qualifier": "dev"}
        (self.statement,) = json.loads(self.client.get_policy(**self.of)["Policy"])["Statement"]

    def forbid(self):
        self.client.remove_permission(**self.of, StatementId=self.statement["Sid"])


def allowed(on, queue):
    """The statements of a queue's policy, without what all of them have."""
    sqs, url = on.queue(queue)
    statements = json.loads(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"])["Statement"]
    assert all(one["Effect"] == "Allow" and one["Action"] == "sqs:SendMessage" for one in statements)
    return [(one["Principal"]["Service"], one["Condition"]["ArnEquals"]["aws:SourceArn"]) for one in statements]


def forbid(on, queue):
    sqs, url = on.queue(queue)
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


def take(on, queue):
    """The next message of a queue, which is then gone."""
    sqs, url = on.queue(queue)
    (message, *_) = until(lambda: on.received(queue))
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return message


def test_a_topic_may_call_and_send_to_its_subscribers_alone(on):
    on.deploy(TOPIC)
    topic = on.physical()["DevChangesTopic"]
    sns = on.machine.client("sns")
    publish = lambda text: sns.publish(TopicArn=topic, Message=text)  # noqa: E731
    alias = Alias(on)
    assert alias.statement["Principal"] == {"Service": "sns.amazonaws.com"} and alias.statement["Action"] == "lambda:InvokeFunction"
    assert alias.statement["Condition"] == {"ArnLike": {"AWS:SourceArn": topic}}
    assert allowed(on, "dev-copies") == allowed(on, "dev-lost") == [("sns.amazonaws.com", topic)]
    publish("both")
    assert take(on, "dev-copies")["Body"] == "both"
    until(lambda: len(on.events("reader")) == 1)
    alias.forbid()
    publish("not the function")
    assert take(on, "dev-copies")["Body"] == "not the function"
    # What the function would have got.
    assert json.loads(take(on, "dev-lost")["Body"])["Records"][0]["Sns"]["Message"] == "not the function"
    forbid(on, "dev-copies")
    publish("nobody")
    # What the function would have got, and the message as it is.
    letters = {take(on, "dev-lost")["Body"][:1] for _ in range(2)}
    assert letters == {"{", "n"}
    assert on.received("dev-copies") == []
    before = lost(on)
    forbid(on, "dev-lost")
    publish("gone")
    until(lambda: lost(on) == before + 2)
    assert on.received("dev-lost") == on.received("dev-copies") == [] and len(on.events("reader")) == 1


def test_a_rule_may_call_its_function_and_send_what_it_lost(on):
    on.deploy(EVENT)
    events = on.machine.client("events")
    rule = events.describe_rule(Name=on.physical()["DevReaderEvent"])["Arn"]
    put = lambda kind: events.put_events(Entries=[{"Source": "shop", "DetailType": kind, "Detail": "{}"}])  # noqa: E731
    alias = Alias(on)
    assert alias.statement["Principal"] == {"Service": "events.amazonaws.com"} and alias.statement["Action"] == "lambda:InvokeFunction"
    assert alias.statement["Condition"] == {"ArnLike": {"AWS:SourceArn": rule}}
    assert allowed(on, "dev-lost") == [("events.amazonaws.com", rule)]
    put("first")
    until(lambda: [event["detail-type"] for event in on.events("reader")] == ["first"])
    alias.forbid()
    put("second")
    assert json.loads(take(on, "dev-lost")["Body"])["detail-type"] == "second"
    before = lost(on)
    forbid(on, "dev-lost")
    put("third")
    until(lambda: lost(on) == before + 1)
    assert on.received("dev-lost") == [] and len(on.events("reader")) == 1


def test_a_bucket_may_call_its_function(on):
    on.deploy(BUCKET)
    bucket = on.physical()["DevUploadsBucket"]
    s3 = on.machine.client("s3")
    alias = Alias(on)
    assert alias.statement["Principal"] == {"Service": "s3.amazonaws.com"} and alias.statement["Action"] == "lambda:InvokeFunction"
    account = {"AWS:SourceAccount": "000000000000"}
    assert alias.statement["Condition"] == {"StringEquals": account, "ArnLike": {"AWS:SourceArn": f"arn:aws:s3:::{bucket}"}}
    s3.put_object(Bucket=bucket, Key="first", Body=b"")
    until(lambda: len(on.events("reader")) == 1)
    alias.forbid()
    s3.put_object(Bucket=bucket, Key="second", Body=b"")
    told = lambda: json.loads(on.machine.run("events", "tail", "--no-follow", "--json", cwd=on.folder).stdout.splitlines()[-1])  # noqa: E731
    until(lambda: told()["outcome"] == "given-up")
    assert told()["source"] == f"arn:aws:s3:::{bucket}" and len(on.events("reader")) == 1
    # It could not have been deployed so.
    configured = s3.get_bucket_notification_configuration(Bucket=bucket)
    configured.pop("ResponseMetadata")
    with pytest.raises(ClientError) as error:
        s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configured)
    assert "Unable to validate the following destination configurations" in str(error.value)
