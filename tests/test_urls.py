"""One API under its URL forms: same answers, right links in each."""

import pytest
import requests

USER = ("user", "secret")


@pytest.fixture(scope="module")
def tasks(shared_machine, tmp_path_factory):
    import shutil

    from conftest import ROOT

    folder = tmp_path_factory.mktemp("urls") / "tasks-api"
    shutil.copytree(ROOT / "examples" / "tasks-api", folder)
    shared_machine.run("deploy", cwd=folder)
    status = shared_machine.json("status", cwd=folder)
    stack = shared_machine.client("cloudformation").describe_stacks()["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
    return {"machine": shared_machine, "url": status["stages"][0]["url"], **outputs}


def forms(tasks):
    machine, api = tasks["machine"], tasks["ApiId"]
    base = f"http://127.0.0.1:{machine.port}"
    return [
        (tasks["url"], {}),
        (f"{base}/dev/", {"Host": f"{api}.execute-api.us-east-1.localhost:{machine.port}"}),
        (f"{base}/_aws/execute-api/{api}/dev/", {}),
        (f"{base}/restapis/{api}/dev/_user_request_/", {}),
    ]


def test_every_form_answers_and_makes_right_links(tasks):
    for base, headers in forms(tasks):
        created = requests.post(f"{base}tasks", json={"description": "x"}, auth=USER, headers=headers)
        assert created.status_code == 201, (base, created.text)
        location = created.headers["Location"]
        if headers:
            expected = f"http://{headers['Host']}/dev/tasks/"
            assert location.startswith(expected), (base, location)
            location = base + location.removeprefix(f"http://{headers['Host']}/dev/")
        else:
            # As on AWS an application knows the API's own host alone: every path leads there.
            port = tasks["url"].split(":")[2].split("/")[0]
            assert location.split("/dev/tasks/")[0] in (f"http://localhost:{port}", f"http://127.0.0.1:{port}"), location
        assert requests.get(location, auth=USER, headers=headers).json()["description"] == "x"


def test_the_stacks_endpoint_is_plain_http_here(tasks):
    api, port = tasks["ApiId"], tasks["machine"].port
    assert tasks["DevEndpoint"] == f"http://{api}.execute-api.us-east-1.localhost:{port}/dev/"


def test_unknown_paths_stages_and_apis_answer_as_api_gateway(tasks):
    machine = tasks["machine"]
    port_base = tasks["url"].removesuffix("dev/")
    for url, headers in [
        (f"{port_base}nostage/", {}),
        (f"http://127.0.0.1:{machine.port}/dev/", {"Host": f"nosuchapi0.execute-api.us-east-1.localhost:{machine.port}"}),
    ]:
        answer = requests.get(url, headers=headers)
        assert answer.status_code == 403
        assert answer.json() == {"message": "Forbidden"}


def test_the_url_outlives_a_restart(tasks):
    machine = tasks["machine"]
    machine.run("cloud", "stop")
    machine.run("cloud", "start")
    assert requests.get(f"{tasks['url']}tasks", auth=USER).status_code == 200
