//! Objects over HTTP.

mod support;

use slam_cloud_core::{Context, Principal};
use support::Fixture;

#[tokio::test]
async fn what_is_put_is_got_again() {
    let f = Fixture::with_bucket().await;
    let headers = [("content-type", "text/plain"), ("x-amz-meta-author", "me"), ("cache-control", "no-store")];
    let put = f.send("PUT", "/bbb/folder/a%20b", &headers, "hello").await.expect(200);
    assert_eq!(put.header("etag"), "\"5d41402abc4b2a76b9719d911017c592\"");
    assert_eq!(put.header("x-amz-server-side-encryption"), "AES256");
    assert_eq!(put.header("x-amz-checksum-type"), "FULL_OBJECT");
    assert!(!put.header("x-amz-checksum-crc64nvme").is_empty(), "S3 computes a checksum when none is sent");
    let get = f.get("/bbb/folder/a%20b").await.expect(200);
    assert_eq!(get.text(), "hello");
    for (name, value) in [("content-length", "5"), ("accept-ranges", "bytes")].iter().chain(&headers) {
        assert_eq!(get.header(name), *value, "{name}");
    }
    let head = f.send("HEAD", "/bbb/folder/a%20b", &[], "").await.expect(200);
    assert_eq!((head.header("content-length"), head.body.len()), ("5", 0));
    f.delete("/bbb/folder/a%20b").await.expect(204);
    let missing = f.get("/bbb/folder/a%20b").await.expect_error(404, "NoSuchKey");
    assert_eq!(missing.element("Key"), "folder/a b");
    assert!(!missing.header("x-amz-request-id").is_empty() && !missing.header("x-amz-id-2").is_empty());
    assert_eq!(f.bodies(), 0, "the body is gone with its object");
}

#[tokio::test]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let f = Fixture::with_bucket().await;
    f.put("/bbb/k", "hello").await.expect(200);
    let again = f.reopen();
    assert_eq!(again.get("/bbb/k").await.expect(200).text(), "hello");
    again.reset().await;
    again.get("/bbb/k").await.expect_error(404, "NoSuchBucket");
}

// Recorded: test_get_object_range, test_invalid_range_error.
#[tokio::test]
async fn a_range_is_a_part_of_an_object() {
    let f = Fixture::with_bucket().await;
    f.put("/bbb/k", "0123456789").await.expect(200);
    let check = async |range: &str, status, body: &str, told: &str| {
        let answer = f.send("GET", "/bbb/k", &[("range", range)], "").await.expect(status);
        assert_eq!((answer.text().as_str(), answer.header("content-range")), (body, told), "{range}");
    };
    check("bytes=0-8", 206, "012345678", "bytes 0-8/10").await;
    check("bytes=1-", 206, "123456789", "bytes 1-9/10").await;
    check("bytes=-2", 206, "89", "bytes 8-9/10").await;
    check("bytes=1-0", 200, "0123456789", "").await;
    check("bytes=-15", 206, "0123456789", "bytes 0-9/10").await;
    let refused = f.send("GET", "/bbb/k", &[("range", "bytes=100-200")], "").await.expect_error(416, "InvalidRange");
    assert_eq!(refused.element("ActualObjectSize"), "10");
    assert_eq!(refused.element("RangeRequested"), "bytes=100-200");
}

#[tokio::test]
async fn reads_and_writes_are_conditional() {
    let f = Fixture::with_bucket().await;
    f.put("/bbb/k", "hello").await.expect(200);
    let etag = "\"5d41402abc4b2a76b9719d911017c592\"";
    let check = async |method: &str, name: &str, value: &str, status: u16| {
        let answer = f.send(method, "/bbb/k", &[(name, value)], "").await;
        assert_eq!(answer.status.as_u16(), status, "{method} {name}: {value}");
        answer
    };
    check("GET", "if-match", etag, 200).await;
    assert_eq!(check("GET", "if-match", "\"x\"", 412).await.element("Condition"), "If-Match");
    assert!(check("GET", "if-none-match", etag, 304).await.body.is_empty());
    check("HEAD", "if-none-match", "\"x\"", 200).await;
    check("PUT", "if-none-match", "*", 412).await;
    check("PUT", "if-match", "\"x\"", 412).await;
    check("PUT", "if-match", "*", 501).await;
    f.send("PUT", "/bbb/k", &[("if-match", etag)], "new").await.expect(200);
    f.send("PUT", "/bbb/new", &[("if-none-match", "*")], "new").await.expect(200);
    f.send("PUT", "/bbb/other", &[("if-match", etag)], "new").await.expect_error(404, "NoSuchKey");
}

// Recorded: test_put_object_checksum, test_s3_checksum_no_algorithm, test_s3_invalid_content_md5.
#[tokio::test]
async fn a_body_must_be_what_was_said() {
    let f = Fixture::with_bucket().await;
    let check = async |headers: &[(&str, &str)], status: u16, code: &str, message: &str| {
        let answer = f.send("PUT", "/bbb/k", headers, "test-delete").await.expect_error(status, code);
        assert_eq!(answer.element("Message"), message);
    };
    let right = [("x-amz-checksum-crc32", "1jy6qw==")];
    assert_eq!(f.send("PUT", "/bbb/k", &right, "test-delete").await.expect(200).header(right[0].0), right[0].1);
    let head = f.send("HEAD", "/bbb/k", &[("x-amz-checksum-mode", "ENABLED")], "").await.expect(200);
    assert_eq!(head.header("x-amz-checksum-crc32"), "1jy6qw==");
    let invalid = "Value for x-amz-checksum-crc32 header is invalid.";
    check(&[("x-amz-checksum-crc32", "a")], 400, "InvalidRequest", invalid).await;
    let wrong = "The CRC32 you specified did not match the calculated checksum.";
    check(&[("x-amz-checksum-crc32", "AAAAAA==")], 400, "BadDigest", wrong).await;
    let two = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
    let both = [right[0], ("x-amz-checksum-sha1", "2jmj7l5rSw0yVb/vlWAYkK/YBwk=")];
    check(&both, 400, "InvalidRequest", two).await;
    check(&[("content-md5", "MTIz")], 400, "InvalidDigest", "The Content-MD5 you specified was invalid.").await;
    let mismatch = "The Content-MD5 you specified did not match what we received.";
    check(&[("content-md5", "CYketZBSTjX8c3LN3cXZNg==")], 400, "BadDigest", mismatch).await;
    let hash = "0".repeat(64);
    let told = "The provided 'x-amz-content-sha256' header does not match what was computed.";
    check(&[("x-amz-content-sha256", &hash)], 400, "XAmzContentSHA256Mismatch", told).await;
    assert_eq!(f.bodies(), 1, "what was refused leaves nothing behind");
}

#[tokio::test]
async fn aws_chunked_bodies_are_decoded_and_their_trailers_checked() {
    let f = Fixture::with_bucket().await;
    let send = async |checksum: &str| {
        let headers = [
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
            ("x-amz-decoded-content-length", "11"),
            ("x-amz-trailer", "x-amz-checksum-crc32"),
            ("x-amz-sdk-checksum-algorithm", "CRC32"),
            ("content-encoding", "aws-chunked"),
        ];
        let body = format!("b\r\ntest-delete\r\n0\r\nx-amz-checksum-crc32:{checksum}\r\n\r\n");
        f.send("PUT", "/bbb/k", &headers, body).await
    };
    assert_eq!(send("1jy6qw==").await.expect(200).header("x-amz-checksum-crc32"), "1jy6qw==");
    let get = f.get("/bbb/k").await.expect(200);
    assert_eq!((get.text().as_str(), get.header("content-encoding")), ("test-delete", ""));
    send("AAAAAA==").await.expect_error(400, "BadDigest");
}

#[tokio::test]
async fn signed_chunks_are_verified_where_the_secret_is_known() {
    let f = Fixture::with_bucket().await;
    let send = async |key: &str| {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={key}/20261123/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=00"
        );
        let headers = [
            ("authorization", authorization.as_str()),
            ("x-amz-date", "20261123T000000Z"),
            ("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"),
            ("x-amz-decoded-content-length", "5"),
        ];
        let body = "5;chunk-signature=00\r\nhello\r\n0;chunk-signature=00\r\n\r\n";
        f.send("PUT", "/bbb/k", &headers, body).await
    };
    send("AKIA").await.expect_error(403, "SignatureDoesNotMatch");
    send("000000000000").await.expect(200);
}

#[tokio::test]
async fn a_large_body_goes_through_files() {
    let f = Fixture::with_bucket().await;
    let body: Vec<u8> = (0..3_000_000_u32).map(|index| (index % 251) as u8).collect();
    f.put("/bbb/k", body.clone()).await.expect(200);
    assert_eq!(f.get("/bbb/k").await.expect(200).body, body);
    let part = f.send("GET", "/bbb/k", &[("range", "bytes=1000000-1999999")], "").await.expect(206);
    assert_eq!(part.body, body[1_000_000..2_000_000]);
}

#[tokio::test]
async fn a_presigned_url_has_its_headers_in_the_query() {
    let f = Fixture::with_bucket().await;
    let signature = "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20261123%2Fus-east-1%2Fs3%2Faws4_request\
                     &X-Amz-Date=20261123T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=00";
    f.put(&format!("/bbb/k?{signature}&x-amz-meta-a=b&x-id=PutObject"), "hello").await.expect(200);
    let get = f.get(&format!("/bbb/k?{signature}&response-content-type=text%2Fcsv")).await.expect(200);
    assert_eq!((get.header("x-amz-meta-a"), get.header("content-type")), ("b", "text/csv"));
}

// Recorded: test_s3_copy_object_in_place, test_s3_copy_content_type_and_metadata.
#[tokio::test]
async fn an_object_is_copied_with_or_without_its_metadata() {
    let f = Fixture::with_bucket().await;
    f.send("PUT", "/bbb/a", &[("x-amz-meta-x", "1"), ("content-type", "text/plain")], "hello").await.expect(200);
    let copy = f.send("PUT", "/bbb/b", &[("x-amz-copy-source", "/bbb/a")], "").await.expect(200);
    assert_eq!(copy.element("ETag"), "\"5d41402abc4b2a76b9719d911017c592\"");
    let replace = [("x-amz-copy-source", "bbb/a"), ("x-amz-metadata-directive", "REPLACE"), ("x-amz-meta-y", "2")];
    f.send("PUT", "/bbb/c", &replace, "").await.expect(200);
    f.delete("/bbb/a").await.expect(204);
    let (b, c) = (f.get("/bbb/b").await.expect(200), f.get("/bbb/c").await.expect(200));
    assert_eq!((b.text().as_str(), b.header("x-amz-meta-x"), b.header("content-type")), ("hello", "1", "text/plain"));
    assert_eq!((c.text().as_str(), c.header("x-amz-meta-x"), c.header("x-amz-meta-y")), ("hello", "", "2"));
    f.send("PUT", "/bbb/b", &[("x-amz-copy-source", "bbb/b")], "").await.expect_error(400, "InvalidRequest");
    let other = [("x-amz-copy-source", "bbb/b"), ("x-amz-copy-source-if-match", "\"x\"")];
    let refused = f.send("PUT", "/bbb/d", &other, "").await.expect_error(412, "PreconditionFailed");
    assert_eq!(refused.element("Condition"), "x-amz-copy-source-If-Match");
}

// Recorded: test_delete_object_versioned, test_delete_object_on_suspended_bucket.
#[tokio::test]
async fn versions_are_kept_and_markers_hide_them() {
    let f = Fixture::with_bucket().await;
    f.put("/bbb/k", "zero").await.expect(200);
    f.enable_versioning("Enabled").await;
    let one = f.put("/bbb/k", "one").await.expect(200).header("x-amz-version-id").to_owned();
    let marker = f.delete("/bbb/k").await.expect(204);
    assert_eq!(marker.header("x-amz-delete-marker"), "true");
    let marker = marker.header("x-amz-version-id").to_owned();
    let hidden = f.get("/bbb/k").await.expect_error(404, "NoSuchKey");
    assert_eq!(hidden.header("x-amz-delete-marker"), "true");
    assert_eq!(f.get(&format!("/bbb/k?versionId={one}")).await.expect(200).text(), "one");
    assert_eq!(f.get("/bbb/k?versionId=null").await.expect(200).text(), "zero");
    let refused = f.get(&format!("/bbb/k?versionId={marker}")).await.expect_error(405, "MethodNotAllowed");
    assert_eq!((refused.element("Method").as_str(), refused.element("ResourceType").as_str()), ("GET", "DeleteMarker"));
    f.get("/bbb/k?versionId=x").await.expect_error(400, "InvalidArgument");
    f.get(&format!("/bbb/k?versionId={}", "a".repeat(32))).await.expect_error(404, "NoSuchVersion");
    let list = f.get("/bbb?versions").await.expect(200);
    assert_eq!(list.elements("VersionId").len(), 3);
    assert_eq!(list.elements("IsLatest").iter().filter(|latest| *latest == "true").count(), 1);

    f.delete(&format!("/bbb/k?versionId={marker}")).await.expect(204);
    assert_eq!(f.get("/bbb/k").await.expect(200).text(), "one", "the version before is the latest again");
    f.enable_versioning("Suspended").await;
    f.put("/bbb/k", "two").await.expect(200);
    assert_eq!(f.get("/bbb/k?versionId=null").await.expect(200).text(), "two", "the null version is replaced");
    assert_eq!(f.bodies(), 2);
    f.delete("/bbb").await.expect_error(409, "BucketNotEmpty");
}

#[tokio::test]
async fn many_are_deleted_at_once() {
    let f = Fixture::with_bucket().await;
    for key in ["a", "b"] {
        f.put(&format!("/bbb/{key}"), "x").await.expect(200);
    }
    let body = "<Delete><Object><Key>a</Key></Object><Object><Key>none</Key></Object>\
                <Object><Key>b</Key><VersionId>HPniJFCxqTsMuIH9KX8K8wEjNUgmABCD</VersionId></Object></Delete>";
    let answer = f.send("POST", "/bbb?delete", &[], body).await.expect(200);
    assert_eq!(answer.elements("Key"), ["a", "none", "b"]);
    assert_eq!(answer.elements("Code"), ["NoSuchVersion"]);
    f.get("/bbb/a").await.expect(404);
    f.get("/bbb/b").await.expect(200);
}

#[tokio::test]
async fn objects_carry_tags() {
    let f = Fixture::with_bucket().await;
    f.send("PUT", "/bbb/k", &[("x-amz-tagging", "tag2=b&tag1=a%20b")], "x").await.expect(200);
    assert_eq!(f.get("/bbb/k").await.header("x-amz-tagging-count"), "2");
    assert_eq!(f.get("/bbb/k?tagging").await.expect(200).elements("Key"), ["tag1", "tag2"]);
    let body = "<Tagging><TagSet><Tag><Key>tag3</Key><Value>c</Value></Tag></TagSet></Tagging>";
    f.put("/bbb/k?tagging", body).await.expect(200);
    assert_eq!(f.get("/bbb/k?tagging").await.elements("Value"), ["c"]);
    f.delete("/bbb/k?tagging").await.expect(204);
    assert!(f.get("/bbb/k?tagging").await.expect(200).elements("Key").is_empty());
    let twice = [("x-amz-tagging", "key1=val1&key1=val2")];
    f.send("PUT", "/bbb/k", &twice, "x").await.expect_error(400, "InvalidArgument");
}

#[tokio::test]
async fn attributes_are_told_as_asked() {
    let f = Fixture::with_bucket().await;
    f.send("PUT", "/bbb/k", &[("x-amz-checksum-crc32", "1jy6qw==")], "test-delete").await.expect(200);
    let asked = [("x-amz-object-attributes", "ETag,ObjectSize,Checksum,StorageClass")];
    let told = f.send("GET", "/bbb/k?attributes", &asked, "").await.expect(200);
    assert_eq!(told.element("ETag"), "a9a43d6b467d3dc6514412c3a4987415");
    assert_eq!((told.element("ObjectSize").as_str(), told.element("StorageClass").as_str()), ("11", "STANDARD"));
    assert_eq!(told.element("ChecksumCRC32"), "1jy6qw==");
}

#[tokio::test]
async fn what_is_not_supported_is_refused_by_name() {
    let f = Fixture::with_bucket().await;
    let check = async |name: &str, value: &str, status: u16, code: &str| {
        f.send("PUT", "/bbb/k", &[(name, value)], "x").await.expect_error(status, code);
    };
    check("x-amz-server-side-encryption", "aws:kms", 501, "NotImplemented").await;
    check("x-amz-server-side-encryption-customer-algorithm", "AES256", 501, "NotImplemented").await;
    check("x-amz-acl", "public-read", 400, "AccessControlListNotSupported").await;
    check(
        "x-amz-grant-read",
        "uri=http://acs.amazonaws.com/groups/global/AllUsers",
        400,
        "AccessControlListNotSupported",
    )
    .await;
    check("x-amz-storage-class", "GLACIER", 501, "NotImplemented").await;
    check("x-amz-storage-class", "OUTPOSTS", 400, "InvalidStorageClass").await;
    check("x-amz-object-lock-mode", "GOVERNANCE", 501, "NotImplemented").await;
    f.get("/bbb?website").await.expect_error(501, "NotImplemented");
    assert_eq!(f.bodies(), 0);
}

// Recorded: test_put_object_on_suspended_bucket, test_s3_copy_object_in_place_suspended_only.
#[tokio::test]
async fn a_suspended_bucket_tells_the_null_version() {
    let f = Fixture::with_bucket().await;
    assert_eq!(f.put("/bbb/k", "1").await.expect(200).header("x-amz-version-id"), "");
    f.enable_versioning("Suspended").await;
    assert_eq!(f.put("/bbb/k", "2").await.expect(200).header("x-amz-version-id"), "");
    assert_eq!(f.get("/bbb/k").await.expect(200).header("x-amz-version-id"), "null");
    let copy = f.send("PUT", "/bbb/copy", &[("x-amz-copy-source", "bbb/k")], "").await.expect(200);
    assert_eq!(copy.header("x-amz-version-id"), "null");
    assert_eq!(copy.header("x-amz-copy-source-version-id"), "");
}

// Recorded: test_system_metadata_with_unicode.
#[tokio::test]
async fn system_metadata_may_be_any_utf_8() {
    let f = Fixture::with_bucket().await;
    let headers = [("cache-control", "ÄMÄZÕÑ S3"), ("content-language", "de")];
    f.send("PUT", "/bbb/k", &headers, "").await.expect(200);
    let get = f.get("/bbb/k").await.expect(200);
    assert_eq!(get.headers["cache-control"].as_bytes(), "ÄMÄZÕÑ S3".as_bytes());
    assert_eq!(get.header("content-language"), "de");
}

// Recorded: test_list_objects_v2_continuation_start_after.
#[tokio::test]
async fn a_list_goes_on_after_its_token() {
    let f = Fixture::with_bucket().await;
    for key in ["a", "b", "c"] {
        f.put(&format!("/bbb/{key}"), "").await.expect(200);
    }
    let first = f.get("/bbb?list-type=2&start-after=a&max-keys=1").await.expect(200);
    assert_eq!((first.element("StartAfter").as_str(), first.element("Key").as_str()), ("a", "b"));
    assert!(first.element("LastModified").ends_with(".000Z"));
    assert_eq!(first.header("x-amz-bucket-region"), "us-east-1");
    assert!(first.text().starts_with("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ListBucketResult "));
    let token = first.element("NextContinuationToken").replace('=', "%3D");
    let next = f.get(&format!("/bbb?list-type=2&start-after=a&continuation-token={token}")).await.expect(200);
    assert_eq!((next.elements("Key"), next.text().contains("StartAfter")), (vec!["c".to_owned()], false));
}

// Recorded: test_list_objects_versions_with_prefix_only_and_pagination.
#[tokio::test]
async fn versions_are_listed_on_when_those_told_are_deleted() {
    let f = Fixture::with_bucket().await;
    f.enable_versioning("Enabled").await;
    for _ in 0..3 {
        f.put("/bbb/k", "").await.expect(200);
    }
    let page = f.get("/bbb?versions&max-keys=2").await.expect(200);
    for id in page.elements("VersionId") {
        f.delete(&format!("/bbb/k?versionId={id}")).await.expect(204);
    }
    let marker = page.element("NextVersionIdMarker");
    let rest = f.get(&format!("/bbb?versions&key-marker=k&version-id-marker={marker}")).await.expect(200);
    assert_eq!(rest.elements("VersionId").len(), 1);
    let target = "/bbb?versions&key-marker=k&version-id-marker=wrong";
    f.get(target).await.expect_error(400, "InvalidArgument");
    let wrong = format!("/bbb/k?versionId={}ABCD", &marker[..28]);
    f.delete(&wrong).await.expect_error(400, "InvalidArgument");
}

#[tokio::test]
async fn an_object_is_answered_as_it_is_though_it_looks_like_an_answer() {
    let f = Fixture::with_bucket().await;
    let body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><a><ETag>\"b\"</ETag></a>";
    f.put("/bbb/k", body).await.expect(200);
    assert_eq!(f.get("/bbb/k").await.expect(200).text(), body);
}

// Recorded: test_put_object_tagging_none_value, test_object_tagging_exc.
#[tokio::test]
async fn tags_may_lack_their_set() {
    let f = Fixture::with_bucket().await;
    f.send("PUT", "/bbb/k", &[("x-amz-tagging", "a=b")], "").await.expect(200);
    f.put("/bbb/k?tagging", "<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\" />").await.expect(200);
    assert!(f.get("/bbb/k?tagging").await.expect(200).elements("Key").is_empty());
    f.put("/bbb/k?tagging", "<Other/>").await.expect_error(400, "MalformedXML");
    assert_eq!(f.get("/bbb/none?tagging").await.expect_error(404, "NoSuchKey").element("Key"), "bbb/none");
}

// Recorded: test_copy_in_place_with_bucket_encryption.
#[tokio::test]
async fn a_bucket_with_an_encryption_of_its_own_takes_copies_in_place() {
    let f = Fixture::with_bucket().await;
    f.put("/bbb/k", "1").await.expect(200);
    let source = [("x-amz-copy-source", "bbb/k")];
    f.send("PUT", "/bbb/k", &source, "").await.expect_error(400, "InvalidRequest");
    let rule = "<Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm>\
                </ApplyServerSideEncryptionByDefault></Rule>";
    let body = format!("<ServerSideEncryptionConfiguration>{rule}</ServerSideEncryptionConfiguration>");
    f.put("/bbb?encryption", body).await.expect(200);
    f.send("PUT", "/bbb/k", &source, "").await.expect(200);
}

#[tokio::test]
async fn an_operation_that_is_not_here_is_refused_by_its_name_and_changes_nothing() {
    let f = Fixture::with_bucket().await;
    f.put("/empty-one", "").await.expect(200);
    f.put("/bbb/k", "x").await.expect(200);
    let rename = [("x-amz-rename-source", "k")];
    let check = async |method: &str, target: &str, headers: &[(&str, &str)], name: &str| {
        let answer = f.send(method, target, headers, "body").await.expect_error(501, "NotImplemented");
        assert!(answer.element("Message").contains(name), "{}", answer.text());
        assert_eq!(f.get("/bbb/k").await.expect(200).text(), "x", "{method} {target}");
        f.get("/bbb/new").await.expect_error(404, "NoSuchKey");
        f.get("/empty-one").await.expect(200);
    };
    check("PUT", "/bbb/k?annotation&annotationName=a", &[], "PutObjectAnnotation").await;
    check("PUT", "/bbb/k?encryption", &[], "UpdateObjectEncryption").await;
    check("DELETE", "/bbb/k?annotation&annotationName=a", &[], "DeleteObjectAnnotation").await;
    check("DELETE", "/empty-one?metadataConfiguration", &[], "DeleteBucketMetadataConfiguration").await;
    check("PUT", "/bbb/new?renameObject", &rename, "RenameObject").await;
    check("PUT", "/bbb/new", &rename, "x-amz-rename-source").await;
    check("GET", "/bbb/k?annotation&annotationName=a", &[], "GetObjectAnnotation").await;
    check("GET", "/bbb?abac", &[], "GetBucketAbac").await;
    check("PUT", "/bbb/k?not-yet-known", &[], "not-yet-known").await;
    check("PUT", "/bbb/k?versioning", &[], "PutBucketVersioning").await;
    check("DELETE", "/empty-one?uploadId=u", &[], "uploadId").await;
    // In the host's name, too, and a stranger is told nothing.
    let host = [("host", "bbb.s3.localhost")];
    check("PUT", "/k?annotation", &host, "PutObjectAnnotation").await;
    let stranger = Context::new(support::ACCOUNT, "us-east-1", Principal::Anonymous);
    f.send_as(&stranger, "PUT", "/bbb/k?annotation", &[], "").await.expect_error(403, "AccessDenied");
    // What is no operation at all.
    let conflict = f.get("/bbb/k?acl&tagging").await.expect_error(400, "InvalidArgument");
    assert_eq!(conflict.element("Message"), "Conflicting query string parameters: acl, tagging");
    let head = f.send("HEAD", "/bbb?tagging", &[], "").await.expect(405);
    assert_eq!(head.header("allow"), "DELETE, GET, PUT");
}

// Asserted on AWS: test_s3_timestamp_precision. Recorded: test_user_metadata_rfc2047_bad_b64_encoded,
// test_get_response_overrides_unicode_metadata_with_sig_s3.
#[tokio::test]
async fn headers_are_taken_as_aws_takes_them() {
    let f = Fixture::with_bucket().await;
    f.send("PUT", "/bbb/k", &[("x-amz-meta-a", "=?UTF-8?B?=GGG?=")], "x").await.expect(200);
    let source = [("x-amz-copy-source", "http://127.0.0.1:4566/bbb/k")];
    f.send("PUT", "/bbb/copied", &source, "").await.expect(200);
    assert_eq!(f.get("/bbb/copied").await.expect(200).text(), "x");
    let told = f.get("/bbb/k?response-cache-control=%C3%A9").await;
    assert_eq!(told.status, 200);
    let refused = f.get("/bbb/k?response-cache-control=%E2%80%94").await.expect_error(400, "InvalidArgument");
    assert_eq!(refused.element("Message"), "Header value cannot be represented using ISO-8859-1.");
    assert_eq!(refused.element("ArgumentName"), "response-cache-control");
}

// Recorded: test_website_hosting_no_such_website.
#[tokio::test]
async fn no_bucket_has_a_website() {
    let f = Fixture::with_bucket().await;
    for (bucket, code) in [("bbb", "NoSuchWebsiteConfiguration"), ("none", "NoSuchBucket")] {
        let host = format!("{bucket}.s3-website-eu-west-1.localhost:4566");
        let answer = f.send("GET", "/any/page", &[("host", &host)], "").await.expect(404);
        assert!(answer.text().contains(&format!("<li>Code: {code}</li>\n")), "{}", answer.text());
    }
}

// Recorded: test_s3_default_bucket_encryption_exc, test_s3_invalid_content_md5, test_put_bucket_lifecycle_conf_exc,
// test_create_bucket_with_tags_exc.
#[tokio::test]
async fn errors_say_what_awss_say() {
    let f = Fixture::with_bucket().await;
    let no_rules = "<ServerSideEncryptionConfiguration/>";
    f.put("/none?encryption", no_rules).await.expect_error(404, "NoSuchBucket");
    f.put("/bbb?encryption", no_rules).await.expect_error(400, "MalformedXML");
    let md5 = [("content-md5", "CYketZBSTjX8czcs3cXVlg==")];
    let whole = f.send("PUT", "/bbb/k", &md5, "x").await.expect_error(400, "BadDigest");
    assert_eq!(whole.element("ExpectedDigest"), "09891eb590524e35fc73372cddc5d596");
    let id = f.send("POST", "/bbb/k?uploads", &[], "").await.expect(200).element("UploadId");
    let target = format!("/bbb/k?partNumber=1&uploadId={id}");
    let part = f.send("PUT", &target, &md5, "x").await.expect_error(400, "BadDigest");
    assert_eq!(part.element("ExpectedDigest"), "CYketZBSTjX8czcs3cXVlg==");
    let rule = "<LifecycleConfiguration><Rule><ID>r</ID><Status>Enabled</Status><Filter/><Expiration>\
                <Date>2027-01-02T03:04:05Z</Date></Expiration></Rule></LifecycleConfiguration>";
    let refused = f.put("/bbb?lifecycle", rule).await.expect_error(400, "InvalidArgument");
    assert_eq!(refused.element("ArgumentValue"), "2027-01-02T03:04:05.000Z");
    let tags = "<CreateBucketConfiguration><Tags><Tag><Key>aws:x</Key><Value>v</Value></Tag></Tags>\
                </CreateBucketConfiguration>";
    let refused = f.put("/tagged", tags).await.expect_error(400, "InvalidTag");
    assert!(!refused.text().contains("TagKey>"), "{}", refused.text());
}
