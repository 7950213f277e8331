//! Who may call an API.

use super::App;
use serde_json::Value;

/// Who may call which path of an API.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// Who decides; `None`: everybody may.
    pub all: Option<Authorizer>,
    /// Paths of which something else holds, each with all below it.
    pub paths: Vec<(String, Gate)>,
}

/// What stands before a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gate {
    /// Nothing: no authorizer, and no API key.
    Open,
    /// An authorizer.
    By(Authorizer),
}

/// What is asked of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule<'a> {
    /// Who decides; `None`: everybody may.
    pub authorizer: Option<&'a Authorizer>,
    /// Whether it needs no API key where others do.
    pub open: bool,
}

/// Who decides whether a request is let in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorizer {
    /// IAM, by the request's signature.
    Iam,
    /// A token of an issuer.
    Jwt {
        /// Its URL, or a CloudFormation function that gives one.
        issuer: Value,
        /// Whom tokens must be for.
        audience: Vec<Value>,
        /// One of these a token must have, where there are any.
        scopes: Vec<String>,
    },
    /// A token of a Cognito user pool.
    Cognito {
        /// The pool's id, or a CloudFormation function that gives it.
        pool: Value,
        /// The clients of the pool whose tokens count.
        clients: Vec<Value>,
        /// One of these a token must have, where there are any.
        scopes: Vec<String>,
    },
    /// A function of the project.
    Lambda {
        /// Its name.
        function: String,
        /// What it calls, where slam makes the function for it.
        app: Option<App>,
        /// The header that a request must have.
        header: String,
        /// For how many seconds an answer counts for requests with the same header.
        cache: u32,
    },
}

impl Access {
    /// What is asked of requests to a path: the longest path that it begins with counts.
    #[must_use]
    pub fn of(&self, path: &str) -> Rule<'_> {
        let begins = |(start, _): &&(String, Gate)| is_below(path, start);
        match self.paths.iter().filter(begins).max_by_key(|(start, _)| start.len()) {
            Some((_, Gate::Open)) => Rule { authorizer: None, open: true },
            Some((_, Gate::By(authorizer))) => Rule { authorizer: Some(authorizer), open: false },
            None => Rule { authorizer: self.all.as_ref(), open: false },
        }
    }

    /// All authorizers, those that differ in nothing but scopes once.
    #[must_use]
    pub fn authorizers(&self) -> Vec<&Authorizer> {
        let of_paths = self.paths.iter().filter_map(|(_, gate)| match gate {
            Gate::By(authorizer) => Some(authorizer),
            Gate::Open => None,
        });
        let mut found: Vec<&Authorizer> = Vec::new();
        for authorizer in self.all.iter().chain(of_paths) {
            if !found.iter().any(|other| other.is_same(authorizer)) {
                found.push(authorizer);
            }
        }
        found
    }
}

impl Authorizer {
    /// Whether two decide alike, but for the scopes that they ask for.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        let bare = |authorizer: &Self| {
            let mut authorizer = authorizer.clone();
            if let Self::Jwt { scopes, .. } | Self::Cognito { scopes, .. } = &mut authorizer {
                scopes.clear();
            }
            authorizer
        };
        bare(self) == bare(other)
    }

    /// The scopes of which a token must have one.
    #[must_use]
    pub fn scopes(&self) -> &[String] {
        match self {
            Self::Jwt { scopes, .. } | Self::Cognito { scopes, .. } => scopes,
            _ => &[],
        }
    }
}

/// Whether a path is another one or below it.
#[must_use]
pub fn is_below(path: &str, start: &str) -> bool {
    path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
