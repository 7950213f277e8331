//! The machine's settings for pip, told to uv.
//!
//! uv reads only its own settings. A machine that reaches a package index through a mirror or with a certificate of
//! its own usually says so to pip, so what pip was told holds for uv too, unless uv was told something else.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// The environment variables to set for uv.
pub fn environment_for_uv() -> Vec<(&'static str, String)> {
    translate(variable, &configured())
}

/// One setting in pip's configuration files.
pub fn setting(name: &str) -> Option<String> {
    configured().remove(name)
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.trim().is_empty())
}

/// What pip's configuration files say, the last one that says it.
fn configured() -> HashMap<String, String> {
    let home = variable("HOME").or_else(|| variable("USERPROFILE")).map(PathBuf::from);
    let mut files = vec![PathBuf::from("/etc/pip.conf")];
    if let Some(home) = &home {
        files.push(home.join(".pip/pip.conf"));
        files
            .push(variable("XDG_CONFIG_HOME").map_or_else(|| home.join(".config"), PathBuf::from).join("pip/pip.conf"));
    }
    files.extend(variable("VIRTUAL_ENV").map(|venv| Path::new(&venv).join("pip.conf")));
    files.extend(variable("PIP_CONFIG_FILE").map(PathBuf::from));
    files.iter().filter_map(|file| std::fs::read_to_string(file).ok()).flat_map(|text| global_settings(&text)).collect()
}

/// pip's setting, uv's variable for it, and what else decides it for uv.
const SETTINGS: [(&str, &str, &[&str]); 5] = [
    ("index-url", "UV_DEFAULT_INDEX", &["UV_INDEX_URL"]),
    ("extra-index-url", "UV_EXTRA_INDEX_URL", &["UV_INDEX"]),
    ("find-links", "UV_FIND_LINKS", &[]),
    ("no-index", "UV_NO_INDEX", &[]),
    ("cert", "SSL_CERT_FILE", &[]),
];

fn translate(
    variable: impl Fn(&str) -> Option<String>,
    configured: &HashMap<String, String>,
) -> Vec<(&'static str, String)> {
    let mut environment = Vec::new();
    for (setting, ours, others) in SETTINGS {
        if variable(ours).is_some() || others.iter().any(|other| variable(other).is_some()) {
            continue;
        }
        let pips = format!("PIP_{}", setting.to_uppercase().replace('-', "_"));
        let Some(value) = variable(&pips).or_else(|| configured.get(setting).cloned()) else { continue };
        // pip separates several by spaces, uv by commas here.
        let value =
            if setting == "find-links" { value.split_whitespace().collect::<Vec<_>>().join(",") } else { value };
        environment.push((ours, value));
    }
    environment
}

/// The settings of `[global]` and `[install]` in a pip.conf.
fn global_settings(text: &str) -> HashMap<String, String> {
    let mut settings: HashMap<String, String> = HashMap::new();
    let mut section = String::new();
    let mut last: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            section = name.trim().to_lowercase();
            last = None;
        } else if line.starts_with([' ', '\t']) {
            // A value goes on in lines that are indented.
            if let Some(value) = last.as_ref().and_then(|key| settings.get_mut(key)) {
                value.push(' ');
                value.push_str(trimmed);
            }
        } else if (section == "global" || section == "install")
            && let Some((key, value)) = trimmed.split_once(['=', ':'])
        {
            let key = key.trim().to_lowercase().replace('_', "-");
            settings.insert(key.clone(), value.trim().to_owned());
            last = Some(key);
        }
    }
    settings.retain(|_, value| !value.is_empty());
    settings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variables: &[(&str, &str)], file: &str, expected: &[(&'static str, &str)]) {
        let variable =
            |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned());
        let expected: Vec<_> = expected.iter().map(|(key, value)| (*key, (*value).to_owned())).collect();
        assert_eq!(translate(variable, &global_settings(file)), expected);
    }

    #[test]
    fn pips_variables_hold_for_uv() {
        check(&[("PIP_INDEX_URL", "https://mirror/")], "", &[("UV_DEFAULT_INDEX", "https://mirror/")]);
        check(&[("PIP_FIND_LINKS", "/a /b")], "", &[("UV_FIND_LINKS", "/a,/b")]);
        check(&[("PIP_CERT", "/ca.pem")], "", &[("SSL_CERT_FILE", "/ca.pem")]);
    }

    #[test]
    fn what_uv_was_told_itself_comes_first() {
        check(&[("PIP_INDEX_URL", "a"), ("UV_INDEX_URL", "b")], "", &[]);
        check(&[("PIP_CERT", "a"), ("SSL_CERT_FILE", "b")], "", &[]);
    }

    #[test]
    fn pips_file_is_read() {
        let file = "# mirror\n[global]\nindex_url = https://mirror/\nfind-links =\n  /a\n  /b\n[list]\ncert = no\n";
        check(&[], file, &[("UV_DEFAULT_INDEX", "https://mirror/"), ("UV_FIND_LINKS", "/a,/b")]);
        check(&[("PIP_INDEX_URL", "b")], "[global]\nindex-url: a", &[("UV_DEFAULT_INDEX", "b")]);
    }
}
