"""What a function behind a proxy integration is told of a request's path and headers, and what becomes of its answer's."""

import json

import pytest
import requests

ECHO = """
import json

def handler(event, context):
    seen = [event["path"], event["pathParameters"]["proxy"], event["requestContext"]["path"]]
    names = [",".join(event[of]) for of in ("headers", "multiValueHeaders")]
    return {"statusCode": 200, "headers": {"x-both": "one", "x-names": names[0], "x-all-names": names[1]}, "multiValueHeaders": {"X-Both": ["several"]}, "body": json.dumps(seen)}
"""


@pytest.fixture(scope="module")
def api(shared_machine, tmp_path_factory):
    """The base URLs of an API whose every path is one function's."""
    import zipfile

    folder = tmp_path_factory.mktemp("paths")
    with zipfile.ZipFile(folder / "package.zip", "w") as package:
        package.writestr("index.py", ECHO)
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    iam, functions, apis = (shared_machine.client(name) for name in ("iam", "lambda", "apigateway"))
    role = iam.create_role(RoleName="paths", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    code = (folder / "package.zip").read_bytes()
    arn = functions.create_function(
        FunctionName="paths", Runtime="python3.11", Handler="index.handler", Role=role, Code={"ZipFile": code}
    )["FunctionArn"]
    functions.add_permission(
        FunctionName=arn, StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
    )
    api = apis.create_rest_api(name="paths")["id"]
    root = apis.get_resources(restApiId=api)["items"][0]["id"]
    everything = apis.create_resource(restApiId=api, parentId=root, pathPart="{proxy+}")["id"]
    method = {"restApiId": api, "resourceId": everything, "httpMethod": "ANY"}
    apis.put_method(**method, authorizationType="NONE")
    uri = f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations"
    apis.put_integration(**method, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    apis.create_deployment(restApiId=api, stageName="dev")
    base = f"http://127.0.0.1:{shared_machine.port}"
    return [f"{base}/_aws/execute-api/{api}/dev", f"{base}/restapis/{api}/dev/_user_request_"]


# Asserted on AWS (localstack test_lambda_aws_proxy_integration): `%2B` and `+` stay as they are. aws-sam-cli issues 771
# and 3524 and serverless-offline issue 265 show `%2F` and `%7C` in events of AWS.
@pytest.mark.parametrize("path", ["a/b", "item/my-id%2F100/50%2525/a+b%2Bc", "user/test%2Balias@example.com", "a%7Cb"])
def test_a_path_reaches_the_function_as_it_was_sent(api, path):
    for base in api:
        assert requests.get(f"{base}/{path}").json() == [f"/{path}", path, f"/dev/{path}"]


def test_headers_of_both_maps_are_sent(api):
    """Recorded on AWS: those with several values come first."""
    assert requests.get(f"{api[0]}/x").headers["x-both"] == "several, one"


def test_names_of_headers_reach_the_function_as_they_were_written(api):
    """Recorded on AWS (test_lambda_aws_proxy_integration), here on one connection that is used again."""
    with requests.Session() as session:
        for name in ("tEsT-HEADeR", "test-header", "Test-Header"):
            answer = session.post(f"{api[0]}/x", headers={name: "1"}, data=b"tesT-header: in the body\r\n\r\n")
            for told in ("x-names", "x-all-names"):
                names = answer.headers[told].split(",")
                assert [known for known in names if known.lower() == "test-header"] == [name]
                assert "Host" in names and "X-Forwarded-For" in names
