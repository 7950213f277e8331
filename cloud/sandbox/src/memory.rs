//! The memory of a program and everything it started.

/// Memory in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Memory {
    /// Resident now. Pages that several processes of the group share are counted once.
    pub resident: u64,
    /// The most that was resident since the start.
    pub peak: u64,
    /// Whether there are more processes and threads than there may be, where the kernel does not see to it.
    pub crowded: bool,
}
