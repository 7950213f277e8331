//! Variables whose values are kept in a service of AWS's, and read when a function starts.

use std::fmt;

/// Where the value of a variable is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Secret {
    /// A parameter of SSM Parameter Store.
    Parameter {
        /// Its name: `/tasks/database`.
        name: String,
        /// The number or the label of one of its versions; `None`: the latest.
        version: Option<String>,
    },
    /// A secret of Secrets Manager.
    SecretsManager {
        /// Its name: `tasks/key`.
        name: String,
        /// The key of the value in what is a JSON object; `None`: the whole text.
        key: Option<String>,
    },
}

impl Secret {
    /// Reads what its `Display` writes; `None` for what names no place that secrets are read from. Whether there could
    /// be anything of this name is not asked.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let part = |place: &str, mark: char| match place.split_once(mark) {
            Some((name, part)) => (name.to_owned(), Some(part.to_owned())),
            None => (place.to_owned(), None),
        };
        match text.split_once(':')? {
            ("ssm", place) => {
                let (name, version) = part(place, ':');
                Some(Self::Parameter { name, version })
            }
            ("secretsmanager", place) => {
                let (name, key) = part(place, '#');
                Some(Self::SecretsManager { name, key })
            }
            _ => None,
        }
    }
}

impl fmt::Display for Secret {
    /// As slam.yaml has it, and the adapter reads it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (source, name, mark, part) = match self {
            Self::Parameter { name, version } => ("ssm", name, ':', version),
            Self::SecretsManager { name, key } => ("secretsmanager", name, '#', key),
        };
        write!(formatter, "{source}:{name}")?;
        part.as_ref().map_or(Ok(()), |part| write!(formatter, "{mark}{part}"))
    }
}
