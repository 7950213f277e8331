//! What S3 was recorded to answer to requests that it refuses, asked again. Its wire is its own, so the requests are here.

mod support;

use slam_cloud_testing::recorded::Recorded;
use support::Fixture;

const TAGGING: &str = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
/// The entity tag of the parts, which are `data`.
const ETAG: &str = "8d777f385d3dfec8815d20f7496026dc";

fn completion(parts: &[(u32, &str)]) -> String {
    let part =
        |(number, etag): &(u32, &str)| format!("<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>");
    format!("<CompleteMultipartUpload>{}</CompleteMultipartUpload>", parts.iter().map(part).collect::<String>())
}

/// Begins an upload of these parts, and gives its requests' target.
async fn upload(f: &Fixture, parts: &[u32]) -> (String, String) {
    let id = f.send("POST", "/bbb/k?uploads", &[], "").await.expect(200).element("UploadId");
    for number in parts {
        f.put(&format!("/bbb/k?partNumber={number}&uploadId={id}"), "data").await.expect(200);
    }
    (format!("/bbb/k?uploadId={id}"), id)
}

#[tokio::test]
async fn invalid_range_error() {
    let f = Fixture::with_bucket().await;
    f.put("/bbb/k", "12345678").await.expect(200);
    let answer = f.send("GET", "/bbb/k", &[("range", "bytes=1024-4096")], "").await;
    answer.expect_recorded(&mut Recorded::of("s3/test_invalid_range_error"), "exc");
}

#[tokio::test]
async fn create_bucket_with_existing_name() {
    let f = Fixture::new();
    let mut recorded = Recorded::of("s3/test_create_bucket_with_existing_name");
    let create = async |region: &str| {
        let region = format!("<LocationConstraint>{region}</LocationConstraint>");
        f.put("/bbb", format!("<CreateBucketConfiguration>{region}</CreateBucketConfiguration>")).await
    };
    create("us-west-1").await.expect(200);
    create("us-west-1").await.expect_recorded(&mut recorded, "create-bucket-us-west-1");
    create("us-east-2").await.expect_recorded(&mut recorded, "create-bucket-us-east-2");
}

#[tokio::test]
async fn object_tagging_exc() {
    let f = Fixture::with_bucket().await;
    let mut recorded = Recorded::of("s3/test_object_tagging_exc").with("<bucket:1>", "bbb");
    for (method, body, name) in [("GET", "", "get"), ("DELETE", "", "delete"), ("PUT", TAGGING, "put")] {
        let bucket = f.send(method, "/none/fake-key?tagging", &[], body).await;
        bucket.expect_recorded(&mut recorded, &format!("{name}-no-bucket-tags"));
        let key = f.send(method, "/bbb/fake-key?tagging", &[], body).await;
        key.expect_recorded(&mut recorded, &format!("{name}-no-key-tags"));
    }
    for (tags, step) in
        [("key1=val1&key1=val2", "put-obj-duplicate-tagging"), ("key1=val1,key2=val2", "put-obj-wrong-format")]
    {
        f.send("PUT", "/bbb/k", &[("x-amz-tagging", tags)], "").await.expect_recorded(&mut recorded, step);
    }
}

#[tokio::test]
async fn multipart_complete_multipart_too_small() {
    let f = Fixture::with_bucket().await;
    let mut recorded = Recorded::of("s3/test_multipart_complete_multipart_too_small");
    let (target, _) = upload(&f, &[1, 2]).await;
    f.send("POST", &target, &[], "").await.expect_recorded(&mut recorded, "complete-exc-no-parts");
    let small = completion(&[(1, ETAG), (2, ETAG)]);
    f.send("POST", &target, &[], small).await.expect_recorded(&mut recorded, "complete-exc-too-small");
}

#[tokio::test]
async fn multipart_complete_multipart_wrong_part() {
    let f = Fixture::with_bucket().await;
    let (target, id) = upload(&f, &[1]).await;
    let mut recorded = Recorded::of("s3/test_multipart_complete_multipart_wrong_part").with("<upload-id:1>", &id);
    for (part, step) in [
        ((2, ETAG), "complete-exc-wrong-part-number"),
        ((1, "d41d8cd98f00b204e9800998ecf8427e"), "complete-exc-wrong-etag"),
    ] {
        f.send("POST", &target, &[], completion(&[part])).await.expect_recorded(&mut recorded, step);
    }
}

#[tokio::test]
async fn complete_multipart_parts_order() {
    let f = Fixture::with_bucket().await;
    let (target, id) = upload(&f, &[1, 2]).await;
    let mut recorded = Recorded::of("s3/test_complete_multipart_parts_order").with("<upload-id:1>", &id);
    let negative = f.put(&format!("/bbb/k?partNumber=-1&uploadId={id}"), "data").await;
    negative.expect_recorded(&mut recorded, "upload-part-negative-part-number");
    let unordered = completion(&[(2, ETAG), (1, ETAG)]);
    f.send("POST", &target, &[], unordered).await.expect_recorded(&mut recorded, "complete-multipart-unordered");
}

#[tokio::test]
async fn multipart_no_such_upload() {
    let f = Fixture::with_bucket().await;
    let mut recorded = Recorded::of("s3/test_multipart_no_such_upload");
    f.put("/bbb/k?partNumber=1&uploadId=fakeid", "data").await.expect_recorded(&mut recorded, "upload-exc");
    let complete = f.send("POST", "/bbb/k?uploadId=fakeid", &[], completion(&[(1, ETAG)])).await;
    complete.expect_recorded(&mut recorded, "complete-exc");
    f.delete("/bbb/k?uploadId=fakeid").await.expect_recorded(&mut recorded, "abort-exc");
}
