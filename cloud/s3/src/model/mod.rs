//! Domain types.

pub mod acl;
pub mod bucket;
pub mod checksum;
pub mod conditions;
pub mod lifecycle;
pub mod notification;
pub mod object;
pub mod policy;
pub mod tags;
