"""How a WSGI application is called when its answer streams: PEP 3333, to the letter."""

from .. import wsgi
from ..log import log, log_exception
from .api import Gone
from .errors import document
from .streams import StreamingRunner


class StreamingWsgiRunner(StreamingRunner, wsgi.WsgiRunner):
    """Serves HTTP events with a WSGI application, in pieces where the sender takes them."""

    def _send(self, outgoing, context, stream):
        error = None
        try:
            environ = wsgi.make_environ(outgoing.request())
            environ["lambda.event"] = outgoing.event
            environ["lambda.context"] = context
            call(self._app, environ, outgoing, stream)
        except Gone:
            log("the answer was not taken to its end")
            outgoing.log()
            stream.close()
            return
        except KeyboardInterrupt:
            raise
        # sys.exit() in a view ends its request, and not the process.
        except BaseException as exception:
            log_exception()
            if outgoing.begun:
                error = document(exception, getattr(context, "aws_request_id", ""))
            else:
                stream.write(outgoing.internal_error())
        outgoing.log()
        stream.end(error)
        stream.close()


def call(app, environ, outgoing, stream):
    """Call the application and send its response as it makes it."""
    started = None

    def start_response(status, headers, exc_info=None):
        nonlocal started
        if exc_info:
            try:
                if outgoing.begun:
                    # The head has gone: what went wrong must end the answer.
                    raise exc_info[1].with_traceback(exc_info[2])
            finally:
                # Or this frame and the traceback keep each other alive.
                exc_info = None
        elif started is not None:
            raise AssertionError("start_response was called a second time without exc_info")
        started = (*wsgi.status_of(status), list(headers))
        return write

    def write(data):
        # The head waits for the first piece that is one: until then the application may change its mind.
        if started is None:
            raise AssertionError("the application sent a body before it called start_response")
        if data:
            piece = outgoing.body(data) if outgoing.begun else outgoing.head(*started) + outgoing.body(data)
            if piece:
                stream.write(piece)

    result = app(environ, start_response)
    try:
        for chunk in result:
            write(chunk)
        if started is None:
            raise AssertionError("the application did not call start_response")
        if not outgoing.begun:
            stream.write(outgoing.head(*started))
    finally:
        close = getattr(result, "close", None)
        if close is not None:
            close()
