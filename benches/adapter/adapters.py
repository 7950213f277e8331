"""How each adapter makes a handler of an application: as its own documentation or generated code does."""

import sys
import types
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def ours(app, asgi=False):
    sys.path.insert(0, str(ROOT / "python"))
    from slam_lambda import make_handler

    module = sys.modules["application"] = types.ModuleType("application")
    module.app = app
    return make_handler({"module": "application", "app": "app", "kind": "asgi" if asgi else "wsgi"})


def apig_wsgi(app):
    from apig_wsgi import make_lambda_handler

    # Without it, it answers a REST API with text alone.
    return make_lambda_handler(app, binary_support=True)


def serverless_wsgi(app):
    from serverless_wsgi import handle_request

    return lambda event, context: handle_request(app, event, context)


def aws_wsgi(app):
    import awsgi

    return lambda event, context: awsgi.response(app, event, context)


def mangum(app):
    from mangum import Mangum

    return Mangum(app, lifespan="off")


def zappa(app):
    settings = sys.modules["zappa_settings"] = types.ModuleType("zappa_settings")
    application = sys.modules["application"] = types.ModuleType("application")
    application.app = app
    vars(settings).update(
        APP_MODULE="application",
        APP_FUNCTION="app",
        DJANGO_SETTINGS=None,
        LOG_LEVEL="WARNING",
        PROJECT_NAME="tasks",
        API_STAGE="dev",
        ENVIRONMENT_VARIABLES={},
        AWS_EVENT_MAPPING={},
        AWS_BOT_EVENT_MAPPING={},
        COGNITO_TRIGGER_MAPPING={},
        AUTHORIZER_FUNCTION=None,
        EXCEPTION_HANDLER=None,
        BINARY_SUPPORT=True,
        CONTEXT_HEADER_MAPPINGS={},
        DOMAIN=None,
        BASE_PATH=None,
        DEBUG=False,
    )
    from zappa.handler import LambdaHandler

    return LambdaHandler.lambda_handler


def original(app):
    """The handler that the original Slam generates: its template, with the source of its WSGI plugin."""
    import inspect
    import textwrap

    import slam
    from slam.plugins import wsgi

    template = (Path(slam.__file__).parent / "templates" / "handler.py.template").read_text()
    source = inspect.getsource(wsgi.run_lambda_function).partition("\n")[2]
    source = textwrap.indent(textwrap.dedent(source), "    ")
    config = '{"devstage": "dev", "stage_environments": {"dev": {}}, "wsgi": {"deploy_api_gateway": true}}'
    for name, text in {
        "config_json": config,
        "module": "application",
        "app": "app",
        "run_lambda_function": source,
    }.items():
        template = template.replace("{{" + name + "}}", text)
    module = sys.modules["application"] = types.ModuleType("application")
    module.app = app
    namespace = {}
    exec(compile(template, "handler.py", "exec"), namespace)
    return namespace["lambda_handler"]


WSGI = {
    "slam": ours,
    "apig-wsgi": apig_wsgi,
    "aws-wsgi": aws_wsgi,
    "serverless-wsgi": serverless_wsgi,
    "Zappa": zappa,
    "original Slam": original,
}
ASGI = {"slam (ASGI)": lambda app: ours(app, asgi=True), "Mangum": mangum}
