"""HTTP APIs in templates: AWS::ApiGatewayV2::… of the template reference."""

import json

import botocore.exceptions
import pytest
import requests
from http_apis import backend, certificate, cloud, issuer, issuing  # noqa: F401

STACK = """
Parameters: {Scopes: {Type: CommaDelimitedList, Default: "a"}}
Resources:
  Api:
    Type: AWS::ApiGatewayV2::Api
    Properties:
      Name: stacked
      ProtocolType: HTTP
      Description: %(description)s
      CorsConfiguration: {AllowOrigins: ["https://a.example"], AllowMethods: [GET]}
      Tags: {kind: api}
  Integration:
    Type: AWS::ApiGatewayV2::Integration
    Properties:
      ApiId: !Ref Api
      IntegrationType: AWS_PROXY
      IntegrationUri: !Sub "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:echo"
      PayloadFormatVersion: "2.0"
      RequestParameters: {"append:header.x-new": "%(header)s"}
      ResponseParameters: {"200": {ResponseParameters: [{Destination: "append:header.x-told", Source: "%(header)s"}]}}
  Authorizer:
    Type: AWS::ApiGatewayV2::Authorizer
    Properties:
      ApiId: !Ref Api
      Name: jwt
      AuthorizerType: JWT
      IdentitySource: ["$request.header.Authorization"]
      JwtConfiguration: {Issuer: "%(issuer)s", Audience: [app]}
  Guarded:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      RouteKey: GET /guarded
      Target: !Sub integrations/${Integration}
      AuthorizationType: JWT
      AuthorizerId: !Ref Authorizer
      AuthorizationScopes: !Ref Scopes
  Route: {Type: "AWS::ApiGatewayV2::Route", Properties: {ApiId: !Ref Api, RouteKey: %(key)s, Target: !Sub "integrations/${Integration}"}}
  Default:
    Type: AWS::ApiGatewayV2::Stage
    Properties: {ApiId: !Ref Api, StageName: $default, AutoDeploy: true, StageVariables: {a: "1"}, Tags: {kind: stage}}
  Deployment: {Type: "AWS::ApiGatewayV2::Deployment", DependsOn: [Route, Guarded], Properties: {ApiId: !Ref Api, Description: one}}
  Fixed:
    Type: AWS::ApiGatewayV2::Stage
    Properties:
      ApiId: !Ref Api
      StageName: fixed
      DeploymentId: !Ref Deployment
      DefaultRouteSettings: {ThrottlingBurstLimit: %(burst)s, ThrottlingRateLimit: 100}
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: echo
      Action: lambda:InvokeFunction
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub "arn:aws:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*"
Outputs:
  Url: {Value: !GetAtt Api.ApiEndpoint}
  Id: {Value: !Ref Api}
"""


def test_a_stack_has_an_api(cloud, issuer):
    """AWS::ApiGatewayV2::… of the template reference: made, changed, and gone."""
    formation = cloud.client("cloudformation")
    values = {"description": "first", "header": "one", "issuer": issuer.url, "key": "GET /a", "burst": 1000}
    formation.create_stack(StackName="api", TemplateBody=STACK % values)
    formation.get_waiter("stack_create_complete").wait(StackName="api", WaiterConfig={"Delay": 1})
    outputs = {one["OutputKey"]: one["OutputValue"] for one in formation.describe_stacks(StackName="api")["Stacks"][0]["Outputs"]}
    url, client = outputs["Url"], cloud.client("apigatewayv2")
    get = lambda path, **headers: requests.get(url + path, headers=headers, timeout=60)
    told = get("/a", Origin="https://a.example")
    assert told.json()["headers"]["x-new"] == "one" == told.headers["x-told"]
    assert told.json()["stageVariables"] == {"a": "1"} and told.headers["access-control-allow-origin"] == "https://a.example"
    assert get("/guarded").status_code == 401
    assert get("/guarded", Authorization=issuer.token(scope="a")).status_code == 200
    assert get("/fixed/a").status_code == 200
    tags = client.get_api(ApiId=outputs["Id"])["Tags"]
    assert tags["kind"] == "api" and tags["aws:cloudformation:stack-name"] == "api"
    changed = {**values, "description": "second", "header": "two", "key": "GET /b", "burst": 0}
    formation.update_stack(StackName="api", TemplateBody=STACK % changed)
    formation.get_waiter("stack_update_complete").wait(StackName="api", WaiterConfig={"Delay": 1})
    assert client.get_api(ApiId=outputs["Id"])["Description"] == "second"
    assert get("/a").status_code == 404 and get("/b").headers["x-told"] == "two"
    # What was deployed by hand is as it was, but the stage's settings hold at once.
    assert get("/fixed/a").status_code == 429
    formation.delete_stack(StackName="api")
    formation.get_waiter("stack_delete_complete").wait(StackName="api", WaiterConfig={"Delay": 1})
    assert outputs["Id"] not in [one["ApiId"] for one in client.get_apis(MaxResults="500")["Items"]]


@pytest.mark.parametrize(
    "properties, expected",
    [
        ({"Name": "w", "ProtocolType": "WEBSOCKET"}, "The protocol type WEBSOCKET is not supported"),
        ({"Body": {"openapi": "3.0.1"}}, "Body"),
        ({"Name": "n"}, "ProtocolType"),
    ],
)
def test_stacks_are_refused_before_anything_is_made(cloud, properties, expected):
    template = {"Resources": {"Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": properties}}}
    formation = cloud.client("cloudformation")
    with pytest.raises(botocore.exceptions.ClientError) as error:
        formation.create_stack(StackName="refused", TemplateBody=json.dumps(template))
        formation.get_waiter("stack_create_complete").wait(StackName="refused", WaiterConfig={"Delay": 1})
    assert expected in str(error.value)
