//! API Gateway's mapping templates (VTL) and the JSON paths in them. The first line is the body that they are given.
#![no_main]

libfuzzer_sys::fuzz_target!(|text: &str| {
    let (body, template) = text.split_once('\n').unwrap_or(("", text));
    slam_cloud_apigateway::fuzzing::mapping_template(template, body);
});
