"""What Lambda calls: choose the stage, load the application, run it."""

import importlib
import os

from .functions import FunctionRunner
from .isolation import ModuleSets
from .stages import Stages
from .wsgi import WsgiRunner

_RUNNERS = {"function": FunctionRunner, "wsgi": WsgiRunner}


def make_handler(settings):
    """Return the function Lambda calls, from the settings slam wrote at build time.

    ``settings`` has ``module``, ``app`` (an attribute, possibly dotted) and
    ``kind`` (``function`` or ``wsgi``).
    """
    return Handler(settings, Stages.from_environment(), ModuleSets.from_environment())


class Handler:
    """A Lambda handler that serves every stage of a project from one process.

    Lambda starts an execution environment for a *version*, and several stages
    (aliases) may point at the same version, so one process may serve several
    stages. Python code reads its settings from ``os.environ`` while it is
    imported, therefore:

    * the application is imported once per stage, with the environment of that
      stage, at the latest at the first invocation for it;
    * the stage that this version most probably serves is imported at once:
      Lambda gives a starting function more processor time than a small one has
      later, where the same import could take longer than its timeout;
    * with one stage, or none, a broken import is an init error.
    """

    def __init__(self, settings, stages, modules):
        self._module = settings["module"]
        self._attribute = settings["app"]
        kind = settings["kind"]
        if kind not in _RUNNERS:
            raise ValueError(f"slam: unknown kind of application {kind!r}, expected one of {sorted(_RUNNERS)}")
        self._make_runner = _RUNNERS[kind]
        self._stages = stages
        self._modules = modules
        self._runners = {}
        version = os.environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        likely = stages.likely(version)
        if likely is not None:
            try:
                self._enter(likely, version)
            except Exception:
                # With several stages it was a guess: an invocation for that stage repeats it, and fails by itself.
                if stages.only() is not None:
                    raise

    def __call__(self, event, context):
        """Serve one invocation."""
        stage = self._stages.of(context)
        runner = self._enter(stage, getattr(context, "function_version", None))
        return runner(event, context)

    def _enter(self, stage, version):
        """Make ``stage`` the current one and return its runner."""
        self._stages.enter(stage, version)
        self._modules.enter(stage)
        if stage not in self._runners:
            self._runners[stage] = self._make_runner(self._load())
        return self._runners[stage]

    def _load(self):
        found = importlib.import_module(self._module)
        path = self._module
        for name in self._attribute.split("."):
            try:
                found = getattr(found, name)
            except AttributeError:
                raise AttributeError(
                    f"slam: {path} has no {name!r}; slam.yaml names the application {self._module}:{self._attribute}"
                ) from None
            path = f"{path}.{name}"
        if not callable(found):
            raise TypeError(f"slam: {self._module}:{self._attribute} is a {type(found).__name__}, not a callable")
        return found
