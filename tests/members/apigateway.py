"""What API Gateway's operations are about."""

import json

import operations

from members.subject import Subject, each

MOCK = {"application/json": '{"statusCode": 200}'}
SCHEMA = '{"type": "object", "properties": {"a": {"type": "string"}}}'
ALLOW = {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"}
PREFIX = "arn:aws:apigateway:us-east-1"
FUNCTION = f"{PREFIX}:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:none/invocations"
TOKEN = {"type": "TOKEN", "identitySource": "method.request.header.A", "authorizerUri": FUNCTION}
FUNCTION = f"{PREFIX}:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:none/invocations"
OTHER_FUNCTION = FUNCTION.replace("none", "other")


# Documents with something to warn of.
OPENAPI = {
    "openapi": "3.0.1",
    "info": {"title": "imported"},
    "servers": [{"url": "/before"}],
    "paths": {"/new": {"get": {"responses": {"default": {"description": ""}}}}},
}
PARTS = [
    {"location": {"type": "API"}, "properties": {"title": "imported"}},
    {"location": {"type": "API", "name": "none"}, "properties": {}},
]
DOCUMENTATION = {**OPENAPI, "x-amazon-apigateway-documentation": {"documentationParts": PARTS}}


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
    CreateApiKey_name = CreateUsagePlan_name = CreateAuthorizer_name = nameQuery = "{name}"
    CreateApiKey_value, customerId, enabled = "{name}-0123456789-0123456789", "somebody", True
    CreateAuthorizer_type, authType, authorizerUri = "TOKEN", "other", FUNCTION.replace("none", "other")
    identitySource, identityValidationExpression = "method.request.header.B", "[a-z]+"
    authorizerResultTtlInSeconds, authorizationScopes, apiKeyRequired = 60, ["read"], True
    includeValue = includeValues = True
    throttle, burstLimit, rateLimit = {"burstLimit": 2, "rateLimit": 1.5}, 2, 1.5
    quota, CreateUsagePlan_limit, offset, period = {"limit": 7, "offset": 1, "period": "WEEK"}, 7, 1, "MONTH"
    keyType, startDate, endDate = "API_KEY", "2026-01-01", "2026-01-02"
    format, failOnWarnings = "csv", True
    headers, multiValueHeaders = {"A": "x"}, {"A": ["x"]}
    CreateDocumentationPart_type, CreateDocumentationPart_path = "RESPONSE_HEADER", "/part"
    CreateDocumentationPart_method, CreateDocumentationPart_statusCode, CreateDocumentationPart_name = "GET", "404", "X"
    properties, documentationVersion = '{"description": "new"}', "kept"
    CreateDocumentationVersion_documentationVersion = "{name}"
    GetDocumentationParts_type, GetDocumentationParts_nameQuery, GetDocumentationParts_path = "MODEL", "kept", "/part"
    exportType, accepts, GetExport_parameters = "oas30", "application/yaml", {"extensions": "integrations"}
    ImportRestApi_parameters, PutRestApi_parameters = {"endpointConfigurationTypes": "REGIONAL"}, {"basepath": "prepend"}
    embed = ["methods"]
    responseType = "MISSING_AUTHENTICATION_TOKEN"
    PutGatewayResponse_responseParameters = {"gatewayresponse.header.X": "'y'"}
    GetDeployment_embed = ["apisummary"]
    BASE = {
        "CreateDeployment": {"stageName": "new"},
        "CreateAuthorizer": {"name": "{name}", "authorizerUri": FUNCTION, "identitySource": "method.request.header.A"},
        "CreateModel": {"schema": SCHEMA},
        "CreateRequestValidator": {"name": "{name}"},
        "ImportApiKeys": {"body": "name,key\n{name},{name}-0123456789-0123456789\nshort,short"},
        "ImportDocumentationParts": {"body": json.dumps(DOCUMENTATION)},
        "ImportRestApi": {"body": json.dumps(OPENAPI)},
        "PutRestApi": {"body": json.dumps(OPENAPI)},
        "PutIntegration": {"type": "HTTP", "uri": "http://example.org/", "integrationHttpMethod": "GET"},
    }
    providerARNs = ["arn:aws:cognito-idp:us-east-1:000000000000:userpool/us-east-1_abc"]
    additionalClaims, expectedValues = [{"claimName": "tenant", "format": "SINGLE_STRING"}], ["{name}"]
    OF_TOKENS = {"authorizerUri": None, "identitySource": "method.request.header.A"}
    TOGETHER = {
        ("CreateAuthorizer", "providerARNs"): {**OF_TOKENS, "type": "COGNITO_USER_POOLS"},
        ("CreateAuthorizer", "jwtConfiguration"): {**OF_TOKENS, "type": "JWT"},
        ("CreateAuthorizer", "jwtConfiguration.issuers.additionalClaims"): {
            **OF_TOKENS, "type": "JWT", "jwtConfiguration": lambda subject: subject.value("jwtConfiguration"),
        },
        **each(
            "CreateAuthorizer",
            "jwtConfiguration.issuers.additionalClaims.required jwtConfiguration.issuers.additionalClaims.expectedValues",
            {**OF_TOKENS, "type": "JWT", "jwtConfiguration": lambda subject: subject.with_claims()},
        ),
        ("PutIntegration", "responseTransferMode"): {"type": "HTTP_PROXY"},
        **each("CreateUsagePlan", "quota.limit quota.offset quota.period", {"quota": {"limit": 9, "period": "WEEK"}}),
    }
    REFUSES = each("ImportApiKeys ImportDocumentationParts ImportRestApi PutRestApi", "failOnWarnings", ("BadRequestException",))
    LOOK = {"GetTags": {"resourceArn": lambda subject: f"{PREFIX}::/restapis/{subject.made.get('restApiId')}"}}
    NAMED = {
        "CreateRestApi": {"id": "restApiId"},
        "CreateApiKey": {"id": "apiKey"},
        "CreateAuthorizer": {"id": "authorizerId"},
        "CreateDeployment": {"id": "deploymentId"},
        "CreateDocumentationPart": {"id": "documentationPartId"},
        "CreateDocumentationVersion": {"version": "documentationVersion"},
        "ImportRestApi": {"id": "restApiId"},
        "CreateModel": {"name": "modelName"},
        "CreateRequestValidator": {"id": "requestValidatorId"},
        "CreateResource": {"id": "resourceId"},
        "CreateUsagePlan": {"id": "usagePlanId"},
    }

    @property
    def client(self):
        return self.world.client("apigateway")

    @classmethod
    def tidy(cls, world):
        """Each API has a port of this machine's."""
        client = world.client("apigateway")
        for page in client.get_paginator("get_rest_apis").paginate():
            for api in page["items"]:
                client.delete_rest_api(restApiId=api["id"])

    def begin(self):
        if self.operation == "UpdateAccount":
            self.client.update_account(patchOperations=[{"op": "remove", "path": "/cloudwatchRoleArn"}])
        if self.operation == "GetRestApis":
            self.value("restApiId")
            self.client.create_rest_api(name=f"{self.name}-two")
        if self.operation in ("GetApiKeys", "GetUsagePlans"):
            for name in (self.name, f"another-{self.name}"):
                key = self.client.create_api_key(name=name, customerId="somebody" if name == self.name else "else")["id"]
                plan = self.client.create_usage_plan(name=name)["id"]
                self.client.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
            self.key = key

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
        if self.operation != "PutGatewayResponse":
            self.client.put_gateway_response(**of, responseType=Recipe.responseType, statusCode="404")
        for name in ("kept", "other"):
            self.client.create_model(**of, name=name, contentType="application/json", schema=SCHEMA)
            location = {"type": "MODEL", "name": name}
            self.part = self.client.create_documentation_part(**of, location=location, properties="{}")["id"]
            self.validator = self.client.create_request_validator(**of, name=name)["id"]
            self.deployment = self.client.create_deployment(**of, stageName=name)["id"]
            self.authorizer = self.client.create_authorizer(**of, **TOKEN, name=name)["id"]
        self.client.create_documentation_part(**of, location={"type": "RESOURCE", "path": "/part"}, properties="{}")
        for version in ("kept", "other", "third"):
            self.client.create_documentation_version(**of, documentationVersion=version)
        return api

    def documentationPartId(self):
        self.value("restApiId")
        return self.part

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

    def authorizerId(self):
        self.value("restApiId")
        return self.authorizer

    def apiKey(self):
        return self.client.create_api_key(name=self.name, customerId="kept")["id"]

    def usagePlanId(self):
        quota = {"limit": 9, "period": "DAY"}
        plan = self.client.create_usage_plan(name=self.name, quota=quota, throttle={"burstLimit": 9})["id"]
        for name in (self.name, f"another-{self.name}"):
            self.key = self.client.create_api_key(name=name)["id"]
            if self.operation != "CreateUsagePlanKey":
                self.client.create_usage_plan_key(usagePlanId=plan, keyId=self.key, keyType="API_KEY")
        return plan

    def keyId(self):
        if self.operation != "GetUsagePlans":
            self.value("usagePlanId")
        return self.key

    def CreateUsagePlan_apiStages(self):
        return [{"apiId": self.value("restApiId"), "stage": "kept"}]

    def CreateApiKey_stageKeys(self):
        return [{"restApiId": self.value("restApiId"), "stageName": "kept"}]

    def jwtConfiguration(self):
        pools = self.world.client("cognito-idp")
        pool = self.world.once("a pool", lambda: pools.create_user_pool(PoolName="issuer")["UserPool"]["Id"])
        issuer = {"issuer": f"https://cognito-idp.us-east-1.amazonaws.com/{pool}", "audiences": ["app"]}
        return {"issuers": [issuer], "defaultAlgorithms": ["RS256"]}

    def with_claims(self):
        configuration = self.value("jwtConfiguration")
        issuers = [{**issuer, "additionalClaims": self.additionalClaims} for issuer in configuration["issuers"]]
        return {**configuration, "issuers": issuers}

    def resourceArn(self):
        return f"{PREFIX}::/restapis/{self.value('restApiId')}"

    def authorizerCredentials(self):
        return self.value("credentials")

    def credentials(self):
        return self.world.once("apigateway role", self.role)

    def role(self):
        trust = operations.TRUST.replace("lambda", "apigateway")
        return self.world.client("iam").create_role(RoleName=f"{self.name}-api", AssumeRolePolicyDocument=trust)["Role"]["Arn"]


# What a patch changes of each kind of thing.
PATCHES = {
    "UpdateAccount": ("replace", "/cloudwatchRoleArn", Recipe.credentials),
    "UpdateApiKey": ("replace", "/description", "new"),
    "UpdateAuthorizer": ("replace", "/name", "new"),
    "UpdateDeployment": ("replace", "/description", "new"),
    "UpdateGatewayResponse": ("replace", "/statusCode", "410"),
    "UpdateDocumentationPart": ("replace", "/properties", '{"description": "new"}'),
    "UpdateDocumentationVersion": ("replace", "/description", "new"),
    "UpdateIntegration": ("replace", "/timeoutInMillis", "1000"),
    "UpdateIntegrationResponse": ("replace", "/selectionPattern", "bad.*"),
    "UpdateMethod": ("replace", "/operationName", "new"),
    "UpdateMethodResponse": ("add", "/responseModels/application~1json", "Error"),
    "UpdateModel": ("replace", "/description", "new"),
    "UpdateRequestValidator": ("replace", "/name", "new"),
    "UpdateResource": ("replace", "/pathPart", "new"),
    "UpdateRestApi": ("replace", "/description", "new"),
    "UpdateStage": ("replace", "/description", "new"),
    "UpdateUsage": ("replace", "/remaining", "5"),
    "UpdateUsagePlan": ("replace", "/description", "new"),
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
