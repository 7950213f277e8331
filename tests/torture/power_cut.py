"""Power cuts: what the cloud acknowledged with --durability-fsync is there after the power is gone.

    sudo SLAM_BINARY=target/release/slam python tests/torture/power_cut.py [--cuts 50]

The cloud has its home on an ext4 file system of its own (a loop device) while objects, parts, functions, layers, items
and log events are written to it. Then that file system is shut down without its journal being flushed (ext4's
`EXT4_IOC_SHUTDOWN`, which file systems' own tests use for a power cut), the cloud is killed, and a new one is asked for
everything that was acknowledged. Needs Linux and root.
"""

import argparse
import contextlib
import fcntl
import io
import json
import os
import pathlib
import random
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

import requests

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from conftest import Machine  # noqa: E402
from functions import package, runtime  # noqa: E402

SHUTDOWN = 0x8004_587D  # EXT4_IOC_SHUTDOWN: _IOR('X', 125, __u32)
WITHOUT_FLUSH = struct.pack("I", 2)  # EXT4_GOING_FLAGS_NOLOGFLUSH
SIZE = 1024 * 1024 * 1024


def lacking():
    """What this machine lacks for power cuts; None where it has all."""
    if os.geteuid() != 0:
        return "only root may mount"
    missing = [name for name in ("mkfs.ext4", "mount", "umount") if not shutil.which(name)]
    if missing:
        return f"there is no {missing[0]}"
    return None if os.path.exists("/dev/loop-control") else "there are no loop devices"


class Disk:
    """A file system of its own, whose power can be cut."""

    def __init__(self, folder, size=SIZE):
        self.image, self.folder = folder / "image", folder / "disk"
        self.folder.mkdir()
        with self.image.open("wb") as image:
            image.truncate(size)
        subprocess.run(["mkfs.ext4", "-q", self.image], check=True)
        self.mount()

    def mount(self):
        subprocess.run(["mount", "-o", "loop", self.image, self.folder], check=True)

    def unmount(self):
        # What was killed may have it open a moment longer.
        for _ in range(100):
            if subprocess.run(["umount", self.folder], capture_output=True).returncode == 0:
                return
            time.sleep(0.1)
        subprocess.run(["umount", self.folder], check=True)

    def cut(self):
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, SHUTDOWN, WITHOUT_FLUSH)
        finally:
            os.close(handle)


def packed(text):
    """A function's package, which is a layer's as well."""
    handler = f"def handler(event, context):\n    return {text!r}\n"
    return package(app=handler, **{"python/layered": package_text(text)})


class Writers:
    """Writes of each kind, one after another, until the power is gone; what was answered with success is remembered."""

    def __init__(self, machine, role):
        self.machine, self.role = machine, role
        self.acknowledged = {kind: set() for kind in ("item", "object", "upload", "event", "function", "layer", "user")}

    def prepare(self):
        self.machine.client("s3").create_bucket(Bucket="cuts")
        self.machine.client("dynamodb").create_table(
            TableName="cuts",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        logs = self.machine.client("logs")
        logs.create_log_group(logGroupName="cuts")
        logs.create_log_stream(logGroupName="cuts", logStreamName="cuts")

    def operations(self):
        client = self.machine.client
        s3, dynamodb, logs, iam = client("s3"), client("dynamodb"), client("logs"), client("iam")
        functions, layers = client("lambda"), client("lambda")

        def upload(name):
            started = s3.create_multipart_upload(Bucket="cuts", Key=f"upload-{name}")
            which = {"Bucket": "cuts", "Key": f"upload-{name}", "UploadId": started["UploadId"]}
            etag = s3.upload_part(**which, PartNumber=1, Body=name.encode())["ETag"]
            s3.complete_multipart_upload(**which, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})

        def event(name):
            events = [{"timestamp": int(time.time() * 1000), "message": name}]
            logs.put_log_events(logGroupName="cuts", logStreamName="cuts", logEvents=events)

        def function(name):
            code = {"Runtime": runtime(), "Handler": "app.handler", "Code": {"ZipFile": packed(name)}}
            functions.create_function(FunctionName=name, Role=self.role, **code)

        return {
            "item": lambda name: dynamodb.put_item(TableName="cuts", Item={"id": {"S": name}}),
            "object": lambda name: s3.put_object(Bucket="cuts", Key=name, Body=name.encode()),
            "upload": upload,
            "event": event,
            "function": function,
            "layer": lambda name: layers.publish_layer_version(LayerName=name, Content={"ZipFile": packed(name)}),
            "user": lambda name: iam.create_user(UserName=name),
        }

    def write_until(self, cut, prefix):
        gone = threading.Event()

        def write(kind, one):
            number = 0
            while not gone.is_set():
                name = f"{prefix}-{number}"
                number += 1
                try:
                    one(name)
                except Exception:  # The power went under the call: not acknowledged.
                    return
                # Without power nobody hears an answer. (A sync that the cut overtakes may return without an error.)
                if not gone.is_set():
                    self.acknowledged[kind].add(name)

        threads = [threading.Thread(target=write, args=writer) for writer in self.operations().items()]
        for thread in threads:
            thread.start()
        cut(gone)
        for thread in threads:
            thread.join()

    def lost(self, prefix):
        """What of a round was acknowledged and is not there, by kind."""
        client = self.machine.client
        s3, functions = client("s3"), client("lambda")
        items = client("dynamodb").get_paginator("scan").paginate(TableName="cuts")
        events = client("logs").get_paginator("filter_log_events").paginate(logGroupName="cuts")
        users = client("iam").get_paginator("list_users").paginate()
        there = {
            "item": {item["id"]["S"] for page in items for item in page["Items"]}.__contains__,
            "event": {event["message"] for page in events for event in page["events"]}.__contains__,
            "user": {user["UserName"] for page in users for user in page["Users"]}.__contains__,
            "object": lambda name: self.is_whole(s3, name, name),
            "upload": lambda name: self.is_whole(s3, f"upload-{name}", name),
            "function": lambda name: self.runs(functions, name),
            "layer": lambda name: self.has_layer(functions, name),
        }
        of_round = {kind: {n for n in names if n.startswith(prefix)} for kind, names in self.acknowledged.items()}
        gone = {kind: {name for name in names if not there[kind](name)} for kind, names in of_round.items()}
        return {kind: names for kind, names in gone.items() if names}

    @staticmethod
    def is_whole(s3, key, text):
        try:
            return s3.get_object(Bucket="cuts", Key=key)["Body"].read() == text.encode()
        except Exception:
            return False

    def runs(self, functions, name):
        package_of = self.zip_of(lambda: functions.get_function(FunctionName=name)["Code"]["Location"])
        answer = functions.invoke(FunctionName=name)["Payload"].read()
        return package_of == package_text(name) and answer == f'"{name}"'.encode()

    def has_layer(self, layers, name):
        layer = self.zip_of(lambda: layers.get_layer_version(LayerName=name, VersionNumber=1)["Content"]["Location"])
        return layer == package_text(name)

    @staticmethod
    def zip_of(location):
        try:
            with zipfile.ZipFile(io.BytesIO(requests.get(location()).content)) as archive:
                return archive.read("python/layered.py").decode()
        except Exception:
            return None


def package_text(name):
    return f"TEXT = {name!r}\n"


def run(folder, cuts, say=lambda text: None):
    """Cuts the power that many times. Gives what was acknowledged, and what of it was lost, by kind."""
    disk = Disk(folder)
    randomness = random.Random(4566)
    with contextlib.ExitStack() as after:
        after.callback(disk.unmount)
        machine = Machine(disk.folder)
        after.callback(machine.stop)
        machine.run("cloud", "start", "--durability-fsync")
        trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
        role = machine.client("iam").create_role(RoleName="cuts", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        writers = Writers(machine, role)
        writers.prepare()
        for number in range(cuts):

            # Read before: nothing can be read of a disk without power.
            pid = machine.cloud_pid()

            def cut(gone):
                time.sleep(randomness.uniform(0.3, 1.5))
                gone.set()
                disk.cut()
                os.kill(pid, signal.SIGKILL)

            writers.write_until(cut, f"n{number}")
            disk.unmount()
            disk.mount()
            machine.run("cloud", "start", "--durability-fsync")
            lost = writers.lost(f"n{number}-")
            say(f"cut {number + 1}: {counts(writers.acknowledged)} acknowledged; lost: {counts(lost) or 'nothing'}")
            if lost:
                return writers.acknowledged, lost
        # What was on the disk before the later cuts, too.
        lost = writers.lost("n")
    return writers.acknowledged, lost


def counts(names):
    return ", ".join(f"{len(of)} {kind}s" for kind, of in names.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuts", type=int, default=50)
    arguments = parser.parse_args()
    if reason := lacking():
        sys.exit(f"no power can be cut here: {reason}")
    with tempfile.TemporaryDirectory(prefix="slam-cuts-") as folder:
        _, lost = run(pathlib.Path(folder), arguments.cuts, lambda text: print(text, flush=True))
    sys.exit(1 if lost else 0)


if __name__ == "__main__":
    main()
