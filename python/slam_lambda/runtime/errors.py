"""Error documents, as AWS's runtimes write them: https://docs.aws.amazon.com/lambda/latest/dg/python-exceptions.html"""

import os

from .records import stack_trace

_OWN = os.path.dirname(__file__) + os.sep


class Fault(Exception):
    """What went wrong before or after the handler ran, under AWS's name of it."""

    def __init__(self, kind, message, stack=()):
        super().__init__(message)
        self.kind = kind
        self.stack = list(stack)


def document(error, request_id="", own=_OWN):
    """The document of an exception, without the frames of files in ``own`` that its traceback begins with."""
    if isinstance(error, Fault):
        kind, stack = error.kind, error.stack
    else:
        kind, stack = type(error).__name__, stack_trace(error.__traceback__, lambda file: file.startswith(own))
    return {"errorMessage": str(error), "errorType": kind, "requestId": request_id, "stackTrace": stack}
