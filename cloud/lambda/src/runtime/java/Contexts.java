package slam.lambda;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.util.LinkedHashMap;
import java.util.Map;

/** Context and what it holds, for the interfaces that the function brings. */
final class Contexts {
    private final Core core;

    Contexts(Core core) {
        this.core = core;
    }

    /** The Context of an invocation; null for a function without the interface. */
    Object of(Invocation invocation) {
        Class<?> context = core.find("Context");
        return context == null ? null : core.implement(context, new Values(invocation));
    }

    private final class Values implements InvocationHandler {
        private final Invocation invocation;

        Values(Invocation invocation) {
            this.invocation = invocation;
        }

        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) {
            switch (method.getName()) {
                case "getAwsRequestId":
                    return invocation.id();
                case "getLogGroupName":
                    return System.getenv("AWS_LAMBDA_LOG_GROUP_NAME");
                case "getLogStreamName":
                    return System.getenv("AWS_LAMBDA_LOG_STREAM_NAME");
                case "getFunctionName":
                    return System.getenv("AWS_LAMBDA_FUNCTION_NAME");
                case "getFunctionVersion":
                    return System.getenv("AWS_LAMBDA_FUNCTION_VERSION");
                case "getInvokedFunctionArn":
                    return invocation.header("lambda-runtime-invoked-function-arn");
                case "getRemainingTimeInMillis":
                    long deadline = Long.parseLong(invocation.header("lambda-runtime-deadline-ms"));
                    return (int) Math.max(deadline - System.currentTimeMillis(), 0);
                case "getMemoryLimitInMB":
                    return Integer.parseInt(System.getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"));
                case "getLogger":
                    return core.logger();
                case "getIdentity":
                    return identity(json("lambda-runtime-cognito-identity"));
                case "getClientContext":
                    return clientContext(json("lambda-runtime-client-context"));
                case "getTenantId":
                    return invocation.header("lambda-runtime-aws-tenant-id");
                case "getXrayTraceId":
                    return invocation.header("lambda-runtime-trace-id");
                default:
                    throw new UnsupportedOperationException(
                        "Context." + method.getName() + " is not supported by the embedded cloud");
            }
        }

        private Map<?, ?> json(String header) {
            String text = invocation.header(header);
            return text == null || text.isEmpty() ? null : (Map<?, ?>) JsonReader.read(text);
        }
    }

    private Object identity(Map<?, ?> json) {
        if (json == null) {
            return null;
        }
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("getIdentityId", json.get("cognitoIdentityId"));
        values.put("getIdentityPoolId", json.get("cognitoIdentityPoolId"));
        return named("CognitoIdentity", values);
    }

    private Object clientContext(Map<?, ?> json) {
        if (json == null) {
            return null;
        }
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("getClient", client((Map<?, ?>) json.get("client")));
        values.put("getCustom", texts((Map<?, ?>) json.get("custom")));
        values.put("getEnvironment", texts((Map<?, ?>) json.get("env")));
        return named("ClientContext", values);
    }

    private Object client(Map<?, ?> json) {
        if (json == null) {
            return null;
        }
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("getInstallationId", json.get("installation_id"));
        values.put("getAppTitle", json.get("app_title"));
        values.put("getAppVersionName", json.get("app_version_name"));
        values.put("getAppVersionCode", json.get("app_version_code"));
        values.put("getAppPackageName", json.get("app_package_name"));
        return named("Client", values);
    }

    private Object named(String type, Map<String, Object> values) {
        return core.implement(core.find(type), (proxy, method, arguments) -> values.get(method.getName()));
    }

    private static Map<String, String> texts(Map<?, ?> json) {
        if (json == null) {
            return null;
        }
        Map<String, String> texts = new LinkedHashMap<>();
        json.forEach((name, value) -> texts.put((String) name, value == null ? null : value.toString()));
        return texts;
    }
}
