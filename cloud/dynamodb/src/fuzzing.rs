//! What `fuzz/` may give anything to.

/// The body of a request with expressions.
pub fn expressions(body: &str) {
    for operation in ["UpdateItem", "Query", "BatchGetItem", "TransactWriteItems"] {
        let _ = crate::expression::request::check(operation, &mut serde_json::Deserializer::from_str(body));
    }
}
