"""How a plain function is called.

``slam invoke name=value`` sends ``{"kwargs": {"name": "value"}}``, which calls
``function(name="value")``. Every other event (a schedule, a queue, a bucket) is
passed as Lambda passes it: ``function(event, context)``, or ``function(event)``
or ``function()`` when it takes fewer arguments.

How to call is decided by the signature, before the call and once. Calling and
catching ``TypeError`` would run a function twice that raises one itself.
"""

import inspect


class FunctionRunner:
    """Calls a plain function, once per invocation."""

    def __init__(self, function):
        self._function = function
        self._arguments = _positional_arguments(function)
        self._loop = None

    @classmethod
    def loading(cls, load, enter=None):
        """The runner of the function that ``load`` imports."""
        return cls(load())

    def __call__(self, event, context):
        """Call the function for ``event`` and return its result."""
        if isinstance(event, dict) and set(event) == {"kwargs"} and isinstance(event["kwargs"], dict):
            result = self._function(**event["kwargs"])
        else:
            result = self._function(*(event, context)[: self._arguments])
        return self.complete(result) if inspect.iscoroutine(result) else result

    def complete(self, coroutine):
        """Run a coroutine to its end. All run in one loop: a client that one has made, the next can use."""
        if self._loop is None:
            import asyncio
            import atexit

            self._loop = asyncio.new_event_loop()
            atexit.register(self._loop.close)
        return self._loop.run_until_complete(coroutine)


def _positional_arguments(function):
    """How many of (event, context) the function takes."""
    try:
        signature = inspect.signature(function)
    except (TypeError, ValueError):
        # Some built-in callables have no signature: Lambda's own convention then.
        return 2
    for count in (2, 1, 0):
        try:
            signature.bind(*[None] * count)
        except TypeError:
            continue
        return count
    # Called as Lambda would, so that Python's own message says what is missing.
    return 2
