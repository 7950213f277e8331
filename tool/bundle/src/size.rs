//! Sizes, for people.

/// "2.1 MB"
#[must_use]
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{:.0} kB", bytes as f64 / 1e3),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_short() {
        for (bytes, expected) in [(12, "12 B"), (3_400, "3 kB"), (2_100_000, "2.1 MB")] {
            assert_eq!(size(bytes), expected);
        }
    }
}
