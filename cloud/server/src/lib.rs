//! slam-cloud-server
