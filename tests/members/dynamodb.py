"""What DynamoDB's operations are about."""

from members.subject import Subject, each

KEY = {"k": {"S": "a"}, "n": {"N": "1"}}
SPEC = {"AttributeName": "k", "KeyType": "HASH"}, {"AttributeName": "n", "KeyType": "RANGE"}
ATTRIBUTES = [{"AttributeName": "k", "AttributeType": "S"}, {"AttributeName": "n", "AttributeType": "N"}]
# In the local index the other way around, and one that is in no index.
ITEMS = [
    {"k": {"S": key}, "n": {"N": str(number)}, "text": {"S": f"{key}{4 - number}"}, "note": {"S": "kept"}, "more": {"S": "kept"}}
    for key in "ab"
    for number in (1, 2, 3)
] + [{"k": {"S": "a"}, "n": {"N": "4"}}]
UNITS = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
PROVISIONED = {"BillingMode": "PROVISIONED", "ProvisionedThroughput": UNITS}
OF_A = {"k": {"AttributeValueList": [{"S": "a"}], "ComparisonOperator": "EQ"}}
SELECT = 'SELECT * FROM "{name}"'
LOCAL = {"IndexName": "local", "KeySchema": [SPEC[0], {"AttributeName": "text", "KeyType": "RANGE"}], "Projection": {"ProjectionType": "ALL"}}
GLOBAL = {"IndexName": "global", "KeySchema": [{"AttributeName": "text", "KeyType": "HASH"}], "Projection": {"ProjectionType": "ALL"}}
WITH_TEXT = [*ATTRIBUTES, {"AttributeName": "text", "AttributeType": "S"}]
UPDATE = {"TableName": "{name}", "Key": KEY, "UpdateExpression": "SET note = k"}
PROJECTED = {"ProjectionExpression": "#n"}
CAPACITY = {"ReturnConsumedCapacity": "TOTAL"}
# Conditions with a name and a value that an expression needs, and one that fails.
NAMED = {"ConditionExpression": "attribute_exists(#n)"}
VALUED = {"ConditionExpression": "k = :v"}
FAILS = {"ConditionExpression": "attribute_not_exists(k)"}
NAMES, VALUES = {"#n": "k"}, {":v": {"S": "a"}}
CHECK = "ConditionalCheckFailedException"
EXPECTED = {"text": {"Exists": True, "Value": {"S": "a3"}}}
BY_KEY = {"KeyConditionExpression": "k = :v", "ExpressionAttributeValues": VALUES}
TWO = {
    "note": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "no"}]},
    "more": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "kept"}]},
}


def written(more, path):
    """TransactWriteItems' rows for a member of its four kinds, each with the same condition."""
    kinds = {
        "ConditionCheck": {"TableName": "{name}", "Key": KEY, "ConditionExpression": "attribute_exists(k)"},
        "Put": {"TableName": "{name}", "Item": {**KEY, "text": {"S": "new"}}},
        "Delete": {"TableName": "{name}", "Key": KEY},
        "Update": UPDATE,
    }
    rows = {f"TransactItems.{kind}.{path}": {"TransactItems": [{kind: {**one, **more}}]} for kind, one in kinds.items()}
    return {("TransactWriteItems", row): together for row, together in rows.items()}


def stated(statement, path, operations="ExecuteStatement BatchExecuteStatement ExecuteTransaction"):
    """PartiQL's rows for a member of its statements."""
    for operation in operations.split():
        of = "" if operation == "ExecuteStatement" else "TransactStatements" if "Transaction" in operation else "Statements"
        more = {"Statement": statement}
        yield (operation, f"{of}.{path}" if of else path), {of: [more]} if of else more


def index(which, **more):
    return {which: [{**(LOCAL if which.startswith("Local") else GLOBAL), **more}], "AttributeDefinitions": WITH_TEXT}


INCLUDED = {"Projection": {"ProjectionType": "INCLUDE"}}
CREATED = {"AttributeDefinitions": WITH_TEXT, "GlobalSecondaryIndexUpdates": [{"Create": {**GLOBAL, "IndexName": "new"}}]}


class Recipe(Subject):
    SERVICE = "dynamodb"
    CreateTable_TableName = "{name}"
    Key, Item = KEY, {**KEY, "text": {"S": "new"}}
    AttributeDefinitions, KeySchema = ATTRIBUTES, list(SPEC)
    ProvisionedThroughput = {"ReadCapacityUnits": 3, "WriteCapacityUnits": 2}
    LocalSecondaryIndexes, GlobalSecondaryIndexes = [LOCAL], [GLOBAL]
    ReturnConsumedCapacity, ReturnItemCollectionMetrics = "INDEXES", "SIZE"
    ProjectionExpression, AttributesToGet = "k", ["k"]
    FilterExpression = "attribute_not_exists(note)"
    KeyConditionExpression = "k = :k"
    ConditionExpression = "attribute_not_exists(k)"
    Limit = 1
    Tags = [{"Key": "a", "Value": "b"}]
    TagKeys = ["first"]
    TimeToLiveSpecification = {"Enabled": True, "AttributeName": "ttl"}
    PointInTimeRecoverySpecification = {"PointInTimeRecoveryEnabled": True}
    RecoveryPeriodInDays = 7
    StreamSpecification = {"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"}
    IndexName = "local"
    NonKeyAttributes = ["note"]
    BASE = {
        "CreateTable": {"AttributeDefinitions": ATTRIBUTES, "KeySchema": list(SPEC), "BillingMode": "PAY_PER_REQUEST"},
        "Query": {"KeyConditions": OF_A},
    }
    TOGETHER = {
        **each("GetItem Query Scan ExecuteStatement BatchExecuteStatement", "ConsistentRead Statements.ConsistentRead", CAPACITY),
        ("BatchGetItem", "RequestItems.ConsistentRead"): CAPACITY,
        ("BatchGetItem", "RequestItems.ExpressionAttributeNames"): {"RequestItems": {"{name}": {"Keys": [KEY], **PROJECTED}}},
        ("TransactGetItems", "TransactItems.Get.ExpressionAttributeNames"): {
            "TransactItems": [{"Get": {"TableName": "{name}", "Key": KEY, **PROJECTED}}],
        },
        ("GetItem", "ExpressionAttributeNames"): {"ProjectionExpression": "#n"},
        **each("Query Scan", "ExpressionAttributeNames", {"ProjectionExpression": "#n"}),
        **each("PutItem DeleteItem UpdateItem", "ExpressionAttributeNames", NAMED),
        **each("PutItem DeleteItem UpdateItem", "ExpressionAttributeValues", VALUED),
        **each("PutItem DeleteItem UpdateItem", "ReturnValuesOnConditionCheckFailure", FAILS),
        **each("PutItem DeleteItem UpdateItem", "ConditionalOperator", {"Expected": {**EXPECTED, "missing": {"Exists": True, "Value": {"S": "x"}}}}),
        ("Query", "FilterExpression"): {"KeyConditions": None, **BY_KEY},
        ("Query", "KeyConditionExpression"): {"KeyConditions": None, "ExpressionAttributeValues": VALUES},
        ("Query", "ExpressionAttributeValues"): {"KeyConditions": None, "KeyConditionExpression": "k = :v"},
        ("Query", "ExpressionAttributeNames"): {"KeyConditions": None, **BY_KEY, "ProjectionExpression": "#n"},
        ("Query", "ProjectionExpression"): {"KeyConditions": None, **BY_KEY},
        ("Query", "ConditionalOperator"): {"QueryFilter": TWO},
        ("Scan", "ConditionalOperator"): {"ScanFilter": TWO},
        ("Scan", "FilterExpression"): {},
        ("Scan", "ExpressionAttributeValues"): {"FilterExpression": "k = :v"},
        ("Scan", "TotalSegments"): {"Segment": 0},
        ("Scan", "Segment"): {"TotalSegments": 2},
        **each("CreateTable UpdateTable", "ProvisionedThroughput", {"BillingMode": "PROVISIONED"}),
        **each("CreateTable UpdateTable", "StreamSpecification.StreamViewType", {"StreamSpecification": {"StreamEnabled": True}}),
        ("CreateTable", "LocalSecondaryIndexes"): {"AttributeDefinitions": WITH_TEXT},
        ("CreateTable", "GlobalSecondaryIndexes"): {"AttributeDefinitions": WITH_TEXT},
        ("CreateTable", "LocalSecondaryIndexes.Projection.NonKeyAttributes"): index("LocalSecondaryIndexes", **INCLUDED),
        ("CreateTable", "GlobalSecondaryIndexes.Projection.NonKeyAttributes"): index("GlobalSecondaryIndexes", **INCLUDED),
        ("CreateTable", "LocalSecondaryIndexes.Projection.ProjectionType"): index("LocalSecondaryIndexes"),
        ("CreateTable", "GlobalSecondaryIndexes.Projection.ProjectionType"): index("GlobalSecondaryIndexes"),
        ("CreateTable", "GlobalSecondaryIndexes.ProvisionedThroughput"): {**PROVISIONED, **index("GlobalSecondaryIndexes")},
        **each("UpdateTable", "AttributeDefinitions GlobalSecondaryIndexUpdates.Create.Projection.ProjectionType", CREATED),
        ("UpdateTable", "GlobalSecondaryIndexUpdates.Create"): {"AttributeDefinitions": WITH_TEXT},
        ("UpdateTable", "GlobalSecondaryIndexUpdates.Create.Projection.NonKeyAttributes"): {
            "AttributeDefinitions": WITH_TEXT, "GlobalSecondaryIndexUpdates": [{"Create": {**GLOBAL, "IndexName": "new", **INCLUDED}}],
        },
        ("UpdateTable", "GlobalSecondaryIndexUpdates.Create.ProvisionedThroughput"): {**CREATED, **PROVISIONED},
        ("UpdateTable", "GlobalSecondaryIndexUpdates.Update.ProvisionedThroughput"): {
            **PROVISIONED, "GlobalSecondaryIndexUpdates": [{"Update": {"IndexName": "global"}}],
        },
        **written(NAMED, "ExpressionAttributeNames"),
        **written(VALUED, "ExpressionAttributeValues"),
        **written(FAILS, "ReturnValuesOnConditionCheckFailure"),
        ("UpdateItem", "ExpressionAttributeNames"): {"UpdateExpression": "SET note = #n"},
        ("UpdateItem", "ExpressionAttributeValues"): {"UpdateExpression": "SET note = :v"},
        **dict(stated("UPDATE \"{name}\" SET note='x' WHERE k='a' AND n=1 AND note='no'", "ReturnValuesOnConditionCheckFailure")),
        ("ExecuteStatement", "NextToken"): {"Limit": 1},
        **each(
            "TransactWriteItems",
            "TransactItems.ConditionCheck TransactItems.Put TransactItems.Delete TransactItems.Update",
            {"TransactItems": [{}]},
        ),
        **written({}, "ConditionExpression"),
    }
    ExpressionAttributeNames, ExpressionAttributeValues = NAMES, VALUES
    UpdateExpression = "SET note = k"
    Expected = {"text": {"Exists": True, "Value": {"S": "no"}}}
    QueryFilter, ScanFilter, KeyConditions = {"note": TWO["note"]}, {"note": TWO["note"]}, OF_A
    AttributeUpdates = {"note": {"Action": "PUT", "Value": {"S": "x"}}}
    ConditionalOperator = "OR"
    TotalSegments, Segment = 2, 1
    UpdateTable_AttributeDefinitions = WITH_TEXT
    TransactItems_ConditionCheck = {"TableName": "{name}", "Key": KEY, "ConditionExpression": "attribute_exists(k)"}
    TransactItems_Put, TransactItems_Delete = {"TableName": "{name}", "Item": KEY}, {"TableName": "{name}", "Key": KEY}
    TransactItems_Update = UPDATE
    GlobalSecondaryIndexUpdates_Create = CREATED["GlobalSecondaryIndexUpdates"][0]["Create"]
    GlobalSecondaryIndexUpdates_Delete = {"IndexName": "global"}
    GlobalSecondaryIndexUpdates_Update = {"IndexName": "global", "ProvisionedThroughput": UNITS}
    Select = "COUNT"
    TransactItems = [{"Put": TransactItems_Put}]
    TransactGetItems_TransactItems = [{"Get": {"TableName": "{name}", "Key": KEY}}]
    REFUSES = {
        **each("TransactWriteItems ExecuteTransaction", "ClientRequestToken", ("IdempotentParameterMismatchException",)),
        **each("PutItem DeleteItem UpdateItem", "Expected ConditionExpression", (CHECK,)),
        **dict.fromkeys(written({}, "ConditionExpression"), ("TransactionCanceledException",)),
    }
    FAILS = {
        **each("PutItem DeleteItem UpdateItem ExecuteStatement", "ReturnValuesOnConditionCheckFailure", CHECK),
        ("ExecuteTransaction", "TransactStatements.ReturnValuesOnConditionCheckFailure"): "TransactionCanceledException",
        **dict.fromkeys(written(FAILS, "ReturnValuesOnConditionCheckFailure"), "TransactionCanceledException"),
    }
    LOOK = {
        "Scan": {"TableName": lambda subject: subject.made.get("TableName")},
        "ListTagsOfResource": {"ResourceArn": lambda subject: subject.made.get("ResourceArn") or subject.made.get("TableArn")},
        "Query": None,
    }

    @property
    def client(self):
        return self.world.client("dynamodb")

    def TableName(self):
        return self.table(self.name)

    def begin(self):
        if self.operation.startswith("Transact"):
            self.value("TableName")

    def ClientRequestToken(self):
        """A token that another transaction has used."""
        put = {"TableName": self.value("TableName"), "Item": {"k": {"S": "token"}, "n": {"N": "1"}}}
        if self.operation == "ExecuteTransaction":
            select = f"{self.value('Statement', 'ExecuteStatement')} WHERE k='b' AND n=1"
            self.client.execute_transaction(TransactStatements=[{"Statement": select}], ClientRequestToken=self.name)
        else:
            self.client.transact_write_items(TransactItems=[{"Put": put}], ClientRequestToken=self.name)
        return self.name

    def table(self, name, **more):
        created = self.client.create_table(
            TableName=name,
            AttributeDefinitions=WITH_TEXT,
            KeySchema=list(SPEC),
            BillingMode="PAY_PER_REQUEST",
            LocalSecondaryIndexes=[LOCAL],
            GlobalSecondaryIndexes=[GLOBAL],
            Tags=[{"Key": key, "Value": "kept"} for key in ("first", "second")],
            **more,
        )
        self.made["TableArn"] = created["TableDescription"]["TableArn"]
        self.client.batch_write_item(RequestItems={name: [{"PutRequest": {"Item": item}} for item in ITEMS]})
        return name

    def ResourceArn(self):
        self.value("TableName")
        return self.made["TableArn"]

    def RequestItems(self):
        self.value("TableName")
        if self.operation == "BatchGetItem":
            return {self.name: {"Keys": [KEY]}}
        return {self.name: [{"PutRequest": {"Item": self.value("Item")}}]}

    def Statement(self):
        self.value("TableName")
        return SELECT.replace("{name}", self.name)

    def BatchExecuteStatement_Statement(self):
        return f"{self.value('Statement', 'ExecuteStatement')} WHERE k='a' AND n=1"

    ExecuteTransaction_Statement = BatchExecuteStatement_Statement
