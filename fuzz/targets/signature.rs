//! What signs a request: SigV4 in a header or the query, and version 2 in the query. A line each: method, path, headers.
#![no_main]

use slam_cloud_wire::{sigv2, sigv4};

libfuzzer_sys::fuzz_target!(|text: &str| {
    let mut lines = text.lines();
    let mut request = http::Request::builder()
        .method(lines.next().unwrap_or_default())
        .uri(lines.next().unwrap_or_default());
    for (name, value) in lines.filter_map(|line| line.split_once(':')) {
        request = request.header(name, value.trim());
    }
    let Ok(request) = request.body(()) else { return };
    let (head, ()) = request.into_parts();
    let now = slam_cloud_core::Timestamp::UNIX_EPOCH;
    if let Ok(Some(presented)) = sigv4::Presented::of(&head) {
        let _ = sigv4::verify(&presented, "secret", &head, sigv4::UNSIGNED_PAYLOAD, presented.signed_at);
        let _ = sigv4::verify(&presented, "secret", &head, sigv4::UNSIGNED_PAYLOAD, now);
    }
    if let Some(presented) = sigv2::Presented::of(&head) {
        let _ = presented.verify("secret", &head, now);
    }
});
