"""From the start to the next event: load the handler, call it, answer."""

import importlib
import json
import os
import sys

from .. import handler as _handler
from .api import RuntimeApi
from .context import LambdaContext
from .encoding import marshal
from .errors import Fault, document
from .logs import Logs
from .streams import CONTENT_TYPE, RUNNERS, Streamed

_LAYERS = "/opt/python"


def main():
    """Run until Lambda ends the process."""
    logs = Logs(_prepare())
    logs.install()
    api = RuntimeApi(os.environ["AWS_LAMBDA_RUNTIME_API"])
    _handler._RUNNERS.update(RUNNERS)
    try:
        handler = _load(os.environ["_HANDLER"])
    except Exception as exception:
        error = document(exception)
        logs.error(error)
        api.init_error(error)
        sys.exit(1)
    while True:
        serve(api, logs, handler)


def serve(api, logs, handler):
    """Wait for one event and answer it."""
    headers, body = api.next()
    logs.request_id = request_id = headers["lambda-runtime-aws-request-id"]
    trace = headers.get("lambda-runtime-trace-id")
    if trace:
        os.environ["_X_AMZN_TRACE_ID"] = trace
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    try:
        context = LambdaContext(headers, logs.write)
        answer = handler(_unmarshal(body), context)
        if isinstance(answer, Streamed):
            answer.send(api.stream(request_id, CONTENT_TYPE))
        else:
            body, content_type = _marshal(answer)
    except Exception as exception:
        error = document(exception, request_id)
        logs.error(error)
        _flush()
        api.fail(request_id, error)
        return
    _flush()
    if not isinstance(answer, Streamed):
        # A lone surrogate has no bytes: as in AWS's runtimes, it ends the process.
        api.respond(request_id, body if isinstance(body, bytes) else body.encode(), content_type)


def _prepare():
    """Make the process what AWS's runtimes make it; returns how the embedded cloud wants records to be written."""
    if "slam_packages" in sys._xoptions:
        # The embedded cloud brings a client of its own, which knows what plays AWS's folders there.
        sys.path.append(os.environ["LAMBDA_RUNTIME_DIR"])
        import _slam_runtime

        _slam_runtime.prepare()
        return _slam_runtime.write_record
    # https://docs.aws.amazon.com/lambda/latest/dg/python-package.html#python-package-searchpath
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    layers = [path for path in (f"{_LAYERS}/lib/{version}/site-packages", _LAYERS) if os.path.isdir(path)]
    sys.path[:1] = [os.environ["LAMBDA_TASK_ROOT"], *layers]
    # Each printed line is an event of the log at once.
    sys.stdout.reconfigure(line_buffering=True)
    sys.stderr.reconfigure(line_buffering=True)
    return None


def _load(name):
    module_name, dot, attribute = name.rpartition(".")
    if not dot:
        message = f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)"
        raise Fault("Runtime.MalformedHandlerName", message)
    if module_name.split(".")[0] in sys.builtin_module_names:
        message = f"Cannot use built-in module {module_name} as a handler module"
        raise Fault("Runtime.BuiltInModuleConflict", message)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from None
    except SyntaxError as error:
        stack = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        message = f"Syntax error in module '{module_name}': {error}"
        raise Fault("Runtime.UserCodeSyntaxError", message, stack) from None
    try:
        return getattr(module, attribute)
    except AttributeError:
        message = f"Handler '{attribute}' missing on module '{module_name}'"
        raise Fault("Runtime.HandlerNotFound", message) from None


def _unmarshal(body):
    try:
        return json.loads(body.decode())
    except Exception as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None


def _marshal(result):
    try:
        return marshal(result)
    except Exception as error:
        raise Fault("Runtime.MarshalError", f"Unable to marshal response: {error}") from None


def _flush():
    sys.stdout.flush()
    sys.stderr.flush()
