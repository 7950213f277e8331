"""Variables whose values are kept elsewhere, read by botocore from a server that answers as AWS's documentation says."""

import json
import os
import threading
import traceback
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from slam_lambda import secrets
from slam_lambda.handler import Handler
from slam_lambda.isolation import ModuleSets
from slam_lambda.stages import Stages

from .support import context

VALUE = "v4lue"


class Services:
    """Parameter Store and Secrets Manager, as far as they are asked for values."""

    def __init__(self):
        self.parameters = {}
        self.secrets = {}
        self.asked = []
        self.denied = False
        outer = self

        class Answers(BaseHTTPRequestHandler):
            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                service, operation = self.headers["X-Amz-Target"].split(".")
                outer.asked.append((service, operation, body))
                status, answer = outer.answer(operation, body)
                text = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
        self.thread = threading.Thread(target=self.server.serve_forever, args=[0.01])
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def end(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()

    def answer(self, operation, body):
        if self.denied:
            return 400, {"__type": "AccessDeniedException", "message": "User: x is not authorized"}
        if operation == "GetParameters":
            # https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
            assert len(body["Names"]) <= 10 and body["WithDecryption"] is True
            assert len(set(body["Names"])) == len(body["Names"])
            found, invalid = [], []
            for asked in body["Names"]:
                name, mark, selector = asked.partition(":")
                if asked in self.parameters:
                    found.append({"Name": name, "Value": self.parameters[asked], "Selector": mark + selector})
                    if not mark:
                        del found[-1]["Selector"]
                else:
                    invalid.append(asked)
            return 200, {"Parameters": found, "InvalidParameters": invalid}
        # https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
        assert operation == "GetSecretValue"
        found = self.secrets.get(body["SecretId"])
        if found is None:
            message = "Secrets Manager can't find the specified secret."
            return 400, {"__type": "ResourceNotFoundException", "Message": message}
        return 200, {"Name": body["SecretId"], **found}


@pytest.fixture
def services(monkeypatch):
    services = Services()
    for name, value in {
        "AWS_ENDPOINT_URL": services.url,
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI",
    }.items():
        monkeypatch.setenv(name, value)
    yield services
    if services.thread.is_alive():
        services.end()


def read(places):
    return secrets.read(json.dumps(places))


def refused(places):
    with pytest.raises(secrets.SecretsError) as error:
        read(places)
    # Neither in the message, nor in what it came from.
    assert VALUE not in "".join(traceback.format_exception(None, error.value, error.value.__traceback__))
    return str(error.value)


def test_values_come_from_where_they_are_kept(services):
    services.parameters = {"/a/b": "one", "c": "two", "/a/b:3": "three", "/a/b:stable": "four", "/e": ""}
    services.secrets = {"s": {"SecretString": "five"}, "j/k": {"SecretString": '{"text": "six", "number": 7, "list": [1]}'}}
    places = {
        "A": "ssm:/a/b",
        "B": "ssm:c",
        "C": "ssm:/a/b:3",
        "D": "ssm:/a/b:stable",
        "E": "ssm:/e",
        "F": "secretsmanager:s",
        "G": "secretsmanager:j/k#text",
        "H": "secretsmanager:j/k#number",
        "I": "secretsmanager:j/k#list",
        "J": "ssm:/a/b",
    }
    values = ["one", "two", "three", "four", "", "five", "six", "7", "[1]", "one"]
    assert read(places) == dict(zip(places, values))
    # Each is asked for once.
    assert [operation for _, operation, _ in services.asked] == ["GetParameters", "GetSecretValue", "GetSecretValue"]


def test_parameters_are_read_ten_at_once(services):
    services.parameters = {f"/p/{number}": str(number) for number in range(25)}
    assert read({f"V{number}": f"ssm:/p/{number}" for number in range(25)}) == {f"V{n}": str(n) for n in range(25)}
    assert [len(body["Names"]) for _, _, body in services.asked] == [10, 10, 5]


def test_a_parameter_has_its_name_with_or_without_a_slash(services):
    services.parameters = {"/p": "one"}
    services.answer = lambda operation, body: (200, {"Parameters": [{"Name": "p", "Value": "one"}], "InvalidParameters": []})
    assert read({"A": "ssm:/p", "B": "ssm:p"}) == {"A": "one", "B": "one"}
    assert services.asked[0][2]["Names"] == ["/p"]


def test_all_that_is_missing_is_named_at_once(services):
    services.parameters = {"/there": VALUE}
    services.secrets = {
        "binary": {"SecretBinary": "AAEC"},
        "text": {"SecretString": VALUE},
        "object": {"SecretString": json.dumps({"other": VALUE, "nothing": None})},
    }
    message = refused(
        {
            "THERE": "ssm:/there",
            "ONE": "ssm:/one",
            "TWO": "ssm:/two:3",
            "THREE": "secretsmanager:three",
            "BINARY": "secretsmanager:binary",
            "TEXT": "secretsmanager:text#key",
            "OBJECT": "secretsmanager:object#key",
            "NOTHING": "secretsmanager:object#nothing",
        }
    )
    assert message == (
        "slam: secrets cannot be read: "
        "ONE (ssm:/one), TWO (ssm:/two:3): there is no such parameter in eu-west-1; "
        "THREE (secretsmanager:three): there is no such secret in eu-west-1, or it has no value; "
        "BINARY (secretsmanager:binary): the secret is binary, and an environment variable is text; "
        "TEXT (secretsmanager:text#key): the secret is no JSON object that could have a 'key'; "
        "OBJECT (secretsmanager:object#key): the secret has no 'key'; "
        "NOTHING (secretsmanager:object#nothing): the secret has no 'nothing'"
    )


@pytest.mark.parametrize("value", ["a\0" + VALUE, VALUE + "\ud800"])
def test_what_cannot_be_a_variable_is_named_and_not_shown(services, value):
    services.parameters = {"/odd": value}
    assert refused({"ODD": "ssm:/odd"}).endswith("ODD (ssm:/odd): it has characters that no environment variable can have")


def test_a_role_that_may_not_is_told_what_does(services):
    services.denied = True
    for place in ["ssm:/a", "secretsmanager:a"]:
        message = refused({"KEY": place, "MORE": place + "2"})
        assert message.startswith(f"slam: secrets cannot be read: KEY ({place}), MORE ({place}2): An error occurred (AccessDenied")
        assert "`slam deploy` lets the function's role read" in message and "kms:Decrypt" in message


def test_what_cannot_be_reached_is_told_before_lambda_ends_the_start(services, monkeypatch):
    # Nobody listens there any more.
    services.end()
    message = refused({"KEY": "ssm:/a", "MORE": "secretsmanager:b"})
    assert "KEY (ssm:/a): Parameter Store cannot be reached: " in message and "VPC" in message
    # It is not tried at the other service, too: both together would take longer than there is.
    assert "MORE" not in message


def handler(stages):
    return Handler(
        {"module": "tests.apps.reads_secret", "app": "read", "kind": "function"}, Stages(stages), ModuleSets([])
    )


@pytest.fixture
def restored():
    saved = dict(os.environ)
    yield
    os.environ.clear()
    os.environ.update(saved)


def test_they_are_there_before_the_application_is_imported(services, monkeypatch, restored):
    services.parameters = {"/common": "one", "/prod": "two"}
    monkeypatch.setenv("SLAM_SECRETS", json.dumps({"KEY": "ssm:/common"}))
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
    prod = {"STAGE": "prod", "SLAM_SECRETS": json.dumps({"KEY": "ssm:/prod"})}
    serve = handler({"dev": {"STAGE": "dev"}, "test": {"STAGE": "test"}, "prod": prod})
    # The likely stage's alone.
    assert [body["Names"] for _, _, body in services.asked] == [["/common"]]
    seen = {"KEY": "one", "SLAM_SECRETS": None}
    assert serve({}, context("dev")) == seen
    assert serve({}, context("test")) == seen
    assert serve({}, context("prod", "1")) == {"KEY": "two", "SLAM_SECRETS": None}
    assert serve({}, context("dev")) == seen
    assert [body["Names"] for _, _, body in services.asked] == [["/common"], ["/prod"]]


def test_a_stage_without_what_it_needs_harms_no_other(services, monkeypatch, restored):
    monkeypatch.delenv("SLAM_SECRETS", raising=False)
    serve = handler({"dev": {"STAGE": "dev"}, "prod": {"SLAM_SECRETS": '{"KEY": "ssm:/prod"}'}})
    assert serve({}, context("dev")) == {"KEY": None, "SLAM_SECRETS": None}
    with pytest.raises(secrets.SecretsError, match="KEY"):
        serve({}, context("prod", "1"))
    assert serve({}, context("dev")) == {"KEY": None, "SLAM_SECRETS": None}
    services.parameters = {"/prod": "two"}
    assert serve({}, context("prod", "1"))["KEY"] == "two"


def test_the_only_stage_cannot_start_without(services, monkeypatch, restored):
    monkeypatch.setenv("SLAM_SECRETS", '{"KEY": "ssm:/missing"}')
    with pytest.raises(secrets.SecretsError, match="there is no such parameter"):
        handler({"dev": {"STAGE": "dev"}})
