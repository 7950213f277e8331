//! What to do about a dependency that has no wheel for the target.

use crate::install::Installation;
use crate::install::uv;
use crate::requirements::locks::normalized;

/// Packages that compile something and have no wheels, and what people do instead: what is named has wheels for Lambda's
/// Pythons.
const INSTEAD: [(&str, &str); 11] = [
    (
        "psycopg2",
        "in the place of `psycopg2` take `psycopg2-binary`, which is the same with wheels, or `psycopg[binary]`, its successor",
    ),
    ("psycopg-c", "in the place of `psycopg-c` take `psycopg[binary]`"),
    ("mysqlclient", "in the place of `mysqlclient` take `PyMySQL` (with `pymysql.install_as_MySQLdb()` for Django)"),
    ("mysql-python", "in the place of `mysql-python` take `PyMySQL`"),
    ("uwsgi", "remove `uwsgi`: slam's adapter calls the application, so no server is needed on Lambda"),
    ("bjoern", "remove `bjoern`: slam's adapter calls the application, so no server is needed on Lambda"),
    ("pycrypto", "in the place of `pycrypto` take `pycryptodome`, which has the same modules"),
    ("python-ldap", "in the place of `python-ldap` take `ldap3`, which is pure Python"),
    ("pylibmc", "in the place of `pylibmc` take `pymemcache`, which is pure Python"),
    ("cx-oracle", "in the place of `cx_Oracle` take `oracledb`, its successor"),
    ("dlib", "in the place of `dlib` take `dlib-bin`, which is the same with wheels"),
];

/// What is known of a package, and which of Lambda's other Pythons it has a wheel for.
pub(crate) fn about(installation: &Installation<'_>, package: &str, version: Option<&str>) -> Option<String> {
    let name = normalized(package);
    if let Some((_, instead)) = INSTEAD.iter().find(|(known, _)| *known == name) {
        return Some((*instead).to_owned());
    }
    let requirement = version.map_or_else(|| name.clone(), |version| format!("{name}=={version}"));
    let of = |runtime: &&String| {
        runtime.strip_prefix("python").is_some_and(|python| has_wheel(installation, &requirement, python))
    };
    let others = installation.request.runtimes.iter().filter(|runtime| **runtime != installation.request.runtime);
    let found: Vec<&str> = others.filter(of).map(String::as_str).collect();
    let newest = found.last()?;
    let pythons: Vec<&str> = found.iter().map(|runtime| runtime.trim_start_matches("python")).collect();
    let pythons = match pythons.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        _ => pythons.concat(),
    };
    Some(format!("`{requirement}` has wheels for Python {pythons}: take `runtime: {newest}`"))
}

/// Whether uv finds a wheel; it has all that it needs to know in its cache by now.
fn has_wheel(installation: &Installation<'_>, requirement: &str, python: &str) -> bool {
    let target = installation.target.with_python(python);
    let list = installation.scratch.join("one.txt");
    if std::fs::write(&list, requirement).is_err() {
        return false;
    }
    let mut command = installation.uv.command(installation.scratch);
    command.args(["pip", "compile", "--quiet", "--no-deps", "--only-binary", ":all:", "--no-header"]);
    command.args(["--python-platform", &target.platform, "--python-version", &target.python]).arg(&list);
    if installation.request.offline {
        command.arg("--offline");
    }
    uv::run(&mut command).is_ok_and(|output| output.status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_by_normalized_names() {
        assert!(INSTEAD.iter().all(|(name, _)| normalized(name) == *name));
    }
}
