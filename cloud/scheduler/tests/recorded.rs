//! Answers recorded on AWS, asked again.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use slam_cloud_testing::TestCloud;
use slam_cloud_testing::recorded::check_recorded_with;
use slam_cloud_wire::iam::CreateRole;

#[tokio::test]
async fn what_was_recorded_is_answered() {
    let (cloud, _) = TestCloud::new(|cloud, store, registry| {
        slam_cloud_iam::register(cloud, store, registry)?;
        slam_cloud_scheduler::register(cloud, store, registry)
    });
    let trust = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"scheduler.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;
    let role = CreateRole { role_name: "r".into(), assume_role_policy_document: trust.into(), ..CreateRole::default() };
    let role = cloud.call(role).await.unwrap().role.arn;
    for test in ["test_create_schedule_with_valid_cron_expressions", "test_untag_resource"] {
        check_recorded_with(&cloud, &format!("scheduler/{test}"), &[("<role>", &role)]).await;
    }
}
