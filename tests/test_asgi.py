"""An ASGI application, deployed: lifespan, links, and a task that is called later with the stage's own role."""

import textwrap
import time

import pytest
import requests

FILES = {
    "slam.yaml": """
        name: web
        app: web:app
        kind: asgi
        tasks: {retries: 0, results: 1d}
    """,
    "requirements.txt": "starlette",
    "web.py": """
        import contextlib
        from slam_lambda.tasks import task
        from starlette.applications import Starlette
        from starlette.responses import JSONResponse
        from starlette.routing import Route

        @contextlib.asynccontextmanager
        async def lifespan(app):
            yield {"started": True}

        @task
        def remember(number):
            print("remembered", number)
            return {"remembered": number}

        def found(request):
            result = remember.result(request.path_params["job"])
            return JSONResponse({"status": result.status, "value": result.value})

        async def show(request):
            return JSONResponse({
                "name": request.path_params["name"],
                "query": request.query_params.multi_items(),
                "url": str(request.url_for("show", name="x")),
                "started": request.state.started,
            })

        def start(request):
            return JSONResponse({"job": remember.later(42)})

        app = Starlette(routes=[Route("/show/{name}", show), Route("/start", start), Route("/found/{job}", found)], lifespan=lifespan)
    """,
}


def write(folder, **instead):
    folder.mkdir()
    for name, text in FILES.items():
        (folder / name).write_text(textwrap.dedent(instead.get(name.partition(".")[0], text)))


@pytest.fixture(scope="module")
def web(shared_machine, tmp_path_factory):
    folder = tmp_path_factory.mktemp("asgi") / "web"
    write(folder)
    shared_machine.run("deploy", cwd=folder)
    yield shared_machine, folder, shared_machine.json("status", cwd=folder)["stages"][0]["url"]
    # The machine is shared: others look for the one stack that is theirs.
    shared_machine.run("delete", "--yes", cwd=folder)


def shows(url):
    answer = requests.get(f"{url}show/a%20b?x=1&x=%26", timeout=30)
    expected = {"name": "a b", "query": [["x", "1"], ["x", "&"]], "url": f"{url}show/x", "started": True}
    assert (answer.status_code, answer.json()) == (200, expected)


def test_application_is_served_with_its_lifespan(web):
    shows(web[2])


@pytest.mark.parametrize("version", ["0.32.0.post1", "0.34.0"])
def test_older_starlette_finds_its_routes_too(machine, tmp_path, version):
    # What FastAPI up to 0.108 has; it finds routes by `path` without `root_path`.
    write(tmp_path / "older", requirements=f"starlette=={version}")
    machine.run("deploy", cwd=tmp_path / "older")
    shows(machine.json("status", cwd=tmp_path / "older")["stages"][0]["url"])


def test_task_runs_in_an_invocation_of_its_own(web):
    machine, folder, url = web
    started = requests.get(f"{url}start", timeout=30)
    assert started.status_code == 200
    until = time.monotonic() + 30
    while (found := requests.get(f"{url}found/{started.json()['job']}").json())["status"] != "done":
        assert time.monotonic() < until, found
        time.sleep(0.1)
    assert found["value"] == {"remembered": 42}
    while "remembered 42" not in (log := machine.run("logs", cwd=folder).stdout):
        assert time.monotonic() < until, log
        time.sleep(0.1)


def test_a_task_that_raises_is_repeated_as_often_as_slam_yaml_says(web):
    machine, _, _ = web
    client = machine.client("lambda")
    name = client.list_functions()["Functions"][0]["FunctionName"]
    assert client.get_function_event_invoke_config(FunctionName=name, Qualifier="dev")["MaximumRetryAttempts"] == 0
