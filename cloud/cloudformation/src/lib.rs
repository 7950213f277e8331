//! slam-cloud-cloudformation
