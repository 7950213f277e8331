//! What identifies a client towards usage plans.

use super::Texts;
use serde::{Deserialize, Serialize};

/// An API key.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ApiKey {
    /// Ten lower-case letters and digits.
    pub id: String,
    /// The text that clients send; no two keys of an account and region have the same.
    pub value: String,
    /// Need not be unique.
    pub name: Option<String>,
    /// The owner's words.
    pub description: Option<String>,
    /// Whether clients may use it.
    pub enabled: bool,
    /// A customer of the AWS Marketplace.
    pub customer_id: Option<String>,
    /// `API/STAGE`, from before there were usage plans: it lets nobody in.
    pub stage_keys: Vec<String>,
    /// The owner's tags.
    pub tags: Texts,
    /// Seconds since 1970.
    pub created: i64,
    /// Seconds since 1970.
    pub last_updated: i64,
}
