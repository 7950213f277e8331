//! What API Gateway answers itself.

use crate::model::{Customization, RestApi};
use serde_json::{Map, Value, json};

/// What the owner has changed, by type. What has no value of its own is not written, and a status is a number, as in AWS's exports.
pub fn write(api: &RestApi) -> Map<String, Value> {
    api.gateway_responses.iter().map(|(kind, customization)| (kind.name().to_owned(), one(customization))).collect()
}

fn one(customization: &Customization) -> Value {
    let mut written = Map::new();
    if let Some(code) = &customization.status_code {
        let code = code.parse::<u16>().map_or_else(|_| code.clone().into(), Value::from);
        written.insert("statusCode".into(), code);
    }
    for (name, texts) in
        [("responseParameters", &customization.parameters), ("responseTemplates", &customization.templates)]
    {
        if !texts.is_empty() {
            written.insert(name.into(), json!(texts));
        }
    }
    Value::Object(written)
}
