//! How often functions ran in a chain of requests: what Lambda adds to trace headers to find recursive loops.
//! <https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html>
//!
//! `Root=1-68c563c1-1c676b964b597a606c1dfd90;Parent=713749d60fdfaa5e;Sampled=0;Lineage=1:283dea05:0` is what functions on AWS see:
//! each function of the chain with a short hash and the times that it ran before. SDKs hand the header on with each request that
//! they make within a function, and the services that AWS names (SQS, SNS, S3 and Lambda) hand it on to the functions that they
//! invoke. AWS does not say what it makes of several functions; here they follow each other.

use sha2::{Digest, Sha256};

/// "Approximately 16 times": the next invocation is not made.
pub const MOST: u32 = 16;
/// Functions of a chain that are remembered: a header is short, and a loop is found by any of its functions.
const FUNCTIONS: usize = 16;
const NAME: &str = "Lineage=";

/// The header with an invocation of the function of this ARN, and how often it ran before.
pub fn invoked(header: &str, function: &str) -> (String, u32) {
    let hash = short(function);
    let mut chain = chain(header);
    let before = chain.iter_mut().find(|(name, _)| *name == hash);
    let times = match before {
        Some((_, count)) => {
            *count = count.saturating_add(1);
            *count
        }
        None => {
            chain.push((hash, 0));
            0
        }
    };
    (with(header, &chain), times)
}

/// A header for an invocation with what came by several: the chain in which its functions ran most often.
pub fn joined<'h>(header: &str, others: impl Iterator<Item = &'h str>) -> String {
    let mut all: Vec<(String, u32)> = Vec::new();
    for (name, count) in others.flat_map(chain) {
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some((_, most)) => *most = (*most).max(count),
            None => all.push((name, count)),
        }
    }
    if all.is_empty() { header.to_owned() } else { with(header, &all) }
}

/// SDKs write a `|` as `%7C`.
fn chain(header: &str) -> Vec<(String, u32)> {
    let mut parts = header.split(';').filter_map(|part| part.trim().strip_prefix(NAME));
    let text = parts.next_back().unwrap_or_default().replace("%7C", "|");
    let entries = text.split('|').filter_map(|entry| {
        let (name, count) = entry.rsplit_once(':')?;
        let name = name.rsplit(':').next()?;
        Some((name.to_owned(), count.parse().ok()?))
    });
    entries.collect()
}

fn with(header: &str, chain: &[(String, u32)]) -> String {
    let others: Vec<&str> = header.split(';').filter(|part| !part.trim().starts_with(NAME)).collect();
    let chain = &chain[chain.len().saturating_sub(FUNCTIONS)..];
    let chain: Vec<String> = chain.iter().map(|(name, count)| format!("1:{name}:{count}")).collect();
    format!("{};{NAME}{}", others.join(";"), chain.join("|"))
}

fn short(function: &str) -> String {
    Sha256::digest(function.as_bytes())[..4].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_invocation_is_counted_by_its_function() {
        let (mut header, times) = invoked("Root=1-2;Sampled=0", "a");
        assert_eq!((header.as_str(), times), ("Root=1-2;Sampled=0;Lineage=1:ca978112:0", 0));
        for round in 1..=20 {
            let other = invoked(&header, "b");
            assert_eq!(other.1, round - 1);
            let own = invoked(&other.0.replace('|', "%7C"), "a");
            assert_eq!(own.1, round);
            header = own.0;
        }
        assert_eq!(header, "Root=1-2;Sampled=0;Lineage=1:ca978112:20|1:3e23e816:19");
    }

    #[test]
    fn headers_of_others_are_read_as_they_come() {
        // As seen on AWS: without and with a number before the hash.
        assert_eq!(chain("Root=1;Lineage=aae260cf:0|74085691:3"), [("aae260cf".into(), 0), ("74085691".into(), 3)]);
        assert_eq!(chain("Root=1;Sampled=0;Lineage=2:a87bd80c:1"), [("a87bd80c".into(), 1)]);
        assert_eq!(chain("Root=1;Lineage=;Lineage=x;Lineage=a:b"), []);
        assert_eq!(invoked("nonsense", "a").0, "nonsense;Lineage=1:ca978112:0");
    }

    #[test]
    fn several_headers_become_one() {
        let others = ["Root=1;Lineage=1:a:3|1:b:0", "Root=2;Lineage=1:a:1", "Root=3"];
        assert_eq!(joined("Root=9", others.into_iter()), "Root=9;Lineage=1:a:3|1:b:0");
        assert_eq!(joined("Root=9", ["Root=3"].into_iter()), "Root=9");
    }

    #[test]
    fn a_long_chain_forgets_its_beginning() {
        let header = (0..40).fold("Root=1".to_owned(), |header, number| invoked(&header, &number.to_string()).0);
        assert_eq!(chain(&header).len(), FUNCTIONS);
    }
}
