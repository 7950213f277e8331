"""What the benchmarks measure with: processes of their own, clocks, memory, and wrk."""

import contextlib
import http.client
import os
import pathlib
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PORTS = iter(range(20_000 + os.getpid() % 20_000, 60_000))


def free_port():
    """A loopback port above 20000 that nobody listens on."""
    for port in PORTS:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port
    sys.exit("no free port above 20000")


@contextlib.contextmanager
def process(arguments, environment, log, cwd=None):
    """A server of ours, ended with all its workers when the block ends."""
    with open(log, "ab") as output:
        child = subprocess.Popen(
            list(map(str, arguments)), env=environment, cwd=cwd, stdin=subprocess.DEVNULL, stdout=output,
            stderr=output, start_new_session=True,
        )  # fmt: skip
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(15)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        # What it left in its process group.
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def first_answer(child, port, path, log, begun, patience=60):
    """Seconds from `begun` to the first 200."""
    while time.perf_counter() - begun < patience:
        if child.poll() is not None:
            break
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return time.perf_counter() - begun
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.001)
    sys.exit(f"{child.args[0]} does not answer {path} with 200; it said:\n{pathlib.Path(log).read_text()[-3000:]}")


def descendants(pid):
    """The process and all below it."""
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
    found = [pid]
    for thread in children.parent.parent.iterdir():
        with contextlib.suppress(OSError):
            for child in (thread / "children").read_text().split():
                found += descendants(int(child))
    return found


def memory(pid):
    """Resident memory and its proportional share, of a process with all below it, in MB."""
    totals = {"Rss": 0, "Pss": 0}
    for one in descendants(pid):
        with contextlib.suppress(OSError):
            for line in pathlib.Path(f"/proc/{one}/smaps_rollup").read_text().splitlines():
                name, _, value = line.partition(":")
                if name in totals:
                    totals[name] += int(value.split()[0])
    return totals["Rss"] / 1024, totals["Pss"] / 1024


def cpu(pid):
    """The CPU time that a process and all below it have used, in seconds."""
    ticks = 0
    for one in descendants(pid):
        with contextlib.suppress(OSError):
            fields = pathlib.Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()
            ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def seconds_of(arguments, environment, cwd=None):
    """How long a program takes that must succeed."""
    begun = time.perf_counter()
    done = subprocess.run(list(map(str, arguments)), env=environment, cwd=cwd, capture_output=True, text=True)
    seconds = time.perf_counter() - begun
    if done.returncode != 0:
        sys.exit(f"{' '.join(map(str, arguments))} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return seconds


def wrk(url, connections, seconds):
    """Requests per second. An answer that is not 2xx, or none, is no success and ends the run."""
    text, failed = wrk_says(url, connections, seconds)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", text)
    if failed or not rate:
        sys.exit(text)
    return float(rate[1])


def wrk_says(url, connections, seconds, *script):
    """What wrk prints, by a script of requests with its arguments if there is one; and which answers were no success."""
    program = shutil.which("wrk")
    if program is None:
        sys.exit("the load is made by wrk, which is not on PATH: `apt-get install wrk` or `brew install wrk`")
    threads = min(2, connections)
    command = [program, f"-t{threads}", f"-c{connections}", f"-d{seconds}", "--timeout", "10"]
    command += ["-s", str(script[0]), url, "--", *map(str, script[1:])] if script else [url]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    failed = re.search(r"Non-2xx.*|Socket errors:(?! connect 0, read 0, write 0, timeout 0).*", text)
    return f"{' '.join(command)}:\n{text}", failed[0] if failed else None


def median(values):
    return statistics.median(values)
