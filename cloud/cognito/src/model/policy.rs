//! Which passwords a pool allows.
//! <https://docs.aws.amazon.com/cognito/latest/developerguide/managing-users-passwords.html>

use crate::error::{invalid_parameter, invalid_password};
use slam_cloud_core::AwsResult;
use slam_cloud_wire::cognito as wire;

/// The characters that count as symbols, beside blanks within.
const SYMBOLS: &str = "^$*.[]{}()?-\"!@#%&/\\,><':;|_~`=+";
/// The longest password.
const LONGEST: usize = 256;

/// A pool's rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    length: i64,
    upper: bool,
    lower: bool,
    numbers: bool,
    symbols: bool,
    /// How many days a temporary password is good.
    pub temporary_days: Option<i64>,
}

impl Policy {
    /// What a pool was asked for. Without any, it is that of the console: eight characters, of every kind.
    pub fn of(settings: &wire::CreateUserPool) -> Self {
        match settings.policies.as_ref().and_then(|policies| policies.password_policy.as_ref()) {
            None => Self { length: 8, upper: true, lower: true, numbers: true, symbols: true, temporary_days: None },
            Some(policy) => Self {
                length: policy.minimum_length.unwrap_or(6),
                upper: policy.require_uppercase.unwrap_or(false),
                lower: policy.require_lowercase.unwrap_or(false),
                numbers: policy.require_numbers.unwrap_or(false),
                symbols: policy.require_symbols.unwrap_or(false),
                temporary_days: policy.temporary_password_validity_days.filter(|days| *days > 0),
            },
        }
    }

    /// As DescribeUserPool tells it.
    pub fn shape(&self) -> wire::UserPoolPolicyType {
        let policy = wire::PasswordPolicyType {
            minimum_length: Some(self.length),
            require_uppercase: Some(self.upper),
            require_lowercase: Some(self.lower),
            require_numbers: Some(self.numbers),
            require_symbols: Some(self.symbols),
            temporary_password_validity_days: Some(self.temporary_days.unwrap_or(7)),
            ..Default::default()
        };
        wire::UserPoolPolicyType { password_policy: Some(policy), ..Default::default() }
    }

    /// Checks a password.
    ///
    /// # Errors
    /// The first rule that it breaks.
    pub fn check(&self, password: &str) -> AwsResult<()> {
        let length = password.chars().count();
        if length > LONGEST {
            return Err(invalid_parameter(format!("A password has at most {LONGEST} characters")));
        }
        let has = |kind: fn(char) -> bool| password.chars().any(kind);
        let is_long = i64::try_from(length).unwrap_or(i64::MAX) >= self.length;
        let broken = [
            (is_long, "Password not long enough"),
            (!self.upper || has(|c| c.is_ascii_uppercase()), "Password must have uppercase characters"),
            (!self.lower || has(|c| c.is_ascii_lowercase()), "Password must have lowercase characters"),
            (!self.numbers || has(|c| c.is_ascii_digit()), "Password must have numeric characters"),
            (!self.symbols || has(|c| SYMBOLS.contains(c)), "Password must have symbol characters"),
        ];
        broken.iter().find(|(holds, _)| !holds).map_or(Ok(()), |(_, what)| Err(invalid_password(what)))
    }

    /// A password that it allows, for whoever gets none from an administrator.
    ///
    /// # Errors
    /// When the kernel's random generator cannot be read.
    pub fn make(&self) -> Result<String, getrandom::Error> {
        use slam_cloud_core::id::chosen;
        let rest = usize::try_from(self.length).unwrap_or(8).max(12) - 4;
        let kinds = ["ABCDEFGHIJKLMNOPQRSTUVWXYZ", "abcdefghijklmnopqrstuvwxyz", "0123456789", "!@#%&*-_"];
        let one_each = kinds.iter().map(|kind| chosen(kind.as_bytes(), 1)).collect::<Result<String, _>>()?;
        Ok(format!("{one_each}{}", chosen(kinds[1].as_bytes(), rest)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_rule_that_is_broken_is_told() {
        let check = |password: &str, expected: &str| {
            let policy = Policy::of(&wire::CreateUserPool::default());
            let said = policy.check(password).map_or_else(|error| error.message, |()| "fine".to_owned());
            assert_eq!(said.trim_start_matches("Password did not conform with policy: "), expected, "{password}");
        };
        check("Aa1!aaaa", "fine");
        check("Aa1!aaa", "Password not long enough");
        check("aa1!aaaa", "Password must have uppercase characters");
        check("AA1!AAAA", "Password must have lowercase characters");
        check("Aaa!aaaa", "Password must have numeric characters");
        check("Aa11aaaa", "Password must have symbol characters");
        let made = Policy::of(&wire::CreateUserPool::default()).make().unwrap();
        check(&made, "fine");
    }
}
