//! slam-cloud-sandbox
