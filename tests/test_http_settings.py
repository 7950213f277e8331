"""`http.cors`, `throttle`, `authorizer` and `keys` in slam.yaml: what each lets in, and what it keeps out."""

import json
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
import requests
from functions import runtime

WEB = """\
import json
def app(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain"), ("ETag", "x")])
    return [("web " + environ["PATH_INFO"]).encode()]
"""
# An answer of AWS's for each kind of API.
AUTH = """\
def check(event):
    headers = {name.lower(): value for name, value in event["headers"].items()}
    allowed = headers.get("authorization") == "letmein"
    if "routeArn" in event:
        return {"isAuthorized": allowed}
    effect = "Allow" if allowed else "Deny"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": event["methodArn"]}
    return {"principalId": "somebody", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
"""
LETMEIN = {"Authorization": "letmein"}
PAGE = {"Origin": "https://a.example"}
PREFLIGHT = {**PAGE, "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "authorization"}


def write(folder, text):
    folder.mkdir(exist_ok=True)
    head = f"name: {folder.name}\napp: web:app\nkind: wsgi\nruntime: {runtime()}\n"
    (folder / "slam.yaml").write_text(head + text)
    (folder / "requirements.txt").write_text("")
    (folder / "web.py").write_text(WEB)
    (folder / "auth.py").write_text(AUTH)
    return folder


def deployed(machine, folder, text):
    write(folder, text)
    machine.run("deploy", cwd=folder)
    return machine.json("status", cwd=folder)["stages"][0]["url"]


def status(url, path="", **keywords):
    return requests.get(url + path, **keywords).status_code


def signed(machine, url):
    variables = machine.client_environment()
    credentials = botocore.credentials.Credentials(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"])
    request = botocore.awsrequest.AWSRequest("GET", url)
    botocore.auth.SigV4Auth(credentials, "execute-api", "us-east-1").add_auth(request)
    return requests.get(url, headers=dict(request.headers)).status_code


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_who_may_call(machine, tmp_path, kind):
    text = f"http: {{api: {kind}, authorizer: {{lambda: 'auth:check', open: /health, paths: {{/admin: iam}}}}}}\n"
    url = deployed(machine, tmp_path / kind, text)
    for path in ("", "a/b", "healthy"):
        assert status(url, path) in (401, 403) and status(url, path, headers={"Authorization": "no"}) == 403, path
        assert status(url, path, headers=LETMEIN) == 200, path
    for path in ("health", "health/deep"):
        assert status(url, path) == 200
    for path in ("admin", "admin/deep"):
        assert status(url, path) == 403 and status(url, path, headers=LETMEIN) == 403
        assert signed(machine, url + path) == 200
    names = {function["name"] for function in machine.json("status", cwd=tmp_path / kind)["stacks"][0]["functions"]}
    assert names == {None, "auth-check"}
    # The verb is no way around it, nor are paths that the application would take for one of these.
    for verb in ("GET", "POST", "OPTIONS", "HEAD"):
        for path in ("a/b", "admin/", "admin/deep", "admin%2Fdeep", "/admin"):
            assert requests.request(verb, url + path).status_code in (401, 403), (verb, path)
    # A protection that goes is gone, and one that comes is there.
    url = deployed(machine, tmp_path / kind, f"http: {{api: {kind}}}\n")
    assert status(url) == status(url, "admin") == 200
    url = deployed(machine, tmp_path / kind, f"http: {{api: {kind}, authorizer: iam}}\n")
    assert status(url) == status(url, "health") == 403 and signed(machine, url) == 200


@pytest.mark.parametrize("kind", ["rest", "http"])
@pytest.mark.parametrize("origins", ["'*'", "['https://a.example', 'https://b.example']"])
def test_pages_of_other_origins(machine, tmp_path, kind, origins):
    cors = f"{{origins: {origins}, methods: [GET, PUT], headers: [authorization], expose: [etag], max_age: 10m}}"
    text = f"http: {{api: {kind}, cors: {cors}, authorizer: {{lambda: 'auth:check', open: /health}}}}\n"
    url = deployed(machine, tmp_path / kind, text)
    allowed = "*" if "*" in origins else PAGE["Origin"]
    for path in ("", "a", "health", "health/a"):
        told = requests.options(url + path, headers=PREFLIGHT)
        assert told.status_code == 204, (path, told.text)
        shown = {name.lower(): value for name, value in told.headers.items() if name.lower().startswith("access-control")}
        assert shown.pop("access-control-allow-methods") == "GET,PUT"
        shown.pop("access-control-expose-headers", None)
        assert shown == {
            "access-control-allow-origin": allowed,
            "access-control-allow-headers": "authorization",
            "access-control-max-age": "600",
        }, path
    # What is no preflight is no way to the application.
    for path in ("", "a"):
        answer = requests.options(url + path)
        assert (answer.status_code, answer.text) == (204, ""), path
    answer = requests.get(url + "a", headers={**PAGE, **LETMEIN})
    assert (answer.status_code, answer.text) == (200, "web /a")
    assert answer.headers["Access-Control-Allow-Origin"] == allowed
    assert answer.headers["Access-Control-Expose-Headers"] == "etag"
    if "*" not in origins:
        strange = {**PREFLIGHT, "Origin": "https://c.example"}
        assert "Access-Control-Allow-Origin" not in requests.options(url + "a", headers=strange).headers
        answer = requests.get(url + "health", headers=strange)
        assert answer.status_code == 200 and "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize("kind", ["rest", "http"])
def test_how_often(machine, tmp_path, kind):
    """A bucket of one request that a second fills: of several at once some are too many."""
    throttle = "{rate: 1000, burst: 1000, paths: {/slow: {rate: 1, burst: 1}}}"
    url = deployed(machine, tmp_path / kind, f"http: {{api: {kind}, throttle: {throttle}}}\n")
    assert status(url, "slow/warm") == 200
    session = requests.Session()
    slow = [session.get(url + "slow/a").status_code for _ in range(20)]
    quick = [session.get(url + "quick").status_code for _ in range(20)]
    assert 429 in slow and set(slow) <= {200, 429}
    assert set(quick) == {200}


def test_api_keys(machine, tmp_path):
    folder = tmp_path / "keyed"
    keys = "keys: {partner: {quota: 3/day}, free: {throttle: {rate: 100, burst: 100}}}"
    url = deployed(machine, folder, f"http: {{{keys}, authorizer: {{open: /health}}}}\n")
    assert status(url) == 403 and status(url, "health") == 200
    assert machine.json("keys", "list", cwd=folder) == []
    made = machine.json("keys", "create", "partner", "--name", "ann", cwd=folder)
    assert (made["name"], made["plan"], made["stage"]) == ("ann", "partner", "dev")
    key = {"x-api-key": made["value"]}
    assert [status(url, "a", headers=key) for _ in range(4)] == [200, 200, 200, 429]
    other = machine.run("keys", "create", "free", cwd=folder)
    assert "shown this once" in other.stderr
    value = other.stdout.strip()
    assert status(url, headers={"x-api-key": value}) == 200
    listed = machine.json("keys", "list", cwd=folder)
    assert {(one["name"], one["plan"], one["enabled"]) for one in listed} == {("ann", "partner", True), ("keyed-dev-free", "free", True)}
    text = machine.run("keys", "list", cwd=folder).stdout
    assert made["id"] in text and "ann" in text and value not in text and made["value"] not in text
    free = next(one["id"] for one in listed if one["plan"] == "free")
    assert "is revoked" in machine.run("keys", "revoke", free, cwd=folder).stdout
    assert status(url, headers={"x-api-key": value}) == 403
    assert "slam keys list" in machine.run("keys", "revoke", free, cwd=folder, code=1).stderr
    assert "there are" in machine.run("keys", "create", "nope", cwd=folder, code=1).stderr
    # A plan that goes leaves its keys, which open nothing.
    write(folder, "http: {keys: {free: {}}}\n")
    machine.run("deploy", cwd=folder)
    listed = machine.json("keys", "list", cwd=folder)
    assert [(one["name"], one["plan"]) for one in listed] == [("ann", None)]
    assert "(no plan)" in machine.run("keys", "list", cwd=folder).stdout
    # The template has no key, and none is left behind.
    assert made["value"] not in machine.run("template", cwd=folder).stdout
    machine.run("delete", "--yes", cwd=folder)
    assert machine.client("apigateway").get_api_keys()["items"] == []


def test_keys_need_a_plan(machine, tmp_path):
    folder = write(tmp_path / "plain", "")
    machine.run("cloud", "start")
    refused = machine.run("keys", "list", cwd=folder, code=2).stderr
    assert "dev has no API keys" in refused and "http: {keys:" in refused


def test_a_published_stage_has_settings_of_its_own(machine, tmp_path):
    folder = tmp_path / "staged"
    text = "http: {api: http}\nstages: {dev: {}, prod: {http: {authorizer: {lambda: 'auth:check'}}}}\n"
    deployed(machine, folder, text)
    machine.run("publish", "prod", cwd=folder)
    urls = {stage["name"]: stage["url"] for stage in machine.json("status", cwd=folder)["stages"]}
    assert status(urls["dev"]) == 200
    assert status(urls["prod"], headers={"Authorization": "no"}) == 403
    assert status(urls["prod"], headers=LETMEIN) == 200
