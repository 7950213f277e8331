"""DynamoDB as its clients use it: what was recorded on AWS, or what its documentation says, where the engine says another."""

import contextlib
import http.client
import itertools
import json
import re
import zlib

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

NUMBERS = itertools.count()


@pytest.fixture
def dynamodb(shared_machine):
    return shared_machine.client("dynamodb")


@pytest.fixture
def streams(shared_machine):
    return shared_machine.client("dynamodbstreams")


def table(dynamodb, name=None, **more):
    name = name or f"table-{next(NUMBERS)}"
    key = {"KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]}
    attributes = [{"AttributeName": "id", "AttributeType": "S"}] + more.pop("attributes", [])
    billing = {"AttributeDefinitions": attributes, "BillingMode": "PAY_PER_REQUEST"}
    dynamodb.create_table(TableName=name, **key, **billing, **more)
    return name


def stream_of(view="NEW_AND_OLD_IMAGES"):
    return {"StreamSpecification": {"StreamEnabled": True, "StreamViewType": view}}


def shards(streams, name, **more):
    arn = streams.list_streams(TableName=name)["Streams"][0]["StreamArn"]
    return arn, streams.describe_stream(StreamArn=arn, **more)["StreamDescription"]["Shards"]


def records(streams, name):
    arn, (shard,) = shards(streams, name)
    start = {"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    return streams.get_records(ShardIterator=streams.get_shard_iterator(**start)["ShardIterator"])["Records"]


@contextlib.contextmanager
def refused(message, code="ValidationException"):
    with pytest.raises(ClientError) as told:
        yield
    error = told.value.response["Error"]
    assert (error["Code"], error["Message"]) == (code, message)


KEY = {"id": {"S": "a"}}


# Streams.


@pytest.mark.parametrize("view", ["KEYS_ONLY", "NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES"])
def test_writes_that_change_nothing_leave_no_record(dynamodb, streams, view):
    """Developer Guide, "Change data capture for DynamoDB Streams"; recorded: test_batch_write_items_streaming."""
    name = table(dynamodb, **stream_of(view))
    item = {**KEY, "tags": {"SS": ["x", "y"]}, "n": {"N": "1"}}
    dynamodb.put_item(TableName=name, Item=item)
    dynamodb.put_item(TableName=name, Item={**item, "tags": {"SS": ["y", "x"]}, "n": {"N": "1.0"}})
    dynamodb.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": item}}]})
    dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": name, "Item": item}}])
    value = {"ExpressionAttributeValues": {":n": {"N": "1"}}}
    dynamodb.update_item(TableName=name, Key=KEY, UpdateExpression="SET n = :n", **value)
    dynamodb.delete_item(TableName=name, Key={"id": {"S": "none"}})
    dynamodb.update_item(TableName=name, Key=KEY, UpdateExpression="REMOVE n")
    found = records(streams, name)
    assert [record["eventName"] for record in found] == ["INSERT", "MODIFY"]
    images = {"NewImage", "OldImage"} & set(found[1]["dynamodb"])
    shown = {"KEYS_ONLY": set(), "NEW_IMAGE": {"NewImage"}, "OLD_IMAGE": {"OldImage"}}
    assert images == shown.get(view, {"NewImage", "OldImage"})
    assert {record["dynamodb"]["StreamViewType"] for record in found} == {view}
    described = dynamodb.describe_table(TableName=name)["Table"]
    assert described["StreamSpecification"]["StreamViewType"] == view
    arn = described["LatestStreamArn"]
    assert streams.describe_stream(StreamArn=arn)["StreamDescription"]["StreamViewType"] == view


def test_a_stream_that_is_turned_on_later_shows_what_it_says(dynamodb, streams):
    name = table(dynamodb)
    changed = dynamodb.update_table(TableName=name, **stream_of("KEYS_ONLY"))["TableDescription"]
    assert changed["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    dynamodb.put_item(TableName=name, Item=KEY)
    (record,) = records(streams, name)
    assert (record["dynamodb"]["StreamViewType"], "NewImage" in record["dynamodb"]) == ("KEYS_ONLY", False)


def test_shards_are_as_clients_demand_them(dynamodb, streams):
    """botocore refuses ids of shards under 28 characters; recorded: test_transact_write_items_streaming_…"""
    name = table(dynamodb, "abc", **stream_of())
    arn, (empty,) = shards(streams, name)
    dynamodb.put_item(TableName=name, Item=KEY)
    _, (shard,) = shards(streams, name)
    assert shard == empty and set(shard["SequenceNumberRange"]) == {"StartingSequenceNumber"}
    (record,) = records(streams, name)
    assert shard["SequenceNumberRange"]["StartingSequenceNumber"] <= record["dynamodb"]["SequenceNumber"]
    assert shards(streams, name, ExclusiveStartShardId=shard["ShardId"])[1] == []
    with refused("Requested resource not found: Shard does not exist", "ResourceNotFoundException"):
        other = "shardId-00000000000000000001-00000000"
        streams.get_shard_iterator(StreamArn=arn, ShardId=other, ShardIteratorType="LATEST")
    other = arn.rsplit("/", 1)[0] + "/2020-01-01T00:00:00.000"
    with refused(f"Requested resource not found: Stream: {other} not found", "ResourceNotFoundException"):
        streams.describe_stream(StreamArn=other)


# What updates answer.


def test_streams_are_named_and_listed_as_on_aws(dynamodb, streams):
    """API Reference, `LatestStreamLabel`: a time in ISO 8601. What is not there is told in AWS's words."""
    names = [table(dynamodb, **stream_of()) for _ in range(3)]
    described = dynamodb.describe_table(TableName=names[0])["Table"]
    assert re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}", described["LatestStreamLabel"])
    arn = described["LatestStreamArn"]
    assert arn == f"{described['TableArn']}/stream/{described['LatestStreamLabel']}"
    stream = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    assert (stream["StreamArn"], stream["StreamLabel"]) == (arn, described["LatestStreamLabel"])

    listed, page = [], streams.list_streams(Limit=1)
    while start := page.get("LastEvaluatedStreamArn"):
        listed += page["Streams"]
        page = streams.list_streams(Limit=1, ExclusiveStartStreamArn=start)
    listed += page["Streams"]
    assert len({stream["StreamArn"] for stream in listed}) == len(listed)
    assert {stream["TableName"] for stream in listed} >= set(names)

    for missing in [f"{described['TableArn']}/stream/2017-06-23T19:06:22.628", arn.replace(names[0], "nowhere")]:
        with refused(f"Requested resource not found: Stream: {missing} not found", "ResourceNotFoundException"):
            streams.describe_stream(StreamArn=missing)


def test_what_was_before_a_new_item_is_nothing(dynamodb):
    """Verified on AWS by moto's suite (test_update_item_with_attribute_…), and by dynalite's."""
    name = table(dynamodb)
    update = {"TableName": name, "Key": KEY, "ReturnValues": "ALL_OLD"}
    value = {"ExpressionAttributeValues": {":n": {"N": "1"}}}
    new = dynamodb.update_item(**update, UpdateExpression="SET n = :n", **value)
    assert "Attributes" not in new
    # An item of nothing but its key is something.
    dynamodb.put_item(TableName=name, Item=KEY)
    assert dynamodb.update_item(**update, UpdateExpression="SET n = :n", **value)["Attributes"] == KEY


def test_updated_values_are_the_changed_elements(dynamodb):
    """dynalite's suite, test/updateItem.js."""
    name = table(dynamodb)
    numbers = [{"N": str(number)} for number in range(4)]
    for expression, returned, expected in [
        ("SET l[1] = :v", "UPDATED_NEW", {"l": {"L": [{"N": "9"}]}}),
        ("SET l[1] = :v", "UPDATED_OLD", {"l": {"L": [{"N": "1"}]}}),
        ("SET l[3] = :v, l[0] = :v", "UPDATED_OLD", {"l": {"L": [{"N": "0"}, {"N": "3"}]}}),
        ("SET m.#x[0] = :v", "UPDATED_NEW", {"m": {"M": {"x": {"L": [{"N": "9"}]}}}}),
    ]:
        item = {**KEY, "l": {"L": numbers}, "m": {"M": {"x": {"L": numbers}, "y": {"N": "1"}}}}
        dynamodb.put_item(TableName=name, Item=item)
        values = {"ExpressionAttributeValues": {":v": {"N": "9"}}}
        names = {"ExpressionAttributeNames": {"#x": "x"}} if "#x" in expression else {}
        update = {"TableName": name, "Key": KEY, "UpdateExpression": expression, "ReturnValues": returned}
        assert dynamodb.update_item(**update, **names, **values)["Attributes"] == expected


# Names.


def test_what_is_named_by_its_arn_is_told_by_its_arn(dynamodb):
    """API Reference, ConsumedCapacity: TableName; BatchGetItem: Responses."""
    name, other = table(dynamodb), table(dynamodb)
    dynamodb.put_item(TableName=name, Item=KEY)
    arn = dynamodb.describe_table(TableName=name)["Table"]["TableArn"]
    wanted = {arn: {"Keys": [KEY]}, other: {"Keys": [KEY]}}
    found = dynamodb.batch_get_item(RequestItems=wanted, ReturnConsumedCapacity="TOTAL")
    assert found["Responses"] == {arn: [KEY], other: []}
    assert {consumed["TableName"] for consumed in found["ConsumedCapacity"]} == {arn, other}
    found = dynamodb.get_item(TableName=arn, Key=KEY, ReturnConsumedCapacity="TOTAL")
    assert found["ConsumedCapacity"]["TableName"] == arn


# Expressions.


def test_operands_may_stand_in_parentheses(dynamodb):
    name = table(dynamodb)
    dynamodb.put_item(TableName=name, Item={**KEY, "d": {"S": "xyz"}, "n": {"N": "2"}})
    values = {":three": {"N": "3"}, ":one": {"N": "1"}}
    for condition in [
        "(size(d)) = :three AND n > :one",
        "size(d) = (:three) AND (n) > :one",
        "(n) BETWEEN (:one) AND (:three)",
        "((n) IN ((:one), n)) AND size((d)) = :three",
    ]:
        found = dynamodb.scan(
            TableName=name,
            FilterExpression=condition,
            ExpressionAttributeValues={key: value for key, value in values.items() if key in condition},
        )
        assert found["Count"] == 1, condition


def test_older_key_conditions_stand_beside_expressions(dynamodb):
    """dynalite's suite, validations/index.js: KeyConditions is no parameter of the other kind."""
    name = table(dynamodb)
    dynamodb.put_item(TableName=name, Item={**KEY, "n": {"N": "2"}, "x": {"S": "y"}})
    key = {"id": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}}
    more = {"FilterExpression": "n > :n", "ExpressionAttributeValues": {":n": {"N": "1"}}}
    found = dynamodb.query(TableName=name, KeyConditions=key, ProjectionExpression="n", **more)
    assert found["Items"] == [{"n": {"N": "2"}}]


def test_expressions_are_read_before_tables_and_items(dynamodb):
    """dynalite's suite; moto's tests that are verified on AWS (test_put_item_unused_attributes, …)."""
    name = table(dynamodb)
    undefined = "An expression attribute value used in expression is not defined; attribute value: :none"
    with refused(f"Invalid FilterExpression: {undefined}"):
        dynamodb.scan(TableName=name, FilterExpression="id = :none")
    with refused(f"1 validation error detected: Invalid ConditionExpression: {undefined}"):
        dynamodb.put_item(TableName="nowhere", Item=KEY, ConditionExpression="id = :none")
    with refused('Invalid ProjectionExpression: Syntax error; token: "<EOF>", near: "."'):
        dynamodb.get_item(TableName="nowhere", Key=KEY, ProjectionExpression="a.")
    with refused("Invalid ProjectionExpression: Attribute name is a reserved keyword; reserved keyword: Abort"):
        dynamodb.batch_get_item(RequestItems={"nowhere": {"Keys": [KEY], "ProjectionExpression": "a, Abort"}})
    with refused("Value provided in ExpressionAttributeNames unused in expressions: keys: {#c}"):
        wanted = {"ProjectionExpression": "a", "ExpressionAttributeNames": {"#c": "c"}}
        dynamodb.get_item(TableName="nowhere", Key=KEY, **wanted)
    check = {"TableName": "nowhere", "Key": KEY, "ConditionExpression": "size(a)"}
    misused = "The function is not allowed to be used this way in an expression; function: size"
    with refused(f"Invalid ConditionExpression: {misused}"):
        dynamodb.transact_write_items(TransactItems=[{"ConditionCheck": check}])
    # What is wrong with other members comes first.
    with refused("ExpressionAttributeNames can only be specified when using expressions"):
        dynamodb.get_item(TableName="nowhere", Key=KEY, ExpressionAttributeNames={"#c": "c"})
    with refused("ExpressionAttributeNames can only be specified when using expressions"):
        put = {"TableName": "nowhere", "Item": KEY, "ExpressionAttributeNames": {"#c": "c"}}
        dynamodb.transact_write_items(TransactItems=[{"Put": put}])
    with refused("Requested resource not found", "ResourceNotFoundException"):
        dynamodb.get_item(TableName="nowhere", Key=KEY, ProjectionExpression="a")


# What is refused.


def test_a_key_of_kms_is_refused_by_name(dynamodb):
    """There is no KMS here: nothing would be encrypted with it."""
    member = "the parameter SSESpecification.KMSMasterKeyId of CreateTable"
    with refused(f"{member} is not supported by the embedded cloud", "NotImplemented"):
        table(dynamodb, SSESpecification={"Enabled": True, "SSEType": "KMS", "KMSMasterKeyId": "alias/mine"})


def test_tags_of_what_is_no_table(dynamodb, shared_machine):
    """dynalite's suite, test/tagResource.js."""
    who = shared_machine.client("sts").get_caller_identity()["Arn"]
    what = "dynamodb:ListTagsOfResource on resource: a:b:c"
    with refused(f"User: {who} is not authorized to perform: {what}", "AccessDeniedException"):
        dynamodb.list_tags_of_resource(ResourceArn="a:b:c")


def test_keys_of_indexes_have_limits(dynamodb):
    """Developer Guide, "Quotas in Amazon DynamoDB": partition key values of 2048 bytes, sort key values of 1024."""
    attributes = [{"AttributeName": name, "AttributeType": "S"} for name in ("g", "r")]
    schema = [{"AttributeName": "g", "KeyType": "HASH"}, {"AttributeName": "r", "KeyType": "RANGE"}]
    index = {"IndexName": "index", "KeySchema": schema, "Projection": {"ProjectionType": "ALL"}}
    name = table(dynamodb, attributes=attributes, GlobalSecondaryIndexes=[index])
    dynamodb.put_item(TableName=name, Item={**KEY, "g": {"S": "g" * 2048}, "r": {"S": "r" * 1024}})
    size = "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"
    sizes = (
        "One or more parameter values were invalid: Aggregated size of all range keys has exceeded the size limit of 1024 "
        "bytes"
    )
    for attribute, value, message in [("g", "g" * 2049, size), ("r", "r" * 1025, sizes)]:
        put = {"Item": {**KEY, attribute: {"S": value}}}
        with refused(message):
            dynamodb.put_item(TableName=name, **put)
        with refused(message):
            dynamodb.batch_write_item(RequestItems={name: [{"PutRequest": put}]})
        with refused(message):
            dynamodb.transact_write_items(TransactItems=[{"Put": {"TableName": name, **put}}])
        values = {"ExpressionAttributeValues": {":v": {"S": value}, ":x": {"S": "x"}}}
        update = {"TableName": name, "Key": KEY, "UpdateExpression": f"SET x = :x, {attribute} = :v", **values}
        with refused(message):
            dynamodb.update_item(**update)
        with refused(message):
            dynamodb.transact_write_items(TransactItems=[{"Update": update}])
        older = {"TableName": name, "Key": KEY, "AttributeUpdates": {attribute: {"Value": {"S": value}}}}
        with refused(message):
            dynamodb.update_item(**older)
        with refused(message):
            dynamodb.execute_statement(Statement=f"INSERT INTO \"{name}\" VALUE {{'id': 'b', '{attribute}': '{value}'}}")
        statement = {"Statement": f'UPDATE "{name}" SET {attribute} = ? WHERE id = ?', "Parameters": [{"S": value}, {"S": "a"}]}
        with refused(message):
            dynamodb.execute_statement(**statement)
        with refused(message):
            dynamodb.execute_transaction(TransactStatements=[statement])
    with pytest.raises(ClientError, match="ValidationException"):
        dynamodb.put_item(TableName=name, Item={**KEY, "g": {"S": ""}})
    assert dynamodb.scan(TableName=name)["Count"] == 1


def test_conditions_of_keys(dynamodb):
    """dynalite's suite, test/query.js: what needs no key comes before the table is looked for, the rest after the index."""
    name = table(dynamodb)
    values = {":v": {"S": "a"}}
    with refused("Invalid operator used in KeyConditionExpression: OR"):
        condition = "id = :v OR id = :v"
        dynamodb.query(TableName="nowhere", KeyConditionExpression=condition, ExpressionAttributeValues=values)
    with refused("KeyConditionExpressions cannot contain nested operations"):
        dynamodb.query(TableName=name, KeyConditionExpression="size(id) > :v", ExpressionAttributeValues=values)
    operators = {"NE": [{"S": "a"}], "NULL": [], "CONTAINS": [{"S": "a"}], "IN": [{"S": "a"}]}
    for operator, operands in operators.items():
        condition = {"ComparisonOperator": operator, "AttributeValueList": operands}
        with refused("Attempted conditional constraint is not an indexable operation"):
            dynamodb.query(TableName=name, KeyConditions={"id": condition})
        with refused("The table does not have the specified index: none"):
            dynamodb.query(TableName=name, IndexName="none", KeyConditions={"id": condition})
        with refused("Query condition missed key schema element: id"):
            dynamodb.query(TableName=name, KeyConditions={"other": condition})
        with refused("Requested resource not found", "ResourceNotFoundException"):
            dynamodb.query(TableName="nowhere", KeyConditions={"id": condition})


def test_keys_are_scalars(dynamodb):
    """dynalite's suite, which was recorded on AWS (test/getItem.js, test/query.js, test/updateItem.js)."""
    key = [{"AttributeName": "g", "KeyType": "HASH"}]
    index = {"IndexName": "index", "KeySchema": key, "Projection": {"ProjectionType": "ALL"}}
    attributes = [{"AttributeName": "g", "AttributeType": "S"}]
    name = table(dynamodb, attributes=attributes, GlobalSecondaryIndexes=[index])
    message = "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: "
    value = {"ExpressionAttributeValues": {":v": {"S": "a"}}}
    with refused(f"{message}Key: id"):
        dynamodb.get_item(TableName=name, Key=KEY, ProjectionExpression="x, id.a")
    with refused(f"{message}IndexKey: g"):
        dynamodb.get_item(TableName=name, Key=KEY, ProjectionExpression="#g[0]", ExpressionAttributeNames={"#g": "g"})
    with refused(f"{message}IndexKey: g"):
        dynamodb.scan(TableName=name, FilterExpression="g.a = :v", **value)
    with refused(f"{message}IndexKey: g"):
        dynamodb.query(TableName=name, KeyConditionExpression="id = :v", FilterExpression="size(g[1]) > :v", **value)
    with refused(f"{message}IndexKey: g"):
        dynamodb.update_item(TableName=name, Key=KEY, UpdateExpression="SET g.a = :v", **value)
    with refused(f"{message}IndexKey: g"):
        dynamodb.update_item(TableName=name, Key=KEY, UpdateExpression="SET x = g[1]")
    with pytest.raises(ClientError, match="Cannot update attribute id"):
        dynamodb.update_item(TableName=name, Key=KEY, UpdateExpression="SET id.a = :v", **value)
    with refused("The provided key element does not match the schema"):
        dynamodb.get_item(TableName=name, Key={"other": {"S": "a"}}, ProjectionExpression="id.a")
    dynamodb.update_item(TableName=name, Key=KEY, UpdateExpression="SET x = :m", ExpressionAttributeValues={":m": {"M": {}}})
    assert dynamodb.get_item(TableName=name, Key=KEY, ProjectionExpression="x.a, g")["Item"] == {}


def test_writes_tell_of_the_item_collections_that_they_change(dynamodb):
    """API Reference, ItemCollectionMetrics: only of tables with local secondary indexes, and not of checked conditions."""
    keys = [{"AttributeName": "id", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}]
    local = [keys[0], {"AttributeName": "note", "KeyType": "RANGE"}]
    index = {"IndexName": "local", "KeySchema": local, "Projection": {"ProjectionType": "ALL"}}
    kinds = {"id": "S", "n": "N", "note": "S"}
    name, plain = f"table-{next(NUMBERS)}", table(dynamodb)
    made = dynamodb.create_table(
        TableName=name,
        KeySchema=keys,
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": kind} for key, kind in kinds.items()],
        BillingMode="PAY_PER_REQUEST",
        LocalSecondaryIndexes=[index],
    )
    arn = made["TableDescription"]["TableArn"]

    def key(letter, number):
        return {"id": {"S": letter}, "n": {"N": str(number)}}

    def collection(letter):
        return {"ItemCollectionKey": {"id": {"S": letter}}, "SizeEstimateRangeGB": [0.0, 1.0]}

    asked = {"ReturnItemCollectionMetrics": "SIZE"}
    put = dynamodb.put_item(TableName=name, Item={**key("a", 1), "note": {"S": "x"}}, **asked)
    assert put["ItemCollectionMetrics"] == collection("a")
    value = {"UpdateExpression": "SET note = :t", "ExpressionAttributeValues": {":t": {"S": "y"}}}
    assert dynamodb.update_item(TableName=name, Key=key("b", 1), **value, **asked)["ItemCollectionMetrics"] == collection("b")
    assert dynamodb.delete_item(TableName=name, Key=key("b", 1), **asked)["ItemCollectionMetrics"] == collection("b")
    batch = dynamodb.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": key("c", 1)}}]}, **asked)
    assert batch["ItemCollectionMetrics"] == {name: [collection("c")]}

    there = {"Key": key("a", 1), "ConditionExpression": "attribute_exists(id)"}
    actions = [
        {"Put": {"TableName": plain, "Item": KEY}},
        {"Put": {"TableName": name, "Item": key("d", 1)}},
        {"Put": {"TableName": name, "Item": key("d", 2)}},
        {"Update": {"TableName": name, "Key": key("e", 1), **value}},
        {"Delete": {"TableName": name, "Key": key("c", 1)}},
        {"ConditionCheck": {"TableName": name, **there}},
    ]
    told = {name: [collection("d"), collection("e"), collection("c")]}
    assert dynamodb.transact_write_items(TransactItems=actions, **asked)["ItemCollectionMetrics"] == told
    by_arn = [{"Put": {"TableName": arn, "Item": key("d", 3)}}]
    assert dynamodb.transact_write_items(TransactItems=by_arn, **asked)["ItemCollectionMetrics"] == {arn: [collection("d")]}
    for unasked in [{}, {"ReturnItemCollectionMetrics": "NONE"}]:
        assert "ItemCollectionMetrics" not in dynamodb.transact_write_items(TransactItems=by_arn, **unasked)
    of_plain = [{"Put": {"TableName": plain, "Item": KEY}}]
    assert "ItemCollectionMetrics" not in dynamodb.transact_write_items(TransactItems=of_plain, **asked)


# The endpoint.

HEALTHY = "healthy: dynamodb.us-east-1.amazonaws.com "
UNKNOWN = '{"__type":"com.amazon.coral.service#UnknownOperationException"}'
UNREADABLE = '{"__type":"com.amazon.coral.service#SerializationException"}'
NOWHERE = "<UnknownOperationException/>\n"
VERSIONED = "application/x-amz-json-1.0"


def asked(machine, method, host, body="", **headers):
    """What a request without a client is answered: its status, its text and its headers."""
    connection = http.client.HTTPConnection("127.0.0.1", machine.port, timeout=30)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request(method, "/", body, {"Host": f"{host}:{machine.port}", **named})
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text, answer.headers


@pytest.mark.parametrize(
    "host", ["dynamodb.localhost", "dynamodb.us-east-1.localhost", "dynamodb.us-east-1.amazonaws.com", "DynamoDB.localhost"]
)
@pytest.mark.parametrize(
    "method, body, headers, status, text",
    [
        ("GET", "", {}, 200, HEALTHY),
        ("PUT", "", {}, 404, NOWHERE),
        ("DELETE", "", {}, 404, NOWHERE),
        ("OPTIONS", "", {}, 404, NOWHERE),
        ("POST", "hi", {}, 404, NOWHERE),
        ("POST", "hi", {"content_type": "application/x-amz-json-1.1"}, 404, NOWHERE),
        ("POST", "hi", {"content_type": "application/jsonasdf"}, 404, NOWHERE),
        ("POST", "hi", {"content_type": "application/json"}, 400, UNREADABLE),
        ("POST", "hi", {"content_type": "  application/json  ;   asfd"}, 400, UNREADABLE),
        ("POST", "hi", {"content_type": VERSIONED}, 400, UNREADABLE),
        ("POST", "", {}, 400, UNKNOWN),
        ("POST", "{}", {"content_type": VERSIONED}, 400, UNKNOWN),
        ("POST", "", {"x_amz_target": "whatever"}, 400, UNKNOWN),
        ("POST", "", {"x_amz_target": "Logs_20140328.CreateLogGroup"}, 400, UNKNOWN),
        ("POST", "", {"x_amz_target": "DynamoDB_20120810.ListTable"}, 400, UNKNOWN),
    ],
)
def test_an_endpoint_answers_what_is_no_operation(shared_machine, host, method, body, headers, status, text):
    """dynalite's suite, which was run on AWS: test/connection.js."""
    found = asked(shared_machine, method, host, body, **headers)
    assert found[:2] == (status, text)
    assert re.fullmatch("[0-9A-Z]{52}", found[2]["x-amzn-requestid"])
    assert found[2]["x-amz-crc32"] == str(zlib.crc32(text.encode()))
    if status == 400:
        expected = VERSIONED if headers.get("content_type") == VERSIONED else "application/json"
        assert found[2]["content-type"] == expected


def test_without_a_signature_dynamodb_says_so(shared_machine):
    """dynalite's suite, which was run on AWS: test/connection.js. Other services have other words."""
    for host in ["dynamodb.localhost", "127.0.0.1"]:
        found = asked(shared_machine, "POST", host, x_amz_target="DynamoDB_20120810.ListTables")
        assert found[0] == 400
        assert json.loads(found[1]) == {
            "__type": "com.amazon.coral.service#MissingAuthenticationTokenException",
            "message": "Request is missing Authentication Token",
        }
    found = asked(shared_machine, "POST", "127.0.0.1", x_amz_target="Logs_20140328.DescribeLogGroups")
    assert json.loads(found[1])["message"] == "Missing Authentication Token"


@pytest.mark.parametrize("content_type", ["application/json", VERSIONED])
def test_answers_are_in_the_json_of_the_request(shared_machine, dynamodb, content_type):
    """dynalite's suite, which was run on AWS: test/listTables.js."""
    keys = dynamodb._request_signer._credentials
    url = f"http://dynamodb.localhost:{shared_machine.port}/"
    headers = {"Content-Type": content_type, "X-Amz-Target": "DynamoDB_20120810.ListTables"}
    request = AWSRequest("POST", url, data=b"{}", headers=headers)
    SigV4Auth(Credentials(keys.access_key, keys.secret_key), "dynamodb", "us-east-1").add_auth(request)
    connection = http.client.HTTPConnection("127.0.0.1", shared_machine.port, timeout=30)
    host = {"Host": f"dynamodb.localhost:{shared_machine.port}"}
    connection.request("POST", "/", "{}", {**host, **dict(request.headers.items())})
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 200 and "TableNames" in json.loads(text)
    assert answer.headers["content-type"] == content_type
    assert re.fullmatch("[0-9A-Z]{52}", answer.headers["x-amzn-requestid"])
    assert answer.headers["x-amz-crc32"] == str(zlib.crc32(text))


def test_too_large_a_request_is_told_so(shared_machine):
    """dynalite's suite, which was run on AWS: test/connection.js."""
    limit = 16 * 1024 * 1024
    assert asked(shared_machine, "POST", "dynamodb.localhost", "a" * limit)[0] == 404
    assert asked(shared_machine, "POST", "dynamodb.localhost", "a" * (limit + 1))[0] == 413


def test_buckets_may_be_called_as_services_are(shared_machine):
    s3 = shared_machine.client("s3")
    for bucket in ["dynamodb", "logs", "sqs"]:
        s3.create_bucket(Bucket=bucket)
        s3.put_object(Bucket=bucket, Key="key", Body=b"of a bucket")
        open_to_all = {
            "Version": "2012-10-17",
            "Statement": {
                "Effect": "Allow",
                "Principal": "*",
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{bucket}/*",
            },
        }
        s3.delete_public_access_block(Bucket=bucket)
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(open_to_all))
        for host in [f"{bucket}.s3.localhost", f"{bucket}.s3.us-east-1.amazonaws.com"]:
            connection = http.client.HTTPConnection("127.0.0.1", shared_machine.port, timeout=30)
            connection.request("GET", "/key", headers={"Host": f"{host}:{shared_machine.port}"})
            answer = connection.getresponse()
            assert (host, answer.status, answer.read()) == (host, 200, b"of a bucket")
            connection.close()
