"""Making a deployment package, side by side: slam, `uv` with Python's zipfile, Zappa, Chalice, SAM, Serverless.

Run it with target/test-clients/bin/python; README.md tells how. Each tool packs the same application in a folder of its
own. Cold is a folder without any build before it, with the download caches of uv, pip and npm warm: what a CI job
with a cache pays. Warm is the same command again, nothing changed. One changed: one source file has another line.
"""

import argparse
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PEERS = ROOT / "target" / "bench-peers" / "package"
APP = "from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.route('/')\ndef hello():\n    return 'hello'\n"
SETS = {"flask": ["flask==3.1.3"], "pandas": ["flask==3.1.3", "numpy", "pandas"]}
VERSION = "3.13"


def install(uv, python, node):
    """The peers, once, below target/bench-peers."""
    PEERS.mkdir(parents=True, exist_ok=True)
    for name in ("zappa", "chalice", "aws-sam-cli"):
        if not (PEERS / name / "done").exists():
            run([uv, "venv", "--quiet", "--clear", "--python", python, PEERS / name], PEERS)
            packages = [name, "pip", "setuptools", "wheel"]
            run([uv, "pip", "install", "--quiet", "--python", PEERS / name / "bin/python", *packages], PEERS)
            (PEERS / name / "done").touch()
    if node and not (PEERS / "node_modules" / "serverless-wsgi").exists():
        # Version 4 wants a login; 3 is the last that does not.
        plugins = ["serverless-python-requirements@6", "serverless-wsgi@3"]
        run(["npm", "install", "--prefix", PEERS, "serverless@3", *plugins], PEERS)


def environment(**more):
    """No account, no user's settings, nothing reported home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "SLAM_"))}
    return {
        **kept, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true", "SAM_CLI_TELEMETRY": "0", "SLS_TELEMETRY_DISABLED": "1",
        "SLS_NOTIFICATIONS_MODE": "off", "PIP_DISABLE_PIP_VERSION_CHECK": "1", "NO_COLOR": "1", **more,
    }  # fmt: skip


def run(command, cwd, **variables):
    command = list(map(str, command))
    done = subprocess.run(
        command, cwd=cwd, env=environment(**variables), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900
    )
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {done.returncode}: {(done.stdout + done.stderr)[-600:]}")
    return done.stdout


class Tool:
    def __init__(self, name, options):
        self.name, self.options = name, options

    def prepare(self, folder, requirements):
        (folder / "app.py").write_text(APP)
        (folder / "requirements.txt").write_text("\n".join(requirements) + "\n")

    def bin(self, venv):
        path = f"{PEERS / venv / 'bin'}:{pathlib.Path(self.options.python).parent}:{os.environ['PATH']}"
        return {"PATH": path, "VIRTUAL_ENV": str(PEERS / venv)}


class Slam(Tool):
    def prepare(self, folder, requirements):
        super().prepare(folder, requirements)
        (folder / "slam.yaml").write_text(f"name: bench\napp: app:app\nkind: wsgi\nruntime: python{VERSION}\n")

    def build(self, folder):
        return run([self.options.slam, "build", "--quiet"], folder, SLAM_HOME=str(folder / ".home")).strip()


class UvZip(Tool):
    """The least that works: uv for the target, and a zip of one thread."""

    def build(self, folder):
        tree = folder / ".tree"
        shutil.rmtree(tree, ignore_errors=True)
        target = ["--python-platform", "x86_64-manylinux_2_34", "--python-version", VERSION, "--only-binary", ":all:"]
        run([self.options.uv, "pip", "install", "--quiet", *target, "--target", tree, "-r", "requirements.txt"], folder)
        shutil.copy(folder / "app.py", tree)
        code = "import shutil, sys; shutil.make_archive('package', 'zip', '.tree')"
        run([self.options.python, "-c", code], folder)
        return folder / "package.zip"


class Zappa(Tool):
    def prepare(self, folder, requirements):
        super().prepare(folder, requirements)
        settings = {"app_function": "app.app", "runtime": f"python{VERSION}", "s3_bucket": "b", "project_name": "bench"}
        settings |= {"aws_region": "us-east-1", "exclude": [".venv", "*.zip"]}
        (folder / "zappa_settings.json").write_text(json.dumps({"dev": settings}))
        # Zappa packs the environment it runs in, so it needs one with the application in it.
        run([self.options.uv, "venv", "--quiet", "--python", self.options.python, ".venv"], folder)
        packages = ["zappa", "pip", "setuptools", "wheel", *requirements]
        run([self.options.uv, "pip", "install", "--quiet", "--python", ".venv/bin/python", *packages], folder)

    def build(self, folder):
        for old in folder.glob("*.zip"):
            old.unlink()
        variables = {"VIRTUAL_ENV": str(folder / ".venv"), "PATH": f"{folder / '.venv/bin'}:{os.environ['PATH']}"}
        run([folder / ".venv/bin/zappa", "package", "dev"], folder, **variables)
        return next(folder.glob("*.zip"))


class Chalice(Tool):
    def prepare(self, folder, requirements):
        super().prepare(folder, requirements)
        # Its framework is its own: what is compared is the packing of the same dependencies.
        (folder / "app.py").write_text(APP.replace("from flask import Flask\n", "import flask\nfrom chalice import Chalice\n")
                                       .replace("Flask(__name__)", "Chalice(app_name='bench')"))  # fmt: skip
        (folder / ".chalice").mkdir()
        config = {"version": "2.0", "app_name": "bench", "stages": {"dev": {"lambda_functions": {}}}}
        (folder / ".chalice" / "config.json").write_text(json.dumps(config))
        python = PEERS / "chalice/bin/python"
        run([self.options.uv, "pip", "install", "--quiet", "--python", python, *requirements], folder)

    def build(self, folder):
        out = folder.parent / (folder.name + "-out")
        run([PEERS / "chalice/bin/chalice", "package", out], folder, **self.bin("chalice"))
        return out / "deployment.zip"


class Sam(Tool):
    def prepare(self, folder, requirements):
        source = folder / "src"
        source.mkdir()
        super().prepare(source, requirements)
        properties = {"CodeUri": "src/", "Handler": "app.app", "Runtime": f"python{VERSION}"}
        resources = {"F": {"Type": "AWS::Serverless::Function", "Properties": properties}}
        template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}
        (folder / "template.json").write_text(json.dumps(template))

    def build(self, folder):
        command = [PEERS / "aws-sam-cli/bin/sam", "build", "--cached", "--template", "template.json"]
        run(command, folder, **self.bin("aws-sam-cli"))
        # `sam deploy` zips what `sam build` leaves; it is part of making the package.
        out = folder / "package"
        shutil.make_archive(str(out), "zip", folder / ".aws-sam/build/F")
        return f"{out}.zip"


class Serverless(Tool):
    requirements = "useDownloadCache: true, useStaticCache: true"

    def prepare(self, folder, requirements):
        super().prepare(folder, requirements)
        (folder / "serverless.yml").write_text(
            f"service: bench\nframeworkVersion: '3'\nprovider: {{name: aws, runtime: python{VERSION}}}\n"
            "functions: {app: {handler: wsgi_handler.handler}}\n"
            "plugins: [serverless-wsgi, serverless-python-requirements]\n"
            "package: {patterns: ['!node_modules/**', '!.serverless/**']}\n"
            "custom: {wsgi: {app: app.app, packRequirements: false},"
            # Its cache does not tell what was made with other options.
            f" pythonRequirements: {{{self.requirements}, cacheLocation: {PEERS / self.name.replace(' ', '-')}}}}}\n"
        )
        (folder / "node_modules").symlink_to(PEERS / "node_modules")
        (folder / "package.json").write_text("{}")

    def build(self, folder):
        run(["node", PEERS / "node_modules/serverless/bin/serverless.js", "package"], folder, **self.bin("aws-sam-cli"))
        return folder / ".serverless" / "bench.zip"


class ServerlessSlim(Serverless):
    """With an option that strips what is compiled, and leaves out all metadata."""

    requirements = Serverless.requirements + ", slim: true"


TOOLS = {"slam": Slam, "uv+zip": UvZip, "zappa": Zappa, "chalice": Chalice, "sam": Sam}
TOOLS |= {"serverless": Serverless, "sls slim": ServerlessSlim}


def timed(tool, folder):
    begun = time.perf_counter()
    package = tool.build(folder)
    return time.perf_counter() - begun, pathlib.Path(package)


def measure(tool, requirements, work):
    """One round of one tool: a new folder, then the same again, then with a line more."""
    folder = pathlib.Path(tempfile.mkdtemp(dir=work))
    tool.prepare(folder, requirements)
    cold, package = timed(tool, folder)
    warm = statistics.median(timed(tool, folder)[0] for _ in range(3))
    source = next(path for path in (folder / "src/app.py", folder / "app.py") if path.exists())
    source.write_text(source.read_text() + "\n# changed\n")
    changed, package = timed(tool, folder)
    with zipfile.ZipFile(package) as archive:
        unzipped = sum(info.file_size for info in archive.infolist())
    found = {"cold": cold, "warm": warm, "changed": changed, "zip": package.stat().st_size, "unzipped": unzipped}
    shutil.rmtree(folder)
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--slam", default=os.environ.get("SLAM_BINARY") or str(ROOT / "target/release/slam"))
    parser.add_argument("--python", required=True, help=f"a Python {VERSION}, which the peers run in")
    parser.add_argument("--tools", default=",".join(TOOLS))
    parser.add_argument("--sets", default=",".join(SETS))
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    options.uv = shutil.which("uv", path=f"{pathlib.Path(sys.executable).parent}:{os.environ.get('PATH', '')}")
    os.environ["PATH"] = f"{pathlib.Path(options.uv).parent}:{os.environ['PATH']}"
    tools = options.tools.split(",")
    install(options.uv, options.python, "serverless" in tools)
    with tempfile.TemporaryDirectory(prefix="slam-bench-") as work:
        for name in options.sets.split(","):
            print(f"\n{name}: {', '.join(SETS[name])}")
            # The download caches are filled before anything counts.
            UvZip("uv+zip", options).prepare(first := pathlib.Path(tempfile.mkdtemp(dir=work)), SETS[name])
            UvZip("uv+zip", options).build(first)
            rounds = {tool: [] for tool in tools}
            # All in turn in each round, so that a slow minute of the machine is everybody's.
            for number in range(options.rounds):
                # uv asks the index again after ten minutes: else the first of a round would do so for the others.
                UvZip("uv+zip", options).build(first)
                for tool in list(rounds):
                    try:
                        rounds[tool].append(measure(TOOLS[tool](tool, options), SETS[name], work))
                    except (RuntimeError, OSError, StopIteration, subprocess.TimeoutExpired) as error:
                        print(f"  {tool} could not be run: {error}")
                        del rounds[tool]
                print(f"  round {number + 1} of {options.rounds} is done", file=sys.stderr, flush=True)
            results = {
                tool: {what: statistics.median(found[what] for found in all_found) for what in all_found[0]}
                for tool, all_found in rounds.items()
            }
            report(results)


def report(results):
    ours = results.get("slam")
    print(f"  {'':<11}{'cold s':>9}{'warm s':>9}{'changed s':>11}{'zip kB':>9}{'unzipped kB':>13}   cold, warm, zip against slam")
    for tool, found in results.items():
        ratios = "  ".join(f"{found[what] / ours[what]:7.2f}" for what in ("cold", "warm", "zip")) if ours else ""
        sizes = f"{found['zip'] / 1000:>9.0f}{found['unzipped'] / 1000:>13.0f}"
        print(f"  {tool:<11}{found['cold']:>9.2f}{found['warm']:>9.3f}{found['changed']:>11.3f}{sizes}   {ratios}", flush=True)


if __name__ == "__main__":
    main()
