"""The runtime as Lambda sees it: its process, and what it tells the Runtime API."""

import json
import struct

import pytest

from .platform import Platform, package
from .support import rest_event, v2_event

FILES = {
    "app.py": """
        import decimal, logging, os, sys

        def echo(event, context):
            return event

        def show(event, context):
            return {
                "id": context.aws_request_id,
                "remaining": context.get_remaining_time_in_millis() > 0,
                "arn": context.invoked_function_arn,
                "name": context.function_name,
                "version": context.function_version,
                "memory": context.memory_limit_in_mb,
                "custom": context.client_context and context.client_context.custom,
                "installation": context.client_context and context.client_context.client.installation_id,
                "identity": context.identity.cognito_identity_id,
                "trace": os.environ.get("_X_AMZN_TRACE_ID"),
                "number": decimal.Decimal("1.5"),
                "path": sys.path[0] == os.environ["LAMBDA_TASK_ROOT"],
            }

        def fails(event, context):
            logging.getLogger().warning("two\\nlines")
            print("printed")
            raise ValueError("boom")

        def exits(event, context):
            sys.exit(3)

        def unserialisable(event, context):
            return {1, 2}
    """,
    "broken.py": "1 +\n",
    "missing.py": "import no_such_module\n",
    "raising.py": "raise RuntimeError('at import')\n",
}


@pytest.fixture
def run(tmp_path):
    running = []

    def start(handler, **environment):
        running.append(Platform(tmp_path, FILES, handler, **environment))
        return running[-1]

    yield start
    for platform in running:
        platform.close()


def test_events_are_answered_over_one_connection(run):
    platform = run("app.echo")
    for event in ({"a": [1, "ü"]}, None, "x" * 300_000):
        answer = platform.invoke(event)
        assert (answer.json(), answer.headers["Content-Type"]) == (event, "application/json")
        assert answer.path == f"/2018-06-01/runtime/invocation/{answer.request_id}/response"
        assert "Lambda-Runtime-Function-Response-Mode" not in answer.headers
    assert len(platform.connections) == 1


def test_context_is_lambdas(run):
    context = {"custom": {"a": "b"}, "client": {"installation_id": "i"}}
    platform = run("app.show")
    answer = platform.invoke(
        {},
        Lambda_Runtime_Client_Context=json.dumps(context),
        Lambda_Runtime_Cognito_Identity=json.dumps({"cognitoIdentityId": "c"}),
        Lambda_Runtime_Trace_Id="Root=1-5;Sampled=0",
    )
    assert answer.json() == {
        "id": answer.request_id,
        "remaining": True,
        "arn": "arn:aws:lambda:eu-west-1:123456789012:function:tasks",
        "name": "tasks",
        "version": "$LATEST",
        "memory": "128",
        "custom": {"a": "b"},
        "installation": "i",
        "identity": "c",
        "trace": "Root=1-5;Sampled=0",
        "number": 1.5,
        "path": True,
    }
    plain = platform.invoke({}).json()
    assert (plain["custom"], plain["identity"], plain["trace"]) == (None, None, None)


def check_error(answer, kind, message):
    document = answer.json()
    assert answer.path == f"/2018-06-01/runtime/invocation/{answer.request_id}/error"
    assert answer.headers["Lambda-Runtime-Function-Error-Type"] == kind
    assert (document["errorType"], document["requestId"]) == (kind, answer.request_id)
    assert message in document["errorMessage"]
    return document


def test_an_exception_is_an_error_document(run, tmp_path):
    document = check_error(run("app.fails").invoke({}), "ValueError", "boom")
    (frame,) = document["stackTrace"]
    assert frame.startswith(f'  File "{tmp_path}/app.py", line ') and 'in fails\n    raise ValueError("boom")' in frame


def test_what_is_no_json_is_an_error(run):
    check_error(run("app.unserialisable").invoke({}), "Runtime.MarshalError", "Unable to marshal response: ")
    check_error(run("app.echo").invoke(b"{"), "Runtime.UnmarshalError", "Unable to unmarshal input: ")


@pytest.mark.parametrize(
    "handler, kind, message",
    [
        ("app.nothing", "Runtime.HandlerNotFound", "Handler 'nothing' missing on module 'app'"),
        ("missing.f", "Runtime.ImportModuleError", "Unable to import module 'missing': No module named 'no_such_module'"),
        ("broken.f", "Runtime.UserCodeSyntaxError", "Syntax error in module 'broken': "),
        ("raising.f", "RuntimeError", "at import"),
        ("app", "Runtime.MalformedHandlerName", "Bad handler 'app': not enough values to unpack (expected 2, got 1)"),
        ("sys.exit", "Runtime.BuiltInModuleConflict", "Cannot use built-in module sys as a handler module"),
    ],
)
def test_what_cannot_be_loaded_is_an_init_error(run, handler, kind, message):
    platform = run(handler)
    document = platform.init.json()
    assert platform.init.path == "/2018-06-01/runtime/init/error"
    assert platform.init.headers["Lambda-Runtime-Function-Error-Type"] == document["errorType"] == kind
    assert message in document["errorMessage"]
    assert platform.process.wait(timeout=20) == 1


def test_an_exit_ends_the_process(run):
    platform = run("app.exits")
    platform.invoke({})
    assert platform.process.wait(timeout=20) == 3


TERMINATED = """
    import atexit, os, signal

    atexit.register(print, "in order")

    async def app(scope, receive, send):
        assert scope["type"] == "http"
        os.kill(os.getpid(), signal.SIGTERM)
        await receive()
"""


@pytest.mark.parametrize("event", [rest_event(), v2_event()])
def test_sigterm_ends_the_process_while_an_application_runs(tmp_path, event):
    platform = Platform(tmp_path, package("asgi", TERMINATED))
    platform.invoke(event)
    assert platform.process.wait(timeout=20) == 0
    assert "in order" in platform.close()


def test_log_is_in_awss_format(tmp_path):
    platform = Platform(tmp_path, FILES, "app.fails")
    answer = platform.invoke({})
    answer.body()
    first, second, printed, error, _ = platform.close().split("\n")
    level, timestamp, request_id, message = first.split("\t")
    assert (level, request_id, message, second, printed) == ("[WARNING]", answer.request_id, "two", "lines", "printed")
    assert len(timestamp) == len("2026-11-24T12:00:00.000Z") and timestamp.endswith("Z")
    # A carriage return ends no event of the log.
    lines = error.split("\r")
    assert lines[:2] == ["[ERROR] ValueError: boom", "Traceback (most recent call last):"]
    assert lines[2].startswith('\u00a0\u00a0File "')


def test_log_is_json_when_that_is_asked_for(tmp_path):
    platform = Platform(tmp_path, FILES, "app.fails", AWS_LAMBDA_LOG_FORMAT="JSON", AWS_LAMBDA_LOG_LEVEL="INFO")
    answer = platform.invoke({})
    answer.body()
    warning, printed, error = platform.close().splitlines()
    warning, error = json.loads(warning), json.loads(error)
    assert (warning["level"], warning["message"], warning["requestId"]) == ("WARNING", "two\nlines", answer.request_id)
    assert (error["level"], error["errorType"], error["requestId"]) == ("ERROR", "ValueError", answer.request_id)


def test_log_level_hides_what_is_below(tmp_path):
    platform = Platform(tmp_path, FILES, "app.fails", AWS_LAMBDA_LOG_FORMAT="JSON", AWS_LAMBDA_LOG_LEVEL="FATAL")
    platform.invoke({}).body()
    assert "two" not in platform.close()


def test_records_go_in_frames_where_lambda_takes_them(tmp_path):
    frames = tmp_path / "frames"
    (tmp_path / "start.py").write_text(
        "import os, runpy\n"
        f"os.environ['_LAMBDA_TELEMETRY_LOG_FD'] = str(os.open({str(frames)!r}, os.O_WRONLY | os.O_CREAT))\n"
        "runpy.run_module('slam_lambda.runtime', run_name='__main__')\n"
    )
    platform = Platform(tmp_path, FILES, "app.fails", module="start")
    platform.invoke({}).body()
    assert platform.close() == "printed\n"
    found, data = [], frames.read_bytes()
    while data:
        kind, length, timestamp = struct.unpack(">IIQ", data[:16])
        assert timestamp > 1_700_000_000_000_000
        found.append((hex(kind), data[16 : 16 + length].decode()))
        data = data[16 + length :]
    (warning, message), (error, document) = found
    assert (warning, error) == ("0xa55a0013", "0xa55a0017")
    assert message.endswith("\ttwo\nlines\n") and document.startswith("[ERROR] ValueError: boom\nTraceback")
