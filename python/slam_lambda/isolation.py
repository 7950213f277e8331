"""One set of modules per stage, so that nothing leaks between stages.

A class body that reads ``os.environ`` (a PynamoDB model, Django's settings)
keeps what it read for as long as its module lives. When a process that served
one stage is asked to serve another, the modules of the deployment package are
put aside and imported afresh with the new stage's environment; going back
brings the first set back, which takes some milliseconds of a large application.

What stays shared, because it cannot be loaded twice into one process:

* the standard library and what the runtime itself brings (boto3);
* packages with native code (numpy, cryptography), and the packages whose
  modules, classes or functions those hold.
"""

import importlib.machinery
import os
import sys
from types import ModuleType

_OURS = frozenset(["slam_lambda", "lambda_handler", "__main__"])


class ModuleSets:
    """The modules under ``roots``, kept apart by stage."""

    def __init__(self, roots):
        self._roots = tuple(os.path.join(os.path.realpath(root), "") for root in roots if root)
        self._saved = {}
        self._current = None
        #: The packages that all stages share, as far as is known.
        self.shared = frozenset()

    @classmethod
    def from_environment(cls):
        """The deployment package and layers, where Lambda unpacks them."""
        package = os.environ.get("LAMBDA_TASK_ROOT") or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
        return cls([package, "/opt"])

    def enter(self, stage):
        """Put the modules of ``stage`` in place: none, the first time."""
        if stage == self._current:
            return
        if self._current is not None:
            aside = self._isolated()
            for name in aside:
                del sys.modules[name]
            self._saved[self._current] = aside
            sys.modules.update(self._saved.get(stage, {}))
        self._current = stage

    def _isolated(self):
        packaged = {
            name: module
            for name, module in list(sys.modules.items())
            if _top(name) not in _OURS and self._is_packaged(name, module)
        }
        shared = {_top(name) for name, module in packaged.items() if _is_native(module)}
        candidates = {_top(name) for name in packaged}
        unseen = set(shared)
        while unseen:
            held = {
                top for name, module in packaged.items() if _top(name) in unseen for top in _held_by(module)
            }
            unseen = (held & candidates) - shared
            shared |= unseen
        self.shared = frozenset(shared)
        return {name: module for name, module in packaged.items() if _top(name) not in shared}

    def _is_packaged(self, name, module):
        place = _place(module)
        if place is None and _top(name) != name:
            # Made by its package, as `six.moves` is.
            module = sys.modules.get(_top(name))
            place = _place(module)
        if place is None:
            # Whatever was imported has a spec: this was put there by hand, and by whom but the application.
            return getattr(module, "__spec__", None) is None
        return os.path.realpath(place).startswith(self._roots)


def _top(name):
    return name.partition(".")[0]


def _place(module):
    """The file of a module. A namespace package has directories instead."""
    # Anything may stand in for a module: `sys.modules[__name__] = Settings()`.
    if not isinstance(module, ModuleType):
        return None
    place = getattr(module, "__file__", None) or next(iter(getattr(module, "__path__", None) or ()), None)
    return place if isinstance(place, str) else None


def _is_native(module):
    return (_place(module) or "").endswith(tuple(importlib.machinery.EXTENSION_SUFFIXES))


def _held_by(module):
    for value in list(getattr(module, "__dict__", {}).values()):
        name = value.__name__ if isinstance(value, ModuleType) else getattr(value, "__module__", None)
        if isinstance(name, str):
            yield _top(name)
