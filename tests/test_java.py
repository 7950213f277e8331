"""Java functions: plain methods, and AWS's interfaces with its own library."""

import base64
import json
import re
import time

import functions_java as java
import pytest
import requests

pytestmark = pytest.mark.skipif(java.runtime() is None, reason="this machine has no JDK that AWS offers on PATH")

HANDLERS = """
package example;

import com.amazonaws.services.lambda.runtime.ClientContext;
import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.LambdaLogger;
import com.amazonaws.services.lambda.runtime.LambdaRuntime;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.RequestStreamHandler;
import com.amazonaws.services.lambda.runtime.logging.LogLevel;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

public class Handlers implements RequestHandler<Map<String, String>, List<Object>> {
    @Override
    public List<Object> handleRequest(Map<String, String> event, Context context) {
        LambdaLogger logger = context.getLogger();
        logger.log("two\\nlines");
        logger.log("quiet", LogLevel.DEBUG);
        logger.log("loud".getBytes());
        LambdaRuntime.getLogger().log("from anywhere", LogLevel.WARN);
        System.out.println("printed");
        if (event.containsKey("fail")) {
            throw new IllegalArgumentException(event.get("fail"));
        }
        ClientContext client = context.getClientContext();
        return Arrays.asList(event, context.getFunctionName(), context.getFunctionVersion(),
            context.getInvokedFunctionArn(), context.getMemoryLimitInMB(), context.getLogGroupName(),
            context.getRemainingTimeInMillis() > 0, context.getAwsRequestId().length(), context.getIdentity() == null,
            client == null ? null : client.getCustom(), client == null ? null : client.getClient().getAppTitle());
    }

    public String method(List<Integer> numbers, Context context) {
        return numbers.get(0) + " " + context.getFunctionName();
    }

    public static class Streams implements RequestStreamHandler {
        @Override
        public void handleRequest(InputStream input, OutputStream output, Context context) throws IOException {
            output.write('[');
            input.transferTo(output);
            output.write((",\\"" + context.getFunctionName() + "\\"]").getBytes());
        }
    }

    public static class Order {
        private String id;
        private List<Integer> counts;

        public String getId() {
            return id;
        }

        public void setId(String id) {
            this.id = id;
        }

        public List<Integer> getCounts() {
            return counts;
        }

        public void setCounts(List<Integer> counts) {
            this.counts = counts;
        }
    }

    public abstract static class Base<T> implements RequestHandler<T, T> {
        @Override
        public T handleRequest(T event, Context context) {
            return event;
        }
    }

    public static class Orders extends Base<Order> {}

    public static class Raw<T> implements RequestHandler<T, String> {
        @Override
        public String handleRequest(T event, Context context) {
            return "never";
        }
    }
}
"""

EVENTS = """
package example;

import com.amazonaws.services.lambda.runtime.Context;
import com.amazonaws.services.lambda.runtime.RequestHandler;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyRequestEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayProxyResponseEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPEvent;
import com.amazonaws.services.lambda.runtime.events.APIGatewayV2HTTPResponse;
import com.amazonaws.services.lambda.runtime.events.S3Event;
import java.util.Base64;
import java.util.Map;

public class Events {
    public static class Rest implements RequestHandler<APIGatewayProxyRequestEvent, APIGatewayProxyResponseEvent> {
        @Override
        public APIGatewayProxyResponseEvent handleRequest(APIGatewayProxyRequestEvent event, Context context) {
            String body = event.getIsBase64Encoded() ? new String(Base64.getDecoder().decode(event.getBody())) : event.getBody();
            String text = event.getHttpMethod() + " " + event.getPath() + " " + event.getRequestContext().getStage() + " "
                + event.getQueryStringParameters().get("q") + " " + body;
            return new APIGatewayProxyResponseEvent().withStatusCode(201).withHeaders(Map.of("x-by", "java"))
                .withBody(text);
        }
    }

    public static class Http implements RequestHandler<APIGatewayV2HTTPEvent, APIGatewayV2HTTPResponse> {
        @Override
        public APIGatewayV2HTTPResponse handleRequest(APIGatewayV2HTTPEvent event, Context context) {
            return APIGatewayV2HTTPResponse.builder().withStatusCode(200)
                .withBody(event.getRequestContext().getHttp().getMethod() + " " + event.getRawPath()).build();
        }
    }

    public static class Buckets implements RequestHandler<S3Event, String> {
        @Override
        public String handleRequest(S3Event event, Context context) {
            return "never";
        }
    }
}
"""

PLAIN = """
package example;

import java.util.Map;

public class Plain {
    public static class Answer {
        private final String text;

        Answer(String text) {
            this.text = text;
        }

        public String getText() {
            return text;
        }
    }

    public Answer hello(Map<String, Object> event) {
        System.out.println("greeting " + event.get("name"));
        return new Answer("hello " + event.get("name"));
    }

    public Map<String, Object> http(Map<String, Object> event) {
        return Map.of("statusCode", 200, "body", "java " + event.get("path"));
    }
}
"""


RECORDS = """
package example;

import java.util.List;
import java.util.Map;
import java.util.Optional;

public class Records {
    public enum Size { SMALL, LARGE }

    public record Page<T>(String title, List<T> items, Optional<String> next) {}

    public record Item(int id, Size size, Map<Size, Double> prices) {
        public boolean isLarge() {
            return size == Size.LARGE;
        }
    }

    public Page<Item> turn(Map<String, Object> page) {
        List<Item> items = List.of(new Item(2, Size.LARGE, Map.of(Size.SMALL, 1.0)), new Item(0, null, null));
        return new Page<>(page.get("title") + "!", items, Optional.of("n"));
    }

    public String read(Page<Item> page) {
        return page.title();
    }
}
"""


@pytest.fixture(scope="module")
def role(shared_machine):
    trust = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
    iam = shared_machine.client("iam")
    logs = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}
    arn = iam.create_role(RoleName="java", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName="java", PolicyName="logs", PolicyDocument=json.dumps(logs))
    return arn


@pytest.fixture(scope="module")
def create(shared_machine, role):
    def create(name, handler, package, **more):
        client = shared_machine.client("lambda")
        client.create_function(
            FunctionName=name, Runtime=java.runtime(), Handler=handler, Role=role, Code={"ZipFile": package},
            **{"Timeout": 20, **more},
        )
        client.get_waiter("function_active_v2").wait(FunctionName=name)

    return create


@pytest.fixture(scope="module")
def with_core(tmp_path_factory):
    """A package of the handlers above with AWS's library of interfaces."""
    core = java.library(java.CORE)
    if core is None:
        pytest.skip("aws-lambda-java-core is not to be had: no Maven, or no network")
    return java.archive(java.compile(tmp_path_factory.mktemp("core") / "package", {"Handlers.java": HANDLERS}, core))


@pytest.fixture(scope="module")
def with_events(tmp_path_factory):
    jars = [java.library(java.CORE), java.library(java.EVENTS)]
    if None in jars:
        pytest.skip("aws-lambda-java-events is not to be had: no Maven, or no network")
    return java.archive(java.compile(tmp_path_factory.mktemp("events") / "package", {"Events.java": EVENTS}, *jars))


def invoke(machine, name, event=None, **more):
    answer = machine.client("lambda").invoke(FunctionName=name, Payload=json.dumps(event), LogType="Tail", **more)
    return json.load(answer["Payload"]), answer.get("FunctionError"), base64.b64decode(answer["LogResult"]).decode()


def test_the_least_memory_is_enough_for_hello(shared_machine, create, tmp_path):
    package = java.archive(java.compile(tmp_path / "package", {"Plain.java": PLAIN}))
    create("plain", "example.Plain::hello", package, MemorySize=128)
    payload, error, log = invoke(shared_machine, "plain", {"name": "ann"})
    assert (payload, error) == ({"text": "hello ann"}, None), log
    assert "\ngreeting ann\n" in log
    used = int(re.search(r"Max Memory Used: (\d+) MB", log)[1])
    assert 0 < used < 128


def test_request_handlers_get_lambdas_context(shared_machine, create, with_core):
    create("handler", "example.Handlers", with_core, MemorySize=256)
    arn = "arn:aws:lambda:us-east-1:000000000000:function:handler"
    context = base64.b64encode(json.dumps({"custom": {"a": "b"}, "client": {"app_title": "t"}}).encode()).decode()
    payload, error, log = invoke(shared_machine, "handler", {"k": 1}, ClientContext=context)
    values = [{"k": "1"}, "handler", "$LATEST", arn, 256, "/aws/lambda/handler", True, 36, True, {"a": "b"}, "t"]
    assert (payload, error) == (values, None), log
    assert "\ntwo\nlines\n[DEBUG] quiet\nloud\n[WARN] from anywhere\nprinted\n" in log
    payload, error, log = invoke(shared_machine, "handler", {"fail": "as asked"})
    assert (payload["errorType"], payload["errorMessage"], error) == ("java.lang.IllegalArgumentException", "as asked", "Unhandled")
    # The interface's method and the bridge to it, and nothing of the runtime.
    assert [re.sub(r"\(.*", "", frame) for frame in payload["stackTrace"]] == ["example.Handlers.handleRequest"] * 2
    assert "as asked: java.lang.IllegalArgumentException\n" in log


def test_logs_are_json_where_the_function_says_so(shared_machine, create, with_core):
    config = {"LogFormat": "JSON", "ApplicationLogLevel": "INFO", "SystemLogLevel": "WARN"}
    create("logs", "example.Handlers", with_core, LoggingConfig=config)
    _, _, log = invoke(shared_machine, "logs", {})
    entries = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    told = {entry["message"]: entry["level"] for entry in entries if "message" in entry}
    assert told == {"two\nlines": "UNDEFINED", "from anywhere": "WARN"}
    assert all(len(entry["AWSRequestId"]) == 36 for entry in entries if "message" in entry)
    assert "loud" in log.splitlines() and "printed" in log.splitlines() and "quiet" not in log


@pytest.mark.parametrize(
    ("handler", "event", "expected"),
    [
        ("example.Handlers::method", [7], "7 {name}"),
        ("example.Handlers$Streams", {"a": 1}, [{"a": 1}, "{name}"]),
        ("example.Handlers$Orders", {"id": 5, "counts": "3", "other": 1}, {"id": "5", "counts": [3]}),
        ("example.Handlers$Orders::handleRequest", {"id": "x"}, None),
    ],
)
def test_handlers_are_found_in_each_form(shared_machine, create, with_core, handler, event, expected):
    name = re.sub(r"\W+", "-", handler)
    create(name, handler, with_core)
    payload, error, log = invoke(shared_machine, name, event)
    if expected is None:
        # Through the method's own signature, whose type is a variable: the event is a map then, as for AWS's client.
        expected = event
    assert error is None, log
    assert json.dumps(payload) == json.dumps(expected).replace("{name}", name), log


def test_a_handler_without_types_is_refused_in_awss_words(shared_machine, create, with_core):
    create("raw", "example.Handlers$Raw", with_core)
    payload, error, _ = invoke(shared_machine, "raw", {})
    message = "Class example.Handlers$Raw does not implement RequestHandler with concrete type parameters: parameter T has no upper bound."
    assert (payload, error) == ({"errorMessage": message}, "Unhandled")


def test_the_library_of_interfaces_must_be_bundled(shared_machine, create, with_core, tmp_path):
    """AWS's runtimes have it; what is missing here is told in the log, as for boto3."""
    core = java.library(java.CORE)
    folder = java.compile(tmp_path / "package", {"Handlers.java": HANDLERS}, core)
    (folder / "lib" / core.name).unlink()
    create("bare", "example.Handlers", java.archive(folder))
    payload, _, _ = invoke(shared_machine, "bare", {})
    assert payload["errorType"] == "java.lang.NoClassDefFoundError"
    until = time.monotonic() + 30
    while not told_of_core(shared_machine):
        assert time.monotonic() < until
        time.sleep(0.1)


def told_of_core(machine):
    events = machine.client("logs").filter_log_events(logGroupName="/aws/lambda/bare")["events"]
    return any("[slam] aws-lambda-java-core is part of AWS's Java runtimes" in event["message"] for event in events)


def test_events_of_apis_are_java_values(shared_machine, create, with_events):
    create("http", "example.Events$Http", with_events)
    event = {"version": "2.0", "rawPath": "/p", "requestContext": {"http": {"method": "PUT"}, "timeEpoch": 1583348638390}}
    payload, error, log = invoke(shared_machine, "http", event)
    assert (payload["statusCode"], payload["body"], error) == (200, "PUT /p", None), log
    create("buckets", "example.Events$Buckets", with_events)
    payload, error, log = invoke(shared_machine, "buckets", {})
    message = "com.amazonaws.services.lambda.runtime.events.S3Event as JSON is not supported by the embedded cloud: "
    assert payload["errorMessage"].startswith(message) and "RequestStreamHandler" in payload["errorMessage"], log
    assert error == "Unhandled"


@pytest.mark.skipif(java.runtime() in (None, "java11"), reason="Java 11 has no records")
def test_records_are_answers_and_no_events(shared_machine, create, tmp_path):
    """As on AWS: aws-lambda-java-serialization 1.2.0 was run, `Cannot construct instance of … (no Creators …)`."""
    package = java.archive(java.compile(tmp_path / "package", {"Records.java": RECORDS}, release=17))
    create("records", "example.Records::turn", package)
    payload, error, log = invoke(shared_machine, "records", {"title": "t"})
    expected = [{"id": 2, "size": "LARGE", "prices": {"SMALL": 1.0}, "large": True}, {"id": 0, "large": False}]
    assert (payload, error) == ({"title": "t!", "items": expected, "next": "n"}, None), log
    create("reads-records", "example.Records::read", package)
    payload, error, log = invoke(shared_machine, "reads-records", {"title": "t"})
    assert (payload["errorMessage"], error) == ("An error occurred during JSON parsing", "Unhandled")
    assert "example.Records$Page: it has no default constructor, and AWS's runtimes read no records" in log


def test_slam_deploys_a_java_function(shared_machine, tmp_path):
    """Beside a Python application, from a folder that a build makes."""
    from functions import runtime

    java.compile(tmp_path / "classes", {"Plain.java": PLAIN})
    (tmp_path / "app.py").write_text("def main():\n    return 1\n")
    (tmp_path / "slam.yaml").write_text(f"""\
name: withjava
app: app:main
runtime: {runtime()}
functions:
  greeter:
    runtime: {java.runtime()}
    handler: example.Plain::hello
    memory: 256
    package: {{path: classes}}
  web:
    runtime: {java.runtime()}
    handler: example.Plain::http
    package: {{path: classes}}
    on: {{http: /java}}
""")
    shared_machine.run("deploy", cwd=tmp_path)
    answer = shared_machine.run("invoke", "--function", "greeter", "name=bob", cwd=tmp_path).stdout
    assert json.loads(answer) == {"text": "hello bob"}
    status = shared_machine.json("status", cwd=tmp_path)
    url = status["stages"][0]["url"]
    answer = requests.get(url + "java")
    assert (answer.status_code, answer.text) == (200, "java /java")
    shared_machine.run("delete", "--yes", cwd=tmp_path)


def test_a_rest_api_calls_a_java_function(shared_machine, with_events, tmp_path):
    from functions import runtime

    (tmp_path / "events.zip").write_bytes(with_events)
    (tmp_path / "app.py").write_text("def main():\n    return 1\n")
    (tmp_path / "slam.yaml").write_text(f"""\
name: restjava
app: app:main
runtime: {runtime()}
functions:
  rest: {{runtime: {java.runtime()}, handler: "example.Events$Rest", package: {{path: events.zip}}, on: {{http: /rest}}}}
""")
    shared_machine.run("deploy", cwd=tmp_path)
    url = shared_machine.json("status", cwd=tmp_path)["stages"][0]["url"]
    answer = requests.post(url + "rest?q=1", data="body")
    assert (answer.status_code, answer.headers["x-by"]) == (201, "java")
    stage = url.rstrip("/").rsplit("/", 1)[1]
    assert answer.text == f"POST /rest {stage} 1 body"
    shared_machine.run("delete", "--yes", cwd=tmp_path)
