//! What a mapped parameter's source stands for in an exchange.

use super::exchange::Exchange;
use super::source::{Source, text_of};
use crate::model::Texts;
use crate::vtl::json;
use crate::vtl::jsonpath::JsonPath;
use slam_cloud_gateway::request::Request;

impl Source {
    /// The values in a request; none when there is nothing of that name.
    pub fn of_request(&self, exchange: &Exchange<'_>) -> Vec<String> {
        self.in_message(&exchange.request).unwrap_or_else(|| self.of_surroundings(exchange))
    }

    /// The values in what was sent; `None` where they come from somewhere else.
    pub fn in_message(&self, request: &Request) -> Option<Vec<String>> {
        let one = |value: Option<&str>| value.map(str::to_owned).into_iter().collect();
        Some(match self {
            Self::Header(name) => one(request.header(name)),
            Self::MultiValueHeader(name) => all(&request.headers, |own| own.eq_ignore_ascii_case(name)),
            Self::Query(name) => one(request.query_parameter(name)),
            Self::MultiValueQuery(name) => all(&request.query, |own| own == name),
            Self::Path(name) => one(request.path_parameter(name).as_deref()),
            Self::Body => vec![request.text().into_owned()],
            Self::BodyPath(path) => of_json(path, &request.body),
            Self::Literal(_) | Self::Context(_) | Self::StageVariable(_) => return None,
        })
    }

    /// The values in a backend's answer.
    pub fn of_answer(&self, exchange: &Exchange<'_>, headers: &[(String, String)], body: &[u8]) -> Vec<String> {
        match self {
            Self::Header(name) => {
                let mut values = all(headers, |own| own.eq_ignore_ascii_case(name));
                values.pop().into_iter().collect()
            }
            Self::MultiValueHeader(name) => all(headers, |own| own.eq_ignore_ascii_case(name)),
            Self::Body => vec![String::from_utf8_lossy(body).into_owned()],
            Self::BodyPath(path) => of_json(path, body),
            other => other.of_surroundings(exchange),
        }
    }

    fn of_surroundings(&self, exchange: &Exchange<'_>) -> Vec<String> {
        self.around(&exchange.stage.variables, |path| exchange.context_variable(path))
    }

    /// The values of what is around a request. `context` answers what is in `$context`.
    pub fn around(&self, stage_variables: &Texts, context: impl Fn(&str) -> Option<String>) -> Vec<String> {
        match self {
            Self::Literal(text) => vec![text.clone()],
            Self::StageVariable(name) => stage_variables.get(name).cloned().into_iter().collect(),
            Self::Context(path) => context(path).into_iter().collect(),
            _ => Vec::new(),
        }
    }
}

fn all(pairs: &[(String, String)], same: impl Fn(&str) -> bool) -> Vec<String> {
    pairs.iter().filter(|(name, _)| same(name)).map(|(_, value)| value.clone()).collect()
}

fn of_json(path: &JsonPath, body: &[u8]) -> Vec<String> {
    let document = json::read(&String::from_utf8_lossy(body));
    let found = document.and_then(|document| path.evaluate(&document)).ok().flatten();
    found.map(|found| text_of(found.to_json())).into_iter().collect()
}
