"""Logging, as AWS's runtimes set it up: https://docs.aws.amazon.com/lambda/latest/dg/python-logging.html

A message is one event of the log, however many lines it has. Lambda takes such messages in frames from a file of their
own (the format is that of AWS's open runtime clients); where there is none they go to the standard output.
"""

import logging
import os
import sys
import time

from .records import error_record, set_up

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


class Logs:
    """Where messages go, and the root logger's handler that sends them there.

    ``write_record`` writes a message where the host has a way of its own to keep its lines together.
    """

    def __init__(self, write_record=None):
        self.json = os.environ.get("AWS_LAMBDA_LOG_FORMAT", "").upper() == "JSON"
        self.request_id = ""
        self._write_record = write_record
        descriptor = os.environ.pop(_FRAMES, None)
        self._frames = os.fdopen(int(descriptor), "wb", 0) if descriptor else None

    def install(self):
        """Give the root logger its handler and its level."""
        set_up(_Handler(self), self.json, os.environ.get("AWS_LAMBDA_LOG_LEVEL"))

    def write(self, message, level=logging.NOTSET):
        """Write one message."""
        if self._frames is not None:
            kind = (_JSON if self.json else _TEXT) + next((bits for least, bits in _LEVELS if level >= least), 0)
            body = message.encode("utf-8")
            head = kind.to_bytes(4, "big") + len(body).to_bytes(4, "big") + (time.time_ns() // 1000).to_bytes(8, "big")
            self._frames.write(head + body)
        elif self._write_record is not None:
            self._write_record(message)
        else:
            sys.stdout.write(message if message.endswith("\n") else message + "\n")
            sys.stdout.flush()

    def error(self, error):
        """Write the document of an error that nobody handled."""
        # Where a line end would begin another message, AWS's runtimes write a carriage return.
        together = self._frames is not None or self._write_record is not None
        self.write(("\n" if together else "\r").join(error_record(error, self.json)), logging.ERROR)


class _Handler(logging.Handler):
    def __init__(self, logs):
        super().__init__()
        self._logs = logs

    def emit(self, record):
        record.aws_request_id = self._logs.request_id
        # As in AWS's runtimes: what cannot be formatted is an error of whoever logs it.
        self._logs.write(self.format(record), record.levelno)
