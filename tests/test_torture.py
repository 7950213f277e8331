"""A little of each torture in tests/torture, which tells what they do."""

import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent / "torture"))
import hour  # noqa: E402
import idle  # noqa: E402
import kills  # noqa: E402
import slow  # noqa: E402

MB = 1024


def test_kills_lose_nothing(tmp_path):
    figures, writers = kills.run(tmp_path, kills=10)
    assert all(writer.written for writer in writers.each), writers.told()
    assert not writers.faults
    assert figures["left over"] == []


def test_idle_connections_are_held_and_given_up(tmp_path):
    faults, before, ((during, after),) = idle.run(tmp_path, connections=300, seconds=11)
    assert not faults
    assert max(during, after) < before + 64 * MB


def test_slow_clients_are_given_up(tmp_path):
    faults, before, ((most, after),) = slow.run(tmp_path, count=5, kinds_of=slow.brief)
    assert not faults
    assert max(most, after) < before + 64 * MB


def test_requests_at_a_steady_rate(tmp_path):
    samples, hours = hour.run(tmp_path, minutes=0.1, rate=50, every=1)
    assert len(samples) >= 3 and not hours.writers.faults
    assert all(count for kind, count in hours.counts.items() if kind != "function"), hours.counts
