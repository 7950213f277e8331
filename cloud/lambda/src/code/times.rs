//! The times of unpacked files and folders: those of the zip file, as on AWS. The format knows no time zones; Lambda's is
//! UTC.

use jiff::civil;
use jiff::tz::TimeZone;
use std::fs::{File, FileTimes};
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// The time of an entry; `None` if it has none that a calendar knows.
pub(super) fn of(entry: Option<zip::DateTime>) -> Option<SystemTime> {
    let entry = entry?;
    let [month, day, hour, minute, second] =
        [entry.month(), entry.day(), entry.hour(), entry.minute(), entry.second()].map(|part| i8::try_from(part).ok());
    let date = civil::Date::new(i16::try_from(entry.year()).ok()?, month?, day?).ok()?;
    let time = civil::Time::new(hour?, minute?, second?, 0).ok()?;
    let seconds = TimeZone::UTC.to_timestamp(date.to_datetime(time)).ok()?.as_second();
    Some(SystemTime::UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).ok()?))
}

/// Gives a file that is open its time.
pub(super) fn set(file: &File, time: SystemTime) -> io::Result<()> {
    file.set_times(FileTimes::new().set_accessed(time).set_modified(time))
}

/// Gives a folder its time.
pub(super) fn set_folder(folder: &Path, time: SystemTime) -> io::Result<()> {
    set(&File::open(folder)?, time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(date: u16, time: u16, expected: Option<&str>) {
        let found = of(zip::DateTime::try_from_msdos(date, time).ok());
        let seconds = found.map(|found| found.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs());
        let found =
            seconds.map(|seconds| jiff::Timestamp::from_second(seconds.try_into().unwrap()).unwrap().to_string());
        assert_eq!(found.as_deref(), expected);
    }

    #[test]
    fn times_are_those_of_the_zip_file() {
        check((40 << 9) | (1 << 5) | 2, (3 << 11) | (4 << 5) | 3, Some("2020-01-02T03:04:06Z"));
        check((1 << 5) | 1, 0, Some("1980-01-01T00:00:00Z"));
        check((127 << 9) | (12 << 5) | 31, (23 << 11) | (59 << 5) | 29, Some("2107-12-31T23:59:58Z"));
        // What some tools write when they know of no time, and a day that no calendar has.
        check(0, 0, None);
        check((40 << 9) | (2 << 5) | 31, 0, None);
    }
}
