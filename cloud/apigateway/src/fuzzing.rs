//! What `fuzz/` may give anything to.

use crate::model::Texts;
use crate::vtl::jsonpath::JsonPath;
use crate::vtl::{Input, Parameters, Scope, Template};
use serde_json::json;

/// A mapping template, read and rendered with a body.
pub fn mapping_template(text: &str, body: &str) {
    let _ = JsonPath::parse(body);
    let Ok(template) = Template::parse(text) else { return };
    let one = [("id".to_owned(), "7".to_owned())];
    let parameters = Parameters { path: &one, querystring: &one, header: &one };
    let context = json!({"stage": "dev", "responseOverride": {"header": {}}});
    let _ = template.render(Scope { input: Input::new(body, parameters), context, stage_variables: &Texts::new() });
}
