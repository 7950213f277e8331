"""What stands behind the routes of HTTP APIs, what is changed on the way, and what browsers are told.

The pages are under https://docs.aws.amazon.com/apigateway/latest/developerguide/.
"""

import json

import pytest
from http_apis import Api, backend, certificate, cloud, issuing, refused  # noqa: F401

# http-api-develop-integrations-http.html.
@pytest.mark.parametrize(
    "key, target, path, expected",
    [
        ("ANY /parent/{proxy+}", "/petstore/{proxy}", "/parent/a/b%20c", "/petstore/a/b%20c"),
        ("GET /pets/{id}", "/extended/{id}", "/pets/6", "/extended/6"),
        ("GET /pets/{id}", "/fixed?own={id}", "/pets/a%26b=%7Bid%7D", "/fixed?own=a%26b%3D%7Bid%7D"),
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
