"""What CloudFormation's operations are about."""

import json
import time

import operations

from members.subject import Subject, each

WAITING = "IN_PROGRESS"


def template(groups=("one",), days=3, **more):
    """Log groups of a stack; the first has a parameter's days."""
    resources = {name: {"Type": "AWS::Logs::LogGroup", "Properties": {}} for name in groups}
    resources[groups[0]]["Properties"] = {"RetentionInDays": {"Ref": "Days"}}
    return {"Parameters": {"Days": {"Type": "Number", "Default": days}}, "Resources": resources, **more}


ROLE = {"Type": "AWS::IAM::Role", "Properties": {"RoleName": "{name}-named", "AssumeRolePolicyDocument": json.loads(operations.TRUST)}}
# A policy of a bucket that there is not: the stack fails.
FAILING = template(groups=("one", "two"))
FAILING["Resources"]["kept"] = {"Type": "AWS::Logs::LogGroup", "DeletionPolicy": "Retain"}
FAILING["Resources"]["two"] = {
    "Type": "AWS::S3::BucketPolicy",
    "DependsOn": ["one", "kept"],
    "Properties": {"Bucket": "members-nowhere", "PolicyDocument": json.loads(operations.POLICY)},
}
NAMED = template()
NAMED["Resources"]["role"] = ROLE
POLICY = json.dumps({"Statement": [{"Effect": "Deny", "Action": "Update:*", "Principal": "*", "Resource": "*"}]})
ALLOW = POLICY.replace("Deny", "Allow")
TEMPLATES = {"plain": template(), "two": template(groups=("one", "two")), "failing": FAILING, "named": NAMED}
JSON = {name: json.dumps(value) for name, value in TEMPLATES.items()}
SEVEN = [{"ParameterKey": "Days", "ParameterValue": "7"}]
STACK = {"StackName": lambda subject: subject.made.get("StackId") or subject.name}


class Recipe(Subject):
    SERVICE = "cloudformation"
    CreateStack_StackName = "{name}"
    ChangeSetName, CreateChangeSet_ChangeSetName = "kept", "new"
    CreateChangeSet_ChangeSetType = "CREATE"
    TemplateBody = JSON["two"]
    LogicalResourceId = "one"
    ParameterKey, ParameterValue, UsePreviousValue = "Days", "7", True
    Parameters = SEVEN
    Tags = [{"Key": "a", "Value": "b"}]
    Capabilities = ["CAPABILITY_NAMED_IAM"]
    ResourceTypes = ["AWS::S3::*"]
    StackPolicyBody = POLICY
    StackPolicyDuringUpdateBody = ALLOW
    Description = "of {name}"
    ClientRequestToken = ClientToken = "token-{name}"
    StackStatusFilter = ["DELETE_COMPLETE"]
    OnFailure = "DELETE"
    RetainResources = ["two"]
    ResourcesToSkip = ["one"]
    TimeoutInMinutes = 7
    BASE = {
        "CreateStack": {"TemplateBody": JSON["plain"]},
        "UpdateStack": {"TemplateBody": JSON["two"]},
        "CreateChangeSet": {"TemplateBody": JSON["two"]},
        "DescribeChangeSet": {"StackName": "{name}"},
        "ExecuteChangeSet": {"StackName": "{name}"},
        "DeleteChangeSet": {"StackName": "{name}"},
        "GetTemplate": {"StackName": "{name}"},
        "GetTemplateSummary": {"TemplateBody": JSON["plain"]},
        "ValidateTemplate": {"TemplateBody": JSON["plain"]},
        "DescribeStackResources": {"StackName": "{name}"},
    }
    TOGETHER = {
        **each(
            "CreateStack UpdateStack",
            "DisableRollback DeploymentConfig.DisableRollback RetainExceptOnCreate",
            {"TemplateBody": JSON["failing"]},
        ),
        **each("ExecuteChangeSet", "DisableRollback RetainExceptOnCreate", {"ChangeSetName": "failing"}),
        ("CreateStack", "OnFailure"): {"TemplateBody": JSON["failing"]},
        ("CreateChangeSet", "RoleARN"): {"ChangeSetName": "executed"},
        ("CreateChangeSet", "ChangeSetType"): {"StackName": "{name}-new"},
        **each("CreateStack UpdateStack CreateChangeSet", "Parameters.ParameterKey Parameters.ParameterValue", {"Parameters": SEVEN}),
        **each("UpdateStack CreateChangeSet", "Parameters.UsePreviousValue", {"Parameters": [{"ParameterKey": "Days"}]}),
        ("DescribeStackResources", "PhysicalResourceId"): {"StackName": None},
        ("DeleteStack", "RetainResources"): {"StackName": lambda subject: subject.stuck()},
        ("UpdateStack", "StackPolicyDuringUpdateBody"): {"StackName": lambda subject: subject.protected()},
        **each("ListChangeSets ListStackResources DescribeStackEvents", "NextToken", {"StackName": lambda subject: subject.large()}),
        ("DescribeChangeSet", "NextToken"): {"StackName": lambda subject: subject.large(), "ChangeSetName": "large"},
        **each("CreateStack UpdateStack CreateChangeSet", "Capabilities", {"TemplateBody": JSON["named"]}),
        **each("CreateStack UpdateStack CreateChangeSet", "TemplateURL", {"TemplateBody": None}),
        **each("GetTemplateSummary ValidateTemplate", "TemplateURL", {"TemplateBody": None}),
        ("GetTemplateSummary", "StackName"): {"TemplateBody": None},
        **each("UpdateStack CreateChangeSet", "UsePreviousTemplate", {"TemplateBody": None, "Parameters": SEVEN}),
    }
    REFUSES = {**each("CreateStack UpdateStack CreateChangeSet", "ResourceTypes", ("ValidationError",))}
    LOOK = {
        "DescribeStacks": STACK,
        "DescribeStackEvents": STACK,
        "DescribeStackResources": STACK,
        "GetTemplate": STACK,
        "DescribeChangeSet": {"StackName": "{name}", "IncludePropertyValues": True},
        "GetTemplateSummary": None,
        "ValidateTemplate": None,
        "ListExports": None,
    }

    @property
    def client(self):
        return self.world.client("cloudformation")

    def settle(self, arguments):
        name = self.made.get("StackId") or self.name
        while True:
            stacks = self.world.call("cloudformation", "DescribeStacks", {"StackName": name}).get("Stacks", [])
            states = [stack["StackStatus"] for stack in stacks]
            if "ChangeSetName" in arguments:
                of = {"StackName": name, "ChangeSetName": arguments["ChangeSetName"]}
                found = self.world.call("cloudformation", "DescribeChangeSet", of)
                states += [found.get("Status", ""), found.get("ExecutionStatus", "")]
            if not any(state.endswith(WAITING) or "PENDING" in state for state in states):
                break
            time.sleep(0.01)
        if arguments.get("ChangeSetName") == "executed":
            self.client.execute_change_set(StackName=self.name, ChangeSetName="executed")
            self.settle({})

    def stack(self, body):
        """Makes a stack with this subject's name."""
        days = [{"ParameterKey": "Days", "ParameterValue": "5"}]
        stack = self.client.create_stack(StackName=self.name, TemplateBody=body.replace("{name}", self.name), Parameters=days)
        self.made["StackId"] = stack["StackId"]
        self.own.add("StackId")
        self.settle({})

    def begin(self):
        if self.operation not in ("DeleteStack", "UpdateStack", "CreateStack", "CreateChangeSet", "GetTemplateSummary", "ValidateTemplate"):
            self.value("StackName")
        if self.operation == "ListExports":
            self.large()

    def StackName(self):
        if "StackId" not in self.made:
            self.made["StackId"] = ""
            self.stack(JSON["two"] if self.operation == "DescribeStackResources" else JSON["plain"])
            if "ChangeSet" in self.operation and self.operation != "CreateChangeSet" or self.operation == "GetTemplate":
                for name in ("kept", "other"):
                    change = {"StackName": self.name, "ChangeSetName": name}
                    self.client.create_change_set(**change, TemplateBody=JSON["two"].replace("3", "1"))
                    self.settle(change)
                change["ChangeSetName"] = "failing"
                self.client.create_change_set(**change, TemplateBody=JSON["failing"])
                self.settle(change)
        return self.name

    def protected(self):
        """A stack whose policy forbids updates."""
        self.client.set_stack_policy(StackName=self.value("StackName"), StackPolicyBody=POLICY)
        return self.name

    def stuck(self):
        """A stack that could not be deleted."""
        s3 = self.world.client("s3")
        body = template()
        body["Resources"]["two"] = {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": f"{self.name}-stuck"}}
        self.client.update_stack(StackName=self.value("StackName"), TemplateBody=json.dumps(body))
        self.settle({})
        s3.put_object(Bucket=f"{self.name}-stuck", Key="k")
        self.client.delete_stack(StackName=self.name)
        self.settle({})
        return self.name

    def failed(self):
        """A stack whose update failed half-way."""
        self.stack(JSON["plain"])
        self.client.update_stack(StackName=self.name, TemplateBody=JSON["failing"], DisableRollback=True)
        self.settle({})
        if self.operation == "ContinueUpdateRollback":
            self.world.client("logs").delete_log_group(logGroupName=self.physical("one"))
            self.client.rollback_stack(StackName=self.name)
            self.settle({})
        return self.name

    RollbackStack_StackName = ContinueUpdateRollback_StackName = failed

    def physical(self, logical):
        told = self.client.describe_stack_resource(StackName=self.name, LogicalResourceId=logical)
        return told["StackResourceDetail"]["PhysicalResourceId"]

    def large(self):
        """A stack with more of everything than a page has."""
        return self.world.once(f"large stack {self.operation == 'ListChangeSets'}", self.make_large)

    def make_large(self):
        handles = {f"H{number:03}": {"Type": "AWS::CloudFormation::WaitConditionHandle"} for number in range(101)}
        outputs = {name: {"Value": name, "Export": {"Name": f"{self.name}-{name}"}} for name in handles}
        body = template(Outputs=outputs)
        body["Resources"] |= handles
        large = Recipe(self.world, "CreateStack")
        large.stack(json.dumps(body))
        body["Resources"] |= {name.replace("H", "I"): handle for name, handle in handles.items()}
        for number in range(101 if self.operation == "ListChangeSets" else 1):
            change = {"StackName": large.name, "ChangeSetName": f"large{number or ''}"}
            self.client.create_change_set(**change, TemplateBody=json.dumps(body) if number == 0 else JSON["plain"])
            large.settle(change)
        return large.name

    def PhysicalResourceId(self):
        self.value("StackName")
        return self.physical("one")

    def TemplateURL(self):
        return self.world.once("template", self.stored)

    def stored(self):
        s3 = self.world.client("s3")
        s3.create_bucket(Bucket="cloudformation-members")
        s3.put_object(Bucket="cloudformation-members", Key="template", Body=JSON["two"])
        return "https://s3.amazonaws.com/cloudformation-members/template"

    def RoleARN(self):
        return self.world.once("cloudformation role", self.role)

    def powerless(self):
        """A role that may do nothing."""
        trust = operations.TRUST.replace("lambda", "cloudformation")
        return self.world.client("iam").create_role(RoleName=f"{self.name}-cfn", AssumeRolePolicyDocument=trust)["Role"]["Arn"]

    CreateChangeSet_RoleARN = ContinueUpdateRollback_RoleARN = DeleteStack_RoleARN = RollbackStack_RoleARN = powerless

    def role(self):
        """A role that may do everything."""
        role = self.powerless()
        everything = "arn:aws:iam::aws:policy/AdministratorAccess"
        self.world.client("iam").attach_role_policy(RoleName=f"{self.name}-cfn", PolicyArn=everything)
        return role
