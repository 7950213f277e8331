"""Data that an earlier slam has written: every format up to today's is opened, and everything is there.

`formats/make.py` made the fixtures, each with the last slam that wrote its format.
"""

import json
import pathlib
import tarfile
import time
import urllib.request

import pytest

FORMATS = pathlib.Path(__file__).resolve().parent / "formats"


@pytest.mark.parametrize("number", [1, 2])
def test_a_format_is_read(machine, number):
    cloud = machine.home / "cloud"
    cloud.mkdir(mode=0o700)
    with tarfile.open(FORMATS / f"{number}.tar.gz") as archive:
        archive.extractall(cloud, filter="data")
    # The fixtures' log events grow old.
    machine.run("cloud", "start", SLAM_LOGS_DAYS="36500")
    iam = machine.client("iam")
    assert iam.get_role(RoleName="r")["Role"]["Tags"] == [{"Key": "a", "Value": "b"}]
    assert iam.list_role_policies(RoleName="r")["PolicyNames"] == ["p"]
    assert [user["UserName"] for user in iam.get_group(GroupName="g")["Users"]] == ["ann"]
    assert [policy["PolicyName"] for policy in iam.list_policies(Scope="Local")["Policies"]] == ["m"]
    functions = machine.client("lambda")
    function = functions.get_function(FunctionName="f", Qualifier="dev")
    assert function["Configuration"]["Environment"] == {"Variables": {"NAME": "value"}}
    assert len(function["Configuration"]["Layers"]) == 1
    with urllib.request.urlopen(function["Code"]["Location"]) as package:
        assert package.read(2) == b"PK"
    assert functions.get_function_event_invoke_config(FunctionName="f")["MaximumRetryAttempts"] == 1
    assert '"Sid":"s"' in functions.get_policy(FunctionName="f")["Policy"]
    logs = machine.client("logs")
    assert logs.list_tags_log_group(logGroupName="g")["tags"] == {"a": "b"}
    assert [event["message"] for event in logs.filter_log_events(logGroupName="g")["events"]] == ["hello"]
    s3 = machine.client("s3")
    versions = s3.list_object_versions(Bucket="photos")["Versions"]
    bodies = [s3.get_object(Bucket="photos", Key="a/b", VersionId=v["VersionId"])["Body"].read() for v in versions]
    assert bodies == [b"second", b"first"]
    assert [upload["Key"] for upload in s3.list_multipart_uploads(Bucket="photos")["Uploads"]] == ["c"]
    tables = machine.client("dynamodb")
    assert tables.scan(TableName="tasks")["Items"] == [{"id": {"S": "1"}, "title": {"S": "write"}}]
    backups = tables.describe_continuous_backups(TableName="tasks")["ContinuousBackupsDescription"]
    assert backups["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"
    stacks = machine.client("cloudformation")
    assert stacks.describe_stacks(StackName="stack")["Stacks"][0]["StackStatus"] == "CREATE_COMPLETE"
    assert logs.describe_log_groups(logGroupNamePrefix="of-a-stack")["logGroups"][0]["retentionInDays"] == 7
    api = machine.client("apigateway").get_rest_apis()["items"][0]["id"]
    with urllib.request.urlopen(f"http://127.0.0.1:{machine.port}/_aws/execute-api/{api}/dev") as answer:
        assert answer.read() == b"hello"
    if number >= 2:
        parameter = machine.client("ssm").get_parameter(Name="/a/b", WithDecryption=True)["Parameter"]
        assert (parameter["Value"], parameter["Version"]) == ("kept", 1)
        assert machine.client("secretsmanager").get_secret_value(SecretId="s")["SecretString"] == "kept"
        queues = machine.client("sqs")
        told = queues.get_queue_attributes(QueueUrl="q.fifo", AttributeNames=["All"])["Attributes"]
        assert (told["DelaySeconds"], told["FifoQueue"]) == ("7", "true")
        assert queues.list_queue_tags(QueueUrl="q.fifo")["Tags"] == {"a": "b"}
        # What waited when the fixture's cloud was killed goes on: the event, which is too old by now, and each notification.
        (event,) = received(queues, "dead", lambda bodies: len(bodies) == 1)
        assert event == {"waits": True}
        left = {told["Key"] for told in s3.list_objects_v2(Bucket="told").get("Contents", [])}
        gone = {str(number) for number in range(500)} - left
        removed = received(queues, "told", lambda bodies: keys(bodies) == gone)
        assert gone and keys(removed) == gone


def received(queues, queue, is_all):
    """The bodies of a queue's messages, once it is all of them."""
    bodies, deadline = [], time.monotonic() + 60
    while not is_all(bodies) and time.monotonic() < deadline:
        answer = queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, WaitTimeSeconds=5)
        for message in answer.get("Messages", []):
            queues.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
            bodies.append(json.loads(message["Body"]))
    return bodies


def keys(bodies):
    """The keys of what S3 tells, without its test message."""
    return {record["s3"]["object"]["key"] for body in bodies for record in body.get("Records", [])}
