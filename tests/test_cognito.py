"""Cognito user pools as boto3 uses them, and their tokens as an independent library verifies them."""

import base64
import concurrent.futures
import datetime
import hashlib
import hmac
import json
import time
import urllib.request
import uuid

import boto3
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa

PASSWORD = "Passw0rd!"
FLOWS = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
REGION = "us-east-1"


@pytest.fixture(scope="module")
def cognito(shared_machine):
    return shared_machine.client("cognito-idp")


@pytest.fixture(scope="module")
def stranger(cognito):
    """Somebody without any key: what users call needs none."""
    return boto3.client(
        "cognito-idp", region_name=REGION, endpoint_url=cognito.meta.endpoint_url, config=Config(signature_version=UNSIGNED)
    )


@pytest.fixture
def make(cognito):
    """Makes a pool with a client, and takes it away again."""
    pools = []

    def make(client=None, **settings):
        pool = cognito.create_user_pool(PoolName="p", **settings)["UserPool"]
        pools.append(pool["Id"])
        told = cognito.create_user_pool_client(
            UserPoolId=pool["Id"], ClientName="c", **{"ExplicitAuthFlows": FLOWS, **(client or {})}
        )["UserPoolClient"]
        return pool["Id"], told

    yield make
    for pool in pools:
        cognito.delete_user_pool(UserPoolId=pool)


def refused(call, **parameters):
    with pytest.raises(ClientError) as error:
        call(**parameters)
    error = error.value.response["Error"]
    return error["Code"], error["Message"]


def with_user(cognito, pool, name="alice", **attributes):
    listed = [{"Name": key, "Value": value} for key, value in attributes.items()]
    made = cognito.admin_create_user(UserPoolId=pool, Username=name, UserAttributes=listed, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=name, Password=PASSWORD, Permanent=True)
    return next(one["Value"] for one in made["User"]["Attributes"] if one["Name"] == "sub")


def sign_in(stranger, client, name="alice", password=PASSWORD, **more):
    return stranger.initiate_auth(
        ClientId=client["ClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": name, "PASSWORD": password, **more},
    )


def decoded(part):
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


def verified(cognito, pool, token):
    """The claims of a token, verified by the pool's published keys."""
    head, body, signature = token.split(".")
    header = json.loads(decoded(head))
    with urllib.request.urlopen(f"{cognito.meta.endpoint_url}/{pool}/.well-known/openid-configuration") as answer:
        configuration = json.load(answer)
    assert configuration["issuer"] == f"https://cognito-idp.{REGION}.amazonaws.com/{pool}"
    with urllib.request.urlopen(f"{cognito.meta.endpoint_url}/{pool}/.well-known/jwks.json") as answer:
        keys = json.load(answer)["keys"]
    assert len(keys) == 2
    key = next(one for one in keys if one["kid"] == header["kid"])
    assert (header["alg"], key["alg"], key["use"]) == ("RS256", "RS256", "sig")
    n, e = (int.from_bytes(decoded(key[name]), "big") for name in ("n", "e"))
    public = rsa.RSAPublicNumbers(e, n).public_key()
    public.verify(decoded(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
    return json.loads(decoded(body))


def messages(machine):
    return machine.own("GET", "/_slam/cognito/messages").json()["Messages"]


def test_tokens_say_who_signed_in(cognito, stranger, make):
    pool, client = make()
    sub = with_user(cognito, pool, email="alice@example.com", email_verified="true", nickname="Al")
    cognito.create_group(UserPoolId=pool, GroupName="staff", Precedence=2)
    cognito.create_group(UserPoolId=pool, GroupName="admins", Precedence=1, RoleArn="arn:aws:iam::000000000000:role/r")
    for group in ["staff", "admins"]:
        cognito.admin_add_user_to_group(UserPoolId=pool, Username="alice", GroupName=group)
    before = int(time.time())
    result = sign_in(stranger, client)["AuthenticationResult"]
    assert (result["TokenType"], result["ExpiresIn"]) == ("Bearer", 3600)
    identity, access = (verified(cognito, pool, result[name]) for name in ("IdToken", "AccessToken"))
    common = {"sub": sub, "iss": f"https://cognito-idp.{REGION}.amazonaws.com/{pool}", "cognito:groups": ["admins", "staff"]}
    assert common.items() <= identity.items() and common.items() <= access.items()
    assert {
        "token_use": "id", "aud": client["ClientId"], "cognito:username": "alice", "email": "alice@example.com",
        "email_verified": True, "nickname": "Al", "cognito:roles": ["arn:aws:iam::000000000000:role/r"],
        "cognito:preferred_role": "arn:aws:iam::000000000000:role/r",
    }.items() <= identity.items()
    assert {
        "token_use": "access", "client_id": client["ClientId"], "username": "alice", "scope": "aws.cognito.signin.user.admin",
    }.items() <= access.items()
    assert identity["origin_jti"] == access["origin_jti"] and identity["jti"] != access["jti"]
    for claims in (identity, access):
        assert before - 1 <= claims["auth_time"] == claims["iat"] == claims["exp"] - 3600
    kids = {json.loads(decoded(result[name].split(".")[0]))["kid"] for name in ("IdToken", "AccessToken")}
    assert len(kids) == 2


def test_refresh_tokens_renew_and_end(cognito, stranger, make):
    pool, client = make()
    with_user(cognito, pool)
    result = sign_in(stranger, client)["AuthenticationResult"]
    refresh = dict(ClientId=client["ClientId"], AuthFlow="REFRESH_TOKEN_AUTH", AuthParameters={"REFRESH_TOKEN": result["RefreshToken"]})
    renewed = stranger.initiate_auth(**refresh)["AuthenticationResult"]
    assert "RefreshToken" not in renewed
    old, new = (verified(cognito, pool, one["AccessToken"]) for one in (result, renewed))
    assert (old["origin_jti"], old["auth_time"]) == (new["origin_jti"], new["auth_time"]) and old["jti"] != new["jti"]
    forged = result["RefreshToken"][:-4] + "AAAA"
    wrong = {**refresh, "AuthParameters": {"REFRESH_TOKEN": forged}}
    assert refused(stranger.initiate_auth, **wrong) == ("NotAuthorizedException", "Invalid Refresh Token")
    stranger.revoke_token(Token=result["RefreshToken"], ClientId=client["ClientId"])
    assert refused(stranger.initiate_auth, **refresh) == ("NotAuthorizedException", "Refresh Token has been revoked")
    told = refused(stranger.get_user, AccessToken=result["AccessToken"])
    assert told == ("NotAuthorizedException", "Access Token has been revoked")
    result = sign_in(stranger, client)["AuthenticationResult"]
    stranger.global_sign_out(AccessToken=result["AccessToken"])
    assert refused(stranger.get_user, AccessToken=result["AccessToken"])[0] == "NotAuthorizedException"


def test_users_sign_up_and_forget_their_passwords(shared_machine, cognito, stranger, make):
    pool, client = make(AutoVerifiedAttributes=["email"], UsernameAttributes=["email"])
    who = dict(ClientId=client["ClientId"], Username="bob@example.com")
    assert refused(stranger.sign_up, **who, Password="short") == (
        "InvalidPasswordException", "Password did not conform with policy: Password not long enough")
    made = stranger.sign_up(**who, Password=PASSWORD)
    assert made["CodeDeliveryDetails"] == {"Destination": "b***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    assert refused(stranger.sign_up, **who, Password=PASSWORD)[0] == "UsernameExistsException"
    assert refused(sign_in, stranger=stranger, client=client, name="bob@example.com") == (
        "UserNotConfirmedException", "User is not confirmed.")
    assert refused(stranger.confirm_sign_up, **who, ConfirmationCode="no")[0] == "CodeMismatchException"
    told = messages(shared_machine)[-1]
    assert (told["UserPoolId"], told["Destination"], told["DeliveryMedium"]) == (pool, "bob@example.com", "EMAIL")
    assert told["Code"] in told["Text"]
    stranger.confirm_sign_up(**who, ConfirmationCode=told["Code"])
    result = sign_in(stranger, client, "bob@example.com")["AuthenticationResult"]
    user = stranger.get_user(AccessToken=result["AccessToken"])
    attributes = {one["Name"]: one["Value"] for one in user["UserAttributes"]}
    assert attributes == {"sub": made["UserSub"], "email": "bob@example.com", "email_verified": "true"}
    assert user["Username"] == made["UserSub"]
    stranger.forgot_password(**who)
    code = messages(shared_machine)[-1]["Code"]
    stranger.confirm_forgot_password(**who, ConfirmationCode=code, Password="An0ther!pass")
    assert refused(sign_in, stranger=stranger, client=client, name="bob@example.com") == (
        "NotAuthorizedException", "Incorrect username or password.")
    result = sign_in(stranger, client, "bob@example.com", "An0ther!pass")["AuthenticationResult"]
    stranger.change_password(AccessToken=result["AccessToken"], PreviousPassword="An0ther!pass", ProposedPassword=PASSWORD)
    stranger.delete_user(AccessToken=sign_in(stranger, client, "bob@example.com")["AuthenticationResult"]["AccessToken"])
    assert refused(sign_in, stranger=stranger, client=client, name="bob@example.com") == (
        "UserNotFoundException", "User does not exist.")


def test_temporary_passwords_are_changed(cognito, stranger, make):
    pool, client = make(Schema=[{"Name": "name", "Required": True}])
    assert refused(cognito.admin_create_user, UserPoolId=pool, Username="carol") == (
        "InvalidParameterException", "Attributes did not conform to the schema: name: The attribute is required")
    cognito.admin_create_user(
        UserPoolId=pool, Username="carol", UserAttributes=[{"Name": "name", "Value": "C"}], TemporaryPassword="Temp0rary!")
    assert cognito.admin_get_user(UserPoolId=pool, Username="carol")["UserStatus"] == "FORCE_CHANGE_PASSWORD"
    step = sign_in(stranger, client, "carol", "Temp0rary!")
    assert step["ChallengeName"] == "NEW_PASSWORD_REQUIRED" and "AuthenticationResult" not in step
    answer = dict(ClientId=client["ClientId"], ChallengeName="NEW_PASSWORD_REQUIRED", Session=step["Session"])
    done = stranger.respond_to_auth_challenge(
        **answer, ChallengeResponses={"USERNAME": "carol", "NEW_PASSWORD": PASSWORD, "userAttributes.nickname": "cc"})
    assert verified(cognito, pool, done["AuthenticationResult"]["IdToken"])["nickname"] == "cc"
    again = dict(answer, ChallengeResponses={"USERNAME": "carol", "NEW_PASSWORD": PASSWORD})
    assert refused(stranger.respond_to_auth_challenge, **again)[0] == "NotAuthorizedException"
    cognito.admin_disable_user(UserPoolId=pool, Username="carol")
    assert refused(sign_in, stranger=stranger, client=client, name="carol") == ("NotAuthorizedException", "User is disabled.")


def test_clients_prove_their_secrets(cognito, stranger, make):
    pool, client = make(client={"GenerateSecret": True, "PreventUserExistenceErrors": "ENABLED"})
    with_user(cognito, pool)
    message = f"Client {client['ClientId']} is configured with secret but SECRET_HASH was not received"
    assert refused(sign_in, stranger=stranger, client=client) == ("NotAuthorizedException", message)
    message = f"Unable to verify secret hash for client {client['ClientId']}"
    assert refused(sign_in, stranger=stranger, client=client, SECRET_HASH="x") == ("NotAuthorizedException", message)

    def proof(name):
        text = (name + client["ClientId"]).encode()
        return base64.b64encode(hmac.new(client["ClientSecret"].encode(), text, hashlib.sha256).digest()).decode()

    assert "AuthenticationResult" in sign_in(stranger, client, SECRET_HASH=proof("alice"))
    assert refused(sign_in, stranger=stranger, client=client, name="nobody", SECRET_HASH=proof("nobody")) == (
        "NotAuthorizedException", "Incorrect username or password.")


PRIME = int(
    "FFFFFFFFFFFFFFFFC90FDAA22168C234C4C6628B80DC1CD129024E088A67CC74020BBEA63B139B22514A08798E3404DDEF9519B3CD3A431B"
    "302B0A6DF25F14374FE1356D6D51C245E485B576625E7EC6F44C42E9A637ED6B0BFF5CB6F406B7EDEE386BFB5A899FA5AE9F24117C4B1FE6"
    "49286651ECE45B3DC2007CB8A163BF0598DA48361C55D39A69163FA8FD24CF5F83655D23DCA3AD961C62F356208552BB9ED529077096966D"
    "670C354E4ABC9804F1746C08CA18217C32905E462E36CE3BE39E772C180E86039B2783A2EC07A28FB5C55DF06F4C52C9DE2BCBF695581718"
    "3995497CEA956AE515D2261898FA051015728E5A8AAAC42DAD33170D04507A33A85521ABDF1CBA64ECFB850458DBEF0A8AEA71575D060C7D"
    "B3970F85A6E1E4C7ABF5AE8CDB0933D71E8C94E04A25619DCEE3D2261AD2EE6BF12FFA06D98A0864D87602733EC86A64521F2B18177B200C"
    "BBE117577A615D6C770988C0BAD946E208E24FA074E5AB3143DB5BFCE0FD108E4B82D120A93AD2CAFFFFFFFFFFFFFFFF", 16)


def prove(stranger, pool, client, password, secret=0x1234567890ABCDEF1234567890ABCDEF):
    """The protocol of a client, from RFC 5054 and what Cognito's own clients do beside."""
    def padded(number):
        return number.to_bytes(number.bit_length() // 8 + 1, "big")

    def sha(*parts):
        return hashlib.sha256(b"".join(parts)).digest()

    own = pow(2, secret, PRIME)
    step = stranger.initiate_auth(
        ClientId=client["ClientId"], AuthFlow="USER_SRP_AUTH", AuthParameters={"USERNAME": "alice", "SRP_A": f"{own:x}"})
    assert step["ChallengeName"] == "PASSWORD_VERIFIER"
    told = step["ChallengeParameters"]
    name, short, theirs = told["USER_ID_FOR_SRP"], pool.split("_")[1], int(told["SRP_B"], 16)
    multiplier = int.from_bytes(sha(padded(PRIME), b"\2"), "big")
    scramble = int.from_bytes(sha(padded(own), padded(theirs)), "big")
    inner = sha(f"{short}{name}:{password}".encode())
    private = int.from_bytes(sha(padded(int(told["SALT"], 16)), inner), "big")
    shared = pow(theirs - multiplier * pow(2, private, PRIME), secret + scramble * private, PRIME)
    key = hmac.new(padded(scramble), padded(shared), hashlib.sha256).digest()
    key = hmac.new(key, b"Caldera Derived Key\1", hashlib.sha256).digest()[:16]
    now = datetime.datetime.now(datetime.UTC).strftime("%a %b %-d %H:%M:%S UTC %Y")
    text = f"{short}{name}".encode() + base64.b64decode(told["SECRET_BLOCK"]) + now.encode()
    signature = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    answer = dict(
        ClientId=client["ClientId"],
        ChallengeName="PASSWORD_VERIFIER",
        ChallengeResponses={
            "USERNAME": name, "TIMESTAMP": now, "PASSWORD_CLAIM_SECRET_BLOCK": told["SECRET_BLOCK"],
            "PASSWORD_CLAIM_SIGNATURE": signature,
        },
    )
    done = stranger.respond_to_auth_challenge(**answer)
    assert refused(stranger.respond_to_auth_challenge, **answer)[0] == "NotAuthorizedException"  # Each proof is good once.
    return done


def test_passwords_are_proved_without_being_sent(cognito, stranger, make):
    pool, client = make()
    with_user(cognito, pool)
    done = prove(stranger, pool, client, PASSWORD)["AuthenticationResult"]
    assert verified(cognito, pool, done["AccessToken"])["username"] == "alice"
    for secret in range(3, 9):
        assert "AuthenticationResult" in prove(stranger, pool, client, PASSWORD, secret**400)
    wrong = ("NotAuthorizedException", "Incorrect username or password.")
    assert refused(prove, stranger=stranger, pool=pool, client=client, password="other") == wrong
    for public in ["0", f"{PRIME:x}"]:
        told = refused(stranger.initiate_auth, ClientId=client["ClientId"], AuthFlow="USER_SRP_AUTH",
                       AuthParameters={"USERNAME": "alice", "SRP_A": public})
        assert told[0] == "InvalidParameterException"


def test_operations_of_administrators_need_a_signature(cognito, stranger, make):
    pool, client = make()
    for call, parameters in [
        (stranger.describe_user_pool, {"UserPoolId": pool}),
        (stranger.admin_get_user, {"UserPoolId": pool, "Username": "alice"}),
        (stranger.list_users, {"UserPoolId": pool}),
    ]:
        assert refused(call, **parameters)[0] == "MissingAuthenticationTokenException"
    assert refused(stranger.get_user, AccessToken="x.y.z") == ("NotAuthorizedException", "Invalid Access Token")
    assert refused(stranger.list_devices, AccessToken="x")[0] == "NotImplemented"


def test_users_are_found(cognito, make):
    pool, _ = make()
    for name in ["ann", "anna", "ben"]:
        with_user(cognito, pool, name, email=f"{name}@example.com")
    cognito.admin_disable_user(UserPoolId=pool, Username="ben")

    def found(filter):
        return [one["Username"] for one in cognito.list_users(UserPoolId=pool, Filter=filter)["Users"]]

    assert found('username ^= "an"') == ["ann", "anna"]
    assert found('email = "ben@example.com"') == ["ben"] == found('status = "Disabled"')
    assert found('cognito:user_status = "confirmed"') == ["ann", "anna", "ben"] == found("")
    assert refused(cognito.list_users, UserPoolId=pool, Filter="x y")[0] == "InvalidParameterException"
    pages = cognito.get_paginator("list_users").paginate(UserPoolId=pool, PaginationConfig={"PageSize": 2})
    assert [len(page["Users"]) for page in pages] == [2, 1]


def test_what_is_not_there_is_refused_by_name(cognito, make):
    arn = "arn:aws:lambda:us-east-1:000000000000:function:f"
    for settings, name in [
        ({"MfaConfiguration": "ON"}, "MfaConfiguration"),
        ({"LambdaConfig": {"PreSignUp": arn}}, "LambdaConfig"),
        ({"UserPoolAddOns": {"AdvancedSecurityMode": "ENFORCED"}}, "UserPoolAddOns.AdvancedSecurityMode"),
        ({"Policies": {"PasswordPolicy": {"PasswordHistorySize": 3}}}, "PasswordHistorySize"),
    ]:
        code, message = refused(cognito.create_user_pool, PoolName="x", **settings)
        assert code == "NotImplemented" and name in message
    pool, client = make()
    told = refused(cognito.create_user_pool_client, UserPoolId=pool, ClientName="c", SupportedIdentityProviders=["Google"])
    assert told == ("InvalidParameterException", f"The provider Google does not exist for User Pool {pool}.")
    code, message = refused(cognito.create_user_pool_domain, UserPoolId=pool, Domain="d")
    assert code == "NotImplemented" and "CreateUserPoolDomain" in message
    code, message = refused(cognito.initiate_auth, ClientId=client["ClientId"], AuthFlow="CUSTOM_AUTH", AuthParameters={})
    assert code == "NotImplemented" and "CUSTOM_AUTH" in message


def test_what_a_domain_would_serve_is_kept(cognito, make):
    oauth = {
        "AllowedOAuthFlows": ["code"], "AllowedOAuthFlowsUserPoolClient": True, "AllowedOAuthScopes": ["openid"],
        "CallbackURLs": ["https://example.com/"], "LogoutURLs": ["http://localhost:3000/"],
        "DefaultRedirectURI": "https://example.com/", "SupportedIdentityProviders": ["COGNITO"],
    }
    pool, client = make(client=oauth)
    assert oauth.items() <= client.items()
    of_client = {"UserPoolId": pool, "ClientId": client["ClientId"]}
    unknown = {**oauth, "AllowedOAuthScopes": ["api/read"]}
    assert refused(cognito.update_user_pool_client, **of_client, **unknown) == (
        "ScopeDoesNotExistException", "Invalid scope requested: api/read")
    scopes = [{"ScopeName": "read", "ScopeDescription": "reads"}]
    cognito.create_resource_server(UserPoolId=pool, Identifier="api", Name="api", Scopes=scopes)
    assert cognito.update_user_pool_client(**of_client, **unknown)["UserPoolClient"]["AllowedOAuthScopes"] == ["api/read"]
    # "If you don't provide a value for an attribute, Amazon Cognito sets it to its default value."
    told = cognito.update_user_pool_client(**of_client)["UserPoolClient"]
    assert "AllowedOAuthFlows" not in told and told["AllowedOAuthFlowsUserPoolClient"] is False


def test_an_address_stands_for_one_user(shared_machine, cognito, stranger, make):
    pool, client = make(AliasAttributes=["email"], AutoVerifiedAttributes=["email"])
    with_user(cognito, pool, "alice", email="a@example.com", email_verified="true")
    mail = [{"Name": "email", "Value": "a@example.com"}]
    taken = ("AliasExistsException", "An account with the email already exists.")
    verified_mail = [*mail, {"Name": "email_verified", "Value": "true"}]
    assert refused(cognito.admin_create_user, UserPoolId=pool, Username="bob", UserAttributes=verified_mail) == taken
    who = dict(ClientId=client["ClientId"], Username="bob")
    stranger.sign_up(**who, Password=PASSWORD, UserAttributes=mail)
    code = messages(shared_machine)[-1]["Code"]
    assert refused(stranger.confirm_sign_up, **who, ConfirmationCode=code) == taken
    assert "AuthenticationResult" in sign_in(stranger, client, "a@example.com")


def test_what_is_verified_is_not_a_clients_to_say(cognito, stranger, make):
    pool, client = make()
    attributes = [{"Name": "email", "Value": "a@example.com"}, {"Name": "email_verified", "Value": "true"}]
    unauthorized = ("NotAuthorizedException", "A client attempted to write unauthorized attribute")
    bob = dict(ClientId=client["ClientId"], Username="bob", Password=PASSWORD)
    assert refused(stranger.sign_up, **bob, UserAttributes=attributes) == unauthorized
    told = refused(cognito.create_user_pool_client, UserPoolId=pool, ClientName="w", WriteAttributes=["email_verified"])
    assert told == ("InvalidParameterException", "Invalid write attributes specified while creating a client")


def test_a_new_password_brings_no_other_address(cognito, stranger, make):
    pool, client = make(client={"WriteAttributes": ["email", "preferred_username"]}, AliasAttributes=["email", "preferred_username"])
    with_user(cognito, pool, "alice", preferred_username="ally")
    verified_mail = [{"Name": "email", "Value": "c@example.com"}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_create_user(UserPoolId=pool, Username="carol", UserAttributes=verified_mail, TemporaryPassword="Temp0rary!")
    step = sign_in(stranger, client, "carol", "Temp0rary!")

    def answer(**attributes):
        given = {f"userAttributes.{name}": value for name, value in attributes.items()}
        return dict(ClientId=client["ClientId"], ChallengeName="NEW_PASSWORD_REQUIRED", Session=step["Session"],
                    ChallengeResponses={"USERNAME": "carol", "NEW_PASSWORD": PASSWORD, **given})

    unauthorized = ("NotAuthorizedException", "A client attempted to write unauthorized attribute")
    for name, value in [("email_verified", "true"), ("nickname", "cc")]:
        assert refused(stranger.respond_to_auth_challenge, **answer(**{name: value})) == unauthorized
    assert refused(stranger.respond_to_auth_challenge, **answer(preferred_username="ally"))[0] == "AliasExistsException"
    stranger.respond_to_auth_challenge(**answer(email="a@example.com"))
    told = {one["Name"]: one["Value"] for one in cognito.admin_get_user(UserPoolId=pool, Username="carol")["UserAttributes"]}
    assert (told["email"], told["email_verified"]) == ("a@example.com", "false")


def test_what_stays_is_not_cleared(cognito, stranger, make):
    pool, client = make(Schema=[
        {"Name": "name", "Required": True}, {"Name": "family_name", "Mutable": False, "AttributeDataType": "String"}])
    attributes = [{"Name": "name", "Value": "A"}, {"Name": "family_name", "Value": "F"}]
    cognito.admin_create_user(UserPoolId=pool, Username="alice", UserAttributes=attributes, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username="alice", Password=PASSWORD, Permanent=True)
    token = sign_in(stranger, client)["AuthenticationResult"]["AccessToken"]
    for name in ("name", "family_name"):
        told = ("InvalidParameterException", f"user.{name}: Attribute cannot be updated.")
        cleared = [{"Name": name, "Value": ""}]
        assert refused(stranger.update_user_attributes, AccessToken=token, UserAttributes=cleared) == told
        assert refused(cognito.admin_update_user_attributes, UserPoolId=pool, Username="alice", UserAttributes=cleared) == told


def test_what_a_user_is_called_is_no_others(cognito, stranger, make):
    pool, client = make(AliasAttributes=["phone_number", "preferred_username"])
    with_user(cognito, pool, "bob", preferred_username="ally")
    who = dict(ClientId=client["ClientId"], Password=PASSWORD)
    cognito.admin_get_user(UserPoolId=pool, Username="ally")
    ally = [{"Name": "preferred_username", "Value": "ally"}]
    assert refused(stranger.sign_up, **who, Username="adam", UserAttributes=ally)[0] == "AliasExistsException"
    assert refused(stranger.sign_up, **who, Username="ally")[0] == "UsernameExistsException"
    assert refused(cognito.admin_create_user, UserPoolId=pool, Username="ally")[0] == "UsernameExistsException"
    assert refused(stranger.sign_up, **who, Username="+12065551234")[0] == "InvalidParameterException"


def test_an_address_signs_up_once(stranger, make):
    _, client = make(UsernameAttributes=["email"])

    def sign_up(_):
        try:
            stranger.sign_up(ClientId=client["ClientId"], Username="a@example.com", Password=PASSWORD)
            return "made"
        except ClientError as error:
            return error.response["Error"]["Code"]

    with concurrent.futures.ThreadPoolExecutor(8) as threads:
        assert sorted(threads.map(sign_up, range(8))) == ["UsernameExistsException"] * 7 + ["made"]


def test_who_is_a_user_is_not_told(cognito, stranger, make):
    pool, client = make(client={"PreventUserExistenceErrors": "ENABLED"}, UsernameAttributes=["email"])
    with_user(cognito, pool, "known@example.com")
    with_user(cognito, pool, "disabled@example.com", email_verified="true")
    cognito.admin_disable_user(UserPoolId=pool, Username="disabled@example.com")
    cognito.admin_create_user(UserPoolId=pool, Username="new@example.com", MessageAction="SUPPRESS")
    simulated = {"Destination": "h***@e***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}
    for name in ["known@example.com", "disabled@example.com", "new@example.com", "nobody@example.com"]:
        who = dict(ClientId=client["ClientId"], Username=name)
        assert stranger.forgot_password(**who)["CodeDeliveryDetails"] == simulated
        assert stranger.resend_confirmation_code(**who)["CodeDeliveryDetails"] == simulated
        assert refused(sign_in, stranger=stranger, client=client, name=name, password="Wr0ng!pass") == (
            "NotAuthorizedException", "Incorrect username or password.")
        srp = dict(ClientId=client["ClientId"], AuthFlow="USER_SRP_AUTH", AuthParameters={"USERNAME": name, "SRP_A": "2"})
        first, second = (stranger.initiate_auth(**srp)["ChallengeParameters"] for _ in range(2))
        assert first["USERNAME"] == second["USERNAME"] == str(uuid.UUID(first["USERNAME"])) and first["SALT"] == second["SALT"]


def test_a_temporary_password_is_not_reset_by_a_code(cognito, stranger, make):
    pool, client = make()
    mail = [{"Name": "email", "Value": "a@example.com"}, {"Name": "email_verified", "Value": "true"}]
    cognito.admin_create_user(UserPoolId=pool, Username="alice", UserAttributes=mail, MessageAction="SUPPRESS")
    assert refused(stranger.forgot_password, ClientId=client["ClientId"], Username="alice") == (
        "NotAuthorizedException", "User password cannot be reset in the current state.")


def test_whoever_signs_in_after_a_sign_out_stays_in(cognito, stranger, make):
    pool, client = make()
    with_user(cognito, pool)
    first = sign_in(stranger, client)["AuthenticationResult"]
    stranger.global_sign_out(AccessToken=first["AccessToken"])
    second = sign_in(stranger, client)["AuthenticationResult"]
    assert stranger.get_user(AccessToken=second["AccessToken"])["Username"] == "alice"
    told = refused(stranger.get_user, AccessToken=first["AccessToken"])
    assert told == ("NotAuthorizedException", "Access Token has been revoked")


def test_whom_an_administrator_makes_is_told_a_password(shared_machine, cognito, stranger, make):
    pool, client = make()
    attributes = {"email": "c@example.com", "phone_number": "+12065550100"}
    listed = [{"Name": key, "Value": value} for key, value in attributes.items()]
    cognito.admin_create_user(
        UserPoolId=pool, Username="carol", UserAttributes=listed, TemporaryPassword="Temp0rary!", DesiredDeliveryMediums=["EMAIL"])
    told = [one for one in messages(shared_machine) if one["UserPoolId"] == pool]
    assert [(one["DeliveryMedium"], one["Destination"], one["Code"]) for one in told] == [("EMAIL", "c@example.com", "Temp0rary!")]
    assert sign_in(stranger, client, "carol", told[0]["Code"])["ChallengeName"] == "NEW_PASSWORD_REQUIRED"


def test_a_stack_makes_a_pool(shared_machine, cognito, stranger):
    template = {
        "Resources": {
            "Pool": {"Type": "AWS::Cognito::UserPool", "Properties": {
                "AutoVerifiedAttributes": ["email"], "UserPoolTags": {"team": "x"},
                "Policies": {"PasswordPolicy": {"MinimumLength": 6}}}},
            "Client": {"Type": "AWS::Cognito::UserPoolClient", "Properties": {
                "UserPoolId": {"Ref": "Pool"}, "ExplicitAuthFlows": FLOWS}},
            "Group": {"Type": "AWS::Cognito::UserPoolGroup", "Properties": {
                "UserPoolId": {"Ref": "Pool"}, "GroupName": "staff", "Precedence": 1}},
            "Server": {"Type": "AWS::Cognito::UserPoolResourceServer", "Properties": {
                "UserPoolId": {"Ref": "Pool"}, "Identifier": "https://api", "Name": "api",
                "Scopes": [{"ScopeName": "read", "ScopeDescription": "r"}]}},
            "User": {"Type": "AWS::Cognito::UserPoolUser", "Properties": {
                "UserPoolId": {"Ref": "Pool"}, "Username": "dora", "MessageAction": "SUPPRESS"}},
            "Member": {"Type": "AWS::Cognito::UserPoolUserToGroupAttachment", "DependsOn": ["Group", "User"], "Properties": {
                "UserPoolId": {"Ref": "Pool"}, "GroupName": "staff", "Username": "dora"}},
        },
        "Outputs": {
            "Pool": {"Value": {"Ref": "Pool"}}, "Client": {"Value": {"Ref": "Client"}},
            "Name": {"Value": {"Fn::GetAtt": ["Pool", "ProviderName"]}}, "Arn": {"Value": {"Fn::GetAtt": ["Pool", "Arn"]}},
        },
    }
    cloudformation = shared_machine.client("cloudformation")
    cloudformation.create_stack(StackName="cognito", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_create_complete").wait(StackName="cognito", WaiterConfig={"Delay": 1})
    stack = cloudformation.describe_stacks(StackName="cognito")["Stacks"][0]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in stack["Outputs"]}
    pool = cognito.describe_user_pool(UserPoolId=outputs["Pool"])["UserPool"]
    assert (pool["Arn"], pool["UserPoolTags"]["team"]) == (outputs["Arn"], "x")
    assert outputs["Name"] == f"cognito-idp.{REGION}.amazonaws.com/{outputs['Pool']}"
    cognito.admin_set_user_password(UserPoolId=outputs["Pool"], Username="dora", Password="secret", Permanent=True)
    result = sign_in(stranger, {"ClientId": outputs["Client"]}, "dora", "secret")["AuthenticationResult"]
    assert verified(cognito, outputs["Pool"], result["AccessToken"])["cognito:groups"] == ["staff"]
    template["Resources"]["Pool"]["Properties"]["Policies"]["PasswordPolicy"]["MinimumLength"] = 10
    template["Resources"]["Group"]["Properties"]["Precedence"] = 5
    cloudformation.update_stack(StackName="cognito", TemplateBody=json.dumps(template))
    cloudformation.get_waiter("stack_update_complete").wait(StackName="cognito", WaiterConfig={"Delay": 1})
    policy = cognito.describe_user_pool(UserPoolId=outputs["Pool"])["UserPool"]["Policies"]["PasswordPolicy"]
    assert policy["MinimumLength"] == 10
    assert cognito.get_group(UserPoolId=outputs["Pool"], GroupName="staff")["Group"]["Precedence"] == 5
    cloudformation.delete_stack(StackName="cognito")
    cloudformation.get_waiter("stack_delete_complete").wait(StackName="cognito", WaiterConfig={"Delay": 1})
    assert refused(cognito.describe_user_pool, UserPoolId=outputs["Pool"]) == (
        "ResourceNotFoundException", f"User pool {outputs['Pool']} does not exist.")
