"""Lambda function URLs as AWS documents them.

The pages are under https://docs.aws.amazon.com/lambda/latest/dg/: urls-configuration, urls-auth and urls-invocation.
"""

import base64
import json
import socket
import subprocess

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.exceptions
import pytest
import requests
from conftest import Machine
from functions import create, runtime

REGION = "us-east-1"
# Answers its event, or what the request's body tells it to.
ECHO = """
import base64, json, time
def handler(event, context):
    body = event.get("body")
    if body and event.get("isBase64Encoded"):
        body = base64.b64decode(body).decode("latin-1")
    if body and body.startswith("answer:"):
        return json.loads(body[7:])
    if body == "fail":
        raise ValueError("as it was told")
    if body == "sleep":
        time.sleep(1.5)
    return {"statusCode": 200, "body": json.dumps({"event": event, "id": context.aws_request_id, "arn": context.invoked_function_arn})}
"""
FORBIDDEN = (
    "Forbidden. For troubleshooting Function URL authorization issues, see: "
    "https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"
)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory, function_role):
    machine = Machine(tmp_path_factory.mktemp("machine"))
    machine.run("cloud", "start")
    machine.role = function_role(machine, "functions")
    machine.account = machine.client("sts").get_caller_identity()["Account"]
    create(machine, machine.role, ECHO, "echo")
    yield machine
    machine.stop()


def allow(client, function, auth_type="NONE", **more):
    """The two permissions of "Using the NONE auth type"."""
    principal = {"Principal": "*", **more}
    client.add_permission(
        FunctionName=function, StatementId="url", Action="lambda:InvokeFunctionUrl", FunctionUrlAuthType=auth_type, **principal
    )
    client.add_permission(
        FunctionName=function, StatementId="via", Action="lambda:InvokeFunction", InvokedViaFunctionUrl=True, **principal
    )


@pytest.fixture
def function(cloud, request):
    """A function of its own for a test."""
    name = request.node.name.split("[")[0]
    create(cloud, cloud.role, ECHO, name)
    yield name
    cloud.client("lambda").delete_function(FunctionName=name)


@pytest.fixture(scope="module")
def url(cloud):
    """The URL of the function that echoes, open to everybody."""
    client = cloud.client("lambda")
    made = client.create_function_url_config(FunctionName="echo", AuthType="NONE")
    allow(client, "echo")
    return made["FunctionUrl"]


def event(response):
    assert response.status_code == 200, response.text
    return response.json()["event"]


def test_an_event_is_of_payload_format_2(cloud, url):
    response = requests.post(
        f"{url}pa2%2Fth/1%20?q=query&multi=foo&multi=%2Fbar",
        json={"foo": "bar"},
        headers={"ExTrA-HeadErs": "With WeiRd CapS", "user-agent": "test/echo", "Cookie": "a=1; b=2"},
    )
    told = event(response)
    config = cloud.client("lambda").get_function_url_config(FunctionName="echo")
    assert config["FunctionUrl"] == url
    context = told.pop("requestContext")
    assert set(told) == {
        "version", "routeKey", "rawPath", "rawQueryString", "cookies", "headers", "queryStringParameters", "body", "isBase64Encoded",
    }  # fmt: skip
    assert (told["version"], told["routeKey"], told["isBase64Encoded"]) == ("2.0", "$default", False)
    # As it was sent, which HTTP APIs decode.
    assert told["rawPath"] == "/pa2%2Fth/1%20"
    assert told["rawQueryString"] == "q=query&multi=foo&multi=%2Fbar"
    assert told["queryStringParameters"] == {"q": "query", "multi": "foo,/bar"}
    assert told["cookies"] == ["a=1", "b=2"]
    assert json.loads(told["body"]) == {"foo": "bar"}
    headers = told["headers"]
    assert headers["extra-headers"] == "With WeiRd CapS" and headers["content-length"] == "14" and "cookie" not in headers
    assert headers["x-forwarded-for"] == "127.0.0.1" and headers["x-forwarded-proto"] == "http"
    assert headers["x-amzn-trace-id"].startswith("Root=1-")
    assert headers["host"] == url.split("/")[2]
    assert context["accountId"] == "anonymous" and "authorizer" not in context
    assert context["domainName"].startswith(f"{context['apiId']}.lambda-url.{REGION}.")
    assert context["domainPrefix"] == context["apiId"] and len(context["apiId"]) == 32
    assert context["http"] == {
        "method": "POST", "path": told["rawPath"], "protocol": "HTTP/1.1", "sourceIp": "127.0.0.1", "userAgent": "test/echo",
    }  # fmt: skip
    assert (context["routeKey"], context["stage"]) == ("$default", "$default")
    assert response.headers["x-amzn-RequestId"] == context["requestId"] == response.json()["id"]
    assert response.headers["x-amzn-Trace-Id"].startswith("Root=1-")


def test_bodies_are_text_or_base64(url):
    assert event(requests.post(url, data="text", headers={"Content-Type": "text/plain"}))["body"] == "text"
    nothing = event(requests.get(url))
    assert "body" not in nothing and nothing["isBase64Encoded"] is False and nothing["rawQueryString"] == ""
    assert not {"cookies", "queryStringParameters", "pathParameters", "stageVariables"} & set(nothing)
    for body, kind in ((b"a=1&b=2", "application/x-www-form-urlencoded"), (b"\xff\x00", "application/octet-stream")):
        told = event(requests.post(url, data=body, headers={"Content-Type": kind}))
        assert told["isBase64Encoded"] and base64.b64decode(told["body"]) == body


# "Response payload format", and what was recorded.
@pytest.mark.parametrize(
    "answer, status, body, kind",
    [
        ({"hello": "world"}, 200, '{"hello":"world"}', "application/json"),
        (["hello", 3, True], 200, '["hello",3,true]', "application/json"),
        ("hello", 200, "hello", "application/json"),
        (3.1, 200, "3.1", "application/json"),
        ({"statusCode": 200, "body": "body123"}, 200, "body123", "application/json"),
        ({"statusCode": "418", "body": "i'm a teapot"}, 418, "i'm a teapot", "application/json"),
        ({"statusCode": 201, "headers": {"Content-Type": "text/x", "N": 1}, "body": "aGk=", "isBase64Encoded": True}, 201, "hi", "text/x"),
        ({"statusCode": 200, "body": {"no": "text"}}, 502, "Internal Server Error", "application/json"),
        ({"statusCode": 1000}, 502, "Internal Server Error", "application/json"),
    ],
)
def test_answers(url, answer, status, body, kind):
    response = requests.post(url, data="answer:" + json.dumps(answer), headers={"Content-Type": "text/plain"})
    assert (response.status_code, response.text, response.headers["Content-Type"]) == (status, body, kind)


def test_cookies_of_an_answer(url):
    answer = {"statusCode": 200, "cookies": ["a=1; Secure", "b=2"], "body": ""}
    response = requests.post(url, data="answer:" + json.dumps(answer), headers={"Content-Type": "text/plain"})
    assert response.raw.headers.getlist("set-cookie") == ["a=1; Secure", "b=2"]


def test_a_function_that_fails(url):
    response = requests.post(url, data="fail", headers={"Content-Type": "text/plain"})
    assert (response.status_code, response.text) == (502, "Internal Server Error")


def test_curl_and_other_names(cloud, url):
    shown = subprocess.run(["curl", "-sS", f"{url}a?b=c"], capture_output=True, text=True, check=True).stdout
    told = json.loads(shown)["event"]
    assert told["rawQueryString"] == "b=c"
    own = f"{told['requestContext']['apiId']}.lambda-url.{REGION}"
    endpoint = cloud.client("lambda").meta.endpoint_url
    for host in (f"{own}.on.aws", f"{own}.localhost:{endpoint.rsplit(':', 1)[1]}"):
        context = event(requests.get(f"{endpoint}/a", headers={"Host": host}))["requestContext"]
        assert context["domainName"] == host and context["http"]["path"] == "/a"


def test_what_is_no_url(cloud):
    endpoint = cloud.client("lambda").meta.endpoint_url
    response = requests.get(endpoint, headers={"Host": f"0123456789abcdefghijklmnopqrstuv.lambda-url.{REGION}.on.aws"})
    assert (response.status_code, response.text) == (403, '{"Message":null}')
    assert response.headers["x-amzn-ErrorType"] == "AccessDeniedException"
    assert response.headers["Content-Type"] == "application/json"


def test_nobody_is_let_in_without_both_permissions(cloud, function):
    client = cloud.client("lambda")
    url = client.create_function_url_config(FunctionName=function, AuthType="NONE")["FunctionUrl"]
    by_url = {"StatementId": "url", "Action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"}
    via = {"StatementId": "via", "Action": "lambda:InvokeFunction", "InvokedViaFunctionUrl": True}

    def check(*permissions):
        for permission in permissions:
            client.add_permission(FunctionName=function, Principal="*", **permission)
        response = requests.get(url)
        for permission in permissions:
            client.remove_permission(FunctionName=function, StatementId=permission["StatementId"])
        return response

    for permissions in ([], [by_url], [via], [{**by_url, "FunctionUrlAuthType": "AWS_IAM"}, via]):
        response = check(*permissions)
        assert (response.status_code, response.json()) == (403, {"Message": FORBIDDEN}), permissions
        assert response.headers["x-amzn-ErrorType"] == "AccessDeniedException"
    assert check(by_url, via).status_code == 200
    # What lets the URL in lets nobody in otherwise.
    client.add_permission(FunctionName=function, Principal="*", **via)
    with pytest.raises(botocore.exceptions.ClientError, match="AccessDenied"):
        user(cloud, "nobody-else", []).client("lambda").invoke(FunctionName=function)


def test_how_a_url_knows_its_callers_is_no_condition_of_other_actions(cloud):
    client = cloud.client("lambda")
    wrong = {"StatementId": "wrong", "Action": "lambda:InvokeFunction", "Principal": "*", "FunctionUrlAuthType": "NONE"}
    with pytest.raises(client.exceptions.InvalidParameterValueException, match="only supported for lambda:InvokeFunctionUrl action"):
        client.add_permission(FunctionName="echo", **wrong)


def user(cloud, name, actions):
    """Somebody who may do these, and nothing else."""
    iam = cloud.client("iam")
    iam.create_user(UserName=name)
    if actions:
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statement}))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    session = boto3.session.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=REGION)
    endpoint = cloud.client("lambda").meta.endpoint_url
    session.client = lambda service, make=session.client: make(service, endpoint_url=endpoint)
    return session


def signed(session, url, method="GET", service="lambda", region=REGION, **sent):
    request = botocore.awsrequest.AWSRequest(method, url, **sent)
    botocore.auth.SigV4Auth(session.get_credentials(), service, region).add_auth(request)
    return requests.request(method, url, headers=dict(request.headers), data=sent.get("data"))


def test_iam(cloud, function):
    client = cloud.client("lambda")
    url = client.create_function_url_config(FunctionName=function, AuthType="AWS_IAM")["FunctionUrl"]
    both = ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"]
    caller = user(cloud, "caller", both)
    response = signed(caller, f"{url}a%20b?x=y", "POST", data=b"{}", headers={"Content-Type": "application/json"})
    told = event(response)
    key, context = caller.get_credentials().access_key, told["requestContext"]
    who = caller.client("sts").get_caller_identity()
    assert context["accountId"] == cloud.account
    assert context["authorizer"] == {
        "iam": {
            "accessKey": key,
            "accountId": cloud.account,
            "callerId": who["UserId"],
            "cognitoIdentity": None,
            "principalOrgId": None,
            "userArn": who["Arn"],
            "userId": who["UserId"],
        }
    }
    assert (told["rawPath"], told["body"]) == ("/a%20b", "{}")
    # Who may not, or half of it.
    for number, actions in enumerate(([], both[:1], both[1:])):
        response = signed(user(cloud, f"other-{number}", actions), url)
        assert (response.status_code, response.json()) == (403, {"Message": FORBIDDEN}), actions
    # What is not signed, or wrongly.
    assert requests.get(url).json() == {"Message": FORBIDDEN}
    for wrong, code in (
        (signed(caller, url, service="execute-api"), "InvalidSignatureException"),
        (signed(caller, url, region="eu-west-1"), "InvalidSignatureException"),
        (requests.get(url, headers=dict(signed(caller, url).request.headers) | {"X-Amz-Date": "20200101T000000Z"}), "InvalidSignatureException"),
    ):
        assert wrong.status_code == 403 and wrong.headers["x-amzn-ErrorType"].startswith(code), wrong.text
    # The function's policy lets in whom nothing else does.
    named = user(cloud, "named", [])
    allow(client, function, "AWS_IAM", Principal=named.client("sts").get_caller_identity()["Arn"])
    assert event(signed(named, url))["requestContext"]["authorizer"]["iam"]["userArn"].endswith(":user/named")


def test_a_signature_is_the_functions_where_nobody_asks(url):
    told = event(requests.get(url, headers={"Authorization": "AWS4-HMAC-SHA256 Credential=x/20200101/us-east-1/lambda/aws4_request"}))
    assert told["headers"]["authorization"].startswith("AWS4-HMAC-SHA256")
    assert event(requests.get(url, headers={"Authorization": "Bearer t"}))["headers"]["authorization"] == "Bearer t"


def test_aliases_have_urls_of_their_own(cloud, function):
    client = cloud.client("lambda")
    client.create_alias(FunctionName=function, Name="live", FunctionVersion="$LATEST")
    own = client.create_function_url_config(FunctionName=function, AuthType="NONE")
    live = client.create_function_url_config(FunctionName=function, Qualifier="live", AuthType="NONE")
    assert live["FunctionArn"] == own["FunctionArn"] + ":live" and live["FunctionUrl"] != own["FunctionUrl"]
    allow(client, f"{function}:live")
    assert requests.get(live["FunctionUrl"]).json()["arn"] == live["FunctionArn"]
    # The permission of the one is none of the other.
    assert requests.get(own["FunctionUrl"]).status_code == 403
    listed = client.list_function_url_configs(FunctionName=function)["FunctionUrlConfigs"]
    assert [config["FunctionUrl"] for config in listed] == [own["FunctionUrl"], live["FunctionUrl"]]
    page = client.list_function_url_configs(FunctionName=function, MaxItems=1)
    rest = client.list_function_url_configs(FunctionName=function, MaxItems=1, Marker=page["NextMarker"])
    assert page["FunctionUrlConfigs"] + rest["FunctionUrlConfigs"] == listed and "NextMarker" not in rest
    client.delete_alias(FunctionName=function, Name="live")
    with pytest.raises(client.exceptions.ResourceNotFoundException):
        client.get_function_url_config(FunctionName=function, Qualifier="live")
    assert is_closed(live["FunctionUrl"]) and not is_closed(own["FunctionUrl"])


def is_closed(url):
    host, port = url.split("/")[2].split(":")
    try:
        socket.create_connection((host, int(port)), 2).close()
    except ConnectionRefusedError:
        return True
    return False


def test_a_function_takes_its_url_along(cloud):
    create(cloud, cloud.role, ECHO, "gone")
    client = cloud.client("lambda")
    url = client.create_function_url_config(FunctionName="gone", AuthType="NONE")["FunctionUrl"]
    assert not is_closed(url)
    client.delete_function(FunctionName="gone")
    assert is_closed(url)


def test_cors(cloud, function):
    client = cloud.client("lambda")
    cors = {
        "AllowCredentials": True,
        "AllowHeaders": ["date", "x-custom-header"],
        "AllowMethods": ["GET", "POST"],
        "AllowOrigins": ["https://www.example.com", "http://localhost:60905"],
        "ExposeHeaders": ["keep-alive"],
        "MaxAge": 300,
    }
    made = client.create_function_url_config(FunctionName=function, AuthType="AWS_IAM", Cors=cors)
    assert made["Cors"] == cors == client.get_function_url_config(FunctionName=function)["Cors"]
    url = made["FunctionUrl"]
    asked = {"Origin": "https://www.example.com", "Access-Control-Request-Method": "GET"}
    # Without a signature, which browsers do not send with it.
    answer = requests.options(url, headers=asked)
    told = {name.lower(): value for name, value in answer.headers.items() if name.lower().startswith("access-control-")}
    assert (answer.status_code, answer.content) == (200, b"")
    assert told == {
        "access-control-allow-origin": "https://www.example.com",
        "access-control-allow-credentials": "true",
        "access-control-allow-headers": "date,x-custom-header",
        "access-control-allow-methods": "GET,POST",
        "access-control-expose-headers": "keep-alive",
        "access-control-max-age": "300",
    }
    other = requests.options(url, headers={**asked, "Origin": "https://evil.example"})
    assert not [name for name in other.headers if name.lower().startswith("access-control-")]
    # Errors are answers, too.
    refused = requests.get(url, headers={"Origin": "https://www.example.com"})
    assert refused.status_code == 403 and refused.headers["Access-Control-Allow-Origin"] == "https://www.example.com"

    client.update_function_url_config(FunctionName=function, AuthType="NONE", Cors={"AllowOrigins": ["*"]})
    allow(client, function)
    own = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "https://own.example"}, "body": ""}
    answer = requests.post(url, data="answer:" + json.dumps(own), headers={"Origin": "https://any.example", "Content-Type": "text/plain"})
    # "Lambda returns both", which browsers do not take.
    assert answer.raw.headers.getlist("access-control-allow-origin") == ["https://own.example", "*"]
    assert "Access-Control-Allow-Origin" not in requests.get(url).headers
    # What is no preflight reaches the function.
    assert event(requests.options(url))["requestContext"]["http"]["method"] == "OPTIONS"
    client.update_function_url_config(FunctionName=function, Cors={})
    assert "Cors" not in client.get_function_url_config(FunctionName=function)
    assert event(requests.options(url, headers=asked))["headers"]["origin"] == "https://www.example.com"


@pytest.mark.parametrize(
    "cors, message",
    [
        ({"AllowMethods": ["OPTIONS"]}, "Member must have length less than or equal to 6"),
        ({"AllowMethods": ["TRACE"]}, "Invalid method TRACE"),
        ({"AllowOrigins": ["x" * 254]}, "Member must have length less than or equal to 253"),
        ({"MaxAge": 86401}, "Member must have value less than or equal to 86400"),
    ],
)
def test_what_cors_cannot_be(cloud, cors, message):
    client = cloud.client("lambda")
    with pytest.raises(botocore.exceptions.ClientError, match=message):
        client.update_function_url_config(FunctionName="echo", Cors=cors)


def test_throttling(cloud, function):
    # "Deactivating function URLs": by a reserved concurrency of zero.
    client = cloud.client("lambda")
    url = client.create_function_url_config(FunctionName=function, AuthType="NONE")["FunctionUrl"]
    allow(client, function)
    client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=0)
    response = requests.get(url)
    assert response.status_code == 429 and response.headers["x-amzn-ErrorType"].startswith("TooManyRequestsException")
    assert response.json()["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    # Ten requests a second for each.
    client.put_function_concurrency(FunctionName=function, ReservedConcurrentExecutions=1)
    answers = [requests.get(url) for _ in range(40)]
    refused = {answer.json()["Reason"] for answer in answers if answer.status_code == 429}
    assert refused == {"ReservedFunctionInvocationRateLimitExceeded"}
    assert sum(answer.status_code == 200 for answer in answers) >= 10


def test_what_is_too_large(url):
    response = requests.post(url, data=b"x" * (6 * 1024 * 1024 + 1))
    assert response.status_code == 413 and "6291456" in response.text
    # It becomes larger on the way.
    response = requests.post(url, data=b"\xff" * (5 * 1024 * 1024), headers={"Content-Type": "image/png"})
    assert response.status_code == 413


def test_a_streaming_url_hands_on_what_comes(cloud, function):
    client = cloud.client("lambda")
    made = client.create_function_url_config(FunctionName=function, AuthType="NONE", InvokeMode="RESPONSE_STREAM")
    assert made["InvokeMode"] == "RESPONSE_STREAM"
    allow(client, function)
    # A function that does not stream: what it returned, and no response of it.
    response = requests.get(made["FunctionUrl"])
    assert response.status_code == 200 and json.loads(response.json()["body"])["event"]["version"] == "2.0"
    response = requests.post(made["FunctionUrl"], data="fail", headers={"Content-Type": "text/plain"})
    assert (response.status_code, response.text) == (502, "Internal Server Error")


def test_a_url_stays_over_a_restart(cloud, url):
    cloud.run("cloud", "stop")
    cloud.run("cloud", "start")
    assert cloud.client("lambda").get_function_url_config(FunctionName="echo")["FunctionUrl"] == url
    assert requests.get(url).status_code == 200


TEMPLATE = """
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: "sts:AssumeRole"}]}
  Function:
    Type: AWS::Lambda::Function
    Properties: {Runtime: RUNTIME, Handler: index.handler, Role: !GetAtt Role.Arn, Code: {ZipFile: "def handler(event, context): return 'from a template'"}}
  Url:
    Type: AWS::Lambda::Url
    Properties: {TargetFunctionArn: !GetAtt Function.Arn, AuthType: NONE, Cors: {AllowOrigins: ["*"]}}
  ByUrl:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Function, Action: "lambda:InvokeFunctionUrl", Principal: "*", FunctionUrlAuthType: NONE}
  ViaUrl:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Function, Action: "lambda:InvokeFunction", Principal: "*", InvokedViaFunctionUrl: true}
Outputs:
  Url: {Value: !GetAtt Url.FunctionUrl}
  Arn: {Value: !Ref Url}
"""


def test_templates(cloud):
    client = cloud.client("cloudformation")
    body = TEMPLATE.replace("RUNTIME", runtime())
    client.create_stack(StackName="urls", TemplateBody=body, Capabilities=["CAPABILITY_IAM"])
    client.get_waiter("stack_create_complete").wait(StackName="urls", WaiterConfig={"Delay": 0.2})
    outputs = {output["OutputKey"]: output["OutputValue"] for output in client.describe_stacks(StackName="urls")["Stacks"][0]["Outputs"]}
    response = requests.get(outputs["Url"], headers={"Origin": "https://a.example"})
    assert (response.text, response.headers["Access-Control-Allow-Origin"]) == ("from a template", "*")
    client.update_stack(StackName="urls", TemplateBody=body.replace(", Cors: {AllowOrigins: [\"*\"]}", ""), Capabilities=["CAPABILITY_IAM"])
    client.get_waiter("stack_update_complete").wait(StackName="urls", WaiterConfig={"Delay": 0.2})
    assert "Access-Control-Allow-Origin" not in requests.get(outputs["Url"], headers={"Origin": "https://a.example"}).headers
    client.delete_stack(StackName="urls")
    client.get_waiter("stack_delete_complete").wait(StackName="urls", WaiterConfig={"Delay": 0.2})
    assert is_closed(outputs["Url"])
