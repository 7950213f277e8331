//! What lists of secrets filter and sort by (API reference, Filter).

use super::secret::Secret;
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::secretsmanager as wire;
use std::cmp::Ordering;

/// A filter that was read.
pub struct Filter {
    field: Field,
    values: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Name,
    Description,
    TagKey,
    TagValue,
    All,
    Owner,
    /// Replication is not here: no secret has any of it.
    Nobody,
}

impl Filter {
    /// Reads filters, all of which a secret must satisfy.
    ///
    /// # Errors
    /// When one lacks its key or values.
    pub fn read(filters: Option<Vec<wire::Filter>>) -> AwsResult<Vec<Self>> {
        filters.unwrap_or_default().into_iter().map(Self::one).collect()
    }

    fn one(filter: wire::Filter) -> AwsResult<Self> {
        let field = match filter.key.as_deref() {
            Some("name") => Field::Name,
            Some("description") => Field::Description,
            Some("tag-key") => Field::TagKey,
            Some("tag-value") => Field::TagValue,
            Some("all") => Field::All,
            Some("owning-service") => Field::Owner,
            Some("primary-region") => Field::Nobody,
            _ => return Err(AwsError::bad_request("InvalidParameterException", "Invalid filter key")),
        };
        let values = filter.values.unwrap_or_default();
        if values.is_empty() {
            return Err(AwsError::bad_request("InvalidParameterException", "Invalid filter values"));
        }
        Ok(Self { field, values })
    }

    /// Whether a secret satisfies it: any of its values, where `!` stands for not.
    pub fn takes(&self, secret: &Secret) -> bool {
        let attributes = self.field.attributes(secret);
        self.values.iter().any(|value| match value.strip_prefix('!') {
            Some(unwanted) => !self.field.has(&attributes, unwanted),
            None => self.field.has(&attributes, value),
        })
    }
}

impl Field {
    fn attributes(self, secret: &Secret) -> Vec<&str> {
        let tags = || secret.tags.iter().flatten();
        let description = secret.description.as_deref();
        match self {
            Self::Name => vec![&secret.name],
            Self::Description => description.into_iter().collect(),
            Self::TagKey => tags().map(|(key, _)| key.as_str()).collect(),
            Self::TagValue => tags().map(|(_, value)| value.as_str()).collect(),
            Self::All => {
                let tags = tags().flat_map(|(key, value)| [key.as_str(), value.as_str()]);
                [secret.name.as_str()].into_iter().chain(description).chain(tags).collect()
            }
            Self::Owner => secret.owner.as_deref().into_iter().collect(),
            Self::Nobody => Vec::new(),
        }
    }

    fn has(self, attributes: &[&str], value: &str) -> bool {
        match self {
            Self::Name | Self::TagKey | Self::TagValue | Self::Owner | Self::Nobody => {
                attributes.iter().any(|attribute| attribute.starts_with(value))
            }
            // AWS documents a prefix for descriptions, and searches them by words (moto, which tried it on AWS).
            Self::Description | Self::All => {
                let wanted = words(value);
                !wanted.is_empty()
                    && attributes.iter().any(|attribute| {
                        let words = words(attribute);
                        wanted.iter().all(|wanted| words.iter().any(|word| word.starts_with(wanted)))
                    })
            }
        }
    }
}

/// A text's words without regard to case: parted by all that is no letter or digit.
fn words(text: &str) -> Vec<String> {
    let words = text.split(|character: char| !character.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}

/// The order that a list is asked for; AWS's own is by creation.
pub fn order(by: Option<&str>, descending: bool) -> impl Fn(&Secret, &Secret) -> Ordering {
    enum By {
        Created,
        Accessed,
        Changed,
        Name,
    }
    let by = match by {
        Some("last-accessed-date") => By::Accessed,
        Some("last-changed-date") => By::Changed,
        Some("name") => By::Name,
        _ => By::Created,
    };
    move |one, other| {
        let ordering = match by {
            By::Created => one.created.cmp(&other.created),
            By::Accessed => one.accessed.cmp(&other.accessed),
            By::Changed => one.changed.cmp(&other.changed),
            By::Name => Ordering::Equal,
        };
        let ordering = ordering.then_with(|| one.name.cmp(&other.name));
        if descending { ordering.reverse() } else { ordering }
    }
}
