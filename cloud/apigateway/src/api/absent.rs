//! What an account has none of here, because creating one is refused. Tools ask before they change or delete an API.

use crate::ApiGateway;
use slam_cloud_core::{AwsResult, Context};
use slam_cloud_wire::apigateway as wire;
use std::sync::Arc;

/// Lists that are always empty.
macro_rules! none {
    ($($function:ident: $operation:ident -> $output:ident, $words:literal;)*) => {
        $(#[doc = $words]
        pub async fn $function(_: Arc<ApiGateway>, _: Context, _: wire::$operation) -> AwsResult<wire::$output> {
            Ok(wire::$output { items: Some(Vec::new()), ..wire::$output::default() })
        })*
    };
}

none! {
    vpc_links: GetVpcLinks -> VpcLinks, "Answers no links to private networks.";
    domain_names: GetDomainNames -> DomainNames, "Answers no domain names.";
    client_certificates: GetClientCertificates -> ClientCertificates, "Answers no client certificates.";
}
