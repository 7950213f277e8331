"""Members of inputs that the cloud does not carry out are refused by name, unless they ask for nothing."""

import json

import pytest
from botocore.exceptions import ClientError

TEMPLATE = json.dumps({"Resources": {"Group": {"Type": "AWS::Logs::LogGroup"}}})
NESTED = json.dumps({"Resources": {"Inner": {"Type": "AWS::CloudFormation::Stack", "Properties": {"TemplateURL": "https://s3.amazonaws.com/b/k"}}}})

REFUSED = [
    ("logs", "create_log_group", {"logGroupName": "g", "kmsKeyId": "k"}, "the parameter kmsKeyId of CreateLogGroup"),
    ("logs", "create_log_group", {"logGroupName": "g", "logGroupClass": "INFREQUENT_ACCESS"}, "the parameter logGroupClass of CreateLogGroup"),
    ("logs", "describe_log_groups", {"accountIdentifiers": ["000000000001"]}, "the parameter accountIdentifiers of DescribeLogGroups"),
    ("lambda", "update_function_code", {"FunctionName": "f", "ZipFile": b"", "PublishTo": "LATEST_PUBLISHED"}, "the parameter PublishTo of UpdateFunctionCode"),
    ("lambda", "update_function_configuration", {"FunctionName": "f", "VpcConfig": {"SubnetIds": ["subnet-1"]}}, "the parameter VpcConfig.SubnetIds of UpdateFunctionConfiguration"),
    ("lambda", "update_function_configuration", {"FunctionName": "f", "SnapStart": {"ApplyOn": "PublishedVersions"}}, "the parameter SnapStart.ApplyOn of"),
    ("apigateway", "create_rest_api", {"name": "a", "securityPolicy": "TLS_1_2"}, "the parameter securityPolicy of CreateRestApi"),
    ("dynamodb", "update_table", {"TableName": "t", "ReplicaUpdates": [{"Create": {"RegionName": "eu-west-1"}}]}, "the parameter ReplicaUpdates of UpdateTable"),
    # What nothing here would search (SearchVectors is refused).
    (
        "dynamodb",
        "update_table",
        {"TableName": "t", "VectorIndexUpdates": [{"Delete": {"IndexName": "vectors"}}]},
        "the parameter VectorIndexUpdates of UpdateTable",
    ),
    ("sts", "get_session_token", {"SerialNumber": "arn:aws:iam::000000000000:mfa/m"}, "the parameter SerialNumber of GetSessionToken"),
    ("cloudformation", "create_stack", {"StackName": "s", "TemplateBody": TEMPLATE, "NotificationARNs": ["arn:aws:sns:us-east-1:000000000000:t"]}, "the parameter NotificationARNs of CreateStack"),
    ("cloudformation", "create_stack", {"StackName": "s", "TemplateBody": TEMPLATE, "DeploymentConfig": {"Mode": "EXPRESS"}}, "the parameter DeploymentConfig.Mode of CreateStack"),
    ("cloudformation", "delete_stack", {"StackName": "s", "DeploymentConfig": {"Mode": "EXPRESS"}}, "the parameter DeploymentConfig of DeleteStack"),
    ("cloudformation", "continue_update_rollback", {"StackName": "s", "ForceRollback": True}, "the parameter ForceRollback of ContinueUpdateRollback"),
    ("cloudformation", "rollback_stack", {"StackName": "s", "RetainExceptOnCreate": True}, "the parameter RetainExceptOnCreate of RollbackStack"),
    (
        "cloudformation",
        "create_change_set",
        {"StackName": "s", "ChangeSetName": "c", "ChangeSetType": "CREATE", "TemplateBody": NESTED, "IncludeNestedStacks": True},
        "the parameter IncludeNestedStacks of CreateChangeSet",
    ),
]


@pytest.mark.parametrize("service, operation, members, name", REFUSED)
def test_what_asks_for_something_is_refused_by_name(shared_machine, service, operation, members, name):
    with pytest.raises(ClientError) as error:
        getattr(shared_machine.client(service), operation)(**members)
    answer = error.value.response["Error"]
    assert answer["Code"] == "NotImplemented" and name in answer["Message"], answer
    assert shared_machine.client("logs").describe_log_groups()["logGroups"] == []
    assert shared_machine.client("cloudformation").list_stacks()["StackSummaries"] == []


def test_what_asks_for_nothing_is_taken(shared_machine):
    logs = shared_machine.client("logs")
    logs.create_log_group(logGroupName="g", logGroupClass="STANDARD", deletionProtectionEnabled=False)
    assert logs.describe_log_groups(accountIdentifiers=[], includeLinkedAccounts=False)["logGroups"]
    stacks = shared_machine.client("cloudformation")
    stacks.create_stack(
        StackName="s",
        TemplateBody=TEMPLATE,
        NotificationARNs=[],
        DisableValidation=False,
        DeploymentConfig={"Mode": "STANDARD"},
        RollbackConfiguration={"RollbackTriggers": [], "MonitoringTimeInMinutes": 0},
    )
    stacks.get_waiter("stack_create_complete").wait(StackName="s", WaiterConfig={"Delay": 1})
