"""How HTTP APIs are deployed and limited, what their operations refuse, and what a restart leaves of them.

The pages are under https://docs.aws.amazon.com/apigateway/latest/developerguide/.
"""

import functools
import time

import pytest
import requests
from functions import create
from http_apis import ECHO, REGION, Api, backend, certificate, cloud, issuing, refused  # noqa: F401


def test_deployments_are_snapshots(cloud):
    """http-api-stages.html: "You must deploy an API for changes to take effect." """
    api = Api(cloud, stage=None)
    client = api.client
    told = refused(client.create_deployment, ApiId=api.id)
    assert told == "BadRequestException: Unable to deploy API because no routes exist in this API"
    integration = api.function()
    api.route("GET /a", integration)
    client.create_stage(ApiId=api.id, StageName="$default")
    assert api.get("/a").status_code == 404
    first = client.create_deployment(ApiId=api.id, StageName="$default", Description="one")["DeploymentId"]
    assert api.get("/a").status_code == 200
    api.route("GET /b", integration)
    assert api.get("/b").status_code == 404
    second = client.create_deployment(ApiId=api.id)["DeploymentId"]
    assert api.get("/b").status_code == 404
    client.update_stage(ApiId=api.id, StageName="$default", DeploymentId=second)
    assert api.get("/b").status_code == 200
    assert refused(client.delete_deployment, ApiId=api.id, DeploymentId=second).startswith("BadRequestException: Active")
    client.update_stage(ApiId=api.id, StageName="$default", DeploymentId=first)
    assert api.get("/b").status_code == 404
    client.update_stage(ApiId=api.id, StageName="$default", AutoDeploy=True)
    assert api.get("/b").status_code == 200
    told = refused(client.update_stage, ApiId=api.id, StageName="$default", DeploymentId=first)
    assert told == "BadRequestException: Deployment ID cannot be set on stage because AutoDeploy is enabled"
    stage = client.get_stage(ApiId=api.id, StageName="$default")
    assert stage["LastDeploymentStatusMessage"] == f"Successfully deployed stage with deployment ID '{stage['DeploymentId']}'"


def test_quick_create(cloud, backend):
    """http-api-develop.html, "Create an HTTP API by using the AWS CLI"."""
    account = cloud.client("sts").get_caller_identity()["Account"]
    function = f"arn:aws:lambda:{REGION}:{account}:function:echo"
    api = Api(cloud, stage=None, Target=function)
    api.permit("echo", "*")
    assert api.get("/x").json()["routeKey"] == "$default"
    stage = api.client.get_stage(ApiId=api.id, StageName="$default")
    assert stage["AutoDeploy"] and stage["ApiGatewayManaged"]
    api.client.update_api(ApiId=api.id, Target=f"http://127.0.0.1:{backend.port}/base")
    assert api.get("/x").json()["path"] == "/base/x"


def test_throttles(cloud):
    """http-api-throttling.html: a bucket for each route."""
    api = Api(cloud)
    integration = api.function()
    for key in ("GET /none", "GET /few", "GET /all"):
        api.route(key, integration)
    settings = {
        "GET /none": {"ThrottlingBurstLimit": 0, "ThrottlingRateLimit": 0},
        "GET /few": {"ThrottlingBurstLimit": 3, "ThrottlingRateLimit": 0},
    }
    api.client.update_stage(ApiId=api.id, StageName="$default", RouteSettings=settings)
    told = api.get("/none")
    assert (told.status_code, told.text) == (429, '{"message":"Too Many Requests"}')
    assert [api.get("/few").status_code for _ in range(5)] == [200, 200, 200, 429, 429]
    assert api.get("/all").status_code == 200
    api.client.update_stage(
        ApiId=api.id, StageName="$default", DefaultRouteSettings={"ThrottlingBurstLimit": 0, "ThrottlingRateLimit": 0}
    )
    assert api.get("/all").status_code == 429
    api.client.delete_route_settings(ApiId=api.id, StageName="$default", RouteKey="GET /few")
    assert api.get("/few").status_code == 429
    told = refused(
        api.client.update_stage, ApiId=api.id, StageName="$default", RouteSettings={"GET /x": {"ThrottlingBurstLimit": 1}}
    )
    assert told == "NotFoundException: Unable to find Route by key GET /x within the provided RouteSettings"


def test_access_logs(cloud):
    """http-api-logging.html and http-api-logging-variables.html."""
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="access")
    group = logs.describe_log_groups(logGroupNamePrefix="access")["logGroups"][0]["arn"]
    api = Api(cloud)
    api.route("GET /a/{id}", api.function())
    names = [
        "identity.sourceIp", "httpMethod", "routeKey", "status", "protocol", "path", "stage", "apiId", "responseLength",
        "integration.status", "integrationErrorMessage", "error.message", "none",
    ]
    line = "|".join(f"$context.{name}" for name in names) + "|$context.requestId"
    told = refused(
        api.client.update_stage,
        ApiId=api.id, StageName="$default", AccessLogSettings={"DestinationArn": group, "Format": "$context.status"},
    )
    assert told.startswith("BadRequestException: Access log format must include at least $context.requestId")
    api.client.update_stage(
        ApiId=api.id, StageName="$default", AccessLogSettings={"DestinationArn": group, "Format": line}
    )
    answer = api.get("/a/1")
    missing = api.get("/b")
    deadline = time.monotonic() + 30
    events = []
    while len(events) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
        events = logs.filter_log_events(logGroupName="access")["events"]
    lines = {event["message"].split("|")[5]: event["message"].split("|") for event in events}
    length = str(len(answer.content))
    assert lines["/a/1"] == [
        "127.0.0.1", "GET", "GET /a/{id}", "200", "HTTP/1.1", "/a/1", "$default", api.id, length,
        "200", "-", "-", "-", answer.headers["apigw-requestid"],
    ]
    assert lines["/b"][2:4] == ["", "404"] and lines["/b"][11] == "Not Found"
    assert lines["/b"][-1] == missing.headers["apigw-requestid"]


def test_the_endpoint_can_be_switched_off(cloud):
    """http-api-disable-default-endpoint.html."""
    api = Api(cloud, DisableExecuteApiEndpoint=True)
    api.route("$default", api.function())
    assert api.get("/").status_code == 404
    api.client.update_api(ApiId=api.id, DisableExecuteApiEndpoint=False)
    assert api.get("/").status_code == 200


def test_what_is_not_there_is_refused_by_name(cloud):
    api = Api(cloud)
    client = api.client
    integration = functools.partial(client.create_integration, ApiId=api.id)
    for call, arguments, what in (
        (client.create_api, {"Name": "w", "ProtocolType": "WEBSOCKET"}, "the protocol type WEBSOCKET of an API"),
        (client.import_api, {"Body": "{}"}, "ImportApi"),
        (client.create_vpc_link, {"Name": "l", "SubnetIds": ["s"]}, "CreateVpcLink"),
        (client.create_domain_name, {"DomainName": "a.example"}, "CreateDomainName"),
        (client.create_model, {"ApiId": api.id, "Name": "m", "Schema": "{}"}, "CreateModel"),
        (
            integration,
            {"IntegrationType": "HTTP_PROXY", "ConnectionType": "VPC_LINK", "ConnectionId": "x", "PayloadFormatVersion": "1.0"},
            "Connection",
        ),
        (client.create_route, {"ApiId": api.id, "RouteKey": "GET /", "ApiKeyRequired": True}, "ApiKeyRequired"),
        (
            integration,
            {"IntegrationType": "AWS_PROXY", "IntegrationSubtype": "Kinesis-PutRecord", "PayloadFormatVersion": "1.0"},
            "Kinesis-PutRecord",
        ),
    ):
        told = refused(call, **arguments)
        assert "NotImplemented" in told and what in told, told


def test_errors_of_the_control_plane(cloud):
    api = Api(cloud)
    client = api.client
    integration = functools.partial(client.create_integration, ApiId=api.id)
    target = api.function()
    route = functools.partial(client.create_route, ApiId=api.id, Target=f"integrations/{target}")
    used = route(RouteKey="GET /a/{b}")["RouteId"]
    for call, arguments, expected in (
        (client.get_api, {"ApiId": "none"}, f"NotFoundException: Invalid API identifier specified {api.account}:none"),
        (client.get_route, {"ApiId": api.id, "RouteId": "none"}, "NotFoundException: Invalid Route identifier specified"),
        (client.get_stage, {"ApiId": api.id, "StageName": "none"}, "NotFoundException: Invalid stage identifier specified"),
        # github.com/anomalyco/sst, issue 5031; github.com/plutomi/plutomi, issue 271; github.com/aws/aws-cli, issue 6363.
        (route, {"RouteKey": "GET /a/{b}"}, "ConflictException: Route with key GET /a/{b} already exists for this API"),
        (
            route,
            {"RouteKey": "GET /a/{c}"},
            'ConflictException: The provided route key "GET /a/{c}" has a conflicting variable on the same hierarchical level as "GET /a/{b}"',
        ),
        (route, {"RouteKey": "a"}, "BadRequestException: Provided route key: a is not properly formatted"),
        (route, {"RouteKey": "GET /x", "Target": "integrations/none"}, "BadRequestException: Invalid target"),
        (
            integration,
            {"IntegrationType": "MOCK"},
            "BadRequestException: Currently, an API with a protocol type of HTTP may only be associated with proxy integrations (AWS_PROXY, HTTP_PROXY)",
        ),
        (integration, {"IntegrationType": "AWS_PROXY"}, "BadRequestException: PayloadFormatVersion is a required parameter for integration"),
        (
            integration,
            {"IntegrationType": "HTTP_PROXY", "IntegrationUri": "http://a", "IntegrationMethod": "GET", "PayloadFormatVersion": "2.0"},
            "BadRequestException: PayloadFormatVersion 2.0",
        ),
        (client.delete_integration, {"ApiId": api.id, "IntegrationId": target}, "ConflictException: Cannot delete Integration"),
        (client.create_stage, {"ApiId": api.id, "StageName": "$default"}, "ConflictException: Stage already exists"),
        (client.create_stage, {"ApiId": api.id, "StageName": "a b"}, "BadRequestException: Stage name only allows"),
        (
            client.update_stage,
            {"ApiId": api.id, "StageName": "$default", "DefaultRouteSettings": {"LoggingLevel": "INFO"}},
            "BadRequestException: Execution logs are not supported on protocolType HTTP",
        ),
    ):
        assert refused(call, **arguments).startswith(expected), (expected, refused(call, **arguments))
    client.delete_route(ApiId=api.id, RouteId=used)
    client.delete_integration(ApiId=api.id, IntegrationId=target)


def test_mappings_and_variables_are_taken_away_by_nothing(cloud):
    """http-api-parameter-mapping.html, "Remove configured parameter mappings"."""
    api = Api(cloud)
    one = api.server("http://a.example", RequestParameters={"append:header.a": "1", "append:header.b": "2"}, ResponseParameters={"200": {"append:header.a": "1"}})
    told = api.client.update_integration(
        ApiId=api.id, IntegrationId=one, RequestParameters={"append:header.a": ""}, ResponseParameters={"200": {}}
    )
    assert told["RequestParameters"] == {"append:header.b": "2"} and "ResponseParameters" not in told
    stage = functools.partial(api.client.update_stage, ApiId=api.id, StageName="$default")
    assert stage(StageVariables={"a": "1", "b": "2"})["StageVariables"] == {"a": "1", "b": "2"}
    assert stage(StageVariables={"a": ""})["StageVariables"] == {"b": "2"}


def test_tags(cloud):
    api = Api(cloud, Tags={"a": "1"})
    arn = f"arn:aws:apigateway:{REGION}::/apis/{api.id}"
    api.client.tag_resource(ResourceArn=arn, Tags={"b": "2"})
    api.client.untag_resource(ResourceArn=arn, TagKeys=["a"])
    assert api.client.get_tags(ResourceArn=arn)["Tags"] == {"b": "2"} == api.client.get_api(ApiId=api.id)["Tags"]
    stage = f"{arn}/stages/$default"
    api.client.tag_resource(ResourceArn=stage, Tags={"c": "3"})
    assert api.client.get_stage(ApiId=api.id, StageName="$default")["Tags"] == {"c": "3"}


def test_an_api_survives_a_restart(machine, function_role):
    machine.run("cloud", "start")
    create(machine, function_role(machine, "functions"), ECHO, "echo")
    api = Api(machine)
    api.route("GET /a", api.function())
    assert api.get("/a").status_code == 200
    machine.kill()
    machine.run("cloud", "start")
    assert api.get("/a").json()["routeKey"] == "GET /a"
    client = machine.client("apigatewayv2")
    assert [one["ApiId"] for one in client.get_apis()["Items"]] == [api.id]
    client.delete_api(ApiId=api.id)
    assert client.get_apis()["Items"] == []
    with pytest.raises(requests.exceptions.ConnectionError):
        api.get("/a")
