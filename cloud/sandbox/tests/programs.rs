//! Real programs, run apart.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(target_os = "linux")]

use slam_cloud_sandbox::{Child, Exit, Launcher, Limits, Spec, Temporary};
use std::path::Path;

fn spec(script: &str) -> Spec {
    Spec {
        program: "/bin/sh".into(),
        arguments: vec!["-c".into(), script.into()],
        environment: vec![("PATH".into(), "/usr/bin:/bin".into()), ("ONLY".into(), "this".into())],
        directory: "/".into(),
        read_only: None,
        temporary: None,
        limits: Limits::default(),
    }
}

fn launcher() -> Launcher {
    Launcher::new(Path::new("/usr")).unwrap()
}

async fn shell(script: &str) -> Child {
    launcher().launch(spec(script)).await.unwrap()
}

/// Runs a script to its end: how it ended and what it printed.
async fn run(script: &str) -> (Exit, Vec<String>) {
    end(shell(script).await).await
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
async fn everything_is_killed() {
    let mark = "1000.0815";
    let script =
        format!("sleep {mark} & setsid sleep {mark} & (setsid sh -c 'sleep {mark} & sleep {mark}' &); echo; wait");
    let mut child = shell(&script).await;
    let mut lines = Vec::new();
    child.take_output().unwrap().read(&mut lines).await.unwrap();
    while with_argument(mark) < 4 {
        tokio::task::yield_now().await;
    }
    child.group().kill();
    assert_eq!(child.wait().await, Exit::Signal(9));
    assert_eq!(with_argument(mark), 0);
}

#[tokio::test]
async fn what_a_program_leaves_ends_with_it() {
    let mark = "1000.4711";
    let (exit, _) =
        run(&format!("(setsid sleep {mark} >/dev/null 2>&1 &); sleep {mark} >/dev/null 2>&1 & exit 3")).await;
    assert_eq!((exit, with_argument(mark)), (Exit::Code(3), 0));
}

/// How many programs `sleep` run with this argument.
fn with_argument(argument: &str) -> usize {
    let lines =
        std::fs::read_dir("/proc").unwrap().flatten().map(|process| std::fs::read(process.path().join("cmdline")));
    lines.flatten().filter(|line| *line == format!("sleep\0{argument}\0").as_bytes()).count()
}

#[tokio::test]
async fn a_program_that_cannot_be_started_is_told() {
    let missing = Spec { program: "/nowhere".into(), ..spec("") };
    assert_eq!(
        launcher().launch(missing).await.unwrap_err().to_string(),
        "cannot start /nowhere: No such file or directory (os error 2)"
    );
    let no_program = Spec { program: "/etc/passwd".into(), ..spec("") };
    assert!(launcher().launch(no_program).await.unwrap_err().to_string().contains("Permission denied"));
}

/// Where the kernel lets this user.
#[tokio::test]
async fn a_program_has_its_own_folder_for_temporary_files() {
    let root = tempfile::tempdir_in("/tmp").unwrap();
    std::fs::write(root.path().join("file"), "kept\n").unwrap();
    let launcher = launcher();
    if !launcher.has_mounts() {
        return eprintln!("no /tmp of its own here: {:?}", launcher.reason());
    }
    let script = format!(
        "echo x > /tmp/mine; cat {}/file; ls -A /tmp | wc -l; stat -c %a /tmp; head -c 3000000 /dev/zero 2>&1 > /tmp/large || rm /tmp/large",
        root.path().display()
    );
    let temporary = Some(Temporary { size: 2 << 20, kept: vec![root.path().to_owned()] });
    let child = launcher.launch(Spec { temporary, ..spec(&script) }).await.unwrap();
    let (exit, lines) = end(child).await;
    let full = "head: error writing 'standard output': No space left on device";
    assert_eq!((exit, lines), (Exit::Code(0), ["kept", "2", "1777", full].map(str::to_owned).to_vec()));
    assert!(!Path::new("/tmp/mine").exists());
}

/// Where the kernel lets this user.
#[tokio::test]
async fn a_program_sees_its_own_processes_alone() {
    let launcher = launcher();
    if !launcher.has_processes() {
        return eprintln!("no processes of its own here: {:?}", launcher.reason());
    }
    let child =
        launcher.launch(spec("set -- /proc/[0-9]*; echo $#; kill -9 1; echo $?; kill -STOP 1; cat /proc/1/comm")).await;
    let (exit, lines) = end(child.unwrap()).await;
    // The init and the shell.
    assert_eq!((exit, lines), (Exit::Code(0), ["2", "0", "slam-init"].map(str::to_owned).to_vec()));
}

#[tokio::test]
async fn memory_is_measured_over_the_group() {
    let mut child = shell("sleep 1000 & echo; wait").await;
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
    let launcher = Launcher::new(&sealed).unwrap();
    if !launcher.has_mounts() {
        return eprintln!("no folder can be made read-only here: {:?}", launcher.reason());
    }
    let script = format!(
        "for file in file new ../new {sealed}/new {open}/new; do {{ echo changed > $file; }} 2>/dev/null && echo $file; done
         cat file; pwd; touch new 2>&1 | sed 's/.*: //'; id -u",
        sealed = sealed.display(),
        open = open.display(),
    );
    let spec = Spec { directory: sealed.join("inside"), read_only: Some(sealed.clone()), ..spec(&script) };
    let (exit, lines) = end(launcher.launch(spec).await.unwrap()).await;
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
