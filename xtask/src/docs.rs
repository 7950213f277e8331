//! `cargo xtask docs`: the manual's parts that come from the code.

use crate::codegen::{Refused, allow_list};
use anyhow::{Context, Result, bail};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Around what is generated within a page that is otherwise written.
const BEGIN: &str = "<!-- begin: written by `cargo xtask docs` from the code -->\n";
const END: &str = "<!-- end -->\n";

/// Runs the chore with its arguments.
pub fn run(arguments: &[String]) -> Result<()> {
    let check = match arguments {
        [] => false,
        [argument] if argument == "--check" => true,
        _ => bail!("unknown arguments {arguments:?}: it is `cargo xtask docs [--check]`"),
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("xtask has a parent folder")?;
    for (name, text) in generate(root)? {
        let path = root.join("docs").join(name);
        if !check {
            std::fs::write(&path, text).with_context(|| format!("{} cannot be written", path.display()))?;
        } else if std::fs::read_to_string(&path).ok().as_ref() != Some(&text) {
            bail!("docs/{name} is not what the code says: run `cargo xtask docs`");
        }
    }
    Ok(())
}

/// The names of files in `docs` and what they should be.
fn generate(root: &Path) -> Result<[(&'static str, String); 4]> {
    let schema = serde_json::to_string_pretty(&slam_project::schema())? + "\n";
    let page = root.join("docs/embedded-cloud.md");
    let page = std::fs::read_to_string(&page).with_context(|| format!("{} cannot be read", page.display()))?;
    let supported = table(root)? + &resource_types(&root.join("cloud/cloudformation/schemas"))?;
    Ok([
        ("slam-yaml.md", slam_project::reference()),
        ("slam.schema.json", schema),
        ("embedded-cloud.md", within(&page, &supported)?),
        ("variables.md", slam_project::variables::variables()),
    ])
}

/// The page with `text` between the two marks.
fn within(page: &str, text: &str) -> Result<String> {
    let parts = page.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.context("docs/embedded-cloud.md has lost the marks around its operations")?;
    Ok(format!("{before}{BEGIN}{text}{END}{after}"))
}

/// The operations of each service: those that are carried out, the others that AWS's model has, and the parameters that
/// are refused. What it says is what `tests/test_every_operation.py` expects of the cloud, line by line.
fn table(root: &Path) -> Result<String> {
    let mut text = String::from("\n| service | carried out | refused by name |\n|---|---|---|\n");
    let mut parameters = String::from("\n| operation | parameters that are refused |\n|---|---|\n");
    for service in allow_list(&root.join("xtask/operations.txt"))? {
        // Users know a service by the name that AWS's own tools have for it.
        let (name, told) = (service.name.as_str(), service.folder.as_str());
        let generated: BTreeSet<String> = service.operations.keys().cloned().collect();
        let mut all = others(&root.join(format!("cloud/wire/src/generated/{name}.rs")))?;
        all.extend(generated.iter().cloned());
        // What is generated of S3 serves calls from inside; its wire is s3s', with a table of its own.
        let own = if name == "s3" { of_s3(&root.join("cloud/s3/src/http/wire.rs"))? } else { generated };
        let others = all.difference(&own).filter(|other| name != "s3" || !is_older(other, &all));
        let others: Vec<&str> = others.map(String::as_str).collect();
        let own: Vec<&str> = own.iter().map(String::as_str).collect();
        text.push_str(&format!("| {told} | {} | {} |\n", own.join(", "), others.join(", ")));
        for (operation, members) in service.operations.iter().filter(|_| name != "s3") {
            let members: Vec<String> = members.refused.iter().map(refused).collect();
            if !members.is_empty() {
                parameters.push_str(&format!("| {told} {operation} | {} |\n", members.join(", ")));
            }
        }
    }
    Ok(text + &parameters)
}

/// Whether an operation of S3's is a deprecated one: its requests are those of the one with the longer name.
fn is_older(name: &str, all: &BTreeSet<String>) -> bool {
    ["Lifecycle", "Notification"].iter().any(|of| name.ends_with(of)) && all.contains(&format!("{name}Configuration"))
}

/// What AWS has beside the allow-list: the names in the generated table.
fn others(source: &Path) -> Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(source).with_context(|| format!("{} cannot be read", source.display()))?;
    let table = text.split_once("    others: ").and_then(|(_, rest)| rest.split_once("\n};"));
    let (table, _) = table.with_context(|| format!("{} has no table of operations any more", source.display()))?;
    // Methods are upper case, and paths begin with a slash.
    let is_name = |word: &&str| word.starts_with(char::is_uppercase) && word.contains(char::is_lowercase);
    Ok(table.split('"').filter(is_name).map(str::to_owned).collect())
}

/// The operations of S3 that HTTP reaches: the lines `put_object(PutObjectInput) -> …` of the table in its source. What is
/// generated of S3 serves calls from inside.
fn of_s3(source: &Path) -> Result<BTreeSet<String>> {
    let text = std::fs::read_to_string(source).with_context(|| format!("{} cannot be read", source.display()))?;
    let operation = |line: &str| Some(line.split_once("Input) -> ")?.0.split_once('(')?.1.to_owned());
    let names: BTreeSet<_> = text.lines().filter_map(operation).filter(|name| !name.contains('$')).collect();
    if names.is_empty() {
        bail!("{} has no table of operations any more", source.display());
    }
    Ok(names)
}

fn refused(member: &Refused) -> String {
    match &member.unless {
        Some(value) => format!("{} (but for `{value}`)", member.path),
        None => member.path.clone(),
    }
}

/// The types of resources: those whose schemas CloudFormation has, `AWS-Lambda-Alias.json` for `AWS::Lambda::Alias`.
fn resource_types(schemas: &Path) -> Result<String> {
    let mut services: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in std::fs::read_dir(schemas).with_context(|| format!("{} cannot be read", schemas.display()))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if let Some((service, name)) = name.strip_suffix(".json").and_then(|name| name.rsplit_once('-')) {
            services.entry(service.replace('-', "::")).or_default().insert(name.to_owned());
        }
    }
    let mut text = String::from("\n| resource types of CloudFormation | |\n|---|---|\n");
    for (service, names) in services {
        let names: Vec<_> = names.into_iter().collect();
        text.push_str(&format!("| {service}:: | {} |\n", names.join(", ")));
    }
    Ok(text + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_between_the_marks_is_replaced() {
        let page = format!("before\n{BEGIN}old\n{END}after\n");
        assert_eq!(within(&page, "new\n").unwrap(), format!("before\n{BEGIN}new\n{END}after\n"));
        assert!(within("no marks", "new\n").is_err());
    }
}
