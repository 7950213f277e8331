//! slam-cloud-s3
