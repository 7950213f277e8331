//! What the stages of an API show of it.

use super::authorizers::Deciding;
use super::routes::Answering;
use serde_json::{Value, json};

/// What a stage of an API shows.
#[derive(Debug)]
pub enum ApiParts {
    /// A REST API, of which each stage is one.
    Rest(RestParts),
    /// An HTTP API of its own, with these functions behind it.
    Http(Vec<Answering>),
    /// A function URL of its own.
    Url,
}

impl ApiParts {
    /// What a template notes of an API that it has only in its stages, some of which may be opened later.
    pub fn declared(&self) -> Option<Value> {
        // A template has no nulls.
        let noted = |route: &Answering| match &route.function {
            Some(function) => json!({"Function": function, "Path": route.path}),
            None => json!({"Path": route.path}),
        };
        match self {
            Self::Rest(_) => None,
            Self::Http(routes) => Some(json!({"Kind": "http", "Routes": routes.iter().map(noted).collect::<Vec<_>>()})),
            Self::Url => Some(json!({"Kind": "url"})),
        }
    }

    /// Reads what was noted.
    pub fn read(noted: &Value) -> Option<Self> {
        let route = |route: &Value| {
            let function = route["Function"].as_str().map(str::to_owned);
            Some(Answering { function, path: route["Path"].as_str()?.to_owned() })
        };
        match noted["Kind"].as_str()? {
            "http" => Some(Self::Http(noted["Routes"].as_array()?.iter().filter_map(route).collect())),
            "url" => Some(Self::Url),
            _ => None,
        }
    }

    /// Whether API Gateway writes its logs as a role that the account names.
    pub fn logs_by_role(&self) -> bool {
        matches!(self, Self::Rest(_))
    }
}

/// What a stage of a REST API shows.
#[derive(Debug)]
pub struct RestParts {
    /// The logical id of the snapshot of its methods.
    pub deployment: String,
    /// Which function answers which path.
    pub routes: Vec<Answering>,
    /// The functions that decide who may call it.
    pub deciding: Vec<Deciding>,
    /// Whether some paths are answered with static files.
    pub static_files: bool,
}
