"""What a user would pick instead, made ready: gunicorn without any cloud, and MiniStack or moto as the local cloud.

Each lives in a virtual environment of its own below `target/bench-peers`, with the Python of the deployed function.
"""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import time

import boto3
import botocore.config

from measure import ROOT, first_answer, free_port, process

GUNICORN = "gunicorn==27.0.1"
MINISTACK = "ministack==1.5.33"
MOTO = "moto[server]==5.2.5"
STACK = "tasks-api"


def environment(**more):
    """This process's, without anything that leads to another cloud."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SLAM_"))}
    return {**kept, "PYTHONDONTWRITEBYTECODE": "1", "AWS_EC2_METADATA_DISABLED": "true", **more}


def venv(name, python, *requirements):
    """A virtual environment with these requirements, made again when they change. Gives its `bin`."""
    uv = shutil.which("uv", path=f"{pathlib.Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    if uv is None:
        sys.exit("uv is not there: run this with target/test-clients/bin/python, which `cargo xtask test` makes")
    folder = ROOT / "target" / "bench-peers" / f"{name}-{python}"
    stamp = folder / "requirements.json"
    wanted = json.dumps([pathlib.Path(it).read_text() if it.startswith("/") else it for it in requirements])
    if not stamp.exists() or stamp.read_text() != wanted:
        print(f"installing {name} …", file=sys.stderr)
        arguments = [part for it in requirements for part in (("-r", it) if it.startswith("/") else (it,))]
        subprocess.run([uv, "venv", "--quiet", "--clear", "--no-python-downloads", "--python", python, folder], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", folder / "bin/python", *arguments], check=True)
        stamp.write_text(wanted)
    return folder / "bin"


@contextlib.contextmanager
def gunicorn(example, python, workers, work):
    """The example under gunicorn's sync workers. Gives the URL."""
    programs = venv("gunicorn", python, GUNICORN, str(example / "requirements.txt"))
    port, log = free_port(), work / f"gunicorn-{workers}.log"
    command = [programs / "gunicorn", "--workers", workers, "--worker-class", "sync", "--bind", f"127.0.0.1:{port}"]
    variables = environment(AWS_REGION="us-east-1", STAGE="dev", TABLE_TASKS="dev.tasks")
    begun = time.perf_counter()
    with process([*command, "--log-level", "warning", "tasks_api:app"], variables, log, cwd=example) as child:
        first_answer(child, port, "/", log, begun)
        yield f"http://127.0.0.1:{port}/"


@contextlib.contextmanager
def moto(python, work):
    """Moto's server. Gives the process and its port."""
    programs = venv("moto", python, MOTO)
    port, log = free_port(), work / "moto.log"
    begun = time.perf_counter()
    with process([programs / "moto_server", "-H", "127.0.0.1", "-p", port], environment(), log) as child:
        first_answer(child, port, "/moto-api/data.json", log, begun)
        yield child, port


class MiniStack:
    """MiniStack as a process, its functions run as processes too (`LAMBDA_EXECUTOR=local`)."""

    def __init__(self, python, work):
        self.program = venv("ministack", python, MINISTACK) / "ministack"
        self.work = work
        self.log = work / "ministack.log"

    @contextlib.contextmanager
    def run(self):
        """Gives the process and the seconds to its first answer."""
        self.port = free_port()
        folder = self.work / f"ministack-{self.port}"
        folder.mkdir()
        variables = environment(
            BIND_HOST="127.0.0.1", GATEWAY_PORT=str(self.port), LAMBDA_EXECUTOR="local", LOG_LEVEL="WARNING",
            S3_DATA_DIR=str(folder / "s3"), STATE_DIR=str(folder / "state"), TMPDIR=str(folder),
        )  # fmt: skip
        begun = time.perf_counter()
        with process([self.program], variables, self.log) as child:
            yield child, first_answer(child, self.port, "/_ministack/health", self.log, begun)

    def client(self, service):
        return boto3.client(
            service,
            endpoint_url=f"http://127.0.0.1:{self.port}",
            region_name="us-east-1",
            aws_access_key_id="test",
            aws_secret_access_key="test",
            config=botocore.config.Config(s3={"addressing_style": "path"}),
        )

    def deploy(self, template, package):
        """The template that slam made, with the package that slam made. Gives the URL, and what had to be changed."""
        bucket = self.stack("create", {**template, **only(template, "PackageBucket")}, [])["PackageBucket"]
        self.client("s3").put_object(Bucket=bucket, Key="package.zip", Body=package)
        parameters = [{"ParameterKey": "LambdaS3Key", "ParameterValue": "package.zip"}]
        url, note = self.url(self.stack("update", template, parameters)), "the template as it is"
        if not answers(url):
            # Its API Gateway does not fill a stage's variables into the URI of an integration.
            plain = json.loads(json.dumps(template).replace("${!stageVariables.STAGE}", "dev"))
            url = self.url(self.stack("update", plain, parameters))
            note = "the template with the alias written out in the integrations' URIs (stage variables have no effect)"
        if not answers(url):
            sys.exit(f"MiniStack does not answer {url}; its log is {self.log}")
        return url, note

    def stack(self, verb, template, parameters):
        client = self.client("cloudformation")
        call = client.create_stack if verb == "create" else client.update_stack
        call(
            StackName=STACK,
            TemplateBody=json.dumps(template),
            Parameters=parameters,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        )
        waiter = client.get_waiter(f"stack_{verb}_complete")
        waiter.wait(StackName=STACK, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        outputs = client.describe_stacks(StackName=STACK)["Stacks"][0]["Outputs"]
        return {output["OutputKey"]: output["OutputValue"] for output in outputs}

    def url(self, outputs):
        return f"http://127.0.0.1:{self.port}/_aws/execute-api/{outputs['ApiId']}/dev/"


def only(template, resource):
    """The parts of a template for one of its resources, under which its output has the same name."""
    return {
        "Parameters": {},
        "Resources": {resource: template["Resources"][resource]},
        "Outputs": {resource: template["Outputs"][resource]},
    }


def answers(url):
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status == 200
    except urllib.error.HTTPError:
        return False
