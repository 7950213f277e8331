package slam.lambda;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOError;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The runtime client of Java functions: fetches events from the Runtime API, calls the handler, posts the answer.
 *
 * <p>It behaves as the client in AWS's own Java runtimes does, as far as a function and its callers can see
 * (https://github.com/aws/aws-lambda-java-libs, aws-lambda-java-runtime-interface-client). It uses only what every
 * Java from 11 on brings: a function's own libraries are behind a class loader that does not see these classes.
 */
final class Main {
    /** Names the folder that plays /opt, for functions with layers. */
    private static final String OPT = "slam.opt";
    /** Where the X-Ray SDK looks for the trace of an invocation. */
    private static final String TRACE = "com.amazonaws.xray.traceHeader";

    private Main() {}

    public static void main(String[] arguments) throws Exception {
        System.setOut(unbuffered(FileDescriptor.out));
        System.setErr(unbuffered(FileDescriptor.err));
        RuntimeClient client = new RuntimeClient(System.getenv("AWS_LAMBDA_RUNTIME_API"));
        String opt = System.clearProperty(OPT);
        ClassLoader loader = FunctionLoader.of(System.getenv("LAMBDA_TASK_ROOT"), opt);
        Thread.currentThread().setContextClassLoader(loader);
        Core core = new Core(loader);
        Handler handler = null;
        try {
            handler = Handlers.load(System.getenv("_HANDLER"), core);
        } catch (Fault fault) {
            Log.error(fault.report());
            client.post("/init/error", fault.document(), fault.kind());
            client.flush();
            System.exit(1);
        }
        serve(client, handler, core);
    }

    private static void serve(RuntimeClient client, Handler handler, Core core) throws Exception {
        boolean goesOn = true;
        while (goesOn) {
            Invocation invocation = client.next();
            setTrace(invocation.header("lambda-runtime-trace-id"));
            Log.setInvocation(invocation);
            String path = "/invocation/" + invocation.id();
            try {
                core.announce(invocation);
                client.post(path + "/response", handler.handle(invocation), null);
                // The function may have interrupted its own thread.
                Thread.interrupted();
            } catch (Throwable thrown) {
                Fault fault = Fault.of(thrown);
                // After these AWS's runtimes start anew.
                goesOn = !(fault.fatal || thrown instanceof VirtualMachineError || thrown instanceof IOError);
                Log.error(fault.report());
                client.post(path + "/error", fault.document(), fault.kind());
            }
        }
        client.flush();
    }

    private static void setTrace(String trace) {
        if (trace == null) {
            System.clearProperty(TRACE);
        } else {
            System.setProperty(TRACE, trace);
        }
    }

    /** What is printed is in the log at once. */
    private static PrintStream unbuffered(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), false, StandardCharsets.UTF_8);
    }
}
