//! Topics, subscriptions and messages.
//!
//! - [`name`]: how they are named. [`topic`], [`subscription`]: as they are kept.
//! - [`topic_attributes`], [`subscription_attributes`]: their attributes, set and told. [`endpoint`]: whom a subscription is for.
//! - [`delivery_policy`]: how often and when a delivery is tried. [`policy`]: topics' own policies. [`redrive`]: dead-letter queues.
//! - [`sms_attributes`]: how an account sends SMS. [`filter`]: which messages a subscription wants. [`document`]: attributes that are JSON.
//! - [`attribute`]: attributes of messages. [`message`]: what Publish takes. [`publication`]: what of it is kept.
//! - [`envelope`]: what subscribers are sent.

pub mod attribute;
pub mod delivery_policy;
pub mod document;
pub mod endpoint;
pub mod envelope;
pub mod filter;
pub mod message;
pub mod name;
pub mod policy;
pub mod publication;
pub mod redrive;
pub mod sms_attributes;
pub mod subscription;
pub mod subscription_attributes;
pub mod topic;
pub mod topic_attributes;
