"""The runtime client of Python functions: fetches events from the Runtime API, calls the handler, posts the answer.

It behaves as the client in AWS's own Python runtimes does, as far as a function and its callers can see. It uses only
what every CPython from 3.8 on brings, and imports as little as possible before the function's own code: a cold start
pays for each import.

    python -S -X slam_packages=FOLDERS [-X slam_opt=FOLDER] bootstrap.py

slam_packages (joined by os.pathsep): where boto3 and what it needs are looked up when the package does not bring them
itself, as they are part of AWS's runtimes. slam_opt: the folder that plays /opt, for functions with layers. Both are
options and not arguments, because AWS's example of a wrapper script (AWS_LAMBDA_EXEC_WRAPPER) puts its options before
the last argument, which is the script on AWS.
"""
import os
import sys
import time

import _socket
import json

TASK_ROOT = os.environ["LAMBDA_TASK_ROOT"]
API = "/2018-06-01/runtime"
# What AWS's Python runtimes have installed beside the standard library.
RUNTIME_MODULES = frozenset(("boto3", "botocore", "s3transfer", "jmespath", "dateutil", "six", "urllib3"))
# In the log, a line that starts with RECORD is one event however many line ends it has: they are written as LINE_END.
RECORD, LINE_END = "\x1e", "\x1f"
VERSION = sys.version_info[:2]


class Fault(Exception):
    """A failure before or after the handler ran, with the error type that AWS gives it."""

    def __init__(self, kind, message, trace=()):
        super().__init__(message)
        self.error = {"errorMessage": message, "errorType": kind, "requestId": "", "stackTrace": list(trace)}


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


class CognitoIdentity:
    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")

    def __init__(self, identity):
        self.cognito_identity_id = identity.get("cognitoIdentityId")
        self.cognito_identity_pool_id = identity.get("cognitoIdentityPoolId")


class Client:
    __slots__ = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")

    def __init__(self, client):
        for name in self.__slots__:
            setattr(self, name, client.get(name))


class ClientContext:
    __slots__ = ("client", "custom", "env")

    def __init__(self, context):
        client = context.get("client")
        self.client = Client(client) if client else None
        self.custom = context.get("custom")
        self.env = context.get("env")


class LambdaContext:
    """What a handler gets as its second argument."""

    def __init__(self, headers):
        environment = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.log_group_name = environment.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environment.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environment.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        client_context = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(json.loads(client_context)) if client_context else None
        identity = headers.get("lambda-runtime-cognito-identity")
        self.identity = CognitoIdentity(json.loads(identity) if identity else {})
        self._epoch_deadline_time_in_ms = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(self._epoch_deadline_time_in_ms - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))
        sys.stdout.flush()

    def __repr__(self):
        return "LambdaContext([%s])" % ",".join("%s=%s" % item for item in self.__dict__.items())


def write_record(text):
    """Writes one log event, whatever line ends it has."""
    sys.stdout.flush()
    sys.stderr.flush()
    record = (RECORD + text.rstrip("\n").replace("\n", LINE_END) + "\n").encode("utf-8", "backslashreplace")
    while record:
        record = record[os.write(1, record):]


current_request_id = ""


def set_up_logging():
    """Gives the root logger the handler that AWS's runtimes give it."""
    import logging

    class RequestId(logging.Filter):
        def filter(self, record):
            record.aws_request_id = current_request_id
            return True

    class LogHandler(logging.Handler):
        def emit(self, record):
            try:
                write_record(self.format(record))
            except Exception:
                self.handleError(record)

    logging.Formatter.converter = time.gmtime
    handler = LogHandler()
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        handler.setFormatter(json_formatter(logging))
    else:
        handler.setFormatter(logging.Formatter(
            "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n", "%Y-%m-%dT%H:%M:%S"))
    handler.addFilter(RequestId())
    logging.root.addHandler(handler)
    level = os.environ.get("AWS_LAMBDA_LOG_LEVEL")
    if level:
        levels = {"TRACE": logging.DEBUG, "WARN": logging.WARNING, "FATAL": logging.CRITICAL}
        logging.root.setLevel(levels.get(level) or getattr(logging, level, logging.INFO))


def json_formatter(logging):
    standard = set(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "aws_request_id"}

    class JsonFormatter(logging.Formatter):
        def format(self, record):
            entry = {
                "timestamp": self.formatTime(record, "%Y-%m-%dT%H:%M:%SZ"),
                "level": record.levelname,
                "message": record.getMessage(),
                "logger": record.name,
            }
            if record.exc_info and record.exc_info[0]:
                kind, error, trace = record.exc_info
                entry["stackTrace"] = stack_trace(trace)
                entry["errorType"] = kind.__name__
                entry["errorMessage"] = str(error)
                entry["location"] = "%s:%s:%d" % (record.pathname, record.funcName, record.lineno)
            entry.update((name, value) for name, value in record.__dict__.items() if name not in standard)
            if record.aws_request_id:
                entry["requestId"] = record.aws_request_id
            return json.dumps(entry, ensure_ascii=False, default=str)

    return JsonFormatter()


def stack_trace(trace):
    import traceback

    return ['  File "%s", line %s, in %s\n%s' % (frame.filename, frame.lineno, frame.name,
                                                  "    %s\n" % frame.line if frame.line else "")
            for frame in traceback.extract_tb(trace)]


def error_of(exception, own_frames):
    """The error document of an exception that the function's code raised."""
    trace = exception.__traceback__
    while own_frames and trace is not None:
        trace, own_frames = trace.tb_next, own_frames - 1
    return {"errorMessage": str(exception), "errorType": type(exception).__name__,
            "requestId": current_request_id, "stackTrace": stack_trace(trace)}


def log_error(error):
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        entry = {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "log_level": "ERROR"}
        entry.update(error)
        write_record(json.dumps(entry, ensure_ascii=False))
        return
    lines = ["[ERROR] %s: %s" % (error["errorType"], error["errorMessage"]), "Traceback (most recent call last):"]
    for frame in error["stackTrace"]:
        # CloudWatch trims ordinary spaces at the start of a line.
        for line in frame.splitlines():
            text = line.lstrip(" ")
            lines.append("\u00a0" * (len(line) - len(text)) + text)
    write_record("\n".join(lines))


def load_handler(name):
    module_name, dot, function_name = name.rpartition(".")
    if not dot:
        raise Fault("Runtime.MalformedHandlerName",
                    "Bad handler '%s': not enough values to unpack (expected 2, got 1)" % name)
    module_name = module_name.replace("/", ".")
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault("Runtime.BuiltInModuleConflict",
                    "Cannot use built-in module %s as a handler module" % module_name)
    try:
        __import__(module_name)
    except ImportError as error:
        if error.name in RUNTIME_MODULES:
            write_record("[slam] %s is part of AWS's Python runtimes, but not of the Python that runs this function "
                         "here (%s): bundle it with the function, install it for that Python, or name a folder that "
                         "has it in SLAM_RUNTIME_PACKAGES" % (error.name, sys.executable))
        raise Fault("Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module_name, error))
    except SyntaxError as error:
        trace = ['  File "%s" Line %s\n    %s' % (error.filename, error.lineno, (error.text or "").strip())]
        raise Fault("Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module_name, error), trace)
    try:
        return getattr(sys.modules[module_name], function_name)
    except AttributeError:
        raise Fault("Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (function_name, module_name))


def plain(value):
    """JSON for what the json module does not know: DynamoDB's numbers."""
    import decimal

    if isinstance(value, decimal.Decimal):
        if value.is_nan():
            return float("nan")
        return int(value) if value == value.to_integral_value() else float(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def marshal(result):
    try:
        if VERSION >= (3, 12):
            return json.dumps(result, ensure_ascii=False, allow_nan=False, default=plain).encode("utf-8")
        return json.dumps(result, default=plain).encode("utf-8")
    except Exception as error:
        raise Fault("Runtime.MarshalError", "Unable to marshal response: %s" % error)


def unmarshal(body):
    try:
        return json.loads(body.decode("utf-8"))
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", "Unable to unmarshal input: %s" % error)


def error_body(error):
    return json.dumps(error).encode("utf-8")


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


def prepare():
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
    except Fault as fault:
        error = fault.error
    except Exception as exception:
        error = error_of(exception, 2)
    else:
        error = None
    if error is not None:
        log_error(error)
        client.send(client.request("POST", "/init/error", error_body(error),
                                   "Lambda-Runtime-Function-Error-Type: %s\r\n" % error["errorType"]))
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
            answer = marshal(handler(unmarshal(body), LambdaContext(headers)))
            path, extra = "/invocation/%s/response" % current_request_id, "Content-Type: application/json\r\n"
        except Fault as fault:
            error = dict(fault.error, requestId=current_request_id)
        except Exception as exception:
            error = error_of(exception, 1)
        if error is not None:
            log_error(error)
            answer = error_body(error)
            path = "/invocation/%s/error" % current_request_id
            extra = "Lambda-Runtime-Function-Error-Type: %s\r\n" % error["errorType"]
            error = None
        sys.stdout.flush()
        sys.stderr.flush()
        # The next event is asked for together with the answer: one round trip instead of two.
        client.send(client.request("POST", path, answer, extra), fetch)
        client.receive()

