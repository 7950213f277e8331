//! What the door asks before it lets a call through.

use crate::context::Context;
use crate::error::AwsResult;
use std::borrow::Cow;

/// One permission that a call needs: an action on a resource. A call may need several.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// `dynamodb:PutItem`
    pub action: Cow<'static, str>,
    /// The resource's ARN, or `*` where AWS defines no resource for the action.
    pub resource: String,
    /// Condition keys of the request with their values (`iam:PassedToService`, `lambda:FunctionArn` …).
    pub conditions: Vec<(Cow<'static, str>, Vec<String>)>,
    /// The resource's own policy (a bucket's, a function's), where it has one: a JSON policy document.
    pub resource_policy: Option<String>,
}

impl Access {
    /// `action` on `resource`, without conditions or a resource policy.
    pub fn new(action: impl Into<Cow<'static, str>>, resource: impl Into<String>) -> Self {
        Self { action: action.into(), resource: resource.into(), conditions: Vec::new(), resource_policy: None }
    }

    /// The same with one condition key.
    #[must_use]
    pub fn condition(mut self, key: impl Into<Cow<'static, str>>, value: impl Into<String>) -> Self {
        self.conditions.push((key.into(), vec![value.into()]));
        self
    }

    /// The same with the condition key of the tags that a request names, if it names any.
    #[must_use]
    pub fn tag_keys(mut self, keys: Vec<String>) -> Self {
        if !keys.is_empty() {
            self.conditions.push(("aws:TagKeys".into(), keys));
        }
        self
    }

    /// The same with the condition keys of tags that a request brings.
    #[must_use]
    pub fn request_tags<'t>(mut self, tags: impl IntoIterator<Item = (&'t str, &'t str)>) -> Self {
        let mut keys = Vec::new();
        for (key, value) in tags {
            self = self.condition(format!("aws:RequestTag/{key}"), value);
            keys.push(key.to_owned());
        }
        self.tag_keys(keys)
    }

    /// The same with the resource's own policy.
    #[must_use]
    pub fn resource_policy(mut self, policy: Option<String>) -> Self {
        self.resource_policy = policy;
        self
    }
}

/// Why a call was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denial {
    /// AWS's sentence: "User: … is not authorized to perform: … because …".
    pub message: String,
    /// The permission that was missing.
    pub access: Box<Access>,
    /// Whether a policy denies it, rather than none allowing it.
    pub explicit: bool,
}

/// Decides about every call. IAM implements it; [`crate::door::Cloud`] asks it.
pub trait Authorizer: Send + Sync + 'static {
    /// Allows the call or says why not.
    ///
    /// # Errors
    /// The denial, with AWS's message.
    fn authorize(&self, context: &Context, access: &Access) -> Result<(), Denial>;

    /// Looks through a resource's policy before it is stored.
    ///
    /// # Errors
    /// `NotImplemented` for a condition that could never be decided as on AWS.
    fn check_policy(&self, _document: &str) -> AwsResult<()> {
        Ok(())
    }
}
