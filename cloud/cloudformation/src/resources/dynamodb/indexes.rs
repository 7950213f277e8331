//! The steps from one set of global secondary indexes to another.

use slam_cloud_wire::dynamodb::{
    CreateGlobalSecondaryIndexAction, DeleteGlobalSecondaryIndexAction, GlobalSecondaryIndex,
    GlobalSecondaryIndexUpdate, UpdateGlobalSecondaryIndexAction,
};

/// Whether it is the same index but for its throughput. An index whose keys or projection change is made anew.
fn same(one: &GlobalSecondaryIndex, other: &GlobalSecondaryIndex) -> bool {
    one.index_name == other.index_name && one.key_schema == other.key_schema && one.projection == other.projection
}

/// The throughput that an index shall have, where it says so.
fn throughput(index: &GlobalSecondaryIndex) -> Option<GlobalSecondaryIndexUpdate> {
    let update = UpdateGlobalSecondaryIndexAction {
        index_name: index.index_name.clone(),
        provisioned_throughput: index.provisioned_throughput.clone(),
        on_demand_throughput: index.on_demand_throughput.clone(),
        warm_throughput: None,
    };
    let some = update.provisioned_throughput.is_some() || update.on_demand_throughput.is_some();
    some.then(|| GlobalSecondaryIndexUpdate { update: Some(update), ..Default::default() })
}

/// The throughput of every index that stays: a table that becomes provisioned gives it to all of them at once.
pub(super) fn provisioned(
    had: &mut [GlobalSecondaryIndex],
    has: &[GlobalSecondaryIndex],
) -> Vec<GlobalSecondaryIndexUpdate> {
    let mut updates = Vec::new();
    for before in had {
        if let Some(index) = has.iter().find(|index| index.index_name == before.index_name) {
            before.provisioned_throughput.clone_from(&index.provisioned_throughput);
            before.on_demand_throughput.clone_from(&index.on_demand_throughput);
            updates.extend(throughput(index));
        }
    }
    updates
}

/// What is deleted, changed and created. DynamoDB takes one of these at a time.
pub(super) fn steps(had: &[GlobalSecondaryIndex], has: &[GlobalSecondaryIndex]) -> Vec<GlobalSecondaryIndexUpdate> {
    let mut steps = Vec::new();
    for index in had.iter().filter(|index| !has.iter().any(|other| same(index, other))) {
        let delete = DeleteGlobalSecondaryIndexAction { index_name: index.index_name.clone() };
        steps.push(GlobalSecondaryIndexUpdate { delete: Some(delete), ..Default::default() });
    }
    for index in has {
        match had.iter().find(|other| same(index, other)) {
            Some(other) if other == index => {}
            Some(_) => steps.extend(throughput(index)),
            None => {
                let create = CreateGlobalSecondaryIndexAction {
                    index_name: index.index_name.clone(),
                    key_schema: index.key_schema.clone(),
                    projection: index.projection.clone(),
                    provisioned_throughput: index.provisioned_throughput.clone(),
                    on_demand_throughput: index.on_demand_throughput.clone(),
                    warm_throughput: None,
                };
                steps.push(GlobalSecondaryIndexUpdate { create: Some(create), ..Default::default() });
            }
        }
    }
    steps
}
