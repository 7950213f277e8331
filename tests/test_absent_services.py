"""Every service of AWS that the cloud has not is refused by its name, in the protocol that its client speaks."""

import socket

import boto3
import botocore.config
import botocore.session
import pytest
import requests
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

HERE = {"apigateway", "apigatewayv2", "cloudformation", "cognito-idp", "dynamodb", "dynamodbstreams", "events", "iam", "lambda", "logs", "s3", "scheduler", "secretsmanager", "sns", "sqs", "ssm", "sts"}
# Nothing in the head of their requests names them: they have a bearer token or no signature, or (SimpleDB) one in the form.
NAMELESS = {"account-access-runtime", "codecatalyst", "sdb", "sso"}
# The client of the first asks AWS whatever its endpoint is said to be; the second's signs with a library apart.
ELSEWHERE = {"signin", "cloudfront-keyvaluestore"}
# How a signature names it.
SIGNED = {"importexport": "IngestionService"}

SESSION = botocore.session.get_session()
SERVICES = [name for name in SESSION.get_available_services() if name not in HERE | ELSEWHERE | NAMELESS]


def sample(shape, seen=()):
    """The smallest value that botocore sends."""
    kind = shape.type_name
    if kind == "structure":
        if shape.name in seen:
            return {}
        names = list(shape.required_members)
        if shape.metadata.get("union") and not names:
            names = list(shape.members)[:1]
        return {name: sample(shape.members[name], (*seen, shape.name)) for name in names}
    if kind == "list":
        return [sample(shape.member, seen)] * (shape.metadata.get("min") or 0)
    if kind == "map":
        return {}
    if kind == "string":
        return shape.enum[0] if getattr(shape, "enum", None) else "x" * max(1, shape.metadata.get("min") or 1)
    if kind == "boolean":
        return True
    if kind == "blob":
        return b"x"
    if kind == "timestamp":
        return 0
    return max(1, int(shape.metadata.get("min") or 1))


def cheapest(service):
    """The operation with the fewest required members, signed where there is one."""
    model = SESSION.get_service_model(service)
    operations = [model.operation_model(name) for name in model.operation_names]
    usable = [one for one in operations if not one.has_event_stream_input]
    return min(usable, key=lambda one: (one.auth_type == "none", len(one.input_shape.required_members) if one.input_shape else 0, one.name))


def refusal(variables, service, operation):
    client = boto3.client(
        service,
        endpoint_url=variables["AWS_ENDPOINT_URL"].replace("127.0.0.1", "localhost"),
        region_name=variables["AWS_REGION"],
        aws_access_key_id=variables["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=variables["AWS_SECRET_ACCESS_KEY"],
        config=botocore.config.Config(retries={"max_attempts": 1}, inject_host_prefix=False, parameter_validation=False, endpoint_discovery_enabled=False),
    )
    with pytest.raises(ClientError) as error:
        client._make_api_call(operation.name, sample(operation.input_shape) if operation.input_shape else {})
    return error.value.response


def test_every_absent_service_is_refused_by_its_name(shared_machine, monkeypatch):
    # S3 Control has the account in front of its host, and not every system knows that all of *.localhost is here.
    resolve = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **more: resolve("127.0.0.1" if host.endswith("localhost") else host, *rest, **more))
    variables = shared_machine.client_environment()
    wrong = {}
    for service in SERVICES:
        operation = cheapest(service)
        try:
            error = refusal(variables, service, operation)["Error"]
        except BaseException as failure:  # pytest.fail is none of Exception's
            wrong[service] = (operation.name, repr(failure)[:300])
            continue
        if error["Code"] != "NotImplemented" or SIGNED.get(service, service) not in error["Message"]:
            wrong[service] = (operation.name, error)
    assert not wrong, "\n".join(f"{service}: {what}" for service, what in sorted(wrong.items()))


def test_a_service_is_named_in_the_protocol_of_an_older_client(shared_machine):
    variables = shared_machine.client_environment()
    url = variables["AWS_ENDPOINT_URL"] + "/"
    request = AWSRequest("POST", url, data="Action=ListMetrics&Version=2010-08-01", headers={"Content-Type": "application/x-www-form-urlencoded"})
    credentials = Credentials(variables["AWS_ACCESS_KEY_ID"], variables["AWS_SECRET_ACCESS_KEY"])
    SigV4Auth(credentials, "monitoring", variables["AWS_REGION"]).add_auth(request)
    answer = requests.post(url, data=request.data, headers=dict(request.headers))
    assert answer.status_code == 501 and "<Code>NotImplemented</Code>" in answer.text, answer.text
    assert "the service cloudwatch (its operation ListMetrics)" in answer.text


def test_services_that_sign_alike_are_told_apart(shared_machine):
    shared_machine.client("apigatewayv2").create_api(Name="second", ProtocolType="HTTP")
    assert [api["Name"] for api in shared_machine.client("apigatewayv2").get_apis()["Items"]] == ["second"]
    assert shared_machine.client("apigateway").get_rest_apis()["items"] == []
