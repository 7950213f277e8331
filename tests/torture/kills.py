"""Kills: what the cloud acknowledged is there after `kill -9` at any moment, and what it deleted stays deleted.

    SLAM_BINARY=target/release/slam python tests/torture/kills.py [--kills 1000]

Writers of seven kinds (kinds.py) write at full speed until the cloud is killed. It is started anew, every tenth time
killed while it starts, too, and everything that was touched is read and compared; every hundred kills everything there is,
and `slam cloud check` looks at what the kill has left. In the end everything is deleted, and no file may be left of it.
"""

import argparse
import collections
import pathlib
import random
import sys
import tempfile
import threading
import time

from cloud import Cloud, quantile
from kinds import Witness, packed
from writers import Writers


def run(folder, kills, say=lambda text: None, seed=4566, without=()):
    """Kills the cloud that many times, under all kinds of writers but those `without`. Gives the figures, and the writers with
    the faults that were found."""
    randomness = random.Random(seed)
    figures = collections.defaultdict(list)
    cloud = Cloud(folder)
    try:
        with Witness() as witness:
            cloud.start()
            client = cloud.client()
            writers = Writers(client, witness, seed, without)
            client.close()
            for number in range(1, kills + 1):
                known = len(writers.faults)
                read = one(cloud, writers, randomness, number, kills, figures)
                for fault in writers.faults[known:]:
                    say(f"kill {number}: FAULT: {fault}")
                if number % 50 == 0 or number == kills:
                    say(told(number, figures, writers, read))
            client = cloud.client()
            writers.clear(client)
            client.close()
            figures["left over"] = left_over(cloud)
    finally:
        cloud.end()
    check(cloud, writers)
    return figures, writers


def one(cloud, writers, randomness, number, kills, figures):
    """One kill, and what is there after it."""
    gone = threading.Event()
    with writers.at_work(cloud.client, gone):
        time.sleep(randomness.uniform(0.02, 0.7))
        running = cloud.kill()
    if running:
        writers.faults.append(f"processes {running} outlive the cloud by ten seconds")
    if number % 100 == 0:
        check(cloud, writers)
    if number % 10 == 0:
        cloud.begin()
        time.sleep(randomness.uniform(0, 0.15))
        cloud.kill()
    figures["start"].append(cloud.start())
    client = cloud.client()
    read = writers.verify(client, everything=number % 100 == 0 or number == kills)
    client.close()
    for name, value in cloud.taken().items():
        figures[name].append(value)
    return read


def check(cloud, writers):
    """What `slam cloud check` finds after a kill is a fault: a start needs no repair."""
    if found := cloud.check():
        writers.faults.append(f"`slam cloud check` finds {found}")


def left_over(cloud):
    """Files of packages and bodies that are there although everything was deleted: those of the function that tells that
    events ran may be. What a kill has left is swept after the next start, the rest within a few seconds."""
    cloud.end()
    cloud.start()
    client = cloud.client()
    # A sweep of packages waits for an answer of a function, for a while.
    client.call("lambda", "PublishLayerVersion", LayerName="last", Content={"ZipFile": packed("last 0")})
    client.call("lambda", "DeleteLayerVersion", LayerName="last", VersionNumber=1)
    client.call("lambda", "Invoke", FunctionName="tells", Payload=b'{"name": "last"}')
    client.close()
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        bodies = [path for path in (cloud.folder / "s3").rglob("*") if path.is_file()]
        packages = [path for path in (cloud.folder / "lambda" / "code").rglob("*") if path.is_file()]
        tables = [path for path in (cloud.folder / "dynamodb").rglob("*.db") if path.is_file()]
        if not bodies and len(packages) <= 1 and len(tables) <= 1:
            break
        time.sleep(0.1)
    return [str(path.relative_to(cloud.folder)) for path in [*bodies, *packages[1:], *tables[1:]]]


def told(number, figures, writers, read):
    last = {name: values[-1] for name, values in figures.items()}
    start = f"start {quantile(figures['start'][-50:], 0.5):.3f} s, longest {max(figures['start'][-50:]):.3f} s"
    sizes = f"{last['memory'] // 1024} MB, {last['descriptors']} open, {last['files']} files of {last['disk'] // 1024} MB"
    return f"kill {number}: {writers.told()}; read {read}, {len(writers.faults)} faults; {start}; {sizes}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=4566)
    parser.add_argument("--folder", type=pathlib.Path, help="where to keep the cloud's home, which stays")
    arguments = parser.parse_args()
    begun = time.monotonic()
    say = lambda text: print(f"{time.monotonic() - begun:6.0f} s  {text}", flush=True)
    with tempfile.TemporaryDirectory(prefix="slam-kills-") as folder:
        folder = arguments.folder or pathlib.Path(folder)
        folder.mkdir(exist_ok=True)
        figures, writers = run(folder, arguments.kills, say, arguments.seed)
    say(f"left over of what was deleted: {figures['left over'] or 'nothing'}; faults: {len(writers.faults) or 'none'}")
    sys.exit(1 if figures["left over"] or writers.faults else 0)


if __name__ == "__main__":
    main()
