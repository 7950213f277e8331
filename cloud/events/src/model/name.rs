//! How buses and rules are named.

use slam_cloud_core::arn::{Arn, partition_of};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{AwsError, AwsResult, Context};

/// The bus that everybody has.
pub const DEFAULT: &str = "default";

/// Where a bus is, and its name.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BusName {
    /// The account and region.
    pub scope: Scope,
    /// The name.
    pub name: String,
}

impl BusName {
    /// A bus of the caller's.
    pub fn here(context: &Context, name: &str) -> Self {
        Self { scope: Scope::regional(context), name: name.to_owned() }
    }

    /// The bus that a request names by its name or its ARN, or means.
    pub fn of(context: &Context, text: Option<&str>) -> Self {
        let text = text.unwrap_or(DEFAULT);
        Self::of_arn(text).unwrap_or_else(|| Self::here(context, text))
    }

    /// A bus of the caller's, which a request names or means: what is another account's or region's is asked there.
    ///
    /// # Errors
    /// When it is another account's or region's.
    pub fn own(context: &Context, text: Option<&str>) -> AwsResult<Self> {
        let bus = Self::of(context, text);
        match bus.scope == Scope::regional(context) {
            true => Ok(bus),
            false => {
                let what = format_args!("the control of {}, an event bus of another account or region", bus.arn());
                Err(AwsError::unsupported(what))
            }
        }
    }

    /// A bus's ARN; `None` for any other text.
    pub fn of_arn(text: &str) -> Option<Self> {
        let arn = Arn::parse(text).filter(|arn| arn.service == "events")?;
        let name = arn.resource.strip_prefix("event-bus/").filter(|name| !name.is_empty())?.to_owned();
        let is_whole = !arn.region.is_empty() && !arn.account.is_empty();
        is_whole.then(|| Self { scope: Scope { account: arn.account.into(), region: arn.region.into() }, name })
    }

    /// The ARN that it has.
    pub fn arn(&self) -> String {
        arn_in(&self.scope, &format!("event-bus/{}", self.name))
    }

    /// Whether it is the one that everybody has.
    pub fn is_default(&self) -> bool {
        self.name == DEFAULT
    }

    /// The ARN of one of its rules (recorded: `test_put_list_with_prefix_describe_delete_rule`).
    pub fn rule_arn(&self, rule: &str) -> String {
        match self.is_default() {
            true => arn_in(&self.scope, &format!("rule/{rule}")),
            false => arn_in(&self.scope, &format!("rule/{}/{rule}", self.name)),
        }
    }

    /// By what one of its rules is stored. No name has this character.
    pub fn rule_id(&self, rule: &str) -> String {
        format!("{}|{rule}", self.name)
    }
}

/// The ARN of something of EventBridge's.
pub fn arn_in(scope: &Scope, resource: &str) -> String {
    Arn {
        partition: partition_of(&scope.region).to_owned(),
        service: "events".to_owned(),
        region: scope.region.to_string(),
        account: scope.account.to_string(),
        resource: resource.to_owned(),
    }
    .to_string()
}

/// The bus and the name of the rule with an ARN; `None` for any other text.
pub fn rule_of_arn(text: &str) -> Option<(BusName, String)> {
    let arn = Arn::parse(text).filter(|arn| arn.service == "events")?;
    let path = arn.resource.strip_prefix("rule/")?;
    // Names of buses may have slashes, those of rules not.
    let (bus, rule) = path.rsplit_once('/').unwrap_or((DEFAULT, path));
    let scope = Scope { account: arn.account.into(), region: arn.region.into() };
    Some((BusName { scope, name: bus.to_owned() }, rule.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_cloud_core::Principal;

    #[test]
    fn buses_and_rules_are_found_by_what_names_them() {
        let context = Context::new("000000000000", "us-east-1", Principal::Anonymous);
        let check = |bus: Option<&str>, account: &str, name: &str, rule: &str| {
            let found = BusName::of(&context, bus);
            assert_eq!((&*found.scope.account, &*found.name), (account, name), "{bus:?}");
            let arn = found.rule_arn("r");
            assert!(arn.ends_with(rule), "{arn}");
            assert_eq!(rule_of_arn(&arn), Some((found, "r".to_owned())));
        };
        check(None, "000000000000", "default", ":rule/r");
        check(Some("a.b/c"), "000000000000", "a.b/c", ":rule/a.b/c/r");
        check(Some("arn:aws:events:us-east-1:111111111111:event-bus/x"), "111111111111", "x", "1:rule/x/r");
        assert!(BusName::own(&context, Some("arn:aws:events:us-east-1:111111111111:event-bus/x")).is_err());
    }
}
