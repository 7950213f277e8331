"""The main job, side by side: deploy examples/tasks-api and ask it for `GET /`.

    target/test-clients/bin/python benches/main_job.py [--rounds N] [--seconds N]

See README.md for what is compared and how.
"""

import argparse
import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import boto3

import peers
from measure import ROOT, first_answer, free_port, median, memory, process, seconds_of, wrk

EXAMPLE = ROOT / "examples" / "tasks-api"
CONNECTIONS = (1, 16)
WARM_UP = 8  # seconds of load before anything is counted: functions start, workers import


def binary():
    """The program under test: SLAM_BINARY, the release build, or else the debug build with a warning."""
    if given := os.environ.get("SLAM_BINARY"):
        return pathlib.Path(given)
    for kind in ("release", "debug"):
        if (found := ROOT / "target" / kind / "slam").exists():
            if kind == "debug":
                print("warning: this is the debug build; `cargo build --release -p slam` first", file=sys.stderr)
            return found
    sys.exit("there is no slam: `cargo build --release -p slam` first")


class Slam:
    """slam with a home and a port of its own."""

    def __init__(self, program, folder, **more):
        self.program, self.home, self.port = program, folder, free_port()
        programs = f"{pathlib.Path(sys.executable).parent}:{os.environ['PATH']}"  # uv is there
        self.environment = peers.environment(
            SLAM_HOME=str(folder), SLAM_PORT=str(self.port), NO_COLOR="1", PATH=programs, **more
        )
        self.project = folder.parent / f"{folder.name}-project"
        shutil.copytree(EXAMPLE, self.project, ignore=shutil.ignore_patterns("__pycache__"))

    def seconds(self, *arguments):
        return seconds_of([self.program, *arguments], self.environment, self.project)

    def output(self, *arguments):
        done = subprocess.run(
            [self.program, *arguments], env=self.environment, cwd=self.project, capture_output=True, text=True, check=True
        )
        return json.loads(done.stdout)

    @contextlib.contextmanager
    def cloud(self):
        """The cloud in the foreground. Gives the process and the seconds to its first answer."""
        log = self.home.parent / f"{self.home.name}.log"
        begun = time.perf_counter()
        with process([self.program, "cloud", "start", "--foreground"], self.environment, log) as child:
            yield child, first_answer(child, self.port, "/_slam/health", log, begun)

    def package(self):
        """The bytes of the deployed package."""
        key = self.output("env", "--json")
        names = {"endpoint_url": "AWS_ENDPOINT_URL", "region_name": "AWS_REGION"}
        names |= {"aws_access_key_id": "AWS_ACCESS_KEY_ID", "aws_secret_access_key": "AWS_SECRET_ACCESS_KEY"}
        client = {name: key[variable] for name, variable in names.items()}
        stack = boto3.client("cloudformation", **client).describe_stacks()["Stacks"][0]
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        parameters = {it["ParameterKey"]: it["ParameterValue"] for it in stack["Parameters"]}
        s3 = boto3.client("s3", **client)
        return s3.get_object(Bucket=outputs["PackageBucket"], Key=parameters["LambdaS3Key"])["Body"].read()


def deployments(program, work, rounds):
    """Times of the commands. Every round begins with a home that does not exist."""
    times = {"first": [], "cold": [], "warm": [], "template": []}
    for number in range(rounds):
        cache = work / f"uv-{number}"
        for kind in ("first", "cold"):
            slam = Slam(program, work / f"{kind}-{number}", UV_CACHE_DIR=str(cache))
            times[kind].append(slam.seconds("deploy"))
            if kind == "cold":
                times["warm"] += [slam.seconds("deploy") for _ in range(3)]
                times["template"] += [slam.seconds("template") for _ in range(3)]
            slam.seconds("cloud", "stop")
    return {kind: median(values) for kind, values in times.items()}


def starts(run, rounds):
    """Seconds to the first answer, and memory five seconds later."""
    seconds, sizes = [], []
    for _ in range(rounds):
        with run() as (child, taken):
            seconds.append(taken)
            time.sleep(5)
            sizes.append(memory(child.pid))
    return median(seconds), median([rss for rss, _ in sizes]), median([pss for _, pss in sizes])


def requests(program, work, rounds, seconds):
    """Requests per second of each, at each number of connections; all are asked in turns, round by round."""
    slam = Slam(program, work / "requests")
    with contextlib.ExitStack() as stack:
        child, _ = stack.enter_context(slam.cloud())
        slam.seconds("deploy")
        url = slam.output("status", "--json")["stages"][0]["url"]
        idle = memory(child.pid)
        template = slam.output("template")
        python = template["Resources"]["Function"]["Properties"]["Runtime"]
        ministack = peers.MiniStack(python, work)
        stack.enter_context(ministack.run())
        ministack_url, note = ministack.deploy(template, slam.package())
        rates = {}
        for connections in CONNECTIONS:
            with peers.gunicorn(EXAMPLE, python, connections, work) as gunicorn_url:
                urls = {"slam": url, "gunicorn": gunicorn_url, "ministack": ministack_url}
                for it in urls.values():
                    wrk(it, connections, WARM_UP)
                found = {name: [] for name in urls}
                for _ in range(rounds):
                    for name, it in urls.items():
                        found[name].append(wrk(it, connections, seconds))
                rates[connections] = {name: median(values) for name, values in found.items()}
        loaded = memory(child.pid)
    return rates, idle, loaded, python, note


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3, help="runs of everything; the median counts (3)")
    parser.add_argument("--seconds", type=int, default=5, help="how long each load lasts (5)")
    arguments = parser.parse_args()
    program = binary()
    rounds = arguments.rounds
    with tempfile.TemporaryDirectory(prefix="slam-bench-") as folder:
        work = pathlib.Path(folder)
        print("requests …", file=sys.stderr)
        rates, idle, loaded, python, note = requests(program, work, rounds, arguments.seconds)
        print("starts …", file=sys.stderr)
        homes = iter(range(rounds))
        ours = starts(lambda: Slam(program, work / f"start-{next(homes)}").cloud(), rounds)
        theirs = starts(peers.MiniStack(python, work).run, rounds)
        print("deployments …", file=sys.stderr)
        times = deployments(program, work, rounds)

    build = f"{program.parent.name} build" if program.parent.name in ("release", "debug") else "SLAM_BINARY"
    print(f"\n{build}, {os.cpu_count()} cores, {python}; median of {rounds} rounds\n")
    print("| | slam | gunicorn | MiniStack | slam ÷ gunicorn | slam ÷ MiniStack |\n|---|---|---|---|---|---|")
    for connections, rate in rates.items():
        line = [f"{rate[name]:.0f}" for name in ("slam", "gunicorn", "ministack")]
        ratios = [f"{rate['slam'] / rate[name]:.2f}" if rate[name] else "no answer" for name in ("gunicorn", "ministack")]
        print(f"| GET /, {connections} connections, requests/s | {' | '.join(line + ratios)} |")
    rows = [("start to first answer, ms", 0, 1000), ("idle memory, RSS MB", 1, 1), ("idle memory, PSS MB", 2, 1)]
    for name, at, unit in rows:
        print(f"| {name} | {ours[at] * unit:.0f} | | {theirs[at] * unit:.0f} | | {ours[at] / theirs[at]:.2f} |")
    print("\n| slam alone | |\n|---|---|")
    print(f"| `slam deploy`, new home, uv's cache empty | {times['first']:.2f} s |")
    print(f"| `slam deploy`, new home, uv's cache warm | {times['cold']:.2f} s |")
    print(f"| `slam deploy`, nothing changed | {times['warm']:.2f} s |")
    print(f"| `slam template` | {times['template']:.3f} s |")
    print(f"| memory with the API deployed, idle | RSS {idle[0]:.0f} MB, PSS {idle[1]:.0f} MB |")
    print(f"| the same after the load, with all function processes | RSS {loaded[0]:.0f} MB, PSS {loaded[1]:.0f} MB |")
    print(f"\nMiniStack was given {note}.")


if __name__ == "__main__":
    main()
