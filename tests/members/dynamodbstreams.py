"""What DynamoDB Streams' operations are about."""

from members.subject import Subject


class Recipe(Subject):
    SERVICE = "dynamodbstreams"
    ShardIteratorType = "AFTER_SEQUENCE_NUMBER"
    Limit = 1

    def StreamArn(self):
        """The stream of a table with two changes."""
        client = self.world.client("dynamodb")
        streams = [
            client.create_table(
                TableName=name,
                AttributeDefinitions=[{"AttributeName": "k", "AttributeType": "S"}],
                KeySchema=[{"AttributeName": "k", "KeyType": "HASH"}],
                BillingMode="PAY_PER_REQUEST",
                StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"},
            )["TableDescription"]["LatestStreamArn"]
            for name in (self.name, f"{self.name}-two")
        ]
        for key in ("a", "b"):
            client.put_item(TableName=self.name, Item={"k": {"S": key}})
        return streams[0]

    def TableName(self):
        self.value("StreamArn")
        return self.name

    def ShardId(self):
        streams = self.world.client("dynamodbstreams")
        return streams.describe_stream(StreamArn=self.value("StreamArn"))["StreamDescription"]["Shards"][0]["ShardId"]

    ExclusiveStartShardId = ShardId

    def begin(self):
        if self.operation == "ListStreams":
            self.value("StreamArn")

    def ShardIterator(self):
        of = {"StreamArn": self.value("StreamArn"), "ShardId": self.value("ShardId")}
        return self.world.client("dynamodbstreams").get_shard_iterator(**of, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]

    def SequenceNumber(self):
        records = self.world.client("dynamodbstreams").get_records(ShardIterator=self.value("ShardIterator"))["Records"]
        return records[0]["dynamodb"]["SequenceNumber"]
