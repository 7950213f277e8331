"""What a handler gets beside the event: https://docs.aws.amazon.com/lambda/latest/dg/python-context.html"""

import json
import os
import time

from .errors import Fault

_TRACE_CONTEXT = ("traceparent", "tracestate", "baggage")


class _Fields:
    """What has the values of these names, and shows them as AWS's classes do."""

    __slots__ = ()

    def __init__(self, values):
        for name in self.__slots__:
            setattr(self, name, values.get(name))

    def _shown(self):
        return self.__slots__

    def __repr__(self):
        return f"{type(self).__name__}([{','.join(f'{name}={getattr(self, name)}' for name in self._shown())}])"


class CognitoIdentity(_Fields):
    """Who invoked, for those who came through Cognito."""

    __slots__ = ("cognito_identity_id", "cognito_identity_pool_id")


class Client(_Fields):
    """The application that invoked, as the mobile SDK tells of it."""

    __slots__ = ("installation_id", "app_title", "app_version_name", "app_version_code", "app_package_name")


class ClientContext(_Fields):
    """What the invoker sent beside the event."""

    __slots__ = ("custom", "env", "client")

    def __init__(self, values):
        super().__init__(values)
        if self.client is not None:
            self.client = Client(self.client)


class LambdaContext(_Fields):
    """The context of one invocation, from the headers that its event came with; ``write`` writes to the log."""

    def __init__(self, headers, write):
        environ = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.log_group_name = environ.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environ.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environ.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environ.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        client_context = _read(headers.get("lambda-runtime-client-context"), "Client Context")
        identity = _read(headers.get("lambda-runtime-cognito-identity"), "Cognito Identity") or {}
        self._w3c_fields = _take_trace_context(client_context)
        self.client_context = None if client_context is None else ClientContext(client_context)
        self.identity = CognitoIdentity(
            {
                "cognito_identity_id": identity.get("cognitoIdentityId"),
                "cognito_identity_pool_id": identity.get("cognitoIdentityPoolId"),
            }
        )
        self._epoch_deadline_time_in_ms = int(headers["lambda-runtime-deadline-ms"])
        self._write = write

    def get_remaining_time_in_millis(self):
        """How long the invocation may still take."""
        return max(self._epoch_deadline_time_in_ms - int(time.time() * 1000), 0)

    def w3c(self):
        """The trace context that the invoker sent."""
        return dict(self._w3c_fields)

    def log(self, message):
        """Write one message to the log, however many lines it has."""
        self._write(str(message))

    def _shown(self):
        names = "aws_request_id log_group_name log_stream_name function_name memory_limit_in_mb function_version"
        return [*names.split(), "invoked_function_arn", "client_context", "identity", "tenant_id"]


def _read(text, name):
    try:
        return json.loads(text) if text else None
    except Exception as error:
        raise Fault("Runtime.LambdaContextUnmarshalError", f"Unable to parse {name} JSON: {error}") from None


def _take_trace_context(client_context):
    """It is taken out of what the invoker sent."""
    fields = client_context.pop("w3c", None) if isinstance(client_context, dict) else None
    if not isinstance(fields, dict):
        return {}
    return {name: fields[name] for name in _TRACE_CONTEXT if isinstance(fields.get(name), str)}
