"""The adapter that slam puts beside an application inside an AWS Lambda function.

slam bundles this package, which has no dependencies, into every deployment
package: the modules that are needed there, without comments, and a generated
``lambda_handler.py`` of a few lines that calls :func:`make_handler`.

The map:

``handler.py``      what Lambda calls: choose the stage, load the application, run it
``stages.py``       which stage an invocation is for, and that stage's environment
``secrets.py``        variables whose values are kept in Parameter Store or Secrets Manager
``isolation.py``    one set of modules per stage, so that nothing leaks between stages
``failure.py``      how Lambda is told of an application that cannot be loaded
``functions.py``    how a plain function is called
``wsgi.py``         how a WSGI application is called (PEP 3333)
``asgi.py``         how an ASGI application is called, with ``lifespan.py`` and ``websocket.py``
``http.py``         requests and responses, independent of who sent them
``events/``         one file per sender: API Gateway REST, payload 2.0, load balancer
``cors.py``         what browsers are told of pages of other origins, when SLAM_CORS asks for it
``compression.py``  answers compressed with gzip, when SLAM_GZIP asks for it
``tasks.py``        functions called later, in an invocation of their own
``commands.py``     Python source and Django's commands, run where the application runs
``runtime/``        the runtime of functions whose answers stream
"""

from .handler import Handler, make_handler

__all__ = ["Handler", "make_handler"]
