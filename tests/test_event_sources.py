"""Event source mappings with boto3 and real functions: what a queue or a stream has reaches its function as on AWS.

Functions print the events that they get, and the tests read their logs. Time passes faster in this cloud, so that messages come
again soon.
"""

import base64
import json

import pytest
from botocore.exceptions import ClientError
from functions import create
from sources import fast, until  # noqa: F401

ACCOUNT = "000000000000"
# Fails whole when a message says so, and reports those that are bad.
QUEUE = """
import json
import time
def handler(event, context):
    print("GOT", time.time_ns(), json.dumps(event))
    bodies = [record["body"] for record in event["Records"]]
    if "raise" in bodies:
        raise ValueError("asked to")
    bad = [record["messageId"] for record in event["Records"] if record["body"].startswith("bad")]
    return {"batchItemFailures": [{"itemIdentifier": identifier} for identifier in bad]}
"""
READ = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
LOGS = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}


class Setting:
    """A function, and what it reads."""

    def __init__(self, machine, role, name):
        self.machine, self.role, self.name = machine, role, name
        self.functions, self.sqs, self.logs = (machine.client(service) for service in ("lambda", "sqs", "logs"))

    def queue(self, name=None, **attributes):
        fifo = {"FifoQueue": "true", "ContentBasedDeduplication": "true"} if (name or "").endswith(".fifo") else {}
        # Longer than a function takes to start, in a cloud as fast as this one.
        attributes = {"VisibilityTimeout": "300", **fifo, **attributes}
        self.url = self.sqs.create_queue(QueueName=name or self.name, Attributes=attributes)["QueueUrl"]
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
        """The events that the function got, in order: by its own clock, as lines of several environments are told in the order
        in which they were read."""
        try:
            pages = self.logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{self.name}")
            lines = [event["message"] for page in pages for event in page["events"]]
        except ClientError as error:
            # It has not logged yet.
            assert error.response["Error"]["Code"] == "ResourceNotFoundException"
            return []
        got = sorted((int(line.split(" ", 2)[1]), line) for line in lines if line.startswith("GOT "))
        return [json.loads(line.split(" ", 2)[2]) for _, line in got]

    def records(self):
        return [record for event in self.events() for record in event["Records"]]

    def bodies(self):
        return [record["body"] for record in self.records()]

    def left(self):
        """How many messages the queue has, of all states."""
        told = self.sqs.get_queue_attributes(QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        return sum(int(told[f"ApproximateNumberOfMessages{name}"]) for name in ("", "NotVisible", "Delayed"))


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
    setting.queue(RedrivePolicy=redrive, VisibilityTimeout="180")
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
    setting.queue(RedrivePolicy=redrive, VisibilityTimeout="180")
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
    setting.queue("in-order.fifo")
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
    setting.queue(VisibilityTimeout="120")
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


def test_messages_wait_for_a_function_that_may_not_run(setting):
    setting.queue(VisibilityTimeout="180")
    setting.functions.put_function_concurrency(FunctionName=setting.name, ReservedConcurrentExecutions=0)
    setting.map()
    setting.send("patient")
    count = lambda: setting.sqs.get_queue_attributes(QueueUrl=setting.url, AttributeNames=["All"])["Attributes"]  # noqa: E731
    until(lambda: count()["ApproximateNumberOfMessagesNotVisible"] == "1")
    assert setting.events() == []
    setting.functions.delete_function_concurrency(FunctionName=setting.name)
    until(lambda: setting.bodies() == ["patient"])
    until(lambda: setting.left() == 0)


def test_a_mapping_keeps_the_qualifier_that_it_was_given(setting):
    """Recorded: test_function_name_variations."""
    client = setting.functions
    version = client.publish_version(FunctionName=setting.name)["Version"]
    client.create_alias(FunctionName=setting.name, Name="live", FunctionVersion=version)
    arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{setting.name}"
    given = {
        setting.name: "",
        f"{ACCOUNT}:function:{setting.name}:$LATEST": ":$LATEST",
        f"{arn}:{version}": f":{version}",
        f"{arn}:live": ":live",
    }
    source = setting.queue()
    for name, kept in given.items():
        made = client.create_event_source_mapping(FunctionName=name, EventSourceArn=source, Enabled=False)
        assert made["FunctionArn"] == arn + kept
        if not kept:
            # It is the same function as that of its whole ARN with $LATEST.
            refused("ResourceConflictException", client.create_event_source_mapping, FunctionName=f"{arn}:$LATEST", EventSourceArn=source)
    refused("InvalidParameterValueException", client.create_event_source_mapping, FunctionName=f"{arn}:gone", EventSourceArn=source)


# Of streams: fails as an item says, or reports the first that does.
STREAM = """
import json
import time
def handler(event, context):
    print("GOT", time.time_ns(), json.dumps(event))
    failing = {record["dynamodb"]["SequenceNumber"]: record["dynamodb"]["Keys"]["k"]["S"] for record in event["Records"]}
    if any(key.startswith("raise") for key in failing.values()):
        raise ValueError("asked to")
    bad = [number for number, key in failing.items() if key.startswith("bad")]
    return {"batchItemFailures": [{"itemIdentifier": number} for number in bad]}
"""
STREAMS = ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams"]


class Table(Setting):
    """A function that reads the stream of a table of its name."""

    def table(self, view="NEW_AND_OLD_IMAGES"):
        self.dynamodb = self.machine.client("dynamodb")
        made = self.dynamodb.create_table(
            TableName=self.name,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": view},
        )
        self.arn = made["TableDescription"]["LatestStreamArn"]
        return self.arn

    def put(self, *keys, **attributes):
        for key in keys:
            self.dynamodb.put_item(TableName=self.name, Item={"k": {"S": key}, **attributes})

    def keys(self):
        return [record["dynamodb"]["Keys"]["k"]["S"] for record in self.records()]


@pytest.fixture
def table(fast, function_role, request):
    name = request.node.originalname[5:60]
    allowed = {"Effect": "Allow", "Action": [*STREAMS, "sqs:SendMessage", "sns:Publish"], "Resource": "*"}
    role = function_role(fast, name, LOGS, allowed)
    create(fast, role, STREAM, name=name, Timeout=10)
    return Table(fast, role, name)


def test_changes_of_a_table_reach_its_function(table):
    table.table()
    table.put("before")
    made = table.map(StartingPosition="LATEST")
    table.put("a", bytes={"B": b"foobar"})
    table.put("a", n={"N": "1"})
    table.dynamodb.delete_item(TableName=table.name, Key={"k": {"S": "a"}})
    records = until(lambda: len(records := table.records()) >= 3 and records)
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    first = records[0]
    assert first["dynamodb"].pop("SequenceNumber") and first.pop("eventID")
    assert isinstance(first["dynamodb"].pop("ApproximateCreationDateTime"), float)
    image = {"k": {"S": "a"}, "bytes": {"B": "Zm9vYmFy"}}
    assert first == {
        "eventName": "INSERT",
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": "us-east-1",
        "dynamodb": {"Keys": {"k": {"S": "a"}}, "NewImage": image, "SizeBytes": 15, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        "eventSourceARN": table.arn,
    }
    told = table.functions.get_event_source_mapping(UUID=made["UUID"])
    until(lambda: table.functions.get_event_source_mapping(UUID=made["UUID"])["LastProcessingResult"] == "OK")
    # As recorded of a stream's mapping.
    del made["ResponseMetadata"], made["LastModified"]
    assert told["State"] == "Enabled" and made.pop("EventSourceMappingArn").endswith(made.pop("UUID"))
    assert made == {
        "EventSourceArn": table.arn,
        "FunctionArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{table.name}",
        "BatchSize": 100,
        "BisectBatchOnFunctionError": False,
        "DestinationConfig": {"OnFailure": {}},
        "FunctionResponseTypes": [],
        "LastProcessingResult": "No records processed",
        "MaximumBatchingWindowInSeconds": 0,
        "MaximumRecordAgeInSeconds": -1,
        "MaximumRetryAttempts": -1,
        "ParallelizationFactor": 1,
        "StartingPosition": "LATEST",
        "State": "Creating",
        "StateTransitionReason": "User action",
        "TumblingWindowInSeconds": 0,
    }


def test_a_stream_is_read_in_order_in_full_batches_and_filtered(table):
    table.table("NEW_IMAGE")
    keys = [f"k{number:02}" for number in range(25)]
    table.put(*keys[:20], wanted={"BOOL": True})
    table.put("unwanted")
    table.put(*keys[20:], wanted={"BOOL": True})
    pattern = {"dynamodb": {"NewImage": {"wanted": {"BOOL": [True]}}}}
    criteria = {"Filters": [{"Pattern": json.dumps(pattern)}]}
    table.map(StartingPosition="TRIM_HORIZON", BatchSize=10, FilterCriteria=criteria)
    until(lambda: len(table.keys()) >= 25)
    assert table.keys() == keys
    assert [len(event["Records"]) for event in table.events()] == [10, 10, 5]


def test_changes_of_an_item_stay_in_order_in_parallel(table):
    table.table("KEYS_ONLY")
    for number in range(5):
        for item in range(8):
            table.dynamodb.put_item(TableName=table.name, Item={"k": {"S": f"i{item}"}, "n": {"N": str(number)}})
    table.map(StartingPosition="TRIM_HORIZON", BatchSize=4, ParallelizationFactor=3)
    records = until(lambda: len(records := table.records()) >= 40 and records)
    for item in range(8):
        numbers = [int(r["dynamodb"]["SequenceNumber"]) for r in records if r["dynamodb"]["Keys"]["k"]["S"] == f"i{item}"]
        assert len(numbers) == 5 and numbers == sorted(numbers)


def failures(table, queue):
    url = table.sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    (message,) = until(lambda: table.sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20).get("Messages"))
    return json.loads(message["Body"])


def test_a_batch_is_split_until_the_record_that_fails_is_alone(table):
    table.table()
    destination = table.queue("split-failures")
    table.arn = table.dynamodb.describe_table(TableName=table.name)["Table"]["LatestStreamArn"]
    table.put("a", "b", "raise", "c")
    to = {"OnFailure": {"Destination": destination}}
    made = table.map(StartingPosition="TRIM_HORIZON", BisectBatchOnFunctionError=True, MaximumRetryAttempts=1, DestinationConfig=to)
    assert made["DestinationConfig"] == to
    told = failures(table, "split-failures")
    until(lambda: "c" in [key for event in table.events() if len(event["Records"]) == 1 for key in event["Records"][0]["dynamodb"]["Keys"]["k"].values()])
    sizes = [[record["dynamodb"]["Keys"]["k"]["S"] for record in event["Records"]] for event in table.events()]
    assert sizes == [["a", "b", "raise", "c"], ["a", "b"], ["raise", "c"], ["raise"], ["raise"], ["c"]]
    # Members and their order as recorded.
    info = told["DDBStreamBatchInfo"]
    assert list(told) == ["requestContext", "responseContext", "version", "timestamp", "DDBStreamBatchInfo"]
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert told["responseContext"] == {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    assert (info["batchSize"], info["streamArn"]) == (1, table.arn)
    assert info["startSequenceNumber"] == info["endSequenceNumber"]


def test_a_topic_is_told_of_records_that_are_given_up(table, fast):
    table.table()
    allow = {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}
    queue = table.queue("told-failures", Policy=json.dumps({"Version": "2012-10-17", "Statement": allow}))
    sns = fast.client("sns")
    topic = sns.create_topic(Name="failures")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)
    table.arn = table.dynamodb.describe_table(TableName=table.name)["Table"]["LatestStreamArn"]
    table.put("raise")
    table.map(StartingPosition="TRIM_HORIZON", MaximumRetryAttempts=1, DestinationConfig={"OnFailure": {"Destination": topic}})
    told = json.loads(failures(table, "told-failures")["Message"])
    assert told["requestContext"]["condition"] == "RetryAttemptsExhausted"
    assert told["DDBStreamBatchInfo"]["streamArn"] == table.arn
    until(lambda: (topic, "delivered") in fast.delivered(told["requestContext"]["functionArn"]))


def test_a_bucket_keeps_records_that_are_given_up(table, fast, function_role):
    table.table()
    s3 = fast.client("s3")
    s3.create_bucket(Bucket="given-up")
    bucket = "arn:aws:s3:::given-up"
    keeping = [{"Effect": "Allow", "Action": action, "Resource": on} for action, on in [("s3:PutObject", f"{bucket}/*"), ("s3:ListBucket", bucket)]]
    reading = {"Effect": "Allow", "Action": STREAMS, "Resource": "*"}
    table.arn = table.dynamodb.describe_table(TableName=table.name)["Table"]["LatestStreamArn"]
    table.put("raise")
    asked = {"StartingPosition": "TRIM_HORIZON", "MaximumRetryAttempts": 1, "EventSourceArn": table.arn}
    to = {"DestinationConfig": {"OnFailure": {"Destination": bucket}}}
    # Without either permission it is refused.
    for kept in [[], keeping[:1], keeping[1:]]:
        name = f"keeps-{len(kept)}-{keeping.index(kept[0]) if kept else 0}"
        create(fast, function_role(fast, name, LOGS, reading, *kept), STREAM, name=name)
        message = refused("InvalidParameterValueException", table.functions.create_event_source_mapping, FunctionName=name, **asked, **to)
        assert message == "The provided execution role does not have permissions to call PutObject and ListBucket on S3"
    create(fast, function_role(fast, "keeps", LOGS, reading, *keeping), STREAM, name="keeps", Timeout=10)
    missing = {"DestinationConfig": {"OnFailure": {"Destination": "arn:aws:s3:::never-made"}}}
    refused("InvalidParameterValueException", table.functions.create_event_source_mapping, FunctionName="keeps", **asked, **missing)
    uuid = table.functions.create_event_source_mapping(FunctionName="keeps", **asked, **to)["UUID"]
    (kept,) = until(lambda: s3.list_objects_v2(Bucket="given-up").get("Contents"))
    told = json.loads(s3.get_object(Bucket="given-up", Key=kept["Key"])["Body"].read())
    # Recorded: test_dynamodb_event_source_mapping_with_s3_on_failure_destination.
    assert (told["requestContext"]["condition"], told["requestContext"]["approximateInvokeCount"]) == ("RetryAttemptsExhausted", 2)
    info = told["DDBStreamBatchInfo"]
    prefix = f"aws/lambda/{uuid}/{info['shardId']}/"
    day, name = kept["Key"].removeprefix(prefix).rsplit("/", 1)
    assert kept["Key"].startswith(prefix) and day == name[:10].replace("-", "/") and len(name) == len("2026-01-02T03.04.05-") + 36
    (record,) = json.loads(told["payload"])["Records"]
    assert record["dynamodb"]["Keys"] == {"k": {"S": "raise"}} and record["dynamodb"]["SequenceNumber"] == info["startSequenceNumber"]
    table.functions.delete_event_source_mapping(UUID=uuid)


def test_what_a_function_reports_is_tried_again_and_given_up(table):
    table.table()
    destination = table.queue("reported-failures")
    table.arn = table.dynamodb.describe_table(TableName=table.name)["Table"]["LatestStreamArn"]
    table.put("a", "b", "bad")
    to = {"OnFailure": {"Destination": destination}}
    report = ["ReportBatchItemFailures"]
    table.map(StartingPosition="TRIM_HORIZON", FunctionResponseTypes=report, MaximumRetryAttempts=3, DestinationConfig=to)
    told = failures(table, "reported-failures")
    table.put("c")
    until(lambda: "c" in table.keys())
    assert table.keys() == ["a", "b", "bad", "bad", "bad", "bad", "c"]
    # Recorded: four invocations, and no error of the function.
    assert told["requestContext"]["approximateInvokeCount"] == 4
    assert told["responseContext"]["functionError"] is None
    assert told["DDBStreamBatchInfo"]["batchSize"] == 1


def test_a_stream_goes_on_after_rest_and_kill_9(machine, function_role):
    machine.run("cloud", "start", "--time-scale", "60")
    role = function_role(machine, "resumed", LOGS, {"Effect": "Allow", "Action": STREAMS, "Resource": "*"})
    create(machine, role, STREAM, name="resumed", Timeout=10)
    table = Table(machine, role, "resumed")
    table.table()
    uuid = table.map(StartingPosition="LATEST")["UUID"]
    # Nothing was read yet: where it began survives, too.
    machine.kill()
    machine.run("cloud", "start", "--time-scale", "60")
    table = Table(machine, role, "resumed")
    table.dynamodb = machine.client("dynamodb")
    table.put("first")
    until(lambda: table.keys() == ["first"])
    until(lambda: table.functions.get_event_source_mapping(UUID=uuid)["LastProcessingResult"] == "OK")
    table.functions.update_event_source_mapping(UUID=uuid, Enabled=False)
    table.wait(uuid, "Disabled")
    table.put("second")
    machine.kill()
    machine.run("cloud", "start", "--time-scale", "60")
    table = Table(machine, role, "resumed")
    table.dynamodb = machine.client("dynamodb")
    table.functions.update_event_source_mapping(UUID=uuid, Enabled=True)
    table.put("third")
    until(lambda: "third" in table.keys())
    assert table.keys()[-2:] == ["second", "third"]


def test_streams_that_cannot_be_read_are_refused(table, fast, function_role):
    made = table.functions.create_event_source_mapping
    of = {"FunctionName": table.name, "EventSourceArn": table.table()}
    invalid = "InvalidParameterValueException"
    assert "startingPosition" in refused(invalid, made, **of)
    missing = of["EventSourceArn"].replace(table.name, "missing")
    assert refused(invalid, made, **{**of, "EventSourceArn": missing}, StartingPosition="LATEST") == f"Stream not found: {missing}"
    message = refused(invalid, made, **of, StartingPosition="AT_TIMESTAMP", StartingPositionTimestamp=1764400000)
    assert message == f"Unsupported starting position for arn type: {of['EventSourceArn']}"
    refused(invalid, made, **of, StartingPosition="LATEST", MaximumRecordAgeInSeconds=30)
    refused(invalid, made, **of, StartingPosition="LATEST", ScalingConfig={"MaximumConcurrency": 2})
    topic = {"OnFailure": {"Destination": f"arn:aws:sns:us-east-1:{ACCOUNT}:missing"}}
    assert refused(invalid, made, **of, StartingPosition="LATEST", DestinationConfig=topic) == "Topic does not exist"
    bus = {"OnFailure": {"Destination": f"arn:aws:events:us-east-1:{ACCOUNT}:event-bus/default"}}
    assert "event-bus" in refused("NotImplemented", made, **of, StartingPosition="LATEST", DestinationConfig=bus)
    assert "TumblingWindowInSeconds" in refused("NotImplemented", made, **of, StartingPosition="LATEST", TumblingWindowInSeconds=5)
    role = function_role(fast, "blind", {"Effect": "Allow", "Action": STREAMS[1:], "Resource": "*"})
    create(fast, role, STREAM, name="blind")
    message = refused(invalid, made, **{**of, "FunctionName": "blind"}, StartingPosition="LATEST")
    assert message.startswith(f"Cannot access stream {of['EventSourceArn']}. Please ensure the role can perform the GetRecords")
