"""The runtime client of Python functions: fetches events from the Runtime API, calls the handler, posts the answer.

It behaves as the client in AWS's own Python runtimes does, as far as a function and its callers can see. What it has in
common with the runtime of packages whose answers stream is in the package `_slam`, made of their files. It uses only
what every CPython from 3.8 on brings, and imports as little as possible before the function's own code: a cold start
pays for each import.

    python -S -X slam_packages=FOLDERS [-X slam_opt=FOLDER] [-X slam_bytecode=FOLDER] bootstrap.py

slam_packages (joined by os.pathsep): where boto3 and what it needs are looked up when the package does not bring them
itself, as they are part of AWS's runtimes. slam_opt: the folder that plays /opt, for functions with layers.
slam_bytecode: where what is compiled of packages and layers is kept. They are
options and not arguments, because AWS's example of a wrapper script (AWS_LAMBDA_EXEC_WRAPPER) puts its options before
the last argument, which is the script on AWS.
"""
import os
import sys
import time

import _socket
import json

from _slam import encoding
from _slam.context import LambdaContext
from _slam.errors import Fault, document
from _slam.records import error_record, set_up

TASK_ROOT = os.environ["LAMBDA_TASK_ROOT"]
API = "/2018-06-01/runtime"
# What AWS's Python runtimes have installed beside the standard library.
RUNTIME_MODULES = frozenset(("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"))
# In the log, a line that starts with RECORD is one event however many line ends it has: they are written as LINE_END.
RECORD, LINE_END = b"\x1e", b"\x1f"
OWN = os.path.dirname(__file__) + os.sep
VERSION = sys.version_info[:2]
JSON_LOG = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"


class RuntimePackages:
    """Finds the modules of AWS's runtime, and nothing else, in the folders given."""

    def __init__(self, folders):
        self.folders = [folder for folder in folders.split(os.pathsep) if folder]

    def find_spec(self, name, path=None, target=None):
        if path is not None or name not in RUNTIME_MODULES or not self.folders:
            return None
        from importlib.machinery import PathFinder

        return PathFinder.find_spec(name, self.folders, target)


class RuntimeClient:
    """HTTP/1.1 on one kept-alive connection to the Runtime API."""

    def __init__(self, address):
        host, _, port = address.rpartition(":")
        self.address = address
        self.socket = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        self.socket.connect((host, int(port)))
        self.socket.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
        self.received = b""

    def request(self, method, path, body=b"", headers=""):
        head = "%s %s%s HTTP/1.1\r\nHost: %s\r\nContent-Length: %d\r\n%s\r\n" % (
            method, API, path, self.address, len(body), headers)
        return head.encode("latin-1") + body

    def send(self, *requests):
        self.socket.sendall(b"".join(requests))

    def receive(self):
        """The next response: its headers, with lower-case names, and its body."""
        received = self.received
        end = received.find(b"\r\n\r\n")
        while end < 0:
            received += self.read()
            end = received.find(b"\r\n\r\n")
        headers = {}
        for line in received[:end].decode("latin-1").split("\r\n")[1:]:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        length = int(headers.get("content-length", 0))
        body, end = bytearray(received[end + 4:]), end + 4
        while len(body) < length:
            body += self.read()
        self.received = bytes(body[length:])
        return headers, bytes(body[:length])

    def read(self):
        piece = self.socket.recv(262144)
        if not piece:
            # The cloud has ended this environment.
            os._exit(0)
        return piece


def write_record(text):
    """Writes one log event, whatever line ends it has."""
    sys.stdout.flush()
    sys.stderr.flush()
    # A lone surrogate has no bytes: as in AWS's client, that is an error.
    record = RECORD + text.encode("utf-8").rstrip(b"\n").replace(b"\n", LINE_END) + b"\n"
    while record:
        record = record[os.write(1, record):]


current_request_id = ""


def set_up_logging():
    """Gives the root logger the handler that AWS's runtimes give it."""
    import logging

    class LogHandler(logging.Handler):
        def emit(self, record):
            record.aws_request_id = current_request_id
            # As there: what cannot be formatted is an error of whoever logs it.
            write_record(self.format(record))

    set_up(LogHandler(), JSON_LOG, os.environ.get("AWS_LAMBDA_LOG_LEVEL"))


def error_of(exception):
    return document(exception, current_request_id, OWN)


def log_error(error):
    write_record("\n".join(error_record(error, JSON_LOG)))


def load_handler(name):
    from importlib import import_module

    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise Fault("Runtime.MalformedHandlerName",
                    "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % name)
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault("Runtime.BuiltInModuleConflict",
                    "Cannot use built-in module %s as a handler module" % module_name)
    try:
        module = import_module(module_name.replace("/", "."))
    except ImportError as error:
        if error.name in RUNTIME_MODULES:
            write_record("[slam] %s is part of AWS's Python runtimes, but not of the Python that runs this function "
                         "here (%s), and it could not be installed: the cloud's log says why. Bundle it with the "
                         "function, or name a folder that has it in SLAM_RUNTIME_PACKAGES when the cloud is started"
                         % (error.name, sys.executable))
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, error.text)]
        raise Fault("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), trace)
    try:
        return getattr(module, function_name)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name))


def marshal(result):
    try:
        return encoding.marshal(result)
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)


def unmarshal(body):
    try:
        return json.loads(body.decode("utf-8"))
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)


def error_parts(error):
    """An error's body, and the header that says its type: any class's name may come."""
    kind = error["errorType"].encode("ascii", "replace").decode().replace("\r", "?").replace("\n", "?")
    return bytes_of(encoding.encode(error)), "Lambda-Runtime-Function-Error-Type: %s\r\n" % kind


def bytes_of(text):
    """A lone surrogate has no bytes: as there, it ends the process."""
    return text if isinstance(text, bytes) else text.encode("utf-8")


def extend_path(opt):
    """The function's package, its layers, then Python's own: the order of AWS's runtimes, which leave out the layers
    when the function has a PYTHONPATH."""
    sys.path[0] = TASK_ROOT
    folders = [TASK_ROOT]
    if opt and "PYTHONPATH" not in os.environ:
        layers = [os.path.join(opt, "python", "lib", "python%d.%d" % VERSION, "site-packages"),
                  os.path.join(opt, "python")]
        sys.path[1:1] = layers
        folders += [folder for folder in layers if os.path.isdir(folder)]
    for folder in folders:
        if any(name.endswith(".pth") for name in os.listdir(folder)):
            import site

            site.addsitedir(folder)


def keep_bytecode(folder):
    """Keeps in a folder what Python compiles of sources that are read-only, so that the next start need not do it again."""
    loader = sys.modules["_frozen_importlib_external"].SourceFileLoader
    read, write = loader.get_data, loader.set_data
    # Packages and layers lie side by side.
    root = os.path.dirname(TASK_ROOT) + os.sep

    def get_data(self, path):
        try:
            return read(self, path)
        except OSError:
            if not path.startswith(root) or not path.endswith(".pyc"):
                raise
            return read(self, os.path.join(folder, path[len(root):]))

    def set_data(self, path, data, **mode):
        write(self, os.path.join(folder, path[len(root):]) if path.startswith(root) else path, data, **mode)

    loader.get_data, loader.set_data = get_data, set_data


def prepare():
    bytecode = sys._xoptions.pop("slam_bytecode", None)
    if bytecode:
        keep_bytecode(bytecode)
    extend_path(sys._xoptions.pop("slam_opt", None))
    sys.meta_path.append(RuntimePackages(str(sys._xoptions.pop("slam_packages", ""))))
    # -S leaves these out, and functions use them.
    import _sitebuiltins
    import builtins

    builtins.exit = _sitebuiltins.Quitter("exit", "Ctrl-D (i.e. EOF)")
    builtins.quit = _sitebuiltins.Quitter("quit", "Ctrl-D (i.e. EOF)")
    # Each printed line is an event at once.
    sys.stdout.reconfigure(line_buffering=True)
    sys.stderr.reconfigure(line_buffering=True)


def main():
    global current_request_id
    prepare()
    client = RuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"])
    set_up_logging()
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as exception:
        error = error_of(exception)
    else:
        error = None
    if error is not None:
        log_error(error)
        client.send(client.request("POST", "/init/error", *error_parts(error)))
        client.receive()
        sys.exit(1)
    fetch = client.request("GET", "/invocation/next")
    client.send(fetch)
    while True:
        headers, body = client.receive()
        current_request_id = headers["lambda-runtime-aws-request-id"]
        trace_id = headers.get("lambda-runtime-trace-id")
        if trace_id is not None:
            os.environ["_X_AMZN_TRACE_ID"] = trace_id
        else:
            os.environ.pop("_X_AMZN_TRACE_ID", None)
        try:
            context = LambdaContext(headers, write_record)
            answer, content_type = marshal(handler(unmarshal(body), context))
        except Exception as exception:
            error = error_of(exception)
        if error is None:
            path, extra = "/invocation/%s/response" % current_request_id, "Content-Type: %s\r\n" % content_type
            answer = bytes_of(answer)
        else:
            log_error(error)
            path = "/invocation/%s/error" % current_request_id
            answer, extra = error_parts(error)
            extra += "Content-Type: application/json\r\n"
            error = None
        sys.stdout.flush()
        sys.stderr.flush()
        # The next event is asked for together with the answer: one round trip instead of two.
        client.send(client.request("POST", path, answer, extra), fetch)
        client.receive()

