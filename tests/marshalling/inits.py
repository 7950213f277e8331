"""Modules that a function's start fails with: by name, the handler's name and the source of `app.py`."""

INITS = {
    "raises": ("app.handler", "raise ValueError('at import')\n"),
    "raises deep": ("app.handler", "def f():\n    raise KeyError('x')\nf()\n"),
    "missing module": ("app.handler", "import no_such_module\n"),
    "missing name": ("app.handler", "from json import no_such_name\n"),
    "syntax": ("app.handler", "x = 1\ndef handler(:\n    pass\n"),
    "indentation": ("app.handler", "def handler(event, context):\npass\n"),
    "no handler": ("app.nothing", "def handler(event, context): pass\n"),
    "no file": ("other.handler", ""),
    "no folder": ("folder/other.handler", ""),
    "no dot": ("app", ""),
    "built in": ("sys.exit", ""),
    "in a folder": ("package/module.nothing", ""),
    "raises silently": ("app.handler", "class E(Exception):\n    pass\nraise E()\n"),
    "exits": ("app.handler", "import sys\nsys.exit(5)\n"),
    "exits with text": ("app.handler", "raise SystemExit('bye')\n"),
    "interrupted": ("app.handler", "raise KeyboardInterrupt()\n"),
    "prints": ("app.handler", "print('one')\nraise RuntimeError('two')\n"),
    "logs": ("app.handler", "import logging\nlogging.warning('one')\nraise RuntimeError('two')\n"),
    "unicode": ("app.handler", "raise RuntimeError('é 😀')\n"),
}
