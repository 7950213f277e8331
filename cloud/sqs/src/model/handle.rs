//! Receipt handles: which receipt of which message of which queue.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// What a handle says. Clients never look into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Handle {
    /// The queue's id.
    pub queue: i64,
    /// The message's place among all messages.
    pub message: i64,
    /// Which receipt it was: a number that no other receipt has.
    pub receipt: i64,
}

/// Bytes of the numbers, and of their checksum.
const NUMBERS: usize = 24;
const LENGTH: usize = NUMBERS + 4;

impl Handle {
    /// Reads a handle; `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = BASE64.decode(text).ok().filter(|bytes| bytes.len() == LENGTH)?;
        let (numbers, checksum) = bytes.split_at(NUMBERS);
        if crc32fast::hash(numbers).to_be_bytes() != checksum {
            return None;
        }
        let number = |index: usize| {
            let bytes = numbers.get(index * 8..index * 8 + 8)?;
            Some(i64::from_be_bytes(bytes.try_into().ok()?))
        };
        Some(Self { queue: number(0)?, message: number(1)?, receipt: number(2)? })
    }
}

impl std::fmt::Display for Handle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut bytes = Vec::with_capacity(LENGTH);
        for number in [self.queue, self.message, self.receipt] {
            bytes.extend(number.to_be_bytes());
        }
        bytes.extend(crc32fast::hash(&bytes).to_be_bytes());
        formatter.write_str(&BASE64.encode(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handle_is_read_back_and_nothing_else_is_one() {
        let handle = Handle { queue: 1, message: i64::MAX, receipt: -7 };
        let text = handle.to_string();
        assert_eq!(Handle::parse(&text), Some(handle));
        let mut wrong = BASE64.decode(&text).unwrap();
        wrong[3] ^= 1;
        for wrong in ["", "INVALID", &text[1..], &BASE64.encode(wrong)] {
            assert_eq!(Handle::parse(wrong), None, "{wrong}");
        }
    }
}
