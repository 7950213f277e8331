//! An API's definition: an OpenAPI document in the template or in S3.

use crate::resources::{Properties, Work};
use serde_json::Value;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::apigateway as wire;
use slam_cloud_wire::s3::GetObject;
use std::collections::BTreeMap;

/// A definition, and how it is imported.
pub(super) struct Definition {
    document: Vec<u8>,
    mode: Option<String>,
    fail_on_warnings: Option<bool>,
    parameters: Option<BTreeMap<String, String>>,
}

impl Definition {
    /// The definition that the properties have.
    pub async fn of(work: &Work) -> AwsResult<Option<Self>> {
        let properties = Properties(&work.properties);
        let document = match (properties.document("Body"), properties.object("BodyS3Location")) {
            (Some(text), _) => text.into_bytes(),
            (None, Some(place)) => object(work, place).await?,
            (None, None) => return Ok(None),
        };
        if properties.raw("Parameters").is_some_and(Value::is_string) {
            return Err(AwsError::unsupported("a text as the property {/Parameters}"));
        }
        Ok(Some(Self {
            document,
            mode: properties.text("Mode"),
            fail_on_warnings: properties.boolean("FailOnWarnings"),
            parameters: properties.text_map("Parameters"),
        }))
    }

    /// Makes an API of it.
    pub async fn import(self, work: &Work) -> AwsResult<wire::RestApi> {
        let input = wire::ImportRestApi {
            body: self.document.into(),
            fail_on_warnings: self.fail_on_warnings,
            parameters: self.parameters,
        };
        work.call(input).await
    }

    /// Changes an API by it. Where no mode is given, "the new API definition takes precedence"
    /// (<https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-apigateway-restapi.html>): what it no longer
    /// has is gone.
    pub async fn put(self, work: &Work, id: &str) -> AwsResult<wire::RestApi> {
        // "You can import API definitions only to update an existing API, without changing its endpoint configuration"
        let mut parameters = self.parameters;
        if let Some(parameters) = &mut parameters {
            parameters.remove("endpointConfigurationTypes");
        }
        let input = wire::PutRestApi {
            rest_api_id: id.to_owned(),
            mode: Some(self.mode.unwrap_or_else(|| "overwrite".to_owned())),
            body: self.document.into(),
            fail_on_warnings: self.fail_on_warnings,
            parameters,
        };
        work.call(input).await
    }
}

async fn object(work: &Work, place: Properties<'_>) -> AwsResult<Vec<u8>> {
    let input = GetObject {
        bucket: place.need("Bucket")?,
        key: place.need("Key")?,
        version_id: place.text("Version"),
        if_match: place.text("ETag"),
        ..GetObject::default()
    };
    Ok(work.call(input).await?.body.unwrap_or_default().to_vec())
}
