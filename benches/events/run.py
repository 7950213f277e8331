"""Events side by side: how soon a function runs, how late schedules are, and what SQS bears; slam, MiniStack, moto.

    target/test-clients/bin/python benches/events/run.py [--only delivery,throughput,depth]

See ../README.md for what is compared and how. It takes less than ten minutes.
"""

import argparse
import os
import pathlib
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import clouds
import delivery
import load
import schedules
from main_job import binary
from measure import median

PEERS = ("MiniStack", "moto")
NAMES = ("slam", *PEERS)
PARTS = ("delivery", "throughput", "depth")
# So long are schedules watched: one of each minute comes twice.
MINUTES = 135


def row(title, cells, ratio):
    """A line: each cloud's cell, and how the peers compare with ours by `ratio`, where both have a number."""
    shown = [text for text, _ in cells]
    ours = cells[0][1]
    # What runs before the answer is there has no ratio.
    ratios = [f"{ratio(ours, theirs):.1f}×" if min(ours or 0, theirs or 0) > 0 else "" for _, theirs in cells[1:]]
    return f"| {title} | {' | '.join([*shown, *ratios])} |"


def more(ours, theirs):
    return theirs / ours


def less(ours, theirs):
    return ours / theirs


def head(title):
    return f"\n| {title} | {' | '.join([*NAMES, *(f'slam beside {name}' for name in PEERS)])} |\n{'|---' * 6}|"


def quantile(values, part):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * part))]


def cell(value, unit=1, digits=1):
    """What a cell shows, and its number for the ratio."""
    if value is None or isinstance(value, str):
        return value or "", None
    return f"{value * unit:.{digits}f}", value


def of(values, measure):
    return values if isinstance(values, str) or not values else measure(values)


def deliveries(arguments, program, python, work, notes):
    with clouds.all(program, python, work) as running:
        begun = time.monotonic()
        ticking = [schedules.Schedules(cloud, notes) for cloud in running]
        found = delivery.latencies(running, python, arguments.samples, arguments.seconds, notes)
        print("schedules …", file=sys.stderr)
        ticks = schedules.wait(ticking, begun, MINUTES)
    print(head("until the function runs, ms"))
    for source, by in found.items():
        # Of an invocation that is waited for, the answer comes last.
        for since, name in enumerate(("from the call", "after its answer")[: 1 if source == "Invoke" else 2]):
            for which, part in (("p50", 0.5), ("p99", 0.99)):
                pick = lambda samples: quantile([sample[since] for sample in samples], part)
                print(row(f"{source}, {name}, {which}", [cell(of(by[cloud], pick), digits=2) for cloud in NAMES], more))
    print(head("schedules, ms"))
    lines = {
        "a one-time schedule, late by (median)": ("once", median),
        "a one-time schedule, late by (most)": ("once", max),
        "Scheduler, rate(1 minute), off a minute by (most)": ("rate", max),
        "EventBridge rule, rate(1 minute), off a minute by (most)": ("rule", max),
    }
    for title, (kind, measure) in lines.items():
        print(row(title, [cell(of(ticks[cloud][kind], measure), 1000, 0) for cloud in NAMES], more))


def throughput(arguments, program, python, work, notes):
    with clouds.all(program, python, work, "--open") as running:
        found = load.throughput(running, arguments.rounds, arguments.load)
    print(head("send + receive + delete, a second"))
    for connections, by in found.items():
        print(row(f"{connections} connections", [cell(by[cloud], digits=0) for cloud in NAMES], less))


def depth(arguments, program, python, work, notes):
    with clouds.all(program, python, work, "--open") as running:
        found = load.depths(running, arguments.load)
    print(head("CPU of send + receive + delete, µs"))
    for queued in load.DEPTHS:
        cells = []
        for cloud in NAMES:
            there = found[cloud].get(queued, "")
            cells.append(cell(there if isinstance(there, str) else of(there[0], lambda of: of[1]), digits=0))
        print(row(f"{queued:,} queued", cells, more))
    sizes = [found[cloud].get(load.DEPTHS[-1]) for cloud in NAMES]
    sizes = ["" if size is None or isinstance(size, str) else size[1] for size in sizes]
    print(row(f"resident memory with {load.DEPTHS[-1]:,} queued, MB", [cell(size, digits=0) for size in sizes], more))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts, of {','.join(PARTS)}")
    parser.add_argument("--samples", type=int, default=200, help="events of each source at the most (200)")
    parser.add_argument("--seconds", type=int, default=30, help="seconds for each source at the most (30)")
    parser.add_argument("--rounds", type=int, default=2, help="rounds of each load (2)")
    parser.add_argument("--load", type=int, default=4, help="seconds of each load (4)")
    arguments = parser.parse_args()
    program, notes = binary(), []
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    print(f"{os.cpu_count()} cores, {python}")
    with tempfile.TemporaryDirectory(prefix="slam-bench-") as folder:
        for part in arguments.only.split(","):
            {"delivery": deliveries, "throughput": throughput, "depth": depth}[part](
                arguments, program, python, pathlib.Path(folder), notes
            )
    print()
    for note in notes:
        print(f"- {note}")


if __name__ == "__main__":
    main()
