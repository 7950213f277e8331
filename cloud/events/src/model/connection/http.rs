//! What a connection adds to requests: headers, parameters of the query, members of the body.

use crate::error::invalid;
use serde::{Deserialize, Serialize};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::events as wire;

/// `ConnectionHttpParameters`
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HttpParameters {
    /// `HeaderParameters`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub header_parameters: Vec<Parameter>,
    /// `QueryStringParameters`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub query_string_parameters: Vec<Parameter>,
    /// `BodyParameters`
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub body_parameters: Vec<Parameter>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parameter {
    /// Its name.
    pub key: String,
    /// Its value; `None` where it is secret, and this is not what the secret has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Whether its value is told to nobody.
    pub is_value_secret: bool,
}

/// Reads and tells the three lists, whose elements have the same members and types of their own.
macro_rules! lists {
    ($($member:ident: $element:ident called $name:literal;)*) => {
        impl HttpParameters {
            /// Reads what a request says.
            ///
            /// # Errors
            /// When one has no name or no value.
            pub fn read(input: wire::ConnectionHttpParameters) -> AwsResult<Self> {
                Ok(Self {$(
                    $member: input.$member.unwrap_or_default().into_iter().map(|given| {
                        match (given.key, given.value) {
                            (Some(key), value @ Some(_)) => {
                                Ok(Parameter { key, value, is_value_secret: given.is_value_secret.unwrap_or(false) })
                            }
                            _ => Err(invalid($name, "Key and Value are required.")),
                        }
                    }).collect::<AwsResult<_>>()?,
                )*})
            }

            /// As they are told.
            pub fn told(&self) -> wire::ConnectionHttpParameters {
                wire::ConnectionHttpParameters {$(
                    $member: (!self.$member.is_empty()).then(|| {
                        let told = |of: &Parameter| wire::$element {
                            key: Some(of.key.clone()),
                            value: of.value.clone(),
                            is_value_secret: Some(of.is_value_secret),
                        };
                        self.$member.iter().map(told).collect()
                    }),
                )*}
            }

            /// The same without values that are secret.
            pub fn shown(&self) -> Self {
                let shown = |all: &[Parameter]| {
                    all.iter().map(|of| Parameter {
                        key: of.key.clone(),
                        value: of.value.clone().filter(|_| !of.is_value_secret),
                        is_value_secret: of.is_value_secret,
                    }).collect()
                };
                Self {$($member: shown(&self.$member),)*}
            }
        }
    };
}

lists! {
    header_parameters: ConnectionHeaderParameter called "HeaderParameters";
    query_string_parameters: ConnectionQueryStringParameter called "QueryStringParameters";
    body_parameters: ConnectionBodyParameter called "BodyParameters";
}

/// Names with values.
pub fn pairs(parameters: &[Parameter]) -> impl Iterator<Item = (&str, &str)> {
    parameters.iter().filter_map(|of| Some((of.key.as_str(), of.value.as_deref()?)))
}
