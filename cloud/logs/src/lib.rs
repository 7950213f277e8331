//! slam-cloud-logs
