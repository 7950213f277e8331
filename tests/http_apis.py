"""HTTP APIs for tests: one with a stage, the servers behind it, and whoever issues its tokens."""

import base64
import http.server
import json
import ssl
import threading
import time

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


def refused(call, **arguments):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        call(**arguments)
    told = error.value.response["Error"]
    return f"{told['Code']}: {told['Message']}"
