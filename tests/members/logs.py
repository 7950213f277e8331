"""What CloudWatch Logs' operations are about."""

import json
import time

from members.subject import Subject, each

HOUR = 3_600_000
NOW = int(time.time() * 1000)
ACCOUNT = "arn:aws:logs:us-east-1:000000000000:log-group"


def writing(service):
    statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "logs:PutLogEvents", "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Recipe(Subject):
    SERVICE = "logs"
    tags = {"a": "b"}
    tagKeys = ["first"]
    UntagLogGroup_tags = ["first"]
    logGroupNamePrefix = logGroupNamePattern = CreateLogGroup_logGroupName = "{name}"
    logStreamNamePrefix = "{name}-b"
    logStreamNames = ["{name}-b"]
    CreateLogStream_logStreamName = "{name}-new"
    retentionInDays = 7
    filterPattern = "second"
    startTime = endTime = NOW - HOUR
    orderBy = "LastEventTime"
    sequenceToken = "1"
    PutResourcePolicy_policyName = "{name}"
    policyDocument = writing("events.amazonaws.com")
    policyScope = "RESOURCE"
    BASE = {
        "PutResourcePolicy": {"policyName": "{name}", "policyDocument": writing("events.amazonaws.com")},
        "DescribeLogStreams": {"logGroupName": lambda subject: subject.value("logGroupName")},
        "FilterLogEvents": {"logGroupName": lambda subject: subject.value("logGroupName")},
        "GetLogEvents": {"logGroupName": lambda subject: subject.value("logGroupName")},
    }
    TOGETHER = {
        **each("DescribeLogStreams FilterLogEvents GetLogEvents", "logGroupIdentifier", {"logGroupName": None}),
        ("PutResourcePolicy", "resourceArn"): {"policyName": None},
        ("DeleteResourcePolicy", "policyName"): {"policyName": lambda subject: subject.value("policyName")},
        ("DeleteResourcePolicy", "resourceArn"): {"policyName": None, "expectedRevisionId": lambda subject: subject.revision()},
        **each("PutResourcePolicy DeleteResourcePolicy", "expectedRevisionId", {"policyName": None, "resourceArn": lambda subject: subject.resourceArn()}),
        ("GetLogEvents", "startFromHead"): {"limit": 1},
        ("GetLogEvents", "nextToken"): {"startFromHead": True},
    }
    LOOK = {
        "DescribeLogGroups": {"logGroupNamePrefix": "{name}"},
        "DescribeLogStreams": {"logGroupName": lambda subject: subject.made.get("logGroupName")},
        "FilterLogEvents": {"logGroupName": lambda subject: subject.made.get("logGroupName")},
    }

    def begin(self):
        """There may be ten policies only, so what others have left is taken away."""
        if "ResourcePolic" in self.operation:
            logs = self.world.client("logs")
            for policy in logs.describe_resource_policies()["resourcePolicies"]:
                logs.delete_resource_policy(policyName=policy["policyName"])
        if self.operation == "DescribeResourcePolicies":
            self.value("policyName")

    def logGroupName(self):
        logs = self.world.client("logs")
        logs.create_log_group(logGroupName=self.name, tags={"first": "kept", "second": "kept"})
        if self.operation.startswith("DescribeLogGroups"):
            logs.create_log_group(logGroupName=f"{self.name}-two")
        # The first stream has the later event.
        for stream, late in (("a", 0), ("b", HOUR)):
            logs.create_log_stream(logGroupName=self.name, logStreamName=f"{self.name}-{stream}")
            events = [{"timestamp": NOW - HOUR - HOUR // 2 - late, "message": "first"}, {"timestamp": NOW - late, "message": "second"}]
            logs.put_log_events(logGroupName=self.name, logStreamName=f"{self.name}-{stream}", logEvents=events)
        return self.name

    def logStreamName(self):
        self.value("logGroupName")
        return f"{self.name}-a"

    def resourceArn(self):
        return f"{ACCOUNT}:{self.value('logGroupName')}"

    def policyName(self):
        """Two policies of the account."""
        logs = self.world.client("logs")
        for name in (self.name, f"{self.name}-b"):
            logs.put_resource_policy(policyName=name, policyDocument=writing("route53.amazonaws.com"))
        return self.name

    def revision(self):
        """That of the policy of a group."""
        arn = self.resourceArn()
        logs = self.world.client("logs")
        put = lambda: logs.put_resource_policy(resourceArn=arn, policyDocument=writing("route53.amazonaws.com"))  # noqa: E731
        return self.world.once(f"policy-{self.name}", put)["revisionId"]

    expectedRevisionId = revision

    def DescribeResourcePolicies_resourceArn(self):
        self.revision()
        return self.resourceArn()

    def logGroupIdentifier(self):
        return self.value("logGroupName")

    def logGroupIdentifiers(self):
        return [f"{ACCOUNT}:{self.value('logGroupName')}"]

    def logEvents(self):
        return [{"timestamp": NOW, "message": "third"}]
