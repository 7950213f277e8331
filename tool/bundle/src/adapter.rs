//! The adapter's files, which are part of this program. A package gets those that it needs.

use crate::slim::comments::without_comments;
use crate::{BundleRequest, Kind};
use std::borrow::Cow;

/// The package of the adapter.
pub const ADAPTER: &str = "slam_lambda";

macro_rules! adapter {
    ($($file:literal),* $(,)?) => {
        [$((concat!("slam_lambda/", $file), include_str!(concat!("../../../python/slam_lambda/", $file)))),*]
    };
}

/// The adapter's files, by their names in the package.
const ADAPTER_FILES: [(&str, &str); 27] = adapter![
    "__init__.py",
    "asgi.py",
    "commands.py",
    "compression.py",
    "cors.py",
    "events/__init__.py",
    "events/alb.py",
    "events/payload_v2.py",
    "events/prefix.py",
    "events/rest_v1.py",
    "failure.py",
    "functions.py",
    "handler.py",
    "http.py",
    "isolation.py",
    "lifespan.py",
    "log.py",
    "root_path.py",
    "runtime/__init__.py",
    "runtime/errors.py",
    "runtime/records.py",
    "script_name.py",
    "secrets.py",
    "stages.py",
    "tasks.py",
    "websocket.py",
    "wsgi.py",
];

/// The other files of the runtime that streams, for packages that ask for it: what it says of errors every package says.
const RUNTIME_FILES: [(&str, &str); 9] = adapter![
    "runtime/__main__.py",
    "runtime/api.py",
    "runtime/asgi.py",
    "runtime/context.py",
    "runtime/encoding.py",
    "runtime/logs.py",
    "runtime/loop.py",
    "runtime/streams.py",
    "runtime/wsgi.py",
];

/// The script that starts it. `AWS_LAMBDA_EXEC_WRAPPER` names it by this name in `/var/task`.
pub const STREAM_FILE: &str = "slam_stream";

/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper>
pub const STREAM: &str = r#"#!/bin/sh
# Made by slam. Lambda calls it with the command of its own runtime: the interpreter, options, and last a script. It
# starts the runtime that streams instead, with the same interpreter and options.
others=$(($# - 1))
while [ "$others" -gt 0 ]; do
    set -- "$@" "$1"
    shift
    others=$((others - 1))
done
shift
cd "$LAMBDA_TASK_ROOT" && exec "$@" -m slam_lambda.runtime
"#;

/// The files for a package, by their names in it.
pub fn files(request: &BundleRequest) -> Vec<(&'static str, Cow<'static, str>)> {
    let runtime = if request.stream { &RUNTIME_FILES[..] } else { &[] };
    let needed = ADAPTER_FILES.iter().chain(runtime).filter(|(name, _)| is_needed(name, request));
    needed
        .map(|(name, text)| (*name, if request.slim { without_comments(text).into() } else { Cow::Borrowed(*text) }))
        .collect()
}

/// Whether a package needs a file. Every module of the adapter is imported when it is first needed.
fn is_needed(name: &str, request: &BundleRequest) -> bool {
    let name = name.strip_prefix("slam_lambda/").unwrap_or(name);
    let any = |wanted: &[Kind]| request.handlers.iter().any(|handler| wanted.contains(&handler.kind));
    match name {
        "commands.py" => request.commands,
        "compression.py" => request.gzip,
        "cors.py" => request.cors,
        "secrets.py" => request.secrets,
        "functions.py" => any(&[Kind::Function]),
        "wsgi.py" | "runtime/wsgi.py" => any(&[Kind::Wsgi]),
        "asgi.py" | "lifespan.py" | "root_path.py" | "websocket.py" | "runtime/asgi.py" => any(&[Kind::Asgi]),
        "http.py" => any(&[Kind::Wsgi, Kind::Asgi]),
        name if name.starts_with("events/") => any(&[Kind::Wsgi, Kind::Asgi]),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn check(request: &BundleRequest, there: &[&str], absent: &[&str]) {
        let names: Vec<_> = files(request).into_iter().map(|(name, _)| name).collect();
        let has = |name: &&&str| names.contains(&format!("slam_lambda/{name}").as_str());
        assert_eq!(there.iter().filter(has).count(), there.len(), "{names:?}");
        assert_eq!(absent.iter().filter(has).count(), 0, "{names:?}");
    }

    fn request(kind: Kind) -> BundleRequest {
        BundleRequest::new("", "a:b", kind, "")
    }

    #[test]
    fn a_package_has_the_files_of_its_kind() {
        check(
            &request(Kind::Function),
            &["__init__.py", "handler.py", "tasks.py", "functions.py"],
            &["http.py", "wsgi.py", "asgi.py", "events/alb.py"],
        );
        check(
            &request(Kind::Wsgi),
            &["wsgi.py", "http.py", "events/alb.py"],
            &["asgi.py", "websocket.py", "functions.py"],
        );
        check(&request(Kind::Asgi), &["asgi.py", "lifespan.py", "websocket.py", "http.py"], &["wsgi.py"]);
    }

    #[test]
    fn a_package_has_the_files_of_what_is_switched_on() {
        let off = request(Kind::Wsgi);
        check(&off, &[], &["commands.py", "compression.py", "runtime/api.py"]);
        check(&BundleRequest { commands: true, ..off.clone() }, &["commands.py"], &["compression.py"]);
        check(&BundleRequest { gzip: true, ..off.clone() }, &["compression.py"], &["commands.py", "secrets.py"]);
        check(&BundleRequest { secrets: true, ..off.clone() }, &["secrets.py"], &["commands.py", "cors.py"]);
        check(&BundleRequest { cors: true, ..off.clone() }, &["cors.py"], &["secrets.py"]);
        check(&BundleRequest { stream: true, ..off }, &["runtime/api.py", "runtime/wsgi.py"], &["runtime/asgi.py"]);
    }

    #[test]
    fn every_file_of_the_adapter_is_embedded() {
        fn visit(root: &Path, directory: &Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(directory).expect("read").flatten() {
                let path = entry.path();
                if path.is_dir() {
                    visit(root, &path, found);
                } else if path.extension().is_some_and(|extension| extension == "py") {
                    found.push(path.strip_prefix(root).expect("inside").to_string_lossy().replace('\\', "/"));
                }
            }
        }
        let python = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../python");
        let mut found = Vec::new();
        visit(&python, &python.join(ADAPTER), &mut found);
        found.sort();
        let mut embedded: Vec<_> = ADAPTER_FILES.into_iter().chain(RUNTIME_FILES).map(|(name, _)| name).collect();
        embedded.sort_unstable();
        assert_eq!(found, embedded);
    }

    /// What the script starts for the command that it is given.
    #[cfg(unix)]
    #[test]
    fn the_script_of_lambdas_runtime_is_replaced() {
        let check = |command: &[&str], expected: &str| {
            let output = std::process::Command::new("sh")
                .args(["-c", STREAM, "slam_stream", "echo"])
                .args(command)
                .env("LAMBDA_TASK_ROOT", env!("CARGO_MANIFEST_DIR"))
                .output()
                .expect("sh runs");
            assert_eq!(String::from_utf8_lossy(&output.stdout).trim_end(), expected);
        };
        check(&["/var/runtime/bootstrap.py"], "-m slam_lambda.runtime");
        check(&["-X", "a=b c", "/var/runtime/bootstrap.py"], "-X a=b c -m slam_lambda.runtime");
    }
}
