//! EventBridge.

mod api_destination;
mod archive;
mod connection;
mod event_bus;
mod event_bus_policy;
mod rule;

use super::types::Service;
use api_destination::ApiDestination;
use archive::Archive;
use connection::Connection;
use event_bus::EventBus;
use event_bus_policy::EventBusPolicy;
use rule::Rule;

/// What can be deployed of it.
pub(super) const SERVICE: Service = Service {
    gone: &["ResourceNotFoundException"],
    types: &[
        (include_str!("../../../schemas/AWS-Events-ApiDestination.json"), &ApiDestination),
        (include_str!("../../../schemas/AWS-Events-Archive.json"), &Archive),
        (include_str!("../../../schemas/AWS-Events-Connection.json"), &Connection),
        (include_str!("../../../schemas/AWS-Events-EventBus.json"), &EventBus),
        (include_str!("../../../schemas/AWS-Events-EventBusPolicy.json"), &EventBusPolicy),
        (include_str!("../../../schemas/AWS-Events-Rule.json"), &Rule),
    ],
};
