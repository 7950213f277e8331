"""What IAM's operations are about."""

import operations

from members.subject import Subject

OTHER = operations.POLICY.replace("logs:*", "s3:*")


class Recipe(Subject):
    SERVICE = "iam"
    Path = NewPath = PathPrefix = "/members/"
    PolicyDocument, AssumeRolePolicyDocument = operations.POLICY, operations.TRUST
    UpdateAssumeRolePolicy_PolicyDocument = operations.TRUST
    Description = "of {name}"
    PermissionsBoundary = "arn:aws:iam::aws:policy/AdministratorAccess"
    Tags = [{"Key": "a", "Value": "b"}]
    TagKeys = ["first"]
    NewUserName = NewGroupName = "{name}-new"
    PolicyName = "{name}-policy"
    CreateUser_UserName = CreateRole_RoleName = CreateGroup_GroupName = "{name}"
    CreatePolicy_PolicyName = "{name}"
    VersionId = "v1"
    Status = "Inactive"
    MaxSessionDuration = 7200
    BASE = {operation: {"UserName": lambda subject: subject.value("UserName")} for operation in ("GetUser", "ListAccessKeys")}
    NAMED = {"CreatePolicy": {"Arn": "PolicyArn"}}
    LOOK = {"GetUser": {"UserName": lambda subject: subject.made.get("UserName")}}

    @property
    def iam(self):
        return self.world.client("iam")

    def PolicyArn(self):
        names = {f"{self.name}-one": "/", f"{self.name}-two": "/members/"}
        made = [self.iam.create_policy(PolicyName=name, Path=path, PolicyDocument=operations.POLICY) for name, path in names.items()]
        self.policies = arn, _ = [policy["Policy"]["Arn"] for policy in made]
        self.iam.tag_policy(PolicyArn=arn, Tags=[{"Key": key, "Value": "kept"} for key in ("first", "second")])
        if self.operation == "ListPolicyVersions":
            self.iam.create_policy_version(PolicyArn=arn, PolicyDocument=OTHER)
        if self.operation == "ListEntitiesForPolicy":
            self.iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=operations.TRUST, PermissionsBoundary=arn)
            self.iam.create_user(UserName=self.name, Path="/members/")
            self.iam.attach_user_policy(UserName=self.name, PolicyArn=arn)
        return arn

    def UserName(self):
        self.iam.create_user(UserName=self.name)
        if self.operation.startswith(("List", "Get", "Untag")):
            self.iam.tag_user(UserName=self.name, Tags=[{"Key": key, "Value": "kept"} for key in ("first", "second")])
            for one in "ab":
                self.iam.put_user_policy(UserName=self.name, PolicyName=one, PolicyDocument=operations.POLICY)
                self.iam.create_group(GroupName=f"{self.name}-{one}")
                self.iam.add_user_to_group(UserName=self.name, GroupName=f"{self.name}-{one}")
            self.iam.create_access_key(UserName=self.name)
            self.iam.create_access_key(UserName=self.name)
            self.attach("user")
        return self.name

    def attach(self, kind):
        self.value("PolicyArn")
        for arn in self.policies:
            getattr(self.iam, f"attach_{kind}_policy")(**{f"{kind.title()}Name": self.name, "PolicyArn": arn})

    def RoleName(self):
        self.iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=operations.TRUST)
        if self.operation.startswith(("List", "Get", "Untag")):
            self.iam.tag_role(RoleName=self.name, Tags=[{"Key": key, "Value": "kept"} for key in ("first", "second")])
            for one in "ab":
                self.iam.put_role_policy(RoleName=self.name, PolicyName=one, PolicyDocument=operations.POLICY)
            self.attach("role")
        return self.name

    def GroupName(self):
        self.iam.create_group(GroupName=self.name)
        if self.operation.startswith(("List", "Get")):
            for one in "ab":
                self.iam.put_group_policy(GroupName=self.name, PolicyName=one, PolicyDocument=operations.POLICY)
                self.iam.create_user(UserName=f"{self.name}-{one}")
                self.iam.add_user_to_group(GroupName=self.name, UserName=f"{self.name}-{one}")
            self.attach("group")
        return self.name

    def AccessKeyId(self):
        return self.iam.create_access_key(UserName=self.value("UserName"))["AccessKey"]["AccessKeyId"]
