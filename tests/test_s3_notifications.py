"""Notifications of S3: told to functions and queues, once what happened is on disk."""

import json
import pathlib
import re
import time

import pytest
from botocore.exceptions import ClientError
from functions import create

# It writes what it gets into a table, so that it is seen though the cloud is killed.
WRITES = """
import boto3, json
def handler(event, context):
    item = {"id": {"S": context.aws_request_id}, "event": {"S": json.dumps(event)}}
    boto3.client("dynamodb").put_item(TableName="seen", Item=item)
"""
# It writes into its own bucket.
LOOPS = """
import boto3
def handler(event, context):
    boto3.client("s3").put_object(Bucket="looped", Key=context.aws_request_id, Body=b"x")
"""
ACCOUNT = "000000000000"
INVALID = "Unable to validate the following destination configurations"


class World:
    """A bucket, and a queue and a function that it may tell."""

    def __init__(self, machine, function_role):
        self.machine = machine
        machine.run("cloud", "start", "--time-scale", 60)
        self.connect()
        self.s3.create_bucket(Bucket="told")
        self.url, self.arn = self.queue("told")
        self.allow(self.url, self.arn)
        self.messages()
        self.role = function_role(machine, "writes", {"Effect": "Allow", "Action": ["dynamodb:*", "s3:*", "sqs:*", "logs:*"], "Resource": "*"})

    def connect(self):
        for service in ("s3", "sqs", "dynamodb", "logs"):
            setattr(self, service, self.machine.client(service))
        self.functions = self.machine.client("lambda")

    def queue(self, name, **attributes):
        url = self.sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url, self.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]

    def allow(self, url, arn, bucket="told"):
        """Lets S3 send what happens in a bucket."""
        condition = {"ArnEquals": {"aws:SourceArn": f"arn:aws:s3:::{bucket}"}, "StringEquals": {"aws:SourceAccount": ACCOUNT}}
        statement = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn, "Condition": condition}
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})

    def put(self, bucket="told", skip=False, **configuration):
        self.s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=configuration, SkipDestinationValidation=skip)

    def tell(self, *events, **more):
        self.put(QueueConfigurations=[{"QueueArn": self.arn, "Events": [f"s3:{event}" for event in events], **more}])
        (test,) = self.messages(1)
        return test

    def messages(self, number=0, url=None):
        """So many messages, as documents, and no more."""
        found, deadline = [], time.monotonic() + 30
        while len(found) < number and time.monotonic() < deadline:
            more = self.sqs.receive_message(QueueUrl=url or self.url, MaxNumberOfMessages=10, WaitTimeSeconds=20).get("Messages", [])
            for message in more:
                self.sqs.delete_message(QueueUrl=url or self.url, ReceiptHandle=message["ReceiptHandle"])
                found.append(json.loads(message["Body"]))
        assert len(found) == number, found
        return found

    def records(self, number):
        records = []
        for message in self.messages(number):
            (record,) = message["Records"]
            records.append(record)
        return records

    def function(self, name="writes", source=WRITES, bucket="told"):
        create(self.machine, self.role, source, name=name, Timeout=30)
        arn = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}"
        source = {"SourceArn": f"arn:aws:s3:::{bucket}", "SourceAccount": ACCOUNT}
        self.functions.add_permission(FunctionName=name, StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com", **source)
        return arn

    def table(self):
        self.dynamodb.create_table(
            TableName="seen",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        )

    def seen(self):
        items = self.dynamodb.scan(TableName="seen", ConsistentRead=True)["Items"]
        return [json.loads(item["event"]["S"])["Records"][0] for item in items]


@pytest.fixture
def world(machine, function_role):
    return World(machine, function_role)


def recorded(test):
    folder = pathlib.Path(__file__).resolve().parent.parent / "cloud" / "testing" / "recorded" / "s3"
    (answers,) = json.loads((folder / f"{test}.json").read_text()).values()
    return answers["recorded-content"]


def members(document):
    """The paths of a document of DynamoDB's or of its own."""
    document = document.get("M", document) if isinstance(document, dict) else document
    if not isinstance(document, dict) or set(document) & {"S", "N"}:
        return None
    return {name: members(value) for name, value in document.items()}


def refused(call, *arguments, **keywords):
    with pytest.raises(ClientError) as error:
        call(*arguments, **keywords)
    return error.value.response["Error"]


def test_what_is_created_is_told_to_a_queue(world):
    """Recorded: `test_create_object_put_via_dynamodb`."""
    test = world.tell("ObjectCreated:*", Id="mine")
    assert list(test) == ["Service", "Event", "Time", "Bucket", "RequestId", "HostId"]
    assert (test["Service"], test["Event"], test["Bucket"]) == ("Amazon S3", "s3:TestEvent", "told")
    answer = world.s3.put_object(Bucket="told", Key="a folder/red+flower.jpg", Body=b"hello")
    (record,) = world.records(1)
    expected = recorded("test_create_object_put_via_dynamodb")["table_content"]
    assert members(record) == members(expected)
    assert record["eventVersion"] == "2.1" and record["eventName"] == "ObjectCreated:Put"
    assert record["s3"]["configurationId"] == "mine"
    told = record["s3"]["object"]
    assert (told["key"], told["size"], f'"{told["eTag"]}"') == ("a+folder/red%2Bflower.jpg", 5, answer["ETag"])
    assert record["responseElements"] == {
        "x-amz-request-id": answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-request-id"],
        "x-amz-id-2": answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-id-2"],
    }
    assert record["requestParameters"]["sourceIPAddress"] == "127.0.0.1"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", record["eventTime"])


def test_each_event_has_its_name(world):
    world.s3.put_bucket_versioning(Bucket="told", VersioningConfiguration={"Status": "Enabled"})
    world.s3.delete_public_access_block(Bucket="told")
    world.s3.put_bucket_ownership_controls(Bucket="told", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    world.tell("ObjectCreated:*", "ObjectRemoved:*", "ObjectTagging:*", "ObjectAcl:Put")
    of = {"Bucket": "told", "Key": "k"}
    version = world.s3.put_object(**of, Body=b"x")["VersionId"]
    world.s3.copy_object(Bucket="told", Key="copy", CopySource="told/k")
    upload = world.s3.create_multipart_upload(Bucket="told", Key="parts")["UploadId"]
    part = world.s3.upload_part(Bucket="told", Key="parts", UploadId=upload, PartNumber=1, Body=b"part")["ETag"]
    world.s3.complete_multipart_upload(Bucket="told", Key="parts", UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part}]})
    world.s3.put_object_tagging(**of, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    world.s3.delete_object_tagging(**of)
    world.s3.put_object_acl(**of, ACL="public-read")
    # An ACL that is the same is no event.
    world.s3.put_object_acl(**of, ACL="public-read")
    marker = world.s3.delete_object(**of)["VersionId"]
    world.s3.delete_objects(Bucket="told", Delete={"Objects": [{"Key": "k", "VersionId": version}]})
    records = sorted(world.records(8), key=lambda record: record["s3"]["object"]["sequencer"])
    told = [(record["eventName"], record["eventVersion"], record["s3"]["object"]["key"]) for record in records]
    assert told == [
        ("ObjectCreated:Put", "2.1", "k"),
        ("ObjectCreated:Copy", "2.1", "copy"),
        ("ObjectCreated:CompleteMultipartUpload", "2.1", "parts"),
        ("ObjectTagging:Put", "2.3", "k"),
        ("ObjectTagging:Delete", "2.3", "k"),
        ("ObjectAcl:Put", "2.3", "k"),
        ("ObjectRemoved:DeleteMarkerCreated", "2.1", "k"),
        ("ObjectRemoved:Delete", "2.1", "k"),
    ]
    assert [record["s3"]["object"].get("versionId") for record in records[-2:]] == [marker, version]
    # Recorded for buses: `test_object_created_put_versioned`.
    world.s3.put_bucket_versioning(Bucket="told", VersioningConfiguration={"Status": "Suspended"})
    world.s3.put_object(**of, Body=b"x")
    (record,) = world.records(1)
    (created, _) = recorded("test_object_created_put_versioned")["message-versioning-suspended"]
    assert "version-id" not in created["detail"]["object"] and "versionId" not in record["s3"]["object"]
    assert all("size" not in record["s3"]["object"] for record in records[-2:])


def test_filters_choose_keys(world):
    rules = [{"Name": "Prefix", "Value": "images/"}, {"Name": "suffix", "Value": ".jpg"}]
    world.tell("ObjectCreated:Put", Filter={"Key": {"FilterRules": rules}})
    (shown,) = world.s3.get_bucket_notification_configuration(Bucket="told")["QueueConfigurations"]
    assert shown["Filter"] == {"Key": {"FilterRules": rules}} and shown["Id"]
    for key in ("a.jpg", "images/a.png", "images/a.jpg"):
        world.s3.put_object(Bucket="told", Key=key, Body=b"x")
    world.s3.copy_object(Bucket="told", Key="images/copy.jpg", CopySource="told/a.jpg")
    assert [record["s3"]["object"]["key"] for record in world.records(1)] == ["images/a.jpg"]
    world.put()
    assert "QueueConfigurations" not in world.s3.get_bucket_notification_configuration(Bucket="told")
    world.s3.put_object(Bucket="told", Key="images/b.jpg", Body=b"x")
    assert world.sqs.receive_message(QueueUrl=world.url, WaitTimeSeconds=1).get("Messages") is None


def test_a_function_is_told_and_what_was_acknowledged_survives_a_kill(world):
    world.table()
    arn = world.function()
    world.put(LambdaFunctionConfigurations=[{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}])
    keys = {f"k{number}" for number in range(20)}
    for key in sorted(keys):
        world.s3.put_object(Bucket="told", Key=key, Body=b"x")
    world.machine.kill()
    world.machine.run("cloud", "start", "--time-scale", 60)
    world.connect()
    deadline = time.monotonic() + 60
    while {record["s3"]["object"]["key"] for record in world.seen()} != keys and time.monotonic() < deadline:
        time.sleep(0.2)
    assert {record["s3"]["object"]["key"] for record in world.seen()} == keys


def test_a_function_that_writes_into_its_own_bucket_is_stopped(world):
    world.s3.create_bucket(Bucket="looped")
    arn = world.function("loops", LOOPS, "looped")
    told, told_arn = world.queue("stopped")
    on_failure = {"OnFailure": {"Destination": told_arn}}
    world.functions.put_function_event_invoke_config(FunctionName="loops", DestinationConfig=on_failure)
    world.put("looped", LambdaFunctionConfigurations=[{"LambdaFunctionArn": arn, "Events": ["s3:ObjectCreated:*"]}])
    world.s3.put_object(Bucket="looped", Key="first", Body=b"x")
    (record,) = world.messages(1, told)
    assert record["requestContext"]["condition"] == "RecursiveInvocation"
    assert len(world.s3.list_objects_v2(Bucket="looped")["Contents"]) == 17


def test_configurations_are_refused_as_aws_refuses_them(world):
    """Recorded: `test_invalid_lambda_arn`."""
    put, events = world.put, ["s3:ObjectCreated:*"]
    function = f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:my-lambda"
    for skip in (False, True):
        error = refused(put, skip=skip, LambdaFunctionConfigurations=[{"LambdaFunctionArn": "invalid-queue", "Events": events}])
        expected = recorded("test_invalid_lambda_arn")["invalid_skip" if skip else "invalid_not_skip"]["Error"]
        assert {name: error[name] for name in expected} == expected
    error = refused(put, LambdaFunctionConfigurations=[{"LambdaFunctionArn": function, "Events": events}])
    assert error["Message"] == INVALID and error["ArgumentName1"] == f"{function}, null"
    assert error["ArgumentValue1"] == f"Not authorized to invoke function [{function}]"
    put(skip=True, LambdaFunctionConfigurations=[{"Id": "id123", "LambdaFunctionArn": function, "Events": events}])
    shown = world.s3.get_bucket_notification_configuration(Bucket="told")["LambdaFunctionConfigurations"]
    expected = recorded("test_invalid_lambda_arn")["skip_destination_validation"]["LambdaFunctionConfigurations"]
    assert shown == [{**expected[0], "LambdaFunctionArn": function}]
    _, strange = world.queue("strange")
    error = refused(put, QueueConfigurations=[{"QueueArn": strange, "Events": events}])
    assert (error["Message"], error["ArgumentValue1"]) == (INVALID, "Permissions on the destination queue do not allow S3 to publish notifications from this bucket")
    error = refused(put, QueueConfigurations=[{"QueueArn": f"{strange}-none", "Events": events}])
    assert (error["Message"], error["ArgumentName1"]) == (INVALID, f"{strange}-none, null")
    rule = lambda name, value: {"Filter": {"Key": {"FilterRules": [{"Name": name, "Value": value}]}}}  # noqa: E731
    one = {"QueueArn": world.arn, "Events": events}
    error = refused(put, QueueConfigurations=[{**one, **rule("INVALID", "no")}])
    assert (error["Message"], error["ArgumentName"]) == ("filter rule name must be either prefix or suffix", "FilterRule.Name")
    puts = {**one, "Events": ["s3:ObjectCreated:Put"]}
    error = refused(put, QueueConfigurations=[one, puts])
    assert error["Message"] == "Configurations overlap. Configurations on the same bucket cannot share a common event type."
    assert (error["ArgumentName"], error["ArgumentValue"]) == ("Event", "s3:ObjectCreated:*, s3:ObjectCreated:Put")
    for overlapping in ([{**puts, **rule("prefix", "images")}, one], [one, {**puts, **rule("prefix", "images")}]):
        assert "ambiguously defined" in refused(put, QueueConfigurations=overlapping)["Message"]
    overlapping = [{**one, **rule("prefix", "images")}, {**one, **rule("prefix", "images/one")}]
    assert "ambiguously defined" in refused(put, QueueConfigurations=overlapping)["Message"]
    put(QueueConfigurations=[{**one, **rule("suffix", ".jpg")}, {**one, **rule("suffix", ".png")}])
    elsewhere = refused(put, QueueConfigurations=[{**one, "QueueArn": world.arn.replace("us-east-1", "eu-west-1")}])
    assert "not valid for the bucket location constraint" in elsewhere["Message"]


def test_a_stack_has_its_bucket_tell(world):
    template = {
        "Resources": {
            "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "of-stack"}},
            "Policy": {
                "Type": "AWS::SQS::QueuePolicy",
                "Properties": {
                    "Queues": [{"Ref": "Queue"}],
                    "PolicyDocument": {
                        "Version": "2012-10-17",
                        "Statement": [{"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}],
                    },
                },
            },
            "Bucket": {
                "Type": "AWS::S3::Bucket",
                "DependsOn": "Policy",
                "Properties": {
                    "BucketName": "of-stack",
                    "NotificationConfiguration": {
                        "QueueConfigurations": [
                            {
                                "Event": "s3:ObjectCreated:*",
                                "Queue": {"Fn::GetAtt": ["Queue", "Arn"]},
                                "Filter": {"S3Key": {"Rules": [{"Name": "suffix", "Value": ".csv"}]}},
                            }
                        ]
                    },
                },
            },
        }
    }
    stacks = world.machine.client("cloudformation")

    def bring(call, waiter, template):
        call(StackName="s", TemplateBody=json.dumps(template))
        stacks.get_waiter(waiter).wait(StackName="s", WaiterConfig={"Delay": 1})

    bring(stacks.create_stack, "stack_create_complete", template)
    url = world.sqs.get_queue_url(QueueName="of-stack")["QueueUrl"]
    world.messages(1, url)
    world.s3.put_object(Bucket="of-stack", Key="a.csv", Body=b"x")
    (message,) = world.messages(1, url)
    assert message["Records"][0]["s3"]["object"]["key"] == "a.csv"
    del template["Resources"]["Bucket"]["Properties"]["NotificationConfiguration"]
    bring(stacks.update_stack, "stack_update_complete", template)
    assert "QueueConfigurations" not in world.s3.get_bucket_notification_configuration(Bucket="of-stack")


def test_topics_and_the_default_bus_are_told(world):
    """Recorded: `test_object_created_put`, `test_object_put_acl`."""
    sns, events = world.machine.client("sns"), world.machine.client("events")
    topic = sns.create_topic(Name="told")["TopicArn"]
    error = refused(world.put, TopicConfigurations=[{"TopicArn": f"{topic}-none", "Events": ["s3:ObjectCreated:*"]}])
    assert (error["Message"], error["ArgumentName1"]) == (INVALID, f"{topic}-none, null")
    # The policy that a topic has at first lets S3 do nothing.
    error = refused(world.put, TopicConfigurations=[{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}])
    assert (error["Message"], error["ArgumentName1"]) == (INVALID, f"{topic}, null")
    assert error["ArgumentValue1"].startswith("Permissions on the destination topic do not allow S3")
    allow = {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sns:Publish", "Resource": topic}
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": [allow]}))
    url, arn = world.queue("heard")
    statement = {"Effect": "Allow", "Principal": {"Service": ["sns.amazonaws.com", "events.amazonaws.com"]}, "Action": "sqs:SendMessage", "Resource": arn}
    world.sqs.set_queue_attributes(QueueUrl=url, Attributes={"Policy": json.dumps({"Version": "2012-10-17", "Statement": [statement]})})
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    world.put(TopicConfigurations=[{"TopicArn": topic, "Events": ["s3:ObjectCreated:*"]}])
    (test,) = world.messages(1, url)
    assert test["Subject"] == "Amazon S3 Notification" and json.loads(test["Message"])["Event"] == "s3:TestEvent"
    world.s3.put_object(Bucket="told", Key="k", Body=b"x")
    (message,) = world.messages(1, url)
    assert json.loads(message["Message"])["Records"][0]["s3"]["object"]["key"] == "k"
    world.put(EventBridgeConfiguration={})
    assert world.s3.get_bucket_notification_configuration(Bucket="told")["EventBridgeConfiguration"] == {}
    events.put_rule(Name="all", EventPattern=json.dumps({"source": ["aws.s3"]}))
    events.put_targets(Rule="all", Targets=[{"Id": "q", "Arn": arn}])
    world.s3.put_object(Bucket="told", Key="a key", Body=b"data")
    world.s3.delete_object(Bucket="told", Key="a key")
    created, deleted = sorted(world.messages(2, url), key=lambda event: event["detail-type"])
    expected = recorded("test_object_created_put")
    for event, step in ((created, "object_created"), (deleted, "object_deleted")):
        assert members(event) == members(expected[step])
        same = ("detail-type", "source", "version")
        assert {name: event[name] for name in same} == {name: expected[step][name] for name in same}
        assert event["resources"] == ["arn:aws:s3:::told"] and event["detail"]["reason"] == expected[step]["detail"]["reason"]
    assert created["detail"]["object"]["key"] == "a key"
    world.s3.put_object(Bucket="told", Key="k", Body=b"x")
    world.messages(1, url)
    world.s3.delete_public_access_block(Bucket="told")
    world.s3.put_bucket_ownership_controls(Bucket="told", OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    world.s3.put_object_acl(Bucket="told", Key="k", ACL="public-read")
    (event,) = world.messages(1, url)
    assert members(event) == members(recorded("test_object_put_acl")["messages"]["messages"][0])
