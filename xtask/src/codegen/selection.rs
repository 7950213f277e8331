//! The allow-list, `operations.txt`.

use anyhow::{Context, Result, bail, ensure};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A service of the allow-list.
#[derive(Debug)]
pub struct Selection {
    /// The folder under `botocore/data`.
    pub folder: String,
    /// Our name of it.
    pub name: String,
    /// The operations whose shapes are generated, with what is said of their members.
    pub operations: BTreeMap<String, Members>,
    /// The members of which it says why they are ignored.
    reasons: BTreeSet<String>,
}

/// The members of an operation's input that no handler reads.
#[derive(Clone, Debug, Default)]
pub struct Members {
    /// Refused by name.
    pub refused: Vec<Refused>,
    /// Taken without any effect, as by AWS.
    pub ignored: Vec<String>,
}

/// A member that is refused where it asks for anything.
#[derive(Clone, Debug)]
pub struct Refused {
    /// `kmsKeyId`, `Code.SourceKMSKeyArn`.
    pub path: String,
    /// The value that asks for nothing: what AWS does without the member.
    pub unless: Option<String>,
}

/// Reads `operations.txt`.
pub fn allow_list(path: &Path) -> Result<Vec<Selection>> {
    parse(&std::fs::read_to_string(path)?)
}

fn parse(text: &str) -> Result<Vec<Selection>> {
    let mut selections: Vec<Selection> = Vec::new();
    let mut operation = None;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if let Some(header) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let (folder, name) = header.split_once(' ').context("a header is [folder name]")?;
            let (operations, reasons) = (BTreeMap::new(), BTreeSet::new());
            selections.push(Selection { folder: folder.into(), name: name.into(), operations, reasons });
            operation = None;
            continue;
        }
        let selection = selections.last_mut().context("operations before the first [service]")?;
        if let Some((members, _)) = line.split_once(": ").filter(|_| line.starts_with('~')) {
            selection
                .reasons
                .extend(members.split_whitespace().map(|member| member.trim_start_matches('~').to_owned()));
            continue;
        }
        for word in line.split_whitespace() {
            if word.starts_with(['-', '~']) {
                let operation = operation.as_ref().with_context(|| format!("{word} is no operation's"))?;
                selection.operations.entry(String::clone(operation)).or_default().add(word);
            } else {
                let before = selection.operations.insert(word.to_owned(), Members::default());
                ensure!(before.is_none(), "{} {word} is listed twice", selection.name);
                operation = Some(word.to_owned());
            }
        }
    }
    for selection in &selections {
        selection.check()?;
    }
    Ok(selections)
}

impl Members {
    fn add(&mut self, word: &str) {
        match word.strip_prefix('-') {
            Some(refused) => {
                let (path, unless) =
                    refused.split_once('=').map_or((refused, None), |(path, value)| (path, Some(value)));
                self.refused.push(Refused { path: path.to_owned(), unless: unless.map(str::to_owned) });
            }
            None => self.ignored.push(word.trim_start_matches('~').to_owned()),
        }
    }
}

impl Selection {
    /// Every member that is ignored has a reason, and every reason a member.
    fn check(&self) -> Result<()> {
        let ignored: Vec<&String> = self.operations.values().flat_map(|members| &members.ignored).collect();
        if let Some(member) = ignored.iter().find(|member| !self.reasons.contains(**member)) {
            bail!("operations.txt does not say why {member} is ignored by {}", self.name);
        }
        if let Some(member) = self.reasons.iter().find(|member| !ignored.contains(member)) {
            bail!("operations.txt says why {member} is ignored, and no operation of {} ignores it", self.name);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_belong_to_the_operation_before_them() {
        let text = "[logs logs]\n~interleaved: AWS ignores it.\nA B -kmsKeyId -class=STANDARD\n  ~interleaved C";
        let selection = parse(text).unwrap().remove(0);
        assert_eq!(selection.operations.keys().collect::<Vec<_>>(), ["A", "B", "C"]);
        let members = &selection.operations["B"];
        let refused: Vec<_> = members.refused.iter().map(|one| (one.path.as_str(), one.unless.as_deref())).collect();
        assert_eq!(refused, [("kmsKeyId", None), ("class", Some("STANDARD"))]);
        assert_eq!(members.ignored, ["interleaved"]);
    }

    #[test]
    fn what_is_ignored_has_a_reason() {
        assert!(parse("[logs logs]\nA ~interleaved").is_err());
        assert!(parse("[logs logs]\n~interleaved: AWS ignores it.\nA").is_err());
    }
}
