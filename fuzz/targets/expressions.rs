//! DynamoDB's expressions, in the bodies of requests.
#![no_main]

libfuzzer_sys::fuzz_target!(|body: &str| slam_cloud_dynamodb::fuzzing::expressions(body));
