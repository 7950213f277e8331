package slam.lambda;

/** What answers events. */
interface Handler {
    /** The answer, as it is posted. */
    byte[] handle(Invocation invocation) throws Throwable;
}
