"""A Runtime API on a loopback port, for a runtime client that is to be watched: https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html"""

import base64
import fcntl
import http.server
import os
import queue
import re
import subprocess
import threading
import time

REQUEST = "8476a536-e9f4-11e8-9739-2dfe598c3fcd"
PREFIX = "/2018-06-01/runtime"
LONGEST = 30
F_SETPIPE_SZ = 1031
CLEANED = (
    (re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z"), "TIME"),
    (re.compile(r"\b0x[0-9a-f]{8,}\b"), "0xADDRESS"),
    # The interpreter's own files, and the frames of clients and of Node.js.
    (re.compile(r"[^\s\"(]*(/lib/python3\.\d+/)"), r"/var/lang\1"),
    (re.compile(r',"    at (?![^"]*/var/task)[^"]*"'), ""),
    (re.compile(r'\\n    at (?:(?!/var/task)[^"\\])*(?=\\n|")'), ""),
    (re.compile(r',"(?!Values\.)[\w.$/]+\([\w. :]+\)"'), ""),
    (re.compile(r"    at \w+\.handler \("), "    at handler ("),
)
# The embedded cloud's client marks so a message that is one event of the log.
RECORD = "\x1e"
# The clients before 4.0 put it before each error.
NOTE = "LAMBDA_WARNING: Unhandled exception."


def init(command, environment, root):
    """What a client tells when it cannot start."""
    client = Client(command, environment, root)
    try:
        assert client.first != "next", "the client has started"
        answer = dict(client.first)
        if "exit" not in answer:
            answer["exit"] = client.process.wait(LONGEST)
        answer["log"] = client.log.take()
        printed = client.printed.take().decode("utf-8", "backslashreplace").split("\n")
        # A traceback of the client's own follows what the function printed.
        answer["printed"] = [line for line in printed if line == "one" or line.startswith(RECORD)]
        return client._cleaned(answer)
    finally:
        client.close()


def answers(command, events, environment, root):
    """What a client answers to each event, and what it writes to the log meanwhile, by the event's key.

    A client that ends is started again for the next event.
    """
    found, client = {}, None
    for key, event in events.items():
        client = client or Client(command, environment, root)
        found[key] = client.invoke(event)
        if "exit" in found[key]:
            client.close()
            client = None
    if client is not None:
        client.close()
    return found


class Client:
    """A runtime client's process, and the server it talks to."""

    def __init__(self, command, environment, root):
        self.root = root
        self.events, self.told = queue.Queue(), queue.Queue()
        handler = type("Handler", (_Handler,), {"client": self})
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        read, write = os.pipe()
        self.log = Frames(read)
        api = "127.0.0.1:%d" % self.server.server_port
        more = {"AWS_LAMBDA_RUNTIME_API": api, "_LAMBDA_TELEMETRY_LOG_FD": str(write), "LAMBDA_TASK_ROOT": root}
        self.process = subprocess.Popen(
            command, env={**environment, **more}, cwd=root, pass_fds=[write],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )
        os.close(write)
        self.printed = Bytes(self.process.stdout.fileno())
        self.first = self._wait()

    def _wait(self):
        """The next thing that the client tells, or its end."""
        deadline = time.monotonic() + LONGEST
        while time.monotonic() < deadline:
            try:
                return self.told.get(timeout=0.05)
            except queue.Empty:
                if self.process.poll() is not None and self.told.empty():
                    return {"exit": self.process.returncode}
        raise TimeoutError("the client neither answers nor ends")

    def invoke(self, event):
        if self.first != "next":
            return self._cleaned(self.first)
        self.log.take()
        self.printed.take()
        self.events.put(event)
        answer = self._wait()
        if "exit" not in answer:
            self.first = self._wait()
            if self.first != "next":
                # It has answered and ended after that.
                answer = {**answer, **self.first} if isinstance(self.first, dict) else answer
        answer = dict(answer)
        answer["log"] = self.log.take()
        printed = self.printed.take().decode("utf-8", "backslashreplace")
        answer["printed"] = "\n".join(of_function(printed.split("\n"), "exit" in answer))
        return self._cleaned(answer)

    def _cleaned(self, answer):
        return {name: cleaned(value, self.root) for name, value in answer.items() if value not in ("", [])}

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
        self.log.close()
        self.events.put(None)
        self.server.shutdown()
        self.server.server_close()


def of_function(lines, ended):
    """What was printed, without the lines of a client's own traceback, which names its files."""
    last = [line for line in lines if line][-1:]
    return [line for line in lines if line.startswith(RECORD)] + last if ended else lines


def cleaned(value, root):
    """A value of an answer without what differs from run to run."""
    if isinstance(value, list):
        return [cleaned(item, root) for item in value]
    if not isinstance(value, str):
        return value
    value = value.replace(root, "/var/task").replace(REQUEST, "ID")
    for pattern, text in CLEANED:
        value = pattern.sub(text, value)
    return value


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    client = None

    def do_GET(self):
        self.client.told.put("next")
        event = self.client.events.get()
        if event is None:
            self.close_connection = True
            return
        self.send_response(200)
        for name, value in {
            "Content-Type": "application/json",
            "Lambda-Runtime-Aws-Request-Id": REQUEST,
            "Lambda-Runtime-Deadline-Ms": str(int(time.time() * 1000) + 60_000),
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:us-east-1:123456789012:function:f",
            "Content-Length": str(len(event)),
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(event)

    def do_POST(self):
        body = self._body()
        answer = {"to": self.path.replace(PREFIX, "").replace(f"/invocation/{REQUEST}/", "")}
        answer["type"] = self.headers.get("Content-Type")
        try:
            answer["body"] = body.decode()
        except UnicodeDecodeError:
            answer["base64"] = base64.b64encode(body).decode()
        self.client.told.put({name: value for name, value in answer.items() if value is not None})
        self.send_response(202)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _body(self):
        if "chunked" not in self.headers.get("Transfer-Encoding", ""):
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while length := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(length)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def log_message(self, *args):
        pass


class Bytes:
    """What was written into a pipe. A client writes to its log before it answers: nothing is waited for."""

    def __init__(self, descriptor):
        self.descriptor = descriptor
        os.set_blocking(descriptor, False)
        # Room for all that one case writes.
        fcntl.fcntl(descriptor, F_SETPIPE_SZ, 1 << 20)

    def take(self):
        data = b""
        try:
            while piece := os.read(self.descriptor, 65536):
                data += piece
        except BlockingIOError:
            pass
        return data

    def close(self):
        os.close(self.descriptor)


class Frames(Bytes):
    """The messages of a log in Lambda's frames: a type, a length, a time, and the message."""

    def take(self):
        data, messages = super().take(), []
        while len(data) >= 16:
            length = int.from_bytes(data[4:8], "big")
            messages.append(data[16 : 16 + length].decode("utf-8", "backslashreplace"))
            data = data[16 + length :]
        return [message for message in messages if not message.startswith(NOTE)]
