"""Parameter Store as boto3 uses it."""

import json
import re

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def ssm(shared_machine):
    return shared_machine.client("ssm")


def code(call, **parameters):
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return error.value.response["Error"]["Code"]


def test_a_parameter_lives(ssm):
    created = ssm.put_parameter(Name="/life/a", Value="one", Type="String", Tags=[{"Key": "team", "Value": "x"}])
    assert (created["Version"], created["Tier"]) == (1, "Standard")
    assert code(ssm.put_parameter, Name="/life/a", Value="two", Type="String") == "ParameterAlreadyExists"
    assert ssm.put_parameter(Name="/life/a", Value="two", Overwrite=True)["Version"] == 2
    latest = ssm.get_parameter(Name="/life/a")["Parameter"]
    assert latest.pop("LastModifiedDate")
    arn = "arn:aws:ssm:us-east-1:000000000000:parameter/life/a"
    expected = {"Name": "/life/a", "Type": "String", "Value": "two", "Version": 2, "ARN": arn, "DataType": "text"}
    assert latest == expected
    first = ssm.get_parameter(Name=f"{arn}:1")["Parameter"]
    assert (first["Name"], first["Value"], first["Selector"]) == ("/life/a", "one", ":1")
    ssm.label_parameter_version(Name="/life/a", ParameterVersion=1, Labels=["stable"])
    assert ssm.get_parameter(Name="/life/a:stable")["Parameter"]["Value"] == "one"
    history = ssm.get_parameter_history(Name="/life/a", MaxResults=1)
    assert [(entry["Version"], entry["Labels"]) for entry in history["Parameters"]] == [(1, ["stable"])]
    history = ssm.get_parameter_history(Name="/life/a", NextToken=history["NextToken"])
    assert [entry["Version"] for entry in history["Parameters"]] == [2]
    assert "NextToken" not in history
    removed = ssm.unlabel_parameter_version(Name="/life/a", ParameterVersion=1, Labels=["stable", "other"])
    assert (removed["RemovedLabels"], removed["InvalidLabels"]) == (["stable"], ["other"])
    assert code(ssm.get_parameter, Name="/life/a:stable") == "ParameterVersionNotFound"
    of = {"ResourceType": "Parameter", "ResourceId": "/life/a"}
    ssm.add_tags_to_resource(**of, Tags=[{"Key": "stage", "Value": "dev"}])
    ssm.remove_tags_from_resource(**of, TagKeys=["team"])
    assert ssm.list_tags_for_resource(**of)["TagList"] == [{"Key": "stage", "Value": "dev"}]
    ssm.delete_parameter(Name="/life/a")
    assert code(ssm.get_parameter, Name="/life/a") == "ParameterNotFound"
    assert code(ssm.list_tags_for_resource, **of) == "InvalidResourceId"


def test_paths_come_in_pages(ssm):
    names = [f"/pages/{letter}" for letter in "abcdefghijkl"]
    for name in [*names, "/pages/deep/er"]:
        ssm.put_parameter(Name=name, Value=name, Type="String")
    found = ssm.get_paginator("get_parameters_by_path").paginate(Path="/pages")
    pages = [[parameter["Name"] for parameter in page["Parameters"]] for page in found]
    assert [len(page) for page in pages] == [10, 2]
    assert sum(pages, []) == names
    found = ssm.get_paginator("get_parameters_by_path").paginate(Path="/pages/", Recursive=True)
    assert len([parameter for page in found for parameter in page["Parameters"]]) == 13
    below = {"Key": "Path", "Option": "Recursive", "Values": ["/pages"]}
    described = ssm.get_paginator("describe_parameters").paginate(ParameterFilters=[below], PaginationConfig={"PageSize": 5})
    assert [len(page["Parameters"]) for page in described] == [5, 5, 3]
    assert code(ssm.describe_parameters, NextToken="no token!") == "InvalidNextToken"
    answer = ssm.get_parameters(Names=["/pages/a", "/pages/none", "/pages/a:9"])
    assert [parameter["Name"] for parameter in answer["Parameters"]] == ["/pages/a"]
    assert answer["InvalidParameters"] == ["/pages/none", "/pages/a:9"]
    deleted = ssm.delete_parameters(Names=["/pages/a", "/pages/none"])
    assert (deleted["DeletedParameters"], deleted["InvalidParameters"]) == (["/pages/a"], ["/pages/none"])


def test_a_secret_is_told_with_decryption_alone(ssm):
    ssm.put_parameter(Name="/secret/a", Value="hunter2", Type="SecureString", KeyId="alias/aws/ssm")
    assert "hunter2" not in str(ssm.get_parameter(Name="/secret/a"))
    assert "hunter2" not in str(ssm.get_parameters_by_path(Path="/secret"))
    assert "hunter2" not in str(ssm.get_parameter_history(Name="/secret/a"))
    assert "hunter2" not in str(ssm.describe_parameters())
    told = ssm.get_parameters(Names=["/secret/a"], WithDecryption=True)["Parameters"]
    assert [parameter["Value"] for parameter in told] == ["hunter2"]


def test_permissions_are_on_parameters_and_paths(shared_machine, ssm):
    iam = shared_machine.client("iam")
    iam.create_user(UserName="reader")
    policy = """{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": ["ssm:GetParameter", "ssm:PutParameter"],
         "Resource": "arn:aws:ssm:us-east-1:000000000000:parameter/mine/*"},
        {"Effect": "Allow", "Action": "ssm:GetParametersByPath",
         "Resource": "arn:aws:ssm:us-east-1:000000000000:parameter/mine"},
        {"Effect": "Deny", "Action": "ssm:PutParameter", "Resource": "*",
         "Condition": {"StringEquals": {"ssm:Overwrite": "true"}}},
        {"Effect": "Deny", "Action": "ssm:GetParametersByPath", "Resource": "*",
         "Condition": {"StringEquals": {"ssm:Recursive": "true"}}},
        {"Effect": "Deny", "Action": "ssm:GetParameter", "Resource": "*",
         "Condition": {"StringEquals": {"aws:ResourceTag/team": "other"}}}]}"""
    iam.put_user_policy(UserName="reader", PolicyName="p", PolicyDocument=policy)
    key = iam.create_access_key(UserName="reader")["AccessKey"]
    secret = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    reader = shared_machine.client("ssm", **secret)
    reader.put_parameter(Name="/mine/a", Value="v", Type="String")
    ssm.put_parameter(Name="/theirs/a", Value="v", Type="String")
    ssm.put_parameter(Name="/mine/b", Value="v", Type="String", Tags=[{"Key": "team", "Value": "other"}])
    assert reader.get_parameter(Name="/mine/a")["Parameter"]["Value"] == "v"
    # A path is authorized by itself, whatever of its parameters may be read.
    assert len(reader.get_parameters_by_path(Path="/mine")["Parameters"]) == 2
    for call, parameters in [
        (reader.put_parameter, {"Name": "/mine/a", "Value": "w", "Overwrite": True}),
        (reader.get_parameters_by_path, {"Path": "/mine", "Recursive": True}),
        (reader.get_parameter, {"Name": "/mine/b"}),
        (reader.get_parameter, {"Name": "/theirs/a"}),
        (reader.get_parameters, {"Names": ["/mine/a"]}),
        (reader.describe_parameters, {}),
    ]:
        assert code(call, **parameters) == "AccessDeniedException"


# As AWS answers it; what it says of a secret that is not there is asserted on AWS (test_get_inexistent_secret).
def test_a_secret_is_a_parameter(shared_machine, ssm):
    secrets = shared_machine.client("secretsmanager")
    created = secrets.create_secret(Name="as/parameter", SecretString="old")
    secrets.put_secret_value(SecretId="as/parameter", SecretString="new")
    name = "/aws/reference/secretsmanager/as/parameter"
    told = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
    source = json.loads(told.pop("SourceResult"))
    assert told.pop("LastModifiedDate")
    assert told == {"Name": name, "Type": "SecureString", "Value": "new", "Version": 0, "ARN": created["ARN"]}
    assert re.fullmatch(r"[A-Z][a-z]{2} \d{1,2}, \d{4}, \d{1,2}:\d\d:\d\d [AP]M", source.pop("createdDate"))
    assert source.pop("versionId") != created["VersionId"]
    assert source == {"ARN": created["ARN"], "name": "as/parameter", "secretString": "new", "versionStages": ["AWSCURRENT"]}
    for selector in ["AWSPREVIOUS", created["VersionId"]]:
        told = ssm.get_parameter(Name=f"{name}:{selector}", WithDecryption=True)["Parameter"]
        assert (told["Value"], told["Selector"]) == ("old", f":{selector}")
    with pytest.raises(ClientError, match="WithDecryption flag must be True for retrieving a Secret Manager secret."):
        ssm.get_parameter(Name=name)
    missing = f"{name}-not"
    with pytest.raises(ClientError, match=r"\(ParameterNotFound\) when referencing Secrets Manager: Secret aws/reference/\S+ not found."):
        ssm.get_parameter(Name=missing, WithDecryption=True)
    ssm.put_parameter(Name="/beside/a", Value="v", Type="String")
    several = ssm.get_parameters(Names=["/beside/a", name, missing, f"{name}:NONE"], WithDecryption=True)
    assert [parameter["Value"] for parameter in several["Parameters"]] == ["v", "new"]
    assert several["InvalidParameters"] == [missing, f"{name}:NONE"]
    for call, parameters in [(ssm.get_parameter_history, {"Name": name}), (ssm.get_parameters_by_path, {"Path": "/aws/reference/secretsmanager"})]:
        assert code(call, **parameters) == "ValidationException"
    # Both services are asked, in the caller's name.
    allow = lambda action: {"Effect": "Allow", "Action": action, "Resource": "*"}  # noqa: E731
    of_parameter = "arn:aws:ssm:us-east-1:000000000000:parameter/aws/reference/secretsmanager/as/*"
    for number, (statements, expected) in enumerate([
        ([allow("ssm:GetParameter")], "AccessDeniedException"),
        ([allow("secretsmanager:GetSecretValue")], "AccessDeniedException"),
        ([dict(allow("ssm:GetParameter"), Resource=of_parameter), allow("secretsmanager:GetSecretValue")], None),
    ]):
        iam, user = shared_machine.client("iam"), f"both-{number}"
        iam.create_user(UserName=user)
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName=user, PolicyName="p", PolicyDocument=policy)
        key = iam.create_access_key(UserName=user)["AccessKey"]
        keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
        reader = shared_machine.client("ssm", **keys)
        if expected:
            assert code(reader.get_parameter, Name=name, WithDecryption=True) == expected
        else:
            assert reader.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"] == "new"
