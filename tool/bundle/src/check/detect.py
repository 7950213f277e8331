"""What a callable of a project is: its module is looked at, and those of the project that it takes things from; only if
that does not tell, it is imported."""

import ast
import importlib.util
import json
import os
import sys

from _slam_load import load, near
from _slam_look import Module

_FACTORY = "factory of "


class Project:
    """The modules of a folder, each looked at once."""

    def __init__(self, root):
        self._root = root
        self._modules = {}

    def module(self, name):
        """The module of this dotted name; None where the project has none that can be read."""
        if name not in self._modules:
            self._modules[name] = None
            file = self.file(name)
            if file:
                module = Followed(self, name, os.path.basename(file) == "__init__.py")
                # Modules may import each other: what is looked at is known before it is looked through.
                self._modules[name] = module
                try:
                    with open(file, "rb") as source:
                        module.body(ast.parse(source.read()).body, True)
                except (OSError, SyntaxError, ValueError, RecursionError):
                    self._modules[name] = None
        return self._modules[name]

    def file(self, name):
        path = os.path.join(self._root, *name.split("."))
        for file in (path + ".py", os.path.join(path, "__init__.py")):
            if os.path.isfile(file):
                return file
        return None

    def kind(self, path):
        """The kind of what a dotted name means."""
        name, _, last = path.rpartition(".")
        module = self.module(name) if name else None
        return module.kind(last) if module else None


class Followed(Module):
    """A module whose names are followed to where they come from."""

    def __init__(self, project, name, is_package):
        super().__init__()
        self._project = project
        self._package = name if is_package else name.rpartition(".")[0]
        self._stars = []
        self._asked = set()

    def kind(self, name):
        if name in self.kinds:
            return self.kinds[name]
        if name in self._asked:
            return None
        self._asked.add(name)
        origin = self._origins.get(name)
        places = [origin] if origin else [f"{star}.{name}" for star in self._stars]
        found = next(filter(None, map(self._project.kind, places)), None)
        self._asked.discard(name)
        return found

    def _import(self, node, certain):
        super()._import(node, certain)
        if not isinstance(node, ast.ImportFrom):
            return
        module = self._absolute(node)
        for alias in node.names:
            if alias.name == "*":
                self._stars.append(module)
            else:
                self._origins[alias.asname or alias.name] = f"{module}.{alias.name}"

    def _absolute(self, node):
        if not node.level:
            return node.module or ""
        above = self._package.split(".")
        above = above[: len(above) - node.level + 1]
        return ".".join([*above, *([node.module] if node.module else [])])

    def _kind(self, value, origins, kinds):
        found = super()._kind(value, origins, kinds)
        if found or not isinstance(value, (ast.Name, ast.Attribute, ast.Call)):
            return found
        callee = value.func if isinstance(value, ast.Call) else value
        if not isinstance(callee, (ast.Name, ast.Attribute)):
            return None
        path = self._path(callee, origins)
        found = self._project.kind(path) if "." in path else self.kind(path)
        if not isinstance(value, ast.Call):
            return found
        return found[len(_FACTORY) :] if found and found.startswith(_FACTORY) else None


def detect(root, module, app, may_import):
    project = Project(root)
    first = app.split(".")[0]
    if project.file(module):
        looked = project.module(module)
        if looked:
            kind = looked.kind(app)
            if kind:
                return {"kind": kind}
            # What is set by other modules, or by exec, is written nowhere in it.
            if not looked.open and first not in looked.names and looked.names:
                return {"missing_name": first, "near": near(first, sorted(looked.names))}
    elif not _is_installed(root, module):
        return {"no_module": True}
    return load(root, root, {"module": module, "app": app}) if may_import else {}


def _is_installed(root, module):
    """Whether a dependency has it, or it is compiled."""
    folder, _, last = os.path.join(root, *module.split(".")).rpartition(os.sep)
    if os.path.isdir(folder) and any(name.startswith(f"{last}.") and name.endswith(".so") for name in os.listdir(folder)):
        return True
    top = module.split(".")[0]
    own = os.path.join(root, top)
    if os.path.isdir(own) or os.path.isfile(own + ".py"):
        return False
    try:
        return importlib.util.find_spec(top) is not None
    except (ImportError, ValueError):
        return False


def main():
    folder, root, module, app, may_import = sys.argv[1:6]
    sys.path.remove(folder)
    found = detect(root, module, app, may_import == "import")
    with open(os.path.join(folder, "result.json"), "w") as file:
        json.dump(found, file)
    sys.stdout.flush()
    os._exit(0)
