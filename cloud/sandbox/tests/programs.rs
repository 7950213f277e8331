//! Real programs, run apart.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(target_os = "linux")]

use slam_cloud_sandbox::{Child, Exit, Launcher, Limits, ReadOnly, Spec};
use std::path::PathBuf;

async fn shell(script: &str, limits: Limits) -> Child {
    shell_with(script, limits, "/".into(), None).await
}

async fn shell_with(script: &str, limits: Limits, directory: PathBuf, read_only: Option<ReadOnly>) -> Child {
    let spec = Spec {
        program: "/bin/sh".into(),
        arguments: vec!["-c".into(), script.into()],
        environment: vec![("PATH".into(), "/usr/bin:/bin".into()), ("ONLY".into(), "this".into())],
        directory,
        read_only,
        limits,
    };
    Launcher::new().unwrap().launch(spec).await.unwrap()
}

/// Runs a script to its end: how it ended and what it printed.
async fn run(script: &str) -> (Exit, Vec<String>) {
    end(shell(script, Limits::default()).await).await
}

async fn end(mut child: Child) -> (Exit, Vec<String>) {
    let mut output = child.take_output().unwrap();
    let mut lines = Vec::new();
    while output.read(&mut lines).await.unwrap() {}
    (child.wait().await, lines.iter().map(|line| String::from_utf8_lossy(line).into_owned()).collect())
}

#[tokio::test]
async fn the_environment_is_made_from_scratch() {
    let (exit, mut lines) = run("env").await;
    lines.retain(|line| !line.starts_with("PWD=") && !line.starts_with("_=") && !line.starts_with("SHLVL="));
    lines.sort();
    assert_eq!((exit, lines), (Exit::Code(0), vec!["ONLY=this".to_owned(), "PATH=/usr/bin:/bin".to_owned()]));
}

#[tokio::test]
async fn both_streams_arrive_in_order() {
    let (_, lines) = run("echo one; echo two >&2; echo three").await;
    assert_eq!(lines, ["one", "two", "three"]);
}

#[tokio::test]
async fn the_limits_hold() {
    let (_, lines) = run("ulimit -n; ulimit -c; umask").await;
    assert_eq!(lines, ["1024", "0", "0022"]);
}

#[tokio::test]
async fn ends_are_told_as_go_tells_them() {
    assert_eq!(run("exit 7").await.0.to_string(), "exit status 7");
    assert_eq!(run("kill -KILL $$").await.0.to_string(), "signal: killed");
}

#[tokio::test]
async fn no_open_file_is_inherited() {
    let (_, lines) = run("ls /proc/$$/fd").await;
    assert_eq!(lines, ["0", "1", "2"]);
}

#[tokio::test]
async fn the_whole_group_is_killed() {
    let mut child = shell("sleep 1000 & echo $!; setsid sleep 1000 & echo $!; wait", Limits::default()).await;
    let mut output = child.take_output().unwrap();
    let mut lines = Vec::new();
    while lines.len() < 2 {
        output.read(&mut lines).await.unwrap();
    }
    child.group().kill();
    assert_eq!(child.wait().await, Exit::Signal(9));
    for line in lines {
        let process = format!("/proc/{}/stat", String::from_utf8_lossy(&line));
        // Killed processes vanish, or are zombies until somebody reaps them.
        while std::fs::read_to_string(&process).is_ok_and(|stat| !stat.contains(") Z ")) {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test]
async fn memory_is_measured_over_the_group() {
    let mut child = shell("sleep 1000 & echo; wait", Limits::default()).await;
    let mut lines = Vec::new();
    child.take_output().unwrap().read(&mut lines).await.unwrap();
    let memory = child.group().memory().unwrap();
    assert!(memory.resident > 0 && memory.peak >= memory.resident, "{memory:?}");
}

/// Where the kernel lets this user; whether it does is the system's affair, so that only what follows can be wrong.
#[tokio::test]
async fn a_read_only_folder_cannot_be_changed_and_others_can() {
    let root = tempfile::tempdir().unwrap();
    let (sealed, open) = (root.path().join("sealed"), root.path().join("open"));
    std::fs::create_dir_all(sealed.join("inside")).unwrap();
    std::fs::create_dir(&open).unwrap();
    std::fs::write(sealed.join("inside/file"), "as it was\n").unwrap();
    let read_only = match ReadOnly::of(&sealed) {
        Ok(read_only) => read_only,
        Err(reason) => return eprintln!("no folder can be made read-only here: {reason}"),
    };
    let script = format!(
        "for file in file new ../new {sealed}/new {open}/new; do {{ echo changed > $file; }} 2>/dev/null && echo $file; done
         cat file; pwd; touch new 2>&1 | sed 's/.*: //'; id -u",
        sealed = sealed.display(),
        open = open.display(),
    );
    let child = shell_with(&script, Limits::default(), sealed.join("inside"), Some(read_only)).await;
    let (exit, lines) = end(child).await;
    let user = std::process::Command::new("id").arg("-u").output().unwrap().stdout;
    let inside = sealed.join("inside").display().to_string();
    let expected = [
        format!("{}/new", open.display()),
        "as it was".into(),
        inside,
        "Read-only file system".into(),
        String::from_utf8(user).unwrap().trim().to_owned(),
    ];
    assert_eq!((exit, lines), (Exit::Code(0), expected.to_vec()));
    // For nobody else.
    std::fs::write(sealed.join("inside/file"), "changed\n").unwrap();
}
