"""What a module does when it is imported, as far as it can be told without doing it: everything outside of functions,
and the functions that are called there.

Calls are told by their last name alone, so rather more than less is found.
"""

import ast
import hashlib


def runs(tree):
    """The facts about a parsed module, as JSON takes them. The tree is of no use afterwards.

    ``text`` changes with what is outside of functions, ``calls`` are the names that are called there; ``functions`` have
    the same two of each function.
    """
    functions = {}
    for function in _functions(tree):
        body, function.body = function.body, []
        text, calls = functions.get(function.name, ("", set()))
        functions[function.name] = (text + _text(body), calls | _calls(body))
    return {
        "text": _hash(_text([tree])),
        "calls": sorted(_calls([tree])),
        "functions": {name: [_hash(text), sorted(calls)] for name, (text, calls) in functions.items()},
    }


def at_import(modules):
    """What an import of these modules depends on: the texts of all that it may run."""
    called, found = set(), {}
    for facts in modules:
        called.update(facts["calls"])
        for name, function in facts["functions"].items():
            found.setdefault(name, []).append(function)
    texts, names = [facts["text"] for facts in modules], list(called)
    while names:
        for text, calls in found.get(names.pop(), ()):
            texts.append(text)
            names.extend(set(calls) - called)
            called.update(calls)
    return sorted(texts)


def _functions(node):
    """The functions that are in no other function. Special methods are not among them: nobody calls them by name."""
    for inner in ast.iter_child_nodes(node):
        if isinstance(inner, (ast.FunctionDef, ast.AsyncFunctionDef)) and not inner.name.startswith("__"):
            yield inner
        else:
            yield from _functions(inner)


def _calls(nodes):
    names = set()
    for node in (inner for node in nodes for inner in ast.walk(node)):
        called = [node.func] if isinstance(node, ast.Call) else getattr(node, "decorator_list", ())
        names.update(getattr(one, "id", getattr(one, "attr", "")) for one in called)
    return names


def _text(nodes):
    return "\n".join(map(ast.dump, nodes))


def _hash(text):
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:20]
