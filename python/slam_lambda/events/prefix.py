"""The part of a path that leads to the application: a stage, or the base path of a domain."""

import re

# Compiled when it is first needed: most functions never do.
_PARAMETER = r"\{([^}+]+)\+?\}"


def encoded(path):
    """A path that the sender has decoded, so that decoding it gives it again.

    HTTP APIs hand it on decoded, in payload 1.0 and 2.0; REST APIs, function URLs and load balancers do not:
    https://github.com/middleapi/standard-server/pull/93, https://github.com/fastify/aws-lambda-fastify/issues/169
    """
    return path.replace("%", "%25")


def split_stage(path, stage):
    """``("/dev", "/tasks")`` of ``/dev/tasks``; the stage is ``""`` when the path has none.

    Whole segments only: ``/production`` has no stage ``prod``.
    """
    prefix = f"/{stage}"
    if stage and stage != "$default" and (path == prefix or path.startswith(prefix + "/")):
        return prefix, path[len(prefix) :] or "/"
    return "", path


def base_path(path, template, parameters):
    """What comes before the part of ``path`` that the API's own resource accounts for.

    A base path mapping is named nowhere in an event, but the resource
    (``/{proxy+}``) and its parameters (``tasks/1``) say how the path ends.
    """
    if template == "/{proxy+}" and parameters and path[1:] == parameters.get("proxy"):
        # What nearly every event looks like, and nothing comes before it.
        return ""
    if not template or not template.startswith("/"):
        return ""
    from urllib.parse import unquote

    parameters = parameters or {}
    ending = re.sub(_PARAMETER, lambda match: parameters.get(match[1]) or "", template).strip("/")
    for start in (match.start() for match in re.finditer("/", path)):
        # Parameters are decoded once already, but not by every sender.
        if unquote(path[start:]).strip("/") in (ending, unquote(ending)):
            return path[:start]
    return path.rstrip("/") if not ending else ""
