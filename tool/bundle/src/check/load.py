"""Imports the application as Lambda will, and tells what it is or why it cannot be imported."""

import difflib
import importlib
import importlib.machinery
import importlib.util
import inspect
import os
import sys
import sysconfig

from _slam_failure import Failures


def load(root, layer, handler, of_runtime=(), ending=None):
    """Import ``module:app`` of a package that is unpacked in ``root``; the outcome is what JSON takes.

    ``of_runtime`` are modules that come with Lambda's runtime. ``ending`` is called with the outcome when the import
    ends the process without a word.
    """
    if root not in sys.path:
        sys.path[:0] = [root, layer]
        sys.meta_path.append(_OfRuntime(of_runtime))
    failures = Failures((root, layer), of_runtime)
    leave, process = os._exit, os.getpid()

    def leaving(status):
        # A child that was forked ends so in the common course of things.
        if ending is not None and os.getpid() == process:
            ending(failures.of_exit(status))
        leave(status)

    os._exit = leaving
    try:
        return _loaded(handler, failures)
    finally:
        os._exit = leave


def _loaded(handler, failures):
    try:
        module = importlib.import_module(handler["module"])
    except BaseException as error:  # noqa: BLE001 - an application may raise anything, SystemExit too
        return failures.of(error)
    found, path = module, handler["module"]
    for name in handler["app"].split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            names = [one for one in vars(found) if not one.startswith("_")] if hasattr(found, "__dict__") else []
            return {"missing_name": name, "in": path, "near": near(name, names)}
        except BaseException as error:  # noqa: BLE001
            return failures.of(error)
        path = f"{path}.{name}"
    if not callable(found):
        return {"not_callable": type(found).__name__}
    kind = kind_of(found)
    if kind is None and not _takes(found, handler["kind"]):
        others = [name for name, other in vars(module).items() if callable(other) and kind_of(other) == handler["kind"]]
        return {"cannot_take": handler["kind"], "near": others}
    try:
        _first_request()
    except BaseException as error:  # noqa: BLE001
        return failures.of(error)
    return {"kind": kind}


_ARGUMENTS = {"wsgi": ("environ", "start_response"), "asgi": ("scope", "receive", "send")}


def _takes(found, kind):
    """Whether it can be called as such an application is, as far as its parameters tell."""
    if kind not in _ARGUMENTS:
        return True
    try:
        inspect.signature(found).bind(*_ARGUMENTS[kind])
    except TypeError:
        return False
    except ValueError:
        # It does not tell its parameters.
        pass
    return True


def _first_request():
    """Import what Django itself imports with the first request only: the modules of its URLs."""
    django = sys.modules.get("django.conf")
    if django is not None and django.settings.configured and getattr(django.settings, "ROOT_URLCONF", None):
        from django.urls import get_resolver

        _urls(get_resolver())


def _urls(resolver):
    for pattern in resolver.url_patterns:
        if hasattr(pattern, "url_patterns"):
            _urls(pattern)


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


class _OfRuntime:
    """Finds what Lambda's runtimes bring among this interpreter's own packages, and nothing else there."""

    def __init__(self, names):
        self._names = frozenset(names)

    def find_spec(self, name, path=None, target=None):
        if path is not None or name not in self._names:
            return None
        places = [sysconfig.get_paths()[key] for key in ("purelib", "platlib")]
        return importlib.machinery.PathFinder.find_spec(name, places)
