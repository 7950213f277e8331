"""What STS's operations are about."""

import operations

from members.subject import OneOf, Subject

CONDITION = '"Condition": {"StringEquals": {"sts:ExternalId": "external"}}, "Action"'
STRICT = operations.TRUST.replace('"Action"', CONDITION)


class Recipe(Subject):
    SERVICE = "sts"
    RoleSessionName = "session"
    AccessKeyId = "AKIAIOSFODNN7EXAMPLE"
    # The root user's sessions are of an hour at most.
    DurationSeconds = OneOf((7200, 900))
    arn = "arn:aws:iam::aws:policy/AdministratorAccess"
    PolicyArns = [{"arn": arn}]
    TOGETHER = {("AssumeRole", "ExternalId"): {"RoleArn": lambda subject: subject.role(STRICT, "-strict")}}
    ExternalId = "external"
    Policy = operations.POLICY
    Tags = [{"Key": "a", "Value": "b"}]

    def RoleArn(self):
        return self.role(operations.TRUST, "-role")

    def role(self, trust, suffix):
        created = self.world.client("iam").create_role(RoleName=self.name + suffix, AssumeRolePolicyDocument=trust, MaxSessionDuration=7200)
        return created["Role"]["Arn"]
