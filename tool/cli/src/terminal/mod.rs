//! How slam looks in a terminal: few lines, talk on stderr, results on stdout, colour that can be missed.
//!
//! - this file: steps, questions, errors and results.
//! - [`progress`]: a deployment while it runs.
//! - [`log`]: how a log looks. [`delivery`]: a delivery of events.
//! - [`wrap`]: lines that are longer than the terminal is wide.

mod delivery;
mod log;
mod progress;
mod wrap;

pub use delivery::Delivery;
pub use log::{LogView, printable};
pub use progress::DeployProgress;
pub use slam_bundle::size;

use anstyle::{AnsiColor, Style};
use slam_report::{Report, Result};
use std::io::{BufRead, IsTerminal, Write};
use std::time::Duration;

const LABEL: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default();

/// The terminal, or whatever stands in its place.
#[derive(Clone, Debug)]
pub struct Terminal {
    /// Nothing but results: `--json` and `--quiet`.
    quiet: bool,
    /// Whether a person watches stderr.
    live: bool,
    /// The columns of stderr in front of a person.
    room: Option<usize>,
}

impl Terminal {
    /// The terminal of this process.
    pub fn new(quiet: bool) -> Self {
        let live = std::io::stderr().is_terminal() && std::env::var_os("CI").is_none();
        Self { quiet, live, room: wrap::room(&std::io::stderr()) }
    }

    /// The same terminal, saying nothing but results when `quiet`.
    #[must_use]
    pub fn quiet_if(&self, quiet: bool) -> Self {
        Self { quiet: self.quiet || quiet, ..self.clone() }
    }

    /// Whether lines may move.
    pub fn is_live(&self) -> bool {
        self.live && !self.quiet
    }

    /// One finished step: a label, what was done, how long it took.
    pub fn step(&self, label: &str, text: &str, took: Option<Duration>) {
        if !self.quiet {
            put(&format!("{}\n", step_line(label, text, took, self.room)));
        }
    }

    /// A name with what is told of it, for a step that takes time: a long name is shortened, so that all is one line.
    pub fn named(&self, name: &str, facts: &str) -> String {
        let taken = BESIDE + facts.chars().count() + 1;
        format!("{} {facts}", shortened(name, self.room.map(|room| room.saturating_sub(taken))))
    }

    /// A plain line of talk.
    pub fn say(&self, text: &str) {
        if !self.quiet {
            put(&format!("{}\n", wrap::wrapped(text, self.room)));
        }
    }

    /// Lines that somebody else wrote, as they are.
    pub fn pass_on(&self, text: &str) {
        if !self.quiet {
            put(&format!("{text}\n"));
        }
    }

    /// Something that a person should look at although all goes on; said even to those who want to hear little.
    pub fn warn(&self, message: &str, hint: &str) {
        talk(&format!("{WARNING}warning{WARNING:#}: {message}"));
        talk(&format!("{HINT}hint{HINT:#}: {hint}"));
    }

    /// Asks a yes-or-no question; an error when nobody can answer.
    pub fn confirm(&self, question: &str) -> Result<bool> {
        Ok(matches!(self.ask(&format!("{question} [y/N] "))?.to_lowercase().as_str(), "y" | "yes"))
    }

    /// Asks for a line; an error when nobody can answer.
    pub fn ask(&self, question: &str) -> Result<String> {
        if !std::io::stdin().is_terminal() {
            return Err(Report::failure("nobody can be asked here: give --yes to go on without a question"));
        }
        put(&wrap::wrapped(&format!("  {question}"), self.room));
        std::io::stderr().flush()?;
        let mut line = String::new();
        if std::io::stdin().lock().read_line(&mut line)? == 0 {
            // The person ended the input, and the line of the question with it.
            put("\n");
        }
        Ok(line.trim().to_owned())
    }
}

/// The columns of a step's text: with its label and its time, a line has less than 80.
const TEXT: usize = 56;

/// As many of the names as a line has room for.
fn listed(head: &str, names: &[&str]) -> String {
    let mut text = head.to_owned();
    for (at, name) in names.iter().enumerate() {
        let comma = if at == 0 { "" } else { ", " };
        let more = if at + 1 < names.len() { 3 } else { 0 };
        if at > 0 && text.chars().count() + comma.len() + name.len() + more > 80 - 12 {
            text.push_str(", …");
            break;
        }
        text.push_str(comma);
        text.push_str(name);
    }
    text
}

/// The columns beside a step's text: its label and its time.
const BESIDE: usize = 12 + 8;

/// Under a step's text.
const BELOW: &str = "            ";

fn step_line(label: &str, text: &str, took: Option<Duration>, room: Option<usize>) -> String {
    let head = format!("  {LABEL}{label:<9}{LABEL:#} ");
    let Some(took) = took else { return wrap::wrapped(&format!("{head}{text}"), room) };
    let text = match room {
        Some(room) => wrap::wrapped_line(text, room - BESIDE, room - BESIDE + BELOW.len(), BELOW),
        None => text.to_owned(),
    };
    let (first, rest) =
        text.split_once('\n').map_or((&*text, String::new()), |(first, rest)| (first, format!("\n{rest}")));
    // Colours take no columns.
    let column = room.map_or(TEXT, |room| TEXT.min(room - BESIDE));
    let gap = column.saturating_sub(anstream::adapter::strip_str(first).to_string().chars().count());
    let time = seconds(took);
    format!("{head}{first}{:gap$} {LABEL}{time:>7}{LABEL:#}{rest}", "")
}

/// Text whose middle is left out where it has no room.
fn shortened(text: &str, room: Option<usize>) -> String {
    let characters: Vec<char> = text.chars().collect();
    match room.map(|room| room.max(8)) {
        Some(room) if characters.len() > room => {
            let (begin, end) = (room / 2, characters.len() - (room - room / 2 - 1));
            characters[..begin].iter().chain(['…'].iter()).chain(&characters[end..]).collect()
        }
        _ => text.to_owned(),
    }
}

/// "0.4 s"
fn seconds(duration: Duration) -> String {
    format!("{:.1} s", duration.as_secs_f64())
}

/// Prints an error as slam does: what, where in slam.yaml, then a hint of what to do.
pub fn print_report(report: &Report) {
    if let Some(message) = &report.message {
        talk(&format!("{BAD}error{BAD:#}: {message}"));
    }
    let room = wrap::room(&std::io::stderr());
    for place in &report.places {
        put(&format!("{}\n", wrap::wrapped_diagnostic(&place.render(true, room), room)));
    }
    if let Some(hint) = &report.hint {
        talk(&format!("{HINT}hint{HINT:#}: {hint}"));
    }
}

/// Puts talk on stderr, if anybody hears it: a closed pipe or a full disk there ends no command.
fn put(text: &str) {
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
}

/// A line on stderr that is said in any case.
fn talk(line: &str) {
    put(&format!("{}\n", wrap::wrapped(line, wrap::room(&std::io::stderr()))));
}

/// Prints a line of the result that is made for people: a long one is broken at a terminal.
///
/// # Errors
/// As [`print()`].
pub fn print_for_people(text: &str) -> Result<()> {
    print(&wrap::wrapped(text, wrap::room(&std::io::stdout())))
}

/// Prints a line of the result.
///
/// # Errors
/// When nobody reads it any more (`slam template | head`), which ends the command without a word.
pub fn print(text: &str) -> Result<()> {
    Ok(writeln!(anstream::stdout().lock(), "{text}")?)
}

/// Prints a result for programs.
///
/// # Errors
/// As [`print()`].
pub fn print_json(value: &impl serde::Serialize) -> Result<()> {
    print(&serde_json::to_string_pretty(value).map_err(std::io::Error::from)?)
}

/// The columns of the terminal that the result goes to; `None` when it goes elsewhere.
pub fn width() -> Option<usize> {
    wrap::columns(&std::io::stdout())
}

/// "1 file", "2 files"
pub fn counted(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit() {
        let names = ["FunctionRole"; 20];
        let text = listed("24 resources, 20 changes: ", &names);
        assert!(text.ends_with(", …") && text.chars().count() <= 68, "{text}");
        assert_eq!(listed("1 change: ", &["Function"]), "1 change: Function");
        let line = step_line("", &format!("{GOOD}✓{GOOD:#} Function"), Some(Duration::from_millis(300)), None);
        assert_eq!(anstream::adapter::strip_str(&line).to_string().chars().count(), 76);
    }

    #[test]
    fn the_time_stays_on_the_line() {
        let shown = |text: &str, room: usize| {
            let line = step_line("package", text, Some(Duration::from_millis(1600)), Some(room));
            anstream::adapter::strip_str(&line).to_string()
        };
        let terminal = Terminal { quiet: false, live: true, room: Some(80) };
        let text = terminal.named("fastapi-realworld-example-app", "9.7 MB, 33 dependencies, 1436 files");
        assert_eq!(
            shown(&text, 80),
            "  package   fastapi-real…example-app 9.7 MB, 33 dependencies, 1436 files   1.6 s"
        );
        assert_eq!(
            shown("one two three four five six seven eight", 40),
            "  package   one two three four     1.6 s\n            five six seven eight"
        );
    }
}
