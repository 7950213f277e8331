"""Tells Lambda why an application could not be loaded, as AWS's runtimes do of a handler.

They import slam's ``lambda_handler``, so of whatever is wrong with the application they would say that this module cannot
be imported, and leave out where. What the application raises is told here as they tell it of a handler that is the
application's own: of its module, under their names of errors, with its frames and none of slam's. Then the process ends,
as it does there.
https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-initerror
"""

import json
import os
import sys

from .runtime.errors import Fault, document
from .runtime.records import error_record, stack_trace

_OWN = os.path.dirname(__file__) + os.sep
_PATH = "/2018-06-01/runtime/init/error"


def report(error, module):
    """Tell of ``error`` and end the process. Returns where nobody listens: whoever called may raise it then."""
    address = os.environ.get("AWS_LAMBDA_RUNTIME_API")
    if not address:
        return
    told = described(error, module)
    is_json = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
    # A carriage return ends no event of the log.
    print("\r".join(error_record(told, is_json)), flush=True)
    try:
        _post(address, told)
    except OSError:
        return
    sys.exit(1)


def described(error, module):
    """The document of an error that ``module`` raised while it was imported."""
    trace = error.__traceback__
    while trace is not None and _leads(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    stack = stack_trace(trace, lambda _: False)
    kind, message = type(error).__name__, str(error)
    if isinstance(error, ImportError):
        kind, message = "Runtime.ImportModuleError", f"Unable to import module '{module}': {error}"
    elif isinstance(error, SyntaxError):
        kind, message = "Runtime.UserCodeSyntaxError", f"Syntax error in module '{module}': {error}"
        if error.filename:
            line = (error.text or "").strip()
            stack.append(f'  File "{error.filename}", line {error.lineno or 1}\n' + (f"    {line}\n" if line else ""))
    return document(Fault(kind, message, stack))


def _leads(file):
    """Whether a frame of this file only leads to the application: slam's own, and those of Python's import."""
    return file.startswith((_OWN, "<frozen importlib")) or file.endswith(os.path.join("", "importlib", "__init__.py"))


def _post(address, told):
    from http.client import HTTPConnection

    kind = told["errorType"].encode("ascii", "replace").decode()
    headers = {"Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": kind}
    connection = HTTPConnection(address)
    connection.request("POST", _PATH, json.dumps(told), headers)
    connection.getresponse().read()
    connection.close()
