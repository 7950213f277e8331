"""What Lambda is to a runtime: a process in a package's folder, and a server that speaks the Runtime API."""

import base64
import json
import os
import pathlib
import queue
import subprocess
import sys
import textwrap
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PYTHON = pathlib.Path(__file__).parent.parent
PATIENCE = 20


class Answer:
    """What the runtime posts for one event. A streamed body comes as ``pieces``, ``None`` at its end."""

    def __init__(self):
        self.path = self.headers = None
        self.posted = threading.Event()
        self.pieces = queue.Queue()
        self.trailers = {}

    def wait(self):
        assert self.posted.wait(PATIENCE), "the runtime has not answered"
        return self

    def piece(self):
        return self.pieces.get(timeout=PATIENCE)

    def body(self):
        self.wait()
        return b"".join(iter(self.piece, None))

    def json(self):
        return json.loads(self.body())

    def response(self):
        """The metadata and the body of a streamed HTTP response."""
        metadata, delimiter, body = self.body().partition(b"\0" * 8)
        assert delimiter, metadata
        return json.loads(metadata), body

    def error(self):
        """The error that the trailers tell of."""
        kind = self.trailers["lambda-runtime-function-error-type"]
        return kind, json.loads(base64.b64decode(self.trailers["lambda-runtime-function-error-body"]))


class Platform:
    """Runs the runtime with these files around it."""

    def __init__(
        self, folder, files, handler="lambda_handler.lambda_handler", module="slam_lambda.runtime", **environment
    ):
        for name, text in files.items():
            (folder / name).write_text(textwrap.dedent(text))
        self._events = queue.Queue()
        self._answers = {}
        self.connections = set()
        self.init = Answer()
        platform = self

        class Api(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def do_GET(self):
                platform.connections.add(self.client_address)
                event = platform._events.get()
                if event is None:
                    self.close_connection = True
                    return
                headers, body = event
                self.send_response(200)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_POST(self):
                request_id = self.path.split("/")[-2]
                answer = platform._answers.get(request_id, platform.init)
                answer.path, answer.headers = self.path, self.headers
                answer.posted.set()
                if self.headers.get("Transfer-Encoding") == "chunked":
                    while length := int(self.rfile.readline(), 16):
                        answer.pieces.put(self.rfile.read(length))
                        self.rfile.readline()
                    while (line := self.rfile.readline().decode().strip()):
                        name, _, value = line.partition(": ")
                        answer.trailers[name.lower()] = value
                else:
                    answer.pieces.put(self.rfile.read(int(self.headers["Content-Length"])))
                answer.pieces.put(None)
                self.send_response(202)
                self.send_header("Content-Length", "0")
                self.end_headers()

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        variables = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PYTHON),
            "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:%d" % self._server.server_port,
            "AWS_LAMBDA_FUNCTION_NAME": "tasks",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
            "LAMBDA_TASK_ROOT": str(folder),
            "_HANDLER": handler,
            **environment,
        }
        command = [sys.executable, "-m", module]
        self.process = subprocess.Popen(
            command, cwd=folder, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )

    def invoke(self, event, **headers):
        answer, request_id = Answer(), str(uuid.uuid4())
        self._answers[request_id] = answer
        names = {
            "Lambda-Runtime-Aws-Request-Id": request_id,
            "Lambda-Runtime-Deadline-Ms": "9999999999999",
            "Lambda-Runtime-Invoked-Function-Arn": "arn:aws:lambda:eu-west-1:123456789012:function:tasks",
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        self._events.put((names, event if isinstance(event, bytes) else json.dumps(event).encode()))
        answer.request_id = request_id
        return answer

    def close(self):
        """End it; what it printed."""
        self._events.put(None)
        self.process.terminate()
        printed, _ = self.process.communicate(timeout=PATIENCE)
        self._server.shutdown()
        self._server.server_close()
        return printed.decode()


def package(kind, source):
    """The files of a package whose application streams."""
    settings = {"module": "web", "app": "app", "kind": kind}
    handler = f"from slam_lambda import make_handler\nlambda_handler = make_handler({settings!r})\n"
    return {"lambda_handler.py": handler, "web.py": source}
