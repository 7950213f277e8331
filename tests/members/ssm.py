"""What Parameter Store's operations are about."""

from members.subject import Subject


class Recipe(Subject):
    SERVICE = "ssm"
    ResourceType = "Parameter"
    Tags = [{"Key": "a", "Value": "b"}]
    TagKeys = ["first"]
    Value = "12"
    Type = "SecureString"
    PutParameter_Name = "/{name}/one"
    KeyId = "alias/aws/ssm"
    Overwrite = True
    DataType = "text"
    BASE = {"PutParameter": {"Type": "String"}}
    TOGETHER = {
        ("PutParameter", "Overwrite"): {"Name": lambda subject: f"{subject.value('Path')}/two"},
        ("PutParameter", "KeyId"): {"Type": "SecureString"},
        ("DescribeParameters", "MaxResults"): {"ParameterFilters": None},
        ("DescribeParameters", "ParameterFilters.Option"): {"ParameterFilters": [{"Key": "Name", "Values": ["/{name}/o"]}]},
        ("DescribeParameters", "ParameterFilters.Values"): {"ParameterFilters": [{"Key": "Type"}]},
        ("GetParametersByPath", "ParameterFilters.Option"): {"ParameterFilters": [{"Key": "Label", "Values": ["lab"]}]},
        ("GetParametersByPath", "ParameterFilters.Values"): {"ParameterFilters": [{"Key": "Label"}]},
    }
    Option = "BeginsWith"
    DescribeParameters_MaxResults = 1
    Values = ["label"]
    DescribeParameters_Values = ["String"]
    DescribeParameters_ParameterFilters = [{"Key": "Name", "Values": ["/{name}/one"]}]
    GetParametersByPath_ParameterFilters = [{"Key": "Type", "Values": ["SecureString"]}]
    AllowedPattern = "[0-9]+"
    Description = "of {name}"
    Tier = "Advanced"
    Labels = ["label"]
    LOOK = {
        "DescribeParameters": {"ParameterFilters": [{"Key": "Name", "Values": ["/{name}/one"]}]},
        "ListTagsForResource": {"ResourceType": "Parameter", "ResourceId": lambda subject: subject.made.get("Name")},
    }

    def begin(self):
        if self.operation == "DescribeParameters":
            self.value("Path")

    def Name(self):
        ssm = self.world.client("ssm")
        tags = [{"Key": key, "Value": "kept"} for key in ("first", "second")]
        ssm.put_parameter(Name=f"/{self.name}/one", Value="1", Type="SecureString", Tags=tags)
        ssm.put_parameter(Name=f"/{self.name}/one", Value="2", Type="SecureString", Overwrite=True)
        ssm.put_parameter(Name=f"/{self.name}/two", Value="1", Type="String")
        ssm.put_parameter(Name=f"/{self.name}/deep/three", Value="1", Type="String")
        ssm.label_parameter_version(Name=f"/{self.name}/one", Labels=["label", "kept"])
        return f"/{self.name}/one"

    def ResourceId(self):
        return self.value("Name")

    def Names(self):
        return [self.value("Name")]

    def Path(self):
        self.value("Name", "GetParameter")
        return f"/{self.name}"

    LabelParameterVersion_ParameterVersion = 1
    UnlabelParameterVersion_ParameterVersion = 2
