//! Buckets, lists and configurations over HTTP, and the operations as other services call them.

mod support;

use slam_cloud_core::{Context, Principal};
use slam_cloud_wire::s3;
use support::{ACCOUNT, Fixture};

#[tokio::test]
async fn a_bucket_is_created_headed_listed_and_deleted() {
    let f = Fixture::new();
    let created = f.put("/my-bucket", "").await.expect(200);
    assert_eq!(created.header("location"), "/my-bucket");
    assert_eq!(created.header("x-amz-bucket-arn"), "arn:aws:s3:::my-bucket");
    f.put("/my-bucket", "").await.expect(200);
    let other = Context::new("111111111111", "us-east-1", Principal::Root { account: "111111111111".into() });
    f.send_as(&other, "PUT", "/my-bucket", &[], "").await.expect_error(409, "BucketAlreadyExists");
    f.send_as(&other, "GET", "/my-bucket", &[], "").await.expect_error(403, "AccessDenied");
    let head = f.send("HEAD", "/my-bucket", &[], "").await.expect(200);
    assert_eq!(head.header("x-amz-bucket-region"), "us-east-1");
    let missing = f.send("HEAD", "/none-such", &[], "").await.expect(404);
    assert!(missing.body.is_empty());
    assert_eq!(f.get("/").await.expect(200).elements("Name"), ["my-bucket"]);
    f.delete("/my-bucket").await.expect(204);
    f.get("/my-bucket").await.expect_error(404, "NoSuchBucket");
    let invalid = f.put("/UPPER", "").await.expect_error(400, "InvalidBucketName");
    assert_eq!(invalid.element("Message"), "The specified bucket is not valid.");
}

#[tokio::test]
async fn a_location_constraint_makes_the_region() {
    let f = Fixture::new();
    let body =
        "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint></CreateBucketConfiguration>";
    f.put("/far-away", body).await.expect(200);
    assert!(f.get("/far-away?location").await.expect(200).text().contains("eu-west-1"));
    let west = Context::new(ACCOUNT, "us-west-1", Principal::Root { account: ACCOUNT.into() });
    let refused =
        f.send_as(&west, "PUT", "/another", &[], "").await.expect_error(400, "IllegalLocationConstraintException");
    assert!(refused.element("Message").starts_with("The unspecified location constraint"));
}

#[tokio::test]
async fn a_bucket_is_created_with_its_tags() {
    let f = Fixture::new();
    let body = |key: &str| {
        format!(
            "<CreateBucketConfiguration><Tags><Tag><Key>{key}</Key><Value>b</Value></Tag></Tags>\
             </CreateBucketConfiguration>"
        )
    };
    f.put("/tagged", body("a")).await.expect(200);
    assert_eq!(f.get("/tagged?tagging").await.expect(200).elements("Key"), ["a"]);
    f.put("/refused", body("aws:a")).await.expect_error(400, "InvalidTag");
    f.get("/refused").await.expect(404);
}

#[tokio::test]
async fn a_bucket_may_stand_in_the_host() {
    let f = Fixture::with_bucket().await;
    f.put("/bbb/k", "hello").await.expect(200);
    for host in ["bbb.s3.us-east-1.amazonaws.com", "bbb.s3.localhost:4566", "bbb.localhost:4566"] {
        let request = http::Request::get("/k").header("host", host).extension(f.context.clone());
        let response = f.service.handle(request.body(http_body_util::Empty::new()).unwrap()).await;
        assert_eq!(response.status(), 200, "{host}");
    }
}

// Pages: recorded in test_list_objects_marker_common_prefixes.
#[tokio::test]
async fn keys_are_listed_page_by_page() {
    let f = Fixture::with_bucket().await;
    for key in ["folder/aSubfolder/subFile1", "folder/aSubfolder/subFile2", "folder/file1", "folder/file2", "a%20b"] {
        f.put(&format!("/bbb/{key}"), "x").await.expect(200);
    }
    let all = f.get("/bbb?list-type=2").await.expect(200);
    assert_eq!((all.elements("Key").len(), all.element("KeyCount").as_str()), (5, "5"));
    let first = f.get("/bbb?list-type=2&prefix=folder/&delimiter=/&max-keys=1").await.expect(200);
    assert_eq!(first.elements("CommonPrefixes").len(), 1);
    assert!(first.text().contains("<Prefix>folder/aSubfolder/</Prefix>"));
    let token = first.element("NextContinuationToken");
    let next = f.get(&format!("/bbb?list-type=2&prefix=folder/&delimiter=/&continuation-token={token}")).await;
    assert_eq!(next.expect(200).elements("Key"), ["folder/file1", "folder/file2"]);
    let v1 = f.get("/bbb?delimiter=/&encoding-type=url&max-keys=1").await.expect(200);
    assert_eq!((v1.elements("Key"), v1.element("NextMarker")), (vec!["a%20b".to_owned()], "a%20b".to_owned()));
    f.get("/bbb?list-type=2&continuation-token=!").await.expect_error(400, "InvalidArgument");
    f.get("/bbb?list-type=2&encoding-type=x").await.expect_error(400, "InvalidArgument");
}

#[tokio::test]
async fn configurations_are_what_aws_gives_and_what_was_put() {
    let f = Fixture::with_bucket().await;
    assert_eq!(f.get("/bbb?encryption").await.expect(200).element("SSEAlgorithm"), "AES256");
    assert_eq!(f.get("/bbb?ownershipControls").await.expect(200).element("ObjectOwnership"), "BucketOwnerEnforced");
    assert_eq!(f.get("/bbb?publicAccessBlock").await.expect(200).element("BlockPublicPolicy"), "true");
    assert_eq!(f.get("/bbb?acl").await.expect(200).element("Permission"), "FULL_CONTROL");
    for (document, code) in [
        ("policy", "NoSuchBucketPolicy"),
        ("cors", "NoSuchCORSConfiguration"),
        ("lifecycle", "NoSuchLifecycleConfiguration"),
        ("tagging", "NoSuchTagSet"),
    ] {
        let missing = f.get(&format!("/bbb?{document}")).await.expect_error(404, code);
        assert_eq!(missing.element("BucketName"), "bbb");
    }
    let tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    f.put("/bbb?tagging", tags).await.expect(204);
    assert_eq!(f.get("/bbb?tagging").await.expect(200).elements("Value"), ["b"]);
    let rule = "<LifecycleConfiguration><Rule><ID>r</ID><Filter><Prefix>logs/</Prefix></Filter><Status>Enabled</Status>\
                <Expiration><Days>7</Days></Expiration></Rule></LifecycleConfiguration>";
    f.put("/bbb?lifecycle", rule).await.expect(200);
    assert_eq!(f.get("/bbb?lifecycle").await.expect(200).elements("Days"), ["7"]);
    assert!(f.put("/bbb/logs/1", "x").await.expect(200).header("x-amz-expiration").ends_with("rule-id=\"r\""));
    let transition = rule.replace("Expiration>", "Transition>");
    f.put("/bbb?lifecycle", transition).await.expect_error(501, "NotImplemented");
    f.put("/bbb?versioning", "<VersioningConfiguration/>")
        .await
        .expect_error(400, "IllegalVersioningConfigurationException");
    f.put("/bbb?versioning", "not XML").await.expect_error(400, "MalformedXML");
}

#[tokio::test]
async fn browsers_are_answered_by_the_cors_rules() {
    let f = Fixture::with_bucket().await;
    let preflight = [
        ("origin", "https://app.example"),
        ("access-control-request-method", "PUT"),
        ("access-control-request-headers", "content-type"),
    ];
    f.send("OPTIONS", "/bbb/k", &preflight, "").await.expect_error(403, "AccessForbidden");
    let rules = "<CORSConfiguration><CORSRule><AllowedOrigin>https://*.example</AllowedOrigin>\
                 <AllowedMethod>PUT</AllowedMethod><AllowedMethod>GET</AllowedMethod><AllowedHeader>*</AllowedHeader>\
                 <ExposeHeader>etag</ExposeHeader></CORSRule></CORSConfiguration>";
    f.put("/bbb?cors", rules).await.expect(200);
    let allowed = f.send("OPTIONS", "/bbb/k", &preflight, "").await.expect(200);
    assert_eq!(allowed.header("access-control-allow-origin"), "https://app.example");
    assert_eq!(allowed.header("access-control-allow-headers"), "content-type");
    let put = f.send("PUT", "/bbb/k", &preflight[..1], "x").await.expect(200);
    assert_eq!(put.header("access-control-expose-headers"), "etag");
    let other = f.send("GET", "/bbb/k", &[("origin", "https://other.test")], "").await.expect(200);
    assert_eq!(other.header("access-control-allow-origin"), "");
}

#[tokio::test]
async fn a_public_policy_needs_the_block_to_be_lifted() {
    let f = Fixture::with_bucket().await;
    let policy =
        r#"{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bbb/*"}]}"#;
    f.put("/bbb?policy", policy).await.expect_error(403, "AccessDenied");
    f.delete("/bbb?publicAccessBlock").await.expect(204);
    f.put("/bbb?policy", policy).await.expect(204);
    // From here on the policy is IAM's to evaluate: it is handed over with the owner's account.
    f.get("/bbb?policy").await.expect(403);
    let asked = f.denier.take().pop().unwrap();
    assert_eq!((asked.action.as_ref(), asked.resource_policy.as_deref()), ("s3:GetBucketPolicy", Some(policy)));
}

#[tokio::test]
async fn every_operation_asks_before_it_acts() {
    let f = Fixture::with_bucket().await;
    f.put("/bbb/k", "x").await.expect(200);
    let user = Principal::User { arn: format!("arn:aws:iam::{ACCOUNT}:user/u"), id: "AIDA".into() };
    let user = Context::new(ACCOUNT, "us-east-1", user);
    let check = async |method: &str, target: &str, headers: &[(&str, &str)], expected: &[(&str, &str)]| {
        f.denier.take();
        let answer = f.send_as(&user, method, target, headers, "").await;
        assert_eq!(answer.status, 403, "{method} {target}");
        let asked = f.denier.take();
        let asked: Vec<_> = asked.iter().map(|access| (access.action.as_ref(), access.resource.as_str())).collect();
        assert_eq!(asked, expected, "{method} {target}");
    };
    let (bucket, key) = ("arn:aws:s3:::bbb", "arn:aws:s3:::bbb/k");
    check("GET", "/", &[], &[("s3:ListAllMyBuckets", "*")]).await;
    check("PUT", "/new-one", &[], &[("s3:CreateBucket", "arn:aws:s3:::new-one")]).await;
    check("GET", "/bbb?list-type=2&prefix=a", &[], &[("s3:ListBucket", bucket)]).await;
    check("GET", "/bbb?versions", &[], &[("s3:ListBucketVersions", bucket)]).await;
    check("PUT", "/bbb?policy", &[], &[("s3:PutBucketPolicy", bucket)]).await;
    check("GET", "/bbb/k", &[], &[("s3:GetObject", key)]).await;
    check("GET", "/bbb/k?versionId=null", &[], &[("s3:GetObjectVersion", key)]).await;
    check("PUT", "/bbb/k", &[], &[("s3:PutObject", key)]).await;
    check("PUT", "/bbb/c", &[("x-amz-copy-source", "bbb/k")], &[("s3:GetObject", key)]).await;
    check("DELETE", "/bbb/k", &[], &[("s3:DeleteObject", key)]).await;
    check("POST", "/bbb/k?uploads", &[], &[("s3:PutObject", key)]).await;
    f.get("/bbb/k").await.expect(200);

    // A list's prefix is a condition key; a deletion of many is asked for key by key.
    f.send_as(&user, "GET", "/bbb?list-type=2&prefix=a%2Fb", &[], "").await.expect(403);
    let asked = f.denier.take().pop().unwrap();
    assert!(asked.conditions.contains(&("s3:prefix".into(), vec!["a/b".to_owned()])));
    let many = f.send_as(&user, "POST", "/bbb?delete", &[], "<Delete><Object><Key>k</Key></Object></Delete>").await;
    assert_eq!(many.expect(200).elements("Code"), ["AccessDenied"]);
    f.get("/bbb/k").await.expect(200);
}

#[tokio::test]
async fn without_a_verified_caller_nothing_is_answered() {
    let f = Fixture::with_bucket().await;
    let request = http::Request::get("/bbb").body(http_body_util::Empty::new()).unwrap();
    assert_eq!(f.service.handle(request).await.status(), 403);
    let owner = [("x-amz-expected-bucket-owner", "111111111111")];
    f.send("GET", "/bbb?policy", &owner, "").await.expect_error(403, "AccessDenied");
    let invalid = [("x-amz-expected-bucket-owner", "abcd")];
    f.send("GET", "/bbb?policy", &invalid, "").await.expect_error(400, "InvalidBucketOwnerAWSAccountID");
}

#[tokio::test]
async fn other_services_call_the_same_operations() {
    let f = Fixture::new();
    let call = |context: &Context| (f.cloud.clone(), context.clone());
    let (cloud, context) = call(&f.context);
    let create = s3::CreateBucket { bucket: "packages".into(), ..Default::default() };
    cloud.call(context.clone(), create.clone()).await.unwrap();
    let again = cloud.call(context.clone(), create).await.unwrap_err();
    assert_eq!(again.code, "BucketAlreadyOwnedByYou");
    let put = s3::PutObject {
        bucket: "packages".into(),
        key: "a.zip".into(),
        body: Some("zip".into()),
        ..Default::default()
    };
    cloud.call(context.clone(), put).await.unwrap();
    let get = s3::GetObject { bucket: "packages".into(), key: "a.zip".into(), ..Default::default() };
    let object = cloud.call(context.clone(), get.clone()).await.unwrap();
    assert_eq!((object.body.unwrap(), object.content_length), ("zip".into(), Some(3)));
    assert_eq!(f.get("/packages/a.zip").await.expect(200).text(), "zip");

    let user = Principal::User { arn: format!("arn:aws:iam::{ACCOUNT}:user/u"), id: "AIDA".into() };
    let denied = cloud.call(Context::new(ACCOUNT, "us-east-1", user), get.clone()).await.unwrap_err();
    assert_eq!(denied.code, "AccessDenied");
    let stranger = Principal::Root { account: "111111111111".into() };
    let denied = cloud.call(Context::new("111111111111", "us-east-1", stranger), get).await.unwrap_err();
    assert_eq!(denied.code, "AccessDenied");

    let versioning = s3::PutBucketVersioning {
        bucket: "packages".into(),
        versioning_configuration: s3::VersioningConfiguration { status: Some("Enabled".into()), mfa_delete: None },
        ..Default::default()
    };
    cloud.call(context.clone(), versioning).await.unwrap();
    let delete = s3::DeleteObject { bucket: "packages".into(), key: "a.zip".into(), ..Default::default() };
    assert_eq!(cloud.call(context.clone(), delete).await.unwrap().delete_marker, Some(true));
    let delete = s3::DeleteBucket { bucket: "packages".into(), ..Default::default() };
    assert_eq!(cloud.call(context, delete).await.unwrap_err().code, "BucketNotEmpty");
}

// Recorded: test_create_bucket_with_existing_name, test_create_bucket_with_tags_us_east_1_idempotency.
#[tokio::test]
async fn only_an_untagged_bucket_of_us_east_1_is_created_again() {
    let f = Fixture::new();
    let check = async |name: &str, configuration: &str, status: u16| {
        let body = format!("<CreateBucketConfiguration>{configuration}</CreateBucketConfiguration>");
        f.put(&format!("/{name}"), body).await.expect(status);
    };
    let far = "<LocationConstraint>us-west-1</LocationConstraint>";
    check("far", far, 200).await;
    check("far", far, 409).await;
    check("far", "<LocationConstraint>us-east-2</LocationConstraint>", 409).await;
    check("near", "", 200).await;
    check("near", "", 200).await;
    check("near", "<Tags><Tag><Key>a</Key><Value>b</Value></Tag></Tags>", 409).await;
}

// Recorded: test_list_buckets_with_max_buckets. Asserted on AWS: test_response_structure_get_bucket_location.
#[tokio::test]
async fn buckets_tell_their_location_and_arn() {
    let f = Fixture::new();
    let body = "<CreateBucketConfiguration><LocationConstraint>EU</LocationConstraint></CreateBucketConfiguration>";
    f.put("/old", body).await.expect(200);
    f.put("/new", "").await.expect(200);
    assert!(f.get("/old?location").await.expect(200).text().ends_with(">EU</LocationConstraint>"));
    assert!(
        f.get("/new?location")
            .await
            .expect(200)
            .text()
            .ends_with("?>\n<LocationConstraint xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"/>")
    );
    let list = f.get("/?max-buckets=10").await.expect(200);
    assert_eq!(list.elements("BucketArn"), ["arn:aws:s3:::new", "arn:aws:s3:::old"]);
    assert_eq!(list.elements("BucketRegion"), ["us-east-1", "eu-west-1"]);
}
