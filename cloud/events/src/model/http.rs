//! What a target says of requests to its API destination.

use super::path::Path;
use serde::{Deserialize, Serialize};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_kit::pattern::json::{Json, read};
use slam_cloud_wire::events as wire;
use std::collections::BTreeMap;

/// `HttpParameters`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetHttp {
    /// `PathParameterValues`: what stands for each `*` of the endpoint's path.
    pub path: Vec<String>,
    /// `HeaderParameters`
    pub headers: BTreeMap<String, String>,
    /// `QueryStringParameters`
    pub query: BTreeMap<String, String>,
}

impl TargetHttp {
    /// Reads what a request says.
    pub fn read(input: wire::HttpParameters) -> Self {
        Self {
            path: input.path_parameter_values.unwrap_or_default(),
            headers: input.header_parameters.unwrap_or_default(),
            query: input.query_string_parameters.unwrap_or_default(),
        }
    }

    /// As it is told.
    pub fn told(&self) -> wire::HttpParameters {
        wire::HttpParameters {
            path_parameter_values: (!self.path.is_empty()).then(|| self.path.clone()),
            header_parameters: (!self.headers.is_empty()).then(|| self.headers.clone()),
            query_string_parameters: (!self.query.is_empty()).then(|| self.query.clone()),
        }
    }

    /// The same with what an event has in the place of paths into it: a value that is a path as a whole stands for what is there.
    /// <https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-targets.html#targets-dynamic-parms>
    ///
    /// # Errors
    /// When the event is no JSON, as no event is.
    pub fn of(&self, event: &str) -> AwsResult<Self> {
        let is_dynamic = |value: &String| value.starts_with('$');
        if !self.path.iter().chain(self.headers.values()).chain(self.query.values()).any(is_dynamic) {
            return Ok(self.clone());
        }
        let event = read(event).map_err(AwsError::internal)?;
        let filled = |value: &String| match Path::parse(value) {
            Some(path) => match path.find(&event) {
                Some(Json::Text(text)) => text.into_owned(),
                Some(json) => json.to_string(),
                None => String::new(),
            },
            None => value.clone(),
        };
        let all =
            |map: &BTreeMap<String, String>| map.iter().map(|(name, value)| (name.clone(), filled(value))).collect();
        Ok(Self { path: self.path.iter().map(filled).collect(), headers: all(&self.headers), query: all(&self.query) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stand_for_what_the_event_has() {
        let check = |value: &str, expected: &str| {
            let http = TargetHttp { path: vec![value.into()], ..TargetHttp::default() };
            assert_eq!(http.of(r#"{"detail":{"id":"a/b","n":1.0,"o":{"k":[]}}}"#).unwrap().path, [expected]);
        };
        check("$.detail.id", "a/b");
        check("$.detail.n", "1.0");
        check("$.detail.o", r#"{"k":[]}"#);
        check("$.detail.nothing", "");
        check("of $.detail.id", "of $.detail.id");
        check("$5", "$5");
    }
}
