"""What functions return, raise and log in the built cloud, compared with what AWS's own clients did: see `marshalling`."""

import base64
import io
import json
import pathlib
import shutil
import subprocess
import sys
import time
import zipfile

import botocore.exceptions
import pytest

TABLE = pathlib.Path(__file__).parent / "marshalling"
sys.path.insert(0, str(TABLE))

import server  # noqa: E402

HANDLERS = {"python": "values.handler", "nodejs": "values.handler", "java": "Values::handler"}
RECORDED = {family: json.loads((TABLE / "recorded" / f"{family}.json").read_text()) for family in HANDLERS}
RUNTIMES = [(family, runtime) for family, recorded in RECORDED.items() for runtime in recorded["clients"]]


# Java values that AWS's client has rules of its own for, which are refused here by the names of their types.
REFUSED = ("bit set", "duration", "instant", "local date")


def same(found, wanted, family):
    """Whether two answers are the same. The order of a bean's getters is the virtual machine's choice."""
    if found == wanted or family != "java" or None in (found[1], wanted[1]) or found[0] != wanted[0]:
        return found == wanted
    return found[1][:1] == "{" == wanted[1][:1] and json.loads(found[1]) == json.loads(wanted[1])


@pytest.fixture(scope="module")
def role(shared_machine):
    iam = shared_machine.client("iam")
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    arn = iam.create_role(RoleName="marshalling", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
    iam.put_role_policy(RoleName="marshalling", PolicyName="logs", PolicyDocument=json.dumps(policy))
    return arn


def package(family, folder):
    """The table's function as a zip file."""
    if family == "java":
        if shutil.which("javac") is None:
            pytest.skip("this machine has no JDK")
        subprocess.run(["javac", "-parameters", "--release", "17", "-d", folder, TABLE / "Values.java"], check=True)
        files = sorted(folder.glob("*.class"))
    else:
        files = [TABLE / {"python": "values.py", "nodejs": "values.mjs"}[family]]
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as written:
        for file in files:
            written.write(file, file.name)
    return archive.getvalue()


def create(machine, role, name, runtime, handler, code, log_format):
    client = machine.client("lambda")
    try:
        client.create_function(
            FunctionName=name, Runtime=runtime, Role=role, Handler=handler, Timeout=30, MemorySize=512,
            Code={"ZipFile": code},
            LoggingConfig={"LogFormat": log_format, **({"ApplicationLogLevel": "TRACE"} if log_format == "JSON" else {})},
        )
    except botocore.exceptions.ClientError as error:
        assert "is not on this machine" in str(error), error
        pytest.skip(f"this machine has nothing that runs {runtime}")
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    return client


def task_root(machine, client, name):
    """Where the function's package is on this machine."""
    sha = client.get_function_configuration(FunctionName=name)["CodeSha256"]
    return str((machine.home / "cloud" / "lambda" / "unpacked" / base64.b64decode(sha).hex()).resolve())


def answer(client, name, case, root):
    response = client.invoke(FunctionName=name, Payload=json.dumps({"case": case}))
    body = response["Payload"].read()
    request = response["ResponseMetadata"]["RequestId"]
    try:
        text = body.decode()
    except UnicodeDecodeError:
        text = body.hex()
    failed = response.get("FunctionError")
    return request, failed, server.cleaned(text.replace(request, "ID"), root)


def expected(recorded):
    if "exit" in recorded:
        code = recorded["exit"]
        why = {0: "exited without providing a reason", -2: "exited with error: signal: interrupt"}
        ended = f"RequestId: ID Error: Runtime {why.get(code, f'exited with error: exit status {code}')}"
        return "Unhandled", json.dumps({"errorType": "Runtime.ExitError", "errorMessage": ended}, separators=(",", ":"))
    if "base64" in recorded:
        return None, base64.b64decode(recorded["base64"]).hex()
    return "Unhandled" if recorded["to"] == "error" else None, recorded.get("body", "")


def messages(machine, name, requests):
    """The events of the log by request, once the last request's report is there: the log is written behind the calls."""
    logs = machine.client("logs")
    deadline = time.monotonic() + 30
    while True:
        pages = logs.get_paginator("filter_log_events").paginate(logGroupName=f"/aws/lambda/{name}")
        events = [event["message"].rstrip("\n") for page in pages for event in page["events"]]
        if any(requests[-1] in event and ("REPORT" in event or "platform.report" in event) for event in events):
            return events
        assert time.monotonic() < deadline, "the log was not written"
        time.sleep(0.1)


@pytest.mark.parametrize("log_format", ["Text", "JSON"])
@pytest.mark.parametrize("family, runtime", RUNTIMES)
def test_answers_are_byte_for_byte_those_of_awss_clients(shared_machine, role, tmp_path, family, runtime, log_format):
    name = f"{runtime}-{log_format}".replace(".", "-")
    client = create(shared_machine, role, name, runtime, HANDLERS[family], package(family, tmp_path), log_format)
    root = task_root(shared_machine, client, name)
    answers, differ, logged, ids = RECORDED[family][log_format.upper()], {}, [], []
    for case, recorded in answers.items():
        (wanted,) = (known for known in recorded if runtime in known["on"])
        request, *found = answer(client, name, case, root)
        ids.append(request)
        if family == "java" and case in REFUSED:
            assert "as JSON is not supported by the embedded cloud" in found[1], (case, found)
        elif not same(tuple(found), expected(wanted), family):
            differ[case] = (found, expected(wanted))
        logged += [(case, message.rstrip("\n")) for message in wanted.get("log", [])]
    assert not differ, f"{len(differ)} of {len(answers)} differ, found and expected:\n" + "\n".join(
        f"{case}: {found}\n  {wanted}" for case, (found, wanted) in differ.items()
    )
    written = messages(shared_machine, name, ids)
    for request in ids:
        written = [event.replace(request, "ID") for event in written]
    written = [server.cleaned(event, root) for event in written]
    missing = [(case, message) for case, message in logged if message not in written]
    assert not missing, f"{len(missing)} of {len(logged)} messages are not in the log:\n" + "\n".join(map(repr, missing))
