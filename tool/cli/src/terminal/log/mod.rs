//! How a log looks: a line for each request, and below it what the function wrote.
//!
//! - this file: the request's line, and where everything stands.
//! - [`message`]: what the loggers of Lambda's runtimes write, in JSON too, as a person reads it.
//! - [`traceback`]: Python's tracebacks, with the project's own paths and without slam's own frames.
//! - [`denial`]: what a role lacks, in the words of slam.yaml.

mod denial;
mod message;
mod traceback;

use super::{BAD, GOOD, HINT, LABEL, shortened};
use anstyle::{AnsiColor, Style};
use message::Level;
use slam_project::Project;
use slam_stack::logs::platform::{self, Platform};
use slam_stack::logs::requests::{Failure, Line, Request};
use slam_stack::logs::{LogLine, Source};

const WARN: Style = AnsiColor::Yellow.on_default();
const STRONG: Style = Style::new().bold();
const PLAIN: Style = Style::new();

/// Under the request's time.
const NO_TIME: &str = "            ";

/// How the logs of a stage are shown.
pub struct LogView<'a> {
    /// The project, whose words are used.
    pub project: &'a Project,
    /// The stage.
    pub stage: &'a str,
    /// Whether each line tells its function: there are several.
    pub several: bool,
    /// Whether Lambda's own lines are shown.
    pub platform: bool,
    /// The columns of the terminal, where there is one.
    pub width: Option<usize>,
}

impl LogView<'_> {
    /// A request and what it wrote, or the next piece of it; `None` when there is nothing to show. What Lambda told before
    /// the request began stands above it.
    pub fn request(&self, request: &Request) -> Option<String> {
        let begins = |line: &Line| matches!(platform::parse(&line.text), Some(Platform::Start { .. }));
        let start = request.lines.iter().position(|line| line.platform && begins(line));
        let before = if request.id.is_some() { start.unwrap_or_default() } else { request.lines.len() };
        let is_before = |at: usize, line: &Line| at < before && line.platform;
        let lines = || request.lines.iter().enumerate();
        let above = lines().filter(|(at, line)| self.platform && is_before(*at, line)).map(|(_, line)| {
            let (at, place) = (time(line.at), self.place(&request.source));
            format!("{LABEL}{at} {place} {}{LABEL:#}", printable(&line.text))
        });
        let mut out: Vec<_> = above.collect();
        let below: Vec<_> = lines().filter(|(at, line)| !is_before(*at, line)).map(|(_, line)| line.clone()).collect();
        let below = self.lines(&below, Some(request.at));
        match &request.id {
            Some(id) => out.push(self.head(request, id)),
            None if below.is_empty() => return (!out.is_empty()).then(|| out.join("\n")),
            None => out.push(format!("{LABEL}{} {}{LABEL:#}", time(request.at), self.place(&request.source))),
        }
        out.extend(below);
        out.extend(hint(request).map(|hint| format!("{NO_TIME}     {HINT}{hint}{HINT:#}")));
        Some(out.join("\n"))
    }

    /// A line that belongs to no request of a function: API Gateway's.
    pub fn line(&self, line: &LogLine) -> String {
        let (at, place) = (time(line.at), self.place(&line.source));
        format!("{LABEL}{at} {place}{LABEL:#} {}", printable(&line.message))
    }

    /// What a function wrote, below a request of this time; without one, as it stands.
    pub fn lines(&self, lines: &[Line], at: Option<i64>) -> Vec<String> {
        let mut shown = at;
        let (mut paint, mut traceback) = (Vec::new(), traceback::Traceback::new(self.project));
        let mut denials = denial::Denials::new(self.project);
        for line in lines.iter().filter(|line| self.platform || !line.platform) {
            let message = message::read(&line.text);
            let mut texts = message.text.split(['\n', '\r']);
            let first = texts.next().unwrap_or_default();
            let level = if line.platform { String::new() } else { level(message.level) };
            let style = if line.platform { LABEL } else { PLAIN };
            let texts = [(level, first)].into_iter().chain(texts.map(|text| (String::new(), text)));
            for (level, text) in texts {
                for text in traceback.line(text) {
                    let column = match at {
                        // A time stands where it changes.
                        Some(_) if shown != Some(line.at) => format!("{LABEL}{}{LABEL:#}     ", time(line.at)),
                        Some(_) => format!("{NO_TIME}     "),
                        None => String::new(),
                    };
                    let below = if at.is_some() { format!("{NO_TIME}     ") } else { String::new() };
                    shown = at.and(Some(line.at));
                    let text = printable(&text);
                    paint.push(format!("{column}{level}{style}{text}{style:#}").trim_end().to_owned());
                    paint.extend(denials.of(&text).map(|lacks| format!("{below}{HINT}{lacks}{HINT:#}")));
                }
            }
        }
        paint
    }

    fn place(&self, source: &Source) -> String {
        match source {
            Source::Api => format!("{} api", self.stage),
            Source::Function(Some(name)) => format!("{} {name}", self.stage),
            Source::Function(None) if self.several => format!("{} {}", self.stage, self.project.name),
            Source::Function(None) => self.stage.to_owned(),
        }
    }

    fn head(&self, request: &Request, id: &str) -> String {
        let (at, place) = (time(request.at), self.place(&request.source));
        let id: String = id.chars().take(8).collect();
        let mut facts = Vec::new();
        let mut style = WARN;
        if let Some(report) = &request.report {
            facts.push(milliseconds(report.duration));
            facts.extend(report.init.map(|init| format!("cold {}", milliseconds(init))));
            facts.push(format!("{} MB", report.used));
        } else {
            facts.push("running".to_owned());
        }
        let failed = request.failure.as_ref().map(|failure| failed(failure, request));
        if failed.is_some() {
            style = BAD;
        }
        let failed = failed.map_or(String::new(), |failed| format!(" {failed}"));
        let facts = format!("{}  {}{id}", facts.join("  "), if request.continued { "again " } else { "" });
        let what = match &request.http {
            Some(http) => {
                style = of_status(http.status);
                let others = [&at, &place, &http.method, &failed, &facts].map(|text| text.chars().count());
                let room = self.width.map(|width| width.saturating_sub(others.iter().sum::<usize>() + 9));
                let path = shortened(&printable(&http.path), room);
                format!("{STRONG}{} {path}{STRONG:#} {style}{}{failed}{style:#}", http.method, http.status)
            }
            None => {
                let what = match &request.command {
                    Some(command) if command == "--raw" => "invoke --raw".to_owned(),
                    Some(command) => printable(command),
                    None if self.is_web(&request.source) => "request".to_owned(),
                    None => "invoke".to_owned(),
                };
                format!("{STRONG}{what}{STRONG:#}{style}{failed}{style:#}")
            }
        };
        format!("{LABEL}{at} {place}{LABEL:#} {what}  {LABEL}{facts}{LABEL:#}")
    }

    fn is_web(&self, source: &Source) -> bool {
        let Source::Function(name) = source else { return true };
        self.project.all_functions().any(|function| function.name == *name && function.is_web())
    }
}

/// How a request failed, in words.
fn failed(failure: &Failure, request: &Request) -> String {
    match failure {
        Failure::TimedOut(seconds) => {
            let seconds = seconds.or_else(|| request.report.as_ref().map(|report| report.duration / 1000.0));
            seconds.map_or("timed out".to_owned(), |seconds| format!("timed out after {seconds:.0} s"))
        }
        Failure::OutOfMemory => "ended for its memory".to_owned(),
        Failure::Exited(how) if how.is_empty() => "its process ended".to_owned(),
        Failure::Exited(how) => format!("its process ended: {}", printable(how)),
        Failure::Error => "failed".to_owned(),
    }
}

/// What to do about it, where slam.yaml can help.
fn hint(request: &Request) -> Option<String> {
    let report = request.report.as_ref()?;
    match request.failure.as_ref()? {
        Failure::TimedOut(_) => Some("`timeout` in slam.yaml gives it longer".to_owned()),
        Failure::OutOfMemory => {
            Some(format!("{} MB were not enough: `memory` in slam.yaml gives it more", report.memory))
        }
        _ => None,
    }
}

/// "12:04:31.220", in the time of this place.
pub(super) fn time(at: i64) -> String {
    let Ok(time) = jiff::Timestamp::from_millisecond(at) else { return NO_TIME.to_owned() };
    time.to_zoned_datetime(jiff::tz::TimeZone::system()).strftime("%H:%M:%S%.3f").to_string()
}

/// "4.1 ms", "310 ms", "12.3 s"
fn milliseconds(duration: f64) -> String {
    match duration {
        ..10.0 => format!("{duration:.1} ms"),
        ..9_999.5 => format!("{duration:.0} ms"),
        _ => format!("{:.1} s", duration / 1000.0),
    }
}

fn of_status(status: u16) -> Style {
    match status {
        500.. => BAD,
        400.. => WARN,
        300.. => HINT,
        _ => GOOD,
    }
}

fn level(level: Option<Level>) -> String {
    let Some(level) = level else { return String::new() };
    let (style, name) = match level {
        Level::Debug => (LABEL, "DEBUG"),
        Level::Info => (GOOD, "INFO"),
        Level::Warn => (WARN, "WARN"),
        Level::Error => (BAD, "ERROR"),
    };
    format!("{style}{name}{style:#} ")
}

/// A function's output may hold what moves a terminal's cursor, changes its title or turns text around: shown, not
/// obeyed.
pub fn printable(message: &str) -> String {
    let visible = |character: char| match character {
        '\t' | '\n' => character.to_string(),
        control if control.is_control() => control.escape_default().to_string(),
        // Of bidirectional text.
        turn @ ('\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}') => turn.escape_unicode().to_string(),
        other => other.to_string(),
    };
    message.chars().map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use slam_stack::logs::requests::Http;
    use std::path::Path;

    const YAML: &str = "name: tasks\napp: app:app\nkind: wsgi\nruntime: python3.13\nfunctions: {made: {app: 'm:f'}}\n\
                        tables: {tasks: {attributes: {id: S}, key: id}}\n";

    fn request() -> Request {
        Request {
            source: Source::Function(None),
            id: Some("7f3a9c12-aaaa".into()),
            at: 0,
            lines: Vec::new(),
            http: None,
            command: None,
            report: Some(platform::Report { duration: 41.4, memory: 128, used: 38, ..Default::default() }),
            failure: None,
            continued: false,
        }
    }

    fn http(path: &str, status: u16) -> Option<Http> {
        Some(Http { method: "GET".into(), path: path.into(), status })
    }

    fn lines(texts: &[&str]) -> Vec<Line> {
        texts.iter().map(|text| Line { at: 0, text: (*text).to_owned(), platform: false }).collect()
    }

    fn check(request: &Request, width: Option<usize>, several: bool, expected: &str) {
        let defaults = slam_project::Defaults::default();
        let project = Project::parse(YAML, Path::new("slam.yaml"), &defaults).unwrap();
        let view = LogView { project: &project, stage: "dev", several, platform: false, width };
        let shown = anstream::adapter::strip_str(&view.request(request).unwrap_or_default()).to_string();
        // The time is that of this machine's place.
        let shown: Vec<_> = shown.lines().map(|line| line.get(12..).unwrap_or_default().to_owned()).collect();
        assert_eq!(shown.join("\n"), expected);
    }

    #[test]
    fn a_request_has_one_line() {
        check(
            &Request { http: http("/tasks", 200), ..request() },
            None,
            false,
            " dev GET /tasks 200  41 ms  38 MB  7f3a9c12",
        );
        let mut cold = Request { http: http("/", 503), ..request() };
        cold.report.as_mut().unwrap().init = Some(310.2);
        check(&cold, None, true, " dev tasks GET / 503  41 ms  cold 310 ms  38 MB  7f3a9c12");
        let named = Request { source: Source::Function(Some("made".into())), ..request() };
        check(&named, None, true, " dev made invoke  41 ms  38 MB  7f3a9c12");
        check(&Request { report: None, ..request() }, None, false, " dev request  running  7f3a9c12");
    }

    #[test]
    fn a_long_path_has_room_at_a_terminal() {
        let long = Request { http: http(&format!("/a/{}/z", "x".repeat(100)), 200), ..request() };
        let defaults = slam_project::Defaults::default();
        let project = Project::parse(YAML, Path::new("slam.yaml"), &defaults).unwrap();
        for (width, expected) in [(Some(80), 80), (None, 154)] {
            let view = LogView { project: &project, stage: "dev", several: false, platform: false, width };
            let shown = anstream::adapter::strip_str(&view.request(&long).unwrap()).to_string();
            assert_eq!(shown.chars().count(), expected, "{shown}");
        }
    }

    #[test]
    fn failures_are_said_in_words() {
        let mut slow = Request { failure: Some(Failure::TimedOut(None)), ..request() };
        slow.report.as_mut().unwrap().duration = 3000.0;
        check(
            &slow,
            None,
            false,
            " dev request timed out after 3 s  3000 ms  38 MB  7f3a9c12\n     `timeout` in slam.yaml gives it longer",
        );
        let full = Request { failure: Some(Failure::OutOfMemory), ..request() };
        check(
            &full,
            None,
            false,
            " dev request ended for its memory  41 ms  38 MB  7f3a9c12\n     128 MB were not enough: `memory` in \
             slam.yaml gives it more",
        );
    }

    #[test]
    fn what_lambda_told_before_a_request_stands_above_it() {
        let defaults = slam_project::Defaults::default();
        let project = Project::parse(YAML, Path::new("slam.yaml"), &defaults).unwrap();
        let shown = |request: &Request, platform: bool| {
            let view = LogView { project: &project, stage: "dev", several: false, platform, width: None };
            let shown = view.request(request).map(|text| anstream::adapter::strip_str(&text).to_string());
            shown.map(|text| text.lines().map(|line| line.get(12..).unwrap_or_default().to_owned()).collect::<Vec<_>>())
        };
        let mut starting = lines(&["INIT_START Runtime Version: x", "START RequestId: 7f3a9c12-aaaa Version: 1"]);
        starting.iter_mut().for_each(|line| line.platform = true);
        let whole = Request { lines: starting.clone(), ..request() };
        let head = " dev request  41 ms  38 MB  7f3a9c12";
        assert_eq!(shown(&whole, false).unwrap(), [head]);
        assert_eq!(
            shown(&whole, true).unwrap(),
            [" dev INIT_START Runtime Version: x", head, "     START RequestId: 7f3a9c12-aaaa Version: 1"]
        );
        // An environment that starts for a request of which nothing is there yet.
        let alone = Request { id: None, report: None, lines: starting[..1].to_vec(), ..request() };
        assert_eq!(shown(&alone, false), None);
        assert_eq!(shown(&alone, true).unwrap(), [" dev INIT_START Runtime Version: x"]);
    }

    #[test]
    fn what_was_written_stands_below() {
        let package = format!("/h/unpacked/{}", "0a".repeat(32));
        let request = Request {
            http: http("/", 500),
            lines: lines(&[
                "[INFO]\t2026-11-29T12:04:31.219Z\t7f3a\tloaded 12 tasks",
                "Traceback (most recent call last):",
                &format!("  File \"{package}/slam_lambda/wsgi.py\", line 70, in __call__"),
                "    response = call(self._app, environ)",
                &format!("  File \"{package}/app.py\", line 3, in index"),
                "    1 / 0",
                "    ~~^~~",
                "ZeroDivisionError: \u{1b}[2Jdivision",
            ]),
            ..request()
        };
        check(
            &request,
            None,
            false,
            " dev GET / 500  41 ms  38 MB  7f3a9c12\n     INFO loaded 12 tasks\n     Traceback (most recent call last):\n       \
             File \"app.py\", line 3, in index\n         1 / 0\n         ~~^~~\n     ZeroDivisionError: \\u{1b}[2Jdivision",
        );
    }
}
