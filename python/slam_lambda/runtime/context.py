"""What a handler gets beside the event: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

import json
import os
import time


class CognitoIdentity:
    """Who invoked, for those who came through Cognito."""

    def __init__(self, identity):
        self.cognito_identity_id = identity.get("cognitoIdentityId")
        self.cognito_identity_pool_id = identity.get("cognitoIdentityPoolId")


class Client:
    """The application that invoked, as the mobile SDK tells of it."""

    __slots__ = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")

    def __init__(self, client):
        for name in self.__slots__:
            setattr(self, name, client.get(name))


class ClientContext:
    """What the invoker sent beside the event."""

    def __init__(self, context):
        self.client = Client(context["client"]) if context.get("client") else None
        self.custom = context.get("custom")
        self.env = context.get("env")


class LambdaContext:
    """The context of one invocation, from the headers that its event came with."""

    def __init__(self, headers):
        environ = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        self.client_context = _read(ClientContext, headers.get("lambda-runtime-client-context"))
        self.identity = _read(CognitoIdentity, headers.get("lambda-runtime-cognito-identity")) or CognitoIdentity({})
        self._epoch_deadline_time_in_ms = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        """How long the invocation may still take."""
        return max(self._epoch_deadline_time_in_ms - int(time.time() * 1000), 0)

    def log(self, message):
        """Write to the log, as ``print`` does."""
        print(message, end="", flush=True)

    def __repr__(self):
        values = ",".join(f"{name}={value}" for name, value in vars(self).items())
        return f"LambdaContext([{values}])"


def _read(kind, text):
    document = json.loads(text) if text else None
    return kind(document) if document else None
