"""What a template says of a resource is what its service says: when it is made, changed in place, and taken back.

`stack_properties/expected.json` has every answer. After a deliberate change of behaviour, write it anew with
`SLAM_WRITE_EXPECTED=1`, and read the difference.
"""

import difflib
import io
import json
import os
import pathlib
import re
import zipfile

from botocore.exceptions import WaiterError

FOLDER = pathlib.Path(__file__).resolve().parent / "stack_properties"
EXPECTED = FOLDER / "expected.json"

# What is another each time, wherever it stands in an answer.
VOLATILE = re.compile(
    r"(?i)(?<!start)(?<!end)date$|time$|^(created|lastmodified)timestamp$|revisionid|codesha256|codesize|^location$|^id$|^\w*policyid$|roleid|userid|groupid|tableid|versionid"
    r"|accesskeyid|latest.*|lastmodified|etag|uploadsequencetoken|lastupdated|.*identifier$|stackstatus"
)
# The lists in which the order says something.
ORDERED = {"KeySchema", "Rules", "CORSRules"}


def zipped(name, text):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(name, text)
    return data.getvalue()


def steady(value, names, ordered=False):
    """An answer without what is another each time, and with logical ids for physical ones."""
    if isinstance(value, dict):
        kept = {key: one for key, one in value.items() if key != "ResponseMetadata" and not VOLATILE.search(key)}
        return {steady(key, names): steady(one, names, key in ORDERED) for key, one in kept.items()}
    if isinstance(value, list):
        items = [one for one in (steady(one, names) for one in value) if one != {}]
        return items if ordered else sorted(items, key=lambda one: json.dumps(one, sort_keys=True))
    if isinstance(value, str):
        for physical, logical in names:
            value = value.replace(physical, f"<{logical}>")
        value = re.sub(r"/stream/20[-0-9T:.]+", "/stream/<label>", value)
        value = re.sub(r"properties-(\w+)-[A-Z0-9]{12}", r"<\1>", value)
        return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<uuid>", value)
    return value if isinstance(value, (int, float, bool, type(None))) else str(value)


def questions(of):
    """What is asked of the services, by logical id: service, operation, parameters."""
    bucket = {"Bucket": of["Bucket"]}
    api = {"restApiId": of["Api"]}
    part = {**api, "resourceId": of["Part"], "httpMethod": "POST"}
    second, quick = {"ApiId": of["HttpApi"]}, {"ApiId": of["QuickApi"]}
    pool = {"UserPoolId": of["Pool"]}
    role, user = {"RoleName": of["Role"]}, {"UserName": of["User"]}
    layer, number = of["Layer"].rsplit(":", 1)
    version = {"LayerName": layer, "VersionNumber": int(number)}
    return {
        "Group": [
            ("logs", "describe_log_groups", {"logGroupNamePrefix": of["Group"]}),
            ("logs", "list_tags_log_group", {"logGroupName": of["Group"]}),
            ("logs", "describe_log_streams", {"logGroupName": of["Group"]}),
        ],
        "Boundary": [
            ("iam", "get_policy", {"PolicyArn": of["Boundary"]}),
            ("iam", "get_policy_version", {"PolicyArn": of["Boundary"], "VersionId": of["BoundaryVersionId"]}),
            ("iam", "list_entities_for_policy", {"PolicyArn": of["Boundary"]}),
        ],
        "Role": [
            ("iam", "get_role", role),
            ("iam", "list_attached_role_policies", role),
            *(("iam", "get_role_policy", {**role, "PolicyName": name}) for name in ["first", "second", "third", "inline"]),
        ],
        "User": [
            ("iam", "get_user", user),
            ("iam", "list_attached_user_policies", user),
            ("iam", "list_groups_for_user", user),
            ("iam", "list_access_keys", user),
            *(("iam", "get_user_policy", {**user, "PolicyName": name}) for name in ["first", "second", "inline"]),
            *(("iam", "list_group_policies", {"GroupName": name}) for name in ["readers", "writers"]),
        ],
        "Table": [
            ("dynamodb", "describe_table", {"TableName": of["Table"]}),
            ("dynamodb", "describe_time_to_live", {"TableName": of["Table"]}),
            ("dynamodb", "describe_continuous_backups", {"TableName": of["Table"]}),
            ("dynamodb", "list_tags_of_resource", {"ResourceArn": of["TableArn"]}),
        ],
        "Bucket": [
            ("s3", "get_bucket_versioning", bucket),
            ("s3", "get_bucket_notification_configuration", bucket),
            ("s3", "get_bucket_encryption", bucket),
            ("s3", "get_bucket_ownership_controls", bucket),
            ("s3", "get_public_access_block", bucket),
            ("s3", "get_bucket_lifecycle_configuration", bucket),
            ("s3", "get_bucket_cors", bucket),
            ("s3", "get_bucket_tagging", bucket),
            ("s3", "get_bucket_policy", bucket),
        ],
        "Layer": [("lambda", "get_layer_version", version), ("lambda", "get_layer_version_policy", version)],
        "Function": [
            ("lambda", "get_function", {"FunctionName": of["Function"]}),
            ("lambda", "list_versions_by_function", {"FunctionName": of["Function"]}),
            ("lambda", "get_function_recursion_config", {"FunctionName": of["Function"]}),
        ],
        "Source": [
            ("lambda", "get_function", {"FunctionName": of["Source"]}),
            ("lambda", "list_aliases", {"FunctionName": of["Source"]}),
            ("lambda", "list_function_event_invoke_configs", {"FunctionName": of["Source"]}),
            ("lambda", "list_function_url_configs", {"FunctionName": of["Source"]}),
            ("lambda", "get_policy", {"FunctionName": of["Source"], "Qualifier": "live"}),
        ],
        "Mapping": [
            ("lambda", "get_event_source_mapping", {"UUID": of["Mapping"]}),
            ("lambda", "list_tags", {"Resource": of["MappingArn"]}),
        ],
        "StreamMapping": [("lambda", "get_event_source_mapping", {"UUID": of["StreamMapping"]})],
        "Api": [
            ("apigateway", "get_rest_api", api),
            ("apigateway", "get_model", {**api, "modelName": of["Model"]}),
            ("apigateway", "get_request_validators", api),
            ("apigateway", "get_resources", api),
            ("apigateway", "get_method", part),
            ("apigateway", "get_deployments", api),
            ("apigateway", "get_stages", api),
            ("apigateway", "get_authorizers", api),
            ("apigateway", "get_gateway_response", {**api, "responseType": "MISSING_AUTHENTICATION_TOKEN"}),
            ("apigateway", "get_account", {}),
        ],
        "ClientKey": [("apigateway", "get_api_key", {"apiKey": of["ClientKey"]})],
        "Plan": [
            ("apigateway", "get_usage_plan", {"usagePlanId": of["Plan"]}),
            ("apigateway", "get_usage_plans", {"keyId": of["ClientKey"]}),
        ],
        "HttpApi": [
            ("apigatewayv2", operation, second)
            for operation in ("get_api", "get_routes", "get_integrations", "get_authorizers", "get_stages", "get_deployments")
        ],
        "QuickApi": [("apigatewayv2", operation, quick) for operation in ("get_api", "get_routes", "get_integrations", "get_stages")],
        "Parameter": [
            ("ssm", "get_parameters", {"Names": [of["Parameter"]]}),
            ("ssm", "describe_parameters", {"ParameterFilters": [{"Key": "Name", "Values": [of["Parameter"]]}]}),
            ("ssm", "list_tags_for_resource", {"ResourceType": "Parameter", "ResourceId": of["Parameter"]}),
        ],
        "Secret": [
            ("secretsmanager", "describe_secret", {"SecretId": of["Secret"]}),
            ("secretsmanager", "get_secret_value", {"SecretId": of["Secret"]}),
            ("secretsmanager", "get_resource_policy", {"SecretId": of["SecretId"]}),
        ],
        **{
            name: [
                ("sqs", "get_queue_attributes", {"QueueUrl": of[name], "AttributeNames": ["All"]}),
                ("sqs", "list_queue_tags", {"QueueUrl": of[name]}),
            ]
            for name in ("Dead", "Queue", "Ordered")
        },
        **{
            name: [
                ("sns", "get_topic_attributes", {"TopicArn": of[name]}),
                ("sns", "list_subscriptions_by_topic", {"TopicArn": of[name]}),
                ("sns", "list_tags_for_resource", {"ResourceArn": of[name]}),
            ]
            for name in ("Topic", "OrderedTopic")
        },
        **{name: [("sns", "get_subscription_attributes", {"SubscriptionArn": of[name]})] for name in ("Subscription", "Hook")},
        "Schedules": [
            ("scheduler", "get_schedule_group", {"Name": of["Schedules"]}),
            ("scheduler", "list_tags_for_resource", {"ResourceArn": of["SchedulesArn"]}),
        ],
        "Schedule": [
            ("scheduler", "get_schedule", {"Name": of["Schedule"], "GroupName": of["ScheduleArn"].split("/")[1]}),
            ("scheduler", "list_schedules", {}),
            ("scheduler", "get_schedule", {"Name": "properties-bus"}),
        ],
        "Bus": [
            ("events", "describe_event_bus", {"Name": of["Bus"]}),
            ("events", "list_tags_for_resource", {"ResourceARN": of["BusArn"]}),
        ],
        "BusPolicy": [("events", "describe_event_bus", {"Name": "default"})],
        "Rule": [
            ("events", "describe_rule", {"Name": of["RuleName"], "EventBusName": of["Bus"]}),
            ("events", "list_targets_by_rule", {"Rule": of["RuleName"], "EventBusName": of["Bus"]}),
            ("events", "list_tags_for_resource", {"ResourceARN": of["RuleArn"]}),
        ],
        "Timed": [("events", "describe_rule", {"Name": of["Timed"]})],
        "LogPolicy": [("logs", "describe_resource_policies", {})],
        "Connection": [("events", "describe_connection", {"Name": of["Connection"]})],
        "OAuth": [("events", "describe_connection", {"Name": of["OAuth"]})],
        "ApiDestination": [("events", "describe_api_destination", {"Name": of["ApiDestination"]})],
        "Archive": [("events", "describe_archive", {"ArchiveName": of["Archive"]})],
        "Pool": [
            ("cognito-idp", "describe_user_pool", pool),
            ("cognito-idp", "list_tags_for_resource", {"ResourceArn": of["PoolArn"]}),
            ("cognito-idp", "get_group", {**pool, "GroupName": of["PoolGroup"]}),
            ("cognito-idp", "describe_resource_server", {**pool, "Identifier": of["PoolServer"]}),
            ("cognito-idp", "admin_get_user", {**pool, "Username": of["PoolUser"]}),
            ("cognito-idp", "admin_list_groups_for_user", {**pool, "Username": of["PoolUser"]}),
        ],
        "MailPool": [("cognito-idp", "describe_user_pool", {"UserPoolId": of["MailPool"]})],
        "PoolClient": [("cognito-idp", "describe_user_pool_client", {**pool, "ClientId": of["PoolClient"]})],
        "Inner": [("cloudformation", "describe_stacks", {"StackName": of["Inner"]})],
    }


def made_by_second_version(client, of):
    """What API Gateway's second version named by chance: physical ids, and what they are called."""
    for name in ["HttpApi", "QuickApi"]:
        api = {"ApiId": of[name]}
        yield client.get_api(**api)["ApiEndpoint"], f"{name}Endpoint"
        deployments = client.get_deployments(**api)["Items"]
        yield from ((one["DeploymentId"], f"{name}Deployed") for one in deployments if one["AutoDeployed"])
    yield from ((one["RouteId"], "QuickRoute") for one in client.get_routes(ApiId=of["QuickApi"])["Items"])
    yield from ((one["IntegrationId"], "QuickIntegration") for one in client.get_integrations(ApiId=of["QuickApi"])["Items"])
    named = ["HttpApi", "QuickApi", "Issuing", "HttpTokens", "HttpAuthorizer", "HttpIntegration", "HttpAction", "HttpRoute", "HttpScoped", "HttpDeployment"]
    yield from ((of[name], name) for name in named)


def answers(machine, stack):
    cloudformation = machine.client("cloudformation")
    described = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    outputs = {output["OutputKey"]: output["OutputValue"] for output in described["Outputs"]}
    listed = cloudformation.describe_stack_resources(StackName=stack)["StackResources"]
    of = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in listed}
    # What is named in the template is steady by itself.
    made = [(of[name], name) for name in ["Api", "Part", "Deployment", "Staged", "Validator", "TokenAuthorizer", "PoolAuthorizer", "JwtAuthorizer", "Pool", "MailPool", "PoolClient", "Inner", "Key", "Note", "Secret", "Queue", "Dead", "Ordered", "QueuePolicy", "TopicPolicy", "Subscription", "Hook"]]
    made += made_by_second_version(machine.client("apigatewayv2"), of)
    root = machine.client("apigateway").get_resources(restApiId=of["Api"])["items"]
    made += [(resource["id"], "Root") for resource in root if resource["path"] == "/"]
    # Each function URL has a port of its own.
    made += [(outputs["AddressUrl"], "Address")]
    names = [("localhost:" + str(machine.port), "cloud"), *sorted(made, key=lambda pair: -len(pair[0]))]
    told = [f"outputs {json.dumps(steady(outputs, names), sort_keys=True)}"]
    for logical, calls in questions({**of, **outputs}).items():
        for service, operation, parameters in calls:
            client = machine.client(service)
            try:
                answer = steady(getattr(client, operation)(**parameters), names)
                # What is taken back is a version more.
                for parameter in answer.get("Parameters", ()) if service == "ssm" else ():
                    parameter.pop("Version")
                # So it is of secrets, whose versions are named by chance.
                answer.pop("VersionIdsToStages", None)
                # What makes a secret's ARN its own is made by chance, and a token comes when it comes.
                for by_chance in ("SecretArn", "ConnectionState", "StateReason", "ApiDestinationState"):
                    answer.pop(by_chance, None)
                # And of topics, which count the subscriptions that they had.
                answer.get("Attributes", {}).pop("SubscriptionsDeleted", None)
            except client.exceptions.ClientError as error:
                answer = error.response["Error"]["Code"]
            told.append(f"{logical} {operation} {json.dumps(answer, sort_keys=True)}")
    return told


def settle(cloudformation, waiter):
    """Waits; a stack that fails tells why."""
    waiter = cloudformation.get_waiter(waiter)
    waiter.config.delay = 1
    try:
        waiter.wait(StackName="properties")
    except WaiterError as error:
        events = cloudformation.describe_stack_events(StackName="properties")["StackEvents"]
        failed = [event for event in events if "FAILED" in event["ResourceStatus"]]
        raise AssertionError(json.dumps(failed, indent=1, default=str)) from error


def test_every_property_reaches_its_service(shared_machine):
    machine, writing = shared_machine, "SLAM_WRITE_EXPECTED" in os.environ
    cloudformation = machine.client("cloudformation")
    machine.client("s3").create_bucket(Bucket="properties-packages")
    for key, body in [
        ("code.zip", zipped("index.py", "def handler(event, context): return 1")),
        ("other.zip", zipped("index.py", "def handler(event, context): return 2")),
        ("layer.zip", zipped("python/tool.py", "NAME = 1")),
        ("inner.yaml", (FOLDER / "inner.yaml").read_bytes()),
    ]:
        machine.client("s3").put_object(Bucket="properties-packages", Key=key, Body=body)
    for group in ["readers", "writers"]:
        machine.client("iam").create_group(GroupName=group)
    written = {}
    for step, template in enumerate(["made", "changed", "bare", "made", "bare"]):
        operation = "update" if step else "create"
        getattr(cloudformation, f"{operation}_stack")(
            StackName="properties",
            TemplateBody=(FOLDER / f"{template}.yaml").read_text(),
            Capabilities=["CAPABILITY_NAMED_IAM"],
            Tags=[{"Key": "stack", "Value": template}],
        )
        settle(cloudformation, f"stack_{operation}_complete")
        told = answers(machine, "properties")
        written.setdefault(template, told)
        expected = written if writing else json.loads(EXPECTED.read_text())
        difference = "\n".join(difflib.unified_diff(expected[template], told, "expected", "told", lineterm="", n=0))
        assert not difference, f"step {step}: {template}\n{difference}"
    if writing:
        EXPECTED.write_text(json.dumps(written, indent=1) + "\n")
    cloudformation.delete_stack(StackName="properties")
    settle(cloudformation, "stack_delete_complete")
    assert machine.client("iam").list_roles(PathPrefix="/properties/")["Roles"] == []
    assert machine.client("lambda").list_functions()["Functions"] == []
    assert machine.client("apigateway").get_rest_apis()["items"] == []
