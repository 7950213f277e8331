"""A full disk under writers: what is refused has changed nothing, what was acknowledged is there, and all goes on afterwards.

    sudo SLAM_BINARY=target/release/slam python tests/torture/full_disk.py [--rounds 20]

The cloud has its home on a small file system of its own, which is filled to the last byte while the writers of kinds.py
write. They go on for a while, and every second time the cloud is killed then and started on the full disk, which may be
refused. Then there is room again, and everything is read and compared. Needs Linux and root, as power_cut.py does.
"""

import argparse
import collections
import pathlib
import random
import re
import sys
import tempfile
import threading
import time

from cloud import Cloud, NotStarted
from kinds import Witness
from power_cut import Disk, lacking
from raw import Refused
from writers import Writers

SIZE = 96 * 1024 * 1024
FULL = re.compile("the disk is full|No space left on device|disk is full|no room")


def fill(path):
    """Takes all the room that there is."""
    with path.open("ab", buffering=0) as file:
        for size in (1024 * 1024, 4096, 512):
            try:
                while True:
                    file.write(b"z" * size)
            except OSError:
                pass


def run(folder, rounds, say=lambda text: None, seed=4566, without=("stack",)):
    """Fills the disk that many times. Gives the writers, with the faults that were found, and how often each kind was refused.
    Stacks are left out: on a full disk they fail, as they should, in one of many ways."""
    randomness = random.Random(seed)
    disk = Disk(folder, SIZE)
    refusals = collections.Counter()

    def is_excused(fault):
        if not isinstance(fault, Refused) or not FULL.search(str(fault)):
            return False
        refusals[fault.operation] += 1
        return True

    try:
        cloud = Cloud(disk.folder)
        cloud.log = folder / "cloud.log"
        try:
            with Witness() as witness:
                cloud.start()
                client = cloud.client()
                writers = Writers(client, witness, seed, without)
                client.close()
                for number in range(1, rounds + 1):
                    known = len(writers.faults)
                    one(disk, cloud, writers, randomness, is_excused, kills=number % 2 == 0)
                    for fault in writers.faults[known:]:
                        say(f"round {number}: FAULT: {fault}")
                    say(f"round {number}: {writers.told()}; {sum(refusals.values())} refusals; {len(writers.faults)} faults")
        finally:
            cloud.end()
        if found := cloud.check():
            writers.faults.append(f"`slam cloud check` finds {found}")
    finally:
        disk.close()
    return writers, refusals


def one(disk, cloud, writers, randomness, is_excused, kills):
    """One time that the disk is full."""
    gone, filler = threading.Event(), disk.folder / "filler"
    with writers.at_work(cloud.client, gone, is_excused):
        time.sleep(0.3)
        fill(filler)
        time.sleep(randomness.uniform(0.5, 1.5))
        fill(filler)
        time.sleep(0.3)
        if kills:
            cloud.kill()
    starts = True
    if kills:
        try:
            cloud.start()
        except NotStarted as refused:
            starts = False
            # It may say that there is no room to start; nothing else.
            if refused.code != 1 or not FULL.search(str(refused).splitlines()[-1]):
                writers.faults.append(f"{refused}")
    filler.unlink()
    if not starts:
        cloud.start()
    client = cloud.client()
    writers.verify(client, everything=True)
    client.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    if reason := lacking():
        sys.exit(f"there is no small disk to be had here: {reason}")
    with tempfile.TemporaryDirectory(prefix="slam-full-") as folder:
        writers, refusals = run(pathlib.Path(folder), arguments.rounds, lambda text: print(text, flush=True))
    print(f"refused: {dict(refusals)}")
    sys.exit(1 if writers.faults else 0)


if __name__ == "__main__":
    main()
