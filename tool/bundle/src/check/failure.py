"""Why an application cannot be imported: what of an exception, or of those that it comes from, is the reason."""

import errno
import os
import re
import sys
import traceback

# How the loader says that what is compiled is for another machine, or needs a library of another one.
_OF_PLATFORM = (
    "invalid elf header",
    "wrong elf class",
    "cannot open shared object file",
    "exec format error",
    "incompatible architecture",
    "not a mach-o file",
    "undefined symbol",
    "glibc",
    "dlopen(",
)
# Part of Python on one system only.
_OF_WINDOWS = ("_winapi", "msvcrt", "nt", "winreg", "winsound")
_NO_MODULE = re.compile(r"No module named '?([\w.]+)")
# An exception may have an endless number of causes.
_MOST_CAUSES = 50
_MOST_LINES = 6
_MOST_CHARACTERS = 300


class Failures:
    """Tells failures of what is unpacked in ``roots``. ``of_runtime`` are modules that come with Lambda's runtime."""

    def __init__(self, roots, of_runtime=()):
        self._roots = tuple(root + os.sep for root in roots)
        self._of_runtime = of_runtime

    def of(self, error):
        """The outcome of an import that ended with ``error``.

        What cannot be otherwise on Lambda is found among the causes too, the first of them first: whatever was made of
        a module that is missing, it is missing.
        """
        causes = _causes(error)
        for length in range(len(causes), 0, -1):
            outcome = self._certain(causes[length - 1])
            if outcome is not None:
                if length > 1 and "frames" in outcome:
                    outcome["frames"] = self._way(causes[:length])
                    outcome["became"] = f"{type(error).__name__}: {self._message(error)}"
                return outcome
        variable = _missing_variable(error)
        if variable:
            return {"missing_variable": variable, "frames": self._frames(error)}
        return {"raised": True, **self._told(error)}

    def of_exit(self, status):
        """The outcome of an import that ends the process, told from within ``os._exit``."""
        handled = sys.exc_info()[1]
        outcome = self.of(handled) if handled is not None else {}
        if handled is not None and "raised" not in outcome:
            return outcome
        stack = traceback.extract_stack()
        return {"ended": status if isinstance(status, int) else 0, "frames": self._places(stack)}

    def _certain(self, error):
        """What is the same on Lambda, or is known to be this machine's affair; None of all else."""
        text = _text(error)
        if isinstance(error, (ImportError, OSError)) and any(sign in text.lower() for sign in _OF_PLATFORM):
            return {"platform": self._message(error)}
        if isinstance(error, OSError) and error.errno == errno.EROFS:
            return {"written": self._path(error.filename), **self._told(error)}
        if isinstance(error, SyntaxError) and self._name(error.filename):
            wrong = {"line": error.lineno or 1, "column": error.offset or 1, "message": error.msg}
            wrong["text"] = (error.text or "").rstrip("\n")[:_MOST_CHARACTERS]
            return {"syntax": wrong, "file": self._name(error.filename)}
        if type(error).__name__ == "PackageNotFoundError" and isinstance(error, ModuleNotFoundError):
            # Of importlib.metadata, or of its likeness for older Pythons: what it has is the name of a distribution.
            return {"missing_distribution": str(next(iter(error.args), "")), **self._told(error)}
        name = error.name if isinstance(error, ModuleNotFoundError) and isinstance(error.name, str) else _named(error)
        if name:
            return self._missing(name, error)
        if isinstance(error, ImportError) and text.startswith("cannot import name"):
            return {"missing_import": error.name or "", **self._told(error)}
        return None

    def _missing(self, name, error):
        top = name.split(".")[0]
        if top in self._of_runtime:
            return {"platform": f"`{top}` comes with Lambda's runtime, and is not on this machine"}
        if top in _OF_WINDOWS:
            return None
        if top in getattr(sys, "stdlib_module_names", ()):
            return {"platform": f"`{top}` is part of Python, and this machine's was built without it"}
        return {"missing_module": name, **self._told(error)}

    def _told(self, error):
        return {"type": type(error).__name__, "message": self._message(error, _MOST_LINES), "frames": self._frames(error)}

    def _way(self, causes):
        """The frames from the application to the last of ``causes``: of each those up to where the next was caught."""
        way = []
        for error, cause in zip(causes, [*causes[1:], None]):
            caught = getattr(cause, "__traceback__", None)
            for frame, line in traceback.walk_tb(error.__traceback__):
                if caught is not None and frame is caught.tb_frame:
                    break
                way.append((frame, line))
        return self._places(traceback.StackSummary.extract(way))

    def _frames(self, error):
        return self._places(traceback.extract_tb(error.__traceback__))

    def _places(self, frames):
        return [
            {"file": self._name(frame.filename), "line": frame.lineno or 1, "text": _short(frame.line or "")}
            for frame in frames
            if self._name(frame.filename)
        ]

    def _name(self, path):
        """The name of a file in the package; None of all others."""
        roots = [root for root in self._roots if isinstance(path, str) and path.startswith(root)]
        return path[len(roots[0]) :].replace(os.sep, "/") if roots else None

    def _path(self, path):
        """A path as it is in the package."""
        path = os.fsdecode(path) if isinstance(path, (str, bytes, os.PathLike)) else ""
        return self._name(os.path.abspath(path)) or path

    def _message(self, error, most=1):
        text = _text(error)
        for root in self._roots:
            text = text.replace(root, "")
        lines = [line.rstrip() for line in text.strip().split("\n")]
        return "\n  ".join([_short(line) for line in lines[:most]] + ["…"] * (1 < most < len(lines)))


def _causes(error):
    """An exception, its cause, the cause of that, and so on."""
    found = []
    while error is not None and not any(error is one for one in found) and len(found) < _MOST_CAUSES:
        found.append(error)
        if error.__cause__ is not None:
            error = error.__cause__
        elif isinstance(getattr(error, "exceptions", None), tuple) and error.exceptions:
            # A group of exceptions.
            error = error.exceptions[0]
        elif not error.__suppress_context__ and _is_of_context(error):
            error = error.__context__
        else:
            break
    return found


def _is_of_context(error):
    """Whether an exception was made of the one that was being handled. What another way to do the same thing raises,
    deeper down, was not."""
    caught = error.__context__
    if caught is None or isinstance(error, ModuleNotFoundError):
        return False
    if isinstance(error, SystemExit):
        return True
    raised = error.__traceback__
    while raised is not None and raised.tb_next is not None:
        raised = raised.tb_next
    return raised is not None and caught.__traceback__ is not None and raised.tb_frame is caught.__traceback__.tb_frame


def _named(error):
    """The one module that the message of another error says is missing."""
    names = set(_NO_MODULE.findall(_text(error))) if isinstance(error, (ImportError, SystemExit)) else ()
    return names.pop().rstrip(".") if len(names) == 1 else None


def _missing_variable(error):
    """The variable that was looked up in ``os.environ``."""
    frames = traceback.extract_tb(error.__traceback__)
    if not isinstance(error, KeyError) or not error.args or not frames:
        return None
    last = frames[-1]
    # That module is frozen from Python 3.11 on.
    asked = last.name == "__getitem__" and last.filename in (os.__file__, "<frozen os>")
    return str(error.args[0]) if asked else None


def _text(error):
    try:
        return str(error)
    except Exception:  # noqa: BLE001 - it is the application's own
        return ""


def _short(line):
    return line if len(line) <= _MOST_CHARACTERS else line[:_MOST_CHARACTERS] + "…"
