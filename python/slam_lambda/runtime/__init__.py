"""A runtime for functions whose answers stream, in place of the one that AWS's Python images bring: that one cannot.

slam puts it into the package when slam.yaml says ``http: {stream: true}``, beside a script ``slam_stream`` that
``AWS_LAMBDA_EXEC_WRAPPER`` names: Lambda starts it with the command of its own runtime, and it starts
``python -m slam_lambda.runtime`` instead.

The map:

``loop.py``      from the start to the next event: load the handler, call it, answer
``api.py``       the client of the Runtime API
``streams.py``   which events are answered in pieces, and what a streamed answer begins with
``wsgi.py``      how a WSGI application is called when its answer streams
``asgi.py``      how an ASGI application is
``context.py``   what a handler gets beside the event
``encoding.py``  what a function returns, as AWS's runtimes encode it
``errors.py``    error documents, as AWS's runtimes write them
``records.py``   what is logged, as AWS's runtimes write it
``logs.py``      where it is logged to

Events that are no HTTP requests, or whose sender cannot take an answer in pieces, are answered as ever.
"""
