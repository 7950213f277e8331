//! Packages of inline source.

use bytes::Bytes;
use slam_cloud_core::{AwsError, AwsResult};
use std::io::Write;
use zip::write::SimpleFileOptions;

/// Inline source becomes a package with one file, the same bytes for the same source.
pub(super) fn package(name: &str, source: &str) -> AwsResult<Bytes> {
    let pack = || -> zip::result::ZipResult<Vec<u8>> {
        let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .last_modified_time(zip::DateTime::default())
            .unix_permissions(0o644);
        archive.start_file(name, options)?;
        archive.write_all(source.as_bytes())?;
        Ok(archive.finish()?.into_inner())
    };
    pack().map(Bytes::from).map_err(AwsError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    #[test]
    fn inline_source_is_one_file_and_always_the_same_bytes() {
        let packed = package("index.py", "def handler(event, context): pass").unwrap();
        assert_eq!(packed, package("index.py", "def handler(event, context): pass").unwrap());
        let mut archive = zip::ZipArchive::new(std::io::Cursor::new(packed)).unwrap();
        let mut text = String::new();
        archive.by_name("index.py").unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "def handler(event, context): pass");
    }
}
