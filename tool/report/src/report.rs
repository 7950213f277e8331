use crate::Diagnosis;
use std::fmt;
use std::io;

/// What an error means to whoever started the command; it decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A deployment, a function or a service failed.
    Failure,
    /// The command line, slam.yaml or the project's files are wrong.
    Usage,
    /// Nothing is deployed that the command could be about.
    NotDeployed,
    /// The person pressed Ctrl-C.
    Interrupted,
    /// Whoever read the output has seen enough.
    Unread,
}

/// An error as a person is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// What it means.
    pub kind: Kind,
    /// What is wrong; `None` where the places say it, or it was told before.
    pub message: Option<String>,
    /// Where in files of the project, each with what is wrong there.
    pub places: Vec<Diagnosis>,
    /// What to do about it, in one line.
    pub hint: Option<String>,
}

/// What the tool's own steps come to.
pub type Result<T, E = Report> = std::result::Result<T, E>;

impl Report {
    /// Something failed.
    pub fn failure(message: impl fmt::Display) -> Self {
        Self::of(Kind::Failure, message)
    }

    /// A mistake of the person's, and what to do instead.
    pub fn usage(message: impl fmt::Display, hint: impl Into<String>) -> Self {
        Self::of(Kind::Usage, message).hint(hint.into())
    }

    /// An error of some kind.
    pub fn of(kind: Kind, message: impl fmt::Display) -> Self {
        Self { kind, message: Some(message.to_string()), places: Vec::new(), hint: None }
    }

    /// A failure that was told when it happened.
    #[must_use]
    pub fn told() -> Self {
        Self { message: None, ..Self::failure("") }
    }

    /// Adds what to do about it, where that is known.
    #[must_use]
    pub fn hint(self, hint: impl Into<Option<String>>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    /// Adds the places that it is about.
    #[must_use]
    pub fn at(self, places: Vec<Diagnosis>) -> Self {
        Self { places, ..self }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.places.iter().map(ToString::to_string);
        let lines: Vec<String> = self.message.iter().cloned().chain(places).collect();
        formatter.write_str(&lines.join("\n"))
    }
}

impl std::error::Error for Report {}

impl From<Diagnosis> for Report {
    fn from(diagnosis: Diagnosis) -> Self {
        Self { kind: Kind::Usage, message: None, places: vec![diagnosis], hint: None }
    }
}

impl From<io::Error> for Report {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self { kind: Kind::Unread, ..Self::told() },
            _ => Self::failure(error),
        }
    }
}

/// Says what was about to be done when something failed.
pub trait Context<T> {
    /// What could not be done; the reason, where there is one, comes after a colon.
    ///
    /// # Errors
    /// When there is no value.
    fn context(self, what: impl fmt::Display) -> Result<T>;
}

impl<T, E: fmt::Display> Context<T> for Result<T, E> {
    fn context(self, what: impl fmt::Display) -> Result<T> {
        self.map_err(|error| Report::failure(format_args!("{what}: {error}")))
    }
}

impl<T> Context<T> for Option<T> {
    fn context(self, what: impl fmt::Display) -> Result<T> {
        self.ok_or_else(|| Report::failure(what))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_has_seen_enough_is_told_nothing() {
        let report = Report::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert_eq!((report.kind, report.to_string()), (Kind::Unread, String::new()));
        let report = Report::from(io::Error::other("the disk is full"));
        assert_eq!((report.kind, report.to_string()), (Kind::Failure, "the disk is full".to_owned()));
    }

    #[test]
    fn the_reason_comes_after_what_was_done() {
        let failed: Result<(), _> = Err(io::Error::other("no"));
        let report = failed.context("it cannot be read").expect_err("a failure");
        assert_eq!(report, Report::failure("it cannot be read: no"));
        assert_eq!(None::<()>.context("there is none"), Err(Report::failure("there is none")));
    }
}
