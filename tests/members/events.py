"""What EventBridge's operations are about."""

import datetime
import json
import time

from members.subject import Subject, each

ARN = "arn:aws:events:us-east-1:000000000000"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:q"
PATTERN = json.dumps({"source": ["kept"]})
EVENT = json.dumps({"id": "i", "account": "0", "source": "kept", "time": "t", "region": "r", "resources": [], "detail-type": "d"})
TRUST = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sts:AssumeRole"}


# The subjects whose things are there.
LEFT = []


# What a connection of each kind has.
BASIC = {"BasicAuthParameters": {"Username": "kept", "Password": "kept"}}
API_KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "kept", "ApiKeyValue": "kept"}}
OAUTH = {"OAuthParameters": {"AuthorizationEndpoint": "https://example.com/kept", "HttpMethod": "POST", "ClientParameters": {"ClientID": "kept", "ClientSecret": "kept"}}}


def of_kind(kind, parameters):
    """A connection of another kind than BASIC."""
    return {"AuthorizationType": kind, "AuthParameters": {"BasicAuthParameters": None, **parameters}}


def added(place, beside):
    """A table's rows for the parameters that a connection adds to requests at a place: each has a name and a value."""
    rows = {}
    for operation in ("CreateConnection", "UpdateConnection"):
        for listed in ("HeaderParameters", "QueryStringParameters", "BodyParameters"):
            path = f"AuthParameters.{place}.{listed}"
            rows[(operation, path)] = beside({})
            rows |= each(operation, f"{path}.Key {path}.Value {path}.IsValueSecret", beside({listed: [{"Key": "kept", "Value": "kept"}]}))
    return rows


class Recipe(Subject):
    SERVICE = "events"
    CreateEventBus_Name = PutRule_Name = "{name}"
    Description = "of {name}"
    EventPattern, Event = PATTERN, EVENT
    ScheduleExpression = "rate(5 days)"
    State = "DISABLED"
    Tags = [{"Key": "a", "Value": "b"}]
    Key, Value = "a", "b"
    TagKeys = ["first"]
    Action, Principal, StatementId = "events:PutEvents", "111111111111", "one"
    RemovePermission_StatementId = "kept"
    RemoveAllPermissions = True
    Policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": "p", "Effect": "Allow", "Principal": "*", "Action": "events:PutEvents", "Resource": "*"}]})
    Condition = {"Type": "StringEquals", "Key": "aws:SourceAccount", "Value": "111111111111"}
    # A queue is target and dead-letter queue.
    Arn = TargetArn = QUEUE
    Id, Ids = "t", ["kept"]
    Input, InputPath = '{"a": 1}', "$.detail"
    InputTemplate, InputPathsMap = '"<a>"', {"a": "$.detail"}
    MessageGroupId = "g"
    MaximumEventAgeInSeconds, MaximumRetryAttempts = 60, 1
    CreateArchive_ArchiveName = StartReplay_ReplayName = "{name}"
    EventSourceArn = f"{ARN}:event-bus/default"
    RetentionDays = 7
    UpdateArchive_EventPattern = json.dumps({"source": ["changed"]})
    EventStartTime, EventEndTime = datetime.datetime(2030, 1, 1), datetime.datetime(2031, 1, 1)
    Destination = {"Arn": f"{ARN}:event-bus/default"}
    CreateConnection_Name = "{name}"
    AuthorizationType, UpdateConnection_AuthorizationType = "BASIC", "API_KEY"
    Username, Password, ApiKeyName, ApiKeyValue = "made", "made", "X-Made", "made"
    ClientID, ClientSecret, AuthorizationEndpoint = "made", "made", "https://example.com/made"
    HttpMethod, InvocationEndpoint, InvocationRateLimitPerSecond = "PUT", "https://example.com/made", 7
    ConnectionState = "DEAUTHORIZED"
    PathParameterValues = ["made"]
    PutTargets_HeaderParameters, PutTargets_QueryStringParameters = {"X-Made": "made"}, {"made": "made"}
    HeaderParameters = QueryStringParameters = BodyParameters = [{"Key": "made", "Value": "made", "IsValueSecret": False}]
    Source, DetailType, Detail = "kept", "made", "{}"
    Time, Resources, TraceHeader = datetime.datetime(2030, 1, 1), ["r"], "Root=1-67891233-abcdef012345678912345678"
    NAMED = {"CreateEventBus": {"EventBusArn": "ResourceARN"}, "PutRule": {"RuleArn": "ResourceARN"}}
    LOOK = {"DescribeEventBus": [{"Name": "default"}, {"Name": lambda subject: subject.name}]}
    InputTransformer = {"InputTemplate": '"a"'}
    PARTS = {"Action": Action, "Principal": Principal, "StatementId": StatementId}
    BASE = {
        "PutRule": {"EventPattern": PATTERN},
        "CreateConnection": {"AuthParameters": BASIC},
        "PutPermission": PARTS,
        "RemovePermission": {"StatementId": "kept"},
        "UpdateEventBus": {"Name": "{name}"},
        "UpdateArchive": {"Description": "changed"},
        "DescribeEventBus": {"Name": "{name}"},
    }
    TOGETHER = {
        ("PutRule", "EventPattern"): {"ScheduleExpression": "rate(5 days)"},
        ("RemovePermission", "RemoveAllPermissions"): {"EventBusName": "{name}"},
        ("PutPermission", "Policy"): {"Action": None, "Principal": None, "StatementId": None},
        ("PutTargets", "Targets.SqsParameters.MessageGroupId"): {"Targets": [{"Id": "t", "Arn": QUEUE}]},
        ("CreateConnection", "AuthParameters.OAuthParameters"): of_kind("OAUTH_CLIENT_CREDENTIALS", {}),
        ("CreateConnection", "AuthParameters.ApiKeyAuthParameters"): of_kind("API_KEY", {}),
        ("UpdateConnection", "AuthorizationType"): {"AuthParameters": API_KEY},
        **each(
            "UpdateConnection",
            "AuthParameters.ApiKeyAuthParameters.ApiKeyName AuthParameters.ApiKeyAuthParameters.ApiKeyValue",
            of_kind("API_KEY", API_KEY),
        ),
        **each(
            "UpdateConnection",
            "AuthParameters.OAuthParameters.ClientParameters.ClientID AuthParameters.OAuthParameters.ClientParameters.ClientSecret "
            "AuthParameters.OAuthParameters.AuthorizationEndpoint AuthParameters.OAuthParameters.HttpMethod",
            of_kind("OAUTH_CLIENT_CREDENTIALS", OAUTH),
        ),
        **added("InvocationHttpParameters", lambda lists: {"AuthParameters": {"InvocationHttpParameters": lists}}),
        **added(
            "OAuthParameters.OAuthHttpParameters",
            lambda lists: of_kind("OAUTH_CLIENT_CREDENTIALS", {"OAuthParameters": {**OAUTH["OAuthParameters"], "OAuthHttpParameters": lists}}),
        ),
        **each(
            "PutTargets",
            "Targets.HttpParameters.PathParameterValues Targets.HttpParameters.HeaderParameters Targets.HttpParameters.QueryStringParameters",
            {"Targets": [{"Id": "t", "Arn": lambda subject: subject.destination(), "RoleArn": lambda subject: subject.RoleArn()}]},
        ),
        **each("PutTargets", "Targets.InputTransformer.InputPathsMap", {"Targets": [{"Id": "t", "Arn": QUEUE, "InputTransformer": {"InputTemplate": '"a"'}}]}),
    }

    @property
    def events(self):
        return self.world.client("events")

    def RoleArn(self):
        trust = json.dumps({"Version": "2012-10-17", "Statement": TRUST})
        make = lambda: self.world.client("iam").create_role(RoleName="rules", AssumeRolePolicyDocument=trust)  # noqa: E731
        return self.world.once("rules", make)["Role"]["Arn"]

    def make(self):
        """Buses and rules, with two targets each. What others have left is taken away, as there may be a hundred buses only."""
        LEFT.append(self.name)
        while len(LEFT) > 10:
            self.take_away(LEFT.pop(0))
        tags = [{"Key": key, "Value": "kept"} for key in ("first", "second")]
        for name in (self.name, f"{self.name}-b"):
            self.events.create_event_bus(Name=name, Tags=tags)
        for bus in ("default", self.name):
            for name in (self.name, f"{self.name}-b"):
                self.events.put_rule(Name=name, EventBusName=bus, EventPattern=PATTERN, Tags=tags)
                targets = [{"Id": id, "Arn": QUEUE, "Input": json.dumps(bus)} for id in ("kept", "kept-b")]
                self.events.put_targets(Rule=name, EventBusName=bus, Targets=targets)
                if self.operation == "EnableRule":
                    self.events.disable_rule(Name=name, EventBusName=bus)
            for statement in ("kept", "kept-b"):
                self.events.put_permission(EventBusName=bus, StatementId=statement, Action="events:PutEvents", Principal="111111111111")
        return self.name

    def take_away(self, name):
        buses = [bus["Name"] for bus in self.events.list_event_buses(NamePrefix=name)["EventBuses"]]
        for bus in ["default", *buses]:
            for rule in self.events.list_rules(NamePrefix=name, EventBusName=bus)["Rules"]:
                of = {"Rule": rule["Name"], "EventBusName": bus}
                if ids := [target["Id"] for target in self.events.list_targets_by_rule(**of)["Targets"]]:
                    self.events.remove_targets(**of, Ids=ids)
                self.events.delete_rule(Name=rule["Name"], EventBusName=bus)
        for bus in buses:
            self.events.delete_event_bus(Name=bus)

    def made_once(self):
        return self.world.once(self.name, self.make)

    def connected(self):
        """Connections and API destinations, two of each."""

        def make():
            for name in (self.name, f"{self.name}-b"):
                connection = self.events.create_connection(Name=name, AuthorizationType="BASIC", AuthParameters=BASIC)["ConnectionArn"]
                make = {"Name": name, "ConnectionArn": connection, "HttpMethod": "POST", "InvocationEndpoint": "https://example.com/kept"}
                self.events.create_api_destination(**make)
            return self.name

        return self.world.once(f"connection-{self.name}", make)

    def destination(self):
        return self.events.describe_api_destination(Name=self.connected())["ApiDestinationArn"]

    def ConnectionArn(self):
        name = self.connected() + ("-b" if self.operation == "UpdateApiDestination" else "")
        return self.events.describe_connection(Name=name)["ConnectionArn"]

    UpdateConnection_Name = DescribeConnection_Name = DeauthorizeConnection_Name = DeleteConnection_Name = connected
    UpdateApiDestination_Name = DescribeApiDestination_Name = DeleteApiDestination_Name = connected
    ListConnections_Limit = ListApiDestinations_Limit = 1

    def ListConnections_NamePrefix(self):
        return f"{self.connected()}-"

    ListApiDestinations_NamePrefix = ListConnections_NamePrefix

    def CreateApiDestination_Name(self):
        return f"{self.connected()}-c"

    def begin(self):
        if "Connection" in self.operation or "ApiDestination" in self.operation:
            if self.operation != "CreateConnection":
                self.connected()
        elif self.operation not in ("CreateEventBus", "PutRule", "TestEventPattern"):
            self.made_once()
        else:
            LEFT.append(self.name)

    def Name(self):
        self.made_once()
        if self.operation in ("DeleteRule", "DeleteEventBus"):
            for bus in ("default", self.name):
                for name in (self.name, f"{self.name}-b"):
                    self.events.remove_targets(Rule=name, EventBusName=bus, Ids=["kept", "kept-b"])
        if self.operation == "DeleteEventBus":
            for name in (self.name, f"{self.name}-b"):
                self.events.delete_rule(Name=name, EventBusName=self.name)
        return self.name

    def ArchiveName(self):
        """Archives of two buses, and replays of one."""
        self.made_once()

        def make():
            for name, bus in ((self.name, "default"), (f"{self.name}-b", self.name)):
                self.events.create_archive(ArchiveName=name, EventSourceArn=f"{ARN}:event-bus/{bus}", EventPattern=PATTERN, Description="kept")
            return self.name

        return self.world.once(f"archive-{self.name}", make)

    def StartReplay_EventSourceArn(self):
        return f"{ARN}:archive/{self.value('ArchiveName')}"

    def ListReplays_EventSourceArn(self):
        return f"{ARN}:archive/{self.value('ReplayName')}"

    def ListArchives_EventSourceArn(self):
        self.value("ArchiveName")
        return f"{ARN}:event-bus/{self.name}"

    def ReplayName(self):
        self.value("ArchiveName")
        of = {"EventStartTime": self.EventStartTime, "EventEndTime": self.EventEndTime}
        for name, bus in ((self.name, "default"), (f"{self.name}-b", self.name)):
            self.events.start_replay(ReplayName=name, EventSourceArn=f"{ARN}:archive/{name}", Destination={"Arn": f"{ARN}:event-bus/{bus}"}, **of)
        if self.operation != "CancelReplay":
            while any(replay["State"] != "COMPLETED" for replay in self.events.list_replays(NamePrefix=self.name)["Replays"]):
                time.sleep(0.1)
        return self.name

    def ListArchives_NamePrefix(self):
        self.value("ArchiveName")
        return f"{self.name}-"

    def ListReplays_NamePrefix(self):
        self.value("ReplayName")
        return f"{self.name}-"

    def ListReplays_State(self):
        self.value("ReplayName")
        return "RUNNING"

    def Rule(self):
        return self.made_once()

    def EventBusName(self):
        if self.operation == "PutRule":
            self.world.once(f"bus-{self.name}", lambda: self.events.create_event_bus(Name=self.name))
            return self.name
        return self.made_once()

    def NamePrefix(self):
        self.made_once()
        return f"{self.name}-"

    def ResourceARN(self):
        return f"{ARN}:event-bus/{self.made_once()}"
