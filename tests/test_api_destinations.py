"""Connections and API destinations with boto3: a server of the test with TLS gets the events, by a clock that is faster.

AWS's recorded answers are replayed in `cloud/events/tests/recorded.rs`.
"""

import base64
import http.server
import json
import ssl
import threading
import time

import pytest
from botocore.exceptions import ClientError
from conftest import Machine
from hooks import certified

ACCOUNT = "000000000000"
ARN = f"arn:aws:events:us-east-1:{ACCOUNT}"
# How much faster the cloud's clock is: AWS's minute is a second.
SCALE = 60
TRUST = {"Statement": {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}}
INVOKING = {"Statement": {"Effect": "Allow", "Action": "events:InvokeApiDestination", "Resource": f"{ARN}:api-destination/*/*"}}
BASIC = {"BasicAuthParameters": {"Username": "user", "Password": "pass"}}
NAMES = (f"n{number}" for number in range(1_000_000))


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        path = self.path.split("?")[0]
        status, headers, said = self.server.answers.get(path, lambda *_: (200, {}, ""))(self.headers, body)
        self.server.sent.append((time.monotonic(), self.command, self.path, dict(self.headers), body))
        self.send_response(status)
        for name, value in {"Content-Length": str(len(said)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(said.encode())

    do_POST = do_PUT = do_GET = answer

    def log_message(self, *_):
        pass


class World:
    """A cloud, a server that it trusts and may reach, and roles that may invoke it or not."""

    def __init__(self, folder):
        self.certificate = certified(folder)
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(self.certificate)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.socket = tls.wrap_socket(self.server.socket, server_side=True)
        self.server.sent, self.server.answers = [], {}
        self.url = f"https://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.machine = Machine(folder)
        self.start()
        self.role = self.make_role("invokes", INVOKING)

    def start(self):
        self.machine.run("cloud", "start", "--time-scale", SCALE, SLAM_ALLOW_HOSTS="127.0.0.1", SSL_CERT_FILE=str(self.certificate))
        for service in ("events", "iam", "secretsmanager", "sqs", "cloudformation"):
            setattr(self, service, self.machine.client(service))

    def make_role(self, name, policy=None):
        arn = self.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        if policy:
            self.iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
        return arn

    def answers(self, path, *statuses, headers=None):
        """What a path answers, one after the other, and 200 then."""
        left = list(statuses)
        self.server.answers[path] = lambda *_: (left.pop(0), headers or {}, "") if left else (200, {}, "")

    def connection(self, kind="BASIC", **parameters):
        name = next(NAMES)
        arn = self.events.create_connection(Name=name, AuthorizationType=kind, AuthParameters=parameters or BASIC)["ConnectionArn"]
        return name, arn

    def destination(self, connection, path=None, **more):
        """A destination of its own path, which is its name."""
        name = next(NAMES)
        more = {"HttpMethod": "POST", "InvocationEndpoint": f"{self.url}{path or '/' + name}", **more}
        return name, self.events.create_api_destination(Name=name, ConnectionArn=connection, **more)["ApiDestinationArn"]

    def rule(self, arn, role=None, **target):
        """A rule for the events of its own name."""
        name = next(NAMES)
        self.events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
        self.events.put_targets(Rule=name, Targets=[{"Id": "t", "Arn": arn, "RoleArn": role or self.role, **target}])
        return name

    def put(self, source, *details):
        entries = [{"Source": source, "DetailType": "d", "Detail": json.dumps(detail)} for detail in details or [{}]]
        for start in range(0, len(entries), 10):
            assert self.events.put_events(Entries=entries[start : start + 10])["FailedEntryCount"] == 0

    def until(self, ask, what):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if found := ask():
                return found
            time.sleep(0.02)
        raise AssertionError(f"{what} did not come to be")

    def sent(self, path, count=1):
        """What the server was sent to a path."""
        of = lambda: [sent for sent in list(self.server.sent) if sent[2].split("?")[0] == path]  # noqa: E731
        return self.until(lambda: len(of()) >= count and of(), f"{count} requests to {path}")

    def queue(self):
        name = next(NAMES)
        policy = {"Statement": {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": "*"}}
        url = self.sqs.create_queue(QueueName=name, Attributes={"Policy": json.dumps(policy)})["QueueUrl"]
        return url, f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"

    def messages(self, url, count=1):
        found = []

        def receive():
            ask = {"MessageAttributeNames": ["All"], "WaitTimeSeconds": 1, "MaxNumberOfMessages": 10}
            for message in self.sqs.receive_message(QueueUrl=url, **ask).get("Messages", []):
                self.sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
                found.append(message)
            return len(found) >= count

        self.until(receive, f"{count} messages")
        return found

    def given_up(self, url):
        [message] = self.messages(url)
        return {name: value["StringValue"] for name, value in message["MessageAttributes"].items()}

    def state(self, name):
        return self.events.describe_connection(Name=name)["ConnectionState"]


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    world = World(tmp_path_factory.mktemp("destinations"))
    yield world
    world.machine.stop()
    world.server.shutdown()


def refused(call, **arguments):
    with pytest.raises(ClientError) as error:
        call(**arguments)
    told = error.value.response["Error"]
    return told["Code"], told["Message"]


def listed(**values):
    return {name: [{"Key": key, "Value": value, "IsValueSecret": False} for key, value in pairs.items()] for name, pairs in values.items()}


def test_a_request_has_what_connection_target_and_event_say(world):
    added = listed(HeaderParameters={"X-Both": "connection", "User-Agent": "mine"}, QueryStringParameters={"both": "connection"}, BodyParameters={"added": "1"})
    added["HeaderParameters"].append({"Key": "X-Hidden", "Value": "hidden", "IsValueSecret": True})
    name, connection = world.connection(**BASIC, InvocationHttpParameters=added)
    _, arn = world.destination(connection, "/of/*/*?own=1", HttpMethod="PUT")
    http = {"PathParameterValues": ["$.detail.id", "a b"], "HeaderParameters": {"X-Both": "target", "X-Target": "$.detail.id"}, "QueryStringParameters": {"both": "target", "id": "$.detail.id"}}
    source = world.rule(arn, HttpParameters=http, InputPath="$.detail")
    assert world.events.list_targets_by_rule(Rule=source)["Targets"][0]["HttpParameters"] == http
    world.put(source, {"id": "ä/1"})
    [(_, method, path, headers, body)] = world.sent("/of/%C3%A4%2F1/a%20b")
    assert method == "PUT" and path.split("?")[1] == "own=1&both=connection&id=%C3%A4%2F1"
    assert json.loads(body) == {"id": "ä/1", "added": "1"}
    assert headers["authorization"] == "Basic " + base64.b64encode(b"user:pass").decode()
    expected = {"User-Agent": "Amazon/EventBridge/ApiDestinations", "Content-Type": "application/json; charset=utf-8", "Range": "bytes=0-1048575", "Accept-Encoding": "gzip,deflate", "Connection": "close", "X-Both": "connection", "X-Hidden": "hidden"}
    seen = {name.title(): value for name, value in headers.items()}
    assert {name: seen[name] for name in expected} == expected
    told = world.events.describe_connection(Name=name)
    assert told["AuthParameters"]["BasicAuthParameters"] == {"Username": "user"}
    assert {"Key": "X-Hidden", "IsValueSecret": True} in told["AuthParameters"]["InvocationHttpParameters"]["HeaderParameters"]


def test_a_changed_connection_authorizes_with_what_it_has_now(world):
    name, connection = world.connection("API_KEY", ApiKeyAuthParameters={"ApiKeyName": "X-Key", "ApiKeyValue": "old"})
    path, arn = world.destination(connection)
    source = world.rule(arn)
    world.put(source)
    assert world.sent(f"/{path}")[0][3]["x-key"] == "old"
    secret = world.events.describe_connection(Name=name)["SecretArn"]
    world.events.update_connection(Name=name, Description="changed", AuthParameters={"ApiKeyAuthParameters": {"ApiKeyValue": "new"}})
    told = world.events.describe_connection(Name=name)
    assert (told["Description"], told["SecretArn"], told["AuthParameters"]) == ("changed", secret, {"ApiKeyAuthParameters": {"ApiKeyName": "X-Key"}})
    world.put(source)
    assert world.sent(f"/{path}", 2)[1][3]["x-key"] == "new"
    # Of another kind it needs all that belongs to that.
    assert refused(world.events.update_connection, Name=name, AuthorizationType="BASIC")[0] == "ValidationException"
    world.events.update_connection(Name=name, AuthorizationType="BASIC", AuthParameters=BASIC)
    world.put(source)
    assert "x-key" not in world.sent(f"/{path}", 3)[2][3]


class Tokens:
    """An authorization server that counts, whose last token alone is good."""

    def __init__(self, world, **granted):
        self.path, self.count, self.refuses = f"/{next(NAMES)}", 0, False
        self.granted = {"token_type": "bearer", **granted}
        world.server.answers[self.path] = self.grant

    def grant(self, headers, body):
        if self.refuses:
            return 401, {}, ""
        self.count += 1
        return 200, {}, json.dumps({"access_token": f"t{self.count}", **self.granted})

    def check(self, headers, body):
        return (200 if headers["Authorization"] == f"Bearer t{self.count}" else 401), {}, ""

    def parameters(self, world):
        added = {**listed(HeaderParameters={"X-Added": "h"}, QueryStringParameters={"q": "1"}, BodyParameters={"grant_type": "client_credentials"})}
        client = {"ClientID": "id", "ClientSecret": "s&"}
        return {"OAuthParameters": {"AuthorizationEndpoint": world.url + self.path, "HttpMethod": "POST", "ClientParameters": client, "OAuthHttpParameters": added}}


def test_a_token_is_asked_for_once_and_again_when_it_is_refused(world):
    tokens = Tokens(world, expires_in=3_000_000)
    name, connection = world.connection("OAUTH_CLIENT_CREDENTIALS", **tokens.parameters(world))
    world.until(lambda: world.state(name) == "AUTHORIZED", "an authorized connection")
    [(_, method, path, headers, body)] = world.sent(tokens.path)
    assert (method, path, body) == ("POST", f"{tokens.path}?q=1", "client_id=id&client_secret=s%26&grant_type=client_credentials")
    assert headers["content-type"] == "application/x-www-form-urlencoded" and headers["x-added"] == "h"
    path, arn = world.destination(connection)
    world.server.answers[f"/{path}"] = tokens.check
    source = world.rule(arn)
    world.put(source, *[{}] * 20)
    assert {sent[3]["authorization"] for sent in world.sent(f"/{path}", 20)} == {"Bearer t1"} and tokens.count == 1
    # A server that no longer takes it gets the event with another one.
    tokens.count = 7
    world.put(source)
    last = world.sent(f"/{path}", 22)[20:]
    assert [sent[3]["authorization"] for sent in last] == ["Bearer t1", "Bearer t8"]
    assert world.state(name) == "AUTHORIZED"


def test_a_token_is_not_used_to_its_end(world):
    tokens = Tokens(world, expires_in="1")
    name, connection = world.connection("OAUTH_CLIENT_CREDENTIALS", **tokens.parameters(world))
    path, arn = world.destination(connection)
    source = world.rule(arn)
    for count in (1, 2):
        world.until(lambda: world.state(name) == "AUTHORIZED", "an authorized connection")
        world.put(source)
        world.sent(f"/{path}", count)
        time.sleep(2 / SCALE)
    assert tokens.count >= 2


def test_a_connection_that_gets_no_token_waits_for_somebody_to_change_it(world):
    tokens = Tokens(world)
    tokens.refuses = True
    name, connection = world.connection("OAUTH_CLIENT_CREDENTIALS", **tokens.parameters(world))
    world.until(lambda: world.state(name) == "DEAUTHORIZED", "a deauthorized connection")
    assert "401" in world.events.describe_connection(Name=name)["StateReason"]
    path, arn = world.destination(connection)
    assert world.events.describe_api_destination(Name=path)["ApiDestinationState"] == "INACTIVE"
    source = world.rule(arn)
    world.put(source)
    tokens.refuses = False
    world.events.update_connection(Name=name, AuthParameters=tokens.parameters(world))
    world.until(lambda: world.state(name) == "AUTHORIZED", "an authorized connection")
    assert "StateReason" not in world.events.describe_connection(Name=name)
    assert world.events.describe_api_destination(Name=path)["ApiDestinationState"] == "ACTIVE"
    assert world.sent(f"/{path}")[0][3]["authorization"] == "Bearer t1"


def test_wrong_credentials_deauthorize_until_they_are_changed(world):
    """User Guide, "De-authorizing connections": a 401 does so where no token can become another one."""
    name, connection = world.connection()
    path, arn = world.destination(connection)
    expected = "Basic " + base64.b64encode(b"user:right").decode()
    world.server.answers[f"/{path}"] = lambda headers, _: ((200 if headers["Authorization"] == expected else 401), {}, "")
    source = world.rule(arn)
    world.put(source)
    world.until(lambda: world.state(name) == "DEAUTHORIZED", "a deauthorized connection")
    assert "401" in world.events.describe_connection(Name=name)["StateReason"]
    world.events.update_connection(Name=name, AuthParameters={"BasicAuthParameters": {"Password": "right"}})
    assert [sent[3]["authorization"] for sent in world.sent(f"/{path}", 2)][1] == expected
    assert world.state(name) == "AUTHORIZED"


def test_what_fails_is_tried_again_or_given_up(world):
    _, connection = world.connection()
    path, arn = world.destination(connection)
    world.answers(f"/{path}", 500, 409, 429)
    world.put(world.rule(arn))
    assert len(world.sent(f"/{path}", 4)) == 4
    for statuses, headers, policy, expected in (
        ([404], {}, {}, {"ERROR_CODE": "ERROR_FROM_TARGET", "RETRY_ATTEMPTS": "0"}),
        ([302], {"Location": "https://127.0.0.1/"}, {}, {"ERROR_CODE": "ERROR_FROM_TARGET", "RETRY_ATTEMPTS": "0"}),
        ([503], {"Retry-After": "-1"}, {}, {"ERROR_CODE": "ERROR_FROM_TARGET", "RETRY_ATTEMPTS": "0"}),
        ([503], {"Retry-After": "86401"}, {}, {"EXHAUSTED_RETRY_CONDITION": "MaximumEventAgeInSeconds"}),
        ([500] * 2, {}, {"MaximumRetryAttempts": 1}, {"EXHAUSTED_RETRY_CONDITION": "MaximumRetryAttempts", "RETRY_ATTEMPTS": "1"}),
        ([429], {}, {"MaximumRetryAttempts": 0}, {"ERROR_CODE": "THROTTLING"}),
    ):
        url, queue = world.queue()
        path, arn = world.destination(connection)
        world.answers(f"/{path}", *statuses, headers=headers)
        more = {"RetryPolicy": policy} if policy else {}
        source = world.rule(arn, DeadLetterConfig={"Arn": queue}, **more)
        world.put(source)
        told = world.given_up(url)
        assert {name: told.get(name) for name in expected} == expected, (statuses, told)
        assert told["TARGET_ARN"] == arn


def test_nobody_is_invoked_without_permission_or_out_of_reach(world):
    _, connection = world.connection()
    path, arn = world.destination(connection)
    for target, role, code in (
        (arn, world.make_role("may-nothing"), "NO_PERMISSIONS"),
        (arn.rsplit("/", 1)[0] + "/00000000-0000-0000-0000-000000000000", None, "NO_RESOURCE"),
        # A host that is not allowed is this machine's own.
        (world.destination(connection, InvocationEndpoint="https://localhost:1/")[1], None, "CONNECTION_FAILURE"),
    ):
        url, queue = world.queue()
        world.put(world.rule(target, role, DeadLetterConfig={"Arn": queue}))
        assert world.given_up(url)["ERROR_CODE"] == code
    assert not [sent for sent in world.server.sent if sent[2] == f"/{path}"]
    world.events.put_rule(Name="bare", EventPattern='{"source": ["bare"]}')
    put = lambda **target: refused(world.events.put_targets, Rule="bare", Targets=[{"Id": "t", **target}])  # noqa: E731
    assert put(Arn=arn) == ("ValidationException", f"RoleArn is required for target {arn}.")
    assert "HttpParameters" in put(Arn=world.queue()[1], HttpParameters={"PathParameterValues": ["a"]})[1]
    assert put(Arn=arn.replace("us-east-1", "eu-west-1"), RoleArn=world.role)[0] == "ValidationException"


def test_what_exceeds_the_pace_waits_and_survives_a_kill(world):
    name, connection = world.connection()
    path, arn = world.destination(connection, InvocationRateLimitPerSecond=1)
    source = world.rule(arn, InputPath="$.detail")
    world.put(source, *[{"number": number} for number in range(200)])
    first = world.sent(f"/{path}", 60)
    # The cloud's second is a sixtieth of one of the machine's; the first request may have come late.
    assert first[59][0] - first[0][0] > 30 / SCALE
    world.machine.kill()
    world.start()
    # A faster pace is that of what waits already, too.
    world.events.update_api_destination(Name=path, InvocationRateLimitPerSecond=300)
    numbers = lambda: {json.loads(sent[4])["number"] for sent in list(world.server.sent) if sent[2] == f"/{path}"}  # noqa: E731
    world.until(lambda: numbers() == set(range(200)), "all requests")


def test_a_connection_without_authorization_has_no_secret(world):
    name, connection = world.connection()
    path, _ = world.destination(connection)
    secret = world.events.describe_connection(Name=name)["SecretArn"]
    told = world.events.deauthorize_connection(Name=name)
    assert (told["ConnectionArn"], told["ConnectionState"]) == (connection, "DEAUTHORIZING")
    told = world.events.describe_connection(Name=name)
    assert told["ConnectionState"] == "DEAUTHORIZED" and not {"SecretArn", "AuthParameters"} & set(told)
    assert refused(world.secretsmanager.describe_secret, SecretId=secret)[0] == "ResourceNotFoundException"
    assert world.events.describe_api_destination(Name=path)["ApiDestinationState"] == "INACTIVE"
    assert [one["Name"] for one in world.events.list_connections(NamePrefix=name, ConnectionState="DEAUTHORIZED")["Connections"]] == [name]
    world.events.update_connection(Name=name, AuthorizationType="BASIC", AuthParameters=BASIC)
    assert world.events.describe_connection(Name=name)["SecretArn"] != secret
    assert world.events.describe_api_destination(Name=path)["ApiDestinationState"] == "ACTIVE"
    world.events.delete_connection(Name=name)
    assert world.events.describe_api_destination(Name=path)["ApiDestinationState"] == "INACTIVE"
    assert refused(world.events.update_api_destination, Name=path, ConnectionArn=connection)[0] == "ResourceNotFoundException"


def test_secrets_of_connections_are_eventbridges(world):
    name, _ = world.connection()
    secret = world.events.describe_connection(Name=name)["SecretArn"]
    told = world.secretsmanager.describe_secret(SecretId=secret)
    assert told["OwningService"] == "events" and told["Name"].startswith(f"events!connection/{name}/")
    owned = world.secretsmanager.list_secrets(Filters=[{"Key": "owning-service", "Values": ["events"]}])["SecretList"]
    assert secret in [one["ARN"] for one in owned]
    assert json.loads(world.secretsmanager.get_secret_value(SecretId=secret)["SecretString"]) == {"username": "user", "password": "pass"}
    for call, more in (
        (world.secretsmanager.put_secret_value, {"SecretString": "{}"}),
        (world.secretsmanager.update_secret, {"Description": "mine"}),
        (world.secretsmanager.delete_secret, {"ForceDeleteWithoutRecovery": True}),
    ):
        code, text = refused(call, SecretId=secret, **more)
        assert code == "InvalidRequestException" and "managed by events" in text


def test_whoever_makes_a_connection_needs_the_permissions_for_its_secret(world):
    user = next(NAMES)
    world.iam.create_user(UserName=user)
    key = world.iam.create_access_key(UserName=user)["AccessKey"]
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    events = world.machine.client("events", **keys)

    def may(*actions):
        statements = [{"Effect": "Allow", "Action": action, "Resource": resource} for action, resource in actions]
        world.iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}))

    make = {"Name": user, "AuthorizationType": "BASIC", "AuthParameters": BASIC}
    may(("events:CreateConnection", f"{ARN}:connection/other"))
    assert "events:CreateConnection" in refused(events.create_connection, **make)[1]
    may(("events:*Connection", f"{ARN}:connection/{user}"))
    code, text = refused(events.create_connection, **make)
    assert code == "AccessDeniedException" and "secretsmanager:CreateSecret" in text
    secret = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:events!connection/*"
    may(("events:*Connection", f"{ARN}:connection/{user}"), ("secretsmanager:CreateSecret", secret))
    assert "secretsmanager:PutSecretValue" in refused(events.create_connection, **make)[1]
    may(("events:*Connection", f"{ARN}:connection/{user}"), (["secretsmanager:CreateSecret", "secretsmanager:PutSecretValue"], secret))
    connection = events.create_connection(**make)["ConnectionArn"]
    assert "secretsmanager:GetSecretValue" in refused(events.update_connection, Name=user, AuthParameters=BASIC)[1]
    # A destination needs both its own permission and that for its connection.
    make = {"Name": user, "ConnectionArn": connection, "HttpMethod": "POST", "InvocationEndpoint": world.url}
    may(("events:CreateApiDestination", f"{ARN}:api-destination/{user}"), ("events:DeleteConnection", "*"))
    assert f"connection/{user}" in refused(events.create_api_destination, **make)[1]
    may(("events:CreateApiDestination", [f"{ARN}:api-destination/{user}", f"{ARN}:connection/{user}"]), ("events:DeleteConnection", "*"))
    events.create_api_destination(**make)
    events.delete_connection(Name=user)


def test_states_are_told_on_the_default_bus(world):
    url, queue = world.queue()
    world.events.put_rule(Name="states", EventPattern=json.dumps({"source": ["aws.events"], "detail-type": [{"prefix": "Connection "}, {"prefix": "API Destination "}]}))
    world.events.put_targets(Rule="states", Targets=[{"Id": "q", "Arn": queue}])
    name, connection = world.connection()
    path, arn = world.destination(connection)
    world.events.deauthorize_connection(Name=name)
    world.events.update_connection(Name=name, AuthorizationType="BASIC", AuthParameters=BASIC)
    world.events.delete_connection(Name=name)
    events = [json.loads(message["Body"]) for message in world.messages(url, 10)]
    world.events.remove_targets(Rule="states", Ids=["q"])
    of = {event["detail-type"]: event for event in events}
    assert sorted(event["detail-type"] for event in events if event["resources"] == [connection]) == sorted(
        f"Connection {what}" for what in ("Creation Started", "Authorized", "Deauthorization Started", "Deauthorized", "Update Started", "Authorized", "Deletion Started")
    )
    assert sorted(event["detail-type"] for event in events if event["resources"] == [arn]) == ["API Destination Activated"] + ["API Destination Deactivated"] * 2
    assert of["Connection Authorized"]["detail"]["ConnectionName"] == name and of["API Destination Activated"]["detail"]["ApiDestinationName"] == path


def test_what_cannot_be_is_refused(world):
    name, connection = world.connection()
    make = {"Name": "other", "ConnectionArn": connection, "HttpMethod": "POST"}
    code, text = refused(world.events.create_api_destination, InvocationEndpoint="http://127.0.0.1/", **make)
    assert code == "ValidationException" and "HTTPS" in text
    private = {"ResourceParameters": {"ResourceConfigurationArn": f"arn:aws:vpc-lattice:us-east-1:{ACCOUNT}:resourceconfiguration/rcfg-0123456789abcdefg"}}
    for more, named in (
        ({"KmsKeyIdentifier": "alias/k"}, "KmsKeyIdentifier"),
        ({"InvocationConnectivityParameters": private}, "InvocationConnectivityParameters"),
        ({"AuthParameters": {**BASIC, "ConnectivityParameters": private}}, "ConnectivityParameters"),
    ):
        code, text = refused(world.events.create_connection, **{"Name": "other", "AuthorizationType": "BASIC", "AuthParameters": BASIC, **more})
        assert code == "NotImplemented" and named in text
    assert refused(world.events.create_connection, Name=name, AuthorizationType="BASIC", AuthParameters=BASIC) == ("ResourceAlreadyExistsException", f"Connection {name} already exists.")
    wrong = {"ApiKeyAuthParameters": {"ApiKeyName": "n", "ApiKeyValue": "v"}}
    assert "ApiKeyAuthParameters" in refused(world.events.create_connection, Name="other", AuthorizationType="BASIC", AuthParameters={**BASIC, **wrong})[1]
    for call in (world.events.delete_connection, world.events.deauthorize_connection, world.events.delete_api_destination, world.events.update_api_destination):
        assert refused(call, Name="missing")[0] == "ResourceNotFoundException"


def test_a_template_makes_a_rule_that_invokes_a_server(world):
    template = {
        "Parameters": {"Password": {"Type": "String", "NoEcho": True}},
        "Resources": {
            "Connection": {
                "Type": "AWS::Events::Connection",
                "Properties": {
                    "AuthorizationType": "BASIC",
                    "AuthParameters": {
                        "BasicAuthParameters": {"Username": "stack", "Password": {"Ref": "Password"}},
                        "InvocationHttpParameters": {"HeaderParameters": [{"Key": "X-Stack", "Value": "1"}]},
                    },
                },
            },
            "Destination": {"Type": "AWS::Events::ApiDestination", "Properties": {"ConnectionArn": {"Fn::GetAtt": ["Connection", "Arn"]}, "HttpMethod": "POST", "InvocationEndpoint": f"{world.url}/stack/*"}},
            "Role": {
                "Type": "AWS::IAM::Role",
                "Properties": {
                    "AssumeRolePolicyDocument": TRUST,
                    "Policies": [{"PolicyName": "p", "PolicyDocument": {"Statement": {"Effect": "Allow", "Action": "events:InvokeApiDestination", "Resource": {"Fn::GetAtt": ["Destination", "Arn"]}}}}],
                },
            },
            "Rule": {
                "Type": "AWS::Events::Rule",
                "Properties": {"EventPattern": {"source": ["of-stack"]}, "Targets": [{"Id": "t", "Arn": {"Fn::GetAtt": ["Destination", "Arn"]}, "RoleArn": {"Fn::GetAtt": ["Role", "Arn"]}, "HttpParameters": {"PathParameterValues": ["a"]}}]},
            },
        },
        "Outputs": {name.replace(".", ""): {"Value": {"Fn::GetAtt": name.split(".")}} for name in ("Connection.SecretArn", "Connection.ArnForPolicy", "Destination.ArnForPolicy")}
        | {"Name": {"Value": {"Ref": "Connection"}}},
    }
    run = {"StackName": "destinations", "TemplateBody": json.dumps(template), "Capabilities": ["CAPABILITY_IAM"]}
    world.cloudformation.create_stack(**run, Parameters=[{"ParameterKey": "Password", "ParameterValue": "first"}])
    world.cloudformation.get_waiter("stack_create_complete").wait(StackName="destinations", WaiterConfig={"Delay": 1})
    outputs = {output["OutputKey"]: output["OutputValue"] for output in world.cloudformation.describe_stacks(StackName="destinations")["Stacks"][0]["Outputs"]}
    name = outputs["Name"]
    assert name.startswith("destinations-Connection-") and outputs["ConnectionArnForPolicy"] == f"{ARN}:connection/{name}"
    told = world.events.describe_connection(Name=name)
    # The schema's default: values are secret.
    assert told["AuthParameters"]["InvocationHttpParameters"] == {"HeaderParameters": [{"Key": "X-Stack", "IsValueSecret": True}]}
    assert outputs["ConnectionSecretArn"] == told["SecretArn"]
    world.put("of-stack")
    headers = world.sent("/stack/a")[0][3]
    assert headers["x-stack"] == "1" and headers["authorization"] == "Basic " + base64.b64encode(b"stack:first").decode()
    world.cloudformation.update_stack(**run, Parameters=[{"ParameterKey": "Password", "ParameterValue": "second"}])
    world.cloudformation.get_waiter("stack_update_complete").wait(StackName="destinations", WaiterConfig={"Delay": 1})
    world.put("of-stack")
    assert world.sent("/stack/a", 2)[1][3]["authorization"] == "Basic " + base64.b64encode(b"stack:second").decode()
    world.cloudformation.delete_stack(StackName="destinations")
    world.cloudformation.get_waiter("stack_delete_complete").wait(StackName="destinations", WaiterConfig={"Delay": 1})
    assert refused(world.secretsmanager.describe_secret, SecretId=told["SecretArn"])[0] == "ResourceNotFoundException"
