"""What Secrets Manager's operations are about."""

import json

from members.subject import Subject, each

DENY = {"Effect": "Deny", "Principal": "*", "Action": "secretsmanager:PutSecretValue", "Resource": "*"}
EVERYBODY = json.dumps({"Version": "2012-10-17", "Statement": {**DENY, "Effect": "Allow"}})


class Recipe(Subject):
    SERVICE = "secretsmanager"
    CreateSecret_Name = "{name}"
    SecretString, SecretBinary = "text", b"bytes"
    Description = "of {name}"
    ResourcePolicy = json.dumps({"Version": "2012-10-17", "Statement": DENY})
    TagKeys = ["first"]
    VersionStage, VersionStages = "AWSPREVIOUS", ["mine"]
    UpdateSecretVersionStage_VersionStage = "AWSCURRENT"
    Tags = [{"Key": "a", "Value": "b"}]
    TagResource_Tags = [{"Key": "a"}]
    CreateSecret_Key, CreateSecret_Value, TagResource_Key, TagResource_Value = "a", "b", "a", "b"
    KmsKeyId = "alias/aws/secretsmanager"
    RecoveryWindowInDays = 7
    Filters = [{"Key": "name", "Values": ["{name}"]}]
    PasswordLength = 7
    BASE = {
        "BatchGetSecretValue": {"Filters": [{"Key": "name", "Values": ["m"]}]},
        "CreateSecret": {"SecretString": "text"},
        "PutSecretValue": {"SecretString": "text"},
        "UpdateSecret": {"SecretString": "text"},
        # Long enough to have all that may be in it.
        "GetRandomPassword": {"PasswordLength": 2000},
    }
    TOGETHER = {
        ("PutResourcePolicy", "BlockPublicPolicy"): {"ResourcePolicy": EVERYBODY},
        ("BatchGetSecretValue", "SecretIdList"): {"Filters": None},
        ("CreateSecret", "Tags.Value"): {"Tags": [{"Key": "a"}]},
        ("ListSecrets", "Filters.Key"): {"Filters": Filters},
        ("ListSecrets", "Filters.Values"): {"Filters": Filters},
        ("BatchGetSecretValue", "NextToken"): {"Filters": [{"Key": "name", "Values": ["m"]}]},
        ("UpdateSecretVersionStage", "RemoveFromVersionId"): {"VersionStage": "mine"},
        ("UpdateSecretVersionStage", "MoveToVersionId"): {"VersionStage": "new"},
        **each("PutSecretValue CreateSecret UpdateSecret", "SecretBinary", {"SecretString": None}),
    }
    REFUSES = {
        ("PutResourcePolicy", "BlockPublicPolicy"): ("PublicPolicyException",),
        ("ValidateResourcePolicy", "SecretId"): ("ResourceNotFoundException",),
    }
    ValidateResourcePolicy_SecretId = "nothing"
    Key, Values = "name", ["{name}"]
    STEADY = {"GetRandomPassword": lambda answer: [len(answer["RandomPassword"]), sorted(set(answer["RandomPassword"]))]}
    ExcludeCharacters = "abc"
    ClientRequestToken = "a token of {name}, long enough to be one"
    LOOK = {
        "ListSecrets": {"Filters": [{"Key": "name", "Values": ["{name}"]}], "IncludePlannedDeletion": True},
        "ListSecretVersionIds": {"IncludeDeprecated": True},
    }

    @property
    def secrets(self):
        return self.world.client("secretsmanager")

    def SecretId(self):
        tags = [{"Key": key, "Value": "kept"} for key in ("first", "second")]
        first = self.secrets.create_secret(Name=self.name, SecretString="first", Tags=tags)
        for text in ("second", "third"):
            self.current = self.secrets.put_secret_value(SecretId=self.name, SecretString=text)["VersionId"]
        self.secrets.update_secret_version_stage(SecretId=self.name, VersionStage="mine", MoveToVersionId=self.current)
        self.first = first["VersionId"]
        if self.operation == "RestoreSecret":
            self.secrets.delete_secret(SecretId=self.name)
        return self.name

    def SecretIdList(self):
        return [self.value("SecretId")]

    def VersionId(self):
        self.value("SecretId")
        return self.first

    def begin(self):
        if self.operation in ("ListSecrets", "BatchGetSecretValue"):
            for one in "ab":
                self.secrets.create_secret(Name=f"{self.name}-{one}", SecretString="kept")

    def MoveToVersionId(self):
        self.value("SecretId")
        return self.first

    def RemoveFromVersionId(self):
        self.value("SecretId")
        return self.current
