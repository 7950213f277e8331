"""Checks a package before it is uploaded. slam runs it with what `arguments.json` says, and reads `result.json`.

First all modules of the project are looked at, those that have changed since the last time; what they say decides
whether the application needs to be imported again.
"""

import faulthandler
import hashlib
import json
import os
import sys

from _slam_look import look
from _slam_runs import at_import

# A module larger than this was not written by a person.
_LARGEST = 2 * 1024 * 1024


def main(folder):
    with open(os.path.join(folder, "arguments.json"), encoding="utf-8") as file:
        arguments = json.load(file)
    try:
        with open(arguments["state"], encoding="utf-8") as file:
            state = json.load(file)
    except (OSError, ValueError):
        state = {}
    place = os.path.join(folder, "result.json")
    try:
        check = Check(arguments, state)
        result = check.looked()
    except Exception as error:  # noqa: BLE001 - a fault of the check is none of the application
        write(place, {"errors": [], "warnings": [], "finished": True, "broken": broken(error)})
        raise
    key = check.key()
    again = state.get("loaded") != key
    wanted = arguments["load"] and again and not result["errors"]
    write(place, {**result, "finished": not wanted})
    if wanted:
        # From here on the application may print, hang or end the process.
        outcomes = []

        def ending(outcome=None):
            more = [] if outcome is None else [outcome]
            write(place, {**result, "outcomes": outcomes + more, "finished": True})

        # Whoever waits loses patience then: what is said shortly before tells where the application was.
        faulthandler.dump_traceback_later(arguments["patience"], file=2)
        try:
            check.load(folder, outcomes, ending)
        except Exception as error:  # noqa: BLE001 - what the application raises is an outcome
            write(place, {**result, "finished": True, "broken": broken(error)})
            raise
        faulthandler.cancel_dump_traceback_later()
        ending()
        again = not all("kind" in outcome for outcome in outcomes)
    if not result["errors"]:
        write(arguments["state"], {**check.state, "loaded": None if again else key})
    sys.stdout.flush()
    sys.stderr.flush()
    # Threads of the application do not hold it up.
    os._exit(0)


def broken(error):
    """An exception and where it was raised, for whoever mends it."""
    import traceback

    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} ({os.path.basename(frame.filename)}:{frame.lineno})"


def write(place, value):
    """Whole or not at all: two builds may run at once."""
    aside = f"{place}.{os.getpid()}"
    with open(aside, "w", encoding="utf-8") as file:
        json.dump(value, file)
    os.replace(aside, place)


class Check:
    def __init__(self, arguments, state):
        self.arguments = arguments
        self.facts = {}
        self.paths = {}
        known = state.get("files", {}) if state.get("python") == sys.version else {}
        self.state = {"python": sys.version, "files": {}}
        for name, path, size, stamp in arguments["modules"]:
            was = known.get(name)
            if was and was[0] == stamp:
                facts = was[1]
            elif size > _LARGEST:
                facts = {"imports": [], "names": [], "kinds": {}, "open": True}
            else:
                with open(path, "rb") as file:
                    facts = look(file.read(), name)
            self.state["files"][name] = [stamp, facts]
            self.facts[name] = facts
            self.paths[name] = path
        self.project = {module_name(name): name for name in self.facts}
        self.tops = set(arguments["tops"])
        self.tops.update(module.split(".")[0] for module in self.project)

    def key(self):
        """Changes when an import could come out otherwise: not with what happens inside of functions that are called later."""
        facts = {name: [fact.get("imports"), fact.get("names"), fact.get("kinds")] for name, fact in self.facts.items()}
        for fact in facts.values():
            fact[0] = [[one[0], one[1], one[3], one[4]] for one in fact[0] or []]
        run = at_import([fact["runs"] for name, fact in self.facts.items() if "runs" in fact and not is_test(name)])
        unread = [self.state["files"][name][0] for name, fact in self.facts.items() if "runs" not in fact]
        parts = [self.arguments["key"], sys.version, self.arguments["handlers"], facts, run, unread]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def looked(self):
        errors, warnings = [], []
        reached = self.reached()
        for name, facts in self.facts.items():
            if "syntax" in facts:
                (errors if name in reached else warnings).append({"syntax": facts["syntax"], "file": name})
        if not errors:
            errors.extend(self.missing(reached))
        if not errors:
            for handler in self.arguments["handlers"]:
                errors.extend(self.callable(handler))
        own = {name: facts for name, facts in self.facts.items() if not is_test(name)}
        sqlite = [f"{name}:{facts['sqlite']}" for name, facts in own.items() if "sqlite" in facts]
        aside = any("aside" in facts for facts in own.values())
        django = any("django" in facts for facts in own.values())
        return {"errors": errors, "warnings": warnings, "sqlite": sqlite, "of_django": django, "aside": aside}

    def reached(self):
        """The modules of the project that the applications import, on any way."""
        ways = [handler["module"] for handler in self.arguments["handlers"]]
        found = set()
        while ways:
            module = ways.pop()
            # `a.b.c` imports `a` and `a.b` first.
            parts = module.split(".")
            for length in range(1, len(parts) + 1):
                name = self.project.get(".".join(parts[:length]))
                if name and name not in found:
                    found.add(name)
                    ways.extend(self.targets(name))
        return found

    def targets(self, name):
        for module, level, _, _, names in self.facts[name].get("imports", []):
            whole = absolute(name, module, level)
            yield whole
            for one in names:
                yield f"{whole}.{one}" if whole else one

    def missing(self, reached):
        """Imports at the top of modules that nothing answers."""
        if self.arguments["layers"] or any("search_path" in facts for facts in self.facts.values()):
            return
        # Python 3.9 does not know its own modules: there the import tells.
        standard = getattr(sys, "stdlib_module_names", None)
        known = self.tops | set(standard or ()) | set(self.arguments["of_runtime"])
        seen = set()
        for name in sorted(reached) if standard else ():
            for module, level, line, certain, _ in self.facts[name].get("imports", []):
                top = module.split(".")[0]
                if certain and not level and top not in known and top not in seen:
                    seen.add(top)
                    text = self.line(name, line)
                    yield {"missing_module": top, "frames": [{"file": name, "line": line, "text": text}]}

    def line(self, name, line):
        with open(self.paths[name], encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
        return lines[line - 1].strip()[:200] if line <= len(lines) else ""

    def callable(self, handler):
        name = self.project.get(handler["module"])
        if name is None:
            return
        facts = self.facts[name]
        first = handler["app"].split(".")[0]
        if first not in facts.get("names", []) and not facts.get("open") and f"{handler['module']}.{first}" not in self.project:
            names = [one for one in facts.get("names", []) if not one.startswith("_")]
            yield {"missing_name": first, "in": handler["module"], "near": near(first, names), **told(handler)}
        elif first == handler["app"]:
            yield from wrong_kind(handler, facts.get("kinds", {}).get(first))

    def load(self, folder, outcomes, ending):
        """Import the applications, and add what came of each to ``outcomes``."""
        import zipfile

        from _slam_load import load
        from _slam_sealed import seal

        root = os.path.join(folder, "package")
        layer = os.path.join(folder, "layer")
        for place, archive in zip([root, layer], self.arguments["archives"]):
            with zipfile.ZipFile(archive) as opened:
                opened.extractall(place)
        os.chdir(root)
        seal((root, layer))
        # What the application imports is its own from here on.
        sys.path.remove(folder)
        for handler in self.arguments["handlers"]:
            of_handler = told(handler)
            outcome = load(
                root,
                os.path.join(layer, "python"),
                handler,
                self.arguments["of_runtime"],
                lambda outcome, of_handler=of_handler: ending({**outcome, **of_handler}),
            )
            if "kind" in outcome:
                outcome.update(*wrong_kind(handler, outcome["kind"]))
            outcomes.append({**outcome, **of_handler})


def near(name, names):
    from _slam_load import near

    return near(name, names)


def told(handler):
    return {"app": f"{handler['module']}:{handler['app']}"}


def wrong_kind(handler, kind):
    """An error if what is found is not what slam.yaml says."""
    # A plain function may return an application: it is called, and what it answers is its own affair.
    web = kind in ("wsgi", "asgi") or handler["kind"] != "function" and kind in _UNFIT
    if web and kind != handler["kind"]:
        yield {"wrong_kind": kind, "said": handler["kind"], **told(handler)}


# What is neither WSGI nor ASGI, although it has to do with it.
_UNFIT = ("factory of wsgi", "factory of asgi", "handler")


def is_test(name):
    """Whether a file is there for tests alone, as pytest and unittest find them."""
    *folders, file = name.split("/")
    of_tests = file.startswith("test_") or file.endswith("_test.py") or file in ("tests.py", "conftest.py")
    return of_tests or not {"test", "tests"}.isdisjoint(folders)


def module_name(name):
    parts = name[: -len(".py")].split("/")
    return ".".join(parts[:-1] if parts[-1] == "__init__" and len(parts) > 1 else parts)


def absolute(name, module, level):
    if not level:
        return module
    package = name.split("/")[:-level] if level <= name.count("/") else []
    return ".".join([*package, *([module] if module else [])])

