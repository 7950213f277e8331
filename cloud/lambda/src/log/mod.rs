//! The log of an execution environment: one stream in the function's log group, written as the function's role.
//!
//! Lines are collected in a [`Journal`] and written by a task of its own, so that no invocation waits for its log.

mod journal;
pub mod platform;
mod writer;

pub use journal::Journal;
pub use writer::Writer;

use slam_cloud_core::Timestamp;

/// Marks a line as one record, as the runtime client writes it (see `_slam_runtime.py`).
const RECORD: char = '\u{1e}';
/// A line end within a record.
const LINE_END: char = '\u{1f}';

/// The name of a new stream: `2026/11/23/[$LATEST]0123456789abcdef0123456789abcdef`.
pub fn stream_name(version: &str) -> String {
    let day = Timestamp::now().strftime("%Y/%m/%d");
    format!("{day}/[{version}]{}", uuid::Uuid::new_v4().simple())
}

/// The messages that a printed line makes: one, or two when a record began in the middle of it.
fn messages(line: &[u8]) -> Vec<String> {
    let line = String::from_utf8_lossy(line);
    match line.split_once(RECORD) {
        None => vec![format!("{line}\n")],
        Some((before, record)) => {
            let record = format!("{}\n", record.replace(LINE_END, "\n"));
            if before.is_empty() { vec![record] } else { vec![format!("{before}\n"), record] }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: &[&str]) {
        assert_eq!(messages(line.as_bytes()), expected);
    }

    #[test]
    fn a_printed_line_is_a_message() {
        check("hello", &["hello\n"]);
        check("", &["\n"]);
    }

    /// As recorded on AWS (`test_multi_line_prints`): a carriage return ends no line.
    #[test]
    fn a_carriage_return_ends_no_line() {
        check("another\rline", &["another\rline\n"]);
    }

    #[test]
    fn a_record_keeps_its_lines_together() {
        check("\u{1e}[ERROR] E: x\u{1f}Traceback", &["[ERROR] E: x\nTraceback\n"]);
        check("unfinished\u{1e}record", &["unfinished\n", "record\n"]);
    }
}
