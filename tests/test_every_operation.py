"""Every operation of every service that the cloud has is carried out as itself, or refused by its own name with nothing changed.

The operations are those of botocore's models, sent by boto3; which of them are carried out is what docs/embedded-cloud.md
says. That one is carried out as itself is seen by the permission that it is denied to a user who has none: the action that
AWS's Service Authorization Reference has for it.
"""

import json
import re
import time

import functions
import operations
import pytest
import requests
from botocore.exceptions import ClientError
from operations import manual, model


def every():
    return [(service, name) for service in manual() for name in model(service).operation_names]


# Operations whose requests are those of another one: S3's deprecated ones.
SAME = {
    "GetBucketLifecycle": "GetBucketLifecycleConfiguration",
    "GetBucketNotification": "GetBucketNotificationConfiguration",
    "PutBucketLifecycle": "PutBucketLifecycleConfiguration",
    "PutBucketNotification": "PutBucketNotificationConfiguration",
}

# The actions of operations that have another name: "Actions, resources, and condition keys" of each service in the Service
# Authorization Reference, and for S3 "Required permissions for Amazon S3 API operations" in its User Guide.
ACTIONS = {
    "dynamodb": {
        "BatchExecuteStatement": "PartiQLSelect",
        "ExecuteStatement": "PartiQLSelect",
        "ExecuteTransaction": "PartiQLSelect",
        "TransactGetItems": "GetItem",
        "TransactWriteItems": "PutItem",
    },
    "lambda": {
        "GetLayerVersionByArn": "GetLayerVersion",
        "Invoke": "InvokeFunction",
        "InvokeWithResponseStream": "InvokeFunction",
    },
    "sns": {"PublishBatch": "Publish"},
    "sqs": {
        "ChangeMessageVisibilityBatch": "ChangeMessageVisibility",
        "DeleteMessageBatch": "DeleteMessage",
        "SendMessageBatch": "SendMessage",
    },
    "s3": {
        "CompleteMultipartUpload": "PutObject",
        "CopyObject": "GetObject",
        "CreateMultipartUpload": "PutObject",
        "DeleteBucketCors": "PutBucketCORS",
        "DeleteBucketEncryption": "PutEncryptionConfiguration",
        "DeleteBucketLifecycle": "PutLifecycleConfiguration",
        "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
        "DeleteBucketTagging": "PutBucketTagging",
        "DeleteObjects": "DeleteObject",
        "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
        "GetBucketCors": "GetBucketCORS",
        "GetBucketEncryption": "GetEncryptionConfiguration",
        "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
        "GetBucketNotificationConfiguration": "GetBucketNotification",
        "GetObjectAttributes": "GetObject",
        "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
        "HeadBucket": "ListBucket",
        "HeadObject": "GetObject",
        "ListBuckets": "ListAllMyBuckets",
        "ListMultipartUploads": "ListBucketMultipartUploads",
        "ListObjectVersions": "ListBucketVersions",
        "ListObjects": "ListBucket",
        "ListObjectsV2": "ListBucket",
        "ListParts": "ListMultipartUploadParts",
        "PutBucketCors": "PutBucketCORS",
        "PutBucketEncryption": "PutEncryptionConfiguration",
        "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
        "PutBucketNotificationConfiguration": "PutBucketNotification",
        "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
        "UploadPart": "PutObject",
        "UploadPartCopy": "GetObject",
    },
}

# What the cloud calls otherwise than botocore.
BOTOCORE = {"cognito": "cognito-idp"}

# What needs no permission on AWS: it is answered to whoever has a key.
OPEN = {"sts": {"GetCallerIdentity", "GetSessionToken"}}

# What operations without a signature say to whoever proves nothing: no such client, no such token.
UNPROVED = {("ResourceNotFoundException", 400), ("NotAuthorizedException", 400)}

# Operations of S3's model that boto3 sends as another service's.
SIGNED_FOR = {"ListDirectoryBuckets": "s3express", "WriteGetObjectResponse": "s3-object-lambda"}


def action(service, operation):
    """What IAM is asked for: API Gateway's actions are HTTP methods, DynamoDB's streams are DynamoDB's."""
    if service in ("apigateway", "apigatewayv2"):
        return f"apigateway:{model(service).operation_model(operation).http['method']}"
    prefix = {"dynamodbstreams": "dynamodb", "sns": "SNS"}.get(service, service)
    return f"{prefix}:{ACTIONS.get(service, {}).get(operation, operation)}"


# Python knows no names under localhost.
CONFIG = {"inject_host_prefix": False}


class World:
    """Something of everything, so that a request that is taken for another one does harm."""

    def __init__(self, machine):
        self.machine = machine
        self.root = {service: machine.client(service, config=CONFIG) for service in manual()}
        self.values = {"Arn": "arn:aws:iam::000000000000:role/kept"}
        self.make_principals()
        self.make_data()
        self.make_function()
        self.make_mapping()
        self.make_api()
        stack = {"Resources": {"Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "of-the-stack"}}}}
        cloudformation = self.root["cloudformation"]
        cloudformation.create_stack(StackName="kept", TemplateBody=json.dumps(stack))
        cloudformation.get_waiter("stack_create_complete").wait(StackName="kept", WaiterConfig={"Delay": 1})
        self.before = {service: self.look(service) for service in manual()}

    def make_principals(self):
        iam = self.root["iam"]
        for user in ("kept", "nobody"):
            iam.create_user(UserName=user)
        key = iam.create_access_key(UserName="nobody")["AccessKey"]
        secret = dict(aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
        self.nobody = {service: self.machine.client(service, config=CONFIG, **secret) for service in manual()}
        iam.create_group(GroupName="kept")
        iam.add_user_to_group(GroupName="kept", UserName="kept")
        iam.create_role(RoleName="kept", AssumeRolePolicyDocument=operations.TRUST)
        self.values["PolicyArn"] = iam.create_policy(PolicyName="kept", PolicyDocument=operations.POLICY)["Policy"]["Arn"]

    def make_data(self):
        s3, dynamodb, logs = self.root["s3"], self.root["dynamodb"], self.root["logs"]
        for bucket in ("kept", "kept-empty"):
            s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket="kept", Key="kept", Body=b"kept", Tagging="kept=kept")
        self.values["UploadId"] = s3.create_multipart_upload(Bucket="kept", Key="part")["UploadId"]
        s3.upload_part(Bucket="kept", Key="part", UploadId=self.values["UploadId"], PartNumber=1, Body=b"kept")
        table = dynamodb.create_table(
            TableName="kept",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        )
        self.table = table["TableDescription"]["TableArn"]
        self.stream = table["TableDescription"]["LatestStreamArn"]
        dynamodb.put_item(TableName="kept", Item={"k": {"S": "kept"}})
        logs.create_log_group(logGroupName="kept")
        logs.create_log_stream(logGroupName="kept", logStreamName="kept")
        logs.put_resource_policy(policyName="kept", policyDocument=WRITING)
        tags = [{"Key": "kept", "Value": "kept"}]
        self.root["secretsmanager"].create_secret(Name="kept", SecretString="kept", Tags=tags)
        self.root["scheduler"].create_schedule_group(Name="kept", Tags=tags)
        for group in ("default", "kept"):
            self.root["scheduler"].create_schedule(Name="kept", GroupName=group, **SCHEDULE)
        events = self.root["events"]
        events.create_event_bus(Name="kept", Tags=tags)
        basic = {"BasicAuthParameters": {"Username": "kept", "Password": "kept"}}
        connection = events.create_connection(Name="kept", AuthorizationType="BASIC", AuthParameters=basic)["ConnectionArn"]
        events.create_api_destination(Name="kept", ConnectionArn=connection, HttpMethod="POST", InvocationEndpoint="https://example.com")
        for bus in ("default", "kept"):
            events.put_rule(Name="kept", EventBusName=bus, EventPattern='{"source": ["kept"]}')
            events.put_targets(Rule="kept", EventBusName=bus, Targets=[TARGET])
            events.create_archive(ArchiveName=f"kept-{bus}", EventSourceArn=f"arn:aws:events:us-east-1:000000000000:event-bus/{bus}")
            events.put_permission(EventBusName=bus, StatementId="kept", Action="events:PutEvents", Principal="111111111111")
        self.root["ssm"].put_parameter(Name="kept", Value="kept", Type="String", Tags=tags)
        topic = self.root["sns"].create_topic(Name="kept", Tags=tags)["TopicArn"]
        queue = "arn:aws:sqs:us-east-1:000000000000:kept"
        self.values["SubscriptionArn"] = self.root["sns"].subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue)["SubscriptionArn"]
        self.root["sqs"].create_queue(QueueName="kept", tags={"kept": "kept"})
        self.root["sqs"].send_message(QueueUrl="kept", MessageBody="kept")
        self.make_pool()

    def make_pool(self):
        client = self.root["cognito-idp"]
        pool = client.create_user_pool(PoolName="kept", UserPoolTags={"kept": "kept"})["UserPool"]
        self.pool, of = pool["Arn"], {"UserPoolId": pool["Id"]}
        self.values |= of
        client.create_user_pool_client(**of, ClientName="kept")
        client.create_group(**of, GroupName="kept")
        client.create_resource_server(**of, Identifier="kept", Name="kept")
        client.admin_create_user(**of, Username="kept", MessageAction="SUPPRESS")
        client.admin_add_user_to_group(**of, GroupName="kept", Username="kept")

    def make_function(self):
        client, role = self.root["lambda"], "arn:aws:iam::000000000000:role/kept"
        functions.create(self.machine, role, "def handler(event, context): return event", name="kept")
        version = client.publish_version(FunctionName="kept")["Version"]
        client.create_alias(FunctionName="kept", Name="kept", FunctionVersion=version)
        client.create_function_url_config(FunctionName="kept", AuthType="NONE")
        client.publish_layer_version(LayerName="kept", Content={"ZipFile": functions.package(kept="")})

    def make_mapping(self):
        client = self.root["lambda"]
        source = {"EventSourceArn": "arn:aws:sqs:us-east-1:000000000000:kept", "FunctionName": "kept"}
        policy = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sqs:*", "Resource": "*"}}
        self.root["iam"].put_role_policy(RoleName="kept", PolicyName="kept", PolicyDocument=json.dumps(policy))
        self.values["UUID"] = client.create_event_source_mapping(**source, Enabled=False)["UUID"]
        while client.get_event_source_mapping(UUID=self.values["UUID"])["State"] != "Disabled":
            time.sleep(0.02)

    def make_api(self):
        client = self.root["apigateway"]
        self.values["restApiId"] = api = client.create_rest_api(name="kept")["id"]
        self.values["resourceId"] = client.get_resources(restApiId=api)["items"][0]["id"]
        client = self.root["apigatewayv2"]
        self.values["ApiId"] = api = client.create_api(Name="kept", ProtocolType="HTTP", Target="http://a.example")["ApiId"]
        self.values["RouteId"] = client.get_routes(ApiId=api)["Items"][0]["RouteId"]
        self.values["IntegrationId"] = client.get_integrations(ApiId=api)["Items"][0]["IntegrationId"]
        self.values["DeploymentId"] = client.create_deployment(ApiId=api)["DeploymentId"]

    def look(self, service):
        """What there is of a service."""
        return SNAPSHOTS[service](self.root[service]) if service in SNAPSHOTS else None

    def values_of(self, service, operation):
        own = dict(VALUES.get(service, {}), **VALUES.get((service, operation), {}))
        places = {"{table}": self.table, "{stream}": self.stream, "{pool}": self.pool}
        return {**self.values, **{name: places.get(value, value) if isinstance(value, str) else value for name, value in own.items()}}


def snapshot_of_s3(client):
    names = [bucket["Name"] for bucket in client.list_buckets()["Buckets"]]
    versions = {name: client.list_object_versions(Bucket=name).get("Versions", []) for name in names}
    body = client.get_object(Bucket="kept", Key="kept")["Body"].read()
    tags = client.get_object_tagging(Bucket="kept", Key="kept")["TagSet"]
    uploads = client.list_multipart_uploads(Bucket="kept").get("Uploads", [])
    return names, versions, body, tags, uploads


def snapshot_of_iam(client):
    roles, users = client.list_roles()["Roles"], client.list_users()["Users"]
    keys = [client.list_access_keys(UserName=user["UserName"])["AccessKeyMetadata"] for user in users]
    groups = client.list_groups()["Groups"]
    return roles, users, keys, groups, client.get_group(GroupName="kept")["Users"], client.list_policies(Scope="Local")["Policies"]


def snapshot_of_lambda(client):
    names = [function["FunctionName"] for function in client.list_functions()["Functions"]]
    versions = client.list_versions_by_function(FunctionName="kept")["Versions"]
    aliases = client.list_aliases(FunctionName="kept")["Aliases"]
    mappings = client.list_event_source_mappings()["EventSourceMappings"]
    urls = client.list_function_url_configs(FunctionName="kept")["FunctionUrlConfigs"]
    return names, versions, aliases, mappings, urls, client.list_layer_versions(LayerName="kept")["LayerVersions"]


def snapshot_of_apigateway(client):
    apis = client.get_rest_apis()["items"]
    return apis, [client.get_resources(restApiId=api["id"])["items"] for api in apis], client.get_account().get("cloudwatchRoleArn")


def snapshot_of_apigatewayv2(client):
    apis = client.get_apis()["Items"]
    lists = (client.get_routes, client.get_integrations, client.get_authorizers, client.get_stages, client.get_deployments)
    return apis, [[ask(ApiId=api["ApiId"])["Items"] for ask in lists] for api in apis]


def snapshot_of_cloudformation(client):
    return client.describe_stacks()["Stacks"], client.describe_stack_resources(StackName="kept")["StackResources"]


def snapshot_of_cognito(client):
    pools = client.list_user_pools(MaxResults=60)["UserPools"]
    asks = (client.describe_user_pool, client.list_user_pool_clients, client.list_groups, client.list_resource_servers, client.list_users)
    seen = [{name: one for ask in asks for name, one in ask(UserPoolId=pool["Id"]).items() if name != "ResponseMetadata"} for pool in pools]
    return pools, seen, [client.list_users_in_group(UserPoolId=pool["Id"], GroupName="kept")["Users"] for pool in pools]


def snapshot_of_dynamodb(client):
    return client.list_tables()["TableNames"], client.describe_table(TableName="kept")["Table"], client.scan(TableName="kept")["Items"]


def snapshot_of_logs(client):
    groups = client.describe_log_groups()["logGroups"]
    policies = client.describe_resource_policies()["resourcePolicies"]
    return groups, client.describe_log_streams(logGroupName="kept")["logStreams"], policies


def snapshot_of_events(client):
    buses, seen = client.list_event_buses()["EventBuses"], []
    for bus in (bus["Name"] for bus in buses):
        rules = client.list_rules(EventBusName=bus)["Rules"]
        seen += [rules, [client.list_targets_by_rule(Rule=rule["Name"], EventBusName=bus)["Targets"] for rule in rules]]
    archives, replays = client.list_archives()["Archives"], client.list_replays()["Replays"]
    seen += [client.list_connections()["Connections"], client.list_api_destinations()["ApiDestinations"]]
    return buses, seen, archives, replays, client.list_tags_for_resource(ResourceARN=buses[-1]["Arn"])["Tags"]


def snapshot_of_scheduler(client):
    groups = client.list_schedule_groups()["ScheduleGroups"]
    tags = [client.list_tags_for_resource(ResourceArn=group["Arn"])["Tags"] for group in groups]
    return groups, tags, client.list_schedules()["Schedules"]


def snapshot_of_secretsmanager(client):
    versions = client.list_secret_version_ids(SecretId="kept", IncludeDeprecated=True)["Versions"]
    # What is read is remembered, so a value is not looked at here.
    return client.list_secrets(IncludePlannedDeletion=True)["SecretList"], versions, client.get_resource_policy(SecretId="kept").get("ResourcePolicy")


def snapshot_of_ssm(client):
    of = {"ResourceType": "Parameter", "ResourceId": "kept"}
    return client.get_parameter_history(Name="kept")["Parameters"], client.list_tags_for_resource(**of)["TagList"]


def snapshot_of_sns(client):
    topics = [topic["TopicArn"] for topic in client.list_topics()["Topics"]]
    attributes = [client.get_topic_attributes(TopicArn=topic)["Attributes"] for topic in topics]
    subscriptions = client.list_subscriptions()["Subscriptions"]
    of = [client.get_subscription_attributes(SubscriptionArn=one["SubscriptionArn"])["Attributes"] for one in subscriptions]
    tags, sms = client.list_tags_for_resource(ResourceArn=TOPIC)["Tags"], client.get_sms_attributes()["attributes"]
    return topics, attributes, subscriptions, of, tags, sms


def snapshot_of_sqs(client):
    queues = client.list_queues()["QueueUrls"]
    attributes = [client.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"] for url in queues]
    return queues, attributes, client.list_queue_tags(QueueUrl="kept")["Tags"]


SNAPSHOTS = {
    "apigateway": snapshot_of_apigateway,
    "apigatewayv2": snapshot_of_apigatewayv2,
    "cloudformation": snapshot_of_cloudformation,
    "cognito-idp": snapshot_of_cognito,
    "dynamodb": snapshot_of_dynamodb,
    "events": snapshot_of_events,
    "iam": snapshot_of_iam,
    "lambda": snapshot_of_lambda,
    "logs": snapshot_of_logs,
    "s3": snapshot_of_s3,
    "scheduler": snapshot_of_scheduler,
    "secretsmanager": snapshot_of_secretsmanager,
    "sns": snapshot_of_sns,
    "sqs": snapshot_of_sqs,
    "ssm": snapshot_of_ssm,
}

FUNCTION = "arn:aws:lambda:us-east-1:000000000000"
TOPIC = "arn:aws:sns:us-east-1:000000000000:kept"

SCHEDULE = {
    "ScheduleExpression": "rate(5 days)",
    "State": "DISABLED",
    "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": f"{FUNCTION}:function:kept", "RoleArn": "arn:aws:iam::000000000000:role/kept"},
}

WRITING = json.dumps({"Statement": [{"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "logs:PutLogEvents", "Resource": "*"}]})
TARGET = {"Id": "kept", "Arn": "arn:aws:sqs:us-east-1:000000000000:kept"}

FILES = f"arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-{'0' * 17}"

# Values of members by service, and by operation where that one needs others.
VALUES = {
    "apigateway": {"statusCode": "200"},
    "iam": {"PolicyDocument": operations.POLICY, "AssumeRolePolicyDocument": operations.TRUST, "VersionId": "v1"},
    "lambda": {
        "Arn": f"{FUNCTION}:layer:kept:1",
        "CapacityProviderArn": f"{FUNCTION}:capacity-provider:kept",
        "CodeSigningConfigArn": f"{FUNCTION}:code-signing-config:csc-{'a' * 17}",
        "Endpoints": {"KAFKA_BOOTSTRAP_SERVERS": ["kept:9092"]},
        "LocalMountPath": "/mnt/kept",
        "MasterRegion": "ALL",
        "Principal": "s3.amazonaws.com",
        "Resource": f"{FUNCTION}:function:kept",
        "RuntimeArn": f"{FUNCTION}:runtime/kept",
        "SecurityGroupId": "sg-1",
        "SubnetId": "subnet-1",
    },
    ("lambda", "CreateFunction"): {"Arn": FILES},
    ("lambda", "UpdateFunctionConfiguration"): {"Arn": FILES},
    ("lambda", "PutFunctionRecursionConfig"): {"RecursiveLoop": "Allow"},
    "cognito-idp": {
        "AcrConfiguration": {"Level1": {"AcrValue": "kept"}},
        "EmailMessageByLink": "{##kept##}",
        "Feature": "DISABLED",
        "ReplyToEmailAddress": "kept@example.com",
        "ResourceArn": "{pool}",
        "SmsAuthenticationMessage": "{####}",
    },
    "dynamodbstreams": {"StreamArn": "{stream}"},
    "events": {
        "Arn": TARGET["Arn"],
        "Event": '{"id":"i","account":"0","source":"kept","time":"t","region":"r","resources":[],"detail-type":"d"}',
        "EventBuses": [{"EventBusArn": "arn:aws:events:us-east-1:000000000000:event-bus/kept"}] * 2,
        "EventPattern": '{"source": ["kept"]}',
        "ArchiveName": "kept-kept",
        "Destination": {"Arn": "arn:aws:events:us-east-1:000000000000:event-bus/kept"},
        "ConnectionArn": "arn:aws:events:us-east-1:000000000000:connection/kept/kept",
        "EventSourceName": "aws.partner/kept/kept",
        "HealthCheck": "arn:aws:route53:::healthcheck/kept",
        "ResourceARN": "arn:aws:events:us-east-1:000000000000:event-bus/kept",
        "ResourceConfigurationArn": "arn:aws:vpc-lattice:us-east-1:000000000000:resourceconfiguration/rcfg-0123456789abcdefg",
        "Route": "eu-west-1",
        "TargetArn": TARGET["Arn"],
    },
    ("events", "CreateArchive"): {"EventSourceArn": "arn:aws:events:us-east-1:000000000000:event-bus/kept"},
    ("events", "StartReplay"): {"EventSourceArn": "arn:aws:events:us-east-1:000000000000:archive/kept-kept", "EventEndTime": 1},
    ("events", "PutPermission"): {"Policy": operations.POLICY},
    "logs": {"keyAttributes": {"Type": "Service", "Name": "kept"}},
    ("logs", "PutResourcePolicy"): {"policyName": "kept", "policyDocument": WRITING},
    ("logs", "DeleteResourcePolicy"): {"policyName": "kept"},
    "s3": {"Bucket": "kept", "Key": "kept", "CopySource": "kept/kept", "RenameSource": "kept"},
    "scheduler": {
        **SCHEDULE,
        "Arn": "arn:aws:sqs:us-east-1:000000000000:kept",
        "KmsKeyArn": "arn:aws:kms:us-east-1:000000000000:key/kept",
        "ResourceArn": "arn:aws:scheduler:us-east-1:000000000000:schedule-group/kept",
    },
    "secretsmanager": {"ResourcePolicy": operations.TRUST, "Region": "eu-west-1"},
    "sns": {"TopicArn": TOPIC, "TargetArn": TOPIC, "ResourceArn": TOPIC, "Protocol": "sqs", "Endpoint": "arn:aws:sqs:us-east-1:000000000000:kept"},
    ("sns", "SetSMSAttributes"): {"attributes": {"DefaultSMSType": "Promotional"}},
    "sqs": {"QueueUrl": "kept", "QueueName": "kept", "SourceArn": "arn:aws:sqs:us-east-1:000000000000:kept"},
    "ssm": {"ResourceType": "Parameter"},
    "sts": {"RoleArn": "arn:aws:iam::000000000000:role/kept", "AccessKeyId": "AKIAIOSFODNN7EXAMPLE"},
    ("lambda", "AddLayerVersionPermission"): {"Action": "lambda:GetLayerVersion", "Principal": "*"},
    ("lambda", "AddPermission"): {"Action": "lambda:InvokeFunction"},
    ("dynamodb", "TransactWriteItems"): {"TransactItems": [{"Put": {"TableName": "kept", "Item": {"k": {"S": "kept"}}}}]},
}


@pytest.fixture(scope="module")
def world(shared_machine):
    return World(shared_machine)


def call(client, operation, arguments):
    """Code, message and status of a call's error; none when it is answered. DeleteObjects is refused key by key."""
    try:
        answer = client._make_api_call(operation, arguments)
    except ClientError as error:
        told = error.response["Error"]
        return told["Code"], told.get("Message", ""), error.response["ResponseMetadata"]["HTTPStatusCode"]
    if operation == "DeleteObjects" and answer.get("Errors"):
        return answer["Errors"][0]["Code"], answer["Errors"][0]["Message"], 403
    return None


def test_the_manual_names_every_service(shared_machine):
    health = requests.get(f"http://127.0.0.1:{shared_machine.port}/_slam/health", timeout=60).json()
    assert {BOTOCORE.get(name, name) for name in health["services"]} <= manual().keys()


@pytest.mark.parametrize("service", manual())
def test_the_manual_names_every_operation(service):
    carried_out, refused = manual()[service]
    assert not carried_out & refused
    assert carried_out | refused == set(model(service).operation_names) - SAME.keys()


@pytest.mark.parametrize("service, operation", every(), ids=lambda value: value)
def test_an_operation_is_carried_out_as_itself_or_refused_by_its_name(world, service, operation):
    name = SAME.get(operation, operation)
    shape = model(service).operation_model(operation)
    arguments = operations.minimal(shape, world.values_of(service, operation))
    if name not in manual()[service][0]:
        code, message, status = call(world.root[service], operation, arguments)
        assert (code, status) == ("NotImplemented", 501), (code, message)
        assert re.search(rf"\b{SIGNED_FOR.get(name, name)}\b", message), message
    elif name in OPEN.get(service, ()):
        assert call(world.nobody[service], operation, arguments) is None
    elif shape.auth_type == "none":
        # It needs no signature, so no permission either: its input proves who calls, which this one does not.
        code, message, status = call(world.nobody[service], operation, arguments)
        assert (code, status) in UNPROVED, (code, message)
    else:
        error = call(world.nobody[service], operation, arguments)
        assert error, f"{operation} was answered to a user without permissions"
        code, message, status = error
        # The answer to a HEAD has no body to tell more.
        told = code in ("AccessDenied", "AccessDeniedException", "AuthorizationError") and f" {action(service, name)} " in message
        assert told or (shape.http["method"], status) == ("HEAD", 403), error
    assert world.look(service) == world.before[service]


# botocore signs for a global endpoint with a library apart: tests/test_events.py sends it by itself.
UNSENDABLE = {("events", "PutEvents", "EndpointId")}
PARAMETERS = [one for one in operations.refused_parameters() if one[:3] not in UNSENDABLE]


@pytest.mark.parametrize("service, operation, path, unless", PARAMETERS, ids=lambda value: value or "")
def test_a_parameter_is_refused_by_its_name(world, service, operation, path, unless):
    arguments = operations.asking(model(service).operation_model(operation).input_shape, path, unless, world.values_of(service, operation))
    code, message, status = call(world.root[service], operation, arguments)
    assert (code, status) == ("NotImplemented", 501), (code, message)
    assert re.search(rf"\b{path.rpartition('.')[2]}\b", message), message
    assert world.look(service) == world.before[service]
