//! What to do about a dependency that has no wheel for the target.

use super::Installation;
use super::sources::Sources;
use super::wheels::{self, Published};
use crate::error::NoWheel;
use crate::machine::interpreter;
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

/// What is known of packages without a wheel.
pub struct Advice {
    /// Why the wheels that there are of the first package do not do.
    pub why: Option<String>,
    /// Of the other packages, those that are compiled as well: `name version`.
    pub others: Vec<String>,
    /// What to do.
    pub hint: Option<String>,
}

/// What would do in the place of a package, and of `others` that have no wheel either.
pub fn about(installation: &Installation<'_>, missing: &NoWheel, others: &Sources) -> Advice {
    let name = normalized(&missing.package);
    let others = others.versions().filter(|(other, _)| *other != name);
    let named = std::iter::once((name.as_str(), missing.version.as_deref())).chain(others);
    let requirements: Vec<String> = named.map(|(name, version)| requirement(name, version)).collect();
    let published = wheels::published(installation, &requirements);
    let of_name = published.iter().find(|package| normalized(&package.name) == name);
    let compiled: Vec<&Published> =
        published.iter().filter(|package| package.is_native() && normalized(&package.name) != name).collect();
    let instead = INSTEAD.iter().find(|(known, _)| *known == name).map(|(_, instead)| (*instead).to_owned());
    let all: Vec<&Published> = of_name.into_iter().chain(compiled.iter().copied()).collect();
    Advice {
        why: of_name.and_then(|package| package.why_not(installation.target)),
        others: compiled.iter().map(|package| in_version(package, " ")).collect(),
        hint: instead.or_else(|| of_wheels(installation, &all)).or_else(|| of_wheels(installation, all.get(..1)?)),
    }
}

fn requirement(name: &str, version: Option<&str>) -> String {
    version.map_or_else(|| name.to_owned(), |version| format!("{name}=={version}"))
}

fn in_version(package: &Published, between: &str) -> String {
    let version = package.version.as_ref().map(|version| format!("{between}{version}"));
    format!("{}{}", package.name, version.unwrap_or_default())
}

/// The runtimes for which all these packages have wheels.
fn of_wheels(installation: &Installation<'_>, packages: &[&Published]) -> Option<String> {
    let fits = |python: &str| packages.iter().all(|package| package.is_for(&installation.target.with_python(python)));
    let pythons = installation.pythons(fits);
    let take = runtime_to_take(installation, &pythons).filter(|_| !packages.is_empty())?;
    let (names, have) = match packages {
        [one] => (format!("`{}`", in_version(one, "==")), "has"),
        more => (wheels::listed(&more.iter().map(|one| format!("`{}`", one.name)).collect::<Vec<_>>()), "have"),
    };
    Some(format!("{names} {have} wheels for Python {}: {take}", wheels::listed(&pythons)))
}

/// The newest of these Pythons that this machine can run functions on; else the newest, and how to install it.
pub fn runtime_to_take(installation: &Installation<'_>, pythons: &[&str]) -> Option<String> {
    let is_here = |python: &&&str| interpreter::of_target(&installation.target.with_python(python)).is_some();
    if let Some(python) = pythons.iter().rev().find(is_here) {
        return Some(format!("take `runtime: python{python}`"));
    }
    let (python, uv) = (pythons.last()?, installation.uv.called());
    Some(format!(
        "take `runtime: python{python}`; to run it on this machine too, install that Python (`{uv} python install {python}`)"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_by_normalized_names() {
        assert!(INSTEAD.iter().all(|(name, _)| normalized(name) == *name));
    }
}
