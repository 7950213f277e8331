#!/usr/bin/env python3
"""Records what AWS's own runtime clients answer to the cases of `values.*`, into `recorded/`.

    record.py python PROGRAM …     on each of these interpreters, with the newest awslambdaric that installs on it
    record.py nodejs PROGRAM …     on each of these Node.js, with the aws-lambda-ric of its runtime
    record.py java PROGRAM …       on each of these JDKs (their java), with the client of Maven Central

It needs uv, npm or Maven's repository on the network, and `cmake` for Node.js. The clients are Apache-2.0, of Amazon.com,
Inc.; what they answer here is nobody's work.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import server
from inits import INITS

HERE = pathlib.Path(__file__).resolve().parent
ENVIRONMENT = {
    "AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
    "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/f", "AWS_LAMBDA_LOG_STREAM_NAME": "stream", "AWS_REGION": "us-east-1",
    "LANG": "en_US.UTF-8", "TZ": ":UTC", "PATH": "/usr/bin:/bin",
    # Python's own, of what a client does.
    "PYTHONWARNINGS": "ignore",
}


def environment(runtime, handler, **more):
    return {**ENVIRONMENT, "AWS_EXECUTION_ENV": "AWS_Lambda_" + runtime, "_HANDLER": handler, **more}


def record(family, runtime, client, command, variables, root, cases, **found):
    """Records what a client answers: with the text format of logs, and where the log matters with the JSON format too."""
    events = {name: json.dumps({"case": name}).encode() for name in cases}
    logged = {name: event for name, event in events.items() if name.startswith(("log", "print", "raise", "throw", "reject"))}
    found = {
        **found,
        "TEXT": server.answers(command, events, variables, root),
        "JSON": server.answers(command, logged, {**variables, "AWS_LAMBDA_LOG_FORMAT": "JSON"}, root),
    }
    path = HERE / "recorded" / f"{family}.json"
    path.parent.mkdir(exist_ok=True)
    recorded = json.loads(path.read_text()) if path.exists() else {"clients": {}, "TEXT": {}, "JSON": {}}
    recorded["clients"][runtime] = client
    for log_format, answers in found.items():
        for name, answer in answers.items():
            add(recorded.setdefault(log_format, {}).setdefault(name, []), runtime, answer)
    path.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n")
    print(f"{runtime}: {len(events)} cases, {', '.join(client)}")


def add(answers, runtime, answer):
    """Runtimes with the same answer share it."""
    for known in answers:
        known["on"] = [name for name in known["on"] if name != runtime]
    same = next((known for known in answers if {**known, "on": 0} == {**answer, "on": 0}), None)
    if same is None:
        same = {**answer, "on": []}
        answers.append(same)
    same["on"] = sorted([*same["on"], runtime], key=lambda name: [int(part) for part in re.findall(r"\d+", name)])
    answers[:] = [known for known in answers if known["on"]]


def python(program, folder):
    version = output(program, "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
    site = folder / "site"
    run("uv", "pip", "install", "-q", "--python", program, "--target", site, "awslambdaric")
    names = re.compile(r"(awslambdaric|simplejson)-(.*)\.dist-info")
    client = sorted(f"{found[1]} {found[2]}" for found in map(names.fullmatch, os.listdir(site)) if found)
    root = folder / "task"
    root.mkdir()
    (root / "values.py").write_text((HERE / "values.py").read_text())
    variables = environment(f"python{version}", "values.handler", PYTHONPATH=f"{root}:{site}", PYTHONDONTWRITEBYTECODE="1")
    cases = json.loads(output(program, "-c", "import json, values; print(json.dumps(list(values.CASES)))", cwd=root))
    command = [program, "-m", "awslambdaric"]
    found = inits(lambda handler: [*command, handler], variables, folder / "inits")
    record("python", f"python{version}", client, [*command, "values.handler"], variables, str(root), cases, INIT=found)


def inits(command, variables, root):
    """What a client tells of each start that fails: the command that `command` makes of a handler."""
    (root / "package").mkdir(parents=True)
    (root / "package" / "module.py").touch()
    found = {}
    for name, (handler, source) in INITS.items():
        (root / "app.py").write_text(source)
        changed = {**variables, "_HANDLER": handler, "LAMBDA_TASK_ROOT": str(root)}
        if "PYTHONPATH" in variables:
            changed["PYTHONPATH"] = f"{root}:{variables['PYTHONPATH']}"
        found[name] = server.init(command(handler), changed, str(root))
    return found


def nodejs(program, folder):
    major = int(output(program, "-p", "process.versions.node").split(".")[0])
    version = "4.0.2" if major >= 24 else "3.3.0"
    run("npm", "pack", "--silent", f"aws-lambda-ric@{version}", cwd=folder, stdout=subprocess.DEVNULL)
    run("tar", "-xzf", f"aws-lambda-ric-{version}.tgz", cwd=folder)
    package = folder / "package"
    (package / "rapid-client.node").touch()
    (package / "dist").mkdir(exist_ok=True)
    (package / "dist" / "rapid-client.node").touch()
    root = folder / "task"
    root.mkdir()
    (root / "values.mjs").write_text((HERE / "values.mjs").read_text())
    start = folder / "start.mjs"
    # What is `run` in the older one is done by importing the newer one.
    client = package / ("index.mjs" if major >= 24 else "dist/index.mjs")
    start.write_text(f"const client = await import({str(client)!r});\nawait client.run?.({str(root)!r}, 'values.handler');\n")
    listed = "import('./values.mjs').then((values) => console.log(JSON.stringify(values.names)))"
    cases = json.loads(output(program, "-e", listed, cwd=root))
    variables = environment(f"nodejs{major}.x", "values.handler", AWS_LAMBDA_NODEJS_USE_ALTERNATIVE_CLIENT_1="true")
    command = [program, "--require", str(HERE / "rapid-client.cjs"), str(start)]
    record("nodejs", f"nodejs{major}.x", [f"aws-lambda-ric {version}"], command, variables, str(root), cases)


POM = """<project><modelVersion>4.0.0</modelVersion><groupId>r</groupId><artifactId>r</artifactId><version>1</version>
<dependencies><dependency><groupId>com.amazonaws</groupId><artifactId>aws-lambda-java-runtime-interface-client</artifactId>
<version>{}</version></dependency></dependencies></project>"""
JAVA_CLIENT = "2.10.1"


def java(program, folder):
    printed = subprocess.run([program, "-version"], capture_output=True, text=True, check=True).stderr
    major = re.search(r'version "(\d+)', printed)[1]
    (folder / "pom.xml").write_text(POM.format(JAVA_CLIENT))
    run("mvn", "-q", "dependency:copy-dependencies", "-DoutputDirectory=jars", cwd=folder)
    client = sorted(jar.stem for jar in (folder / "jars").iterdir() if "client" in jar.stem or "serialization" in jar.stem)
    root = folder / "task"
    root.mkdir()
    javac = pathlib.Path(program).resolve().with_name("javac")
    run(javac, "-parameters", "--release", "17", "-d", root, HERE / "Values.java")
    variables = environment(f"java{major}", "Values::handler")
    command = [program, "-cp", f"{root}:{folder}/jars/*", "com.amazonaws.services.lambda.runtime.api.client.AWSLambda"]
    command.append("Values::handler")
    named = server.answers(command, {"": b'{"case": "names"}'}, variables, str(root))[""]
    record("java", f"java{major}", client, command, variables, str(root), json.loads(named["body"]))


def output(*command, **more):
    return subprocess.run(command, check=True, capture_output=True, text=True, **more).stdout.strip()


def run(*command, **more):
    subprocess.run([str(part) for part in command], check=True, **more)


def main():
    family, *programs = sys.argv[1:]
    for program in programs:
        with tempfile.TemporaryDirectory() as folder:
            {"python": python, "nodejs": nodejs, "java": java}[family](program, pathlib.Path(folder).resolve())


if __name__ == "__main__":
    main()
