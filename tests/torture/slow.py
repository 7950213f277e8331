"""Slow clients: they are given up in time, take little while they last, leave nothing, and others are answered meanwhile.

    SLAM_BINARY=target/release/slam python tests/torture/slow.py [--clients 50]

That many clients of each of the kinds below at the same time, while an API and an item are asked for. What may be long ends
as docs/security.md says: a head has 10 s, a body at least 4 KB a second after its first half minute, and an answer that
nobody reads a minute. Three times: the memory that they take has to level off.
"""

import argparse
import pathlib
import selectors
import socket
import sys
import tempfile
import time

from beside import NAME, Asking, Beside, told
from cloud import Cloud

# What a busy machine takes longer.
LATE = 15
# The connections that ask beside them.
BESIDES = 2


class Kind:
    """What a kind of client sends at once (`first`) and `each` second, what it does `then` ("shut down" its side, or "drop"),
    how many bytes it `sips` a second, where it does not read as others do, and in how many seconds it has to be given up."""

    def __init__(self, name, first, seconds, each=b"", then=None, sips=None):
        self.name, self.first, self.seconds, self.each, self.then, self.sips = name, first, seconds, each, then, sips


def head(method, path, *headers, length=None):
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", *headers]
    if length is not None:
        lines.append(f"Content-Length: {length}")
    return "".join(f"{line}\r\n" for line in [*lines, ""]).encode()


def signed(cloud, operation, **values):
    """A request to S3 as bytes."""
    client = cloud.client()
    method, path, body, headers = client.signed("s3", operation, Bucket=NAME, **values)
    lines = [f"{name}: {value}" for name, value in headers.items() if name.lower() != "host"]
    length = len(body) if method == "PUT" else None
    # The Host that was signed.
    host = f"Host: 127.0.0.1:{cloud.port}"
    return head(method, path, *lines, length=length).replace(b"Host: 127.0.0.1", host.encode()), body


def brief(beside):
    """Kinds that end within ten seconds."""
    put, body = signed(beside.cloud, "PutObject", Key="dropped", Body=b"x" * 1_000_000)
    api = beside.path
    return [
        Kind("says nothing", b"", 10),
        Kind("a head at a trickle", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ", 10, each=b"x"),
        Kind("idles after an answer", head("GET", f"{api}/a"), 10),
        Kind("shuts down after a request", head("GET", f"{api}/a"), 10, then="shut down"),
        Kind("shuts down within a head", head("GET", f"{api}/a")[:-2], 10, then="shut down"),
        Kind("shuts down within a body", put + body[:200_000], 10, then="shut down"),
        Kind("drops within an object", put + body[:200_000], 10, then="drop"),
        Kind("drops within a request", head("POST", f"{api}/a", length=1_000_000) + b"x" * 200_000, 10, then="drop"),
    ]


def lasting(beside):
    """Kinds that may take longer."""
    put, _ = signed(beside.cloud, "PutObject", Key="trickled", Body=b"x" * 1_000_000)
    get, _ = signed(beside.cloud, "GetObject", Key="large")
    target = ["X-Amz-Target: DynamoDB_20120810.GetItem", "Content-Type: application/x-amz-json-1.0"]
    api = beside.path
    return [
        Kind("a signed object at a trickle", put, 40, each=b"x"),
        Kind("an unsigned object at a trickle", head("PUT", f"/{NAME}/no", length=1_000_000), 40, each=b"x"),
        Kind("a request to an API at a trickle", head("POST", f"{api}/a", length=1_000_000), 40, each=b"x"),
        Kind("an operation at a trickle", head("POST", "/", *target, length=1_000_000), 40, each=b"x"),
        Kind("a request that is too large, at a trickle", head("POST", f"{api}/a", length=50_000_000), 40, each=b"x"),
        Kind("does not read an object", get, 60, sips=0),
        Kind("does not read an API's answer", head("GET", f"{api}/large"), 60, sips=0),
        Kind("reads an API's answer at a trickle", head("GET", f"{api}/large"), 60, sips=100),
    ]


class Slow:
    """A client of a kind."""

    def __init__(self, kind, port):
        self.kind, self.begun, self.ended = kind, time.monotonic(), None
        self.answer = b""
        self.socket = socket.socket()
        if kind.sips is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.settimeout(10)
        self.socket.connect(("127.0.0.1", port))
        self.socket.sendall(kind.first)
        if kind.then == "drop":
            self.end()
            return
        if kind.then == "shut down":
            self.socket.shutdown(socket.SHUT_WR)
        self.socket.setblocking(False)

    def end(self):
        self.ended = time.monotonic() - self.begun
        self.socket.close()

    def second(self):
        """What it does each second."""
        try:
            if self.kind.sips:
                self.socket.recv(self.kind.sips)
            if self.kind.each:
                self.socket.send(self.kind.each)
        except BlockingIOError:
            pass
        except OSError:
            self.end()

    def hear(self):
        try:
            piece = self.socket.recv(65536)
        except OSError:
            piece = b""
        self.answer += piece
        if not piece:
            self.end()


def torment(kinds, cloud, count, seconds):
    """Clients of each kind, until the cloud has given up all of them or the time is over. Gives them, the most memory that the
    cloud had meanwhile, and how many seconds it took; those that hardly read do not hear of their end."""
    begun = tick = time.monotonic()
    clients = [Slow(kind, cloud.port) for _ in range(count) for kind in kinds]
    there = [client for client in clients if client.ended is None]
    selector, memory = selectors.DefaultSelector(), 0
    for client in there:
        if client.kind.sips is None:
            selector.register(client.socket, selectors.EVENT_READ, client)
    while there and time.monotonic() - begun < seconds:
        for key, _ in selector.select(0.2):
            key.data.hear()
            if key.data.ended is not None:
                selector.unregister(key.fileobj)
        if time.monotonic() - tick < 1:
            continue
        tick += 1
        memory = max(memory, cloud.taken()["memory"])
        there = [client for client in there if client.ended is None]
        for client in there:
            client.second()
            if client.ended is not None and client.kind.sips is None:
                selector.unregister(client.socket)
        there = [client for client in there if client.ended is None]
        if all(client.kind.sips is not None for client in there) and cloud.connections() <= BESIDES:
            break
    return clients, memory, time.monotonic() - begun


def judged(kind, clients, say):
    """What is wrong with how the clients of a kind ended."""
    ended = sorted(client.ended for client in clients if client.ended is not None)
    answers = {client.answer.split(b"\r\n")[0].decode() or "nothing" for client in clients}
    when = f"after {ended[0]:.0f} to {ended[-1]:.0f} s" if ended else "never"
    say(f"{kind.name}: {len(ended)} of {len(clients)} given up, {when}; heard {', '.join(sorted(answers))}")
    if len(ended) < len(clients) or ended[-1] > kind.seconds + LATE:
        yield f"{kind.name}: not given up within {kind.seconds} s"


def run(folder, count, kinds_of, rounds=1, say=lambda text: None):
    """Gives the faults that were found in words, the memory before, and of each round at most and afterwards."""
    cloud = Cloud(folder)
    faults, memory = [], []
    try:
        cloud.start()
        beside = Beside(cloud)
        kinds = kinds_of(beside)
        say(f"without: {told(beside.times(300))}")
        before = cloud.taken()["memory"]
        for _ in range(rounds):
            with Asking(beside) as asking:
                clients, most, seconds = torment(kinds, cloud, count, max(kind.seconds for kind in kinds) + LATE)
                connections = cloud.connections()
            faults += asking.faults
            say(f"beside:  {told(asking.taken)}")
            for kind in kinds:
                if kind.sips is None:
                    faults += judged(kind, [client for client in clients if client.kind is kind], say)
            say(f"after {seconds:.0f} s {connections} connections were there, of which {BESIDES} are not the clients'")
            if connections > BESIDES:
                faults.append(f"{connections - BESIDES} clients of all kinds were not given up within {seconds:.0f} s")
            for client in clients:
                client.socket.close()
            memory.append((most, cloud.taken()["memory"]))
            say("memory: {} MB before, {} MB at most, {} MB afterwards".format(*(kb // 1024 for kb in (before, *memory[-1]))))
        # What the allocator keeps in pieces levels off after some rounds.
        if rounds > 2 and memory[-1][0] > memory[-2][0] * 1.1:
            faults.append("the last round took over a tenth more memory than the one before")
        # What never became an object has no file.
        bodies = [path.name for path in (cloud.folder / "s3").rglob("*") if path.is_file()]
        if len(bodies) != 1:
            faults.append(f"{len(bodies) - 1} files are left of objects that never came")
    finally:
        cloud.end()
    return faults, before, memory


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=50, help="of each kind")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="slam-slow-") as folder:
        every = lambda beside: [*brief(beside), *lasting(beside)]
        say = lambda text: print(text, flush=True)
        faults, *_ = run(pathlib.Path(folder), arguments.clients, every, arguments.rounds, say)
    for fault in faults:
        print(f"FAULT: {fault}")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
