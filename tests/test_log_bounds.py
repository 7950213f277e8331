"""How much the embedded cloud keeps of logs, and what becomes of the room of what is deleted."""

import time

from functions import create

GROUP = "/aws/lambda/f"


def put(logs, group, count, text="x" * 1000):
    """So many events of a kilobyte, each with its number."""
    now = int(time.time() * 1000)
    for start in range(0, count, 900):
        events = [{"timestamp": now, "message": f"{number:06} {text}"} for number in range(start, min(start + 900, count))]
        logs.put_log_events(logGroupName=group, logStreamName="s", logEvents=events)


def prepare(machine, *groups):
    logs = machine.client("logs")
    for group in groups:
        logs.create_log_group(logGroupName=group)
        logs.create_log_stream(logGroupName=group, logStreamName="s")
    return logs


def stored(logs, group):
    (found,) = logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]
    return found["storedBytes"]


def test_the_oldest_events_of_the_largest_group_make_room(machine):
    machine.run("cloud", "start", SLAM_LOGS_MB="4")
    logs = prepare(machine, "small", "large")
    put(logs, "small", 500)
    put(logs, "large", 12_000)
    assert stored(logs, "small") > 500_000
    # A little more than the limit at most: what came since room was made.
    assert 2_000_000 < stored(logs, "large") < 5 * 1024 * 1024
    newest = logs.get_log_events(logGroupName="large", logStreamName="s", limit=1)["events"][0]["message"]
    assert newest.startswith("011999")
    assert (machine.home / "cloud.log").read_text().count("logs have reached 4 MB") == 1


def test_room_of_what_is_deleted_is_given_back(machine):
    machine.run("cloud", "start")
    logs = prepare(machine, "doomed")
    put(logs, "doomed", 30_000)

    def size():
        return sum(file.stat().st_size for file in (machine.home / "cloud").glob("slam.db*"))

    assert size() > 30_000_000
    logs.delete_log_group(logGroupName="doomed")
    deadline = time.monotonic() + 60
    while size() > 16_000_000 and time.monotonic() < deadline:
        # A write now and then, as there always is one: it has SQLite put its log back into the file.
        prepare(machine, f"other-{time.monotonic_ns()}")
        time.sleep(0.1)
    assert size() < 16_000_000


def test_a_function_that_writes_without_end_is_bounded(machine, function_role):
    machine.run("cloud", "start", SLAM_LOGS_MB="8")
    logging = {"Effect": "Allow", "Action": "logs:*", "Resource": "*"}
    source = "def handler(event, context):\n    for _ in range(30_000):\n        print('x' * 1000)\n    return 'written'\n"
    functions = create(machine, function_role(machine, "loud", logging), source, Timeout=60)
    assert functions.invoke(FunctionName="f")["Payload"].read() == b'"written"'
    logs = machine.client("logs")
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        last = logs.filter_log_events(logGroupName=GROUP, filterPattern="REPORT")["events"]
        if last:
            break
        time.sleep(0.2)
    assert last and stored(logs, GROUP) < 12 * 1024 * 1024
