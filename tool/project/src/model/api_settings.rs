//! What an API does with requests before a function gets them.

use super::{Access, is_below};

/// What an API asks of requests, and what it tells browsers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiSettings {
    /// What browsers are told of pages of other origins; `None`: nothing.
    pub cors: Option<ApiCors>,
    /// How often it may be called.
    pub throttle: Throttle,
    /// Who may call it.
    pub access: Access,
    /// The plans that API keys are of. Where there are some, a request needs a key.
    pub plans: Vec<UsagePlan>,
}

impl ApiSettings {
    /// The paths of which something is said.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        let limited = self.throttle.paths.iter().map(|(path, _)| path.as_str());
        self.access.paths.iter().map(|(path, _)| path.as_str()).chain(limited)
    }
}

/// Which pages of other origins may call an API, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ApiCors {
    /// The origins, such as `https://example.com`, or `*`.
    pub origins: Vec<String>,
    /// The methods of their requests.
    pub methods: Vec<String>,
    /// The headers that requests may have.
    pub headers: Vec<String>,
    /// The headers of answers that a page may read.
    pub expose: Vec<String>,
    /// For how many seconds a browser may remember this.
    pub max_age: Option<u32>,
    /// Whether requests may have cookies.
    pub credentials: bool,
}

/// How often an API may be called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Throttle {
    /// Each route of which nothing else is said; `None`: as often as the account may.
    pub all: Option<Limits>,
    /// Paths with limits of their own, each with all below it.
    pub paths: Vec<(String, Limits)>,
}

impl Throttle {
    /// What holds at a path and not for all: the longest path that it begins with counts.
    #[must_use]
    pub fn of(&self, path: &str) -> Option<Limits> {
        let begins = |(start, _): &&(String, Limits)| is_below(path, start);
        self.paths.iter().filter(begins).max_by_key(|(start, _)| start.len()).map(|(_, limits)| *limits)
    }
}

/// A token bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests in a second, for any length of time.
    pub rate: u32,
    /// Requests at once.
    pub burst: u32,
}

/// What the holders of some API keys may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsagePlan {
    /// Its name.
    pub name: String,
    /// The most requests of each key in a time; `None`: any number.
    pub quota: Option<Quota>,
    /// How often each key may be used.
    pub limits: Option<Limits>,
}

/// The most requests in a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quota {
    /// So many.
    pub limit: u32,
    /// In each of these.
    pub period: Period,
}

/// A time that requests are counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// A day.
    Day,
    /// A week.
    Week,
    /// A month.
    Month,
}

impl Period {
    /// API Gateway's word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Day => "DAY",
            Self::Week => "WEEK",
            Self::Month => "MONTH",
        }
    }
}
