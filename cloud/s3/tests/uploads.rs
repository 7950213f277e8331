//! Uploads in parts over HTTP.

mod support;

use support::Fixture;

const PART: usize = 5 * 1024 * 1024;

async fn create(f: &Fixture, headers: &[(&str, &str)]) -> String {
    f.send("POST", "/bbb/k?uploads", headers, "").await.expect(200).element("UploadId")
}

fn completion(parts: &[(usize, &str)]) -> String {
    let parts =
        parts.iter().map(|(number, etag)| format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>"));
    format!("<CompleteMultipartUpload>{}</CompleteMultipartUpload>", parts.collect::<String>())
}

#[tokio::test]
async fn parts_become_an_object() {
    let f = Fixture::with_bucket().await;
    let id = create(&f, &[("content-type", "text/plain")]).await;
    let first = f.put(&format!("/bbb/k?partNumber=1&uploadId={id}"), vec![b'a'; PART]).await.expect(200);
    let last = f.put(&format!("/bbb/k?partNumber=2&uploadId={id}"), "end").await.expect(200);
    let list = f.get(&format!("/bbb/k?uploadId={id}")).await.expect(200);
    assert_eq!(list.elements("PartNumber"), ["1", "2"]);
    assert_eq!(f.get("/bbb?uploads").await.expect(200).elements("UploadId"), std::slice::from_ref(&id));
    f.get("/bbb/k").await.expect(404);

    let body = completion(&[(1, first.header("etag")), (2, last.header("etag"))]);
    let done = f.send("POST", &format!("/bbb/k?uploadId={id}"), &[], body).await.expect(200);
    // The MD5 of the two MD5s: printf aaa… | md5, printf end | md5.
    assert!(done.element("ETag").ends_with("-2\""), "{}", done.text());
    assert_eq!(done.element("ChecksumType"), "FULL_OBJECT");
    let get = f.get("/bbb/k").await.expect(200);
    assert_eq!((get.body.len(), get.header("content-type")), (PART + 3, "text/plain"));
    let part = f.get("/bbb/k?partNumber=2").await.expect(206);
    assert_eq!((part.text().as_str(), part.header("x-amz-mp-parts-count")), ("end", "2"));
    f.get("/bbb/k?partNumber=10").await.expect_error(416, "InvalidPartNumber");
    f.get(&format!("/bbb/k?uploadId={id}")).await.expect_error(404, "NoSuchUpload");
    assert_eq!(f.bodies(), 1, "the parts are gone");
}

// Recorded: test_multipart_complete_multipart_too_small, test_multipart_complete_multipart_wrong_part,
// test_complete_multipart_parts_order.
#[tokio::test]
async fn a_completion_must_name_what_was_uploaded() {
    let f = Fixture::with_bucket().await;
    let id = create(&f, &[]).await;
    for number in [1, 2] {
        f.put(&format!("/bbb/k?partNumber={number}&uploadId={id}"), "test").await.expect(200);
    }
    let etag = "098f6bcd4621d373cade4e832627b4f6";
    let check = async |parts: &[(usize, &str)], code: &str| {
        let target = format!("/bbb/k?uploadId={id}");
        f.send("POST", &target, &[], completion(parts)).await.expect_error(400, code)
    };
    let small = check(&[(1, etag), (2, etag)], "EntityTooSmall").await;
    assert_eq!((small.element("ProposedSize").as_str(), small.element("PartNumber").as_str()), ("4", "1"));
    check(&[(2, etag), (1, etag)], "InvalidPartOrder").await;
    check(&[(1, "d41d8cd98f00b204e9800998ecf8427e")], "InvalidPart").await;
    check(&[(3, etag)], "InvalidPart").await;
    f.put(&format!("/bbb/k?partNumber=0&uploadId={id}"), "x").await.expect_error(400, "InvalidArgument");
    f.put("/bbb/k?partNumber=1&uploadId=none", "x").await.expect_error(404, "NoSuchUpload");
    f.delete(&format!("/bbb/k?uploadId={id}")).await.expect(204);
    assert_eq!(f.bodies(), 0, "an abortion removes the parts");
}

#[tokio::test]
async fn a_part_is_copied_from_a_range_and_carries_its_checksum() {
    let f = Fixture::with_bucket().await;
    f.put("/bbb/source", "0123456789").await.expect(200);
    let id = create(&f, &[("x-amz-checksum-algorithm", "CRC32")]).await;
    let headers = [("x-amz-copy-source", "bbb/source"), ("x-amz-copy-source-range", "bytes=0-8")];
    let target = format!("/bbb/k?partNumber=1&uploadId={id}");
    let part = f.send("PUT", &target, &headers, "").await.expect(200);
    let (etag, checksum) = (part.element("ETag"), part.element("ChecksumCRC32"));
    // Recorded: test_upload_part_copy_range.
    assert_eq!(etag, "\"22975d8a5ed1b91445f6c55ac121505b\"");
    let target = format!("/bbb/k?uploadId={id}");
    let without = completion(&[(1, &etag)]);
    let missing = f.send("POST", &target, &[], without.clone()).await.expect_error(400, "InvalidRequest");
    assert!(missing.element("Message").starts_with("The upload was created using a crc32 checksum."));
    let with = without.replace("</Part>", &format!("<ChecksumCRC32>{checksum}</ChecksumCRC32></Part>"));
    let done = f.send("POST", &target, &[], with).await.expect(200);
    assert_eq!(done.element("ChecksumType"), "COMPOSITE");
    assert!(done.element("ChecksumCRC32").ends_with("-1"));
}

// Recorded: test_multipart_no_such_upload, test_multipart_complete_multipart_too_small.
#[tokio::test]
async fn a_completion_without_a_document_names_no_part() {
    let f = Fixture::with_bucket().await;
    f.send("POST", "/bbb/k?uploadId=none", &[], "").await.expect_error(404, "NoSuchUpload");
    let id = create(&f, &[]).await;
    let refused = f.send("POST", &format!("/bbb/k?uploadId={id}"), &[], "").await.expect_error(400, "InvalidRequest");
    assert_eq!(refused.element("Message"), "You must specify at least one part");
}

// Recorded: test_get_object_part_checksum[COMPOSITE].
#[tokio::test]
async fn a_part_of_a_composite_object_has_its_own_checksum() {
    let f = Fixture::with_bucket().await;
    let id = create(&f, &[("x-amz-checksum-algorithm", "CRC32C")]).await;
    let target = format!("/bbb/k?partNumber=1&uploadId={id}");
    let headers = [("x-amz-checksum-crc32c", "fwuu0Q==")];
    let part = f.send("PUT", &target, &headers, "test content 123").await.expect(200);
    let body =
        completion(&[(1, part.header("etag"))]).replace("</Part>", "<ChecksumCRC32C>fwuu0Q==</ChecksumCRC32C></Part>");
    let done = f.send("POST", &format!("/bbb/k?uploadId={id}"), &[], body).await.expect(200);
    assert_eq!(done.element("ChecksumCRC32C"), "sZB91Q==-1");
    let mode = [("x-amz-checksum-mode", "ENABLED")];
    let part = f.send("GET", "/bbb/k?partNumber=1", &mode, "").await.expect(206);
    assert_eq!(part.header("x-amz-checksum-crc32c"), "fwuu0Q==");
    let whole = f.send("GET", "/bbb/k", &mode, "").await.expect(200);
    assert_eq!(whole.header("x-amz-checksum-crc32c"), "sZB91Q==-1");
}

// Recorded: test_multipart_if_match_with_put.
#[tokio::test]
async fn a_conditional_completion_conflicts_with_what_was_written_meanwhile() {
    let f = Fixture::with_bucket().await;
    let id = create(&f, &[]).await;
    let part = f.put(&format!("/bbb/k?partNumber=1&uploadId={id}"), "test").await.expect(200);
    // Moments are kept in milliseconds.
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    let put = f.put("/bbb/k", "test2").await.expect(200);
    let target = format!("/bbb/k?uploadId={id}");
    let body = completion(&[(1, part.header("etag"))]);
    let refused = f.send("POST", &target, &[("if-match", put.header("etag"))], body.clone()).await;
    assert_eq!(refused.expect_error(409, "ConditionalRequestConflict").element("Condition"), "If-Match");
    f.send("POST", &target, &[("if-match", "\"x\"")], body.clone()).await.expect_error(412, "PreconditionFailed");
    f.send("POST", &target, &[], body).await.expect(200);
}

// Recorded: test_multipart_if_none_match_with_delete.
#[tokio::test]
async fn a_conditional_completion_conflicts_with_what_was_deleted_meanwhile() {
    let f = Fixture::with_bucket().await;
    f.put("/bbb/k", "before").await.expect(200);
    let absent = [("if-none-match", "*")];
    let id = create(&f, &[]).await;
    let part = f.put(&format!("/bbb/k?partNumber=1&uploadId={id}"), "test").await.expect(200);
    let body = completion(&[(1, part.header("etag"))]);
    let target = format!("/bbb/k?uploadId={id}");
    f.send("POST", &target, &absent, body.clone()).await.expect_error(412, "PreconditionFailed");
    // Moments are kept in milliseconds.
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    f.delete("/bbb/k").await.expect(204);
    let refused = f.send("POST", &target, &absent, body).await.expect_error(409, "ConditionalRequestConflict");
    assert_eq!((refused.element("Condition"), refused.element("Key")), ("If-None-Match".into(), "k".into()));
    f.delete(&target).await.expect(204);
    // An upload that begins later knows nothing of it.
    tokio::time::sleep(std::time::Duration::from_millis(2)).await;
    let id = create(&f, &[]).await;
    let part = f.put(&format!("/bbb/k?partNumber=1&uploadId={id}"), "test").await.expect(200);
    let body = completion(&[(1, part.header("etag"))]);
    f.send("POST", &format!("/bbb/k?uploadId={id}"), &absent, body).await.expect(200);
}
