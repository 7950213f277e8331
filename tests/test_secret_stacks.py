"""Secrets in stacks: made with them, generated, and read by dynamic references."""

import json
import string
import time

import pytest
from botocore.exceptions import ClientError


@pytest.fixture(scope="module")
def cloudformation(shared_machine):
    return shared_machine.client("cloudformation")


@pytest.fixture(scope="module")
def secrets(shared_machine):
    return shared_machine.client("secretsmanager")


def deploy(cloudformation, name, template, operation="create", ends="COMPLETE"):
    getattr(cloudformation, f"{operation}_stack")(StackName=name, TemplateBody=json.dumps(template))
    while (stack := cloudformation.describe_stacks(StackName=name)["Stacks"][0])["StackStatus"].endswith("_IN_PROGRESS"):
        time.sleep(0.05)
    events = cloudformation.describe_stack_events(StackName=name)["StackEvents"]
    reasons = [event["ResourceStatusReason"] for event in events if "FAILED" in event["ResourceStatus"]]
    assert stack["StackStatus"] == (f"{operation.upper()}_{ends}" if ends == "COMPLETE" else ends), reasons
    resources = cloudformation.describe_stack_resources(StackName=name)["StackResources"]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())}
    return {resource["LogicalResourceId"]: resource.get("PhysicalResourceId") for resource in resources}, outputs


def delete(cloudformation, name):
    cloudformation.delete_stack(StackName=name)
    cloudformation.get_waiter("stack_delete_complete").wait(StackName=name, WaiterConfig={"Delay": 1})


def secret(**properties):
    return {"Type": "AWS::SecretsManager::Secret", "Properties": properties}


def parameter(value, **more):
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value, **more}}


# Recorded: test_cfn_handle_secretsmanager_secret, `test_cfn_secretsmanager_gen_secret`.
def test_a_secret_is_generated_and_goes_with_its_stack(cloudformation, secrets):
    generate = {
        "SecretStringTemplate": '{"username": "admin"}',
        "GenerateStringKey": "password",
        "PasswordLength": 30,
        "IncludeSpace": False,
        "ExcludePunctuation": True,
    }
    template = {
        "Resources": {
            "Made": secret(Description="Aurora Password", GenerateSecretString=generate),
            "Plain": secret(GenerateSecretString={}),
            "Empty": secret(),
        },
        "Outputs": {"Id": {"Value": {"Fn::GetAtt": ["Made", "Id"]}}},
    }
    made, outputs = deploy(cloudformation, "generated", template)
    assert outputs == {"Id": made["Made"]}
    described = secrets.describe_secret(SecretId=made["Made"])
    assert described["Name"].startswith("Made-") and described["Description"] == "Aurora Password"
    own = {tag["Key"]: tag["Value"] for tag in described["Tags"]}
    assert own["aws:cloudformation:stack-name"] == "generated" and own["aws:cloudformation:logical-id"] == "Made"
    text = secrets.get_secret_value(SecretId=made["Made"])["SecretString"]
    value = json.loads(text)
    assert value.pop("username") == "admin"
    assert len(value["password"]) == 30 and set(value["password"]) <= set(string.ascii_letters + string.digits)
    assert len(secrets.get_secret_value(SecretId=made["Plain"])["SecretString"]) == 32
    assert "VersionIdsToStages" not in secrets.describe_secret(SecretId=made["Empty"])
    # Another description makes no other value; another way to make it does.
    template["Resources"]["Made"]["Properties"]["Description"] = "d"
    deploy(cloudformation, "generated", template, "update")
    assert secrets.get_secret_value(SecretId=made["Made"])["SecretString"] == text
    generate["PasswordLength"] = 40
    deploy(cloudformation, "generated", template, "update")
    assert len(json.loads(secrets.get_secret_value(SecretId=made["Made"])["SecretString"])["password"]) == 40
    delete(cloudformation, "generated")
    with pytest.raises(ClientError, match="Secrets Manager can't find the specified secret."):
        secrets.describe_secret(SecretId=made["Made"])


@pytest.mark.parametrize(
    "properties, expected",
    [
        ({"SecretString": "a", "GenerateSecretString": {}}, "SecretString or GenerateSecretString, not both"),
        ({"GenerateSecretString": {"GenerateStringKey": "k"}}, "GenerateStringKey and SecretStringTemplate must be given together"),
        ({"GenerateSecretString": {"GenerateStringKey": "k", "SecretStringTemplate": "hunter2"}}, "is no JSON object"),
        ({"ReplicaRegions": [{"Region": "eu-west-1"}]}, "ReplicaRegions"),
    ],
)
def test_what_a_secret_cannot_have_is_refused_at_once(cloudformation, properties, expected):
    with pytest.raises(ClientError, match=expected) as error:
        cloudformation.create_stack(StackName="wrong", TemplateBody=json.dumps({"Resources": {"S": secret(**properties)}}))
    assert "hunter2" not in str(error.value)


@pytest.mark.parametrize("kind", ["RotationSchedule", "SecretTargetAttachment"])
def test_other_types_are_refused_by_name(cloudformation, kind):
    resource = {"Type": f"AWS::SecretsManager::{kind}", "Properties": {"SecretId": "s", "TargetId": "t", "TargetType": "AWS::RDS::DBInstance"}}
    with pytest.raises(ClientError, match=f"AWS::SecretsManager::{kind}"):
        cloudformation.create_stack(StackName="wrong", TemplateBody=json.dumps({"Resources": {"R": resource}}))


def test_a_secret_has_one_policy(cloudformation, secrets):
    statement = {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:RotateSecret", "Resource": "*"}
    policy = {
        "Type": "AWS::SecretsManager::ResourcePolicy",
        "Properties": {"SecretId": {"Ref": "S"}, "ResourcePolicy": {"Version": "2012-10-17", "Statement": [statement]}},
    }
    made, _ = deploy(cloudformation, "policy", {"Resources": {"S": secret(), "P": policy}})
    assert made["P"] == made["S"]
    assert json.loads(secrets.get_resource_policy(SecretId=made["S"])["ResourcePolicy"])["Statement"] == [statement]
    other = {"Resources": {"P": dict(policy, Properties=dict(policy["Properties"], SecretId=made["S"]))}}
    deploy(cloudformation, "other-policy", other, ends="ROLLBACK_COMPLETE")
    failed = [event for event in cloudformation.describe_stack_events(StackName="other-policy")["StackEvents"] if event["ResourceStatus"] == "CREATE_FAILED"]
    assert "has a resource policy already" in failed[0]["ResourceStatusReason"]
    assert failed[0]["ResourceStatusReason"].endswith("HandlerErrorCode: AlreadyExists)")
    # Its rollback did not take the other's away.
    assert "ResourcePolicy" in secrets.get_resource_policy(SecretId=made["S"])
    deploy(cloudformation, "policy", {"Resources": {"S": secret()}}, "update")
    assert "ResourcePolicy" not in secrets.get_resource_policy(SecretId=made["S"])


def test_references_are_read_when_the_resource_is_made_or_changed(cloudformation, secrets, shared_machine):
    ssm = shared_machine.client("ssm")
    arn = secrets.create_secret(Name="dynamic/json", SecretString='{"user": "u1", "port": 5432}')["ARN"]
    secrets.create_secret(Name="dynamic/plain", SecretString="hunter2")
    old = secrets.put_secret_value(SecretId="dynamic/json", SecretString='{"user": "u2", "port": 5432}')["VersionId"]
    secrets.put_secret_value(SecretId="dynamic/json", SecretString='{"user": "u3", "port": 5432}')
    of = {
        "Whole": "{{resolve:secretsmanager:dynamic/plain}}",
        "Typed": "{{resolve:secretsmanager:dynamic/plain:SecretString}}",
        "Key": "a-{{resolve:secretsmanager:dynamic/json:SecretString:user}}:{{resolve:secretsmanager:dynamic/json:SecretString:port}}-b",
        "Previous": "{{resolve:secretsmanager:dynamic/json:SecretString:user:AWSPREVIOUS}}",
        "Version": "{{resolve:secretsmanager:dynamic/json:SecretString:user::" + old + "}}",
        "Arn": "{{resolve:secretsmanager:" + arn + ":SecretString:user::}}",
        "Partial": {"Fn::Sub": "{{resolve:secretsmanager:arn:${AWS::Partition}:secretsmanager:${AWS::Region}:${AWS::AccountId}:secret:dynamic/json:SecretString:::}}"},
        # Of the stack's own, which is not there when the template is submitted.
        "Own": {"Fn::Sub": "{{resolve:secretsmanager:${Secret}:SecretString:password}}"},
    }
    template = {
        "Resources": {
            "Secret": secret(GenerateSecretString={"SecretStringTemplate": "{}", "GenerateStringKey": "password"}),
            **{name: parameter(value, Name=f"/secrets/{name}") for name, value in of.items()},
        },
        # In outputs and metadata they are text.
        "Outputs": {"Literal": {"Value": of["Whole"]}},
        "Metadata": {"Literal": of["Whole"]},
    }
    template["Resources"]["Whole"]["Metadata"] = {"Literal": of["Whole"]}
    made, outputs = deploy(cloudformation, "dynamic-secrets", template)
    values = {name: ssm.get_parameter(Name=f"/secrets/{name}")["Parameter"]["Value"] for name in of}
    own = json.loads(secrets.get_secret_value(SecretId=made["Secret"])["SecretString"])["password"]
    assert values == {
        "Whole": "hunter2",
        "Typed": "hunter2",
        "Key": "a-u3:5432-b",
        "Previous": "u2",
        "Version": "u2",
        "Arn": "u3",
        "Partial": '{"user": "u3", "port": 5432}',
        "Own": own,
    }
    assert outputs == {"Literal": of["Whole"]}
    # Whatever is told of the stack has the references.
    stack = {"StackName": "dynamic-secrets"}
    told = [
        cloudformation.describe_stack_events(**stack),
        cloudformation.describe_stack_resources(**stack),
        cloudformation.describe_stack_resource(**stack, LogicalResourceId="Whole"),
        cloudformation.get_template(**stack),
        cloudformation.get_template_summary(**stack),
    ]
    assert "hunter2" not in str(told) and own not in str(told)
    assert json.loads(told[2]["StackResourceDetail"]["Metadata"]) == {"Literal": of["Whole"]}
    assert any(of["Whole"] in event.get("ResourceProperties", "") for event in told[0]["StackEvents"])
    # Another value is no change, and what cannot be read any more fails nobody who does not change.
    secrets.put_secret_value(SecretId="dynamic/plain", SecretString="hunter3")
    with pytest.raises(ClientError, match="No updates are to be performed."):
        cloudformation.update_stack(**stack, TemplateBody=json.dumps(template))
    secrets.delete_secret(SecretId="dynamic/json", ForceDeleteWithoutRecovery=True)
    template["Resources"]["Whole"]["Properties"]["Description"] = "changed"
    cloudformation.create_change_set(**stack, ChangeSetName="c", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("change_set_create_complete").wait(**stack, ChangeSetName="c", WaiterConfig={"Delay": 1})
    assert "hunter" not in str(cloudformation.describe_change_set(**stack, ChangeSetName="c", IncludePropertyValues=True))
    deploy(cloudformation, "dynamic-secrets", template, "update")
    assert ssm.get_parameter(Name="/secrets/Whole")["Parameter"]["Value"] == "hunter3"
    assert ssm.get_parameter(Name="/secrets/Typed")["Parameter"]["Value"] == "hunter2"
    delete(cloudformation, "dynamic-secrets")


# AWS's texts, as its users report them; it tells of them by the resource, not by the request.
@pytest.mark.parametrize(
    "reference, expected",
    [
        ("dynamic/text:SecretString:k", "Could not parse SecretString JSON"),
        ("dynamic/keys:SecretString:k", "Could not find a value associated with JSONKey in SecretString"),
        ("dynamic/none", "Secrets Manager can't find the specified secret. (Service: AWSSecretsManager; Status Code: 400; Error Code: ResourceNotFoundException; Request ID: "),
    ],
)
def test_a_reference_that_cannot_be_read_fails_its_resource(cloudformation, secrets, reference, expected):
    for name, value in [("dynamic/text", "hunter2"), ("dynamic/keys", '{"a": "hunter2"}')]:
        secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
        secrets.create_secret(Name=name, SecretString=value)
    deploy(cloudformation, "unreadable", {"Resources": {"P": parameter("{{resolve:secretsmanager:" + reference + "}}")}}, ends="ROLLBACK_COMPLETE")
    events = cloudformation.describe_stack_events(StackName="unreadable")["StackEvents"]
    [failed] = [event for event in events if event["ResourceStatus"] == "CREATE_FAILED"]
    assert failed["ResourceStatusReason"].startswith(expected)
    assert "hunter2" not in str(events)
    delete(cloudformation, "unreadable")


def test_a_secure_parameter_is_for_the_properties_that_aws_names(cloudformation):
    template = {"Resources": {"P": parameter("{{resolve:ssm-secure:p:1}}")}}
    with pytest.raises(ClientError, match=r"SSM Secure reference is not supported in: \[AWS::SSM::Parameter/Properties/Value\]"):
        cloudformation.create_stack(StackName="secure", TemplateBody=json.dumps(template))
    user = {"Type": "AWS::IAM::User", "Properties": {"LoginProfile": {"Password": "{{resolve:ssm-secure:p:1}}"}}}
    with pytest.raises(ClientError, match="LoginProfile"):
        cloudformation.create_stack(StackName="secure", TemplateBody=json.dumps({"Resources": {"U": user}}), Capabilities=["CAPABILITY_IAM"])
