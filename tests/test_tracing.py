"""Active tracing: who decides that a request is traced, and where that is seen. There is no X-Ray that would keep it."""

import base64
import json

import pytest
import requests
from functions import runtime

FUNCTION = """
import os

def handler(event, context):
    return {"statusCode": 200, "body": os.environ["_X_AMZN_TRACE_ID"]}
"""


def template(mode, stage_traces):
    """A function and an API with one method."""
    function = {
        "Runtime": runtime(),
        "Handler": "index.handler",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
        "Code": {"ZipFile": FUNCTION},
        "TracingConfig": {"Mode": mode},
    }
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    uri = "arn:aws:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function.Arn}/invocations"
    method = {
        "RestApiId": {"Ref": "Api"},
        "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]},
        "HttpMethod": "GET",
        "AuthorizationType": "NONE",
        "Integration": {"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": {"Fn::Sub": uri}},
    }
    permission = {
        "FunctionName": {"Ref": "Function"},
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
    }
    stage = {
        "RestApiId": {"Ref": "Api"},
        "DeploymentId": {"Ref": "Deployment"},
        "StageName": "dev",
        "TracingEnabled": stage_traces,
    }
    resources = {
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}},
        "Function": {"Type": "AWS::Lambda::Function", "Properties": function},
        "Permission": {"Type": "AWS::Lambda::Permission", "Properties": permission},
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "traced"}},
        "Method": {"Type": "AWS::ApiGateway::Method", "Properties": method},
        "Deployment": {"Type": "AWS::ApiGateway::Deployment", "DependsOn": "Method", "Properties": {"RestApiId": {"Ref": "Api"}}},
        "Stage": {"Type": "AWS::ApiGateway::Stage", "Properties": stage},
    }
    return json.dumps({"Resources": resources, "Outputs": {"Function": {"Value": {"Ref": "Function"}}, "Api": {"Value": {"Ref": "Api"}}}})


@pytest.fixture(scope="module")
def deployed(shared_machine):
    """Deploys one, and gives the function's name and the API's URL."""

    def deploy(mode, stage_traces):
        stacks = shared_machine.client("cloudformation")
        name = f"{mode}-{stage_traces}"
        stacks.create_stack(StackName=name, TemplateBody=template(mode, stage_traces), Capabilities=["CAPABILITY_IAM"])
        stacks.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
        outputs = stacks.describe_stacks(StackName=name)["Stacks"][0]["Outputs"]
        found = {output["OutputKey"]: output["OutputValue"] for output in outputs}
        return found["Function"], f"http://127.0.0.1:{shared_machine.port}/_aws/execute-api/{found['Api']}/dev/"

    return deploy


def decided(header):
    """A trace header without what Lambda adds to find loops."""
    return header.split(";Lineage=")[0]


def test_a_function_that_traces_decides_for_itself(shared_machine, deployed):
    function, url = deployed("Active", False)
    # The first request of a second is traced.
    answer = shared_machine.client("lambda").invoke(FunctionName=function, LogType="Tail")
    header = json.loads(answer["Payload"].read())["body"]
    trace_id, segment, sampled = (part.split("=")[1] for part in decided(header).split(";"))
    assert sampled == "1"
    report = base64.b64decode(answer["LogResult"]).decode().split("REPORT ")[1]
    assert f"\nXRAY TraceId: {trace_id}\tSegmentId: {segment}\tSampled: true" in report
    # What was decided before holds.
    for sampled in "01":
        sent = f"Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled={sampled}"
        assert requests.get(url, headers={"X-Amzn-Trace-Id": sent}).text.startswith(f"{sent};Lineage=")


def test_a_stage_that_traces_decides_for_the_function(shared_machine, deployed):
    function, url = deployed("PassThrough", True)
    assert decided(requests.get(url).text).endswith(";Sampled=1")
    answer = shared_machine.client("lambda").invoke(FunctionName=function, LogType="Tail")
    assert decided(json.loads(answer["Payload"].read())["body"]).endswith(";Sampled=0")
    # "The default PassThrough mode records no segments" (AWS: "Send application telemetry from AWS Lambda").
    assert "XRAY" not in base64.b64decode(answer["LogResult"]).decode()


def test_nobody_traces_unless_told_to(deployed):
    assert decided(requests.get(deployed("PassThrough", False)[1]).text).endswith(";Sampled=0")
