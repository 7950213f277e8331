//! Projections: paths with commas between them.

use super::attributes::Attributes;
use super::faults::Faults;
use super::path::Path;
use super::token::Tokens;
use super::{path, size};

/// Reads a projection: its paths.
///
/// # Errors
/// AWS's words for what is wrong with it.
pub fn read(expression: &str, attributes: &mut Attributes) -> Result<Vec<Path>, String> {
    size(expression)?;
    let mut tokens = Tokens::of(expression);
    let mut faults = Faults::default();
    let mut paths = vec![path::read(&mut tokens, attributes, &mut faults)?];
    while tokens.sign(",") {
        paths.push(path::read(&mut tokens, attributes, &mut faults)?);
    }
    tokens.end()?;
    path::check_apart(&paths, &mut faults);
    faults.result().map(|()| paths)
}
