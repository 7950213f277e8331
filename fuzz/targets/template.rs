//! CloudFormation's templates, JSON and YAML: read, and evaluated as a stack's creation does.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| slam_cloud_cloudformation::fuzzing::template(text));
