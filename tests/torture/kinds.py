"""Writers of seven kinds, one for each way in which the cloud keeps something."""

import ast
import contextlib
import hashlib
import io
import json
import pathlib
import socketserver
import sys
import threading
import time
import zipfile

from raw import Refused
from writer import Lost, Writer, absent

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from functions import package, runtime  # noqa: E402


class Objects(Writer):
    """S3: rows in the store, bodies and parts in files."""

    kind = "object"

    def prepare(self, client):
        client.call("s3", "CreateBucket", Bucket="torture")

    @staticmethod
    def body(value):
        # Nothing, what fits into a packet, what does not, and seldom more than a piece of the disk's.
        number = int(value.split()[1])
        times = 60_000 if number % 50 == 0 else (1, 40, 3000)[number % 3]
        return f"{value}\n".encode() * times

    def put(self, client, name, value, now):
        where = {"Bucket": "torture", "Key": f"a folder/{name}"}
        number = int(value.split()[1])
        if number % 4:
            client.call("s3", "PutObject", **where, Body=self.body(value))
            return
        which = {**where, "UploadId": client.call("s3", "CreateMultipartUpload", **where)["UploadId"]}
        # A part that is written over is another file that nobody needs any more.
        for body in (b"not this", self.body(value)):
            etag = client.call("s3", "UploadPart", **which, PartNumber=1, Body=body)["ETag"]
        parts = {"Parts": [{"PartNumber": 1, "ETag": etag}]}
        client.call("s3", "CompleteMultipartUpload", **which, MultipartUpload=parts)

    def delete(self, client, name):
        client.call("s3", "DeleteObject", Bucket="torture", Key=f"a folder/{name}")

    def read(self, client, name):
        try:
            answer = client.call("s3", "GetObject", Bucket="torture", Key=f"a folder/{name}")
        except Refused as refused:
            return absent(refused, "NoSuchKey")
        body, value = answer["Body"], answer["Body"].split(b"\n", 1)[0].decode()
        if body != self.body(value):
            raise Lost(f"{name} has {len(body)} bytes, and not those that were written")
        if "-" not in answer["ETag"] and answer["ETag"] != f'"{hashlib.md5(body).hexdigest()}"':
            raise Lost(f"{name} has the ETag {answer['ETag']}, and not its body's")
        return value

    def verify(self, client, faults, everything=False):
        # Uploads that a kill has cut off are whole uploads, which stay until somebody aborts them.
        uploads = client.call("s3", "ListMultipartUploads", Bucket="torture").get("Uploads", [])
        for upload in uploads:
            which = {"Key": upload["Key"], "UploadId": upload["UploadId"]}
            client.call("s3", "AbortMultipartUpload", Bucket="torture", **which)
        read = super().verify(client, faults, everything)
        listed = client.call("s3", "ListObjectsV2", Bucket="torture").get("Contents", [])
        there = {name for name, may in self.may.items() if None not in may}
        if {one["Key"].removeprefix("a folder/") for one in listed} != there:
            faults.append("the list of objects is not that of the objects that are there")
        return read


class Items(Writer):
    """DynamoDB: a database for each table. Every second name is two items, written in one transaction."""

    kind = "item"
    # An index's worth of attributes.
    index = {"IndexName": "by_value", "KeySchema": [{"AttributeName": "value", "KeyType": "HASH"}]}

    def prepare(self, client):
        client.call(
            "dynamodb", "CreateTable", TableName="torture", BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("id", "value")],
            GlobalSecondaryIndexes=[{**self.index, "Projection": {"ProjectionType": "KEYS_ONLY"}}],
        )  # fmt: skip

    @staticmethod
    def keys(name):
        return [name, f"{name}-twin"] if int(name.split("-")[1]) % 2 else [name]

    def put(self, client, name, value, now):
        puts = [{"TableName": "torture", "Item": {"id": {"S": key}, "value": {"S": value}}} for key in self.keys(name)]
        if len(puts) == 1:
            client.call("dynamodb", "PutItem", **puts[0])
        else:
            client.call("dynamodb", "TransactWriteItems", TransactItems=[{"Put": put} for put in puts])

    def delete(self, client, name):
        deletes = [{"TableName": "torture", "Key": {"id": {"S": key}}} for key in self.keys(name)]
        if len(deletes) == 1:
            client.call("dynamodb", "DeleteItem", **deletes[0])
        else:
            client.call("dynamodb", "TransactWriteItems", TransactItems=[{"Delete": delete} for delete in deletes])

    def read(self, client, name):
        values = set()
        for key in self.keys(name):
            got = client.call("dynamodb", "GetItem", TableName="torture", Key={"id": {"S": key}}, ConsistentRead=True)
            values.add(got["Item"]["value"]["S"] if "Item" in got else None)
        if len(values) > 1:
            raise Lost(f"{name} is half a transaction: {values}")
        (value,) = values
        return value

    def verify(self, client, faults, everything=False):
        read = super().verify(client, faults, everything)
        there = sorted(key for name, may in self.may.items() if None not in may for key in self.keys(name))
        for which in ({}, {"IndexName": "by_value"}):
            items = client.call("dynamodb", "Scan", TableName="torture", **which)["Items"]
            if sorted(item["id"]["S"] for item in items) != there:
                faults.append(f"a scan of {which or 'the table'} does not give the items that are there")
        return read


# Each package is one of its own by its text, and is a layer as well as a function.
SOURCE = "VALUE = {!r}\ndef handler(event, context):\n    return VALUE\n"


def packed(value):
    return package(app=SOURCE.format(value), **{"python/value": f"VALUE = {value!r}\n"})


def create(client, name, role, code, **configuration):
    configuration = {"Runtime": runtime(), "Handler": "app.handler", "Role": role, **configuration}
    client.call("lambda", "CreateFunction", FunctionName=name, Code={"ZipFile": code}, **configuration)


class Functions(Writer):
    """Lambda: functions and layers, documents in the store and packages in files, which are unpacked and run."""

    kind = "function"
    names = 12
    not_now = ("ResourceConflictException",)

    def __init__(self, role, seed=0):
        super().__init__(seed)
        self.role = role

    @staticmethod
    def is_layer(name):
        return int(name.split("-")[1]) % 3 == 0

    def put(self, client, name, value, now):
        code = packed(value)
        if self.is_layer(name):
            # The older ones go before, so that a refusal leaves what was there.
            self.delete_versions(client, name, self.versions(client, name)[:-1])
            client.call("lambda", "PublishLayerVersion", LayerName=name, Content={"ZipFile": code})
        elif now is None:
            create(client, name, self.role, code)
        else:
            client.call("lambda", "UpdateFunctionCode", FunctionName=name, ZipFile=code)

    def delete(self, client, name):
        if self.is_layer(name):
            self.delete_versions(client, name, self.versions(client, name))
        else:
            client.call("lambda", "DeleteFunction", FunctionName=name)

    @staticmethod
    def versions(client, name):
        listed = client.call("lambda", "ListLayerVersions", LayerName=name)["LayerVersions"]
        return sorted(one["Version"] for one in listed)

    @staticmethod
    def delete_versions(client, name, versions):
        """The oldest first: what is latest is so until it goes itself."""
        for version in versions:
            client.call("lambda", "DeleteLayerVersion", LayerName=name, VersionNumber=version)

    def read(self, client, name):
        try:
            if self.is_layer(name):
                versions = self.versions(client, name)
                if not versions:
                    return None
                got = client.call("lambda", "GetLayerVersion", LayerName=name, VersionNumber=versions[-1])
                return self.unpacked(client, got["Content"]["Location"])
            got = client.call("lambda", "GetFunction", FunctionName=name)
        except Refused as refused:
            return absent(refused, "ResourceNotFoundException")
        value = self.unpacked(client, got["Code"]["Location"])
        # Each ninth is started, too: that costs a process.
        if self.random.randrange(9) == 0:
            answer = client.call("lambda", "Invoke", FunctionName=name, Payload=b"{}")
            if json.loads(answer["Payload"]) != value:
                raise Lost(f"{name} answers {answer['Payload'][:300]}, and its package says {value}")
        return value

    @staticmethod
    def unpacked(client, location):
        with zipfile.ZipFile(io.BytesIO(client.fetch(location))) as archive:
            app, layer = (archive.read(name).decode() for name in ("app.py", "python/value.py"))
            value = ast.literal_eval(layer.removeprefix("VALUE = "))
            if app != SOURCE.format(value):
                raise Lost(f"the package of {value} is not the one that was written")
        return value


class Witness:
    """Hears from functions that they ran."""

    def __init__(self):
        self.heard, self.port, self._server = {}, None, None

    def __enter__(self):
        witness = self

        class Line(socketserver.StreamRequestHandler):
            def handle(self):
                event = self.rfile.readline().decode().strip()
                witness.heard[event] = witness.heard.get(event, 0) + 1
                self.wfile.write(b".")

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            request_queue_size = 128

        self._server = Server(("127.0.0.1", 0), Line)
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()


TELLS = """\
import socket
def handler(event, context):
    with socket.create_connection(("127.0.0.1", {port}), 10) as witness:
        witness.sendall(event["name"].encode() + b"\\n")
        assert witness.recv(1) == b"."
"""


class Events(Writer):
    """Asynchronous invocations: a queue in the store. Each that was acknowledged runs at least once."""

    kind = "event"
    names = 0
    pause = 0.01
    # What failed, as on a full disk, is tried again after one minute and after two more.
    patience = 240

    def __init__(self, role, witness, seed=0):
        super().__init__(seed)
        self.role, self.witness = role, witness
        self.acknowledged, self.repeated = set(), 0

    def prepare(self, client):
        code = package(app=TELLS.format(port=self.witness.port))
        create(client, "tells", self.role, code, Timeout=20)
        client.call("lambda", "PutFunctionConcurrency", FunctionName="tells", ReservedConcurrentExecutions=4)

    def step(self, client):
        self.number += 1
        name = f"event-{self.number}"
        payload = json.dumps({"name": name}).encode()
        client.call("lambda", "Invoke", FunctionName="tells", InvocationType="Event", Payload=payload)
        self.acknowledged.add(name)
        self.written += 1

    def verify(self, client, faults, everything=False):
        """Waits until all have run."""
        count = len(self.acknowledged)
        deadline = time.monotonic() + self.patience
        while waiting := self.acknowledged - self.witness.heard.keys():
            if time.monotonic() > deadline:
                faults.append(f"{len(waiting)} events were acknowledged and did not run: {sorted(waiting)[:10]}")
                break
            time.sleep(0.01)
        self.repeated += sum(self.witness.heard.get(name, 0) > 1 for name in self.acknowledged)
        self.acknowledged.clear()
        self.witness.heard.clear()
        return count

    def clear(self, client):
        """Nothing is left of them."""


class Documents(Writer):
    """Users with tags, parameters and secrets: collections in the store."""

    kind = "document"

    @staticmethod
    def service(name):
        return ("iam", "ssm", "secretsmanager")[int(name.split("-")[1]) % 3]

    def put(self, client, name, value, now):
        service = self.service(name)
        if service == "iam":
            tags = [{"Key": "value", "Value": value}]
            client.call("iam", "CreateUser" if now is None else "TagUser", UserName=name, Tags=tags)
        elif service == "ssm":
            client.call("ssm", "PutParameter", Name=name, Value=value, Type="String", Overwrite=True)
        else:
            which = {"Name" if now is None else "SecretId": name, "ClientRequestToken": f"{self.number:032}"}
            client.call(service, "CreateSecret" if now is None else "PutSecretValue", SecretString=value, **which)

    def delete(self, client, name):
        service = self.service(name)
        if service == "iam":
            client.call("iam", "DeleteUser", UserName=name)
        elif service == "ssm":
            client.call("ssm", "DeleteParameter", Name=name)
        else:
            client.call(service, "DeleteSecret", SecretId=name, ForceDeleteWithoutRecovery=True)

    def read(self, client, name):
        service = self.service(name)
        try:
            if service == "iam":
                (tag,) = client.call("iam", "GetUser", UserName=name)["User"]["Tags"]
                return tag["Value"]
            if service == "ssm":
                return client.call("ssm", "GetParameter", Name=name)["Parameter"]["Value"]
            return client.call(service, "GetSecretValue", SecretId=name)["SecretString"]
        except Refused as refused:
            return absent(refused, "NoSuchEntity", "ParameterNotFound", "ResourceNotFoundException")


class Logs(Writer):
    """CloudWatch Logs: a table of the store that grows. A stream's value is the events in it, in order."""

    kind = "stream"
    names = 8
    deletions = 0

    def prepare(self, client):
        client.call("logs", "CreateLogGroup", logGroupName="torture")

    def value(self, name, now):
        # Full ones go.
        if now and len(now) >= 120:
            return None
        return (now or ()) + tuple(f"{name} {self.number} {part}" for part in range(3 if now is not None else 0))

    def put(self, client, name, value, now):
        if now is None:
            client.call("logs", "CreateLogStream", logGroupName="torture", logStreamName=name)
            return
        moment = int(time.time() * 1000)
        events = [{"timestamp": moment, "message": message} for message in value[len(now) :]]
        client.call("logs", "PutLogEvents", logGroupName="torture", logStreamName=name, logEvents=events)

    def delete(self, client, name):
        client.call("logs", "DeleteLogStream", logGroupName="torture", logStreamName=name)

    def read(self, client, name):
        which = {"logGroupName": "torture", "logStreamName": name, "startFromHead": True}
        try:
            return tuple(event["message"] for event in client.call("logs", "GetLogEvents", **which)["events"])
        except Refused as refused:
            return absent(refused, "ResourceNotFoundException")


def template(value):
    """A small stack of a resource each of three stores."""
    key = {"AttributeName": "id", "KeyType": "HASH"}
    table = {
        "BillingMode": "PAY_PER_REQUEST",
        "TableName": {"Ref": "AWS::StackName"},
        "KeySchema": [key],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
    }
    parameter = {"Name": {"Ref": "AWS::StackName"}, "Type": "String", "Value": value}
    return json.dumps({
        "Resources": {
            "Table": {"Type": "AWS::DynamoDB::Table", "Properties": table},
            "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": {"Ref": "AWS::StackName"}}},
            "Parameter": {"Type": "AWS::SSM::Parameter", "Properties": parameter},
        },
        "Outputs": {"Value": {"Value": {"Fn::GetAtt": ["Parameter", "Value"]}}},
    })  # fmt: skip


class Stacks(Writer):
    """CloudFormation: work under way. After a kill a stack comes to rest by itself, with what it says it has."""

    kind = "stack"
    names = 3
    pause = 0.05
    patience = 60

    def put(self, client, name, value, now):
        operation = "CreateStack" if now is None else "UpdateStack"
        client.call("cloudformation", operation, StackName=name, TemplateBody=template(value))
        status = self.at_rest(client, name)["StackStatus"]
        if status != ("CREATE_COMPLETE" if now is None else "UPDATE_COMPLETE"):
            raise Lost(f"{operation} of {name} ended with {status}")

    def delete(self, client, name):
        client.call("cloudformation", "DeleteStack", StackName=name)
        if (stack := self.at_rest(client, name)) is not None:
            raise Lost(f"DeleteStack of {name} ended with {stack['StackStatus']}")

    def at_rest(self, client, name):
        """The stack once nothing is under way, None where there is none."""
        deadline = time.monotonic() + self.patience
        while True:
            try:
                (stack,) = client.call("cloudformation", "DescribeStacks", StackName=name)["Stacks"]
            except Refused as refused:
                return absent(refused, "ValidationError")
            if not stack["StackStatus"].endswith("_IN_PROGRESS"):
                return stack
            if time.monotonic() > deadline:
                raise Lost(f"{name} does not come to rest: {stack['StackStatus']}")
            time.sleep(0.005)

    def read(self, client, name):
        stack = self.at_rest(client, name)
        if stack is not None and stack["StackStatus"] == "ROLLBACK_COMPLETE":
            # Its creation was cut off: nothing is left of it, and it can only be deleted.
            self.there(client, name, None)
            self.delete(client, name)
            stack = None
        if stack is None:
            self.there(client, name, None)
            return None
        if stack["StackStatus"] not in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"):
            raise Lost(f"{name} came to rest as {stack['StackStatus']}: {stack.get('StackStatusReason')}")
        value = stack["Outputs"][0]["OutputValue"]
        self.there(client, name, value)
        return value

    @staticmethod
    def there(client, name, value):
        """Looks whether the stack's resources are there, or none is."""
        groups = client.call("logs", "DescribeLogGroups", logGroupNamePrefix=name)["logGroups"]
        found = {"the log group": value if any(group["logGroupName"] == name for group in groups) else None}
        for what, of in (("the table", ("dynamodb", "DescribeTable")), ("the parameter", ("ssm", "GetParameter"))):
            try:
                got = client.call(*of, **{"TableName" if of[0] == "dynamodb" else "Name": name})
                found[what] = got["Parameter"]["Value"] if "Parameter" in got else value or "there"
            except Refused as refused:
                found[what] = absent(refused, "ResourceNotFoundException", "ParameterNotFound")
        if wrong := {what: is_now for what, is_now in found.items() if is_now != value}:
            raise Lost(f"the stack {name} has {value!r}, and there is {wrong}")


    def remove(self, client, name):
        super().remove(client, name)
        left = [("dynamodb", "DeleteTable", "TableName"), ("ssm", "DeleteParameter", "Name"),
                ("logs", "DeleteLogGroup", "logGroupName")]  # fmt: skip
        for service, operation, member in left:
            with contextlib.suppress(Refused):
                client.call(service, operation, **{member: name})
