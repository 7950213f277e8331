"""Errors say what, where, why and what to do; exit codes tell programs."""

import socket

import pytest


def write(folder, text):
    (folder / "slam.yaml").write_text(text)


def test_a_bad_config_is_shown_with_its_line(machine, tmp_path):
    write(tmp_path, "name: tasks\napp: tasks:app\ntables:\n  tasks:\n    attributes: {id: S}\n    key: owner\n")
    error = machine.run("deploy", cwd=tmp_path, code=2).stderr
    assert "slam.yaml:6" in error
    assert "key: owner" in error
    assert "hint" in error


@pytest.mark.parametrize(
    "line, expected",
    [("memroy: 512", "memory"), ("tracing: true", "not supported"), ("timeout: 1000000", "900")],
)
def test_keys_are_checked(machine, tmp_path, line, expected):
    write(tmp_path, f"name: tasks\napp: tasks:app\n{line}\n")
    error = machine.run("template", cwd=tmp_path, code=2).stderr
    assert "slam.yaml:3" in error and expected in error


def test_no_config(machine, tmp_path):
    assert "slam init" in machine.run("deploy", cwd=tmp_path, code=2).stderr


def test_a_missing_module(machine, tmp_path):
    write(tmp_path, "name: tasks\napp: nowhere:app\nkind: wsgi\n")
    assert "nowhere" in machine.run("deploy", cwd=tmp_path, code=2).stderr


def test_a_dependency_without_a_wheel(machine, project):
    folder = project("fizzbuzz")
    machine.run("init", "fizzbuzz:fizzbuzz", cwd=folder)
    # Released as source only, which compiles C.
    (folder / "requirements.txt").write_text("psycopg2==2.9.10\n")
    error = machine.run("deploy", cwd=folder, code=2).stderr
    assert "`psycopg2` 2.9.10 has no wheel" in error and "psycopg2-binary" in error


def test_a_port_that_is_taken(machine):
    with socket.socket() as other:
        other.bind(("127.0.0.1", machine.port))
        other.listen()
        error = machine.run("cloud", "start", code=1).stderr
    assert str(machine.port) in error and "SLAM_PORT" in error


def test_a_data_folder_that_another_process_has(machine, tmp_path):
    machine.run("cloud", "start")
    from conftest import free_port

    error = machine.run("cloud", "start", "--foreground", code=1, SLAM_PORT=str(free_port())).stderr
    assert "in use" in error or "another" in error
    assert str(machine.cloud_pid()) in error


def test_an_unknown_stage(machine, project):
    folder = project("fizzbuzz")
    machine.run("init", "fizzbuzz:fizzbuzz", cwd=folder)
    error = machine.run("invoke", "--stage", "nowhere", "number:=1", cwd=folder, code=2).stderr
    assert "nowhere" in error and "dev" in error


def test_not_deployed(machine, project):
    folder = project("fizzbuzz")
    machine.run("init", "fizzbuzz:fizzbuzz", cwd=folder)
    machine.run("cloud", "start")
    for command in (["status"], ["invoke", "number:=1"], ["logs"], ["delete", "--yes"], ["publish", "dev"]):
        assert "slam deploy" in machine.run(*command, cwd=folder, code=1).stderr


def test_init_does_not_overwrite(machine, project):
    folder = project("fizzbuzz")
    machine.run("init", "fizzbuzz:fizzbuzz", cwd=folder)
    assert "exists" in machine.run("init", "fizzbuzz:fizzbuzz", cwd=folder, code=2).stderr
