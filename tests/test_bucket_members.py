"""Members of S3's operations are honoured or refused by name, before anything happens."""

import json

import operations
import pytest
from botocore.exceptions import ClientError


def refused(call):
    with pytest.raises(ClientError) as error:
        call()
    return error.value.response["Error"]["Code"], str(error.value)


def bucket(machine, name, ownership, open=True):
    s3 = machine.client("s3")
    s3.create_bucket(Bucket=name, ObjectOwnership=ownership)
    if open:
        s3.delete_public_access_block(Bucket=name)
    return s3


@pytest.mark.parametrize("ownership", ["ObjectWriter", "BucketOwnerPreferred"])
def test_acls_of_a_bucket_that_has_them(shared_machine, ownership):
    name = ownership.lower()
    s3 = bucket(shared_machine, name, ownership)
    s3.put_object(Bucket=name, Key="k", Body=b"x", ACL="private")
    s3.put_object_acl(Bucket=name, Key="k", ACL="bucket-owner-full-control")
    for call in [
        lambda: s3.put_object(Bucket=name, Key="new", Body=b"x", ACL="public-read"),
        lambda: s3.put_object(Bucket=name, Key="new", Body=b"x", GrantRead="uri=http://acs.amazonaws.com/groups/global/AllUsers"),
        lambda: s3.put_object_acl(Bucket=name, Key="k", ACL="public-read"),
        lambda: s3.put_bucket_acl(Bucket=name, ACL="log-delivery-write"),
    ]:
        code, text = refused(call)
        assert code == "NotImplemented" and ("ACL" in text or "grant" in text), text
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket=name)["Contents"]] == ["k"]


def test_acls_of_a_bucket_that_has_none(shared_machine):
    s3 = bucket(shared_machine, "enforced", "BucketOwnerEnforced")
    assert refused(lambda: s3.put_object(Bucket="enforced", Key="k", ACL="public-read"))[0] == "AccessControlListNotSupported"
    # API reference, CreateBucket; aws-cdk issue 25288 has the message.
    code, _ = refused(lambda: s3.create_bucket(Bucket="never", ACL="public-read"))
    assert code == "InvalidBucketAclWithObjectOwnership"
    assert "never" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]


def test_public_acls_that_are_blocked(shared_machine):
    s3 = bucket(shared_machine, "blocked", "ObjectWriter", open=False)
    assert refused(lambda: s3.put_object(Bucket="blocked", Key="k", ACL="public-read"))[0] == "AccessDenied"


def test_what_s3_has_and_this_cloud_has_not_is_named(shared_machine):
    s3 = bucket(shared_machine, "members", "BucketOwnerEnforced")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BlockedEncryptionTypes": {"EncryptionType": ["NONE"]}}
    configuration = {"Rules": [rule]}
    s3.put_object(Bucket="members", Key="k", Body=b"x")
    for name, call in {
        "BlockedEncryptionTypes": lambda: s3.put_bucket_encryption(Bucket="members", ServerSideEncryptionConfiguration=configuration),
        "x-amz-bucket-namespace": lambda: s3.create_bucket(Bucket="never", BucketNamespace="account-regional"),
        "x-amz-object-annotation-directive": lambda: s3.copy_object(Bucket="members", Key="l", CopySource="members/k", AnnotationDirective="COPY"),
    }.items():
        code, text = refused(call)
        assert code == "NotImplemented" and name in text, text


def test_a_checksum_of_a_part_that_is_not_there(shared_machine):
    s3 = bucket(shared_machine, "checksums", "BucketOwnerEnforced")
    upload = s3.create_multipart_upload(Bucket="checksums", Key="k")["UploadId"]
    part = s3.upload_part(Bucket="checksums", Key="k", UploadId=upload, PartNumber=1, Body=b"x")["ETag"]
    parts = {"Parts": [{"PartNumber": 1, "ETag": part, "ChecksumXXHASH64": "AAAAAAAAAAA="}]}
    code, text = refused(
        lambda: s3.complete_multipart_upload(Bucket="checksums", Key="k", UploadId=upload, MultipartUpload=parts)
    )
    assert code == "NotImplemented" and "ChecksumXXHASH64" in text


def test_what_a_bucket_or_an_object_brings_along_needs_its_own_permission(shared_machine):
    """ "Required permissions for Amazon S3 API operations", S3 User Guide: CreateBucket, PutObject."""
    s3, iam = bucket(shared_machine, "brought", "BucketOwnerPreferred"), shared_machine.client("iam")
    iam.create_user(UserName="bringer")
    key = iam.create_access_key(UserName="bringer")["AccessKey"]
    allow = {"Effect": "Allow", "Action": ["s3:CreateBucket", "s3:PutObject"], "Resource": "*"}
    iam.put_user_policy(UserName="bringer", PolicyName="p", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": allow}))
    user = shared_machine.client("s3", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])
    user.create_bucket(Bucket="plainly-made", ACL="private")
    user.put_object(Bucket="brought", Key="k", ACL="private")
    for action, call in {
        "s3:PutBucketOwnershipControls": lambda: user.create_bucket(Bucket="never", ObjectOwnership="ObjectWriter"),
        "s3:PutBucketAcl": lambda: user.create_bucket(Bucket="never", ACL="public-read"),
        "s3:PutObjectAcl": lambda: user.put_object(Bucket="brought", Key="l", ACL="bucket-owner-full-control"),
        "s3:PutObjectTagging": lambda: user.put_object(Bucket="brought", Key="l", Tagging="a=b"),
    }.items():
        code, text = refused(call)
        assert code == "AccessDenied" and action in text, text
    assert "never" not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    assert [entry["Key"] for entry in s3.list_objects_v2(Bucket="brought")["Contents"]] == ["k"]


def complete_rules(arguments):
    """A document that must be there, and rules that are about something and do something."""
    configuration = arguments.setdefault("LifecycleConfiguration", {"Rules": [{"Status": "Enabled"}]})
    for rule in configuration["Rules"]:
        rule.setdefault("Expiration", {"Days": 1})
        rule.get("NoncurrentVersionExpiration", {}).setdefault("NoncurrentDays", 1)
        if "Prefix" not in rule:
            rule.setdefault("Filter", {"Prefix": ""})


@pytest.mark.parametrize("operation", sorted(operations.manual()["s3"][0]))
def test_no_member_is_taken_for_none_of_aws(shared_machine, operation):
    """Each member that AWS's model has, one at a time: what the library of S3's shapes does not know would be malformed."""
    s3, shape = shared_machine.client("s3"), operations.model("s3").operation_model(operation)
    values = {"Bucket": "each-member", "Key": "k", "CopySource": "each-member/k", "ExpectedBucketOwner": "000000000000", "ContentLength": 0}
    s3.create_bucket(Bucket="each-member")
    for path, arguments in operations.with_each_member(shape, values):
        if operation == "DeleteBucket":
            s3.create_bucket(Bucket="each-member")
        if "Key" in arguments:
            s3.put_object(Bucket="each-member", Key="k", Body=b"x")
        if "UploadId" in arguments:
            arguments["UploadId"] = s3.create_multipart_upload(Bucket="each-member", Key="k")["UploadId"]
        if operation == "PutBucketLifecycleConfiguration":
            complete_rules(arguments)
        try:
            s3._make_api_call(operation, arguments)
        except ClientError as error:
            code, status = error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]
            assert code != "MalformedXML" and (status < 500 or status == 501), (path, str(error))


@pytest.mark.parametrize("header", ["Content-MD5", "x-amz-checksum-crc32"])
def test_a_document_that_is_not_what_was_said_of_it(shared_machine, header):
    s3 = bucket(shared_machine, "said", "BucketOwnerEnforced")
    s3.put_object(Bucket="said", Key="k", Body=b"x")

    def say(request, **_):
        del request.headers[header]
        request.headers[header] = "AAAAAA==" if header.startswith("x-amz") else "AAAAAAAAAAAAAAAAAAAAAA=="

    s3.meta.events.register("before-sign.s3", say)
    for call in [
        lambda: s3.delete_objects(Bucket="said", Delete={"Objects": [{"Key": "k"}]}),
        lambda: s3.put_bucket_tagging(Bucket="said", Tagging={"TagSet": [{"Key": "a", "Value": "b"}]}),
        lambda: s3.put_bucket_policy(Bucket="said", Policy="{}"),
    ]:
        assert refused(call)[0] == "BadDigest"
    assert shared_machine.client("s3").get_object(Bucket="said", Key="k")["Body"].read() == b"x"


def test_a_completion_may_be_asked_for_again(shared_machine):
    """Verified on AWS: moto's pull request 9209. Clients repeat it when the answer got lost."""
    s3 = bucket(shared_machine, "twice", "BucketOwnerEnforced")
    s3.put_bucket_versioning(Bucket="twice", VersioningConfiguration={"Status": "Enabled"})
    upload = {"Bucket": "twice", "Key": "k"}
    upload["UploadId"] = s3.create_multipart_upload(**upload)["UploadId"]
    part = {"PartNumber": 1, "ETag": s3.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]}
    parts = {"Parts": [part]}
    first = s3.complete_multipart_upload(**upload, MultipartUpload=parts)
    s3.put_object(Bucket="twice", Key="k", Body=b"later")
    again = s3.complete_multipart_upload(**upload, MultipartUpload=parts, IfNoneMatch="*")
    assert (again["VersionId"], again["ETag"]) == (first["VersionId"], first["ETag"])
    assert s3.get_object(Bucket="twice", Key="k")["Body"].read() == b"later"
    s3.copy_object(Bucket="twice", Key="k", CopySource=f"twice/k?versionId={first['VersionId']}", MetadataDirective="REPLACE")
    assert s3.complete_multipart_upload(**upload, MultipartUpload=parts)["VersionId"] == first["VersionId"]
    other = {"Parts": [dict(part, ETag="0" * 32)]}
    assert refused(lambda: s3.complete_multipart_upload(**upload, MultipartUpload=other))[0] == "NoSuchUpload"
    s3.delete_object(Bucket="twice", Key="k", VersionId=first["VersionId"])
    assert refused(lambda: s3.complete_multipart_upload(**upload, MultipartUpload=parts))[0] == "NoSuchUpload"


def test_a_retention_that_is_not_there_is_bypassed(shared_machine):
    """x-amz-bypass-governance-retention asks for nothing where there is no Object Lock (ceph/s3-tests)."""
    s3 = bucket(shared_machine, "bypassed", "BucketOwnerEnforced")
    for key in "ab":
        s3.put_object(Bucket="bypassed", Key=key, Body=b"x")
    s3.delete_object(Bucket="bypassed", Key="a", BypassGovernanceRetention=True)
    deleted = s3.delete_objects(Bucket="bypassed", Delete={"Objects": [{"Key": "b"}]}, BypassGovernanceRetention=True)
    assert [entry["Key"] for entry in deleted["Deleted"]] == ["b"]
    assert s3.list_objects_v2(Bucket="bypassed")["KeyCount"] == 0


def test_lifecycle_rules_have_ids_of_their_own(shared_machine):
    s3 = bucket(shared_machine, "rules", "BucketOwnerEnforced")
    rule = lambda id: {"ID": id, "Status": "Enabled", "Filter": {"Prefix": id}, "Expiration": {"Days": 1}}
    put = lambda *ids: s3.put_bucket_lifecycle_configuration(
        Bucket="rules", LifecycleConfiguration={"Rules": [rule(id) for id in ids]}
    )
    for ids, expected in {("a", "a"): "Rule ID must be unique", ("b" * 256,): "should not exceed allowed limit of 255"}.items():
        code, text = refused(lambda: put(*ids))
        assert code == "InvalidArgument" and expected in text
    put("a", "b" * 255)
