"""Looks at a project's modules without running them: what they import, define, and what is wrong with them.

It runs on any Python from 3.9 on and knows nothing but the standard library.
"""

import ast
import re

from _slam_runs import runs

# Where applications come from, and what they are. A function of a project that returns one makes applications.
CONSTRUCTORS = {
    "flask.Flask": "wsgi",
    "apiflask.APIFlask": "wsgi",
    "flask_openapi3.OpenAPI": "wsgi",
    "bottle.Bottle": "wsgi",
    "bottle.default_app": "wsgi",
    "falcon.App": "wsgi",
    "falcon.API": "wsgi",
    "django.core.wsgi.get_wsgi_application": "wsgi",
    "whitenoise.WhiteNoise": "wsgi",
    "pyramid.config.Configurator.make_wsgi_app": "wsgi",
    "web.application.wsgifunc": "wsgi",
    "cherrypy.Application": "wsgi",
    "a2wsgi.ASGIMiddleware": "wsgi",
    "werkzeug.middleware.dispatcher.DispatcherMiddleware": "wsgi",
    "werkzeug.middleware.proxy_fix.ProxyFix": "wsgi",
    "fastapi.FastAPI": "asgi",
    "starlette.applications.Starlette": "asgi",
    "quart.Quart": "asgi",
    "litestar.Litestar": "asgi",
    "litestar.app.Litestar": "asgi",
    "falcon.asgi.App": "asgi",
    "django.core.asgi.get_asgi_application": "asgi",
    "channels.routing.ProtocolTypeRouter": "asgi",
    "blacksheep.Application": "asgi",
    "blacksheep.server.Application": "asgi",
    "asgiref.wsgi.WsgiToAsgi": "asgi",
    "a2wsgi.WSGIMiddleware": "asgi",
    "mangum.Mangum": "handler",
    "apig_wsgi.make_lambda_handler": "handler",
}
_SQLITE = "django.db.backends.sqlite3"
# `sqlite://` and `sqlite:///:memory:` are in memory.
_SQLITE_URL = re.compile(r"sqlite(\+\w+)?:///(?!:memory:|file:|.*/tmp/)")
# Who copies a database to where it can be written, or opens it for reading alone, knows what can be had.
_ASIDE = ("/tmp/", "immutable=1")


def look(source, name):
    """The facts about a module, as JSON takes them."""
    try:
        tree = ast.parse(source, name)
        compile(tree, name, "exec", dont_inherit=True)
    except SyntaxError as error:
        text = (error.text or "").rstrip("\n")
        return {"syntax": {"line": error.lineno or 1, "column": error.offset or 1, "message": error.msg, "text": text[:200]}}
    except (ValueError, RecursionError, MemoryError) as error:
        return {"syntax": {"line": 1, "column": 1, "message": str(error) or type(error).__name__, "text": ""}}
    module = Module()
    module.body(tree.body, certain=True)
    facts = {"imports": module.imports, "names": sorted(module.names), "kinds": module.kinds}
    if module.open:
        facts["open"] = True
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and node.value == _SQLITE:
            facts["sqlite"], facts["django"] = node.lineno, True
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and _SQLITE_URL.match(node.value):
            facts.setdefault("sqlite", node.lineno)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and any(sign in node.value for sign in _ASIDE):
            facts["aside"] = True
        elif isinstance(node, ast.Attribute) and node.attr == "gettempdir":
            facts["aside"] = True
        elif isinstance(node, ast.Attribute) and node.attr == "path" and isinstance(node.value, ast.Name) and node.value.id == "sys":
            facts["search_path"] = True
    facts["runs"] = runs(tree)
    return facts


class Module:
    """What the top of a module does."""

    def __init__(self):
        # [module, how many dots, line, whether the module cannot be without it, the names that are taken from it]
        self.imports = []
        self.names = set()
        self.kinds = {}
        # More names than are written, by a star or __getattr__.
        self.open = False
        self._origins = {}

    def body(self, statements, certain):
        for statement in statements:
            self._statement(statement, certain)

    def _statement(self, node, certain):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            self._import(node, certain)
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            self._definition(node)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            self._assignment(node)
        elif isinstance(node, ast.Try) or type(node).__name__ == "TryStar":
            self.body(node.body, certain and not any(_catches(handler.type) for handler in node.handlers))
            for block in (*(handler.body for handler in node.handlers), node.orelse):
                self.body(block, False)
            self.body(node.finalbody, certain)
        elif isinstance(node, (ast.With, ast.AsyncWith)):
            for item in node.items:
                self._target(item.optional_vars)
            self.body(node.body, False)
        elif isinstance(node, (ast.If, ast.For, ast.AsyncFor, ast.While)) or type(node).__name__ == "Match":
            self._target(getattr(node, "target", None))
            for block in (getattr(node, "body", []), getattr(node, "orelse", []), *(case.body for case in getattr(node, "cases", []))):
                self.body(block, False)

    def _import(self, node, certain):
        if isinstance(node, ast.Import):
            for alias in node.names:
                self.imports.append([alias.name, 0, node.lineno, certain, []])
                bound = alias.asname or alias.name.split(".")[0]
                self.names.add(bound)
                self._origins[bound] = alias.name if alias.asname else bound
            return
        self.imports.append([node.module or "", node.level, node.lineno, certain, [alias.name for alias in node.names]])
        for alias in node.names:
            if alias.name == "*":
                self.open = True
                continue
            bound = alias.asname or alias.name
            self.names.add(bound)
            if not node.level:
                self._origins[bound] = f"{node.module}.{alias.name}"

    def _definition(self, node):
        self.names.add(node.name)
        if node.name == "__getattr__":
            self.open = True
        for inner in ast.walk(node):
            if isinstance(inner, (ast.Import, ast.ImportFrom)):
                level = getattr(inner, "level", 0)
                modules = [inner.module or ""] if isinstance(inner, ast.ImportFrom) else [alias.name for alias in inner.names]
                names = [alias.name for alias in inner.names] if isinstance(inner, ast.ImportFrom) else []
                self.imports.extend([module, level, inner.lineno, False, names] for module in modules)
        if isinstance(node, ast.ClassDef):
            return
        parameters = [argument.arg for argument in [*getattr(node.args, "posonlyargs", []), *node.args.args]]
        if parameters[:2] == ["environ", "start_response"]:
            self.kinds[node.name] = "wsgi"
        elif parameters[:3] == ["scope", "receive", "send"]:
            self.kinds[node.name] = "asgi"
        else:
            made = self._made(node)
            self.kinds[node.name] = f"factory of {made}" if made in ("wsgi", "asgi") else "function"

    def _made(self, function):
        """The kind of what a function returns."""
        kinds, origins = {}, dict(self._origins)
        for node in ast.walk(function):
            if isinstance(node, ast.ImportFrom) and not node.level:
                origins.update({alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names})
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                kinds[node.targets[0].id] = self._kind(node.value, origins, kinds)
        for node in ast.walk(function):
            if isinstance(node, ast.Return) and node.value is not None:
                kind = self._kind(node.value, origins, kinds)
                if kind:
                    return kind
        return None

    def _assignment(self, node):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        kind = self._kind(node.value, self._origins, self.kinds) if node.value is not None else None
        for target in targets:
            self._target(target)
            if isinstance(target, ast.Name) and not isinstance(node, ast.AugAssign):
                self.kinds.pop(target.id, None)
                if kind:
                    self.kinds[target.id] = kind

    def _target(self, node):
        for inner in ast.walk(node) if node is not None else ():
            if isinstance(inner, ast.Name):
                self.names.add(inner.id)

    def _kind(self, value, origins, kinds):
        if isinstance(value, ast.Name):
            return kinds.get(value.id)
        if not isinstance(value, ast.Call):
            return None
        made = kinds.get(value.func.id) if isinstance(value.func, ast.Name) else None
        if made and made.startswith("factory of "):
            return made[len("factory of ") :]
        return CONSTRUCTORS.get(self._path(value.func, origins))

    def _path(self, node, origins):
        """The dotted name that an expression has outside of this module."""
        if isinstance(node, ast.Name):
            return origins.get(node.id, node.id)
        if isinstance(node, ast.Attribute):
            return f"{self._path(node.value, origins)}.{node.attr}"
        if isinstance(node, ast.Call):
            return self._path(node.func, origins)
        return ""


def _catches(kind):
    """Whether an except clause catches an import that fails."""
    if kind is None:
        return True
    kinds = kind.elts if isinstance(kind, ast.Tuple) else [kind]
    names = {getattr(one, "id", getattr(one, "attr", "")) for one in kinds}
    return bool(names & {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})
