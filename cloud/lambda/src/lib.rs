//! slam-cloud-lambda
