"""What the operations of Cognito's user pools are about."""

import base64
import hashlib
import hmac

from members.subject import Subject, each

PASSWORD = "Passw0rd!"
FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
# What is asked of the client that has a secret.
PROVED = ("ConfirmForgotPassword", "ConfirmSignUp", "ForgotPassword", "ResendConfirmationCode", "RevokeToken", "SignUp")
# Where a user is who has signed up and is not confirmed.
UNCONFIRMED = ("AdminConfirmSignUp", "ConfirmSignUp", "ResendConfirmationCode")
# Where there are two of everything.
LISTS = ("AdminListGroupsForUser", "ListGroups", "ListResourceServers", "ListUserPoolClients", "ListUserPools", "ListUsers", "ListUsersInGroup")
CODE = "your code is {####}"


def of(member):
    """The subject's own value of a member."""
    return lambda subject: subject.value(member)


class Recipe(Subject):
    SERVICE = "cognito-idp"
    PoolName, UpdateUserPool_PoolName = "{name}", "{name}-new"
    ClientName, UpdateUserPoolClient_ClientName = "{name}", "{name}-new"
    SmsVerificationMessage = EmailVerificationMessage = SmsMessage = EmailMessage = CODE
    SMSMessage = "{username}, " + CODE
    EmailVerificationSubject = EmailSubject = "of {name}"
    UserPoolTags, Tags, TagKeys = {"a": "b"}, {"a": "b"}, ["first"]
    Schema_Name, MinValue, MaxValue, MinLength, MaxLength = "size", "1", "9", "1", "9"
    CreateUserPool_Name = "size"
    UsernameConfiguration = {"CaseSensitive": False}
    RecoveryMechanisms = [{"Priority": 1, "Name": "verified_email"}]
    ReadAttributes = WriteAttributes = ["email"]
    ExplicitAuthFlows = FLOWS
    TokenValidityUnits_AccessToken = "minutes"
    SupportedIdentityProviders, AllowedOAuthFlows, AllowedOAuthScopes = ["COGNITO"], ["code"], ["openid"]
    CallbackURLs = LogoutURLs = ["https://{name}.example/"]
    DefaultRedirectURI = "https://{name}.example/"
    RoleArn = "arn:aws:iam::000000000000:role/{name}"
    Description = "of {name}"
    Scopes = [{"ScopeName": "read", "ScopeDescription": "reads"}]
    Name, CreateResourceServer_Name, UpdateResourceServer_Name = "nickname", "{name}", "{name}-new"
    CreateGroup_GroupName = CreateResourceServer_Identifier = "new"
    AdminCreateUser_Username = SignUp_Username = "new"
    UserAttributes, AttributesToGet = [{"Name": "nickname", "Value": "kept"}], ["email"]
    UserAttributeNames = ["nickname"]
    Password = ProposedPassword = "An0ther!pass"
    PreviousPassword = PASSWORD
    Filter = 'username = "alice"'
    AdminInitiateAuth_AuthFlow, AuthFlow = "ADMIN_USER_PASSWORD_AUTH", "USER_PASSWORD_AUTH"
    AuthParameters = {"USERNAME": "alice", "PASSWORD": PASSWORD}
    ChallengeName = "NEW_PASSWORD_REQUIRED"
    ChallengeResponses = {"USERNAME": "temporary", "NEW_PASSWORD": PASSWORD}
    ANSWER = {"Session": of("Session"), "ChallengeResponses": ChallengeResponses}
    BASE = {
        **{operation: {"SecretHash": of("SecretHash")} for operation in PROVED if operation != "RevokeToken"},
        "SignUp": {"SecretHash": of("SecretHash"), "Password": PASSWORD},
        "RespondToAuthChallenge": ANSWER,
        "AdminRespondToAuthChallenge": ANSWER,
    }
    TOGETHER = {
        **each("CreateUserPool", "Schema.AttributeDataType Schema.DeveloperOnlyAttribute Schema.Mutable", {"Schema": [{"Name": "size"}]}),
        ("CreateUserPool", "Schema.Required"): {"Schema": [{"Name": "email"}]},
        **each(
            "CreateUserPool",
            "Schema.NumberAttributeConstraints.MinValue Schema.NumberAttributeConstraints.MaxValue",
            {"Schema": [{"Name": "size", "AttributeDataType": "Number"}]},
        ),
        **each(
            "CreateUserPool",
            "Schema.StringAttributeConstraints.MinLength Schema.StringAttributeConstraints.MaxLength",
            {"Schema": [{"Name": "size", "AttributeDataType": "String"}]},
        ),
        **each("CreateUserPoolClient UpdateUserPoolClient", "DefaultRedirectURI", {"CallbackURLs": CallbackURLs}),
        **each(
            "CreateUserPoolClient UpdateUserPoolClient",
            "AllowedOAuthFlowsUserPoolClient",
            {"AllowedOAuthFlows": AllowedOAuthFlows, "AllowedOAuthScopes": AllowedOAuthScopes},
        ),
    }
    # There is nobody to be told again.
    REFUSES = {("AdminCreateUser", "MessageAction"): ("UserNotFoundException",)}
    NAMED = {"CreateUserPool": {"Id": "UserPoolId"}, "CreateUserPoolClient": {"ClientId": "ClientId"}}
    LOOK = {"ListUserPools": None, "DescribeUserPool": {}}

    @property
    def client(self):
        return self.world.client("cognito-idp")

    def begin(self):
        if self.operation in LISTS:
            self.value("Username")
            self.value("GroupName")
            for one in "ab":
                self.client.create_resource_server(UserPoolId=self.value("UserPoolId"), Identifier=one, Name=one)

    def UserPoolId(self):
        mail = {"AutoVerifiedAttributes": ["email"]}
        tags = {"first": "kept", "second": "kept"}
        self.pool = self.client.create_user_pool(PoolName=self.name, UserPoolTags=tags, **mail)["UserPool"]
        of_pool = {"UserPoolId": self.pool["Id"], "ExplicitAuthFlows": FLOWS}
        self.plain = self.client.create_user_pool_client(**of_pool, ClientName="plain")["UserPoolClient"]
        self.secret = self.client.create_user_pool_client(**of_pool, ClientName="secret", GenerateSecret=True)["UserPoolClient"]
        return self.pool["Id"]

    def ResourceArn(self):
        self.value("UserPoolId")
        return self.pool["Arn"]

    def ClientId(self):
        self.value("UserPoolId")
        return (self.secret if self.operation in PROVED else self.plain)["ClientId"]

    def ClientSecret(self):
        self.value("UserPoolId")
        return self.secret["ClientSecret"]

    def SecretHash(self):
        text = self.value("Username") + self.value("ClientId")
        return base64.b64encode(hmac.new(self.value("ClientSecret").encode(), text.encode(), hashlib.sha256).digest()).decode()

    def make_user(self, name, permanent=True):
        of_user = {"UserPoolId": self.value("UserPoolId"), "Username": name}
        attributes = {"email": f"{name}@example.com", "email_verified": "true", "nickname": "kept"}
        listed = [{"Name": key, "Value": value} for key, value in attributes.items()]
        temporary = {"MessageAction": "SUPPRESS", "TemporaryPassword": PASSWORD}
        self.client.admin_create_user(**of_user, UserAttributes=listed, **temporary)
        if permanent:
            self.client.admin_set_user_password(**of_user, Password=PASSWORD, Permanent=True)

    def Username(self):
        if self.operation in UNCONFIRMED:
            client, name = self.value("ClientId"), "unconfirmed"
            secret = client == self.secret["ClientId"]
            self.made["Username"] = name
            hashed = {"SecretHash": self.value("SecretHash")} if secret else {}
            mail = [{"Name": "email", "Value": f"{self.name}@example.com"}]
            self.client.sign_up(ClientId=client, Username=name, Password=PASSWORD, UserAttributes=mail, **hashed)
            return name
        self.make_user("alice")
        if self.operation in LISTS:
            self.make_user("bob")
        return "alice"

    def GroupName(self):
        of_pool = {"UserPoolId": self.value("UserPoolId")}
        user = self.value("Username")
        for group in ("kept", "other"):
            self.client.create_group(**of_pool, GroupName=group, Description="kept")
            for one in [user, "bob"] if self.operation in LISTS else [user]:
                self.client.admin_add_user_to_group(**of_pool, GroupName=group, Username=one)
        return "kept"

    def Identifier(self):
        self.client.create_resource_server(UserPoolId=self.value("UserPoolId"), Identifier="kept", Name="kept")
        return "kept"

    def sign_in(self):
        self.value("Username")
        client, parameters = self.value("ClientId"), dict(self.AuthParameters)
        if client == self.secret["ClientId"]:
            parameters["SECRET_HASH"] = self.value("SecretHash")
        answer = self.client.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)
        return answer["AuthenticationResult"]

    def AccessToken(self):
        return self.sign_in()["AccessToken"]

    def Token(self):
        return self.sign_in()["RefreshToken"]

    def AdminInitiateAuth_ClientId(self):
        self.value("Username")
        return self.plain["ClientId"]

    InitiateAuth_ClientId = AdminInitiateAuth_ClientId

    def Session(self):
        client = self.value("ClientId")
        self.make_user("temporary", permanent=False)
        parameters = {"USERNAME": "temporary", "PASSWORD": PASSWORD}
        return self.client.initiate_auth(ClientId=client, AuthFlow="USER_PASSWORD_AUTH", AuthParameters=parameters)["Session"]

    def ConfirmationCode(self):
        hashed = {"SecretHash": self.value("SecretHash")}
        if self.operation == "ConfirmForgotPassword":
            self.client.forgot_password(ClientId=self.value("ClientId"), Username=self.value("Username"), **hashed)
        messages = self.world.machine.own("GET", "/_slam/cognito/messages").json()["Messages"]
        return [one["Code"] for one in messages if one["UserPoolId"] == self.value("UserPoolId")][-1]

    def AdminListGroupsForUser_NextToken(self):
        of_user = {"UserPoolId": self.value("UserPoolId"), "Username": self.value("Username")}
        return self.client.admin_list_groups_for_user(**of_user, Limit=1)["NextToken"]

    def PaginationToken(self):
        return self.client.list_users(UserPoolId=self.value("UserPoolId"), Limit=1)["PaginationToken"]
