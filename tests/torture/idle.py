"""Idle connections: ten thousand of them, and what asks beside them is answered as before.

    SLAM_BINARY=target/release/slam python tests/torture/idle.py [--connections 10000] [--seconds 60]

A process of its own holds the connections: every second one says nothing at all, the others were answered once and are
kept. The cloud gives up what idles for ten seconds, and each is opened anew at once. Before, beside and after them an API
and an item are asked for, and it is noted what the cloud takes. Six times: that has to level off.

Needs that many open files twice, here and in the cloud: where the limit is lower (`ulimit -Hn`), raise it as root
(`ulimit -n 65536`, or `LimitNOFILE=` of a service), or hold fewer.
"""

import argparse
import multiprocessing
import os
import pathlib
import resource
import selectors
import socket
import sys
import tempfile
import time

from beside import Asking, Beside, told
from cloud import Cloud

# What the cloud, this process and the functions have open besides.
BESIDES = 500
HEALTH = b"GET /_slam/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"


def allow(connections):
    """Raises the limit of open files, which the cloud inherits. Gives what to do where that is not permitted, or None."""
    needed = connections + BESIDES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft >= needed:
        return None
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, max(hard, needed)))
    except (ValueError, OSError):
        what = f"{needed} open files are needed and {hard} allowed"
        return f"{what}: `ulimit -n {needed}` as root first, or --connections {hard - BESIDES}"


def hold(port, count, over, open_now, given_up):
    """Holds so many connections until it is over, or nobody waits for it any more: the process apart."""
    parent, selector = os.getppid(), selectors.DefaultSelector()

    def connect(number):
        connection = socket.create_connection(("127.0.0.1", port), 30)
        if number % 2:
            connection.sendall(HEALTH)
            if not connection.recv(65536).startswith(b"HTTP/1.1 200"):
                raise AssertionError("the cloud does not answer")
        connection.setblocking(False)
        selector.register(connection, selectors.EVENT_READ, number)

    for number in range(count):
        connect(number)
        open_now.value += 1
    while not over.is_set() and os.getppid() == parent:
        for key, _ in selector.select(0.2):
            # What was not asked for is the end.
            selector.unregister(key.fileobj)
            key.fileobj.close()
            given_up.value += 1
            connect(key.data)


class Holding:
    """That many connections, for as long as it is entered."""

    def __init__(self, port, count):
        self.count = count
        context = multiprocessing.get_context("spawn")
        self.over, self.open_now, self.given_up = context.Event(), context.Value("i", 0), context.Value("i", 0)
        arguments = (port, count, self.over, self.open_now, self.given_up)
        self.process = context.Process(target=hold, args=arguments)

    def __enter__(self):
        self.process.start()
        while self.open_now.value < self.count:
            assert self.process.is_alive(), "the connections could not be opened"
            time.sleep(0.05)
        return self

    def __exit__(self, *_):
        self.over.set()
        self.process.join()
        assert self.process.exitcode == 0, "a connection could not be opened again"


def run(folder, connections, seconds, rounds=1, asked=50, say=lambda text: None):
    """Gives the faults that were found in words, what the cloud took before, and of each round with and after them."""
    cloud = Cloud(folder)
    faults, found = [], []
    try:
        cloud.start()
        beside = Beside(cloud)
        taken = beside.times(asked)
        before = cloud.taken()
        say(f"without:    {told(taken)}; {before['memory'] // 1024} MB")
        for _ in range(rounds):
            with Holding(cloud.port, connections) as holding, Asking(beside) as asking:
                # The first ones have been given up by then, and opened again.
                time.sleep(seconds)
                during = cloud.taken()
                # Those that are being opened again are not there.
                held = max(cloud.connections() for _ in range(20))
            faults += asking.faults
            each = (during["memory"] - before["memory"]) / connections
            say(f"beside {held}: {told(asking.taken)}; {during['memory'] // 1024} MB, {each:.1f} KB each; "
                f"given up and opened again: {holding.given_up.value}")  # fmt: skip
            taken = beside.times(asked)
            after, left = cloud.taken(), cloud.connections()
            deadline = time.monotonic() + 5
            while left and time.monotonic() < deadline:
                time.sleep(0.1)
                left = cloud.connections()
            say(f"afterwards: {told(taken)}; {after['memory'] // 1024} MB, {left} connections")
            if held < connections * 0.95:
                faults.append(f"of {connections} connections {held} were there")
            if left:
                faults.append(f"{left} connections are there that their clients have ended")
            found.append((during["memory"], after["memory"]))
        # What the allocator keeps in pieces levels off after some rounds.
        if rounds > 2 and found[-1][0] > found[-2][0] * 1.1:
            faults.append("the last round took over a tenth more memory than the one before")
    finally:
        cloud.end()
    return faults, before["memory"], found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--connections", type=int, default=10_000)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--rounds", type=int, default=6)
    arguments = parser.parse_args()
    if lacking := allow(arguments.connections):
        sys.exit(lacking)
    with tempfile.TemporaryDirectory(prefix="slam-idle-") as folder:
        say = lambda text: print(text, flush=True)
        faults, *_ = run(pathlib.Path(folder), arguments.connections, arguments.seconds, arguments.rounds, 500, say)
    for fault in faults:
        print(f"FAULT: {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
