"""Every property of every resource type is refused by its name, stands in `stack_properties/`, or has its reason not to.

Generated from the registry's schemas, in which each property has its path. Those in `made.yaml` and `changed.yaml` are seen
in what the services answer (`test_stack_properties.py`); the others are sent, and only `unwritten.txt` may let one be taken.
"""

import copy
import functools
import json
import pathlib
import re

import pytest
from awscli.customizations.cloudformation.yamlhelper import yaml_parse
from botocore.exceptions import ClientError
from conftest import ROOT

FOLDER = pathlib.Path(__file__).resolve().parent / "stack_properties"
MADE = yaml_parse((FOLDER / "made.yaml").read_text())
SCHEMAS = {
    schema["typeName"]: schema
    for schema in (json.loads(path.read_text()) for path in sorted((ROOT / "cloud/cloudformation/schemas").glob("AWS-*.json")))
}

# What a schema's patterns and requirements ask for, by property; of a tuple what fits the pattern.
VALUES = {
    "Arn": (f"arn:aws:elasticfilesystem:us-east-1:000000000000:access-point/fsap-{'0' * 17}", "arn:aws:sqs:us-east-1:000000000000:kept"),
    "CapacityProviderArn": "arn:aws:lambda:us-east-1:000000000000:capacity-provider:kept",
    "CodeSigningConfigArn": f"arn:aws:lambda:us-east-1:000000000000:code-signing-config:csc-{'a' * 17}",
    "EventSourceName": "aws.partner/kept/kept",
    "KafkaBootstrapServers": ["kept:9092"],
    "KmsKeyArn": "arn:aws:kms:us-east-1:000000000000:key/kept",
    "KmsKeyId": "arn:aws:kms:us-east-1:000000000000:key/kept",
    "LocalMountPath": "/mnt/kept",
    "OutputSchemaVersion": "V_1",
    "PrincipalOrgID": "o-abcdefghij",
    "ResourceAssociationArn": f"arn:aws:vpc-lattice:us-east-1:000000000000:servicenetworkresourceassociation/snra-{'0' * 17}",
    "ResourceConfigurationArn": f"arn:aws:vpc-lattice:us-east-1:000000000000:resourceconfiguration/rcfg-{'0' * 17}",
    "RoutingRuleCondition": {"KeyPrefixEquals": "kept"},
    "SecretManagerArn": "arn:aws:secretsmanager:us-east-1:000000000000:secret:kept",
    "RuntimeVersionArn": "arn:aws:lambda:us-east-1::runtime:kept",
    "TargetObjectKeyFormat": {"SimplePrefix": {}},
    "Topics": ["kept"],
    "TransitionDate": "2030-01-01T00:00:00.000Z",
    "URI": "arn:aws:secretsmanager:us-east-1:000000000000:secret:kept",
    "WarmThroughput": {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000},
}


# What fits patterns that letters alone do not.
TEXTS = ("abc", "arn:aws:lambda:us-east-1:000000000000:function:kept", "kept@example.com", "{####}", "{##kept##}")


def resolved(schema, node):
    """What a node refers to; of alternatives the first."""
    while "$ref" in node or not {"type", "properties"} & node.keys() and {"oneOf", "anyOf"} & node.keys():
        alternatives = node.get("oneOf") or node.get("anyOf")
        node = schema["definitions"][node["$ref"].rpartition("/")[2]] if "$ref" in node else alternatives[0]
    return node


def members(schema, node):
    """The properties of an object, or of a list's elements: name → node."""
    node = resolved(schema, node)
    if "items" in node:
        return members(schema, node["items"])
    found = dict(node.get("properties", {}))
    for one in (*node.get("oneOf", ()), *node.get("anyOf", ())):
        found |= members(schema, one)
    return found


def paths(schema, node, path=(), within=()):
    """The paths of all properties beneath a node."""
    for name, inner in members(schema, node).items():
        if inner not in within:
            yield (*path, name)
            yield from paths(schema, inner, (*path, name), (*within, inner))


def said(value, path=()):
    """The paths of what a template's resource has."""
    for each in value if isinstance(value, list) else [value]:
        for name, inner in each.items() if isinstance(each, dict) else ():
            yield (*path, name)
            yield from said(inner, (*path, name))


@functools.cache
def written():
    """The properties of each type in the templates."""
    found = {}
    for name in ("made", "changed", "bare", "inner"):
        for resource in yaml_parse((FOLDER / f"{name}.yaml").read_text())["Resources"].values():
            found.setdefault(resource["Type"], set()).update(said(resource.get("Properties", {})))
    return found


def unwritten(kind):
    """Paths of a type's properties that `unwritten.txt` gives a reason for."""
    for line in (FOLDER / "unwritten.txt").read_text().splitlines():
        if line.startswith(f"{kind} "):
            yield from (tuple(path.split(".")) for path in line.split(" ")[1].rstrip(":").split(","))


def value(schema, node, name):
    """A value that a node allows."""
    node = resolved(schema, node)
    if isinstance(VALUES.get(name), tuple):
        return next(one for one in VALUES[name] if re.search(node.get("pattern", ""), one))
    if name in VALUES:
        return VALUES[name]
    if "enum" in node:
        return node["enum"][-1]
    if "items" in node:
        return [value(schema, node["items"], name)]
    kind = node.get("type", "object")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        required = [one for one in node.get("required", ()) if one in node.get("properties", {})]
        return {one: value(schema, node["properties"][one], one) for one in required}
    if kind == "string":
        return text(node)
    return {"boolean": True}.get(kind, max(node.get("minimum", 1), 1))


def text(node):
    """A text as long as it must be, or the first of some that fits the pattern."""
    pattern, plain = re.sub(r"\\p\{\w+\}", r"\\S", node.get("pattern", "")), "k" * node.get("minLength", 1)
    try:
        return next((one for one in (plain, *TEXTS) if re.search(pattern, one)), plain)
    except re.error:
        return plain


def having(schema, node, path, current):
    """A value with a property at a path: one of its own, in what is there."""
    node = resolved(schema, node)
    if "items" in node:
        first, *others = current if isinstance(current, list) and current else [None]
        return [having(schema, node["items"], path, first), *others]
    here = dict(current) if isinstance(current, dict) else value(schema, node, "")
    inner = members(schema, node)[path[0]]
    here[path[0]] = having(schema, inner, path[1:], here.get(path[0])) if path[1:] else value(schema, inner, path[0])
    return here


def needed(names):
    """The resources of the template that some resources need, and they."""
    found, ahead = {}, list(names)
    while ahead:
        name = ahead.pop()
        if name in MADE["Resources"] and name not in found:
            found[name] = copy.deepcopy(MADE["Resources"][name])
            ahead += re.findall(r"\w+", json.dumps(found[name], default=str))
    return found


def refused(cloudformation, kind, some):
    """What a template is told that has some properties beside what a resource of their type has there."""
    candidates = [name for name, resource in MADE["Resources"].items() if resource["Type"] == kind]
    top = {path[0] for path in some}
    name = max(candidates, key=lambda name: len(top & MADE["Resources"][name].get("Properties", {}).keys()))
    resources, schema = needed([name]), SCHEMAS[kind]
    for path in some:
        resources[name]["Properties"] = having(schema, schema, path, resources[name].get("Properties"))
    template = json.dumps({"Resources": resources}, default=str)
    change = {"StackName": "every-property", "ChangeSetName": "c", "ChangeSetType": "CREATE", "Capabilities": ["CAPABILITY_NAMED_IAM"]}
    try:
        cloudformation.create_change_set(**change, TemplateBody=template)
    except ClientError as error:
        return error.response["Error"]["Message"]
    cloudformation.delete_stack(StackName="every-property")
    return ""


def is_named(path, message):
    """Whether a property, or one that it is in, is refused by its path, or by its name among other words."""
    paths = [tuple(re.sub(r"/(\d+|\*)(?=/|$)", "", one).split("/")) for one in re.findall(r"\{/([^}]*)\} is not supported", message)]
    others = re.sub(r"The property \{[^}]*\} is not supported[^,\]]*", "", message)
    among = "is not supported by the embedded cloud" in others and re.search(rf"\b{path[-1]}\b", others)
    return any(path[: len(one)] == one for one in paths) or bool(among)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_every_property_is_written_or_refused(shared_machine, kind):
    schema, cloudformation = SCHEMAS[kind], shared_machine.client("cloudformation")
    told = [tuple(part for part in path.split("/")[2:] if part != "*") for path in schema.get("readOnlyProperties", ())]
    absent = [path for path in dict.fromkeys(paths(schema, schema)) if not any(path[: len(one)] == one for one in told)]
    absent = [path for path in absent if path not in written().get(kind, ())]
    known, taken = set(unwritten(kind)), {}
    for name in dict.fromkeys(path[0] for path in absent):
        group = [path for path in absent if path[0] == name]
        together = refused(cloudformation, kind, [path for path in group if path not in known])
        for path in group:
            if path in known or not is_named(path, together):
                message = refused(cloudformation, kind, [path])
                if not is_named(path, message):
                    taken[path] = message
    missing = [f"{kind} {'.'.join(path)}: {message or 'taken'}" for path, message in taken.items() if path not in known]
    assert not missing, "\n".join(["neither in made.yaml or changed.yaml, nor refused, nor in unwritten.txt:", *missing])
    assert known == taken.keys(), f"in unwritten.txt without need: {known - taken.keys()}"
