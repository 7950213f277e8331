"""What `pip install` brings: the wheel in a clean environment, with neither Rust nor this project on PATH."""

import os
import pathlib
import subprocess
import zipfile

import pytest
from conftest import ROOT, Machine

# The tutorials of the README, once more with the `machine` of this module.
from test_tutorials import test_fizzbuzz, test_tasks_api  # noqa: F401


@pytest.fixture(scope="module")
def wheel():
    """Made of the dev build: what is tested is how it is packed and installed."""
    done = subprocess.run(["cargo", "xtask", "dist", "--debug"], cwd=ROOT, capture_output=True, text=True, timeout=1200)
    assert done.returncode == 0, done.stderr
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or ROOT / "target")
    [wheel] = (target / "dist").glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The folder of the programs of a new virtual environment that has the wheel."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(["/usr/bin/env", "python3", "-m", "venv", folder], check=True)
    subprocess.run([folder / "bin" / "pip", "install", "--quiet", wheel], check=True)
    return folder / "bin"


@pytest.fixture
def machine(installed, tmp_path):
    class Installed(Machine):
        """Somebody who has installed slam and nothing else."""

        def environment(self, **more):
            return {
                "PATH": f"{installed}:/usr/local/bin:/usr/bin:/bin",
                "HOME": str(tmp_path),
                "SLAM_HOME": str(self.home),
                "SLAM_PORT": str(self.port),
                "NO_COLOR": "1",
                **more,
            }

    machine = Installed(tmp_path)
    machine.binary = str(installed / "slam")
    yield machine
    machine.stop()


def test_the_wheel_lists_what_is_in_it(wheel):
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
        [metadata] = [packed.read(name).decode() for name in names if name.endswith("/METADATA")]
    assert "Requires-Dist: uv" in metadata and "License-File: LICENSE" in metadata
    # The bill of materials, in the wheel and beside it for whoever checks a release.
    assert any(name.endswith(".dist-info/sboms/slam.cyclonedx.json") for name in names)
    assert wheel.with_suffix(".cyclonedx.json").is_file()
