//! A service's lines in CloudWatch Logs, written through the door and as whoever may write them.

use slam_cloud_core::{AwsError, AwsResult, Cloud, Context};
use slam_cloud_wire::logs::{CreateLogGroup, CreateLogStream, InputLogEvent, PutLogEvents};

/// Where lines go.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Destination {
    /// The log group.
    pub group: String,
    /// The stream in it.
    pub stream: String,
    /// Whether the group is the service's own and made when it is missing; one that a user names never is.
    pub own_group: bool,
}

impl Destination {
    /// Writes events. `known` says whether the stream is there, as far as the writer has seen; a stream that was
    /// deleted since is made again.
    ///
    /// # Errors
    /// What CloudWatch Logs answers.
    pub async fn write(
        &self,
        cloud: &Cloud,
        context: &Context,
        events: Vec<InputLogEvent>,
        known: &mut bool,
    ) -> AwsResult<()> {
        if !*known {
            self.create(cloud, context).await?;
            *known = true;
        }
        match self.put(cloud, context, events.clone()).await {
            // Somebody deleted the group or the stream meanwhile.
            Err(error) if error.code == "ResourceNotFoundException" => {
                *known = false;
                self.create(cloud, context).await?;
                *known = true;
                self.put(cloud, context, events).await
            }
            written => written,
        }
    }

    async fn put(&self, cloud: &Cloud, context: &Context, log_events: Vec<InputLogEvent>) -> AwsResult<()> {
        let input = PutLogEvents {
            log_group_name: self.group.clone(),
            log_stream_name: self.stream.clone(),
            log_events,
            ..PutLogEvents::default()
        };
        cloud.call(context.clone(), input).await.map(drop)
    }

    async fn create(&self, cloud: &Cloud, context: &Context) -> AwsResult<()> {
        match self.create_stream(cloud, context).await {
            Err(error) if error.code == "ResourceNotFoundException" && self.own_group => {
                let input = CreateLogGroup { log_group_name: self.group.clone(), ..CreateLogGroup::default() };
                unless_there(cloud.call(context.clone(), input).await.map(drop))?;
                self.create_stream(cloud, context).await
            }
            created => created,
        }
    }

    async fn create_stream(&self, cloud: &Cloud, context: &Context) -> AwsResult<()> {
        let input = CreateLogStream { log_group_name: self.group.clone(), log_stream_name: self.stream.clone() };
        unless_there(cloud.call(context.clone(), input).await.map(drop))
    }
}

fn unless_there(created: Result<(), AwsError>) -> AwsResult<()> {
    created.or_else(|error| if error.code == "ResourceAlreadyExistsException" { Ok(()) } else { Err(error) })
}
