"""REST APIs that answer with objects of S3, as AWS's tutorial and its recorded answers have it."""

import json
import xml.etree.ElementTree as xml

import botocore.exceptions
import pytest
import requests

BUCKET = "served"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
READS = {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": f"arn:aws:s3:::{BUCKET}/v1/*"}
LISTS = {"Effect": "Allow", "Action": ["s3:ListBucket"], "Resource": f"arn:aws:s3:::{BUCKET}"}
URI = f"arn:aws:apigateway:us-east-1:s3:path/{BUCKET}/${{stageVariables.VERSION}}/{{key}}"
PICTURE = bytes(range(256))


def role(machine, name, *statements):
    iam = machine.client("iam")
    arn = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
    policy = {"Version": "2012-10-17", "Statement": list(statements)}
    iam.put_role_policy(RoleName=name, PolicyName="inline", PolicyDocument=json.dumps(policy))
    return arn


@pytest.fixture(scope="module")
def served(shared_machine):
    s3 = shared_machine.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    put = lambda key, body, kind: s3.put_object(
        Bucket=BUCKET, Key=key, Body=body, ContentType=kind, CacheControl="max-age=9"
    )
    put("v1/test.json", b'{"put_id": 1}', "application/json")
    put("v1/css/a b.css", b"body {}", "text/css")
    put("v1/picture", PICTURE, "image/png")
    put("v1/large", b"0" * (10 * 1024 * 1024 + 1), "text/plain")
    put("v2/secret", b"another version", "text/plain")
    return shared_machine


def deploy(machine, credentials, responses=({"statusCode": "200"},), stage="test", variables=None, **integration):
    """The URL of an API whose /{key+} is an object."""
    gateway = machine.client("apigateway")
    api = gateway.create_rest_api(name="objects", binaryMediaTypes=["*/*"])["id"]
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    resource = gateway.create_resource(restApiId=api, parentId=root, pathPart="{key+}")["id"]
    place = {"restApiId": api, "resourceId": resource, "httpMethod": "ANY"}
    declared = {"method.request.path.key": True, "method.request.header.If-None-Match": False}
    gateway.put_method(**place, authorizationType="NONE", requestParameters=declared)
    mapped = {
        "integration.request.path.key": "method.request.path.key",
        "integration.request.header.If-None-Match": "method.request.header.If-None-Match",
    }
    arguments = {
        "type": "AWS",
        "integrationHttpMethod": "GET",
        "uri": URI,
        "requestParameters": mapped,
        "credentials": credentials,
        **integration,
    }
    gateway.put_integration(**place, **{name: value for name, value in arguments.items() if value is not None})
    for response in responses:
        headers = {name: False for name in response.get("responseParameters", {})}
        gateway.put_method_response(**place, statusCode=response["statusCode"], responseParameters=headers)
        gateway.put_integration_response(**place, **response)
    gateway.create_deployment(restApiId=api, stageName=stage, variables=variables or {"VERSION": "v1"})
    port = machine.own("GET", "/_slam/apis").json()[api]["port"]
    return f"http://localhost:{port}/{stage}"


MAPPED = (
    {
        "statusCode": "200",
        "responseParameters": {
            f"method.response.header.{name}": f"integration.response.header.{name}"
            for name in ("Content-Type", "Cache-Control", "ETag", "Last-Modified")
        },
    },
    {"statusCode": "304", "selectionPattern": "304"},
    # Patterns are Java's: what looks ahead is one, too.
    {
        "statusCode": "404",
        "selectionPattern": "(?!2|304|5).*",
        "responseTemplates": {"application/json": '{"gone": true}'},
    },
)


def test_an_object_is_the_answer(served):
    url = deploy(served, role(served, "reads", READS), MAPPED)
    answer = requests.get(f"{url}/test.json")
    assert (answer.status_code, answer.json()) == (200, {"put_id": 1})
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "max-age=9"
    # Slashes and what is encoded are the key's: AWS decodes what it maps.
    for path in ("css/a%20b.css", "css%2Fa%20b.css"):
        answer = requests.get(f"{url}/{path}")
        assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (200, "body {}", "text/css"), path
    assert requests.get(f"{url}/picture").content == PICTURE
    again = requests.get(f"{url}/picture", headers={"If-None-Match": requests.get(f"{url}/picture").headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    # Without the permission to list, S3 says of what is missing that it is denied.
    missing = requests.get(f"{url}/nope")
    assert (missing.status_code, missing.json()) == (404, {"gone": True})


def test_errors_are_s3s_own(served):
    # Recorded: test_apigateway_s3_any. One response without a pattern is for all that S3 says.
    url = deploy(served, role(served, "lists", READS, LISTS))
    answer = requests.get(f"{url}/nope.json")
    error = {element.tag: element.text for element in xml.fromstring(answer.text)}
    assert answer.status_code == 200
    assert error["Code"] == "NoSuchKey" and error["Message"] == "The specified key does not exist."
    assert error["Key"] == "v1/nope.json" and error["RequestId"] and error["HostId"]


def test_the_role_decides(served):
    url = deploy(served, role(served, "reads-v1", READS), MAPPED, variables={"VERSION": "v2"})
    assert requests.get(f"{url}/secret").status_code == 404
    url = deploy(served, role(served, "reads-nothing", LISTS), MAPPED)
    assert requests.get(f"{url}/test.json").status_code == 404
    trusts_nobody = role(served, "no-trust", READS)
    other = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"Service": "lambda.amazonaws.com"}}]}
    served.client("iam").update_assume_role_policy(RoleName="no-trust", PolicyDocument=json.dumps(other))
    assert requests.get(f"{deploy(served, trusts_nobody, MAPPED)}/test.json").status_code == 500


def test_what_is_above_is_not_reached(served):
    url = deploy(served, role(served, "reads-here", READS), MAPPED)
    for path in ("..%2Fv2%2Fsecret", "%2E%2E/v2/secret", "..%2F..%2F"):
        assert requests.get(f"{url}/{path}").status_code == 404, path


def test_a_head_is_s3s_too(served):
    url = deploy(served, role(served, "heads", READS), MAPPED, integrationHttpMethod="HEAD")
    answer = requests.head(f"{url}/test.json")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert requests.head(f"{url}/nope").status_code == 404


def test_an_answer_has_ten_megabytes_at_most(served):
    url = deploy(served, role(served, "large", READS), MAPPED)
    assert requests.get(f"{url}/large").status_code == 502


@pytest.mark.parametrize(
    "integration, what",
    [
        ({"credentials": None}, "without the role"),
        ({"uri": "arn:aws:apigateway:us-east-1:s3:action/ListBuckets"}, "by action/ListBuckets"),
    ],
)
def test_what_is_not_here_is_refused_by_name(served, integration, what):
    credentials = "arn:aws:iam::000000000000:role/any"
    with pytest.raises(botocore.exceptions.ClientError, match=what):
        deploy(served, **{"credentials": credentials, **integration})
