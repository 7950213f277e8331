"""Parameter Store and CloudFormation: parameters as resources."""

import json

import pytest


@pytest.fixture(scope="module")
def cloudformation(shared_machine):
    return shared_machine.client("cloudformation")


@pytest.fixture(scope="module")
def ssm(shared_machine):
    return shared_machine.client("ssm")


def create(cloudformation, name, template, **more):
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template), **more)
    cloudformation.get_waiter("stack_create_complete").wait(StackName=name, WaiterConfig={"Delay": 1})
    stack = cloudformation.describe_stacks(StackName=name)["Stacks"][0]
    return stack, {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def test_a_parameter_without_a_name_is_named_as_no_stack(cloudformation, ssm):
    resource = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "StringList", "Value": "a,b"}}
    outputs = {"Name": {"Value": {"Ref": "Parameter"}}, "Kind": {"Value": {"Fn::GetAtt": ["Parameter", "Type"]}}}
    # A name with this beginning is refused by Parameter Store.
    _, told = create(cloudformation, "ssm-named", {"Resources": {"Parameter": resource}, "Outputs": outputs})
    assert told["Name"].startswith("CFN-Parameter-") and told["Kind"] == "StringList"
    assert ssm.get_parameter(Name=told["Name"])["Parameter"]["Value"] == "a,b"
    cloudformation.delete_stack(StackName="ssm-named")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="ssm-named", WaiterConfig={"Delay": 1})
    assert ssm.get_parameters(Names=[told["Name"]])["Parameters"] == []
