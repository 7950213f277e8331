//! What slam.yaml names is part of the project.

use slam_project::{Defaults, Project};
use std::fs;
use std::path::Path;

/// A home with a repository in it and something beside that, which a project at `folder` says `yaml` of.
fn parse(folder: &str, repository: Option<&str>, yaml: &str) -> Result<Project, String> {
    let home = tempfile::tempdir().expect("made");
    let root = home.path();
    for path in ["repository/web/dist", "repository/api/requirements", "private"] {
        fs::create_dir_all(root.join(path)).expect("made");
    }
    std::os::unix::fs::symlink("../../private", root.join("repository/api/link")).expect("linked");
    std::os::unix::fs::symlink("../web", root.join("repository/api/shared")).expect("linked");
    if let Some(name) = repository {
        fs::create_dir(root.join("repository").join(name)).expect("made");
    }
    let text = format!("name: x\napp: m:a\nkind: wsgi\n{yaml}\n");
    Project::parse(&text, &root.join(folder).join("slam.yaml"), &Defaults::default()).map_err(|error| {
        let first = &error.diagnostics[0];
        let place = first.span.clone().map(|span| text[span].to_owned()).unwrap_or_default();
        let hint = first.hints.join("").replace(&fs::canonicalize(root).expect("there").display().to_string(), "~");
        format!("{} | {place} | {hint}", first.message)
    })
}

/// Each key that names a file or folder, with a path.
fn keys(path: &str) -> [String; 6] {
    [
        format!("requirements: {path}"),
        format!("package: {{requirements: {path}}}"),
        format!("package: {{path: {path}}}"),
        format!("static: {path}"),
        format!("static: {{folder: {path}}}"),
        format!("functions: {{f: {{app: 'm:b', package: {{path: {path}, requirements: {path}}}}}}}"),
    ]
}

fn check(path: &str, repository: Option<&str>, stays: bool) {
    for yaml in keys(path) {
        let found = parse("repository/api", repository, &yaml);
        match (&found, stays) {
            (Ok(_), true) => {}
            (Err(error), false) => {
                let what = match repository {
                    Some(_) => "the repository that slam.yaml is in, ~/repository:",
                    None => "the directory of slam.yaml, ~/repository/api:",
                };
                let expected = format!("`{path}` leads out of the project | {path} | the project is {what} copy");
                assert!(error.starts_with(&expected), "{yaml}: {error}");
                assert!(error.contains("`package.before`"), "{error}");
            }
            _ => panic!("{yaml}: {found:?}"),
        }
    }
}

#[test]
fn paths_stay_in_the_project() {
    for path in ["requirements", "requirements/base.txt", "./requirements", "nothing/../requirements", "../api/missing"]
    {
        check(path, None, true);
    }
    for path in
        ["..", "../web/dist", "../../private", "requirements/../../web", "missing/../../..", "link", "link/x", "shared"]
    {
        check(path, None, false);
    }
}

#[test]
fn the_project_is_the_repository_where_there_is_one() {
    for repository in [".git", ".hg"] {
        for path in ["../web/dist", "..", "../missing", "shared", "shared/dist"] {
            check(path, Some(repository), true);
        }
        for path in ["../..", "../../private", "link", "shared/../../private", "../api/link/x"] {
            check(path, Some(repository), false);
        }
    }
}

#[test]
fn what_is_named_stays_as_it_was_written() {
    let project = parse("repository/api", Some(".git"), "static: {folder: ../web/dist}\nrequirements: ../api/x.txt")
        .expect("a project");
    assert_eq!(project.static_files.map(|files| files.folder).as_deref(), Some("../web/dist"));
    assert_eq!(project.package.requirements.as_deref(), Some("../api/x.txt"));
    // Where nothing is there yet, names count.
    assert!(parse("missing", None, "requirements: ../private").is_err());
    assert!(
        Project::parse("name: x\napp: m:a\nrequirements: a/b", Path::new("slam.yaml"), &Defaults::default()).is_ok()
    );
}
