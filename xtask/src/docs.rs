//! `cargo xtask docs`: the manual's parts that come from the code.

use crate::codegen::{Selection, allow_list};
use anyhow::{Context, Result, bail};
use std::path::Path;

/// Around what is generated within a page that is otherwise written.
const BEGIN: &str = "<!-- operations: written by `cargo xtask docs` from xtask/operations.txt -->\n";
const END: &str = "<!-- operations end -->\n";

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
fn generate(root: &Path) -> Result<[(&'static str, String); 3]> {
    let schema = serde_json::to_string_pretty(&slam_project::schema())? + "\n";
    let page = root.join("docs/embedded-cloud.md");
    let page = std::fs::read_to_string(&page).with_context(|| format!("{} cannot be read", page.display()))?;
    let services = allow_list(&root.join("xtask/operations.txt"))?;
    Ok([
        ("slam-yaml.md", slam_project::reference()),
        ("slam.schema.json", schema),
        ("embedded-cloud.md", within(&page, &table(&services))?),
    ])
}

/// The page with `text` between the two marks.
fn within(page: &str, text: &str) -> Result<String> {
    let parts = page.split_once(BEGIN).and_then(|(before, rest)| Some((before, rest.split_once(END)?.1)));
    let (before, after) = parts.context("docs/embedded-cloud.md has lost the marks around its operations")?;
    Ok(format!("{before}{BEGIN}{text}{END}{after}"))
}

/// The operations of each service. S3 is not among them: its allow-list holds calls from inside, its wire is s3s'.
fn table(services: &[Selection]) -> String {
    let mut text = String::from("\n| service | operations |\n|---|---|\n");
    for service in services.iter().filter(|service| service.name != "s3") {
        let operations: Vec<&str> = service.operations.iter().map(String::as_str).collect();
        text.push_str(&format!("| {} | {} |\n", service.name, operations.join(", ")));
    }
    text + "\n"
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
