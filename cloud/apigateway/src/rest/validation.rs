//! What a request validator checks before the integration is called.
//!
//! AWS: "Use request validation in API Gateway".

use super::exchange::Exchange;
use super::gateway_response::GatewayResponse;

/// Checks what the method's validator asks for.
pub fn check(exchange: &Exchange<'_>) -> Result<(), GatewayResponse> {
    let missing: Vec<String> = exchange
        .method
        .required
        .iter()
        .filter(|(source, _)| source.of_request(exchange).iter().all(String::is_empty))
        .map(|(_, name)| name.clone())
        .collect();
    if !missing.is_empty() {
        return Err(GatewayResponse::MissingParameters(missing));
    }
    match &exchange.method.body {
        Some(validator) => validator.check(&exchange.request.media_type(), &exchange.request.body),
        None => Ok(()),
    }
}
