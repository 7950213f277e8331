//! IAM's policy documents.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| slam_cloud_iam::fuzzing::policy(text));
