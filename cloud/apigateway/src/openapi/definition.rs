//! What a document defines.

use slam_cloud_wire::apigateway as wire;

/// What a document defines, as the inputs of the operations that make it. Ids are not known yet, and empty here.
#[derive(Debug, Default)]
pub struct Definition {
    /// The title.
    pub name: Option<String>,
    /// The owner's words.
    pub description: Option<String>,
    /// The owner's version of the API.
    pub version: Option<String>,
    /// What holds for the API as a whole.
    pub settings: Settings,
    /// Schemas, those that have no name of their own among them.
    pub models: Vec<wire::CreateModel>,
    /// By their names.
    pub validators: Vec<wire::CreateRequestValidator>,
    /// By their names.
    pub authorizers: Vec<wire::CreateAuthorizer>,
    /// By their types.
    pub gateway_responses: Vec<wire::PutGatewayResponse>,
    /// The segments of each path, of those without a method, too.
    pub paths: Vec<Vec<String>>,
    /// The methods.
    pub operations: Vec<Operation>,
    /// What is said about parts of the API.
    pub documentation: Vec<wire::CreateDocumentationPart>,
    /// What was not understood.
    pub warnings: Vec<String>,
}

/// What a document says about the API as a whole; what it does not say is `None`.
#[derive(Debug, Default)]
pub struct Settings {
    /// `HEADER` or `AUTHORIZER`.
    pub api_key_source: Option<String>,
    /// Media types whose bodies are bytes.
    pub binary_media_types: Option<Vec<String>>,
    /// From how many bytes on responses are compressed.
    pub minimum_compression_size: Option<i64>,
    /// A JSON text.
    pub policy: Option<String>,
    /// Whether `execute-api` does not answer for the API.
    pub disable_execute_api_endpoint: Option<bool>,
}

/// A method of a path.
#[derive(Debug, Default)]
pub struct Operation {
    /// The path's segments.
    pub path: Vec<String>,
    /// The method.
    pub method: wire::PutMethod,
    /// The name of its authorizer.
    pub authorizer: Option<String>,
    /// The name of its validator.
    pub validator: Option<String>,
    /// By status.
    pub responses: Vec<wire::PutMethodResponse>,
    /// What answers.
    pub integration: Option<wire::PutIntegration>,
    /// By status.
    pub integration_responses: Vec<wire::PutIntegrationResponse>,
}
