//! slam-cloud-iam
