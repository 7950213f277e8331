"""Nothing is lost or overwritten without a word: tables that leave slam.yaml, projects of one name, deletions."""

import json
import re

import pytest
from test_tutorials import everything_left

APP = "def tell():\n    return 'here'\n"


def slam_yaml(folder, tables="", name="ledger", app="ledger:tell", more=""):
    tables = f"tables:\n{tables}" if tables else ""
    (folder / "slam.yaml").write_text(f"name: {name}\napp: {app}\n{more}{tables}")


TASKS = "  tasks: {attributes: {id: S}, key: id}\n"
NOTES = "  notes: {attributes: {id: S, at: N}, key: [id, at]}\n"


@pytest.fixture
def ledger(tmp_path):
    folder = tmp_path / "ledger"
    folder.mkdir()
    (folder / "ledger.py").write_text(APP)
    slam_yaml(folder, TASKS)
    return folder


def fill(machine, table, count=3, **more):
    client = machine.client("dynamodb")
    for number in range(count):
        item = {"id": {"S": f"item-{number}"}, **more}
        client.put_item(TableName=table, Item=item)


def ids(machine, table):
    items = machine.client("dynamodb").scan(TableName=table)["Items"]
    return sorted(item["id"]["S"] for item in items)


def policies(machine, stack="ledger"):
    template = machine.client("cloudformation").get_template(StackName=stack)["TemplateBody"]
    template = template if isinstance(template, dict) else json.loads(template)
    tables = {id: one for id, one in template["Resources"].items() if one["Type"] == "AWS::DynamoDB::Table"}
    return {id: (one.get("DeletionPolicy"), one.get("UpdateReplacePolicy")) for id, one in tables.items()}


def test_a_table_that_leaves_stays_and_comes_back_with_its_items(machine, ledger):
    machine.run("deploy", cwd=ledger)
    assert policies(machine) == {"DevTasksDynamoDBTable": ("RetainExceptOnCreate", "Retain")}
    fill(machine, "dev.tasks")

    slam_yaml(ledger)
    said = machine.run("deploy", cwd=ledger).stderr
    assert said.count("dev.tasks with 3 items") == 1
    assert "left behind: the table dev.tasks with 3 items; `slam deploy --delete-data tasks` deletes it" in said
    # What CloudFormation skipped is not said to be deleted.
    assert "DevTasksDynamoDBTable kept" in said and "DevTasksDynamoDBTable deleted" not in said
    assert policies(machine) == {}
    assert ids(machine, "dev.tasks") == ["item-0", "item-1", "item-2"]
    assert machine.json("status", cwd=ledger)["stacks"][0]["left_behind"] == [{"table": "dev.tasks", "items": 3}]
    assert "left behind: the table dev.tasks with 3 items" in machine.run("status", cwd=ledger).stdout
    # It is remembered by the stack, and only there: a deployment of other things does not forget it.
    (ledger / "ledger.py").write_text(APP.replace("here", "there"))
    machine.run("deploy", cwd=ledger)
    assert machine.json("status", cwd=ledger)["stacks"][0]["left_behind"] == [{"table": "dev.tasks", "items": 3}]

    # Back again, with an index that it did not have.
    slam_yaml(ledger, TASKS.replace("id: S}", "id: S, owner: S}").replace(
        "key: id", "key: id, global_secondary_indexes: {by_owner: {key: owner}}"))
    said = machine.run("deploy", cwd=ledger).stderr
    assert "taken in again: table dev.tasks with 3 items" in said
    assert ids(machine, "dev.tasks") == ["item-0", "item-1", "item-2"]
    assert machine.json("status", cwd=ledger)["stacks"][0]["left_behind"] == []
    table = machine.client("dynamodb").describe_table(TableName="dev.tasks")["Table"]
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["by_owner"]
    machine.run("deploy", cwd=ledger)
    machine.run("delete", "--yes", cwd=ledger)
    assert everything_left(machine) == {}


COUNTS = """\
import os
import boto3

def tell():
    return boto3.client("dynamodb").scan(TableName=os.environ["TABLE_TASKS"])["Count"] if "TABLE_TASKS" in os.environ else "none"
"""


def test_a_published_version_goes_on_with_a_table_that_left(machine, ledger):
    (ledger / "ledger.py").write_text(COUNTS)
    stages = "stages: {dev: {}, prod: {}}\n"
    slam_yaml(ledger, TASKS + NOTES, more=stages)
    machine.run("deploy", cwd=ledger)
    machine.run("publish", "prod", cwd=ledger)
    fill(machine, "prod.tasks", 2)
    says = lambda stage: machine.run("invoke", "--stage", stage, cwd=ledger).stdout.strip()
    assert (says("dev"), says("prod")) == ("0", "2")
    # The newest code has no such table any more; what is published was made with it, and is not touched.
    for left in (NOTES, ""):
        slam_yaml(ledger, left, more=stages)
        machine.run("deploy", cwd=ledger)
        assert (says("dev"), says("prod")) == ("none", "2")
    slam_yaml(ledger, TASKS, more=stages)
    machine.run("deploy", cwd=ledger)
    assert (says("dev"), says("prod")) == ("0", "2")
    slam_yaml(ledger, "", more=stages)
    said = machine.run("deploy", "--delete-data", "tasks,notes", "--yes", cwd=ledger).stderr
    assert "version 1 is published to prod, and fails if it uses what goes" in said and "published to dev" not in said
    template = machine.client("cloudformation").get_template(StackName="ledger")["TemplateBody"]
    assert "prod.tasks" not in json.dumps(template)


def test_a_stage_that_leaves_keeps_its_tables(machine, ledger):
    slam_yaml(ledger, TASKS, more="stages: {dev: {}, beta: {}}\n")
    machine.run("deploy", cwd=ledger)
    fill(machine, "beta.tasks", 1)
    slam_yaml(ledger, TASKS)
    said = machine.run("deploy", cwd=ledger).stderr
    assert "beta is not in slam.yaml any more" not in said, "nothing was published to it, so it did not answer yet"
    assert "left behind: the table beta.tasks with 1 item;" in said
    assert ids(machine, "beta.tasks") == ["item-0"]
    # One stage's data can be meant alone.
    machine.run("deploy", "--delete-data", "beta.tasks", "--yes", cwd=ledger)
    assert machine.client("dynamodb").list_tables()["TableNames"] == ["dev.tasks"]


def test_a_stage_that_answers_does_not_leave_unsaid(machine, ledger):
    slam_yaml(ledger, TASKS, more="stages: {dev: {}, prod: {}}\n")
    machine.run("deploy", cwd=ledger)
    machine.run("publish", "prod", cwd=ledger)
    slam_yaml(ledger, TASKS)
    said = machine.run("deploy", cwd=ledger).stderr
    assert "prod is not in slam.yaml any more: its URL and the version that is published there go, its tables stay" in said
    assert "left behind: the table prod.tasks" in said


def test_a_left_behind_table_that_somebody_deleted_is_not_listed(machine, ledger):
    machine.run("deploy", cwd=ledger)
    slam_yaml(ledger)
    machine.run("deploy", cwd=ledger)
    machine.client("dynamodb").delete_table(TableName="dev.tasks")
    assert machine.json("status", cwd=ledger)["stacks"][0]["left_behind"] == []
    # And it is made anew when it comes back.
    slam_yaml(ledger, TASKS)
    machine.run("deploy", cwd=ledger)
    assert ids(machine, "dev.tasks") == []


def test_deleting_data_is_a_decision(machine, ledger):
    slam_yaml(ledger, TASKS + NOTES)
    machine.run("deploy", cwd=ledger)
    fill(machine, "dev.tasks")
    fill(machine, "dev.notes", 2, at={"N": "1"})
    refused = machine.run("deploy", "--delete-data", "tasks", "--yes", cwd=ledger, code=1)
    assert "slam.yaml has that table" in refused.stderr
    unknown = machine.run("deploy", "--delete-data", "nothing", "--yes", cwd=ledger, code=2)
    assert "no table `nothing` leaves slam.yaml or was left behind" in unknown.stderr

    slam_yaml(ledger)
    asked = machine.run("deploy", "--delete-data", "tasks", cwd=ledger, code=1)
    assert "the table dev.tasks with 3 items will be gone for good" in asked.stderr
    assert "give --yes" in asked.stderr
    assert ids(machine, "dev.tasks") == ["item-0", "item-1", "item-2"]
    said = machine.run("deploy", "--delete-data", "tasks", "--yes", cwd=ledger).stderr
    assert "deleted: table dev.tasks with 3 items" in said
    assert "left behind: the table dev.notes with 2 items" in said
    assert machine.client("dynamodb").list_tables()["TableNames"] == ["dev.notes"]
    # What was left behind before can be deleted later.
    machine.run("deploy", "--delete-data", "notes", "--yes", cwd=ledger)
    assert machine.client("dynamodb").list_tables()["TableNames"] == []
    assert machine.json("status", cwd=ledger)["stacks"][0]["left_behind"] == []
    machine.run("deploy", cwd=ledger)


def test_a_decision_that_was_not_carried_out_is_taken_back(machine, ledger):
    """The policy was deployed, and then the machine went off: the next deployment asks nobody and deletes nothing."""
    machine.run("deploy", cwd=ledger)
    fill(machine, "dev.tasks", 1)
    cloudformation = machine.client("cloudformation")
    template = cloudformation.get_template(StackName="ledger")["TemplateBody"]
    template = template if isinstance(template, dict) else json.loads(template)
    template["Resources"]["DevTasksDynamoDBTable"]["DeletionPolicy"] = "Delete"
    stack = cloudformation.describe_stacks(StackName="ledger")["Stacks"][0]
    cloudformation.update_stack(
        StackName="ledger",
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": p["ParameterKey"], "UsePreviousValue": True} for p in stack["Parameters"]],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        Tags=stack["Tags"],
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName="ledger", WaiterConfig={"Delay": 1})
    slam_yaml(ledger)
    machine.run("deploy", cwd=ledger)
    assert ids(machine, "dev.tasks") == ["item-0"]


def test_an_older_stack_keeps_its_tables_too(machine, ledger):
    """As it was deployed before there were policies: they come with the next deployment, also for a table that leaves."""
    machine.run("deploy", cwd=ledger)
    fill(machine, "dev.tasks", 1)
    cloudformation = machine.client("cloudformation")
    template = cloudformation.get_template(StackName="ledger")["TemplateBody"]
    template = template if isinstance(template, dict) else json.loads(template)
    for attribute in ("DeletionPolicy", "UpdateReplacePolicy", "Metadata"):
        del template["Resources"]["DevTasksDynamoDBTable"][attribute]
    stack = cloudformation.describe_stacks(StackName="ledger")["Stacks"][0]
    cloudformation.update_stack(
        StackName="ledger",
        TemplateBody=json.dumps(template),
        Parameters=[{"ParameterKey": p["ParameterKey"], "UsePreviousValue": True} for p in stack["Parameters"]],
        Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"],
        Tags=[],
    )
    cloudformation.get_waiter("stack_update_complete").wait(StackName="ledger", WaiterConfig={"Delay": 1})
    slam_yaml(ledger)
    assert "left behind: the table dev.tasks with 1 item;" in machine.run("deploy", cwd=ledger).stderr
    assert ids(machine, "dev.tasks") == ["item-0"]


def test_a_table_is_never_replaced_unsaid(machine, ledger):
    machine.run("deploy", cwd=ledger)
    fill(machine, "dev.tasks")
    cloudformation = machine.client("cloudformation")
    before = len(cloudformation.describe_stack_events(StackName="ledger")["StackEvents"])
    for tables, what in [
        (TASKS.replace("id: S", "id: N"), "the attribute id of type S would become N"),
        (TASKS.replace("id", "number"), "the key id would become number"),
        (TASKS.replace("id: S}, key: id", "id: S, at: N}, key: [id, at]"), "the key id would become id, at"),
    ]:
        slam_yaml(ledger, tables)
        refused = machine.run("deploy", cwd=ledger, code=2).stderr
        assert "the table dev.tasks with 3 items would have to be made anew" in refused
        assert what in refused
        assert re.search(r"slam\.yaml:\d+:\d+", refused) and "--delete-data tasks" in refused
    assert len(cloudformation.describe_stack_events(StackName="ledger")["StackEvents"]) == before
    # The way out that the hint names.
    slam_yaml(ledger)
    machine.run("deploy", "--delete-data", "tasks", "--yes", cwd=ledger)
    slam_yaml(ledger, TASKS.replace("id: S", "id: N"))
    machine.run("deploy", cwd=ledger)
    kinds = machine.client("dynamodb").describe_table(TableName="dev.tasks")["Table"]["AttributeDefinitions"]
    assert kinds == [{"AttributeName": "id", "AttributeType": "N"}]


def test_what_was_left_behind_comes_back_only_as_it_is(machine, ledger):
    machine.run("deploy", cwd=ledger)
    fill(machine, "dev.tasks", 1)
    slam_yaml(ledger)
    machine.run("deploy", cwd=ledger)
    slam_yaml(ledger, TASKS.replace("id: S", "id: N"))
    refused = machine.run("deploy", cwd=ledger, code=2).stderr
    assert "the attribute id of type S would become N" in refused
    assert ids(machine, "dev.tasks") == ["item-0"]


def test_a_deletion_counts_and_can_keep_the_data(machine, ledger):
    slam_yaml(ledger, TASKS, more="resources: {Files: {Type: AWS::S3::Bucket, Properties: {BucketName: ledger-files, "
              "VersioningConfiguration: {Status: Enabled}}}}\n")
    machine.run("deploy", cwd=ledger)
    fill(machine, "dev.tasks", 4)
    s3 = machine.client("s3")
    for _ in range(2):
        s3.put_object(Bucket="ledger-files", Key="one", Body=b"1")
    asked = machine.run("delete", cwd=ledger, code=1).stderr
    # The bucket with slam's own packages is not among what is counted; both versions of the object are.
    assert "among them 1 table with 4 items and 1 bucket with 2 objects; these will be gone for good" in asked

    asked = machine.run("delete", "--keep-data", cwd=ledger, code=1).stderr
    assert "among them 1 bucket with 2 objects; these will be gone for good" in asked
    said = machine.run("delete", "--keep-data", "--yes", cwd=ledger).stderr
    assert "kept, because the template says so: DevTasksDynamoDBTable (dev.tasks)" in said or "dev.tasks" in said
    assert everything_left(machine) == {"tables": ["dev.tasks"]}
    # The next deployment takes the data in again: its tags say whose it is.
    said = machine.run("deploy", cwd=ledger).stderr
    assert "taken in again: table dev.tasks with 4 items" in said
    assert len(ids(machine, "dev.tasks")) == 4
    machine.run("delete", "--yes", cwd=ledger)
    assert everything_left(machine) == {}


def test_a_deletion_takes_what_was_left_behind(machine, ledger):
    machine.run("deploy", cwd=ledger)
    fill(machine, "dev.tasks", 2)
    slam_yaml(ledger)
    machine.run("deploy", cwd=ledger)
    assert "1 table with 2 items" in machine.run("delete", cwd=ledger, code=1).stderr
    machine.run("delete", "--yes", cwd=ledger)
    assert everything_left(machine) == {}


def test_a_bucket_that_shall_stay_is_not_emptied(machine, ledger):
    slam_yaml(ledger, more="resources: {Files: {Type: AWS::S3::Bucket, DeletionPolicy: Retain, "
              "Properties: {BucketName: ledger-files}}}\n")
    machine.run("deploy", cwd=ledger)
    machine.client("s3").put_object(Bucket="ledger-files", Key="one", Body=b"1")
    assert "bucket" not in machine.run("delete", cwd=ledger, code=1).stderr.split("gone for good")[0]
    machine.run("delete", "--yes", cwd=ledger)
    assert machine.client("s3").get_object(Bucket="ledger-files", Key="one")["Body"].read() == b"1"


def test_somebody_elses_table_is_not_taken(machine, ledger):
    machine.run("cloud", "start")
    machine.client("dynamodb").create_table(
        TableName="dev.tasks",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    refused = machine.run("deploy", cwd=ledger, code=1).stderr
    assert "the table dev.tasks exists already, and no project of slam's has made it" in refused
    assert everything_left(machine) == {"tables": ["dev.tasks"]}


def test_a_table_of_another_project_is_not_taken(machine, tmp_path, ledger):
    other = tmp_path / "other"
    other.mkdir()
    (other / "other.py").write_text(APP)
    slam_yaml(other, TASKS, name="other", app="other:tell", more="id: other-1\n")
    machine.run("deploy", cwd=other)
    fill(machine, "dev.tasks", 1)
    refused = machine.run("deploy", cwd=ledger, code=1).stderr
    assert "the table dev.tasks belongs to another project: other (app other:tell, id other-1)" in refused
    assert "this one is ledger (app ledger:tell, no id)" in refused
    machine.run("delete", "--keep-data", "--yes", cwd=other)
    machine.run("deploy", cwd=ledger, code=1)
    assert ids(machine, "dev.tasks") == ["item-0"]


def test_init_names_the_project_after_its_folder_and_gives_it_an_id(machine, tmp_path):
    seen = set()
    for name in ("Shop_1", "shop-2"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "app.py").write_text("def app():\n    return 1\n")
        machine.run("init", "app:app", cwd=folder)
        text = (folder / "slam.yaml").read_text()
        assert f"name: {name.replace('_', '-')}\n" in text
        seen.add(re.search(r"^id: ([a-z][0-9a-z]{11})$", text, re.M).group(1))
    assert len(seen) == 2


TWO = ["first", "second"]


def two_projects(tmp_path, ids, apps=("app:app", "app:app")):
    folders = []
    for folder, id, app in zip(TWO, ids, apps):
        folder = tmp_path / folder
        folder.mkdir()
        (folder / "app.py").write_text("def app():\n    return 'app'\n\n\ndef other():\n    return 'other'\n")
        slam_yaml(folder, name="twins", app=app, more=f"id: {id}\n" if id else "")
        folders.append(folder)
    return folders


@pytest.mark.parametrize("command", [["deploy"], ["publish", "dev"], ["delete", "--yes"], ["status"], ["logs"], ["invoke"]])
def test_two_projects_of_one_name(shared_machine, tmp_path, command):
    machine = shared_machine
    first, second = two_projects(tmp_path, ("one-1", "two-2"))
    machine.run("deploy", cwd=first)
    refused = machine.run(*command, cwd=second, code=1).stderr
    assert "the stack twins belongs to another project: twins (app app:app, id one-1)" in refused
    assert "this one is twins (app app:app, id two-2)" in refused
    assert "`id: one-1`" in refused
    machine.run("deploy", cwd=first)
    machine.run("delete", "--yes", cwd=first)


@pytest.mark.parametrize(
    "ids, apps, code, hint",
    [
        (("one-1", "one-1"), ("app:app", "app:other"), 0, ""),
        (("one-1", ""), ("app:app", "app:app"), 1, "add `id: one-1` to slam.yaml"),
        (("", "two-2"), ("app:app", "app:app"), 0, ""),
        (("", "two-2"), ("app:app", "app:other"), 1, "--take-over"),
        (("", ""), ("app:app", "app:app"), 0, ""),
        (("", ""), ("app:app", "app:other"), 1, "--take-over"),
    ],
)
def test_where_ids_are_missing(shared_machine, tmp_path, ids, apps, code, hint):
    machine = shared_machine
    first, second = two_projects(tmp_path, ids, apps)
    machine.run("deploy", cwd=first)
    said = machine.run("deploy", cwd=second, code=code).stderr
    assert hint in said
    if "--take-over" in hint:
        machine.run("deploy", "--take-over", cwd=second)
        assert machine.run("invoke", cwd=second).stdout.strip() == "other"
        code = 0
    tags = machine.client("cloudformation").describe_stacks(StackName="twins")["Stacks"][0]["Tags"]
    tags = {tag["Key"]: tag["Value"] for tag in tags}
    assert tags.get("slam:project", "") == (ids[0] or ids[1])
    machine.run("delete", "--yes", cwd=second if code == 0 else first)


def test_a_stack_that_slam_did_not_make_is_left_alone(machine, ledger):
    machine.run("cloud", "start")
    template = json.dumps({"Resources": {"Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "theirs"}}}})
    cloudformation = machine.client("cloudformation")
    cloudformation.create_stack(StackName="ledger", TemplateBody=template)
    cloudformation.get_waiter("stack_create_complete").wait(StackName="ledger", WaiterConfig={"Delay": 1})
    for command in (["deploy"], ["delete", "--yes"], ["status"]):
        machine.run(*command, cwd=ledger, code=2)
    assert everything_left(machine) == {"stacks": ["ledger"], "log groups": ["theirs"]}
