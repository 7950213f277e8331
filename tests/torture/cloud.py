"""The cloud under torture: a process of ours, in the foreground, with what it takes of the machine."""

import contextlib
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))
from conftest import Machine, is_alive  # noqa: E402
from raw import Client  # noqa: E402


def lasting_port():
    """A free port below those that the system gives to clients, so that none takes it while the cloud is down."""
    if os.environ.get("SLAM_PORT"):
        return int(os.environ["SLAM_PORT"])
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)):
                return port


class NotStarted(Exception):
    """The cloud's process ended instead."""

    def __init__(self, code, said):
        super().__init__(f"the cloud did not start, but ended with {code}:\n{said}")
        self.code = code


class Cloud(Machine):
    """A home, and the cloud's process on it."""

    def __init__(self, folder, *options, **settings):
        super().__init__(folder)
        self.port, self.options, self.settings = lasting_port(), options, settings
        self.log = folder / "cloud.log"
        self.process = None
        self.variables = None
        self.folder = self.home / "cloud"

    def begin(self):
        """Starts it, and does not wait."""
        command = [self.binary, "cloud", "start", "--foreground", *self.options]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                env=self.environment(**self.settings),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )

    def start(self):
        """Starts it. Gives how many seconds that took."""
        begun = time.monotonic()
        self.begin()
        line = self.process.stdout.readline()
        if "listens on" not in line:
            code = self.process.wait(60)
            raise NotStarted(code, f"{line}{self.log.read_text()[-4000:]}")
        took = time.monotonic() - begun
        self.variables = self.variables or self.client_environment()
        return took

    def client(self, timeout=60, deaf=None):
        return Client(self.variables, timeout, deaf)

    def kill(self):
        """kill -9. Gives the processes that it leaves running."""
        started = descendants(self.process.pid)
        self.process.kill()
        self._ended()
        deadline = time.monotonic() + 10
        while any(is_alive(pid) for pid in started) and time.monotonic() < deadline:
            time.sleep(0.005)
        return [pid for pid in started if is_alive(pid)]

    def end(self):
        """Ends it as ^C does."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self._ended()

    stop = end

    def _ended(self):
        code = self.process.wait(60)
        self.process.stdout.close()
        return code

    def check(self):
        """What `slam cloud check` finds, while it does not run."""
        return self.json("cloud", "check")

    def connections(self):
        """How many connections to its port the cloud has not ended."""
        lines = pathlib.Path("/proc/net/tcp").read_text().splitlines()[1:]
        fields = [line.split() for line in lines]
        # Established, or ended by the client alone.
        return sum(of[1].endswith(f":{self.port:04X}") and of[3] in ("01", "08") for of in fields)

    def taken(self):
        """Resident memory in KB, open files and threads of the cloud's process; the processes that it has started; files
        and KB of its folder."""
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        fields = dict(line.split(":", 1) for line in status.splitlines())
        count, size = 0, 0
        for folder, _, names in os.walk(self.folder):
            for name in names:
                try:
                    size += os.lstat(os.path.join(folder, name)).st_blocks // 2
                    count += 1
                except FileNotFoundError:
                    pass
        return {
            "memory": int(fields["VmRSS"].split()[0]),
            "descriptors": len(os.listdir(f"/proc/{self.process.pid}/fd")),
            "threads": int(fields["Threads"]),
            "processes": len(descendants(self.process.pid)),
            "files": count,
            "disk": size,
        }


def descendants(pid):
    """The processes that a process has started, and those that they have."""
    found = []
    # Whatever is read may be gone in between.
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for task in list(pathlib.Path(f"/proc/{pid}/task").iterdir()):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                for child in map(int, (task / "children").read_text().split()):
                    found += [child, *descendants(child)]
    return found


def quantile(values, of):
    values = sorted(values)
    return values[min(len(values) - 1, int(len(values) * of))]
