"""An hour of requests: nothing acknowledged is lost, and nothing grows that does not level off.

    SLAM_BINARY=target/release/slam python tests/torture/hour.py [--minutes 60] [--rate 150]

The writers of kinds.py, an API through a function and reads share a steady rate, far below what the cloud bears. Every
minute a small stack is created, changed and deleted. Every ten seconds it is noted what the cloud takes. In the end all is
read and compared, and each figure has to have levelled off: its median of the last third is at most a tenth, and what
`SLACK` allows, above that of the middle third.
"""

import argparse
import contextlib
import pathlib
import random
import sys
import tempfile
import threading
import time

from beside import Beside, told
from cloud import Cloud, quantile
from kinds import Stacks, Witness
from raw import Connection
from writers import Writers

# What a figure may differ by that has nothing to do with growth: two samples of a busy process do, too.
SLACK = {"memory": 4096, "descriptors": 10, "threads": 4, "processes": 4, "files": 50, "disk": 20_480}
# How often each kind is asked for among a hundred requests.
SHARES = {"api": 40, "item": 15, "object": 12, "stream": 12, "event": 6, "document": 8, "function": 1, "read": 6}
WORKERS = 6


class Pace:
    """Moments at a steady rate, each given to one worker. What could not be done in time is not done later at once."""

    def __init__(self, rate):
        self.gap, self.next, self.lock = 1 / rate, time.monotonic(), threading.Lock()

    def wait(self):
        with self.lock:
            now = time.monotonic()
            self.next = max(self.next + self.gap, now - 1)
            moment = self.next
        time.sleep(max(0, moment - time.monotonic()))


class Hour:
    """The workers, and what they found."""

    def __init__(self, cloud, witness):
        client = cloud.client()
        self.cloud, self.beside = cloud, Beside(cloud)
        self.writers = Writers(client, witness)
        client.close()
        self.by_kind = {writer.kind: writer for writer in self.writers.each}
        self.locks = {kind: threading.Lock() for kind in self.by_kind}
        self.over = threading.Event()
        self.counts = dict.fromkeys([*SHARES, "stack"], 0)
        self.taken = {"API": [], "GetItem": []}

    def work(self, pace, seed):
        randomness = random.Random(seed)
        client, connection = self.cloud.client(), Connection(self.cloud.port)
        kinds, weights = list(SHARES), list(SHARES.values())
        while not self.over.is_set():
            pace.wait()
            (kind,) = randomness.choices(kinds, weights)
            with self.noted():
                begun = time.monotonic()
                if kind == "api":
                    self.beside.ask_api(connection, f"path-{randomness.randrange(1000)}")
                    self.taken["API"].append(time.monotonic() - begun)
                elif kind == "read":
                    self.beside.ask_item(client)
                    self.taken["GetItem"].append(time.monotonic() - begun)
                else:
                    # A writer knows what is there, so it does one thing at a time.
                    with self.locks[kind]:
                        self.by_kind[kind].step(client)
                self.counts[kind] += 1

    def stacks(self):
        client, writer = self.cloud.client(), self.by_kind["stack"]
        while not self.over.is_set():
            with self.noted():
                for _ in range(3):
                    writer.step(client)
                    self.counts["stack"] += 1
            self.over.wait(60)

    @contextlib.contextmanager
    def noted(self):
        try:
            yield
        except Exception as fault:
            if len(self.writers.faults) < 100:
                self.writers.faults.append(f"{type(fault).__name__}: {fault}")
            self.over.wait(0.1)


class StepByStep(Stacks):
    """A stack that is created, changed and deleted in turn."""

    names = 1

    def __init__(self, seed=0):
        super().__init__(seed)
        self.turn = 0

    def step(self, client):
        self.deletions = 10 if self.turn % 3 == 2 else 0
        self.turn += 1
        super().step(client)


def run(folder, minutes, rate, say=lambda text: None, every=10):
    """Gives the samples, and the hour with what was found."""
    # What functions log for an hour would reach the limit of 512 MB only after several.
    cloud = Cloud(folder, SLAM_LOGS_MB="16")
    samples = []
    try:
        with Witness() as witness:
            cloud.start()
            hour = Hour(cloud, witness)
            hour.by_kind["stack"] = hour.writers.each[-1] = StepByStep()
            pace = Pace(rate)
            threads = [threading.Thread(target=hour.work, args=[pace, number]) for number in range(WORKERS)]
            threads.append(threading.Thread(target=hour.stacks))
            for thread in threads:
                thread.start()
            begun = time.monotonic()
            while time.monotonic() - begun < minutes * 60:
                time.sleep(every)
                samples.append(cloud.taken())
                if len(samples) % (60 // every) == 0:
                    say(f"{samples[-1]}; {hour.counts}; {len(hour.writers.faults)} faults")
            hour.over.set()
            for thread in threads:
                thread.join()
            client = cloud.client()
            read = hour.writers.verify(client, everything=True)
            say(f"{read} read")
            client.close()
    finally:
        cloud.end()
    if found := cloud.check():
        hour.writers.faults.append(f"`slam cloud check` finds {found}")
    return samples, hour


def growth(samples):
    """Of each figure the medians of the three thirds, and whether it levels off."""
    third = len(samples) // 3
    table = {}
    for figure, slack in SLACK.items():
        parts = [samples[start : start + third] for start in (0, third, len(samples) - third)]
        first, middle, last = (quantile([sample[figure] for sample in part], 0.5) for part in parts)
        table[figure] = (first, middle, last, last <= middle * 1.1 + slack)
    return table


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rate", type=float, default=150, help="requests a second, of all kinds together")
    parser.add_argument("--folder", type=pathlib.Path, help="where to keep the cloud's home, which stays")
    arguments = parser.parse_args()
    begun = time.monotonic()
    say = lambda text: print(f"{time.monotonic() - begun:6.0f} s  {text}", flush=True)
    with tempfile.TemporaryDirectory(prefix="slam-hour-") as folder:
        folder = arguments.folder or pathlib.Path(folder)
        folder.mkdir(exist_ok=True)
        samples, hour = run(folder, arguments.minutes, arguments.rate, say)
    say(f"requests: {hour.counts}, {sum(hour.counts.values()) / arguments.minutes / 60:.0f} a second")
    say(told(hour.taken))
    table = growth(samples)
    for figure, (first, middle, last, level) in table.items():
        say(f"{figure:12} {first:>9} {middle:>9} {last:>9}  {'levels off' if level else 'GROWS'}")
    for fault in hour.writers.faults:
        say(f"FAULT: {fault}")
    sys.exit(0 if not hour.writers.faults and all(level for *_, level in table.values()) else 1)


if __name__ == "__main__":
    main()
