"""What API Gateway's second version's operations are about."""

import operations

from members.subject import Subject

PREFIX = "arn:aws:apigateway:us-east-1"
URI = f"{PREFIX}:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:f/invocations"


class Recipe(Subject):
    SERVICE = "apigatewayv2"
    Name = "{name}"
    ProtocolType, Version, Description = "HTTP", "7", "of {name}"
    Target, RouteKey, CreateRoute_RouteKey, UpdateRoute_RouteKey = "http://example.com/", "GET /new", "GET /new", "GET /new"
    IpAddressType = "dualstack"
    RouteSelectionExpression = "$request.method $request.path"
    AllowHeaders, AllowMethods, AllowOrigins, ExposeHeaders, MaxAge = ["a"], ["GET"], ["https://a.example"], ["b"], 5
    Tags, TagKeys = {"a": "b"}, ["first"]
    IntegrationType, IntegrationMethod, IntegrationUri = "HTTP_PROXY", "POST", "http://example.org/"
    PayloadFormatVersion, TimeoutInMillis = "1.0", 1000
    RequestParameters = {"append:header.a": "b"}
    ResponseParameters = {"200": {"append:header.a": "b"}}
    AuthorizationType, OperationName = "AWS_IAM", "operation"
    CreateStage_StageName = "new"
    StageName, StageVariables = "kept", {"a": "b"}
    RouteSettings = {"$default": {"ThrottlingBurstLimit": 1}}
    ThrottlingBurstLimit, ThrottlingRateLimit = 5, 6.5
    DestinationArn, Format = "arn:aws:logs:us-east-1:000000000000:log-group:kept", "$context.requestId"
    AuthorizerType, AuthorizerUri, AuthorizerPayloadFormatVersion = "REQUEST", URI, "2.0"
    AuthorizerResultTtlInSeconds, IdentitySource = 7, ["$request.header.a"]
    MaxResults = "1"
    UpdateApi_Name = "other"
    UpdateAuthorizer_AuthorizerUri = URI.replace(":f/", ":g/")
    UpdateAuthorizer_AuthorizerPayloadFormatVersion = "1.0"
    BASE = {
        "CreateIntegration": {"IntegrationUri": "http://a.example", "IntegrationMethod": "GET", "PayloadFormatVersion": "1.0"},
        "CreateAuthorizer": {"AuthorizerUri": URI, "AuthorizerPayloadFormatVersion": "2.0"},
    }
    QUICK, ASKS = {"Target": "http://a.example"}, {"AuthorizationType": "CUSTOM"}
    TOGETHER = {
        ("CreateApi", "CredentialsArn"): QUICK,
        ("CreateApi", "RouteKey"): QUICK,
        ("CreateRoute", "AuthorizerId"): ASKS,
        ("UpdateRoute", "AuthorizerId"): ASKS,
        ("UpdateAuthorizer", "AuthorizerResultTtlInSeconds"): {"IdentitySource": ["$request.header.a"]},
    }
    NAMED = {
        "CreateApi": {"ApiId": "ApiId"},
        "CreateRoute": {"RouteId": "RouteId"},
        "CreateIntegration": {"IntegrationId": "IntegrationId"},
        "CreateAuthorizer": {"AuthorizerId": "AuthorizerId"},
        "CreateDeployment": {"DeploymentId": "DeploymentId"},
    }

    @property
    def client(self):
        return self.world.client("apigatewayv2")

    @classmethod
    def tidy(cls, world):
        """Each API has a port of this machine's."""
        client = world.client("apigatewayv2")
        for page in client.get_paginator("get_apis").paginate():
            for api in page["Items"]:
                client.delete_api(ApiId=api["ApiId"])

    def ApiId(self):
        made = self.client.create_api(Name=self.name, ProtocolType="HTTP", Target="http://a.example", Tags={"first": "kept", "second": "kept"})
        of = {"ApiId": made["ApiId"]}
        self.route = self.client.create_route(**of, RouteKey="GET /kept")["RouteId"]
        backend = {"IntegrationMethod": "ANY", "IntegrationUri": "http://b.example", "PayloadFormatVersion": "1.0"}
        self.integration = self.client.create_integration(**of, IntegrationType="HTTP_PROXY", **backend)["IntegrationId"]
        settings = {"AuthorizerUri": URI, "AuthorizerPayloadFormatVersion": "2.0", "IdentitySource": []}
        self.authorizer = self.client.create_authorizer(**of, Name="kept", AuthorizerType="REQUEST", **settings)["AuthorizerId"]
        self.client.create_authorizer(**of, Name="second", AuthorizerType="REQUEST", **settings)
        self.deployment = self.client.create_deployment(**of)["DeploymentId"]
        self.client.create_stage(**of, StageName="kept")
        return made["ApiId"]

    def CreateRoute_Target(self):
        self.value("ApiId")
        return f"integrations/{self.integration}"

    UpdateRoute_Target = CreateRoute_Target

    def RouteId(self):
        self.value("ApiId")
        return self.route

    def IntegrationId(self):
        self.value("ApiId")
        return self.integration

    def AuthorizerId(self):
        self.value("ApiId")
        return self.authorizer

    def DeploymentId(self):
        self.value("ApiId")
        return self.deployment

    def ResourceArn(self):
        return f"{PREFIX}::/apis/{self.value('ApiId')}"

    def CredentialsArn(self):
        return self.world.once("apigatewayv2 role", self.role)

    AuthorizerCredentialsArn = CredentialsArn

    def role(self):
        trust = operations.TRUST.replace("lambda", "apigateway")
        return self.world.client("iam").create_role(RoleName=f"{self.name}-http", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
