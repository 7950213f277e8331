"""What API Gateway's operations are about."""

import json

import operations

from members.subject import Subject

MOCK = {"application/json": '{"statusCode": 200}'}
SCHEMA = '{"type": "object", "properties": {"a": {"type": "string"}}}'
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
PREFIX = "arn:aws:apigateway:us-east-1"


class Recipe(Subject):
    SERVICE = "apigateway"
    CreateRestApi_name = CreateModel_name = CreateRequestValidator_name = "{name}"
    description = stageDescription = "of {name}"
    version = "7"
    binaryMediaTypes = ["image/png"]
    minimumCompressionSize = 100
    types = ["REGIONAL"]
    policy = json.dumps({"Version": "2012-10-17", "Statement": [ALLOW]})
    tags = {"a": "b"}
    tagKeys = ["first"]
    variables = {"a": "b"}
    cacheClusterSize = "1.6"
    CreateStage_stageName = CreateDeployment_stageName = "new"
    stageName, pathPart, statusCode, modelName = "kept", "new", "200", "kept"
    contentType, schema = "application/json", SCHEMA.replace("string", "number")
    httpMethod, PutMethod_httpMethod = "GET", "POST"
    PutMethodResponse_statusCode = PutIntegrationResponse_statusCode = "400"
    authorizationType, type = "NONE", "MOCK"
    operationName = "operation"
    requestModels, responseModels = {"application/json": "Error"}, {"application/json": "Error"}
    requestParameters = {"method.request.querystring.q": True}
    PutIntegration_requestParameters = {"integration.request.querystring.p": "'y'"}
    responseParameters = {"method.response.header.X": True}
    PutIntegrationResponse_responseParameters = {"method.response.header.X": "'y'"}
    requestTemplates = responseTemplates = MOCK
    integrationHttpMethod, uri = "POST", "http://example.com/"
    cacheNamespace, cacheKeyParameters = "cache", ["method.request.querystring.q"]
    timeoutInMillis, selectionPattern = 1000, "bad.*"
    passthroughBehavior = "NEVER"
    embed = ["methods"]
    GetDeployment_embed = ["apisummary"]
    BASE = {
        "CreateDeployment": {"stageName": "new"},
        "CreateModel": {"schema": SCHEMA},
        "CreateRequestValidator": {"name": "{name}"},
        "PutIntegration": {"type": "HTTP", "uri": "http://example.org/", "integrationHttpMethod": "GET"},
    }
    TOGETHER = {("PutIntegration", "responseTransferMode"): {"type": "HTTP_PROXY"}}
    LOOK = {"GetTags": {"resourceArn": lambda subject: f"{PREFIX}::/restapis/{subject.made.get('restApiId')}"}}
    NAMED = {
        "CreateRestApi": {"id": "restApiId"},
        "CreateDeployment": {"id": "deploymentId"},
        "CreateModel": {"name": "modelName"},
        "CreateRequestValidator": {"id": "requestValidatorId"},
        "CreateResource": {"id": "resourceId"},
    }

    @property
    def client(self):
        return self.world.client("apigateway")

    def begin(self):
        if self.operation == "UpdateAccount":
            self.client.update_account(patchOperations=[{"op": "remove", "path": "/cloudwatchRoleArn"}])
        if self.operation == "GetRestApis":
            self.value("restApiId")
            self.client.create_rest_api(name=f"{self.name}-two")

    def restApiId(self):
        api = self.client.create_rest_api(name=self.name, tags={"first": "kept", "second": "kept"})["id"]
        of = {"restApiId": api}
        root = self.client.get_resources(**of)["items"][0]["id"]
        self.resource = self.client.create_resource(**of, parentId=root, pathPart="part")["id"]
        method = {**of, "resourceId": self.resource, "httpMethod": "GET"}
        self.client.put_method(**method, authorizationType="NONE", requestParameters={"method.request.querystring.q": False})
        self.client.put_method_response(**method, statusCode="200", responseParameters={"method.response.header.X": False})
        if self.operation != "PutMethodResponse":
            self.client.put_method_response(**method, statusCode="400", responseParameters={"method.response.header.X": False})
        self.client.put_integration(**method, type="MOCK", requestTemplates=MOCK)
        self.client.put_integration_response(**method, statusCode="200")
        for name in ("kept", "other"):
            self.client.create_model(**of, name=name, contentType="application/json", schema=SCHEMA)
            self.validator = self.client.create_request_validator(**of, name=name)["id"]
            self.deployment = self.client.create_deployment(**of, stageName=name)["id"]
        return api

    def resourceId(self):
        self.value("restApiId")
        return self.resource

    parentId = resourceId

    def deploymentId(self):
        self.value("restApiId")
        return self.deployment

    def requestValidatorId(self):
        self.value("restApiId")
        return self.validator

    def resourceArn(self):
        return f"{PREFIX}::/restapis/{self.value('restApiId')}"

    def credentials(self):
        return self.world.once("apigateway role", self.role)

    def role(self):
        trust = operations.TRUST.replace("lambda", "apigateway")
        return self.world.client("iam").create_role(RoleName=f"{self.name}-api", AssumeRolePolicyDocument=trust)["Role"]["Arn"]


# What a patch changes of each kind of thing.
PATCHES = {
    "UpdateAccount": ("replace", "/cloudwatchRoleArn", Recipe.credentials),
    "UpdateDeployment": ("replace", "/description", "new"),
    "UpdateIntegration": ("replace", "/timeoutInMillis", "1000"),
    "UpdateIntegrationResponse": ("replace", "/selectionPattern", "bad.*"),
    "UpdateMethod": ("replace", "/operationName", "new"),
    "UpdateMethodResponse": ("add", "/responseModels/application~1json", "Error"),
    "UpdateModel": ("replace", "/description", "new"),
    "UpdateRequestValidator": ("replace", "/name", "new"),
    "UpdateResource": ("replace", "/pathPart", "new"),
    "UpdateRestApi": ("replace", "/description", "new"),
    "UpdateStage": ("replace", "/description", "new"),
}


def patch(value):
    """A member's value: itself, or as the subject says."""
    return value if callable(value) else lambda subject: value


for operation, (op, path, value) in PATCHES.items():
    whole = lambda subject, op=op, path=path, value=patch(value): [{"op": op, "path": path, "value": value(subject)}]  # noqa: E731
    setattr(Recipe, f"{operation}_patchOperations", whole)
    for member, one in {"op": op, "path": path, "value": patch(value), "from": "/variables/a"}.items():
        setattr(Recipe, f"{operation}_patchOperations_{member}", one)
        Recipe.TOGETHER[operation, f"patchOperations.{member}"] = {"patchOperations": whole}
