//! What AWS was recorded to answer, asked again.

use slam_cloud_testing::TestCloud;
use slam_cloud_testing::recorded::check_recorded;

async fn check(test: &str) {
    let (cloud, _) = TestCloud::new(slam_cloud_iam::register);
    check_recorded(&cloud, &format!("sts/{test}")).await;
}

#[tokio::test]
async fn sts_invalid_parameters() {
    check("test_sts_invalid_parameters").await;
}
