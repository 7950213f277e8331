"""Functions that fail, in Lambda's own form."""

import base64
import json
import re

import pytest

from functions import create, package

LOGS = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}


@pytest.fixture(scope="module")
def role(shared_machine):
    iam = shared_machine.client("iam")
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    arn = iam.create_role(RoleName="plain", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    policy = {"Version": "2012-10-17", "Statement": [LOGS]}
    iam.put_role_policy(RoleName="plain", PolicyName="logs", PolicyDocument=json.dumps(policy))
    return arn


@pytest.mark.parametrize(
    "name, source, configuration, error_type, message",
    [
        ("raises", "def handler(e, c):\n    raise KeyError('x')", {}, "KeyError", r"'x'"),
        ("syntax", "def handler(e, c)\n    pass", {}, "Runtime.UserCodeSyntaxError", r"Syntax error in module 'app'.*"),
        ("imports", "import nowhere", {}, "Runtime.ImportModuleError", r"Unable to import module 'app': No module named 'nowhere'"),
        ("missing", "x = 1", {}, "Runtime.HandlerNotFound", r"Handler 'handler' missing on module 'app'"),
        ("sleeps", "import time\ndef handler(e, c):\n    time.sleep(30)", {"Timeout": 1}, "Sandbox.Timedout", r"RequestId: [0-9a-f-]{36} Error: Task timed out after 1\.00 seconds"),
        ("exits", "import os\ndef handler(e, c):\n    os._exit(7)", {}, "Runtime.ExitError", r"RequestId: [0-9a-f-]{36} Error: Runtime exited with error: exit status 7"),
        ("marshal", "def handler(e, c):\n    return object()", {}, "Runtime.MarshalError", r"Unable to marshal response: Object of type object is not JSON serializable"),
        ("greedy", "def handler(e, c):\n    b = b'x' * (700 << 20)\n    return len(b)", {"MemorySize": 128, "Timeout": 20}, None, None),
    ],
)
def test_errors_have_lambdas_form(shared_machine, role, name, source, configuration, error_type, message):
    client = create(shared_machine, role, source, name=name, **configuration)
    answer = client.invoke(FunctionName=name)
    assert answer["StatusCode"] == 200
    assert answer["FunctionError"] == "Unhandled"
    payload = json.loads(answer["Payload"].read())
    if error_type:
        assert payload["errorType"] == error_type
        assert re.fullmatch(message, payload["errorMessage"], re.DOTALL), payload
    # The next invocation gets a process that works.
    client.update_function_code(FunctionName=name, ZipFile=package(app="def handler(e, c): return 1"))
    client.get_waiter("function_updated_v2").wait(FunctionName=name)
    assert client.invoke(FunctionName=name)["Payload"].read() == b"1"


def test_the_log_tail_has_start_end_and_report(shared_machine, role):
    client = create(shared_machine, role, "def handler(e, c):\n    print('hello', c.aws_request_id)", name="logs")
    answer = client.invoke(FunctionName="logs", LogType="Tail")
    tail = base64.b64decode(answer["LogResult"]).decode()
    request = answer["ResponseMetadata"]["RequestId"]
    assert f"START RequestId: {request} Version: $LATEST" in tail
    assert f"hello {request}" in tail
    assert f"END RequestId: {request}" in tail
    assert re.search(r"REPORT RequestId: .*\tDuration: .* ms\tBilled Duration: \d+ ms\tMemory Size: 128 MB\tMax Memory Used: \d+ MB", tail)
