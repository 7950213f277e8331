//! What AWS was recorded to answer about tables and their streams, asked again.

use slam_cloud_testing::TestCloud;
use slam_cloud_testing::recorded::check_recorded;

async fn check(test: &str) {
    let (cloud, _) = TestCloud::new(slam_cloud_dynamodb::register);
    check_recorded(&cloud, &format!("dynamodb/{test}")).await;
}

#[tokio::test]
async fn batch_write_items_streaming() {
    check("test_batch_write_items_streaming").await;
}

#[tokio::test]
async fn gsi_with_billing_mode() {
    check("test_gsi_with_billing_mode").await;
}

#[tokio::test]
async fn table_crud() {
    check("test_table_crud").await;
}

#[tokio::test]
async fn transact_write_items_streaming_for_different_tables() {
    check("test_transact_write_items_streaming_for_different_tables").await;
}
