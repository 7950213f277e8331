"""Each condition key that AWS has for the services of the cloud: filled, absent by nature, or refused by name.

The keys are those of `of_services.tsv` beside IAM's code, made from AWS's Service Authorization Reference. A key that is
filled is shown by a request that its right value allows and a wrong one does not; one that is absent, by a request that
meets `Null`; all others must be refused when a policy with them is put.
"""

import io
import itertools
import json
import time
import zipfile

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from conftest import ROOT

KEYS = ROOT / "cloud" / "iam" / "src" / "policy" / "keys"
ACCOUNT = "000000000000"
NUMBER = itertools.count()
TOKEN = "00000000-0000-4000-8000-000000000000"


def table():
    """Key and service, of every key but those of identity providers."""
    for line in (KEYS / "of_services.tsv").read_text().splitlines():
        service, key, _, _ = line.split("\t")
        if service != "sts" or key.startswith(("sts:", "iam:")):
            yield key.replace("${TagKey}", "proj").replace("<key>", "proj").replace("${ContextKey}", "proj"), service


KINDS = dict(reversed(line.split("\t")[:2]) for line in (KEYS / "kinds.tsv").read_text().splitlines())


def kind(key):
    whole = (kind for name, kind in KINDS.items() if key.lower() == name.lower())
    begun = (kind for name, kind in KINDS.items() if name.endswith("/") and key.lower().startswith(name.lower()))
    return next(whole, None) or next(begun, "refused")


class World:
    """What the requests are about, and who makes them."""

    def __init__(self, machine):
        self.machine = machine
        self.root = {name: machine.client(name) for name in ("s3", "iam", "sts", "dynamodb", "events", "lambda", "cloudformation", "cognito-idp", "logs", "scheduler", "secretsmanager", "sns", "sqs", "ssm")}
        iam, s3 = self.root["iam"], self.root["s3"]
        self.user = iam.create_user(UserName="ann", Tags=[{"Key": "proj", "Value": "blue"}])["User"]
        self.key = iam.create_access_key(UserName="ann")["AccessKey"]
        self.trust = {
            "Version": "2012-10-17",
            "Statement": [
                {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"},
                {"Effect": "Allow", "Principal": {"Service": ["lambda.amazonaws.com", "cloudformation.amazonaws.com"]}, "Action": "sts:AssumeRole"},
            ],
        }
        tags = [{"Key": "proj", "Value": "blue"}]
        self.role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps(self.trust), Tags=tags)["Role"]
        everything = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        self.boundary = iam.create_policy(PolicyName="bound", PolicyDocument=json.dumps(everything))["Policy"]["Arn"]
        iam.create_user(UserName="bounded", PermissionsBoundary=self.boundary)
        self.session = self.of_role()
        s3.create_bucket(Bucket="keys")
        s3.put_object(Bucket="keys", Key="k", Body=b"x", Tagging="proj=blue")
        s3.put_bucket_versioning(Bucket="keys", VersioningConfiguration={"Status": "Enabled"})
        self.version = s3.put_object(Bucket="keys", Key="k", Body=b"x", Tagging="proj=blue")["VersionId"]
        self.root["ssm"].put_parameter(Name="tagged", Type="String", Value="v", Tags=tags)
        self.root["secretsmanager"].create_secret(Name="tagged", SecretString="v", Tags=tags, ClientRequestToken=TOKEN)
        self.root["dynamodb"].create_table(
            TableName="table",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
            KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
        )
        self.function = self.make_function(self.root["lambda"], "asked")
        self.url = self.root["lambda"].create_function_url_config(FunctionName="asked", AuthType="AWS_IAM")["FunctionUrl"]
        self.root["lambda"].add_permission(FunctionName="asked", StatementId="url", Action="lambda:InvokeFunctionUrl", Principal="*")
        payload = self.root["lambda"].invoke(FunctionName="asked")["Payload"].read()
        self.of_function = self.client_of(*json.loads(payload))

    def make_function(self, client, name, **more):
        package = io.BytesIO()
        with zipfile.ZipFile(package, "w") as files:
            files.writestr(
                "index.py",
                "import os\ndef handler(event, context): return [os.environ[name] for name in "
                "('AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN')]\n",
            )
        role = more.pop("role", self.role["Arn"])
        return client.create_function(
            FunctionName=name, Runtime="python3.11", Handler="index.handler", Role=role, Code={"ZipFile": package.getvalue()}, **more
        )["FunctionArn"]

    def client_of(self, *key):
        def client(service, **config):
            return boto3.client(
                service,
                endpoint_url=f"http://127.0.0.1:{self.machine.port}",
                region_name="us-east-1",
                aws_access_key_id=key[0],
                aws_secret_access_key=key[1],
                aws_session_token=key[2] if len(key) > 2 else None,
                config=Config(retries={"total_max_attempts": 1}, user_agent="tests", **config),
            )

        return client

    def of_role(self):
        found = self.root["sts"].assume_role(RoleArn=self.role["Arn"], RoleSessionName="session")["Credentials"]
        self.opened = time.time()
        return self.client_of(found["AccessKeyId"], found["SecretAccessKey"], found["SessionToken"])

    def of_user(self):
        return self.client_of(self.key["AccessKeyId"], self.key["SecretAccessKey"])

    def put(self, statement, who="role"):
        """Lets the role (or the user) do what the statement says, and nothing else."""
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        iam = self.root["iam"]
        if who == "role":
            iam.put_role_policy(RoleName="r", PolicyName="p", PolicyDocument=document)
        else:
            iam.put_user_policy(UserName="ann", PolicyName="p", PolicyDocument=document)


@pytest.fixture(scope="module")
def world(shared_machine):
    return World(shared_machine)


def is_allowed(call):
    """Whether a call comes past IAM; what it says then does not matter here."""
    try:
        call()
    except ClientError as error:
        code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
        return not (code in ("AccessDenied", "AccessDeniedException") or status == 403)
    return True


def name(prefix="n"):
    return f"{prefix}{next(NUMBER)}"


def get(client, **more):
    return client("s3").get_object(Bucket="keys", Key="k", **more)


def put(client, **more):
    return client("s3").put_object(Bucket="keys", Key=name(), Body=b"x", **more)


def ls(client, **more):
    return client("s3").list_objects_v2(Bucket="keys", **more)


def new_bucket(client, **more):
    return client("s3").create_bucket(Bucket=name("bucket"), **more)


def presigned(client):
    import requests

    url = client("s3", signature_version="s3v4").generate_presigned_url("get_object", {"Bucket": "keys", "Key": "k"})
    answer = requests.get(url)
    if answer.status_code == 403:
        raise ClientError({"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "GetObject")


def with_referer(client):
    s3 = client("s3")
    s3.meta.events.register("before-sign.s3", lambda request, **_: request.headers.add_header("Referer", "http://here/"))
    return s3.get_object(Bucket="keys", Key="k")


def copy(client, **more):
    return client("s3").copy_object(Bucket="keys", Key=name(), CopySource="keys/k", **more)


def secret(client, operation, **more):
    return getattr(client("secretsmanager"), operation)(**{"SecretId": "tagged", **more})


def put_rule(client, **pattern):
    return client("events").put_rule(Name="asked", EventPattern=json.dumps(pattern))


def put_event(client):
    return client("events").put_events(Entries=[{"Source": "mine", "DetailType": "made", "Detail": "{}"}])


def put_target(client):
    return client("events").put_targets(Rule="none", Targets=[{"Id": "t", "Arn": f"arn:aws:sqs:us-east-1:{ACCOUNT}:asked"}])


def transact(client):
    get = {"Get": {"TableName": "table", "Key": {"k": {"S": "a"}}}}
    return client("dynamodb").transact_get_items(TransactItems=[get])


def by_url(client, url):
    """Calls a function by its URL; what that needs beside the condition's action is allowed by the function."""
    import botocore.auth
    import botocore.awsrequest
    import requests

    request = botocore.awsrequest.AWSRequest("GET", url)
    botocore.auth.SigV4Auth(client("lambda")._request_signer._credentials, "lambda", "us-east-1").add_auth(request)
    if requests.get(url, headers=dict(request.headers)).status_code == 403:
        raise ClientError({"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}, "InvokeFunction")


# Key: operator, right value, wrong value, actions, request. `{…}` is filled in from the world.
S3, PUT, LIST, NEW = ["s3:GetObject"], ["s3:PutObject", "s3:PutObjectTagging"], ["s3:ListBucket"], ["s3:CreateBucket"]
ITEM = ["dynamodb:*"]
GRANT = "uri=http://acs.amazonaws.com/groups/global/AllUsers"

SHOWN = {
    "aws:CurrentTime": ("DateGreaterThan", "2020-01-01T00:00:00Z", "2120-01-01T00:00:00Z", S3, get),
    "aws:EpochTime": ("DateGreaterThan", "1577836800", "4733510400", S3, get),
    "aws:MultiFactorAuthPresent": ("Bool", "false", "true", S3, get),
    "aws:PrincipalAccount": ("StringEquals", ACCOUNT, "111111111111", S3, get),
    "aws:PrincipalArn": ("ArnEquals", "{role}", "{role}x", S3, get),
    "aws:PrincipalIsAWSService": ("Bool", "false", "true", S3, get),
    "aws:PrincipalTag/proj": ("StringEquals", "blue", "red", S3, get),
    "aws:PrincipalType": ("StringEquals", "AssumedRole", "User", S3, get),
    "aws:RequestedRegion": ("StringEquals", "us-east-1", "eu-west-1", S3, get),
    "aws:RequestTag/proj": ("StringEquals", "blue", "red", ["iam:CreateUser"], lambda c: c("iam").create_user(UserName=name(), Tags=[{"Key": "proj", "Value": "blue"}])),
    "aws:ResourceAccount": ("StringEquals", ACCOUNT, "111111111111", S3, get),
    "aws:ResourceTag/proj": ("StringEquals", "blue", "red", ["iam:GetRole"], lambda c: c("iam").get_role(RoleName="r")),
    "aws:SecureTransport": ("Bool", "true", "false", S3, get),
    "aws:SourceIp": ("IpAddress", "127.0.0.0/8", "203.0.113.0/24", S3, get),
    "aws:TagKeys": ("ForAllValues:StringEquals", "proj", "other", ["iam:CreateUser"], lambda c: c("iam").create_user(UserName=name(), Tags=[{"Key": "proj", "Value": "blue"}])),
    "aws:TokenIssueTime": ("DateGreaterThan", "2020-01-01T00:00:00Z", "2120-01-01T00:00:00Z", S3, get),
    "aws:UserAgent": ("StringLike", "*tests*", "*nothing*", S3, get),
    "aws:ViaAWSService": ("Bool", "false", "true", S3, get),
    "aws:referer": ("StringEquals", "http://here/", "http://there/", S3, with_referer),
    "aws:userid": ("StringLike", "*:session", "*:other", S3, get),
    "dynamodb:EnclosingOperation": ("StringEquals", "TransactGetItems", "TransactWriteItems", ITEM, transact),
    "dynamodb:LeadingKeys": ("ForAllValues:StringEquals", "a", "b", ITEM, lambda c: c("dynamodb").get_item(TableName="table", Key={"k": {"S": "a"}})),
    "dynamodb:ReturnConsumedCapacity": ("StringEquals", "TOTAL", "NONE", ITEM, lambda c: c("dynamodb").scan(TableName="table", ReturnConsumedCapacity="TOTAL")),
    "dynamodb:ReturnValues": ("StringEquals", "ALL_OLD", "NONE", ITEM, lambda c: c("dynamodb").put_item(TableName="table", Item={"k": {"S": "a"}}, ReturnValues="ALL_OLD")),
    "dynamodb:Select": ("StringEquals", "COUNT", "ALL_ATTRIBUTES", ITEM, lambda c: c("dynamodb").scan(TableName="table", Select="COUNT")),
    "events:TargetArn": ("ArnEquals", f"arn:aws:sqs:us-east-1:{ACCOUNT}:asked", f"arn:aws:sqs:us-east-1:{ACCOUNT}:other", ["events:PutTargets"], put_target),
    "events:creatorAccount": ("StringEquals", ACCOUNT, "111111111111", ["events:PutRule"], lambda c: put_rule(c, source=["mine"])),
    "events:detail-type": ("StringEquals", "made", "other", ["events:PutEvents"], put_event),
    "events:detail.eventTypeCode": ("StringEquals", "a", "b", ["events:PutRule"], lambda c: put_rule(c, source=["mine"], detail={"eventTypeCode": ["a"]})),
    "events:detail.service": ("StringEquals", "a", "b", ["events:PutRule"], lambda c: put_rule(c, source=["mine"], detail={"service": ["a"]})),
    "events:detail.userIdentity.principalId": ("StringEquals", "a", "b", ["events:PutRule"], lambda c: put_rule(c, source=["mine"], detail={"userIdentity": {"principalId": ["a"]}})),
    "events:eventBusInvocation": ("StringEquals", "false", "true", ["events:PutEvents"], put_event),
    "events:source": ("StringEquals", "mine", "other", ["events:PutEvents"], put_event),
    "iam:PassedToService": ("StringEquals", "lambda.amazonaws.com", "ec2.amazonaws.com", ["iam:PassRole"], None),
    "iam:PermissionsBoundary": ("ArnEquals", "{boundary}", "{boundary}x", ["iam:*"], lambda c: c("iam").detach_user_policy(UserName="bounded", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")),
    "iam:PolicyARN": ("ArnEquals", "arn:aws:iam::aws:policy/ReadOnlyAccess", "arn:aws:iam::aws:policy/AWSDenyAll", ["iam:*"], lambda c: c("iam").attach_user_policy(UserName="bounded", PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")),
    "iam:ResourceTag/proj": ("StringEquals", "blue", "red", ["iam:GetRole"], lambda c: c("iam").get_role(RoleName="r")),
    "lambda:FunctionArn": ("ArnEquals", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:asked", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:other", ["lambda:CreateEventSourceMapping"], lambda c: c("lambda").create_event_source_mapping(FunctionName="asked", EventSourceArn=f"arn:aws:sqs:us-east-1:{ACCOUNT}:none")),
    "lambda:FunctionUrlAuthType": ("StringEquals", "NONE", "AWS_IAM", ["lambda:AddPermission"], lambda c: c("lambda").add_permission(FunctionName="asked", StatementId=name(), Action="lambda:InvokeFunctionUrl", Principal="*", FunctionUrlAuthType="NONE")),
    "lambda:InvokedViaFunctionUrl": ("Bool", "true", "false", ["lambda:InvokeFunction"], None),
    "lambda:Principal": ("StringEquals", "s3.amazonaws.com", "sns.amazonaws.com", ["lambda:AddPermission"], lambda c: c("lambda").add_permission(FunctionName="asked", StatementId=name(), Action="lambda:InvokeFunction", Principal="s3.amazonaws.com")),
    "sns:Endpoint": ("StringLike", "*:none", "*:other", ["sns:Subscribe"], lambda c: c("sns").subscribe(TopicArn=f"arn:aws:sns:us-east-1:{ACCOUNT}:none", Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:none")),
    "sns:Protocol": ("StringEquals", "sqs", "http", ["sns:Subscribe"], lambda c: c("sns").subscribe(TopicArn=f"arn:aws:sns:us-east-1:{ACCOUNT}:none", Protocol="sqs", Endpoint=f"arn:aws:sqs:us-east-1:{ACCOUNT}:none")),
    "lambda:Layer": ("ForAnyValue:StringLike", "*:layer:a:*", "*:layer:b:*", ["lambda:UpdateFunctionConfiguration"], lambda c: c("lambda").update_function_configuration(FunctionName="asked", Layers=["arn:aws:lambda:us-east-1:000000000000:layer:a:1"])),
    "s3:ExistingObjectTag/proj": ("StringEquals", "blue", "red", S3, get),
    "s3:ObjectCreationOperation": ("Bool", "true", "false", PUT, put),
    "s3:RequestObjectTag/proj": ("StringEquals", "blue", "red", PUT, lambda c: put(c, Tagging="proj=blue")),
    "s3:RequestObjectTagKeys": ("ForAnyValue:StringEquals", "proj", "other", ["s3:PutObjectTagging"], lambda c: c("s3").put_object_tagging(Bucket="keys", Key="k", Tagging={"TagSet": [{"Key": "proj", "Value": "blue"}]})),
    "s3:ResourceAccount": ("StringEquals", ACCOUNT, "111111111111", S3, get),
    "s3:TlsVersion": ("NumericGreaterThanEquals", "1.2", "9", S3, get),
    "s3:authType": ("StringEquals", "REST-QUERY-STRING", "REST-HEADER", S3, presigned),
    "s3:delimiter": ("StringEquals", "/", "|", LIST, lambda c: ls(c, Delimiter="/")),
    "s3:if-match": ("StringEquals", "e", "f", PUT, lambda c: c("s3").put_object(Bucket="keys", Key="k", Body=b"x", IfMatch="e")),
    "s3:if-none-match": ("StringEquals", "*", "e", PUT, lambda c: put(c, IfNoneMatch="*")),
    "s3:locationconstraint": ("StringEquals", "eu-west-1", "eu-west-2", NEW, lambda c: new_bucket(c, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})),
    "s3:max-keys": ("NumericLessThanEquals", "10", "5", LIST, lambda c: ls(c, MaxKeys=7)),
    "s3:prefix": ("StringEquals", "a/", "b/", LIST, lambda c: ls(c, Prefix="a/")),
    "s3:signatureAge": ("NumericLessThan", "600000", "-1", S3, presigned),
    "s3:signatureversion": ("StringEquals", "AWS4-HMAC-SHA256", "AWS", S3, get),
    "s3:versionid": ("StringEquals", "{version}", "x", ["s3:GetObjectVersion"], None),
    "s3:x-amz-acl": ("StringEquals", "private", "public-read", PUT, lambda c: put(c, ACL="private")),
    "s3:x-amz-bucket-namespace": ("StringEquals", "global", "account-regional", NEW, lambda c: new_bucket(c, BucketNamespace="global")),
    "s3:x-amz-content-sha256": ("StringLike", "*", "UNSIGNED", S3, get),
    "s3:x-amz-copy-source": ("StringEquals", "keys/k", "keys/l", S3 + PUT + ["s3:GetObjectTagging"], copy),
    "s3:x-amz-grant-full-control": ("StringEquals", GRANT, "id=1", ["s3:PutBucketAcl"], lambda c: c("s3").put_bucket_acl(Bucket="keys", GrantFullControl=GRANT)),
    "s3:x-amz-grant-read": ("StringEquals", GRANT, "id=1", ["s3:PutBucketAcl"], lambda c: c("s3").put_bucket_acl(Bucket="keys", GrantRead=GRANT)),
    "s3:x-amz-grant-read-acp": ("StringEquals", GRANT, "id=1", ["s3:PutBucketAcl"], lambda c: c("s3").put_bucket_acl(Bucket="keys", GrantReadACP=GRANT)),
    "s3:x-amz-grant-write": ("StringEquals", GRANT, "id=1", ["s3:PutBucketAcl"], lambda c: c("s3").put_bucket_acl(Bucket="keys", GrantWrite=GRANT)),
    "s3:x-amz-grant-write-acp": ("StringEquals", GRANT, "id=1", ["s3:PutBucketAcl"], lambda c: c("s3").put_bucket_acl(Bucket="keys", GrantWriteACP=GRANT)),
    "s3:x-amz-metadata-directive": ("StringEquals", "REPLACE", "COPY", S3 + PUT + ["s3:GetObjectTagging"], lambda c: copy(c, MetadataDirective="REPLACE")),
    "s3:x-amz-object-ownership": ("StringEquals", "ObjectWriter", "BucketOwnerEnforced", NEW, lambda c: new_bucket(c, ObjectOwnership="ObjectWriter")),
    "s3:x-amz-server-side-encryption": ("StringEquals", "AES256", "aws:kms", PUT, lambda c: put(c, ServerSideEncryption="AES256")),
    "s3:x-amz-storage-class": ("StringEquals", "STANDARD_IA", "GLACIER", PUT, lambda c: put(c, StorageClass="STANDARD_IA")),
    "secretsmanager:BlockPublicPolicy": ("Bool", "true", "false", ["secretsmanager:PutResourcePolicy"], lambda c: secret(c, "put_resource_policy", ResourcePolicy="{}", BlockPublicPolicy=True)),
    "secretsmanager:Description": ("StringEquals", "d", "e", ["secretsmanager:UpdateSecret"], lambda c: secret(c, "update_secret", Description="d")),
    "secretsmanager:ForceDeleteWithoutRecovery": ("Bool", "true", "false", ["secretsmanager:DeleteSecret"], lambda c: secret(c, "delete_secret", SecretId="none", ForceDeleteWithoutRecovery=True)),
    "secretsmanager:KmsKeyId": ("StringEquals", "alias/aws/secretsmanager", "alias/mine", ["secretsmanager:UpdateSecret"], lambda c: secret(c, "update_secret", KmsKeyId="alias/aws/secretsmanager")),
    "secretsmanager:Name": ("StringEquals", "asked", "other", ["secretsmanager:CreateSecret"], lambda c: c("secretsmanager").create_secret(Name="asked")),
    "secretsmanager:RecoveryWindowInDays": ("NumericLessThan", "10", "8", ["secretsmanager:DeleteSecret"], lambda c: secret(c, "delete_secret", SecretId="none", RecoveryWindowInDays=8)),
    "secretsmanager:ResourceTag/proj": ("StringEquals", "blue", "red", ["secretsmanager:GetSecretValue"], lambda c: secret(c, "get_secret_value")),
    "secretsmanager:SecretId": ("ArnLike", "arn:aws:secretsmanager:*:*:secret:tagged-*", "arn:aws:secretsmanager:*:*:secret:other-*", ["secretsmanager:GetSecretValue"], lambda c: secret(c, "get_secret_value")),
    "secretsmanager:SecretPrimaryRegion": ("StringEquals", "us-east-1", "eu-west-1", ["secretsmanager:DescribeSecret"], lambda c: secret(c, "describe_secret")),
    "secretsmanager:VersionId": ("StringEquals", TOKEN, "x", ["secretsmanager:GetSecretValue"], lambda c: secret(c, "get_secret_value", VersionId=TOKEN)),
    "secretsmanager:VersionStage": ("StringEquals", "AWSCURRENT", "AWSPREVIOUS", ["secretsmanager:GetSecretValue"], lambda c: secret(c, "get_secret_value")),
    "ssm:Overwrite": ("StringEquals", "true", "false", ["ssm:PutParameter"], lambda c: c("ssm").put_parameter(Name="asked", Type="String", Value="v", Overwrite=True)),
    "ssm:Recursive": ("StringEquals", "true", "false", ["ssm:GetParametersByPath"], lambda c: c("ssm").get_parameters_by_path(Path="/asked", Recursive=True)),
    "ssm:resourceTag/proj": ("StringEquals", "blue", "red", ["ssm:GetParameter"], lambda c: c("ssm").get_parameter(Name="tagged")),
    "sts:ExternalId": ("StringEquals", "ee", "ff", ["sts:AssumeRole"], lambda c: c("sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/r", RoleSessionName="ss", ExternalId="ee")),
    "sts:RoleSessionName": ("StringEquals", "ss", "tt", ["sts:AssumeRole"], lambda c: c("sts").assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/r", RoleSessionName="ss")),
}


def check(world, key, who="role", client=None):
    operator, right, wrong, actions, call = SHOWN[key]
    texts = {"{role}": world.role["Arn"], "{boundary}": world.boundary, "{version}": world.version}
    if key == "s3:versionid":
        call = lambda client: get(client, VersionId=world.version)  # noqa: E731
    if key == "lambda:InvokedViaFunctionUrl":
        call = lambda client: by_url(client, world.url)  # noqa: E731
    if key == "iam:PassedToService":
        call = lambda client: world.make_function(client("lambda"), name())  # noqa: E731
    seen = []
    for value in (right, wrong):
        for mark, text in texts.items():
            value = value.replace(mark, text)
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*", "Condition": {operator: {key: value}}}
        more = {"Effect": "Allow", "Action": ["lambda:CreateFunction", "lambda:GetLayerVersion", "s3:PutBucketOwnershipControls"], "Resource": "*"}
        world.put([statement, more], who)
        seen.append(is_allowed(lambda: call(client or world.session)))
    assert seen == [True, False], (key, seen)


@pytest.mark.parametrize("key", sorted(SHOWN))
def test_a_key_is_filled_with_its_true_value(world, key):
    check(world, key)


def test_a_users_name(world):
    for value, expected in [("ann", True), ("bob", False)]:
        world.put({"Effect": "Allow", "Action": S3, "Resource": "*", "Condition": {"StringEquals": {"aws:username": value}}}, "user")
        assert is_allowed(lambda: get(world.of_user())) == expected


def test_long_lived_keys_have_no_token_and_say_nothing_of_second_factors(world):
    for key in ["aws:TokenIssueTime", "aws:MultiFactorAuthPresent"]:
        for value, expected in [("true", True), ("false", False)]:
            world.put({"Effect": "Allow", "Action": S3, "Resource": "*", "Condition": {"Null": {key: value}}}, "user")
            assert is_allowed(lambda: get(world.of_user())) == expected, key


def test_the_policy_that_revokes_older_sessions(world):
    """AWSRevokeOlderSessions, as IAM's console puts it."""
    allow = {"Effect": "Allow", "Action": S3, "Resource": "*"}
    # The moment is between two sessions; times are whole seconds.
    revoke = {"Effect": "Deny", "Action": "*", "Resource": "*"}
    old = world.of_role()
    world.put([allow])
    assert is_allowed(lambda: get(old))
    moment = int(world.opened) + 2
    text = time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime(moment))
    world.put([allow, {**revoke, "Condition": {"DateLessThan": {"aws:TokenIssueTime": text}}}])
    assert not is_allowed(lambda: get(old))
    while time.time() < moment:
        time.sleep(0.2)
    new = world.of_role()
    assert is_allowed(lambda: get(new))
    assert not is_allowed(lambda: get(old))


def test_the_function_whose_code_calls(world):
    for value, expected in [(world.function, True), (world.function + "x", False)]:
        condition = {"ArnEquals": {"lambda:SourceFunctionArn": value}}
        world.put({"Effect": "Allow", "Action": S3, "Resource": "*", "Condition": condition})
        assert is_allowed(lambda: get(world.of_function)) == expected
    # A session that is no function's has none.
    assert not is_allowed(lambda: get(world.session))


SERVICE = {
    "aws:PrincipalServiceName": ("StringEquals", "lambda.amazonaws.com", "ec2.amazonaws.com"),
    "aws:PrincipalServiceNamesList": ("ForAnyValue:StringEquals", "lambda.amazonaws.com", "ec2.amazonaws.com"),
    "aws:SourceAccount": ("StringEquals", ACCOUNT, "111111111111"),
    "aws:SourceArn": ("ArnLike", "arn:aws:lambda:*:*:function:*", "arn:aws:s3:::b"),
}


@pytest.mark.parametrize("key", sorted(SERVICE))
def test_a_service_that_takes_on_a_role(world, key):
    operator, *values = SERVICE[key]
    iam, seen, role = world.root["iam"], [], name("service")
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    for value in values:
        document = json.dumps({"Version": "2012-10-17", "Statement": {**trust, "Condition": {operator: {key: value}}}})
        if not seen:
            arn = iam.create_role(RoleName=role, AssumeRolePolicyDocument=document)["Role"]["Arn"]
        else:
            iam.update_assume_role_policy(RoleName=role, PolicyDocument=document)
        try:
            world.make_function(world.root["lambda"], name(), role=arn)
            seen.append(True)
        except ClientError as error:
            assert "cannot be assumed by Lambda" in str(error)
            seen.append(False)
    assert seen == [True, False]


STACK = {"aws:CalledVia": "ForAnyValue:StringEquals", "aws:CalledViaFirst": "StringEquals", "aws:CalledViaLast": "StringEquals"}


def outcome(world, client, stack, **more):
    template = json.dumps({"Resources": {"G": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": stack}}}})
    client("cloudformation").create_stack(StackName=stack, TemplateBody=template, **more)
    reader = world.root["cloudformation"]
    reader.get_waiter("stack_exists").wait(StackName=stack)
    while (status := reader.describe_stacks(StackName=stack)["Stacks"][0]["StackStatus"]).endswith("_IN_PROGRESS"):
        time.sleep(0.05)
    return status


@pytest.mark.parametrize("key", sorted(STACK))
def test_a_service_that_calls_in_the_callers_name(world, key):
    for service, expected in [("cloudformation.amazonaws.com", "CREATE_COMPLETE"), ("athena.amazonaws.com", "ROLLBACK_COMPLETE")]:
        stacks = {"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*"}
        logs = {"Effect": "Allow", "Action": ["logs:*"], "Resource": "*", "Condition": {STACK[key]: {key: service}}}
        world.put([stacks, logs])
        assert outcome(world, world.session, name("via")) == expected


def test_the_role_that_a_stack_is_given(world):
    for value, expected in [(world.role["Arn"], True), (world.role["Arn"] + "x", False)]:
        condition = {"ArnEquals": {"cloudformation:RoleArn": value}}
        stacks = {"Effect": "Allow", "Action": "cloudformation:*", "Resource": "*", "Condition": condition}
        world.put([stacks, {"Effect": "Allow", "Action": ["iam:PassRole", "logs:*"], "Resource": "*"}])
        assert is_allowed(lambda: outcome(world, world.session, name("role"), RoleARN=world.role["Arn"])) == expected


ELSEWHERE = {"aws:username", "lambda:SourceFunctionArn", "cloudformation:RoleArn", *SERVICE, *STACK}


@pytest.mark.parametrize("key, service", sorted(set(table())))
def test_every_key_is_shown_or_absent_or_refused(world, key, service):
    vendor = service if service != "aws" else "*"
    action = {"execute-api": "execute-api:Invoke"}.get(vendor, f"{vendor}:*" if vendor != "*" else "*")
    statement = {"Effect": "Allow", "Action": action, "Resource": "*", "Condition": {"Null": {key: "true"}}}
    if kind(key) == "refused":
        with pytest.raises(ClientError) as error:
            world.put(statement)
        assert error.value.response["Error"]["Code"] in ("NotImplemented", "NotImplementedException"), error.value
        assert key in str(error.value)
    elif kind(key) == "filled":
        assert key in SHOWN or key in ELSEWHERE, f"no request shows {key}"
    else:
        for value, expected in [("true", True), ("false", False)]:
            statement = {"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {"Null": {key: value}}}
            world.put(statement)
            assert is_allowed(lambda: get(world.session)) == expected


def test_the_other_policies_are_looked_through_too(world):
    """Managed policies, those of buckets, APIs and secrets, and those of sessions."""
    refused = {"Condition": {"StringEquals": {"dynamodb:Attributes": "x"}}}
    everybody = {"Effect": "Deny", "Principal": "*", "Action": "*"}
    document = lambda **more: json.dumps({"Version": "2012-10-17", "Statement": [{**everybody, **more, **refused}]})  # noqa: E731
    iam, s3 = world.root["iam"], world.root["s3"]
    plain = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*", **refused}]})
    calls = [
        lambda: iam.create_policy(PolicyName="refused", PolicyDocument=plain),
        lambda: s3.put_bucket_policy(Bucket="keys", Policy=document(Resource="arn:aws:s3:::keys/*")),
        lambda: world.machine.client("apigateway").create_rest_api(name="refused", policy=document(Resource="*")),
        lambda: world.root["secretsmanager"].put_resource_policy(SecretId="tagged", ResourcePolicy=document(Resource="*")),
        lambda: world.root["sts"].assume_role(RoleArn=world.role["Arn"], RoleSessionName="ss", Policy=plain),
    ]
    for call in calls:
        with pytest.raises(ClientError, match="dynamodb:Attributes"):
            call()
