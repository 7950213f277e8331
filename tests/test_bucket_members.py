"""Members of S3's operations are honoured or refused by name, before anything happens."""

import json

import botocore
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


ALL = "uri=http://acs.amazonaws.com/groups/global/AllUsers"


def told(acl):
    """What an ACL grants, with the end of a group's address for the group."""
    return [(grant["Grantee"].get("URI", "/owner").rsplit("/", 1)[1], grant["Permission"]) for grant in acl["Grants"]]


@pytest.mark.parametrize("ownership", ["ObjectWriter", "BucketOwnerPreferred"])
def test_acls_of_a_bucket_that_has_them(shared_machine, ownership):
    """ "Access control list (ACL) overview" in the S3 User Guide; test_s3_bucket_acl and test_s3_object_acl are recorded."""
    name = ownership.lower()
    s3 = bucket(shared_machine, name, ownership)
    nobody = shared_machine.client("s3", config={"signature_version": botocore.UNSIGNED})
    stranger = shared_machine.client("s3", **stranger_keys(shared_machine))
    s3.put_object(Bucket=name, Key="k", Body=b"x", ACL="private")
    get = lambda who, key="k", **more: who.get_object(Bucket=name, Key=key, **more)["Body"].read()
    assert refused(lambda: get(nobody))[0] == "AccessDenied"
    assert told(s3.get_object_acl(Bucket=name, Key="k")) == [("owner", "FULL_CONTROL")]

    s3.put_object_acl(Bucket=name, Key="k", ACL="public-read")
    assert told(s3.get_object_acl(Bucket=name, Key="k")) == [("owner", "FULL_CONTROL"), ("AllUsers", "READ")]
    assert get(nobody) == get(stranger) == b"x"
    assert refused(lambda: nobody.get_object_acl(Bucket=name, Key="k"))[0] == "AccessDenied"
    assert refused(lambda: nobody.delete_object(Bucket=name, Key="k"))[0] == "AccessDenied"

    s3.put_object_acl(Bucket=name, Key="k", ACL="authenticated-read")
    assert refused(lambda: get(nobody))[0] == "AccessDenied"
    assert get(stranger) == b"x"

    # An ACL is not copied, and comes with whatever makes an object.
    s3.copy_object(Bucket=name, Key="copied", CopySource=f"{name}/k")
    assert refused(lambda: get(stranger, "copied"))[0] == "AccessDenied"
    s3.copy_object(Bucket=name, Key="copied", CopySource=f"{name}/k", ACL="public-read")
    s3.put_object(Bucket=name, Key="put", Body=b"x", GrantRead=ALL)
    upload = {"Bucket": name, "Key": "parts"}
    upload["UploadId"] = s3.create_multipart_upload(**upload, ACL="public-read")["UploadId"]
    part = {"PartNumber": 1, "ETag": s3.upload_part(**upload, PartNumber=1, Body=b"x")["ETag"]}
    s3.complete_multipart_upload(**upload, MultipartUpload={"Parts": [part]})
    assert [get(nobody, key) for key in ("copied", "put", "parts")] == [b"x"] * 3

    # A bucket's ACL is about its list, and about new objects.
    assert refused(lambda: nobody.list_objects_v2(Bucket=name))[0] == "AccessDenied"
    assert refused(lambda: get(nobody, "nothing"))[0] == "AccessDenied"
    owner = s3.get_bucket_acl(Bucket=name)["Owner"]
    read = {"Grantee": {"Type": "Group", "URI": ALL[4:]}, "Permission": "READ"}
    s3.put_bucket_acl(Bucket=name, AccessControlPolicy={"Owner": owner, "Grants": [read]})
    assert told(s3.get_bucket_acl(Bucket=name)) == [("AllUsers", "READ")]
    assert nobody.list_objects_v2(Bucket=name)["KeyCount"] == 4
    assert refused(lambda: get(nobody, "nothing"))[0] == "NoSuchKey"
    put = lambda **more: nobody.put_object(Bucket=name, Key="theirs", Body=b"y", **more)
    assert refused(put)[0] == "AccessDenied"
    s3.put_bucket_acl(Bucket=name, ACL="public-read-write")
    if ownership == "BucketOwnerPreferred":
        put(ACL="bucket-owner-full-control")
        assert get(s3, "theirs") == b"y"
    else:
        code, text = refused(put)
        assert code == "NotImplemented" and "object of another account's" in text

    # A policy's Deny counts more, and so does Block Public Access.
    deny = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/put"}
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": deny}))
    assert refused(lambda: get(nobody, "put"))[0] == "AccessDenied" and get(nobody, "copied") == b"x"
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={"IgnorePublicAcls": True})
    assert refused(lambda: get(nobody, "copied"))[0] == "AccessDenied"
    s3.delete_public_access_block(Bucket=name)

    # "You must first … reset it to the default private ACL" (S3 User Guide, "Prerequisites for disabling ACLs").
    enforced = {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    enforce = lambda: s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=enforced)
    assert refused(enforce)[0] == "InvalidBucketAclWithObjectOwnership"
    s3.put_bucket_acl(Bucket=name, ACL="private")
    enforce()
    assert refused(lambda: get(nobody, "copied"))[0] == "AccessDenied"
    assert told(s3.get_object_acl(Bucket=name, Key="copied")) == [("owner", "FULL_CONTROL")]


def stranger_keys(machine):
    """Keys of a user of this account who is allowed nothing."""
    iam = machine.client("iam")
    if not any(user["UserName"] == "stranger" for user in iam.list_users()["Users"]):
        iam.create_user(UserName="stranger")
    key = iam.create_access_key(UserName="stranger")["AccessKey"]
    return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}


def test_an_acl_that_cannot_be_carried_out_is_refused(shared_machine):
    """Recorded where AWS refuses it, too: test_s3_bucket_acl_exceptions."""
    s3 = bucket(shared_machine, "lists", "ObjectWriter")
    s3.put_object(Bucket="lists", Key="k", Body=b"x")
    owner = s3.get_bucket_acl(Bucket="lists")["Owner"]
    other = {"Type": "CanonicalUser", "ID": "a" * 64}
    document = lambda **grant: {"Owner": owner, "Grants": [{"Grantee": other, "Permission": "READ", **grant}]}
    for (code, text), members in [
        (("NotImplemented", "aws-exec-read"), {"ACL": "aws-exec-read"}),
        (("NotImplemented", "a" * 64), {"GrantRead": f"id={'a' * 64}"}),
        (("NotImplemented", "e-mail"), {"GrantRead": "emailAddress=a@example.com"}),
        (("NotImplemented", "a" * 64), {"AccessControlPolicy": document()}),
        (("InvalidArgument", "Invalid group uri"), {"GrantRead": "uri=http://acs.amazonaws.com/groups/s3/FakeGroup"}),
        (("InvalidArgument", "Invalid id"), {"AccessControlPolicy": document(Grantee=dict(other, ID="wrong"))}),
        (("MalformedACLError", ""), {"AccessControlPolicy": document(Permission="WRONG")}),
        (("MalformedACLError", ""), {"AccessControlPolicy": {}}),
        (("AccessDenied", ""), {"AccessControlPolicy": {"Owner": {"ID": "a" * 64}, "Grants": []}}),
        (("InvalidRequest", "both Canned ACLs and Header Grants"), {"ACL": "private", "GrantRead": ALL}),
        (("UnexpectedContent", ""), {"ACL": "private", "AccessControlPolicy": {"Owner": owner, "Grants": []}}),
        (("MissingSecurityHeader", ""), {}),
    ]:
        for put in [
            lambda: s3.put_bucket_acl(Bucket="lists", **members),
            lambda: s3.put_object_acl(Bucket="lists", Key="k", **members),
        ]:
            found, message = refused(put)
            assert found == code and text in message, (members, message)
    assert told(s3.get_bucket_acl(Bucket="lists")) == told(s3.get_object_acl(Bucket="lists", Key="k"))


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


def complete_filters(arguments):
    """Rules with a name and a value: without either AWS calls them malformed, too."""
    for configurations in arguments.get("NotificationConfiguration", {}).values():
        for configuration in configurations if isinstance(configurations, list) else []:
            for rule in configuration.get("Filter", {}).get("Key", {}).get("FilterRules", []):
                rule.setdefault("Name", "prefix")
                rule.setdefault("Value", "x")


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
        if operation == "PutBucketNotificationConfiguration":
            complete_filters(arguments)
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


def test_a_version_does_not_tell_when_its_object_expires(shared_machine):
    """Recorded: test_bucket_lifecycle_configuration_object_expiry_versioned."""
    s3 = bucket(shared_machine, "expiring", "BucketOwnerEnforced")
    s3.put_bucket_versioning(Bucket="expiring", VersioningConfiguration={"Status": "Enabled"})
    rule = {"ID": "r", "Status": "Enabled", "Filter": {}, "Expiration": {"Days": 3}}
    s3.put_bucket_lifecycle_configuration(Bucket="expiring", LifecycleConfiguration={"Rules": [rule]})
    version = s3.put_object(Bucket="expiring", Key="k", Body=b"x")["VersionId"]
    for read in (s3.head_object, s3.get_object):
        assert 'rule-id="r"' in read(Bucket="expiring", Key="k")["Expiration"]
        assert "Expiration" not in read(Bucket="expiring", Key="k", VersionId=version)
