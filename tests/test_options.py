"""What help, schema and docs tell is true: each option is tried, each key does something, each example is read."""

import copy
import json
import pathlib
import re
import shlex
import subprocess

import pytest
import yaml

from conftest import ROOT
from functions import runtime

# Each line is run in this order, in one project on one machine. `code: text` after `#` is what is expected beside exit
# code 0: another code, or a text in the output.
LINES = f"""
slam --version                                                       # slam
slam --help                                                          # Usage:
slam init app:app --wsgi --name tried --description words --stages dev,prod --requirements needs.txt --runtime {runtime()} --memory 256 --timeout 20 --dynamodb-tables notes,tags
slam init app:app --asgi --no-api-gateway --bucket packages -c other.yaml
slam template                                                        # "Description": "words"
slam template --stage prod                                           # "prod.tags"
slam template -c other.yaml                                          # packages
slam --quiet build --rebuild-deps                                    # .zip
slam build --offline --json                                          # "sha256"
slam build --no-check                                                # unchanged
slam build --explain app.py                                          # app.py
slam build --explain --function extra -c own.yaml                    # 2: everything is in this package
slam build --help                                                    # Usage:
slam cloud start --durability-fsync                                  # started on 127.0.0.1
slam cloud status --json                                             # "running": true
slam env --json                                                      # AWS_ENDPOINT_URL
slam env --shell fish                                                # set -gx
slam deploy --json                                                   # "urls" or "url"
slam deploy --stage prod --rebuild-deps                              # tried is deployed
slam deploy --offline --quiet                                        # dev
slam deploy --no-check --wait --yes --take-over                      # tried is deployed
slam deploy --delete-data nothing                                    # 2: no table `nothing` leaves slam.yaml
slam deploy --no-lambda                                              # tried is deployed
slam deploy --lambda-package PACKAGE                                 # tried is deployed
slam publish prod --json                                             # "version": "1"
slam publish prod --version 1 --wait --yes --no-check                 # tried
slam status --json                                                   # "stages"
slam invoke GET / -H "x-own: 1" --stage prod                         # own 1 in prod
slam invoke --include GET /                                          # HTTP/1.1 200 OK
slam invoke --json GET /                                             # "log"
slam invoke --nowait GET /                                           # will run by itself
slam invoke --dry-run GET /                                          # would be allowed
slam invoke --raw "print(6 * 7)"                                     # 2: commands: true
slam manage check --stage prod --json                                # 2: commands: true
slam deploy -c own.yaml                                              # own is deployed
slam invoke -c own.yaml --function extra a:=1                        # "a": 1
slam invoke -c own.yaml --raw "print(6 * 7)" --stage dev             # 42
slam manage -c own.yaml --function extra check                       # 2: Lambda's own handler
slam manage -c own.yaml --json check                                 # 1: exit_code
slam logs --period 1d --stage dev                                    # GET / 200
slam logs --platform                                                 # REPORT RequestId
slam logs --json                                                     # "message"
slam logs -c own.yaml --function extra --period 1d
slam logs --help                                                     # --tail
slam events send --stage dev event shop Placed n:=1 -c own.yaml      # -
slam events send queue work hello --attribute kind=a --delay 1s --stage dev -c own.yaml
slam events send queue rows hello --group g --deduplication d -c own.yaml
slam events send topic news hello --attribute kind=a --subject s --stage dev -c own.yaml
slam events send topic ordered hello --group g --deduplication d -c own.yaml
slam events send bucket files app.py --key k --stage dev -c own.yaml  # s3://own-dev-files-
slam events send event shop Placed n:=1 --bus default --stage dev -c own.yaml
slam events redrive work --rate 10 --stage dev -c own.yaml           # moved back
slam events tail --no-follow --all --json --lines 1 --stage dev -c own.yaml
slam completions zsh                                                 # compdef
slam deploy -c keyed.yaml                                            # keyed is deployed
slam keys create partner --name alice --stage dev --json -c keyed.yaml  # "value"
slam keys list --stage dev --json -c keyed.yaml                      # alice
slam keys revoke a1b2c3d4e5 --stage dev --json -c keyed.yaml         # 1: no key
slam delete -c keyed.yaml --yes                                      # is deleted
slam delete -c own.yaml --yes --json                                 # "deleted"
slam delete --yes --keep-data --stage dev,prod                       # is deleted
slam cache --json                                                    # "bytes"
slam cache clean --older-than 30d --json                             # "bytes"
slam cache clean --all                                               # packages
slam cloud reset --yes                                               # deleted
slam cloud stop                                                      # stopped
slam cloud check --json                                              # []
slam cloud check --repair                                            # is whole
slam cloud start --time-scale 0                                      # 2: 1..=3600
slam cloud start --time-scale 60                                     # started on
slam cloud status                                                    # 60 times as fast
slam cloud stop                                                      # stopped
slam cloud start --open --host 0.0.0.0                               # 1: --allow-remote
slam cloud start --open --host 0.0.0.0 --allow-remote                # started on 0.0.0.0
slam cloud stop                                                      # stopped
"""

# What cannot be tried in a line of its own, and where it is tried.
ELSEWHERE = {
    ("slam cloud start", "--foreground"): "test_cloud.py: test_the_foreground_ends_at_a_signal",
    ("slam logs", "--tail"): "test_logs.py: test_new_lines_are_followed",
}

APP = """
import os

def app(environ, start_response):
    start_response("200 OK", [("content-type", "text/plain")])
    return [f"own {environ.get('HTTP_X_OWN')} in {os.environ['STAGE']}".encode()]

def handle(event, context):
    return event
"""
OWN = f"""
name: own
app: app:app
kind: wsgi
runtime: {runtime()}
commands: true
queues: {{work: {{retries: 1}}, rows: {{fifo: true}}}}
topics: {{news: {{}}, ordered: {{fifo: true}}}}
buckets: {{files: {{}}}}
functions:
  extra: {{handler: app.handle, package: {{path: extra}}}}
"""


KEYED = f"""
name: keyed
app: app:app
kind: wsgi
runtime: {runtime()}
http: {{keys: {{partner: {{throttle: {{rate: 5, burst: 10}}}}}}}}
"""


@pytest.fixture(scope="module")
def helps(shared_machine):
    """The help of each command, by the command."""
    found = {}

    def read(command):
        words = command.split()[1:]
        text = found[command] = shared_machine.run(*words, "--help").stdout
        listed = re.search(r"^Commands:\n((?:  .*\n)+)", text, re.M)
        for name in re.findall(r"^  (\w[\w-]*)  ", listed.group(1), re.M) if listed else []:
            if name != "help":
                read(f"{command} {name}")

    read("slam")
    return found


def options_of(text):
    """The long names of the options in a help, each with its short one."""
    return {long: short for short, long in re.findall(r"^ +(?:(-\w), )?(--[a-z][a-z-]*)", text, re.M)}


def test_help_has_80_columns(helps):
    for command, text in helps.items():
        assert max(map(len, text.splitlines())) <= 80, command


def test_every_option_is_tried(helps, machine, tmp_path):
    folder = tmp_path / "tried"
    (folder / "extra").mkdir(parents=True)
    (folder / "app.py").write_text(APP)
    (folder / "extra" / "app.py").write_text(APP)
    (folder / "needs.txt").write_text("")
    (folder / "own.yaml").write_text(OWN)
    (folder / "keyed.yaml").write_text(KEYED)
    tried, package = set(), None
    for line in LINES.strip().splitlines():
        written, _, expected = line.partition("  #")
        code, text = re.fullmatch(r"(?:(\d): )?(.*)", expected.strip()).groups()
        words = [str(package) if word == "PACKAGE" else word for word in shlex.split(written)[1:]]
        done = machine.run(*words, cwd=folder, code=int(code or 0))
        assert any(part in done.stdout + done.stderr for part in text.replace('"urls" or ', "").split("\0")), (line, done.stdout, done.stderr)
        if written.startswith("slam build --offline --json"):
            package = json.loads(done.stdout)["path"]
        command = max((name for name in helps if f"{written} ".startswith(f"{name} ") or command_of(words, name)), key=len)
        for long, short in options_of(helps[command]).items():
            if any(word.split("=")[0] in (long, short) for word in words if word.startswith("-")):
                tried.add((command, long))
                if long in GLOBAL:
                    tried |= {(name, long) for name in helps}
    told = {(command, long) for command, text in helps.items() for long in options_of(text)}
    missing = told - tried - set(ELSEWHERE)
    assert not missing, f"options that the help tells and no line tries: {sorted(missing)}"
    for place in ELSEWHERE.values():
        file, _, name = place.partition(": ")
        assert f"def {name}(" in (ROOT / "tests" / file).read_text(), place


# The same in every command.
GLOBAL = {"--config-file", "--quiet", "--help"}


def command_of(words, name):
    """Whether the line is of this command, although options of `slam` come first."""
    plain = [word for word in words if not word.startswith("-")]
    wanted = name.split()[1:]
    return plain[: len(wanted)] == wanted


# ---- slam.yaml


class Tagged:
    """A value with one of CloudFormation's short tags."""

    def __init__(self, tag, value):
        self.tag, self.value = tag, value


class Loader(yaml.SafeLoader):
    """YAML 1.2, where `on` is a word."""


Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if first not in "oOyYnN" or not tag.endswith(":bool")]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


class Dumper(yaml.SafeDumper):
    """Puts what 1.1 reads otherwise in quotation marks."""


Loader.add_multi_constructor("!", lambda loader, suffix, node: Tagged(f"!{suffix}", node.value))
Dumper.add_representer(Tagged, lambda dumper, value: dumper.represent_scalar(value.tag, value.value))

ORIGINAL = f"""
name: original
description: As the original writes it
function: {{module: app, app: app}}
requirements: needs.txt
devstage: dev
environment: {{FIRST: "1"}}
stage_environments: {{dev: {{SECOND: "2"}}, prod: {{SECOND: "3"}}}}
wsgi: {{deploy_api_gateway: true, log_stages: [prod]}}
aws:
  s3_bucket: packages
  lambda_timeout: 20
  lambda_memory: 256
  lambda_runtime: {runtime()}
  lambda_security_groups: [sg-1]
  lambda_subnet_ids: [subnet-1]
  lambda_managed_policies: [AWSLambdaVPCAccessExecutionRole]
  lambda_inline_policies:
    - PolicyName: own
      PolicyDocument: {{Version: "2012-10-17", Statement: [{{Effect: Allow, Action: "s3:GetObject", Resource: "*"}}]}}
  cfn_resources: {{Photos: {{Type: "AWS::S3::Bucket"}}}}
  cfn_outputs: {{Bucket: {{Value: !Ref Photos}}}}
dynamodb_tables:
  notes:
    attributes: {{id: S, owner: S, at: N}}
    key: [id, at]
    read_throughput: 2
    write_throughput: 3
    ttl: gone
    stream: keys
    local_secondary_indexes: {{mine: {{key: [id, owner], project: all}}}}
    global_secondary_indexes: {{by_owner: {{key: owner, project: [at], read_throughput: 2, write_throughput: 4}}}}
"""

SMALL = """
name: small
handler: index.handler
runtime: nodejs22.x
package: {path: functions/resize}
tables: {logs: {attributes: {id: S}, key: id, stream: keys}}
topics: {changes: {}}
queues: {copies: {on: {topic: changes, filter: {kind: [photo]}, filter_by: body}}}
buckets: {files: {cors: {origins: ["*"], headers: [x-own], expose: [x-own]}}}
"""

# Who may call an HTTP API, in the ways that a REST API does not have.
GUARDED = """
name: guarded
app: app:app
kind: wsgi
http:
  api: http
  authorizer:
    jwt: {issuer: "https://id.example.com", audience: [tasks], scopes: [read]}
    paths:
      /admin: {cognito: {pool: eu-west-1_a1B2c3D4e, clients: [abc], scopes: [tasks/admin]}}
      /signed: {iam: true}
"""

# Keys that change the package, or what is done, and not the template; and the test that shows it.
NOT_IN_THE_TEMPLATE = {
    "package.path": "test_keys_of_packages",
    "package.requirements": "test_keys_of_packages",
    "package.include": "test_keys_of_packages",
    "package.exclude": "test_keys_of_packages",
    "package.budget": "test_keys_of_packages",
    "package.before": "test_keys_of_packages",
    "package.exclude_dependencies": "test_keys_of_packages",
    "package.slim": "test_keys_of_packages",
    "package.bytecode": "test_keys_of_packages",
    "package.runtime_packages": "tool/bundle/tests",
    "requirements": "test_keys_of_packages",
    "static.cache": "test_static.py",
    "static.immutable": "test_static.py",
    "static.exclude": "test_django_static.py",
    "id": "test_data.py",
}
# What has no effect here because the value is the default, or another key says the same in this file.
SAME = {
    "runtime": "found from the machine's Python, which may be the same",
    "architecture": "x86_64 is the default; functions.faces has the other",
    "kind": "`http` implies it",
    "devstage": "dev is the first stage anyway",
    "http.api": "rest is the default",
    "logs.requests": "true is the default; test_logs.py turns it off",
    "tasks.via": "lambda is the only choice so far",
    "functions.thumbnails.kind": "function is the default",
    "functions.faces.layers": "none is what a function of another runtime has",
    "aws.lambda_runtime": "found from the machine's Python, which may be the same",
    "stages.dev.environment": "",
    # Small.yaml has others.
    "tables.photos.stream": "what a function that gets its changes needs anyway",
    "queues.copies.on.filter_by": "attributes is the default",
    "buckets.originals.cors.headers": "* is the default",
    "buckets.originals.cors.expose": "ETag is the default",
    "stages.prod.target": "with region and profile: where, not what",
    "functions.faces.package": "its runtime gives it a package of its own anyway",
    "functions.faces.vpc": "the same as the project's",
    "static.url": "/static is the default",
    "http.authorizer.header": "Authorization is the default",
    "tables.comments.write_throughput": "1 is the default",
    "tables.comments.global_secondary_indexes.of_author.write_throughput": "1 is the default",
    "tables.comments.global_secondary_indexes.of_author.project": "keys is the default",
    "stages.prod.region": "where, not what",
    "stages.prod.profile": "where, not what",
    "wsgi.deploy_api_gateway": "true is the default of a `wsgi` section with it",
}


def schema_keys():
    """Every path of the schema, names of the user's own as `*`."""
    schema = json.loads((ROOT / "docs" / "slam.schema.json").read_text())

    def walk(node, path):
        while "$ref" in node:
            target = schema
            for part in node["$ref"].removeprefix("#/").split("/"):
                target = target[part]
            node = target
        for part in [node, *node.get("anyOf", []), *node.get("oneOf", [])]:
            for name, inner in part.get("properties", {}).items():
                yield (*path, name)
                yield from walk(inner, (*path, name))
            for more in ("additionalProperties", "items"):
                if isinstance(part.get(more), dict):
                    yield from walk(part[more], (*path, "*"))
            if part is not node and ("$ref" in part or "anyOf" in part):
                yield from walk(part, path)

    return set(walk(schema, ()))


def example():
    return re.search(r"```yaml\n(.*?)```", (ROOT / "docs" / "slam-yaml.md").read_text(), re.S).group(1)


def places(value, path=()):
    """Every key of a file."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield (*path, name)
            yield from places(inner, (*path, name))
    elif isinstance(value, list):
        for at, inner in enumerate(value):
            yield from places(inner, (*path, at))


def folded(key):
    """The key, whether it is in one or in a list of them; `on` of the project's own function is that of others, `http` of a stage
    is that of all, and what a path asks for is asked for as by the whole."""
    if key[:3] == ("stages", "*", "http"):
        key = key[2:]
    if key[:4] == ("http", "authorizer", "paths", "*"):
        key = ("http", "authorizer", *key[4:])
    key = ("functions", "*", *key) if key[0] == "on" else key
    return tuple(part for at, part in enumerate(key) if part != "*" or key[at - 1] not in ("on", "lifecycle"))


def is_of(place, key):
    return len(place) == len(key) and all(name == "*" or name == part for part, name in zip(place, key))


def test_every_key_of_the_schema_does_something(machine, tmp_path):
    keys = schema_keys()
    assert len(keys) > 80
    files = {"today.yaml": example(), "original.yaml": ORIGINAL, "small.yaml": SMALL, "guarded.yaml": GUARDED}
    shown, silent = set(), []
    for name, text in files.items():
        loaded = yaml.load(text, Loader)
        whole = template(machine, tmp_path, name, loaded)
        assert whole is not None, name
        for place in list(places(loaded)):
            key = next((key for key in keys if is_of(place, key)), None)
            if key is None:
                continue
            shown.add(key)
            spoken = ".".join(map(str, place))
            bare = re.sub(r"^functions\.\w+\.(?=package\.)", "", spoken)
            if bare in NOT_IN_THE_TEMPLATE or spoken in SAME:
                continue
            without = copy.deepcopy(loaded)
            inner = without
            for part in place[:-1]:
                inner = inner[part]
            del inner[place[-1]]
            # Without it the template is another, or there is none because the key is needed.
            if template(machine, tmp_path, name, without) == whole:
                silent.append(f"{name}: {spoken}")
    assert not silent, f"keys without any effect: {silent}"
    shown = {folded(key) for key in shown}
    missing = sorted(".".join(key) for key in keys if folded(key) not in shown)
    assert not missing, f"keys that no file here has: {missing}"


def template(machine, folder, name, content):
    """The templates of all stages, or nothing where the file is refused."""
    (folder / name).write_text(yaml.dump(content, Dumper=Dumper, sort_keys=False))
    found = []
    for stage in content.get("stages") or content.get("stage_environments") or [None]:
        chosen = ["--stage", stage] if stage else []
        done = subprocess.run(
            [machine.binary, "template", "-c", name, *chosen],
            cwd=folder, env=machine.environment(), capture_output=True, text=True, timeout=60,
        )
        if done.returncode != 0:
            return None
        found.append(json.loads(done.stdout))
    return found


def test_keys_of_packages(machine, tmp_path):
    """Each of these makes another package, or refuses to make one."""
    (tmp_path / "app.py").write_text("def app(): pass\n")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "app.py").write_text("def app(): return 1\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "data.txt").write_text("data")
    (tmp_path / ".env").write_text("KEPT=1\n")
    (tmp_path / "needs.txt").write_text("markupsafe\n")
    base = f"name: packed\napp: app:app\nruntime: {runtime()}\n"

    def build(lines, code=0):
        (tmp_path / "slam.yaml").write_text(base + lines)
        done = machine.run("build", "--json", cwd=tmp_path, code=code)
        return json.loads(done.stdout)["sha256"] if code == 0 else done.stderr

    bare, needs = build(""), build("requirements: needs.txt\n")
    own = {
        "package: {path: inner}": bare,
        "package: {requirements: needs.txt}": bare,
        "package: {include: [.env]}": bare,
        "package: {exclude: [tests]}": bare,
        "package: {requirements: needs.txt, exclude_dependencies: [markupsafe/_native.py]}": needs,
        "package: {requirements: needs.txt, slim: false}": needs,
        "package: {requirements: needs.txt, bytecode: true}": needs,
    }
    for lines, otherwise in own.items():
        assert build(f"{lines}\n") != otherwise, lines
    assert needs != bare and needs == build("package: {requirements: needs.txt}\n")
    assert build("package: {before: 'echo 1 > made.txt'}\n") != bare
    assert "budget" in build("package: {budget: 1kB}\n", code=2)


# ---- documents


def documents():
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def blocks(path, *languages):
    for language, text in re.findall(r"^```(\w+)\n(.*?)^```", path.read_text(), re.M | re.S):
        if language in languages:
            yield text


def command_lines():
    for path in documents():
        if path.name == "cli.md":
            continue
        for block in blocks(path, "sh", "bash"):
            for line in block.splitlines():
                # A comment, and what another program makes of the output.
                line = re.sub(r"\s+#.*", "", line).strip()
                if match := re.search(r"\$\((slam [^)]*)\)", line):
                    yield path.name, match.group(1)
                elif line.startswith("slam "):
                    yield path.name, line
        for line in re.findall(r"`(slam [^`]+)`", re.sub(r"^```.*?^```", "", path.read_text(), flags=re.M | re.S)):
            yield path.name, line


@pytest.mark.parametrize("name, line", sorted(set(command_lines())))
def test_command_lines_of_the_documents_are_understood(machine, tmp_path, name, line):
    words = shlex.split(line)[1:]
    if any("…" in word or word.startswith("<") for word in words):
        pytest.skip("a line with a gap")
    if words[:2] == ["cloud", "start"]:
        words.append("--help")
    # Where there is no project and no cloud, a line that is understood ends there.
    done = subprocess.run(
        [machine.binary, *words], cwd=tmp_path, env=machine.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60,
    )
    understood = [code for code in (0, 1, 2) if code == done.returncode] and "\nUsage:" not in done.stderr
    # Without what a command needs, it tells of it: `slam init` is named, not shown.
    bare = len(words) == 1 and "required arguments were not provided" in done.stderr
    assert understood or bare, (name, line, done.stderr)


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.name)
def test_yaml_of_the_documents_is_accepted(machine, tmp_path, path):
    for number, block in enumerate(blocks(path, "yaml")):
        loaded = yaml.load(block, Loader)
        whole = loaded if "name" in loaded else {"name": "shown", "app": "app:app", "kind": "wsgi", **loaded}
        assert template(machine, tmp_path, f"{number}.yaml", whole) is not None, block
