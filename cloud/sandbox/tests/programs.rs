//! Real programs, run apart.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(target_os = "linux")]

use slam_cloud_sandbox::{Child, Exit, Launcher, Limits, Spec};

async fn shell(script: &str, limits: Limits) -> Child {
    let spec = Spec {
        program: "/bin/sh".into(),
        arguments: vec!["-c".into(), script.into()],
        environment: vec![("PATH".into(), "/usr/bin:/bin".into()), ("ONLY".into(), "this".into())],
        directory: "/".into(),
        limits,
    };
    Launcher::new().unwrap().launch(spec).await.unwrap()
}

/// Runs a script to its end: how it ended and what it printed.
async fn run(script: &str) -> (Exit, Vec<String>) {
    let mut child = shell(script, Limits::default()).await;
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
