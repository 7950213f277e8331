"""Parameter Store and CloudFormation: parameters as resources, and what templates read from them."""

import json

import pytest
from botocore.exceptions import ClientError


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


def message(call, **parameters):
    with pytest.raises(ClientError) as error:
        call(**parameters)
    return error.value.response["Error"]["Message"]


def of_type(kind, **more):
    return {
        "Parameters": {"Given": {"Type": kind, **more}},
        "Resources": {"Group": {"Type": "AWS::Logs::LogGroup"}},
        "Outputs": {"Value": {"Value": {"Ref": "Given"}}},
    }


# Recorded: test_dynamic_ssm_parameter_lookup.
def test_a_parameter_of_a_template_is_read_with_each_update(cloudformation, ssm):
    ssm.put_parameter(Name="/typed/a", Value="one", Type="String")
    template = of_type("AWS::SSM::Parameter::Value<String>", Default="/typed/a")
    template["Resources"]["Derived"] = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Ref": "Given"}}}
    stack, told = create(cloudformation, "typed", template)
    assert stack["Parameters"] == [{"ParameterKey": "Given", "ParameterValue": "/typed/a", "ResolvedValue": "one"}]
    assert told["Value"] == "one"
    assert message(cloudformation.update_stack, StackName="typed", UsePreviousTemplate=True) == "No updates are to be performed."
    ssm.put_parameter(Name="/typed/a", Value="two", Overwrite=True)
    cloudformation.create_change_set(StackName="typed", ChangeSetName="c", UsePreviousTemplate=True)
    of = {"StackName": "typed", "ChangeSetName": "c"}
    described = cloudformation.describe_change_set(**of, IncludePropertyValues=True)
    assert described["Parameters"] == [{"ParameterKey": "Given", "ParameterValue": "/typed/a", "ResolvedValue": "two"}]
    [change] = described["Changes"]
    [detail] = change["ResourceChange"]["Details"]
    assert (detail["Evaluation"], detail["ChangeSource"]) == ("Static", "DirectModification")
    assert (detail["Target"]["BeforeValue"], detail["Target"]["AfterValue"]) == ("one", "two")
    # What was read for the change set is carried out, whatever stands there meanwhile.
    ssm.put_parameter(Name="/typed/a", Value="three", Overwrite=True)
    cloudformation.execute_change_set(**of)
    cloudformation.get_waiter("stack_update_complete").wait(StackName="typed", WaiterConfig={"Delay": 1})
    [output] = cloudformation.describe_stacks(StackName="typed")["Stacks"][0]["Outputs"]
    assert output["OutputValue"] == "two"
    # What was executed leaves its name to another.
    again = cloudformation.create_change_set(StackName="typed", ChangeSetName="c", UsePreviousTemplate=True)["Id"]
    described = cloudformation.describe_change_set(StackName="typed", ChangeSetName="c")
    assert (described["ChangeSetId"], described["Status"]) == (again, "CREATE_COMPLETE")


def test_lists_are_read_as_lists(cloudformation, ssm):
    ssm.put_parameter(Name="/typed/list", Value="a, b,c", Type="StringList")
    for number, kind in enumerate(["List<String>", "CommaDelimitedList"]):
        template = of_type(f"AWS::SSM::Parameter::Value<{kind}>", Default="/typed/list")
        template["Outputs"]["Value"]["Value"] = {"Fn::Join": ["+", {"Ref": "Given"}]}
        assert create(cloudformation, f"lists-{number}", template)[1]["Value"] == "a+b+c"
    assert create(cloudformation, "names", of_type("AWS::SSM::Parameter::Name", Default="/typed/list"))[1]["Value"] == "/typed/list"


def test_what_cannot_be_read_is_refused_in_aws_words(cloudformation, ssm):
    ssm.put_parameter(Name="/typed/secret", Value="v", Type="SecureString")
    value = "AWS::SSM::Parameter::Value<String>"
    given = [{"ParameterKey": "Given", "ParameterValue": "/typed/none"}]

    def refusal(template, **more):
        return message(cloudformation.create_stack, StackName="refused", TemplateBody=json.dumps(template), **more)

    # Recorded: test_resolve_ssm_missing_parameter.
    assert refusal(of_type(value), Parameters=given) == "Parameter Given should either have input value or default value"
    missing = "Unable to fetch parameters [/typed/none] from parameter store for this account."
    assert refusal(of_type(value, Default="/typed/none")) == missing
    assert refusal(of_type("AWS::SSM::Parameter::Name", Default="/typed/none")) == missing
    secure = "Parameters [/typed/secret] referenced by template have types not supported by CloudFormation."
    assert refusal(of_type(value, Default="/typed/secret")) == secure
    image = "AWS::SSM::Parameter::Value<AWS::EC2::Image::Id>"
    assert f"The type {image} of the parameter Given is not supported" in refusal(of_type(image, Default="/a"))


def referring(value, **more):
    return {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": value, **more}}


# Recorded: test_resolve_ssm. Asserted on AWS: test_resolve_ssm_with_version.
def test_a_dynamic_reference_is_its_value_when_the_resource_is_made(cloudformation, ssm):
    ssm.put_parameter(Name="/dynamic/a", Value="one", Type="String")
    ssm.put_parameter(Name="/dynamic/a", Value="two", Overwrite=True)
    template = {
        "Parameters": {"Name": {"Type": "String", "Default": "/dynamic/a:1"}},
        "Resources": {
            "First": referring({"Fn::Join": ["", ["{{resolve:ssm:", {"Ref": "Name"}, "}}"]]}),
            "Latest": referring("{{resolve:ssm:/dynamic/a}}-{{resolve:ssm:/dynamic/a:1}}"),
            "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": "{{resolve:ssm:/dynamic/days}}"}},
        },
        "Outputs": {name: {"Value": {"Fn::GetAtt": [name, "Value"]}} for name in ["First", "Latest"]},
    }
    ssm.put_parameter(Name="/dynamic/days", Value="14", Type="String")
    assert create(cloudformation, "dynamic", template)[1] == {"First": "one", "Latest": "two-one"}
    resources = cloudformation.describe_stack_resources(StackName="dynamic")["StackResources"]
    of = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
    # Another value alone is no change; it is read with the next one.
    ssm.put_parameter(Name="/dynamic/a", Value="three", Overwrite=True)
    update = {"StackName": "dynamic", "TemplateBody": json.dumps(template)}
    assert message(cloudformation.update_stack, **update) == "No updates are to be performed."
    template["Resources"]["Latest"]["Properties"]["Description"] = "changed"
    cloudformation.update_stack(StackName="dynamic", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_update_complete").wait(StackName="dynamic", WaiterConfig={"Delay": 1})
    assert ssm.get_parameter(Name=of["Latest"])["Parameter"]["Value"] == "three-one"
    # What fails goes back to the values that were there.
    template["Resources"]["Latest"]["Properties"]["Description"] = "again"
    ssm.put_parameter(Name="/dynamic/a", Value="four", Overwrite=True)
    template["Resources"]["Wrong"] = dict(referring("x", AllowedPattern="y"), DependsOn="Latest")
    cloudformation.update_stack(StackName="dynamic", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_rollback_complete").wait(StackName="dynamic", WaiterConfig={"Delay": 1})
    assert ssm.get_parameter(Name=of["Latest"])["Parameter"]["Value"] == "three-one"
    cloudformation.delete_stack(StackName="dynamic")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="dynamic", WaiterConfig={"Delay": 1})


def test_a_change_set_shows_references_as_they_are_written(cloudformation, ssm):
    ssm.put_parameter(Name="/shown/a", Value="one", Type="String")
    template = {"Resources": {"One": referring("{{resolve:ssm:/shown/a}}")}}
    create(cloudformation, "shown", template)
    template["Resources"]["One"]["Properties"]["Value"] = "{{resolve:ssm:/shown/a:1}}"
    of = {"StackName": "shown", "ChangeSetName": "c"}
    cloudformation.create_change_set(**of, TemplateBody=json.dumps(template))
    [change] = cloudformation.describe_change_set(**of, IncludePropertyValues=True)["Changes"]
    target = change["ResourceChange"]["Details"][0]["Target"]
    assert (target["BeforeValue"], target["AfterValue"]) == ("{{resolve:ssm:/shown/a}}", "{{resolve:ssm:/shown/a:1}}")


@pytest.mark.parametrize(
    "value, expected",
    [
        ("{{resolve:ssm:/dynamic/none:3}}", "Parameters: [ssm:/dynamic/none:3] cannot be found."),
        ("{{resolve:ssm:/dynamic/secret}}", "Non-secure ssm prefix was used for secure parameter: [ssm:/dynamic/secret]"),
        ("{{resolve:ssm:/a:label}}", "Incorrect format is used in the following SSM reference: [{{resolve:ssm:/a:label}}]"),
        ("{{resolve:ssm-secure:/dynamic/secret}}", "SSM Secure reference is not supported in: [AWS::SSM::Parameter/Properties/Value]"),
        ("{{resolve:secretsmanager:s:SecretBinary}}", "Incorrect format is used in the following SecretsManager reference: "),
        ("{{resolve:other:s}}", "is not supported by the embedded cloud"),
    ],
)
def test_a_reference_that_cannot_be_read_is_refused_at_once(cloudformation, ssm, value, expected):
    ssm.put_parameter(Name="/dynamic/secret", Value="v", Type="SecureString", Overwrite=True)
    template = json.dumps({"Resources": {"One": referring(value)}})
    assert expected in message(cloudformation.create_stack, StackName="unread", TemplateBody=template)
    assert "unread" not in [stack["StackName"] for stack in cloudformation.describe_stacks()["Stacks"]]
