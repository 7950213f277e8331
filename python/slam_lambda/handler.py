"""What Lambda calls: choose the stage, load the application, run it."""

import importlib
import os
import sys

from . import script_name
from .isolation import ModuleSets
from .log import log
from .stages import Stages

# By kind, the module and class of the runner: only the one that is needed is imported.
_RUNNERS = {
    "asgi": ("asgi", "AsgiRunner"),
    "function": ("functions", "FunctionRunner"),
    "wsgi": ("wsgi", "WsgiRunner"),
}
_SETTINGS = frozenset(["app", "kind", "module"])


def make_handler(settings):
    """Return the function Lambda calls, from the settings slam wrote at build time.

    ``settings`` has ``module``, ``app`` (an attribute, possibly dotted) and
    ``kind`` (``function``, ``wsgi`` or ``asgi``).
    """
    try:
        # A method found once: finding it at each call takes longer than much of what it does.
        return Handler(settings, Stages.from_environment(), ModuleSets.from_environment()).__call__
    except Exception as error:
        failure = importlib.import_module(f"{__package__}.failure")
        failure.report(error, settings.get("module"))
        raise


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

    An application that keeps the path it was told while it was imported is
    imported once per path as well: see :mod:`~slam_lambda.script_name`.
    """

    def __init__(self, settings, stages, modules):
        unknown = sorted(set(settings) - _SETTINGS)
        if unknown:
            raise ValueError(f"slam: settings this adapter does not know: {', '.join(unknown)}")
        self._module = settings["module"]
        self._attribute = settings["app"]
        kind = settings["kind"]
        if kind not in _RUNNERS:
            raise ValueError(f"slam: unknown kind of application {kind!r}, expected one of {sorted(_RUNNERS)}")
        module, name = _RUNNERS[kind]
        self._make_runner = getattr(importlib.import_module(f"{__package__}.{module}"), name).loading
        self._stages = stages
        self._modules = modules
        self._runners = {}
        self._is_web = kind != "function"
        # Reads the path of an event, once an application asks for it.
        self._root_path = None
        # Whom the last invocation was for, and its runner: nearly always the next one's too.
        self._arn = self._version = self._path = self._runner = None
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
        arn = getattr(context, "invoked_function_arn", None)
        version = getattr(context, "function_version", None)
        # Only an application that has tasks has imported their module.
        if _TASKS in sys.modules:
            sys.modules[_TASKS].entered(arn)
        if self._runner is None or arn != self._arn or version != self._version:
            self._runner = self._path = None
            self._runner = self._enter(self._stages.of(context), version)
            self._arn, self._version = arn, version
        if self._root_path is not None:
            path = self._root_path(event)
            if path != self._path:
                self._runner = None
                self._runner = self._enter(self._stages.of(context), version, path)
                self._path = path
        # What slam itself sends has one key, which no HTTP event has.
        if isinstance(event, dict) and len(event) == 1:
            if "slam.task" in event:
                tasks = importlib.import_module(_TASKS)
                tasks.entered(arn)
                if tasks.is_task(event):
                    return tasks.run(event, getattr(self._runner.__self__, "complete", None))
            elif "Records" in event:
                # Without a queue of tasks these are the application's own.
                if "SLAM_TASKS_QUEUE" in os.environ:
                    tasks = importlib.import_module(_TASKS)
                    if tasks.is_batch(event):
                        tasks.entered(arn)
                        return tasks.run_batch(event, getattr(self._runner.__self__, "complete", None))
            elif "slam.command" in event:
                if os.environ.get("SLAM_COMMANDS") != "1":
                    raise PermissionError(_NO_COMMANDS)
                commands = importlib.import_module(_COMMANDS)
                return commands.run(event["slam.command"], importlib.import_module(self._module))
        return self._runner(event, context)

    def _enter(self, stage, version, path=None):
        """Make ``stage`` the current one and return its runner: the one for ``path``, else for the likely path."""
        if path is not None and (path == self._stages.script_name(stage) or self._is_one_too_many(stage, path)):
            path = None
        place = (stage, path)
        self._stages.enter(stage, version, path)
        self._modules.enter(place)
        if place not in self._runners:
            if path is not None:
                log(
                    f"the application is imported anew for requests that come by {path or '/'!r}, and not by "
                    f"{self._stages.script_name(stage) or '/'!r} as supposed. If most come so, say "
                    f"`{script_name.VARIABLE}: {path!r}` in the stage's `environment`"
                )
            try:
                # At the end of the process a runner closes its application in its own stage.
                runner = self._make_runner(self._load, lambda: self._enter(stage, None, path))
            except Exception:
                self._log_shared(stage)
                raise
            self._runners[place] = runner.__call__
            if self._is_web and script_name.is_kept():
                self._root_path = importlib.import_module(f"{__package__}.events").root_path
        return self._runners[place]

    def _is_one_too_many(self, stage, path):
        known = [other for of_stage, other in self._runners if of_stage == stage]
        return path not in known and len(known) >= script_name.MOST

    def _log_shared(self, stage):
        if self._runners and self._modules.shared:
            log(
                f"the application could not be imported for the stage {stage!r} in a process that has it for another. "
                f"Both share the packages with native code: {', '.join(sorted(self._modules.shared))}. If one of these "
                "remembers what an application registers (pydantic 1 does), publish the stages apart: those of "
                "different versions never share a process"
            )

    def _load(self):
        if self._is_web:
            script_name.announce()
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


_COMMANDS = f"{__package__}.commands"
# Without them a package has no such module.
_NO_COMMANDS = (
    "slam: this function takes no commands, because whoever may invoke it could then run any code with its role. "
    "To allow it, write `commands: true` into slam.yaml and deploy"
)
_TASKS = f"{__package__}.tasks"
