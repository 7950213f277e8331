//! slam.yaml: anything is a project, or is told what is wrong with it.
#![no_main]

use slam_project::{Defaults, Project};
use std::path::Path;

libfuzzer_sys::fuzz_target!(|text: &str| {
    if let Err(error) = Project::parse(text, Path::new("slam.yaml"), &Defaults::default()) {
        // Errors show places in the text.
        let _ = error.to_string();
    }
});
