//! slam-cloud-apigateway
