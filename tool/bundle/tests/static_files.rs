//! Files that are served as they are.

mod common;

use common::Project;
use slam_bundle::{BundleError, StaticFiles, StaticRequest, static_files};

fn read(
    project: &Project,
    immutable: &[&str],
    exclude: &[&str],
    index: Option<&str>,
) -> Result<StaticFiles, BundleError> {
    let owned = |patterns: &[&str]| patterns.iter().map(|&pattern| pattern.to_owned()).collect::<Vec<_>>();
    let (immutable, exclude) = (owned(immutable), owned(exclude));
    static_files(&StaticRequest {
        folder: project.path("site"),
        cache: 60,
        immutable: &immutable,
        exclude: &exclude,
        index,
    })
}

#[test]
fn files_have_their_type_and_what_may_be_kept() {
    let project = Project::new(&[
        ("site/index.html", "<html>"),
        ("site/css/base.css", "a"),
        ("site/css/base.0123456789ab.css", "a"),
        ("site/js/app.js", "b"),
        ("site/js/app-DiwrgTda.js", "b"),
        ("site/data.json", "{}"),
        ("site/font.woff2", "f"),
        ("site/logo.svg", "<svg/>"),
        ("site/unknown", "?"),
        (
            "site/staticfiles.json",
            r#"{"paths": {"css/base.css": "css/base.0123456789ab.css", "data.json": "data.json"}}"#,
        ),
        // Nobody meant to serve these.
        ("site/.env", "SECRET=1"),
        ("site/.git/config", ""),
        ("site/js/app.js.map", "{}"),
    ]);
    let found = read(&project, &["js/*-????????.js"], &["*.map"], Some("index.html")).expect("read");
    let told: Vec<_> =
        found.files.iter().map(|file| (&*file.name, &*file.content_type, &*file.cache_control)).collect();
    let (minute, good) = ("public, max-age=60", "public, max-age=31536000, immutable");
    assert_eq!(
        told,
        [
            ("css/base.0123456789ab.css", "text/css; charset=utf-8", good),
            ("css/base.css", "text/css; charset=utf-8", minute),
            ("data.json", "application/json", minute),
            ("font.woff2", "font/woff2", minute),
            ("index.html", "text/html; charset=utf-8", minute),
            ("js/app-DiwrgTda.js", "text/javascript; charset=utf-8", good),
            ("js/app.js", "text/javascript; charset=utf-8", minute),
            ("logo.svg", "image/svg+xml", minute),
            ("staticfiles.json", "application/json", minute),
            ("unknown", "application/octet-stream", minute),
        ]
    );
}

#[test]
fn a_version_is_its_content() {
    let one = Project::new(&[("site/a.css", "a"), ("site/b.css", "b")]);
    let same = Project::new(&[("site/b.css", "b"), ("site/a.css", "a")]);
    let version = |project: &Project, immutable: &[&str]| read(project, immutable, &[], None).expect("read").version;
    assert_eq!(version(&one, &[]), version(&same, &[]));
    for other in [
        version(&Project::new(&[("site/a.css", "a"), ("site/b.css", "c")]), &[]),
        version(&Project::new(&[("site/a.css", "a"), ("site/c.css", "b")]), &[]),
        version(&one, &["a.css"]),
    ] {
        assert_ne!(other, version(&one, &[]));
    }
}

#[test]
fn what_cannot_be_served_is_named() {
    let check = |project: &Project, index: Option<&str>, exclude: &str, expected: &str| {
        let error = read(project, &[], &[exclude], index).expect_err("refused");
        let text = format!("{error} | {}", error.hint().unwrap_or_default());
        assert!(text.contains(expected), "{text}");
    };
    let project = Project::new(&[("site/a.css", "a"), ("other/b", "b")]);
    check(
        &Project::new(&[("other/b", "b")]),
        None,
        "x",
        "does not exist | make it before the build, with `package: {before",
    );
    check(&project, None, "*.css", "has no files");
    check(&project, Some("index.html"), "x", "has no index.html, which `static.index` names");
    check(&project, None, "!x", "`!x` in `static.exclude` is not a pattern");
    let file = std::fs::File::create(project.path("site/film.mp4")).expect("made");
    file.set_len(10_485_761).expect("grown");
    check(&project, None, "x", "these static files are larger: film.mp4 | exclude them with `static: {exclude");
    file.set_len(10_485_760).expect("shrunk");
    assert!(read(&project, &[], &[], None).is_ok());
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(project.path("other/b"), project.path("site/link.css")).expect("linked");
        check(&project, None, "x", "`collectstatic` without `--link`");
    }
}
