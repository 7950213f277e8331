"""What slam itself writes into a function's log: the standard error."""

import os
import sys

# `logs: {requests: false}` in slam.yaml sets it.
_REQUESTS = os.environ.get("SLAM_LOG_REQUESTS") != "0"
# Of a path. A client chooses it, and whoever has the function pays for each byte that is logged.
_MOST_CHARACTERS = 500


def log(message):
    """Write one line of slam's own."""
    print(f"slam: {message}", file=sys.stderr)


def log_exception():
    """Write the traceback of the exception that is being handled."""
    import traceback

    traceback.print_exc(file=sys.stderr)


def log_request(request, status):
    """Write one line about a request to a web application: ``slam: GET /tasks 200``.

    Lambda tells of an invocation what it took, and nothing of what was asked.
    ``slam logs`` reads this line beside the ``REPORT``. It has no query, where
    secrets may be, and nothing that would make two lines of one.
    """
    if not _REQUESTS:
        return
    path = request.path
    if not (path.isascii() and path.isprintable() and " " not in path):
        from urllib.parse import quote

        path = quote(path, "/%:@!$&'()*+,;=~", errors="replace")
    if len(path) > _MOST_CHARACTERS:
        path = path[:_MOST_CHARACTERS] + "..."
    # One write: where the stream has no buffer, each is an event of the log.
    sys.stderr.write(f"slam: {request.method} {path} {status}\n")


def log_command(command):
    """Write one line about a command that runs: ``slam: runs manage check``.

    Its arguments stay out, as secrets may be among them.
    """
    if not _REQUESTS:
        return
    name = "--raw"
    if "raw" not in command:
        name = f"manage {command['manage'][0]}" if command["manage"] else "manage"
    if name.isprintable() and len(name) <= _MOST_CHARACTERS:
        sys.stderr.write(f"slam: runs {name}\n")
