//! Times, as slam.yaml says them: `5s`, `10m`, `12h`, `7d`.

use super::Reading;
use crate::yaml::Node;
use std::ops::RangeInclusive;

const UNITS: [(char, u32); 4] = [('s', 1), ('m', 60), ('h', 3600), ('d', 86_400)];

/// The seconds that a value says. One out of bounds is an error that says them.
pub(super) fn seconds(reading: &mut Reading<'_>, node: &Node, bounds: RangeInclusive<u32>) -> Option<u32> {
    let text = node.text().unwrap_or_default();
    let Some(seconds) = parsed(text) else {
        reading
            .error(node, format!("`{text}` is no length of time"))
            .hints
            .push("write seconds, minutes, hours or days: `30s`, `5m`, `12h`, `7d`".to_owned());
        return None;
    };
    if !bounds.contains(&seconds) {
        let (least, most) = (written(*bounds.start()), written(*bounds.end()));
        reading.error(node, format!("`{text}` is out of bounds: AWS takes {least} to {most} here"));
    }
    Some(seconds)
}

/// The value of an entry, where it is given.
pub(super) fn of(reading: &mut Reading<'_>, section: &Node, key: &str, bounds: RangeInclusive<u32>) -> Option<u32> {
    section.get(key).and_then(|node| seconds(reading, node, bounds))
}

fn parsed(text: &str) -> Option<u32> {
    UNITS.iter().find_map(|(unit, seconds)| {
        let number = text.strip_suffix(*unit)?;
        let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        number.parse::<u32>().ok().filter(|_| is_number)?.checked_mul(*seconds)
    })
}

/// A time in the largest unit that it is a whole number of.
fn written(seconds: u32) -> String {
    let fits = |(_, unit): &&(char, u32)| seconds != 0 && seconds.is_multiple_of(*unit);
    let (name, unit) = UNITS.iter().rev().find(fits).unwrap_or(&UNITS[0]);
    format!("{}{name}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_and_written() {
        for (text, expected) in
            [("5s", Some(5)), ("5m", Some(300)), ("12h", Some(43_200)), ("14d", Some(1_209_600)), ("0s", Some(0))]
        {
            assert_eq!(parsed(text), expected);
            assert_eq!(expected.map(written).as_deref(), Some(text));
        }
        for text in ["", "5", "s", "-1s", "+1s", "1.5h", "5 s", "99999999999s", "99999999d", "1w"] {
            assert_eq!(parsed(text), None, "{text}");
        }
        assert_eq!(written(90), "90s");
    }
}
