"""Functions on other runtimes than Python: Node.js, and those that bring their own."""

import base64
import contextlib
import io
import json
import platform
import re
import shutil
import subprocess
import time
import zipfile

import botocore.exceptions
import functions
import pytest


def node():
    """The runtime of the Node.js on PATH, if AWS offers it."""
    try:
        version = subprocess.run(["node", "--version"], capture_output=True, text=True).stdout
    except FileNotFoundError:
        return None
    major = re.match(r"v(\d+)\.", version)
    return f"nodejs{major[1]}.x" if major and major[1] in ("20", "22", "24") else None


needs_node = pytest.mark.skipif(node() is None, reason="this machine has no Node.js that AWS offers")


@pytest.fixture(scope="module")
def role(shared_machine):
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    iam = shared_machine.client("iam")
    logs = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["logs:*", "dynamodb:*"], "Resource": "*"}]}
    arn = iam.create_role(RoleName="runtimes", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="runtimes", PolicyName="logs", PolicyDocument=json.dumps(logs))
    return arn


def package(**files):
    """A zip; what is no text is a program, and so is what starts with `#!`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name)
            program = isinstance(content, bytes) or content.startswith("#!")
            entry.external_attr = (0o100755 if program else 0o100644) << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


def create(machine, role, name, runtime, handler, files, **more):
    client = machine.client("lambda")
    client.create_function(
        FunctionName=name, Runtime=runtime, Handler=handler, Role=role, Code={"ZipFile": package(**files)},
        **{"Timeout": 20, **more},
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name)


def invoke(machine, name, event=None):
    answer = machine.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail")
    log = base64.b64decode(answer["LogResult"]).decode()
    return json.load(answer["Payload"]), answer.get("FunctionError"), log


@needs_node
def test_a_node_function_answers_fails_and_logs(shared_machine, role):
    source = """
        export const handler = async (event, context) => {
          console.log('got', event);
          if (event.fail) throw new RangeError('as asked');
          return { name: context.functionName, event };
        };
    """
    create(shared_machine, role, "node", node(), "index.handler", {"index.mjs": source})
    payload, error, log = invoke(shared_machine, "node", {"a": 1})
    assert (payload, error) == ({"name": "node", "event": {"a": 1}}, None)
    assert re.search(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z\t[0-9a-f-]{36}\tINFO\tgot \{ a: 1 \}$", log, re.M), log
    payload, error, log = invoke(shared_machine, "node", {"fail": True})
    assert (payload["errorType"], payload["errorMessage"], error) == ("RangeError", "as asked", "Unhandled")
    assert payload["trace"][0] == "RangeError: as asked" and "index.mjs" in payload["trace"][1]
    assert "\tERROR\tInvoke Error \t" in log
    shown = shared_machine.client("lambda").get_function_configuration(FunctionName="node")
    assert (shown["Runtime"], shown["Handler"]) == (node(), "index.handler")


@needs_node
def test_a_node_function_comes_from_a_template(shared_machine):
    template = {
        "Resources": {
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
                    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}},
            },
            "Function": {
                "Type": "AWS::Lambda::Function",
                "Properties": {
                    "Runtime": node(), "Handler": "index.handler", "Role": {"Fn::GetAtt": ["Role", "Arn"]},
                    "Code": {"ZipFile": "exports.handler = async (event) => event.length;"},
                },
            },
        },
        "Outputs": {"Name": {"Value": {"Ref": "Function"}}},
    }
    client = shared_machine.client("cloudformation")
    client.create_stack(StackName="node", TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"])
    client.get_waiter("stack_create_complete").wait(StackName="node", WaiterConfig={"Delay": 1})
    name = client.describe_stacks(StackName="node")["Stacks"][0]["Outputs"][0]["OutputValue"]
    assert invoke(shared_machine, name, "four")[:2] == (4, None)


@needs_node
def test_a_node_function_calls_aws_as_its_role(shared_machine, role):
    """With fetch and no SDK: the cloud's endpoint and the role's credentials are in the environment, as on AWS."""
    source = """
        exports.handler = async () => {
          const names = ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_REGION'];
          const answer = await fetch(process.env.AWS_ENDPOINT_URL + '/_slam/health');
          return [answer.status, names.filter((name) => !process.env[name])];
        };
    """
    create(shared_machine, role, "caller", node(), "index.handler", {"index.js": source})
    assert invoke(shared_machine, "caller")[:2] == ([200, []], None)


SCRIPT = """#!/bin/sh
set -eu
api="http://$AWS_LAMBDA_RUNTIME_API/2018-06-01/runtime"
while true; do
  event="$(curl -sS -D "$TMPDIR/headers" "$api/invocation/next")"
  id="$(grep -Fi Lambda-Runtime-Aws-Request-Id "$TMPDIR/headers" | tr -d '[:space:]' | cut -d: -f2)"
  echo "handling $event for $_HANDLER"
  curl -sS -o /dev/null "$api/invocation/$id/response" -d "{\\"handler\\": \\"$_HANDLER\\", \\"event\\": $event}"
done
"""

PROGRAM = r"""
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static char text[65536];

/* Sends a request and reads its answer to the end of the connection. */
static void ask(const char *request) {
    char host[64] = {0};
    strncpy(host, getenv("AWS_LAMBDA_RUNTIME_API"), sizeof host - 1);
    char *port = strchr(host, ':');
    *port = 0;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(atoi(port + 1))};
    inet_pton(AF_INET, host, &address.sin_addr);
    int api = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(api, (struct sockaddr *)&address, sizeof address) || write(api, request, strlen(request)) < 0) exit(1);
    size_t length = 0;
    ssize_t piece;
    while ((piece = read(api, text + length, sizeof text - 1 - length)) > 0) length += piece;
    text[length] = 0;
    close(api);
}

int main(void) {
    static char request[131072], event[65536], id[64];
    for (;;) {
        ask("GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: api\r\nConnection: close\r\n\r\n");
        char *header = strcasestr(text, "lambda-runtime-aws-request-id:");
        if (!header || sscanf(header + 30, " %36s", id) != 1) return 2;
        strcpy(event, strstr(text, "\r\n\r\n") + 4);
        sprintf(request, "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nHost: api\r\nConnection: close\r\n"
                         "Content-Length: %zu\r\n\r\n[%s]", id, strlen(event) + 2, event);
        ask(request);
    }
}
"""


@pytest.mark.parametrize("runtime", ["provided.al2023", "provided.al2"])
def test_a_script_is_a_runtime(shared_machine, role, runtime):
    name = runtime.replace(".", "-")
    create(shared_machine, role, name, runtime, "any.thing", {"bootstrap": SCRIPT})
    payload, error, log = invoke(shared_machine, name, [1])
    assert (payload, error) == ({"handler": "any.thing", "event": [1]}, None)
    assert "handling [1] for any.thing\n" in log
    assert invoke(shared_machine, name, [2])[0]["event"] == [2]


@pytest.mark.skipif(shutil.which("cc") is None, reason="this machine has no C compiler")
def test_a_compiled_program_is_a_runtime(shared_machine, role, tmp_path):
    (tmp_path / "bootstrap.c").write_text(PROGRAM)
    subprocess.run(["cc", "-D_GNU_SOURCE", "-o", "bootstrap", "bootstrap.c"], cwd=tmp_path, check=True)
    program = (tmp_path / "bootstrap").read_bytes()
    create(shared_machine, role, "compiled", "provided.al2023", "any", {"bootstrap": program})
    assert invoke(shared_machine, "compiled", {"a": 1})[:2] == ([{"a": 1}], None)
    # The same program in a layer.
    layer = shared_machine.client("lambda").publish_layer_version(
        LayerName="runtime", Content={"ZipFile": package(bootstrap=program)}
    )
    create(shared_machine, role, "layered", "provided.al2023", "any", {"x": ""}, Layers=[layer["LayerVersionArn"]])
    assert invoke(shared_machine, "layered", 2)[:2] == ([2], None)


def test_a_package_without_a_runtime_fails_as_on_aws(shared_machine, role):
    create(shared_machine, role, "empty", "provided.al2023", "any", {"x": ""})
    payload, error, log = invoke(shared_machine, "empty")
    assert (payload["errorType"], error) == ("Runtime.InvalidEntrypoint", "Unhandled")
    message = "Error: Couldn't find valid bootstrap(s): [/var/task/bootstrap /opt/bootstrap]"
    assert payload["errorMessage"].endswith(message) and message in log


@pytest.mark.parametrize("runtime", ["java8.al2", "dotnet8", "ruby3.4"])
def test_what_does_not_run_here_is_refused_by_name(shared_machine, role, runtime):
    with pytest.raises(botocore.exceptions.ClientError, match=rf"NotImplemented.*{runtime} \(functions run on Python, Node.js"):
        create(shared_machine, role, "refused", runtime, "a.b", {"x": ""})
    template = {"Resources": {"F": {"Type": "AWS::Lambda::Function", "Properties": {
        "Runtime": runtime, "Handler": "a.b", "Role": role, "Code": {"S3Bucket": "none", "S3Key": "none"}}}}}
    with pytest.raises(botocore.exceptions.ClientError, match=rf"{runtime} is not supported by the embedded cloud"):
        shared_machine.client("cloudformation").create_stack(StackName="refused", TemplateBody=json.dumps(template))


# What this machine is not: Lambda's name, Python's, and ELF's number.
OTHER = ("arm64", "aarch64", 183) if platform.machine() == "x86_64" else ("x86_64", "x86_64", 62)


@pytest.mark.parametrize(
    "source, answer, error",
    [
        ("def handler(event, context):\n    return 1", 1, None),
        ("try:\n    import fast\nexcept ImportError:\n    fast = None\ndef handler(event, context):\n    return fast", None, None),
        ("import fast\n", None, "Runtime.InvalidEntrypoint"),
        ("import os\nos._exit(3)\n", None, "Runtime.InvalidEntrypoint"),
    ],
)
@pytest.mark.parametrize("has_native", [True, False])
def test_code_for_another_processor(shared_machine, role, source, answer, error, has_native, request):
    """Python runs here as on any processor; what cannot run is told by its name, with what to do."""
    architecture, processor, number = OTHER
    files = {"app.py": source}
    library = f"fast.cpython-313-{processor}-linux-gnu.so"
    if has_native:
        files[library] = b"\x7fELF\x02\x01" + bytes(12) + number.to_bytes(2, "little") + bytes(44)
    name = re.sub(r"\W+", "-", request.node.name)[-60:]
    create(shared_machine, role, name, functions.runtime(), "app.handler", files, Architectures=[architecture])
    payload, failed, _ = invoke(shared_machine, name)
    said = any(f"[slam] the function is for {architecture} and has code for it alone" in line for line in log_of(shared_machine, name))
    assert said == has_native
    if error is None:
        assert (payload, failed) == (answer, None)
        return
    assert failed == "Unhandled"
    if not has_native:
        assert payload["errorType"] in ("Runtime.ImportModuleError", "Runtime.ExitError"), payload
        return
    assert payload["errorType"] == error
    assert library in payload["errorMessage"] and "Deploy it for " in payload["errorMessage"], payload
    assert re.search(r"The runtime says: .*No module named 'fast'|The runtime has ended: exit status 3", payload["errorMessage"])


def log_of(machine, name):
    """What a function has written, once that is there to the end of an invocation."""
    logs, lines = machine.client("logs"), []
    deadline = time.monotonic() + 20
    while not any(line.startswith("REPORT") for line in lines) and time.monotonic() < deadline:
        time.sleep(0.02)
        with contextlib.suppress(logs.exceptions.ResourceNotFoundException):
            lines = [event["message"] for event in logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]]
    return lines
