//! Where AWS's services differ in what they enforce and how they say it.

/// How one service differs from the others. It hands this over when it is registered, so that the wire knows none.
#[derive(Debug)]
pub struct Dialect {}

impl Dialect {
    /// What most services do.
    pub const DEFAULT: Self = Self {};
}
