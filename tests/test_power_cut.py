"""What is acknowledged with --durability-fsync survives power loss. tests/torture/power_cut.py does it more often."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent / "torture"))
import power_cut  # noqa: E402


@pytest.mark.skipif(power_cut.lacking() is not None, reason=f"no power can be cut here: {power_cut.lacking()}")
def test_acknowledged_writes_survive_power_cuts(tmp_path):
    writers = power_cut.run(tmp_path, cuts=2)
    assert all(writer.written for writer in writers.each), writers.told()
    assert not writers.faults
