"""Secrets Manager as boto3 uses it."""

import json
import string

import pytest
from botocore.exceptions import ClientError

ACCOUNT = "000000000000"


@pytest.fixture(scope="module")
def secrets(shared_machine):
    return shared_machine.client("secretsmanager")


def refusal(call, **parameters):
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return error.value.response["Error"]


def code(call, **parameters):
    return refusal(call, **parameters)["Code"]


def user(machine, name, *statements):
    """A client of a user with these statements."""
    iam = machine.client("iam")
    iam.create_user(UserName=name)
    if statements:
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=policy)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    return machine.client("secretsmanager", **keys)


def test_a_secret_lives(secrets):
    created = secrets.create_secret(Name="life/a", SecretString="one", Description="d", Tags=[{"Key": "team", "Value": "x"}])
    arn = f"arn:aws:secretsmanager:us-east-1:{ACCOUNT}:secret:life/a-"
    assert created["ARN"].startswith(arn) and len(created["ARN"]) == len(arn) + 6
    told = secrets.get_secret_value(SecretId=created["ARN"])
    assert (told["SecretString"], told["VersionId"], told["VersionStages"]) == ("one", created["VersionId"], ["AWSCURRENT"])
    second = secrets.put_secret_value(SecretId="life/a", SecretBinary=b"\x00two")["VersionId"]
    assert secrets.get_secret_value(SecretId="life/a")["SecretBinary"] == b"\x00two"
    assert secrets.get_secret_value(SecretId="life/a", VersionStage="AWSPREVIOUS")["SecretString"] == "one"
    secrets.update_secret_version_stage(SecretId="life/a", VersionStage="AWSCURRENT", MoveToVersionId=created["VersionId"], RemoveFromVersionId=second)
    assert secrets.get_secret_value(SecretId="life/a")["SecretString"] == "one"
    described = secrets.describe_secret(SecretId="life/a")
    assert described["VersionIdsToStages"] == {created["VersionId"]: ["AWSCURRENT"], second: ["AWSPREVIOUS"]}
    assert (described["Description"], described["Tags"]) == ("d", [{"Key": "team", "Value": "x"}])
    assert described["LastAccessedDate"].strftime("%T") == "00:00:00"
    deletion = secrets.delete_secret(SecretId="life/a", RecoveryWindowInDays=7)["DeletionDate"]
    assert (deletion - described["CreatedDate"]).days == 7
    assert code(secrets.get_secret_value, SecretId="life/a") == "InvalidRequestException"
    assert code(secrets.create_secret, Name="life/a") == "InvalidRequestException"
    secrets.restore_secret(SecretId="life/a")
    secrets.delete_secret(SecretId="life/a", ForceDeleteWithoutRecovery=True)
    assert code(secrets.describe_secret, SecretId="life/a") == "ResourceNotFoundException"


def test_what_is_secret_is_told_when_it_is_asked_for_alone(shared_machine, secrets):
    secrets.create_secret(Name="quiet", SecretString="hunter2")
    for answer in [secrets.describe_secret(SecretId="quiet"), secrets.list_secrets(), secrets.list_secret_version_ids(SecretId="quiet")]:
        assert "hunter2" not in str(answer)
    # boto3 checks lengths itself, unless it is told not to.
    raw = shared_machine.client("secretsmanager", config={"parameter_validation": False})
    told = refusal(raw.put_secret_value, SecretId="quiet", SecretString="hunter2" * 10_000)
    assert told["Message"] == "1 validation error detected: Value at 'secretString' failed to satisfy constraint: Member must have length less than or equal to 65536"
    secrets.put_secret_value(SecretId="quiet", SecretString="x" * 65536)


def test_several_values_at_once(shared_machine, secrets):
    for name in ["batch/a", "batch/b", "batch/c"]:
        secrets.create_secret(Name=name, SecretString=name)
    answer = secrets.batch_get_secret_value(SecretIdList=["batch/a", "batch/none"])
    assert [value["SecretString"] for value in answer["SecretValues"]] == ["batch/a"]
    assert [(error["SecretId"], error["ErrorCode"]) for error in answer["Errors"]] == [("batch/none", "ResourceNotFoundException")]
    by_name = [{"Key": "name", "Values": ["batch/"]}]
    first = secrets.batch_get_secret_value(Filters=by_name, MaxResults=2)
    last = secrets.batch_get_secret_value(Filters=by_name, NextToken=first["NextToken"])
    assert [[value["Name"] for value in page["SecretValues"]] for page in (first, last)] == [["batch/a", "batch/b"], ["batch/c"]]
    assert "NextToken" not in last
    # Each value needs its own permission.
    reader = user(
        shared_machine,
        "batch-reader",
        {"Effect": "Allow", "Action": "secretsmanager:BatchGetSecretValue", "Resource": "*"},
        {"Effect": "Allow", "Action": "secretsmanager:GetSecretValue", "Resource": "arn:aws:secretsmanager:*:*:secret:batch/a-*"},
    )
    answer = reader.batch_get_secret_value(SecretIdList=["batch/a", "batch/b"])
    assert [value["Name"] for value in answer["SecretValues"]] == ["batch/a"]
    assert [(error["SecretId"], error["ErrorCode"]) for error in answer["Errors"]] == [("batch/b", "AccessDeniedException")]
    assert code(reader.batch_get_secret_value, Filters=by_name) == "AccessDeniedException"
    secrets.delete_secret(SecretId="batch/c")
    listed = secrets.list_secrets(Filters=by_name, SortBy="name", SortOrder="desc")["SecretList"]
    assert [secret["Name"] for secret in listed] == ["batch/b", "batch/a"]
    listed = secrets.list_secrets(Filters=by_name, IncludePlannedDeletion=True)["SecretList"]
    assert [("DeletedDate" in secret, secret["Name"]) for secret in listed] == [(False, "batch/a"), (False, "batch/b"), (True, "batch/c")]


def test_a_password(secrets):
    password = secrets.get_random_password(PasswordLength=100, ExcludePunctuation=True, ExcludeCharacters="abc")["RandomPassword"]
    assert len(password) == 100
    assert set(password) <= set(string.ascii_letters + string.digits) - set("abc")
    assert secrets.get_random_password()["RandomPassword"] != secrets.get_random_password()["RandomPassword"]
    assert code(secrets.get_random_password, PasswordLength=3) == "InvalidParameterException"


def policy(effect, principal, action="secretsmanager:*", **more):
    statement = {"Effect": effect, "Principal": principal, "Action": action, "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_policy_lets_in_and_keeps_out(shared_machine, secrets):
    secrets.create_secret(Name="ruled", SecretString="v")
    reader = user(shared_machine, "ruled-reader")
    writer = user(shared_machine, "ruled-writer", {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"})
    arn = f"arn:aws:iam::{ACCOUNT}:user/ruled-"
    assert code(reader.get_secret_value, SecretId="ruled") == "AccessDeniedException"
    assert "ResourcePolicy" not in secrets.get_resource_policy(SecretId="ruled")
    lets_in = policy("Allow", {"AWS": arn + "reader"}, "secretsmanager:GetSecretValue")
    secrets.put_resource_policy(SecretId="ruled", ResourcePolicy=lets_in)
    assert json.loads(secrets.get_resource_policy(SecretId="ruled")["ResourcePolicy"]) == json.loads(lets_in)
    assert reader.get_secret_value(SecretId="ruled")["SecretString"] == "v"
    assert code(reader.put_secret_value, SecretId="ruled", SecretString="w") == "AccessDeniedException"
    old = policy("Deny", {"AWS": arn + "writer"}, Condition={"StringEquals": {"secretsmanager:VersionStage": "AWSPREVIOUS"}})
    secrets.put_resource_policy(SecretId="ruled", ResourcePolicy=old)
    assert code(reader.get_secret_value, SecretId="ruled") == "AccessDeniedException"
    writer.put_secret_value(SecretId="ruled", SecretString="w")
    assert writer.get_secret_value(SecretId="ruled")["SecretString"] == "w"
    assert code(writer.get_secret_value, SecretId="ruled", VersionStage="AWSPREVIOUS") == "AccessDeniedException"
    secrets.delete_resource_policy(SecretId="ruled")
    assert writer.get_secret_value(SecretId="ruled", VersionStage="AWSPREVIOUS")["SecretString"] == "v"


def test_a_policy_is_looked_through(secrets):
    secrets.create_secret(Name="checked", SecretString="v")
    everybody = policy("Allow", "*")
    of = {"SecretId": "checked"}
    assert code(secrets.put_resource_policy, **of, ResourcePolicy="no policy") == "MalformedPolicyDocumentException"
    assert code(secrets.put_resource_policy, **of, ResourcePolicy=everybody, BlockPublicPolicy=True) == "PublicPolicyException"
    assert "NotImplemented" in code(secrets.put_resource_policy, **of, ResourcePolicy=everybody, PolicyName="mine")
    secrets.put_resource_policy(**of, ResourcePolicy=everybody, PolicyName="default")
    fine = secrets.validate_resource_policy(**of, ResourcePolicy=policy("Allow", {"AWS": ACCOUNT}))
    assert (fine["PolicyValidationPassed"], fine["ValidationErrors"]) == (True, [])
    for wrong in [everybody, policy("Deny", "*")]:
        answer = secrets.validate_resource_policy(**of, ResourcePolicy=wrong)
        assert (answer["PolicyValidationPassed"], len(answer["ValidationErrors"])) == (False, 1)


@pytest.mark.parametrize("operation", ["rotate_secret", "cancel_rotate_secret", "stop_replication_to_replica"])
def test_rotation_and_replication_are_refused_by_name(secrets, operation):
    told = refusal(getattr(secrets, operation), SecretId="none")
    assert told["Code"] == "NotImplemented"
    assert operation.replace("_", "") in told["Message"].lower()
