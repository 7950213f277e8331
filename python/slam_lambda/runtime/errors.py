"""Error documents, as AWS's runtimes write them: https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html"""

import os
import traceback

_OWN = os.path.dirname(__file__) + os.sep


class Fault(Exception):
    """What went wrong before or after the handler ran, under AWS's name of it."""

    def __init__(self, kind, message, stack=()):
        super().__init__(message)
        self.kind = kind
        self.stack = list(stack)


def document(error, request_id=""):
    """The document of an exception."""
    if isinstance(error, Fault):
        kind, stack = error.kind, error.stack
    else:
        kind, stack = type(error).__name__, stack_trace(error.__traceback__)
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": stack}


def stack_trace(trace):
    """The frames of a traceback, without those of this package that it begins with."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_OWN):
        trace = trace.tb_next
    return [
        f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}\n'
        + (f"    {frame.line}\n" if frame.line else "")
        for frame in traceback.extract_tb(trace)
    ]
