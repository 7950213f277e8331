"""Completion in real shells: commands, and the stages and functions of slam.yaml."""

import os
import pathlib
import shutil
import subprocess

import pytest

YAML = """
name: completed
app: app:app
stages: {dev: {}, preview: {}, prod: {}}
functions: {mailer: {app: "app:mail"}, painter: {app: "app:paint"}}
"""

# What each shell itself does at Tab, without a terminal: COMPREPLY, compadd, `complete -C`.
BASH = """
source <("$SLAM" completions bash)
COMP_WORDS=({words}) COMP_CWORD=$(({count} - 1)) COMP_TYPE=9
_clap_complete_slam slam "${{COMP_WORDS[COMP_CWORD]}}" ""
printf '%s\\n' "${{COMPREPLY[@]}}"
"""
ZSH = """
autoload -Uz compinit && compinit -u -d "$ZDOTDIR/dump"
source <("$SLAM" completions zsh)
compadd() {{ :; }}
_describe() {{ print -l -- ${{(P)${{@[-1]}}}} ; }}
words=({words}) CURRENT={count}
_clap_dynamic_completer_slam
"""
FISH = """
"$SLAM" completions fish | source
complete -C "{line}"
"""
SCRIPTS = {"bash": BASH, "zsh": ZSH, "fish": FISH}


@pytest.fixture
def complete(tmp_path):
    (tmp_path / "slam.yaml").write_text(YAML)
    (tmp_path / "bin").mkdir()
    binary = os.environ.get("SLAM_BINARY") or pathlib.Path(__file__).parent.parent / "target" / "debug" / "slam"
    (tmp_path / "bin" / "slam").symlink_to(binary)

    def ask(shell, line, cwd=tmp_path):
        if shutil.which(shell) is None:
            pytest.skip(f"this machine has no {shell}")
        words = line.split(" ")
        quoted = " ".join(f"'{word}'" for word in words)
        script = SCRIPTS[shell].format(words=quoted, count=len(words), line=line)
        variables = {**os.environ, "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}", "SLAM": "slam", "ZDOTDIR": str(tmp_path), "HOME": str(tmp_path), "SLAM_HOME": str(tmp_path / "home")}
        done = subprocess.run([shell, "-c", script], cwd=cwd, env=variables, capture_output=True, text=True, timeout=60)
        # Of a candidate, what is inserted: descriptions follow a tab or a colon.
        return {found.split("\t")[0].split(":")[0].strip() for found in done.stdout.splitlines()} - {""}, done

    return ask


@pytest.mark.parametrize("shell", SCRIPTS)
def test_commands_stages_and_functions(complete, shell):
    def check(line, expected):
        found, done = complete(shell, line)
        assert found == expected, (line, done.stdout, done.stderr)

    check("slam pub", {"publish"})
    check("slam logs --stage ", {"dev", "preview", "prod"})
    check("slam logs --stage pr", {"preview", "prod"})
    check("slam publish p", {"preview", "prod"})
    check("slam invoke --function ", {"mailer", "painter"})


def test_a_project_that_cannot_be_read_has_no_names(complete, tmp_path):
    (tmp_path / "slam.yaml").write_text("name: [")
    found, done = complete("bash", "slam logs --stage ")
    assert found == set() and done.stderr == "", done


def test_another_file_may_be_meant(complete, tmp_path):
    (tmp_path / "other.yaml").write_text("name: other\napp: app:app\nstages: {night: {}}\n")
    assert complete("bash", "slam -c other.yaml logs --stage ")[0] == {"night"}
