//! What every service of the embedded cloud stands on, and nothing of any one service.
//!
//! - [`context`], [`principal`], [`arn`]: who calls, from where, and how AWS names things.
//! - [`schema`], [`value`], [`mod@shape`]: the vocabulary in which the generated shapes and the wire codecs meet.
//! - [`door`]: the one door. Every operation, from the wire or from another service, goes through [`Cloud::call`].
//! - [`door::registry`]: where services hang up their operations. [`service`]: what else the process asks of them.
//! - [`access`], [`credential`]: what the door asks about each call before it lets it through, and who knows the keys.
//! - [`observer`]: who is told of calls and denials.
//! - [`plane`], [`request_body`], [`ports`]: who answers which requests, and where they come in.
//! - [`dialect`]: where services differ in what they enforce and how they say it.
//! - [`stream`]: what is answered piece by piece. [`room`]: the memory that bodies share.
//! - [`store`], [`collection`]: durable state in one SQLite file. [`durability`]: what it and files beside it survive.
//! - [`error`], [`id`], [`settings`]: AWS's errors, identifiers, and what the process was started with.
//! - [`clock`]: the time, which tests may make faster. [`hangup`]: clients that go before they are answered.
//! - [`java`]: Java's regular expressions, in which AWS reads patterns.

pub mod access;
pub mod arn;
pub mod clock;
pub mod collection;
pub mod context;
pub mod credential;
pub mod dialect;
pub mod door;
pub mod durability;
pub mod error;
pub mod hangup;
pub mod id;
pub mod java;
pub mod observer;
pub mod plane;
pub mod ports;
pub mod principal;
pub mod request_body;
pub mod room;
pub mod schema;
pub mod service;
pub mod settings;
pub mod shape;
pub mod store;
pub mod stream;
pub mod value;

pub use access::{Access, Authorizer, Denial};
pub use arn::Arn;
pub use clock::Clock;
pub use collection::Collection;
pub use context::{Context, Session};
pub use credential::{Credential, RootKey, Token};
pub use door::Cloud;
pub use door::registry::{self, Operations, Registry};
pub use durability::Durability;
pub use error::{AwsError, AwsResult};
pub use observer::Observer;
pub use principal::Principal;
pub use schema::{OperationModel, ServiceModel};
pub use service::Service;
pub use settings::Settings;
pub use shape::{Operation, Shape};
pub use store::{Store, StoreError};
pub use stream::{Body, EventStream};
pub use value::Value;

/// A moment in time, as shapes and models carry it.
pub type Timestamp = jiff::Timestamp;
