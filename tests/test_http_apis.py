"""HTTP APIs (API Gateway v2) as AWS documents them: each table of cases names its page.

The pages are under https://docs.aws.amazon.com/apigateway/latest/developerguide/.
"""

import base64
import functools
import http.server
import json
import ssl
import threading
import time

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import pytest
import requests
from conftest import Machine
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from functions import create
from hooks import certified

REGION = "us-east-1"
# Answers its event, or what the request's body tells it to.
ECHO = """
import base64, json
def handler(event, context):
    body = event.get("body")
    if body and event.get("isBase64Encoded"):
        body = base64.b64decode(body).decode("latin-1")
    if body and body.startswith("answer:"):
        return json.loads(body[7:])
    if body == "fail":
        raise ValueError("as it was told")
    return {"statusCode": 200, "headers": {"content-type": "application/json"}, "body": json.dumps(event)}
"""
AUTHORIZER = """
import json
calls = 0
def handler(event, context):
    global calls
    calls += 1
    headers = {name.lower(): value for name, value in event["headers"].items()}
    word = headers.get("x-word", "")
    if word == "fail":
        raise ValueError("as it was told")
    if word == "nonsense":
        return {"no": "answer"}
    told = {"calls": calls, "list": ["a", 1], "event": json.dumps(event)}
    if headers.get("x-kind") == "simple" or event["version"] == "2.0" and "policy" not in word:
        return {"isAuthorized": word == "open", "context": told}
    arn = event.get("routeArn") or event["methodArn"]
    api, stage = arn.split("/")[:2]
    resource = f"{api}/{stage}/GET/allowed/*" if "some" in word else arn
    effect = "Deny" if "deny" in word else "Allow"
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": resource}
    return {"principalId": "me", "policyDocument": {"Version": "2012-10-17", "Statement": [statement]}, "context": told}
"""


class Backend(http.server.ThreadingHTTPServer):
    """A server that tells what it was asked, or the documents that it was given."""

    def __init__(self, certificate=None):
        self.documents = {}
        self.fetched = []
        super().__init__(("127.0.0.1", 0), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.port = self.server_address[1]
        self.url = f"http{'s' if certificate else ''}://127.0.0.1:{self.port}"
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        path = self.path.split("?")[0]
        self.server.fetched.append(path)
        status, answer = 200, self.server.documents.get(path)
        if answer is None:
            answer = {"method": self.command, "path": self.path, "headers": {k.lower(): v for k, v in self.headers.items()}}
            answer["body"] = body.decode("latin-1")
            status = int(self.headers.get("x-status", 200))
        text = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("x-backend", "one")
        self.send_header("access-control-allow-origin", "https://backend.example")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(text)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = answer

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def backend():
    server = Backend()
    yield server
    server.shutdown()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    return certified(tmp_path_factory.mktemp("certificate"))


@pytest.fixture(scope="module")
def issuing(certificate):
    """A server of issuers' documents: with TLS, without which no issuer is one."""
    server = Backend(certificate)
    yield server
    server.shutdown()


@pytest.fixture(scope="module")
def cloud(tmp_path_factory, backend, issuing, certificate, function_role):
    machine = Machine(tmp_path_factory.mktemp("machine"))
    hosts = f"127.0.0.1:{backend.port},127.0.0.1:{issuing.port}"
    machine.run("cloud", "start", SLAM_ALLOW_HOSTS=hosts, SSL_CERT_FILE=str(certificate))
    role = function_role(machine, "functions")
    for name, source in (("echo", ECHO), ("authorizer", AUTHORIZER)):
        create(machine, role, source, name)
    yield machine
    machine.stop()


class Api:
    """An HTTP API with a stage that deploys by itself."""

    def __init__(self, cloud, stage="$default", **settings):
        self.cloud = cloud
        self.client = cloud.client("apigatewayv2")
        made = self.client.create_api(Name="test", ProtocolType="HTTP", **settings)
        self.id, self.url, self.stage = made["ApiId"], made["ApiEndpoint"], stage
        if stage:
            self.client.create_stage(ApiId=self.id, StageName=stage, AutoDeploy=True)
            self.url += "" if stage == "$default" else f"/{stage}"
        self.account = cloud.client("sts").get_caller_identity()["Account"]

    def permit(self, function, what):
        arn = f"arn:aws:execute-api:{REGION}:{self.account}:{self.id}/{what}"
        self.cloud.client("lambda").add_permission(
            FunctionName=function,
            StatementId=f"{self.id}-{abs(hash(what))}",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=arn,
        )

    def function(self, version="2.0", name="echo", permit="*", **settings):
        arn = f"arn:aws:lambda:{REGION}:{self.account}:function:{name}"
        if permit:
            self.permit(name, permit)
        made = self.client.create_integration(
            ApiId=self.id, IntegrationType="AWS_PROXY", IntegrationUri=arn, PayloadFormatVersion=version, **settings
        )
        return made["IntegrationId"]

    def server(self, url, method="ANY", **settings):
        made = self.client.create_integration(
            ApiId=self.id,
            IntegrationType="HTTP_PROXY",
            IntegrationUri=url,
            IntegrationMethod=method,
            PayloadFormatVersion="1.0",
            **settings,
        )
        return made["IntegrationId"]

    def route(self, key, integration, **settings):
        made = self.client.create_route(ApiId=self.id, RouteKey=key, Target=f"integrations/{integration}", **settings)
        return made["RouteId"]

    def authorizer(self, **settings):
        return self.client.create_authorizer(ApiId=self.id, **settings)["AuthorizerId"]

    def send(self, method, path, **keywords):
        return requests.request(method, self.url + path, timeout=60, allow_redirects=False, **keywords)

    def get(self, path, **keywords):
        return self.send("GET", path, **keywords)


@pytest.fixture(scope="module")
def echo(cloud):
    """An API whose every request is told by its event of format 2.0."""
    api = Api(cloud)
    api.route("$default", api.function())
    return api


@pytest.fixture(scope="module")
def echo_one(cloud):
    api = Api(cloud)
    api.route("$default", api.function("1.0"))
    return api


def refused(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**arguments)
    told = error.value.response["Error"]
    return f"{told['Code']}: {told['Message']}"


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
    import http.client

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


def test_cors(cloud):
    """http-api-cors.html."""
    api = Api(
        cloud,
        CorsConfiguration={
            "AllowOrigins": ["https://www.example.com", "http://localhost:3000"],
            "AllowMethods": ["GET", "POST"],
            "AllowHeaders": ["authorization", "x-a"],
            "ExposeHeaders": ["x-api-id"],
            "MaxAge": 300,
            "AllowCredentials": True,
        },
    )
    api.route("GET /a", api.function())
    api.route("POST /a", api.function(permit=None))
    asks = {"Origin": "https://www.example.com", "Access-Control-Request-Method": "POST"}
    for path in ("/a", "/nowhere"):
        told = api.send("OPTIONS", path, headers=asks)
        assert (told.status_code, told.text) == (204, "")
        assert told.headers["access-control-allow-origin"] == "https://www.example.com"
        assert told.headers["access-control-allow-methods"] == "GET,POST"
        assert told.headers["access-control-allow-headers"] == "authorization,x-a"
        assert told.headers["access-control-max-age"] == "300"
        assert told.headers["access-control-allow-credentials"] == "true"
    foreign = api.send("OPTIONS", "/a", headers={**asks, "Origin": "https://evil.example"})
    assert not [name for name in foreign.headers if name.lower().startswith("access-control")]
    told = api.get("/a", headers={"Origin": "http://localhost:3000"})
    assert told.headers["access-control-allow-origin"] == "http://localhost:3000"
    assert told.headers["access-control-expose-headers"] == "x-api-id"
    assert "access-control-allow-origin" not in api.get("/a").headers
    assert api.send("OPTIONS", "/a").status_code == 404
    api.client.delete_cors_configuration(ApiId=api.id)
    assert api.send("OPTIONS", "/a", headers=asks).status_code == 404
    told = refused(
        api.client.update_api, ApiId=api.id, CorsConfiguration={"AllowOrigins": ["*"], "AllowCredentials": True}
    )
    assert told == "BadRequestException: allow-credentials is not supported if 'allow-origin' is *"


def test_cors_headers_of_backends_are_ignored(cloud, backend):
    """ "If you configure CORS for an API, API Gateway ignores CORS headers returned from your backend integration." """
    api = Api(cloud, CorsConfiguration={"AllowOrigins": ["*"]})
    api.route("$default", api.server(f"http://127.0.0.1:{backend.port}"))
    told = api.get("/", headers={"Origin": "https://a.example"})
    assert told.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-origin" not in api.get("/").headers
    plain = Api(cloud)
    plain.route("$default", plain.server(f"http://127.0.0.1:{backend.port}"))
    assert plain.get("/").headers["access-control-allow-origin"] == "https://backend.example"


# http-api-develop-integrations-http.html.
@pytest.mark.parametrize(
    "key, target, path, expected",
    [
        ("ANY /parent/{proxy+}", "/petstore/{proxy}", "/parent/a/b%20c", "/petstore/a/b%20c"),
        ("GET /pets/{id}", "/extended/{id}", "/pets/6", "/extended/6"),
        ("GET /pets/{id}", "/fixed?own=1", "/pets/6?q=a%20b&q=2", "/fixed?own=1&q=a%20b&q=2"),
        ("$default", "", "/store/checkout?x=1", "/store/checkout?x=1"),
        ("$default", "/base/", "/store", "/base/store"),
        ("GET /v", "/${stageVariables.path}", "/v", "/from-stage"),
    ],
)
def test_servers(cloud, backend, key, target, path, expected):
    api = Api(cloud)
    api.client.update_stage(ApiId=api.id, StageName="$default", StageVariables={"path": "from-stage"})
    api.route(key, api.server(f"http://127.0.0.1:{backend.port}{target}"))
    told = api.get(path, headers={"X-One": "1"})
    assert told.status_code == 200 and told.headers["x-backend"] == "one"
    asked = told.json()
    assert (asked["method"], asked["path"], asked["headers"]["x-one"]) == ("GET", expected, "1")
    assert "for=127.0.0.1" in asked["headers"]["forwarded"] and "AmazonAPIGateway" in asked["headers"]["via"]
    assert "x-forwarded-for" not in asked["headers"]


def test_servers_that_are_not_there(cloud, backend):
    api = Api(cloud)
    api.route("GET /own", api.server(f"http://127.0.0.1:{cloud.port}/"))
    told = api.get("/own")
    assert (told.status_code, told.text) == (503, '{"message":"Service Unavailable"}')
    # What a server answers passes, with whatever status.
    api.route("POST /s", api.server(f"http://127.0.0.1:{backend.port}/", method="PUT"))
    told = api.send("POST", "/s", headers={"x-status": "418"}, data="body")
    assert (told.status_code, told.json()["method"], told.json()["body"]) == (418, "PUT", "body")


# http-api-parameter-mapping.html, its tables and examples.
@pytest.mark.parametrize(
    "mappings, seen",
    [
        ({"append:header.header1": "$context.stage"}, {"header1": "$default"}),
        ({"append:header.header2": "$request.header.x-one", "remove:header.x-one": "''"}, {"header2": "1", "x-one": None}),
        ({"overwrite:header.x-one": "$request.querystring.q"}, {"x-one": "two"}),
        ({"append:header.x-new": "${request.path.id} and ${request.path}"}, {"x-new": "7 and /m/7"}),
        ({"append:header.x-new": "$request.body.a.b[1]"}, {"x-new": "deep"}),
        ({"append:header.x-new": "$request.body.none"}, {"x-new": None}),
        ({"append:header.x-new": "$stageVariables.v"}, {"x-new": "variable"}),
        ({"append:header.x-new": "constant"}, {"x-new": "constant"}),
    ],
)
def test_headers_are_mapped(cloud, backend, mappings, seen):
    api = Api(cloud)
    api.client.update_stage(ApiId=api.id, StageName="$default", StageVariables={"v": "variable"})
    api.route("POST /m/{id}", api.server(f"http://127.0.0.1:{backend.port}/", RequestParameters=mappings))
    body = {"a": {"b": ["flat", "deep"]}}
    asked = api.send("POST", "/m/7?q=two", json=body, headers={"X-One": "1"}).json()["headers"]
    assert {name: asked.get(name) for name in seen} == seen


@pytest.mark.parametrize(
    "mappings, path",
    [
        ({"append:querystring.a": "2"}, "/x?a=1&a=2"),
        ({"overwrite:querystring.a": "$request.header.x-one"}, "/x?a=1%2F2"),
        ({"remove:querystring.a": "''"}, "/x"),
        ({"overwrite:path": "/other/${request.path.id}"}, "/other/7?a=1"),
    ],
)
def test_queries_and_paths_are_mapped(cloud, backend, mappings, path):
    api = Api(cloud)
    api.route("GET /m/{id}", api.server(f"http://127.0.0.1:{backend.port}/x", RequestParameters=mappings))
    assert api.get("/m/7?a=1", headers={"X-One": "1/2"}).json()["path"] == path


def test_answers_are_mapped(cloud, backend):
    """http-api-parameter-mapping.html, "Change the response from an integration"."""
    api = Api(cloud)
    mappings = {
        "500": {"append:header.header1": "$context.httpMethod", "overwrite:statuscode": "403"},
        "404": {"append:header.error": "$response.body.method", "remove:header.x-backend": "''"},
    }
    api.route("$default", api.server(f"http://127.0.0.1:{backend.port}", ResponseParameters=mappings))
    told = api.get("/", headers={"x-status": "500"})
    assert (told.status_code, told.headers["header1"]) == (403, "GET")
    told = api.get("/", headers={"x-status": "404"})
    assert (told.status_code, told.headers["error"]) == (404, "GET") and "x-backend" not in told.headers
    assert api.get("/").headers["x-backend"] == "one"


def test_functions_get_mapped_requests_too(cloud):
    api = Api(cloud)
    mappings = {"append:header.x-new": "$context.routeKey", "append:querystring.q": "1", "overwrite:path": "/other"}
    api.route("GET /a", api.function(RequestParameters=mappings))
    event = api.get("/a").json()
    assert (event["headers"]["x-new"], event["rawQueryString"], event["rawPath"]) == ("GET /a", "q=1", "/other")


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


def signed(cloud, method, url, key=None, service="execute-api"):
    variables = cloud.client_environment()
    key = key or (variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"])
    request = botocore.awsrequest.AWSRequest(method, url)
    botocore.auth.SigV4Auth(botocore.credentials.Credentials(*key), service, REGION).add_auth(request)
    return requests.request(method, url, headers=dict(request.headers), timeout=60)


def test_iam(cloud):
    """http-api-access-control-iam.html."""
    api = Api(cloud)
    api.route("GET /a/{x+}", api.function(), AuthorizationType="AWS_IAM")
    told = api.get("/a/b")
    assert (told.status_code, told.text) == (403, '{"message":"Forbidden"}')
    iam = cloud.client("iam")
    iam.create_user(UserName="visitor")
    made = iam.create_access_key(UserName="visitor")["AccessKey"]
    key = (made["AccessKeyId"], made["SecretAccessKey"])
    assert signed(cloud, "GET", api.url + "/a/b", key).status_code == 403
    arn = f"arn:aws:execute-api:{REGION}:{api.account}:{api.id}/$default/GET/a/b"
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": arn}]}
    iam.put_user_policy(UserName="visitor", PolicyName="p", PolicyDocument=json.dumps(policy))
    event = signed(cloud, "GET", api.url + "/a/b", key).json()
    caller = event["requestContext"]["authorizer"]["iam"]
    assert caller["accessKey"] == key[0] and caller["userArn"].endswith(":user/visitor") and caller["accountId"] == api.account
    assert signed(cloud, "GET", api.url + "/a/c", key).status_code == 403
    assert signed(cloud, "GET", api.url + "/a/b", (key[0], "wrong")).status_code == 403
    assert signed(cloud, "GET", api.url + "/a/b", key, "lambda").status_code == 403


class Issuer:
    """An issuer of tokens, with the keys that it publishes."""

    def __init__(self, server, name):
        self.url = f"{server.url}/{name}"
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        numbers = self.key.public_key().public_numbers()
        number = lambda value: encoded(value.to_bytes((value.bit_length() + 7) // 8, "big"))
        key = {"kid": "one", "kty": "RSA", "alg": "RS256", "use": "sig", "n": number(numbers.n), "e": number(numbers.e)}
        documents = server.documents
        documents[f"/{name}/.well-known/openid-configuration"] = {"issuer": self.url, "jwks_uri": f"{self.url}/keys"}
        documents[f"/{name}/keys"] = {"keys": [key]}

    def token(self, key=None, header=None, **claims):
        now = int(time.time())
        claims = {"iss": self.url, "aud": "app", "exp": now + 600, "iat": now - 10, "sub": "me", **claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "RS256", "kid": "one", **(header or {})}
        text = ".".join(encoded(json.dumps(part).encode()) for part in (header, claims))
        signature = (key or self.key).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
        return f"{text}.{encoded(signature)}"


def encoded(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.fixture(scope="module")
def issuer(issuing):
    return Issuer(issuing, "issuer")


@pytest.fixture(scope="module")
def guarded(cloud, issuer):
    """An API whose routes ask for a token, one of them for a scope, too."""
    api = Api(cloud)
    integration = api.function()
    authorizer = api.authorizer(
        Name="jwt",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": issuer.url, "Audience": ["app", "other"]},
    )
    api.route("GET /in", integration, AuthorizationType="JWT", AuthorizerId=authorizer)
    api.route(
        "GET /scoped", integration, AuthorizationType="JWT", AuthorizerId=authorizer, AuthorizationScopes=["a", "b"]
    )
    api.route("GET /open", integration)
    return api


# http-api-jwt-authorizer.html, "Authorizing API requests", and what forgers try.
@pytest.mark.parametrize(
    "changes, status, description",
    [
        ({}, 200, None),
        ({"aud": ["x", "other"]}, 200, None),
        ({"aud": None, "client_id": "app"}, 200, None),
        ({"aud": "x"}, 401, "the token does not have a valid audience"),
        ({"aud": None}, 401, "the token does not have a valid audience"),
        ({"iss": "https://other.example"}, 401, "the token does not have a valid issuer"),
        ({"exp": 1}, 401, "the token has expired"),
        ({"exp": None}, 401, "the token does not have an expiry"),
        ({"nbf": 99999999999}, 401, "the token is not yet valid"),
        ({"iat": 99999999999}, 401, "the token was issued in the future"),
        ({"header": {"alg": "none"}}, 401, "signing method none is invalid"),
        ({"header": {"alg": "HS256"}}, 401, "signing method HS256 is invalid"),
        ({"header": {"alg": "RS512"}}, 401, "the signature of the token is not valid"),
        ({"header": {"kid": "two"}}, 401, "the issuer has no such key"),
        ({"header": {"kid": None}}, 401, "the token has no kid"),
    ],
)
def test_tokens(guarded, issuer, changes, status, description):
    told = guarded.get("/in", headers={"Authorization": f"Bearer {issuer.token(**changes)}"})
    assert told.status_code == status
    if description:
        assert told.text == '{"message":"Unauthorized"}'
        expected = f'Bearer scope="" error="invalid_token" error_description="{description}"'
        assert told.headers["www-authenticate"] == expected


def test_forged_tokens(guarded, issuer):
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    head, claims, signature = issuer.token().split(".")
    more = encoded(json.dumps({"iss": issuer.url, "aud": "app", "exp": 99999999999}).encode())
    for token in (
        issuer.token(key=other),
        f"{head}.{more}.{signature}",
        f"{head}.{claims}.",
        f"{head}.{claims}",
        "x",
        f"bearer {issuer.token()}",
        f"Bearer bearer {issuer.token()}",
    ):
        assert guarded.get("/in", headers={"Authorization": token}).status_code == 401
    missing = guarded.get("/in")
    assert (missing.status_code, missing.headers["www-authenticate"]) == (401, "Bearer")
    assert guarded.get("/in", headers={"Authorization": issuer.token()}).status_code == 200
    assert guarded.get("/open").status_code == 200


def test_claims_and_scopes(guarded, issuer, issuing):
    """http-api-jwt-authorizer.html: "the token must include at least one of the route's scopes". """
    send = lambda path, **claims: guarded.get(path, headers={"Authorization": issuer.token(**claims)})
    event = send("/in", groups=["x", "y"], number=7, scope="a").json()
    jwt = event["requestContext"]["authorizer"]["jwt"]
    assert jwt["claims"]["sub"] == "me" and jwt["claims"]["groups"] == "[x y]" and jwt["claims"]["number"] == "7"
    assert jwt["scopes"] is None
    assert send("/scoped", scope="c b").json()["requestContext"]["authorizer"]["jwt"]["scopes"] == ["c", "b"]
    assert send("/scoped", scp=["a"]).status_code == 200
    for claims in ({}, {"scope": "c"}, {"scope": ""}, {"scp": []}):
        told = send("/scoped", **claims)
        assert (told.status_code, told.text) == (403, '{"message":"Forbidden"}')
        assert 'scope="a b" error="insufficient_scope"' in told.headers["www-authenticate"]
    # The keys are fetched once, and the discovery document when the authorizer was made, too.
    assert issuing.fetched.count("/issuer/keys") == 1


def test_a_user_pool_issues_tokens(cloud):
    """http-api-jwt-authorizer.html: an id token is for its client by `aud`, an access token by `client_id`. The pool's issuer has AWS's name, as
    templates name it."""
    cognito = cloud.client("cognito-idp")
    pool = cognito.create_user_pool(PoolName="p")["UserPool"]["Id"]
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    clients = [
        cognito.create_user_pool_client(UserPoolId=pool, ClientName=name, ExplicitAuthFlows=flows)["UserPoolClient"]["ClientId"]
        for name in ("one", "other")
    ]
    cognito.admin_create_user(UserPoolId=pool, Username="alice", MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="alice", Password="Passw0rd!", Permanent=True)
    api = Api(cloud)
    authorizer = api.authorizer(
        Name="pool",
        AuthorizerType="JWT",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Issuer": f"https://cognito-idp.{REGION}.amazonaws.com/{pool}", "Audience": clients[:1]},
    )
    integration = api.function()
    api.route("GET /in", integration, AuthorizationType="JWT", AuthorizerId=authorizer)
    scopes = ["aws.cognito.signin.user.admin"]
    api.route("GET /scoped", integration, AuthorizationType="JWT", AuthorizerId=authorizer, AuthorizationScopes=scopes)

    def tokens(client):
        return cognito.admin_initiate_auth(
            UserPoolId=pool,
            ClientId=client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": "alice", "PASSWORD": "Passw0rd!"},
        )["AuthenticationResult"]

    own, foreign = (tokens(client) for client in clients)
    ask = lambda path, token: api.get(path, headers={"Authorization": f"Bearer {token}"})
    for kind in ("IdToken", "AccessToken"):
        claims = ask("/in", own[kind]).json()["requestContext"]["authorizer"]["jwt"]["claims"]
        assert claims.get("cognito:username", claims.get("username")) == "alice"
        assert ask("/in", foreign[kind]).status_code == 401
    assert ask("/scoped", own["AccessToken"]).status_code == 200
    assert ask("/scoped", own["IdToken"]).status_code == 403


def test_authorizers_that_cannot_be(cloud, backend, issuing):
    api = Api(cloud)
    make = functools.partial(api.client.create_authorizer, ApiId=api.id, Name="a")
    jwt = functools.partial(make, AuthorizerType="JWT", IdentitySource=["$request.header.Authorization"])
    # github.com/haandol/cognito-kakao-example, issue 1: no such document, and a host that nobody named.
    for nowhere in (f"{issuing.url}/x", "https://127.0.0.1:1/x"):
        told = refused(jwt, JwtConfiguration={"Issuer": nowhere, "Audience": ["a"]})
        assert told.startswith(f"BadRequestException: Caught exception when connecting to {nowhere}/.well-known/openid-configuration")
    # github.com/awsdocs/amazon-api-gateway-developer-guide, issue 79.
    for plain in ("accounts.example", f"{backend.url}/x"):
        assert refused(jwt, JwtConfiguration={"Issuer": plain, "Audience": ["a"]}).startswith(f"BadRequestException: Invalid issuer: {plain}.")
    assert refused(jwt, JwtConfiguration={"Audience": ["a"]}).startswith("BadRequestException: Issuer is required")
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/arn:aws:lambda:{REGION}:{api.account}:function:f/invocations"
    request = functools.partial(make, AuthorizerType="REQUEST", AuthorizerUri=uri)
    for arguments in (
        {"IdentitySource": []},
        {"IdentitySource": [], "AuthorizerPayloadFormatVersion": "3.0"},
        {"IdentitySource": [], "AuthorizerPayloadFormatVersion": "2.0", "AuthorizerResultTtlInSeconds": 1},
        {"IdentitySource": ["$request.body.a"], "AuthorizerPayloadFormatVersion": "2.0"},
        {"IdentitySource": ["method.request.header.a"], "AuthorizerPayloadFormatVersion": "2.0"},
        {"IdentitySource": [], "AuthorizerPayloadFormatVersion": "1.0", "EnableSimpleResponses": True},
    ):
        assert refused(request, **arguments).startswith("BadRequestException"), arguments
    integration = api.function()
    route = functools.partial(api.client.create_route, ApiId=api.id, RouteKey="GET /a", Target=f"integrations/{integration}")
    # github.com/anomalyco/ion, issue 1104.
    assert refused(route, AuthorizationType="JWT") == (
        "BadRequestException: Invalid authorizer ID specified. Setting the authorization type to JWT requires a valid JWT authorizer."
    )
    for arguments in (
        {"AuthorizationType": "CUSTOM"},
        {"AuthorizationType": "CUSTOM", "AuthorizerId": "none"},
        {"AuthorizerId": "abc"},
        {"AuthorizationScopes": ["a"]},
        {"AuthorizationType": "AWS_IAM", "AuthorizerId": "abc"},
    ):
        assert refused(route, **arguments).startswith("BadRequestException"), arguments


def lambda_authorizer(api, version, permit=True, **settings):
    function = f"arn:aws:lambda:{REGION}:{api.account}:function:authorizer"
    settings = {"IdentitySource": ["$request.header.X-Word"], "AuthorizerResultTtlInSeconds": 0, **settings}
    authorizer = api.authorizer(
        Name="lambda",
        AuthorizerType="REQUEST",
        AuthorizerUri=f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations",
        AuthorizerPayloadFormatVersion=version,
        **settings,
    )
    if permit:
        api.permit("authorizer", f"authorizers/{authorizer}")
    return authorizer


# http-api-lambda-authorizer.html.
@pytest.mark.parametrize(
    "version, simple, word, status",
    [
        ("2.0", True, "open", 200),
        ("2.0", True, "shut", 403),
        ("2.0", True, None, 401),
        ("2.0", True, "", 401),
        ("2.0", True, "fail", 500),
        ("2.0", True, "nonsense", 500),
        ("2.0", True, "policy", 500),
        ("2.0", False, "policy", 200),
        ("2.0", False, "policy deny", 403),
        ("2.0", False, "policy some", 403),
        ("2.0", False, "open", 500),
        ("1.0", False, "policy", 200),
        ("1.0", False, "policy deny", 403),
        ("1.0", False, "fail", 500),
    ],
)
def test_lambda_authorizers(cloud, version, simple, word, status):
    api = Api(cloud)
    authorizer = lambda_authorizer(api, version, EnableSimpleResponses=simple)
    api.route("GET /a/{id}", api.function(), AuthorizationType="CUSTOM", AuthorizerId=authorizer)
    told = api.get("/a/1?q=2", headers={} if word is None else {"X-Word": word})
    body = {401: "Unauthorized", 403: "Forbidden", 500: "Internal Server Error"}.get(status)
    assert told.status_code == status
    if body:
        assert told.json() == {"message": body}
        return
    context = told.json()["requestContext"]["authorizer"]["lambda"]
    assert context["list"] == ["a", 1]
    event = json.loads(context["event"])
    arn = f"arn:aws:execute-api:{REGION}:{api.account}:{api.id}/$default/GET/a/1"
    assert event["type"] == "REQUEST" and event["version"] == version
    if version == "2.0":
        assert (event["routeArn"], event["identitySource"], event["routeKey"]) == (arn, [word], "GET /a/{id}")
        assert event["pathParameters"] == {"id": "1"} and event["rawQueryString"] == "q=2"
    else:
        assert (event["methodArn"], event["identitySource"]) == (arn, word) and event["resource"] == "/a/{id}"


def test_lambda_authorizers_need_permission(cloud):
    """ "If API Gateway doesn't have permission to invoke your function, clients receive a 500 Internal Server Error." """
    api = Api(cloud)
    authorizer = lambda_authorizer(api, "2.0", permit=False, EnableSimpleResponses=True)
    api.route("$default", api.function(), AuthorizationType="CUSTOM", AuthorizerId=authorizer)
    assert api.get("/", headers={"X-Word": "open"}).status_code == 500


def test_answers_of_lambda_authorizers_are_kept(cloud):
    """http-api-lambda-authorizer.html, "Caching authorizer responses"."""
    api = Api(cloud)
    settings = {"AuthorizerResultTtlInSeconds": 300, "EnableSimpleResponses": True}
    sources = ["$request.header.X-Word", "$request.querystring.q"]
    authorizer = lambda_authorizer(api, "2.0", IdentitySource=sources, **settings)
    integration = api.function()
    for key in ("GET /a", "GET /b"):
        api.route(key, integration, AuthorizationType="CUSTOM", AuthorizerId=authorizer)
    calls = lambda path: api.get(path, headers={"X-Word": "open"}).json()["requestContext"]["authorizer"]["lambda"]["calls"]
    first = calls("/a?q=1")
    assert calls("/a?q=1") == first and calls("/b?q=1") == first
    assert calls("/a?q=2") != first
    assert api.get("/a", headers={"X-Word": "open"}).status_code == 401
    api.client.reset_authorizers_cache(ApiId=api.id, StageName="$default")
    assert calls("/a?q=1") > first


def test_a_kept_policy_is_evaluated_for_each_route(cloud):
    api = Api(cloud)
    authorizer = lambda_authorizer(api, "1.0", AuthorizerResultTtlInSeconds=300)
    api.route("GET /{proxy+}", api.function(), AuthorizationType="CUSTOM", AuthorizerId=authorizer)
    statuses = [api.get(path, headers={"X-Word": "policy some"}).status_code for path in ("/allowed/x", "/other", "/allowed/y")]
    assert statuses == [200, 403, 200]


@pytest.fixture(scope="module")
def gateway_role(cloud):
    iam = cloud.client("iam")
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName="actions", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    allow = {"Statement": [{"Effect": "Allow", "Action": ["sqs:*", "events:PutEvents"], "Resource": "*"}]}
    iam.put_role_policy(RoleName="actions", PolicyName="p", PolicyDocument=json.dumps(allow))
    return role


def action(api, role, subtype, **parameters):
    made = api.client.create_integration(
        ApiId=api.id,
        IntegrationType="AWS_PROXY",
        IntegrationSubtype=subtype,
        PayloadFormatVersion="1.0",
        CredentialsArn=role,
        RequestParameters=parameters,
    )
    return made["IntegrationId"]


def test_actions_of_sqs(cloud, gateway_role):
    """http-api-develop-integrations-aws-services.html."""
    queue = cloud.client("sqs").create_queue(QueueName="q")["QueueUrl"]
    api = Api(cloud)
    send = action(
        api, gateway_role, "SQS-SendMessage", QueueUrl=queue, MessageBody="$request.body.message", DelaySeconds="0"
    )
    api.route("POST /send", send)
    api.route("POST /receive", action(api, gateway_role, "SQS-ReceiveMessage", QueueUrl=queue, MaxNumberOfMessages="2"))
    api.route("POST /delete", action(api, gateway_role, "SQS-DeleteMessage", QueueUrl=queue, ReceiptHandle="$request.body"))
    sent = api.send("POST", "/send", json={"message": "hello"})
    assert sent.status_code == 200 and sent.json()["MessageId"]
    received = api.send("POST", "/receive").json()["Messages"]
    assert [message["Body"] for message in received] == ["hello"]
    assert api.send("POST", "/delete", data=received[0]["ReceiptHandle"]).status_code == 200
    counts = cloud.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"]
    assert counts["ApproximateNumberOfMessages"] == counts["ApproximateNumberOfMessagesNotVisible"] == "0"
    missing = action(api, gateway_role, "SQS-PurgeQueue", QueueUrl=queue + "-none")
    api.route("POST /purge", missing)
    assert api.send("POST", "/purge").status_code == 400


def test_actions_of_eventbridge(cloud, gateway_role):
    queue = cloud.client("sqs").create_queue(QueueName="events")["QueueUrl"]
    arn = cloud.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    allow = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn}]}
    cloud.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(allow)})
    events = cloud.client("events")
    events.put_rule(Name="all", EventPattern=json.dumps({"source": ["api"]}))
    events.put_targets(Rule="all", Targets=[{"Id": "q", "Arn": arn}])
    api = Api(cloud)
    put = action(
        api, gateway_role, "EventBridge-PutEvents", Source="api", DetailType="$request.header.x-kind", Detail="$request.body"
    )
    api.route("POST /", put)
    told = api.send("POST", "/", json={"a": 1}, headers={"X-Kind": "made"}).json()
    assert told["FailedEntryCount"] == 0 and told["Entries"][0]["EventId"]
    message = cloud.client("sqs").receive_message(QueueUrl=queue, WaitTimeSeconds=10)["Messages"][0]
    event = json.loads(message["Body"])
    assert (event["detail-type"], event["detail"]) == ("made", {"a": 1})


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
