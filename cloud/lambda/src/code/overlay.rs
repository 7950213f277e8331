//! The folder that plays `/opt`: a function's layers, put over each other in their order.

use super::{CodeStore, Hold, beside, blocking, failed, links, put_in_place, times};
use crate::error::invalid_parameter;
use crate::model::AttachedLayer;
use crate::model::layer::set;
use slam_cloud_core::{AwsResult, Durability};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

impl CodeStore {
    /// The extension that a layer has, if it has one.
    ///
    /// # Errors
    /// When it cannot be unpacked again, if need be.
    pub async fn extension(&self, layer: &str) -> AwsResult<Option<String>> {
        self.unpack_again(layer).await?;
        let folder = self.folder(layer);
        blocking(move || Ok(extension(&folder))).await
    }

    /// The folder that plays `/opt` for a function with these layers, made if there is none yet; `None` without
    /// layers. It stays as long as the hold is kept.
    ///
    /// # Errors
    /// When it cannot be made.
    pub async fn opt(&self, layers: &[AttachedLayer]) -> AwsResult<Option<(PathBuf, Hold)>> {
        let Some(set) = set(layers) else { return Ok(None) };
        let hold = self.hold(&set);
        let folder = self.folder(&set);
        let _layers: Vec<Hold> = layers.iter().map(|layer| self.hold(&layer.code.hash)).collect();
        for layer in layers {
            self.unpack_again(&layer.code.hash).await?;
        }
        if layers.len() > 1 {
            let sources: Vec<PathBuf> = layers.iter().map(|layer| self.folder(&layer.code.hash)).collect();
            let (folder, durability) = (folder.clone(), self.durability);
            blocking(move || overlay(&sources, &folder, durability)).await?;
        }
        Ok(Some((self.sealed(folder).await?, hold)))
    }
}

/// The first file in a layer's folder `extensions`: a program that Lambda would start beside the runtime
/// (<https://docs.aws.amazon.com/lambda/latest/dg/extensions-configuration.html>).
fn extension(layer: &Path) -> Option<String> {
    let entries = fs::read_dir(layer.join("extensions")).into_iter().flatten().flatten();
    let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| !kind.is_dir()));
    files.map(|entry| entry.file_name().to_string_lossy().into_owned()).min()
}

/// Makes `folder` of the files of all `layers`, of the last one that has each. They are not copied but linked.
fn overlay(layers: &[PathBuf], folder: &Path, durability: Durability) -> AwsResult<()> {
    if folder.is_dir() {
        return Ok(());
    }
    let beside = beside(folder);
    let made = laid(layers, &beside).and_then(|()| {
        durability.keep_tree(&beside).map_err(failed)?;
        match put_in_place(&beside, folder, durability) {
            // Another environment has made the same meanwhile.
            Err(_) if folder.is_dir() => Ok(()),
            renamed => renamed.map_err(failed),
        }
    });
    // Gone after a successful rename.
    let _ = fs::remove_dir_all(&beside);
    made
}

fn laid(layers: &[PathBuf], folder: &Path) -> AwsResult<()> {
    fs::create_dir(folder).map_err(failed)?;
    layers.iter().try_for_each(|layer| lay_over(layer, folder)).map_err(failed)?;
    // The links of each layer stay in it, and may still lead out by those of another.
    let links = links::of_folder(folder).map_err(failed)?;
    match links::leading_out(&links) {
        Some(link) => Err(invalid_parameter(format!(
            "The link {} in one layer leads outside of the layers by links of another: remove it",
            link.display()
        ))),
        None => Ok(()),
    }
}

/// Puts one layer over what is there. Links are never followed: what they lead to may belong to another layer.
fn lay_over(layer: &Path, folder: &Path) -> io::Result<()> {
    let mut folders = vec![(layer.to_owned(), folder.to_owned())];
    let mut filled = Vec::new();
    while let Some((from, to)) = folders.pop() {
        for entry in fs::read_dir(&from)? {
            let entry = entry?;
            let (source, target, kind) = (entry.path(), to.join(entry.file_name()), entry.file_type()?);
            let present = fs::symlink_metadata(&target).ok();
            if kind.is_dir() {
                if !present.as_ref().is_some_and(fs::Metadata::is_dir) {
                    present.map_or(Ok(()), |_| fs::remove_file(&target))?;
                    fs::create_dir(&target)?;
                }
                folders.push((source, target));
                continue;
            }
            match present {
                Some(present) if present.is_dir() => fs::remove_dir_all(&target)?,
                Some(_) => fs::remove_file(&target)?,
                None => {}
            }
            if kind.is_symlink() {
                std::os::unix::fs::symlink(fs::read_link(&source)?, &target)?;
            } else {
                fs::hard_link(&source, &target)?;
            }
        }
        filled.push((from, to));
    }
    // What is put into a folder changes its time.
    filled.iter().try_for_each(|(from, to)| times::set_folder(to, fs::metadata(from)?.modified()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lays folders with these files over each other and compares the text of each file there is then. A text that
    /// starts with `->` is a link.
    fn check(layers: &[&[(&str, &str)]], expected: &[(&str, &str)]) {
        let root = tempfile::tempdir().unwrap();
        let write = |(index, files): (usize, &&[(&str, &str)])| {
            let layer = root.path().join(index.to_string());
            for (name, text) in *files {
                let path = layer.join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                match text.strip_prefix("->") {
                    Some(target) => std::os::unix::fs::symlink(target, path).unwrap(),
                    None => fs::write(path, text).unwrap(),
                }
            }
            layer
        };
        let sources: Vec<PathBuf> = layers.iter().enumerate().map(write).collect();
        let folder = root.path().join("opt");
        overlay(&sources, &folder, Durability::Process).unwrap();
        for (name, text) in expected {
            assert_eq!(fs::read_to_string(folder.join(name)).unwrap(), *text, "{name}");
        }
        for (index, files) in layers.iter().enumerate() {
            for (name, text) in files.iter().filter(|(_, text)| !text.starts_with("->")) {
                let path = root.path().join(index.to_string()).join(name);
                assert_eq!(fs::read_to_string(path).unwrap(), *text, "{name} of layer {index} has changed");
            }
        }
    }

    #[test]
    fn the_last_layer_that_has_a_file_wins() {
        check(
            &[&[("a/x", "1"), ("a/y", "1")], &[("a/y", "2"), ("b/z", "2")]],
            &[("a/x", "1"), ("a/y", "2"), ("b/z", "2")],
        );
    }

    #[test]
    fn files_and_folders_give_way_to_each_other() {
        check(&[&[("a", "1"), ("b/c", "1")], &[("a/d", "2"), ("b", "2")]], &[("a/d", "2"), ("b", "2")]);
    }

    #[test]
    fn links_of_several_layers_do_not_lead_out_together() {
        let root = tempfile::tempdir().unwrap();
        let (one, other) = (root.path().join("1"), root.path().join("2"));
        fs::create_dir_all(one.join("lib")).unwrap();
        fs::create_dir(&other).unwrap();
        std::os::unix::fs::symlink("..", one.join("lib/up")).unwrap();
        // Down and up again, as long as `lib/up` is a folder.
        std::os::unix::fs::symlink("lib/up/..", other.join("out")).unwrap();
        let folder = root.path().join("opt");
        let error = overlay(&[one, other], &folder, Durability::Process).unwrap_err().to_string();
        assert!(error.contains("The link out in one layer leads outside"), "{error}");
        assert_eq!(fs::read_dir(root.path()).unwrap().count(), 2);
    }

    #[test]
    fn nothing_is_written_through_a_link() {
        check(&[&[("real/x", "1"), ("a", "->real")], &[("a/x", "2")]], &[("real/x", "1"), ("a/x", "2")]);
        check(&[&[("x", "1"), ("y", "->x")], &[("y", "2")]], &[("x", "1"), ("y", "2")]);
    }
}
