"""Commands that run inside the function: its code, its role, its stage's environment.

``slam invoke --raw`` sends Python source, which runs in a copy of the
application's module, as if typed at a prompt there::

    {"slam.command": {"raw": "print(app.name)"}}

``slam manage`` sends a management command of Django::

    {"slam.command": {"manage": ["migrate", "--noinput"]}}

The answer has what was written to the standard output and error, in that order,
and the exit code. The log gets the same as it is written, and has what a command
wrote that failed.

Whoever may invoke a function with commands can run any code with the function's
role. So the handler refuses them unless ``SLAM_COMMANDS`` is ``1``, and this module
is in the package only where slam.yaml says ``commands: true``.
"""

import contextlib
import io
import os
import sys

from .log import log_command

_EXPECTED = '{"raw": "print(1)"} or {"manage": ["migrate", "--noinput"]}'

# One of these is 12 bytes of JSON at most (a surrogate pair), and a response of Lambda has 6 MB.
_MOST_CHARACTERS = 500_000

# What belongs to the module's file, and not to the source that runs in its place.
_OF_THE_FILE = ("__cached__", "__doc__", "__file__")


def run(command, module):
    """Run the command of an event; ``module`` is the application's."""
    execute = _read(command, module)
    log_command(command)
    output = _Output()
    # Nothing that asks a question waits for an answer.
    stdin, sys.stdin = sys.stdin, _NoTerminal()
    try:
        stdout, stderr = output.stream(sys.stdout), output.stream(sys.stderr)
        with contextlib.redirect_stdout(stdout), contextlib.redirect_stderr(stderr):
            exit_code = _exit_code(execute)
    finally:
        sys.stdin = stdin
    return {"output": output.text(), "exit_code": exit_code}


def _read(command, module):
    """The command as something to call."""
    if isinstance(command, dict) and len(command) == 1:
        source, arguments = command.get("raw"), command.get("manage")
        if isinstance(source, str):
            return lambda: _raw(source, module)
        if isinstance(arguments, list) and all(isinstance(argument, str) for argument in arguments):
            return lambda: _manage(arguments)
    raise ValueError(f"slam: a command that is none: {command!r:.200}; expected {_EXPECTED}")


def _exit_code(execute):
    """What Python's own process would end with."""
    try:
        execute()
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return int(end.code or 0)
        print(end.code, file=sys.stderr)
        return 1
    except Exception as error:
        # The traceback tells what the command did, and not how it got there.
        trace = error.__traceback__
        while trace is not None and trace.tb_frame.f_code.co_filename == _exit_code.__code__.co_filename:
            trace = trace.tb_next
        raise error.with_traceback(trace)
    return 0


def _raw(source, module):
    import ast
    import linecache

    name = "<slam invoke --raw>"
    # For the lines of a traceback.
    linecache.cache[name] = (len(source), None, source.splitlines(True), name)
    tree = ast.parse(source, name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    namespace = {key: value for key, value in vars(module).items() if key not in _OF_THE_FILE}
    namespace["__name__"] = "__main__"
    exec(compile(tree, name, "exec", dont_inherit=True), namespace)
    if last is not None:
        value = eval(compile(ast.Expression(last.value), name, "eval", dont_inherit=True), namespace)
        if value is not None:
            print(repr(value))


def _manage(arguments):
    try:
        from django.conf import settings
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise RuntimeError(
            f"slam: `manage` runs management commands of Django, which this package has not: {error}"
        ) from None
    # The application has been imported: its wsgi.py or asgi.py names the settings, as for a request.
    if not settings.configured and not os.environ.get("DJANGO_SETTINGS_MODULE"):
        raise RuntimeError(
            "slam: `manage` runs management commands of Django, and nothing says where its settings are: the "
            "application's module sets DJANGO_SETTINGS_MODULE when it is Django's, or slam.yaml's `environment` does"
        )
    execute_from_command_line(["manage.py", *arguments])


class _Output:
    """The last part of what is written to all of its streams."""

    def __init__(self):
        self._pieces = []
        self._length = 0
        self._cut = 0

    def stream(self, log):
        """A stream that is heard here, and writes to ``log`` as well."""
        return io.TextIOWrapper(_Tee(self._add, log), "utf-8", "backslashreplace", write_through=True)

    def text(self):
        """What was written."""
        self._shorten()
        note = f"[slam: {self._cut} characters before these are in the log alone]\n" if self._cut else ""
        return note + "".join(self._pieces)

    def _add(self, text):
        self._pieces.append(text)
        self._length += len(text)
        if self._length > 2 * _MOST_CHARACTERS:
            self._shorten()

    def _shorten(self):
        if self._length > _MOST_CHARACTERS:
            self._cut += self._length - _MOST_CHARACTERS
            self._pieces = ["".join(self._pieces)[-_MOST_CHARACTERS:]]
            self._length = _MOST_CHARACTERS


class _Tee(io.RawIOBase):
    """Bytes of text for two that listen."""

    def __init__(self, add, log):
        import codecs

        super().__init__()
        self._add = add
        self._log = log
        # A character may come in two writes.
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def writable(self):
        return True

    def write(self, data):
        text = self._decode(bytes(data))
        self._add(text)
        self._log.write(text)
        self._log.flush()
        return len(data)


class _NoTerminal(io.TextIOBase):
    """A standard input that nobody types into."""

    def readable(self):
        return True

    def read(self, size=-1):
        raise EOFError(
            "slam: a command in a function has no terminal to ask at: "
            "give it the answer as an argument, such as Django's --noinput"
        )

    def readline(self, size=-1):
        return self.read()
