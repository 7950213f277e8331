"""Mapping templates: what cannot be read is refused when it is put, and what fails says why where people look."""

import json
import time

import botocore.exceptions
import pytest
import requests

from functions import runtime

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
LOGS = "arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
OK = '{"statusCode": 200}'
APP = """
def app(environ, start_response):
    start_response("200 OK", [("content-type", "text/plain")])
    return [b"hello"]
"""
YAML = f"""
name: mapped
app: pages.app:app
kind: wsgi
runtime: {runtime()}
memory: 128
package: {{path: service}}
"""


def mock(gateway, api, path, request, response):
    root = next(item["id"] for item in gateway.get_resources(restApiId=api)["items"] if item["path"] == "/")
    resource = gateway.create_resource(restApiId=api, parentId=root, pathPart=path)["id"]
    place = {"restApiId": api, "resourceId": resource, "httpMethod": "POST"}
    gateway.put_method(**place, authorizationType="NONE")
    gateway.put_integration(**place, type="MOCK", requestTemplates={"application/json": request})
    gateway.put_method_response(**place, statusCode="200")
    gateway.put_integration_response(**place, statusCode="200", responseTemplates={"application/json": response})
    return place


def log_role(machine):
    iam = machine.client("iam")
    arn = iam.create_role(RoleName="gateway-logs", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="gateway-logs", PolicyArn=LOGS)
    patch = [{"op": "replace", "path": "/cloudwatchRoleArn", "value": arn}]
    machine.client("apigateway").update_account(patchOperations=patch)


def log_errors(gateway, api, stage):
    patch = [{"op": "replace", "path": "/*/*/logging/loglevel", "value": "ERROR"}]
    gateway.update_stage(restApiId=api, stageName=stage, patchOperations=patch)


def until(find):
    for _ in range(100):
        found = find()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError("nothing came")


def test_what_cannot_be_read_is_refused_when_it_is_put(shared_machine):
    gateway = shared_machine.client("apigateway")
    api = gateway.create_rest_api(name="broken")["id"]
    place = mock(gateway, api, "fine", OK, "#define($d)$input.json('$')#end$d")
    bad = {"application/json": "#set($n = $l.size()-1)"}
    escaped = "application~1json"
    for call in (
        lambda: gateway.put_integration(**place, type="MOCK", requestTemplates=bad),
        lambda: gateway.put_integration_response(**place, statusCode="200", responseTemplates=bad),
        lambda: gateway.update_integration(
            **place,
            patchOperations=[{"op": "replace", "path": f"/requestTemplates/{escaped}", "value": "#if(true)"}],
        ),
        lambda: gateway.update_integration_response(
            **place,
            statusCode="200",
            patchOperations=[{"op": "replace", "path": f"/responseTemplates/{escaped}", "value": "#macro(m)x#end"}],
        ),
    ):
        with pytest.raises(botocore.exceptions.ClientError) as refused:
            call()
        error = refused.value.response["Error"]
        assert error["Code"] == "BadRequestException"
        assert error["Message"].startswith("Invalid mapping template specified for application/json: "), error
    # What was there before still is.
    assert gateway.get_integration(**place)["requestTemplates"] == {"application/json": OK}


def test_a_template_that_fails_says_why_in_the_execution_log(shared_machine):
    log_role(shared_machine)
    gateway = shared_machine.client("apigateway")
    api = gateway.create_rest_api(name="failing")["id"]
    mock(gateway, api, "request", "$input.path('$.name').substring(9)" + OK, "")
    mock(gateway, api, "response", OK, "#set($l = [1, 2])$l.get(2)")
    mock(gateway, api, "unknown", OK, "#set($s = 'a')$s.hashCode()")
    mock(gateway, api, "works", OK, "#foreach($k in $input.params().header.keySet())#end$input.params('id')!")
    gateway.create_deployment(restApiId=api, stageName="test")
    log_errors(gateway, api, "test")
    port = shared_machine.own("GET", "/_slam/apis").json()[api]["port"]
    url = f"http://localhost:{port}/test"
    assert requests.post(f"{url}/works?id=7", json={}).text == "7!"
    for path in ("request", "response", "unknown"):
        answer = requests.post(f"{url}/{path}", json={"name": "Ada"})
        assert (answer.status_code, answer.json()) == (500, {"message": "Internal server error"}), path
    logs = shared_machine.client("logs")
    group = f"API-Gateway-Execution-Logs_{api}/test"

    def messages():
        try:
            events = logs.filter_log_events(logGroupName=group)["events"]
        except logs.exceptions.ResourceNotFoundException:
            return None
        found = [event["message"].partition(") ")[2] for event in events]
        failures = [message for message in found if message.startswith("Execution failed")]
        return failures if len(failures) == 3 else None

    prefix = "Execution failed due to configuration error: Unable to transform"
    assert sorted(until(messages)) == [
        f"{prefix} request: substring fails: begin 9, end 3, length 3",
        f"{prefix} response: get fails: index 2 is out of bounds for length 2",
        f"{prefix} response: the method hashCode of a string is not supported in templates by the embedded cloud",
    ]


def test_slam_logs_says_it_too(machine, tmp_path):
    (tmp_path / "service" / "pages").mkdir(parents=True)
    (tmp_path / "service" / "pages" / "app.py").write_text(APP)
    (tmp_path / "slam.yaml").write_text(YAML)
    machine.run("deploy", cwd=tmp_path)
    log_role(machine)
    gateway = machine.client("apigateway")
    api = gateway.get_rest_apis()["items"][0]["id"]
    stage = gateway.get_stages(restApiId=api)["item"][0]["stageName"]
    mock(gateway, api, "mapped", OK, "$util.base64Decode('!')")
    gateway.create_deployment(restApiId=api, stageName=stage)
    log_errors(gateway, api, stage)
    port = machine.own("GET", "/_slam/apis").json()[api]["port"]
    assert requests.post(f"http://localhost:{port}/{stage}/mapped", json={}).status_code == 500
    told = "Unable to transform response: base64Decode fails: the text is no base 64"
    until(lambda: told in machine.run("logs", cwd=tmp_path).stdout)
