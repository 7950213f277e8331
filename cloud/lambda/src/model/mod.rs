//! What Lambda keeps: functions with their versions, aliases, policies, URLs and settings, layers, and event source mappings.

pub mod alias;
pub mod checkpoint;
pub mod code;
pub mod configuration;
pub mod event_config;
pub mod function;
pub mod layer;
pub mod limits;
pub mod lineage;
pub mod mapping;
pub mod name;
pub mod policy;
pub mod runtime;
pub mod trace;
pub mod url;

pub use alias::Alias;
pub use code::Code;
pub use event_config::EventConfig;
pub use function::{Function, Version};
pub use layer::{AttachedLayer, Layer, LayerName, LayerVersion};
pub use mapping::Mapping;
pub use name::FunctionName;
pub use policy::Policy;
pub use url::FunctionUrl;
