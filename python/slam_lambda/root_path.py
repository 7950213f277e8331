"""Which ASGI frameworks find their routes by ``path`` without ``root_path`` in front of it.

The specification has it in front since 2019; these were written to what servers did before, and answer 404 otherwise.
https://asgi.readthedocs.io/en/latest/specs/www.html#http-connection-scope
"""

import sys

# By their packages: the first version that follows the specification, where there is one. Each was tried: Starlette
# 0.13 to 1.0 (0.33 and 0.34 find the route and have the root twice in their URLs), Litestar 2.0 to 2.25 (from 2.6 on
# it takes both), Starlite 1.51, Falcon 3.1 and 4.4, Sanic 25.12. Quart, BlackSheep and Django take what is specified.
_PATH_ALONE = {"starlette": (0, 35), "litestar": None, "starlite": None, "falcon": None, "sanic": None}

# What middleware calls the application that it is around.
_INNER = ("app", "_app", "application", "asgi_app", "wrapped")
_DEPTH = 16


def begins_path(app):
    """Whether ``path`` begins with ``root_path`` for this application."""
    for _ in range(_DEPTH):
        for package in {base.__module__.partition(".")[0] for base in type(app).__mro__}:
            if package in _PATH_ALONE:
                return _follows(package)
        inner = next((getattr(app, name) for name in _INNER if callable(getattr(app, name, None))), None)
        if inner is None:
            break
        app = inner
    # A function around it hides it: then what has been imported tells.
    return all(_follows(package) for package in _PATH_ALONE if package in sys.modules)


def _follows(package):
    first = _PATH_ALONE[package]
    if first is None:
        return False
    version = getattr(sys.modules.get(package), "__version__", "")
    try:
        return tuple(map(int, version.split(".")[:2])) >= first
    except ValueError:
        return True
