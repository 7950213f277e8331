"""Which stage an invocation is for, and the environment of that stage.

``SLAM_STAGES`` holds the variables of every stage as JSON::

    {"dev": {"STAGE": "dev", "TABLE_TASKS": "dev.tasks"}, "prod": {...}}

What has a value that is kept elsewhere is read when a stage is first entered: see
:mod:`~slam_lambda.secrets`.

``SLAM_DEV_STAGE`` names the stage of invocations without an alias; without it
the first of ``SLAM_STAGES`` is. A function's own environment belongs to a
version, not to an alias, which is why stages are chosen here and not by Lambda.
"""

import importlib
import json
import os
import time

from .script_name import VARIABLE, read

# The runtime sets these for each invocation; they belong to no stage.
_PER_INVOCATION = ("_X_AMZN_TRACE_ID",)
_SECRETS = "SLAM_SECRETS"
# Only packages of projects that have secrets bring what reads them.
_BEFORE_SECRETS = (
    "slam: this package was built before slam.yaml had `secrets`: deploy it anew, then publish that to this stage"
)


class Stages:
    """The stages of the project and the one whose environment is in place."""

    def __init__(self, variables, development=None):
        self._variables = {
            stage: {name: str(value) for name, value in values.items()} for stage, values in variables.items()
        }
        if development is not None and self._variables and development not in self._variables:
            raise ValueError(
                f"slam: SLAM_DEV_STAGE is {development!r}, which is not in SLAM_STAGES: {sorted(self._variables)}"
            )
        self._development = development or next(iter(self._variables), "")
        self._base = dict(os.environ)
        self._saved = {}
        self._current = None
        # Values by what `SLAM_SECRETS` says: stages with the same have them once.
        self._secrets = {}

    @classmethod
    def from_environment(cls):
        """Read ``SLAM_STAGES`` and ``SLAM_DEV_STAGE``."""
        # Out of the environment: what one stage keeps secret is not for the code of another.
        text = os.environ.pop("SLAM_STAGES", "") or "{}"
        try:
            variables = json.loads(text)
        except ValueError as error:
            raise ValueError(f"slam: the environment variable SLAM_STAGES is not JSON: {error}") from None
        if not isinstance(variables, dict) or not all(isinstance(values, dict) for values in variables.values()):
            raise ValueError("slam: the environment variable SLAM_STAGES is not a JSON object of objects")
        return cls(variables, os.environ.get("SLAM_DEV_STAGE") or None)

    def only(self):
        """The stage that every invocation is for, or None if that depends."""
        return self._development if len(self._variables) <= 1 else None

    def likely(self, version):
        """The one stage that an environment of this version most probably serves, or None.

        The development stage runs ``$LATEST``; published versions are for the others.
        """
        if self.only() is not None:
            return self.only()
        if version is None:
            return None
        if version == "$LATEST":
            return self._development
        published = [stage for stage in self._variables if stage != self._development]
        return published[0] if len(published) == 1 else None

    def of(self, context):
        """The stage of an invocation, from the alias it was invoked through."""
        if not self._variables:
            return self._development
        alias = _qualifier(getattr(context, "invoked_function_arn", None) or "")
        if alias in self._variables:
            return alias
        # AWS forbids aliases that are all digits, so a number is a version.
        if not alias or alias == "$LATEST" or alias.isdigit():
            return self._development
        raise LookupError(
            f"slam: invoked through the alias {alias!r}, which is none of the stages this version knows: "
            f"{sorted(self._variables)}. Deploy and publish again after adding a stage to slam.yaml"
        )

    def script_name(self, stage):
        """The path that most probably leads to the application in ``stage``."""
        return read(self._environment(stage))

    def _environment(self, stage):
        return {**self._base, **self._variables.get(stage, {})}

    def _with_secrets(self, environment):
        text = environment.pop(_SECRETS, None)
        if text is None:
            return environment
        if text not in self._secrets:
            try:
                secrets = importlib.import_module(f"{__package__}.secrets")
            except ModuleNotFoundError:
                raise RuntimeError(_BEFORE_SECRETS) from None
            self._secrets[text] = secrets.read(text)
        return {**environment, **self._secrets[text]}

    def enter(self, stage, version, path=None):
        """Put the environment of ``stage`` in place; with ``path``, where another one leads to the application.

        The whole environment is switched, not only the variables slam sets:
        what the application itself put into ``os.environ`` for one stage is not
        seen by another.
        """
        place = (stage, path)
        if place != self._current:
            wanted = self._saved.get(place)
            if wanted is None:
                wanted = self._with_secrets(self._environment(stage))
                if path is not None:
                    wanted[VARIABLE] = path
            if self._current is not None:
                self._saved[self._current] = dict(os.environ)
            _replace_environment(wanted)
            self._current = place
        if version is not None:
            os.environ["LAMBDA_VERSION"] = str(version)


def _qualifier(arn):
    # arn:aws:lambda:eu-west-1:123456789012:function:name:qualifier
    parts = arn.split(":")
    return parts[7] if len(parts) > 7 else ""


def _replace_environment(wanted):
    zone = os.environ.get("TZ")
    for name in set(os.environ) - set(wanted) - set(_PER_INVOCATION):
        del os.environ[name]
    for name, value in wanted.items():
        if name not in _PER_INVOCATION and os.environ.get(name) != value:
            os.environ[name] = value
    if os.environ.get("TZ") != zone:
        # The C library has read it once.
        time.tzset()
