//! Filter patterns ("Filter pattern syntax" in the CloudWatch Logs user guide): terms in unstructured text
//! ([`terms`]) and selectors into JSON ([`json`]). Patterns of space-delimited fields (`[a, b]`) are refused by name.

pub mod json;
pub mod terms;

use crate::error::invalid_parameter;
use slam_cloud_core::{AwsError, AwsResult};

/// A parsed pattern.
#[derive(Debug)]
pub enum Pattern {
    /// The empty pattern: every event.
    Any,
    /// Terms in unstructured text.
    Terms(terms::Terms),
    /// A condition on JSON.
    Json(json::Condition),
}

impl Pattern {
    /// Parses a pattern.
    ///
    /// # Errors
    /// AWS's `InvalidParameterException`, or a refusal by name of what is not supported.
    pub fn parse(text: &str) -> AwsResult<Self> {
        let text = text.trim();
        match text.chars().next() {
            None => Ok(Self::Any),
            Some('{') => json::Condition::parse(text).map(Self::Json),
            Some('[') => Err(AwsError::unsupported("the space-delimited filter pattern [field, …] of FilterLogEvents")),
            Some(_) => terms::Terms::parse(text).map(Self::Terms),
        }
    }

    /// Whether an event's message matches.
    pub fn matches(&self, message: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Terms(terms) => terms.matches(message),
            Self::Json(condition) => serde_json::from_str(message).is_ok_and(|document| condition.matches(&document)),
        }
    }
}

fn invalid() -> AwsError {
    invalid_parameter("Invalid filter pattern")
}

/// The expression between two percent signs.
fn regex(expression: &str) -> AwsResult<regex::Regex> {
    regex::RegexBuilder::new(expression).size_limit(1 << 20).build().map_err(|_| invalid())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(pattern: &str, message: &str, expected: bool) {
        let found = Pattern::parse(pattern).unwrap().matches(message);
        assert_eq!(found, expected, "{pattern} on {message}");
    }

    fn check_refused(pattern: &str, message: &str) {
        assert_eq!(Pattern::parse(pattern).unwrap_err().message, message, "{pattern}");
    }

    // The examples of "Filter pattern syntax" in the user guide.
    #[test]
    fn terms_must_all_be_there() {
        check("", "anything", true);
        check("ERROR", "[ERROR 400] BAD REQUEST", true);
        check("ERROR", "[error 400] bad request", false);
        check("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", true);
        check("ERROR ARGUMENTS", "[ERROR 401] UNAUTHORIZED REQUEST", false);
        check("\"INTERNAL SERVER ERROR\"", "[ERROR 500] INTERNAL SERVER ERROR", true);
        check("\"say \\\"hi\\\"\"", "they say \"hi\"", true);
    }

    #[test]
    fn optional_terms_need_one_and_excluded_terms_none() {
        check("?ERROR ?ARGUMENTS", "[INFO 419] MISSING ARGUMENTS", true);
        check("?ERROR ?ARGUMENTS", "[INFO 200] OK", false);
        check("ERROR -ARGUMENTS", "[ERROR 400] BAD REQUEST", true);
        check("ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS", false);
        check("-\"health check\"", "GET /tasks", true);
        check("-\"health check\"", "health check ok", false);
    }

    #[test]
    fn a_regular_expression_stands_between_percent_signs() {
        check("%AUTH[A-Z]+%", "[ERROR 401] UNAUTHORIZED REQUEST", true);
        check("%^ok$%", "not ok", false);
    }

    #[test]
    fn json_selectors_compare_numbers_and_texts() {
        let event = r#"{"eventType":"UpdateTrail","sourceIPAddress":"111.111.111.111","arrayKey":["value","another"],
            "objectList":[{"name":"a","id":1},{"name":"b","id":2}],"bandwidth":1234.5,"some":null,"yes":true}"#;
        check("{ $.eventType = \"UpdateTrail\" }", event, true);
        check("{ $.eventType = UpdateTrail }", event, true);
        check("{ $.eventType != \"UpdateTrail\" }", event, false);
        check("{ $.sourceIPAddress = 111.111.* }", event, true);
        check("{ $.sourceIPAddress != 123.123.* }", event, true);
        check("{ $.arrayKey[0] = \"value\" }", event, true);
        check("{ $.arrayKey[*] = \"another\" }", event, true);
        check("{ $.objectList[1].id = 2 }", event, true);
        check("{ $.bandwidth > 75 }", event, true);
        check("{ $.bandwidth <= 1e3 }", event, false);
        check("{ $.some IS NULL }", event, true);
        check("{ $.yes IS TRUE }", event, true);
        check("{ $.yes IS FALSE }", event, false);
        check("{ $.other NOT EXISTS }", event, true);
        check("{ $.other = 1 }", event, false);
        check("{ $.eventType = %^Update% }", event, true);
        check("{ ($.bandwidth > 75) && ($.eventType = \"x\" || $.yes IS TRUE) }", event, true);
        check("{ $.eventType = \"UpdateTrail\" }", "no JSON", false);
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        check_refused("a-b", "Invalid character(s) in term 'a-b'");
        for pattern in ["\"open", "{ $.a }", "{ $.a = }", "{ a = 1 }", "{ $.a = 1", "%(%", "{ $.a > x }"] {
            check_refused(pattern, "Invalid filter pattern");
        }
        check_refused(
            "[a, b]",
            "the space-delimited filter pattern [field, …] of FilterLogEvents is not supported by the embedded cloud",
        );
        check_refused(&format!("{{ {} }}", "(".repeat(900)), "Invalid filter pattern");
    }
}
