//! Operations by name: the request's JSON into the engine's type, its answer into JSON.

use super::read::read;
use crate::error::convert;
use dynoxide::Database;
use slam_cloud_core::{AwsError, AwsResult};

macro_rules! operations {
    ($($list:ident: { $($name:literal => $method:ident),* $(,)? })*) => {
        $(
            /// The operations that the engine serves, by AWS's names.
            pub const $list: &[&str] = &[$($name),*];
        )*

        /// Runs an operation to its end on this thread.
        pub(super) fn run(engine: &Database, operation: &'static str, body: &str) -> AwsResult<String> {
            match operation {
                $($($name => {
                    let answer = engine.$method(read(operation, body)?).map_err(convert)?;
                    serde_json::to_string(&answer).map_err(AwsError::internal)
                })*)*
                other => Err(AwsError::unsupported(format_args!("the operation {other} of dynamodb"))),
            }
        }
    };
}

operations! {
    OPERATIONS: {
        "BatchExecuteStatement" => batch_execute_statement,
        "BatchGetItem" => batch_get_item,
        "BatchWriteItem" => batch_write_item,
        "CreateTable" => create_table,
        "DeleteItem" => delete_item,
        "DeleteTable" => delete_table,
        "DescribeTable" => describe_table,
        "DescribeTimeToLive" => describe_time_to_live,
        "ExecuteStatement" => execute_statement,
        "ExecuteTransaction" => execute_transaction,
        "GetItem" => get_item,
        "ListTables" => list_tables,
        "ListTagsOfResource" => list_tags_of_resource,
        "PutItem" => put_item,
        "Query" => query,
        "Scan" => scan,
        "TagResource" => tag_resource,
        "TransactGetItems" => transact_get_items,
        "TransactWriteItems" => transact_write_items,
        "UntagResource" => untag_resource,
        "UpdateItem" => update_item,
        "UpdateTable" => update_table,
        "UpdateTimeToLive" => update_time_to_live,
    }
    STREAM_OPERATIONS: {
        "DescribeStream" => describe_stream,
        "GetRecords" => get_records,
        "GetShardIterator" => get_shard_iterator,
        "ListStreams" => list_streams,
    }
}

/// Whether an operation touches so little that it may run where it is.
pub(super) fn is_short(operation: &str) -> bool {
    matches!(operation, "GetItem" | "PutItem" | "UpdateItem" | "DeleteItem" | "GetShardIterator")
}
