//! What was installed: the distributions, what each asks for, and whose each file is.

use crate::BundleError;
use crate::requirements::locks;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::path::Path;

/// What Lambda's Python runtimes bring: the SDK, and what it asks for.
/// <https://docs.aws.amazon.com/lambda/latest/dg/python-package.html#python-package-searchpath>
const SDK: [&str; 3] = ["boto3", "botocore", "s3transfer"];
const OF_SDK: [&str; 4] = ["jmespath", "python-dateutil", "six", "urllib3"];

/// An installed distribution.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    /// As its author writes it.
    pub name: String,
    pub version: String,
    /// Normalized names that it always asks for.
    pub requires: BTreeSet<String>,
    /// Those that only an extra of it asks for.
    pub extras: BTreeSet<String>,
}

/// Read the distributions in a tree, by their normalized names, and the owner of each file.
pub fn read(
    tree: &Path,
    distributions: &mut BTreeMap<String, Distribution>,
) -> Result<HashMap<String, String>, BundleError> {
    let mut owners = HashMap::new();
    if !tree.is_dir() {
        return Ok(owners);
    }
    for entry in std::fs::read_dir(tree).map_err(BundleError::io(tree, "read"))?.flatten() {
        let Some((name, version)) = at(&entry.path()) else { continue };
        let text = |file: &str| std::fs::read_to_string(entry.path().join(file)).unwrap_or_default();
        let mut distribution = described(&text("METADATA"));
        distribution.version = version;
        if distribution.name.is_empty() {
            distribution.name = name.replace('_', "-");
        }
        let key = locks::normalized(&name);
        for path in recorded(&text("RECORD")) {
            owners.insert(path.to_owned(), key.clone());
        }
        distributions.insert(key, distribution);
    }
    Ok(owners)
}

/// The paths in a RECORD. Each line is `path,hash,size`; a path with a comma is quoted.
pub fn recorded(record: &str) -> impl Iterator<Item = &str> {
    record.lines().filter_map(|line| match line.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => line.split(',').next(),
    })
}

/// The name and the version of the distribution that a `.dist-info` directory describes.
pub fn at(dist_info: &Path) -> Option<(String, String)> {
    let (name, version) = dist_info.file_name()?.to_str()?.strip_suffix(".dist-info")?.split_once('-')?;
    Some((name.to_owned(), version.to_owned()))
}

/// The RECORD of each distribution that is shipped with its METADATA, by its path: importlib.metadata tells by it which
/// files and modules a distribution has.
///
/// It names what is shipped, without the hashes and sizes, which may be left out and nothing reads at run time.
/// <https://packaging.python.org/en/latest/specifications/recording-installed-packages/>
pub fn records<'a>(
    shipped: impl Iterator<Item = &'a str> + Clone,
    owners: &HashMap<&str, &'a str>,
) -> BTreeMap<String, String> {
    let mut files: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for name in shipped.clone() {
        if let Some(owner) = owners.get(name) {
            files.entry(owner).or_default().insert(name);
        }
    }
    let record = |metadata: &str| {
        let directory = metadata.strip_suffix("/METADATA").filter(|directory| directory.ends_with(".dist-info"))?;
        let record = format!("{directory}/RECORD");
        let names = files.get(owners.get(metadata)?)?.iter().copied().chain([record.as_str()]);
        Some((record.clone(), names.map(row).collect()))
    };
    shipped.filter_map(record).collect()
}

/// A line of a RECORD, which is a CSV file.
fn row(name: &str) -> String {
    if name.contains([',', '"']) { format!("\"{}\",,\n", name.replace('"', "\"\"")) } else { format!("{name},,\n") }
}

fn described(metadata: &str) -> Distribution {
    let mut distribution = Distribution::default();
    for line in metadata.lines().take_while(|line| !line.is_empty()) {
        if let Some(name) = line.strip_prefix("Name: ") {
            distribution.name = name.trim().to_owned();
        } else if let Some(requirement) = line.strip_prefix("Requires-Dist: ") {
            let name = locks::normalized(locks::first_name(requirement));
            let extra = requirement.split_once(';').is_some_and(|(_, marker)| marker.contains("extra"));
            if extra { &mut distribution.extras } else { &mut distribution.requires }.insert(name);
        }
    }
    distribution
}

/// The distributions to leave to the runtime: the SDK, and what only it asks for.
///
/// The runtime's versions are others, so what a distribution that stays asks for stays too. The parts of the SDK fit
/// each other in one release only, so they go together or not at all.
pub fn of_runtime(distributions: &BTreeMap<String, Distribution>, asked: &[String]) -> BTreeSet<&'static str> {
    let installed = |name: &&'static str| distributions.contains_key(*name);
    let sdk: BTreeSet<&str> = SDK.into_iter().filter(installed).collect();
    if sdk.is_empty() {
        return sdk;
    }
    let for_sdk = OF_SDK.into_iter().filter(installed).filter(|name| !asked.iter().any(|one| one == name));
    let mut leaving: BTreeSet<&str> = sdk.iter().copied().chain(for_sdk).collect();
    loop {
        let needed = |name: &&str| {
            let mut staying = distributions.iter().filter(|(other, _)| !leaving.contains(other.as_str()));
            staying.any(|(_, distribution)| distribution.requires.contains(*name))
        };
        let (stay, leave): (BTreeSet<_>, BTreeSet<_>) = leaving.iter().copied().partition(needed);
        if !stay.is_disjoint(&sdk) {
            return BTreeSet::new();
        }
        leaving = leave;
        if stay.is_empty() {
            return leaving;
        }
    }
}

/// The shortest way from what the user asked for to a distribution: `[flask, jinja2, markupsafe]`.
pub fn chain(distributions: &BTreeMap<String, Distribution>, asked: &[String], to: &str) -> Vec<String> {
    for with_extras in [false, true] {
        let mut ways: VecDeque<Vec<String>> =
            asked.iter().filter(|name| distributions.contains_key(*name)).map(|name| vec![name.clone()]).collect();
        let mut seen: BTreeSet<String> = BTreeSet::new();
        while let Some(way) = ways.pop_front() {
            let Some(last) = way.last().cloned() else { continue };
            if last == to {
                return way;
            }
            let Some(distribution) = distributions.get(&last).filter(|_| seen.insert(last.clone())) else { continue };
            let extras = distribution.extras.iter().filter(|_| with_extras);
            for next in distribution.requires.iter().chain(extras) {
                if distributions.contains_key(next) {
                    ways.push_back([way.clone(), vec![next.clone()]].concat());
                }
            }
        }
    }
    vec![to.to_owned()]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn installed(list: &[(&str, &[&str], &[&str])]) -> BTreeMap<String, Distribution> {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        list.iter()
            .map(|(name, requires, extras)| {
                let distribution =
                    Distribution { requires: names(requires), extras: names(extras), ..Distribution::default() };
                ((*name).to_owned(), distribution)
            })
            .collect()
    }

    #[test]
    fn a_distribution_is_described_by_its_metadata() {
        let found = described(
            "Metadata-Version: 2.4\nName: Flask\nRequires-Dist: jinja2>=3.1\nRequires-Dist: asgiref>=3 ; extra == 'async'\n\n\
             Requires-Dist: nothing\n",
        );
        assert_eq!(found.name, "Flask");
        assert_eq!(found.requires.into_iter().collect::<Vec<_>>(), ["jinja2"]);
        assert_eq!(found.extras.into_iter().collect::<Vec<_>>(), ["asgiref"]);
    }

    #[test]
    fn a_record_names_what_is_shipped() {
        let owners = [("b/__init__.py", "b"), ("b/a,b.txt", "b"), ("b/tests.py", "b"), ("b-1.dist-info/METADATA", "b")];
        let owners: HashMap<&str, &str> = owners.into_iter().chain([("c.py", "c"), ("d.py", "d")]).collect();
        let shipped = ["b/__init__.py", "c.py", "b/a,b.txt", "b-1.dist-info/METADATA", "nobodys.py"];
        let expected = "b-1.dist-info/METADATA,,\nb/__init__.py,,\n\"b/a,b.txt\",,\nb-1.dist-info/RECORD,,\n";
        let found = records(shipped.into_iter(), &owners);
        assert_eq!(found, BTreeMap::from([("b-1.dist-info/RECORD".to_owned(), expected.to_owned())]));
    }

    #[test]
    fn the_shortest_way_is_told() {
        let all = installed(&[
            ("flask", &["jinja2", "werkzeug"], &["asgiref"]),
            ("jinja2", &["markupsafe"], &[]),
            ("markupsafe", &[], &[]),
            ("werkzeug", &["markupsafe"], &[]),
            ("asgiref", &[], &[]),
        ]);
        let asked = ["flask".to_owned()];
        assert_eq!(chain(&all, &asked, "markupsafe"), ["flask", "jinja2", "markupsafe"]);
        assert_eq!(chain(&all, &asked, "asgiref"), ["flask", "asgiref"]);
        assert_eq!(chain(&all, &asked, "flask"), ["flask"]);
    }

    #[test]
    fn what_others_need_of_the_runtime_stays() {
        let sdk: [(&str, &[&str], &[&str]); 5] = [
            ("boto3", &["botocore", "jmespath"], &[]),
            ("botocore", &["jmespath", "python-dateutil", "urllib3"], &[]),
            ("jmespath", &[], &[]),
            ("python-dateutil", &["six"], &[]),
            ("six", &[], &[]),
        ];
        let urllib3: (&str, &[&str], &[&str]) = ("urllib3", &[], &[]);
        let all = installed(&[&sdk[..], &[urllib3]].concat());
        let whole = ["boto3", "botocore", "jmespath", "python-dateutil", "six", "urllib3"];
        assert_eq!(of_runtime(&all, &["boto3".to_owned()]), BTreeSet::from(whole));
        let all = installed(&[&sdk[..], &[urllib3, ("requests", &["urllib3"], &[])]].concat());
        assert!(!of_runtime(&all, &[]).contains("urllib3"));
        assert!(!of_runtime(&all, &["six".to_owned()]).contains("six"));
        let all =
            installed(&[&sdk[..], &[("s3fs", &["aiobotocore"], &[]), ("aiobotocore", &["botocore"], &[])]].concat());
        assert!(of_runtime(&all, &[]).is_empty(), "a botocore that is needed, and a boto3 that fits it");
        let all = installed(&[&sdk[..], &[("pandas", &["python-dateutil"], &[])]].concat());
        assert_eq!(of_runtime(&all, &[]), BTreeSet::from(["boto3", "botocore", "jmespath"]));
        assert!(of_runtime(&installed(&[("six", &[], &[])]), &[]).is_empty());
    }
}
