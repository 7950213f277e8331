"""AWS's own managed policies."""

import json

import pytest
from botocore.exceptions import ClientError

TRUST = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
AWS = "arn:aws:iam::aws:policy/"


def test_they_are_there_with_their_documents(shared_machine):
    iam = shared_machine.client("iam")
    role = iam.create_role(RoleName="managed", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["RoleName"]
    names = ["service-role/AWSLambdaKinesisExecutionRole", "AmazonKinesisFullAccess", "ReadOnlyAccess", "job-function/ViewOnlyAccess"]
    for name in names:
        arn = AWS + name
        iam.attach_role_policy(RoleName=role, PolicyArn=arn)
        policy = iam.get_policy(PolicyArn=arn)["Policy"]
        assert (policy["Arn"], policy["AttachmentCount"]) == (arn, 1)
        version = iam.get_policy_version(PolicyArn=arn, VersionId=policy["DefaultVersionId"])["PolicyVersion"]
        assert version["Document"]["Statement"] and version["IsDefaultVersion"]
    attached = iam.list_policies(Scope="AWS", OnlyAttached=True)["Policies"]
    assert {AWS + name for name in names} <= {policy["Arn"] for policy in attached}
    pages = iam.get_paginator("list_policies").paginate(Scope="AWS", PaginationConfig={"PageSize": 500})
    sizes = [len(page["Policies"]) for page in pages]
    assert sum(sizes) > 1500 and set(sizes[:-1]) == {500}
    under = iam.list_policies(Scope="AWS", PathPrefix="/job-function/")["Policies"]
    assert under and all(policy["Path"] == "/job-function/" for policy in under)
    for name in names:
        iam.detach_role_policy(RoleName=role, PolicyArn=AWS + name)
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []


@pytest.mark.parametrize(
    "name, code",
    [
        # AWS took it back in 2021.
        ("AWSLambdaFullAccess", "NoSuchEntity"),
        ("Nonsense", "NoSuchEntity"),
        ("aws-service-role/AWSSupportServiceRolePolicy", "PolicyNotAttachable"),
    ],
)
def test_what_aws_does_not_let_one_attach(shared_machine, name, code):
    iam = shared_machine.client("iam")
    role = f"managed-{name.split('/')[-1]}"
    iam.create_role(RoleName=role, AssumeRolePolicyDocument=json.dumps(TRUST))
    with pytest.raises(ClientError) as error:
        iam.attach_role_policy(RoleName=role, PolicyArn=AWS + name)
    assert error.value.response["Error"]["Code"] == code


def test_a_stack_attaches_them(shared_machine):
    formation = shared_machine.client("cloudformation")
    role = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST, "ManagedPolicyArns": [AWS + "AmazonEventBridgeFullAccess"]}}
    formation.create_stack(StackName="managed", TemplateBody=json.dumps({"Resources": {"Role": role}}), Capabilities=["CAPABILITY_IAM"])
    formation.get_waiter("stack_create_complete").wait(StackName="managed", WaiterConfig={"Delay": 1})
    name = formation.describe_stack_resource(StackName="managed", LogicalResourceId="Role")["StackResourceDetail"]["PhysicalResourceId"]
    attached = shared_machine.client("iam").list_attached_role_policies(RoleName=name)["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AmazonEventBridgeFullAccess"]


def test_names_and_paths_are_refused_in_iams_words(shared_machine):
    """As clients' issues quote them: cloud/iam/src/dialect.rs. Lengths come first, and are told as other services tell them."""
    iam = shared_machine.client("iam")
    ends = "It must begin and end with / and contain only alphanumeric characters and/or / characters."
    begins = "It must begin with the / character and contain only alphanumeric characters and/or / characters."
    name = "It must contain only alphanumeric characters and/or the following: +=,.@_-"
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    for call, told in [
        (lambda: iam.create_user(UserName="u", Path="a/"), f"The specified value for path is invalid. {ends}"),
        (lambda: iam.create_group(GroupName="g", Path="/a"), f"The specified value for path is invalid. {ends}"),
        (lambda: iam.create_role(RoleName="r", Path="//", AssumeRolePolicyDocument=trust), "value for path is invalid"),
        (lambda: iam.create_policy(PolicyName="p", Path="/a//b/", PolicyDocument=trust), "value for path is invalid"),
        (lambda: iam.update_user(UserName="u", NewPath="x"), f"The specified value for newPath is invalid. {ends}"),
        (lambda: iam.update_group(GroupName="g", NewPath="x"), f"The specified value for newPath is invalid. {ends}"),
        (lambda: iam.list_users(PathPrefix="x"), f"The specified value for pathPrefix is invalid. {begins}"),
        (lambda: iam.list_roles(PathPrefix="x"), f"The specified value for pathPrefix is invalid. {begins}"),
        (lambda: iam.list_policies(PathPrefix="/x"), f"The specified value for pathPrefix is invalid. {ends}"),
        (lambda: iam.get_role(RoleName="a:b"), f"The specified value for roleName is invalid. {name}"),
        (lambda: iam.get_role(RoleName=":" * 65), "1 validation error detected: Value '"),
    ]:
        with pytest.raises(ClientError) as error:
            call()
        assert error.value.response["Error"]["Code"] == "ValidationError"
        assert told in error.value.response["Error"]["Message"]
