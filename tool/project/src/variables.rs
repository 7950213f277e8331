//! Every environment variable that slam reads or sets: the one place where they are declared.
//!
//! `docs/variables.md` is written from [`VARIABLES`]. The cloud, the packager and the adapter cannot ask this crate, so they
//! name theirs themselves; the test of the laws holds all sources against this table, both ways.

use std::fmt::Write;

/// Moves everything that slam keeps on a machine.
pub const SLAM_HOME: &str = "SLAM_HOME";
/// The port of the embedded cloud.
pub const SLAM_PORT: &str = "SLAM_PORT";
/// What the embedded cloud logs of itself.
pub const SLAM_LOG: &str = "SLAM_LOG";
/// Hosts of this machine that integrations may reach.
pub const SLAM_ALLOW_HOSTS: &str = "SLAM_ALLOW_HOSTS";
/// What opens the embedded cloud's own endpoints.
pub const SLAM_TOKEN: &str = "SLAM_TOKEN";
/// By which a shell's script asks for completions.
pub const SLAM_COMPLETE: &str = "SLAM_COMPLETE";
/// The environments of the stages: `{"dev": {"STAGE": "dev", "TABLE_TASKS": "dev.tasks"}}`. The first stage is the one for
/// invocations that name none.
pub const SLAM_STAGES: &str = "SLAM_STAGES";
/// Where the values of secret variables are kept: `{"DATABASE_URL": "ssm:/tasks/database"}`.
pub const SLAM_SECRETS: &str = "SLAM_SECRETS";
/// Lets code be run from outside; the adapter refuses commands without it.
pub const SLAM_COMMANDS: &str = "SLAM_COMMANDS";
/// Where the adapter keeps results of tasks.
pub const SLAM_TASKS_TABLE: &str = "SLAM_TASKS_TABLE";
/// The URL of the queue through which tasks reach their invocation.
pub const SLAM_TASKS_QUEUE: &str = "SLAM_TASKS_QUEUE";
/// For how many seconds it keeps them.
pub const SLAM_TASKS_SECONDS: &str = "SLAM_TASKS_SECONDS";
/// The fewest bytes of an answer that the adapter compresses.
pub const SLAM_GZIP: &str = "SLAM_GZIP";
/// What the adapter tells browsers of pages of other origins.
pub const SLAM_CORS: &str = "SLAM_CORS";
/// Silences the adapter's line about each request.
pub const SLAM_LOG_REQUESTS: &str = "SLAM_LOG_REQUESTS";
/// The version of the static files that belong to the function.
pub const SLAM_STATIC: &str = "SLAM_STATIC";
/// The path at which an API's own URL has the stage: what Django puts before its URLs is asked for while it is imported.
pub const SCRIPT_NAME: &str = "SCRIPT_NAME";

/// One variable, or several that are one setting.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Their names.
    pub names: &'static [&'static str],
    /// What it is for.
    pub meaning: &'static str,
    /// What holds without it.
    pub default: &'static str,
    /// Who reads it.
    pub reader: &'static str,
}

/// The variables of one place.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Where they are set.
    pub title: &'static str,
    /// By whom, and for what.
    pub about: &'static str,
    /// The variables.
    pub variables: &'static [Variable],
}

const fn variable(
    names: &'static [&'static str],
    meaning: &'static str,
    default: &'static str,
    reader: &'static str,
) -> Variable {
    Variable { names, meaning, default, reader }
}

/// All of them.
pub const VARIABLES: [Group; 6] = [
    Group {
        title: "slam's own",
        about: "You set these where slam runs.",
        variables: &[
            variable(
                &[SLAM_HOME],
                "the folder of everything that slam keeps on a machine: the cloud's data, keys, caches",
                "`~/.slam`",
                "the tool",
            ),
            variable(&[SLAM_PORT], "the embedded cloud's port", "4566", "the tool, when it starts the cloud"),
            variable(
                &[SLAM_LOG],
                "what the embedded cloud logs of itself, such as `debug` or `warn,slam_cloud_lambda=debug`",
                "`warn`, and what functions run on",
                "the cloud",
            ),
            variable(
                &["SLAM_LOGS_MB", "SLAM_LOGS_DAYS"],
                "how much the embedded cloud keeps of logs: megabytes of all groups together, beyond which the oldest events of \
                 the largest group go, and days, where a group has no retention of its own",
                "512 and 30",
                "the cloud",
            ),
            variable(
                &[SLAM_ALLOW_HOSTS],
                "hosts of this machine that integrations and webhooks may send requests to, apart by commas, as `NAME` or \
                 `NAME:PORT`: `localhost:8000`",
                "none: on AWS, too, they reach no loopback",
                "the tool, when it starts the cloud",
            ),
            variable(
                &["SLAM_RUNTIME_PACKAGES"],
                "folders, apart as in PATH, in which Python functions find the AWS SDK",
                "those of the interpreter, else what the cloud installs",
                "the cloud, for each environment of a function",
            ),
        ],
    },
    Group {
        title: "Others' that slam reads",
        about: "These mean what they mean elsewhere.",
        variables: &[
            variable(
                &["AWS_ENDPOINT_URL", "AWS_REGION", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
                "the account and region of stages with `target: aws`, with all others that AWS's SDKs read; local stages \
                 need none. `slam env` prints those of the embedded cloud",
                "AWS's configuration files",
                "the tool",
            ),
            variable(&["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"], "colours off or on", "on at a terminal", "the tool"),
            variable(&["CI"], "lines that neither move nor break", "as at a terminal, where there is one", "the tool"),
            variable(&["SHELL"], "the shell that `slam env` prints for", "`sh`", "the tool"),
            variable(&["HOME"], "where `~` is", "the system's record of the user", "the tool and the cloud"),
            variable(&["PATH"], "where uv, Python, Node.js and JDKs are looked for", "", "the tool and the cloud"),
            variable(
                &["PYENV_ROOT", "UV_PYTHON_INSTALL_DIR", "XDG_DATA_HOME"],
                "where pyenv and uv keep Pythons, and fnm its Node.js",
                "`~/.pyenv`, `~/.local/share`",
                "the tool and the cloud",
            ),
            variable(
                &["NVM_DIR", "FNM_DIR", "VOLTA_HOME"],
                "where version managers keep Node.js",
                "their folders in the home",
                "the cloud",
            ),
            variable(
                &["JAVA_HOME", "SDKMAN_CANDIDATES_DIR", "ASDF_DATA_DIR", "MISE_DATA_DIR"],
                "where JDKs are",
                "the system's folders, and version managers' in the home",
                "the cloud",
            ),
            variable(
                &[
                    "PIP_INDEX_URL",
                    "PIP_EXTRA_INDEX_URL",
                    "PIP_FIND_LINKS",
                    "PIP_NO_INDEX",
                    "PIP_CERT",
                    "PIP_CONFIG_FILE",
                ],
                "pip's settings, handed on to uv where uv has none of its own; every variable of uv's counts more",
                "`pip.conf` in `/etc`, the home, `$XDG_CONFIG_HOME` and `$VIRTUAL_ENV`",
                "the tool",
            ),
            variable(
                &["PIP_ONLY_BINARY", "UV_NO_BUILD", "UV_NO_BUILD_PACKAGE"],
                "dependencies that are not built from their source",
                "what has no wheel is built, where pure Python comes out",
                "the tool",
            ),
        ],
    },
    Group {
        title: "From `slam env`",
        about: "`slam env` prints it, beside those that point an AWS client at the embedded cloud.",
        variables: &[variable(
            &[SLAM_TOKEN],
            "what opens the embedded cloud's own endpoints, as `Authorization: Bearer TOKEN`: `/_slam/reset`, `/_slam/apis`",
            "",
            "your test suite",
        )],
    },
    Group {
        title: "For `package.before`",
        about: "slam sets these for the command that runs before a package is built.",
        variables: &[
            variable(&["SLAM_RUNTIME"], "the runtime that is built for, such as `python3.13`", "", "your command"),
            variable(
                &["SLAM_ARCHITECTURE"],
                "the processor that is built for: `x86_64` or `arm64`",
                "",
                "your command",
            ),
        ],
    },
    Group {
        title: "In a function",
        about: "slam sets these in the template; names that begin with `SLAM_` are its own, and refused in slam.yaml. What \
                else your application sees is in [adapter.md](adapter.md).",
        variables: &[
            variable(&["STAGE"], "the stage that was invoked", "", "your application"),
            variable(&["LAMBDA_VERSION"], "the version of the function that runs", "", "your application"),
            variable(
                &[SCRIPT_NAME],
                "the path that most probably leads to the application",
                "none without an API",
                "your application, and the adapter",
            ),
            variable(
                &[SLAM_STAGES],
                "what differs between stages, as JSON: the adapter puts on the variables of the invoked one, and takes \
                 this one away",
                "",
                "the adapter",
            ),
            variable(
                &[SLAM_SECRETS],
                "where the values of `secrets` are kept, as JSON: the adapter reads them before it imports the application, \
                 and takes this one away",
                "",
                "the adapter",
            ),
            variable(
                &["SLAM_DEV_STAGE"],
                "the stage of invocations that name none; slam does not set it, other templates may",
                "the first of `SLAM_STAGES`",
                "the adapter",
            ),
            variable(
                &[SLAM_COMMANDS],
                "`1` where `commands: true` lets code be run from outside",
                "commands are refused",
                "the adapter",
            ),
            variable(
                &[SLAM_GZIP],
                "the fewest bytes of an answer that is compressed (`http: {gzip: …}`)",
                "nothing is compressed",
                "the adapter",
            ),
            variable(
                &[SLAM_CORS],
                "which pages of other origins may read the answers, as JSON (`http: {cors: …}` of REST APIs)",
                "answers say nothing of it",
                "the adapter",
            ),
            variable(
                &[SLAM_LOG_REQUESTS],
                "`0` for no line about each request in the log (`logs: {requests: false}`)",
                "a line each",
                "the adapter",
            ),
            variable(
                &[SLAM_TASKS_TABLE, SLAM_TASKS_SECONDS],
                "the table with the results of tasks, and how long it keeps them (`tasks: {results: …}`)",
                "results are not kept",
                "the adapter",
            ),
            variable(
                &[SLAM_TASKS_QUEUE],
                "the URL of the function's queue of tasks (`tasks: {via: queue}`)",
                "a task is an asynchronous invocation",
                "the adapter",
            ),
            variable(
                &[SLAM_STATIC],
                "the version of the static files: with other files the function is another one to Lambda, and a new \
                 version of it can be published",
                "",
                "Lambda",
            ),
        ],
    },
    Group {
        title: "For the work on slam",
        about: "",
        variables: &[
            variable(
                &["SLAM_BINARY"],
                "the program under test",
                "`target/debug/slam`; benchmarks take the release",
                "tests/, benches/; `cargo xtask test` sets it",
            ),
            variable(&["SLAM_UPDATE_DOCS"], "writes docs/cli.md anew", "it is compared", "`cargo test -p slam`"),
            variable(
                &["SLAM_WRITE_EXPECTED"],
                "writes anew what tests/test_stack_properties.py expects",
                "it is compared",
                "tests/",
            ),
            variable(
                &[SLAM_COMPLETE],
                "set by the script of `slam completions`: the program answers how a line may go on",
                "",
                "the tool",
            ),
        ],
    },
];

/// `docs/variables.md`.
#[must_use]
pub fn variables() -> String {
    let mut page = String::from(
        "# Environment variables\n\nEvery one that slam reads or sets, besides those of AWS's runtimes. \
         Written by `cargo xtask docs` from the code.\n",
    );
    for group in VARIABLES {
        let about = if group.about.is_empty() { String::new() } else { format!("{}\n\n", group.about) };
        let _ = write!(
            page,
            "\n## {}\n\n{about}| variable | what it does | without it | who reads it |\n|---|---|---|---|\n",
            group.title
        );
        for row in group.variables {
            let names: Vec<_> = row.names.iter().map(|name| format!("`{name}`")).collect();
            let _ = writeln!(page, "| {} | {} | {} | {} |", names.join(", "), row.meaning, row.default, row.reader);
        }
    }
    page
}
