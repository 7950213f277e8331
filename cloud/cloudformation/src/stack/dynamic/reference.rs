//! What dynamic references are.

/// A reference to a value of another service.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reference {
    /// A parameter of Parameter Store, by `name` or `name:version`.
    Parameter(String),
    /// A secret of Secrets Manager.
    Secret(Secret),
}

/// A secret, or what it has under a key.
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-secretsmanager.html>
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Secret {
    /// Its name or ARN.
    pub id: String,
    /// The key of what is meant in its JSON; all of it without.
    pub key: Option<String>,
    /// A staging label.
    pub stage: Option<String>,
    /// A version's id.
    pub version: Option<String>,
}

/// Why a text is no reference that has a value here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// It has not the form of its service's.
    Format(&'static str),
    /// It is one to a secure parameter.
    Secure,
    /// It is one to another service.
    Service,
}

impl Reference {
    /// Reads what stands behind `{{resolve:`.
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(text: &str) -> Result<Self, Wrong> {
        match text.split_once(':') {
            Some(("ssm", key)) => parameter(key).ok_or(Wrong::Format("SSM")),
            Some(("ssm-secure", _)) => Err(Wrong::Secure),
            Some(("secretsmanager", key)) => secret(key).ok_or(Wrong::Format("SecretsManager")),
            _ => Err(Wrong::Service),
        }
    }

    /// Whether it reads a secret.
    pub fn is_secret(&self) -> bool {
        matches!(self, Self::Secret(_))
    }

    /// Whether a resource is given it as it is written. The parameters of a nested stack can be asked for, so a secret
    /// among them is read where its template uses it.
    pub fn is_passed_on(&self, resource_type: &str) -> bool {
        self.is_secret() && resource_type == "AWS::CloudFormation::Stack"
    }
}

/// `name` or `name:version`. Labels have none.
fn parameter(key: &str) -> Option<Reference> {
    let (name, version) = key.split_once(':').map_or((key, None), |(name, version)| (name, Some(version)));
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"_.-/".contains(&byte);
    let is_name = !name.is_empty() && name.bytes().all(fits);
    let is_version = version.is_none_or(|version| !version.is_empty() && version.bytes().all(|b| b.is_ascii_digit()));
    (is_name && is_version).then(|| Reference::Parameter(key.to_owned()))
}

/// The colons in the ARN of a secret.
const COLONS: usize = 6;

/// `secret-id:SecretString:json-key:version-stage:version-id`, of which only the first must be there.
fn secret(key: &str) -> Option<Reference> {
    let end = if key.starts_with("arn:") { key.match_indices(':').nth(COLONS) } else { key.match_indices(':').next() };
    let (id, rest) = end.map_or((key, ""), |(end, _)| (&key[..end], &key[end + 1..]));
    let mut segments = rest.split(':').map(|segment| (!segment.is_empty()).then(|| segment.to_owned()));
    let kind = segments.next().flatten();
    let mut next = || segments.next().flatten();
    let secret = Secret { id: id.to_owned(), key: next(), stage: next(), version: next() };
    let is_text = kind.is_none_or(|kind| kind == "SecretString");
    (!id.is_empty() && is_text && segments.next().is_none()).then_some(Reference::Secret(secret))
}

/// Where AWS allows `ssm-secure`: types and properties ("Resources that support dynamic parameter patterns for secure
/// strings").
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references-ssm-secure-strings.html>
const SECURE: [(&str, &str); 11] = [
    ("AWS::DirectoryService::MicrosoftAD", "Password"),
    ("AWS::DirectoryService::SimpleAD", "Password"),
    ("AWS::ElastiCache::ReplicationGroup", "AuthToken"),
    ("AWS::IAM::User", "LoginProfile/Password"),
    ("AWS::KinesisFirehose::DeliveryStream", "RedshiftDestinationConfiguration/Password"),
    ("AWS::OpsWorks::App", "AppSource/Password"),
    ("AWS::OpsWorks::Stack", "CustomCookbooksSource/Password"),
    ("AWS::OpsWorks::Stack", "RdsDbInstances"),
    ("AWS::RDS::DBCluster", "MasterUserPassword"),
    ("AWS::RDS::DBInstance", "MasterUserPassword"),
    ("AWS::Redshift::Cluster", "MasterUserPassword"),
];

/// Whether AWS allows `ssm-secure` at a place of a type.
pub fn is_secure_property(resource_type: &str, place: &str) -> bool {
    SECURE.contains(&(resource_type, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Id, key, stage and version.
    type Parts<'a> = (&'a str, Option<&'a str>, Option<&'a str>, Option<&'a str>);

    #[test]
    fn secrets() {
        let check = |text: &str, expected: Option<Parts<'_>>| {
            let read = Reference::parse(&format!("secretsmanager:{text}"));
            let parts = read.as_ref().ok().map(|read| match read {
                Reference::Secret(Secret { id, key, stage, version }) => {
                    (id.as_str(), key.as_deref(), stage.as_deref(), version.as_deref())
                }
                Reference::Parameter(_) => unreachable!(),
            });
            assert_eq!(parts, expected, "{text}");
        };
        check("s", Some(("s", None, None, None)));
        check("a/b:SecretString", Some(("a/b", None, None, None)));
        check("s:SecretString:password", Some(("s", Some("password"), None, None)));
        check("s::password:AWSPREVIOUS", Some(("s", Some("password"), Some("AWSPREVIOUS"), None)));
        check("s:SecretString:::v-1", Some(("s", None, None, Some("v-1"))));
        // As the templates that were validated on AWS have it.
        let arn = "arn:aws:secretsmanager:us-east-1:000000000000:secret:s-AbCdEf";
        for end in ["", ":SecretString:", ":SecretString:::"] {
            check(&format!("{arn}{end}"), Some((arn, None, None, None)));
        }
        check(&format!("{arn}:SecretString:k:AWSCURRENT"), Some((arn, Some("k"), Some("AWSCURRENT"), None)));
        for wrong in ["", ":SecretString", "s:SecretBinary", "s:SecretString:k:l:v:w"] {
            check(wrong, None);
        }
    }
}
