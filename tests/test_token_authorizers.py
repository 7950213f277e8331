"""REST APIs that read tokens themselves: authorizers of the types COGNITO_USER_POOLS and JWT, with tokens of our own user pools, and
with tokens that somebody forged."""

import base64
import hashlib
import hmac
import json
import re
import time

import functions
import pytest
import requests
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

PASSWORD = "Passw0rd!"
REGION = "us-east-1"
UNAUTHORIZED = (401, {"message": "Unauthorized"})
OUT_OF_SCOPE = (403, {"Message": "User is not authorized to access this resource"})
SELF_SERVICE = "aws.cognito.signin.user.admin"
BACKEND = """
import json

def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event["requestContext"]["authorizer"])}
"""


class Pool:
    """A user pool with a client and one user, and the tokens of a sign-in."""

    def __init__(self, machine, **settings):
        client = machine.client("cognito-idp")
        self.pool = client.create_user_pool(PoolName="tokens")["UserPool"]
        of_pool = {"UserPoolId": self.pool["Id"]}
        flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        made = client.create_user_pool_client(**of_pool, ClientName="c", ExplicitAuthFlows=flows, **settings)
        self.client = made["UserPoolClient"]["ClientId"]
        attributes = {"email": "ann@example.com", "email_verified": "true", "name": 'Doe, "Zoë"'}
        listed = [{"Name": key, "Value": value} for key, value in attributes.items()]
        client.admin_create_user(**of_pool, Username="ann", UserAttributes=listed, MessageAction="SUPPRESS")
        client.admin_set_user_password(**of_pool, Username="ann", Password=PASSWORD, Permanent=True)
        for group in ("staff", "admins"):
            client.create_group(**of_pool, GroupName=group)
            client.admin_add_user_to_group(**of_pool, Username="ann", GroupName=group)
        answer = client.admin_initiate_auth(
            **of_pool, ClientId=self.client, AuthFlow="ADMIN_USER_PASSWORD_AUTH", AuthParameters={"USERNAME": "ann", "PASSWORD": PASSWORD}
        )["AuthenticationResult"]
        self.id, self.access = answer["IdToken"], answer["AccessToken"]
        self.arn, self.issuer = self.pool["Arn"], f"https://cognito-idp.{REGION}.amazonaws.com/{self.pool['Id']}"


def with_backend(machine, function_role):
    functions.create(machine, function_role(machine, "role"), BACKEND, "backend")
    machine.client("lambda").add_permission(
        FunctionName="backend", StatementId="apis", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
    )
    return machine


@pytest.fixture(scope="module")
def world(shared_machine, function_role):
    return with_backend(shared_machine, function_role)


@pytest.fixture(scope="module")
def pool(world):
    return Pool(world)


@pytest.fixture(scope="module")
def other(world):
    return Pool(world)


def told(claim):
    """A mapping template that tells a claim."""
    return {"application/json": "$context.authorizer.claims." + claim}


class Api:
    """An API with a function behind /, and templates that tell claims behind /told."""

    def __init__(self, machine, kind, scopes=(), claim="email", **authorizer):
        self.machine, self.client = machine, machine.client("apigateway")
        made = self.client.create_rest_api(name="tokens", **authorizer.pop("api", {}))
        self.id, of = made["id"], {"restApiId": made["id"]}
        source = {"identitySource": "method.request.header.Authorization", **authorizer}
        self.authorizer = self.client.create_authorizer(**of, name="a", type=kind, **source)["id"]
        arn = machine.client("lambda").get_function(FunctionName="backend")["Configuration"]["FunctionArn"]
        uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{arn}/invocations"
        part = self.client.create_resource(**of, parentId=made["rootResourceId"], pathPart="told")["id"]
        for resource in (made["rootResourceId"], part):
            place = {**of, "resourceId": resource, "httpMethod": "GET"}
            self.client.put_method(**place, authorizationType=kind, authorizerId=self.authorizer, authorizationScopes=list(scopes))
            if resource == part:
                self.client.put_method_response(**place, statusCode="200")
                self.client.put_integration(**place, type="MOCK", requestTemplates={"application/json": '{"statusCode": 200}'})
                self.client.put_integration_response(**place, statusCode="200", responseTemplates=told(claim))
            else:
                self.client.put_integration(**place, type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
        self.deploy()

    def deploy(self):
        self.client.create_deployment(restApiId=self.id, stageName="dev")
        self.url = f"http://localhost:{self.machine.own('GET', '/_slam/apis').json()[self.id]['port']}/dev"

    def get(self, token=None, path="/", header="Authorization"):
        answer = requests.get(self.url + path, headers={header: token} if token else {})
        return answer.status_code, answer.json() if path == "/" or answer.status_code != 200 else answer.text


def of_pools(*pools):
    return {"providerARNs": [pool.arn for pool in pools]}


def of_issuers(*pools, claims=(), audiences=None):
    issuers = [
        {"issuer": pool.issuer, "audiences": audiences or [pool.client], **({"additionalClaims": list(claims)} if claims else {})}
        for pool in pools
    ]
    return {"jwtConfiguration": {"issuers": issuers, "defaultAlgorithms": ["RS256"]}}


def part(value):
    return base64.urlsafe_b64encode(value if isinstance(value, bytes) else json.dumps(value).encode()).rstrip(b"=").decode()


def parts(token):
    return [json.loads(base64.urlsafe_b64decode(one + "=" * (-len(one) % 4))) for one in token.split(".")[:2]]


KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def forged(pool, kind):
    """Tokens that say what the pool's identity token says, and are none of the pool's."""
    header, claims = parts(pool.id)
    signed = f"{part(header)}.{part(claims)}"
    if kind == "another key":
        return f"{signed}.{part(KEY.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256()))}"
    if kind == "no signature":
        return f"{part({**header, 'alg': 'none'})}.{part(claims)}."
    if kind == "an unknown kid":
        return f"{part({**header, 'kid': 'unknown'})}.{pool.id.split('.', 1)[1]}"
    if kind == "other claims":
        return f"{part(header)}.{part({**claims, 'sub': 'root'})}.{pool.id.rsplit('.', 1)[1]}"
    if kind == "the public key as a secret":
        public = KEY.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        signed = f"{part({**header, 'alg': 'HS256'})}.{part(claims)}"
        return f"{signed}.{part(hmac.new(public, signed.encode(), hashlib.sha256).digest())}"
    return {"nothing": None, "no token": "x", "another scheme": f"Basic {pool.id}"}[kind]


FORGED = [
    "nothing", "no token", "another scheme", "another key", "no signature", "an unknown kid", "other claims", "the public key as a secret",
]


@pytest.fixture(scope="module")
def by_pool(world, pool):
    return Api(world, "COGNITO_USER_POOLS", **of_pools(pool))


@pytest.fixture(scope="module")
def by_issuer(world, pool):
    return Api(world, "JWT", claim="name", **of_issuers(pool))


@pytest.mark.parametrize("kind", FORGED)
def test_forged_tokens_are_refused(by_pool, by_issuer, pool, kind):
    for api in (by_pool, by_issuer):
        assert api.get(forged(pool, kind)) == UNAUTHORIZED
        assert api.get(forged(pool, kind), header="X-Token") == UNAUTHORIZED


def test_a_function_is_told_the_claims_of_a_user_pools_token(by_pool, pool):
    for token in (pool.id, f"Bearer {pool.id}"):
        status, authorizer = by_pool.get(token)
        assert status == 200 and list(authorizer) == ["claims"]
        claims, said = authorizer["claims"], parts(pool.id)[1]
        # All are text: moments are dates, and lists have commas.
        assert (claims["sub"], claims["email"], claims["email_verified"]) == (said["sub"], "ann@example.com", "true")
        assert (claims["token_use"], claims["aud"], claims["iss"]) == ("id", pool.client, pool.issuer)
        assert claims["cognito:groups"].split(",") == said["cognito:groups"] and claims["auth_time"] == str(said["auth_time"])
        assert claims["exp"] == time.strftime("%a %b %d %H:%M:%S UTC %Y", time.gmtime(said["exp"]))
        assert re.fullmatch(r"\w{3} \w{3} \d\d \d\d:\d\d:\d\d UTC \d{4}", claims["iat"])
    assert by_pool.get(pool.id, "/told") == (200, "ann@example.com")


def test_a_function_is_told_the_claims_of_an_issuers_token(by_issuer, pool):
    status, authorizer = by_issuer.get(f"Bearer {pool.id}")
    # "A Lambda proxy integration receives each claim with its JSON type."
    assert (status, authorizer["claims"]) == (200, parts(pool.id)[1])
    # "mapping templates … receive each claim as JSON text", and "é becomes \u00E9".
    assert by_issuer.get(pool.id, "/told") == (200, '"Doe, \\"Zo\\u00EB\\""')


def test_tokens_of_others_are_refused(world, by_pool, by_issuer, pool, other):
    for api in (by_pool, by_issuer):
        assert api.get(other.id) == UNAUTHORIZED
    both = Api(world, "COGNITO_USER_POOLS", **of_pools(pool, other))
    assert [both.get(one.id)[0] for one in (pool, other)] == [200, 200]
    several = Api(world, "JWT", **of_issuers(pool, other))
    assert [several.get(one.id)[0] for one in (pool, other)] == [200, 200]


def test_tokens_that_are_over_are_refused(machine, function_role):
    machine.run("cloud", "start", "--time-scale=600")
    world = with_backend(machine, function_role)
    # Five minutes are half a second.
    pool = Pool(machine, IdTokenValidity=5, TokenValidityUnits={"IdToken": "minutes"})
    time.sleep(1)
    by_pool, by_issuer = Api(world, "COGNITO_USER_POOLS", **of_pools(pool)), Api(world, "JWT", **of_issuers(pool))
    # Clients of user pools are told, as they renew their tokens then.
    assert by_pool.get(pool.id) == (401, {"message": "The incoming token has expired"})
    assert by_issuer.get(pool.id) == UNAUTHORIZED


def test_scopes_want_access_tokens(world, by_pool, pool):
    assert by_pool.get(pool.access) == UNAUTHORIZED
    api = Api(world, "COGNITO_USER_POOLS", ["api/read", SELF_SERVICE], **of_pools(pool))
    assert api.get(pool.id) == UNAUTHORIZED
    status, authorizer = api.get(pool.access)
    assert (status, authorizer["claims"]["scope"]) == (200, SELF_SERVICE)
    assert Api(world, "COGNITO_USER_POOLS", ["api/read"], **of_pools(pool)).get(pool.access) == UNAUTHORIZED


def test_an_issuers_tokens_have_scopes(world, by_issuer, pool):
    # Without scopes either token is good, as no standard tells them apart.
    assert by_issuer.get(pool.access)[0] == 200
    assert Api(world, "JWT", ["api/read", SELF_SERVICE], **of_issuers(pool)).get(pool.access)[0] == 200
    api = Api(world, "JWT", ["api/read"], **of_issuers(pool))
    assert api.get(pool.access) == api.get(pool.id) == OUT_OF_SCOPE


def test_audiences_and_claims_are_looked_at(world, pool):
    assert Api(world, "JWT", **of_issuers(pool, audiences=["other"])).get(pool.id) == UNAUTHORIZED
    claim = {"claimName": "token_use", "format": "SINGLE_STRING", "required": True, "expectedValues": ["id"]}
    api = Api(world, "JWT", **of_issuers(pool, claims=[claim]))
    assert (api.get(pool.id)[0], api.get(pool.access)) == (200, UNAUTHORIZED)
    by_pattern = {**of_pools(pool), "identityValidationExpression": ".*"}
    assert Api(world, "COGNITO_USER_POOLS", [SELF_SERVICE], **by_pattern).get(pool.access) == UNAUTHORIZED
    for pattern, status in [(pool.client, 200), ("[A-Z]+", 401)]:
        assert Api(world, "COGNITO_USER_POOLS", **of_pools(pool), identityValidationExpression=pattern).get(pool.id)[0] == status


def test_a_resource_policy_must_allow_the_caller(world, pool):
    """"If authentication is successful, the resource policy is evaluated independently, and an explicit allow is required." """
    allow = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "execute-api:/*"}
    elsewhere = {**allow, "Condition": {"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}}
    for statement, status in [(allow, 200), (elsewhere, 403)]:
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        api = Api(world, "COGNITO_USER_POOLS", **of_pools(pool), api={"policy": policy})
        assert (api.get(pool.id)[0], api.get()) == (status, UNAUTHORIZED)


def test_authorizers_are_changed(world, pool, other):
    api = Api(world, "COGNITO_USER_POOLS", **of_pools(pool))
    of = {"restApiId": api.id, "authorizerId": api.authorizer}
    steps = [{"op": "add", "path": "/providerARNs", "value": other.arn}, {"op": "remove", "path": "/providerARNs", "value": pool.arn}]
    told = api.client.update_authorizer(**of, patchOperations=steps)
    assert (told["providerARNs"], told["authType"], "authorizerUri" in told) == ([other.arn], "cognito_user_pools", False)
    assert api.get(pool.id)[0] == 200
    api.deploy()
    assert (api.get(pool.id), api.get(other.id)[0]) == (UNAUTHORIZED, 200)
    api = Api(world, "JWT", **of_issuers(pool))
    of = {"restApiId": api.id, "authorizerId": api.authorizer}
    made = api.client.get_authorizer(**of)["jwtConfiguration"]
    assert [issuer["jwksUri"] for issuer in made["issuers"]] == [f"{pool.issuer}/.well-known/jwks.json"]
    value = json.dumps(of_issuers(other)["jwtConfiguration"])
    told = api.client.update_authorizer(**of, patchOperations=[{"op": "replace", "path": "/jwtConfiguration", "value": value}])
    assert [issuer["issuer"] for issuer in told["jwtConfiguration"]["issuers"]] == [other.issuer]
    api.deploy()
    assert (api.get(pool.id), api.get(other.id)[0]) == (UNAUTHORIZED, 200)


def test_what_cannot_be_is_refused(world, pool):
    client = world.client("apigateway")
    api = client.create_rest_api(name="refused")["id"]
    source = {"identitySource": "method.request.header.Authorization"}
    jwt = of_issuers(pool)["jwtConfiguration"]
    for kind, more, said in [
        ("COGNITO_USER_POOLS", source, "Provider ARN"),
        ("COGNITO_USER_POOLS", of_pools(pool), "Identity source is required"),
        ("COGNITO_USER_POOLS", {**source, "providerARNs": ["arn:aws:s3:::b"]}, "Invalid ARN"),
        ("JWT", source, "jwtConfiguration is required"),
        ("JWT", {**source, "jwtConfiguration": jwt, "authorizerResultTtlInSeconds": 5}, "authorizerResultTtlInSeconds"),
        ("JWT", {**source, "jwtConfiguration": {**jwt, "defaultAlgorithms": ["ES512"]}}, "ES512"),
        ("JWT", {"identitySource": "method.request.querystring.t", "jwtConfiguration": jwt}, "one request header"),
        ("JWT", {**source, "jwtConfiguration": {**jwt, "issuers": [{"issuer": "http://a.example", "audiences": ["a"]}]}}, "issuer URL"),
    ]:
        with pytest.raises(ClientError, match=said):
            client.create_authorizer(restApiId=api, name="a", type=kind, **more)
    authorizer = client.create_authorizer(restApiId=api, name="a", type="JWT", jwtConfiguration=jwt, **source)["id"]
    root = client.get_resources(restApiId=api)["items"][0]["id"]
    for kind in ("CUSTOM", "COGNITO_USER_POOLS"):
        with pytest.raises(ClientError, match="Invalid authorizer ID"):
            client.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType=kind, authorizerId=authorizer)


def test_an_authorizer_is_tried_by_its_owner(by_pool, pool):
    tried = lambda token: by_pool.client.test_invoke_authorizer(  # noqa: E731
        restApiId=by_pool.id, authorizerId=by_pool.authorizer, headers={"Authorization": token}
    )
    told = tried(pool.id)
    assert (told["clientStatus"], told["claims"]["email"]) == (0, "ann@example.com")
    assert tried(pool.access)["clientStatus"] == 401


def test_a_stack_makes_an_api_that_takes_tokens(world):
    method = {
        "RestApiId": {"Ref": "Api"}, "ResourceId": {"Fn::GetAtt": ["Api", "RootResourceId"]}, "HttpMethod": "GET",
        "AuthorizationType": "COGNITO_USER_POOLS", "AuthorizerId": {"Ref": "Authorizer"}, "AuthorizationScopes": [SELF_SERVICE],
        "Integration": {
            "Type": "MOCK", "RequestTemplates": {"application/json": '{"statusCode": 200}'},
            "IntegrationResponses": [{"StatusCode": "200", "ResponseTemplates": told("username")}],
        },
        "MethodResponses": [{"StatusCode": "200"}],
    }
    flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH"]
    template = {"Resources": {
        "Pool": {"Type": "AWS::Cognito::UserPool"},
        "Client": {"Type": "AWS::Cognito::UserPoolClient", "Properties": {"UserPoolId": {"Ref": "Pool"}, "ExplicitAuthFlows": flows}},
        "User": {"Type": "AWS::Cognito::UserPoolUser", "Properties": {"UserPoolId": {"Ref": "Pool"}, "Username": "eve"}},
        "Api": {"Type": "AWS::ApiGateway::RestApi", "Properties": {"Name": "of-a-stack"}},
        "Authorizer": {"Type": "AWS::ApiGateway::Authorizer", "Properties": {
            "RestApiId": {"Ref": "Api"}, "Name": "a", "Type": "COGNITO_USER_POOLS", "ProviderARNs": [{"Fn::GetAtt": ["Pool", "Arn"]}],
            "IdentitySource": "method.request.header.Authorization"}},
        "Method": {"Type": "AWS::ApiGateway::Method", "Properties": method},
        "Deployment": {"Type": "AWS::ApiGateway::Deployment", "DependsOn": "Method", "Properties": {
            "RestApiId": {"Ref": "Api"}, "StageName": "dev"}},
    }}
    cloudformation = world.client("cloudformation")
    cloudformation.create_stack(StackName="tokens", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="tokens", WaiterConfig={"Delay": 1})
    listed = cloudformation.describe_stack_resources(StackName="tokens")["StackResources"]
    of = {one["LogicalResourceId"]: one["PhysicalResourceId"] for one in listed}
    pools = world.client("cognito-idp")
    pools.admin_set_user_password(UserPoolId=of["Pool"], Username="eve", Password=PASSWORD, Permanent=True)
    parameters = {"USERNAME": "eve", "PASSWORD": PASSWORD}
    signed_in = pools.admin_initiate_auth(
        UserPoolId=of["Pool"], ClientId=of["Client"], AuthFlow="ADMIN_USER_PASSWORD_AUTH", AuthParameters=parameters
    )["AuthenticationResult"]
    port = world.own("GET", "/_slam/apis").json()[of["Api"]]["port"]
    call = lambda token: requests.get(f"http://localhost:{port}/dev", headers={"Authorization": token})  # noqa: E731
    assert (call(signed_in["AccessToken"]).status_code, call(signed_in["AccessToken"]).text) == (200, "eve")
    assert (call(signed_in["IdToken"]).status_code, call("x").status_code) == (401, 401)
