//! How many requests are let in.

use super::super::Reading;
use crate::model::Limits;
use crate::yaml::Node;

/// A rate and a burst: API Gateway takes the account's for what is left out, which nobody means.
pub(super) fn limits(reading: &mut Reading<'_>, node: &Node) -> Option<Limits> {
    let number = |key: &str| node.get(key).and_then(Node::integer).and_then(|number| u32::try_from(number).ok());
    match (number("rate"), number("burst")) {
        (Some(rate), Some(burst)) => Some(Limits { rate, burst }),
        _ => {
            reading
                .error(node, "a limit has a `rate`, requests in a second, and a `burst`, requests at once")
                .hints
                .push("for example `{rate: 100, burst: 200}`".to_owned());
            None
        }
    }
}
