//! The environment variables of the function, as Lambda gets them.
//!
//! One function serves all stages of a stack, and its environment is the same for all of them. What differs from
//! stage to stage travels in one variable, [`SLAM_STAGES`], as JSON; at run time the adapter takes the part of the
//! stage whose alias was invoked, and puts the old state back after the invocation.

use crate::model::{ApiKind, Bucket, Code, Function, Queue, Secret, Stage, Topic, Via, tasks_queue, tasks_table};
use crate::project::Project;
use crate::variables::{
    SCRIPT_NAME, SLAM_COMMANDS, SLAM_CORS, SLAM_GZIP, SLAM_LOG_REQUESTS, SLAM_SECRETS, SLAM_STAGES, SLAM_TASKS_QUEUE,
    SLAM_TASKS_SECONDS, SLAM_TASKS_TABLE,
};
use indexmap::IndexMap;
use serde_json::{Map, Value, json};

/// The variable that names the script which starts the function's runtime.
/// <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper>
pub const WRAPPER_VARIABLE: &str = "AWS_LAMBDA_EXEC_WRAPPER";

/// The script that slam adds to packages of projects whose answers stream. It starts a runtime of slam's own: AWS's
/// cannot stream what Python answers.
pub const STREAM_WRAPPER: &str = "/var/task/slam_stream";

/// Lambda's limit on all variables together, which it measures as JSON.
pub const MAX_ENVIRONMENT: usize = 4096;

/// Names that Lambda keeps for itself.
/// <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime>
pub const RESERVED: &[&str] = &[
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

/// Whether slam itself sets a variable of this name, or may come to.
pub fn is_ours(name: &str) -> bool {
    name == "STAGE" || name == "LAMBDA_VERSION" || name.starts_with("SLAM_")
}

/// The variable by which code finds a table: `my-table` → `TABLE_MY_TABLE`.
#[must_use]
pub fn table_variable(table: &str) -> String {
    variable("TABLE", table)
}

/// The variable by which code finds a queue: `mail` → `QUEUE_MAIL`.
#[must_use]
pub fn queue_variable(queue: &str) -> String {
    variable("QUEUE", queue)
}

/// The variable by which code finds a topic: `changes` → `TOPIC_CHANGES`.
#[must_use]
pub fn topic_variable(topic: &str) -> String {
    variable("TOPIC", topic)
}

/// The variable by which code finds a bucket: `uploads` → `BUCKET_UPLOADS`.
#[must_use]
pub fn bucket_variable(bucket: &str) -> String {
    variable("BUCKET", bucket)
}

fn variable(kind: &str, name: &str) -> String {
    let upper = |character: char| if character.is_ascii_alphanumeric() { character.to_ascii_uppercase() } else { '_' };
    format!("{kind}_{}", name.chars().map(upper).collect::<String>())
}

/// What only the cloud knows of a resource.
#[derive(Clone, Copy, Debug)]
pub enum InCloud<'p> {
    /// The URL of a queue.
    QueueUrl(&'p Queue),
    /// The URL of a function's queue of tasks.
    TasksUrl(&'p Project, &'p Function),
    /// The ARN of a topic.
    TopicArn(&'p Topic),
    /// The name of a bucket of a project.
    BucketName(&'p Project, &'p Bucket),
}

/// Says what the cloud knows of a stage's resource.
pub type Naming<'n> = &'n dyn Fn(&Stage, InCloud<'_>) -> String;

/// As AWS would have it, of the usual length: what is in the cloud is not known here.
fn likely(stage: &Stage, of: InCloud<'_>) -> String {
    const QUEUES: &str = "https://sqs.eu-central-1.amazonaws.com/123456789012";
    match of {
        InCloud::QueueUrl(queue) => format!("{QUEUES}/{}", queue.name_in(&stage.name)),
        InCloud::TasksUrl(project, function) => {
            format!("{QUEUES}/{}", tasks_queue(&project.name, &stage.name, function.name.as_deref(), false))
        }
        InCloud::TopicArn(topic) => format!("arn:aws:sns:eu-central-1:123456789012:{}", topic.name_in(&stage.name)),
        InCloud::BucketName(project, bucket) => {
            format!("{}123456789012", bucket.name_in(&project.name, &stage.name))
        }
    }
}

impl Project {
    /// The variables by which code finds the project's resources, each with what it names.
    #[must_use]
    pub fn resource_variables(&self) -> Vec<(String, String)> {
        let tables =
            self.tables.iter().map(|table| (table_variable(&table.name), format!("the table `{}`", table.name)));
        let queues =
            self.queues.iter().map(|queue| (queue_variable(&queue.name), format!("the queue `{}`", queue.name)));
        let topics =
            self.topics.iter().map(|topic| (topic_variable(&topic.name), format!("the topic `{}`", topic.name)));
        let buckets =
            self.buckets.iter().map(|bucket| (bucket_variable(&bucket.name), format!("the bucket `{}`", bucket.name)));
        tables.chain(queues).chain(topics).chain(buckets).collect()
    }

    /// What differs in a stage: its name, the names of its tables and queues, its own variables. What only the cloud knows
    /// looks as it probably will.
    #[must_use]
    pub fn stage_environment(&self, stage: &Stage) -> IndexMap<String, String> {
        self.named_stage_environment(stage, &likely)
    }

    fn named_stage_environment(&self, stage: &Stage, naming: Naming<'_>) -> IndexMap<String, String> {
        let queues =
            self.queues.iter().map(|queue| (queue_variable(&queue.name), naming(stage, InCloud::QueueUrl(queue))));
        let topics =
            self.topics.iter().map(|topic| (topic_variable(&topic.name), naming(stage, InCloud::TopicArn(topic))));
        let name = |bucket: &Bucket| naming(stage, InCloud::BucketName(self, bucket));
        let buckets = self.buckets.iter().map(|bucket| (bucket_variable(&bucket.name), name(bucket)));
        let tables = self.tables.iter().map(|table| (table_variable(&table.name), table.name_in(&stage.name)));
        let results = self.tasks.and_then(|tasks| tasks.results);
        let results = results.map(|_| (SLAM_TASKS_TABLE.to_owned(), tasks_table(&self.name, &stage.name)));
        // Of the other kinds of APIs each stage has its own, so that no path leads to it.
        let has_path = self.has_api() && self.api == ApiKind::Rest;
        let script_name = has_path.then(|| (SCRIPT_NAME.to_owned(), format!("/{}", stage.name)));
        // One of slam.yaml's, for a domain of one's own, counts more.
        let script_name = script_name.filter(|(name, _)| !self.environment.contains_key(name));
        let own = stage.environment.iter().map(|(name, value)| (name.clone(), value.clone()));
        [("STAGE".to_owned(), stage.name.clone())]
            .into_iter()
            .chain(script_name)
            .chain(tables)
            .chain(queues)
            .chain(topics)
            .chain(buckets)
            .chain(results)
            .chain(own)
            .collect()
    }

    /// The variables of a function whose values are kept elsewhere: in a stage, or what all stages have that say nothing
    /// else. What is said nearer to the stage counts, be it a secret or a plain variable.
    #[must_use]
    pub fn secrets_of(&self, function: &Function, stage: Option<&Stage>) -> IndexMap<String, Secret> {
        let mut found = IndexMap::new();
        if matches!(function.code, Code::Handler(_)) {
            return found;
        }
        let own = [(&self.environment, &self.secrets), (&function.environment, &function.secrets)];
        let of_stage = stage.map(|stage| (&stage.environment, &stage.secrets));
        for (plain, secrets) in own.into_iter().chain(of_stage) {
            found.retain(|name, _| !plain.contains_key(name));
            found.extend(secrets.iter().map(|(name, secret)| (name.clone(), secret.clone())));
        }
        found
    }

    /// Whether a function has a queue of tasks in each stage.
    #[must_use]
    pub fn has_tasks_queue(&self, function: &Function) -> bool {
        self.tasks.is_some_and(|tasks| tasks.via == Via::Queue) && matches!(function.code, Code::App { .. })
    }

    /// Whether a function has secrets in any stage.
    #[must_use]
    pub fn has_secrets(&self, function: &Function) -> bool {
        self.stages.iter().any(|stage| !self.secrets_of(function, Some(stage)).is_empty())
    }

    /// What the adapter tells browsers, as JSON: a REST API passes on what the function answers, as it is, where the other
    /// kinds add the headers themselves. Its stages say the same of it.
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-cors.html>
    fn own_cors(&self, function: &Function, stages: &[&Stage]) -> Option<String> {
        let reached = function.path.is_some() || function.name.is_none() && self.http.is_some();
        let cors = stages.first()?.settings.cors.as_ref().filter(|_| reached && function.is_web())?;
        let told = json!({"origins": cors.origins, "expose": cors.expose, "credentials": cors.credentials});
        (self.api == ApiKind::Rest).then(|| told.to_string())
    }

    /// The variables of a function that serves these stages.
    ///
    /// What is shipped as it is has no adapter that puts on the variables of the invoked stage; where the stack has one
    /// stage only, they can be the function's own.
    #[must_use]
    pub fn lambda_environment(&self, function: &Function, stages: &[&Stage]) -> IndexMap<String, String> {
        self.named_environment(function, stages, &likely)
    }

    /// The same, with what the cloud knows as `naming` says it.
    #[must_use]
    pub fn named_environment(
        &self,
        function: &Function,
        stages: &[&Stage],
        naming: Naming<'_>,
    ) -> IndexMap<String, String> {
        let mut stages = stages.to_vec();
        stages.sort_by_key(|stage| stage.name != self.dev_stage);
        let secrets = self.secrets_of(function, None);
        let map: Map<String, Value> = stages
            .iter()
            .map(|stage| {
                let of_stage = self.secrets_of(function, Some(stage));
                let differs = (of_stage != secrets).then(|| (SLAM_SECRETS.to_owned(), places(&of_stage)));
                let tasks = self.has_tasks_queue(function).then(|| naming(stage, InCloud::TasksUrl(self, function)));
                let tasks = tasks.map(|url| (SLAM_TASKS_QUEUE.to_owned(), url));
                let variables = self.named_stage_environment(stage, naming).into_iter().chain(differs).chain(tasks);
                (stage.name.clone(), variables.map(|(name, value)| (name, Value::from(value))).collect())
            })
            .collect();
        let mut environment = self.environment.clone();
        environment.extend(function.environment.clone());
        environment.retain(|name, _| !secrets.contains_key(name));
        if !secrets.is_empty() {
            environment.insert(SLAM_SECRETS.to_owned(), places(&secrets));
        }
        match (&function.code, &stages[..]) {
            (Code::Handler(_), [stage]) => environment.extend(self.named_stage_environment(stage, naming)),
            (Code::App { .. }, _) if self.commands => {
                environment.insert(SLAM_COMMANDS.to_owned(), "1".to_owned());
            }
            _ => {}
        }
        if let Some(seconds) = self.tasks.and_then(|tasks| tasks.results) {
            environment.insert(SLAM_TASKS_SECONDS.to_owned(), seconds.to_string());
        }
        if let Some(bytes) = self.http.and_then(|http| http.gzip).filter(|_| function.is_web()) {
            environment.insert(SLAM_GZIP.to_owned(), bytes.to_string());
        }
        if let Some(cors) = self.own_cors(function, &stages) {
            environment.insert(SLAM_CORS.to_owned(), cors);
        }
        if !self.logs.requests && function.is_web() {
            environment.insert(SLAM_LOG_REQUESTS.to_owned(), "0".to_owned());
        }
        if self.streams(function) {
            environment.insert(WRAPPER_VARIABLE.to_owned(), STREAM_WRAPPER.to_owned());
        }
        environment.insert(SLAM_STAGES.to_owned(), Value::Object(map).to_string());
        environment
    }
}

/// The names of secret variables and where their values are kept, as the adapter reads it.
fn places(secrets: &IndexMap<String, Secret>) -> String {
    let places: Map<String, Value> =
        secrets.iter().map(|(name, secret)| (name.clone(), secret.to_string().into())).collect();
    Value::Object(places).to_string()
}

/// The size of an environment as Lambda measures it.
pub fn measure(environment: &IndexMap<String, String>) -> usize {
    let map: Map<String, Value> =
        environment.iter().map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect();
    Value::Object(map).to_string().len()
}
