//! What AWS allows, and what the user does, checked before anything is uploaded.

use crate::{BundleError, Dependency, MAX_UNZIPPED_BYTES};

/// How many are named when a package is too large.
const NAMED: usize = 10;

/// An error when `bytes` are more than Lambda allows, that names what takes the space.
pub fn check_unzipped(bytes: u64, parts: &[Dependency]) -> Result<(), BundleError> {
    if bytes <= MAX_UNZIPPED_BYTES {
        return Ok(());
    }
    Err(BundleError::TooLarge { bytes, biggest: biggest(parts, |part| part.bytes) })
}

/// An error when the zip is larger than `package.budget`.
pub fn check_budget(size: u64, budget: Option<u64>, parts: &[Dependency]) -> Result<(), BundleError> {
    match budget {
        Some(budget) if size > budget => {
            let mut biggest = biggest(parts, |part| part.zipped_bytes);
            for part in &mut biggest {
                part.bytes = part.zipped_bytes;
            }
            Err(BundleError::OverBudget { bytes: size, budget, biggest })
        }
        _ => Ok(()),
    }
}

fn biggest(parts: &[Dependency], size: impl Fn(&Dependency) -> u64) -> Vec<Dependency> {
    let mut biggest = parts.to_vec();
    biggest.sort_by(|one, other| size(other).cmp(&size(one)).then_with(|| one.name.cmp(&other.name)));
    biggest.truncate(NAMED);
    biggest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(name: &str, bytes: u64) -> Dependency {
        Dependency {
            name: name.to_owned(),
            version: "1".to_owned(),
            bytes,
            zipped_bytes: bytes / 2,
            from_source: false,
        }
    }

    #[test]
    fn too_large_names_the_largest() {
        let error = check_unzipped(MAX_UNZIPPED_BYTES + 1, &[part("small", 1), part("large", 200 << 20)]);
        assert_eq!(
            error.expect_err("too large").to_string(),
            "the package is too large: 250.0 MB unzipped, and AWS Lambda allows 250.0 MB\n   200.0 MB  large 1\n     0.0 MB  small 1"
        );
        assert!(check_unzipped(MAX_UNZIPPED_BYTES, &[]).is_ok());
    }

    #[test]
    fn a_budget_is_kept() {
        assert!(check_budget(2 << 20, None, &[]).is_ok());
        assert!(check_budget(2 << 20, Some(2 << 20), &[]).is_ok());
        let error = check_budget(3 << 20, Some(2 << 20), &[part("large", 4 << 20)]).expect_err("over");
        assert_eq!(
            error.to_string(),
            "the package is larger than its budget: 3.0 MB zipped, and `package.budget` is 2.0 MB\n     2.0 MB  large 1"
        );
    }
}
