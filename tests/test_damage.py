"""A store that was lost, exchanged or damaged: nothing is deleted for it, and `slam cloud check` tells and mends."""

import hashlib
import json
import pathlib
import shutil

import botocore.exceptions
import pytest

from conftest import Machine
from functions import create

BODIES = 20


def bodies(machine):
    return sorted(path.name for path in (machine.home / "cloud" / "s3").glob("*/*"))


def packages(machine):
    return sorted(path.name for path in (machine.home / "cloud" / "lambda" / "code").glob("*.zip"))


def store(machine):
    return machine.home / "cloud" / "slam.db"


def check(machine, *arguments, code=0):
    return json.loads(machine.run("cloud", "check", "--json", *arguments, code=code).stdout)


@pytest.fixture
def filled(machine, function_role):
    """A stopped cloud with objects, a function and a table."""
    machine.run("cloud", "start")
    fill(machine, function_role)
    machine.run("cloud", "stop")
    assert len(bodies(machine)) == BODIES and len(packages(machine)) == 1
    return machine


def fill(machine, function_role):
    s3 = machine.client("s3")
    s3.create_bucket(Bucket="things")
    for number in range(BODIES):
        s3.put_object(Bucket="things", Key=f"{number:02}", Body=f"body {number}".encode())
    create(machine, function_role(machine, "here"), "def handler(event, context):\n    return 'here'\n", name="here")
    dynamodb = machine.client("dynamodb")
    dynamodb.create_table(
        TableName="numbers",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    for number in range(BODIES):
        dynamodb.put_item(TableName="numbers", Item={"id": {"S": f"{number}"}})


def assert_all_is_there(machine):
    machine.run("cloud", "start")
    s3 = machine.client("s3")
    for number in range(BODIES):
        assert s3.get_object(Bucket="things", Key=f"{number:02}")["Body"].read() == f"body {number}".encode()
    assert machine.client("lambda").get_function(FunctionName="here")["Configuration"]["FunctionName"] == "here"
    assert machine.client("dynamodb").scan(TableName="numbers")["Count"] == BODIES


@pytest.mark.parametrize("loss", ["emptied", "removed"])
@pytest.mark.parametrize("has_id", [True, False])
def test_a_lost_store_is_no_new_one(filled, loss, has_id):
    """Not even in a folder of an earlier version, which has no id of its store."""
    machine, before = filled, bodies(filled)
    copy = shutil.copy(store(machine), machine.home / "copy.db")
    if not has_id:
        (machine.home / "cloud" / "store.id").unlink()
    store(machine).unlink()
    if loss == "emptied":
        store(machine).touch()
    for _ in range(2):
        told = machine.run("cloud", "start", code=1).stderr
        assert "slam.db is empty or was removed" in told and "slam cloud check --repair" in told
    assert "slam.db is empty or was removed" in check(machine, code=1)[0]["trouble"]
    assert bodies(machine) == before and len(packages(machine)) == 1
    shutil.copy(copy, store(machine))
    assert_all_is_there(machine)


def test_a_store_of_another_cloud_is_refused(filled, tmp_path):
    (tmp_path / "other").mkdir()
    other = Machine(tmp_path / "other")
    other.run("cloud", "start")
    other.run("cloud", "stop")
    shutil.copy(store(filled), filled.home / "copy.db")
    shutil.copy(store(other), store(filled))
    assert "is not the store that the other files" in filled.run("cloud", "start", code=1).stderr
    assert len(bodies(filled)) == BODIES
    shutil.copy(filled.home / "copy.db", store(filled))
    assert_all_is_there(filled)


def test_repair_begins_anew_and_keeps_what_was_there(filled):
    store(filled).unlink()
    (found,) = check(filled, "--repair")
    assert found["mended"]
    assert check(filled) == []
    kept = list((filled.home / "cloud" / "lost").glob("*/s3/*/*"))
    assert len(kept) == BODIES
    filled.run("cloud", "start")
    assert filled.client("s3").list_buckets()["Buckets"] == []
    assert filled.client("dynamodb").list_tables()["TableNames"] == []


def test_check_tells_what_is_missing_and_repair_names_it_no_longer(filled):
    assert check(filled) == []
    cloud = filled.home / "cloud"
    short, gone = sorted((cloud / "s3").glob("*/*"))[:2]
    short.write_bytes(b"")
    gone.unlink()
    next((cloud / "lambda" / "code").glob("*.zip")).write_bytes(b"something else")
    found = check(filled, code=1)
    assert [it["mended"] for it in found] == [False] * 3
    objects = [it for it in found if it["what"].startswith("s3://things/")]
    assert sorted(it["trouble"].split(" and ")[0] for it in objects) == ["its body has 0 bytes", "its body is not there"]
    assert [it["trouble"].split("/")[-1][64:] for it in found if "function here" in it["what"]] == [".zip is not what was sent"]
    # A package cannot be mended: only its owner has it.
    assert [it["mended"] for it in check(filled, "--repair", code=1)] == [True, True, False]
    (left,) = check(filled, code=1)
    assert left["remedy"] == "deploy it again"
    filled.run("cloud", "start")
    keys = [it["Key"] for it in filled.client("s3").list_objects_v2(Bucket="things")["Contents"]]
    assert len(keys) == BODIES - 2


def test_lost_tables_are_not_empty_tables(filled):
    (file,) = (filled.home / "cloud" / "dynamodb").glob("*/*.db")
    copy = shutil.copy(file, filled.home / "tables.db")
    file.unlink()
    filled.run("cloud", "start")
    with pytest.raises(botocore.exceptions.ClientError, match="is empty or was removed: put it back from a copy"):
        filled.client("dynamodb").list_tables()
    filled.run("cloud", "stop")
    assert "it is empty or was removed" in check(filled, code=1)[0]["trouble"]
    shutil.copy(copy, file)
    assert check(filled) == []
    assert_all_is_there(filled)


def test_a_damaged_store_is_told_and_saved(filled):
    damage(store(filled))
    (found,) = check(filled, code=1)
    assert found["what"].endswith("slam.db") and "the database is damaged" in found["trouble"]
    (found, *_) = check(filled, "--repair")
    assert "rows were saved" in found["remedy"]
    assert check(filled) == []
    filled.run("cloud", "start")
    # Every body that a row still names is there, and the bucket.
    s3 = filled.client("s3")
    keys = [it["Key"] for it in s3.list_objects_v2(Bucket="things").get("Contents", [])]
    for key in keys:
        assert s3.get_object(Bucket="things", Key=key)["Body"].read() == f"body {int(key)}".encode()
    assert filled.client("dynamodb").scan(TableName="numbers")["Count"] == BODIES


def test_what_is_no_database_is_told_with_the_remedy(filled):
    content = store(filled).read_bytes()
    store(filled).write_bytes(b"\xa5" * 100 + content[100:])
    told = filled.run("cloud", "start", code=1).stderr
    assert "slam.db" in told and "slam cloud check" in told
    store(filled).write_bytes(content)
    assert_all_is_there(filled)


def test_a_running_cloud_is_not_checked(machine):
    machine.run("cloud", "start")
    assert "slam cloud stop" in machine.run("cloud", "check", code=1).stderr


def test_a_home_without_data_is_whole(machine):
    assert check(machine) == []


def damage(file: pathlib.Path):
    """Overwrites the page that has most of the objects' rows: they have the MD5 of the bodies."""
    etags = [hashlib.md5(f"body {number}".encode()).hexdigest().encode() for number in range(BODIES)]
    content = bytearray(file.read_bytes())
    rows = {at: sum(etag in content[at : at + 4096] for etag in etags) for at in range(0, len(content), 4096)}
    worst = max(rows, key=rows.get)
    assert rows[worst] > 1
    content[worst : worst + 4096] = b"\xa5" * 4096
    file.write_bytes(content)
