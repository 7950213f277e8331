//! Memory that bodies share, so that all of them together are bounded.

use bytes::Bytes;
use tokio::sync::{AcquireError, Semaphore, SemaphorePermit, TryAcquireError};

/// What is taken is counted in units of this many bytes; what is smaller is not.
const UNIT: usize = 16 * 1024;

/// How much bodies of one kind may take together.
pub struct Room {
    free: Semaphore,
}

/// What one body has taken.
#[derive(Default)]
pub struct Taken {
    units: Option<SemaphorePermit<'static>>,
}

impl Room {
    /// Room for this many bytes.
    pub const fn new(bytes: usize) -> Self {
        Self { free: Semaphore::const_new(bytes / UNIT) }
    }

    /// Takes what is lacking for `length` bytes in all, and waits until it is there.
    ///
    /// # Errors
    /// None: rooms are not closed.
    pub async fn take(&'static self, taken: &mut Taken, length: u64) -> Result<(), AcquireError> {
        let lacking = taken.lacking(length);
        if lacking > 0 {
            taken.add(self.free.acquire_many(lacking).await?);
        }
        Ok(())
    }

    /// Room for `length` bytes.
    ///
    /// # Errors
    /// When there is not enough now.
    pub fn try_take(&'static self, length: u64) -> Result<Taken, TryAcquireError> {
        let mut taken = Taken::default();
        let lacking = taken.lacking(length);
        if lacking > 0 {
            taken.add(self.free.try_acquire_many(lacking)?);
        }
        Ok(taken)
    }
}

impl Taken {
    /// How many units are lacking for so many bytes. Nothing is larger than what the counter can tell.
    fn lacking(&self, length: u64) -> u32 {
        let held = self.units.as_ref().map_or(0, SemaphorePermit::num_permits) as u64;
        u32::try_from((length / UNIT as u64).saturating_sub(held)).unwrap_or(u32::MAX)
    }

    fn add(&mut self, more: SemaphorePermit<'static>) {
        match &mut self.units {
            Some(units) => units.merge(more),
            None => self.units = Some(more),
        }
    }

    /// The bytes, which have this room as long as a part of them is kept.
    pub fn hold(self, bytes: Bytes) -> Bytes {
        match self.units {
            Some(units) => Bytes::from_owner(Held { bytes, _units: units }),
            None => bytes,
        }
    }
}

/// Bytes with their room.
struct Held {
    bytes: Bytes,
    _units: SemaphorePermit<'static>,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}
