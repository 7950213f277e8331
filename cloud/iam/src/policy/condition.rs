//! The `Condition` element: operators over the request's condition keys.

use super::Keys;
use super::pattern::Pattern;
use slam_cloud_core::Timestamp;
use std::net::IpAddr;

/// What an operator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comparison {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    NumericEquals,
    NumericLess,
    NumericLessEquals,
    NumericGreater,
    NumericGreaterEquals,
    DateEquals,
    DateLess,
    DateLessEquals,
    DateGreater,
    DateGreaterEquals,
    Bool,
    Binary,
    IpAddress,
    /// `ArnEquals` and `ArnLike`, which behave alike.
    Arn,
    Null,
}

/// How an operator deals with keys of several values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantifier {
    None,
    ForAllValues,
    ForAnyValue,
}

/// One key under one operator.
#[derive(Clone, Debug, PartialEq)]
pub struct Condition {
    comparison: Comparison,
    negated: bool,
    if_exists: bool,
    quantifier: Quantifier,
    key: String,
    values: Vec<Pattern>,
}

impl Condition {
    /// Reads one key under an operator such as `ForAnyValue:StringLikeIfExists`; `None` for an operator that IAM
    /// does not have.
    pub fn new(operator: &str, key: &str, values: &[String], variables: bool) -> Option<Self> {
        let (quantifier, name) = match operator.split_once(':') {
            Some(("ForAllValues", name)) => (Quantifier::ForAllValues, name),
            Some(("ForAnyValue", name)) => (Quantifier::ForAnyValue, name),
            Some(_) => return None,
            None => (Quantifier::None, operator),
        };
        let (name, if_exists) = name.strip_suffix("IfExists").map_or((name, false), |name| (name, true));
        use Comparison as C;
        let (comparison, negated) = match name {
            "StringEquals" => (C::StringEquals, false),
            "StringNotEquals" => (C::StringEquals, true),
            "StringEqualsIgnoreCase" => (C::StringEqualsIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (C::StringEqualsIgnoreCase, true),
            "StringLike" => (C::StringLike, false),
            "StringNotLike" => (C::StringLike, true),
            "NumericEquals" => (C::NumericEquals, false),
            "NumericNotEquals" => (C::NumericEquals, true),
            "NumericLessThan" => (C::NumericLess, false),
            "NumericLessThanEquals" => (C::NumericLessEquals, false),
            "NumericGreaterThan" => (C::NumericGreater, false),
            "NumericGreaterThanEquals" => (C::NumericGreaterEquals, false),
            "DateEquals" => (C::DateEquals, false),
            "DateNotEquals" => (C::DateEquals, true),
            "DateLessThan" => (C::DateLess, false),
            "DateLessThanEquals" => (C::DateLessEquals, false),
            "DateGreaterThan" => (C::DateGreater, false),
            "DateGreaterThanEquals" => (C::DateGreaterEquals, false),
            "Bool" => (C::Bool, false),
            "BinaryEquals" => (C::Binary, false),
            "IpAddress" => (C::IpAddress, false),
            "NotIpAddress" => (C::IpAddress, true),
            "ArnEquals" | "ArnLike" => (C::Arn, false),
            "ArnNotEquals" | "ArnNotLike" => (C::Arn, true),
            "Null" if !if_exists => (C::Null, false),
            _ => return None,
        };
        let wildcards = matches!(comparison, C::StringLike | C::Arn);
        let pattern = |value: &String| {
            if wildcards { Pattern::wildcard(value, variables) } else { Pattern::literal(value, variables) }
        };
        Some(Self {
            comparison,
            negated,
            if_exists,
            quantifier,
            key: key.to_ascii_lowercase(),
            values: values.iter().map(pattern).collect(),
        })
    }

    /// Whether the request meets it.
    pub fn holds(&self, keys: &dyn Keys) -> bool {
        let found = keys.values(&self.key);
        if self.comparison == Comparison::Null {
            let absent = found.is_none_or(|values| values.is_empty());
            return self.values.iter().any(|value| value.fill(keys).is_some_and(|v| v == absent.to_string()));
        }
        let Some(found) = found.filter(|values| !values.is_empty()) else {
            return self.if_exists
                || match self.quantifier {
                    Quantifier::None => self.negated,
                    Quantifier::ForAllValues => true,
                    Quantifier::ForAnyValue => false,
                };
        };
        let satisfies =
            |value: &str| self.values.iter().any(|policy| self.compare(value, policy, keys)) != self.negated;
        match self.quantifier {
            Quantifier::ForAllValues => found.iter().all(|value| satisfies(value)),
            Quantifier::ForAnyValue => found.iter().any(|value| satisfies(value)),
            // Without a quantifier a negated operator asks that no value matches, any other that one does.
            Quantifier::None if self.negated => found.iter().all(|value| satisfies(value)),
            Quantifier::None => found.iter().any(|value| satisfies(value)),
        }
    }

    fn compare(&self, value: &str, policy: &Pattern, keys: &dyn Keys) -> bool {
        use Comparison as C;
        match self.comparison {
            C::StringEquals | C::StringLike | C::Binary => policy.matches(value, keys),
            C::Arn => arn_like(value, policy, keys),
            _ => policy.fill(keys).is_some_and(|policy| self.compare_filled(value, &policy)),
        }
    }

    fn compare_filled(&self, value: &str, policy: &str) -> bool {
        use Comparison as C;
        let numbers = || Some((value.parse::<f64>().ok()?, policy.parse::<f64>().ok()?));
        let dates = || Some((moment(value)?, moment(policy)?));
        match self.comparison {
            C::StringEqualsIgnoreCase => value.to_lowercase() == policy.to_lowercase(),
            C::NumericEquals => numbers().is_some_and(|(value, policy)| value == policy),
            C::NumericLess => numbers().is_some_and(|(value, policy)| value < policy),
            C::NumericLessEquals => numbers().is_some_and(|(value, policy)| value <= policy),
            C::NumericGreater => numbers().is_some_and(|(value, policy)| value > policy),
            C::NumericGreaterEquals => numbers().is_some_and(|(value, policy)| value >= policy),
            C::DateEquals => dates().is_some_and(|(value, policy)| value == policy),
            C::DateLess => dates().is_some_and(|(value, policy)| value < policy),
            C::DateLessEquals => dates().is_some_and(|(value, policy)| value <= policy),
            C::DateGreater => dates().is_some_and(|(value, policy)| value > policy),
            C::DateGreaterEquals => dates().is_some_and(|(value, policy)| value >= policy),
            C::Bool => value.eq_ignore_ascii_case(policy),
            C::IpAddress => in_network(value, policy),
            C::StringEquals | C::StringLike | C::Binary | C::Arn | C::Null => false,
        }
    }
}

/// Each of an ARN's six parts is compared by itself: a `*` does not reach over a colon of the first five.
fn arn_like(value: &str, policy: &Pattern, keys: &dyn Keys) -> bool {
    let patterns = policy.split(':', 6);
    if patterns.len() == 1 {
        return policy.matches(value, keys);
    }
    let values: Vec<&str> = value.splitn(6, ':').collect();
    values.len() == patterns.len() && values.iter().zip(patterns).all(|(value, pattern)| pattern.matches(value, keys))
}

/// A date as policies write it: ISO 8601 in full or as a day, or seconds since 1970.
fn moment(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Timestamp::from_second(seconds).ok();
    }
    text.parse::<Timestamp>().ok().or_else(|| {
        let day = text.parse::<jiff::civil::Date>().ok()?;
        jiff::tz::TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok()
    })
}

/// Whether an address lies in a network written in CIDR notation (or is that address).
fn in_network(address: &str, network: &str) -> bool {
    let (base, bits) = match network.split_once('/') {
        Some((base, bits)) => (base, bits.parse::<u32>().ok()),
        None => (network, Some(u32::MAX)),
    };
    let (Ok(address), Ok(base), Some(bits)) = (address.parse::<IpAddr>(), base.parse::<IpAddr>(), bits) else {
        return false;
    };
    let same_head = |left: u128, right: u128, width: u32| {
        let bits = bits.min(width);
        bits == 0 || (left ^ right) >> (width - bits) == 0
    };
    match (address, base) {
        (IpAddr::V4(address), IpAddr::V4(base)) => same_head(u32::from(address).into(), u32::from(base).into(), 32),
        (IpAddr::V6(address), IpAddr::V6(base)) => same_head(address.into(), base.into(), 128),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    /// The key is `k`; its values in the request (`None`: absent), the operator, the policy's values, the outcome.
    fn check(request: Option<&[&str]>, operator: &str, policy: &[&str], expected: bool) {
        let mut keys: BTreeMap<String, Vec<String>> = [("aws:username".to_owned(), vec!["ann".to_owned()])].into();
        if let Some(values) = request {
            keys.insert("k".to_owned(), values.iter().map(|&value| value.to_owned()).collect());
        }
        let values: Vec<String> = policy.iter().map(|&value| value.to_owned()).collect();
        let condition = Condition::new(operator, "K", &values, true).expect("the operator exists");
        assert_eq!(condition.holds(&keys), expected, "{request:?} {operator} {policy:?}");
    }

    #[test]
    fn strings() {
        check(Some(&["a"]), "StringEquals", &["a"], true);
        check(Some(&["a"]), "StringEquals", &["b", "a"], true);
        check(Some(&["a"]), "StringEquals", &["A"], false);
        check(Some(&["a*"]), "StringEquals", &["a*"], true);
        check(Some(&["ab"]), "StringEquals", &["a*"], false);
        check(Some(&["ann"]), "StringEquals", &["${aws:username}"], true);
        check(Some(&["a"]), "StringNotEquals", &["b", "a"], false);
        check(Some(&["a"]), "StringNotEquals", &["b", "c"], true);
        check(Some(&["Ab"]), "StringEqualsIgnoreCase", &["aB"], true);
        check(Some(&["Ab"]), "StringNotEqualsIgnoreCase", &["aB"], false);
        check(Some(&["abc"]), "StringLike", &["a*"], true);
        check(Some(&["abc"]), "StringNotLike", &["a?c"], false);
    }

    #[test]
    fn numbers_dates_booleans_and_bytes() {
        check(Some(&["10"]), "NumericEquals", &["10.0"], true);
        check(Some(&["10"]), "NumericNotEquals", &["10"], false);
        check(Some(&["9"]), "NumericLessThan", &["10"], true);
        check(Some(&["10"]), "NumericLessThanEquals", &["10"], true);
        check(Some(&["10"]), "NumericGreaterThan", &["10"], false);
        check(Some(&["11"]), "NumericGreaterThanEquals", &["10"], true);
        check(Some(&["x"]), "NumericLessThan", &["10"], false);
        check(Some(&["2026-01-01T00:00:00Z"]), "DateLessThan", &["2026-06-01"], true);
        check(Some(&["2026-01-01T00:00:00Z"]), "DateGreaterThan", &["1767225599"], true);
        check(Some(&["2026-01-01T00:00:00Z"]), "DateEquals", &["2026-01-01T01:00:00+01:00"], true);
        check(Some(&["true"]), "Bool", &["true"], true);
        check(Some(&["true"]), "Bool", &["false"], false);
        check(Some(&["QmluYXJ5"]), "BinaryEquals", &["QmluYXJ5"], true);
    }

    #[test]
    fn addresses() {
        check(Some(&["203.0.113.9"]), "IpAddress", &["203.0.113.0/24"], true);
        check(Some(&["203.0.114.9"]), "IpAddress", &["203.0.113.0/24"], false);
        check(Some(&["203.0.113.9"]), "IpAddress", &["203.0.113.9"], true);
        check(Some(&["203.0.113.9"]), "NotIpAddress", &["203.0.113.0/24"], false);
        check(Some(&["2001:db8::1"]), "IpAddress", &["2001:db8::/32"], true);
        check(Some(&["10.0.0.1"]), "IpAddress", &["0.0.0.0/0"], true);
        check(Some(&["::1"]), "IpAddress", &["0.0.0.0/0"], false);
    }

    #[test]
    fn arns() {
        let topic = "arn:aws:sns:us-east-1:000000000000:orders";
        check(Some(&[topic]), "ArnLike", &["arn:aws:sns:*:000000000000:*"], true);
        check(Some(&[topic]), "ArnEquals", &["arn:aws:sns:us-east-1:000000000000:order?"], true);
        check(Some(&[topic]), "ArnNotEquals", &["arn:aws:sns:*:*:orders"], false);
        check(Some(&[topic]), "ArnLike", &["arn:aws:*:000000000000:orders"], false);
        check(Some(&["arn:aws:lambda:r:0:function:f:1"]), "ArnLike", &["arn:aws:lambda:r:0:function:*"], true);
    }

    #[test]
    fn an_absent_key() {
        check(None, "StringEquals", &["a"], false);
        check(None, "StringNotEquals", &["a"], true);
        check(None, "StringEqualsIfExists", &["a"], true);
        check(None, "NotIpAddress", &["10.0.0.0/8"], true);
        check(None, "ForAllValues:StringEquals", &["a"], true);
        check(None, "ForAnyValue:StringEquals", &["a"], false);
        check(None, "ForAnyValue:StringNotEquals", &["a"], false);
        check(None, "Null", &["true"], true);
        check(None, "Null", &["false"], false);
        check(Some(&["a"]), "Null", &["false"], true);
    }

    #[test]
    fn keys_with_several_values() {
        check(Some(&["a", "b"]), "ForAllValues:StringEquals", &["a", "b", "c"], true);
        check(Some(&["a", "x"]), "ForAllValues:StringEquals", &["a", "b"], false);
        check(Some(&["a", "x"]), "ForAnyValue:StringEquals", &["a", "b"], true);
        check(Some(&["x", "y"]), "ForAnyValue:StringLike", &["a*"], false);
        check(Some(&["a", "x"]), "ForAllValues:StringNotEquals", &["b"], true);
        check(Some(&["a", "b"]), "ForAllValues:StringNotEquals", &["b"], false);
        check(Some(&["a", "b"]), "ForAnyValue:StringNotEquals", &["b"], true);
    }

    #[test]
    fn operators_that_do_not_exist() {
        for operator in ["StringIs", "NullIfExists", "ForSome:StringEquals", "stringequals"] {
            assert_eq!(Condition::new(operator, "k", &[], true), None, "{operator}");
        }
    }
}
