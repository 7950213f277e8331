"""Imports the application as Lambda will, and tells what it is or why it cannot be imported."""

import difflib
import importlib
import importlib.machinery
import importlib.util
import inspect
import os
import sys
import sysconfig
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


def load(root, layer, handler, of_runtime=()):
    """Import ``module:app`` of a package that is unpacked in ``root``; the outcome is what JSON takes.

    ``of_runtime`` are modules that come with Lambda's runtime.
    """
    if root not in sys.path:
        sys.path[:0] = [root, layer]
        sys.meta_path.append(_OfRuntime(of_runtime))
    try:
        module = importlib.import_module(handler["module"])
    except BaseException as error:  # noqa: BLE001 - an application may raise anything, SystemExit too
        return _failed(error, root, of_runtime)
    found, path = module, handler["module"]
    for name in handler["app"].split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            names = [one for one in vars(found) if not one.startswith("_")] if hasattr(found, "__dict__") else []
            return {"missing_name": name, "in": path, "near": near(name, names)}
        except BaseException as error:  # noqa: BLE001
            return _failed(error, root, of_runtime)
        path = f"{path}.{name}"
    if not callable(found):
        return {"not_callable": type(found).__name__}
    return {"kind": kind_of(found)}


def near(name, names):
    """What may be meant: what is spelt alike, else what applications are usually called."""
    alike = difflib.get_close_matches(name, names, 3, 0.6)
    return alike or [one for one in ("app", "application", "api", "create_app", "main", "handler") if one in names]


def kind_of(found):
    """wsgi, asgi, function, or nothing where it cannot be told."""
    classes = {f"{one.__module__.split('.')[0]}.{one.__name__}" for one in type(found).__mro__}
    if classes & {"flask.Flask", "bottle.Bottle", "django.WSGIHandler", "pyramid.Router"} or "falcon.App" in classes:
        asynchronous = inspect.iscoroutinefunction(getattr(type(found), "__call__", None))
        return "asgi" if asynchronous else "wsgi"
    if classes & {"starlette.Starlette", "quart.Quart", "django.ASGIHandler", "litestar.Litestar", "channels.ProtocolTypeRouter"}:
        return "asgi"
    try:
        parameters = list(inspect.signature(found).parameters)
    except (TypeError, ValueError):
        return None
    if parameters[:2] == ["environ", "start_response"]:
        return "wsgi"
    if parameters[:3] == ["scope", "receive", "send"]:
        return "asgi"
    return None


def _failed(error, root, of_runtime):
    text = str(error)
    last = error
    while last.__cause__ is not None:
        last = last.__cause__
    if isinstance(last, (ImportError, OSError)) and any(sign in str(last).lower() for sign in _OF_PLATFORM):
        return {"platform": _short(str(last))}
    frames = [_place(frame, root) for frame in traceback.extract_tb(error.__traceback__)]
    frames = [frame for frame in frames if frame]
    outcome = {"type": type(error).__name__, "message": _short(text), "frames": frames}
    if isinstance(error, SyntaxError):
        wrong = {"line": error.lineno or 1, "column": error.offset or 1, "message": error.msg}
        wrong["text"] = (error.text or "").rstrip("\n")[:200]
        return {"syntax": wrong, "file": os.path.relpath(error.filename or "", root)}
    if isinstance(error, ModuleNotFoundError) and error.name:
        top = error.name.split(".")[0]
        if top in of_runtime:
            return {"platform": f"`{top}` comes with Lambda's runtime, and is not on this machine"}
        return {"missing_module": error.name, **outcome}
    if isinstance(error, ImportError) and text.startswith("cannot import name"):
        return {"missing_import": True, **outcome}
    return {"raised": True, **outcome}


def _place(frame, root):
    if not frame.filename.startswith(root + os.sep):
        return None
    return {"file": os.path.relpath(frame.filename, root), "line": frame.lineno, "text": _short(frame.line or "")}


def _short(text):
    line = text.strip().split("\n")[0]
    return line if len(line) <= 300 else line[:300] + "…"


class _OfRuntime:
    """Finds what Lambda's runtimes bring among this interpreter's own packages, and nothing else there."""

    def __init__(self, names):
        self._names = frozenset(names)

    def find_spec(self, name, path=None, target=None):
        if path is not None or name not in self._names:
            return None
        places = [sysconfig.get_paths()[key] for key in ("purelib", "platlib")]
        return importlib.machinery.PathFinder.find_spec(name, places)
