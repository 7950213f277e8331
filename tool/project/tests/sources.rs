//! Queues, and what calls functions: what slam.yaml may say of them, and what AWS would refuse.

mod common;

use common::{parse, refused};
use serde_json::json;
use slam_project::{Failures, Project, Reference, Start, StreamView, Trigger};

const BASE: &str = "\
name: x
app: m:a
stages: {dev: {}, prod: {}}
queues: {mail: {retries: 3}, orders: {fifo: true}, lost: {}}
topics: {changes: {}, ordered: {fifo: true}}
buckets: {uploads: {}}
tables: {notes: {attributes: {id: S}, key: id}}
";

/// A project whose function `f` has this event source.
fn with(on: &str) -> Project {
    let text = format!("{BASE}functions: {{f: {{app: 'm:f', timeout: 20, on: {on}}}}}\n");
    parse(&text).unwrap_or_else(|error| panic!("{error}"))
}

fn triggers(on: &str) -> Vec<Trigger> {
    with(on).functions[0].sources.iter().map(|source| source.trigger.clone()).collect()
}

fn check(on: &str, message: &str, place: &str, hint: &str) {
    refused(&format!("{BASE}functions: {{f: {{app: 'm:f', on: {on}}}}}\n"), message, place, hint);
}

#[test]
fn a_queue_says_how_its_messages_are_kept() {
    let text = format!("{BASE}on: {{queue: mail, window: 7s}}\n");
    let project = parse(&text).expect("a project");
    let [mail, orders, lost] = &project.queues[..] else { panic!("three queues") };
    assert_eq!((mail.name_in("dev"), mail.dead_name_in("dev")), ("dev-mail".to_owned(), "dev-mail-dead".to_owned()));
    assert_eq!(orders.name_in("dev"), "dev-orders.fifo");
    assert_eq!(orders.dead_name_in("dev"), "dev-orders-dead.fifo");
    // Six times the timeout of the function that takes them, and what a batch waits for.
    assert_eq!((project.visibility(mail), project.visibility(lost)), (Some(67), None));
    let variables = project.stage_environment(&project.stages[1]);
    assert_eq!(variables["QUEUE_MAIL"], "https://sqs.eu-central-1.amazonaws.com/123456789012/prod-mail");
}

#[test]
fn a_function_may_have_several_event_sources() {
    let on = "[{queue: mail, batch: 100, window: 5s, partial: true, filter: {body: {n: [{numeric: ['>', 1.50]}]}}}, \
               {table: notes, start: latest, failures: queue lost}, {schedule: rate(5 minutes), input: [1], stages: prod}]";
    let [Trigger::Queue(queue), Trigger::Table(table), Trigger::Schedule(schedule)] = &triggers(on)[..] else {
        panic!("three event sources");
    };
    assert!(queue.queue.is_own("mail") && queue.batching.partial);
    assert_eq!((queue.batching.batch, queue.batching.window), (Some(100), Some(5)));
    assert_eq!(queue.batching.filters, [json!({"body": {"n": [{"numeric": [">", 1.5]}]}})]);
    assert_eq!((table.start, table.retries), (Start::Latest, None));
    assert_eq!(table.failures, Some(Failures::Queue(Reference::Own("lost".to_owned()))));
    assert_eq!(schedule.input, Some(json!([1])));
    let project = with(on);
    assert_eq!(project.stream(&project.tables[0]), Some(StreamView::NewAndOld));
    let schedule = &project.functions[0].sources[2];
    assert!(schedule.is_in("prod") && !schedule.is_in("dev"));
    let off = &with("{queue: mail, enabled: false}").functions[0].sources[0];
    assert!(!off.enabled && off.is_in("dev"));
}

#[test]
fn others_are_named_by_their_arn() {
    let arn = "arn:aws:sqs:eu-west-1:123456789012:jobs";
    let [Trigger::Queue(queue)] = &triggers(&format!("{{queue: '{arn}', stages: [prod]}}"))[..] else { panic!("one") };
    assert_eq!(queue.queue, Reference::Arn(arn.into()));
    let [Trigger::Queue(queue)] = &triggers("{queue: !GetAtt Jobs.Arn, stages: prod}")[..] else { panic!("one") };
    assert_eq!(queue.queue, Reference::Arn(json!({"Fn::GetAtt": ["Jobs", "Arn"]})));
    check(
        &format!("{{queue: '{arn}'}}"),
        "dev and prod would take each other's messages: they share this queue",
        &format!("'{arn}'"),
        "`stages: [dev]`",
    );
    check("{queue: 'arn:aws:sns:x:1:y'}", "this is not the ARN of a queue", "'arn:aws:sns:x:1:y'", "arn:aws:sqs:");
    let table = "arn:aws:dynamodb:eu-west-1:123456789012:table/t";
    check(
        &format!("{{table: '{table}'}}"),
        "this is not the ARN of a table's stream",
        &format!("'{table}'"),
        "/stream/",
    );
}

#[test]
fn an_entry_is_about_one_event_source() {
    check("{batch: 3}", "this names nothing that could call the function", "{batch: 3}", "name one of `http`, `queue`");
    check("{queue: mail, table: notes}", "`table` is another event source than `queue`", "table", "`on: [{queue: …}");
    check("{schedule: rate(1 day), batch: 3}", "`batch` is not about `schedule`", "batch", "one can say `timezone`");
    check("{http: /a, enabled: true}", "`enabled` is not about `http`", "enabled", "remove it");
    check("{queue: mail, start: latest}", "`start` is not about `queue`", "start", "`concurrency`");
    check("{queue: mail, stages: [qa]}", "there is no stage `qa`", "qa", "the stages are");
    check("[{queue: mail}, {queue: mail}]", "the function takes the queue `mail` already", "queue", "in one entry");
    let web = "name: x\napp: m:a\nkind: wsgi\nqueues: {mail: {}}\non: {queue: mail}\n";
    refused(
        web,
        "a web application answers requests, and this is none",
        "queue",
        "functions: {name: {app: module:function",
    );
    let http = "name: x\napp: m:a\nkind: wsgi\non: {http: /a}\n";
    refused(http, "the project's own application answers all of the API", "/a", "remove it");
}

#[test]
fn what_aws_refuses_of_a_queue_is_refused_at_once() {
    check("{queue: mial}", "there is no queue `mial`", "mial", "did you mean `mail`?");
    check("{queue: jobs}", "there is no queue `jobs`", "jobs", "declare it: `queues: {jobs: …}`");
    check("{queue: [mail]}", "this names no queue", "[mail]", "an ARN");
    check(
        "{queue: mail, batch: 11}",
        "11 messages do not come at once: Lambda must be told how long to wait for them",
        "11",
        "`window`",
    );
    check(
        "{queue: mail, batch: 11, window: 0s}",
        "11 messages do not come at once: Lambda must be told how long to wait for them",
        "11",
        "",
    );
    check("{queue: orders, batch: 11}", "a FIFO queue gives at most 10 messages at once", "11", "");
    check("{queue: orders, window: 1s}", "messages of a FIFO queue do not wait for a batch to fill", "1s", "remove");
    check("{queue: mail, window: 6m}", "`6m` is out of bounds: AWS takes 0s to 5m here", "6m", "");
    check("{queue: mail, window: 5}", "`5` is no length of time", "5", "`30s`");
    check(
        "{queue: mail, concurrency: 1}",
        "`functions.f.on.concurrency` must be a whole number from 2 to 1000",
        "1",
        "",
    );
    let slow = "name: x\napp: m:a\ntimeout: 60\nqueues: {mail: {visibility: 30s}}\non: {queue: mail}\n";
    let message = "messages of `mail` would come again after 30 s, while `x` may take 60 s: AWS refuses that";
    refused(slow, message, "30s", "six times");
}

#[test]
fn patterns_stand_in_lists() {
    check("{queue: mail, filter: a}", "a pattern is a mapping of what must match", "a", "{eventName: [REMOVE]}");
    check("{queue: mail, filter: []}", "no pattern is in this list", "[]", "");
    check("{queue: mail, filter: {body: {a: b}}}", "what `a` must match stands in a list", "b", "write `a: [b]`");
    check("{queue: mail, filter: {body: []}}", "`body` could match nothing", "[]", "");
    check(
        "{queue: mail, filter: {body: [!Ref A]}}",
        "`!Ref` cannot be used here: this is JSON, which AWS gets as it is",
        "!Ref A",
        "",
    );
    let six = "[{a: [1]}, {a: [1]}, {a: [1]}, {a: [1]}, {a: [1]}, {a: [1]}]";
    check(&format!("{{queue: mail, filter: {six}}}"), "an event source has at most 5 patterns", six, "");
}

#[test]
fn what_is_given_up_goes_to_a_standard_queue() {
    check("{table: notes, failures: mail}", "`mail` is nowhere to send what is given up to", "mail", "`queue <name>`");
    check("{table: notes, failures: queue nope}", "there is no queue `nope`", "queue nope", "queues: {nope: …}");
    let fifo = "AWS sends what is given up here to standard queues and topics alone, and this is a FIFO one";
    check("{table: notes, failures: queue orders}", fifo, "queue orders", "name one without `fifo`");
    for (kind, arn, expected) in [
        ("AWS::SQS::Queue", "!GetAtt Attic.Arn", Failures::Queue as fn(_) -> _),
        ("AWS::SNS::Topic", "!Ref Attic", Failures::Topic),
        ("AWS::S3::Bucket", "{Fn::GetAtt: [Attic, Arn]}", Failures::Bucket),
        // Nobody knows what it is.
        ("AWS::Nobody::Knows", "!Ref Attic", Failures::Queue),
    ] {
        for resources in ["resources: {Attic: {Type: ", "aws: {cfn_resources: {Attic: {Type: "] {
            let closing = "}".repeat(resources.matches('{').count());
            let text = format!("{BASE}on: {{table: notes, failures: {arn}}}\n{resources}'{kind}'{closing}\n");
            let project = parse(&text).unwrap_or_else(|error| panic!("{error}"));
            let Trigger::Table(table) = &project.function.sources[0].trigger else { panic!("a table") };
            let Some(Failures::Queue(value) | Failures::Topic(value) | Failures::Bucket(value)) = &table.failures
            else {
                panic!("somewhere");
            };
            assert_eq!(table.failures, Some(expected(value.clone())), "{kind}");
        }
    }
    check("{table: notes, age: 30s}", "`30s` is out of bounds: AWS takes 1m to 7d here", "30s", "");
    check("{table: audit}", "there is no table `audit`", "audit", "tables: {audit: …}");
}

#[test]
fn a_schedule_is_one_of_schedulers() {
    for good in
        ["rate(1 minute)", "rate(12 hours)", "cron(0 3 * * ? *)", "cron(0 3 ? * MON)", "at(2026-12-31T23:59:00)"]
    {
        assert_eq!(triggers(&format!("{{schedule: '{good}', timezone: America/New_York}}")).len(), 1, "{good}");
    }
    let check = |text: &str, message: &str, hint: &str| {
        check(&format!("{{schedule: '{text}'}}"), message, &format!("'{text}'"), hint);
    };
    check("0 3 * * *", "`0 3 * * *` is no schedule of AWS's", "cron(0 3 * * ? *)");
    check("daily", "`daily` is no schedule of AWS's", "rate(5 minutes)");
    check("rate(0 minutes)", "a rate is a number of minutes, hours or days", "");
    check("rate(5)", "a rate is a number of minutes, hours or days", "");
    check("at(2026-12-31)", "a time is like `2026-12-31T23:59:00`, without a zone", "`timezone`");
    check("cron(0 3 * *)", "a cron expression of AWS's has 5 or 6 fields, and this one has 4", "minutes, hours");
    let days = "a cron expression of AWS's says the day of the month or of the week, and `?` for the other";
    check("cron(0 3 * * * *)", days, "write `cron(0 3 * * ? *)`");
    check("cron(0 3 * * MON *)", days, "write `cron(0 3 ? * MON *)`");
    let on = "{schedule: rate(1 day), retries: 186}";
    self::check(on, "AWS tries this at most 185 times again", "186", "");
    self::check("{schedule: rate(1 day), timezone: 'a b'}", "`a b` is no time zone", "'a b'", "Europe/Dublin");
    self::check("{schedule: rate(1 day), flexible: 90s}", "EventBridge Scheduler takes whole minutes here", "90s", "");
}

#[test]
fn queues_have_names_of_their_own() {
    let check = |queues: &str, message: &str, place: &str, hint: &str| {
        refused(&format!("name: x\napp: m:a\nqueues: {queues}\n"), message, place, hint);
    };
    check("{a.fifo: {}}", "a queue's name has letters, digits, dashes and underscores", "a.fifo", "say `fifo: true`");
    let both = "the queues `a` of `dev` and `a-dead` of `dev` would both be named `dev-a-dead`";
    check("{a: {retries: 1}, a-dead: {}}", both, "a-dead", "");
    check("{a-b: {}, a_b: {}}", "the queues `a-b` and `a_b` would both be `QUEUE_A_B` to the code", "a_b", "");
    check("{a: {high_throughput: true}}", "`high_throughput` is for FIFO queues alone", "true", "`fifo: true`");
    let long = "q".repeat(77);
    let message = format!("`dev-{long}` has 81 characters, and the name of a queue 80 at most");
    check(&format!("{{{long}: {{}}}}"), &message, &long, "shorter");
    let variable = "name: x\napp: m:a\nqueues: {a: {}}\nenvironment: {QUEUE_A: b}\n";
    refused(variable, "`QUEUE_A` is set by slam: it names the queue `a`", "QUEUE_A", "");
}

#[test]
fn topics_buckets_and_events_call_functions() {
    let on = "[{topic: changes, filter: {kind: [a]}, failures: queue lost}, \
               {bucket: uploads, prefix: raw/, events: 'ObjectRemoved:*'}, {bucket: uploads, suffix: .png}, \
               {event: {source: [shop]}, bus: !Ref Bus, paths: {id: $.id}, template: 'order <id>', retries: 3}]";
    let [Trigger::Topic(topic), Trigger::Bucket(removed), Trigger::Bucket(made), Trigger::Event(event)] =
        &triggers(on)[..]
    else {
        panic!("four event sources");
    };
    assert_eq!((&topic.filter, topic.by_body, topic.raw), (&Some(json!({"kind": ["a"]})), false, false));
    assert_eq!((&*removed.events[0], &*made.events[0]), ("s3:ObjectRemoved:*", "s3:ObjectCreated:*"));
    assert_eq!(event.bus, Some(json!({"Ref": "Bus"})));
    let project = with(on);
    assert_eq!(project.topics[1].name_in("dev"), "dev-ordered.fifo");
    assert_eq!(project.buckets[0].name_in("My-App", "eu_1"), "my-app-eu-1-uploads-");
    let variables = project.stage_environment(&project.stages[0]);
    assert_eq!(variables["TOPIC_CHANGES"], "arn:aws:sns:eu-central-1:123456789012:dev-changes");
    assert_eq!(variables["BUCKET_UPLOADS"], "x-dev-uploads-123456789012");
}

#[test]
fn what_aws_refuses_of_topics_buckets_and_events_is_refused_at_once() {
    check("{topic: ordered}", "a FIFO topic delivers to queues alone", "ordered", "queues: {name: {on: {topic: …}}}");
    check("{topic: changes, raw: true}", "`functions.f.on.raw` is not a key of slam.yaml", "raw", "");
    check(
        "{topic: changes, filter: {a: {b: [1]}}}",
        "`a` is an attribute, and has nothing within",
        "a",
        "`filter_by: body`",
    );
    check("{topic: changes, filter_by: body}", "there is no `filter` that this could be about", "filter_by", "");
    check("[{topic: changes}, {topic: changes}]", "the function takes the topic `changes` already", "topic", "");
    check("{bucket: uplods}", "there is no bucket `uplods`", "uplods", "did you mean `uploads`?");
    let arn = "only the stack that makes a bucket can have it tell of its objects";
    check("{bucket: 'arn:aws:s3:::b'}", arn, "'arn:aws:s3:::b'", "`on: {event:");
    let word = "`ObjectMade:*` is nothing that S3 tells a function of";
    check("{bucket: uploads, events: ['ObjectMade:*']}", word, "'ObjectMade:*'", "`ObjectCreated:*`");
    check("{event: {source: shop}}", "what `source` must match stands in a list", "shop", "`source: [shop]`");
    check(
        "{event: {source: [a]}, input: 1, template: b}",
        "`input` says what the function gets already",
        "template",
        "",
    );
    check(
        "{event: {source: [a]}, paths: {a: $.b}}",
        "there is no `template` with these parts",
        "paths",
        "add `template:",
    );
    check("{event: {source: [a]}, paths: {a: b}, template: <a>}", "`b` is no path", "b", "$.detail.id");
    check("{event: {source: [a]}, paths: {a: $.b}, template: c}", "the template has no `<a>`", "a", "");
    let fifo = "AWS sends what is given up here to standard queues alone, and this is a FIFO queue";
    check("{event: {source: [a]}, failures: queue orders}", fifo, "queue orders", "");
    let raw = "name: x\napp: m:a\nqueues: {a: {fifo: true, on: {topic: t}}}\ntopics: {t: {}}\n";
    refused(raw, "a FIFO queue gets messages of FIFO topics alone, and this is none", "t", "");
    let nothing = "name: x\napp: m:a\nbuckets: {b: {lifecycle: {prefix: a}}}\n";
    refused(nothing, "this says nothing of what becomes of objects", "{prefix: a}", "`expire: 30d`");
    let nobody = "name: x\napp: m:a\nbuckets: {b: {cors: {methods: [GET]}}}\n";
    refused(nobody, "no origin may use the bucket", "{methods: [GET]}", "origins");
    let long = format!("name: x\napp: m:a\nbuckets: {{{0}: {{}}}}\n", "b".repeat(46));
    let message = format!("`x-dev-{}-` has 53 characters, and the name of a bucket 51 at most", "b".repeat(46));
    refused(&long, &message, &"b".repeat(46), "shorter");
}

#[test]
fn tasks_may_go_by_a_queue() {
    let text = "name: x\napp: m:a\ntasks: {via: queue, retries: 9}\nfunctions: {f: {app: 'm:f'}}\n";
    let project = parse(text).expect("a project");
    let variables = project.lambda_environment(&project.functions[0], &[&project.stages[0]]);
    assert!(variables["SLAM_STAGES"].contains("/dev-x-f-slam-tasks\""), "{variables:?}");
    let message = "Lambda repeats an asynchronous invocation twice at most";
    refused("name: x\napp: m:a\ntasks: {retries: 3}\n", message, "3", "`via: queue`");
}

/// The examples of S3's documentation.
#[test]
fn a_bucket_tells_once_of_an_event() {
    let on = |one: &str, other: &str| format!("[{{bucket: uploads, {one}}}, {{bucket: uploads, {other}}}]");
    for (one, other) in [
        ("prefix: images/", "prefix: logs/"),
        ("suffix: .jpg", "suffix: .png"),
        ("prefix: images, suffix: .jpg", "prefix: images, suffix: .png"),
        ("events: ['ObjectCreated:*']", "events: ['ObjectRemoved:*']"),
        ("events: ['ObjectCreated:Put']", "events: ['ObjectCreated:Copy']"),
        ("stages: [dev]", "stages: [prod]"),
    ] {
        assert_eq!(triggers(&on(one, other)).len(), 2, "{one} {other}");
    }
    for (one, other) in [
        ("enabled: true", "prefix: images"),
        ("prefix: images, suffix: jpg", "prefix: images, suffix: pg"),
        ("events: ['ObjectCreated:Put']", "events: ['ObjectCreated:*']"),
        ("suffix: .jpg", "prefix: images"),
    ] {
        let text = format!("{BASE}functions: {{f: {{app: 'm:f', on: {}}}}}\n", on(one, other));
        let error = parse(&text).expect_err(&text);
        assert!(
            error.diagnostics[0].message.starts_with("S3 would tell twice of the same event of `uploads`"),
            "{error}"
        );
    }
}
