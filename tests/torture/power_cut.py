"""Power cuts: what the cloud acknowledged with --durability-fsync is there after the power is gone.

    sudo SLAM_BINARY=target/release/slam python tests/torture/power_cut.py [--cuts 50]

The cloud has its home on an ext4 file system of its own (a loop device) while the writers of kinds.py write to it. Then that
file system is shut down without its journal being flushed (ext4's `EXT4_IOC_SHUTDOWN`, which file systems' own tests use
for a power cut), the cloud is killed, and a new one is asked for everything that was acknowledged. Needs Linux and root.
"""

import argparse
import fcntl
import os
import pathlib
import random
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import time

from cloud import Cloud
from kinds import Witness
from writers import Writers

SHUTDOWN = 0x8004_587D  # EXT4_IOC_SHUTDOWN: _IOR('X', 125, __u32)
WITHOUT_FLUSH = struct.pack("I", 2)  # EXT4_GOING_FLAGS_NOLOGFLUSH
SIZE = 1024 * 1024 * 1024


def lacking():
    """What this machine lacks for power cuts; None where it has all."""
    if os.geteuid() != 0:
        return "only root may mount"
    missing = [name for name in ("mkfs.ext4", "mount", "umount", "losetup") if not shutil.which(name)]
    if missing:
        return f"there is no {missing[0]}"
    return None if os.path.exists("/dev/loop-control") else "there are no loop devices"


class Disk:
    """A file system of its own, whose power can be cut."""

    def __init__(self, folder, size=SIZE):
        self.image, self.parent = folder / "image", folder / "mounts"
        self.folder = self.parent / "disk"
        self.parent.mkdir()
        # Functions of other clouds have copies of all mounts. Below a shared one, what is unmounted here is so in these, too;
        # from others the copies would keep it, as long as such a function lives.
        subprocess.run(["mount", "--bind", self.parent, self.parent], check=True)
        subprocess.run(["mount", "--make-shared", self.parent], check=True)
        self.folder.mkdir()
        with self.image.open("wb") as image:
            image.truncate(size)
        # Blocks of the usual size, which small file systems do not get by themselves. SQLite takes room for the pages of its
        # shared memory by a byte each; of smaller blocks that is not the whole page, and on a full disk a SIGBUS.
        subprocess.run(["mkfs.ext4", "-q", "-b", "4096", self.image], check=True)
        self.mount()

    def mount(self):
        subprocess.run(["mount", "-o", "loop", self.image, self.folder], check=True)

    def unmount(self):
        # What was killed may have it open a moment longer.
        for _ in range(100):
            subprocess.run(["umount", self.folder], capture_output=True)
            if not os.path.ismount(self.folder) and not self.devices():
                return
            time.sleep(0.1)
        raise AssertionError(f"{self.folder} cannot be unmounted; loop devices: {self.devices()}")

    def close(self):
        """Takes away all that was mounted."""
        self.unmount()
        subprocess.run(["umount", self.parent], check=True)

    def devices(self):
        """The loop devices that the image is behind: one that is there makes the next mount the same file system, without
        power still."""
        return subprocess.run(["losetup", "-j", self.image], check=True, capture_output=True, text=True).stdout

    def cut(self):
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.ioctl(handle, SHUTDOWN, WITHOUT_FLUSH)
        finally:
            os.close(handle)


def run(folder, cuts, say=lambda text: None, seed=4566, without=()):
    """Cuts the power that many times, under all kinds of writers but those `without`. Gives the writers, with the faults
    that were found."""
    randomness = random.Random(seed)
    disk = Disk(folder)
    try:
        cloud = Cloud(disk.folder, "--durability-fsync")
        try:
            with Witness() as witness:
                cloud.start()
                client = cloud.client()
                writers = Writers(client, witness, seed, without)
                client.close()
                for number in range(1, cuts + 1):
                    known = len(writers.faults)
                    one(disk, cloud, writers, randomness, everything=number == cuts)
                    for fault in writers.faults[known:]:
                        say(f"cut {number}: FAULT: {fault}")
                    say(f"cut {number}: {writers.told()}; {len(writers.faults)} faults")
        finally:
            cloud.end()
    finally:
        disk.close()
    return writers


def one(disk, cloud, writers, randomness, everything):
    """One cut, and what is there after it."""
    gone = threading.Event()
    # Without power nobody hears an answer. (A sync that the cut overtakes may return without an error.)
    with writers.at_work(lambda: cloud.client(deaf=gone), gone):
        time.sleep(randomness.uniform(0.3, 1.5))
        gone.set()
        disk.cut()
        cloud.kill()
    disk.unmount()
    disk.mount()
    cloud.start()
    client = cloud.client()
    writers.verify(client, everything)
    client.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cuts", type=int, default=50)
    arguments = parser.parse_args()
    if reason := lacking():
        sys.exit(f"no power can be cut here: {reason}")
    with tempfile.TemporaryDirectory(prefix="slam-cuts-") as folder:
        writers = run(pathlib.Path(folder), arguments.cuts, lambda text: print(text, flush=True))
    sys.exit(1 if writers.faults else 0)


if __name__ == "__main__":
    main()
