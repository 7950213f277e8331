//! The cloud's clock, which goes on at each start where the last process left it.

use crate::StartError;
use crate::data::DataFolder;
use slam_cloud_core::Clock;
use slam_cloud_core::clock::Anchor;
use std::io::ErrorKind;

/// Is there once the clock was faster than the machine's.
const FILE: &str = "clock.json";

/// The clock of the data folder at a scale.
pub(crate) fn of(folder: &DataFolder, scale: u32) -> Result<Clock, StartError> {
    let file = folder.join(FILE);
    let earlier: Option<Anchor> = match std::fs::read_to_string(&file) {
        Ok(text) => Some(serde_json::from_str(&text).map_err(|error| StartError::Damaged {
            file,
            reason: format!("{error}; delete it and the cloud's time is this machine's again, before what is stored"),
        })?),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(reason) => return Err(StartError::Folder { folder: file, reason }),
    };
    let clock = Clock::new(scale, earlier);
    if let Some(anchor) = clock.anchor() {
        folder.write(FILE, &serde_json::to_vec(&anchor).expect("times and a number are valid JSON"))?;
    }
    Ok(clock)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fast_clock_goes_on_after_a_restart() {
        let path = std::env::temp_dir().join(format!("slam-clock-{}", slam_cloud_core::id::request_id()));
        let folder = DataFolder::open(&path).unwrap();
        assert_eq!(of(&folder, 1).unwrap().anchor(), None);
        assert!(!folder.join(FILE).exists());
        let told = of(&folder, 3600).unwrap().now();
        for scale in [3600, 1] {
            let clock = of(&folder, scale).unwrap();
            assert!(clock.now() >= told && clock.scale() == scale);
        }
        std::fs::write(folder.join(FILE), "{").unwrap();
        assert!(matches!(of(&folder, 1), Err(StartError::Damaged { .. })));
        std::fs::remove_dir_all(path).unwrap();
    }
}
