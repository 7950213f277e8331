//! slam-aws
