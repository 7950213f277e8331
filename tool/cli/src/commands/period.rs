//! Periods on the command line: `30s`, `5m`, `2h`, `1d`, `1w`.

use slam_report::{Report, Result};
use std::time::Duration;

/// A period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Period {
    /// As it was written.
    pub text: String,
    /// How long it is.
    pub length: Duration,
}

/// Reads a period.
///
/// # Errors
/// When the text is none.
pub fn period(text: &str) -> Result<Period> {
    let wrong = || Report::usage(format!("`{text}` is no period"), "write 30s, 5m, 2h, 1d or 1w");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return Err(wrong()),
    };
    let number: u64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| wrong())?;
    let length = number.checked_mul(seconds).map(Duration::from_secs).ok_or_else(wrong)?;
    Ok(Period { text: text.to_owned(), length })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods() {
        assert_eq!(period("90s").unwrap().length, Duration::from_secs(90));
        assert_eq!(period("1w").unwrap().length, Duration::from_secs(604_800));
        for wrong in ["", "m", "5", "5y", "-1m", "99999999999999999999d"] {
            assert!(period(wrong).is_err(), "{wrong}");
        }
    }
}
