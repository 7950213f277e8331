//! Regular expressions in Java's language, as AWS's models and templates have them. The first line is the pattern.
#![no_main]

use slam_cloud_core::java::Pattern;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (pattern, value) = text.split_once('\n').unwrap_or((text, ""));
    if let Ok(pattern) = Pattern::whole(pattern) {
        let _ = pattern.is_match(value);
    }
});
