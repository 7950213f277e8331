//! What is refused. What is filled, and what is absent by nature, is told by the tests.

/// Services whose requests do not tell the tags of what they are about, or of what they bring.
const UNTOLD_TAGS: &[&str] = &["apigateway:*", "cloudformation:*", "dynamodb:*", "lambda:*", "logs:*"];

/// Keys that requests here should carry and do not, with the actions they are about.
pub const REFUSED: &[(&str, &[&str])] = &[
    ("apigateway:Request/", &["apigateway:*"]),
    ("apigateway:Resource/", &["apigateway:*"]),
    ("aws:RequestTag/", UNTOLD_TAGS),
    ("aws:RequestTag/", &["s3:CreateBucket", "s3:PutBucketTagging", "s3:TagResource", "s3:UntagResource"]),
    ("aws:ResourceTag/", UNTOLD_TAGS),
    ("aws:TagKeys", UNTOLD_TAGS),
    ("aws:TagKeys", &["s3:CreateBucket", "s3:PutBucketTagging", "s3:TagResource", "s3:UntagResource"]),
    ("cloudformation:ChangeSetName", &["cloudformation:*"]),
    ("cloudformation:ImportResourceTypes", &["cloudformation:*"]),
    ("cloudformation:ResourceTypes", &["cloudformation:*"]),
    ("cloudformation:StackPolicyUrl", &["cloudformation:*"]),
    ("cloudformation:TemplateUrl", &["cloudformation:*"]),
    ("dynamodb:Attributes", &["dynamodb:*"]),
    ("dynamodb:FirstPartitionKeyValues", &["dynamodb:*"]),
    ("dynamodb:FourthPartitionKeyValues", &["dynamodb:*"]),
    ("dynamodb:FullTableScan", &["dynamodb:*"]),
    ("dynamodb:SecondPartitionKeyValues", &["dynamodb:*"]),
    ("dynamodb:ThirdPartitionKeyValues", &["dynamodb:*"]),
    ("iam:AssociatedResourceArn", &["iam:PassRole"]),
    // Of many URLs, and of a statement that is in the policy.
    ("lambda:FunctionUrlAuthType", &["lambda:ListFunctionUrlConfigs", "lambda:RemovePermission"]),
    // Known of AddPermission; what RemovePermission is about is in the policy that it changes.
    ("lambda:Principal", &["lambda:RemovePermission"]),
];
