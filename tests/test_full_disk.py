"""A full disk, and a log that nobody can write: what fails says why, what frees room works, and all goes on afterwards.
tests/torture/full_disk.py has writers of all kinds on it."""

import json
import os
import pathlib
import signal
import socketserver
import subprocess
import sys
import threading
import time

import botocore.exceptions
import pytest
import requests

from conftest import Machine
from functions import create, package

sys.path.insert(0, str(pathlib.Path(__file__).parent / "torture"))
import kinds  # noqa: E402
import power_cut  # noqa: E402
from cloud import Cloud  # noqa: E402
from full_disk import fill  # noqa: E402
from raw import Refused  # noqa: E402
from writers import role_of  # noqa: E402

FULL = "the disk is full|No space left on device|disk is full"
LOGGING = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}


@pytest.mark.skipif(power_cut.lacking() is not None, reason=f"there is no small disk to be had: {power_cut.lacking()}")
def test_a_full_disk(tmp_path, function_role):
    disk = power_cut.Disk(tmp_path, 96 * 1024 * 1024)
    machine = Machine(disk.folder)
    try:
        machine.run("cloud", "start")
        s3, functions, iam = (machine.client(name) for name in ("s3", "lambda", "iam"))
        role = function_role(machine, "full", LOGGING)
        create(machine, role, "def handler(event, context):\n    print('x' * event['length'])\n    return 1\n")
        s3.create_bucket(Bucket="full")
        for key in ("a", "b", "c"):
            s3.put_object(Bucket="full", Key=key, Body=b"x" * 1024 * 1024)
        iam.create_user(UserName="kept")
        functions.invoke(FunctionName="f", Payload=json.dumps({"length": 10}))
        fill(disk.folder / "filler")

        refused(lambda: s3.put_object(Bucket="full", Key="d", Body=b"x" * 1024 * 1024))
        refused(lambda: functions.publish_layer_version(LayerName="l", Content={"ZipFile": package(a=os.urandom(500_000).hex())}))
        # Sooner or later there is no room for a row either, and it is said so from then on.
        refused(lambda: [iam.create_user(UserName=f"user-{number:04}-{'x' * 40}") for number in range(5000)])
        # What runs goes on, whatever becomes of its log.
        for length in (10, 3_000_000, 10):
            assert functions.invoke(FunctionName="f", Payload=json.dumps({"length": length}))["Payload"].read() == b"1"
        assert [it["Key"] for it in s3.list_objects_v2(Bucket="full")["Contents"]] == ["a", "b", "c"]

        retried(lambda: s3.delete_object(Bucket="full", Key="a"))
        retried(lambda: s3.delete_objects(Bucket="full", Delete={"Objects": [{"Key": "b"}, {"Key": "c"}]}))
        retried(lambda: iam.delete_user(UserName="kept"))
        retried(lambda: machine.client("logs").delete_log_group(logGroupName="/aws/lambda/f"))
        (disk.folder / "filler").unlink()
        s3.put_object(Bucket="full", Key="e", Body=b"x" * 1024 * 1024)
        iam.create_user(UserName="again")
        functions.invoke(FunctionName="f", Payload=json.dumps({"length": 10}), LogType="Tail")
        machine.run("cloud", "stop")
        assert machine.json("cloud", "check") == []
    finally:
        machine.stop()
        disk.close()


def refused(call):
    with pytest.raises(botocore.exceptions.ClientError, match=FULL):
        call()


def retried(call):
    """The write that finds the disk full may be the one that frees room: SDKs ask again."""
    try:
        call()
    except botocore.exceptions.ClientError as error:
        assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 500
        call()


@pytest.fixture
def small(tmp_path):
    """A cloud whose home is on a small disk, and whose log is not."""
    if reason := power_cut.lacking():
        pytest.skip(f"there is no small disk to be had: {reason}")
    disk = power_cut.Disk(tmp_path, 96 * 1024 * 1024)
    cloud = Cloud(disk.folder)
    cloud.log = tmp_path / "cloud.log"
    try:
        cloud.start()
        # What is left is soon taken.
        left = os.statvfs(disk.folder)
        (disk.folder / "most").write_bytes(b"z" * (left.f_bavail * left.f_bsize - 6 * 1024 * 1024))
        yield cloud, disk
    finally:
        cloud.end()
        disk.close()


def full(client, disk):
    """Takes the rest of the disk, until no row is written any more."""
    fill(disk.folder / "rest")
    with pytest.raises(Refused, match=FULL):
        for number in range(5000):
            client.call("iam", "CreateUser", UserName=f"user-{number:04}-{'x' * 40}")


def free(disk):
    for name in ("most", "rest"):
        (disk.folder / name).unlink()


def until(is_reached, what):
    deadline = time.monotonic() + 120
    while not is_reached():
        assert time.monotonic() < deadline, f"waited in vain until {what}"
        time.sleep(0.02)


def test_an_operation_on_a_stack_goes_on_when_there_is_room(small):
    """Its progress could not be written down; it is taken up again without a restart, and rolled back."""
    cloud, disk = small
    client = cloud.client()
    names = [f"G{number}" for number in range(400)]
    after = dict(zip(names[1:], names, strict=False))
    groups = {
        name: {"Type": "AWS::Logs::LogGroup", **({"DependsOn": after[name]} if name in after else {})} for name in names
    }

    def made():
        return client.call("logs", "DescribeLogGroups", logGroupNamePrefix="stack-")["logGroups"]

    def status():
        (stack,) = client.call("cloudformation", "DescribeStacks", StackName="stack")["Stacks"]
        return stack["StackStatus"]

    client.call("cloudformation", "CreateStack", StackName="stack", TemplateBody=json.dumps({"Resources": groups}))
    until(lambda: len(made()) > 3, "the stack has some of its resources")
    full(client, disk)
    until(lambda: "an operation on a stack stopped" in cloud.log.read_text(), "the operation is refused a write")
    assert status().endswith("_IN_PROGRESS")
    free(disk)
    until(lambda: not status().endswith("_IN_PROGRESS"), "the stack comes to rest")
    assert status() == "ROLLBACK_COMPLETE"
    assert made() == []
    client.close()


def test_an_asynchronous_event_goes_on_when_there_is_room(small):
    """That it was throttled could not be written down, as the disk was full; it runs without a restart."""
    cloud, disk = small
    client = cloud.client()
    heard, may_end = [], threading.Event()

    class Line(socketserver.StreamRequestHandler):
        def handle(self):
            heard.append(self.rfile.readline().decode().strip())
            may_end.wait(120)
            self.wfile.write(b".")

    def invoke(name):
        payload = json.dumps({"name": name}).encode()
        client.call("lambda", "Invoke", FunctionName="tells", InvocationType="Event", Payload=payload)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Line) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        code = kinds.package(app=kinds.TELLS.format(port=server.server_address[1]).replace("10)", "120)"))
        kinds.create(client, "tells", role_of(client), code, Timeout=120)
        client.call("lambda", "PutFunctionConcurrency", FunctionName="tells", ReservedConcurrentExecutions=1)
        invoke("first")
        until(lambda: heard == ["first"], "the first event runs")
        names = [f"event-{number}" for number in range(8)]
        for name in names:
            invoke(name)
        # Nobody else writes, so it is one of these that finds the disk full.
        fill(disk.folder / "rest")
        until(lambda: "a job cannot be stored" in cloud.log.read_text(), "an event is refused a write")
        free(disk)
        may_end.set()
        until(lambda: set(heard) == {"first", *names}, "all events have run")
        server.shutdown()
    client.close()


def test_a_log_that_nobody_reads(machine, function_role):
    """The cloud's own log goes to a pipe whose reader has gone."""
    reader, writer = os.pipe()
    environment = machine.environment(SLAM_LOG="debug")
    command = [machine.binary, "cloud", "start", "--foreground"]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=writer, text=True) as cloud:
        os.close(writer)
        assert "listens on" in cloud.stdout.readline()
        os.close(reader)
        create(machine, function_role(machine, "unheard", LOGGING), "def handler(event, context):\n    print('x' * 100)\n    return 1\n")
        functions = machine.client("lambda")
        for _ in range(20):
            assert functions.invoke(FunctionName="f")["Payload"].read() == b"1"
            assert requests.get(f"http://127.0.0.1:{machine.port}/_slam/health", timeout=60).ok
        cloud.send_signal(signal.SIGTERM)
        assert cloud.wait(60) == 0


def test_a_command_that_nobody_listens_to(machine):
    """`slam cloud start 2>&1 | head -0`"""
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([machine.binary, "cloud", "start"], env=machine.environment(), stderr=writer, timeout=60)
    os.close(writer)
    assert done.returncode == 0
