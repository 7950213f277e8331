"""What EventBridge Scheduler's operations are about."""

import datetime
import json
import time

from members.subject import Subject, each

TRUST = {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}

QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"


BUS = "Target.EventBridgeParameters"


class Recipe(Subject):
    SERVICE = "scheduler"
    CreateSchedule_Name = CreateScheduleGroup_Name = "{name}"
    ScheduleExpression = "rate(5 days)"
    ScheduleExpressionTimezone = "Europe/Berlin"
    StartDate, EndDate = datetime.datetime(2040, 1, 1), datetime.datetime(2041, 1, 1)
    Description = "of {name}"
    State = "DISABLED"
    Mode = "OFF"
    MaximumWindowInMinutes = 10
    ActionAfterCompletion = "DELETE"
    # A queue may be the target and the dead-letter queue.
    Arn = QUEUE
    Input = "{}"
    MaximumEventAgeInSeconds, MaximumRetryAttempts = 60, 1
    ClientToken = "{name}"
    Tags = [{"Key": "a", "Value": "b"}]
    Key, Value = "a", "b"
    TagKeys = ["first"]
    BASE = {"UpdateSchedule": {"Description": "changed"}}
    TOGETHER = {
        **each("CreateSchedule UpdateSchedule", "FlexibleTimeWindow.MaximumWindowInMinutes", {"FlexibleTimeWindow": {"Mode": "FLEXIBLE"}}),
        **each("CreateSchedule UpdateSchedule", f"{BUS} {BUS}.DetailType {BUS}.Source", {"Target": lambda subject: subject.bus()}),
        **each("CreateSchedule UpdateSchedule", "Target.SqsParameters.MessageGroupId", {"Target": lambda subject: subject.queue()}),
        **each("CreateSchedule UpdateSchedule", "Target.DeadLetterConfig.Arn", {"Target": lambda subject: subject.dead()}),
    }
    MessageGroupId = "g"
    DetailType, Source = "made", "schedules"
    NAMED = {"CreateScheduleGroup": {"ScheduleGroupArn": "ResourceArn"}}
    LOOK = {"GetSchedule": [{}, {"GroupName": lambda subject: subject.made.get("GroupName")}]}

    @property
    def scheduler(self):
        return self.world.client("scheduler")

    def RoleArn(self):
        trust = json.dumps({"Version": "2012-10-17", "Statement": TRUST})
        make = lambda: self.world.client("iam").create_role(RoleName="schedules", AssumeRolePolicyDocument=trust)
        return self.world.once("schedules", make)["Role"]["Arn"]

    def queue(self):
        return {"Arn": QUEUE, "RoleArn": self.value("RoleArn")}

    def bus(self):
        return {"Arn": "arn:aws:events:us-east-1:000000000000:event-bus/default", "RoleArn": self.value("RoleArn"), "Input": "{}"}

    def dead(self):
        return {"Arn": self.Arn, "RoleArn": self.value("RoleArn"), "DeadLetterConfig": {"Arn": QUEUE}}

    def begin(self):
        if self.operation.startswith("List"):
            self.value("Name")

    def ResourceArn(self):
        tags = [{"Key": key, "Value": "kept"} for key in ("first", "second")]
        return self.world.once(self.name, lambda: self.scheduler.create_schedule_group(Name=self.name, Tags=tags))["ScheduleGroupArn"]

    def Name(self):
        """A group, and schedules in that and in the default one."""
        self.value("ResourceArn")
        target = {"Arn": self.Arn, "RoleArn": self.value("RoleArn")}
        for group in ("default", self.name):
            for name, state in ((self.name, "ENABLED"), (f"{self.name}-b", "DISABLED")):
                self.scheduler.create_schedule(
                    Name=name,
                    GroupName=group,
                    State=state,
                    ScheduleExpression=self.ScheduleExpression,
                    FlexibleTimeWindow={"Mode": "OFF"},
                    Target=target,
                )
        return self.name

    def GroupName(self):
        self.value("ResourceArn")
        self.value("Name")
        return self.name

    def NamePrefix(self):
        self.value("Name")
        return self.name

    def ListSchedules_NamePrefix(self):
        self.value("Name")
        return f"{self.name}-"

    def settle(self, arguments):
        while self.operation == "DeleteScheduleGroup":
            answer = self.world.call("scheduler", "GetScheduleGroup", {"Name": arguments["Name"]})
            if "error" in answer:
                return
            time.sleep(0.01)
