//! The bucket for packages, and the parameters that say which package is deployed.

use serde_json::{Value, json};

use crate::ids::{CODE_BUCKET_PARAMETER, CODE_KEY_PARAMETER, PACKAGE_BUCKET, PACKAGE_BUCKET_OUTPUT};
use crate::render::Draft;

pub(crate) fn add(draft: &mut Draft<'_>) {
    if draft.own_bucket {
        add_bucket(draft);
    } else {
        let parameter = json!({
            "Type": "String",
            "Description": "The S3 bucket where the package is stored.",
            "Default": draft.project.package.bucket,
        });
        draft.parameters.insert(CODE_BUCKET_PARAMETER.to_owned(), parameter);
        draft.output(PACKAGE_BUCKET_OUTPUT, bucket(draft));
    }
    let parameter = json!({"Type": "String", "Description": "The S3 key of the package."});
    draft.parameters.insert(CODE_KEY_PARAMETER.to_owned(), parameter);
}

/// The bucket alone. AWS encrypts new buckets and keeps the public out without being told.
pub(crate) fn add_bucket(draft: &mut Draft<'_>) {
    let kind = "AWS::S3::Bucket";
    match &draft.project.package.bucket {
        Some(name) => draft.resource(PACKAGE_BUCKET, kind, json!({"BucketName": name})),
        None => draft.insert(PACKAGE_BUCKET, json!({"Type": kind})),
    }
    draft.output(PACKAGE_BUCKET_OUTPUT, json!({"Ref": PACKAGE_BUCKET}));
}

/// Where the package is.
pub(crate) fn code(draft: &Draft<'_>) -> Value {
    json!({"S3Bucket": bucket(draft), "S3Key": {"Ref": CODE_KEY_PARAMETER}})
}

fn bucket(draft: &Draft<'_>) -> Value {
    json!({"Ref": if draft.own_bucket { PACKAGE_BUCKET } else { CODE_BUCKET_PARAMETER }})
}
