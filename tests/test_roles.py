"""A function runs under its role, and the role is enforced."""

import json
import time

import botocore.exceptions
import pytest

from functions import create

PUT = """
import boto3, botocore.exceptions

def handler(event, context):
    try:
        boto3.client("dynamodb").put_item(TableName="guarded", Item={"id": {"S": "1"}})
    except botocore.exceptions.ClientError as error:
        return error.response["Error"] | {"Status": error.response["ResponseMetadata"]["HTTPStatusCode"]}
    return boto3.client("sts").get_caller_identity()["Arn"]
"""

LOGS = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}


@pytest.fixture(scope="module")
def table(shared_machine):
    return shared_machine.client("dynamodb").create_table(
        TableName="guarded",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )["TableDescription"]["TableArn"]


def invoke(client, name):
    return json.loads(client.invoke(FunctionName=name)["Payload"].read())


def logged(machine, group, *words):
    """Whether a log event has all the words; lines arrive a moment after the answer, as on AWS."""
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        events = machine.client("logs").filter_log_events(logGroupName=group)["events"]
        if any(all(word in event["message"] for word in words) for event in events):
            return True
        time.sleep(0.05)
    return False


def test_a_role_without_the_permission_is_denied(shared_machine, table, function_role):
    reads = {"Effect": "Allow", "Action": "dynamodb:GetItem", "Resource": table}
    role = function_role(shared_machine, "reads-only", LOGS, reads)
    client = create(shared_machine, role, PUT, name="denied", Timeout=30)
    error = invoke(client, "denied")
    assert error["Code"] == "AccessDeniedException"
    assert error["Status"] == 400
    assert error["Message"] == (
        "User: arn:aws:sts::000000000000:assumed-role/reads-only/denied is not authorized to perform: dynamodb:PutItem "
        f"on resource: {table} because no identity-based policy allows the dynamodb:PutItem action"
    )
    # The log shows the missing statement.
    assert logged(shared_machine, "/aws/lambda/denied", "dynamodb:PutItem", table)


def test_a_role_with_the_permission_is_let_in(shared_machine, table, function_role):
    writes = {"Effect": "Allow", "Action": "dynamodb:PutItem", "Resource": table}
    role = function_role(shared_machine, "writes", LOGS, writes)
    client = create(shared_machine, role, PUT, name="allowed", Timeout=30)
    assert invoke(client, "allowed") == "arn:aws:sts::000000000000:assumed-role/writes/allowed"


def test_a_role_that_lambda_may_not_assume_is_refused(shared_machine):
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = shared_machine.client("iam").create_role(RoleName="not-lambdas", AssumeRolePolicyDocument=json.dumps(trust))
    with pytest.raises(botocore.exceptions.ClientError) as error:
        create(shared_machine, role["Role"]["Arn"], PUT, name="refused")
    assert error.value.response["Error"]["Code"] == "InvalidParameterValueException"
    assert error.value.response["Error"]["Message"] == (
        "The role defined for the function cannot be assumed by Lambda."
    )


def test_an_assumed_role_has_its_own_permissions(shared_machine, function_role, table):
    account = shared_machine.client("sts").get_caller_identity()
    assert account["Arn"] == "arn:aws:iam::000000000000:root"
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "000000000000"}, "Action": "sts:AssumeRole"}]}
    iam = shared_machine.client("iam")
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="reader", PolicyArn="arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess")
    session = shared_machine.client("sts").assume_role(RoleArn=role, RoleSessionName="session")["Credentials"]
    dynamodb = shared_machine.client(
        "dynamodb",
        aws_access_key_id=session["AccessKeyId"],
        aws_secret_access_key=session["SecretAccessKey"],
        aws_session_token=session["SessionToken"],
    )
    assert dynamodb.get_item(TableName="guarded", Key={"id": {"S": "x"}})["ResponseMetadata"]["HTTPStatusCode"] == 200
    with pytest.raises(botocore.exceptions.ClientError) as error:
        dynamodb.delete_table(TableName="guarded")
    assert error.value.response["Error"]["Code"] == "AccessDeniedException"
