//! `http.keys`: plans for the holders of API keys.

use super::super::Reading;
use super::limits::limits;
use crate::model::{Period, Quota, UsagePlan};
use crate::naming::logical_name;
use crate::yaml::Node;
use std::collections::HashMap;

/// Names stand in names of resources.
const MAX_NAME: usize = 40;

pub(super) fn plans(reading: &mut Reading<'_>, node: &Node) -> Vec<UsagePlan> {
    let mut ids: HashMap<String, &str> = HashMap::new();
    let mut plans = Vec::new();
    for (name, section) in node.entries() {
        let text = name.key();
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if text.len() > MAX_NAME
            || !text.starts_with(|first: char| first.is_ascii_alphabetic())
            || !text.bytes().all(legal)
        {
            let message = format!(
                "a plan's name begins with a letter and has up to {MAX_NAME} letters, digits, dashes and underscores"
            );
            reading.error(name, message);
        }
        if let Some(other) = ids.insert(logical_name(text), text) {
            reading.error(name, format!("the plans `{other}` and `{text}` would have the same name in the stack"));
        }
        plans.push(UsagePlan {
            name: text.to_owned(),
            quota: section.get("quota").and_then(|node| quota(reading, node)),
            limits: section.get("throttle").and_then(|node| limits(reading, node)),
        });
    }
    plans
}

/// `10000/day`
/// <https://docs.aws.amazon.com/apigateway/latest/api/API_QuotaSettings.html>
fn quota(reading: &mut Reading<'_>, node: &Node) -> Option<Quota> {
    let text = node.text().unwrap_or_default();
    let quota = text.split_once('/').and_then(|(limit, period)| {
        let period = match period.trim() {
            "day" => Period::Day,
            "week" => Period::Week,
            "month" => Period::Month,
            _ => return None,
        };
        let limit = limit.trim();
        let is_number = !limit.is_empty() && limit.bytes().all(|byte| byte.is_ascii_digit());
        let limit = limit.parse::<i32>().ok().filter(|limit| is_number && *limit > 0)?;
        Some(Quota { limit: limit.unsigned_abs(), period })
    });
    if quota.is_none() {
        reading
            .error(node, format!("`{text}` is no quota"))
            .hints
            .push("write requests in a time: `10000/day`, `50000/week`, `1000000/month`".to_owned());
    }
    quota
}
