//! `cargo xtask docs`: the manual's parts that come from the code.

use crate::codegen::{Refused, Selection, allow_list};
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
    let mut services = allow_list(&root.join("xtask/operations.txt"))?;
    // What is generated of S3 serves calls from inside; its wire is s3s', with a table of its own.
    services.retain(|service| service.name != "s3");
    services.push(s3(&root.join("cloud/s3/src/http/wire.rs"))?);
    let supported = table(&services) + &resource_types(&root.join("cloud/cloudformation/schemas"))?;
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

/// S3's operations: the lines `put_object(PutObjectInput) -> …` of the table in its source.
fn s3(source: &Path) -> Result<Selection> {
    let text = std::fs::read_to_string(source).with_context(|| format!("{} cannot be read", source.display()))?;
    let operation = |line: &str| Some(line.split_once("Input) -> ")?.0.split_once('(')?.1.to_owned());
    let names: BTreeSet<_> = text.lines().filter_map(operation).filter(|name| !name.contains('$')).collect();
    if names.is_empty() {
        bail!("{} has no table of operations any more", source.display());
    }
    Ok(Selection::named("s3", names))
}

/// The operations of each service, and what is refused of them.
fn table(services: &[Selection]) -> String {
    let mut text = String::from("\n| service | operations |\n|---|---|\n");
    for service in services {
        let operations: Vec<&str> = service.operations.keys().map(String::as_str).collect();
        text.push_str(&format!("| {} | {} |\n", service.name, operations.join(", ")));
    }
    text.push_str("\n| operation | parameters that are refused |\n|---|---|\n");
    for (operation, members) in services.iter().flat_map(|service| &service.operations) {
        let refused: Vec<String> = members.refused.iter().map(refused).collect();
        if !refused.is_empty() {
            text.push_str(&format!("| {operation} | {} |\n", refused.join(", ")));
        }
    }
    text
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
