"""Routes of HTTP APIs and what functions are given by them, as AWS documents it: each table of cases names its page.

The pages are under https://docs.aws.amazon.com/apigateway/latest/developerguide/.
"""

import base64
import http.client
import json
import time

import pytest
import requests
from functions import create
from http_apis import REGION, Api, backend, certificate, cloud, echo, echo_one, issuing  # noqa: F401

# http-api-develop-routes.html, "Routing API requests".
ROUTES = ["GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "$default"]


@pytest.mark.parametrize(
    "method, path, key, parameters",
    [
        ("GET", "/pets/dog/1", "GET /pets/dog/1", None),
        ("GET", "/pets/dog/2", "GET /pets/dog/{id}", {"id": "2"}),
        ("GET", "/pets/cat/1", "GET /pets/{proxy+}", {"proxy": "cat/1"}),
        ("POST", "/test/5", "ANY /{proxy+}", {"proxy": "test/5"}),
        ("GET", "/", "$default", None),
        # "API Gateway decodes URL-encoded request parameters before passing them to your backend integration."
        ("GET", "/pets/dog/a%20b%2Fc", "GET /pets/dog/{id}", {"id": "a b/c"}),
    ],
)
def test_routes(routed, method, path, key, parameters):
    event = routed.send(method, path).json()
    assert event["routeKey"] == key == event["requestContext"]["routeKey"]
    assert event.get("pathParameters") == parameters


@pytest.fixture(scope="module")
def routed(cloud):
    api = Api(cloud)
    integration = api.function()
    for key in ROUTES:
        api.route(key, integration)
    return api


def test_what_no_route_takes_is_not_found(cloud):
    api = Api(cloud)
    api.route("GET /a", api.function())
    for method, path in (("GET", "/b"), ("POST", "/a"), ("GET", "/a/"), ("GET", "/")):
        answer = api.send(method, path)
        assert (answer.status_code, answer.text) == (404, '{"message":"Not Found"}')
        assert answer.headers["content-type"] == "application/json" and answer.headers["apigw-requestid"].endswith("=")


def test_stages_are_in_the_path_or_at_the_root(cloud):
    """http-api-stages.html; the path of events has the stage (http-api-develop-integrations-lambda.html)."""
    api = Api(cloud, stage=None)
    api.route("$default", api.function())
    assert api.get("/").status_code == 404
    api.client.create_stage(ApiId=api.id, StageName="dev", AutoDeploy=True, StageVariables={"a": "1"})
    assert api.get("/other").status_code == 404
    event = api.get("/dev/x").json()
    assert (event["rawPath"], event["requestContext"]["stage"]) == ("/dev/x", "dev")
    assert event["stageVariables"] == {"a": "1"}
    api.client.create_stage(ApiId=api.id, StageName="$default", AutoDeploy=True)
    assert api.get("/dev/x").json()["requestContext"]["stage"] == "dev"
    event = api.get("/develop").json()
    assert (event["rawPath"], event["requestContext"]["stage"]) == ("/develop", "$default")
    # The same by the cloud's own port, as REST APIs are reached.
    own = f"http://localhost:{cloud.port}"
    for path in (f"/_aws/execute-api/{api.id}/dev/x", f"/restapis/{api.id}/dev/_user_request_/x"):
        assert requests.get(own + path, timeout=60).json()["rawPath"] == "/dev/x"
    assert requests.get(f"{own}/_aws/execute-api/{api.id}/x", timeout=60).json()["rawPath"] == "/x"
    host = {"Host": f"{api.id}.execute-api.{REGION}.amazonaws.com"}
    assert requests.get(f"{own}/dev/x", headers=host, timeout=60).json()["rawPath"] == "/dev/x"
    assert api.client.get_api(ApiId=api.id)["ApiEndpoint"] == api.url


def test_the_event_of_format_two(echo):
    """http-api-develop-integrations-lambda.html, "Payload format structure"."""
    sent = {"X-One": "1", "Cookie": "a=1; b=2", "User-Agent": "agent", "Content-Type": "text/plain"}
    event = echo.send("POST", "/my/path?p=1&p=2&q=a%20b+c", headers=sent, data="Hello").json()
    context = event.pop("requestContext")
    headers = event.pop("headers")
    assert event == {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": "/my/path",
        "rawQueryString": "p=1&p=2&q=a%20b+c",
        "cookies": ["a=1", "b=2"],
        "queryStringParameters": {"p": "1,2", "q": "a b c"},
        "body": "Hello",
        "isBase64Encoded": False,
    }
    assert headers["x-one"] == "1" and "cookie" not in headers and headers["content-length"] == "5"
    assert all(name == name.lower() for name in headers)
    assert headers["x-forwarded-for"] == "127.0.0.1" and headers["x-amzn-trace-id"].startswith("Root=1-")
    http_part = context.pop("http")
    assert http_part == {
        "method": "POST",
        "path": "/my/path",
        "protocol": "HTTP/1.1",
        "sourceIp": "127.0.0.1",
        "userAgent": "agent",
    }
    assert set(context) == {
        "accountId", "apiId", "domainName", "domainPrefix", "requestId", "routeKey", "stage", "time", "timeEpoch"
    }
    time.strptime(context["time"], "%d/%b/%Y:%H:%M:%S +0000")
    assert abs(context["timeEpoch"] / 1000 - time.time()) < 60


def test_what_is_not_there_is_not_in_the_event(echo):
    event = echo.get("/").json()
    assert not {"cookies", "queryStringParameters", "pathParameters", "stageVariables", "body"} & set(event)
    assert event["rawQueryString"] == "" and event["isBase64Encoded"] is False


def test_duplicate_headers_are_joined(echo, cloud):
    connection = http.client.HTTPConnection("localhost", int(echo.url.rsplit(":", 1)[1]))
    connection.putrequest("GET", "/")
    for value in ("1", "2"):
        connection.putheader("X-Two", value)
    connection.endheaders()
    assert json.loads(connection.getresponse().read())["headers"]["x-two"] == "1,2"


# Bodies that are no text are base 64: forms, too.
@pytest.mark.parametrize(
    "content_type, body, is_base64",
    [
        ("application/json", b"{}", False),
        ("text/html; charset=utf-8", "é".encode(), False),
        ("application/vnd.api+json", b"{}", False),
        ("application/xml", b"<a/>", False),
        ("application/x-www-form-urlencoded", b"a=b", True),
        ("application/octet-stream", bytes(range(256)), True),
        ("text/plain", b"\xff\xfe", True),
    ],
)
def test_bodies_in_events(echo, echo_one, content_type, body, is_base64):
    for api in (echo, echo_one):
        event = api.send("POST", "/", headers={"Content-Type": content_type}, data=body).json()
        assert event["isBase64Encoded"] is is_base64
        assert (base64.b64decode(event["body"]) if is_base64 else event["body"].encode()) == body


def test_the_event_of_format_one(echo_one):
    """http-api-develop-integrations-lambda.html, "Payload format structure"; capitals as captured on AWS."""
    sent = {"X-One": "1", "Cookie": "a=1", "User-Agent": "agent", "Accept": "*/*"}
    event = echo_one.get("/my/path?p=1&p=2", headers=sent).json()
    assert event["version"] == "1.0" and event["resource"] == "$default" and event["path"] == "/my/path"
    assert event["queryStringParameters"] == {"p": "2"}
    assert event["multiValueQueryStringParameters"] == {"p": ["1", "2"]}
    assert event["headers"]["x-one"] == "1" and event["multiValueHeaders"]["x-one"] == ["1"]
    assert event["headers"]["User-Agent"] == "agent" and event["headers"]["cookie"] == "a=1"
    assert event["pathParameters"] is None and event["stageVariables"] is None and event["body"] is None
    context = event["requestContext"]
    assert context["httpMethod"] == "GET" and context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["authorizer"] == {"claims": None, "scopes": None} and context["path"] == "/my/path"


def test_paths_are_decoded_in_events(echo, echo_one):
    """As captured on AWS: github.com/middleapi/standard-server, pull request 93."""
    assert echo.get("/a%20b/%C3%A9%2Fx").json()["rawPath"] == "/a b/é/x"
    assert echo.get("/me%3Fadmin").json()["rawPath"] == "/me"
    assert echo_one.get("/a%20b").json()["path"] == "/a b"


JSON = "application/json"
TEXT = "text/plain;charset=UTF-8"


# http-api-develop-integrations-lambda.html, "Lambda function response format".
@pytest.mark.parametrize(
    "answer, status, kind, body",
    [
        ('"Hello from Lambda!"', 200, JSON, "Hello from Lambda!"),
        ('{"message": "Hello"}', 200, JSON, '{"message": "Hello"}'),
        ("[1, 2]", 200, JSON, "[1, 2]"),
        ("null", 200, JSON, "null"),
        ('{"statusCode": 201, "body": "made"}', 201, TEXT, "made"),
        ('{"statusCode": 404, "headers": {"Content-Type": "text/html"}, "body": "no"}', 404, "text/html", "no"),
        ('{"statusCode": 200, "body": "aGk=", "isBase64Encoded": true}', 200, TEXT, "hi"),
        ('{"statusCode": 200, "body": {"a": 1}}', 500, JSON, '{"message":"Internal Server Error"}'),
        ('{"statusCode": "x"}', 500, JSON, '{"message":"Internal Server Error"}'),
    ],
)
def test_answers_of_format_two(echo, answer, status, kind, body):
    told = echo.send("POST", "/", data=f"answer:{answer}", headers={"Content-Type": "text/plain"})
    assert (told.status_code, told.headers["content-type"], told.text) == (status, kind, body)


@pytest.mark.parametrize(
    "answer, status, body",
    [
        ('{"statusCode": 201, "body": "made"}', 201, "made"),
        ('"Hello"', 500, '{"message":"Internal Server Error"}'),
        ('{"body": "x"}', 500, '{"message":"Internal Server Error"}'),
        ('{"statusCode": 200, "body": "aGk=", "isBase64Encoded": true}', 200, "hi"),
    ],
)
def test_answers_of_format_one(echo_one, answer, status, body):
    told = echo_one.send("POST", "/", data=f"answer:{answer}", headers={"Content-Type": "text/plain"})
    assert (told.status_code, told.text) == (status, body)


def test_cookies_of_answers(echo, echo_one):
    """ "Each cookie becomes a set-cookie header." """
    answer = '{"statusCode": 200, "cookies": ["a=1; Path=/", "b=2"]}'
    told = echo.send("POST", "/", data=f"answer:{answer}", headers={"Content-Type": "text/plain"})
    assert told.raw.headers.getlist("set-cookie") == ["a=1; Path=/", "b=2"]
    answer = '{"statusCode": 200, "multiValueHeaders": {"set-cookie": ["a=1", "b=2"]}}'
    told = echo_one.send("POST", "/", data=f"answer:{answer}", headers={"Content-Type": "text/plain"})
    assert told.raw.headers.getlist("set-cookie") == ["a=1", "b=2"]


def test_functions_that_fail_or_may_not_be_called(cloud, echo):
    told = echo.send("POST", "/", data="fail", headers={"Content-Type": "text/plain"})
    assert (told.status_code, told.text) == (500, '{"message":"Internal Server Error"}')
    # http-api-troubleshooting-lambda.html: the ARN of the $default route.
    api = Api(cloud)
    api.route("$default", api.function(permit=None))
    assert api.get("/").status_code == 500
    api.permit("echo", "$default/$default")
    assert api.get("/").status_code == 200


# How permissions name routes: aws:SourceArn has the route's path.
@pytest.mark.parametrize(
    "permitted, key, path, status",
    [
        ("*/*/pets/{id}", "GET /pets/{id}", "/pets/7", 200),
        ("*/GET/pets/{id}", "ANY /pets/{id}", "/pets/7", 200),
        ("*/POST/pets/{id}", "ANY /pets/{id}", "/pets/7", 500),
        ("*/*/pets/7", "GET /pets/{id}", "/pets/7", 500),
        ("other/*", "GET /pets/{id}", "/pets/7", 500),
    ],
)
def test_permissions_of_functions(cloud, permitted, key, path, status):
    api = Api(cloud)
    api.route(key, api.function(permit=permitted))
    assert api.get(path).status_code == status


def test_an_integration_may_have_a_role(cloud):
    iam = cloud.client("iam")
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="caller", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    api = Api(cloud)
    api.route("$default", api.function(permit=None, CredentialsArn=role))
    assert api.get("/").status_code == 500
    allow = {"Statement": [{"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": "*"}]}
    iam.put_role_policy(RoleName="caller", PolicyName="p", PolicyDocument=json.dumps(allow))
    assert api.get("/").status_code == 200


def test_an_integration_has_its_time(cloud, function_role):
    """503 {"message":"Service Unavailable"}: github.com/cortexlabs/cortex, issue 1225."""
    slow = "import time\ndef handler(event, context):\n    time.sleep(3)\n"
    create(cloud, function_role(cloud, "slow"), slow, "slow", Timeout=10)
    api = Api(cloud)
    api.route("$default", api.function(name="slow", TimeoutInMillis=500))
    told = api.get("/")
    assert (told.status_code, told.text) == (503, '{"message":"Service Unavailable"}')


def test_limits(echo):
    """http-api-quotas.html."""
    told = echo.send("POST", "/", data=b"a" * (10 * 1024 * 1024 + 1))
    assert (told.status_code, told.text) == (413, '{"message":"Request Entity Too Large"}')
    assert echo.get("/", headers={"X-Large": "a" * 10_240}).status_code == 431
