"""What Lambda's operations are about."""

import base64
import json
import re
import time

import functions
import operations

from members.subject import Subject, each

SOURCE = """
import os

def handler(event, context):
    print("called", os.environ.get("NAME"))
    return [event, context.function_version, context.client_context and context.client_context.custom]
"""
CODE, OTHER = functions.package(app=SOURCE), functions.package(app="def handler(event, context): return 2")
RUNTIME = functions.runtime()
ACCOUNT = "arn:aws:lambda:us-east-1:000000000000"
STORED = {"S3Bucket": "lambda-members", "S3Key": "code.zip", "ZipFile": None}
OF_STREAMS = (
    "ParallelizationFactor StartingPosition StartingPositionTimestamp MaximumRecordAgeInSeconds BisectBatchOnFunctionError "
    "MaximumRetryAttempts DestinationConfig.OnFailure.Destination"
)
STREAM = lambda subject: subject.value("Stream")  # noqa: E731
STALE = "00000000-0000-4000-8000-000000000000"
FUNCTION = lambda subject: subject.made.get("FunctionName")  # noqa: E731
BY_QUALIFIER = [{"FunctionName": FUNCTION}, {"FunctionName": FUNCTION, "Qualifier": "kept"}]


class Recipe(Subject):
    SERVICE = "lambda"
    CreateFunction_FunctionName = PublishLayerVersion_LayerName = "{name}"
    CreateAlias_Name = "new"
    Name = "kept"
    Runtime = UpdateFunctionConfiguration_Runtime = "provided.al2023"
    Handler = "other.handler"
    Description = "of {name}"
    Tags = {"a": "b"}
    TagKeys = ["first"]
    Qualifier = "kept"
    Action, Principal, StatementId = "lambda:InvokeFunction", "s3.amazonaws.com", "new"
    RemovePermission_StatementId = RemoveLayerVersionPermission_StatementId = "kept"
    AddLayerVersionPermission_Action, AddLayerVersionPermission_Principal = "lambda:GetLayerVersion", "*"
    SourceArn = "arn:aws:s3:::bucket"
    SourceAccount = "000000000000"
    EventSourceToken = "amzn1.ask.skill.x"
    PrincipalOrgID = OrganizationId = "o-abcdefghij"
    FunctionUrlAuthType = AuthType = "NONE"
    UpdateFunctionUrlConfig_AuthType = "AWS_IAM"
    AllowCredentials, AllowHeaders, ExposeHeaders, MaxAge = True, ["date"], ["keep-alive"], 300
    AllowMethods, AllowOrigins = ["GET"], ["https://a.example"]
    InvokeMode = "RESPONSE_STREAM"
    FunctionVersion = "1"
    UpdateAlias_FunctionVersion = "2"
    ListFunctions_FunctionVersion = "ALL"
    AdditionalVersionWeights = {"2": 0.25}
    Timeout, MemorySize, Size = 7, 256, 1024
    Variables = {"NAME": "value"}
    EphemeralStorage = {"Size": 1024}
    LoggingConfig_LogGroup = LogGroup = "/members/{name}"
    Architectures = ["arm64"]
    CompatibleArchitectures, CompatibleRuntimes = ["x86_64"], ["python3.13"]
    CompatibleArchitecture, CompatibleRuntime = "arm64", "nodejs22.x"
    ListLayers_CompatibleArchitecture, ListLayers_CompatibleRuntime = "x86_64", "python3.13"
    LicenseInfo = "MIT"
    ZipFile = CODE
    UpdateFunctionCode_ZipFile = OTHER
    S3Bucket, S3Key = "lambda-members", "code.zip"
    RevisionId = CodeSha256 = STALE
    RecursiveLoop = "Allow"
    MaximumRetryAttempts, MaximumEventAgeInSeconds = 1, 60
    Payload = b'{"a": 1}'
    ClientContext = base64.b64encode(json.dumps({"custom": {"a": "b"}}).encode()).decode()
    Invoke_InvocationType = "DryRun"
    InvokeWithResponseStream_InvocationType = "DryRun"
    LogType = "Tail"
    ReservedConcurrentExecutions = 1
    Enabled, BatchSize, MaximumBatchingWindowInSeconds = False, 7, 20
    Pattern = '{"body": ["wanted"]}'
    MaximumConcurrency = 3
    FunctionResponseTypes = ["ReportBatchItemFailures"]
    ParallelizationFactor, StartingPosition, StartingPositionTimestamp = 2, "LATEST", 1764400000
    MaximumRecordAgeInSeconds, BisectBatchOnFunctionError = 60, True
    NAMED = {"CreateEventSourceMapping": {"UUID": "UUID"}}
    BASE = {
        "CreateEventSourceMapping": {"EventSourceArn": lambda subject: subject.value("EventSourceArn")},
        "CreateFunction": {"Runtime": RUNTIME, "Handler": "app.handler", "Code": {"ZipFile": CODE}},
        "UpdateFunctionCode": {"ZipFile": CODE},
        "PublishLayerVersion": {"Content": {"ZipFile": CODE}},
        "PutFunctionEventInvokeConfig": {"MaximumRetryAttempts": 0},
        "UpdateFunctionEventInvokeConfig": {"MaximumEventAgeInSeconds": 120},
    }
    TOGETHER = {
        **each("CreateEventSourceMapping", OF_STREAMS, {"EventSourceArn": STREAM, "StartingPosition": "TRIM_HORIZON"}),
        **each("UpdateEventSourceMapping", OF_STREAMS, {"UUID": lambda subject: subject.value("MappingOfStream")}),
        **each("CreateFunction", "Code.S3Bucket Code.S3Key Code.S3ObjectVersion", {"Code": STORED}),
        **each("PublishLayerVersion", "Content.S3Bucket Content.S3Key Content.S3ObjectVersion", {"Content": STORED}),
        **each("UpdateFunctionCode", "S3Bucket S3Key S3ObjectVersion", STORED),
        ("AddPermission", "FunctionUrlAuthType"): {"Action": "lambda:InvokeFunctionUrl", "Principal": "*"},
        ("AddPermission", "EventSourceToken"): {"Principal": "alexa-appkit.amazon.com"},
        ("AddPermission", "PrincipalOrgID"): {"Principal": "*"},
        **each(
            "CreateFunction UpdateFunctionConfiguration",
            "LoggingConfig.ApplicationLogLevel LoggingConfig.SystemLogLevel",
            {"LoggingConfig": {"LogFormat": "JSON"}},
        ),
    }
    REFUSES = {
        **each(
            "AddLayerVersionPermission AddPermission PublishVersion RemoveLayerVersionPermission RemovePermission UpdateAlias "
            "UpdateFunctionCode UpdateFunctionConfiguration",
            "RevisionId",
            ("PreconditionFailedException",),
        ),
        ("PublishVersion", "CodeSha256"): ("InvalidParameterValueException",),
        # No position of DynamoDB's streams is a moment.
        ("CreateEventSourceMapping", "StartingPositionTimestamp"): ("InvalidParameterValueException",),
    }
    LOOK = {
        "GetLayerVersion": {"LayerName": lambda subject: subject.made.get("LayerName"), "VersionNumber": 1},
        "GetLayerVersionPolicy": {"LayerName": lambda subject: subject.made.get("LayerName"), "VersionNumber": 1},
        "GetEventSourceMapping": {"UUID": lambda subject: subject.made.get("UUID")},
        "GetPolicy": BY_QUALIFIER,
        "GetFunction": BY_QUALIFIER,
        "GetFunctionEventInvokeConfig": BY_QUALIFIER,
        "GetFunctionRecursionConfig": {"FunctionName": FUNCTION},
        "GetFunctionUrlConfig": BY_QUALIFIER,
        "ListTags": [
            {"Resource": lambda subject: subject.made.get("FunctionName") and f"{ACCOUNT}:function:{subject.made['FunctionName']}"},
            {"Resource": lambda subject: subject.made.get("UUID") and f"{ACCOUNT}:event-source-mapping:{subject.made['UUID']}"},
        ],
    }

    @property
    def client(self):
        return self.world.client("lambda")

    def Role(self):
        return self.world.once("lambda role", self.role)

    def role(self):
        created = self.world.client("iam").create_role(RoleName=f"{self.name}-lambda", AssumeRolePolicyDocument=operations.TRUST)
        return created["Role"]["Arn"]

    def CreateFunction_Code(self):
        return {"ZipFile": CODE}

    def PublishLayerVersion_Content(self):
        return {"ZipFile": CODE}

    def bucket(self):
        s3 = self.world.client("s3")
        s3.create_bucket(Bucket="lambda-members")
        s3.put_bucket_versioning(Bucket="lambda-members", VersioningConfiguration={"Status": "Enabled"})
        version = s3.put_object(Bucket="lambda-members", Key="code.zip", Body=OTHER)["VersionId"]
        s3.put_object(Bucket="lambda-members", Key="code.zip", Body=CODE)
        return version

    def S3ObjectVersion(self):
        return self.world.once("lambda bucket", self.bucket)

    def begin(self):
        if re.search("FunctionCode|CreateFunction|PublishLayer", self.operation):
            self.world.once("lambda bucket", self.bucket)
        if self.operation == "ListEventSourceMappings":
            self.value("UUID")
        if self.operation in ("ListFunctions", "ListLayers"):
            self.value(self.operation[4:-1] + "Name")

    def FunctionName(self):
        """A function with two versions, two aliases, and what else it may have."""
        client, of = self.client, {"FunctionName": self.name}
        role = self.value("Role", "CreateFunction")
        functions.create(self.world.machine, role, SOURCE, name=self.name, Tags={"first": "kept", "second": "kept"})
        if not re.search("Alias|Version|Polic|Permission|EventInvoke|Url|Get|List|Invoke|DeleteFunction$", self.operation):
            return self.name
        for alias in ("kept", "other"):
            version = client.publish_version(**of)["Version"]
            client.create_alias(**of, Name=alias, FunctionVersion=version)
            client.put_function_event_invoke_config(**of, Qualifier=alias, MaximumRetryAttempts=1)
            client.update_function_configuration(**of, Description=f"after {alias}")
            client.get_waiter("function_updated_v2").wait(**of, WaiterConfig={"Delay": 0.02})
        client.put_function_event_invoke_config(**of, MaximumRetryAttempts=0)
        if re.search("(Get|List|Update|Delete)FunctionUrl", self.operation):
            client.create_function_url_config(**of, AuthType="NONE")
            client.create_function_url_config(**of, AuthType="NONE", Qualifier="kept")
        of["StatementId"], of["Action"] = "kept", "lambda:InvokeFunction"
        client.add_permission(**of, Principal="s3.amazonaws.com")
        client.add_permission(**of, Principal="s3.amazonaws.com", SourceArn="arn:aws:s3:::other", Qualifier="kept")
        return self.name

    def EventSourceArn(self):
        """A queue that the functions' role may read."""
        sqs, iam = self.world.client("sqs"), self.world.client("iam")
        statement = {"Effect": "Allow", "Action": ["sqs:*", "dynamodb:*"], "Resource": "*"}
        policy = json.dumps({"Version": "2012-10-17", "Statement": statement})
        iam.put_role_policy(RoleName=self.value("Role", "CreateFunction").split("/")[-1], PolicyName="sources", PolicyDocument=policy)
        sqs.create_queue(QueueName=self.name)
        return f"arn:aws:sqs:us-east-1:000000000000:{self.name}"

    def Stream(self):
        """The stream of a table, which the functions' role may read."""
        self.value("EventSourceArn")
        made = self.world.client("dynamodb").create_table(
            TableName=self.name,
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            BillingMode="PAY_PER_REQUEST",
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        )
        return made["TableDescription"]["LatestStreamArn"]

    def UUID(self):
        """A mapping that rests."""
        return self.mapping(EventSourceArn=self.value("EventSourceArn"))

    def MappingOfStream(self):
        return self.mapping(EventSourceArn=self.value("Stream"), StartingPosition="LATEST")

    def mapping(self, **members):
        function = self.value("FunctionName", "CreateEventSourceMapping")
        made = self.client.create_event_source_mapping(FunctionName=function, Enabled=False, **members)
        self.rest(made["UUID"])
        return made["UUID"]

    def CreateEventSourceMapping_Destination(self):
        """A queue."""
        return self.value("EventSourceArn")

    UpdateEventSourceMapping_Destination = CreateEventSourceMapping_Destination

    def rest(self, uuid):
        while self.client.get_event_source_mapping(UUID=uuid)["State"] not in ("Enabled", "Disabled"):
            time.sleep(0.02)

    def UpdateEventSourceMapping_Enabled(self):
        return True

    def UpdateEventSourceMapping_FunctionName(self):
        """Another function."""
        functions.create(self.world.machine, self.value("Role", "CreateFunction"), SOURCE, name=f"{self.name}-two")
        return f"{self.name}-two"

    def DeleteFunction_Qualifier(self):
        """A version that no alias is of."""
        self.client.update_function_configuration(FunctionName=self.value("FunctionName"), Description="of another version")
        self.client.get_waiter("function_updated_v2").wait(FunctionName=self.name, WaiterConfig={"Delay": 0.02})
        return self.client.publish_version(FunctionName=self.name)["Version"]

    def LayerName(self):
        for architecture, runtime in (("x86_64", "python3.13"), ("arm64", "nodejs22.x")):
            version = self.client.publish_layer_version(
                LayerName=self.name, Content={"ZipFile": CODE}, CompatibleArchitectures=[architecture], CompatibleRuntimes=[runtime]
            )
        of = {"LayerName": self.name, "VersionNumber": 1, "StatementId": "kept", "Action": "lambda:GetLayerVersion"}
        self.client.add_layer_version_permission(**of, Principal="*")
        self.layer = version["LayerVersionArn"]
        return self.name

    def Layers(self):
        self.value("LayerName")
        return [self.layer]

    def Arn(self):
        self.value("LayerName")
        return self.layer

    def Resource(self):
        return f"{ACCOUNT}:function:{self.value('FunctionName')}"

    def Destination(self):
        return self.world.once("lambda destination", lambda: f"{ACCOUNT}:function:{Recipe(self.world, 'GetFunction').value('FunctionName')}")

    def TargetArn(self):
        """A queue that the role may send to."""
        return self.value("EventSourceArn")

    def PutFunctionEventInvokeConfig_Destination(self):
        """A queue."""
        return self.value("EventSourceArn")

    UpdateFunctionEventInvokeConfig_Destination = PutFunctionEventInvokeConfig_Destination

    def UpdateFunctionConfiguration_Role(self):
        return self.role()

    VersionNumber = 1

    def settle(self, arguments):
        if re.search("(Create|Update)EventSource", self.operation):
            self.rest(arguments.get("UUID") or self.value("UUID"))
        if re.search("(Create|Update)Function", self.operation) and isinstance(arguments.get("FunctionName"), str):
            self.client.get_waiter("function_updated_v2").wait(FunctionName=arguments["FunctionName"], WaiterConfig={"Delay": 0.02})
