"""Who may talk to the cloud: loopback names, same-site browsers, signed requests."""

import contextlib
import http.server
import json
import os
import socket
import stat
import threading

import functions
import pytest
import requests
from botocore.exceptions import ClientError

from functions import create


def send(machine, **headers):
    url = f"http://127.0.0.1:{machine.port}/"
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    form = {"Action": "GetCallerIdentity", "Version": "2011-06-15"}
    return requests.post(url, data=form, headers=headers)


@pytest.mark.parametrize("host", ["evil.example", "evil.example:4566", "127.0.0.1.evil.example"])
def test_a_foreign_host_is_refused(shared_machine, host):
    assert send(shared_machine, Host=host).status_code in (400, 403, 421)


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}]
)
def test_a_page_of_another_site_is_refused(shared_machine, headers):
    answer = send(shared_machine, **headers)
    assert answer.status_code == 403
    assert "access-control-allow-origin" not in answer.headers


def test_an_unsigned_request_is_refused(shared_machine):
    answer = send(shared_machine)
    assert answer.status_code == 403
    assert "MissingAuthenticationToken" in answer.text


def test_only_loopback_listens(shared_machine):
    with socket.create_connection(("127.0.0.1", shared_machine.port), timeout=5):
        pass
    listening = open("/proc/net/tcp").read().splitlines()[1:]
    port = f"{shared_machine.port:04X}"
    addresses = {line.split()[1].split(":")[0] for line in listening if line.split()[1].endswith(":" + port) and line.split()[3] == "0A"}
    assert addresses == {"0100007F"}


def test_another_interface_needs_a_word_more(machine):
    refused = machine.run("cloud", "start", "--foreground", "--host", "0.0.0.0", code=1)
    assert "--allow-remote" in refused.stderr


def test_keys_are_private(shared_machine):
    path = shared_machine.home / "cloud" / "credentials.json"
    assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(path.parent).st_mode) == 0o700


def mode(path):
    return stat.S_IMODE(os.lstat(path).st_mode)


def test_what_slam_keeps_is_its_owners(machine, project, tmp_path, function_role):
    """The folder is closed, and what is written into it is too, wherever it is carried."""
    home = machine.home
    home.rmdir()
    folder = project("fizzbuzz")
    umask = os.umask(0o022)
    try:
        machine.run("init", "fizzbuzz:fizzbuzz", "--runtime", functions.runtime(), cwd=folder)
        machine.run("deploy", cwd=folder)
        machine.client("s3").create_bucket(Bucket="private")
        machine.client("s3").put_object(Bucket="private", Key="key", Body=b"x" * 100_000)
    finally:
        os.umask(umask)
    assert [mode(path) for path in (home, home / "cache", home / "cloud")] == [0o700] * 3
    kept = [home / "cloud.log"]
    for place in ("cloud", "cloud/s3", "cloud/lambda/code"):
        kept += [path for path in (home / place).iterdir() if path.is_file()]
    kept += [path for path in (home / "cloud" / "s3").rglob("*") if path.is_file()]
    assert len(kept) > 6 and {path.name for path in kept if mode(path) != 0o600} == set()


def test_a_home_that_was_left_open_is_closed(machine, tmp_path, project):
    """The default one alone: a folder that a person names may be shared on purpose."""
    user = tmp_path / "user"
    opened = user / ".slam"
    (opened / "cache").mkdir(parents=True)
    for path in (opened, opened / "cache"):
        path.chmod(0o755)
    folder = project("fizzbuzz", keep_config=True)
    machine.run("build", cwd=folder, HOME=str(user), SLAM_HOME="")
    assert (mode(opened), mode(opened / "cache")) == (0o700, 0o700)
    machine.home.chmod(0o755)
    machine.run("build", cwd=folder)
    assert (mode(machine.home), mode(machine.home / "cache")) == (0o755, 0o700)


def test_open_accepts_any_key_and_a_number_is_the_account(machine):
    machine.run("cloud", "start", "--open")
    for key, account in [("test", "000000000000"), ("123456789012", "123456789012")]:
        client = machine.client("sts", aws_access_key_id=key, aws_secret_access_key="test")
        assert client.get_caller_identity()["Account"] == account


def test_another_account_invokes_what_its_policy_lets_it(machine, function_role):
    """Recorded: AddPermission for an account lets that account invoke by ARN. Everything else stays the owner's."""
    machine.run("cloud", "start", "--open")
    functions = create(machine, function_role(machine, "shared"), "def handler(event, context): return context.invoked_function_arn", name="shared")
    arn = functions.get_function(FunctionName="shared")["Configuration"]["FunctionArn"]
    other = machine.client("lambda", aws_access_key_id="000000000002", aws_secret_access_key="x")

    def denied(call, action):
        with pytest.raises(ClientError) as error:
            call()
        assert error.value.response["Error"]["Code"] == "AccessDeniedException", str(error.value)
        assert f"not authorized to perform: {action} on resource: {arn}" in str(error.value)

    denied(lambda: other.invoke(FunctionName=arn), "lambda:InvokeFunction")
    permission = {"FunctionName": "shared", "StatementId": "other", "Action": "lambda:InvokeFunction"}
    functions.add_permission(**permission, Principal="000000000002")
    assert json.loads(other.invoke(FunctionName=arn)["Payload"].read()) == arn
    streamed = other.invoke_with_response_stream(FunctionName=arn)["EventStream"]
    assert json.loads(b"".join(event["PayloadChunk"]["Payload"] for event in streamed if "PayloadChunk" in event)) == arn
    third = machine.client("lambda", aws_access_key_id="000000000003", aws_secret_access_key="x")
    denied(lambda: third.invoke(FunctionName=arn), "lambda:InvokeFunction")
    denied(lambda: other.get_function(FunctionName=arn), "lambda:GetFunction")
    denied(lambda: other.delete_function(FunctionName=arn), "lambda:DeleteFunction")
    functions.remove_permission(FunctionName="shared", StatementId="other")
    denied(lambda: other.invoke(FunctionName=arn), "lambda:InvokeFunction")


def test_functions_and_visitors_cannot_reset_the_cloud(machine, function_role):
    """A function with a role for nothing, and an API that leads to the cloud's own endpoint."""
    machine.run("cloud", "start")
    machine.client("s3").create_bucket(Bucket="kept")
    code = (
        "import os, urllib.request, urllib.error\n"
        "def handler(event, context):\n"
        "    request = urllib.request.Request(os.environ['AWS_ENDPOINT_URL'] + '/_slam/reset', method='POST')\n"
        "    try:\n"
        "        return urllib.request.urlopen(request).status\n"
        "    except urllib.error.HTTPError as error:\n"
        "        return error.code\n"
    )
    functions = create(machine, function_role(machine, "resetter"), code, name="resetter")
    assert functions.invoke(FunctionName="resetter")["Payload"].read() == b"401"
    answer = requests.post(proxy(machine, f"http://localhost:{machine.port}/_slam/reset"), timeout=60)
    assert (answer.status_code, answer.json()) == (504, {"message": "Internal server error"})
    assert "SLAM_ALLOW_HOSTS=localhost" in (machine.home / "cloud.log").read_text()
    assert [bucket["Name"] for bucket in machine.client("s3").list_buckets()["Buckets"]] == ["kept"]


def test_an_integration_reaches_hosts_of_this_machine_that_are_allowed(machine):
    with http_server() as port:
        machine.run("cloud", "start", SLAM_ALLOW_HOSTS=f"other.test, localhost:{port}")
        assert requests.get(proxy(machine, f"http://localhost:{port}/"), timeout=60).text == "mine"
        assert requests.get(proxy(machine, f"http://127.0.0.1:{port}/"), timeout=60).status_code == 504
    assert "no host" in machine.run("cloud", "start", "--foreground", code=1, SLAM_ALLOW_HOSTS="a b").stderr


@contextlib.contextmanager
def http_server():
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b"mine")

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


def proxy(machine, uri):
    """The URL of an API that passes everything on to `uri`."""
    gateway = machine.client("apigateway")
    api = gateway.create_rest_api(name="proxy")["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    place = {"restApiId": api, "resourceId": root, "httpMethod": "ANY"}
    gateway.put_method(**place, authorizationType="NONE")
    gateway.put_integration(**place, type="HTTP_PROXY", integrationHttpMethod="ANY", uri=uri)
    gateway.create_deployment(restApiId=api, stageName="dev")
    port = machine.own("GET", "/_slam/apis").json()[api]["port"]
    return f"http://localhost:{port}/dev/"
