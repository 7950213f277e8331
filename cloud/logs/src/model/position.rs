//! Places in the order of events, and the tokens and ids that stand for them.

/// Where an event stands: by its timestamp, then by the order of arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// The event's timestamp in milliseconds.
    pub timestamp: i64,
    /// The event's id, greater for later arrivals.
    pub id: i64,
}

/// Which way a token leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// To later events: `f/…`.
    Forward,
    /// To earlier events: `b/…`.
    Backward,
}

impl Position {
    /// Before every event.
    pub const START: Self = Self { timestamp: 0, id: 0 };
    /// After every event.
    pub const END: Self = Self { timestamp: i64::MAX, id: i64::MAX };

    /// Just before all events of a timestamp.
    pub fn before(timestamp: i64) -> Self {
        Self { timestamp, id: 0 }
    }

    /// The 56 digits by which AWS names an event.
    pub fn digits(self) -> String {
        format!("3{:019}{:019}{:017}", self.timestamp, self.id, 0)
    }

    /// A token that continues from here.
    pub fn token(self, direction: Direction) -> String {
        let letter = match direction {
            Direction::Forward => 'f',
            Direction::Backward => 'b',
        };
        format!("{letter}/{}/s", self.digits())
    }

    /// Reads a token; `None` when it is none of ours.
    pub fn of_token(token: &str) -> Option<(Direction, Self)> {
        let (direction, rest) = match token.split_once('/')? {
            ("f", rest) => (Direction::Forward, rest),
            ("b", rest) => (Direction::Backward, rest),
            _ => return None,
        };
        let digits = rest.strip_suffix("/s").unwrap_or(rest);
        if digits.len() != 56 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some((direction, Self { timestamp: digits[1..20].parse().ok()?, id: digits[20..39].parse().ok()? }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_back_to_its_place() {
        let place = Position { timestamp: 1_763_000_000_123, id: 1_848_640_000_000_000_001 };
        for direction in [Direction::Forward, Direction::Backward] {
            assert_eq!(Position::of_token(&place.token(direction)), Some((direction, place)));
        }
        assert_eq!(place.digits().len(), 56);
    }

    #[test]
    fn what_is_no_token_is_none() {
        for text in ["", "f/", "x/1", "f/31132", "invalid-token", &format!("f/{}", "9".repeat(56))] {
            assert_eq!(Position::of_token(text), None, "{text}");
        }
    }
}
