"""What S3's operations are about."""

import base64
import datetime
import hashlib
import json

from members.subject import Subject, each

BODY = b"0123456789"
DIGEST = lambda name, data: base64.b64encode(hashlib.new(name, data).digest()).decode()  # noqa: E731
LONG_AGO, SOON = datetime.datetime(2001, 1, 1), datetime.datetime(2040, 1, 1)
DENY = {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObjectTorrent", "Resource": "*"}
ALL = "uri=http://acs.amazonaws.com/groups/global/AllUsers"
RULE = {"Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
CORS = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
SETTINGS = (
    "CacheControl ContentDisposition ContentEncoding ContentLanguage ContentType Expires Metadata ServerSideEncryption "
    "StorageClass WebsiteRedirectLocation Tagging ACL GrantFullControl GrantRead GrantReadACP GrantWriteACP"
)
ACLS = "ACL GrantFullControl GrantRead GrantReadACP GrantWrite GrantWriteACP"
CHECKSUMS = "ChecksumCRC32 ChecksumCRC32C ChecksumCRC64NVME ChecksumSHA1 ChecksumSHA256"
OF_GROUP = "Owner.ID Owner.DisplayName Grants.Permission Grants.Grantee Grants.Grantee.URI"
OF_USER = "Grants.Grantee.ID Grants.Grantee.DisplayName Grants.Grantee.EmailAddress"


def owner(subject):
    """The canonical id of the account."""
    return subject.world.once("owner", lambda: subject.client.list_buckets()["Owner"]["ID"])


def to_whom(kind, **grantee):
    """An access control list with a grant."""
    grant = {"Permission": "READ", "Grantee": {"Type": kind, **grantee}}
    return {"ACL": None, "AccessControlPolicy": {"Owner": {"ID": owner}, "Grants": [grant]}}


# What a lifecycle rule needs beside a member.
RULES = {
    "Expiration.Date Expiration.Days Expiration.ExpiredObjectDeleteMarker": {"Expiration": {}, "NoncurrentVersionExpiration": {"NoncurrentDays": 3}},
    "Prefix": {"Filter": None},
    "Filter.Prefix Filter.Tag Filter.ObjectSizeGreaterThan Filter.ObjectSizeLessThan": {"Filter": {"Prefix": None}},
    "Filter.And.Prefix Filter.And.Tags": {"Filter": {"And": {"ObjectSizeGreaterThan": 7, "ObjectSizeLessThan": 70}}},
    "Filter.And.ObjectSizeGreaterThan Filter.And.ObjectSizeLessThan": {"Filter": {"And": {"Prefix": "a", "Tags": [{"Key": "a", "Value": "b"}]}}},
    "NoncurrentVersionExpiration.NewerNoncurrentVersions": {"NoncurrentVersionExpiration": {"NoncurrentDays": 3}},
}
FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function"
DESTINATIONS = {
    "LambdaFunction": {"LambdaFunctionArn": f"{FUNCTION}:none"},
    "Queue": {"QueueArn": "arn:aws:sqs:us-east-1:000000000000:none"},
    "Topic": {"TopicArn": "arn:aws:sns:us-east-1:000000000000:none"},
}
TOLD = " ".join(
    f"NotificationConfiguration.{kind}Configurations{member}"
    for kind in DESTINATIONS
    for member in ("", ".Id", ".Events", ".LambdaFunctionArn", ".QueueArn", ".TopicArn")
)


def told(kind):
    """A configuration with a filter, whose rules need both of their members."""
    rules = {"Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "dir/"}]}}}
    one = {**DESTINATIONS[kind], "Events": ["s3:ObjectCreated:*"], **rules}
    return {"SkipDestinationValidation": True, "NotificationConfiguration": {f"{kind}Configurations": [one]}}


FILTERS = {
    ("PutBucketNotificationConfiguration", f"NotificationConfiguration.{kind}Configurations.Filter.Key.FilterRules.{member}"): told(kind)
    for kind in DESTINATIONS
    for member in ("Name", "Value")
}
LIFECYCLE = {
    ("PutBucketLifecycleConfiguration", f"LifecycleConfiguration.Rules.{path}"): {"LifecycleConfiguration": {"Rules": [{**RULE, **more}]}}
    for paths, more in RULES.items()
    for path in paths.split()
}
CONDITIONS = {
    ("*", f"{kind}If{name}"): ("PreconditionFailed", "412", "304")
    for kind in ("", "CopySource")
    for name in ("Match", "NoneMatch", "ModifiedSince", "UnmodifiedSince")
}


class Recipe(Subject):
    SERVICE = "s3"
    CreateBucket_Bucket = "{name}"
    PutObject_Key = CopyObject_Key = CreateMultipartUpload_Key = "new"
    Body = BODY
    ContentLength = 10
    CacheControl = ResponseCacheControl = "no-store"
    ContentDisposition = ResponseContentDisposition = "inline"
    ContentEncoding = ResponseContentEncoding = "br"
    ContentLanguage = ResponseContentLanguage = "de"
    ContentType = ResponseContentType = "text/css"
    Expires = ResponseExpires = SOON
    Metadata = {"a": "b"}
    Tagging = {"TagSet": [{"Key": "a", "Value": "b"}]}
    PutObject_Tagging = CopyObject_Tagging = CreateMultipartUpload_Tagging = "a=b"
    MetadataDirective = TaggingDirective = "REPLACE"
    WebsiteRedirectLocation = "/elsewhere"
    StorageClass = "STANDARD_IA"
    ServerSideEncryption = "AES256"
    ACL = "public-read"
    GrantFullControl = GrantRead = GrantReadACP = GrantWriteACP = GrantWrite = ALL
    ExpectedBucketOwner = ExpectedSourceBucketOwner = "000000000001"
    RequestPayer = "requester"
    Range, CopySourceRange = "bytes=2-4", "bytes=2-4"
    IfMatch = CopySourceIfMatch = '"0"'
    IfNoneMatch = CopySourceIfNoneMatch = "*"
    IfUnmodifiedSince = CopySourceIfUnmodifiedSince = LONG_AGO
    IfMatchSize = 3
    IfMatchLastModifiedTime = IfMatchInitiatedTime = LONG_AGO
    PartNumber = 1
    GetObject_PartNumber = HeadObject_PartNumber = 2
    ChecksumAlgorithm = "SHA256"
    # Of something else.
    ChecksumCRC32 = ChecksumCRC32C = "AAAAAA=="
    ChecksumCRC64NVME = ChecksumXXHASH64 = ChecksumXXHASH3 = "AAAAAAAAAAA="
    ChecksumSHA1, ChecksumSHA256, ChecksumSHA512 = DIGEST("sha1", b"x"), DIGEST("sha256", b"x"), DIGEST("sha512", b"x")
    ChecksumMD5 = ChecksumXXHASH128 = DIGEST("md5", b"x")
    BucketRegion = "eu-west-1"
    GetObjectAttributes_PartNumberMarker = 1
    Marker, KeyMarker = "dir/kept", "dir/kept"
    Prefix, Delimiter, StartAfter = "dir", "/", "dir"
    EncodingType = "url"
    ObjectAttributes = ["ETag", "ObjectParts", "ObjectSize"]
    OptionalObjectAttributes = ["RestoreStatus"]
    CORSRules = [CORS]
    AllowedHeaders, ExposeHeaders, MaxAgeSeconds = ["x-a"], ["x-b"], 7
    PutBucketCors_ID = PutBucketLifecycleConfiguration_ID = "id"
    Date, ExpiredObjectDeleteMarker = datetime.datetime(2040, 1, 1), True
    Tag, Tags, URI = {"Key": "a", "Value": "b"}, [{"Key": "a", "Value": "b"}], ALL[4:]
    Grantee = {"Type": "Group", "URI": ALL[4:]}
    DisplayName, EmailAddress, Permission = "somebody", "a@example.com", "READ"
    Rules = [RULE]
    PutBucketEncryption_Rules = [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]
    PutBucketOwnershipControls_Rules = [{"ObjectOwnership": "ObjectWriter"}]
    Status = "Enabled"
    Policy = json.dumps({"Version": "2012-10-17", "Statement": DENY})
    LocationConstraint = "eu-west-1"
    PutBucketNotificationConfiguration_Id = "id"
    LambdaFunctionArn, QueueArn, TopicArn = (arn for one in DESTINATIONS.values() for arn in one.values())
    Events = ["s3:ObjectCreated:*"]
    PutBucketNotificationConfiguration_Name, PutBucketNotificationConfiguration_Value = "prefix", "dir/"
    SkipDestinationValidation = True
    ContentMD5 = DIGEST("md5", b"something else")
    TransitionDefaultMinimumObjectSize = "varies_by_storage_class"
    BASE = {
        "PutObject": {"Body": BODY},
        "UploadPart": {"Body": BODY},
        "PutBucketLifecycleConfiguration": {"LifecycleConfiguration": {"Rules": [RULE]}},
        "PutBucketNotificationConfiguration": {"NotificationConfiguration": {}},
        "PutBucketVersioning": {"VersioningConfiguration": {"Status": "Suspended"}},
        "PutBucketAcl": {"ACL": "private"},
        "PutObjectAcl": {"ACL": "private"},
        "CompleteMultipartUpload": {"MultipartUpload": {"Parts": [lambda subject: subject.part()]}},
    }
    TOGETHER = {
        **each("CopyObject", SETTINGS, {"MetadataDirective": "REPLACE", "TaggingDirective": "REPLACE"}),
        ("CopyObject", "MetadataDirective"): {"Metadata": {"a": "b"}},
        ("CopyObject", "TaggingDirective"): {"Tagging": "a=b"},
        **each("PutBucketAcl PutObjectAcl", f"{ACLS} AccessControlPolicy", {"ACL": None}),
        **each("PutBucketAcl PutObjectAcl", " ".join(f"AccessControlPolicy.{path}" for path in OF_GROUP.split()), to_whom("Group", URI=ALL[4:])),
        **each("PutBucketAcl PutObjectAcl", " ".join(f"AccessControlPolicy.{path}" for path in OF_USER.split()), to_whom("CanonicalUser", ID=owner)),
        **each("PutObject CopyObject", "IfMatch IfNoneMatch", {"Key": "kept é"}),
        ("PutObjectAcl", "VersionId"): {"ACL": "public-read"},
        **each("CreateBucket", ACLS, {"ObjectOwnership": "ObjectWriter"}),
        ("CreateMultipartUpload", "ChecksumType"): {"ChecksumAlgorithm": "CRC32"},
        ("ListMultipartUploads", "UploadIdMarker"): {"KeyMarker": "a"},
        ("ListObjectVersions", "VersionIdMarker"): {"KeyMarker": "dir/kept"},
        ("PutBucketEncryption", "ServerSideEncryptionConfiguration.Rules.ApplyServerSideEncryptionByDefault.KMSMasterKeyID"): {
            "ServerSideEncryptionConfiguration": {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms"}}]},
        },
        **LIFECYCLE,
        **each("PutBucketNotificationConfiguration", TOLD, {"SkipDestinationValidation": True}),
        **FILTERS,
        ("PutBucketNotificationConfiguration", "SkipDestinationValidation"): {
            "NotificationConfiguration": {"LambdaFunctionConfigurations": [{"LambdaFunctionArn": f"{FUNCTION}:none", "Events": ["s3:ObjectCreated:*"]}]}
        },
    }
    REFUSES = {
        ("*", "ExpectedBucketOwner"): ("AccessDenied", "403"),
        ("*", "ExpectedSourceBucketOwner"): ("AccessDenied",),
        ("*", "ContentMD5"): ("BadDigest",),
        **CONDITIONS,
        **each("CreateBucket", ACLS, ("InvalidBucketAclWithBlockPublicAccessError",)),
        **each("CompleteMultipartUpload", "ChecksumType MpuObjectSize", ("InvalidRequest",)),
        **each("CompleteMultipartUpload", " ".join(f"MultipartUpload.Parts.{name}" for name in CHECKSUMS.split()), ("InvalidPart",)),
        **each("PutObject UploadPart CompleteMultipartUpload", CHECKSUMS, ("BadDigest", "InvalidRequest")),
    }
    NAMED = {"CreateMultipartUpload": {"UploadId": "UploadId"}}
    LOOK = {
        "GetObjectAttributes": {"ObjectAttributes": ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"]},
        "GetObjectAcl": [{}, {"Key": "dir/kept", "VersionId": lambda subject: getattr(subject, "earlier", None)}],
    }

    @property
    def client(self):
        return self.world.client("s3")

    def Bucket(self):
        """A bucket that has all configurations, versions of objects in folders, and uploads."""
        s3, of = self.client, {"Bucket": self.name}
        s3.create_bucket(**of, ObjectOwnership="ObjectWriter")
        if self.operation == "DeleteBucket":
            return self.name
        if not self.operation.startswith("PutPublic"):
            s3.delete_public_access_block(**of)
        if self.operation == "DeletePublicAccessBlock" or self.operation == "GetPublicAccessBlock":
            s3.put_public_access_block(**of, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
        if "Versioning" not in self.operation:
            s3.put_bucket_versioning(**of, VersioningConfiguration={"Status": "Enabled"})
        if self.operation.startswith(("GetBucket", "DeleteBucket")):
            s3.put_bucket_cors(**of, CORSConfiguration={"CORSRules": [CORS]})
            s3.put_bucket_lifecycle_configuration(**of, LifecycleConfiguration={"Rules": [RULE]})
            s3.put_bucket_tagging(**of, Tagging={"TagSet": [{"Key": "k", "Value": "kept"}]})
            s3.put_bucket_policy(**of, Policy=self.Policy)
            s3.put_bucket_encryption(**of, ServerSideEncryptionConfiguration={"Rules": self.PutBucketEncryption_Rules})
        for body in (b"earlier", BODY):
            version = s3.put_object(**of, Key="dir/kept", Body=body, Tagging="k=v", ContentType="text/html").get("VersionId")
            self.earlier, self.later = getattr(self, "earlier", version), version
        s3.put_object(**of, Key="kept é", Body=BODY)
        if self.operation == "GetObjectAcl":
            s3.put_object_acl(**of, Key="dir/kept", VersionId=self.earlier, ACL="public-read")
        if self.operation in ("GetObject", "HeadObject", "GetObjectAttributes"):
            of["Key"] = "dir/kept"
            of["UploadId"] = s3.create_multipart_upload(**of, ChecksumAlgorithm="CRC32")["UploadId"]
            parts = [s3.upload_part(**of, PartNumber=number, Body=body) for number, body in ((1, b"x" * 5 * 2**20), (2, b"end"))]
            parts = [{"PartNumber": 1 + at, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]} for at, part in enumerate(parts)]
            s3.complete_multipart_upload(**of, MultipartUpload={"Parts": parts})
        return self.name

    def IfModifiedSince(self):
        self.value("Key", "GetObject")
        return datetime.datetime.now(datetime.timezone.utc)

    CopySourceIfModifiedSince = IfModifiedSince

    def settle(self, arguments):
        """A begun upload is completed, so that its settings are seen of the object."""
        if self.operation == "CreateMultipartUpload":
            of = {name: self.made[name] for name in ("Bucket", "Key", "UploadId")}
            more = {"ChecksumAlgorithm": arguments["ChecksumAlgorithm"]} if "ChecksumAlgorithm" in arguments else {}
            part = self.world.call("s3", "UploadPart", {**of, "PartNumber": 1, "Body": BODY, **more})
            part = {name: value for name, value in part.items() if name == "ETag" or more and name.startswith("Checksum")}
            self.world.call("s3", "CompleteMultipartUpload", {**of, "MultipartUpload": {"Parts": [{"PartNumber": 1, **part}]}})

    def Key(self):
        self.value("Bucket")
        return "dir/kept"

    def VersionId(self):
        self.value("Bucket")
        return self.earlier

    def CopySource(self):
        return f"{self.value('Bucket')}/dir/kept"

    def UploadId(self):
        of = {"Bucket": self.value("Bucket"), "Key": self.value("Key")}
        upload = self.client.create_multipart_upload(**of)["UploadId"]
        self.parts = [
            {"PartNumber": number, "ETag": self.client.upload_part(**of, UploadId=upload, PartNumber=number, Body=BODY)["ETag"]}
            for number in ((1, 2) if self.operation == "ListParts" else (1,))
        ]
        return upload

    def part(self):
        self.value("UploadId")
        return self.parts[0]

    def MultipartUpload_Parts_ETag(self):
        return self.part()["ETag"]

    def Delete(self):
        self.value("Bucket")
        return {"Objects": [{"Key": "dir/kept"}]}

    def begin(self):
        if self.operation == "ListMultipartUploads":
            uploads = [self.client.create_multipart_upload(Bucket=self.value("Bucket"), Key=key) for key in ("a", "a", "dir/b", "dir/c")]
            self.upload = uploads[0]["UploadId"]
        if self.operation == "ListBuckets":
            self.value("Bucket")
            self.client.create_bucket(Bucket=f"dir-{self.name}")

    def ListMultipartUploads_UploadIdMarker(self):
        return self.upload

    ListMultipartUploads_KeyMarker = "a"

    def ListObjectVersions_VersionIdMarker(self):
        self.value("Bucket")
        return self.later

    ID = owner
