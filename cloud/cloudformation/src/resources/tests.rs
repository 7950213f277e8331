//! The table of types.

use super::all;
use crate::registry::is_known;
use std::collections::BTreeSet;
use std::path::Path;

/// The docs tell the types from the schemas' files, so each of these has its row.
#[test]
fn every_schema_is_read_by_a_row_of_its_own() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let files = folder.read_dir().unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let types = files.filter_map(|name| Some(name.strip_suffix(".json")?.replace('-', "::")));
    assert_eq!(types.collect::<BTreeSet<_>>(), all().map(|kind| kind.name().to_owned()).collect());
}

#[test]
fn every_type_is_aws_s_and_supports_what_its_schema_knows() {
    for kind in all() {
        assert!(is_known(kind.name()), "{}", kind.name());
        for property in kind.supported() {
            assert!(kind.schema().has_property(property), "{} has no property {property}", kind.name());
        }
    }
}
