//! The API in front of the functions.

/// What passes requests on to the functions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ApiKind {
    /// A REST API of API Gateway, with a stage for each of the project's.
    #[default]
    Rest,
    /// An HTTP API of API Gateway for each stage.
    Http,
    /// A function URL of Lambda for each stage.
    Url,
}

impl ApiKind {
    /// The word in slam.yaml.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rest => "rest",
            Self::Http => "http",
            Self::Url => "url",
        }
    }

    /// The kind that slam.yaml's word means.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Rest, Self::Http, Self::Url].into_iter().find(|kind| kind.as_str() == word)
    }

    /// What people call several of them.
    #[must_use]
    pub fn plural(self) -> &'static str {
        match self {
            Self::Rest => "REST APIs",
            Self::Http => "HTTP APIs",
            Self::Url => "function URLs",
        }
    }
}
