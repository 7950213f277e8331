"""Who may call a REST API: authorizers, signatures, resource policies, API keys; what a template says of it counts."""

import json

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
import requests

import functions

# Answers as its token says; beyond that as AWS's example function does.
AUTHORIZER = """
import json
calls = 0

def handler(event, context):
    global calls
    calls += 1
    token = event.get("authorizationToken") or event["headers"].get("X-Token") or event["queryStringParameters"].get("token")
    if token == "unauthorized":
        raise Exception("Unauthorized")
    if token == "error":
        raise Exception("Error: Invalid token")
    if token == "nothing":
        return {"principalId": "u"}
    if token == "nested":
        context = {"o": {}}
    else:
        context = {"number": 7, "flag": True, "text": "x", "calls": calls, "event": json.dumps(event)}
    resource = event["methodArn"] if token == "this" else event["methodArn"].split("/")[0] + "/*"
    effect = "Deny" if token == "deny" else "Allow"
    action = "execute-api:ManageConnections" if token == "other" else "execute-api:Invoke"
    policy = {"Version": "2012-10-17", "Statement": [{"Action": action, "Effect": effect, "Resource": resource}]}
    if token == "from":
        policy["Statement"][0]["Condition"] = {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}
    return {"principalId": "user-" + token, "policyDocument": policy, "context": context, "usageIdentifierKey": token}
"""
BACKEND = """
import json

def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event["requestContext"])}
"""
DENIED = {"Message": "User is not authorized to access this resource with an explicit deny"}
UNMENTIONED = {"Message": "User is not authorized to access this resource"}


@pytest.fixture(scope="module")
def world(shared_machine, function_role):
    role = function_role(shared_machine, "role")
    functions.create(shared_machine, role, AUTHORIZER, "authorizer")
    functions.create(shared_machine, role, BACKEND, "backend")
    for function in ("authorizer", "backend"):
        shared_machine.client("lambda").add_permission(
            FunctionName=function,
            StatementId="apis",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
        )
    return shared_machine


def invocations(machine, function):
    arn = machine.client("lambda").get_function(FunctionName=function)["Configuration"]["FunctionArn"]
    return f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"


class Api:
    """An API with a function behind /{proxy+} of the stage dev."""

    def __init__(self, machine, authorizer=None, method=None, **configuration):
        self.machine, self.client = machine, machine.client("apigateway")
        made = self.client.create_rest_api(name="protected", **configuration)
        self.id = made["id"]
        proxy = self.client.create_resource(restApiId=self.id, parentId=made["rootResourceId"], pathPart="{proxy+}")["id"]
        place = {"restApiId": self.id, "resourceId": proxy, "httpMethod": "ANY"}
        method = dict(method or {"authorizationType": "NONE"})
        if authorizer is not None:
            self.authorizer = self.client.create_authorizer(
                restApiId=self.id, name="a", authorizerUri=invocations(machine, "authorizer"), **authorizer
            )["id"]
            method |= {"authorizationType": "CUSTOM", "authorizerId": self.authorizer}
        self.client.put_method(**place, **method)
        uri = invocations(machine, "backend")
        self.client.put_integration(**place, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
        self.client.create_deployment(restApiId=self.id, stageName="dev")
        port = machine.own("GET", "/_slam/apis").json()[self.id]["port"]
        self.url = f"http://localhost:{port}/dev"

    def get(self, path="/a", **keywords):
        answer = requests.get(self.url + path, **keywords)
        return answer.status_code, answer.json()


TOKEN = {"type": "TOKEN", "identitySource": "method.request.header.X-Token"}


@pytest.mark.parametrize(
    ("token", "status", "body"),
    [
        (None, 401, {"message": "Unauthorized"}),
        ("unauthorized", 401, {"message": "Unauthorized"}),
        ("deny", 403, DENIED),
        ("other", 403, UNMENTIONED),
        ("from", 403, UNMENTIONED),
        ("error", 500, {"message": None}),
        ("nothing", 500, {"message": None}),
        ("nested", 500, {"message": None}),
    ],
)
def test_whom_an_authorizer_keeps_out(world, token, status, body, api=[]):
    api = api or api.append(Api(world, TOKEN)) or api
    headers = {"X-Token": token} if token else {}
    assert api[0].get(headers=headers) == (status, body)


def test_what_an_authorizer_tells(world):
    status, context = Api(world, TOKEN).get(headers={"X-Token": "allow"})
    told = context["authorizer"]
    assert status == 200
    assert (told["principalId"], told["number"], told["flag"], told["text"]) == ("user-allow", "7", "true", "x")
    assert isinstance(told["integrationLatency"], int)
    event = json.loads(told["event"])
    assert event["methodArn"].startswith("arn:aws:execute-api:us-east-1:") and event["methodArn"].endswith("/dev/GET/a")
    assert event == {"type": "TOKEN", "methodArn": event["methodArn"], "authorizationToken": "allow"}


def test_a_token_must_look_as_it_must(world):
    api = Api(world, {**TOKEN, "identityValidationExpression": "al[a-z]+", "authorizerResultTtlInSeconds": 0})
    first = api.get(headers={"X-Token": "allow"})[1]["authorizer"]["calls"]
    for token in ("this", "allow ed", "xallow"):
        assert api.get(headers={"X-Token": token}) == (401, {"message": "Unauthorized"}), token
    # The function was asked for none of them.
    assert int(api.get(headers={"X-Token": "allow"})[1]["authorizer"]["calls"]) == int(first) + 1


def test_an_answer_is_remembered_for_all_methods(world):
    api = Api(world, TOKEN)
    this = {"X-Token": "this"}
    first = api.get("/a", headers=this)[1]["authorizer"]
    again = api.get("/a", headers=this)[1]["authorizer"]
    assert (again["calls"], again["integrationLatency"]) == (first["calls"], 0)
    # It allowed the method that was called first, and is remembered for all.
    assert api.get("/b", headers=this) == (403, UNMENTIONED)
    api.client.flush_stage_authorizers_cache(restApiId=api.id, stageName="dev")
    assert api.get("/b", headers=this)[0] == 200
    uncached = Api(world, {**TOKEN, "authorizerResultTtlInSeconds": 0})
    calls = [uncached.get(headers={"X-Token": "allow"})[1]["authorizer"]["calls"] for _ in range(2)]
    assert int(calls[1]) == int(calls[0]) + 1


def test_a_request_authorizer_gets_the_request(world):
    sources = "method.request.header.X-Token, method.request.querystring.q, context.httpMethod"
    api = Api(world, {"type": "REQUEST", "identitySource": sources})
    assert api.get("/a", headers={"X-Token": "allow"}) == (401, {"message": "Unauthorized"})
    assert api.get("/a?q=", headers={"X-Token": "allow"}) == (401, {"message": "Unauthorized"})
    status, context = api.get("/a?q=1&q=2", headers={"X-Token": "allow"})
    event = json.loads(context["authorizer"]["event"])
    assert status == 200
    assert (event["type"], event["path"], event["resource"], event["httpMethod"]) == ("REQUEST", "/a", "/{proxy+}", "GET")
    assert event["multiValueQueryStringParameters"] == {"q": ["1", "2"]}
    assert (event["pathParameters"], event["stageVariables"]) == ({"proxy": "a"}, {})
    assert event["requestContext"]["apiId"] == api.id and "body" not in event
    other = api.get("/a?q=3", headers={"X-Token": "allow"})[1]["authorizer"]["calls"]
    assert int(other) == int(context["authorizer"]["calls"]) + 1


def test_an_authorizer_without_permission_is_no_way_in(world):
    api = Api(world, TOKEN)
    client = world.client("lambda")
    client.remove_permission(FunctionName="authorizer", StatementId="apis")
    try:
        assert api.get(headers={"X-Token": "allow"}) == (500, {"message": None})
        account = world.client("sts").get_caller_identity()["Account"]
        client.add_permission(
            FunctionName="authorizer",
            StatementId="this",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:us-east-1:{account}:{api.id}/authorizers/{api.authorizer}",
        )
        assert api.get(headers={"X-Token": "allow"})[0] == 200
    finally:
        client.add_permission(
            FunctionName="authorizer",
            StatementId="apis",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
        )


def test_an_authorizer_is_tried_by_its_owner(world):
    api = Api(world, TOKEN)
    tried = lambda token: api.client.test_invoke_authorizer(
        restApiId=api.id, authorizerId=api.authorizer, headers={"X-Token": token}
    )
    allowed = tried("allow")
    assert (allowed["clientStatus"], allowed["principalId"]) == (0, "user-allow")
    assert json.loads(allowed["policy"])["Statement"][0]["Effect"] == "Allow"
    assert [tried(token)["clientStatus"] for token in ("unauthorized", "error", "")] == [401, 500, 401]
    sources = "method.request.querystring.token, stageVariables.v"
    api = Api(world, {"type": "REQUEST", "identitySource": sources})
    of = {"restApiId": api.id, "authorizerId": api.authorizer, "pathWithQueryString": "/a?token=allow"}
    assert api.client.test_invoke_authorizer(**of)["clientStatus"] == 401
    assert api.client.test_invoke_authorizer(**of, stageVariables={"v": "1"})["principalId"] == "user-allow"


def test_an_authorizer_names_the_key(world):
    value = "allow-1234567890-1234567890"
    api = Api(
        world, TOKEN, {"authorizationType": "NONE", "apiKeyRequired": True}, apiKeySource="AUTHORIZER"
    )
    plan = api.client.create_usage_plan(name="p", apiStages=[{"apiId": api.id, "stage": "dev"}])["id"]
    key = api.client.create_api_key(name="k", value=value, enabled=True)["id"]
    api.client.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    status, context = api.get(headers={"X-Token": value})
    assert (status, context["identity"]["apiKey"], context["identity"]["apiKeyId"]) == (200, value, key)
    # The header does not count then.
    assert api.get(headers={"X-Token": "allow", "x-api-key": value}) == (403, {"message": "Forbidden"})


def signed(url, machine, **changes):
    frozen = machine.client("sts")._request_signer._credentials.get_frozen_credentials()
    keys = {"access_key": frozen.access_key, "secret_key": frozen.secret_key, **changes}
    request = botocore.awsrequest.AWSRequest("GET", url)
    credentials = botocore.credentials.Credentials(**keys)
    botocore.auth.SigV4Auth(credentials, "execute-api", "us-east-1").add_auth(request)
    return dict(request.headers)


def test_a_signature_that_is_wrong_is_told(world, monkeypatch):
    api = Api(world, method={"authorizationType": "AWS_IAM"})
    url = api.url + "/a"
    assert api.get(headers=signed(url, world))[0] == 200
    assert api.get() == (403, {"message": "Missing Authentication Token"})

    def check(headers, kind, text):
        answer = requests.get(url, headers=headers)
        assert (answer.status_code, answer.headers["x-amzn-ErrorType"]) == (403, kind)
        assert text in answer.json()["message"], answer.text

    check(signed(url, world, secret_key="wrong"), "InvalidSignatureException", "The request signature we calculated")
    check(
        signed(url, world, access_key="AKIANOBODY0000000000"),
        "UnrecognizedClientException",
        "The security token included in the request is invalid.",
    )
    import datetime

    real = botocore.auth.get_current_datetime
    monkeypatch.setattr(botocore.auth, "get_current_datetime", lambda *a, **k: real(*a, **k) - datetime.timedelta(minutes=6))
    check(signed(url, world), "InvalidSignatureException", "Signature expired")


def test_another_account_is_let_in_by_the_apis_policy_alone(machine, function_role):
    """An open cloud takes any account's number for its root user's key."""
    machine.run("cloud", "start", "--open")
    functions.create(machine, function_role(machine, "role"), BACKEND, "backend")
    permission = {"FunctionName": "backend", "StatementId": "apis", "Action": "lambda:InvokeFunction"}
    machine.client("lambda").add_permission(**permission, Principal="apigateway.amazonaws.com")
    api = Api(machine, method={"authorizationType": "AWS_IAM"})
    ask = lambda account: api.get(headers=signed(api.url + "/a", machine, access_key=account, secret_key="x"))[0]
    assert (ask("000000000000"), ask("999999999999")) == (200, 403)


def policy(*statements):
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def statement(effect, address):
    return {
        "Effect": effect,
        "Principal": "*",
        "Action": "execute-api:Invoke",
        "Resource": "execute-api:/*",
        "Condition": {"IpAddress": {"aws:SourceIp": address}},
    }


HERE, ELSEWHERE = ["127.0.0.0/8", "::1/128"], "192.0.2.0/24"


def test_an_api_s_policy_decides_where_nobody_else_does(world):
    assert Api(world, policy=policy(statement("Allow", HERE))).get()[0] == 200
    for refused in ([statement("Allow", ELSEWHERE)], [statement("Allow", HERE), statement("Deny", HERE)]):
        status, body = Api(world, policy=policy(*refused)).get()
        assert status == 403 and "is not authorized to perform: execute-api:Invoke" in body["Message"]


def test_an_api_s_policy_counts_with_the_authorizer_s(world):
    """Table A of "How API Gateway resource policies affect authorization workflow"."""
    for statements, token, expected in [
        ([statement("Allow", HERE)], "allow", 200),
        ([statement("Allow", ELSEWHERE)], "allow", 200),
        ([statement("Deny", HERE)], "allow", 403),
        ([statement("Allow", HERE)], "other", 200),
        ([statement("Allow", ELSEWHERE)], "other", 403),
        ([statement("Allow", HERE)], "deny", 403),
    ]:
        assert Api(world, TOKEN, policy=policy(*statements)).get(headers={"X-Token": token})[0] == expected, (statements, token)


DOCUMENT = {
    "swagger": "2.0",
    "info": {"title": "ways", "version": "1"},
    "securityDefinitions": {"api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"}},
    "security": [{"api_key": []}],
    "paths": {
        "/": {
            "get": {
                "responses": {"200": {"description": "fine"}},
                "x-amazon-apigateway-integration": {
                    "type": "mock",
                    "requestTemplates": {"application/json": '{"statusCode": 200}'},
                    "responses": {"default": {"statusCode": "200"}},
                },
            }
        }
    },
}
# Every way to protect an API that a template can say, and what somebody who has nothing gets. `None`: the template is refused.
WAYS = {
    "Method.AuthorizationType=NONE": ({}, {}, {}, 200),
    "Method.AuthorizationType=AWS_IAM": ({"AuthorizationType": "AWS_IAM"}, {}, {}, 403),
    "Method.AuthorizationType=CUSTOM, TOKEN": (
        {"AuthorizationType": "CUSTOM", "AuthorizerId": {"Ref": "Authorizer"}},
        {},
        {"Type": "TOKEN", "IdentitySource": "method.request.header.X-Token"},
        401,
    ),
    "Method.AuthorizationType=CUSTOM, REQUEST": (
        {"AuthorizationType": "CUSTOM", "AuthorizerId": {"Ref": "Authorizer"}},
        {},
        {"Type": "REQUEST", "IdentitySource": "method.request.header.X-Token"},
        401,
    ),
    "Method.AuthorizationType=CUSTOM without an authorizer": ({"AuthorizationType": "CUSTOM"}, {}, {}, None),
    "Method.AuthorizationType=COGNITO_USER_POOLS": (
        {"AuthorizationType": "COGNITO_USER_POOLS", "AuthorizerId": {"Ref": "Authorizer"}},
        {},
        {
            "Type": "COGNITO_USER_POOLS",
            "IdentitySource": "method.request.header.Authorization",
            "ProviderARNs": ["arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_a"],
        },
        401,
    ),
    "Method.AuthorizationType=JWT": (
        {"AuthorizationType": "JWT", "AuthorizerId": {"Ref": "Authorizer"}},
        {},
        {
            "Type": "JWT",
            "IdentitySource": "method.request.header.Authorization",
            "JwtConfiguration": {
                "DefaultAlgorithms": ["RS256"],
                "Issuers": [{"Issuer": {"Fn::Sub": "https://${Pool.ProviderName}"}, "Audiences": ["one"]}],
            },
        },
        401,
    ),
    "Authorizer.Type=JWT without issuers": ({}, {}, {"Type": "JWT"}, None),
    "Method.ApiKeyRequired": ({"ApiKeyRequired": True}, {}, {}, 403),
    "RestApi.ApiKeySourceType": ({"ApiKeyRequired": True}, {"ApiKeySourceType": "AUTHORIZER"}, {}, 403),
    "RestApi.Policy": ({}, {"Policy": json.loads(policy(statement("Deny", HERE), statement("Allow", HERE)))}, {}, 403),
    "RestApi.DisableExecuteApiEndpoint": ({}, {"DisableExecuteApiEndpoint": True}, {}, 403),
    "RestApi.EndpointConfiguration=PRIVATE": ({}, {"EndpointConfiguration": {"Types": ["PRIVATE"]}}, {}, None),
    "RestApi.EndpointConfiguration.VpcEndpointIds": (
        {},
        {"EndpointConfiguration": {"Types": ["PRIVATE"], "VpcEndpointIds": ["vpce-1"]}},
        {},
        None,
    ),
    "RestApi.SecurityPolicy": ({}, {"SecurityPolicy": "TLS_1_2"}, {}, None),
    "RestApi.Body": (None, {"Body": DOCUMENT}, {}, 403),
    "Stage.MethodSettings throttling": ({}, {}, {}, 429),
    "Stage.ClientCertificateId": ({}, {}, {}, None),
}


def template(method, api, authorizer, way):
    resources = {
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "ways", **api}},
        "Method": {
            "Type": "AWS::ApiGateway::Method",
            "Properties": {
                "RestApiId": {"Ref": "Api"},
                "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
                "HttpMethod": "GET",
                "AuthorizationType": "NONE",
                "Integration": {
                    "Type": "MOCK",
                    "RequestTemplates": {"application/json": '{"statusCode": 200}'},
                    "IntegrationResponses": [{"StatusCode": "200"}],
                },
                "MethodResponses": [{"StatusCode": "200"}],
                **(method or {}),
            },
        },
        "Deployment": {
            "Type": "AWS::ApiGateway::Deployment",
            "DependsOn": "Method",
            "Properties": {"RestApiId": {"Ref": "Api"}},
        },
        "Stage": {
            "Type": "AWS::ApiGateway::Stage",
            "Properties": {"RestApiId": {"Ref": "Api"}, "DeploymentId": {"Ref": "Deployment"}, "StageName": "dev"},
        },
    }
    if authorizer:
        properties = {"RestApiId": {"Ref": "Api"}, "Name": "a", **authorizer}
        if authorizer["Type"] in ("TOKEN", "REQUEST"):
            properties["AuthorizerUri"] = {"Fn::Sub": "${Uri}"}
        resources["Authorizer"] = {"Type": "AWS::ApiGateway::Authorizer", "Properties": properties}
        if authorizer["Type"] == "JWT":
            resources["Pool"] = {"Type": "AWS::Cognito::UserPool"}
    if method is None:
        # The document has it.
        del resources["Method"], resources["Deployment"]["DependsOn"]
    stage = resources["Stage"]["Properties"]
    if way.startswith("Stage.MethodSettings"):
        stage["MethodSettings"] = [
            {"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingBurstLimit": 0, "ThrottlingRateLimit": 0}
        ]
    if way == "Stage.ClientCertificateId":
        stage["ClientCertificateId"] = "abcdef"
    return {
        "Parameters": {"Uri": {"Type": "String"}},
        "Resources": resources,
        "Outputs": {"Api": {"Value": {"Ref": "Api"}}},
    }


@pytest.mark.parametrize("way", WAYS)
def test_every_protection_that_a_template_says_counts_or_is_refused(world, way):
    method, api, authorizer, expected = WAYS[way]
    client = world.client("cloudformation")
    name = "w" + "".join(letter for letter in way if letter.isalnum())[:60]
    body = json.dumps(template(method, api, authorizer, way))
    parameters = [{"ParameterKey": "Uri", "ParameterValue": invocations(world, "authorizer")}]
    try:
        client.create_stack(StackName=name, TemplateBody=body, Parameters=parameters)
    except client.exceptions.ClientError:
        assert expected is None, way
        return
    client_waiter = client.get_waiter("stack_exists")
    client_waiter.wait(StackName=name)
    while (stack := client.describe_stacks(StackName=name)["Stacks"][0])["StackStatus"].endswith("_IN_PROGRESS"):
        pass
    if expected is None:
        assert stack["StackStatus"] == "ROLLBACK_COMPLETE", way
        return
    assert stack["StackStatus"] == "CREATE_COMPLETE", client.describe_stack_events(StackName=name)["StackEvents"]
    api_id = stack["Outputs"][0]["OutputValue"]
    port = world.own("GET", "/_slam/apis").json()[api_id]["port"]
    assert requests.get(f"http://localhost:{port}/dev").status_code == expected, way
