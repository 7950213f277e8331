//! Whoever watches is told of each attempt.

use super::server::apart;
use super::to::{Failure, To};
use crate::SnsService;
use crate::model::publication::Publication;
use slam_cloud_core::observer::{Delivery, Outcome};

/// Tells what came of an attempt at a target: the subscriber, or its dead-letter queue. A server's password stays out of it.
pub fn tell(
    service: &SnsService,
    to: &To,
    publication: &Publication,
    target: &str,
    failure: Option<&Failure>,
    is_again: bool,
) {
    let outcome = match failure {
        None => Outcome::Delivered,
        Some(failure) if is_again => Outcome::Failed { why: &failure.error.message },
        Some(failure) => Outcome::GivenUp { why: &failure.error.message },
    };
    let (source, (target, _)) = (to.topic.arn(), apart(target));
    let context = to.context(&to.topic.scope.region, publication);
    let delivery = Delivery { source: &source, target: &target, events: 1, id: Some(&publication.id), outcome };
    service.cloud.delivered(&context, &delivery);
}
