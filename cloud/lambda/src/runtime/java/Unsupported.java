package slam.lambda;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/** The types that AWS's runtimes turn into JSON in ways of their own, and this client does not. */
final class Unsupported {
    private static final String EVENTS = "com.amazonaws.services.lambda.runtime.events.";

    /**
     * The events that aws-lambda-java-serialization has serializers or other names of properties for (its
     * LambdaEventSerializers).
     */
    private static final Set<String> SPECIAL = new HashSet<>(Arrays.asList(
        EVENTS + "CloudFormationCustomResourceEvent", EVENTS + "CloudFrontEvent", EVENTS + "CloudWatchLogsEvent",
        EVENTS + "CodeCommitEvent", EVENTS + "ConnectEvent", EVENTS + "DynamodbEvent",
        EVENTS + "DynamodbTimeWindowEvent", EVENTS + "KinesisEvent", EVENTS + "KinesisTimeWindowEvent",
        EVENTS + "LambdaDestinationEvent", EVENTS + "S3Event", EVENTS + "ScheduledEvent",
        EVENTS + "SecretsManagerRotationEvent", EVENTS + "SNSEvent", EVENTS + "SQSEvent",
        EVENTS + "models.s3.S3EventNotification", "com.amazonaws.services.s3.event.S3EventNotification"));

    /** Packages of the JDK, and of a library that has serializers of its own there. */
    private static final String[] OTHERS = {"java.", "javax.", "jdk.", "sun.", "com.sun.", "org.joda.time."};

    private Unsupported() {}

    /** Refuses a type by its name. */
    static void refuse(Class<?> type) {
        for (Class<?> found = type; found != null; found = found.getSuperclass()) {
            if (SPECIAL.contains(found.getName())) {
                throw refusal(type);
            }
        }
        // What the JDK's own classes and Joda's look like to Jackson is a rule for each of them.
        for (String prefix : OTHERS) {
            if (type.getName().startsWith(prefix)) {
                throw refusal(type);
            }
        }
    }

    static UnsupportedOperationException refusal(Class<?> type) {
        return new UnsupportedOperationException(type.getName() + " as JSON is not supported by the embedded cloud: "
            + "implement RequestStreamHandler with a JSON library of the function's own, provide a "
            + "CustomPojoSerializer, or take a Map");
    }
}
