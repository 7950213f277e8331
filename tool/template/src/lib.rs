//! slam-template
