//! An event on its way to a target.

use super::name::BusName;
use super::target::Target;
use serde::{Deserialize, Serialize};
use slam_cloud_core::collection::Scope;
use slam_cloud_core::{Context, Timestamp};

/// An event on its way: what is stored beside its text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// The account and region of the rule.
    pub account: String,
    /// See `account`.
    pub region: String,
    /// The name of the rule's bus.
    pub bus: String,
    /// The rule's name.
    pub rule: String,
    /// Who gets the event: what the rule said then.
    pub target: Target,
    /// When the event was taken.
    pub taken: Timestamp,
    /// Whether it came from another bus: then it goes to no third one.
    pub forwarded: bool,
    /// The trace that the event belongs to.
    #[serde(default)]
    pub trace: Option<String>,
    /// The attempts that failed.
    #[serde(default)]
    pub retries: u32,
    /// When its turn comes at an API destination that lets only so many invocations be made in a second, in milliseconds since 1970.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub turn: Option<i64>,
    /// Why it is given up, while its dead-letter queue is not told yet.
    #[serde(default)]
    pub given_up: Option<GivenUp>,
}

/// Why a delivery is given up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GivenUp {
    /// EventBridge's code of the reason.
    pub code: String,
    /// The text of the last error.
    pub message: String,
    /// Which part of the retry policy was used up, if it was tried again.
    pub exhausted: Option<String>,
}

impl Delivery {
    /// The rule's bus.
    pub fn bus(&self) -> BusName {
        let scope = Scope { account: self.account.as_str().into(), region: self.region.as_str().into() };
        BusName { scope, name: self.bus.clone() }
    }

    /// A context of EventBridge's own, on behalf of the rule.
    pub fn context(&self) -> Context {
        let mut context = Context::of_service(self.account.as_str(), self.region.as_str(), crate::PRINCIPAL);
        context.source_arn = Some(self.bus().rule_arn(&self.rule).into());
        context.trace = self.trace.as_deref().map(Into::into);
        context
    }
}
