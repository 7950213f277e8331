"""An execution environment is its function's own: what it leaves running ends with it, and it is held to Lambda's quotas
of processes and of /tmp."""

import contextlib
import errno
import json
import pathlib
import time
import uuid

import pytest
from functions import create

LOGS = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


@pytest.fixture(scope="module")
def role(shared_machine):
    iam = shared_machine.client("iam")
    arn = iam.create_role(RoleName="apart", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    policy = {"Version": "2012-10-17", "Statement": [LOGS]}
    iam.put_role_policy(RoleName="apart", PolicyName="logs", PolicyDocument=json.dumps(policy))
    return arn


def invoke(machine, name, event=None):
    return json.load(machine.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event))["Payload"])


# Leaves a daemon and a child behind that can be told from all others by their arguments.
LEAVES = """
import os, subprocess
def handler(event, context):
    daemon = "setsid sh -c 'sleep %s & sleep %s' >/dev/null 2>&1 &" % (event["mark"], event["mark"])
    subprocess.run(["sh", "-c", daemon], check=True)
    subprocess.Popen(["sleep", event["mark"]], start_new_session=True)
    if event.get("exit"):
        os._exit(1)
    return "left"
"""


def with_mark(mark):
    found = []
    for line in pathlib.Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            arguments = line.read_bytes().split(b"\0")
            if arguments[:2] == [b"sleep", mark.encode()]:
                found.append(int(line.parent.name))
    return found


def leave(machine, name, **event):
    """Has a function leave something running, and waits until all of it does."""
    mark = f"{uuid.uuid4().int % 10**6 + 10**6}.{uuid.uuid4().int % 10**9:09}"
    assert invoke(machine, name, {"mark": mark, **event}) == "left" or event
    return mark


def none_is_left(mark):
    deadline = time.monotonic() + 20
    while with_mark(mark) and time.monotonic() < deadline:
        time.sleep(0.02)
    return with_mark(mark) == []


def test_what_a_function_leaves_running_ends_with_its_environment(shared_machine, role):
    client = create(shared_machine, role, LEAVES, name="leaves")
    mark = leave(shared_machine, "leaves")
    assert with_mark(mark)
    # As on AWS it goes on to run as long as the environment is there.
    assert leave(shared_machine, "leaves") and with_mark(mark)
    client.update_function_configuration(FunctionName="leaves", Description="another one")
    client.get_waiter("function_updated_v2").wait(FunctionName="leaves")
    assert none_is_left(mark)
    # The runtime's own end is the environment's.
    assert none_is_left(leave(shared_machine, "leaves", exit=True))


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_what_a_function_leaves_running_ends_with_the_cloud(machine, function_role, end):
    machine.run("cloud", "start")
    create(machine, function_role(machine, "r", LOGS), LEAVES, name="leaves")
    mark = leave(machine, "leaves")
    assert with_mark(mark)
    getattr(machine, end)()
    assert none_is_left(mark)


FORKS = """
import os, signal
def handler(event, context):
    children = []
    try:
        for _ in range(3000):
            child = os.fork()
            if child == 0:
                signal.pause()
                os._exit(0)
            children.append(child)
    except OSError as error:
        answer = [error.errno, len(children)]
    for child in children:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return answer
"""


def test_processes_are_limited(shared_machine, role):
    """1,024 processes and threads: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
    create(shared_machine, role, FORKS, name="forks", Timeout=60, MemorySize=3008)
    for _ in range(2):
        number, count = invoke(shared_machine, "forks")
        assert number == errno.EAGAIN and 1000 <= count <= 1324


FILLS = """
import os
def handler(event, context):
    path = "/tmp/" + event["name"]
    try:
        if "megabytes" in event:
            with open(path, "wb") as file:
                os.posix_fallocate(file.fileno(), 0, event["megabytes"] << 20)
    except OSError as error:
        os.unlink(path)
        return error.errno
    return [sorted(os.listdir("/tmp")), os.environ["TMPDIR"], os.stat("/tmp").st_mode & 0o7777]
"""


def test_the_folder_for_temporary_files_is_the_environments_own_and_bounded(shared_machine, role):
    for name, configuration in (("fills", {}), ("larger", {"EphemeralStorage": {"Size": 700}})):
        create(shared_machine, role, FILLS, name=name, Timeout=60, **configuration)
    # The cloud's own folder stays where it is, in these tests below /tmp.
    kept = [part for part in shared_machine.home.resolve().parts[2:3] if shared_machine.home.resolve().is_relative_to("/tmp")]
    own = [sorted(["one", *kept]), "/tmp", 0o1777]
    assert invoke(shared_machine, "fills", {"name": "one", "megabytes": 1}) == own
    assert invoke(shared_machine, "fills", {"name": "two", "megabytes": 600}) == errno.ENOSPC
    # What was kept is there in the next invocation, as on AWS, and nowhere else.
    assert invoke(shared_machine, "fills", {"name": "one"}) == own
    assert invoke(shared_machine, "larger", {"name": "two", "megabytes": 600}) == [sorted(["two", *kept]), "/tmp", 0o1777]
    assert not pathlib.Path("/tmp/one").exists() and not pathlib.Path("/tmp/two").exists()
