"""The variables whose values are kept in Parameter Store or Secrets Manager, read when a process starts.

``SLAM_SECRETS`` says where each is kept, as ``secrets`` of slam.yaml does::

    {"DATABASE_URL": "ssm:/tasks/database", "API_KEY": "secretsmanager:tasks/key#key"}

A stage that has others has a variable of that name among its own in ``SLAM_STAGES``.
No value is in the template, the function's configuration, a log or an error: only
here, and in the environment of the application.

They are read with botocore, which Lambda's runtimes have, or the package.
"""

import contextlib
import json
import os

# https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_GetParameters.html
_AT_ONCE = 10
# Lambda ends an init phase after ten seconds: what cannot be reached is to be told before that.
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
_CONNECT_SECONDS, _READ_SECONDS, _ATTEMPTS = 1.5, 2, 2


class SecretsError(Exception):
    """Secrets that cannot be read. It names variables and places, and never a value."""


def read(text):
    """The variables and their values, from the text of ``SLAM_SECRETS``."""
    places = json.loads(text)
    values, faults = {}, {}
    for source, fetch in (("ssm", _parameters), ("secretsmanager", _secrets)):
        wanted = [place for place in dict.fromkeys(places.values()) if place.partition(":")[0] == source]
        try:
            if wanted:
                fetch(wanted, values, faults)
        except SecretsError as error:
            # What asks the other one, too, may take longer than there is time.
            faults.update(dict.fromkeys(wanted, str(error)))
            break
    variables = {}
    for variable, place in places.items():
        if place in values and not _can_be_set(values[place]):
            faults[place] = "it has characters that no environment variable can have"
        if place in faults:
            variables.setdefault(faults[place], []).append(f"{variable} ({place})")
    if faults:
        told = "; ".join(f"{', '.join(names)}: {why}" for why, names in variables.items())
        raise SecretsError(f"slam: secrets cannot be read: {told}")
    return {variable: values[place] for variable, place in places.items()}


def _parameters(places, values, faults):
    """Read the parameters that are named ``ssm:name``, ``ssm:name:version`` or ``ssm:name:label``."""
    with _client("ssm") as client:
        for start in range(0, len(places), _AT_ONCE):
            # `name` and `/name` are one parameter, and may be answered either way.
            wanted = {}
            for place in places[start : start + _AT_ONCE]:
                wanted.setdefault(place.partition(":")[2].lstrip("/"), []).append(place)
            names = [of_name[0].partition(":")[2] for of_name in wanted.values()]
            answer = _call("Parameter Store", client.get_parameters, Names=names, WithDecryption=True)
            found = {}
            for parameter in answer["Parameters"]:
                found[(parameter["Name"] + parameter.get("Selector", "")).lstrip("/")] = parameter["Value"]
            for name, of_name in wanted.items():
                if name in found:
                    values.update(dict.fromkeys(of_name, found[name]))
                else:
                    faults.update(dict.fromkeys(of_name, f"there is no such parameter in {client.meta.region_name}"))


def _secrets(places, values, faults):
    """Read the secrets that are named ``secretsmanager:name``, or ``secretsmanager:name#key`` for a part of one."""
    wanted = {}
    for place in places:
        name, _, key = place.partition(":")[2].partition("#")
        wanted.setdefault(name, []).append((place, key))
    with _client("secretsmanager") as client:
        missing = client.exceptions.ResourceNotFoundException
        for name, parts in wanted.items():
            try:
                answer = _call("Secrets Manager", client.get_secret_value, missing, SecretId=name)
            except missing:
                why = f"there is no such secret in {client.meta.region_name}, or it has no value"
                faults.update((place, why) for place, _ in parts)
                continue
            for place, key in parts:
                try:
                    values[place] = _part(answer.get("SecretString"), key)
                except LookupError as error:
                    faults[place] = error.args[0]


def _part(text, key):
    if text is None:
        raise LookupError("the secret is binary, and an environment variable is text")
    if not key:
        return text
    try:
        parts = json.loads(text)
    except ValueError:
        parts = None
    if not isinstance(parts, dict):
        # Told out here, as the exception above has the text.
        raise LookupError(f"the secret is no JSON object that could have a {key!r}")
    value = parts.get(key)
    if value is None:
        raise LookupError(f"the secret has no {key!r}")
    return value if isinstance(value, str) else json.dumps(value)


@contextlib.contextmanager
def _client(service):
    # Late, and only where there are secrets: it is much to import.
    try:
        import botocore.session
        from botocore.config import Config
    except ImportError as error:
        raise SecretsError(f"{error}: add boto3 to the project's dependencies") from None

    retries = {"mode": "standard", "total_max_attempts": _ATTEMPTS}
    config = Config(connect_timeout=_CONNECT_SECONDS, read_timeout=_READ_SECONDS, retries=retries)
    session = botocore.session.Session()
    client = session.create_client(service, region_name=os.environ.get("AWS_REGION"), config=config)
    try:
        yield client
    finally:
        # Older ones of the package's own close no connections.
        getattr(client, "close", bool)()


def _call(service, operation, answers=(), **arguments):
    """What ``operation`` answers; errors are told as the service's, but for those in ``answers``."""
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return operation(**arguments)
    except answers:
        raise
    except ClientError as error:
        denied = error.response["Error"].get("Code") == "AccessDeniedException"
        raise SecretsError(f"{error}{_DENIED if denied else ''}") from None
    except BotoCoreError as error:
        raise SecretsError(f"{service} cannot be reached: {error}{_UNREACHABLE}") from None


_DENIED = (
    ". `slam deploy` lets the function's role read what slam.yaml names; for a key of KMS of your own, `permissions` "
    "needs kms:Decrypt"
)
_UNREACHABLE = ". From a VPC it is reached by an interface endpoint of that service, or a NAT gateway"


def _can_be_set(value):
    if "\0" in value:
        return False
    try:
        os.fsencode(value)
    except UnicodeEncodeError:
        return False
    return True
