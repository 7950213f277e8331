//! The forms in which AWS writes moments in time.

use slam_cloud_core::Timestamp;
use slam_cloud_core::schema::TimestampFormat;

/// The text of a moment. The default format is that of forms and XML: ISO 8601.
pub fn format(format: TimestampFormat, moment: Timestamp) -> String {
    match format {
        TimestampFormat::Default | TimestampFormat::Iso8601 => iso8601(moment),
        TimestampFormat::Unix => moment.as_second().to_string(),
        TimestampFormat::Rfc822 => http_date(moment),
    }
}

/// A moment from text: ISO 8601, RFC 822 or seconds, whichever it is; clients mix them and AWS takes them all.
pub fn parse(format: TimestampFormat, text: &str) -> Option<Timestamp> {
    let text = text.trim();
    match format {
        TimestampFormat::Rfc822 => jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp()),
        TimestampFormat::Unix => from_seconds(text.parse().ok()?),
        TimestampFormat::Default | TimestampFormat::Iso8601 => text
            .parse::<Timestamp>()
            .ok()
            .or_else(|| jiff::fmt::rfc2822::parse(text).ok().map(|zoned| zoned.timestamp()))
            .or_else(|| from_seconds(text.parse().ok()?)),
    }
}

/// A moment from seconds since 1970, to the millisecond.
pub fn from_seconds(seconds: f64) -> Option<Timestamp> {
    let milliseconds = (seconds * 1000.0).round();
    if !milliseconds.is_finite() || milliseconds.abs() > i64::MAX as f64 {
        return None;
    }
    Timestamp::from_millisecond(milliseconds as i64).ok()
}

/// `2026-11-23T15:00:00.123Z`, with milliseconds always, as AWS's XML and most events have them.
pub fn iso8601(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

/// `2026-11-23T15:00:00Z`
pub fn iso8601_seconds(moment: Timestamp) -> String {
    moment.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// `Mon, 23 Nov 2026 15:00:00 GMT`, as HTTP headers have it.
pub fn http_date(moment: Timestamp) -> String {
    moment.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_read_and_written() {
        let moment = Timestamp::from_millisecond(1_795_446_000_120).unwrap();
        assert_eq!(format(TimestampFormat::Iso8601, moment), "2026-11-23T15:00:00.120Z");
        assert_eq!(format(TimestampFormat::Rfc822, moment), "Mon, 23 Nov 2026 15:00:00 GMT");
        assert_eq!(format(TimestampFormat::Unix, moment), "1795446000");
        for text in ["2026-11-23T15:00:00Z", "2026-11-23T16:00:00+01:00", "1795446000", "Mon, 23 Nov 2026 15:00:00 GMT"]
        {
            assert_eq!(parse(TimestampFormat::Default, text).unwrap().as_second(), 1_795_446_000, "{text}");
        }
        assert_eq!(parse(TimestampFormat::Default, "yesterday"), None);
        assert_eq!(from_seconds(f64::INFINITY), None);
    }
}
