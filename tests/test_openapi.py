"""REST APIs from OpenAPI documents, and as such, by boto3 and in stacks."""

import json
import time

import botocore.exceptions
import pytest
import requests


def mock(answer):
    return {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200", "responseTemplates": {"application/json": answer}}},
    }


def document(title="pets", **paths):
    paths = {f"/{path}": {"get": {"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": mock(answer)}} for path, answer in paths.items()}
    return {"openapi": "3.0.1", "info": {"title": title, "version": "1"}, "paths": paths}


def url(machine, api, stage="dev"):
    return f"http://127.0.0.1:{machine.port}/_aws/execute-api/{api}/{stage}"


def paths(client, api):
    return [resource["path"] for resource in client.get_resources(restApiId=api)["items"]]


def test_an_import_answers_and_is_exported(shared_machine):
    client = shared_machine.client("apigateway")
    body = """
openapi: "3.0.1"
info: {title: written in yaml, version: 1.10}
servers:
  - url: https://example.com/v1/{stage}
paths:
  /hello/{name}:
    get:
      responses:
        200: {description: ok}
      x-amazon-apigateway-integration:
        type: mock
        requestTemplates: {application/json: '{"statusCode": 200}'}
        responses:
          default:
            statusCode: 200
            responseTemplates: {application/json: "hello $input.params('name')"}
"""
    api = client.import_rest_api(body=body, failOnWarnings=True, parameters={"endpointConfigurationTypes": "REGIONAL", "basepath": "ignore"})
    assert (api["name"], api["version"], api["endpointConfiguration"]["types"]) == ("written in yaml", "1.10", ["REGIONAL"])
    client.create_deployment(restApiId=api["id"], stageName="dev")
    assert requests.get(f"{url(shared_machine, api['id'])}/hello/you").text == "hello you"
    for form, accepts in (("oas30", "application/json"), ("swagger", "application/yaml")):
        exported = client.get_export(
            restApiId=api["id"], stageName="dev", exportType=form, accepts=accepts, parameters={"extensions": "integrations"}
        )
        assert exported["contentType"] == accepts
        again = client.import_rest_api(body=exported["body"].read(), failOnWarnings=True)["id"]
        client.create_deployment(restApiId=again, stageName="dev")
        assert requests.get(f"{url(shared_machine, again)}/hello/again").text == "hello again"
    plain = client.get_export(restApiId=api["id"], stageName="dev", exportType="oas30", accepts="application/json")["body"].read()
    assert b"x-amazon" not in plain


def test_a_role_of_a_document_must_be_passed(shared_machine):
    """Who imports a document hands over the roles in it, as by PutIntegration."""
    iam, name = shared_machine.client("iam"), "importer"
    iam.create_user(UserName=name)
    allow = lambda *actions: {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": actions, "Resource": "*"}}
    key = iam.create_access_key(UserName=name)["AccessKey"]
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    client = shared_machine.client("apigateway", **keys)
    given = document(a="a")
    role = "arn:aws:iam::000000000000:role/none"
    given["paths"]["/a"]["get"]["x-amazon-apigateway-integration"]["credentials"] = role
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(allow("apigateway:*")))
    client.import_rest_api(body=json.dumps(document(a="a")))
    with pytest.raises(botocore.exceptions.ClientError, match=f"iam:PassRole on resource: {role}"):
        client.import_rest_api(body=json.dumps(given))
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps(allow("apigateway:*", "iam:PassRole")))
    client.import_rest_api(body=json.dumps(given))


class Stack:
    """A stack with an API of a definition, which is deployed anew with each change."""

    def __init__(self, machine, name):
        self.machine, self.name, self.client = machine, name, machine.client("cloudformation")
        self.deployments = 0

    def take(self, **properties):
        self.deployments += 1
        resources = {
            "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": properties},
            f"Deployment{self.deployments}": {"Type": "AWS::ApiGateway::Deployment", "Properties": {"RestApiId": {"Ref": "Api"}}},
            "Stage": {
                "Type": "AWS::ApiGateway::Stage",
                "Properties": {"RestApiId": {"Ref": "Api"}, "StageName": "dev", "DeploymentId": {"Ref": f"Deployment{self.deployments}"}},
            },
        }
        outputs = {"Api": {"Value": {"Ref": "Api"}}, "Root": {"Value": {"Fn::GetAtt": "Api.RootResourceId"}}}
        template = json.dumps({"Resources": resources, "Outputs": outputs})
        act = self.client.create_stack if self.deployments == 1 else self.client.update_stack
        act(StackName=self.name, TemplateBody=template, Tags=[{"Key": "of", "Value": "stack"}])
        while (stack := self.client.describe_stacks(StackName=self.name)["Stacks"][0])["StackStatus"].endswith("_IN_PROGRESS"):
            time.sleep(0.05)
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
        return stack["StackStatus"], outputs.get("Api")


def test_a_stack_has_an_api_of_a_definition(shared_machine):
    client, stack = shared_machine.client("apigateway"), Stack(shared_machine, "defined")
    properties = {"Description": "of the stack", "BinaryMediaTypes": ["image/png"], "EndpointConfiguration": {"Types": ["REGIONAL"]}}
    body = {**document(a="1", b="2"), "x-amazon-apigateway-binary-media-types": ["image/gif"]}
    status, api = stack.take(Body=body, Parameters={"endpointConfigurationTypes": "EDGE"}, FailOnWarnings=True, **properties)
    assert status == "CREATE_COMPLETE"
    told = client.get_rest_api(restApiId=api)
    assert (told["name"], told["description"], told["binaryMediaTypes"]) == ("pets", "of the stack", ["image/gif", "image/png"])
    assert told["endpointConfiguration"]["types"] == ["REGIONAL"]
    assert told["tags"]["of"] == "stack" and "aws:cloudformation:logical-id" in told["tags"]
    assert client.get_models(restApiId=api)["items"] == []
    assert requests.get(f"{url(shared_machine, api)}/b").text == "2"

    status, same = stack.take(Body=document(a="3", c="4"), Name="named", BinaryMediaTypes=["image/png"])
    assert (status, same) == ("UPDATE_COMPLETE", api)
    told = client.get_rest_api(restApiId=api)
    assert (told["name"], told.get("description"), told["binaryMediaTypes"]) == ("named", None, ["image/png"])
    assert paths(client, api) == ["/", "/a", "/c"]
    assert [requests.get(f"{url(shared_machine, api)}/{path}").status_code for path in "abc"] == [200, 403, 200]

    status, _ = stack.take(Body=document(d="5"), Mode="merge")
    assert (status, paths(client, api)) == ("UPDATE_COMPLETE", ["/", "/a", "/c", "/d"])

    bad = document(e="6")
    bad["paths"]["/e"]["get"]["x-amazon-apigateway-integration"]["type"] = "nothing"
    status, _ = stack.take(Body=bad, Description="new")
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    assert "/e" not in paths(client, api) and "description" not in client.get_rest_api(restApiId=api)


def test_a_definition_has_gateway_responses(shared_machine):
    stack = Stack(shared_machine, "customized")
    responses = {
        "MISSING_AUTHENTICATION_TOKEN": {
            "statusCode": 404,
            "responseParameters": {"gatewayresponse.header.X-Kind": "context.error.responseType"},
            "responseTemplates": {"application/json": '{"no": $context.error.messageString}'},
        }
    }
    status, api = stack.take(Body={**document(a="1"), "x-amazon-apigateway-gateway-responses": responses})
    assert status == "CREATE_COMPLETE"
    answer = requests.get(f"{url(shared_machine, api)}/nowhere")
    assert (answer.status_code, answer.json()) == (404, {"no": "Missing Authentication Token"})
    assert answer.headers["x-kind"] == "MISSING_AUTHENTICATION_TOKEN"
    exported = shared_machine.client("apigateway").get_export(
        restApiId=api, stageName="dev", exportType="oas30", parameters={"extensions": "apigateway"}
    )
    assert json.loads(exported["body"].read())["x-amazon-apigateway-gateway-responses"] == responses
    # The document takes the place of the whole API.
    assert stack.take(Body=document(a="1")) == ("UPDATE_COMPLETE", api)
    assert requests.get(f"{url(shared_machine, api)}/nowhere").status_code == 403


def test_a_definition_is_an_object_of_a_bucket(shared_machine):
    s3, stack = shared_machine.client("s3"), Stack(shared_machine, "from-bucket")
    s3.create_bucket(Bucket="definitions")
    s3.put_bucket_versioning(Bucket="definitions", VersioningConfiguration={"Status": "Enabled"})
    put = lambda **paths: s3.put_object(Bucket="definitions", Key="api.json", Body=json.dumps(document(**paths)))
    first, second = put(a="1"), put(b="2")
    place = {"Bucket": "definitions", "Key": "api.json"}
    status, api = stack.take(BodyS3Location={**place, "Version": first["VersionId"]})
    assert (status, paths(shared_machine.client("apigateway"), api)) == ("CREATE_COMPLETE", ["/", "/a"])
    status, _ = stack.take(BodyS3Location={**place, "ETag": first["ETag"]})
    assert status == "UPDATE_ROLLBACK_COMPLETE"
    status, _ = stack.take(BodyS3Location={**place, "ETag": second["ETag"]})
    assert (status, paths(shared_machine.client("apigateway"), api)) == ("UPDATE_COMPLETE", ["/", "/b"])


def test_what_a_document_has_wrong_fails_the_stack_by_name(shared_machine):
    stack = Stack(shared_machine, "wrong")
    body = {**document(a="1"), "x-amazon-apigateway-security-policy": "TLS_1_2"}
    assert stack.take(Body=body) == ("ROLLBACK_COMPLETE", None)
    reasons = [event.get("ResourceStatusReason", "") for event in stack.client.describe_stack_events(StackName="wrong")["StackEvents"]]
    assert any("x-amazon-apigateway-security-policy" in reason for reason in reasons)
