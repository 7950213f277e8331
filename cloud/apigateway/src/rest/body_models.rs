//! The models of a method's bodies, which are JSON schemas.

use super::gateway_response::GatewayResponse;
use super::violations::{UNREADABLE, violations};
use crate::model::{RestApi, Texts};
use jsonschema::{Draft, Retrieve, Uri, Validator};
use serde_json::Value;
use std::collections::HashMap;

/// The schemas of a method's bodies by content type.
pub struct BodyValidator {
    /// A schema that cannot be compiled lets nothing through, and the log says why.
    validators: HashMap<String, Result<Validator, String>>,
}

impl BodyValidator {
    /// The schemas of a method's models.
    pub fn new(api: &RestApi, request_models: Option<&Texts>) -> Self {
        let models = Models::of(api);
        let validators = request_models
            .into_iter()
            .flatten()
            .map(|(content_type, model)| (content_type.to_ascii_lowercase(), models.validator(model)));
        Self { validators: validators.collect() }
    }

    /// Checks a body by its content type's model.
    ///
    /// # Errors
    /// When it does not fit, or the model is none.
    pub fn check(&self, content_type: &str, body: &[u8]) -> Result<(), GatewayResponse> {
        let content_type = if content_type.is_empty() { "application/json" } else { content_type };
        let Some(validator) = self.validators.get(content_type).or_else(|| self.validators.get("$default")) else {
            // No model, no demands.
            return Ok(());
        };
        let validator = validator.as_ref().map_err(|reason| GatewayResponse::Configuration(reason.clone()))?;
        let errors = match serde_json::from_slice::<Value>(body) {
            Ok(document) if validator.is_valid(&document) => return Ok(()),
            Ok(document) => violations(validator, &document),
            Err(_) => UNREADABLE.to_owned(),
        };
        Err(GatewayResponse::InvalidBody { content_type: content_type.to_owned(), errors })
    }
}

/// An API's models, which refer to one another as
/// `https://apigateway.amazonaws.com/restapis/API/models/NAME`.
#[derive(Clone)]
struct Models {
    schemas: HashMap<String, Value>,
}

impl Models {
    fn of(api: &RestApi) -> Self {
        let parsed = api
            .models
            .values()
            .filter_map(|model| Some((model.name.clone(), serde_json::from_str(&model.schema).ok()?)));
        Self { schemas: parsed.collect() }
    }

    fn validator(&self, model: &str) -> Result<Validator, String> {
        let schema = self.schemas.get(model).ok_or_else(|| format!("the model {model} is missing"))?;
        jsonschema::options()
            .with_draft(Draft::Draft4)
            .with_retriever(self.clone())
            .build(schema)
            .map_err(|error| format!("the model {model} is no JSON schema: {error}"))
    }
}

impl Retrieve for Models {
    /// Only the API's own models: nothing is fetched.
    fn retrieve(&self, uri: &Uri<String>) -> Result<Value, Box<dyn std::error::Error + Send + Sync>> {
        let name = uri.as_str().rsplit_once("/models/").map_or("", |(_, name)| name.trim_end_matches('#'));
        self.schemas.get(name).cloned().ok_or_else(|| format!("{} is no model of the API", uri.as_str()).into())
    }
}
