//! A REST API as it is edited, and its frozen copies.

use super::{Authorizer, Customization, DocumentationPart, GatewayResponse, Method, Resource, ResponseType, Texts};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A REST API with everything that belongs to it and can be edited. A deployment is a copy of this.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RestApi {
    /// Ten lower-case letters and digits.
    pub id: String,
    /// Need not be unique.
    pub name: String,
    /// The owner's words.
    pub description: Option<String>,
    /// The owner's version of the API.
    pub version: Option<String>,
    /// Seconds since 1970.
    pub created: i64,
    /// The same in microseconds: the order of what was created within one second.
    #[serde(default)]
    pub order: i64,
    /// `EDGE` or `REGIONAL`.
    pub endpoint_type: String,
    /// `ipv4` or `dualstack`.
    pub ip_address_type: String,
    /// Media types whose bodies are bytes, not text.
    pub binary_media_types: Vec<String>,
    /// From how many bytes on responses are compressed; none when compression is off.
    pub minimum_compression_size: Option<i64>,
    /// The resource policy: a JSON document.
    pub policy: Option<String>,
    /// Whether `execute-api` does not answer for this API.
    pub disable_execute_api_endpoint: bool,
    /// `HEADER` or `AUTHORIZER`.
    pub api_key_source: String,
    /// The owner's tags.
    pub tags: Texts,
    /// The id of `/`.
    pub root_resource_id: String,
    /// By id.
    pub resources: BTreeMap<String, Resource>,
    /// By name.
    pub models: BTreeMap<String, Model>,
    /// By id.
    pub request_validators: BTreeMap<String, RequestValidator>,
    /// By id.
    #[serde(default)]
    pub authorizers: BTreeMap<String, Authorizer>,
    /// What the owner has changed of what API Gateway answers itself.
    #[serde(default)]
    pub gateway_responses: BTreeMap<ResponseType, Customization>,
    /// In the order in which they came.
    #[serde(default)]
    pub documentation_parts: Vec<DocumentationPart>,
    /// The loopback port of its own, when there was one free.
    pub port: Option<u16>,
}

impl RestApi {
    /// All methods with their resources, by path and verb.
    pub fn methods(&self) -> impl Iterator<Item = (&Resource, &Method)> {
        self.resources.values().flat_map(|resource| resource.methods.values().map(move |method| (resource, method)))
    }

    /// What API Gateway answers itself on an occasion.
    pub fn gateway_response(&self, kind: ResponseType) -> GatewayResponse {
        GatewayResponse::of(&self.gateway_responses, kind)
    }

    /// The children of a resource.
    pub fn children<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Resource> {
        self.resources.values().filter(move |resource| resource.parent_id.as_deref() == Some(id))
    }

    /// The ids of a resource and of everything below it.
    pub fn subtree(&self, id: &str) -> Vec<String> {
        let mut ids = vec![id.to_owned()];
        let mut next = 0;
        while next < ids.len() {
            let children: Vec<String> = self.children(&ids[next]).map(|child| child.id.clone()).collect();
            ids.extend(children);
            next += 1;
        }
        ids
    }

    /// Writes the paths below a resource anew, after it was renamed or moved.
    pub fn repath(&mut self, id: &str) {
        for id in self.subtree(id) {
            let Some(resource) = self.resources.get(&id) else { continue };
            let (Some(parent), Some(part)) = (&resource.parent_id, &resource.path_part) else { continue };
            let parent = self.resources.get(parent).map_or("/", |parent| parent.path.as_str());
            let path = format!("{}/{part}", parent.trim_end_matches('/'));
            if let Some(resource) = self.resources.get_mut(&id) {
                resource.path = path;
            }
        }
    }
}

/// A data model: a named JSON schema.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Model {
    /// Six characters.
    pub id: String,
    /// Unique within the API.
    pub name: String,
    /// The owner's words.
    pub description: Option<String>,
    /// The schema's JSON text.
    pub schema: String,
    /// What bodies it describes.
    pub content_type: String,
}

/// What of a request is checked before the integration is called.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RequestValidator {
    /// Six characters.
    pub id: String,
    /// The owner's name for it.
    pub name: Option<String>,
    /// Against the method's request models.
    pub validate_request_body: bool,
    /// That required parameters are there.
    pub validate_request_parameters: bool,
}

/// A frozen copy of an API.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Deployment {
    /// Six characters.
    pub id: String,
    /// The owner's words.
    pub description: Option<String>,
    /// Seconds since 1970.
    pub created: i64,
    /// The API as it was.
    pub api: RestApi,
}

/// An account's settings in a region.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Account {
    /// The role as which API Gateway writes logs.
    pub cloudwatch_role_arn: Option<String>,
}
