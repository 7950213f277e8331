"""What CloudWatch Logs' operations are about."""

import time

from members.subject import Subject, each

HOUR = 3_600_000
NOW = int(time.time() * 1000)
ACCOUNT = "arn:aws:logs:us-east-1:000000000000:log-group"


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
    BASE = {
        "DescribeLogStreams": {"logGroupName": lambda subject: subject.value("logGroupName")},
        "FilterLogEvents": {"logGroupName": lambda subject: subject.value("logGroupName")},
        "GetLogEvents": {"logGroupName": lambda subject: subject.value("logGroupName")},
    }
    TOGETHER = {
        **each("DescribeLogStreams FilterLogEvents GetLogEvents", "logGroupIdentifier", {"logGroupName": None}),
        ("GetLogEvents", "startFromHead"): {"limit": 1},
        ("GetLogEvents", "nextToken"): {"startFromHead": True},
    }
    LOOK = {
        "DescribeLogGroups": {"logGroupNamePrefix": "{name}"},
        "DescribeLogStreams": {"logGroupName": lambda subject: subject.made.get("logGroupName")},
        "FilterLogEvents": {"logGroupName": lambda subject: subject.made.get("logGroupName")},
    }

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

    def logGroupIdentifier(self):
        return self.value("logGroupName")

    def logGroupIdentifiers(self):
        return [f"{ACCOUNT}:{self.value('logGroupName')}"]

    def logEvents(self):
        return [{"timestamp": NOW, "message": "third"}]
