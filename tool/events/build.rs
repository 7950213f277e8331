//! Packs the samples into one compressed file: 127 of them are 290 KB as they lie in `samples/`, and 25 KB in the program.

use flate2::Compression;
use flate2::write::DeflateEncoder;
use serde_json::{Map, Value};
use std::error::Error;
use std::fs::{self, File};
use std::path::{Path, PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=samples");
    let mut sources = Map::new();
    for source in sorted(Path::new("samples"))?.into_iter().filter(|path| path.is_dir()) {
        let mut events = Map::new();
        for file in sorted(&source)? {
            let mut sample: Map<String, Value> = serde_json::from_str(&fs::read_to_string(&file)?)?;
            // For whoever reads the samples.
            sample.retain(|key, _| key != "licence" && key != "evidence");
            events.insert(stem(&file), sample.into());
        }
        sources.insert(stem(&source), events.into());
    }
    let packed = Path::new(&std::env::var("OUT_DIR")?).join("samples.json.deflate");
    let mut file = DeflateEncoder::new(File::create(packed)?, Compression::best());
    serde_json::to_writer(&mut file, &sources)?;
    file.finish()?;
    Ok(())
}

/// What lies in a folder, by name: the same samples make the same file everywhere.
fn sorted(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    paths.sort();
    Ok(paths)
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
}
