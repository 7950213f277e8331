//! Zip files of Lambda functions: unpacked to a folder, which nothing may leave.
#![no_main]

libfuzzer_sys::fuzz_target!(|zip: &[u8]| {
    let Ok(folder) = tempfile::tempdir() else { return };
    slam_cloud_lambda::fuzzing::package(zip, &folder.path().join("in/unpacked"));
    let outside = std::fs::read_dir(folder.path()).into_iter().flatten().flatten();
    assert!(outside.map(|entry| entry.file_name()).all(|name| name == "in"), "something was written outside");
});
