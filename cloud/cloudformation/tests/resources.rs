//! Every resource type, made by its real service.
#![allow(clippy::unwrap_used, reason = "what goes wrong fails the test")]

mod support;

use slam_cloud_wire::{apigateway, dynamodb, iam, lambda, s3};
use support::{World, zip};

/// What slam itself deploys: a function with its log group, a version, an alias, a REST API, a table, a bucket.
const APPLICATION: &str = r"
Parameters:
  Marker: {Type: String, Default: one}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]
      Policies:
        - PolicyName: table
          PolicyDocument:
            Version: 2012-10-17
            Statement: [{Effect: Allow, Action: 'dynamodb:*', Resource: !GetAtt Table.Arn}]
  Logs: {Type: 'AWS::Logs::LogGroup', Properties: {RetentionInDays: 14}}
  More:
    Type: AWS::IAM::Policy
    Properties:
      PolicyName: logs
      Roles: [!Ref Role]
      PolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: !GetAtt Logs.Arn}]
  Managed:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      Roles: [!Ref Role]
      PolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Action: 's3:GetObject', Resource: !Sub '${Bucket.Arn}/*'}]
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      VersioningConfiguration: {Status: Enabled}
      PublicAccessBlockConfiguration: {BlockPublicAcls: true, BlockPublicPolicy: true, IgnorePublicAcls: true, RestrictPublicBuckets: true}
      LifecycleConfiguration: {Rules: [{Id: old, Status: Enabled, NoncurrentVersionExpiration: {NoncurrentDays: 30}}]}
      BucketEncryption: {ServerSideEncryptionConfiguration: [{ServerSideEncryptionByDefault: {SSEAlgorithm: AES256}}]}
  BucketPolicy:
    Type: AWS::S3::BucketPolicy
    Properties:
      Bucket: !Ref Bucket
      PolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Deny, Principal: '*', Action: 's3:DeleteBucket', Resource: !GetAtt Bucket.Arn, Condition: {StringEquals: {'aws:PrincipalTag/x': never}}}]
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: owner, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      BillingMode: PAY_PER_REQUEST
      GlobalSecondaryIndexes: [{IndexName: byOwner, KeySchema: [{AttributeName: owner, KeyType: HASH}], Projection: {ProjectionType: ALL}}]
      TimeToLiveSpecification: {AttributeName: expires, Enabled: true}
      StreamSpecification: {StreamViewType: NEW_IMAGE}
      Tags: [{Key: kind, Value: table}]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt Role.Arn
      MemorySize: '256'
      Timeout: 10
      Environment: {Variables: {TABLE: !Ref Table, MARKER: !Ref Marker, COUNT: 1}}
      LoggingConfig: {LogGroup: !Ref Logs}
      Code: {ZipFile: 'def handler(event, context): return {}'}
  Version: {Type: 'AWS::Lambda::Version', Properties: {FunctionName: !Ref Function}}
  Alias: {Type: 'AWS::Lambda::Alias', Properties: {FunctionName: !Ref Function, Name: dev, FunctionVersion: !GetAtt Version.Version}}
  Retries: {Type: 'AWS::Lambda::EventInvokeConfig', Properties: {FunctionName: !Ref Function, Qualifier: dev, MaximumRetryAttempts: 0}, DependsOn: Alias}
  Api: {Type: 'AWS::ApiGateway::RestApi', Properties: {Name: tasks, BinaryMediaTypes: ['*/*'], EndpointConfiguration: {Types: [REGIONAL]}}}
  Proxy: {Type: 'AWS::ApiGateway::Resource', Properties: {RestApiId: !Ref Api, ParentId: !GetAtt Api.RootResourceId, PathPart: '{proxy+}'}}
  RootMethod:
    Type: AWS::ApiGateway::Method
    Properties: &INTEGRATION
      RestApiId: !Ref Api
      ResourceId: !GetAtt Api.RootResourceId
      HttpMethod: ANY
      AuthorizationType: NONE
      Integration:
        Type: AWS_PROXY
        IntegrationHttpMethod: POST
        Uri: !Sub 'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Alias}/invocations'
  ProxyMethod:
    Type: AWS::ApiGateway::Method
    Properties:
      RestApiId: !Ref Api
      ResourceId: !Ref Proxy
      HttpMethod: ANY
      AuthorizationType: NONE
      MethodResponses: []
      Integration:
        Type: AWS_PROXY
        IntegrationHttpMethod: POST
        CacheNamespace: none
        CacheKeyParameters: []
        PassthroughBehavior: NEVER
        ResponseTransferMode: STREAM
        TimeoutInMillis: 900000
        Uri: !Sub 'arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2021-11-15/functions/${Alias}/response-streaming-invocations'
  Deployment: {Type: 'AWS::ApiGateway::Deployment', DependsOn: [RootMethod, ProxyMethod], Properties: {RestApiId: !Ref Api}}
  Stage: {Type: 'AWS::ApiGateway::Stage', Properties: {RestApiId: !Ref Api, DeploymentId: !Ref Deployment, StageName: dev, Variables: {marker: !Ref Marker}, MethodSettings: [{ResourcePath: '/*', HttpMethod: '*', ThrottlingBurstLimit: 10, ThrottlingRateLimit: 5}]}}
  Model: {Type: 'AWS::ApiGateway::Model', Properties: {RestApiId: !Ref Api, ContentType: application/json, Schema: {type: object}}}
  Validator: {Type: 'AWS::ApiGateway::RequestValidator', Properties: {RestApiId: !Ref Api, ValidateRequestBody: true}}
  Permission:
    Type: AWS::Lambda::Permission
    Properties:
      FunctionName: !Ref Alias
      Action: lambda:InvokeFunction
      Principal: apigateway.amazonaws.com
      SourceArn: !Sub 'arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*'
  User: {Type: 'AWS::IAM::User', Properties: {Policies: [{PolicyName: none, PolicyDocument: {Version: 2012-10-17, Statement: [{Effect: Deny, Action: '*', Resource: '*'}]}}]}}
  Key: {Type: 'AWS::IAM::AccessKey', Properties: {UserName: !Ref User}}
Outputs:
  Function: {Value: !Ref Function}
  FunctionArn: {Value: !GetAtt Function.Arn}
  Version: {Value: !GetAtt Version.Version}
  Api: {Value: !Ref Api}
  Url: {Value: !Sub 'https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Stage}'}
  Table: {Value: !Ref Table}
  Stream: {Value: !GetAtt Table.StreamArn}
  Bucket: {Value: !Ref Bucket}
  Role: {Value: !Ref Role}
  Key: {Value: !Ref Key}
";

fn application() -> String {
    APPLICATION.replace(" &INTEGRATION", "")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_application_is_deployed_updated_and_deleted() {
    let world = World::new();
    let begin = std::time::Instant::now();
    world.create("tasks", &application(), &[]).await.unwrap();
    let stack = world.settled("tasks").await;
    eprintln!("created in {:?}", begin.elapsed());
    assert_eq!(stack.stack_status, "CREATE_COMPLETE", "{:#?}", world.failures("tasks").await);

    let function = world.output("tasks", "Function").await;
    assert!(function.starts_with("tasks-Function-"), "{function}");
    let get = || lambda::GetFunctionConfiguration { function_name: function.clone(), qualifier: Some("dev".into()) };
    let configuration = world.call(get()).await.unwrap();
    assert_eq!((configuration.version.as_deref(), configuration.memory_size), (Some("1"), Some(256)));
    let variables =
        |configuration: lambda::FunctionConfiguration| configuration.environment.unwrap().variables.unwrap();
    assert_eq!(variables(configuration)["MARKER"], "one");
    let table = world.output("tasks", "Table").await;
    let described = world.call(dynamodb::DescribeTable { table_name: table.clone() }).await.unwrap().table.unwrap();
    assert_eq!(described.global_secondary_indexes.unwrap().len(), 1);
    assert!(world.output("tasks", "Stream").await.contains("/stream/"));
    let url = world.output("tasks", "Url").await;
    assert!(url.ends_with(".execute-api.us-east-1.localhost:4566/dev"), "{url}");
    let role = world.output("tasks", "Role").await;
    let attached = iam::ListAttachedRolePolicies { role_name: role.clone(), ..Default::default() };
    assert_eq!(world.call(attached).await.unwrap().attached_policies.unwrap().len(), 1);

    // The code as it is, another environment; a new version under another logical id, as slam's templates do it.
    let next = application()
        .replace("  Version: {Type", "  VersionTwo: {Type")
        .replace("Version.Version", "VersionTwo.Version")
        .replace("IndexName: byOwner", "IndexName: byKeeper")
        .replace("RetentionInDays: 14", "RetentionInDays: 30")
        .replace("BinaryMediaTypes: ['*/*']", "BinaryMediaTypes: [image/png]")
        .replace("NoncurrentDays: 30", "NoncurrentDays: 10");
    let begin = std::time::Instant::now();
    world.update("tasks", &next, &[("Marker", "two")]).await.unwrap();
    let stack = world.settled("tasks").await;
    eprintln!("updated in {:?}", begin.elapsed());
    assert_eq!(stack.stack_status, "UPDATE_COMPLETE", "{:#?}", world.failures("tasks").await);
    let configuration = world.call(get()).await.unwrap();
    assert_eq!(configuration.version.as_deref(), Some("2"));
    assert_eq!(variables(configuration)["MARKER"], "two");
    let described = world.call(dynamodb::DescribeTable { table_name: table.clone() }).await.unwrap().table.unwrap();
    assert_eq!(described.global_secondary_indexes.unwrap()[0].index_name.as_deref(), Some("byKeeper"));
    let api = world.output("tasks", "Api").await;
    let resources = apigateway::GetResources { rest_api_id: api.clone(), ..Default::default() };
    let resources = world.call(resources).await.unwrap().items.unwrap();
    let proxy = resources.into_iter().find(|resource| resource.path.as_deref() == Some("/{proxy+}")).unwrap();
    let integration = apigateway::GetIntegration {
        rest_api_id: api.clone(),
        resource_id: proxy.id.unwrap(),
        http_method: "ANY".into(),
    };
    let integration = world.call(integration).await.unwrap();
    assert_eq!(integration.response_transfer_mode.as_deref(), Some("STREAM"));
    assert_eq!(integration.timeout_in_millis, Some(900_000));
    let stage = apigateway::GetStage { rest_api_id: api.clone(), stage_name: "dev".into() };
    assert_eq!(world.call(stage).await.unwrap().variables.unwrap()["marker"], "two");

    let begin = std::time::Instant::now();
    world.delete("tasks").await;
    let stack = world.settled(&stack.stack_id.unwrap()).await;
    eprintln!("deleted in {:?}", begin.elapsed());
    assert_eq!(
        stack.stack_status,
        "DELETE_COMPLETE",
        "{:?} {:#?}",
        stack.stack_status_reason,
        world.failures("tasks").await
    );
    assert!(world.call(get()).await.is_err());
    assert!(world.call(dynamodb::DescribeTable { table_name: table }).await.is_err());
    assert!(world.call(iam::GetRole { role_name: role }).await.is_err());
    assert!(world.call(apigateway::GetRestApi { rest_api_id: api }).await.is_err());
}

const INDEXED: &str = "
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      MODE
      GlobalSecondaryIndexes: [INDEXES]
Outputs: {Table: {Value: !Ref Table}}
";

/// Throughput is given to the indexes that are there; the others come with theirs.
#[tokio::test]
async fn a_table_becomes_provisioned_while_its_indexes_change() {
    let world = World::new();
    let index = |name: &str, more: &str| {
        format!(
            "{{IndexName: {name}, KeySchema: [{{AttributeName: id, KeyType: HASH}}], Projection: {{ProjectionType: ALL}}{more}}}"
        )
    };
    let units = |read: i64| format!("ProvisionedThroughput: {{ReadCapacityUnits: {read}, WriteCapacityUnits: 1}}");
    let on_demand = [index("kept", ""), index("gone", "")].join(", ");
    let on_demand = INDEXED.replace("MODE", "BillingMode: PAY_PER_REQUEST").replace("INDEXES", &on_demand);
    let provisioned = [index("kept", &format!(", {}", units(2))), index("new", &format!(", {}", units(3)))].join(", ");
    let provisioned = INDEXED.replace("MODE", &units(4)).replace("INDEXES", &provisioned);
    world.create("indexed", &on_demand, &[]).await.unwrap();
    assert_eq!(world.settled("indexed").await.stack_status, "CREATE_COMPLETE");
    world.update("indexed", &provisioned, &[]).await.unwrap();
    let stack = world.settled("indexed").await;
    assert_eq!(stack.stack_status, "UPDATE_COMPLETE", "{:#?}", world.failures("indexed").await);
    let table_name = world.output("indexed", "Table").await;
    let table = world.call(dynamodb::DescribeTable { table_name }).await.unwrap().table.unwrap();
    let read = |throughput: Option<dynamodb::ProvisionedThroughputDescription>| {
        throughput.and_then(|throughput| throughput.read_capacity_units)
    };
    assert_eq!(read(table.provisioned_throughput), Some(4));
    let indexes = table.global_secondary_indexes.unwrap().into_iter();
    let mut indexes: Vec<_> = indexes.map(|index| (index.index_name, read(index.provisioned_throughput))).collect();
    indexes.sort();
    assert_eq!(indexes, [(Some("kept".into()), Some(2)), (Some("new".into()), Some(3))]);
}

#[tokio::test]
async fn a_template_is_read_from_the_bucket() {
    let world = World::new();
    let bucket = "templates-of-tests";
    world.call(s3::CreateBucket { bucket: bucket.into(), ..Default::default() }).await.unwrap();
    let put = s3::PutObject {
        bucket: bucket.into(),
        key: "t.yaml".into(),
        body: Some("Resources: {A: {Type: 'AWS::Logs::LogGroup'}}".into()),
        ..Default::default()
    };
    world.call(put).await.unwrap();
    for (name, url) in [
        ("one", "https://s3.amazonaws.com/templates-of-tests/t.yaml"),
        ("two", "http://localhost:4566/templates-of-tests/t.yaml"),
    ] {
        let input = slam_cloud_wire::cloudformation::CreateStack {
            stack_name: name.into(),
            template_url: Some(url.into()),
            ..Default::default()
        };
        world.call(input).await.unwrap();
        assert_eq!(world.settled(name).await.stack_status, "CREATE_COMPLETE");
    }
    let missing = slam_cloud_wire::cloudformation::CreateStack {
        stack_name: "three".into(),
        template_url: Some("https://templates-of-tests.s3.amazonaws.com/nope".into()),
        ..Default::default()
    };
    let error = world.error(missing).await;
    assert!(error.starts_with("ValidationError: S3 error: The specified key does not exist"), "{error}");
}

#[tokio::test]
async fn a_bucket_that_is_there_is_not_taken_over() {
    let world = World::new();
    world.call(s3::CreateBucket { bucket: "mine".into(), ..Default::default() }).await.unwrap();
    world.create("s", "Resources: {B: {Type: 'AWS::S3::Bucket', Properties: {BucketName: mine}}}", &[]).await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "ROLLBACK_COMPLETE");
    assert!(world.failures("s").await[0].contains("mine already exists"));
    world.call(s3::HeadBucket { bucket: "mine".into(), ..Default::default() }).await.unwrap();
}

const NESTED: &str = "
Parameters: {Days: {Type: Number}}
Resources: {Group: {Type: 'AWS::Logs::LogGroup', Properties: {RetentionInDays: !Ref Days}}}
Outputs: {Name: {Value: !Ref Group}}
";

#[tokio::test]
async fn a_stack_is_nested_in_another() {
    let world = World::new();
    world.call(s3::CreateBucket { bucket: "nested".into(), ..Default::default() }).await.unwrap();
    let put = s3::PutObject {
        bucket: "nested".into(),
        key: "t.yaml".into(),
        body: Some(NESTED.into()),
        ..Default::default()
    };
    world.call(put).await.unwrap();
    let template = |days: i32| {
        format!(
            "Resources: {{Inner: {{Type: 'AWS::CloudFormation::Stack', Properties: {{TemplateURL: 'https://nested.s3.amazonaws.com/t.yaml', Parameters: {{Days: {days}}}}}}}}}\n\
             Outputs: {{Name: {{Value: !GetAtt Inner.Outputs.Name}}}}"
        )
    };
    world.create("outer", &template(7), &[]).await.unwrap();
    assert_eq!(world.settled("outer").await.stack_status, "CREATE_COMPLETE", "{:?}", world.failures("outer").await);
    let inner = world.physical("outer", "Inner").await;
    let stack = world.stack(&inner).await;
    assert!(stack.stack_name.starts_with("outer-Inner-"));
    assert_eq!(stack.parent_id, world.stack("outer").await.stack_id);
    assert_eq!(world.output("outer", "Name").await, world.physical(&inner, "Group").await);
    world.update("outer", &template(14), &[]).await.unwrap();
    assert_eq!(world.settled("outer").await.stack_status, "UPDATE_COMPLETE", "{:?}", world.failures("outer").await);
    assert_eq!(world.stack(&inner).await.stack_status, "UPDATE_COMPLETE");
    world.update("outer", &template(13), &[]).await.unwrap();
    assert_eq!(world.settled("outer").await.stack_status, "UPDATE_ROLLBACK_COMPLETE");
    let failures = world.failures("outer").await;
    assert!(failures[0].contains("13 is not a valid value for property {/RetentionInDays}"), "{failures:?}");
    let id = world.stack("outer").await.stack_id.unwrap();
    world.delete("outer").await;
    assert_eq!(world.settled(&id).await.stack_status, "DELETE_COMPLETE");
    assert_eq!(world.stack(&inner).await.stack_status, "DELETE_COMPLETE");
}

const LAYERS: &str = "
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]
  Layer:
    Type: AWS::Lambda::LayerVersion
    Properties:
      LayerName: tools
      Description: text
      LicenseInfo: MIT
      CompatibleRuntimes: [python3.13]
      CompatibleArchitectures: [x86_64]
      Content: {S3Bucket: layers, S3Key: one.zip}
  Other: {Type: 'AWS::Lambda::LayerVersion', Properties: {Content: {S3Bucket: layers, S3Key: two.zip}}}
  Permission:
    Type: AWS::Lambda::LayerVersionPermission
    Properties: {LayerVersionArn: !Ref Layer, Action: 'lambda:GetLayerVersion', Principal: '*', OrganizationId: o-abcdefghij}
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Layers: [!Ref Layer, !Ref Other]
      Code:
        ZipFile: |
          import tool
          def handler(event, context): return tool.NAME
Outputs:
  Function: {Value: !Ref Function}
  Layer: {Value: !Ref Layer}
  Other: {Value: !GetAtt Other.LayerVersionArn}
  Permission: {Value: !Ref Permission}
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn layers_are_published_replaced_and_deleted() {
    let world = World::new();
    world.call(s3::CreateBucket { bucket: "layers".into(), ..Default::default() }).await.unwrap();
    for name in ["one", "two"] {
        let put = s3::PutObject {
            bucket: "layers".into(),
            key: format!("{name}.zip"),
            body: Some(zip("python/tool.py", &format!("NAME = '{name}'"))),
            ..Default::default()
        };
        world.call(put).await.unwrap();
    }
    let invoke = async || {
        let input = lambda::Invoke { function_name: world.output("layered", "Function").await, ..Default::default() };
        String::from_utf8(world.call(input).await.unwrap().payload.unwrap().to_vec()).unwrap()
    };
    world.create("layered", LAYERS, &[]).await.unwrap();
    let stack = world.settled("layered").await;
    assert_eq!(stack.stack_status, "CREATE_COMPLETE", "{:#?}", world.failures("layered").await);
    let arn = "arn:aws:lambda:us-east-1:111111111111:layer:tools";
    assert_eq!(world.output("layered", "Layer").await, format!("{arn}:1"));
    let other = world.output("layered", "Other").await;
    assert!(other.contains(":layer:layered-Other-"), "{other}");
    let permission = world.output("layered", "Permission").await;
    assert!(permission.starts_with(&format!("{arn}:1#layered-Permission-")), "{permission}");
    assert_eq!(invoke().await, "\"two\"");

    // The name stays, and the other layer goes: a new version, to which the function moves before the old one is gone.
    let next =
        LAYERS.replace("Description: text", "Description: words").replace("[!Ref Layer, !Ref Other]", "[!Ref Layer]");
    world.update("layered", &next, &[]).await.unwrap();
    let stack = world.settled("layered").await;
    assert_eq!(stack.stack_status, "UPDATE_COMPLETE", "{:#?}", world.failures("layered").await);
    assert_eq!(world.output("layered", "Layer").await, format!("{arn}:2"));
    assert_eq!(invoke().await, "\"one\"");
    let versions = async |name: &str| {
        let list = lambda::ListLayerVersions { layer_name: name.into(), ..Default::default() };
        let versions = world.call(list).await.unwrap().layer_versions.unwrap();
        versions.into_iter().filter_map(|version| version.version).collect::<Vec<_>>()
    };
    assert_eq!(versions("tools").await, [2]);
    let policy = lambda::GetLayerVersionPolicy { layer_name: "tools".into(), version_number: 2 };
    assert!(world.call(policy).await.unwrap().policy.unwrap().contains("\"aws:PrincipalOrgID\":\"o-abcdefghij\""));

    world.delete("layered").await;
    let stack = world.settled(&stack.stack_id.unwrap()).await;
    assert_eq!(stack.stack_status, "DELETE_COMPLETE", "{:?}", stack.stack_status_reason);
    assert_eq!(versions("tools").await, [0; 0]);
}

const FUNCTION: &str = "
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: 2012-10-17
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: 'sts:AssumeRole'}]
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Handler: index.handler
      Role: !GetAtt Role.Arn
      Code: {ZipFile: 'CODE'}
      Layers: [LAYERS]
Outputs: {Function: {Value: !Ref Function}}
";

/// What an update had done of a resource when the next step failed is undone, too.
#[tokio::test]
async fn a_rollback_takes_back_the_steps_that_were_done() {
    let world = World::new();
    world.create("s", &FUNCTION.replace("LAYERS", ""), &[]).await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "CREATE_COMPLETE", "{:?}", world.failures("s").await);
    let function_name = world.output("s", "Function").await;
    let code = async || {
        let get = lambda::GetFunctionConfiguration { function_name: function_name.clone(), qualifier: None };
        world.call(get).await.unwrap().code_sha256
    };
    let before = code().await;
    let layer = "arn:aws:lambda:us-east-1:111111111111:layer:none:1";
    world.update("s", &FUNCTION.replace("CODE", "MORE").replace("LAYERS", layer), &[]).await.unwrap();
    assert_eq!(world.settled("s").await.stack_status, "UPDATE_ROLLBACK_COMPLETE", "{:?}", world.failures("s").await);
    assert!(world.failures("s").await[0].contains("Function UPDATE_FAILED"), "{:?}", world.failures("s").await);
    assert_eq!(code().await, before);
}
