//! slam-project
