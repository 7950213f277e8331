//! What DescribeParameters and GetParametersByPath filter by.
//!
//! The texts are those that moto (Apache-2.0) has from AWS.

use super::name::{is_under, key, path};
use super::parameter::{Parameter, Version};
use slam_cloud_core::{AwsError, AwsResult};
use slam_cloud_wire::ssm::ParameterStringFilter;

/// A filter that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filter {
    by: By,
    values: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum By {
    Text(Field, Match),
    /// Anything below the paths, or what is right below them.
    Path {
        recursive: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Field {
    Name,
    Type,
    KeyId,
    Tier,
    DataType,
    Label,
    Tag(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Match {
    Equals,
    BeginsWith,
    Contains,
}

/// Where a filter stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// DescribeParameters.
    All,
    /// GetParametersByPath.
    ByPath,
}

fn invalid_key(message: String) -> AwsError {
    AwsError::bad_request("InvalidFilterKey", message)
}

fn invalid_option(option: &str, valid: &str) -> AwsError {
    let message = format!("The following filter option is not valid: {option}. Valid options include: [{valid}].");
    AwsError::bad_request("InvalidFilterOption", message)
}

impl Filter {
    /// Reads the filters of a request.
    ///
    /// # Errors
    /// What is wrong with the first that is.
    pub fn read(list: List, filters: Option<Vec<ParameterStringFilter>>) -> AwsResult<Vec<Self>> {
        let mut read: Vec<(String, Self)> = Vec::new();
        for filter in filters.unwrap_or_default() {
            let name = filter.key.clone();
            if read.iter().any(|(other, _)| *other == name) {
                return Err(invalid_key(format!(
                    "The following filter is duplicated in the request: {name}. A request can contain only one \
                     occurrence of a specific filter."
                )));
            }
            read.push((name, Self::read_one(list, filter)?));
        }
        Ok(read.into_iter().map(|(_, filter)| filter).collect())
    }

    fn read_one(list: List, filter: ParameterStringFilter) -> AwsResult<Self> {
        let ParameterStringFilter { key: name, option, values } = filter;
        let values = values.unwrap_or_default();
        let valid = match list {
            List::All => "Path, Name, Type, KeyId, Tier",
            List::ByPath => "Type, KeyId",
        };
        let key = match (name.as_str(), list) {
            ("Path", List::All) => None,
            ("Name", List::All) => Some(Field::Name),
            ("Tier", List::All) => Some(Field::Tier),
            ("DataType", List::All) => Some(Field::DataType),
            ("Label", List::ByPath) => Some(Field::Label),
            ("Type", _) => Some(Field::Type),
            ("KeyId", _) => Some(Field::KeyId),
            (name, List::All) if name.starts_with("tag:") => Some(Field::Tag(name[4..].to_owned())),
            _ => {
                return Err(invalid_key(format!(
                    "The following filter key is not valid: {name}. Valid filter keys include: [{valid}]."
                )));
            }
        };
        if values.is_empty() && !matches!(key, Some(Field::Tag(_))) {
            return Err(AwsError::bad_request(
                "InvalidFilterValue",
                format!("The following filter values are missing : null for filter key {name}."),
            ));
        }
        let Some(key) = key else {
            let recursive = match option.as_deref() {
                None | Some("OneLevel") => false,
                Some("Recursive") => true,
                Some(other) => return Err(invalid_option(other, "Recursive, OneLevel")),
            };
            let values = values.iter().map(|value| path(value)).collect::<AwsResult<_>>()?;
            return Ok(Self { by: By::Path { recursive }, values });
        };
        let how = match option.as_deref() {
            None | Some("Equals") => Match::Equals,
            Some("BeginsWith") => Match::BeginsWith,
            Some("Contains") if key == Field::Name => Match::Contains,
            Some(other) => return Err(invalid_option(other, "BeginsWith, Equals")),
        };
        let known: &[&str] = match key {
            Field::Type => &["String", "StringList", "SecureString"],
            Field::Tier => &["Standard", "Advanced", "Intelligent-Tiering"],
            _ => &[],
        };
        if let Some(value) = values.iter().find(|value| !known.is_empty() && !known.contains(&value.as_str())) {
            return Err(AwsError::bad_request(
                "InvalidFilterOption",
                format!(
                    "The following filter value is not valid: {value}. Valid values include: [{}].",
                    known.join(", ")
                ),
            ));
        }
        Ok(Self { by: By::Text(key, how), values })
    }

    /// Whether it lets a version of a parameter through.
    pub fn takes(&self, id: &str, parameter: &Parameter, version: &Version) -> bool {
        let (name, how) = match &self.by {
            By::Path { recursive } => return self.values.iter().any(|path| is_under(id, path, *recursive)),
            By::Text(name, how) => (name, *how),
        };
        let any = |text: &str| self.values.iter().any(|value| how.fits(text, value));
        match name {
            // `p` and `/p` are one parameter.
            Field::Name if how == Match::Contains => any(&format!("/{id}")),
            Field::Name => self.values.iter().any(|value| how.fits(id, key(value))),
            Field::Type => any(&version.kind),
            Field::KeyId => version.key_id().is_some_and(|id| any(&id)),
            Field::Tier => any(&version.tier),
            Field::DataType => any(super::value::TEXT),
            Field::Label => version.labels.iter().any(|label| any(label)),
            Field::Tag(tag) => parameter.tags.get(tag).is_some_and(|value| self.values.is_empty() || any(value)),
        }
    }

    /// Whether it asks for a version by label, so that it need not be the latest.
    pub fn is_by_label(&self) -> bool {
        matches!(self.by, By::Text(Field::Label, _))
    }
}

impl Match {
    fn fits(self, text: &str, value: &str) -> bool {
        match self {
            Self::Equals => text == value,
            Self::BeginsWith => text.starts_with(value),
            Self::Contains => text.contains(value),
        }
    }
}
