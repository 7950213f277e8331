//! slam-bundle
