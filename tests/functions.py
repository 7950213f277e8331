"""Functions made by hand, for tests that need no slam.yaml."""

import io
import zipfile


def package(**files):
    """A zip with the given modules: `package(app="def handler(event, context): …")`."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, source in files.items():
            archive.writestr(f"{name}.py", source)
    return buffer.getvalue()


def create(machine, role, source, name="f", **configuration):
    """Creates a function of one module and waits until it can be invoked."""
    client = machine.client("lambda")
    client.create_function(
        FunctionName=name,
        Runtime=runtime(),
        Handler="app.handler",
        Role=role,
        Code={"ZipFile": package(app=source)},
        **configuration,
    )
    client.get_waiter("function_active_v2").wait(FunctionName=name)
    return client


def runtime():
    """The runtime of the interpreter that runs these tests: one that this machine has."""
    import sys

    return f"python{sys.version_info.major}.{sys.version_info.minor}"
