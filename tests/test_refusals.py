"""What AWS refuses is refused, at once and by name; what fails leaves nothing."""

import json
import re
import textwrap

import boto3
import botocore.exceptions
import pytest

from conftest import ROOT

LOG_GROUP = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "left-behind"}}


def nothing_is_left(machine):
    stacks = machine.client("cloudformation").list_stacks(StackStatusFilter=["CREATE_COMPLETE", "ROLLBACK_FAILED"])
    groups = machine.client("logs").describe_log_groups()["logGroups"]
    return not stacks["StackSummaries"] and not groups


def refused(machine, resources, names, **arguments):
    """CreateStack answers with a ValidationError whose text has all of `names`."""
    body = json.dumps({"Resources": {"Good": LOG_GROUP, **resources}})
    with pytest.raises(botocore.exceptions.ClientError) as error:
        machine.client("cloudformation").create_stack(StackName="refused", TemplateBody=body, **arguments)
    text = str(error.value)
    for name in names:
        assert name in text, text
    assert nothing_is_left(machine)
    return error.value.response["Error"]["Code"]


@pytest.mark.parametrize(
    "resource, names",
    [
        ({"Type": "AWS::Logs::LogGroup", "Properties": {"Retention": 7}}, ["Retention"]),
        ({"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": "soon"}}, ["RetentionInDays"]),
        ({"Type": "AWS::Lambda::Function", "Properties": {"Code": {"ZipFile": ""}}}, ["Role"]),
        ({"Type": "AWS::Logs::Group"}, ["AWS::Logs::Group"]),
        ({"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.0.0.0/16"}}, ["AWS::EC2::VPC", "not supported"]),
    ],
    ids=["unknown property", "wrong type", "missing property", "unknown type", "unsupported type"],
)
def test_bad_resources_fail_before_anything_is_created(shared_machine, resource, names):
    refused(shared_machine, {"Bad": resource}, names)


def test_an_attribute_that_the_resource_lacks(shared_machine):
    bad = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": {"Fn::GetAtt": ["Good", "Colour"]}}}
    refused(shared_machine, {"Bad": bad}, ["Colour"])


def test_iam_resources_need_the_capability(shared_machine):
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}}
    code = refused(shared_machine, {"Role": role}, ["CAPABILITY_IAM"])
    assert code == "InsufficientCapabilitiesException"


@pytest.mark.parametrize("bad", [{"Runtime": "python2.99"}, {"Timeout": 100000}])
def test_a_runtime_and_a_timeout_that_do_not_exist(shared_machine, bad):
    function = {
        "FunctionName": "f", "Runtime": "python3.12", "Role": "arn:aws:iam::000000000000:role/r", "Handler": "a.b",
        "Code": {"ZipFile": b"x"}, **bad,
    }
    with pytest.raises(botocore.exceptions.ClientError) as error:
        shared_machine.client("lambda").create_function(**function)
    assert error.value.response["Error"]["Code"] in ("InvalidParameterValueException", "ValidationException")
    assert "failed to satisfy constraint" in str(error.value)


@pytest.mark.parametrize("service, call", [("sts", "get_caller_identity"), ("s3", "list_buckets"), ("dynamodb", "list_tables"), ("lambda", "list_functions")])
@pytest.mark.parametrize("wrong", ["key", "secret"])
def test_a_wrong_access_key(shared_machine, service, call, wrong):
    arguments = {"aws_access_key_id": "AKIAIOSFODNN7EXAMPLE"} if wrong == "key" else {"aws_secret_access_key": "wrong"}
    with pytest.raises(botocore.exceptions.ClientError) as error:
        getattr(shared_machine.client(service, **arguments), call)()
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] in (400, 403)
    expected = {
        "key": {"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId"},
        "secret": {"SignatureDoesNotMatch", "InvalidSignatureException"},
    }
    assert error.value.response["Error"]["Code"] in expected[wrong]


def test_a_failing_resource_rolls_the_stack_back(shared_machine):
    # The bucket's name is taken, which only its creation can find out.
    s3 = shared_machine.client("s3")
    s3.create_bucket(Bucket="taken-by-somebody")
    other = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "taken-by-somebody"}, "DependsOn": "Good"}
    cloudformation = shared_machine.client("cloudformation")
    body = json.dumps({"Resources": {"Good": LOG_GROUP, "Bad": other}})
    cloudformation.create_stack(StackName="rolled-back", TemplateBody=body)
    with pytest.raises(botocore.exceptions.WaiterError):
        cloudformation.get_waiter("stack_create_complete").wait(StackName="rolled-back", WaiterConfig={"Delay": 1})
    stack = cloudformation.describe_stacks(StackName="rolled-back")["Stacks"][0]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    events = cloudformation.describe_stack_events(StackName="rolled-back")["StackEvents"]
    failed = [e for e in events if e["ResourceStatus"] == "CREATE_FAILED"]
    assert [e["LogicalResourceId"] for e in failed] == ["Bad"]
    assert shared_machine.client("logs").describe_log_groups()["logGroups"] == []
    cloudformation.delete_stack(StackName="rolled-back")
    s3.delete_bucket(Bucket="taken-by-somebody")


def test_what_is_not_supported_is_named(shared_machine):
    with pytest.raises(botocore.exceptions.ClientError) as error:
        arn = "arn:aws:signer:us-east-1:000000000000:/signing-profiles/p/v"
        shared_machine.client("lambda").create_code_signing_config(AllowedPublishers={"SigningProfileVersionArns": [arn]})
    assert "CreateCodeSigningConfig" in str(error.value)


def test_a_failed_first_deployment_leaves_nothing(machine, project):
    folder = project("fizzbuzz")
    machine.run("init", "fizzbuzz:fizzbuzz", cwd=folder)
    config = folder / "slam.yaml"
    config.write_text(
        "name: fizzbuzz\napp: fizzbuzz:fizzbuzz\n"
        + textwrap.dedent(
            """
            resources:
              Broken:
                Type: AWS::IAM::Policy
                Properties:
                  PolicyName: broken
                  PolicyDocument: {Version: "2012-10-17", Statement: []}
                  Roles: [no-such-role]
            """
        )
    )
    failed = machine.run("deploy", cwd=folder, code=1)
    assert "Broken" in failed.stderr
    stacks = machine.client("cloudformation").describe_stacks()["Stacks"]
    assert stacks == []
    assert machine.client("lambda").list_functions()["Functions"] == []
    assert machine.client("s3").list_buckets()["Buckets"] == []
    assert machine.client("iam").list_roles()["Roles"] == []
    assert machine.client("logs").describe_log_groups()["logGroups"] == []


def test_every_runtime_that_slam_proposes_is_one_that_the_cloud_has(shared_machine, tmp_path):
    """The list of the hint, that of AWS's message, and the manual's are one."""
    (tmp_path / "slam.yaml").write_text("name: x\napp: m:a\nruntime: cobol\n")
    hint = shared_machine.run("build", cwd=tmp_path, code=2).stderr
    proposed = set(re.findall(r"\b(?:python3\.|nodejs|java|dotnet|ruby|provided)[\w.]*", " ".join(hint.split())))
    assert len(proposed) > 15, hint
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        shared_machine.client("lambda").create_function(
            FunctionName="f", Runtime="cobol", Handler="h.h", Role="arn:aws:iam::000000000000:role/r", Code={"ZipFile": b"x"}
        )
    offered = set(re.search(r"enum value set: \[(.*?)\]", str(refused.value))[1].split(", "))
    assert proposed <= offered
    manual = (ROOT / "docs" / "embedded-cloud.md").read_text()
    newest = max((name for name in proposed if name.startswith("python3.")), key=lambda name: int(name.split(".")[1]))
    assert f"… `{newest}`" in manual
