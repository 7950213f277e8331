"""Who may call the routes of HTTP APIs: IAM, tokens of issuers and of user pools, functions that decide.

The pages are under https://docs.aws.amazon.com/apigateway/latest/developerguide/.
"""

import functools
import json

import botocore.auth
import botocore.awsrequest
import botocore.credentials
import pytest
import requests
from cryptography.hazmat.primitives.asymmetric import rsa
from functions import create
from http_apis import ECHO, REGION, Api, backend, certificate, cloud, encoded, issuer, issuing, refused  # noqa: F401


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
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "execute-api:Invoke", "Resource": [arn, f"{arn}2*"]}]}
    iam.put_user_policy(UserName="visitor", PolicyName="p", PolicyDocument=json.dumps(policy))
    event = signed(cloud, "GET", api.url + "/a/b", key).json()
    caller = event["requestContext"]["authorizer"]["iam"]
    assert caller["accessKey"] == key[0] and caller["userArn"].endswith(":user/visitor") and caller["accountId"] == api.account
    assert signed(cloud, "GET", api.url + "/a/c", key).status_code == 403
    # What is decided about is the path that the route is found by: all of it.
    assert signed(cloud, "GET", api.url + "/a/b2%3Fx", key).status_code == 200
    assert signed(cloud, "GET", api.url + "/a/b%3Fx", key).status_code == 403
    assert signed(cloud, "GET", api.url + "/a/b", (key[0], "wrong")).status_code == 403
    assert signed(cloud, "GET", api.url + "/a/b", key, "lambda").status_code == 403


def test_another_account_is_not_let_in(machine, function_role):
    """Its root user neither: HTTP APIs have no resource policies. An open cloud takes any account's number for its root user's key."""
    machine.run("cloud", "start", "--open")
    create(machine, function_role(machine, "functions"), ECHO, "echo")
    api = Api(machine)
    api.route("GET /", api.function(), AuthorizationType="AWS_IAM")
    assert signed(machine, "GET", api.url + "/", (api.account, "x")).status_code == 200
    assert signed(machine, "GET", api.url + "/", ("999999999999", "x")).status_code == 403


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
    latest = calls("/a?q=1")
    assert latest > first
    # Another stage of that name has decided nothing yet.
    api.client.delete_stage(ApiId=api.id, StageName="$default")
    api.client.create_stage(ApiId=api.id, StageName="$default", AutoDeploy=True)
    assert calls("/a?q=1") > latest


def test_answers_are_kept_for_each_list_of_values(cloud):
    """Whatever the values are: two lists of them that look alike when they are joined are two."""
    api = Api(cloud)
    sources = ["$request.querystring.q", "$request.querystring.r"]
    settings = {"AuthorizerResultTtlInSeconds": 300, "EnableSimpleResponses": True}
    authorizer = lambda_authorizer(api, "2.0", IdentitySource=sources, **settings)
    api.route("GET /", api.function(), AuthorizationType="CUSTOM", AuthorizerId=authorizer)
    ask = lambda query, word: api.get(f"/?{query}", headers={"X-Word": word}).status_code
    for one, other in (("q=1%00x&r=y", "q=1&r=x%00y"), ("q=1,x&r=y", "q=1&r=x,y"), ("q=a%22,%22b&r=c", "q=a&r=b%22,%22c")):
        assert ask(one, "open") == 200 and ask(one, "shut") == 200
        assert ask(other, "shut") == 403


def test_a_kept_policy_is_evaluated_for_each_route(cloud):
    api = Api(cloud)
    authorizer = lambda_authorizer(api, "1.0", AuthorizerResultTtlInSeconds=300)
    api.route("GET /{proxy+}", api.function(), AuthorizationType="CUSTOM", AuthorizerId=authorizer)
    statuses = [api.get(path, headers={"X-Word": "policy some"}).status_code for path in ("/allowed/x", "/other", "/allowed/y")]
    assert statuses == [200, 403, 200]
