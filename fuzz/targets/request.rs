//! Bodies of requests in every protocol that is spoken here, read as every operation's input.
#![no_main]

use bytes::Bytes;
use slam_cloud_wire::protocol::{self, Voice};
use slam_cloud_wire::{apigateway, dynamodb, iam, lambda, logs, ssm};

libfuzzer_sys::fuzz_target!(|input: (u16, &str, &[u8])| {
    let (number, target, body) = input;
    let services =
        [&apigateway::SERVICE, &dynamodb::SERVICE, &iam::SERVICE, &lambda::SERVICE, &logs::SERVICE, &ssm::SERVICE];
    let service = services[usize::from(number) % services.len()];
    let operation = service.operations[usize::from(number) / services.len() % service.operations.len()];
    let Ok(request) = http::Request::builder().uri(target).body(()) else { return };
    let (head, ()) = request.into_parts();
    let voice = Voice::of(service);
    if let Ok(input) = protocol::decode(&voice, operation, &head, &Bytes::copy_from_slice(body)) {
        let _ = slam_cloud_wire::validate(&voice, operation, &input);
    }
});
