"""Answers in pieces, end to end: what an application yields goes through Lambda and API Gateway as it is made."""

import json
import pathlib
import tempfile
import textwrap
import time

import pytest
import requests

FLASK = """
    import pathlib, time
    from flask import Flask, Response, request

    app = Flask(__name__)

    def pieces(go, fail=False):
        yield "first\\n"
        while go and not pathlib.Path(go).exists():
            time.sleep(0.01)
        if fail:
            raise ValueError("in the middle")
        yield "last\\n"

    @app.get("/stream")
    def stream():
        response = Response(pieces(request.args.get("go")), status=201, mimetype="text/event-stream")
        response.headers["X-Own"] = "yes"
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return response

    @app.get("/go")
    def go():
        pathlib.Path(request.args["go"]).touch()
        return "gone"

    @app.get("/fail")
    def fail():
        return Response(pieces(None, fail=True))

    @app.get("/early")
    def early():
        raise ValueError("before the first piece")

    @app.get("/large")
    def large():
        return Response(bytes([number]) * 1_000_000 for number in range(20))

    @app.post("/echo")
    def echo():
        return request.get_data(), {"Content-Type": "application/octet-stream"}
"""

STARLETTE = """
    import asyncio, pathlib
    from starlette.applications import Starlette
    from starlette.responses import PlainTextResponse, StreamingResponse
    from starlette.routing import Route

    async def pieces(go, fail=False):
        yield b"first\\n"
        while go and not pathlib.Path(go).exists():
            await asyncio.sleep(0.01)
        if fail:
            raise ValueError("in the middle")
        yield b"last\\n"

    async def stream(request):
        response = StreamingResponse(pieces(request.query_params.get("go")), 201, {"X-Own": "yes"}, "text/event-stream")
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return response

    async def go(request):
        pathlib.Path(request.query_params["go"]).touch()
        return PlainTextResponse("gone")

    async def fail(request):
        return StreamingResponse(pieces(None, fail=True))

    async def early(request):
        raise ValueError("before the first piece")

    async def large(request):
        return StreamingResponse(bytes([number]) * 1_000_000 for number in range(20))

    async def echo(request):
        return PlainTextResponse(await request.body(), media_type="application/octet-stream")

    handlers = {"/stream": stream, "/go": go, "/fail": fail, "/early": early, "/large": large}
    routes = [Route(path, handler) for path, handler in handlers.items()]
    app = Starlette(routes=[*routes, Route("/echo", echo, methods=["POST"])])
"""

KINDS = {"wsgi": ("flask", FLASK), "asgi": ("starlette", STARLETTE)}


@pytest.fixture(scope="module", params=sorted(KINDS))
def deployed(request, shared_machine, tmp_path_factory):
    requirements, source = KINDS[request.param]
    folder = tmp_path_factory.mktemp("streaming") / f"stream-{request.param}"
    folder.mkdir()
    config = f"name: {folder.name}\napp: web:app\nkind: {request.param}\nhttp: {{stream: true, logs: access}}\n"
    for name, text in {"slam.yaml": config, "requirements.txt": requirements, "web.py": textwrap.dedent(source)}.items():
        (folder / name).write_text(text)
    shared_machine.run("deploy", cwd=folder)
    yield shared_machine, folder, shared_machine.json("status", cwd=folder)["stages"][0]["url"]
    shared_machine.run("delete", "--yes", cwd=folder)


@pytest.fixture
def shared_folder():
    """A folder that functions see, too: each environment has a /tmp of its own."""
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        yield pathlib.Path(folder)


def function_of(machine, folder):
    outputs = machine.client("cloudformation").describe_stacks(StackName=folder.name)["Stacks"][0]["Outputs"]
    return next(output["OutputValue"] for output in outputs if output["OutputKey"] == "FunctionArn")


def test_first_piece_arrives_before_the_last_is_made(deployed, shared_folder):
    _, _, url = deployed
    go = shared_folder / "go"
    with requests.get(f"{url}stream", params={"go": str(go)}, stream=True, timeout=30) as answer:
        assert (answer.status_code, answer.headers["X-Own"]) == (201, "yes")
        assert answer.headers["Content-Type"].startswith("text/event-stream")
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert answer.cookies.get_dict() == {"a": "1", "b": "2"}
        lines = answer.iter_lines(chunk_size=1)
        assert next(lines) == b"first"
        # The application waits for this one, in an environment of its own.
        assert requests.get(f"{url}go", params={"go": str(go)}, timeout=30).text == "gone"
        assert list(lines) == [b"last"]


def test_failure_in_the_middle_breaks_the_answer_off(deployed):
    machine, folder, url = deployed
    with requests.get(f"{url}fail", stream=True, timeout=30) as answer:
        assert answer.status_code == 200
        received = b""
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            for piece in answer.iter_content(chunk_size=1):
                received += piece
        assert received == b"first\n"
    assert requests.get(f"{url}stream", timeout=30).text == "first\nlast\n"


def test_failure_before_the_first_piece_is_a_page(deployed):
    answer = requests.get(f"{deployed[2]}early", timeout=30)
    assert answer.status_code == 500 and "Internal Server Error" in answer.text


def test_more_than_a_whole_answer_may_have_goes_through(deployed):
    with requests.get(f"{deployed[2]}large", stream=True, timeout=60) as answer:
        content = answer.content
    assert content == b"".join(bytes([number]) * 1_000_000 for number in range(20))


def test_bytes_are_passed_as_they_are(deployed):
    sent = bytes(range(256)) * 10
    answer = requests.post(f"{deployed[2]}echo", data=sent, timeout=30)
    assert answer.content == sent
    assert answer.headers["Content-Length"] == str(len(sent))
    head = requests.head(f"{deployed[2]}stream", timeout=30)
    assert (head.status_code, head.content) == (201, b"")


def test_boto3_reads_the_stream(deployed, shared_folder):
    machine, folder, _ = deployed
    go = shared_folder / "go"
    event = {
        "httpMethod": "GET",
        "path": "/stream",
        "multiValueQueryStringParameters": {"go": [str(go)]},
        "requestContext": {"path": "/stream", "stage": "dev"},
        "headers": {},
    }
    client = machine.client("lambda")
    answer = client.invoke_with_response_stream(
        FunctionName=function_of(machine, folder), Payload=json.dumps(event), LogType="Tail"
    )
    assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
    assert answer["ResponseStreamContentType"] == "application/vnd.amazon.eventstream"
    events = iter(answer["EventStream"])
    metadata, _, body = next(events)["PayloadChunk"]["Payload"].partition(b"\0" * 8)
    assert (json.loads(metadata)["statusCode"], body) == (201, b"first\n")
    go.touch()
    *pieces, complete = list(events)
    assert b"".join(piece["PayloadChunk"]["Payload"] for piece in pieces) == b"last\n"
    assert complete["InvokeComplete"].keys() == {"LogResult"}
    # An error in the middle is told at the end.
    event["path"] = event["requestContext"]["path"] = "/fail"
    answer = client.invoke_with_response_stream(FunctionName=function_of(machine, folder), Payload=json.dumps(event))
    complete = list(answer["EventStream"])[-1]["InvokeComplete"]
    assert complete["ErrorCode"] == "ValueError"
    assert json.loads(complete["ErrorDetails"])["errorMessage"] == "in the middle"
    # Whoever waits for all of it gets all of it.
    event["path"] = event["requestContext"]["path"] = "/stream"
    payload = client.invoke(FunctionName=function_of(machine, folder), Payload=json.dumps(event))["Payload"].read()
    assert payload.endswith(b"\0" * 8 + b"first\nlast\n")


def test_log_has_what_the_application_wrote_and_its_errors(deployed):
    machine, folder, url = deployed
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(f"{url}fail", timeout=30)
    # It is written behind the answers.
    until = time.monotonic() + 30
    while "ValueError: in the middle" not in (log := machine.run("logs", cwd=folder).stdout):
        assert time.monotonic() < until, log
        time.sleep(0.2)


def test_access_log_has_the_whole_length(deployed):
    machine, folder, url = deployed
    assert requests.get(f"{url}stream", timeout=30).text == "first\nlast\n"
    with requests.get(f"{url}large", stream=True, timeout=30) as answer:
        answer.raw.read(10)
    logs = machine.client("logs")

    def lines():
        events = logs.filter_log_events(logGroupName=f"/slam/{folder.name}/api/dev")["events"]
        return [json.loads(event["message"]) for event in events]

    def lengths(path):
        return [int(line["length"]) for line in lines() if line["path"] == path and line["status"] in ("200", "201")]

    # A line is written when the last piece has gone, or the client.
    until = time.monotonic() + 30
    while 11 not in lengths("/dev/stream") or not any(length < 20_000_000 for length in lengths("/dev/large")):
        assert time.monotonic() < until, lines()
        time.sleep(0.2)


def test_invocation_needs_permission(deployed):
    machine, folder, _ = deployed
    iam = machine.client("iam")
    iam.create_user(UserName=folder.name)
    key = iam.create_access_key(UserName=folder.name)["AccessKey"]
    stranger = machine.client(
        "lambda", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
    )
    with pytest.raises(stranger.exceptions.ClientError) as denied:
        stranger.invoke_with_response_stream(FunctionName=function_of(machine, folder))
    assert denied.value.response["Error"]["Code"] == "AccessDeniedException"
    assert "lambda:InvokeFunction" in denied.value.response["Error"]["Message"]
