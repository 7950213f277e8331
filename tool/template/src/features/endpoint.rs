//! The URLs of APIs, on AWS and on the embedded cloud.

use crate::draft::Draft;
use crate::ids::ON_AWS;
use serde_json::{Value, json};

/// What the URLs of stages begin with depends on whose cloud it is.
pub fn add_scheme(draft: &mut Draft<'_>) {
    // Conditions cannot look into a text, so AWS's own suffixes are named; the embedded cloud has another.
    let suffix = |suffix: &str| json!({"Fn::Equals": [{"Ref": "AWS::URLSuffix"}, suffix]});
    let on_aws = json!({"Fn::Or": [suffix("amazonaws.com"), suffix("amazonaws.com.cn")]});
    draft.conditions.insert(ON_AWS.to_owned(), on_aws);
}

/// The URL of a path of an API.
pub fn endpoint(api: &str, path: &str) -> Value {
    let url = format!("${{Scheme}}://${{{api}}}.execute-api.${{AWS::Region}}.${{AWS::URLSuffix}}/{path}");
    let scheme = json!({"Scheme": {"Fn::If": [ON_AWS, "https", "http"]}});
    json!({"Fn::Sub": [url, scheme]})
}
