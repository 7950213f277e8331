"""An execution environment is its function's own: nobody else speaks with its Runtime API, what it leaves running ends
with it, and it is held to Lambda's quotas of processes and of /tmp."""

import contextlib
import errno
import http.client
import http.server
import json
import os
import pathlib
import signal
import threading
import time
import urllib.parse
import uuid

import pytest
from functions import create, runtime
from test_runtimes import create as create_on
from test_runtimes import needs_node, node

NEXT = "/2018-06-01/runtime/invocation/next"
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


# What asks the test in the middle of its invocation, with the address of its Runtime API and its request id, and
# answers with what the test says.
PYTHON = """
import json, os, urllib.parse, urllib.request
def handler(event, context):
    query = {"api": os.environ["AWS_LAMBDA_RUNTIME_API"], "id": context.aws_request_id}
    return json.load(urllib.request.urlopen(event["url"] + "?" + urllib.parse.urlencode(query)))
"""
NODE = """
export const handler = async (event, context) => {
  const query = new URLSearchParams({ api: process.env.AWS_LAMBDA_RUNTIME_API, id: context.awsRequestId });
  return (await fetch(`${event.url}?${query}`)).json();
};
"""
SCRIPT = """#!/bin/sh
set -eu
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
while true; do
  headers="$(mktemp)"
  event="$(curl -sS -D "$headers" "$api/invocation/next")"
  id="$(grep -Fi Lambda-Runtime-Aws-Request-Id "$headers" | tr -d '[:space:]' | cut -d: -f2)"
  url="$(echo "$event" | cut -d'"' -f4)"
  answer="$(curl -sS "$url?api=$AWS_LAMBDA_RUNTIME_API&id=$id")"
  # A daemon of the function's is the function, too.
  setsid curl -sS -o /dev/null "$api/invocation/$id/response" -d "$answer" &
  wait
done
"""
# Does to any Runtime API what the test does itself: it is another function.
OTHER = """
import http.client
def handler(event, context):
    answers = []
    for method, path, body in event["requests"]:
        connection = http.client.HTTPConnection(event["api"], timeout=5)
        connection.request(method, path, body)
        answer = connection.getresponse()
        answers.append([answer.status, answer.read().decode()])
    return answers
"""


def requests_to(api, request_id):
    own = f"/2018-06-01/runtime/invocation/{request_id}"
    return [("GET", NEXT, None), ("POST", own + "/response", '"forged"'), ("POST", own + "/error", "{}"), ("POST", "/2018-06-01/runtime/init/error", "{}")]


@contextlib.contextmanager
def whoever_is_asked(answer):
    """The URL of a server that answers with what `answer` makes of the query."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
            body = json.dumps(answer(query["api"], query["id"])).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("kind", ["python", pytest.param("node", marks=needs_node), "script"])
def test_nobody_else_speaks_with_a_functions_runtime_api(shared_machine, role, kind):
    """A process of the same user, and another function, poll for events and answer in the function's name."""
    name = f"victim-{kind}"
    if kind == "python":
        create(shared_machine, role, PYTHON, name=name, Timeout=30)
    elif kind == "node":
        create_on(shared_machine, role, name, node(), "index.handler", {"index.mjs": NODE}, Timeout=30)
    else:
        create_on(shared_machine, role, name, "provided.al2023", "x", {"bootstrap": SCRIPT}, Timeout=30)
    create(shared_machine, role, OTHER, name=f"other-{kind}", Timeout=30)

    def attack(api, request_id):
        requests = requests_to(api, request_id)
        scope = {}
        exec(OTHER, scope)
        event = {"api": api, "requests": requests}
        return {"process": scope["handler"](event, None), "function": invoke(shared_machine, f"other-{kind}", event)}

    with whoever_is_asked(attack) as url:
        for _ in range(2):
            answers = invoke(shared_machine, name, {"url": url})
            assert set(answers) == {"process", "function"}, answers
            for status, body in answers["process"] + answers["function"]:
                assert status == 403 and json.loads(body)["errorType"] == "AccessDenied", (status, body)
                assert "another execution environment" in json.loads(body)["errorMessage"]
    log = (shared_machine.home / "cloud.log").read_text()
    said = [line for line in log.splitlines() if "tried to use the Runtime API" in line and f'"{name}"' in line]
    assert len(said) == 1, log


def test_answers_to_other_requests_are_refused(shared_machine, role):
    """As on AWS: an id that is not the invocation's is 400, an answer where none is due 403."""
    source = """
import http.client, os
def ask(path):
    connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"], timeout=5)
    connection.request("POST", "/2018-06-01/runtime/invocation/" + path, '"other"')
    answer = connection.getresponse()
    return [answer.status, __import__("json").load(answer).get("errorType")]
before = ask("00000000-0000-0000-0000-000000000000/response")
def handler(event, context):
    return [before, ask(event["id"] + "/response"), ask(event["id"] + "/error"), ask(context.aws_request_id + "x/response")]
"""
    create(shared_machine, role, source, name="answers")
    other = invoke_id(shared_machine, "answers")
    wrong = [400, "InvalidRequestID"]
    assert invoke(shared_machine, "answers", {"id": other}) == [[403, "InvalidStateTransition"], wrong, wrong, wrong]


def invoke_id(machine, name):
    """The request id of an invocation that has ended."""
    answer = machine.client("lambda").invoke(FunctionName=name, Payload=b'{"id": "x"}')
    return answer["ResponseMetadata"]["RequestId"]


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


def lacks(machine, what):
    """Whether the system lets the cloud make none of these, which its log says at the start."""
    return f"lets the cloud make no {what} namespace" in (machine.home / "cloud.log").read_text()


def test_processes_are_limited(shared_machine, role):
    """1,024 processes and threads: https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
    create(shared_machine, role, FORKS, name="forks", Timeout=60, MemorySize=3008)
    for _ in range(2):
        if lacks(shared_machine, "PID"):
            # The kernel does not hold it to the number: whoever watches ends it, and what it has started.
            assert invoke(shared_machine, "forks")["errorType"] == "Runtime.ExitError"
            continue
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
    if lacks(shared_machine, "mount"):
        pytest.skip("this system lets nobody make a mount namespace: /tmp is the machine's")
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


def test_functions_are_started_again_when_what_starts_them_was_killed(machine, function_role):
    machine.run("cloud", "start")
    client = create(machine, function_role(machine, "r", LOGS), "def handler(event, context):\n    return 1", name="one")
    assert invoke(machine, "one") == 1
    children = pathlib.Path(f"/proc/{machine.cloud_pid()}/task").glob("*/children")
    children = [int(child) for file in children for child in file.read_text().split()]
    launcher, = [child for child in children if pathlib.Path(f"/proc/{child}/comm").read_text() == "slam-launcher\n"]
    os.kill(launcher, signal.SIGKILL)
    # What it had started has ended with it: that of an idle environment is seen by the next invocation.
    client.update_function_configuration(FunctionName="one", Description="another one")
    client.get_waiter("function_updated_v2").wait(FunctionName="one")
    assert invoke(machine, "one") == 1
