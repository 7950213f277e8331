//! slam
fn main() {}
