"""Makes the fixture of a format, once, with the last slam that writes it: `SLAM_BINARY=… python make.py NUMBER`.

The data folder of a cloud in which every service has something; `test_formats.py` says what must be read of it.
"""

import contextlib
import json
import pathlib
import sqlite3
import sys
import tarfile
import tempfile
import threading
import time

from botocore.exceptions import BotoCoreError

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from conftest import Machine  # noqa: E402
from functions import create, package  # noqa: E402

TRUST = (
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
    '"Principal":{"Service":"lambda.amazonaws.com"}}]}'
)
ALLOW = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}'
TEMPLATE = "Resources: {Group: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: of-a-stack, RetentionInDays: 7}}}"
MESSAGES = "ApproximateNumberOfMessages"


def fill(machine):
    iam, functions, layers = machine.client("iam"), machine.client("lambda"), machine.client("lambda")
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "a", "Value": "b"}])["Role"]
    iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=ALLOW)
    policy = iam.create_policy(PolicyName="m", PolicyDocument=ALLOW)["Policy"]
    iam.create_user(UserName="ann")
    iam.create_group(GroupName="g")
    iam.add_user_to_group(GroupName="g", UserName="ann")
    iam.attach_group_policy(GroupName="g", PolicyArn=policy["Arn"])
    code = package(app="def handler(event, context): return event")
    layer = layers.publish_layer_version(LayerName="l", Content={"ZipFile": package(**{"python/x": ""})})
    functions.create_function(
        FunctionName="f",
        Runtime="python3.13",
        Role=role["Arn"],
        Handler="app.handler",
        Code={"ZipFile": code},
        Layers=[layer["LayerVersionArn"]],
        Environment={"Variables": {"NAME": "value"}},
        Publish=True,
    )
    functions.create_alias(FunctionName="f", Name="dev", FunctionVersion="1")
    functions.put_function_event_invoke_config(FunctionName="f", MaximumRetryAttempts=1)
    functions.add_permission(
        FunctionName="f", StatementId="s", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
    )
    logs = machine.client("logs")
    logs.create_log_group(logGroupName="g", tags={"a": "b"})
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    logs.put_log_events(
        logGroupName="g", logStreamName="s", logEvents=[{"timestamp": round(time.time() * 1000), "message": "hello"}]
    )
    s3 = machine.client("s3")
    s3.create_bucket(Bucket="photos")
    s3.put_bucket_versioning(Bucket="photos", VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket="photos", Key="a/b", Body=b"first")
    s3.put_object(Bucket="photos", Key="a/b", Body=b"second")
    s3.create_multipart_upload(Bucket="photos", Key="c")
    tables = machine.client("dynamodb")
    tables.create_table(
        TableName="tasks",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        BillingMode="PAY_PER_REQUEST",
    )
    tables.put_item(TableName="tasks", Item={"id": {"S": "1"}, "title": {"S": "write"}})
    tables.update_continuous_backups(
        TableName="tasks", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    apis = machine.client("apigateway")
    api = apis.create_rest_api(name="api")
    key = {"restApiId": api["id"], "resourceId": api["rootResourceId"], "httpMethod": "GET"}
    apis.put_method(**key, authorizationType="NONE")
    apis.put_integration(**key, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
    apis.put_method_response(**key, statusCode="200")
    apis.put_integration_response(**key, statusCode="200", responseTemplates={"application/json": "hello"})
    apis.create_deployment(restApiId=api["id"], stageName="dev")
    stacks = machine.client("cloudformation")
    stacks.create_stack(StackName="stack", TemplateBody=TEMPLATE)
    stacks.get_waiter("stack_create_complete").wait(StackName="stack", WaiterConfig={"Delay": 1})
    # From format 2 on.
    machine.client("ssm").put_parameter(Name="/a/b", Type="SecureString", Value="kept")
    machine.client("secretsmanager").create_secret(Name="s", SecretString="kept")
    # Its messages would be too old whenever that is read.
    machine.client("sqs").create_queue(QueueName="q.fifo", Attributes={"FifoQueue": "true", "DelaySeconds": "7"}, tags={"a": "b"})
    leave_waiting(machine)


def leave_waiting(machine):
    """Leaves an asynchronous invocation and notifications of S3 that are accepted and not delivered: the cloud is killed."""
    iam, functions, s3, queues = (machine.client(service) for service in ("iam", "lambda", "s3", "sqs"))
    for name in ("dead", "told"):
        queues.create_queue(QueueName=name)
    statements = [
        {"Effect": "Allow", "Principal": {"Service": "s3.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}
    ]
    policy = {"Version": "2012-10-17", "Statement": statements}
    queues.set_queue_attributes(QueueUrl="told", Attributes={"Policy": json.dumps(policy)})
    role = iam.create_role(RoleName="waits", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    sends = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "*"}]}
    iam.put_role_policy(RoleName="waits", PolicyName="sends", PolicyDocument=json.dumps(sends))
    dead = {"TargetArn": "arn:aws:sqs:us-east-1:000000000000:dead"}
    source = "import time\ndef handler(event, context): time.sleep(60)"
    create(machine, role, source, name="waits", Timeout=90, DeadLetterConfig=dead)
    # It will be too old whenever that is read.
    functions.put_function_event_invoke_config(FunctionName="waits", MaximumEventAgeInSeconds=60)
    s3.create_bucket(Bucket="told")
    keys = [{"Key": f"{number}"} for number in range(500)]
    for key in keys:
        s3.put_object(Bucket="told", **key)
    told = {"QueueArn": "arn:aws:sqs:us-east-1:000000000000:told", "Events": ["s3:ObjectRemoved:*"]}
    s3.put_bucket_notification_configuration(Bucket="told", NotificationConfiguration={"QueueConfigurations": [told]})
    functions.invoke(FunctionName="waits", InvocationType="Event", Payload='{"waits": true}')
    deletes = threading.Thread(target=delete, args=(s3, keys))
    deletes.start()
    # In the midst of them.
    while queues.get_queue_attributes(QueueUrl="told", AttributeNames=[MESSAGES])["Attributes"][MESSAGES] in ("0", "1"):
        pass
    machine.kill()
    deletes.join()
    with contextlib.closing(sqlite3.connect(machine.home / "cloud" / "slam.db")) as rows:
        for table in ("lambda_events", "s3_notifications"):
            (count,) = rows.execute(f"SELECT count(*) FROM {table}").fetchone()
            assert count > 0, f"nothing waits in {table}: once more"


def delete(s3, keys):
    with contextlib.suppress(BotoCoreError):
        s3.delete_objects(Bucket="told", Delete={"Objects": keys})


def main(number):
    with tempfile.TemporaryDirectory() as folder:
        machine = Machine(pathlib.Path(folder))
        machine.run("cloud", "start")
        try:
            fill(machine)
        finally:
            machine.stop()
        data = machine.home / "cloud"
        target = pathlib.Path(__file__).resolve().parent / f"{number}.tar.gz"
        with tarfile.open(target, "w:gz") as archive:
            for part in sorted(data.iterdir()):
                archive.add(part, part.name, filter=kept)


def kept(entry):
    """Without what belongs to a process, is made again or is a secret, and without who made it."""
    left_out = ("lock", "cloud.json", "credentials.json", "slam.reserve", "lambda/runtime", "lambda/tmp", "lambda/unpacked", "lambda/layers")
    if entry.name.startswith(left_out):
        return None
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    main(sys.argv[1])
