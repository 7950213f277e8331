//! slam-stack
