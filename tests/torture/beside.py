"""What is asked beside the torture: an API through a function, an item, and how long they take to answer."""

import json
import threading
import time

from cloud import quantile
from raw import Connection
from kinds import runtime

# An answer that no socket takes whole.
LARGE = 5_000_000
HELLO = f"""\
def handler(event, context):
    body = "x" * {LARGE} if event["path"] == "/large" else "hello " + event["path"]
    return {{"statusCode": 200, "body": body}}
"""
NAME = "beside"


def template():
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    uri = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function.Arn}/invocations"
    integration = {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": {"Fn::Sub": uri}}
    api = {"RestApiId": {"Ref": "Api"}}
    key = {"AttributeName": "id", "KeyType": "HASH"}
    resources = {
        "Role": ("IAM::Role", {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [trust]}}),
        "Function": ("Lambda::Function", {
            "Runtime": runtime(), "Handler": "index.handler", "Role": {"Fn::GetAtt": ["Role", "Arn"]},
            "Code": {"ZipFile": HELLO},
        }),
        "Permission": ("Lambda::Permission", {
            "FunctionName": {"Ref": "Function"}, "Action": "lambda:InvokeFunction",
            "Principal": "apigateway.amazonaws.com",
        }),
        "Api": ("ApiGateway::RestApi", {"Name": NAME}),
        "Path": ("ApiGateway::Resource", {
            **api, "ParentId": {"Fn::GetAtt": ["Api", "RootResourceId"]}, "PathPart": "{proxy+}",
        }),
        "Method": ("ApiGateway::Method", {
            **api, "ResourceId": {"Ref": "Path"}, "HttpMethod": "ANY", "AuthorizationType": "NONE",
            "Integration": integration,
        }),
        "Stage": ("ApiGateway::Deployment", {**api, "StageName": "dev"}),
        "Table": ("DynamoDB::Table", {
            "TableName": NAME, "BillingMode": "PAY_PER_REQUEST", "KeySchema": [key],
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        }),
    }  # fmt: skip
    resources = {name: {"Type": f"AWS::{kind}", "Properties": of} for name, (kind, of) in resources.items()}
    resources["Stage"]["DependsOn"] = ["Method"]
    return json.dumps({"Resources": resources, "Outputs": {"Api": {"Value": {"Ref": "Api"}}}})


class Beside:
    """An API with a large answer, a table with an item and a bucket with a large object, deployed; and what asks them."""

    def __init__(self, cloud):
        self.cloud = cloud
        client = cloud.client()
        capabilities = ["CAPABILITY_IAM"]
        client.call("cloudformation", "CreateStack", StackName=NAME, TemplateBody=template(), Capabilities=capabilities)
        while True:
            (stack,) = client.call("cloudformation", "DescribeStacks", StackName=NAME)["Stacks"]
            if not stack["StackStatus"].endswith("_IN_PROGRESS"):
                break
            time.sleep(0.05)
        if stack["StackStatus"] != "CREATE_COMPLETE":
            events = client.call("cloudformation", "DescribeStackEvents", StackName=NAME)["StackEvents"]
            raise AssertionError([event.get("ResourceStatusReason") for event in events if "FAILED" in event["ResourceStatus"]])
        self.path = f"/_aws/execute-api/{stack['Outputs'][0]['OutputValue']}/dev"
        client.call("dynamodb", "PutItem", TableName=NAME, Item={"id": {"S": "1"}})
        client.call("s3", "CreateBucket", Bucket=NAME)
        client.call("s3", "PutObject", Bucket=NAME, Key="large", Body=b"x" * LARGE)
        client.close()

    def ask_api(self, connection, name="a"):
        answer = connection.ask("GET", f"{self.path}/{name}")
        assert (answer.status, answer.body) == (200, f"hello /{name}".encode()), (answer.status, answer.body[:300])

    @staticmethod
    def ask_item(client):
        assert client.call("dynamodb", "GetItem", TableName=NAME, Key={"id": {"S": "1"}})["Item"] == {"id": {"S": "1"}}

    def times(self, count, pause=0.005):
        """Seconds of so many requests each, one after another on a connection that is kept."""
        connection, client = Connection(self.cloud.port), self.cloud.client()
        kinds = {"API": lambda: self.ask_api(connection), "GetItem": lambda: self.ask_item(client)}
        taken = {kind: [] for kind in kinds}
        for _ in range(20):
            for ask in kinds.values():
                ask()
        for _ in range(count):
            for kind, ask in kinds.items():
                begun = time.monotonic()
                ask()
                taken[kind].append(time.monotonic() - begun)
            time.sleep(pause)
        connection.close()
        client.close()
        return taken


class Asking(threading.Thread):
    """Asks beside the torture until it is told to end; keeps what each answer took, and what went wrong."""

    def __init__(self, beside):
        super().__init__()
        self.beside, self.over = beside, threading.Event()
        self.taken, self.faults = {"API": [], "GetItem": []}, []

    def run(self):
        while not self.over.is_set():
            try:
                for kind, taken in self.beside.times(20).items():
                    self.taken[kind] += taken
            except Exception as fault:
                self.faults.append(f"{type(fault).__name__}: {fault}")
                self.over.wait(0.1)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join()


def told(taken):
    """Medians and 99th percentiles, in milliseconds."""
    ms = lambda of, share: f"{quantile(of, share) * 1000:.1f} ms"
    return "; ".join(f"{kind} p50 {ms(of, 0.5)}, p99 {ms(of, 0.99)}" for kind, of in taken.items())
