"""What a function logs, as AWS's own runtime client writes it: log records and errors, as text and as JSON.
https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html

https://github.com/aws/aws-lambda-python-runtime-interface-client/blob/main/awslambdaric/lambda_runtime_log_utils.py is
what it does; the last one that runs on Python 3.8 (2.2) does some of it otherwise. ``tests/marshalling`` has what both
write. The embedded cloud's client has a copy of this file.
"""

import json
import logging
import sys
import time
import traceback

_STAMP = "%Y-%m-%dT%H:%M:%SZ"
_LINE = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
_OLD = sys.version_info < (3, 9)
_RESERVED = frozenset(
    "name msg args levelname levelno pathname filename module exc_info exc_text stack_info lineno funcName created msecs "
    "relativeCreated thread threadName processName process aws_request_id tenant_id _frame_type".split()
)
_TRACE = {"TRACE": "DEBUG"}


def set_up(handler, json_format, level):
    """Give the root logger this handler, with the format and the level that the function's configuration has."""
    logging.Formatter.converter = time.gmtime
    handler.setFormatter(JsonFormatter(datefmt=_STAMP) if json_format else logging.Formatter(_LINE, "%Y-%m-%dT%H:%M:%S"))
    level = _TRACE.get(level, level or "").upper()
    if level in logging._nameToLevel:
        logging.root.setLevel(level)
    logging.root.addHandler(handler)


class JsonFormatter(logging.Formatter):
    """A record as an object: a level between two names is the lower one, a dict as message stays one."""

    def format(self, record):
        """JSON of a record, with the line's end."""
        record.levelno = _rounded(record.levelno)
        record.levelname = logging.getLevelName(record.levelno)
        kind, error, trace = record.exc_info or (None, None, None)
        is_object = isinstance(record.msg, dict) and not record.args and not _OLD
        entry = {
            "timestamp": self.formatTime(record, self.datefmt),
            "level": record.levelname,
            "message": record.msg if is_object else record.getMessage(),
            "logger": record.name,
            "stackTrace": traceback.format_tb(trace) if record.exc_info else None,
            # As there: that an exception is asked for where there is none is an error.
            "errorType": kind.__name__ if record.exc_info else None,
            "errorMessage": str(error) if record.exc_info else None,
            "requestId": getattr(record, "aws_request_id", None),
            "location": f"{record.pathname}:{record.funcName}:{record.lineno}" if record.exc_info else None,
        }
        fields = vars(record).items()
        entry.update([(name, value) for name, value in fields if name not in _RESERVED and name not in entry])
        entry = {name: value for name, value in entry.items() if value is not None}
        return json.dumps(entry, ensure_ascii=False, default=None if _OLD else str) + "\n"


def _rounded(level):
    """The number of the level whose name a record has: between 0 and 50, in tens."""
    return min(50, max(0, level)) // 10 * 10


def stack_trace(trace, skipped):
    """The frames of a traceback, but for the first ones that are ``skipped``: those of a runtime client."""
    frames = [(frame.filename, frame.lineno, frame.name, frame.line) for frame in traceback.extract_tb(trace)]
    first = next((index for index, frame in enumerate(frames) if not skipped(frame[0])), 0)
    return traceback.format_list(frames[first:])


def error_record(error, json_format):
    """What the log gets of an error document that nobody handled, as lines."""
    if json_format:
        stamp = time.strftime(_STAMP, time.gmtime())
        entry = {"timestamp": stamp, "log_level" if _OLD else "level": "ERROR", **error}
        return [json.dumps(entry, ensure_ascii=sys.version_info < (3, 12))]
    description = " ".join(filter(None, ["[ERROR]", error["errorType"]]))
    if error["errorMessage"]:
        description += (": " if error["errorType"] else " ") + error["errorMessage"]
    lines = [description, "Traceback (most recent call last):"]
    for frame in error["stackTrace"]:
        # The log trims ordinary spaces at the start of a line.
        lines += ["\u00a0" * (len(line) - len(line.lstrip(" "))) + line.lstrip(" ") for line in frame.splitlines()]
    return lines
