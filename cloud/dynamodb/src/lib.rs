//! slam-cloud-dynamodb
