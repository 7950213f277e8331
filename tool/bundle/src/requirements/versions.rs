//! Which Pythons a lock is made for, as its tool writes it: `>=3.9,<4`, `^3.9`, `3.12`.

use regex::{Captures, Regex};
use std::sync::LazyLock;

/// More patch releases than a minor version gets.
const PATCHES: u32 = 40;

/// Whether a patch release of `python`, such as `3.13`, is among those that `constraint` allows.
///
/// Lambda decides the patch, so any that fits does. What is not a version allows all.
pub fn allows(constraint: &str, python: &str) -> bool {
    let [major, minor] = numbers(python)[..] else { return true };
    constraint.split("||").any(|clauses| (0..PATCHES).any(|patch| all_hold(clauses, [major, minor, patch])))
}

fn all_hold(clauses: &str, version: [u32; 3]) -> bool {
    static CLAUSE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"(\^|~=|~|===?|=|!=|<=|>=|<|>)?\s*(\d+(?:\.\d+)*)(\.\*)?[\w.+]*").expect("a constant expression")
    });
    CLAUSE.captures_iter(clauses).all(|clause| holds(&clause, version))
}

fn holds(clause: &Captures<'_>, version: [u32; 3]) -> bool {
    let named = numbers(&clause[2]);
    let least = [0, 1, 2].map(|index| named.get(index).copied().unwrap_or_default());
    let begins_as = |length: usize| version.iter().zip(named.iter().take(length)).all(|(one, other)| one == other);
    match clause.get(1).map_or("", |operator| operator.as_str()) {
        ">=" => version >= least,
        ">" => version > least,
        "<=" => version <= least,
        "<" => version < least,
        "!=" if clause.get(3).is_some() => !begins_as(named.len()),
        "!=" => version != least,
        "^" => version >= least && begins_as(1),
        "~" => version >= least && begins_as(2),
        "~=" => version >= least && begins_as(named.len().saturating_sub(1)),
        _ => begins_as(named.len()),
    }
}

fn numbers(version: &str) -> Vec<u32> {
    version.split('.').map_while(|number| number.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_of_all_tools_are_understood() {
        for (constraint, fits, does_not) in [
            (">=3.12", "3.12", "3.9"),
            (">=3.9,<3.13", "3.12", "3.13"),
            (">=3.12.4", "3.12", "3.11"),
            (">3.12", "3.12", "3.11"),
            ("<=3.12", "3.12", "3.13"),
            ("<3.14.0rc1", "3.13", "3.14"),
            ("==3.12.*", "3.12", "3.13"),
            (">=3.9, !=3.11.*", "3.12", "3.11"),
            ("~=3.10", "3.13", "3.9"),
            ("~=3.10.2", "3.10", "3.11"),
            ("~3.11", "3.11", "3.12"),
            ("^3.10", "3.13", "3.9"),
            (">=3.7 <3.12", "3.11", "3.12"),
            ("~3.9 || ^3.12", "3.13", "3.10"),
            ("3.11", "3.11", "3.12"),
            ("3.11.4", "3.11", "3.12"),
        ] {
            assert!(allows(constraint, fits), "{constraint} {fits}");
            assert!(!allows(constraint, does_not), "{constraint} {does_not}");
        }
        assert!(allows("*", "3.13") && allows("", "3.13"));
        assert!(allows("!=3.12.0", "3.12"));
    }
}
