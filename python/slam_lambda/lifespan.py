"""The lifespan of an ASGI application: it is told when the process starts and ends."""

import asyncio
import signal
import threading

from .log import log, log_exception


class LifespanError(RuntimeError):
    """The application could not start, and said so."""


class Terminated(SystemExit):
    """Lambda ends the process; an application's own exit ends a request only."""


#: What is raised in an application without being its own. All else is, as it is for uvicorn.
FROM_OUTSIDE = (GeneratorExit, KeyboardInterrupt, Terminated)


def exit_at_sigterm():
    """Let the end that Lambda announces (to functions with an extension) be an orderly one."""
    if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGTERM) == signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _terminate)


def _terminate(*_):
    raise Terminated(0)


class Lifespan:
    """Runs the application's lifespan beside its requests."""

    def __init__(self, app, version):
        self._app = app
        self._version = version
        self._task = None
        self._failure = None
        #: Whether the application takes part.
        self.supported = False
        #: What the application keeps for its requests.
        self.state = {}

    async def startup(self):
        """Start the application; one that knows no lifespan is left alone."""
        loop = asyncio.get_running_loop()
        self._messages = asyncio.Queue()
        self._started, self._stopped = loop.create_future(), loop.create_future()
        self._task = loop.create_task(self._run(), name="slam-lifespan")
        self._messages.put_nowait({"type": "lifespan.startup"})
        await self._started
        if self._failure is not None:
            # It may wait for a shutdown that will not come.
            self._task.cancel()
            await asyncio.wait([self._task])
            raise LifespanError(f"slam: the application did not start: {self._failure}")

    async def shutdown(self):
        """Stop the application."""
        if self.supported and not self._task.done():
            self._messages.put_nowait({"type": "lifespan.shutdown"})
            await self._stopped
            await asyncio.wait([self._task])
            if self._failure is not None:
                log(f"the application did not stop in order: {self._failure}")

    async def _run(self):
        scope = {
            "type": "lifespan",
            "asgi": {"version": self._version, "spec_version": "2.0"},
            "state": self.state,
        }
        try:
            await self._app(scope, self._messages.get, self._send)
        except Exception as error:
            # The specification's way to say that an application knows no lifespan is to raise before it answers.
            if self._started.done():
                self._failure = self._failure or repr(error)
                log_exception()
        finally:
            for awaited in (self._started, self._stopped):
                if not awaited.done():
                    awaited.set_result(None)

    async def _send(self, message):
        kind = message["type"]
        if kind == "lifespan.startup.complete" and not self._started.done():
            self.supported = True
            self._started.set_result(None)
        elif kind == "lifespan.startup.failed" and not self._started.done():
            self._failure = message.get("message") or "no reason was given"
            self._started.set_result(None)
        elif kind == "lifespan.shutdown.complete" and self._started.done():
            self._stopped.set_result(None)
        elif kind == "lifespan.shutdown.failed" and self._started.done():
            self._failure = message.get("message") or "no reason was given"
            self._stopped.set_result(None)
        else:
            raise RuntimeError(f"the application sent {kind!r}, which does not fit here")
