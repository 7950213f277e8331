"""What a REST API answers itself, as its owner wants it: by status, by header, by template, for each occasion."""

import json

import pytest
import requests

import functions

SCHEMA = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "type": "object",
    "required": ["b", "a"],
    "properties": {"a": {"type": "string"}, "b": {"type": "number"}},
}
AUTHORIZER = """
def handler(event, context):
    if event["authorizationToken"] == "unauthorized":
        raise Exception("Unauthorized")
    if event["authorizationToken"] == "broken":
        raise Exception("Broken")
    statement = {"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": event["methodArn"]}
    return {"principalId": "u", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
"""
MOCK = {"type": "MOCK", "requestTemplates": {"application/json": '{"statusCode": 200}'}}


class Api:
    """An API with the methods POST /pets/{petId}, GET /denied (an authorizer's), /keyed (a key's) and /broken (no template)."""

    def __init__(self, machine, name, **settings):
        self.machine, self.gateway = machine, machine.client("apigateway")
        self.id = self.gateway.create_rest_api(name=name, **settings)["id"]
        self.root = self.gateway.get_resources(restApiId=self.id)["items"][0]["id"]
        self.made = 0

    def resource(self, *parts):
        parent = self.root
        for part in parts:
            parent = self.gateway.create_resource(restApiId=self.id, parentId=parent, pathPart=part)["id"]
        return parent

    def method(self, resource, verb="GET", integration=MOCK, answers=True, **settings):
        place = {"restApiId": self.id, "resourceId": resource, "httpMethod": verb}
        self.gateway.put_method(**place, **{"authorizationType": "NONE", **settings})
        self.gateway.put_integration(**place, **integration)
        if answers:
            self.gateway.put_method_response(**place, statusCode="200")
            self.gateway.put_integration_response(**place, statusCode="200")

    def responds(self, kind, status=None, headers=None, **templates):
        arguments = {"restApiId": self.id, "responseType": kind}
        if status:
            arguments["statusCode"] = status
        if headers:
            arguments["responseParameters"] = {f"gatewayresponse.header.{name}": value for name, value in headers.items()}
        if templates:
            kinds = {"json": "application/json", "xml": "application/xml"}
            arguments["responseTemplates"] = {kinds[kind]: text for kind, text in templates.items()}
        self.gateway.put_gateway_response(**arguments)

    def deploy(self):
        self.gateway.create_deployment(restApiId=self.id, stageName="dev", variables={"a": "1"})
        port = self.machine.own("GET", "/_slam/apis").json()[self.id]["port"]
        return f"http://localhost:{port}/dev"


@pytest.fixture(scope="module")
def pets(shared_machine):
    api = Api(shared_machine, "pets")
    model = api.gateway.create_model(restApiId=api.id, name="Pet", contentType="application/json", schema=json.dumps(SCHEMA))
    validator = api.gateway.create_request_validator(
        restApiId=api.id, name="all", validateRequestBody=True, validateRequestParameters=True
    )["id"]
    api.method(
        api.resource("pets", "{petId}"),
        "POST",
        requestModels={"application/json": model["name"]},
        requestParameters={"method.request.querystring.q": True},
        requestValidatorId=validator,
    )
    return api


def test_a_response_has_the_owners_status_headers_and_body_with_the_next_deployment(pets):
    url = pets.deploy()
    own = requests.get(f"{url}/pets/5?q=1")
    assert (own.status_code, own.json()) == (403, {"message": "Missing Authentication Token"})
    template = (
        '{"message": $context.error.messageString, "type": "$context.error.responseType", "stage": "$context.stage",'
        ' "path": "$context.resourcePath", "a": "$stageVariables.a", "no": "$stageVariables.no"}'
    )
    pets.responds(
        "MISSING_AUTHENTICATION_TOKEN",
        "404",
        {
            "Access-Control-Allow-Origin": "'a.b.c'",
            "x-request-path": "method.request.path.petId",
            "x-request-query": "method.request.querystring.q",
            "x-request-header": "method.request.header.Accept",
            "x-id": "context.requestId",
            "x-none": "method.request.header.none",
        },
        json=template,
        xml="<error>$context.error.message</error>",
    )
    assert requests.get(f"{url}/pets/5?q=1").status_code == 403
    url = pets.deploy()
    answer = requests.get(f"{url}/pets/5?q=1")
    assert answer.status_code == 404
    assert answer.json() == {
        "message": "Missing Authentication Token",
        "type": "MISSING_AUTHENTICATION_TOKEN",
        "stage": "dev",
        "path": "/pets/{petId}",
        "a": "1",
        "no": "",
    }
    headers = answer.headers
    assert (headers["access-control-allow-origin"], headers["x-request-path"], headers["x-request-query"]) == ("a.b.c", "5", "1")
    assert (headers["x-request-header"], headers["x-id"]) == ("*/*", headers["x-amzn-requestid"])
    assert "x-none" not in headers and headers["x-amzn-errortype"] == "MissingAuthenticationTokenException"
    xml = requests.get(f"{url}/nowhere", headers={"Accept": "application/xml"})
    assert (xml.headers["content-type"], xml.text) == ("application/xml", "<error>Missing Authentication Token</error>")
    pets.gateway.delete_gateway_response(restApiId=pets.id, responseType="MISSING_AUTHENTICATION_TOKEN")
    assert requests.get(f"{pets.deploy()}/pets/5?q=1").status_code == 403


def test_what_is_wrong_with_a_request_is_told_in_detail(pets):
    pets.responds("BAD_REQUEST_BODY", json='{"why": "$context.error.validationErrorString", "m": $context.error.messageString}')
    pets.responds("BAD_REQUEST_PARAMETERS", "422")
    url = f"{pets.deploy()}/pets/5"
    for body, expected in [
        ({}, '[object has missing required properties (["a","b"])]'),
        (
            {"a": 1, "b": 2},
            '[instance type (integer) does not match any allowed primitive type (allowed: ["string"])]',
        ),
    ]:
        answer = requests.post(f"{url}?q=1", json=body)
        assert (answer.status_code, answer.json()) == (400, {"why": expected, "m": "Invalid request body"})
    answer = requests.post(f"{url}?q=1", data="{", headers={"Content-Type": "application/json"})
    assert answer.json()["why"] == "[Unknown error parsing request body]"
    answer = requests.post(url, json={"a": "", "b": 1})
    assert (answer.status_code, answer.text) == (422, '{"message":"Missing required request parameters: [q]"}')
    assert requests.post(f"{url}?q=1", json={"a": "", "b": 1}).status_code == 200


def test_the_default_responses_are_for_all_that_have_none_of_their_own(shared_machine, function_role):
    role = function_role(shared_machine, "gateway-responses")
    functions.create(shared_machine, role, AUTHORIZER, "denying")
    shared_machine.client("lambda").add_permission(
        FunctionName="denying", StatementId="apis", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
    )
    api = Api(shared_machine, "defaults")
    arn = shared_machine.client("lambda").get_function(FunctionName="denying")["Configuration"]["FunctionArn"]
    authorizer = api.gateway.create_authorizer(
        restApiId=api.id,
        name="who",
        type="TOKEN",
        authorizerUri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations",
        identitySource="method.request.header.T",
        authorizerResultTtlInSeconds=0,
    )["id"]
    api.method(api.resource("denied"), authorizationType="CUSTOM", authorizerId=authorizer)
    api.method(api.resource("keyed"), apiKeyRequired=True)
    api.method(api.resource("signed"), authorizationType="AWS_IAM")
    api.method(api.resource("unmapped"), answers=False)
    api.method(api.resource("never"), "POST", {**MOCK, "passthroughBehavior": "NEVER"})
    lost = {"type": "HTTP_PROXY", "integrationHttpMethod": "GET", "uri": "http://127.0.0.1:1/"}
    api.method(api.resource("lost"), integration=lost, answers=False)
    api.responds("DEFAULT_4XX", headers={"X-Default": "'4'"})
    api.responds("DEFAULT_5XX", "599", {"X-Default": "'5'"}, json='{"type":"$context.error.responseType"}')
    api.responds("UNAUTHORIZED", headers={"WWW-Authenticate": "'Basic'"})
    url = api.deploy()

    def check(path, status, kind, body, verb="GET", **headers):
        answer = requests.request(verb, f"{url}/{path}", headers=headers)
        assert (answer.status_code, answer.headers.get("x-default"), answer.json()) == (status, kind, body), path
        return answer

    check("nowhere", 403, "4", {"message": "Missing Authentication Token"})
    check("signed", 403, "4", {"message": "Missing Authentication Token"})
    check("keyed", 403, "4", {"message": "Forbidden"})
    denied = "User is not authorized to access this resource with an explicit deny"
    check("denied", 403, "4", {"message": denied}, T="x")
    asked = check("denied", 401, None, {"message": "Unauthorized"}, T="unauthorized")
    assert asked.headers["www-authenticate"] == "Basic"
    check("denied", 401, None, {"message": "Unauthorized"})
    check("denied", 599, "5", {"type": "AUTHORIZER_FAILURE"}, T="broken")
    check("unmapped", 599, "5", {"type": "API_CONFIGURATION_ERROR"})
    check("lost", 599, "5", {"type": "INTEGRATION_FAILURE"})
    check("never", 415, "4", {"message": "Unsupported Media Type"}, "POST", **{"Content-Type": "text/plain"})
    # Of its own, a response has nothing of the default one.
    api.responds("INTEGRATION_FAILURE", headers={"X-Default": "'own'"})
    url = api.deploy()
    check("lost", 504, "own", {"message": "Internal server error"})


def test_what_cannot_be_carried_out_is_refused(pets):
    client = pets.gateway
    of = {"restApiId": pets.id, "responseType": "THROTTLED"}
    for parameters, expected in [
        ({"gatewayresponse.querystring.x": "'x'"}, "the parameter gatewayresponse.querystring.x of a gateway response is not"),
        ({"method.response.header.x": "'x'"}, "Invalid mapping expression parameter specified: method.response.header.x"),
        ({"gatewayresponse.header.x": "x"}, "Invalid mapping expression specified: x"),
        ({"gatewayresponse.header.x": "integration.response.header.x"}, "Invalid mapping expression specified: integration"),
    ]:
        with pytest.raises(client.exceptions.ClientError) as refused:
            client.put_gateway_response(**of, responseParameters=parameters)
        assert expected in refused.value.response["Error"]["Message"]
    assert client.get_gateway_response(**of)["defaultResponse"]
