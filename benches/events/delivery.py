"""How long it takes from the answer of a call until the function runs that its event is for.

The function tells the time itself, as the first thing it does, by a datagram to this program: both read the same
machine's clock, and how long the datagram takes is nobody's.
"""

import io
import json
import random
import socket
import sys
import time
import zipfile

from botocore.exceptions import BotoCoreError, ClientError

FUNCTION = """\
import time
import json
import os
import socket

ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)


def handler(event, context):
    now = time.time_ns()
    ear.sendto(f"{now} {json.dumps(event)}".encode(), ("127.0.0.1", int(os.environ["EAR"])))
"""
WARM = 5  # events that do not count
PATIENCE = 30  # seconds until an event counts as lost
READ = [
    "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "dynamodb:DescribeStream", "dynamodb:GetRecords",
    "dynamodb:GetShardIterator", "dynamodb:ListStreams",
]  # fmt: skip


class Ear:
    """Hears functions."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def moment(self, mark, patience=PATIENCE):
        """When a function began that got an event with this mark; None when none did. What else is heard is late, or a repetition."""
        end = time.monotonic() + patience
        while (left := end - time.monotonic()) > 0:
            self.socket.settimeout(left)
            try:
                moment, _, event = self.socket.recv(65_536).partition(b" ")
            except TimeoutError:
                break
            if mark.encode() in event:
                return int(moment)
        return None


class Functions:
    """The function of a cloud, and what makes events for it. Each source is made when it is asked for, and gives what fires it."""

    def __init__(self, cloud, ear, runtime):
        self.cloud, self.lambda_, self.ear = cloud, cloud.client("lambda"), ear
        self.account = cloud.client("sts").get_caller_identity()["Account"]
        self.role = role(cloud, "function", "lambda", [*READ, "logs:*"])
        self.runtime = runtime

    def function(self, name):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("app.py", FUNCTION)
        made = self.lambda_.create_function(
            FunctionName=name,
            Runtime=self.runtime,
            Handler="app.handler",
            Role=self.role,
            Code={"ZipFile": buffer.getvalue()},
            Timeout=10,
            MemorySize=256,
            Environment={"Variables": {"EAR": str(self.ear.port)}},
        )
        self.lambda_.get_waiter("function_active_v2").wait(FunctionName=name)
        return made["FunctionArn"]

    def map(self, source, name, **more):
        self.function(name)
        made = self.lambda_.create_event_source_mapping(FunctionName=name, EventSourceArn=source, **more)
        while self.lambda_.get_event_source_mapping(UUID=made["UUID"])["State"] != "Enabled":
            time.sleep(0.1)

    def invoke(self):
        self.function("invoked")
        payload = lambda mark: json.dumps({"mark": mark})
        return lambda mark: self.lambda_.invoke(FunctionName="invoked", Payload=payload(mark))

    def queue(self):
        sqs = self.cloud.client("sqs")
        url = sqs.create_queue(QueueName="events", Attributes={"VisibilityTimeout": "60"})["QueueUrl"]
        self.map(f"arn:aws:sqs:us-east-1:{self.account}:events", "of-queue")
        return lambda mark: sqs.send_message(QueueUrl=url, MessageBody=mark)

    def stream(self):
        dynamodb = self.cloud.client("dynamodb")
        table = dynamodb.create_table(
            TableName="events",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
        )["TableDescription"]
        self.map(table["LatestStreamArn"], "of-stream", StartingPosition="TRIM_HORIZON")
        return lambda mark: dynamodb.put_item(TableName="events", Item={"id": {"S": mark}})

    def bucket(self):
        s3 = self.cloud.client("s3")
        s3.create_bucket(Bucket="events-of-objects")
        function = self.function("of-bucket")
        self.lambda_.add_permission(
            FunctionName="of-bucket",
            StatementId="s3",
            Action="lambda:InvokeFunction",
            Principal="s3.amazonaws.com",
            SourceArn="arn:aws:s3:::events-of-objects",
            SourceAccount=self.account,
        )
        notify = [{"LambdaFunctionArn": function, "Events": ["s3:ObjectCreated:*"]}]
        s3.put_bucket_notification_configuration(
            Bucket="events-of-objects", NotificationConfiguration={"LambdaFunctionConfigurations": notify}
        )
        return lambda mark: s3.put_object(Bucket="events-of-objects", Key=mark, Body=b"x" * 200)


SOURCES = {
    "Invoke": Functions.invoke,
    "SQS → Lambda": Functions.queue,
    "stream → Lambda": Functions.stream,
    "S3 → Lambda": Functions.bucket,
}


def role(cloud, name, service, actions):
    """A role for a service. Gives its ARN."""
    trust = {"Effect": "Allow", "Principal": {"Service": f"{service}.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam = cloud.client("iam")
    policy = lambda statement: json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy(trust))["Role"]["Arn"]
    allowed = policy({"Effect": "Allow", "Action": actions, "Resource": "*"})
    iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=allowed)
    return arn


def sample(fire, ear):
    """Milliseconds until the function ran, from the call's beginning and from its answer; None when it did not."""
    mark = f"mark-{random.getrandbits(64):x}"
    before = time.time_ns()
    fire(mark)
    answered = time.time_ns()
    moment = ear.moment(mark)
    # Not in step with anybody who looks at times.
    time.sleep(random.uniform(0, 0.05))
    return moment and ((moment - before) / 1e6, (moment - answered) / 1e6)


def latencies(clouds, runtime, most, seconds, notes):
    """For each source what was sampled of each cloud, by its name, or what it says instead. All are asked in turns."""
    ear = Ear()
    made = {cloud.name: Functions(cloud, ear, runtime) for cloud in clouds if cloud.without_functions is None}
    found = {}
    for source, make in SOURCES.items():
        print(f"{source} …", file=sys.stderr)
        cells = found[source] = {cloud.name: cloud.without_functions or [] for cloud in clouds}
        fires = {}
        for name, functions in made.items():
            try:
                fires[name] = make(functions)
            except (ClientError, BotoCoreError) as error:
                cells[name] = "refused"
                notes.append(f"{name}, {source}: {error}")
        end = time.monotonic() + seconds
        for number in range(WARM + most):
            for name, fire in list(fires.items()):
                taken = sample(fire, ear)
                if taken is None:
                    del fires[name]
                    notes.append(f"{name}, {source}: of {number + 1} events one did not arrive within {PATIENCE} s")
                    cells[name] = cells[name] or "never arrives"
                elif number >= WARM:
                    cells[name].append(taken)
            if time.monotonic() > end:
                break
    return found
