"""What slam itself writes into a function's log: the standard error."""

import sys


def log(message):
    """Write one line of slam's own."""
    print(f"slam: {message}", file=sys.stderr)


def log_exception():
    """Write the traceback of the exception that is being handled."""
    import traceback

    traceback.print_exc(file=sys.stderr)
