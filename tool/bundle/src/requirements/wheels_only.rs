//! The project's own choice to take wheels only: nothing is then built from its source, and who says so is named.

use super::locks::normalized;
use super::text::{Files, option};
use crate::machine::pip_config;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;

/// For packages by their normalized names, who says that they may not be built; `:all:` stands for all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WheelsOnly(BTreeMap<String, String>);

const ALL: &str = ":all:";
const NONE: &str = ":none:";

impl WheelsOnly {
    /// What the lists in `files`, uv's `settings` and the machine's variables say.
    pub fn read(files: &Files, settings: &Value) -> Self {
        Self::of(files, settings, |name| std::env::var(name).ok().filter(|value| !value.trim().is_empty()))
    }

    fn of(files: &Files, settings: &Value, variable: impl Fn(&str) -> Option<String>) -> Self {
        let mut found = Self::default();
        for (path, text) in files.iter().filter(|(path, _)| path.extension().is_none_or(|it| it != "toml")) {
            for packages in text.lines().filter_map(|line| option(line, ["--only-binary", "--only-binary"])) {
                found.add(packages, &format!("`--only-binary {packages}` in {}", name_of(path)));
            }
        }
        for (table, called) in [(settings, "tool.uv"), (&settings["pip"], "tool.uv.pip")] {
            if table["no-build"] == true {
                found.add(ALL, &format!("`no-build` in uv's settings (`[{called}]`)"));
            }
            for key in ["no-build-package", "only-binary"] {
                for package in table[key].as_array().into_iter().flatten().filter_map(Value::as_str) {
                    found.add(package, &format!("`{key}` in uv's settings (`[{called}]`)"));
                }
            }
        }
        if variable("UV_NO_BUILD").is_some_and(|value| ["1", "true", "yes", "on"].contains(&&*value.to_lowercase())) {
            found.add(ALL, "the variable UV_NO_BUILD");
        }
        for name in ["UV_NO_BUILD_PACKAGE", "PIP_ONLY_BINARY"] {
            found.add(&variable(name).unwrap_or_default(), &format!("the variable {name}"));
        }
        if variable("PIP_ONLY_BINARY").is_none() {
            found.add(&pip_config::setting("only-binary").unwrap_or_default(), "`only-binary` in pip's configuration");
        }
        found
    }

    /// Names apart by commas or spaces; `:none:` takes back what was said before.
    fn add(&mut self, packages: &str, who: &str) {
        for package in packages.split([',', ' ']).map(str::trim).filter(|package| !package.is_empty()) {
            match package {
                NONE => self.0.clear(),
                ALL => drop(self.0.insert(ALL.to_owned(), who.to_owned())),
                name => drop(self.0.insert(normalized(name), who.to_owned())),
            }
        }
    }

    /// Who says that a package may not be built.
    pub fn forbids(&self, package: &str) -> Option<&str> {
        self.0.get(ALL).or_else(|| self.0.get(&normalized(package))).map(String::as_str)
    }

    /// Changes when the choice does.
    pub fn stamp(&self) -> String {
        self.0.keys().cloned().collect::<Vec<_>>().join(",")
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::path::PathBuf;

    fn check(list: &str, settings: &Value, variable: (&str, &str), package: &str, expected: Option<&str>) {
        let files = Files::from([(PathBuf::from("/p/requirements.txt"), list.to_owned())]);
        let variables = |name: &str| (name == variable.0).then(|| variable.1.to_owned());
        let choice = WheelsOnly::of(&files, settings, variables);
        let found = choice.forbids(package).map(|who| who.split(' ').take(2).collect::<Vec<_>>().join(" "));
        assert_eq!(found.as_deref(), expected, "{list} {settings} {variable:?}");
    }

    #[test]
    fn everyone_who_may_say_so_is_heard() {
        let none = json!({});
        check("docopt", &none, ("", ""), "docopt", None);
        check("--only-binary :all:\ndocopt", &none, ("", ""), "docopt", Some("`--only-binary :all:`"));
        check("--only-binary=Doc_Opt,x # why", &none, ("", ""), "doc-opt", Some("`--only-binary Doc_Opt,x`"));
        check("--only-binary :all:\n--only-binary :none:", &none, ("", ""), "docopt", None);
        check("--no-binary docopt", &none, ("", ""), "docopt", None);
        check("", &json!({"no-build": true}), ("", ""), "docopt", Some("`no-build` in"));
        check("", &json!({"no-build-package": ["docopt"]}), ("", ""), "docopt", Some("`no-build-package` in"));
        check("", &json!({"no-build-package": ["docopt"]}), ("", ""), "other", None);
        check("", &json!({"pip": {"only-binary": [":all:"]}}), ("", ""), "docopt", Some("`only-binary` in"));
        check("", &none, ("UV_NO_BUILD", "1"), "docopt", Some("the variable"));
        check("", &none, ("UV_NO_BUILD", "0"), "docopt", None);
        check("", &none, ("UV_NO_BUILD_PACKAGE", "a docopt"), "docopt", Some("the variable"));
        check("", &none, ("PIP_ONLY_BINARY", ":all:"), "docopt", Some("the variable"));
    }
}
