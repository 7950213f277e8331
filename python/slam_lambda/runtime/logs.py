"""Logging, as AWS's runtimes set it up: https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html

A message is one event of the log, however many lines it has. Lambda takes such messages in frames from a file of their
own (the format is that of AWS's open runtime clients); where there is none they go to the standard output.
"""

import json
import logging
import os
import sys
import time

from .errors import stack_trace

_FRAMES = "_LAMBDA_TELEMETRY_LOG_FD"
# Of a frame that is text; of one that is JSON it is one less. The level is added to either.
_TEXT = 0xA55A0003
_JSON = 0xA55A0002
_LEVELS = (
    (logging.CRITICAL, 0x18),
    (logging.ERROR, 0x14),
    (logging.WARNING, 0x10),
    (logging.INFO, 0x0C),
    (logging.DEBUG, 0x08),
)
_NAMES = {"TRACE": logging.DEBUG, "WARN": logging.WARNING, "FATAL": logging.CRITICAL}
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "aws_request_id"}


class Logs:
    """Where messages go, and the root logger's handler that sends them there.

    ``write_record`` writes a message where the host has a way of its own to keep its lines together.
    """

    def __init__(self, write_record=None):
        self.json = os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"
        self.request_id = ""
        self._write_record = write_record
        descriptor = os.environ.pop(_FRAMES, None)
        self._frames = os.fdopen(int(descriptor), "wb", 0) if descriptor else None

    def install(self):
        """Give the root logger its handler and its level."""
        logging.Formatter.converter = time.gmtime
        handler = _Handler(self)
        if self.json:
            handler.setFormatter(_JsonFormatter())
        else:
            line = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
            handler.setFormatter(logging.Formatter(line, "%Y-%m-%dT%H:%M:%S"))
        logging.root.addHandler(handler)
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL")
        if level:
            logging.root.setLevel(_NAMES.get(level) or getattr(logging, level, logging.INFO))

    def write(self, message, level=logging.NOTSET):
        """Write one message."""
        if self._frames is not None:
            kind = (_JSON if self.json else _TEXT) + next((bits for least, bits in _LEVELS if level >= least), 0)
            body = message.encode("utf-8", "backslashreplace")
            head = kind.to_bytes(4, "big") + len(body).to_bytes(4, "big") + (time.time_ns() // 1000).to_bytes(8, "big")
            self._frames.write(head + body)
        elif self._write_record is not None:
            self._write_record(message)
        else:
            sys.stdout.write(message if message.endswith("\n") else message + "\n")
            sys.stdout.flush()

    def error(self, error):
        """Write the document of an error that nobody handled."""
        if self.json:
            stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
            entry = {"timestamp": stamp, "log_level": "ERROR", **error}
            self.write(json.dumps(entry, ensure_ascii=False), logging.ERROR)
            return
        lines = [f"[ERROR] {error['errorType']}: {error['errorMessage']}", "Traceback (most recent call last):"]
        for frame in error["stackTrace"]:
            # The log trims ordinary spaces at the start of a line.
            lines += ["\u00a0" * (len(line) - len(line.lstrip(" "))) + line.lstrip(" ") for line in frame.splitlines()]
        # Where a line end would begin another message, AWS's runtimes write a carriage return.
        together = self._frames is not None or self._write_record is not None
        self.write(("\n" if together else "\r").join(lines), logging.ERROR)


class _Handler(logging.Handler):
    def __init__(self, logs):
        super().__init__()
        self._logs = logs

    def emit(self, record):
        record.aws_request_id = self._logs.request_id
        try:
            self._logs.write(self.format(record), record.levelno)
        except Exception:
            self.handleError(record)


class _JsonFormatter(logging.Formatter):
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
            entry["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        entry.update((name, value) for name, value in record.__dict__.items() if name not in _STANDARD)
        if record.aws_request_id:
            entry["requestId"] = record.aws_request_id
        return json.dumps(entry, ensure_ascii=False, default=str)
